/*
 * What the exchange said of the keys that are stored, for the API's side. Must
 * never let a verdict on one pair of keys stand for another.
 */
#include "key_state.h"

#include "text.h"

const char *const key_states[] = {
	"missing", "unchecked", "usable", "refused", NULL};

static const char stored_sql[] =
	"SELECT COUNT(*), coalesce(max(updated_at), 0) FROM user_secrets"
	" WHERE user_id = :owner"
	" AND name IN ('binance_api_key', 'binance_secret')";
static const char verdict_sql[] =
	"SELECT secrets_at, state = 'usable', reason, detail, known,"
	" can_trade, can_withdraw, bound, checked_at FROM exchange_keys"
	" WHERE user_id = :owner AND venue = 'binance'";

enum {
	KEYS = 2
};

static struct key_view view_of(struct arena *arena, const struct rows *rows)
{
	struct timestamp *checked_at = arena_alloc(arena, sizeof(*checked_at));

	checked_at->ms = rows_int(rows, 8);
	return (struct key_view){
		.state = key_states[rows_int(rows, 1) ? KEY_USABLE
						      : KEY_REFUSED],
		.reason = rows_text(rows, 2),
		.detail = rows_text(rows, 3),
		.rights_known = rows_int(rows, 4) != 0,
		.can_trade = rows_int(rows, 5) != 0,
		.can_withdraw = rows_int(rows, 6) != 0,
		.bound_to_address = rows_int(rows, 7) != 0,
		.checked_at = checked_at,
	};
}

enum err key_state_read(struct scope *scope, struct key_view *out)
{
	struct key_view view = {.state = key_states[KEY_UNCHECKED]};
	struct rows *rows;
	int64_t secrets_at;
	bool all;
	enum err err = scope_one(scope, stored_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	all = rows_int(rows, 0) == KEYS;
	secrets_at = rows_int(rows, 1);
	rows_end(rows);
	if (!all) {
		*out = (struct key_view){.state = key_states[KEY_MISSING]};
		return ERR_OK;
	}
	err = scope_one(scope, verdict_sql, NO_BINDS, &rows);
	if (err == ERR_OK) {
		if (rows_int(rows, 0) == secrets_at)
			view = view_of(scope_arena(scope), rows);
		rows_end(rows);
	}
	if (err == ERR_OK || err == ERR_NOT_FOUND)
		*out = view;
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}
