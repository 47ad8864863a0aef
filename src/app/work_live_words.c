/*
 * From domain's orders to the venue's and back. Pure. Must never round: a
 * number that does not fit is refused.
 */
#include "ledger_costs.h"
#include "text.h"
#include "work_live.h"

static enum venue_type type_of(const struct outbox_order *order)
{
	static const enum venue_type types[] = {
		[MATCH_MARKET] = VENUE_MARKET,
		[MATCH_LIMIT] = VENUE_LIMIT,
		[MATCH_STOP] = VENUE_STOP_LOSS,
		[MATCH_STOP_LIMIT] = VENUE_STOP_LOSS_LIMIT,
		[MATCH_TAKE_PROFIT] = VENUE_TAKE_PROFIT,
		[MATCH_TRAILING] = VENUE_MARKET, /* its level was reached */
	};

	/* in a pair it must not take */
	if (order->type == MATCH_LIMIT && (order->post_only || order->oco))
		return VENUE_LIMIT_MAKER;
	if (order->type == MATCH_TAKE_PROFIT && order->price)
		return VENUE_TAKE_PROFIT_LIMIT;
	return types[order->type];
}

static struct decimal amount(int64_t units)
{
	return units ? decimal_trim(ledger_decimal(units))
		     : (struct decimal){0};
}

struct venue_order live_order(
	const struct outbox_order *order, const struct venue_symbol *symbol)
{
	static const enum venue_life lives[] = {[MATCH_GTC] = VENUE_GTC,
		[MATCH_IOC] = VENUE_IOC,
		[MATCH_FOK] = VENUE_FOK};

	return (struct venue_order){.symbol = symbol,
		.client_id = order->client_id,
		.side = order->buys ? VENUE_BUY : VENUE_SELL,
		.type = type_of(order),
		.life = lives[order->force],
		.quantity = amount(order->quantity),
		.price = amount(order->price),
		.stop_price = amount(order->stop)};
}

/* The pair's own name is made of one of its orders': the same each time. */
struct venue_oco live_oco(struct arena *arena, const struct outbox_item *item,
	const struct venue_symbol *symbol)
{
	const bool takes = item->order.type == MATCH_LIMIT;
	const struct outbox_order *take = takes ? &item->order : item->other;
	const struct outbox_order *stop = takes ? item->other : &item->order;

	return (struct venue_oco){
		.client_id = arena_format(arena, "%s-pair", take->client_id),
		.take = live_order(take, symbol),
		.stop = live_order(stop, symbol)};
}

struct venue_known live_known(const struct outbox_item *item)
{
	return (struct venue_known){.price = amount(item->last_price),
		.open_orders = -1,
		.open_algo_orders = -1,
		.open_lists = -1,
		.held = {.units = -1}};
}

static enum outbox_fate fate_of(enum venue_status status)
{
	static const enum outbox_fate fates[] = {
		[VENUE_STATUS_PENDING] = FATE_OPEN,
		[VENUE_STATUS_NEW] = FATE_OPEN,
		[VENUE_STATUS_PARTIAL] = FATE_OPEN,
		[VENUE_STATUS_FILLED] = FATE_FILLED,
		[VENUE_STATUS_CANCELED] = FATE_CANCELLED,
		[VENUE_STATUS_REJECTED] = FATE_REJECTED,
		[VENUE_STATUS_EXPIRED] = FATE_EXPIRED,
	};

	return fates[status];
}

static enum err fill_of(const struct venue_fill *fill, struct outbox_fill *out)
{
	struct outbox_fill one = {.trade = fill->venue_id,
		.fee_asset = fill->fee_asset,
		.maker = fill->maker};
	enum err err = ledger_units(fill->quantity, &one.quantity);

	if (err == ERR_OK)
		err = ledger_units(fill->price, &one.price);
	if (err == ERR_OK)
		err = ledger_units(fill->fee, &one.fee);
	if (err == ERR_OK)
		*out = one;
	return err;
}

enum err live_found(struct arena *arena, const struct venue_order_state *state,
	const struct venue_fill_list *fills, struct outbox_found *out)
{
	struct outbox_found found = {
		.fate = fate_of(state->status), .venue_order = state->venue_id};
	struct outbox_fill *items =
		arena_array(arena, fills->count, sizeof(*items));
	enum err err = ledger_units(state->filled, &found.filled);

	for (size_t i = 0; err == ERR_OK && i < fills->count; i++)
		err = fill_of(&fills->items[i], &items[i]);
	if (err != ERR_OK)
		return err;
	found.fills = (struct list){items, fills->count};
	*out = found;
	return ERR_OK;
}

const char *live_reason(
	struct arena *arena, const struct venue_outcome *outcome)
{
	return arena_format(arena, "%s: %.160s",
		outcome->rule[0] != '\0' ? outcome->rule : "venue_refused",
		outcome->text);
}
