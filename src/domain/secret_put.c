/*
 * A user's sealed secrets by their names: his own (settings.c), and those of
 * his channels. What seals them here cannot open them. Must never keep or
 * report a plain value.
 */
#include "secret_put_private.h"

#include "text.h"
#include "vault.h"

enum {
	HINT_FROM = 12, /* shorter secrets show nothing */
	HINT_SHOWN = 4
};

static const char secret_put_sql[] =
	"INSERT INTO user_secrets"
	" (user_id, name, sealed, key_id, hint, updated_at)"
	" VALUES (:owner, :name, :sealed, :key_id, :hint, :now)"
	" ON CONFLICT (user_id, name) DO UPDATE"
	" SET sealed = excluded.sealed, key_id = excluded.key_id,"
	" hint = excluded.hint, updated_at = excluded.updated_at";
static const char secret_drop_sql[] =
	"DELETE FROM user_secrets WHERE user_id = :owner AND name = :name";

/* The last characters, and only when enough of the secret stays hidden. */
static const char *secret_hint(struct arena *arena, const char *value)
{
	size_t skip = text_characters(value);
	const char *tail = value;

	if (skip < HINT_FROM)
		return "\u2026";
	for (skip -= HINT_SHOWN; skip > 0; skip--) {
		tail++;
		while (((unsigned char)*tail & 0xC0U) == 0x80U)
			tail++;
	}
	return arena_format(arena, "\u2026%s", tail);
}

enum err user_secret_put(struct scope *scope, struct vault *vault,
	const char *name, const char *value)
{
	struct arena *arena = scope_arena(scope);
	const struct vault_place place = {
		.user_id = scope_user(scope),
		.table = "user_secrets",
		.column = "sealed",
		.row_id = name,
	};
	struct bytes sealed;
	enum err err = vault_seal(vault, arena, &place, value, &sealed);

	if (err != ERR_OK)
		return err;
	/* The key's id stands in bytes 1..8 of the record (vault.h); asking
	   for the active key could tell another after a rotation. */
	return scope_run(scope, secret_put_sql,
		BINDS(bind_text(":name", name),
			bind_blob(":sealed", sealed.data, sealed.len),
			bind_text(
				":key_id", text_hex(arena, sealed.data + 1, 8)),
			bind_text(":hint", secret_hint(arena, value)),
			bind_int(":now", scope_now(scope))),
		NULL);
}

enum err user_secret_drop(struct scope *scope, const char *name)
{
	return scope_run(
		scope, secret_drop_sql, BINDS(bind_text(":name", name)), NULL);
}
