/*
 * Spans of requests as OTLP-JSON lines. Must never write a path, a query or
 * an address: routes and ids say enough, and trace files travel.
 */
#include "trace.h"

#include <fcntl.h>
#include <unistd.h>

#include "id.h"
#include "json_write.h"
#include "number_private.h"
#include "route.h"
#include "text.h"

enum {
	TRACE_BYTES = 16,
	SPAN_BYTES = 8,
	LINE_LIMIT = 4096, /* PIPE_BUF: lines of several workers never mix */
	KIND_SERVER = 2,
	STATUS_ERROR = 2,
	NS_IN_MS = 1000000,
	NS_IN_US = 1000,
	/* places in a traceparent: 00-<32>-<16>-<2> */
	TRACE_AT = 3,
	PARENT_AT = 36,
	FLAGS_AT = 53
};

enum err tracing_open(
	struct arena *arena, const char *path, const struct tracing **out)
{
	struct tracing *tracing = arena_alloc(arena, sizeof(*tracing));

	tracing->fd =
		open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	if (tracing->fd < 0)
		return ERR_UNAVAILABLE;
	*out = tracing;
	return ERR_OK;
}

static const char *random_hex(struct arena *arena, size_t len)
{
	unsigned char bytes[TRACE_BYTES];

	random_bytes(bytes, len);
	return text_hex(arena, bytes, len);
}

/* The last flag's lowest bit: the caller records, so do we. */
static bool is_sampled(const char *parent)
{
	return strchr("13579bdf", parent[FLAGS_AT + 1]) != NULL;
}

void trace_begin(const struct call *call, struct trace *trace)
{
	const char *parent = call->request->traceparent;
	struct arena *arena = call->arena;

	*trace = (struct trace){.began_ms = call->who_calls.now};
	if (parent)
		trace->trace_id = arena_copy(
			arena, parent + TRACE_AT, (size_t)TRACE_BYTES * 2);
	if (!call->services->tracing || (parent && !is_sampled(parent)))
		return;
	if (parent)
		trace->parent_id = arena_copy(
			arena, parent + PARENT_AT, (size_t)SPAN_BYTES * 2);
	else
		trace->trace_id = random_hex(arena, TRACE_BYTES);
	trace->span_id = random_hex(arena, SPAN_BYTES);
}

static void put_number(
	struct json_writer *json, const char *name, int64_t number)
{
	char room[NUMBER_ROOM];

	json_member_text(json, name, number_write(number, room));
}

/* Integers are strings in OTLP-JSON, like all 64-bit numbers. */
static void put_attribute(struct json_writer *json, const char *name,
	const char *kind, const char *value)
{
	json_object(json);
	json_member_text(json, "key", name);
	json_key(json, "value");
	json_object(json);
	json_member_text(json, kind, value);
	json_object_end(json);
	json_object_end(json);
}

static void put_attributes(struct json_writer *json, const struct call *call)
{
	static const char text[] = "stringValue";
	const struct request *request = call->request;
	char room[NUMBER_ROOM];

	json_key(json, "attributes");
	json_array(json);
	put_attribute(json, "http.request.method", text,
		http_method_name(request->method));
	if (call->route)
		put_attribute(json, "http.route", text, call->route->path);
	put_attribute(json, "http.response.status_code", "intValue",
		number_write(call->reply.status, room));
	put_attribute(json, "kontor.request_id", text, request->request_id);
	json_array_end(json);
}

static const char *span_name(const struct call *call)
{
	struct buf name;

	buf_init(&name, call->arena, 128);
	buf_text(&name, http_method_name(call->request->method));
	if (call->route) {
		buf_char(&name, ' ');
		buf_text(&name, call->route->path);
	}
	return name.data;
}

static void put_span(struct json_writer *json, const struct call *call,
	const struct trace *trace, int64_t us)
{
	int64_t began = trace->began_ms * NS_IN_MS;

	json_object(json);
	json_member_text(json, "traceId", trace->trace_id);
	json_member_text(json, "spanId", trace->span_id);
	if (trace->parent_id)
		json_member_text(json, "parentSpanId", trace->parent_id);
	json_member_text(json, "name", span_name(call));
	json_key(json, "kind");
	json_put_int(json, KIND_SERVER);
	put_number(json, "startTimeUnixNano", began);
	put_number(json, "endTimeUnixNano", began + us * NS_IN_US);
	put_attributes(json, call);
	json_key(json, "status");
	json_object(json);
	if (call->reply.status >= 500) {
		json_key(json, "code");
		json_put_int(json, STATUS_ERROR);
	}
	json_object_end(json);
	json_object_end(json);
}

static void put_resource(struct json_writer *json)
{
	json_key(json, "resource");
	json_object(json);
	json_key(json, "attributes");
	json_array(json);
	put_attribute(json, "service.name", "stringValue", "kontor");
	json_array_end(json);
	json_object_end(json);
}

void trace_end(const struct call *call, const struct trace *trace, int64_t us)
{
	struct json_writer json;
	struct buf line;

	if (!trace->span_id)
		return;
	buf_init(&line, call->arena, LINE_LIMIT);
	json_write_init(&json, &line);
	json_object(&json);
	json_key(&json, "resourceSpans");
	json_array(&json);
	json_object(&json);
	put_resource(&json);
	json_key(&json, "scopeSpans");
	json_array(&json);
	json_object(&json);
	json_key(&json, "scope");
	json_object(&json);
	json_member_text(&json, "name", "kontor.gate");
	json_object_end(&json);
	json_key(&json, "spans");
	json_array(&json);
	put_span(&json, call, trace, us);
	json_array_end(&json);
	json_object_end(&json);
	json_array_end(&json);
	json_object_end(&json);
	json_array_end(&json);
	json_object_end(&json);
	buf_char(&line, '\n');
	/* A span that is lost harms nobody. */
	if (!line.overflow)
		(void)!write(call->services->tracing->fd, line.data, line.len);
}
