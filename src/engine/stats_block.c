/*
 * The work that statistics do for each bar, while its block is in the cache:
 * no logarithm, no calendar, and as few divisions as there can be. Every sum
 * is added to in the order of the bars, so that no cut into blocks changes a
 * bit of it.
 */
#include "stats_private.h"

enum {
	FIRST_DAYS = 128, /* room for days */
	SATURDAY = 5,
	TILE = 8 /* bars looked at together for a new high or low */
};

/* ---- changes ----------------------------------------------------------- */

typedef int64_t stats_bits __attribute__((vector_size(16)));

/* Of two bars side by side. */
struct changes {
	stats_lanes x, y; /* half the log returns of equity and close */
	stats_lanes simple;
	stats_bits small; /* -1 in a lane where the series is good */
};

/*
 * log(b / a) / 2 = artanh(s), s = (b - a) / (b + a). Where s^2 is at most
 * this, s + s^3/3 + s^5/5 + s^7/7 is good to the last bit: what is left out
 * is below 2^-56 of the sum. It is a change of 2 % in one bar.
 */
static const double series_limit = 1e-4;

static inline stats_lanes series(stats_lanes s, stats_lanes squared)
{
	stats_lanes tail = 1.0 / 5 + squared * (1.0 / 7);

	return s * (1 + squared * (1.0 / 3 + squared * tail));
}

static double half_log(double before, double now)
{
	return now == before ? 0.0 : log(now / before) / 2;
}

static inline stats_lanes load_two(const double *at)
{
	stats_lanes out = {at[0], at[1]};

	return out;
}

static inline stats_lanes load_one(double value)
{
	stats_lanes out = {value, value};

	return out;
}

/* The values of two bars, and of the bars before them. */
struct places {
	stats_lanes before, now; /* equity */
	stats_lanes price, close;
};

/* By value, so that the loop's own stay in registers. */
static __attribute__((noinline)) struct changes changes_exactly(
	struct places at, struct changes out)
{
	for (int k = 0; k < 2; k++) {
		double before = at.before[k], now = at.now[k];

		if (out.small[k])
			continue;
		out.x[k] = half_log(before, now);
		out.y[k] = half_log(at.price[k], at.close[k]);
		/* Nothing after nothing is no return: a ruined run. */
		out.simple[k] = before > 0 ? (now - before) / before : 0;
	}
	return out;
}

/* With one division: 1 / (A B C) gives all of a / A, b / B and c / C. */
static inline struct changes changes_by_series(const struct places *at)
{
	stats_lanes a = at->now + at->before, b = at->close + at->price;
	stats_lanes ab = a * b;
	stats_lanes inverse = 1.0 / (ab * at->before);
	stats_lanes part = at->before * inverse; /* 1 / (a b) */
	stats_lanes rise = at->now - at->before;
	stats_lanes x = rise * (b * part);
	stats_lanes y = (at->close - at->price) * (a * part);
	stats_lanes xx = x * x, yy = y * y;

	/* NaN is not small. */
	return (struct changes){
		.x = series(x, xx),
		.y = series(y, yy),
		.simple = rise * (ab * inverse),
		.small = xx + yy <= series_limit,
	};
}

static inline struct changes changes_of(const struct places *at)
{
	struct changes out = changes_by_series(at);

	if (out.small[0] & out.small[1])
		return out;
	return changes_exactly(*at, out);
}

static inline void sums_add(
	struct stats_sums *sums, const struct changes *changes)
{
	stats_lanes change = changes->simple;
	stats_lanes squared = change * change;

	sums->xy += changes->x * changes->y;
	sums->yy += changes->y * changes->y;
	sums->simple += change;
	sums->squares += squared;
	sums->downside += (stats_lanes)((stats_bits)squared & (change < 0));
}

/* The very first bar: against the cash, and without a log return. */
static void first_bar_add(struct stats *stats, double equity)
{
	double change = (equity - stats->cash) / stats->cash;

	stats->sums.simple[0] = change;
	stats->sums.squares[0] = change * change;
	stats->sums.downside[0] = change < 0 ? change * change : 0;
}

/* One bar, in its own lane: as if its neighbour had come along. */
static void one_bar_add(
	struct stats_sums *sums, const struct places *at, size_t bar)
{
	struct changes changes = changes_of(at);
	struct stats_sums both = *sums;
	int lane = (int)(bar % 2);

