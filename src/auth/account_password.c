/*
 * Changing a password and giving it again. Both compare it behind the same
 * failure counters as a login, so that a stolen session is no oracle.
 */
#include "session_private.h"

#include "api_key_private.h"
#include "secret.h"
#include "text.h"

static const char changed_event[] = "auth.password.changed";
static const char again_event[] = "auth.reauthenticated";
static const char set_event[] = "auth.password.set";

static const char password_change_sql[] =
	"UPDATE users SET password_hash = :new, password_at = :now"
	" WHERE id = :user AND password_hash = :old AND disabled = 0";
static const char password_reset_sql[] =
	"UPDATE users SET password_hash = :new, password_at = :now"
	" WHERE id = :user";
static const char session_fresh_sql[] =
	"UPDATE sessions SET password_at = :now"
	" WHERE user_id = :user AND id = :session AND ended_at IS NULL";

static enum err wrong(struct auth *auth, const struct auth_call *call,
	const struct identity *who)
{
	static const char event[] = "auth.password.wrong";
	enum err err = note_write(auth, call,
		&(const struct note){.event = event,
			.result = NOTE_DENIED,
			.actor = who->user_id,
			.object = who->session_id});

	if (err != ERR_OK)
		return err;
	count_attempt(auth, ATTEMPT_FAILURE);
	report_event(call->report, event);
	return ERR_BAD_CREDENTIALS;
}

/* The user, if the password is his. */
static enum err owner_check(struct auth *auth, const struct auth_call *call,
	const struct identity *who, const char *password, struct user_row *user)
{
	bool found, match;
	enum err err = call_check(call);

	if (err != ERR_OK)
		return err;
	if (!who->session_id)
		return ERR_INSUFFICIENT_SCOPE;
	err = user_by_id(auth, call->arena, who->user_id, user, &found);
	if (err != ERR_OK)
		return err;
	if (!found)
		return ERR_NOT_FOUND;
	err = password_guarded(auth, call,
		&(const struct password_claim){
			.username = user->username,
			.user = user,
			.password = password,
		},
		&match);
	if (err != ERR_OK || match)
		return err;
	return wrong(auth, call, who);
}

static enum err session_fresh(struct auth *auth, const struct auth_call *call,
	const struct identity *who)
{
	int64_t changed;
	enum err err = db_run(auth->db, session_fresh_sql,
		BINDS(bind_int(":now", call->now),
			bind_text(":user", who->user_id),
			bind_text(":session", who->session_id)),
		&changed);

	if (err == ERR_OK && changed != 1)
		err = ERR_TOKEN_REVOKED;
	return err;
}

/* In a transaction. */
static enum err change_write(struct auth *auth, const struct auth_call *call,
	const struct identity *who, const struct user_row *user,
	const char *hash)
{
	int64_t changed;
	enum err err = db_run(auth->db, password_change_sql,
		BINDS(bind_text(":new", hash), bind_int(":now", call->now),
			bind_text(":user", user->id),
			bind_text(":old", user->password_hash)),
		&changed);

	/* somebody else changed it since it was compared */
	if (err == ERR_OK && changed != 1)
		err = ERR_CONFLICT;
	if (err == ERR_OK)
		err = sessions_end(
			auth, call->now, user->id, who->session_id, "password");
	if (err == ERR_OK)
		err = api_keys_remove(auth, user->id);
	if (err == ERR_OK)
		err = session_fresh(auth, call, who);
	if (err == ERR_OK)
		err = note_write(auth, call,
			&(const struct note){.event = changed_event,
				.actor = user->id,
				.object = user->id});
	return err;
}

static enum err new_check(const struct auth_call *call,
	const struct user_row *user, const struct password_change *in)
{
	enum err err = password_check(in->new_password, user->username,
		user->email, "/new_password", call->report);

	if (text_equal(in->new_password, in->current_password)) {
		report_fault(call->report, "/new_password",
			"must differ from the current password");
		err = ERR_BAD_INPUT;
	}
	return err;
}

enum err account_change_password(struct auth *auth,
	const struct auth_call *call, const struct identity *who,
	const struct password_change *in)
{
	char hash[PASSWORD_HASH_ROOM];
	struct user_row user;
	enum err err =
		owner_check(auth, call, who, in->current_password, &user);

	if (err == ERR_OK)
		err = new_check(call, &user, in);
	if (err == ERR_OK)
		err = password_make(auth, call, in->new_password, hash);
	if (err == ERR_OK)
		err = db_begin(auth->db);
	if (err != ERR_OK)
		return err;
	err = change_write(auth, call, who, &user, hash);
	err = db_finish(auth->db, err);
	secret_wipe(hash, sizeof(hash));
	if (err == ERR_OK)
		report_event(call->report, changed_event);
	return err;
}

/* In a transaction. */
static enum err again_write(struct auth *auth, const struct auth_call *call,
	const struct identity *who)
{
	enum err err = session_fresh(auth, call, who);

	if (err != ERR_OK)
		return err;
	return note_write(auth, call,
		&(const struct note){.event = again_event,
			.actor = who->user_id,
			.object = who->session_id});
}

enum err account_reauthenticate(struct auth *auth, const struct auth_call *call,
	const struct identity *who, const char *password)
{
	struct user_row user;
	enum err err = owner_check(auth, call, who, password, &user);

	if (err == ERR_OK)
		err = db_begin(auth->db);
	if (err != ERR_OK)
		return err;
	err = db_finish(auth->db, again_write(auth, call, who));
	if (err != ERR_OK)
		return err;
	count_attempt(auth, ATTEMPT_SUCCESS);
	report_event(call->report, again_event);
	return ERR_OK;
}

/* In a transaction. */
static enum err reset_write(struct auth *auth, const struct auth_call *call,
	const struct user_row *user, const char *hash)
{
	enum err err = db_run(auth->db, password_reset_sql,
		BINDS(bind_text(":new", hash), bind_int(":now", call->now),
			bind_text(":user", user->id)),
		NULL);

	if (err == ERR_OK)
		err = sessions_end(auth, call->now, user->id, NULL, "password");
	if (err == ERR_OK)
		err = api_keys_remove(auth, user->id);
	if (err == ERR_OK)
		err = note_write(auth, call,
			&(const struct note){.event = set_event,
				.actor = "operator",
				.object = user->id});
	return err;
}

enum err account_set_password(struct auth *auth, const struct auth_call *call,
	const char *username, const char *password)
{
	char hash[PASSWORD_HASH_ROOM];
	struct user_row user;
	enum err err = user_must_exist(auth, call, username, &user);

	if (err == ERR_OK)
		err = password_check(password, user.username, user.email,
			"/password", call->report);
	if (err == ERR_OK)
		err = password_make(auth, call, password, hash);
	if (err == ERR_OK)
		err = db_begin(auth->db);
	if (err != ERR_OK)
		return err;
	err = reset_write(auth, call, &user, hash);
	err = db_finish(auth->db, err);
	secret_wipe(hash, sizeof(hash));
	if (err == ERR_OK)
		report_event(call->report, set_event);
	return err;
}
