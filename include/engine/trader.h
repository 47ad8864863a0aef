/*
 * The simulator of backtests for a strategy at work: the same bars give the
 * same fills, however they were cut and however often the state was saved and
 * loaded in between. Who listens is told of each fill as it happens and asked
 * before each entry. Amounts are scaled by 1e-8.
 */
#ifndef ENGINE_TRADER_H
#define ENGINE_TRADER_H

#include "arena.h"
#include "backtest.h"
#include "candles.h"
#include "decisions.h"
#include "ledger_costs.h"

struct trader;

struct trader_entry {
	bool is_long;
	int64_t quantity; /* above 0 */
	int64_t price;	  /* of the fill, costs in it */
	int64_t mark;	  /* before costs */
	int64_t fee;
	int64_t time;	 /* open of the bar in which it fills */
	int64_t decided; /* close of the bar that decided it */
};
struct trader_exit {
	int64_t entry; /* the name that the listener gave it */
	bool was_long, rests;
	int64_t quantity, price, mark, fee;
	int64_t gross; /* profit, before fees */
	int64_t time, decided;
	const char *reason;
};
/* An error of either ends the run of bars; the trader is of no use then. */
struct trader_listener {
	/* *name: what it will be called when it is left; 0: it may not be. */
	enum err (*enter)(
		void *thing, const struct trader_entry *entry, int64_t *name);
	enum err (*leave)(void *thing, const struct trader_exit *left);
	void *thing;
};
struct trader_setup {
	const struct program *program;
	const struct backtest_options *options;
	const struct trader_listener *listener; /* or NULL */
};

/* All of the setup stays. ERR_BAD_INPUT with a fault at each option that
   cannot be. */
MUST_CHECK enum err trader_open(struct arena *arena,
	const struct trader_setup *setup, struct report *report,
	struct trader **out);
/* The state as text of one line a value, exactly; and back, into a trader
   that has seen no bar. ERR_BAD_INPUT: it is of another version of this
   program, of another setup, or was changed. */
const char *trader_save(const struct trader *trader, struct arena *arena);
MUST_CHECK enum err trader_load(struct trader *trader, const char *text);
/* The next bars and what the program says of them. ERR_BAD_INPUT with a fault
   when an amount leaves the ledger's range. */
MUST_CHECK enum err trader_bars(struct trader *trader,
	const struct candles *candles, const struct decisions *decisions);
/* Leaves all that is held, at this price of the last bar (opened at `time`),
   and forgets what was decided. */
MUST_CHECK enum err trader_leave(
	struct trader *trader, int64_t time, double price, const char *reason);

struct trader_held {
	bool is_long;
	int64_t name, quantity, price, fee, time;
	int64_t stop, target; /* 0: none */
	const char *stop_reason;
};
struct trader_state {
	int64_t cash;
	int64_t trades;			  /* that were closed */
	int64_t refused, blocked, denied; /* entries; denied by the listener */
	bool ruined;			  /* nothing is left of the money */
	struct trader_held held[16];
	size_t held_count;
};
void trader_look(const struct trader *trader, struct trader_state *out);
struct ledger_costs trader_costs(const struct trader *trader);

#endif
