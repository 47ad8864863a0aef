/*
 * The book of a strategy run that trades: the engine's own simulator, whose
 * state stands in the database, and what it does as orders and fills. Each
 * within a transaction of the caller.
 */
#ifndef DOMAIN_BOOK_RUN_PRIVATE_H
#define DOMAIN_BOOK_RUN_PRIVATE_H

#include "candles.h"
#include "decisions.h"
#include "limits.h"
#include "program.h"
#include "scope.h"
#include "shape.h"
#include "strategy_runs.h"

/* Does a run of this mode trade? */
bool strategy_run_trades(const char *mode);
/* At an exchange? */
bool strategy_run_is_live(const char *mode);

struct run_ref {
	const char *id, *symbol;
	int64_t interval_ms;
};
/* The candles that one transaction is about, and what was decided on them. */
struct run_bars {
	const struct candles *candles;
	const struct decisions *decisions;
	int64_t last_price; /* the last close, scaled by 1e-8 */
};

/* Faults at the cash and the costs; for runs that trade. Needs no
   transaction. */
MUST_CHECK enum err book_run_check(struct scope *scope,
	const struct limits *limits, const struct program *program,
	struct backtest_new *costs);
/* A book of its own for a run that begins. */
MUST_CHECK enum err book_run_begin(struct scope *scope, const char *run_id,
	const struct backtest_new *costs);
/*
 * Trades on these candles. A run that has lost all its money is ended. Its
 * state cannot be read: ERR_INTERNAL with a detail.
 */
MUST_CHECK enum err book_run_bars(struct scope *scope,
	const struct limits *limits, const struct run_ref *run,
	const struct program *program, const struct run_bars *bars);
/* Leaves what it holds at its last candle's close. */
MUST_CHECK enum err book_run_leave(struct scope *scope,
	const struct limits *limits, const struct run_ref *run);
/* Is trading stopped for everybody? The run is ended then, and *over. */
MUST_CHECK enum err book_run_switch(struct scope *scope,
	const struct limits *limits, const struct run_ref *run, bool *over);
/* Ends a running run in that state, with words for its owner (NULL: none);
   a book that holds nothing closes. */
MUST_CHECK enum err run_end(struct scope *scope, const char *run_id,
	const char *state, const char *error);
/* What a run that trades has and holds, into its view; nothing for others. */
MUST_CHECK enum err book_run_view(struct scope *scope,
	const struct limits *limits, struct strategy_run_view *view);

#endif
