/*
 * What stays of a request: the audit's row, the security stream's line, the
 * access line, figures, span. Must never write a query string, a body or a
 * header: they hold secrets.
 */
#include "gate_private.h"

#include "audit.h"
#include "clock.h"
#include "id.h"
#include "metrics.h"
#include "streams.h"
#include "text.h"

enum {
	OBJECT_LIMIT = 64
};

static bool is_denial(enum err err)
{
	return err == ERR_INSUFFICIENT_SCOPE || err == ERR_REAUTH_REQUIRED ||
	       err == ERR_HOOK_REFUSED || err == ERR_CSRF;
}

static const char *user_of(const struct call *call)
{
	return call->signed_in ? call->identity.user_id : NULL;
}

/* What it was done to: the first value of the path. A hook's secret is longer
   than any id or name. */
static const char *object_of(const struct call *call)
{
	for (size_t i = 0; i < call->param_count; i++)
		if (call->params[i].from == FROM_PATH)
			return strlen(call->params[i].value) <= OBJECT_LIMIT
				       ? call->params[i].value
				       : NULL;
	return NULL;
}

/* ---- audit ------------------------------------------------------------- */

static enum audit_result result_of(enum err err)
{
	if (err == ERR_OK)
		return AUDIT_OK;
	return is_denial(err) ? AUDIT_DENIED : AUDIT_FAILED;
}

/* NULL when it is not for the audit: acts that a row or its handler names,
   once the handler ran, and what was denied to somebody. Denials of nobody are lines in the
   security stream: strangers must not be able to keep the disk busy. */
static const char *audited_event(const struct pass *pass, enum err err)
{
	const struct route *route = pass->call->route;
	bool denied = is_denial(err) && pass->call->signed_in;

	if (pass->call->audit_event)
		return pass->call->audit_event;
	if (route && route->audit && (pass->ran || denied))
		return route->audit;
	return denied ? "access.denied" : NULL;
}

static enum err audit(struct pass *pass, const char *event, enum err err)
{
	const struct call *call = pass->call;
	const struct audit_event row = {
		.at = call->who_calls.now,
		.event = event,
		.result = result_of(err),
		.actor = user_of(call),
		.object = object_of(call),
		.address = call->who_calls.address,
		.request_id = call->request->request_id,
		.detail = err == ERR_OK ? call->audit_detail : err_slug(err),
	};
	enum err written =
		audit_append(call->services->audit, call->arena, &row);

	if (written == ERR_OK)
		return ERR_OK;
	log_line(pass->gate->log, LOG_ERROR, "audit.lost",
		LOG_FIELDS(LOG_TEXT("request_id", row.request_id),
			LOG_TEXT("audit_event", event),
			LOG_TEXT("error", err_slug(written)),
			LOG_TEXT("user", row.actor)));
	return ERR_UNAVAILABLE;
}

/* ---- the security stream ----------------------------------------------- */

static const char *security_event(const struct pass *pass, enum err err)
{
	const struct call *call = pass->call;

	if (call->report->event)
		return call->report->event;
	if (err == ERR_CSRF)
		return "request.csrf.token";
	if (is_denial(err))
		return "access.denied";
	if (err == ERR_OK && call->route && call->route->audit)
		return call->route->audit;
	return NULL;
}

enum err gate_record(struct pass *pass, enum err err)
{
	const struct call *call = pass->call;
	const char *event = audited_event(pass, err);
	const char *noted = security_event(pass, err);
	enum err written = ERR_OK;

	if (event && call->services->audit)
		written = audit(pass, event, err);
	if (noted)
		streams_security(call->services->streams,
			err == ERR_OK ? LOG_INFO : LOG_WARN,
			&(struct security_note){
				.event = noted,
				.address = call->who_calls.address,
				.user = user_of(call),
				.request_id = call->request->request_id,
				.detail = err == ERR_OK ? NULL : err_slug(err),
			});
	if (written != ERR_OK && call->route &&
		call->route->who == ROUTE_IS_ADMIN)
		return written;
	return err;
}

/* ---- the line in the log, figures, span -------------------------------- */

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

/* A hook's secret stands in its path, whatever the method and wherever the
   request ends: what follows /hooks and is no id is one. Of a request that
   could not be read there are no segments. */
static const char *target_of(const struct call *call)
{
	static const char hidden[] = "/hooks/...";
	const struct request *request = call->request;
	const char *behind =
		request->target ? strstr(request->target, "/hooks/") : NULL;

	for (size_t i = 1; i < request->segment_count; i++)
		if (text_equal(request->segments[i - 1], "hooks") &&
			!id_is_valid(request->segments[i]))
			return hidden;
	if (!behind)
		return request->target;
	behind += strlen("/hooks/");
	return id_is_valid(
		       arena_copy(call->arena, behind, strcspn(behind, "/")))
		       ? request->target
		       : hidden;
}

static void log_request(const struct pass *pass, enum err err, int64_t us)
{
	const struct call *call = pass->call;
	const struct request *request = call->request;
	const char *route = call->route ? call->route->path : NULL;

	log_line(pass->gate->log, level_of(call->reply.status), "request",
		LOG_FIELDS(LOG_TEXT("request_id", request->request_id),
			LOG_TEXT("method", http_method_name(request->method)),
			LOG_TEXT("route", or_dash(route)),
			LOG_INT("status", call->reply.status),
			LOG_INT("ms", us / 1000),
			LOG_TEXT("user", or_dash(user_of(call))),
			LOG_TEXT("address", or_dash(call->who_calls.address)),
			LOG_TEXT("error", err == ERR_OK ? "-" : err_slug(err)),
			LOG_TEXT("security", or_dash(call->report->event)),
			LOG_TEXT("trace_id", or_dash(pass->trace.trace_id)),
			LOG_TEXT("target", or_dash(target_of(call)))));
}

void gate_report(struct pass *pass, enum err err, int64_t started_us)
{
	const struct call *call = pass->call;
	const struct route_table *table = pass->gate->routes;
	int64_t us = clock_monotonic_us() - started_us;

	log_request(pass, err, us);
	metrics_request(call->services->metrics,
		call->route ? (size_t)(call->route - table->rows) : SIZE_MAX,
		call->reply.status, us);
	trace_end(call, &pass->trace, us);
}
