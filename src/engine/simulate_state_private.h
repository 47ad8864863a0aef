/*
 * What the parts of the simulator share: the state of one run. Nothing
 * outside simulate*.c includes this.
 */
#ifndef ENGINE_SIMULATE_STATE_PRIVATE_H
#define ENGINE_SIMULATE_STATE_PRIVATE_H

#include "ledger_private.h"
#include "simulate_private.h"

/* GO_LONG and GO_SHORT close what is held on the other side first. */
enum action {
	ACTION_NONE,
	ACTION_CLOSE,
	ACTION_GO_LONG,
	ACTION_GO_SHORT
};

/* A decision that waits for its fill. */
struct order {
	enum action action;
	const char *reason; /* of what it closes */
	size_t bar;	    /* that decided */
	int64_t time;	    /* of its close */
	double atr[LEVEL_COUNT];
};

/* `at` is side * price, so that what is better for us is always larger;
   infinite where there is no such level. */
struct level_price {
	double at;
	int64_t price;
};

/* One entry that is held, with its own stops. */
struct position {
	struct lot lot;
	int64_t name; /* the listener's */
	double side;  /* 1 long, -1 short */
	size_t bar;   /* of the entry */
	int64_t time;
	int64_t since; /* from when the minutes of the table count, ms */
	struct level_price stop, target;
	const char *stop_reason;
	/* Of rules that look at every bar; side * price like `at` above. */
	double best, trail_from, tight_above, even_from;
	struct level_price even;
	int64_t trail_distance; /* 0: counts in percent */
	size_t roi_step;	/* the next of the table; those before began */
	struct level_price roi; /* closes above it, not on it */
	int64_t roi_from;	/* ms, when this step began */
};

/* A bar, or a finer candle of it; side * price. */
struct path {
	double open, worst, best;
	int64_t time;
	bool entered; /* the position was entered at its open */
};

struct fill {
	bool hit, rests;
	int64_t price;
	const char *reason;
};

/* Where and when a fill takes place; the price is before costs. */
struct moment {
	size_t bar;
	int64_t time;
	double price;
	int64_t decided; /* when; 0: in this very bar */
};

/* Trades in chunks: growing must not copy them, there may be many. */
struct trades {
	const struct trades *before;
	size_t count, room;
	struct backtest_trade *list;
};

struct sim {
	struct arena *arena;
	struct report *report;
	const struct rules *rules;
	const struct candles *detail;
	const struct trader_listener *listener;
	size_t detail_at; /* the first that is not over */
	int64_t interval;
	size_t bars, bar; /* in all (0: not known); the next one's index */
	size_t max_open, trade_limit;
	bool fill_on_close, finalize, touch_fills, long_only;
	bool walks;	 /* while something is held, every bar is looked at */
	bool watches;	 /* every bar is looked at */
	bool follows;	 /* stops follow the best price */
	bool has_levels; /* something but a signal can close */

	struct ledger ledger;
	struct position held[OPEN_LIMIT]; /* the oldest first, one side */
	size_t held_count;
	double size, base; /* equity = base + size * close */
	/* A bar that is better than the first for its worst price, less than
	   the second with its best, and earlier than the third, changes
	   nothing of what is held; side * price, ms. */
	double stop, gain;
	int64_t step;
	size_t due; /* the bar at which max_bars closes; SIZE_MAX: none */
	struct order order;

	bool has_exit;
	size_t exit_bar; /* the last one */
	int64_t trade_day, day_trades;
	int64_t equity_day;
	double day_equity, last_equity, peak_equity;
	bool day_is_lost, is_halted;

	struct trades *trades; /* the newest chunk */
	size_t trade_count;
	size_t refused, blocked, denied;
	bool ruined, limited;
};

extern const char sim_signal[], sim_stop_loss[], sim_take_profit[],
	sim_trailing_stop[], sim_break_even[], sim_time[], sim_roi[],
	sim_margin[], sim_drawdown[], sim_end[], sim_ruin[];

/* simulate_options.c: sets what the options say. */
MUST_CHECK enum err sim_options(struct sim *sim,
	const struct backtest_options *options, struct report *report);

/* simulate_orders.c */
MUST_CHECK enum err sim_perform(struct sim *sim, const struct moment *moment,
	const struct order *order);
/* The action closes what is held, which is on the other side. */
bool sim_turns(const struct sim *sim, enum action action);
MUST_CHECK enum err sim_leave(struct sim *sim, size_t index,
	const struct moment *moment, const struct fill *fill);
MUST_CHECK enum err sim_leave_all(
	struct sim *sim, const struct moment *moment, const char *reason);
/* After anything was entered or left: the sums over what is held. */
void sim_sum(struct sim *sim);
/* After a stop moved or a step of the table began. */
void sim_sum_levels(struct sim *sim);
/* All of them in one piece; NULL when there are none. */
const struct backtest_trade *sim_trades(const struct sim *sim);

/* simulate_stops.c: the levels of a position whose lot has its price. False
   when one of them cannot be known. */
bool sim_levels_set(const struct sim *sim, const struct order *order,
	struct position *position, int64_t *distance);
/* When the table's next step begins, ms; INT64_MAX when there is none. */
int64_t sim_next_step(const struct sim *sim, const struct position *position);
/* What the candle does to the position. */
MUST_CHECK enum err sim_path_try(const struct sim *sim,
	struct position *position, const struct path *path, struct fill *out);

/* simulate_limits.c: false when a limit keeps this entry away. */
bool sim_may_enter(const struct sim *sim, const struct moment *moment,
	const struct order *order);
void sim_entered(struct sim *sim, int64_t time);
/* The equity at a bar's close, before anything is decided there. */
void sim_watch(struct sim *sim, int64_t time, double equity);
/* Less is held than half of the margin. */
bool sim_is_under_margin(const struct sim *sim, double close, double equity);

/* simulate_bar.c: one bar on which something may happen. */
MUST_CHECK enum err sim_bar(
	struct sim *sim, const struct sim_block *block, size_t at);

#endif