	sums_add(&both, &changes);
	sums->xy[lane] = both.xy[lane];
	sums->yy[lane] = both.yy[lane];
	sums->simple[lane] = both.simple[lane];
	sums->squares[lane] = both.squares[lane];
	sums->downside[lane] = both.downside[lane];
}

static void bar_add(struct stats *stats, const double *equity,
	const double *close, size_t i)
{
	const struct places at = {
		.before = load_one(i ? equity[i - 1] : stats->last_equity),
		.now = load_one(equity[i]),
		.price = load_one(i ? close[i - 1] : stats->last_close),
		.close = load_one(close[i]),
	};

	if (stats->count + i == 0)
		first_bar_add(stats, equity[0]);
	else
		one_bar_add(&stats->sums, &at, stats->count + i);
}

/* Bars from..to-1, two by two: an even number, beginning with an even one. */
static void pairs_add(struct stats_sums *out, const double *equity,
	const double *close, size_t count)
{
	struct stats_sums sums = *out;

	for (size_t i = 0; i < count; i += 2) {
		const struct places at = {
			.before = load_two(&equity[i] - 1),
			.now = load_two(&equity[i]),
			.price = load_two(&close[i] - 1),
			.close = load_two(&close[i]),
		};
		struct changes changes = changes_of(&at);

		sums_add(&sums, &changes);
	}
	*out = sums;
}

/* Even bars add up in one lane, odd ones in the other, and the bar before
   the first of a block stands elsewhere. */
static void changes_add(struct stats *stats, const double *equity,
	const double *close, size_t count)
{
	size_t i = 0, pairs;

	do
		bar_add(stats, equity, close, i++);
	while (i < count && (stats->count + i) % 2);
	pairs = (count - i) / 2 * 2;
	pairs_add(&stats->sums, &equity[i], &close[i], pairs);
	i += pairs;
	if (i < count)
		bar_add(stats, equity, close, i);
}

/* ---- drawdowns --------------------------------------------------------- */

/* Keeps the deepest; of equals the earlier. */
static void list_add(
	struct stats_drawdowns *down, const struct stats_drawdown *drawdown)
{
	size_t at = down->listed;

	while (at > 0 && down->list[at - 1].depth_pct < drawdown->depth_pct)
		at--;
	if (at == STATS_DRAWDOWNS)
		return;
	if (down->listed < STATS_DRAWDOWNS)
		down->listed++;
	memmove(&down->list[at + 1], &down->list[at],
		(down->listed - 1 - at) * sizeof(down->list[0]));
	down->list[at] = *drawdown;
}

/* One that ends at bar `bar`: at its high, or with the run. */
static void drawdown_add(
	struct stats_drawdowns *down, size_t bar, int64_t time, bool recovered)
{
	double depth = 1 - down->low / down->high;
	int64_t lasted = time - down->high_time;
	const struct stats_drawdown drawdown = {
		.from = down->high_time,
		.bottom = down->low_time,
		.to = time,
		.recovered = recovered,
		.depth_pct = depth * 100,
	};

	down->deepest = fmax(down->deepest, depth);
	down->money = fmax(down->money, down->high - down->low);
	list_add(down, &drawdown);
	if (bar <= down->high_bar + 1)
		return;
	down->longest = lasted > down->longest ? lasted : down->longest;
	down->total += lasted;
	down->depths += depth;
	down->count++;
}

void stats_drawdown_end(struct stats *stats)
{
	struct stats_drawdowns *down = &stats->down;

	if (down->low < down->high)
		drawdown_add(down, stats->count - 1, stats->last_time, false);
}

static void drawdowns_step(
	struct stats_drawdowns *down, double equity, size_t bar, int64_t time)
{
	if (equity < down->high) {
		if (equity < down->low) {
			down->low = equity;
			down->low_time = time;
		}
		return;
	}
	if (down->low < down->high)
		drawdown_add(down, bar, time, true);
	down->high = down->low = equity;
	down->high_bar = bar;
	down->high_time = time;
}

static inline double larger(double a, double b)
{
	return a > b ? a : b;
}

static inline double smaller(double a, double b)
{
	return a < b ? a : b;
}

