/*
 * Strategies that trade at an exchange, for the background process: decided
 * with the candle (signal_runner.h), carried on here by what became of their
 * orders. No network: orders leave through the outbox.
 */
#ifndef DOMAIN_LIVE_RUNS_H
#define DOMAIN_LIVE_RUNS_H

#include "limits.h"
#include "scope.h"
#include "shape.h"

struct live_run_due {
	const char *user_id, *run_id, *symbol;
	bool needs_rules; /* the exchange was not asked about the symbol yet */
};
/* Runs of which an order moved since they were looked at, those whose stop a
   new quote is through, and those that nobody looked at since `before`; also
   ended ones whose book is open. */
MUST_CHECK enum err live_runs_plan(struct admin_scope *admin, int64_t before,
	struct list *out /* live_run_due */);
/* One transaction: protects what was bought, leaves what is to be left, gives
   back the money of one that is over. What contradicts its book ends the run,
   which is told; *ended then. */
MUST_CHECK enum err live_run_tick(struct scope *scope,
	const struct limits *limits, const char *run_id, bool *ended);
/* The exchange does not have its symbol: it ends. */
MUST_CHECK enum err live_run_refused(
	struct scope *scope, const char *run_id, const char *why);

#endif
