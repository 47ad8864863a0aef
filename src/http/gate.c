/*
 * The gate: admits a request, runs its handler, writes the reply or the
 * problem, and logs one line. Must never log a query string, a body or a
 * header: they hold secrets.
 */
#include "gate.h"

#include "clock.h"
#include "gate_private.h"
#include "json.h"
#include "json_write.h"
#include "text.h"

static const char json_reply_type[] = "application/json; charset=utf-8";

static const char *const cache_controls[] = {
	[CACHE_NEVER] = "no-store",
	[CACHE_PRIVATE] = "private, no-cache",
	[CACHE_SHORT] = "public, max-age=60",
};

static struct call *call_open(const struct gate *gate,
	const struct request *request, struct report *report)
{
	struct call *call = arena_alloc(request->arena, sizeof(*call));

	call->arena = request->arena;
	call->report = report;
	call->services = gate->services;
	call->request = request;
	call->param_count = request->query_count;
	memcpy(call->params, request->query,
		request->query_count * sizeof(call->params[0]));
	call->who_calls = (struct auth_call){
		.arena = request->arena,
		.report = report,
		.now = clock_ms(),
		.address = request->address,
		.user_agent = request->user_agent,
	};
	reply_init(&call->reply, request->arena);
	return call;
}

/* ---- the handler and its reply ----------------------------------------- */

static enum err run_admin(struct pass *pass)
{
	struct call *call = pass->call;
	struct admin_scope *admin = auth_admin_scope(
		call->services->auth, &call->who_calls, &call->identity);

	if (!admin)
		return ERR_INSUFFICIENT_SCOPE;
	return call->route->run_admin(call, admin, pass->in, pass->out);
}

static enum err run(struct pass *pass)
{
	struct call *call = pass->call;
	const struct route *route = call->route;
	struct scope *scope;

	pass->out = arena_alloc(call->arena, route->out ? route->out->size : 0);
	switch (route->who) {
	case ROUTE_IS_PUBLIC:
		return route->run_public(call, pass->in, pass->out);
	case ROUTE_IS_USER:
		scope = auth_scope(call->services->auth, &call->who_calls,
			&call->identity);
		return route->run_user(call, scope, pass->in, pass->out);
	case ROUTE_IS_ADMIN:
		return run_admin(pass);
	}
	return ERR_INTERNAL;
}

/* Tests run with this on: a reply that breaks its promise is a fault. */
static enum err check_reply(const struct pass *pass)
{
	const struct call *call = pass->call;
	struct report *found = report_open(call->arena);
	const struct json *reply;
	enum err err = json_parse_own(call->arena, call->reply.body.data,
		call->reply.body.len, found, &reply);

	if (err == ERR_OK)
		err = shape_check(call->route->out, call->arena, reply, found);
	if (err == ERR_OK)
		return ERR_OK;
	for (size_t i = 0; i < found->fault_count; i++)
		log_line(pass->gate->log, LOG_ERROR, "reply.mismatch",
			LOG_FIELDS(LOG_TEXT("request_id",
					   call->request->request_id),
				LOG_TEXT("route", call->route->path),
				LOG_TEXT("shape", call->route->out->name),
				LOG_TEXT("pointer", found->faults[i].pointer),
				LOG_TEXT("message", found->faults[i].message)));
	return ERR_INTERNAL;
}

static enum err encode(struct pass *pass)
{
	struct call *call = pass->call;
	const struct route *route = call->route;
	struct reply *reply = &call->reply;
	struct json_writer writer;

	if (reply->status == 0)
		reply->status = route->status;
	if (!reply->headers[REPLY_CACHE_CONTROL])
		reply->headers[REPLY_CACHE_CONTROL] =
			cache_controls[route->cache];
	if (route->out) {
		json_write_init(&writer, &reply->body);
		shape_write(route->out, &writer, pass->out);
		reply->headers[REPLY_CONTENT_TYPE] = json_reply_type;
	} else if (!reply->headers[REPLY_CONTENT_TYPE]) {
		reply->headers[REPLY_CONTENT_TYPE] = route->raw_type;
	}
	if (reply->body.overflow)
		return ERR_INTERNAL;
	if (route->out && call->services->check_replies)
		return check_reply(pass);
	return ERR_OK;
}

