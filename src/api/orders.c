/* One's own orders and fills. Whose they are is the scope's business alone. */
#include "orders_api.h"

#include "buf.h"
#include "etag.h"
#include "once_private.h"
#include "order_place_private.h"
#include "orders.h"
#include "portfolio.h"
#include "replies_private.h"
#include "risk.h"

enum {
	ANSWER_LIMIT = 16 * 1024
};

/* ---- shapes ------------------------------------------------------------------ */

static const struct field order_new_fields[] = {
	FIELD(struct order_new, symbol, .required = true, .min = 1, .max = 32,
		.doc = "such as BTC-USD"),
	FIELD(struct order_new, side, .required = true, .one_of = order_sides,
		.doc = "buy or sell"),
	FIELD(struct order_new, type, .required = true, .one_of = order_types,
		.doc = "which of the prices below it needs"),
	FIELD(struct order_new, quantity, .required = true,
		.doc = "above 0, at most 8 digits behind the point"),
	FIELD(struct order_new, price, .nullable = true,
		.doc = "limit; of limit, stop_limit, and take_profit if it is "
		       "to rest"),
	FIELD(struct order_new, stop_price, .nullable = true,
		.doc = "trigger; of stop, stop_limit, take_profit"),
	FIELD(struct order_new, trail, .nullable = true,
		.doc = "distance in price; of trailing_stop, which at an "
		       "exchange is watched here and sent as a market order "
		       "when it is reached"),
	FIELD(struct order_new, time_in_force, .nullable = true,
		.one_of = order_forces, .doc = "absent: gtc"),
	FIELD(struct order_new, post_only,
		.doc = "rejected rather than filled as a taker"),
	FIELD(struct order_new, reduce_only,
		.doc = "only ever shrinks a position"),
	FIELD(struct order_new, client_order_id, .nullable = true, .min = 1,
		.max = 64, .doc = "your name for it, once only"),
	FIELD(struct order_new, oco, .nullable = true, .min = 1, .max = 64,
		.doc = "a name that two orders share: when one fills, the "
		       "other is cancelled"),
	FIELD(struct order_new, venue, .nullable = true, .one_of = order_venues,
		.doc = "absent: paper"),
};
const struct shape order_new_shape =
	SHAPE("order_new", struct order_new, order_new_fields);

static const struct field order_execute_fields[] = {
	FIELD(struct order_new, symbol, .required = true, .min = 1, .max = 32,
		.doc = "such as BTC-USD"),
	FIELD(struct order_new, side, .required = true, .one_of = order_sides,
		.doc = "buy or sell"),
	FIELD(struct order_new, quantity, .required = true,
		.doc = "above 0, at most 8 digits behind the point"),
	FIELD(struct order_new, reduce_only,
		.doc = "only ever shrinks a position"),
	FIELD(struct order_new, client_order_id, .nullable = true, .min = 1,
		.max = 64, .doc = "your name for it, once only"),
	FIELD(struct order_new, venue, .nullable = true, .one_of = order_venues,
		.doc = "absent: paper"),
};
const struct shape order_execute_shape =
	SHAPE("order_execute", struct order_new, order_execute_fields);

static const struct field order_change_fields[] = {
	FIELD(struct order_change, id, .required = true, .from = FROM_PATH,
		.doc = "the order's id"),
	FIELD(struct order_change, quantity, .nullable = true,
		.doc = "all of it, what is filled included"),
	FIELD(struct order_change, price, .nullable = true, .doc = "limit"),
	FIELD(struct order_change, stop_price, .nullable = true,
		.doc = "trigger, while it was not reached"),
	FIELD(struct order_change, trail, .nullable = true,
		.doc = "distance, while its level was not reached"),
};
const struct shape order_change_shape =
	SHAPE("order_change", struct order_change, order_change_fields);

static const char *const queried_states[] = {"open", "new", "accepted",
	"partially_filled", "filled", "cancelled", "rejected", "expired",
	"denied", "unknown", NULL};
static const struct field order_query_fields[] = {
	FIELD(struct order_query, state, .from = FROM_QUERY,
		.one_of = queried_states,
		.doc = "open: all that can still fill; absent: all"),
	FIELD(struct order_query, symbol, .from = FROM_QUERY,
		.doc = "only of this symbol"),
	FIELD(struct order_query, account, .from = FROM_QUERY, .min = 0,
		.max = INT32_MAX, .doc = "only of this account"),
	FIELD(struct order_query, limit, .from = FROM_QUERY, .min = 1,
		.max = 500, .otherwise = 50, .doc = "entries in a page"),
	FIELD(struct order_query, cursor, .from = FROM_QUERY,
		.doc = "next_cursor of the page before"),
};
const struct shape order_query_shape =
	SHAPE("order_query", struct order_query, order_query_fields);

