/*
 * The operator's acts on accounts. Whatever takes a right away ends the
 * user's sessions and API keys in the same transaction; the last admin
 * stays one.
 */
#include "session_private.h"

#include "api_key_private.h"
#include "login_delay_private.h"
#include "text.h"

enum {
	ENDED_KEPT_MS = 24 * 60 * MINUTE_MS /* for the operator to look at */
};

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
static const char everybody_end_sql[] =
	"UPDATE sessions SET ended_at = :now, end_reason = 'operator',"
	" successor = NULL WHERE ended_at IS NULL";
static const char everybody_keys_sql[] = "DELETE FROM api_keys";
static const char users_list_sql[] =
	"SELECT id, username, role, disabled, created_at, last_login_at"
	" FROM users ORDER BY username_key";

static const char tokens_clean_sql[] =
	"DELETE FROM token_blacklist WHERE expires_at <= :before";
static const char used_clean_sql[] =
	"DELETE FROM refresh_tokens_used WHERE expires_at <= :before";
static const char sessions_clean_sql[] =
	"DELETE FROM sessions WHERE expires_at <= :before";
/* Sessions that somebody ended: their tokens are refused without a row too */
static const char ended_used_clean_sql[] =
	"DELETE FROM refresh_tokens_used WHERE session_id IN"
	" (SELECT id FROM sessions WHERE ended_at <= :before)";
static const char ended_clean_sql[] =
	"DELETE FROM sessions WHERE ended_at <= :before";
static const char setup_clean_sql[] =
	"DELETE FROM setup_tokens WHERE expires_at <= :before";
static const char failures_clean_sql[] =
	"DELETE FROM login_failures WHERE last_at <= :before";

enum err user_must_exist(struct auth *auth, const struct auth_call *call,
	const char *username, struct user_row *out)
{
	bool found;
	enum err err = call_check(call);

	if (err == ERR_OK)
		err = user_by_name(auth, call->arena, username, out, &found);
	if (err != ERR_OK || found)
		return err;
	report_detail(call->report, "There is no user of that name.");
	return ERR_NOT_FOUND;
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

static enum err everybody_end(struct auth *auth, int64_t now_ms)
{
	enum err err = db_run(auth->db, everybody_end_sql,
		BINDS(bind_int(":now", now_ms)), NULL);

	if (err != ERR_OK)
		return err;
	return db_run(auth->db, everybody_keys_sql, NO_BINDS, NULL);
}

static enum err change_and_end(struct auth *auth, const struct auth_call *call,
	const char *user_id, const char *sql, const char *reason)
{
	enum err err = db_begin(auth->db);

	if (err != ERR_OK)
		return err;
	err = user_change(auth, call, user_id, sql);
	if (err == ERR_OK)
		err = all_end(auth, call->now, user_id, reason);
	return db_finish(auth->db, err);
}

enum err account_set_disabled(struct auth *auth, const struct auth_call *call,
	const char *username, bool disabled)
{
	struct user_row user;
	enum err err = user_must_exist(auth, call, username, &user);

	if (err == ERR_OK)
		err = change_and_end(auth, call, user.id,
			disabled ? user_disable_sql : user_enable_sql,
			"disabled");
	if (err == ERR_OK)
		report_event(call->report,
			disabled ? "auth.user.disabled" : "auth.user.enabled");
	return err;
}

enum err account_set_role(struct auth *auth, const struct auth_call *call,
	const char *username, enum auth_role role)
{
	struct user_row user;
	enum err err = user_must_exist(auth, call, username, &user);

	if (err == ERR_OK)
		err = change_and_end(auth, call, user.id,
			role == AUTH_ROLE_ADMIN ? user_raise_sql
						: user_lower_sql,
			"role");
	if (err == ERR_OK)
		report_event(call->report, "auth.user.role");
	return err;
}

enum err account_end_sessions(
	struct auth *auth, const struct auth_call *call, const char *username)
{
	struct user_row user;
	enum err err = call_check(call);

	if (err == ERR_OK && username)
		err = user_must_exist(auth, call, username, &user);
	if (err == ERR_OK)
		err = db_begin(auth->db);
	if (err != ERR_OK)
		return err;
	err = username ? all_end(auth, call->now, user.id, "operator")
		       : everybody_end(auth, call->now);
	err = db_finish(auth->db, err);
	if (err == ERR_OK)
		report_event(call->report, "auth.sessions.ended");
	return err;
}

enum err account_revoke_keys(
	struct auth *auth, const struct auth_call *call, const char *username)
{
	struct user_row user;
	enum err err = user_must_exist(auth, call, username, &user);

	if (err == ERR_OK)
		err = api_keys_remove(auth, user.id);
	if (err == ERR_OK)
		report_event(call->report, "auth.api_keys.removed");
	return err;
}

enum err account_list(struct auth *auth, const struct auth_call *call,
	struct account_row **out, size_t *count)
{
	struct account_row *list = NULL;
	size_t found = 0, room = 0;
	struct rows *rows;
	bool more;
	enum err err = db_query(
		auth->db, call->arena, users_list_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	while ((err = rows_next(rows, &more)) == ERR_OK && more) {
		list = list_grow(
			call->arena, list, found, &room, sizeof(*list));
		list[found++] = (struct account_row){
			.id = rows_text(rows, 0),
			.username = rows_text(rows, 1),
			.role = rows_text(rows, 2),
			.disabled = rows_int(rows, 3) != 0,
			.created = rows_int(rows, 4),
			.last_login = rows_int(rows, 5),
		};
	}
	rows_end(rows);
	if (err != ERR_OK)
		return err;
	*out = list;
	*count = found;
	return ERR_OK;
}

enum err account_clean(
	struct auth *auth, const struct auth_call *call, int64_t *removed)
{
	const struct {
		const char *sql;
		int64_t before;
	} steps[] = {
		{tokens_clean_sql, call->now},
		{used_clean_sql, call->now},
		{sessions_clean_sql, call->now},
		{ended_used_clean_sql, call->now - ENDED_KEPT_MS},
		{ended_clean_sql, call->now - ENDED_KEPT_MS},
		{setup_clean_sql, call->now},
		{failures_clean_sql,
			call->now - login_forget_ms(&auth->settings)},
	};
	int64_t total = 0;
	enum err err = call_check(call);

	/* each on its own: nobody waits long for the write lock */
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		int64_t changed = 0;

		if (err == ERR_OK)
			err = db_run(auth->db, steps[i].sql,
				BINDS(bind_int(":before", steps[i].before)),
				&changed);
		total += changed;
	}
	if (err == ERR_OK)
		*removed = total;
	return err;
}