/* Whether all of a tile stand between the high and the low since. */
static bool nothing_new(const struct stats_drawdowns *down, const double *e)
{
	double high = larger(larger(larger(e[0], e[1]), larger(e[2], e[3])),
		larger(larger(e[4], e[5]), larger(e[6], e[7])));
	double low = smaller(smaller(smaller(e[0], e[1]), smaller(e[2], e[3])),
		smaller(smaller(e[4], e[5]), smaller(e[6], e[7])));

	return high < down->high && low >= down->low;
}

static void drawdowns_add(
	struct stats *stats, const struct candles *block, const double *equity)
{
	struct stats_drawdowns *down = &stats->down;

	for (size_t i = 0; i < block->count;) {
		size_t left = block->count - i;
		size_t end = i + (left < TILE ? left : TILE);

		if (left >= TILE && nothing_new(down, &equity[i]))
			i = end;
		for (; i < end; i++)
			drawdowns_step(down, equity[i], stats->count + i,
				block->time[i]);
	}
}

/* ---- days -------------------------------------------------------------- */

static void day_begin(struct stats *stats, int64_t time)
{
	int64_t day = stats_day_of(time);

	if (stats->day_count == stats->day_room) {
		size_t room =
			stats->day_room ? 2 * stats->day_room : FIRST_DAYS;
		struct stats_day *wider =
			arena_array(stats->arena, room, sizeof(*wider));

		if (stats->day_count)
			memcpy(wider, stats->days,
				stats->day_count * sizeof(*wider));
		stats->days = wider;
		stats->day_room = room;
	}
	stats->days[stats->day_count++] = (struct stats_day){.day = day};
	stats->midnight = (day + 1) * stats_day_ms;
	stats->weekend = stats_weekday(day) >= SATURDAY;
}

/* The first bar from `from` on that opens at or after midnight: steps that
   double, then halves. */
static size_t day_end(
	const struct candles *block, size_t from, int64_t midnight)
{
	size_t low = from, high, step = 1;

	while (low + step < block->count &&
		block->time[low + step] < midnight) {
		low += step;
		step *= 2;
	}
	high = low + step < block->count ? low + step : block->count;
	while (low + 1 < high) {
		size_t middle = low + (high - low) / 2;

		if (block->time[middle] < midnight)
			low = middle;
		else
			high = middle;
	}
	return high;
}

static void days_add(
	struct stats *stats, const struct candles *block, const double *equity)
{
	for (size_t i = 0; i < block->count;) {
		struct stats_day *day;
		size_t end;

		if (stats->day_count == 0 || block->time[i] >= stats->midnight)
			day_begin(stats, block->time[i]);
		end = day_end(block, i, stats->midnight);
		day = &stats->days[stats->day_count - 1];
		day->equity = equity[end - 1];
		day->close = block->close[end - 1];
		if (stats->weekend)
			stats->weekend_bars += end - i;
		i = end;
	}
}

/* Only of the last bars of a block: no others can be among the run's last. */
static void steps_add(struct stats *stats, const int64_t *time, size_t count)
{
	size_t from = count > STATS_STEPS ? count - STATS_STEPS : 0;

	for (size_t i = from; i < count; i++) {
		size_t bar = stats->count + i;

		if (bar > 0)
			stats->steps[(bar - 1) % STATS_STEPS] =
				time[i] - (i ? time[i - 1] : stats->last_time);
	}
}

/* ---- all of them ------------------------------------------------------- */

struct stats *stats_open(struct arena *arena, const struct stats_setup *setup)
{
	struct stats *stats = arena_alloc(arena, sizeof(*stats));

	stats->arena = arena;
	stats->cash = setup->cash;
	return stats;
}

void stats_block(
	struct stats *stats, const struct candles *block, const double *equity)
{
	size_t count = block->count;

	if (count == 0)
		return;
	if (stats->count == 0) {
		stats->first_time = block->time[0];
		stats->first_equity = equity[0];
		stats->first_close = block->close[0];
	}
	changes_add(stats, equity, block->close, count);
	drawdowns_add(stats, block, equity);
	days_add(stats, block, equity);
	steps_add(stats, block->time, count);
	stats->count += count;
	stats->last_time = block->time[count - 1];
	stats->last_equity = equity[count - 1];
	stats->last_close = block->close[count - 1];
}
