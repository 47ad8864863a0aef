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

/* One way out of a session, or of all. */
struct ending {
	const char *session_id; /* NULL: all of the user's */
	const char *event;
	bool ended_is_fine; /* meanwhile, from elsewhere: as wanted */
};

/* In a transaction: with the blacklist entry, as both or neither. */
static enum err ending_write(struct auth *auth, const struct auth_call *call,
	const struct identity *who, const struct ending *ending)
{
	const char *session_id = ending->session_id;
	enum err err;

	if (!session_id)
		err = sessions_end(
			auth, call->now, who->user_id, NULL, "logout_all");
	else
		err = session_end(
			auth, call->now, who->user_id, session_id, "logout");
	if (err == ERR_NOT_FOUND && ending->ended_is_fine)
		err = ERR_OK;
	if (err == ERR_OK &&
		(!session_id || text_equal(session_id, who->session_id)))
		err = token_revoke(auth, call->now, who);
	if (err != ERR_OK)
		return err;
	return note_write(auth, call,
		&(const struct note){.event = ending->event,
			.actor = who->user_id,
			.object = session_id ? session_id : who->user_id});
}

static enum err end_and_revoke(struct auth *auth, const struct auth_call *call,
	const struct identity *who, const struct ending *ending)
{
	enum err err = call_check(call);

	if (err != ERR_OK)
		return err;
	if (!who->session_id)
		return ERR_INSUFFICIENT_SCOPE;
	err = db_begin(auth->db);
	if (err != ERR_OK)
		return err;
	err = db_finish(auth->db, ending_write(auth, call, who, ending));
	if (err == ERR_OK)
		report_event(call->report, ending->event);
	return err;
}

enum err account_logout(struct auth *auth, const struct auth_call *call,
	const struct identity *who)
{
	return end_and_revoke(auth, call, who,
		&(const struct ending){.session_id = who->session_id,
			.event = "auth.logout",
			.ended_is_fine = true});
}

enum err account_logout_all(struct auth *auth, const struct auth_call *call,
	const struct identity *who)
{
	return end_and_revoke(auth, call, who,
		&(const struct ending){.event = "auth.logout_all"});
}

enum err account_session_end(struct auth *auth, const struct auth_call *call,
	const struct identity *who, const char *session_id)
{
	return end_and_revoke(auth, call, who,
		&(const struct ending){.session_id = session_id,
			.event = "auth.session.ended"});
}

static void view_read(const struct rows *rows, const char *current_id,
	struct session_view *out)
{
	*out = (struct session_view){
		.id = rows_text(rows, 0),
		.address = rows_text(rows, 1),
		.user_agent = rows_text(rows, 2),
		.created_at = {rows_int(rows, 3)},
		.last_seen_at = {rows_int(rows, 4)},
		.expires_at = {rows_int(rows, 5)},
		.current = current_id &&
			   text_equal(rows_text(rows, 0), current_id),
	};
}

/* current_id: the caller's own, or NULL. */
static enum err sessions_list(struct auth *auth, const struct auth_call *call,
	const char *user_id, const char *current_id, struct list *out)
{
	struct session_view *views = NULL;
	struct list list = {0};
	size_t room = 0;
	struct rows *rows;
	bool more;
	enum err err = db_query(auth->db, call->arena, session_list_sql,
		BINDS(bind_text(":user", user_id), bind_int(":now", call->now),
			bind_int(":idle_since",
				call->now -
					auth->settings.session_idle_s * MS)),
		&rows);

	if (err != ERR_OK)
		return err;
	while ((err = rows_next(rows, &more)) == ERR_OK && more) {
		views = list_grow(
			call->arena, views, list.count, &room, sizeof(*views));
		view_read(rows, current_id, &views[list.count++]);
	}
	rows_end(rows);
	if (err != ERR_OK)
		return err;
	list.items = views;
	*out = list;
	return ERR_OK;
}

enum err account_sessions(struct auth *auth, const struct auth_call *call,
	const struct identity *who, struct list *out)
{
	return sessions_list(auth, call, who->user_id, who->session_id, out);
}

enum err account_sessions_of(struct auth *auth, const struct auth_call *call,
	const char *user_id, struct list *out)
{
	struct user_row user;
	enum err err = user_must_be(auth, call, user_id, &user);

	return err == ERR_OK ? sessions_list(auth, call, user_id, NULL, out)
			     : err;
}

enum err account_me(struct auth *auth, const struct auth_call *call,
	const struct identity *who, struct me *out)
{
	struct user_row user;
	const char *csrf = NULL;
	enum err err = user_must_be(auth, call, who->user_id, &user);

	if (err == ERR_OK && who->by_cookie)
		err = auth_csrf_make(auth, call, who->session_id, &csrf);
	if (err != ERR_OK)
		return err;
	*out = (struct me){
		.id = user.id,
		.username = user.username,
		.role = role_name(user.role),
		.email = user.email,
		.scopes = scopes_permitted(call->arena, who),
		.session_id = who->session_id,
		.csrf_token = csrf,
		.created_at = {user.created},
	};
	return ERR_OK;
}
