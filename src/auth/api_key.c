/*
 * API keys: kontor_<id>.<secret>. The secret has 256 random bits, is shown
 * once and kept as a keyed hash; a key has scopes of its own, an end if its
 * owner wants one, and can never make or remove keys.
 */
#include "api_key_private.h"

#include "buf.h"
#include "id.h"
#include "secret.h"
#include "text.h"

enum {
	SECRET_BYTES = 32,
	SECRET_CHARACTERS = 43,
	HINT_CHARACTERS = 4,
	NAME_LIMIT = 64, /* characters */
	SCOPES_TEXT_LIMIT = 1024,
	USED_EVERY_MS = MINUTE_MS,
};

static const char prefix[] = "kontor_";

#define KEY_COLUMNS \
	"id, name, hint, scopes, created_at, expires_at, last_used_at"

static const char key_find_sql[] =
	"SELECT k.user_id, k.secret_hash, k.scopes, k.expires_at,"
	" k.last_used_at, u.username, u.role, u.disabled"
	" FROM api_keys k JOIN users u ON u.id = k.user_id WHERE k.id = :id";
static const char key_used_sql[] =
	"UPDATE api_keys SET last_used_at = :now"
	" WHERE user_id = :user AND id = :id"
	" AND (last_used_at IS NULL OR last_used_at <= :before)";
static const char key_count_sql[] =
	"SELECT count(*) FROM api_keys WHERE user_id = :user";
static const char key_insert_sql[] =
	"INSERT INTO api_keys (user_id, id, name, secret_hash, hint, scopes,"
	" created_at, expires_at)"
	" SELECT user_id, :id, :name, :hash, :hint, :scopes, :now, :expires"
	" FROM sessions"
	" WHERE user_id = :user AND id = :session AND ended_at IS NULL";
static const char key_list_sql[] =
	"SELECT " KEY_COLUMNS " FROM api_keys WHERE user_id = :user"
	" ORDER BY created_at, id";
static const char key_remove_sql[] =
	"DELETE FROM api_keys WHERE user_id = :user AND id = :id";
/* They stay, off, with their bounds: whoever is the owner still switches them
   on again, or gives them another secret. */
static const char hooks_off_sql[] =
	"UPDATE hooks SET enabled = 0 WHERE user_id = :user AND enabled = 1";
static const char keys_remove_sql[] =
	"DELETE FROM api_keys WHERE user_id = :user";

/* "<id>.<secret>": the id is hashed along, so that rows cannot be swapped. */
static bool key_parse(struct arena *arena, const char *text, const char **id)
{
	const size_t head = sizeof(prefix) - 1;
	unsigned char *bytes;
	size_t len;

	if (strnlen(text, 128) != head + ID_LENGTH + 1 + SECRET_CHARACTERS ||
		!text_starts(text, prefix) || text[head + ID_LENGTH] != '.')
		return false;
	if (text_base64url_decode(arena, text + head + ID_LENGTH + 1,
		    SECRET_CHARACTERS, &bytes, &len) != ERR_OK)
		return false;
	*id = arena_copy(arena, text + head, ID_LENGTH);
	return len == SECRET_BYTES && id_is_valid(*id);
}

struct key_row {
	struct identity identity;
	const unsigned char *hash;
	size_t hash_len;
	int64_t expires; /* 0: never */
	int64_t last_used;
	bool disabled;
};

static enum err key_find(struct auth *auth, struct arena *arena, const char *id,
	struct key_row *out, bool *found)
{
	struct rows *rows;
	enum err err = db_first(auth->db, arena, key_find_sql,
		BINDS(bind_text(":id", id)), &rows);

	if (err != ERR_OK)
		return ERR_UNAVAILABLE;
	*found = rows != NULL;
	if (!rows)
		return ERR_OK;
	*out = (struct key_row){
		.identity = {.user_id = rows_text(rows, 0),
			.api_key_id = id,
			.scopes = scopes_parse(arena, rows_text(rows, 2)),
			.username = rows_text(rows, 5),
			.role = text_equal(rows_text(rows, 6), "admin")
					? AUTH_ROLE_ADMIN
					: AUTH_ROLE_USER},
		.expires = rows_int(rows, 3),
		.last_used = rows_int(rows, 4),
		.disabled = rows_int(rows, 7) != 0,
	};
	out->identity.token_expires = out->expires;
	out->hash = rows_blob(rows, 1, &out->hash_len);
	rows_end(rows);
	return ERR_OK;
}

static bool hash_matches(
	const struct hash_set *given, const struct key_row *row)
{
	for (size_t i = 0; i < given->count; i++)
		if (secret_equal(given->hash[i], HASH_BYTES, row->hash,
			    row->hash_len))
			return true;
	return false;
}

static enum err key_invalid(struct auth *auth, const struct auth_call *call)
{
	count_check(auth, CHECK_INVALID);
	report_event(call->report, "auth.api_key.invalid");
	return ERR_TOKEN_INVALID;
}

