/*
 * A user's sessions: the list, ending one, ending all, logging out. Ending
 * commits before the answer goes out, so the next request, in any worker
 * and after any crash, finds the session dead.
 */
#include "session_private.h"

#include "text.h"

static const char session_list_sql[] =
	"SELECT id, address, user_agent, created_at, last_seen_at, expires_at"
	" FROM sessions WHERE user_id = :user AND ended_at IS NULL"
	" AND expires_at > :now AND last_seen_at > :idle_since"
	" ORDER BY last_seen_at DESC, id DESC";

/* With the blacklist entry, as both or neither. but: NULL, or kept. */
static enum err end_and_revoke(struct auth *auth, const struct auth_call *call,
	const struct identity *who, const char *session_id)
{
	enum err err = db_begin(auth->db);

	if (err != ERR_OK)
		return err;
	if (!session_id)
		err = sessions_end(
			auth, call->now, who->user_id, NULL, "logout_all");
	else
		err = session_end(
			auth, call->now, who->user_id, session_id, "logout");
	if (err == ERR_OK &&
		(!session_id || text_equal(session_id, who->session_id)))
		err = token_revoke(auth, call->now, who);
	return db_finish(auth->db, err);
}

enum err account_logout(struct auth *auth, const struct auth_call *call,
	const struct identity *who)
{
	enum err err = call_check(call);

	if (err != ERR_OK)
		return err;
	if (!who->session_id)
		return ERR_INSUFFICIENT_SCOPE;
	err = end_and_revoke(auth, call, who, who->session_id);
	/* ended meanwhile from elsewhere: as wanted */
	if (err == ERR_NOT_FOUND)
		err = ERR_OK;
	if (err == ERR_OK)
		report_event(call->report, "auth.logout");
	return err;
}

enum err account_logout_all(struct auth *auth, const struct auth_call *call,
	const struct identity *who)
{
	enum err err = call_check(call);

	if (err != ERR_OK)
		return err;
	if (!who->session_id)
		return ERR_INSUFFICIENT_SCOPE;
	err = end_and_revoke(auth, call, who, NULL);
	if (err == ERR_OK)
		report_event(call->report, "auth.logout_all");
	return err;
}

enum err account_session_end(struct auth *auth, const struct auth_call *call,
	const struct identity *who, const char *session_id)
{
	enum err err = call_check(call);

	if (err != ERR_OK)
		return err;
	if (!who->session_id)
		return ERR_INSUFFICIENT_SCOPE;
	err = end_and_revoke(auth, call, who, session_id);
	if (err == ERR_OK)
		report_event(call->report, "auth.session.ended");
	return err;
}

static void view_read(const struct rows *rows, const struct identity *who,
	struct session_view *out)
{
	*out = (struct session_view){
		.id = rows_text(rows, 0),
		.address = rows_text(rows, 1),
		.user_agent = rows_text(rows, 2),
		.created_at = {rows_int(rows, 3)},
		.last_seen_at = {rows_int(rows, 4)},
		.expires_at = {rows_int(rows, 5)},
		.current = who->session_id &&
			   text_equal(rows_text(rows, 0), who->session_id),
	};
}

enum err account_sessions(struct auth *auth, const struct auth_call *call,
	const struct identity *who, struct list *out)
{
	struct session_view *views = NULL;
	struct list list = {0};
	size_t room = 0;
	struct rows *rows;
	bool more;
	enum err err = db_query(auth->db, call->arena, session_list_sql,
		BINDS(bind_text(":user", who->user_id),
			bind_int(":now", call->now),
			bind_int(":idle_since",
				call->now -
					auth->settings.session_idle_s * MS)),
		&rows);

	if (err != ERR_OK)
		return err;
	while ((err = rows_next(rows, &more)) == ERR_OK && more) {
		views = list_grow(
			call->arena, views, list.count, &room, sizeof(*views));
		view_read(rows, who, &views[list.count++]);
	}
	rows_end(rows);
	if (err != ERR_OK)
		return err;
	list.items = views;
	*out = list;
	return ERR_OK;
}

enum err account_me(struct auth *auth, const struct auth_call *call,
	const struct identity *who, struct me *out)
{
	struct user_row user;
	bool found;
	enum err err =
		user_by_id(auth, call->arena, who->user_id, &user, &found);

	if (err != ERR_OK)
		return err;
	if (!found)
		return ERR_NOT_FOUND;
	*out = (struct me){
		.id = user.id,
		.username = user.username,
		.role = role_name(user.role),
		.email = user.email,
		.scopes = scopes_permitted(call->arena, who),
		.session_id = who->session_id,
		.created_at = {user.created},
	};
	return ERR_OK;
}
