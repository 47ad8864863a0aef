/*
 * W3C Trace Context: a request belongs to the trace its traceparent names, or
 * to one of its own. When the operator names a file, each is a span there:
 * one line of OTLP-JSON (hex ids, nanoseconds as strings), which collectors
 * read as it is.
 */
#ifndef HTTP_TRACE_H
#define HTTP_TRACE_H

#include <stdint.h>

#include "call.h"

struct tracing {
	int fd;
};
/* Appends to that file, 0640. ERR_UNAVAILABLE: it does not open. */
MUST_CHECK enum err tracing_open(
	struct arena *arena, const char *path, const struct tracing **out);

struct trace {
	const char *trace_id;  /* 32 hex digits; NULL: none */
	const char *span_id;   /* 16; NULL: no span is written */
	const char *parent_id; /* 16, or NULL */
	int64_t began_ms;
};
void trace_begin(const struct call *call, struct trace *trace);
/* us: how long it took. */
void trace_end(const struct call *call, const struct trace *trace, int64_t us);

#endif
