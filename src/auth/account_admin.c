/*
 * Acts on other people's accounts: an admin's by id, the operator's by name,
 * which is looked up and handed on. Whatever takes a right away ends the
 * user's sessions and API keys in the same transaction; the last enabled
 * admin stays one, and no admin turns against himself by mistake.
 */
#include "session_private.h"

#include "api_key_private.h"
#include "text.h"

/* The user is not the only enabled admin, or would stay one. */
#define NOT_THE_LAST_ADMIN                                                  \
	" (role <> 'admin' OR disabled = 1 OR EXISTS"                       \
	" (SELECT 1 FROM users o WHERE o.role = 'admin' AND o.disabled = 0" \
	" AND o.id <> :user))"

static const char user_enable_sql[] =
	"UPDATE users SET disabled = 0 WHERE id = :user";
static const char user_disable_sql[] =
	"UPDATE users SET disabled = 1 WHERE id = :user"
	" AND" NOT_THE_LAST_ADMIN;
static const char user_raise_sql[] =
	"UPDATE users SET role = 'admin' WHERE id = :user";
static const char user_lower_sql[] =
	"UPDATE users SET role = 'user' WHERE id = :user"
	" AND" NOT_THE_LAST_ADMIN;
static const char user_keep_sql[] =
	"UPDATE users SET disabled = disabled WHERE id = :user";
/* What hangs on sessions without a foreign key goes first; all else that a
   user owns goes with his row. */
static const char used_remove_sql[] =
	"DELETE FROM refresh_tokens_used WHERE session_id IN"
	" (SELECT id FROM sessions WHERE user_id = :user)";
static const char blacklist_remove_sql[] =
	"DELETE FROM token_blacklist WHERE user_id = :user";
static const char user_remove_sql[] =
	"DELETE FROM users WHERE id = :user AND" NOT_THE_LAST_ADMIN;
static const char everybody_end_sql[] =
	"UPDATE sessions SET ended_at = :now, end_reason = 'operator',"
	" successor = NULL WHERE ended_at IS NULL";
static const char everybody_keys_sql[] = "DELETE FROM api_keys";
static const char everybody_hooks_sql[] = "UPDATE hooks SET enabled = 0";

/* One act on one user. */
struct act {
	const char *sql;    /* with :user; changes one row, or is refused */
	const char *reason; /* of the ended sessions; NULL: his row goes */
	const char *event;
	const char *detail; /* for the audit, or NULL */
	bool not_to_himself;
};

/* In a transaction. */
static enum err user_run(
	struct auth *auth, const char *user_id, const char *sql)
{
	return db_run(auth->db, sql, BINDS(bind_text(":user", user_id)), NULL);
}

/* In a transaction. */
static enum err user_change(struct auth *auth, const struct auth_call *call,
	const char *user_id, const char *sql)
{
	int64_t changed;
	enum err err = db_run(
		auth->db, sql, BINDS(bind_text(":user", user_id)), &changed);

	if (err != ERR_OK || changed == 1)
		return err;
	report_detail(call->report, "The last admin must stay one.");
	return ERR_CONFLICT;
}

/* In a transaction: sessions, and the keys that were made with them. */
static enum err all_end(struct auth *auth, int64_t now_ms, const char *user_id,
	const char *reason)
{
	enum err err = sessions_end(auth, now_ms, user_id, NULL, reason);

	return err == ERR_OK ? api_keys_remove(auth, user_id) : err;
}

/* In a transaction: what no foreign key takes along. */
static enum err traces_remove(struct auth *auth, const char *user_id)
{
	enum err err = user_run(auth, user_id, used_remove_sql);

	return err == ERR_OK ? user_run(auth, user_id, blacklist_remove_sql)
			     : err;
}

/* In a transaction. */
static enum err act_write(struct auth *auth, const struct auth_call *call,
	const char *actor, const char *user_id, const struct act *act)
{
	struct user_row user;
	enum err err = actor_must_be_admin(auth, call, actor);

	if (err == ERR_OK)
		err = user_must_be(auth, call, user_id, &user);
	if (err != ERR_OK)
		return err;
	if (act->not_to_himself && text_equal(actor, user_id)) {
		report_detail(call->report,
			"An admin cannot do this to himself; another one can.");
		return ERR_CONFLICT;
	}
	err = act->reason ? all_end(auth, call->now, user_id, act->reason)
			  : traces_remove(auth, user_id);
	if (err == ERR_OK)
		err = user_change(auth, call, user_id, act->sql);
	if (err == ERR_OK)
		err = note_write(auth, call,
			&(const struct note){.event = act->event,
				.actor = actor,
				.object = user_id,
				.detail = act->detail});
	return err;
}

static enum err act_run(struct auth *auth, const struct auth_call *call,
	struct admin_scope *admin, const char *user_id, const struct act *act)
{
	enum err err = call_check(call);

	if (err == ERR_OK)
		err = db_begin(auth->db);
	if (err != ERR_OK)
		return err;
	err = db_finish(auth->db,
		act_write(auth, call, admin_actor(admin), user_id, act));
	if (err == ERR_OK)
		report_event(call->report, act->event);
	return err;
}

