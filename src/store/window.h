/*
 * The arithmetic of one rate window and its cool-down: a state, a clock, a
 * decision. No I/O. The Redis script "take" says the same in Lua; the
 * conformance suite holds them to be equal.
 */
#ifndef STORE_WINDOW_H
#define STORE_WINDOW_H

#include "store.h"

enum {
	/* A clock this far behind the newest entry is another process' or
	   machine's: it is read as that entry's time. Further behind, the
	   clock was set back: the entries move to it. */
	WINDOW_SKEW_MS = 1000,
	/* bytes of a written state */
	WINDOW_ROOM = (10 + STORE_EXACT_LIMIT) * 8
};

struct window_state {
	/* cool-down: refusals since `since`, all refusals until it was quiet,
	   blocked until, how often, quiet from */
	int64_t since, refusals, total, until, level, quiet;
	/* two counters: the present one's start, both counts */
	int64_t start, present, past;
	/* exact: times, ascending */
	int64_t count;
	int64_t at[STORE_EXACT_LIMIT];
};

/* One window's part of a store_taken. */
struct window_figures {
	bool allowed, blocked;
	int64_t remaining, reset_ms, retry_ms;
};

/* What is no state reads as an empty one. */
void window_read(struct window_state *state, const void *bytes, size_t len);
/* Returns the bytes written. */
size_t window_write(const struct window_state *state, void *bytes);
/* Takes a request or notes a refusal: the state is the one after it. */
struct window_figures window_decide(struct window_state *state,
	const struct store_window *window, int64_t now);
/* From when on the state says no more than an empty one. */
int64_t window_expiry(const struct window_state *state,
	const struct store_window *window, int64_t now);

/* For several windows: of the one that refused, or the tightest. */
void window_sum(const struct store_windows *windows,
	const struct window_figures *figures, struct store_taken *out);

#endif
