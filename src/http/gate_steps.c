/*
 * What stands between the web and a handler, as a table of steps in their
 * order. A step reads the request and its route's row, nothing else; it
 * passes or refuses. Must never let a request on when a check itself fails.
 */
#include "gate_private.h"

#include <strings.h>

#include "etag.h"
#include "json.h"
#include "origin.h"
#include "text.h"

static const char json_type[] = "application/json";
static const char form_type[] = "application/x-www-form-urlencoded";

enum {
	KEY_LIMIT = 128 /* characters of an Idempotency-Key */
};

static bool is_safe(enum http_method method)
{
	return method == HTTP_GET || method == HTTP_HEAD ||
	       method == HTTP_OPTIONS;
}

static bool takes_body(const struct route *route)
{
	return route->in && shape_has_body(route->in);
}

static enum err step_clock(struct pass *pass)
{
	return pass->call->who_calls.now < 0 ? ERR_UNAVAILABLE : ERR_OK;
}

/* In limits, audit and log. */
enum err gate_find_client(struct pass *pass)
{
	struct call *call = pass->call;
	const struct request *request = call->request;
	const struct address_nets *trusted = call->services->trusted_proxies;
	struct address client = request->remote;

	if (trusted && address_is_in(trusted, &client)) {
		enum err err = address_of_client(call->arena, trusted,
			&request->remote, request->forwarded, &client);

		if (err != ERR_OK) {
			report_detail(call->report,
				"X-Forwarded-For holds something that is no "
				"address.");
			return err;
		}
		call->who_calls.address = address_text(call->arena, &client);
	}
	pass->subject = address_subject(call->arena, &client);
	pass->foreign = request_is_foreign(request, call->services->cors);
	return ERR_OK;
}

/* Who asks for what does not exist is a stranger until he finds a door. */
static enum err step_match(struct pass *pass)
{
	enum err err = route_match(pass->gate->routes, pass->call, pass->allow);
	enum err limited = ERR_OK;

	if (err == ERR_NOT_FOUND)
		limited = gate_limit_address(pass, RATE_ANONYMOUS);
	return limited == ERR_OK ? err : limited;
}

static enum err step_https(struct pass *pass)
{
	const struct call *call = pass->call;

	return call->services->require_https && !call->request->https
		       ? ERR_PLAIN_HTTP
		       : ERR_OK;
}

/*
 * What another site's page can make a visitor's browser send: no header of
 * ours, but forms, and with SameSite=Strict the cookie from a neighbour below
 * the same domain. None of it is for us.
 */
static enum err step_site(struct pass *pass)
{
	struct call *call = pass->call;
	const struct request *request = call->request;
	enum err limited;

	if (!pass->foreign || request->authorization || request->api_key ||
		(is_safe(request->method) &&
			(!request->cookie_access ||
				call->route->who == ROUTE_IS_PUBLIC)))
		return ERR_OK;
	report_event(call->report, "request.csrf.origin");
	limited = gate_limit_address(pass, RATE_ANONYMOUS);
	return limited == ERR_OK ? ERR_CSRF : limited;
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

static enum err credential_of(struct call *call, struct credential *out)
{
	const struct request *request = call->request;
	const char *bearer = request->cookie_access;
	int kinds = (request->authorization != NULL) +
		    (request->api_key != NULL) + (bearer != NULL);

	if (kinds > 1) {
		report_detail(
			call->report, "Send one kind of credential, not two.");
		return ERR_BAD_REQUEST;
	}
	if (kinds == 0)
		return ERR_NO_CREDENTIALS;
	if (request->authorization) {
		bearer = bearer_of(request->authorization);
		if (!bearer) {
			report_detail(call->report,
				"Use \"Authorization: Bearer\" or X-API-Key.");
			return ERR_NO_CREDENTIALS;
		}
	}
	*out = (struct credential){.bearer = bearer,
		.bearer_len = bearer ? strlen(bearer) : 0,
		.api_key = request->api_key,
		.cookie = request->cookie_access != NULL};
	return ERR_OK;
}

static enum err identify(struct call *call)
{
	struct credential credential;
	enum err err = credential_of(call, &credential);

	if (err == ERR_OK)
		err = auth_identify(call->services->auth, &call->who_calls,
			&credential, &call->identity);
	call->signed_in = err == ERR_OK;
	return err;
}

static bool is_refusal(enum err err)
{
	return err == ERR_NO_CREDENTIALS || err == ERR_TOKEN_INVALID ||
	       err == ERR_TOKEN_REVOKED;
}

static enum err step_rate_address(struct pass *pass)
{
	const struct route *route = pass->call->route;

	if (route->who != ROUTE_IS_PUBLIC)
		return ERR_OK;
	return gate_limit_address(pass, route->rate);
}

/* Who is turned away counts for his address; who is let in does not. */
static enum err step_authenticate(struct pass *pass)
{
	struct call *call = pass->call;
	enum err err, limited = ERR_OK;