struct order_cancel {
	const char *symbol;
};
static const struct field order_cancel_fields[] = {
	FIELD(struct order_cancel, symbol, .from = FROM_QUERY,
		.doc = "only of this symbol"),
};
const struct shape order_cancel_shape =
	SHAPE("order_cancel", struct order_cancel, order_cancel_fields);

/* clang-format off */
#define ORDER_FIELDS                                                       \
	FIELD(struct order_view, id, .doc = "the order's id"),             \
	FIELD(struct order_view, client_order_id,                          \
		.doc = "as it was given, else the id"),                    \
	FIELD(struct order_view, symbol, .doc = "of what"),                \
	FIELD(struct order_view, side, .one_of = order_sides,              \
		.doc = "buy or sell"),                                     \
	FIELD(struct order_view, type, .one_of = order_types,              \
		.doc = "its type"),                                        \
	FIELD(struct order_view, venue, .one_of = order_venues,            \
		.doc = "where"),                                           \
	FIELD(struct order_view, time_in_force, .one_of = order_forces,    \
		.doc = "how long it may wait"),                            \
	FIELD(struct order_view, state, .one_of = order_states,            \
		.doc = "denied: risk refused it, see reason"),             \
	FIELD(struct order_view, reason, .nullable = true,                 \
		.doc = "why it ended as it did; of denied orders one of "  \
		       "a closed list, docs/desk.md; amending, "           \
		       "cancelling: its exchange was asked"),              \
	FIELD(struct order_view, source, .doc =                            \
		"manual, key, strategy, system or hook: who gave it"),           \
	FIELD(struct order_view, run_id, .nullable = true,                 \
		.doc = "of the strategy that gave it"),                    \
	FIELD(struct order_view, oco, .nullable = true,                    \
		.doc = "the name of its pair"),                            \
	FIELD(struct order_view, quantity, .doc = "asked for"),            \
	FIELD(struct order_view, filled, .doc = "of that"),                \
	FIELD(struct order_view, fees, .doc = "money"),                    \
	FIELD(struct order_view, price, .nullable = true, .doc = "limit"), \
	FIELD(struct order_view, stop_price, .nullable = true,             \
		.doc = "trigger"),                                         \
	FIELD(struct order_view, trail, .nullable = true,                  \
		.doc = "distance"),                                        \
	FIELD(struct order_view, level, .nullable = true,                  \
		.doc = "where a trailing stop stands now"),                \
	FIELD(struct order_view, watched, .nullable = true,                \
		.doc = "here: its exchange does not have it; kontor work " \
		       "watches the price and sends it"),                  \
	FIELD(struct order_view, average_price, .nullable = true,          \
		.doc = "of what is filled"),                               \
	FIELD(struct order_view, post_only, .doc = "never takes"),         \
	FIELD(struct order_view, reduce_only, .doc = "only shrinks"),      \
	FIELD(struct order_view, triggered,                                \
		.doc = "its trigger was reached"),                         \
	FIELD(struct order_view, account, .doc = "its account's number"),  \
	FIELD(struct order_view, version, .doc = "counts its steps"),      \
	FIELD(struct order_view, created_at, .doc = "when it was given"),  \
	FIELD(struct order_view, updated_at, .doc = "its last step"),      \
	FIELD(struct order_view, decided_at, .nullable = true,             \
		.doc = "close of the candle that a strategy decided on")
/* clang-format on */

static const struct field order_view_fields[] = {ORDER_FIELDS};
const struct shape order_view_shape =
	SHAPE("order", struct order_view, order_view_fields);
static const struct field orders_fields[] = PAGE_FIELDS(order_view_shape);
const struct shape orders_shape = SHAPE("orders", struct page, orders_fields);

static const struct field event_fields[] = {
	FIELD(struct order_event, at, .doc = "when"),
	FIELD(struct order_event, from, .nullable = true,
		.doc = "state before; null: it began"),
	FIELD(struct order_event, to, .doc = "state behind it"),
	FIELD(struct order_event, cause, .doc = "what did it"),
	FIELD(struct order_event, reason, .nullable = true, .doc = "and why"),
	FIELD(struct order_event, filled, .doc = "so far"),
};
static const struct shape event_shape =
	SHAPE("order_event", struct order_event, event_fields);
static const struct field order_full_fields[] = {
	ORDER_FIELDS,
	FIELD(struct order_view, signal_id, .nullable = true,
		.doc = "the strategy's signal that it came from"),
	FIELD_LIST(struct order_view, log, event_shape,
		.doc = "each step, oldest first"),
};
const struct shape order_full_shape =
	SHAPE("order_with_log", struct order_view, order_full_fields);

struct orders_cancelled {
	int64_t cancelled;
};
static const struct field orders_cancelled_fields[] = {
	FIELD(struct orders_cancelled, cancelled, .doc = "how many"),
};
const struct shape orders_cancelled_shape = SHAPE(
	"orders_cancelled", struct orders_cancelled, orders_cancelled_fields);

