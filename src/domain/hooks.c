/*
 * Hooks made, changed, rotated and removed by their owner. Must never answer
 * the hash of a secret, nor change whose or which hook a secret is.
 */
#include "hooks.h"

#include "buf.h"
#include "id.h"
#include "json.h"
#include "ledger_costs.h"
#include "owned_private.h"
#include "symbol_private.h"
#include "text.h"
#include "vector_private.h"

enum {
	NAME_LIMIT = 64,
	LIST_LIMIT = 16384
};

const char *const hook_sides[] = {"both", "buy", "sell", NULL};

#define HOOK_COLUMNS                                                    \
	"id, name, hint, signed, addresses, symbols, sides, max_value," \
	" orders_per_hour, window_s, venue, enabled, created_at,"       \
	" updated_at, called_at"

static const char count_sql[] =
	"SELECT COUNT(*) FROM hooks WHERE user_id = :owner";
static const char insert_sql[] =
	"INSERT INTO hooks (user_id, id, name, secret_hash, hint, nonce,"
	" signed, addresses, symbols, sides, max_value, orders_per_hour,"
	" window_s, venue, enabled, created_at, updated_at) VALUES (:owner,"
	" :id, :name, :hash, :hint, :nonce, :signed, :addresses, :symbols,"
	" :sides, :value, :rate, :window, 'paper', 1, :now, :now)";
static const char list_sql[] =
	"SELECT " HOOK_COLUMNS " FROM hooks WHERE user_id = :owner"
	" ORDER BY id";
static const char get_sql[] =
	"SELECT " HOOK_COLUMNS " FROM hooks WHERE user_id = :owner"
	" AND id = :id";
static const char update_sql[] =
	"UPDATE hooks SET name = :name, signed = :signed,"
	" addresses = :addresses, symbols = :symbols, sides = :sides,"
	" max_value = :value, orders_per_hour = :rate, window_s = :window,"
	" enabled = :enabled, updated_at = :now"
	" WHERE user_id = :owner AND id = :id";
static const char rotate_sql[] =
	"UPDATE hooks SET secret_hash = :hash, hint = :hint, nonce = :nonce,"
	" enabled = 1, updated_at = :now"
	" WHERE user_id = :owner AND id = :id";
static const char symbol_sql[] =
	"SELECT symbol FROM symbols WHERE symbol = :symbol";
static const char remove_sql[] =
	"DELETE FROM hooks WHERE user_id = :owner AND id = :id";

/* ---- read -------------------------------------------------------------------- */

static struct text_list words_of(struct arena *arena, const char *text)
{
	struct vector words;

	vector_init(&words, arena, sizeof(const char *));
	while (text && *(text += strspn(text, " ")) != '\0') {
		const size_t len = strcspn(text, " ");

		*(const char **)vector_add(&words) =
			arena_copy(arena, text, len);
		text += len;
	}
	return (struct text_list){words.items, words.count};
}

static void view_read(
	struct arena *arena, const struct rows *rows, struct hook_view *out)
{
	struct timestamp *called = arena_alloc(arena, sizeof(*called));
	struct decimal *value = arena_alloc(arena, sizeof(*value));

	called->ms = rows_int(rows, 14);
	*value = decimal_trim(ledger_decimal(rows_int(rows, 7)));
	*out = (struct hook_view){
		.id = rows_text(rows, 0),
		.name = rows_text(rows, 1),
		.hint = rows_text(rows, 2),
		.needs_signature = rows_int(rows, 3) != 0,
		.addresses = words_of(arena, rows_text(rows, 4)),
		.symbols = words_of(arena, rows_text(rows, 5)),
		.sides = rows_text(rows, 6),
		.max_value = rows_is_null(rows, 7) ? NULL : value,
		.orders_per_hour = rows_int(rows, 8),
		.window_s = rows_int(rows, 9),
		.venue = rows_text(rows, 10),
		.enabled = rows_int(rows, 11) != 0,
		.created_at = {rows_int(rows, 12)},
		.updated_at = {rows_int(rows, 13)},
		.called_at = called->ms ? called : NULL,
	};
}

enum err hook_list(struct scope *scope, struct list *out)
{
	struct vector views;
	struct rows *rows;
	bool more;
	enum err err = scope_query(scope, list_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	vector_init(&views, scope_arena(scope), sizeof(struct hook_view));
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		view_read(scope_arena(scope), rows, vector_add(&views));
	rows_end(rows);
	if (err == ERR_OK)
		*out = (struct list){views.items, views.count};
	return err;
}

enum err hook_get(struct scope *scope, const char *id, struct hook_view *out)
{
	struct rows *rows;
	enum err err = id_is_valid(id)
			       ? scope_one(scope, get_sql,
					 BINDS(bind_text(":id", id)), &rows)
			       : ERR_NOT_FOUND;

