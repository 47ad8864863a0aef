/*
 * A trailing stop for an exchange, at a quote: the matching core of paper says
 * whether its level follows or is reached; reached, it is cut to what may be
 * sold and handed to the outbox, which sends it once. Must never act on a
 * stale price, nor let two orders sell the same holding.
 */
#include "live_watch.h"

#include "live_private.h"
#include "paper_private.h"
#include "text.h"

static const char nothing_left[] = "reduce_only";

/* One book and symbol in its transaction. */
struct watch {
	const struct limits *limits;
	struct paper paper;
	struct book book;
	struct risk_settings settings;
	struct order *orders; /* open ones of the book and symbol, as they are
				 in the course of it */
	size_t count;
	int64_t moved;
};

static enum err watch_open(
	struct watch *w, struct scope *scope, const struct paper_due *due)
{
	struct list open;
	enum err err = book_open(scope, w->limits,
		&(const struct book_name){.account = due->account}, &w->book);

	if (err == ERR_OK)
		err = book_others(scope, &w->book);
	if (err == ERR_OK)
		err = risk_load(scope, w->limits, &w->settings);
	if (err == ERR_OK)
		err = quote_read(scope, due->symbol, &w->paper.quote);
	if (err == ERR_OK)
		err = orders_open(scope, due->account, due->symbol, &open);
	if (err != ERR_OK)
		return err;
	w->count = open.count;
	w->orders = arena_array(
		scope_arena(scope), open.count, sizeof(struct order));
	for (size_t i = 0; i < open.count; i++)
		w->orders[i] = ((const struct order *)open.items)[i];
	live_desk(&w->settings, &w->paper.quote);
	w->paper.scope = scope;
	w->paper.book = &w->book;
	w->paper.settings = &w->settings;
	return ERR_OK;
}

/* ---- how much of it may leave --------------------------------------------------- */

/* A pair sells once. */
static bool is_second(const struct watch *w, size_t at)
{
	const struct order *items = w->orders;
	bool second = false;

	for (size_t i = 0; items[at].oco && i < at; i++)
		second |=
			items[i].oco && text_equal(items[i].oco, items[at].oco);
	return second;
}

/* Of what is held, what no other order that left, or is leaving, may sell. */
static int64_t free_of(const struct watch *w, const struct order *order)
{
	const struct order *items = w->orders;
	int64_t left = book_holding(
		&w->book, scope_arena(w->paper.scope), order->symbol)
			       ->quantity;

	for (size_t i = 0; i < w->count; i++)
		if (!items[i].buys && !live_watched(&items[i]) &&
			!is_second(w, i))
			left -= items[i].quantity - items[i].filled;
	return left > 0 ? left : 0;
}

/* Down to a whole number of steps. */
static enum err rounded(struct watch *w, const char *symbol, int64_t *quantity)
{
	struct live_symbol rules = {0};
	enum err err = live_symbol_read(w->paper.scope, symbol, &rules);

	if (err != ERR_OK || rules.step == 0)
		return err;
	*quantity -= *quantity % rules.step;
	if (*quantity < rules.lot_min)
		*quantity = 0;
	return ERR_OK;
}

static enum err cut(struct watch *w, const struct order *order,
	struct match_fill *fill, const char **why)
{
	const char *reason = paper_cut(&w->paper, order, fill);

	if (!order->buys && fill->quantity > free_of(w, order)) {
		fill->quantity = free_of(w, order);
		reason = nothing_left;
	}
	*why = reason;
	return reason ? rounded(w, order->symbol, &fill->quantity) : ERR_OK;
}

/* ---- at the quote ------------------------------------------------------------------ */

/* Its level is reached: from here on it is the outbox's. */
static enum err release(
	struct watch *w, struct order *order, struct match_fill *fill)
{
	struct scope *scope = w->paper.scope;
	struct order next = *order;
	enum err err = cut(w, order, fill, &next.reason);

	if (err == ERR_OK && fill->quantity == 0)
		return live_cancel(scope, order, CAUSE_RISK, next.reason);
	next.quantity = fill->quantity;
	next.triggered = true;
	next.mark = fill->mark;
	next.seen_until = w->paper.quote.time;
	/* a stop that was reached is never too late to be sent */
	if (err == ERR_OK)
		err = live_release(scope, order->id,
			order->buys ? scope_now(scope) + w->limits->live.send_ms
				    : INT64_MAX);
	if (err == ERR_OK)
		err = order_move(scope, order, &next, CAUSE_TRIGGER);
	w->moved++;
	return err;
}

static enum err order_visit(struct watch *w, struct order *order)
{
	const struct match_order asked = order_match(order);
	const struct match_bar now = {
		.close = w->paper.quote.price, .room = INT64_MAX};
	struct ledger_costs costs = w->book.costs;
	struct match_fill fill;
	enum err err;

	/* as on paper (paper_runner.c): not what it met when it came in */
	if (!live_watched(order) ||
		w->paper.quote.time <= order->seen_until + 1)
		return ERR_OK;
	costs.tick = w->paper.quote.tick;
	err = match_move(&costs, &asked, &now, &fill);
	if (err != ERR_OK)
		return err;
	if (fill.triggered)
		return release(w, order, &fill);
	if (fill.mark == order->mark)
		return ERR_OK;
	order->mark = fill.mark;
	order->seen_until = w->paper.quote.time;
	return order_note(w->paper.scope, order);
}

static enum err watch_visit(struct watch *w)
{
	enum err err = ERR_OK;

	if (!w->paper.quote.live || !w->limits->live.enabled)
		return ERR_OK;
	for (size_t i = 0; err == ERR_OK && i < w->count; i++)
		err = order_visit(w, &w->orders[i]);
	return err;
}

enum err live_watch_advance(
	struct scope *scope, const struct limits *limits, struct paper_due *due)
{
	struct watch w = {.limits = limits};
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	err = watch_open(&w, scope, due);
	if (err == ERR_OK)
		err = watch_visit(&w);
	err = scope_end(scope, err);
	if (err != ERR_OK)
		return err;
	due->done = true;
	due->moved = w.moved;
	due->received = w.paper.quote.received;
	return ERR_OK;
}
