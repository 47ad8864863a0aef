/*
 * The arithmetic of the shared budget. A fixed number of users is kept; the
 * one that was silent longest makes room. No clock, no I/O, no waiting here:
 * who may not go is told when to come back.
 */
#include "governor.h"

#include "text.h"

enum {
	USERS = 256,
	NAME_ROOM = 64,
	WINDOW_MS = 60000,
	TEN_SECONDS_MS = 10000,
	DAY_MS = 86400000,
	STOP_MIN_MS = 1000,
	BAN_MIN_MS = 120000,
	STOP_MAX_MS = 4 * DAY_MS,
	STOP_MEMORY_MS = 900000,
	PATIENCE_MAX_MS = 900000
};

/* One user's account: orders are counted by account, not by address. */
struct share {
	char user[NAME_ROOM];
	bool taken;
	int64_t seen;		 /* window in which it last asked */
	int64_t window;		 /* of `used` */
	int64_t used;		 /* weight in it */
	int64_t ten, ten_orders; /* number of the ten seconds, orders in it */
	int64_t day, day_orders;
};

struct governor {
	struct governor_limits limits;
	int64_t window; /* number of the present one */
	int64_t used;	/* weight in it, by all, here and elsewhere */
	int64_t stopped_until;
	int64_t stop_ms; /* how long the last stop was */
	struct share shares[USERS];
};

static int percent_or(int given, int otherwise)
{
	return given > 0 && given <= 100 ? given : otherwise;
}

struct governor *governor_open(
	struct arena *arena, const struct governor_limits *limits)
{
	static const int usual[GOVERN_CLASSES] = {95, 80, 60};
	struct governor *governor = arena_alloc(arena, sizeof(*governor));

	governor->limits = *limits;
	if (governor->limits.window_ms <= 0)
		governor->limits.window_ms = WINDOW_MS;
	for (int i = 0; i < GOVERN_CLASSES; i++)
		governor->limits.percent[i] =
			percent_or(limits->percent[i], usual[i]);
	return governor;
}

/* A clock that was set back stays in the newest window. */
static void roll(struct governor *governor, int64_t now_ms)
{
	int64_t window = now_ms / governor->limits.window_ms;

	if (window <= governor->window)
		return;
	governor->window = window;
	governor->used = 0;
}

static int64_t window_end(const struct governor *governor)
{
	return (governor->window + 1) * governor->limits.window_ms;
}

static int64_t ceiling(
	const struct governor *governor, enum governor_class class)
{
	return governor->limits.weight * governor->limits.percent[class] / 100;
}

static struct share *oldest(struct governor *governor)
{
	struct share *out = &governor->shares[0];

	for (size_t i = 0; i < USERS; i++) {
		struct share *share = &governor->shares[i];

		if (!share->taken)
			return share;
		if (share->seen < out->seen)
			out = share;
	}
	return out;
}

static struct share *share_of(struct governor *governor, const char *user)
{
	struct share *share;
	size_t len = strnlen(user, NAME_ROOM - 1);

	for (size_t i = 0; i < USERS; i++) {
		share = &governor->shares[i];
		if (share->taken && strncmp(share->user, user, len) == 0 &&
			share->user[len] == '\0')
			return share;
	}
	share = oldest(governor);
	*share = (struct share){.taken = true};
	memcpy(share->user, user, len);
	return share;
}

static int64_t used_by(
	const struct governor *governor, const struct share *share)
{
	return share->window == governor->window ? share->used : 0;
}

static bool is_active(
	const struct governor *governor, const struct share *share)
{
	return share->taken && share->seen >= governor->window - 1;
}

/*
 * How the ceiling is divided: what other programs used goes off, the rest is
 * for those who are about, in equal parts. `kept` is what the others have not
 * yet had of theirs.
 */
struct division {
	int64_t fair, kept;
};

static struct division divide(
	const struct governor *governor, const struct share *own, int64_t most)
{
	struct division out = {.fair = most - governor->used};
	int64_t active = 0;

	for (size_t i = 0; i < USERS; i++) {
		const struct share *share = &governor->shares[i];

		if (!is_active(governor, share))
			continue;
		active++;
		out.fair += used_by(governor, share);
	}
	/* the asker is active */
	out.fair = active > 0 && out.fair > 0 ? out.fair / active : 0;
	for (size_t i = 0; i < USERS; i++) {
		const struct share *share = &governor->shares[i];
		int64_t left = out.fair - used_by(governor, share);

		if (share != own && is_active(governor, share) && left > 0)
			out.kept += left;
	}
	return out;
}