/* At most once a minute, and never waiting for a writer. */
static void key_used(struct auth *auth, const struct auth_call *call,
	const struct key_row *row)
{
	enum err err;

	if (call->now - row->last_used < USED_EVERY_MS)
		return;
	err = db_try_run(auth->db, key_used_sql,
		BINDS(bind_int(":now", call->now),
			bind_text(":user", row->identity.user_id),
			bind_text(":id", row->identity.api_key_id),
			bind_int(":before", call->now - USED_EVERY_MS)),
		NULL);
	/* the decision was read already; the next use notes it */
	(void)err;
}

enum err api_key_identify(struct auth *auth, const struct auth_call *call,
	const char *text, struct identity *out)
{
	struct hash_set given;
	struct key_row row;
	const char *id;
	bool found;
	enum err err;

	if (!key_parse(call->arena, text, &id))
		return key_invalid(auth, call);
	err = hash_all(&auth->hashes, call->now, HASH_API_KEY,
		text + sizeof(prefix) - 1, &given);
	if (err == ERR_OK)
		err = key_find(auth, call->arena, id, &row, &found);
	if (err != ERR_OK)
		return err;
	if (!found || !hash_matches(&given, &row))
		return key_invalid(auth, call);
	if (row.expires > 0 && row.expires <= call->now) {
		count_check(auth, CHECK_EXPIRED);
		report_event(call->report, "auth.api_key.invalid");
		return ERR_TOKEN_INVALID;
	}
	if (row.disabled) {
		count_check(auth, CHECK_REVOKED);
		report_detail(call->report, "Token has been revoked");
		report_event(call->report, "auth.token.revoked");
		return ERR_TOKEN_REVOKED;
	}
	count_check(auth, CHECK_VALID);
	key_used(auth, call, &row);
	*out = row.identity;
	return ERR_OK;
}

static bool check_scopes(const struct auth_call *call,
	const struct identity *who, const struct text_list *scopes)
{
	bool fine = scopes->count > 0;

	if (!fine)
		report_fault(call->report, "/scopes", "must have at least one");
	for (size_t i = 0; i < scopes->count; i++) {
		if (auth_permits(who, scopes->items[i]))
			continue;
		report_fault(call->report,
			report_pointer_index(call->arena, "/scopes", i),
			"is not a permission that you have");
		fine = false;
	}
	return fine;
}

static enum err key_check(const struct auth_call *call,
	const struct identity *who, const struct api_key_new *in)
{
	size_t len = strlen(in->name);
	bool fine = check_scopes(call, who, &in->scopes);

	if (len == 0 || !text_is_utf8(in->name, len) ||
		text_characters(in->name) > NAME_LIMIT ||
		text_has_control(in->name, len)) {
		report_fault(call->report, "/name",
			"must have 1 to %d characters", NAME_LIMIT);
		fine = false;
	}
	if (in->expires_at && in->expires_at->ms <= call->now) {
		report_fault(
			call->report, "/expires_at", "must be in the future");
		fine = false;
	}
	return fine ? ERR_OK : ERR_BAD_INPUT;
}

/* Each once, in the table's order. */
static const char *scopes_join(
	struct arena *arena, const struct text_list *scopes)
{
	struct buf text;

	buf_init(&text, arena, SCOPES_TEXT_LIMIT);
	for (const char *const *known = auth_permissions; *known; known++) {
		bool wanted = false;

		for (size_t i = 0; i < scopes->count && !wanted; i++)
			wanted = text_equal(scopes->items[i], *known);
		if (!wanted)
			continue;
		if (text.len > 0)
			buf_char(&text, ' ');
		buf_text(&text, *known);
	}
	return text.data;
}

static enum err key_insert(struct auth *auth, const struct auth_call *call,
	const struct identity *who, const struct api_key_new *in,
	struct api_key_created *out)
{
	const char *id = id_new(call->arena, call->now);
	unsigned char secret[SECRET_BYTES], hash[HASH_BYTES];
	const char *scopes = scopes_join(call->arena, &in->scopes);
	const char *secret_text, *text;
	int64_t changed;
	enum err err;

	random_bytes(secret, sizeof(secret));
	secret_text = text_base64url(call->arena, secret, sizeof(secret));
	secret_wipe(secret, sizeof(secret));
	text = arena_format(call->arena, "%s%s.%s", prefix, id, secret_text);
	out->secret = text;
	out->view = (struct api_key_view){
		.id = id,
		.name = arena_text(call->arena, in->name),
		.hint = secret_text + SECRET_CHARACTERS - HINT_CHARACTERS,
		.scopes = scopes_parse(call->arena, scopes),
		.created_at = {call->now},
		.expires_at = in->expires_at,
	};
	err = hash_make(&auth->hashes, HASH_API_KEY, text + sizeof(prefix) - 1,
		strlen(text) - (sizeof(prefix) - 1), hash);
	if (err != ERR_OK)
		return err;
	err = db_run(auth->db, key_insert_sql,
		BINDS(bind_text(":user", who->user_id),
			bind_text(":session", who->session_id),
			bind_text(":id", id), bind_text(":name", in->name),
			bind_blob(":hash", hash, sizeof(hash)),
			bind_text(":hint", out->view.hint),
			bind_text(":scopes", scopes),
			bind_int(":now", call->now),
			in->expires_at
				? bind_int(":expires", in->expires_at->ms)
				: bind_null(":expires")),
		&changed);
	/* what ended the session since has removed all keys: none after it */
	if (err == ERR_OK && changed != 1)
		err = ERR_TOKEN_REVOKED;
	return err;
}

