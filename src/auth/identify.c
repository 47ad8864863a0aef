/*
 * From a credential to an identity, on every request. A token is looked at
 * strictly, its signature verified, and then the database has the last word:
 * one query reads the session, the user and the blacklist. Whatever cannot
 * be decided is refused; nothing here ever passes by default.
 */
#include "session_private.h"

#include "api_key_private.h"
#include "text.h"

/* count(*) and not EXISTS: an integer in both dialects. */
static const char identify_sql[] =
	"SELECT u.username, u.role, u.disabled, s.expires_at, s.last_seen_at,"
	" s.password_at, s.ended_at,"
	" (SELECT count(*) FROM token_blacklist b WHERE b.jti = :jti)"
	" FROM sessions s JOIN users u ON u.id = s.user_id"
	" WHERE s.user_id = :user AND s.id = :session";
static const char seen_sql[] =
	"UPDATE sessions SET last_seen_at = :now"
	" WHERE user_id = :user AND id = :session AND last_seen_at <= :before";

struct session_state {
	struct session_row session;
	bool disabled, blacklisted;
};

static enum err refuse(const struct auth_call *call, enum err err,
	const char *detail, const char *event)
{
	report_detail(call->report, "%s", detail);
	report_event(call->report, event);
	return err;
}

static enum err revoked(struct auth *auth, const struct auth_call *call,
	const struct token_claims *claims)
{
	count_check(auth, CHECK_REVOKED);
	note_revoked_use(auth, call, claims->user_id, claims->session_id);
	return refuse(call, ERR_TOKEN_REVOKED, "Token has been revoked",
		"auth.token.revoked");
}

static enum err session_read(struct auth *auth, const struct auth_call *call,
	const struct token_claims *claims, struct session_state *state,
	struct identity *identity)
{
	struct rows *rows;
	enum err err = db_first(auth->db, call->arena, identify_sql,
		BINDS(bind_text(":jti", claims->jti),
			bind_text(":user", claims->user_id),
			bind_text(":session", claims->session_id)),
		&rows);

	if (err != ERR_OK)
		return ERR_UNAVAILABLE;
	/* signed by us once, and its session is no more */
	if (!rows)
		return revoked(auth, call, claims);
	identity->username = rows_text(rows, 0);
	identity->role = text_equal(rows_text(rows, 1), "admin")
				 ? AUTH_ROLE_ADMIN
				 : AUTH_ROLE_USER;
	identity->password_at = rows_int(rows, 5);
	*state = (struct session_state){
		.session = {.user_id = claims->user_id,
			.id = claims->session_id,
			.expires = rows_int(rows, 3),
			.last_seen = rows_int(rows, 4),
			.ended = !rows_is_null(rows, 6)},
		.disabled = rows_int(rows, 2) != 0,
		.blacklisted = rows_int(rows, 7) != 0,
	};
	rows_end(rows);
	return ERR_OK;
}

/* At most once a minute, so that reading does not cost a write; and never
   waiting for a writer, so that a long one does not stop all reading. */
static void session_seen(struct auth *auth, const struct auth_call *call,
	const struct session_row *session)
{
	enum err err;

	if (call->now - session->last_seen < SEEN_EVERY_MS)
		return;
	err = db_try_run(auth->db, seen_sql,
		BINDS(bind_int(":now", call->now),
			bind_text(":user", session->user_id),
			bind_text(":session", session->id),
			bind_int(":before", call->now - SEEN_EVERY_MS)),
		NULL);
	/* the decision was read already; the next request notes it */
	(void)err;
}

static enum err identify_token(struct auth *auth, const struct auth_call *call,
	const struct credential *credential, struct identity *out)
{
	struct token_claims claims;
	struct session_state state;
	struct identity identity = {0};
	bool expired = false;
	const struct token_reading reading = {
		.arena = call->arena,
		.policy = &auth->policy,
		.now_ms = call->now,
		.expired = &expired,
	};
	enum err err = token_verify(auth->tokens, &reading, credential->bearer,
		credential->bearer_len, &claims);

	if (err == ERR_TOKEN_INVALID) {
		count_check(auth, expired ? CHECK_EXPIRED : CHECK_INVALID);
		report_event(call->report, "auth.token.invalid");
	}
	if (err != ERR_OK)
		return err;
	err = session_read(auth, call, &claims, &state, &identity);
	if (err != ERR_OK)
		return err;
	if (state.session.ended || state.blacklisted || state.disabled)
		return revoked(auth, call, &claims);
	if (!session_is_live(auth, &state.session, call->now)) {
		count_check(auth, CHECK_EXPIRED);
		return refuse(call, ERR_TOKEN_INVALID,
			"The session has expired", "auth.session.expired");
	}
	count_check(auth, CHECK_VALID);
	session_seen(auth, call, &state.session);
	identity.user_id = claims.user_id;
	identity.session_id = claims.session_id;
	identity.jti = claims.jti;
	identity.token_expires = claims.expires * MS;
	identity.scopes = scopes_parse(call->arena, claims.scope);
	identity.by_cookie = credential->cookie;
	*out = identity;
	return ERR_OK;
}

enum err auth_identify(struct auth *auth, const struct auth_call *call,
	const struct credential *credential, struct identity *out)
{
	enum err err = call_check(call);

	if (err != ERR_OK)
		return err;
	if (credential->bearer && credential->api_key)
		return ERR_BAD_REQUEST;
	if (credential->bearer)
		return identify_token(auth, call, credential, out);
	if (credential->api_key)
		return api_key_identify(auth, call, credential->api_key, out);
	return ERR_NO_CREDENTIALS;
}