static const struct field trade_query_fields[] = {
	FIELD(struct trade_query, symbol, .from = FROM_QUERY,
		.doc = "only of this symbol"),
	FIELD(struct trade_query, order_id, .from = FROM_QUERY,
		.doc = "only of this order"),
	FIELD(struct trade_query, account, .from = FROM_QUERY, .min = 0,
		.max = INT32_MAX, .doc = "only of this account"),
	FIELD(struct trade_query, limit, .from = FROM_QUERY, .min = 1,
		.max = 500, .otherwise = 50, .doc = "entries in a page"),
	FIELD(struct trade_query, cursor, .from = FROM_QUERY,
		.doc = "next_cursor of the page before"),
};
const struct shape trade_query_shape =
	SHAPE("trade_query", struct trade_query, trade_query_fields);

static const struct field trade_fields[] = {
	FIELD(struct trade_view, id, .doc = "the fill's id"),
	FIELD(struct trade_view, order_id, .doc = "of which order"),
	FIELD(struct trade_view, account, .doc = "its account's number"),
	FIELD(struct trade_view, seq,
		.doc = "which of the account's fills; ids of one millisecond "
		       "stand in no order"),
	FIELD(struct trade_view, symbol, .doc = "of what"),
	FIELD(struct trade_view, side, .one_of = order_sides,
		.doc = "buy or sell"),
	FIELD(struct trade_view, quantity, .doc = "how much"),
	FIELD(struct trade_view, price, .doc = "at what"),
	FIELD(struct trade_view, value, .doc = "quantity times price"),
	FIELD(struct trade_view, fee,
		.doc = "money; what another asset was worth"),
	FIELD(struct trade_view, fee_asset, .nullable = true,
		.doc = "the exchange took it in this; null: in money"),
	FIELD(struct trade_view, fee_quantity, .nullable = true,
		.doc = "and so much of it"),
	FIELD(struct trade_view, realised,
		.doc = "by what it closed, before fees"),
	FIELD(struct trade_view, maker, .doc = "it rested at its price"),
	FIELD(struct trade_view, candle_time, .nullable = true,
		.doc = "open of the candle that filled it, or time of the "
		       "quote; null: at an exchange"),
	FIELD(struct trade_view, venue_trade_id, .nullable = true,
		.doc = "the exchange's number of it"),
	FIELD(struct trade_view, time, .doc = "when it was written down"),
};
const struct shape trade_shape =
	SHAPE("trade", struct trade_view, trade_fields);
static const struct field trades_fields[] = PAGE_FIELDS(trade_shape);
const struct shape trades_shape = SHAPE("trades", struct page, trades_fields);

/* ---- placing -------------------------------------------------------------------- */

static const char *print_order(struct arena *arena, const void *view)
{
	struct json_writer writer;
	struct buf out;

	buf_init(&out, arena, ANSWER_LIMIT);
	json_write_init(&writer, &out);
	shape_write(&order_view_shape, &writer, view);
	return out.overflow ? NULL : out.data;
}

struct order_from order_from_call(struct call *call)
{
	return (struct order_from){.source = call->identity.api_key_id
						     ? ORDER_BY_KEY
						     : ORDER_MANUAL,
		.once = once_of(call, print_order)};
}

enum err order_reply(struct call *call, enum err err,
	const struct order_from *from, const struct order_view *view)
{
	if (err != ERR_OK || once_answered(call, from->once))
		return err;
	reply_created(call, "/orders", view->id);
	return ERR_OK;
}

enum err handle_order_place(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct order_from from = order_from_call(call);

	return order_reply(call,
		order_place(scope, call->services->limits, input, &from, out),
		&from, out);
}

enum err handle_order_execute(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct order_from from = order_from_call(call);
	struct order_new in = *(const struct order_new *)input;

	in.type = order_types[0];
	return order_reply(call,
		order_place(scope, call->services->limits, &in, &from, out),
		&from, out);
}

/* ---- the rest ---------------------------------------------------------------------- */

/* Its version is what a change may be made dependent on (If-Match). */
static enum err say_version(
	struct call *call, enum err err, const struct order_view *view)
{
	if (err == ERR_OK)
		call->reply.headers[REPLY_ETAG] =
			etag_version(call->arena, view->version);
	return err;
}

enum err handle_orders(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	(void)call;
	return order_list(scope, input, out);
}

enum err handle_order(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct by_id *in = input;

	return say_version(call, order_get(scope, in->id, out), out);
}

enum err handle_order_amend(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	return say_version(call,
		order_amend(scope, call->services->limits, input,
			call->if_version, out),
		out);
}

enum err handle_order_cancel(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct by_id *in = input;

	(void)call;
	return order_cancel(scope, in->id, out);
}

enum err handle_orders_cancel_all(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct order_cancel *in = input;
	struct orders_cancelled *reply = out;

	(void)call;
	return order_cancel_all(scope, in->symbol, &reply->cancelled);
}

enum err handle_trades(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	(void)call;
	return trade_list(scope, input, out);
}
