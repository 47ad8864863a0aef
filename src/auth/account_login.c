/*
 * Signing in: one path for everybody, from the failure counters through the
 * hash to a new session. Never says which of name, password and state was
 * the reason for a refusal.
 */
#include "session_private.h"

#include "secret.h"

static const char user_login_sql[] =
	"UPDATE users SET last_login_at = :now, password_hash = :new"
	" WHERE id = :user AND password_hash = :old";

static const char failed_event[] = "auth.login.failed";
static const char succeeded_event[] = "auth.login.succeeded";

/* user: NULL when there is nobody of that name. */
static enum err refuse(struct auth *auth, const struct auth_call *call,
	const struct user_row *user)
{
	enum err err = note_write(auth, call,
		&(const struct note){.event = failed_event,
			.result = NOTE_DENIED,
			.object = user ? user->id : NULL});

	if (err != ERR_OK)
		return err;
	count_attempt(auth, ATTEMPT_FAILURE);
	report_event(call->report, failed_event);
	return ERR_BAD_CREDENTIALS;
}

/* The parameters were raised since: now is the one time the password is
   here. A shortage of memory leaves the old hash, which still verifies. */
static void rehash(struct auth *auth, const struct auth_call *call,
	const char *password, const char *old, char out[PASSWORD_HASH_ROOM])
{
	const struct auth_settings *s = &auth->settings;

	if (password_needs_rehash(old, s->argon2_ops, s->argon2_kib) &&
		password_make(auth, call, password, out) == ERR_OK)
		return;
	call->report->retry_after_s = 0;
	memcpy(out, old, strnlen(old, PASSWORD_HASH_ROOM - 1) + 1);
}

static enum err user_login(struct auth *auth, const struct auth_call *call,
	const struct user_row *user, const char *new_hash)
{
	return db_run(auth->db, user_login_sql,
		BINDS(bind_int(":now", call->now), bind_text(":new", new_hash),
			bind_text(":user", user->id),
			bind_text(":old", user->password_hash)),
		NULL);
}

/* One login on its way. */
struct signing_in {
	const struct login *in;
	const struct user_row *user; /* whose password it was */
	const char *new_hash;
};

/* In a transaction. */
static enum err session_write(struct auth *auth, const struct auth_call *call,
	const struct signing_in *login, struct session_row *session,
	struct token_pair *out)
{
	struct user_row now = *login->user;
	struct grant grant;
	enum err err;

	now.password_hash = login->new_hash;
	grant_create(call->arena, call->now, &grant);
	err = session_create(auth, call, &now, &grant, session);
	if (err == ERR_OK)
		err = grant_issue(auth, call, session, &grant, out);
	secret_wipe(&grant, sizeof(grant));
	if (err == ERR_OK && login->in->cookie)
		err = pair_for_browser(auth, call, session->id, out);
	return err;
}

/* In a transaction. */
static enum err login_write(struct auth *auth, const struct auth_call *call,
	const struct signing_in *login, struct token_pair *out)
{
	struct session_row session = {0};
	enum err err = user_login(auth, call, login->user, login->new_hash);

	if (err == ERR_OK)
		err = session_write(auth, call, login, &session, out);
	if (err != ERR_OK)
		return err;
	return note_write(auth, call,
		&(const struct note){.event = succeeded_event,
			.actor = login->user->id,
			.object = session.id});
}

static enum err login_commit(struct auth *auth, const struct auth_call *call,
	const struct user_row *user, const struct login *in,
	struct token_pair *out)
{
	char hash[PASSWORD_HASH_ROOM];
	struct token_pair pair;
	enum err err;

	rehash(auth, call, in->password, user->password_hash, hash);
	err = db_begin(auth->db);
	if (err != ERR_OK)
		return err;
	err = login_write(auth, call,
		&(const struct signing_in){
			.in = in, .user = user, .new_hash = hash},
		&pair);
	err = db_finish(auth->db, err);
	secret_wipe(hash, sizeof(hash));
	/* disabled, or another password, since it was compared */
	if (err == ERR_CONFLICT)
		return refuse(auth, call, user);
	if (err != ERR_OK)
		return err;
	count_attempt(auth, ATTEMPT_SUCCESS);
	report_event(call->report, succeeded_event);
	*out = pair;
	return ERR_OK;
}

enum err account_login(struct auth *auth, const struct auth_call *call,
	const struct login *in, struct token_pair *out)
{
	struct user_row user = {0};
	bool found, match;
	enum err err = call_check(call);

	if (err == ERR_OK)
		err = user_by_name(
			auth, call->arena, in->username, &user, &found);
	if (err != ERR_OK)
		return err;
	err = password_guarded(auth, call,
		&(const struct password_claim){
			.username = in->username,
			.user = found ? &user : NULL,
			.password = in->password,
		},
		&match);
	if (err != ERR_OK)
		return err;
	if (!match)
		return refuse(auth, call, found ? &user : NULL);
	return login_commit(auth, call, &user, in, out);
}