	if (err != ERR_OK)
		return err;
	view_read(scope_arena(scope), rows, out);
	rows_end(rows);
	return ERR_OK;
}

/* ---- checked ------------------------------------------------------------------- */

static bool is_name(const char *name)
{
	const size_t len = strlen(name);

	return len > 0 && text_is_utf8(name, len) &&
	       text_characters(name) <= NAME_LIMIT &&
	       !text_has_control(name, len);
}

/* "A B"; NULL for none. The addresses were checked where they can be read. */
static const char *joined(struct arena *arena, const struct text_list *list)
{
	struct buf text;

	buf_init(&text, arena, LIST_LIMIT);
	for (size_t i = 0; i < list->count; i++) {
		buf_text(&text, i > 0 ? " " : "");
		buf_text(&text, list->items[i]);
	}
	return list->count > 0 && !text.overflow ? text.data : NULL;
}

static bool is_truth(
	struct report *report, const char *pointer, const struct json *value)
{
	if (!value || value->kind == JSON_BOOL)
		return true;
	report_fault(report, pointer, "must be true or false");
	return false;
}

/* A hook as it is to stand; all checks are here, for new ones and changes. */
static enum err check(struct scope *scope, const struct hook_view *view)
{
	struct report *report = scope_report(scope);
	struct arena *arena = scope_arena(scope);
	const size_t before = report->fault_count;
	int64_t units = 0;

	if (!is_name(view->name))
		report_fault(report, "/name", "must have 1 to %d characters",
			NAME_LIMIT);
	for (size_t i = 0; i < view->symbols.count; i++)
		if (!symbol_is_valid(view->symbols.items[i]))
			report_fault(report, "/symbols",
				"each must be " SYMBOL_RULE);
	/* none would mean all */
	if ((view->symbols.count > 0 && !joined(arena, &view->symbols)) ||
		(view->addresses.count > 0 && !joined(arena, &view->addresses)))
		report_fault(report, "", "the lists are too long");
	if (view->max_value &&
		(ledger_units(*view->max_value, &units) != ERR_OK ||
			units <= 0))
		report_fault(report, "/max_value",
			"must be above 0, with at most 8 digits behind the "
			"point");
	return report->fault_count == before ? ERR_OK : ERR_BAD_INPUT;
}

/* Of a new list; one that is there stays, whatever became of a symbol. */
static enum err symbols_check(
	struct scope *scope, const struct text_list *symbols)
{
	enum err result = ERR_OK;

	for (size_t i = 0; i < symbols->count; i++) {
		struct rows *rows;
		enum err err = scope_one(scope, symbol_sql,
			BINDS(bind_text(":symbol", symbols->items[i])), &rows);

		if (err == ERR_OK)
			rows_end(rows);
		else if (err != ERR_NOT_FOUND)
			return err;
		if (err == ERR_OK)
			continue;
		report_fault(scope_report(scope), "/symbols",
			"there is no such symbol: %s", symbols->items[i]);
		result = ERR_BAD_INPUT;
	}
	return result;
}

static struct bind value_bind(const struct hook_view *view)
{
	int64_t units = 0;

	/* checked before */
	if (!view->max_value || ledger_units(*view->max_value, &units))
		return bind_null(":value");
	return bind_int(":value", units);
}

/* ---- made ------------------------------------------------------------------------ */

static enum err create(struct scope *scope, const struct notify_limits *limits,
	const struct hook_keep *keep, const struct hook_view *view)
{
	struct arena *arena = scope_arena(scope);
	enum err err =
		owned_quota_check(scope, count_sql, limits->hooks, "hooks");

	if (err != ERR_OK)
		return err;
	return scope_run(scope, insert_sql,
		BINDS(bind_text(":id", keep->id),
			bind_text(":name", view->name),
			bind_blob(":hash", keep->hash.data, keep->hash.len),
			bind_text(":hint", keep->hint),
			bind_text(":nonce", keep->nonce),
			bind_int(":signed", view->needs_signature),
			bind_text(
				":addresses", joined(arena, &view->addresses)),
			bind_text(":symbols", joined(arena, &view->symbols)),
			bind_text(":sides", view->sides), value_bind(view),
			bind_int(":rate", view->orders_per_hour),
			bind_int(":window", view->window_s),
			bind_int(":now", scope_now(scope))),
		NULL);
}

enum err hook_create(struct scope *scope, const struct notify_limits *limits,
	const struct hook_new *in, const struct hook_keep *keep,
	struct hook_view *out)
{
	struct hook_view view = {.name = in->name,
		.needs_signature = in->needs_signature,
		.addresses = in->addresses,
		.symbols = in->symbols,
		.sides = in->sides ? in->sides : hook_sides[0],
		.max_value = in->max_value,
		.orders_per_hour = in->orders_per_hour,
		.window_s = in->window_s};
	enum err err = check(scope, &view);