static void roll_orders(struct share *share, int64_t now_ms)
{
	if (now_ms / TEN_SECONDS_MS > share->ten) {
		share->ten = now_ms / TEN_SECONDS_MS;
		share->ten_orders = 0;
	}
	if (now_ms / DAY_MS > share->day) {
		share->day = now_ms / DAY_MS;
		share->day_orders = 0;
	}
}

/* 0, or when the account may place another order. */
static int64_t orders_wait(
	const struct governor *governor, const struct share *share)
{
	const struct governor_limits *limits = &governor->limits;

	if (limits->orders_day > 0 && share->day_orders >= limits->orders_day)
		return (share->day + 1) * DAY_MS;
	if (limits->orders_10s > 0 && share->ten_orders >= limits->orders_10s)
		return (share->ten + 1) * TEN_SECONDS_MS;
	return 0;
}

/* Within the own share, and for the first call of a window, others do not
   matter; beyond it only what they leave. */
static bool has_room(const struct governor *governor, const struct share *share,
	const struct governor_ask *ask)
{
	int64_t most = ceiling(governor, ask->class);
	int64_t left = most - governor->used;
	int64_t own = used_by(governor, share);
	struct division division = divide(governor, share, most);

	if (ask->weight > left)
		return false;
	return own == 0 || own + ask->weight <= division.fair ||
	       ask->weight <= left - division.kept;
}

static void count(struct governor *governor, struct share *share,
	const struct governor_ask *ask)
{
	share->used = used_by(governor, share) + ask->weight;
	share->window = governor->window;
	governor->used += ask->weight;
	if (!ask->order)
		return;
	share->ten_orders++;
	share->day_orders++;
}

bool governor_take(struct governor *governor, int64_t now_ms,
	const struct governor_ask *ask, int64_t *at_ms)
{
	struct share *share;
	int64_t wait = 0;

	roll(governor, now_ms);
	share = share_of(governor, ask->user);
	share->seen = governor->window;
	roll_orders(share, now_ms);
	if (governor->stopped_until > now_ms) {
		*at_ms = governor->stopped_until;
		return false;
	}
	if (ask->order)
		wait = orders_wait(governor, share);
	if (!wait && !has_room(governor, share, ask))
		wait = window_end(governor);
	if (wait) {
		*at_ms = wait > now_ms ? wait : now_ms + 1;
		return false;
	}
	count(governor, share, ask);
	return true;
}

void governor_used(struct governor *governor, int64_t now_ms, int64_t weight)
{
	roll(governor, now_ms);
	if (weight > governor->used)
		governor->used = weight;
}

void governor_orders_used(struct governor *governor, int64_t now_ms,
	const char *user, int64_t in_10s, int64_t in_day)
{
	struct share *share = share_of(governor, user);

	roll_orders(share, now_ms);
	if (in_10s > share->ten_orders)
		share->ten_orders = in_10s;
	if (in_day > share->day_orders)
		share->day_orders = in_day;
}

/* Twice the last wait when that ended a short while ago, within reason: only
   the exchange's own word stops everybody for longer. */
static int64_t patience(const struct governor *governor, int64_t now_ms)
{
	int64_t wait = 2 * governor->stop_ms;

	if (now_ms - governor->stopped_until >= STOP_MEMORY_MS)
		return 0;
	return wait < PATIENCE_MAX_MS ? wait : PATIENCE_MAX_MS;
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

void governor_stop(struct governor *governor, int64_t now_ms, bool banned,
	int64_t retry_after_s)
{
	int64_t wait = banned ? BAN_MIN_MS : STOP_MIN_MS;

	roll(governor, now_ms);
	if (retry_after_s > STOP_MAX_MS / 1000)
		retry_after_s = STOP_MAX_MS / 1000;
	if (retry_after_s >= 0)
		wait = larger(wait, retry_after_s * 1000);
	else if (!banned)
		wait = larger(wait, window_end(governor) - now_ms);
	wait = larger(wait, patience(governor, now_ms));
	governor->stop_ms = wait;
	governor->stopped_until =
		larger(governor->stopped_until, now_ms + wait);
}

void governor_set(struct governor *governor, int64_t weight, int orders_10s,
	int orders_day)
{
	if (weight > 0)
		governor->limits.weight = weight;
	if (orders_10s > 0)
		governor->limits.orders_10s = orders_10s;
	if (orders_day > 0)
		governor->limits.orders_day = orders_day;
}

int64_t governor_next_ms(const struct governor *governor, int64_t now_ms,
	enum governor_class class)
{
	int64_t window = now_ms / governor->limits.window_ms;

	if (governor->stopped_until > now_ms)
		return governor->stopped_until;
	if (window > governor->window ||
		governor->used < ceiling(governor, class))
		return now_ms;
	return window_end(governor) > now_ms ? window_end(governor) : now_ms;
}
