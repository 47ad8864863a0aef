/*
 * Accounts as an admin sees them: a page of them, or one. Never shows a
 * password's hash.
 */
#include "session_private.h"

#include "text.h"

#define ACCOUNT_COLUMNS                                                \
	"u.id, u.username, u.role, u.email, u.disabled, u.created_at," \
	" u.last_login_at, (SELECT count(*) FROM sessions s"           \
	" WHERE s.user_id = u.id AND s.ended_at IS NULL"               \
	" AND s.expires_at > :now AND s.last_seen_at > :idle_since)"

static const char accounts_sql[] =
	"SELECT " ACCOUNT_COLUMNS ", u.username_key FROM users u"
	" WHERE u.username_key > :after"
	" AND (:role IS NULL OR u.role = :role)"
	" AND (:disabled IS NULL OR u.disabled = :disabled)"
	" AND substr(u.username_key, 1, length(:name)) = :name"
	" ORDER BY u.username_key LIMIT :limit";
static const char account_sql[] =
	"SELECT " ACCOUNT_COLUMNS " FROM users u WHERE u.id = :id";

enum {
	KEY_COLUMN = 8
};

static void account_read(
	struct arena *arena, const struct rows *rows, struct account_row *out)
{
	*out = (struct account_row){
		.id = rows_text(rows, 0),
		.username = rows_text(rows, 1),
		.role = rows_text(rows, 2),
		.email = rows_text(rows, 3),
		.disabled = rows_int(rows, 4) != 0,
		.created_at = {rows_int(rows, 5)},
		.last_login_at = rows_time(arena, rows, 6),
		.sessions = rows_int(rows, 7),
	};
}

static struct bind disabled_bind(const char *state)
{
	if (!state)
		return bind_null(":disabled");
	return bind_int(":disabled", text_equal(state, "disabled"));
}

/* One row more than asked for says whether there is a next page. */
enum err account_list(struct auth *auth, const struct auth_call *call,
	const struct account_query *query, struct account_page *out)
{
	struct account_page page = {0};
	struct account_row *list = NULL;
	size_t room = 0;
	const char *last = NULL;
	struct rows *rows;
	bool more;
	enum err err = db_query(auth->db, call->arena, accounts_sql,
		BINDS(bind_int(":now", call->now),
			bind_int(":idle_since",
				call->now - auth->settings.session_idle_s * MS),
			bind_text(":after", query->cursor ? query->cursor : ""),
			bind_text(":role", query->role),
			disabled_bind(query->state),
			bind_text(":name",
				username_fold(call->arena,
					query->name ? query->name : "")),
			bind_int(":limit", query->limit + 1)),
		&rows);

	if (err != ERR_OK)
		return err;
	while ((err = rows_next(rows, &more)) == ERR_OK && more) {
		if ((int64_t)page.rows.count == query->limit) {
			page.next = last;
			break;
		}
		list = list_grow(call->arena, list, page.rows.count, &room,
			sizeof(*list));
		account_read(call->arena, rows, &list[page.rows.count++]);
		last = rows_text(rows, KEY_COLUMN);
	}
	rows_end(rows);
	if (err != ERR_OK)
		return err;
	page.rows.items = list;
	*out = page;
	return ERR_OK;
}

enum err account_get_by_id(struct auth *auth, const struct auth_call *call,
	const char *user_id, struct account_row *out)
{
	struct rows *rows;
	enum err err = db_first(auth->db, call->arena, account_sql,
		BINDS(bind_int(":now", call->now),
			bind_int(":idle_since",
				call->now - auth->settings.session_idle_s * MS),
			bind_text(":id", user_id)),
		&rows);

	if (err != ERR_OK)
		return err;
	if (!rows)
		return ERR_NOT_FOUND;
	account_read(call->arena, rows, out);
	rows_end(rows);
	return ERR_OK;
}
