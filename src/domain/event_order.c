/*
 * What is worth telling of an order's step, in words. Called with each step
 * (order_states.c), so no way of filling, refusing or ending one is missed.
 */
#include "events_private.h"

#include "ledger_costs.h"
#include "text.h"

static const char *shown(struct arena *arena, int64_t units)
{
	return decimal_format(arena, decimal_trim(ledger_decimal(units)));
}

/* Nobody may mistake play money for his own. */
static const char *venue_of(const struct order *order)
{
	return text_equal(order->venue, order_venues[0]) ? "paper" : "LIVE";
}

static bool has_trigger(const struct order *order)
{
	return order->type != MATCH_MARKET && order->type != MATCH_LIMIT;
}

static enum err note_fill(struct scope *scope, const struct order *before,
	const struct order *after)
{
	struct arena *arena = scope_arena(scope);
	const int64_t quantity = after->filled - before->filled;
	const int64_t value = after->filled_value - before->filled_value;
	const bool whole = after->filled == after->quantity;
	const bool stop = has_trigger(after);

	if (quantity <= 0)
		return ERR_OK;
	return event_note(scope, stop ? EVENT_STOP : EVENT_FILL,
		"%s%s %s %s at %s for %s (%s)%s%s",
		stop ? "Stop reached: " : "", after->buys ? "Bought" : "Sold",
		shown(arena, quantity), after->symbol,
		shown(arena, ledger_share(LEDGER_ONE, value, quantity)),
		shown(arena, value), venue_of(after),
		whole ? "" : ", so far of ",
		whole ? "" : shown(arena, after->quantity));
}

static enum err note_trigger(struct scope *scope, const struct order *before,
	const struct order *now)
{
	struct arena *arena = scope_arena(scope);

	/* one without a limit is told when it fills */
	if (before->triggered || !now->triggered || !now->price)
		return ERR_OK;
	return event_note(scope, EVENT_STOP,
		"Stop reached: the order to %s %s %s (%s) now waits at its "
		"limit",
		order_sides[!now->buys], shown(arena, now->quantity),
		now->symbol, venue_of(now));
}

static enum err note_end(struct scope *scope, const struct order *order,
	enum event_kind kind, const char *what)
{
	struct arena *arena = scope_arena(scope);

	return event_note(scope, kind, "%s: %s %s %s (%s), reason: %s", what,
		order_sides[!order->buys], shown(arena, order->quantity),
		order->symbol, venue_of(order),
		order->reason ? order->reason : "not said");
}

/* The user's own halt ends orders for that reason: told once, by risk. */
static bool is_cut_by_risk(const struct order *order, enum order_cause cause)
{
	return order->state == ORDER_CANCELLED && cause == CAUSE_RISK &&
	       !(order->reason && text_equal(order->reason, "halted"));
}

enum err event_note_order(struct scope *scope, const struct order *before,
	const struct order *after, enum order_cause cause)
{
	if (cause == CAUSE_FILL)
		return note_fill(scope, before, after);
	if (cause == CAUSE_TRIGGER)
		return note_trigger(scope, before, after);
	if (after->state == ORDER_DENIED)
		return note_end(
			scope, after, EVENT_DENIED, "Order denied by risk");
	if (after->state == ORDER_REJECTED)
		return note_end(scope, after, EVENT_REJECTED,
			"Order rejected by the venue");
	if (is_cut_by_risk(after, cause))
		return note_end(
			scope, after, EVENT_DENIED, "Order ended by risk");
	return ERR_OK;
}
