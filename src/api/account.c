/*
 * One's own account. Whose it is comes from the gate (call->identity), never
 * from what was sent.
 */
#include "account_api.h"

#include "account.h"
#include "browser_private.h"
#include "replies_private.h"

static const char *const roles[] = {"admin", "user", NULL};
static const struct field me_fields[] = {
	FIELD(struct me, id, .doc = "the user's id"),
	FIELD(struct me, username, .doc = "the name to sign in with"),
	FIELD(struct me, role, .one_of = roles, .doc = "the role"),
	FIELD(struct me, email, .nullable = true, .doc = "the address"),
	FIELD(struct me, scopes, .doc = "what this credential may do"),
	FIELD(struct me, session_id, .nullable = true,
		.doc = "this session; null with an API key"),
	FIELD(struct me, csrf_token, .nullable = true,
		.doc = "of a browser session, for X-CSRF-Token; else null"),
	FIELD(struct me, created_at, .doc = "when the account was made"),
};
const struct shape me_shape = SHAPE("me", struct me, me_fields);

static const struct field session_fields[] = {
	FIELD(struct session_view, id, .doc = "the session's id"),
	FIELD(struct session_view, address, .doc = "where it signed in"),
	FIELD(struct session_view, user_agent, .nullable = true,
		.doc = "with what"),
	FIELD(struct session_view, created_at, .doc = "when it signed in"),
	FIELD(struct session_view, last_seen_at, .doc = "when it last called"),
	FIELD(struct session_view, expires_at, .doc = "when it ends"),
	FIELD(struct session_view, current, .doc = "is it the caller's?"),
};
static const struct shape session_shape =
	SHAPE("session", struct session_view, session_fields);
static const struct field sessions_fields[] = PAGE_FIELDS(session_shape);
const struct shape sessions_shape =
	SHAPE("sessions", struct page, sessions_fields);

static const struct field password_change_fields[] = {
	FIELD(struct password_change, current_password, .required = true,
		.secret = true, .min = 1, .max = 1024,
		.doc = "the password until now"),
	FIELD(struct password_change, new_password, .required = true,
		.secret = true, .min = 1, .max = 1024,
		.doc = "the password from now on"),
};
const struct shape password_change_shape = SHAPE(
	"password_change", struct password_change, password_change_fields);

static const struct field password_again_fields[] = {
	FIELD(struct password_again, password, .required = true, .secret = true,
		.min = 1, .max = 1024, .doc = "the account's password"),
};
const struct shape password_again_shape =
	SHAPE("password_again", struct password_again, password_again_fields);

static enum err done(enum err err, const char *message, void *out)
{
	struct message_reply *reply = out;

	if (err == ERR_OK)
		reply->message = message;
	return err;
}

static enum err gone(
	struct call *call, enum err err, const char *message, void *out)
{
	if (err == ERR_OK && call->identity.by_cookie)
		browser_forget(call);
	return done(err, message, out);
}

enum err handle_logout(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	(void)scope;
	(void)input;
	return gone(call,
		account_logout(call->services->auth, &call->who_calls,
			&call->identity),
		"Logged out successfully", out);
}

enum err handle_logout_all(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	(void)scope;
	(void)input;
	return gone(call,
		account_logout_all(call->services->auth, &call->who_calls,
			&call->identity),
		"All sessions have ended", out);
}

enum err handle_change_password(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct password_change *in = input;

	(void)scope;
	return done(account_change_password(call->services->auth,
			    &call->who_calls, &call->identity, in),
		"Password changed; other sessions have ended", out);
}

enum err handle_reauthenticate(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct password_again *in = input;

	(void)scope;
	return done(account_reauthenticate(call->services->auth,
			    &call->who_calls, &call->identity, in->password),
		"Password confirmed", out);
}

enum err handle_me(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	(void)scope;
	(void)input;
	return account_me(
		call->services->auth, &call->who_calls, &call->identity, out);
}

enum err handle_sessions(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	struct page *page = out;

	(void)scope;
	(void)input;
	return account_sessions(call->services->auth, &call->who_calls,
		&call->identity, &page->data);
}

enum err handle_session_end(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct by_id *in = input;

	(void)scope;
	(void)out;
	return account_session_end(call->services->auth, &call->who_calls,
		&call->identity, in->id);
}
