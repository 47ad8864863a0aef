/*
 * A run that trades at an exchange, within one transaction: its book, what it
 * remembers, its open orders. What it holds is what its book holds; only what
 * the book cannot say stands in its state.
 */
#ifndef DOMAIN_LIVE_RUN_PRIVATE_H
#define DOMAIN_LIVE_RUN_PRIVATE_H

#include "advise.h"
#include "book_run_private.h"
#include "live_private.h"

extern const char live_run_mode[];

/* Kept as JSON in run_sims.state. */
struct live_memory {
	const char *entry;   /* order that may still fill, or NULL */
	const char *last;    /* order that protects or leaves, or NULL */
	const char *closing; /* why all is to be sold, or NULL */
	int64_t stop_range, target_range; /* at the entry's candle; 1e-8 */
	int64_t stop, target;		  /* of what is held; 0: none */
	int64_t entry_price, entered_at;  /* as it filled; open of its candle */
	int64_t filled_at;		  /* when that was booked */
	int64_t through_at; /* since when a stop that rests ought to have sold;
			       0: it ought not */
	int64_t tries;	    /* orders that protect or leave, of this position */
	bool held;
	bool left; /* over: what is held is its owner's business */
};

struct live_run {
	struct scope *scope;
	const struct limits *limits;
	const char *id, *symbol;
	int64_t interval_ms;
	bool running, ended; /* ended: here, with an error */
	bool stopped;	     /* by a halt, or by its owner */
	int64_t stopped_at;
	bool again; /* there is more to do at once */
	struct book book;
	struct risk_settings settings;
	struct quote quote;
	struct live_symbol rules;
	struct live_memory memory;
	int64_t fee, slippage; /* that sizes are reckoned with */
	int64_t trades, refused, blocked, denied;
	int64_t last_time, last_price;
	struct list open; /* order */
};

/* Opens the book. ERR_CONFLICT: it is closed. */
MUST_CHECK enum err live_run_open(struct scope *scope,
	const struct limits *limits, const char *run_id, struct live_run *out);
MUST_CHECK enum err live_run_write(struct live_run *run);
/* Whatever follows from its book and orders. */
MUST_CHECK enum err live_run_step(struct live_run *run);
/* It does nothing more; position and orders stay as they are. */
MUST_CHECK enum err live_run_fail(struct live_run *run, const char *why);
/* What can be sold: whole steps, 0 when it is less than is traded, in quantity
   or value. */
int64_t live_run_tradable(const struct live_run *run);

/* The second line (live_run_watch.c): a fresh quote is at the stop or below, and
   nothing at the exchange does anything about it. */
bool live_run_stop_missed(struct live_run *run);

/* ---- orders (live_run_orders.c) ---------------------------------------------- */

/* Buys, if risk lets it: memory.entry then. */
MUST_CHECK enum err live_run_enter(struct live_run *run, int64_t quantity);
/* At the market, all of it. */
MUST_CHECK enum err live_run_leave(struct live_run *run);
/* The stop and the target of what is held, as one pair when there are both. */
MUST_CHECK enum err live_run_protect(struct live_run *run);
/* Each that is open and not being cancelled. */
MUST_CHECK enum err live_run_cancel(struct live_run *run);

/* ---- begun and over (live_run_begin.c) ---------------------------------------- */

/* Faults at what cannot be done there. Needs no transaction. */
MUST_CHECK enum err live_run_check(struct scope *scope,
	const struct limits *limits, const struct program *program,
	struct backtest_new *costs);
/* Its money comes out of the account by hand. ERR_BAD_INPUT with faults,
   ERR_CONFLICT with words. */
MUST_CHECK enum err live_run_begin(struct scope *scope,
	const struct limits *limits, const struct run_ref *run,
	const struct backtest_new *costs);
/* Gives back what a flat run that is over has, and closes its book. */
MUST_CHECK enum err live_run_return(struct live_run *run);
/* Its owner stops it; close: what it holds is sold. */
MUST_CHECK enum err live_run_stop(struct scope *scope,
	const struct limits *limits, const struct run_ref *run, bool close);
/* The candles of one transaction. */
MUST_CHECK enum err live_run_bars(struct scope *scope,
	const struct limits *limits, const struct run_ref *run,
	const struct program *program, const struct run_bars *bars);

/* The fee and slippage of its options, as they are kept. */
extern const struct shape run_options_shape;

#endif