	if (call->route->who == ROUTE_IS_PUBLIC)
		return ERR_OK;
	err = identify(call);
	if (is_refusal(err))
		limited = gate_limit_address(pass, call->route->rate);
	return limited == ERR_OK ? err : limited;
}

/* Each of them, where a row names several; never without one. */
static bool permits(const struct call *call, const char *wanted)
{
	bool all = wanted && wanted[0] != '\0';

	while (all && wanted[0] != '\0') {
		size_t len = strcspn(wanted, " ");
		bool last = wanted[len] == '\0';

		all = auth_permits(&call->identity,
			last ? wanted : arena_copy(call->arena, wanted, len));
		wanted += last ? len : len + 1;
	}
	return all;
}

static enum err check_permission(const struct pass *pass)
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
	if (!permits(call, route->permission))
		return ERR_INSUFFICIENT_SCOPE;
	return ERR_OK;
}

static enum err check_session(const struct pass *pass)
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

/* A browser sends its cookie along with whatever any page makes it send. */
static enum err check_csrf(const struct pass *pass)
{
	struct call *call = pass->call;
	const struct services *services = call->services;

	if (!call->signed_in || !call->identity.by_cookie ||
		is_safe(call->request->method))
		return ERR_OK;
	if (!request_same_origin(call->request, services->origin)) {
		report_event(call->report, "request.csrf.origin");
		return ERR_CSRF;
	}
	return auth_csrf_check(services->auth, call->who_calls.now,
		call->identity.session_id, call->request->csrf);
}

/* Who is refused here is counted all the same: a denial costs a row in the
   audit, and nobody may have those without limit. */
static enum err step_allowed(struct pass *pass)
{
	enum err limited, err = check_permission(pass);

	if (err == ERR_OK)
		err = check_session(pass);
	if (err == ERR_OK)
		err = check_csrf(pass);
	if (err == ERR_OK || !pass->call->signed_in)
		return err;
	limited = gate_limit_user(pass, pass->call->route->rate);
	return limited == ERR_OK ? err : limited;
}

/* A change that depends on a version never happens where there are none. */
static enum err step_version(struct pass *pass)
{
	struct call *call = pass->call;
	const char *wanted = call->request->if_match;

	if (!wanted || is_safe(call->request->method))
		return ERR_OK;
	if (call->route->demands & TAKES_VERSION)
		return etag_expected(wanted, call->report, &call->if_version);
	return text_equal(wanted, "*") ? ERR_OK : ERR_PRECONDITION;
}

/* Where a call keeps keys, a malformed one is refused; elsewhere nobody reads
   it. */
static enum err step_key(struct pass *pass)
{
	const struct call *call = pass->call;
	const char *key = call->request->idempotency_key;
	size_t len;

	if (!key || !(call->route->demands & TAKES_KEY))
		return ERR_OK;
	len = strlen(key);
	for (size_t i = 0; i < len && len <= KEY_LIMIT; i++)
		if (key[i] <= ' ' || key[i] > '~')
			len = 0;
	if (len > 0 && len <= KEY_LIMIT)
		return ERR_OK;
	report_detail(call->report,
		"Idempotency-Key must be 1 to %d printable ASCII characters.",
		KEY_LIMIT);
	return ERR_BAD_REQUEST;
}

/* Also asks whether the answer is kept: one question to the store for both. */
static enum err step_rate_user(struct pass *pass)
{
	if (!pass->call->signed_in)
		return ERR_OK;
	cache_ask(pass->call, &pass->cache);
	return gate_limit_user(pass, pass->call->route->rate);
}

static enum err step_cache(struct pass *pass)
{
	cache_look(pass->call, &pass->cache);
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

static bool names_secret(const struct shape *shape, const struct json *body)
{
	for (size_t i = 0; i < shape->count; i++)
		if (shape->fields[i].secret &&
			json_member(body, shape->fields[i].name))
			return true;
	return false;
}

/* Preferences are changed as often as anything else, secrets are not. */
static enum err limit_secrets(
	struct pass *pass, const struct shape *shape, const struct json *body)
{
	if (pass->call->route->rate != RATE_SETTINGS ||
		!pass->call->signed_in || !body || !names_secret(shape, body))
		return ERR_OK;
	return gate_limit_user(pass, RATE_SECRET);
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
	if (err == ERR_OK)
		err = limit_secrets(pass, in, input.body);
	if (err != ERR_OK)
		return err;
	pass->in = arena_alloc(call->arena, in->size);
	return shape_read(in, call->arena, &input, call->report, pass->in);
}

static enum err (*const steps[])(struct pass *pass) = {
	step_clock,
	gate_find_client,
	step_match,
	step_https,
	step_site,
	step_size,
	step_type,
	step_rate_address,
	step_authenticate,
	step_allowed,
	step_rate_user,
	step_version,
	step_key,
	step_cache,
	step_decode,
};

enum err gate_admit(struct pass *pass)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		enum err err = steps[i](pass);

		if (err != ERR_OK || pass->cache.hit)
			return err;
	}
	return ERR_OK;
}
