/*
 * What running strategies said. Of each run the last evaluation is kept,
 * and all that fired, for SIGNAL_KEEP_DAYS.
 */
#ifndef DOMAIN_SIGNALS_H
#define DOMAIN_SIGNALS_H

#include "page.h"
#include "scope.h"
#include "shape.h"

/* "entry_long" "entry_short" "exit_long" "exit_short" "none",
   NULL-terminated; the first four by enum signal_kind. */
extern const char *const signal_names[];

enum {
	/* A candle is followed by the next one's close after two intervals;
	   whoever brings candles may be later by this. */
	SIGNAL_GRACE_MS = 60 * 1000,
	SIGNALS_FIRED_SHOWN = 20
};

struct signal_view {
	const char *id, *run_id;
	const char *strategy_id, *strategy_name;
	int64_t strategy_version;
	const char *symbol, *interval;
	struct timestamp candle_time; /* open of the candle */
	struct decimal price;	      /* its close */
	const char *kind;
	struct text_list fired; /* every rule that fired on that candle */
	struct ratio strength;	/* 0 to 1 */
	struct raw_json reason;
	struct timestamp evaluated_at;
	int64_t age_s; /* since the candle's close */
	bool stale;    /* there ought to be a newer candle */
};

/* The last evaluation of each running run; of these symbols only, unless
   there are none. By symbol, then by strategy. */
MUST_CHECK enum err signals_latest(struct scope *scope,
	const struct text_list *symbols, struct list *out /* signal_view */);
struct signal_history_query {
	const char *strategy_id; /* or NULL: all */
	int64_t limit;
	const char *cursor;
};
/* Those that fired, the newest candle first. */
MUST_CHECK enum err signals_history(struct scope *scope,
	const struct signal_history_query *in,
	struct page *out /* signal_view */);

#endif
