/* One user's sealed secrets, opened. Must never log or store what it opens. */
#include "user_secrets.h"

static const char secret_sql[] =
	"SELECT sealed, updated_at FROM user_secrets WHERE user_id = :owner"
	" AND name = :name";

enum err user_secret_open(struct scope *scope, const struct vault_keys *keys,
	const char *name, struct vault_value *out, int64_t *updated_at)
{
	const struct vault_place place = {.user_id = scope_user(scope),
		.table = "user_secrets",
		.column = "sealed",
		.row_id = name};
	struct bytes record;
	struct rows *rows;
	int64_t at;
	enum err err = scope_one(
		scope, secret_sql, BINDS(bind_text(":name", name)), &rows);

	if (err != ERR_OK)
		return err;
	record.data = rows_blob(rows, 0, &record.len);
	at = rows_int(rows, 1);
	rows_end(rows);
	err = vault_unseal(keys, scope_arena(scope), &place, record, out);
	if (err == ERR_OK && updated_at)
		*updated_at = at;
	return err;
}
