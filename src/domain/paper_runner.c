/*
 * The paper venue's rounds. Reads candles after the one that each order saw
 * last, the adverse orders of a candle first, then the live quote. Must never
 * show an order a candle that opened before it was made or before a quote
 * changed it, nor the same candle or quote twice.
 */
#include "paper_runner.h"

#include "paper_private.h"
#include "series_private.h"
#include "text.h"

enum {
	BATCH = 64
};

static const char plan_sql[] =
	"SELECT o.user_id, o.symbol, min(o.seen_until), s.series, o.account"
	" FROM orders o JOIN users u ON u.id = o.user_id AND u.disabled = 0"
	" JOIN symbols s ON s.symbol = o.symbol"
	" WHERE o.state IN ('new', 'accepted', 'partially_filled', 'unknown')"
	" AND o.venue = 'paper' GROUP BY o.user_id, o.account, o.symbol"
	" ORDER BY min(o.seen_until)";
static const char unmarked_sql[] =
	"SELECT a.user_id, a.account FROM trade_accounts a"
	" JOIN users u ON u.id = a.user_id AND u.disabled = 0"
	" WHERE a.closed_at IS NULL AND NOT EXISTS (SELECT 1"
	" FROM equity_snapshots e WHERE e.user_id = a.user_id"
	" AND e.account = a.account AND e.at >= :since)";

/* ---- what is due ------------------------------------------------------------- */

static enum err is_due(struct admin_scope *admin, const char *series,
	int64_t seen_until, bool *out)
{
	const struct series *items;
	struct vector list;
	enum err err = series_read(admin_arena(admin), series, &list);

	if (err != ERR_OK)
		return err;
	items = list.items;
	*out = false;
	/* the furthest is among them: what it has is new, or nothing is */
	for (size_t i = 0; i < list.count; i++)
		*out |= items[i].last > seen_until &&
			seen_until + 1 + items[i].interval_ms <=
				admin_now(admin);
	return ERR_OK;
}

enum err paper_plan(struct admin_scope *admin, struct list *out)
{
	struct vector dues;
	struct rows *rows;
	bool more;
	enum err err = admin_query(admin, plan_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	vector_init(&dues, admin_arena(admin), sizeof(struct paper_due));
	while ((err = rows_next(rows, &more)) == ERR_OK && more) {
		bool due = false;

		err = is_due(
			admin, rows_text(rows, 3), rows_int(rows, 2), &due);
		if (err != ERR_OK)
			break;
		if (due)
			*(struct paper_due *)vector_add(&dues) =
				(struct paper_due){
					.user_id = rows_text(rows, 0),
					.symbol = rows_text(rows, 1),
					.account = rows_int(rows, 4),
					.seen_until = rows_int(rows, 2)};
	}
	rows_end(rows);
	if (err == ERR_OK)
		*out = (struct list){dues.items, dues.count};
	return err;
}

enum err paper_unmarked(
	struct admin_scope *admin, int64_t since, struct list *out)
{
	struct vector books;
	struct rows *rows;
	bool more;
	enum err err = admin_query(
		admin, unmarked_sql, BINDS(bind_int(":since", since)), &rows);

