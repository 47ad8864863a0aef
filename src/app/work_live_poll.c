/*
 * Many orders that rest at the exchange, in one question a symbol: those that
 * are there as they are here need none of their own. Must never take an order
 * for unchanged that the answer does not name.
 */
#include "clock.h"
#include "ledger_costs.h"
#include "text.h"
#include "work_live.h"
#include "work_venues.h"

enum {
	FEW = 2 /* asked about one by one: that is cheaper */
};

/* As it is here, still open? */
static bool is_same(
	const struct venue_order_list *there, const struct outbox_order *order)
{
	for (size_t i = 0; i < there->count; i++) {
		const struct venue_order_state *state = &there->items[i];
		int64_t filled;

		if (text_equal(state->client_id, order->client_id))
			return ledger_units(state->filled, &filled) == ERR_OK &&
			       filled == order->filled;
	}
	return false;
}

static struct list of_symbol(
	struct arena *arena, const struct list *all, const char *symbol)
{
	const struct outbox_item *items = all->items;
	struct outbox_item *own = arena_array(arena, all->count, sizeof(*own));
	size_t count = 0;

	for (size_t i = 0; i < all->count; i++)
		if (text_equal(items[i].order.symbol, symbol))
			own[count++] = items[i];
	return (struct list){own, count};
}

static struct text_list same_of(struct arena *arena, const struct list *resting,
	const struct venue_order_list *there)
{
	const struct outbox_item *items = resting->items;
	const char **ids = arena_array(arena, resting->count, sizeof(*ids));
	size_t count = 0;

	for (size_t i = 0; i < resting->count; i++)
		if (is_same(there, &items[i].order))
			ids[count++] = items[i].order.order_id;
	return (struct text_list){ids, count};
}

/* False: nothing was heard; then it is asked about alone. */
static bool open_read(struct live *live, const struct outbox_item *item,
	struct venue_order_list *out)
{
	const struct venue_symbol *symbol;

	return work_venue_symbol(live->work, live->venue, live->arena,
		       item->order.symbol, &symbol)
			       .result == VENUE_OK &&
	       venue_open_orders(live->venue, live->arena, symbol, out)
			       .result == VENUE_OK;
}

enum err live_poll(struct live *live, const struct outbox_item *item)
{
	struct venue_order_list there = {0};
	struct list all, resting;
	struct text_list same;
	enum err err = outbox_resting(live->scope, &all);

	if (err != ERR_OK)
		return err;
	resting = of_symbol(live->arena, &all, item->order.symbol);
	if (resting.count <= FEW || !open_read(live, item, &there))
		return live_ask(live, item);
	same = same_of(live->arena, &resting, &there);
	err = outbox_unchanged(
		live->scope, &same, clock_ms() + live->limits.live.poll_ms);
	if (err != ERR_OK || is_same(&there, &item->order))
		return err;
	return live_ask(live, item);
}
