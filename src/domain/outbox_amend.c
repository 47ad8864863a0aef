/*
 * What is left of an order that the exchange has cancelled because it is
 * changed, given again as a new generation: a name of its own, so that it is
 * found, and the old one never taken for it. Must never be called before all
 * fills of the old one are booked.
 */
#include "outbox_private.h"

#include "live_private.h"

static const char change_sql[] =
	"SELECT next_quantity, next_price, next_stop FROM outbox"
	" WHERE user_id = :owner AND order_id = :order AND kind = 'cancel'"
	" AND state <> 'done' AND next_quantity IS NOT NULL";
static const char again_sql[] =
	"UPDATE outbox SET state = 'queued', generation = generation + 1,"
	" base = :filled, next_at = :now, until_at = :until,"
	" venue_order = NULL, code = NULL, detail = NULL, updated_at = :now"
	" WHERE user_id = :owner AND order_id = :order AND kind = 'place'"
	" AND state = :from AND attempts = :attempts";

static const char overtaken[] = "amend_overtaken";

enum err outbox_change_read(
	struct scope *scope, const char *order_id, struct outbox_change *out)
{
	struct rows *rows;
	enum err err = scope_one(
		scope, change_sql, BINDS(bind_text(":order", order_id)), &rows);

	*out = (struct outbox_change){.quantity = 0};
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	*out = (struct outbox_change){
		rows_int(rows, 0), rows_int(rows, 1), rows_int(rows, 2)};
	rows_end(rows);
	return ERR_OK;
}

/* To be sent, under the next name. */
static enum err queue(struct scope *scope, const struct limits *limits,
	const struct outbox_item *item, const struct order *order)
{
	const int64_t now = scope_now(scope);
	/* the old one is gone: what protects is never too late */
	const int64_t until = risk_protects(order, 1)
				      ? INT64_MAX
				      : now + limits->live.send_ms;
	int64_t changed = 0;
	enum err err = scope_run(scope, again_sql,
		BINDS(bind_int(":filled", order->filled), bind_int(":now", now),
			bind_int(":until", until),
			bind_text(":order", order->id),
			bind_text(":from", outbox_states[item->state]),
			bind_int(":attempts", item->attempts)),
		&changed);

	if (err == ERR_OK && changed != 1)
		err = ERR_CONFLICT;
	return err ? err : outbox_cancel_done(scope, order->id);
}

enum err outbox_give_again(struct scope *scope, const struct limits *limits,
	const struct outbox_item *item, const struct outbox_change *change,
	struct order *order)
{
	struct order next = *order;
	const char *why = NULL;
	enum err err;

	if (order->filled >= change->quantity)
		return order_end(
			scope, order, ORDER_CANCELLED, CAUSE_CANCEL, overtaken);
	next.quantity = change->quantity;
	next.price = change->price;
	next.stop = change->stop;
	next.reason = live_amending;
	/* what protects was in before, and is not lost on its way */
	err = risk_protects(&next, 1) ? ERR_OK
				      : order_risk(scope, limits, &next, &why);
	if (err == ERR_OK && why)
		return order_end(
			scope, order, ORDER_CANCELLED, CAUSE_RISK, why);
	if (err == ERR_OK)
		err = order_move(scope, order, &next, CAUSE_AMEND);
	return err ? err : queue(scope, limits, item, order);
}