	if (err != ERR_OK)
		return err;
	vector_init(&books, admin_arena(admin), sizeof(struct paper_book));
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		*(struct paper_book *)vector_add(&books) = (struct paper_book){
			rows_text(rows, 0), rows_int(rows, 1)};
	rows_end(rows);
	if (err == ERR_OK)
		*out = (struct list){books.items, books.count};
	return err;
}

/* ---- a batch -------------------------------------------------------------------- */

struct batch {
	struct paper paper;
	struct book book;
	struct risk_settings settings;
	const char *symbol;
	struct order *orders;
	int64_t *noted; /* seen_until as stored */
	size_t count, candles;
	int64_t moved; /* orders that the quote filled */
	bool more;
};

static int sooner(const void *left, const void *right)
{
	const struct order *a = left, *b = right;
	const struct match_order x = order_match(a), y = order_match(b);
	const int by = match_rank(&x) - match_rank(&y);

	return by ? by : strcmp(a->id, b->id);
}

static enum err batch_open(struct batch *batch, struct scope *scope,
	const struct limits *limits, int64_t account)
{
	struct list open;
	enum err err = book_open(scope, limits,
		&(const struct book_name){.account = account}, &batch->book);

	if (err == ERR_OK)
		err = book_others(scope, &batch->book);
	if (err == ERR_OK)
		err = risk_load(scope, limits, &batch->settings);
	if (err == ERR_OK)
		err = quote_read(scope, batch->symbol, &batch->paper.quote);
	if (err == ERR_OK)
		err = orders_open(
			scope, batch->book.account, batch->symbol, &open);
	if (err != ERR_OK)
		return err;
	batch->paper.scope = scope;
	batch->paper.book = &batch->book;
	batch->paper.settings = &batch->settings;
	batch->count = open.count;
	batch->orders = arena_array(
		scope_arena(scope), open.count, sizeof(struct order));
	batch->noted =
		arena_array(scope_arena(scope), open.count, sizeof(int64_t));
	if (open.count == 0)
		return ERR_OK;
	memcpy(batch->orders, open.items, open.count * sizeof(struct order));
	qsort(batch->orders, batch->count, sizeof(struct order), sooner);
	for (size_t i = 0; i < batch->count; i++)
		batch->noted[i] = batch->orders[i].seen_until;
	return ERR_OK;
}

static enum err candle_of(const struct batch *batch, const struct bars *bars,
	const struct bar *bar, struct paper_candle *out)
{
	const int32_t scale = bars->price_scale;
	struct match_bar *prices = &out->bar;
	int64_t volume = 0;
	enum err err = quote_scale(bar->open, scale, &prices->open);

	if (err == ERR_OK)
		err = quote_scale(bar->high, scale, &prices->high);
	if (err == ERR_OK)
		err = quote_scale(bar->low, scale, &prices->low);
	if (err == ERR_OK)
		err = quote_scale(bar->close, scale, &prices->close);
	if (err != ERR_OK)
		return err;
	if (quote_scale(bar->volume, bars->volume_scale, &volume) != ERR_OK)
		volume = INT64_MAX;
	out->time = bar->time;
	out->end = bar->time + bars->query.asked_ms;
	prices->room = volume;
	(void)batch;
	return ERR_OK;
}

/* An order may have ended by another of its pair. */
static enum err order_again(struct batch *batch, struct order *order)
{
	struct order now;
	enum err err = order_find(batch->paper.scope, order->id, &now);

	if (err == ERR_OK && now.version != order->version)
		*order = now;
	return err;
}

static enum err order_visit(struct batch *batch, struct order *order,
	struct paper_candle *candle, int64_t volume)
{
	const struct paper_share share = {candle->time, candle->end, volume};
	enum err err = ERR_OK;

	if (order_is_over(order->state) || order->seen_until >= candle->time)
		return ERR_OK;
	if (order->oco)
		err = order_again(batch, order);
	if (err == ERR_OK && !order_is_over(order->state))
		err = paper_room(&batch->paper, batch->symbol, &share,
			&candle->bar.room);
	if (err != ERR_OK || order_is_over(order->state))
		return err;
	return paper_rest(&batch->paper, order, candle);
}

static enum err candle_visit(struct batch *batch, struct paper_candle *candle)
{
	const int64_t volume = candle->bar.room;
	enum err err =
		book_value(&batch->book, batch->symbol, candle->bar.open);

	for (size_t i = 0; err == ERR_OK && i < batch->count; i++)
		err = order_visit(batch, &batch->orders[i], candle, volume);
	if (err == ERR_OK)
		err = book_value(
			&batch->book, batch->symbol, candle->bar.close);
	return err;
}

static enum err bars_visit(struct batch *batch, struct bars *bars)
{
	struct paper_candle candle = {0};
	struct bar bar;
	bool more = true;
	enum err err = ERR_OK;