/* ---- refusals ---------------------------------------------------------- */

/* The permission is a word of the route's row, never of the client. */
static const char *scope_challenge(const struct call *call)
{
	struct buf text;

	buf_init(&text, call->arena, 256);
	buf_text(&text, "Bearer error=\"insufficient_scope\"");
	if (call->route && call->route->permission) {
		buf_text(&text, ", scope=\"");
		buf_text(&text, call->route->permission);
		buf_char(&text, '"');
	}
	return text.data;
}

static void refuse(struct pass *pass, enum err err)
{
	struct call *call = pass->call;

	reply_problem(
		&call->reply, err, call->report, call->request->request_id);
	if (err == ERR_METHOD)
		call->reply.headers[REPLY_ALLOW] = pass->allow;
	if (err == ERR_INSUFFICIENT_SCOPE)
		call->reply.headers[REPLY_WWW_AUTHENTICATE] =
			scope_challenge(call);
}

/* OPTIONS on a path that exists; no CORS yet, so Allow is all it says. */
static void tell_methods(struct pass *pass)
{
	struct reply *reply = &pass->call->reply;

	reply->status = 204;
	reply->headers[REPLY_ALLOW] = pass->allow;
	reply->headers[REPLY_CACHE_CONTROL] = cache_controls[CACHE_NEVER];
}

/* ---- the line in the log ----------------------------------------------- */

static enum log_level level_of(int status)
{
	if (status >= 500)
		return LOG_ERROR;
	if (status == 401 || status == 403 || status == 429)
		return LOG_WARN;
	return LOG_INFO;
}

static const char *or_dash(const char *text)
{
	return text ? text : "-";
}

static void log_request(
	const struct pass *pass, enum err err, int64_t started_us)
{
	const struct call *call = pass->call;
	const struct request *request = call->request;
	const char *route = call->route ? call->route->path : NULL;
	const char *user = call->signed_in ? call->identity.user_id : NULL;

	log_line(pass->gate->log, level_of(call->reply.status), "request",
		LOG_FIELDS(LOG_TEXT("request_id", request->request_id),
			LOG_TEXT("method", http_method_name(request->method)),
			LOG_TEXT("route", or_dash(route)),
			LOG_INT("status", call->reply.status),
			LOG_INT("ms",
				(clock_monotonic_us() - started_us) / 1000),
			LOG_TEXT("user", or_dash(user)),
			LOG_TEXT("address", or_dash(request->address)),
			LOG_TEXT("error", err == ERR_OK ? "-" : err_slug(err)),
			LOG_TEXT("security", or_dash(call->report->event)),
			LOG_TEXT("target", or_dash(request->target))));
}

static enum err answer(struct pass *pass, enum err early)
{
	enum err err = early == ERR_OK ? gate_admit(pass) : early;

	if (err == ERR_METHOD && pass->call->request->method == HTTP_OPTIONS) {
		tell_methods(pass);
		return ERR_OK;
	}
	if (err == ERR_OK)
		err = run(pass);
	if (err == ERR_OK)
		err = encode(pass);
	if (err != ERR_OK)
		refuse(pass, err);
	return err;
}

void gate_serve(const struct gate *gate, const struct request *request,
	struct report *report, enum err early, struct reply *out)
{
	int64_t started_us = clock_monotonic_us();
	struct pass *pass = arena_alloc(request->arena, sizeof(*pass));
	enum err err;

	pass->gate = gate;
	pass->call = call_open(gate, request, report);
	err = answer(pass, early);
	if (request->method == HTTP_HEAD)
		buf_clear(&pass->call->reply.body);
	log_request(pass, err, started_us);
	*out = pass->call->reply;
}
