/*
 * Answers about orders. One that is about another order than was asked for
 * (a late answer, a mixed-up one) is never taken for this one's.
 */
#include "binance_json.h"
#include "binance_read.h"
#include "text.h"

const char *const binance_sides[] = {
	[VENUE_BUY] = "BUY", [VENUE_SELL] = "SELL"};

const char *const binance_types[] = {[VENUE_MARKET] = "MARKET",
	[VENUE_LIMIT] = "LIMIT",
	[VENUE_LIMIT_MAKER] = "LIMIT_MAKER",
	[VENUE_STOP_LOSS] = "STOP_LOSS",
	[VENUE_STOP_LOSS_LIMIT] = "STOP_LOSS_LIMIT",
	[VENUE_TAKE_PROFIT] = "TAKE_PROFIT",
	[VENUE_TAKE_PROFIT_LIMIT] = "TAKE_PROFIT_LIMIT"};

struct status_word {
	const char *word;
	enum venue_status status;
};

static const struct status_word statuses[] = {
	{"NEW", VENUE_STATUS_NEW},
	{"PENDING_NEW", VENUE_STATUS_PENDING},
	{"PARTIALLY_FILLED", VENUE_STATUS_PARTIAL},
	{"FILLED", VENUE_STATUS_FILLED},
	{"CANCELED", VENUE_STATUS_CANCELED},
	{"PENDING_CANCEL", VENUE_STATUS_NEW},
	{"REJECTED", VENUE_STATUS_REJECTED},
	{"EXPIRED", VENUE_STATUS_EXPIRED},
	{"EXPIRED_IN_MATCH", VENUE_STATUS_EXPIRED},
};

static struct venue_outcome other_order(void)
{
	return venue_outcome_of(VENUE_UNKNOWN, "answer",
		"The exchange's answer was about another order.");
}

static bool read_status(const struct json *json, enum venue_status *out)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (binance_is(json, "status", statuses[i].word)) {
			*out = statuses[i].status;
			return true;
		}
	return false;
}

/* stopPrice is left out of orders that have none; when it changed is called
   differently by different calls. */
static bool read_rest(const struct json *json, struct venue_order_state *out)
{
	const struct json *stop = json_member(json, "stopPrice");

	if (stop && !binance_amount(json, "stopPrice", &out->stop_price))
		return false;
	return binance_int(json, "updateTime", &out->updated_ms) ||
	       binance_int(json, "transactTime", &out->updated_ms);
}

/* A filled quantity over the order's own would be somebody else's. */
static bool is_sound(const struct venue_order_state *state)
{
	return decimal_compare(state->filled, state->quantity) <= 0 &&
	       (state->status != VENUE_STATUS_FILLED ||
		       state->filled.units > 0);
}

static bool read_state(const struct json *json, struct venue_order_state *out)
{
	struct venue_order_state state = {0};
	int side = 0;
	int type = 0;

	if (!binance_text(json, "symbol", &state.native) ||
		!binance_text(json, "clientOrderId", &state.client_id) ||
		!binance_id(json, "orderId", &state.venue_id) ||
		!read_status(json, &state.status) ||
		!binance_word(json, "side", binance_sides, 2, &side) ||
		!binance_word(
			json, "type", binance_types, VENUE_TYPE_COUNT, &type) ||
		!binance_amount(json, "price", &state.price) ||
		!binance_amount(json, "origQty", &state.quantity) ||
		!binance_amount(json, "executedQty", &state.filled) ||
		/* below zero: not known, of orders of long ago */
		!binance_decimal(json_member(json, "cummulativeQuoteQty"),
			&state.filled_quote) ||
		!read_rest(json, &state))
		return false;
	state.side = (enum venue_side)side;
	state.type = (enum venue_type)type;
	if (!is_sound(&state))
		return false;
	*out = state;
	return true;
}

static bool is_of(
	const struct venue_order_state *state, const struct venue_order *order)
{
	return text_equal(state->native, order->symbol->native) &&
	       text_equal(state->client_id, order->client_id) &&
	       state->side == order->side && state->type == order->type &&
	       (order->quantity.units == 0 ||
		       decimal_compare(state->quantity, order->quantity) == 0);
}

struct venue_outcome binance_read_order(const struct json *json,
	const struct venue_order *order, struct venue_order_state *out)
{
	struct venue_order_state state;

	if (!read_state(json, &state))
		return binance_not_understood();
	if (!is_of(&state, order))
		return other_order();
	*out = state;
	return venue_outcome_ok();
}

struct venue_outcome binance_read_orders(struct arena *arena,
	const struct json *json, const struct venue_symbol *symbol,
	struct venue_order_list *out)
{
	struct venue_order_state *items =
		binance_room(arena, json, VENUE_ORDERS_LIMIT, sizeof(*items));
	size_t count = 0;

	if (!items)
		return binance_not_understood();
	for (const struct json *row = json->first; row; row = row->next) {
		struct venue_order_state *item = &items[count++];

		if (!read_state(row, item) ||
			!text_equal(item->native, symbol->native))
			return binance_not_understood();
	}
	*out = (struct venue_order_list){.items = items, .count = count};
	return venue_outcome_ok();
}

/* Both legs, in the order of the struct, whichever way they came. */
struct venue_outcome binance_read_oco(struct arena *arena,
	const struct json *json, const struct venue_oco *oco,
	struct venue_order_list *out)
{
	const struct json *rows = json_member(json, "orderReports");
	struct venue_order_state *items =
		binance_room(arena, rows, 2, sizeof(*items));
	struct venue_order_state states[2];

	if (!items || rows->count != 2 ||
		!read_state(rows->first, &states[0]) ||
		!read_state(rows->first->next, &states[1]))
		return binance_not_understood();
	for (size_t i = 0; i < 2; i++) {
		if (!binance_is(json, "listClientOrderId", oco->client_id) ||
			!is_of(&states[i], &oco->take) ||
			!is_of(&states[1 - i], &oco->stop))
			continue;
		items[0] = states[i];
		items[1] = states[1 - i];
		*out = (struct venue_order_list){.items = items, .count = 2};
		return venue_outcome_ok();
	}
	return other_order();
}

static bool is_canceled(const struct json *json,
	const struct venue_symbol *symbol, const char *client_id)
{
	return binance_is(json, "symbol", symbol->native) &&
	       binance_is(json, "origClientOrderId", client_id);
}

struct venue_outcome binance_read_cancel(const struct json *json,
	const struct venue_symbol *symbol, const char *client_id)
{
	const struct json *rows = json_member(json, "orderReports");

	if (is_canceled(json, symbol, client_id))
		return venue_outcome_ok();
	for (const struct json *row =
			rows && rows->kind == JSON_ARRAY ? rows->first : NULL;
		row; row = row->next)
		if (is_canceled(row, symbol, client_id))
			return venue_outcome_ok();
	return other_order();
}
