/*
 * One rate window: exact for small limits, two weighted counters for large
 * ones, and the cool-down of those who do not stop. Pure arithmetic on
 * integers that a double holds exactly too, because Redis' Lua has no other
 * numbers. Must never let a clock that goes back open a window, nor keep one
 * shut for longer than a window.
 */
#include "window.h"

#include <stddef.h>

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static size_t bytes_of(const struct window_state *state)
{
	return offsetof(struct window_state, at) +
	       (size_t)state->count * sizeof(state->at[0]);
}

void window_read(struct window_state *state, const void *bytes, size_t len)
{
	const size_t fixed = offsetof(struct window_state, at);

	memset(state, 0, fixed);
	if (len < fixed || len > sizeof(*state))
		return;
	memcpy(state, bytes, len);
	if (state->count < 0 || state->count > STORE_EXACT_LIMIT ||
		bytes_of(state) != len)
		memset(state, 0, fixed);
}

size_t window_write(const struct window_state *state, void *bytes)
{
	size_t len = bytes_of(state);

	memcpy(bytes, state, len);
	return len;
}

/* ---- exact ---------------------------------------------------------------- */

/* Entries that a clock set back has left in the future come to `now`;
   returns the time to go by. */
static int64_t exact_clock(struct window_state *state, int64_t now)
{
	int64_t newest = state->count > 0 ? state->at[state->count - 1] : 0;

	if (newest <= now)
		return now;
	if (newest - now <= WINDOW_SKEW_MS)
		return newest;
	for (int64_t i = 0; i < state->count; i++)
		if (state->at[i] > now)
			state->at[i] = now;
	return now;
}

static void exact_prune(struct window_state *state, int64_t until)
{
	int64_t gone = 0;

	while (gone < state->count && state->at[gone] <= until)
		gone++;
	if (gone == 0)
		return;
	state->count -= gone;
	memmove(state->at, state->at + gone,
		(size_t)state->count * sizeof(state->at[0]));
}

static struct window_figures exact_take(struct window_state *state,
	const struct store_window *window, int64_t now)
{
	int64_t clock = exact_clock(state, now);
	struct window_figures figures = {.allowed = false};

	exact_prune(state, clock - window->window_ms);
	if (state->count < window->limit) {
		state->at[state->count++] = clock;
		figures.allowed = true;
		figures.remaining = window->limit - state->count;
	} else {
		figures.retry_ms = state->at[state->count - window->limit] +
				   window->window_ms - now;
	}
	figures.reset_ms =
		state->at[state->count - 1] + window->window_ms - now;
	return figures;
}

/* ---- two counters --------------------------------------------------------- */

/* Brings the counters to `now`; returns how far the present one has come. */
static int64_t weighted_turn(
	struct window_state *state, int64_t window_ms, int64_t now)
{
	int64_t start = now - now % window_ms;

	if (start < state->start && state->start - now <= WINDOW_SKEW_MS)
		return 0;
	if (start > state->start) {
		state->past =
			start - state->start == window_ms ? state->present : 0;
		state->present = 0;
	}
	state->start = start;
	return now - start;
}

/* From now until one fits; `come`: how far the present counter has come. */
static int64_t weighted_retry(const struct window_state *state,
	const struct store_window *window, int64_t come)
{
	int64_t length = window->window_ms;
	int64_t free = window->limit - state->present - 1;

	if (free >= 0 && state->past > 0)
		return larger(length - free * length / state->past - come, 0);
	/* in the next one, where the present counter is the past one */
	free = (window->limit - 1) * length / larger(state->present, 1);
	return length - come + larger(length - free, 0);
}

static struct window_figures weighted_take(struct window_state *state,
	const struct store_window *window, int64_t now)
{
	int64_t length = window->window_ms;
	int64_t come = weighted_turn(state, length, now);
	int64_t behind = state->start + come - now; /* of another's clock */
	int64_t used = state->past * (length - come) + state->present * length;
	int64_t left = window->limit * length - used;
	struct window_figures figures = {.allowed = left >= length};

	if (figures.allowed) {
		state->present++;
		figures.remaining = (left - length) / length;
	} else {
		figures.retry_ms = behind + weighted_retry(state, window, come);
	}
	figures.reset_ms =
		state->start + (state->present > 0 ? 2 : 1) * length - now;
	return figures;
}

