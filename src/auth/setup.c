/*
 * The first admin: a one-time token, made by the operator, kept as a keyed
 * hash, good for minutes, and only while there is no admin. There is no
 * default account and no default password.
 */
#include "auth_private.h"

#include "id.h"
#include "secret.h"
#include "text.h"

enum {
	SETUP_BYTES = 32,
	SETUP_CHARACTERS = 43
};

static const char admins_count_sql[] =
	"SELECT count(*) FROM users WHERE role = 'admin'";
static const char setup_insert_sql[] =
	"INSERT INTO setup_tokens (hash, expires_at) VALUES (:hash, :expires)";
static const char setup_drop_sql[] = "DELETE FROM setup_tokens";
static const char setup_find_sql[] =
	"SELECT expires_at FROM setup_tokens WHERE hash = :hash";

enum err setup_needed(struct auth *auth, struct arena *arena, bool *needed)
{
	struct rows *rows;
	enum err err =
		db_first(auth->db, arena, admins_count_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	if (!rows)
		return ERR_UNAVAILABLE;
	*needed = rows_int(rows, 0) == 0;
	rows_end(rows);
	return ERR_OK;
}

static enum err must_be_needed(struct auth *auth, const struct auth_call *call)
{
	bool needed;
	enum err err = setup_needed(auth, call->arena, &needed);

	if (err != ERR_OK || needed)
		return err;
	report_detail(call->report, "There is an admin already.");
	return ERR_CONFLICT;
}

/* In a transaction: the new token is the only one. */
static enum err token_write(struct auth *auth, const struct auth_call *call,
	const unsigned char hash[HASH_BYTES])
{
	enum err err = must_be_needed(auth, call);

	if (err == ERR_OK)
		err = db_run(auth->db, setup_drop_sql, NO_BINDS, NULL);
	if (err != ERR_OK)
		return err;
	err = db_run(auth->db, setup_insert_sql,
		BINDS(bind_blob(":hash", hash, HASH_BYTES),
			bind_int(":expires",
				call->now + auth->settings.setup_ttl_s * MS)),
		NULL);
	if (err != ERR_OK)
		return err;
	return note_write(auth, call,
		&(const struct note){
			.event = "auth.setup.link", .actor = "operator"});
}

enum err setup_token_create(
	struct auth *auth, const struct auth_call *call, const char **token)
{
	unsigned char secret[SETUP_BYTES], hash[HASH_BYTES];
	const char *text;
	enum err err = call_check(call);

	if (err != ERR_OK)
		return err;
	random_bytes(secret, sizeof(secret));
	text = text_base64url(call->arena, secret, sizeof(secret));
	secret_wipe(secret, sizeof(secret));
	err = hash_make(
		&auth->hashes, HASH_SETUP_TOKEN, text, SETUP_CHARACTERS, hash);
	if (err == ERR_OK)
		err = db_begin(auth->db);
	if (err != ERR_OK)
		return err;
	err = db_finish(auth->db, token_write(auth, call, hash));
	if (err != ERR_OK)
		return err;
	report_event(call->report, "auth.setup.link");
	*token = text;
	return ERR_OK;
}

static enum err token_find(struct auth *auth, const struct auth_call *call,
	const struct hash_set *hashes)
{
	for (size_t i = 0; i < hashes->count; i++) {
		struct rows *rows;
		bool fresh;
		enum err err = db_first(auth->db, call->arena, setup_find_sql,
			BINDS(bind_blob(":hash", hashes->hash[i], HASH_BYTES)),
			&rows);

		if (err != ERR_OK)
			return err;
		if (!rows)
			continue;
		fresh = rows_int(rows, 0) > call->now;
		rows_end(rows);
		return fresh ? ERR_OK : ERR_TOKEN_INVALID;
	}
	return ERR_TOKEN_INVALID;
}

/* The token and the need for it: looked at before a hash is paid for, and
   again in the transaction that uses it up. */
static enum err may_set_up(struct auth *auth, const struct auth_call *call,
	const struct hash_set *hashes)
{
	enum err err = token_find(auth, call, hashes);

	if (err == ERR_OK)
		err = must_be_needed(auth, call);
	return err;
}

/* Outside the transaction, which is rolled back. */
static enum err refused(struct auth *auth, const struct auth_call *call)
{
	static const char event[] = "auth.setup.refused";
	enum err err = note_write(auth, call,
		&(const struct note){.event = event, .result = NOTE_DENIED});

	if (err != ERR_OK)
		return err;
	report_detail(call->report, "The link is not valid, or not any more.");
	report_event(call->report, event);
	return ERR_TOKEN_INVALID;
}

/* Uses the token up and makes the admin, both or neither. */
static enum err setup_write(struct auth *auth, const struct auth_call *call,
	const struct hash_set *hashes, const struct user_new *user,
	struct user_view *out)
{
	char hash[PASSWORD_HASH_ROOM];
	enum err err = password_make(auth, call, user->password, hash);

	if (err == ERR_OK)
		err = db_begin(auth->db);
	if (err != ERR_OK)
		return err;
	err = may_set_up(auth, call, hashes);
	if (err == ERR_OK)
		err = db_run(auth->db, setup_drop_sql, NO_BINDS, NULL);
	if (err == ERR_OK)
		err = user_insert(auth, call,
			&(const struct user_insertion){
				.in = user,
				.role = AUTH_ROLE_ADMIN,
				.password_hash = hash,
			},
			out);
	if (err == ERR_OK)
		err = note_write(auth, call,
			&(const struct note){.event = "auth.setup.done",
				.actor = out->id,
				.object = out->id});
	secret_wipe(hash, sizeof(hash));
	return db_finish(auth->db, err);
}

enum err account_setup(struct auth *auth, const struct auth_call *call,
	const struct setup *in, struct user_view *out)
{
	const struct user_new user = {
		.username = in->username, .password = in->password};
	struct user_view view;
	struct hash_set hashes;
	enum err err = call_check(call);

	if (err != ERR_OK)
		return err;
	/* a token of another length is hashed like any: it is not found */
	err = hash_all(
		&auth->hashes, call->now, HASH_SETUP_TOKEN, in->token, &hashes);
	if (err == ERR_OK)
		err = may_set_up(auth, call, &hashes);
	if (err == ERR_OK)
		err = user_check(call, &user);
	if (err == ERR_OK)
		err = setup_write(auth, call, &hashes, &user, &view);
	if (err == ERR_TOKEN_INVALID)
		return refused(auth, call);
	if (err != ERR_OK)
		return err;
	report_event(call->report, "auth.setup.done");
	*out = view;
	return ERR_OK;
}