enum err account_set_disabled_by_id(struct auth *auth,
	const struct auth_call *call, struct admin_scope *admin,
	const char *user_id, bool disabled)
{
	static const struct act acts[] = {
		[false] = {.sql = user_enable_sql,
			.reason = "disabled",
			.event = "auth.user.enabled"},
		[true] = {.sql = user_disable_sql,
			.reason = "disabled",
			.event = "auth.user.disabled",
			.not_to_himself = true},
	};

	return act_run(auth, call, admin, user_id, &acts[disabled]);
}

enum err account_set_role_by_id(struct auth *auth, const struct auth_call *call,
	struct admin_scope *admin, const char *user_id, enum auth_role role)
{
	static const struct act acts[] = {
		[AUTH_ROLE_USER] = {.sql = user_lower_sql,
			.reason = "role",
			.event = "auth.user.role",
			.detail = "user",
			.not_to_himself = true},
		[AUTH_ROLE_ADMIN] = {.sql = user_raise_sql,
			.reason = "role",
			.event = "auth.user.role",
			.detail = "admin"},
	};

	return act_run(auth, call, admin, user_id, &acts[role]);
}

enum err account_end_sessions_of(struct auth *auth,
	const struct auth_call *call, struct admin_scope *admin,
	const char *user_id)
{
	static const struct act act = {.sql = user_keep_sql,
		.reason = "operator",
		.event = "auth.sessions.ended"};

	return act_run(auth, call, admin, user_id, &act);
}

enum err account_remove(struct auth *auth, const struct auth_call *call,
	struct admin_scope *admin, const char *user_id)
{
	static const struct act act = {.sql = user_remove_sql,
		.event = "auth.user.removed",
		.not_to_himself = true};

	return act_run(auth, call, admin, user_id, &act);
}

/* ---- by name, for the command line ------------------------------------- */

static struct admin_scope *operator_of(
	struct auth *auth, const struct auth_call *call)
{
	return auth_operator_scope(
		auth->db, call->arena, call->report, call->now);
}

enum err account_id(struct auth *auth, const struct auth_call *call,
	const char *username, const char **id)
{
	struct user_row user;
	enum err err = user_must_exist(auth, call, username, &user);

	if (err == ERR_OK)
		*id = user.id;
	return err;
}

enum err account_set_disabled(struct auth *auth, const struct auth_call *call,
	const char *username, bool disabled)
{
	struct user_row user;
	enum err err = user_must_exist(auth, call, username, &user);

	if (err != ERR_OK)
		return err;
	return account_set_disabled_by_id(
		auth, call, operator_of(auth, call), user.id, disabled);
}

enum err account_set_role(struct auth *auth, const struct auth_call *call,
	const char *username, enum auth_role role)
{
	struct user_row user;
	enum err err = user_must_exist(auth, call, username, &user);

	if (err != ERR_OK)
		return err;
	return account_set_role_by_id(
		auth, call, operator_of(auth, call), user.id, role);
}

/* In a transaction. */
static enum err everybody_write(
	struct auth *auth, const struct auth_call *call, const char *event)
{
	enum err err = db_run(auth->db, everybody_end_sql,
		BINDS(bind_int(":now", call->now)), NULL);

	if (err == ERR_OK)
		err = db_run(auth->db, everybody_keys_sql, NO_BINDS, NULL);
	if (err == ERR_OK)
		err = db_run(auth->db, everybody_hooks_sql, NO_BINDS, NULL);
	if (err != ERR_OK)
		return err;
	return note_write(auth, call,
		&(const struct note){.event = event,
			.actor = "operator",
			.detail = "everybody"});
}

static enum err everybody_end(struct auth *auth, const struct auth_call *call)
{
	static const char event[] = "auth.sessions.ended";
	enum err err = call_check(call);

	if (err == ERR_OK)
		err = db_begin(auth->db);
	if (err != ERR_OK)
		return err;
	err = db_finish(auth->db, everybody_write(auth, call, event));
	if (err == ERR_OK)
		report_event(call->report, event);
	return err;
}

enum err account_end_sessions(
	struct auth *auth, const struct auth_call *call, const char *username)
{
	struct user_row user;
	enum err err;

	if (!username)
		return everybody_end(auth, call);
	err = user_must_exist(auth, call, username, &user);
	if (err != ERR_OK)
		return err;
	return account_end_sessions_of(
		auth, call, operator_of(auth, call), user.id);
}

/* In a transaction. */
static enum err keys_write(struct auth *auth, const struct auth_call *call,
	const char *user_id, const char *event)
{
	enum err err = api_keys_remove(auth, user_id);

	if (err != ERR_OK)
		return err;
	return note_write(auth, call,
		&(const struct note){.event = event,
			.actor = "operator",
			.object = user_id});
}

enum err account_revoke_keys(
	struct auth *auth, const struct auth_call *call, const char *username)
{
	static const char event[] = "auth.api_keys.removed";
	struct user_row user;
	enum err err = user_must_exist(auth, call, username, &user);

	if (err == ERR_OK)
		err = db_begin(auth->db);
	if (err != ERR_OK)
		return err;
	err = db_finish(auth->db, keys_write(auth, call, user.id, event));
	if (err == ERR_OK)
		report_event(call->report, event);
	return err;
}
