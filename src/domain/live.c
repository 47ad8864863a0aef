/*
 * The API's side of orders at an exchange: what may be given, the row of the
 * outbox in the order's own transaction, and cancelling. Must never end an
 * order that may be at the exchange: only what it says of it does.
 */
#include "live_private.h"

#include "key_state.h"
#include "text.h"

static const char put_sql[] =
	"INSERT INTO outbox (user_id, order_id, kind, state, next_at,"
	" until_at, updated_at) VALUES (:owner, :order, 'place', :state,"
	" :next, :until, :now)";
static const char other_sql[] =
	"SELECT o.id, o.symbol, o.side, o.type, o.quantity FROM orders o"
	" JOIN outbox b ON b.user_id = o.user_id AND b.order_id = o.id"
	" AND b.kind = 'place' AND b.state = 'held'"
	" WHERE o.user_id = :owner AND o.oco = :oco AND o.account = :account"
	" AND o.id <> :id";
static const char free_sql[] =
	"UPDATE outbox SET state = 'queued', next_at = :now, until_at = :until,"
	" updated_at = :now WHERE user_id = :owner AND order_id = :order"
	" AND kind = 'place' AND state = 'held'";
/* Of two that race, this and the one that writes 'sending', one changes it. */
static const char withdraw_sql[] =
	"UPDATE outbox SET state = 'done', updated_at = :now"
	" WHERE user_id = :owner AND order_id = :order AND kind = 'place'"
	" AND state IN ('held', 'queued')";
static const char partner_sql[] =
	"SELECT " ORDER_COLUMNS " FROM orders WHERE user_id = :owner"
	" AND oco = :oco AND account = :account AND id <> :id"
	" AND " ORDER_OPEN_STATES;

const char live_cancelling[] = "cancelling";

bool live_is(const char *venue)
{
	return venue && text_equal(venue, order_venues[1]);
}

bool live_watched(const struct order *order)
{
	return order->type == MATCH_TRAILING && !order->triggered &&
	       live_is(order->venue) && !order_is_over(order->state);
}

const char *live_quote_of(const char *symbol)
{
	const char *dash = strchr(symbol, '-');

	return dash ? dash + 1 : "";
}

/* ---- may it be given? ------------------------------------------------------ */

static enum err refuse(struct scope *scope, const char *why)
{
	report_detail(scope_report(scope), "%s", why);
	return ERR_CONFLICT;
}

static enum err keys_check(struct scope *scope)
{
	struct key_view keys;
	enum err err = key_state_read(scope, &keys);

	if (err != ERR_OK)
		return err;
	if (text_equal(keys.state, key_states[KEY_USABLE]))
		return ERR_OK;
	if (text_equal(keys.state, key_states[KEY_MISSING]))
		return refuse(scope,
			"Store binance_api_key and binance_secret in the "
			"settings first.");
	if (text_equal(keys.state, key_states[KEY_UNCHECKED]))
		return refuse(scope,
			"The stored keys have not been checked yet: try again "
			"in a moment.");
	return refuse(scope, keys.detail ? keys.detail : "");
}

enum err live_check(struct scope *scope, const struct limits *limits,
	const struct order_new *in)
{
	struct report *report = scope_report(scope);
	const size_t before = report->fault_count;
	enum err err = ERR_OK;

	if (!limits->live.enabled)
		report_fault(
			report, "/venue", "live trading is off on this server");
	else if (in->oco && text_equal(in->type, order_types[MATCH_TRAILING]))
		report_fault(report, "/oco",
			"a trailing stop is watched here, and a pair rests at "
			"binance: give one of both");
	if (limits->live.enabled &&
		!text_equal(live_quote_of(in->symbol), limits->live.quote))
		report_fault(report, "/symbol",
			"at binance this server trades symbols priced in %s",
			limits->live.quote);
	if (report->fault_count == before)
		err = live_rules_check(scope, in);
	if (report->fault_count != before)
		return ERR_BAD_INPUT;
	return err ? err : keys_check(scope);
}

enum err live_ready(
	struct scope *scope, const struct limits *limits, const char *symbol)
{
	struct report *report = scope_report(scope);

	if (!limits->live.enabled) {
		report_fault(
			report, "/mode", "live trading is off on this server");
		return ERR_BAD_INPUT;
	}
	if (!text_equal(live_quote_of(symbol), limits->live.quote)) {
		report_fault(report, "/symbol",
			"at binance this server trades symbols priced in %s",
			limits->live.quote);
		return ERR_BAD_INPUT;
	}
	return keys_check(scope);
}

void live_desk(struct risk_settings *settings, struct quote *quote)
{
	settings->spot = true;
	settings->allow_short = false;
	quote->tick = 1;
}

/* ---- giving ------------------------------------------------------------------- */

/* One of a pair is looked at when it is late; all others at once. */
static enum err row_put(struct scope *scope, const char *order_id,
	const char *state, int64_t until_at)
{
	const bool waits = text_equal(state, "held") && until_at < INT64_MAX;

	return scope_run(scope, put_sql,
		BINDS(bind_text(":order", order_id), bind_text(":state", state),
			bind_int(":next", waits ? until_at : scope_now(scope)),
			bind_int(":until", until_at),
			bind_int(":now", scope_now(scope))),
		NULL);
}

