/*
 * Moving stored secrets to the active key of the vault: batches in small
 * transactions, going on behind the last row seen, so that it ends even
 * when some records do not open. Must never store or report a plain value.
 */
#include "reseal.h"

#include "secret.h"
#include "text.h"
#include "vector_private.h"

enum {
	RESEAL_BATCH = 32
};

static const char stale_sql[] =
	"SELECT user_id, name, sealed FROM user_secrets"
	" WHERE key_id <> :active AND (user_id, name) > (:user_id, :name)"
	" ORDER BY user_id, name LIMIT :limit";
/* Only when nobody has written another value meanwhile. */
static const char replace_sql[] =
	"UPDATE user_secrets SET sealed = :sealed, key_id = :key_id"
	" WHERE user_id = :user_id AND name = :name AND sealed = :before";

static const char count_sql[] =
	"SELECT COUNT(*) FROM user_secrets WHERE key_id = :key_id";

struct stale {
	const char *user_id, *name;
	const unsigned char *sealed;
	size_t len;
};

struct reseal {
	struct admin_scope *admin;
	const struct vault_keys *keys;
	struct vault *vault;
	int64_t moved, left;
};

static enum err batch_read(
	struct reseal *reseal, const struct stale *after, struct vector *out)
{
	const char *active;
	struct rows *rows;
	bool more;
	enum err err = vault_active_key(reseal->vault, &active);

	if (err == ERR_OK)
		err = admin_query(reseal->admin, stale_sql,
			BINDS(bind_text(":active", active),
				bind_text(":user_id", after->user_id),
				bind_text(":name", after->name),
				bind_int(":limit", RESEAL_BATCH)),
			&rows);
	if (err != ERR_OK)
		return err;
	vector_init(out, admin_arena(reseal->admin), sizeof(struct stale));
	while ((err = rows_next(rows, &more)) == ERR_OK && more) {
		struct stale *stale = vector_add(out);

		stale->user_id = rows_text(rows, 0);
		stale->name = rows_text(rows, 1);
		stale->sealed = rows_blob(rows, 2, &stale->len);
	}
	rows_end(rows);
	return err;
}

static enum err record_replace(
	struct reseal *reseal, const struct stale *stale, struct bytes sealed)
{
	struct arena *arena = admin_arena(reseal->admin);
	int64_t changed = 0;
	enum err err = admin_run(reseal->admin, replace_sql,
		BINDS(bind_blob(":sealed", sealed.data, sealed.len),
			bind_text(
				":key_id", text_hex(arena, sealed.data + 1, 8)),
			bind_text(":user_id", stale->user_id),
			bind_text(":name", stale->name),
			bind_blob(":before", stale->sealed, stale->len)),
		&changed);

	if (err == ERR_OK)
		reseal->moved += changed;
	return err;
}

static enum err record_move(struct reseal *reseal, const struct stale *stale)
{
	struct arena *arena = admin_arena(reseal->admin);
	const struct vault_place place = {
		.user_id = stale->user_id,
		.table = "user_secrets",
		.column = "sealed",
		.row_id = stale->name,
	};
	const struct bytes record = {.data = stale->sealed, .len = stale->len};
	struct vault_value value;
	struct bytes sealed;
	enum err err =
		vault_unseal(reseal->keys, arena, &place, record, &value);

	if (err == ERR_BAD_INPUT) {
		reseal->left++;
		return ERR_OK;
	}
	if (err != ERR_OK)
		return err;
	err = vault_seal(reseal->vault, arena, &place, value.text, &sealed);
	secret_wipe(value.text, value.len);
	if (err != ERR_OK)
		return err;
	return record_replace(reseal, stale, sealed);
}

/* *after: the last row seen; *count: how many there were. */
static enum err batch_move(
	struct reseal *reseal, struct stale *after, size_t *count)
{
	struct vector batch = {0};
	const struct stale *rows;
	enum err err = admin_begin(reseal->admin);

	if (err != ERR_OK)
		return err;
	err = batch_read(reseal, after, &batch);
	rows = batch.items;
	for (size_t i = 0; err == ERR_OK && i < batch.count; i++)
		err = record_move(reseal, &rows[i]);
	err = admin_end(reseal->admin, err);
	if (err != ERR_OK)
		return err;
	if (batch.count > 0)
		*after = rows[batch.count - 1];
	*count = batch.count;
	return ERR_OK;
}

enum err secrets_reseal(struct admin_scope *admin,
	const struct vault_keys *keys, struct vault *vault, int64_t *moved,
	int64_t *left)
{
	struct reseal reseal = {.admin = admin, .keys = keys, .vault = vault};
	struct stale after = {.user_id = "", .name = ""};
	size_t count = 0;
	enum err err;

	do {
		err = batch_move(&reseal, &after, &count);
	} while (err == ERR_OK && count == RESEAL_BATCH);
	if (err != ERR_OK)
		return err;
	*moved = reseal.moved;
	*left = reseal.left;
	return ERR_OK;
}

enum err secrets_sealed_with(
	struct admin_scope *admin, const char *key_id, int64_t *out)
{
	struct rows *rows;
	enum err err = admin_one(
		admin, count_sql, BINDS(bind_text(":key_id", key_id)), &rows);

	if (err != ERR_OK)
		return err;
	*out = rows_int(rows, 0);
	rows_end(rows);
	return ERR_OK;
}