	if (err == ERR_OK)
		err = symbols_check(scope, &view.symbols);
	if (err == ERR_OK)
		err = scope_begin(scope);
	if (err != ERR_OK)
		return err;
	err = create(scope, limits, keep, &view);
	if (err == ERR_OK)
		err = hook_get(scope, keep->id, &view);
	err = scope_end(scope, err);
	if (err == ERR_OK)
		*out = view;
	return err;
}

/* ---- changed ---------------------------------------------------------------------- */

static void apply(const struct hook_change *in, struct hook_view *view)
{
	if (in->name)
		view->name = in->name;
	if (in->enabled)
		view->enabled = in->enabled->truth;
	if (in->needs_signature)
		view->needs_signature = in->needs_signature->truth;
	if (in->addresses.items)
		view->addresses = in->addresses;
	if (in->symbols.items)
		view->symbols = in->symbols;
	if (in->sides)
		view->sides = in->sides;
	if (in->max_value)
		view->max_value = in->max_value->units ? in->max_value : NULL;
	if (in->orders_per_hour)
		view->orders_per_hour = in->orders_per_hour;
	if (in->window_s)
		view->window_s = in->window_s;
}

static enum err update(struct scope *scope, const struct hook_view *view)
{
	struct arena *arena = scope_arena(scope);

	return scope_run(scope, update_sql,
		BINDS(bind_text(":name", view->name),
			bind_int(":signed", view->needs_signature),
			bind_text(
				":addresses", joined(arena, &view->addresses)),
			bind_text(":symbols", joined(arena, &view->symbols)),
			bind_text(":sides", view->sides), value_bind(view),
			bind_int(":rate", view->orders_per_hour),
			bind_int(":window", view->window_s),
			bind_int(":enabled", view->enabled),
			bind_int(":now", scope_now(scope)),
			bind_text(":id", view->id)),
		NULL);
}

enum err hook_update(struct scope *scope, const struct hook_change *in,
	struct hook_view *out)
{
	struct report *report = scope_report(scope);
	struct hook_view view;
	bool fine = is_truth(report, "/enabled", in->enabled);
	enum err err;

	fine &= is_truth(report, "/needs_signature", in->needs_signature);
	err = fine ? scope_begin(scope) : ERR_BAD_INPUT;
	if (err != ERR_OK)
		return err;
	err = hook_get(scope, in->id, &view);
	if (err == ERR_OK) {
		apply(in, &view);
		err = check(scope, &view);
	}
	if (err == ERR_OK)
		err = symbols_check(scope, &in->symbols);
	if (err == ERR_OK)
		err = update(scope, &view);
	if (err == ERR_OK)
		err = hook_get(scope, in->id, &view);
	err = scope_end(scope, err);
	if (err == ERR_OK)
		*out = view;
	return err;
}

enum err hook_rotate(struct scope *scope, const struct hook_keep *keep,
	struct hook_view *out)
{
	struct hook_view view;
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	err = scope_run(scope, rotate_sql,
		BINDS(bind_blob(":hash", keep->hash.data, keep->hash.len),
			bind_text(":hint", keep->hint),
			bind_text(":nonce", keep->nonce),
			bind_int(":now", scope_now(scope)),
			bind_text(":id", keep->id)),
		NULL);
	if (err == ERR_OK)
		err = hook_get(scope, keep->id, &view);
	err = scope_end(scope, err);
	if (err == ERR_OK)
		*out = view;
	return err;
}

enum err hook_remove(struct scope *scope, const char *id)
{
	int64_t changed = 0;
	enum err err = scope_run(
		scope, remove_sql, BINDS(bind_text(":id", id)), &changed);

	return err == ERR_OK && changed != 1 ? ERR_NOT_FOUND : err;
}