/* One takes the profit, the other stops the loss, of the same thing. */
static bool suits(const struct order *order, const struct rows *other)
{
	const char *type = rows_text(other, 3);
	const bool stops = text_equal(type, order_types[MATCH_STOP]) ||
			   text_equal(type, order_types[MATCH_STOP_LIMIT]);
	const bool takes = text_equal(type, order_types[MATCH_LIMIT]);

	return text_equal(rows_text(other, 1), order->symbol) &&
	       text_equal(rows_text(other, 2), order_sides[!order->buys]) &&
	       rows_int(other, 4) == order->quantity &&
	       (order->type == MATCH_LIMIT ? stops : takes);
}

static bool may_be_leg(const struct order *order)
{
	return order->force == MATCH_GTC &&
	       (order->type == MATCH_LIMIT || order->type == MATCH_STOP ||
		       order->type == MATCH_STOP_LIMIT);
}

static enum err pair_fault(struct scope *scope)
{
	report_fault(scope_report(scope), "/oco",
		"a pair at binance is a limit and a stop or stop_limit (gtc) "
		"of one symbol, side and quantity");
	return ERR_BAD_INPUT;
}

enum err live_release(
	struct scope *scope, const char *order_id, int64_t until_at)
{
	int64_t changed = 0;
	enum err err = scope_run(scope, free_sql,
		BINDS(bind_text(":order", order_id),
			bind_int(":until", until_at),
			bind_int(":now", scope_now(scope))),
		&changed);

	return err == ERR_OK && changed != 1 ? ERR_CONFLICT : err;
}

/* The first of a pair waits for the second, and both are sent as one. */
static enum err pair_submit(
	struct scope *scope, const struct order *order, int64_t until_at)
{
	const char *other = NULL;
	struct rows *rows;
	bool suited = false;
	enum err err;

	if (!may_be_leg(order))
		return pair_fault(scope);
	err = scope_one(scope, other_sql,
		BINDS(bind_text(":oco", order->oco),
			bind_int(":account", order->account),
			bind_text(":id", order->id)),
		&rows);
	if (err == ERR_NOT_FOUND)
		return row_put(scope, order->id, "held", until_at);
	if (err != ERR_OK)
		return err;
	other = rows_text(rows, 0);
	suited = suits(order, rows);
	rows_end(rows);
	if (!suited)
		return pair_fault(scope);
	err = live_release(scope, other, until_at);
	return err ? err : row_put(scope, order->id, "queued", until_at);
}

enum err live_watch(
	struct scope *scope, const struct quote *quote, struct order *order)
{
	struct order next = *order;
	enum err err;

	if (!quote->quoted)
		return refuse(scope,
			"A trailing stop is watched here, and there is no "
			"fresh price of this symbol (MARKET_SYMBOLS).");
	next.state = ORDER_ACCEPTED;
	next.mark = quote->price;
	err = row_put(scope, order->id, "held", INT64_MAX);
	return err ? err : order_move(scope, order, &next, CAUSE_VENUE);
}

enum err live_submit(struct scope *scope, const struct limits *limits,
	const struct order *order)
{
	const int64_t until_at = scope_now(scope) + limits->live.send_ms;

	if (order->oco)
		return pair_submit(scope, order, until_at);
	return row_put(scope, order->id, "queued", until_at);
}

/* ---- cancelling --------------------------------------------------------------- */

static enum err withdraw(struct scope *scope, const char *order_id, bool *out)
{
	int64_t changed = 0;
	enum err err = scope_run(scope, withdraw_sql,
		BINDS(bind_text(":order", order_id),
			bind_int(":now", scope_now(scope))),
		&changed);

	*out = changed == 1;
	return err;
}

/* Its pair is not sent by half. */
static enum err partner_withdraw(
	struct scope *scope, const struct order *order, enum order_cause cause)
{
	struct order other;
	struct rows *rows;
	bool withdrawn = false;
	enum err err;

	if (!order->oco)
		return ERR_OK;
	err = scope_one(scope, partner_sql,
		BINDS(bind_text(":oco", order->oco),
			bind_int(":account", order->account),
			bind_text(":id", order->id)),
		&rows);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	order_read(rows, &other);
	rows_end(rows);
	err = withdraw(scope, other.id, &withdrawn);
	if (err == ERR_OK && withdrawn)
		err = order_end(scope, &other, ORDER_CANCELLED, cause, "oco");
	return err;
}

enum err live_cancel(struct scope *scope, struct order *order,
	enum order_cause cause, const char *reason)
{
	struct order next = *order;
	bool withdrawn = false;
	enum err err = withdraw(scope, order->id, &withdrawn);

	if (err != ERR_OK)
		return err;
	if (withdrawn) {
		err = order_end(scope, order, ORDER_CANCELLED, cause, reason);
		return err ? err : partner_withdraw(scope, order, cause);
	}
	err = live_cancel_put(scope, order->id, NULL);
	next.reason = live_cancelling;
	if (err != ERR_OK || !order_may(order->state, order->state) ||
		(order->reason && text_equal(order->reason, live_cancelling)))
		return err;
	return order_move(scope, order, &next, cause);
}

enum err order_stop(struct scope *scope, struct order *order,
	enum order_cause cause, const char *reason)
{
	if (live_is(order->venue))
		return live_cancel(scope, order, cause, reason);
	return order_end(scope, order, ORDER_CANCELLED, cause, reason);
}
