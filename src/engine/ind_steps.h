/*
 * Building stones of the kernels, each a small struct and a step of one bar.
 * They are kept in an indicator's state between blocks; a kernel copies them
 * into locals with *_begin, steps through the block, and copies them back.
 *
 * The windows take the place of running sums, from which a bar is subtracted
 * when it leaves, so that every rounding stays for ever. Here a window of n
 * bars is the end of one stretch of n bars and the beginning of the next
 * (van Herk and Gil-Werman, known for maxima): the sums of all ends are
 * computed backwards once a stretch, the beginning grows with each bar.
 * About three additions a bar whatever n is, nothing is ever subtracted, and
 * the result depends on the n bars of the window only.
 */
#ifndef ENGINE_IND_STEPS_H
#define ENGINE_IND_STEPS_H

#include "ind_private.h"

/*
 * The mean of the last `period` values. Summed are distances from `base`, the
 * last bar of the stretch before, which is in every window of this stretch:
 * equal values have exactly their value as the mean, and two such means can
 * not cross by a rounding while the market stands. `ring` holds `period`
 * doubles: behind `at` the sums of the ends, before it the new values.
 */
struct ind_mean {
	double *ring; /* set anew for each block */
	size_t period, at;
	double inverse, base, fresh;
};

static inline struct ind_mean ind_mean_begin(
	struct ind_mean saved, size_t period, double *ring)
{
	saved.ring = ring;
	saved.period = period;
	saved.inverse = 1.0 / (double)period;
	return saved;
}

/* Turns the values of a stretch into the sums from each to the last. */
static inline double ind_ends_of(double *ring, size_t period, double base)
{
	double sum = 0;

	for (size_t k = period; k-- > 0;) {
		sum += ring[k] - base;
		ring[k] = sum;
	}
	return sum;
}

/* Means something from the period-th value on. */
static inline double ind_mean_next(struct ind_mean *mean, double x)
{
	double sum;

	if (mean->at + 1 == mean->period) {
		mean->ring[mean->at] = x;
		sum = ind_ends_of(mean->ring, mean->period, x);
		mean->base = x;
		mean->fresh = 0;
		mean->at = 0;
	} else {
		mean->fresh += x - mean->base;
		sum = mean->ring[mean->at + 1] + mean->fresh;
		mean->ring[mean->at++] = x;
	}
	return mean->base + sum * mean->inverse;
}

/* The means of x[from] to x[count - 1], which come one after another; out may
   be x. */
static inline void ind_means(struct ind_mean *saved, const double *x,
	double *out, size_t from, size_t count)
{
	struct ind_mean mean = *saved;

	for (size_t i = from; i < count; i++)
		out[i] = ind_mean_next(&mean, x[i]);
	*saved = mean;
}

/* The sum of the last `period` values; `ring` as above. */
struct ind_total {
	double *ring;
	size_t period, at;
	double fresh;
};

static inline struct ind_total ind_total_begin(
	struct ind_total saved, size_t period, double *ring)
{
	saved.ring = ring;
	saved.period = period;
	return saved;
}

static inline double ind_total_next(struct ind_total *total, double x)
{
	double sum;

	if (total->at + 1 == total->period) {
		total->ring[total->at] = x;
		sum = ind_ends_of(total->ring, total->period, 0);
		total->fresh = 0;
		total->at = 0;
		return sum;
	}
	total->fresh += x;
	sum = total->ring[total->at + 1] + total->fresh;
	total->ring[total->at++] = x;
	return sum;
}

/* The highest high and the lowest low of the last `period` bars. */
struct ind_channel {
	double *highs, *lows;
	size_t period, at;
	double high, low; /* of the new stretch */
};

struct ind_bounds {
	double upper, lower;
};

/* `rings` holds twice `period` doubles. */
static inline struct ind_channel ind_channel_begin(
	struct ind_channel saved, size_t period, double *rings)
{
	saved.highs = rings;
	saved.lows = rings + period;
	saved.period = period;
	return saved;
}

static inline struct ind_bounds ind_channel_turn(struct ind_channel *channel)
{
	struct ind_bounds best = {.upper = -INFINITY, .lower = INFINITY};

	for (size_t k = channel->period; k-- > 0;) {
		best.upper = ind_max(channel->highs[k], best.upper);
		best.lower = ind_min(channel->lows[k], best.lower);
		channel->highs[k] = best.upper;
		channel->lows[k] = best.lower;
	}
	channel->high = -INFINITY;
	channel->low = INFINITY;
	channel->at = 0;
	return best;
}

static inline struct ind_bounds ind_channel_next(
	struct ind_channel *channel, double high, double low)
{
	size_t now = channel->at, next = now + 1;

	channel->highs[now] = high;
	channel->lows[now] = low;
	if (next == channel->period)
		return ind_channel_turn(channel);
	channel->high = ind_max(high, channel->high);
	channel->low = ind_min(low, channel->low);
	channel->at = next;
	return (struct ind_bounds){
		.upper = ind_max(channel->highs[next], channel->high),
		.lower = ind_min(channel->lows[next], channel->low)};
}

/*
 * An exponential average, seeded with the mean of its first `period` values
 * (TA-Lib). What stands still stays: the step towards an equal value is 0.
 */
struct ind_average {
	double value, base, factor;
	size_t period, seen;
};

/* The usual factor, and Wilder's. */
static inline struct ind_average ind_ema_begin(
	struct ind_average saved, size_t period)
{
	saved.period = period;
	saved.factor = 2.0 / ((double)period + 1.0);
	return saved;
}

static inline struct ind_average ind_wilder_begin(
	struct ind_average saved, size_t period)
{
	saved.period = period;
	saved.factor = 1.0 / (double)period;
	return saved;
}

/* Means something from the period-th value on. */
static inline double ind_average_next(struct ind_average *average, double x)
{
	if (average->seen >= average->period) {
		average->value += (x - average->value) * average->factor;
		return average->value;
	}
	if (average->seen == 0)
		average->base = x;
	average->value += x - average->base;
	if (++average->seen == average->period)
		average->value = average->base +
				 average->value / (double)average->period;
	return average->value;
}

/* An unbounded sum in two doubles: what an addition rounds away goes to
   `lost` (Knuth's two-sum), so that millions of bars do not add it up. */
struct ind_sum {
	double high, lost;
};

static inline double ind_sum_next(struct ind_sum *sum, double x)
{
	double total = sum->high + x;
	double part = total - sum->high;

	sum->lost += (sum->high - (total - part)) + (x - part);
	sum->high = total;
	return sum->high + sum->lost;
}

#endif
