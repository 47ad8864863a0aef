/*
 * The gate: admits a request, runs its handler, writes the reply or the
 * problem, and has it recorded. Must never answer a signed-in act that is
 * not on record where the row demands it.
 */
#include "gate.h"

#include "clock.h"
#include "csv.h"
#include "etag.h"
#include "gate_private.h"
#include "json.h"
#include "json_write.h"
#include "once.h"
#include "origin.h"
#include "text.h"

static const char json_reply_type[] = "application/json; charset=utf-8";

static const char *const cache_controls[] = {
	[CACHE_NEVER] = "no-store",
	[CACHE_PRIVATE] = "private, no-cache",
	[CACHE_SHORT] = "public, max-age=60",
	[CACHE_OVERVIEW] = "private, no-cache",
	[CACHE_TRADING] = "private, no-cache",
	[CACHE_RISK] = "private, no-cache",
	[CACHE_SIGNALS] = "private, no-cache",
	[CACHE_MARKET] = "private, no-cache",
	[CACHE_LISTS] = "private, no-cache",
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
		.request_id = request->request_id,
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

static struct scope *scope_of(const struct call *call)
{
	return auth_scope(
		call->services->auth, &call->who_calls, &call->identity);
}

static enum err run(struct pass *pass)
{
	struct call *call = pass->call;
	const struct route *route = call->route;

	pass->ran = true;
	pass->out = arena_alloc(call->arena, route->out ? route->out->size : 0);
	switch (route->who) {
	case ROUTE_IS_PUBLIC:
		return route->run_public(call, pass->in, pass->out);
	case ROUTE_IS_USER:
		return route->run_user(
			call, scope_of(call), pass->in, pass->out);
	case ROUTE_IS_ADMIN:
		return run_admin(pass);
	}
	return ERR_INTERNAL;
}

/* Is the call's Idempotency-Key the gate's to keep? */
static bool keeps_key(const struct call *call)
{
	const unsigned demands = call->route->demands;

	return call->services->once && call->request->idempotency_key &&
	       (demands & TAKES_KEY) && !(demands & KEEPS_KEY);
}

/* The handler, or what it answered the first time. */
static enum err run_once(struct pass *pass)
{
	struct call *call = pass->call;
	const struct once_keeper *once = call->services->once;
	enum err err;

	if (!keeps_key(call))
		return run(pass);
	err = once->begin(call, scope_of(call), &pass->repeated);
	if (err != ERR_OK || pass->repeated)
		return err;
	err = run(pass);
	if (err != ERR_OK)
		once->drop(call, scope_of(call));
	return err;
}

static void keep_answer(const struct pass *pass, enum err err)
{
	struct call *call = pass->call;

	if (err == ERR_OK && keeps_key(call) && !pass->repeated)
		call->services->once->keep(call, scope_of(call));
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
	if (route->out && reply->body.len > 0) {
		/* kept from the first call with this Idempotency-Key */
		reply->headers[REPLY_CONTENT_TYPE] = json_reply_type;
	} else if (route->out) {
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

/* A refusal may end a browser's session, never begin one. */
static void keep_cleared_cookies(const struct reply *before, struct reply *out)
{
	for (size_t i = 0; i < before->cookie_count; i++)
		if (before->cookies[i].value[0] == '\0')
			out->cookies[out->cookie_count++] = before->cookies[i];
}

static void refuse(struct pass *pass, enum err err)
{
	struct call *call = pass->call;
	struct reply before = call->reply;

	reply_problem(
		&call->reply, err, call->report, call->request->request_id);
	keep_cleared_cookies(&before, &call->reply);
	if (err == ERR_METHOD)
		call->reply.headers[REPLY_ALLOW] = pass->allow;
	if (err == ERR_INSUFFICIENT_SCOPE)
		call->reply.headers[REPLY_WWW_AUTHENTICATE] =
			scope_challenge(call);
}

/* OPTIONS on a path that exists, a preflight or not. */
static void tell_methods(struct pass *pass)
{
	const struct call *call = pass->call;
	struct reply *reply = &pass->call->reply;

	reply->status = 204;
	reply->headers[REPLY_ALLOW] = pass->allow;
	reply->headers[REPLY_CACHE_CONTROL] = cache_controls[CACHE_NEVER];
	cors_preflight(call->services->cors, call->request, pass->allow, reply);
}

/* ---- validators and headers -------------------------------------------- */

/* Behind the cache, which keeps the JSON: what is sent is made of it. */
static enum err represent(struct call *call)
{
	struct reply *reply = &call->reply;
	enum err err;

	if (!(call->route->demands & GIVES_CSV) || reply->status != 200)
		return ERR_OK;
	reply->headers[REPLY_VARY] = "Accept";
	if (!csv_wanted(call->request->accept))
		return ERR_OK;
	err = csv_convert(reply, call->route->out);
	if (err == ERR_OK && reply->headers[REPLY_ETAG])
		reply->headers[REPLY_ETAG] =
			etag_of(call->arena, reply->body.data, reply->body.len);
	return err;
}

/* Of what a client may keep; a handler may have set its own. */
static void add_etag(struct call *call)
{
	struct reply *reply = &call->reply;

	if (call->route->method == HTTP_GET &&
		call->route->cache != CACHE_NEVER && reply->status == 200 &&
		!reply->headers[REPLY_ETAG])
		reply->headers[REPLY_ETAG] =
			etag_of(call->arena, reply->body.data, reply->body.len);
}

/* The client has these very bytes: 304, and nothing to say. */
static void answer_conditionally(struct call *call)
{
	struct reply *reply = &call->reply;

	if (reply->status != 200 || call->route->method != HTTP_GET ||
		!etag_matches(call->request->if_none_match,
			reply->headers[REPLY_ETAG]))
		return;
	reply->status = 304;
	reply->headers[REPLY_CONTENT_TYPE] = NULL;
	buf_init(&reply->body, call->arena, 0);
}

static void add_headers(struct pass *pass, enum err err)
{
	struct call *call = pass->call;
	struct reply *reply = &call->reply;

	if (err == ERR_OK && !reply->headers[REPLY_CACHE_CONTROL])
		reply->headers[REPLY_CACHE_CONTROL] =
			cache_controls[call->route->cache];
	if (err == ERR_OK && pass->cache.looked)
		reply->headers[REPLY_X_CACHE] =
			pass->cache.hit ? "HIT" : "MISS";
	rate_headers(&pass->rate, reply);
	cors_headers(call->services->cors, call->request, reply);
}

/* ---- one request ------------------------------------------------------- */

/* The handler, between hold and release of what it changes. */
static enum err work(struct pass *pass)
{
	struct call *call = pass->call;
	enum err err;

	cache_hold(call, &pass->cache);
	err = run_once(pass);
	cache_release(call, &pass->cache);
	if (err == ERR_OK)
		err = encode(pass);
	keep_answer(pass, err);
	if (err == ERR_OK)
		add_etag(call);
	return err;
}

/* Refused before it came here: still, the record must name the client and
   not a proxy of ours. */
static enum err refused_early(struct pass *pass, enum err early)
{
	struct call *call = pass->call;
	const char *detail = call->report->detail;

	if (call->request->address && gate_find_client(pass) != ERR_OK)
		call->report->detail = detail;
	return early;
}

static enum err answer(struct pass *pass, enum err early)
{
	struct call *call = pass->call;
	enum err err =
		early == ERR_OK ? gate_admit(pass) : refused_early(pass, early);

	if (err == ERR_METHOD && call->request->method == HTTP_OPTIONS) {
		tell_methods(pass);
		return ERR_OK;
	}
	if (err == ERR_OK && !pass->cache.hit)
		err = work(pass);
	cache_keep(call, &pass->cache, err == ERR_OK);
	if (err == ERR_RATE_LIMITED)
		gate_limited_below(pass);
	if (err == ERR_OK)
		err = represent(call);
	err = gate_record(pass, err);
	if (err != ERR_OK)
		refuse(pass, err);
	else
		answer_conditionally(call);
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
	trace_begin(pass->call, &pass->trace);
	err = answer(pass, early);
	add_headers(pass, err);
	if (request->method == HTTP_HEAD)
		buf_clear(&pass->call->reply.body);
	gate_report(pass, err, started_us);
	*out = pass->call->reply;
}
