/*
 * Users in the database: found by name or id, checked, inserted. Shared by
 * the account_*.c files. Never hands a password hash to anybody outside.
 */
#include "auth_private.h"

#include "id.h"
#include "text.h"

enum {
	USERNAME_LENGTH_MIN = 3,
	USERNAME_LENGTH_LIMIT = 32,
	EMAIL_LENGTH_LIMIT = 254,
};

#define USER_COLUMNS \
	"id, username, email, password_hash, role, disabled, created_at"

static const char user_by_name_sql[] =
	"SELECT " USER_COLUMNS " FROM users WHERE username_key = :key";
static const char user_by_id_sql[] =
	"SELECT " USER_COLUMNS " FROM users WHERE id = :id";
static const char user_insert_sql[] =
	"INSERT INTO users (id, username, username_key, email, password_hash,"
	" role, created_at, password_at)"
	" VALUES (:id, :username, :key, :email, :hash, :role, :now, :now)";

enum err call_check(const struct auth_call *call)
{
	return call->now < 0 ? ERR_UNAVAILABLE : ERR_OK;
}

enum err db_first(struct db *db, struct arena *arena, const char *sql,
	const struct bind *binds, struct rows **rows)
{
	struct rows *result;
	bool more;
	enum err err = db_query(db, arena, sql, binds, &result);

	if (err != ERR_OK)
		return err;
	err = rows_next(result, &more);
	if (err != ERR_OK || !more)
		rows_end(result);
	if (err != ERR_OK)
		return err;
	*rows = more ? result : NULL;
	return ERR_OK;
}

enum err db_finish(struct db *db, enum err err)
{
	if (err == ERR_OK)
		err = db_commit(db);
	if (err != ERR_OK)
		db_rollback(db);
	return err;
}

void *list_grow(struct arena *arena, void *items, size_t count, size_t *room,
	size_t size)
{
	void *more;

	if (count < *room)
		return items;
	*room = *room ? 2 * *room : 8;
	more = arena_array(arena, *room, size);
	if (count > 0)
		memcpy(more, items, count * size);
	return more;
}

const char *username_fold(struct arena *arena, const char *username)
{
	return text_lower(arena, username);
}

const char *role_name(enum auth_role role)
{
	return role == AUTH_ROLE_ADMIN ? "admin" : "user";
}

static void user_read(struct rows *rows, struct user_row *out)
{
	*out = (struct user_row){
		.id = rows_text(rows, 0),
		.username = rows_text(rows, 1),
		.email = rows_text(rows, 2),
		.password_hash = rows_text(rows, 3),
		.role = text_equal(rows_text(rows, 4), "admin")
				? AUTH_ROLE_ADMIN
				: AUTH_ROLE_USER,
		.disabled = rows_int(rows, 5) != 0,
		.created = rows_int(rows, 6),
	};
	rows_end(rows);
}

enum err user_by_name(struct auth *auth, struct arena *arena,
	const char *username, struct user_row *out, bool *found)
{
	struct rows *rows;
	enum err err = db_first(auth->db, arena, user_by_name_sql,
		BINDS(bind_text(":key", username_fold(arena, username))),
		&rows);

	if (err != ERR_OK)
		return err;
	*found = rows != NULL;
	if (rows)
		user_read(rows, out);
	return ERR_OK;
}

enum err user_by_id(struct auth *auth, struct arena *arena, const char *id,
	struct user_row *out, bool *found)
{
	struct rows *rows;
	enum err err = db_first(auth->db, arena, user_by_id_sql,
		BINDS(bind_text(":id", id)), &rows);

	if (err != ERR_OK)
		return err;
	*found = rows != NULL;
	if (rows)
		user_read(rows, out);
	return ERR_OK;
}

enum err user_must_be(struct auth *auth, const struct auth_call *call,
	const char *user_id, struct user_row *out)
{
	bool found;
	enum err err = user_by_id(auth, call->arena, user_id, out, &found);

	if (err != ERR_OK || found)
		return err;
	report_detail(call->report, "There is no such user.");
	return ERR_NOT_FOUND;
}

enum err actor_must_be_admin(
	struct auth *auth, const struct auth_call *call, const char *actor)
{
	struct user_row user;
	bool found;
	enum err err;

	if (!actor || text_equal(actor, "operator"))
		return ERR_OK;
	err = user_by_id(auth, call->arena, actor, &user, &found);
	if (err != ERR_OK)
		return err;
	if (found && user.role == AUTH_ROLE_ADMIN && !user.disabled)
		return ERR_OK;
	report_detail(call->report, "You are no admin any more.");
	return ERR_CONFLICT;
}

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

static bool check_username(const char *name, struct report *report)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";
	size_t len = strlen(name);
	bool fine = true;

	if (len < USERNAME_LENGTH_MIN || len > USERNAME_LENGTH_LIMIT) {
		report_fault(report, "/username",
			"must have %d to %d characters", USERNAME_LENGTH_MIN,
			USERNAME_LENGTH_LIMIT);
		fine = false;
	}
	if (strspn(name, letters) != len) {
		report_fault(report, "/username",
			"may have letters a to z, digits, '.', '_' and '-'");
		fine = false;
	}
	return fine;
}

static bool check_email(const char *email, struct report *report)
{
	size_t len = strlen(email);
	const char *at = strchr(email, '@');

	if (len <= EMAIL_LENGTH_LIMIT && at && at != email && at[1] &&
		!strchr(at + 1, '@') && !strchr(email, ' ') &&
		!text_has_control(email, len))
		return true;
	report_fault(report, "/email", "must be an e-mail address");
	return false;
}

enum err user_check(const struct auth_call *call, const struct user_new *in)
{
	bool fine = check_username(in->username, call->report);

	if (in->email && !check_email(in->email, call->report))
		fine = false;
	if (password_check(in->password, in->username, in->email, "/password",
		    call->report) != ERR_OK)
		fine = false;
	return fine ? ERR_OK : ERR_BAD_INPUT;
}

enum err user_insert(struct auth *auth, const struct auth_call *call,
	const struct user_insertion *user, struct user_view *out)
{
	const struct user_new *in = user->in;
	const char *id = id_new(call->arena, call->now);
	enum err err = db_run(auth->db, user_insert_sql,
		BINDS(bind_text(":id", id),
			bind_text(":username", in->username),
			bind_text(":key",
				username_fold(call->arena, in->username)),
			bind_text(":email", in->email),
			bind_text(":hash", user->password_hash),
			bind_text(":role", role_name(user->role)),
			bind_int(":now", call->now)),
		NULL);

	if (err == ERR_CONFLICT)
		report_detail(call->report, "This user name is taken.");
	if (err == ERR_OK)
		err = note_write(auth, call,
			&(const struct note){.event = "auth.user.created",
				.actor = user->actor ? user->actor : id,
				.object = id,
				.detail = role_name(user->role)});
	if (err != ERR_OK)
		return err;
	*out = (struct user_view){
		.id = id,
		.username = arena_text(call->arena, in->username),
		.role = role_name(user->role),
	};
	return ERR_OK;
}
