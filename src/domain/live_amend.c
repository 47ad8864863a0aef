/*
 * Changing an order that rests at an exchange, the API's side: may it be, and
 * the row that cancels it with what it is given again with. Until the exchange
 * has cancelled it the old terms hold. Must never let two generations of an
 * order be there at once.
 */
#include "live_private.h"

#include "text.h"

static const char state_sql[] =
	"SELECT p.state, EXISTS (SELECT 1 FROM outbox c"
	" WHERE c.user_id = :owner AND c.order_id = p.order_id"
	" AND c.kind = 'cancel' AND c.state <> 'done') FROM outbox p"
	" WHERE p.user_id = :owner AND p.order_id = :order"
	" AND p.kind = 'place'";
/* An order has one such row: what is asked for last holds. */
static const char put_sql[] =
	"INSERT INTO outbox (user_id, order_id, kind, state, next_at,"
	" until_at, updated_at, next_quantity, next_price, next_stop)"
	" VALUES (:owner, :order, 'cancel', 'queued', :now, :until, :now,"
	" :quantity, :price, :stop)"
	" ON CONFLICT (user_id, order_id, kind) DO UPDATE SET"
	" attempts = attempts * (state <> 'done'),"
	" next_at = min(next_at, :now), state = 'queued', next_quantity = "
	":quantity, next_price = :price,"
	" next_stop = :stop, updated_at = :now";

const char live_amending[] = "amending";

static struct bind bind_some(const char *name, int64_t value)
{
	return value ? bind_int(name, value) : bind_null(name);
}

enum err live_cancel_put(
	struct scope *scope, const char *order_id, const struct order *again)
{
	const struct order none = {0};
	const struct order *next = again ? again : &none;

	return scope_run(scope, put_sql,
		BINDS(bind_text(":order", order_id),
			bind_int(":until", INT64_MAX),
			bind_some(":quantity", next->quantity),
			bind_some(":price", next->price),
			bind_some(":stop", next->stop),
			bind_int(":now", scope_now(scope))),
		NULL);
}

static enum err not_now(struct scope *scope, const char *why)
{
	report_detail(scope_report(scope), "%s", why);
	return ERR_CONFLICT;
}

enum err live_may_amend(struct scope *scope, const struct order *order)
{
	struct rows *rows;
	bool rests, asked;
	enum err err;

	if (live_watched(order))
		return ERR_OK;
	if (order->oco) {
		report_fault(scope_report(scope), "",
			"one of a pair at binance is not changed: cancel it "
			"and give another");
		return ERR_BAD_INPUT;
	}
	err = scope_one(
		scope, state_sql, BINDS(bind_text(":order", order->id)), &rows);
	if (err != ERR_OK)
		return err;
	rests = text_equal(rows_text(rows, 0), "resting");
	asked = rows_int(rows, 1) != 0;
	rows_end(rows);
	if (asked)
		return not_now(scope,
			"It is being cancelled or changed already: look what "
			"becomes of it.");
	if (!rests)
		return not_now(scope,
			"It is on its way to the exchange: try again in a "
			"moment.");
	return ERR_OK;
}

enum err live_amend(
	struct scope *scope, struct order *order, const struct order *next)
{
	struct order asked = *order;
	enum err err = live_cancel_put(scope, order->id, next);

	asked.reason = live_amending;
	return err ? err : order_move(scope, order, &asked, CAUSE_AMEND);
}