static enum err key_count_check(struct auth *auth, const struct auth_call *call,
	const struct identity *who)
{
	struct rows *rows;
	int64_t count;
	enum err err = db_first(auth->db, call->arena, key_count_sql,
		BINDS(bind_text(":user", who->user_id)), &rows);

	if (err != ERR_OK || !rows)
		return err;
	count = rows_int(rows, 0);
	rows_end(rows);
	if (count < auth->settings.api_keys_per_user)
		return ERR_OK;
	report_detail(call->report, "You have as many API keys as allowed.");
	return ERR_CONFLICT;
}

static const char created_event[] = "auth.api_key.created";
static const char removed_event[] = "auth.api_key.removed";

static enum err key_note(struct auth *auth, const struct auth_call *call,
	const struct identity *who, const char *event, const char *key_id)
{
	return note_write(auth, call,
		&(const struct note){.event = event,
			.actor = who->user_id,
			.object = key_id});
}

enum err api_key_create(struct auth *auth, const struct auth_call *call,
	const struct identity *who, const struct api_key_new *in,
	struct api_key_created *out)
{
	struct api_key_created created;
	enum err err = call_check(call);

	if (err != ERR_OK)
		return err;
	/* a stolen key must not outlive itself by making another */
	if (!who->session_id)
		return ERR_INSUFFICIENT_SCOPE;
	err = key_check(call, who, in);
	if (err == ERR_OK)
		err = db_begin(auth->db);
	if (err != ERR_OK)
		return err;
	err = key_count_check(auth, call, who);
	if (err == ERR_OK)
		err = key_insert(auth, call, who, in, &created);
	if (err == ERR_OK)
		err = key_note(auth, call, who, created_event, created.view.id);
	err = db_finish(auth->db, err);
	if (err != ERR_OK)
		return err;
	report_event(call->report, created_event);
	*out = created;
	return ERR_OK;
}

static void view_read(
	struct arena *arena, const struct rows *rows, struct api_key_view *out)
{
	*out = (struct api_key_view){
		.id = rows_text(rows, 0),
		.name = rows_text(rows, 1),
		.hint = rows_text(rows, 2),
		.scopes = scopes_parse(arena, rows_text(rows, 3)),
		.created_at = {rows_int(rows, 4)},
		.expires_at = rows_time(arena, rows, 5),
		.last_used_at = rows_time(arena, rows, 6),
	};
}

enum err api_key_list(struct auth *auth, const struct auth_call *call,
	const struct identity *who, struct list *out)
{
	struct api_key_view *views = NULL;
	struct list list = {0};
	size_t room = 0;
	struct rows *rows;
	bool more;
	enum err err = db_query(auth->db, call->arena, key_list_sql,
		BINDS(bind_text(":user", who->user_id)), &rows);

	if (err != ERR_OK)
		return err;
	while ((err = rows_next(rows, &more)) == ERR_OK && more) {
		views = list_grow(
			call->arena, views, list.count, &room, sizeof(*views));
		view_read(call->arena, rows, &views[list.count++]);
	}
	rows_end(rows);
	if (err != ERR_OK)
		return err;
	list.items = views;
	*out = list;
	return ERR_OK;
}

/* In a transaction. */
static enum err remove_write(struct auth *auth, const struct auth_call *call,
	const struct identity *who, const char *key_id)
{
	int64_t changed;
	enum err err = db_run(auth->db, key_remove_sql,
		BINDS(bind_text(":user", who->user_id),
			bind_text(":id", key_id)),
		&changed);

	if (err != ERR_OK)
		return err;
	if (changed == 0)
		return ERR_NOT_FOUND;
	return key_note(auth, call, who, removed_event, key_id);
}

enum err api_key_remove(struct auth *auth, const struct auth_call *call,
	const struct identity *who, const char *key_id)
{
	enum err err;

	if (!who->session_id)
		return ERR_INSUFFICIENT_SCOPE;
	err = db_begin(auth->db);
	if (err != ERR_OK)
		return err;
	err = db_finish(auth->db, remove_write(auth, call, who, key_id));
	if (err == ERR_OK)
		report_event(call->report, removed_event);
	return err;
}

enum err api_keys_remove(struct auth *auth, const char *user_id)
{
	enum err err = db_run(auth->db, keys_remove_sql,
		BINDS(bind_text(":user", user_id)), NULL);

	return err == ERR_OK ? db_run(auth->db, hooks_off_sql,
				       BINDS(bind_text(":user", user_id)), NULL)
			     : err;
}
