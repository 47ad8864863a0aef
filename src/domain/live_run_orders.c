/*
 * The orders of a strategy at an exchange: an entry passes risk as any other
 * order, what protects or leaves a position is never refused and never sells
 * more than is held. Each goes to the outbox in the caller's transaction.
 */
#include "live_run_private.h"

#include "id.h"
#include "order_input_private.h"
#include "text.h"

static struct order order_of(const struct live_run *run)
{
	const char *id = id_new(scope_arena(run->scope), scope_now(run->scope));

	return (struct order){
		.id = id,
		.client_order_id = id,
		.symbol = run->symbol,
		.run_id = run->id,
		.venue = run->book.venue,
		.source = ORDER_BY_STRATEGY,
		.type = MATCH_MARKET,
		.force = MATCH_GTC,
		.account = run->book.account,
		.seen_until = scope_now(run->scope) - 1,
	};
}

/* ---- what leaves ---------------------------------------------------------------- */

static enum err exit_give(struct live_run *run, struct order *order)
{
	enum err err;

	order->reduce_only = true;
	order->quantity = live_run_tradable(run);
	err = order_bound(&run->book, &run->quote, order, &order->bound);
	if (err == ERR_OK)
		err = order_begin(run->scope, order);
	if (err == ERR_OK)
		err = book_count(run->scope, &run->book, false);
	if (err == ERR_OK)
		err = live_submit(run->scope, run->limits, order);
	run->memory.last = order->id;
	return err;
}

enum err live_run_leave(struct live_run *run)
{
	struct order order = order_of(run);

	order.reason = run->memory.closing;
	run->memory.tries++;
	return exit_give(run, &order);
}

/* A stop down to a tick, a target up to one: never nearer than was meant. */
static int64_t tick_down(const struct live_run *run, int64_t price)
{
	return run->rules.tick ? price - price % run->rules.tick : price;
}

static int64_t tick_up(const struct live_run *run, int64_t price)
{
	const int64_t over = run->rules.tick ? price % run->rules.tick : 0;

	return over ? price - over + run->rules.tick : price;
}

static enum err stop_give(struct live_run *run, const char *oco)
{
	struct order order = order_of(run);

	order.type = MATCH_STOP;
	order.stop = tick_down(run, run->memory.stop);
	order.oco = oco;
	order.reason = "stop_loss";
	if (order.stop <= 0)
		return live_run_fail(
			run, "its stop is below the least price there");
	return exit_give(run, &order);
}

static enum err target_give(struct live_run *run, const char *oco)
{
	struct order order = order_of(run);

	order.type = MATCH_LIMIT;
	order.price = tick_up(run, run->memory.target);
	order.oco = oco;
	order.reason = "take_profit";
	return exit_give(run, &order);
}

enum err live_run_protect(struct live_run *run)
{
	const struct live_memory *memory = &run->memory;
	const char *oco = NULL;
	enum err err = ERR_OK;

	if (!memory->stop && !memory->target)
		return ERR_OK;
	if (memory->stop && memory->target)
		oco = id_new(scope_arena(run->scope), scope_now(run->scope));
	run->memory.tries++;
	if (memory->target)
		err = target_give(run, oco);
	if (err == ERR_OK && memory->stop)
		err = stop_give(run, oco);
	return err;
}

enum err live_run_cancel(struct live_run *run)
{
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < run->open.count; i++) {
		const struct order *open =
			(const struct order *)run->open.items + i;
		struct order order;

		/* with the first of a pair the other may have ended */
		err = order_find(run->scope, open->id, &order);
		if (err != ERR_OK || order_is_over(order.state) ||
			(order.reason &&
				text_equal(order.reason, live_cancelling)))
			continue;
		err = live_cancel(
			run->scope, &order, CAUSE_CANCEL, run->memory.closing);
		/* it had not left yet */
		run->again |= order_is_over(order.state);
	}
	return err;
}

/* ---- what enters ---------------------------------------------------------------- */

static enum err risk_ask(
	struct live_run *run, struct order *order, const char **reason)
{
	struct risk_case c = {.settings = &run->settings,
		.book = &run->book,
		.quote = &run->quote};
	enum err err =
		order_bound(&run->book, &run->quote, order, &order->bound);

	if (err == ERR_OK)
		err = risk_case_read(run->scope, order, NULL, &c);
	if (err == ERR_OK)
		*reason = risk_refuse(&c, order);
	return err;
}

enum err live_run_enter(struct live_run *run, int64_t quantity)
{
	struct order order = order_of(run);
	const char *reason = NULL;
	enum err err;

	order.buys = true;
	order.quantity = quantity;
	order.decided_at = run->last_time + run->interval_ms;
	/* of a candle there is one: the database holds it so */
	order.client_order_id = arena_format(scope_arena(run->scope),
		"run/%s/%lld", run->id, (long long)run->last_time);
	err = risk_ask(run, &order, &reason);
	if (err == ERR_OK)
		err = order_begin(run->scope, &order);
	if (err == ERR_OK)
		err = book_count(run->scope, &run->book, reason != NULL);
	if (err != ERR_OK)
		return err;
	if (reason) {
		run->denied++;
		return order_end(
			run->scope, &order, ORDER_DENIED, CAUSE_RISK, reason);
	}
	run->memory.entry = order.id;
	return live_submit(run->scope, run->limits, &order);
}
