/*
 * What a run that trades has and holds, for its owner to read: written with
 * the state of its simulator, of which it is a copy in plain words. Must never
 * be read back into a simulator.
 */
#include "book_run_private.h"

#include "backtest_order_private.h"
#include "json_write.h"
#include "book_run_desk_private.h"

static const char view_sql[] =
	"SELECT account, held, trades, refused, blocked, denied FROM run_sims"
	" WHERE user_id = :owner AND run_id = :run";

/* What a book at an exchange gave back when its run was over. */
static const char given_sql[] =
	"SELECT coalesce(sum(amount), 0) FROM cash_entries"
	" WHERE user_id = :owner AND account = :account"
	" AND reason = 'given_back_by_a_strategy'";

enum {
	HELD_BYTES = 16 * 1024
};

static const struct field held_fields[] = {
	FIELD(struct run_held_view, side, .required = true,
		.doc = "long or short"),
	FIELD(struct run_held_view, quantity, .required = true,
		.doc = "above 0"),
	FIELD(struct run_held_view, entry_price, .required = true,
		.doc = "costs in it"),
	FIELD(struct run_held_view, entry_time, .required = true,
		.doc = "open of the candle in which it was entered"),
	FIELD(struct run_held_view, stop, .nullable = true,
		.doc = "where it is left at a loss, or what trails the price"),
	FIELD(struct run_held_view, stop_reason, .nullable = true,
		.doc = "what it will be called then"),
	FIELD(struct run_held_view, target, .nullable = true,
		.doc = "where it is left with a profit"),
};
const struct shape run_held_shape =
	SHAPE("run_position", struct run_held_view, held_fields);

static struct decimal shown(int64_t units)
{
	return decimal_trim(ledger_decimal(units));
}

static const struct decimal *maybe(struct arena *arena, int64_t units)
{
	struct decimal *value = arena_alloc(arena, sizeof(*value));

	*value = shown(units);
	return units ? value : NULL;
}

const char *run_held_write(
	struct arena *arena, const struct trader_state *state)
{
	struct json_writer writer;
	struct buf buf;

	buf_init(&buf, arena, HELD_BYTES);
	json_write_init(&writer, &buf);
	json_array(&writer);
	for (size_t i = 0; i < state->held_count; i++) {
		const struct trader_held *held = &state->held[i];
		const struct run_held_view view = {
			.side = held->is_long ? "long" : "short",
			.quantity = shown(held->quantity),
			.entry_price = shown(held->price),
			.entry_time = {held->time},
			.stop = maybe(arena, held->stop),
			.stop_reason = held->stop ? held->stop_reason : NULL,
			.target = maybe(arena, held->target),
		};

		shape_write(&run_held_shape, &writer, &view);
	}
	json_array_end(&writer);
	return buf.data;
}

static enum err held_read(
	struct scope *scope, const char *text, struct list *out)
{
	struct arena *arena = scope_arena(scope);
	struct run_held_view *views;
	const struct json *list;
	size_t count = 0;
	enum err err = json_parse_own(
		arena, text, strlen(text), scope_report(scope), &list);

	if (err != ERR_OK)
		return err;
	views = arena_array(arena, list->count, sizeof(*views));
	for (const struct json *one = list->first; err == ERR_OK && one;
		one = one->next)
		err = shape_read(&run_held_shape, arena,
			&(const struct shape_input){.body = one},
			scope_report(scope), &views[count++]);
	if (err == ERR_OK)
		*out = (struct list){views, count};
	return err;
}

static enum err equity_read(struct scope *scope, const struct limits *limits,
	struct strategy_run_view *view)
{
	struct book book;
	struct rows *rows;
	struct decimal *numbers =
		arena_array(scope_arena(scope), 2, sizeof(*numbers));
	enum err err = book_look(scope, limits,
		&(const struct book_name){.account = view->account}, &book);

	if (err == ERR_OK)
		err = scope_one(scope, given_sql,
			BINDS(bind_int(":account", view->account)), &rows);
	if (err != ERR_OK)
		return err;
	numbers[0] = shown(book.start_balance);
	numbers[1] = shown(book.equity - rows_int(rows, 0));
	rows_end(rows);
	/* what a run left may have been closed by hand */
	if (book.closed)
		view->positions = (struct list){0};
	view->cash = &numbers[0];
	view->equity = &numbers[1];
	return ERR_OK;
}

enum err book_run_view(struct scope *scope, const struct limits *limits,
	struct strategy_run_view *view)
{
	struct rows *rows;
	enum err err = scope_one(
		scope, view_sql, BINDS(bind_text(":run", view->id)), &rows);

	if (err == ERR_NOT_FOUND)
		return ERR_OK;
	if (err != ERR_OK)
		return err;
	view->account = rows_int(rows, 0);
	err = held_read(scope, rows_text(rows, 1), &view->positions);
	view->trades = rows_int(rows, 2);
	view->refused = rows_int(rows, 3);
	view->blocked = rows_int(rows, 4);
	view->denied = rows_int(rows, 5);
	rows_end(rows);
	return err == ERR_OK ? equity_read(scope, limits, view) : err;
}