/* ---- cool-down ------------------------------------------------------------ */

/* Of the level-th cool-down in a row (1, 2, ...), ms. */
static int64_t cooldown_of(const struct store_window *window, int64_t level)
{
	int64_t cap = larger(window->cooldown_cap_ms, window->cooldown_ms);
	int64_t length = window->cooldown_ms;

	while (level-- > 1 && length < cap)
		length *= 2;
	return length < cap ? length : cap;
}

/* Who was as quiet as the last cool-down was long is forgiven that one. */
static void cooldown_decay(struct window_state *state,
	const struct store_window *window, int64_t now)
{
	int64_t quiet = now - state->quiet;

	while (state->level > 0 && quiet >= cooldown_of(window, state->level)) {
		quiet -= cooldown_of(window, state->level);
		state->level--;
	}
}

/* A refusal by the count; may earn a cool-down. */
static void cooldown_note(struct window_state *state,
	const struct store_window *window, int64_t now,
	struct window_figures *figures)
{
	int64_t length;

	cooldown_decay(state, window, now);
	if (state->refusals == 0 || now - state->since >= window->window_ms) {
		if (state->level == 0)
			state->total = 0;
		state->refusals = 0;
		state->since = now;
	}
	if (state->since > now)
		state->since = now;
	state->refusals++;
	state->total++;
	state->quiet = now;
	if (state->refusals < window->patience)
		return;
	if (state->level == 0 ||
		cooldown_of(window, state->level) < window->cooldown_cap_ms)
		state->level++;
	length = cooldown_of(window, state->level);
	state->until = state->quiet = now + length;
	state->refusals = 0;
	figures->blocked = true;
	figures->retry_ms = larger(figures->retry_ms, length);
	figures->reset_ms = larger(figures->reset_ms, length);
}

/* Within a cool-down: refused, and no more than counted. */
static bool cooldown_holds(struct window_state *state,
	const struct store_window *window, int64_t now,
	struct window_figures *out)
{
	int64_t longest = larger(window->cooldown_cap_ms, window->cooldown_ms);

	if (window->patience <= 0 || state->until <= now)
		return false;
	if (state->until - now > longest) /* the clock was set back */
		state->until = state->quiet = now + longest;
	state->total++;
	*out = (struct window_figures){.blocked = true,
		.retry_ms = state->until - now,
		.reset_ms = state->until - now};
	return true;
}

struct window_figures window_decide(struct window_state *state,
	const struct store_window *window, int64_t now)
{
	struct window_figures figures;

	if (cooldown_holds(state, window, now, &figures))
		return figures;
	figures = window->limit <= STORE_EXACT_LIMIT
			  ? exact_take(state, window, now)
			  : weighted_take(state, window, now);
	if (!figures.allowed && window->patience > 0)
		cooldown_note(state, window, now, &figures);
	return figures;
}

int64_t window_expiry(const struct window_state *state,
	const struct store_window *window, int64_t now)
{
	int64_t expiry = now + 2 * window->window_ms + WINDOW_SKEW_MS;

	if (state->level > 0)
		expiry = larger(expiry,
			state->quiet + 3 * cooldown_of(window, state->level));
	return expiry;
}

void window_sum(const struct store_windows *windows,
	const struct window_figures *figures, struct store_taken *out)
{
	struct store_taken taken = {.allowed = true, .refused = windows->count};
	size_t pick = 0;

	for (size_t i = 0; i < windows->count; i++) {
		if (!figures[i].allowed) {
			taken.allowed = false;
			taken.refused = pick = i;
			break;
		}
		/* the smaller share, without a fraction */
		if (figures[i].remaining * windows->at[pick].limit <
			figures[pick].remaining * windows->at[i].limit)
			pick = i;
	}
	taken.tightest = pick;
	taken.blocked = figures[pick].blocked;
	taken.remaining = figures[pick].remaining;
	taken.reset_ms = figures[pick].reset_ms;
	taken.retry_ms = figures[pick].retry_ms;
	*out = taken;
}
