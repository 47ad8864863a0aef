/*
 * Getting in. These handlers hold no scope: whoever calls is nobody yet.
 * Must never put a password or a token into a report.
 */
#include "auth_api.h"

#include "account.h"
#include "browser_private.h"

static const struct field user_new_fields[] = {
	FIELD(struct user_new, username, .required = true, .min = 1, .max = 64,
		.doc = "3 to 32 of letters, digits, dot, underscore, hyphen"),
	FIELD(struct user_new, password, .required = true, .secret = true,
		.min = 1, .max = 1024,
		.doc = "8 to 14 characters with upper, lower, digit and "
		       "special, or 15 and more of any kind"),
	FIELD(struct user_new, email, .nullable = true, .min = 3, .max = 254,
		.doc = "an address, or null"),
};
const struct shape user_new_shape =
	SHAPE("user_new", struct user_new, user_new_fields);

static const char *const roles[] = {"admin", "user", NULL};
static const struct field user_view_fields[] = {
	FIELD(struct user_view, id, .doc = "the user's id"),
	FIELD(struct user_view, username, .doc = "the name to sign in with"),
	FIELD(struct user_view, role, .one_of = roles, .doc = "the role"),
};
const struct shape user_view_shape =
	SHAPE("user", struct user_view, user_view_fields);

static const struct field login_fields[] = {
	FIELD(struct login, username, .required = true, .min = 1, .max = 64,
		.doc = "the user name, in any case"),
	FIELD(struct login, password, .required = true, .secret = true,
		.min = 1, .max = 1024, .doc = "the password"),
	FIELD(struct login, cookie,
		.doc = "true for a browser: the tokens come as cookies, and "
		       "the CSRF token in the answer"),
};
const struct shape login_shape = SHAPE("login", struct login, login_fields);

static const struct field refresh_fields[] = {
	FIELD(struct refresh, refresh_token, .nullable = true, .secret = true,
		.min = 1, .max = 512,
		.doc = "of the last login or refresh; absent: the browser's "
		       "cookie, with X-CSRF-Token"),
};
const struct shape refresh_shape =
	SHAPE("refresh", struct refresh, refresh_fields);

static const struct field setup_fields[] = {
	FIELD(struct setup, token, .required = true, .secret = true, .min = 1,
		.max = 512, .doc = "from the one-time link"),
	FIELD(struct setup, username, .required = true, .min = 1, .max = 64,
		.doc = "of the first admin"),
	FIELD(struct setup, password, .required = true, .secret = true,
		.min = 1, .max = 1024, .doc = "of the first admin"),
};
const struct shape setup_shape = SHAPE("setup", struct setup, setup_fields);

static const char *const token_types[] = {"bearer", "cookie", NULL};
static const struct field token_pair_fields[] = {
	FIELD(struct token_pair, access_token, .nullable = true,
		.doc = "for Authorization: Bearer; null: it is a cookie"),
	FIELD(struct token_pair, refresh_token, .nullable = true,
		.doc = "for /auth/refresh, once; null: it is a cookie"),
	FIELD(struct token_pair, csrf_token, .nullable = true,
		.doc = "of a browser session, for X-CSRF-Token; else null"),
	FIELD(struct token_pair, token_type, .one_of = token_types,
		.doc = "how the tokens are sent"),
	FIELD(struct token_pair, expires_in,
		.doc = "seconds the access token lives"),
	FIELD(struct token_pair, refresh_expires_in,
		.doc = "seconds until the session ends"),
};
const struct shape token_pair_shape =
	SHAPE("token_pair", struct token_pair, token_pair_fields);

enum err handle_register(struct call *call, const void *input, void *out)
{
	const struct user_new *in = input;

	return account_register(
		call->services->auth, &call->who_calls, in, out);
}

/* A page of another site must not sign anybody in as somebody else. */
static enum err browser_login_check(const struct call *call)
{
	if (request_type_is(call->request, "application/json"))
		return browser_check_site(call);
	report_detail(
		call->report, "A browser session is made with a JSON body.");
	return ERR_BAD_REQUEST;
}

enum err handle_login(struct call *call, const void *input, void *out)
{
	const struct login *in = input;
	enum err err = in->cookie ? browser_login_check(call) : ERR_OK;

	if (err == ERR_OK)
		err = account_login(
			call->services->auth, &call->who_calls, in, out);
	if (err == ERR_OK && in->cookie)
		browser_keep(call, out);
	return err;
}

static enum err refresh_cookie(struct call *call, struct token_pair *out)
{
	const struct cookie_refresh cookie = {
		.refresh_token = call->request->cookie_refresh,
		.csrf_token = call->request->csrf,
	};
	enum err err = browser_check_site(call);

	if (err == ERR_OK)
		err = account_refresh_cookie(
			call->services->auth, &call->who_calls, &cookie, out);
	if (err == ERR_OK)
		browser_keep(call, out);
	/* nothing in them is good for anything any more */
	if (err == ERR_TOKEN_INVALID || err == ERR_TOKEN_REVOKED)
		browser_forget(call);
	return err;
}

enum err handle_refresh(struct call *call, const void *input, void *out)
{
	const struct refresh *in = input;

	if (in->refresh_token)
		return account_refresh(call->services->auth, &call->who_calls,
			in->refresh_token, out);
	if (call->request->cookie_refresh)
		return refresh_cookie(call, out);
	report_fault(call->report, "/refresh_token", "is missing");
	return ERR_BAD_INPUT;
}

enum err handle_setup(struct call *call, const void *input, void *out)
{
	const struct setup *in = input;

	return account_setup(call->services->auth, &call->who_calls, in, out);
}
