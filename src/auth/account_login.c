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

static enum err refuse(const struct auth_call *call)
{
	report_event(call->report, "auth.login.failed");
	return ERR_BAD_CREDENTIALS;
}

/* The parameters were raised since: now is the one time the password is
   here. A shortage of memory leaves the old hash, which still verifies. */
static void rehash(struct auth *auth, const char *password, const char *old,
	char out[PASSWORD_HASH_ROOM])
{
	const struct auth_settings *s = &auth->settings;

	if (password_needs_rehash(old, s->argon2_ops, s->argon2_kib) &&
		password_hash(password, s->argon2_ops, s->argon2_kib, out) ==
			ERR_OK)
		return;
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

/* In a transaction. */
static enum err login_write(struct auth *auth, const struct auth_call *call,
	const struct user_row *user, const char *new_hash,
	struct token_pair *out)
{
	struct user_row now = *user;
	struct session_row session;
	struct grant grant;
	enum err err = user_login(auth, call, user, new_hash);

	if (err != ERR_OK)
		return err;
	now.password_hash = new_hash;
	grant_create(call->arena, call->now, &grant);
	err = session_create(auth, call, &now, &grant, &session);
	/* disabled, or another password, since it was compared */
	if (err == ERR_CONFLICT)
		err = refuse(call);
	if (err == ERR_OK)
		err = grant_issue(auth, call, &session, &grant, out);
	secret_wipe(&grant, sizeof(grant));
	return err;
}

static enum err login_commit(struct auth *auth, const struct auth_call *call,
	const struct user_row *user, const char *password,
	struct token_pair *out)
{
	char hash[PASSWORD_HASH_ROOM];
	struct token_pair pair;
	enum err err;

	rehash(auth, password, user->password_hash, hash);
	err = db_begin(auth->db);
	if (err != ERR_OK)
		return err;
	err = login_write(auth, call, user, hash, &pair);
	err = db_finish(auth->db, err);
	secret_wipe(hash, sizeof(hash));
	if (err != ERR_OK)
		return err;
	report_event(call->report, "auth.login.succeeded");
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
		return refuse(call);
	return login_commit(auth, call, &user, in->password, out);
}
