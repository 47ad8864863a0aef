/*
 * Orders that are given to an exchange, as far as the API's side goes: rows
 * for `kontor work`, no network.
 */
#ifndef DOMAIN_LIVE_PRIVATE_H
#define DOMAIN_LIVE_PRIVATE_H

#include "limits.h"
#include "risk_private.h"

/* The reason of an order whose cancellation, or change, is asked for. */
extern const char live_cancelling[];
extern const char live_amending[];

/* Does it go to an exchange? */
bool live_is(const char *venue);
/* It is for one that does not have its type: open, watched here (live_watch.c),
   and nothing of it was sent. */
bool live_watched(const struct order *order);
/*
 * May this user give this order there? ERR_BAD_INPUT with faults for what
 * the exchange does not have, ERR_CONFLICT while the keys are missing,
 * unchecked or refused. Before the book is opened.
 */
MUST_CHECK enum err live_check(struct scope *scope, const struct limits *limits,
	const struct order_new *in);
/* In the order's transaction, behind risk: its row of the outbox. */
MUST_CHECK enum err live_submit(struct scope *scope,
	const struct limits *limits, const struct order *order);
/* The same of one that is to be watched here: accepted, with its level from
   the price of now. ERR_CONFLICT: there is no fresh one. */
MUST_CHECK enum err live_watch(
	struct scope *scope, const struct quote *quote, struct order *order);
/* What was held is to be sent, until then. ERR_CONFLICT: it is not held any
   more. */
MUST_CHECK enum err live_release(
	struct scope *scope, const char *order_id, int64_t until_at);
/* Not sent yet: it ends here. Else the exchange is asked to cancel it, and it
   stays open until that answers. */
MUST_CHECK enum err live_cancel(struct scope *scope, struct order *order,
	enum order_cause cause, const char *reason);
/* May it be changed now? One that is watched here, or rests there alone. Faults,
   or ERR_CONFLICT. */
MUST_CHECK enum err live_may_amend(
	struct scope *scope, const struct order *order);
/* The exchange is asked to cancel it, and then it is given again as `next`. */
MUST_CHECK enum err live_amend(
	struct scope *scope, struct order *order, const struct order *next);
/* The row that asks for it; again NULL: and then it ends. */
MUST_CHECK enum err live_cancel_put(
	struct scope *scope, const char *order_id, const struct order *again);
/* An open order of whichever venue, on its way to its end. */
MUST_CHECK enum err order_stop(struct scope *scope, struct order *order,
	enum order_cause cause, const char *reason);

/* Spot: nothing is sold that is not held; and the exchange's ticks are its
   own, not those of our candles. */
void live_desk(struct risk_settings *settings, struct quote *quote);

/* What the exchange said of the symbol, as faults; nothing while it has not
   been asked: then it is asked when the order is sent. */
MUST_CHECK enum err live_rules_check(
	struct scope *scope, const struct order_new *in);
/* The same of what an order is to become. */
MUST_CHECK enum err live_change_check(struct scope *scope,
	const struct order *next, const struct quote *quote);
/* What it takes of a symbol, for who makes orders himself; 0: no limit. */
struct live_symbol {
	bool known, trading;
	int64_t tick, step, lot_min, value_min;
};
MUST_CHECK enum err live_symbol_read(
	struct scope *scope, const char *symbol, struct live_symbol *out);
/* May a strategy trade this symbol there? Faults at /mode and /symbol;
   ERR_CONFLICT as live_check(). */
MUST_CHECK enum err live_ready(
	struct scope *scope, const struct limits *limits, const char *symbol);
/* Down to a whole number of its steps. */
MUST_CHECK enum err live_round(
	struct scope *scope, const char *symbol, int64_t *quantity);

/* The asset in which symbol is priced: "USDT" of "BTC-USDT"; "" of none. */
const char *live_quote_of(const char *symbol);

#endif
