/*
 * Each entry and exit of a run's simulator becomes an order with its log and
 * its fill, at the simulator's price and fee to the last unit. An entry passes
 * risk first; one that is denied is an order too. Must never refuse an exit,
 * nor write a fill that the simulator did not make.
 */
#include "book_run_desk_private.h"

#include "id.h"

/* The fields of an order at the market that is filled as it is made. */
static struct order order_of(
	const struct run_desk *desk, bool buys, int64_t decided)
{
	const char *id =
		id_new(scope_arena(desk->scope), scope_now(desk->scope));

	return (struct order){
		.id = id,
		.client_order_id = id,
		.symbol = desk->run->symbol,
		.run_id = desk->run->id,
		.venue = desk->book.venue,
		.source = ORDER_BY_STRATEGY,
		.type = MATCH_MARKET,
		.force = MATCH_GTC,
		.buys = buys,
		.account = desk->book.account,
		.seen_until = decided - 1,
		.decided_at = decided,
	};
}

static enum err accept_and_fill(struct run_desk *desk, struct order *order,
	const struct book_fill *fill)
{
	struct order next = *order;
	enum err err;

	next.state = ORDER_ACCEPTED;
	err = order_move(desk->scope, order, &next, CAUSE_VENUE);
	if (err == ERR_OK)
		err = book_fill(desk->scope, &desk->book, order, fill);
	desk->fills++;
	return err;
}

/* At the candle's price: on paper candles count in their order, however late
   they are seen. */
static enum err risk_ask(struct run_desk *desk, const struct order *order,
	int64_t mark, const char **reason)
{
	const struct quote quote = {.known = true,
		.price = mark,
		.time = order->decided_at,
		.interval_ms = desk->run->interval_ms,
		.tick = 1};
	struct risk_case c = {.settings = &desk->settings,
		.book = &desk->book,
		.quote = &quote,
		.funded = true};
	enum err err = book_value(&desk->book, order->symbol, mark);

	if (err == ERR_OK)
		err = risk_case_read(desk->scope, order, NULL, &c);
	if (err == ERR_OK)
		*reason = risk_refuse(&c, order);
	return err;
}

static enum err enter(
	void *thing, const struct trader_entry *entry, int64_t *name)
{
	struct run_desk *desk = thing;
	struct order order = order_of(desk, entry->is_long, entry->decided);
	const struct book_fill fill = {
		.quantity = entry->quantity,
		.price = entry->price,
		.candle_time = entry->time,
		.seen_until = order.seen_until,
		.reckoned = true,
		.fee = entry->fee,
	};
	const char *reason = NULL;
	enum err err;

	order.quantity = entry->quantity;
	order.bound = entry->price;
	err = risk_ask(desk, &order, entry->mark, &reason);
	if (err == ERR_OK)
		err = order_begin(desk->scope, &order);
	if (err == ERR_OK)
		err = book_count(desk->scope, &desk->book, reason != NULL);
	if (err != ERR_OK)
		return err;
	*name = 0;
	if (reason)
		return order_end(
			desk->scope, &order, ORDER_DENIED, CAUSE_RISK, reason);
	err = accept_and_fill(desk, &order, &fill);
	if (err == ERR_OK)
		*name = desk->book.fill_seq;
	return err;
}

static enum err leave(void *thing, const struct trader_exit *left)
{
	struct run_desk *desk = thing;
	struct order order = order_of(desk, !left->was_long, left->decided);
	const struct book_fill fill = {
		.quantity = left->quantity,
		.price = left->price,
		.maker = left->rests,
		.candle_time = left->time,
		.seen_until = order.seen_until,
		.reckoned = true,
		.fee = left->fee,
		.closes = left->entry,
		.gross = left->gross,
	};
	enum err err;

	order.quantity = left->quantity;
	order.bound = left->price;
	order.reduce_only = true;
	order.reason = left->reason;
	err = order_begin(desk->scope, &order);
	if (err == ERR_OK)
		err = book_count(desk->scope, &desk->book, false);
	return err == ERR_OK ? accept_and_fill(desk, &order, &fill) : err;
}

enum err book_run_desk_open(struct scope *scope, const struct limits *limits,
	const struct run_ref *run, int64_t account, struct run_desk *out)
{
	struct run_desk desk = {.scope = scope, .run = run};
	enum err err = book_open(scope, limits,
		&(const struct book_name){.account = account}, &desk.book);

	if (err == ERR_OK)
		err = book_others(scope, &desk.book);
	if (err == ERR_OK)
		err = risk_load(scope, limits, &desk.settings);
	if (err == ERR_OK)
		*out = desk;
	return err;
}

struct trader_listener run_desk_listener(struct run_desk *desk)
{
	return (struct trader_listener){enter, leave, desk};
}