	while (err == ERR_OK && batch->candles < BATCH) {
		err = bars_next(bars, &more, &bar);
		if (err != ERR_OK || !more)
			return err;
		err = candle_of(batch, bars, &bar, &candle);
		if (err == ERR_OK)
			err = candle_visit(batch, &candle);
		batch->candles++;
	}
	batch->more = more;
	return err;
}

static enum err batch_read(struct batch *batch)
{
	struct scope *scope = batch->paper.scope;
	const int64_t interval = batch->paper.quote.interval_ms;
	struct bars_query query = {.symbol = batch->symbol,
		.stored_ms = interval,
		.asked_ms = interval,
		.from = INT64_MAX,
		.to = scope_now(scope) - interval + 1};
	struct bars bars;
	enum err err;

	for (size_t i = 0; i < batch->count; i++)
		if (batch->orders[i].seen_until + 1 < query.from)
			query.from = batch->orders[i].seen_until + 1;
	if (batch->count == 0 || interval == 0 || query.from >= query.to)
		return ERR_OK;
	err = bars_start(scope, &query, &bars);
	if (err != ERR_OK)
		return err;
	err = bars_visit(batch, &bars);
	bars_stop(&bars);
	return err;
}

/* ---- the quote, once all closed candles were seen ---------------------------- */

static enum err order_quote(struct batch *batch, struct order *order)
{
	const int64_t filled = order->filled;
	enum err err = ERR_OK;

	/* behind an order's making one ms is between: the same quote may have
	   been what it met when it came in */
	if (order_is_over(order->state) ||
		batch->paper.quote.time <= order->seen_until + 1)
		return ERR_OK;
	if (order->oco)
		err = order_again(batch, order);
	if (err == ERR_OK && !order_is_over(order->state))
		err = paper_move(&batch->paper, order);
	batch->moved += order->filled > filled;
	return err;
}

static enum err batch_quote(struct batch *batch)
{
	const struct quote *quote = &batch->paper.quote;
	enum err err = ERR_OK;

	if (!quote->live || batch->more || batch->count == 0)
		return ERR_OK;
	if (batch->candles > 0)
		err = book_value(&batch->book, batch->symbol, quote->price);
	for (size_t i = 0; err == ERR_OK && i < batch->count; i++)
		err = order_quote(batch, &batch->orders[i]);
	return err;
}

static enum err batch_note(struct batch *batch)
{
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < batch->count; i++) {
		struct order *order = &batch->orders[i];

		/* on the last candle its pair may have filled behind it */
		if (order->oco && !order_is_over(order->state))
			err = order_again(batch, order);
		if (err == ERR_OK && !order_is_over(order->state) &&
			order->seen_until != batch->noted[i])
			err = order_note(batch->paper.scope, order);
	}
	if (err == ERR_OK && (batch->candles > 0 || batch->moved > 0))
		err = book_mark(batch->paper.scope, &batch->book);
	if (err == ERR_OK && batch->book.run_id)
		err = book_settle(batch->paper.scope);
	return err;
}

enum err paper_advance(
	struct scope *scope, const struct limits *limits, struct paper_due *due)
{
	struct batch batch = {.symbol = due->symbol};
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	err = batch_open(&batch, scope, limits, due->account);
	/* closed meanwhile, with its orders */
	if (err == ERR_CONFLICT) {
		scope_rollback(scope);
		due->done = true;
		return ERR_OK;
	}
	if (err == ERR_OK)
		err = batch_read(&batch);
	if (err == ERR_OK)
		err = batch_quote(&batch);
	if (err == ERR_OK)
		err = batch_note(&batch);
	err = scope_end(scope, err);
	if (err != ERR_OK)
		return err;
	due->done = !batch.more;
	due->moved = batch.moved;
	due->received = batch.paper.quote.received;
	return ERR_OK;
}

enum err paper_mark(
	struct scope *scope, const struct limits *limits, int64_t account)
{
	struct book book;
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	err = book_open(scope, limits,
		&(const struct book_name){.account = account}, &book);
	if (err == ERR_CONFLICT) {
		scope_rollback(scope);
		return ERR_OK;
	}
	if (err == ERR_OK)
		err = book_mark(scope, &book);
	return scope_end(scope, err);
}
