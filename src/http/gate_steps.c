/*
 * What stands between the web and a handler, as a table of steps in their
 * order. A step reads the request and its route's row, nothing else; it
 * passes or refuses. Must never let a request on when a check itself fails.
 */
#include "gate_private.h"

#include <strings.h>

#include "json.h"
#include "text.h"

static const char json_type[] = "application/json";
static const char form_type[] = "application/x-www-form-urlencoded";

static bool takes_body(const struct route *route)
{
	return route->in && shape_has_body(route->in);
}

static enum err step_clock(struct pass *pass)
{
	return pass->call->who_calls.now < 0 ? ERR_UNAVAILABLE : ERR_OK;
}

static enum err step_match(struct pass *pass)
{
	return route_match(pass->gate->routes, pass->call, pass->allow);
}

static enum err step_https(struct pass *pass)
{
	const struct call *call = pass->call;

	return call->services->require_https && !call->request->https
		       ? ERR_PLAIN_HTTP
		       : ERR_OK;
}

/* Strangers need no more than a name and a password. */
static enum err step_size(struct pass *pass)
{
	const struct call *call = pass->call;
	const struct services *services = call->services;
	int64_t len = (int64_t)call->request->body_len;

	if (len > services->body_limit)
		return ERR_TOO_LARGE;
	if (call->route->who == ROUTE_IS_PUBLIC &&
		len > services->public_body_limit)
		return ERR_TOO_LARGE;
	return ERR_OK;
}

static enum err step_type(struct pass *pass)
{
	const struct call *call = pass->call;
	bool form = call->route->demands & TAKES_FORM;

	if (call->request->body_len == 0)
		return ERR_OK;
	if (!takes_body(call->route)) {
		report_detail(call->report, "This call takes no body.");
		return ERR_BAD_REQUEST;
	}
	if (request_type_is(call->request, json_type) ||
		(form && request_type_is(call->request, form_type)))
		return ERR_OK;
	if (form)
		report_detail(call->report, "Send the body as %s or as %s.",
			json_type, form_type);
	return ERR_UNSUPPORTED_TYPE;
}

/* ---- who --------------------------------------------------------------- */

/* The token behind "Bearer ", NULL for any other scheme. */
static const char *bearer_of(const char *authorization)
{
	static const char scheme[] = "Bearer ";
	size_t len = sizeof(scheme) - 1;

	if (strncasecmp(authorization, scheme, len) != 0)
		return NULL;
	return authorization + len + strspn(authorization + len, " ");
}

static enum err identify(struct call *call)
{
	const struct request *request = call->request;
	struct credential credential = {.api_key = request->api_key};
	enum err err;

	if (request->authorization) {
		credential.bearer = bearer_of(request->authorization);
		if (!credential.bearer) {
			report_detail(call->report,
				"Use \"Authorization: Bearer\" or X-API-Key.");
			return ERR_NO_CREDENTIALS;
		}
		credential.bearer_len = strlen(credential.bearer);
	}
	err = auth_identify(call->services->auth, &call->who_calls, &credential,
		&call->identity);
	call->signed_in = err == ERR_OK;
	return err;
}

static enum err step_authenticate(struct pass *pass)
{
	struct call *call = pass->call;
	const struct request *request = call->request;

	if (call->route->who == ROUTE_IS_PUBLIC)
		return ERR_OK;
	if (request->authorization && request->api_key) {
		report_detail(
			call->report, "Send one kind of credential, not two.");
		return ERR_BAD_REQUEST;
	}
	if (!request->authorization && !request->api_key)
		return ERR_NO_CREDENTIALS;
	return identify(call);
}

static enum err step_permission(struct pass *pass)
{
	const struct call *call = pass->call;
	const struct route *route = call->route;

	if (route->who == ROUTE_IS_PUBLIC)
		return ERR_OK;
	if (route->who == ROUTE_IS_ADMIN &&
		call->identity.role != AUTH_ROLE_ADMIN) {
		report_detail(call->report, "This call is for admins.");
		return ERR_INSUFFICIENT_SCOPE;
	}
	if (!route->permission ||
		!auth_permits(&call->identity, route->permission))
		return ERR_INSUFFICIENT_SCOPE;
	return ERR_OK;
}

static enum err step_session(struct pass *pass)
{
	const struct call *call = pass->call;
	unsigned demands = call->route->demands;

	if (demands & (DEMAND_SESSION | DEMAND_FRESH) &&
		!call->identity.session_id) {
		report_detail(call->report,
			"This call needs a signed-in session; an API key is "
			"not enough.");
		return ERR_INSUFFICIENT_SCOPE;
	}
	if (demands & DEMAND_FRESH &&
		!auth_is_fresh(call->services->auth, &call->identity,
			call->who_calls.now))
		return ERR_REAUTH_REQUIRED;
	return ERR_OK;
}

/* ---- what -------------------------------------------------------------- */

/* A JSON body becomes *body, a form more params. */
static enum err decode_body(struct call *call, struct param *params,
	size_t *count, const struct json **body)
{
	const struct request *request = call->request;
	size_t pairs = 0;
	enum err err;

	if (request->body_len == 0)
		return ERR_OK;
	if (request_type_is(request, json_type))
		return json_parse(call->arena, request->body, request->body_len,
			call->report, body);
	err = request_form(request, call->report, params + *count,
		REQUEST_QUERY_LIMIT, &pairs);
	*count += pairs;
	return err;
}

static enum err step_decode(struct pass *pass)
{
	static const struct shape nothing = {.name = "nothing"};
	struct call *call = pass->call;
	const struct shape *in = call->route->in ? call->route->in : &nothing;
	struct param *params = arena_array(call->arena,
		call->param_count + REQUEST_QUERY_LIMIT, sizeof(*params));
	struct shape_input input = {
		.params = params, .param_count = call->param_count};
	enum err err;

	memcpy(params, call->params, call->param_count * sizeof(*params));
	err = decode_body(call, params, &input.param_count, &input.body);
	if (err != ERR_OK)
		return err;
	pass->in = arena_alloc(call->arena, in->size);
	return shape_read(in, call->arena, &input, call->report, pass->in);
}

static enum err (*const steps[])(struct pass *pass) = {
	step_clock,
	step_match,
	step_https,
	step_size,
	step_type,
	step_authenticate,
	step_permission,
	step_session,
	step_decode,
};

enum err gate_admit(struct pass *pass)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		enum err err = steps[i](pass);

		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}
