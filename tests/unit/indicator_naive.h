/*
 * Every indicator by its definition: each bar afresh from the bars it is
 * about, with a loop in a loop, and what is defined by its own past in one
 * loop of its own. Written from the definitions, not from the kernels; values
 * before an indicator is ready are not looked at. For tests only.
 */
#ifndef TEST_INDICATOR_NAIVE_H
#define TEST_INDICATOR_NAIVE_H

#include "indicator_help.h"

struct naive {
	const struct bars *bars;
	const double *open, *high, *low, *close, *volume, *time;
	const double *args;
	size_t count;
	double **out;
	struct arena *arena;
};

static double *naive_column(const struct naive *n)
{
	return arena_array(n->arena, n->count, sizeof(double));
}

static size_t naive_period(const struct naive *n)
{
	return (size_t)n->args[0];
}

/* ---- parts ----------------------------------------------------------- */

/* Of the bars i - n + 1 to i. */
static double mean_of(const double *x, size_t i, size_t n)
{
	long double sum = 0;

	for (size_t k = i + 1 - n; k <= i; k++)
		sum += x[k];
	return (double)(sum / (long double)n);
}

static double sum_of(const double *x, size_t i, size_t n)
{
	return mean_of(x, i, n) * (double)n;
}

static double top_of(const double *x, size_t i, size_t n)
{
	double best = x[i];

	for (size_t k = i + 1 - n; k <= i; k++)
		best = fmax(best, x[k]);
	return best;
}

static double bottom_of(const double *x, size_t i, size_t n)
{
	double best = x[i];

	for (size_t k = i + 1 - n; k <= i; k++)
		best = fmin(best, x[k]);
	return best;
}

static double deviation_of(const double *x, size_t i, size_t n)
{
	long double mean = 0, sum = 0;

	for (size_t k = i + 1 - n; k <= i; k++)
		mean += x[k];
	mean /= (long double)n;
	for (size_t k = i + 1 - n; k <= i; k++)
		sum += (x[k] - mean) * (x[k] - mean);
	return sqrt((double)(sum / (long double)n));
}

static double wma_of(const double *x, size_t i, size_t n)
{
	long double sum = 0, weights = 0;

	for (size_t k = 0; k < n; k++) {
		sum += (long double)(k + 1) * x[i + 1 - n + k];
		weights += (long double)(k + 1);
	}
	return (double)(sum / weights);
}

/* From bar `from` on, seeded with the mean of n values. */
static double *smooth(const struct naive *n, const double *x, size_t from,
	size_t period, double factor)
{
	double *out = naive_column(n);

	for (size_t i = from + period - 1; i < n->count; i++)
		out[i] = i == from + period - 1
				 ? mean_of(x, i, period)
				 : factor * x[i] + (1 - factor) * out[i - 1];
	return out;
}

static double *ema_of(
	const struct naive *n, const double *x, size_t from, size_t period)
{
	return smooth(n, x, from, period, 2.0 / ((double)period + 1));
}

static double *wilder_of(
	const struct naive *n, const double *x, size_t from, size_t period)
{
	return smooth(n, x, from, period, 1.0 / (double)period);
}

static double *ranges_of(const struct naive *n)
{
	double *out = naive_column(n);

	for (size_t i = 1; i < n->count; i++)
		out[i] = fmax(n->high[i] - n->low[i],
			fmax(fabs(n->high[i] - n->close[i - 1]),
				fabs(n->low[i] - n->close[i - 1])));
	return out;
}

static double *typical_of(const struct naive *n)
{
	double *out = naive_column(n);

	for (size_t i = 0; i < n->count; i++)
		out[i] = (n->high[i] + n->low[i] + n->close[i]) / 3;
	return out;
}

/* ---- averages -------------------------------------------------------- */

static void naive_sma(struct naive *n)
{
	for (size_t i = naive_period(n) - 1; i < n->count; i++)
		n->out[0][i] = mean_of(n->close, i, naive_period(n));
}

static void naive_ema(struct naive *n)
{
	n->out[0] = ema_of(n, n->close, 0, naive_period(n));
}

static void naive_wma(struct naive *n)
{
	for (size_t i = naive_period(n) - 1; i < n->count; i++)
		n->out[0][i] = wma_of(n->close, i, naive_period(n));
}

/* The three averages of one another, zero before they begin. */
static void nest_of(const struct naive *n, double *e[3])
{
	size_t period = naive_period(n);

	e[0] = ema_of(n, n->close, 0, period);
	e[1] = ema_of(n, e[0], period - 1, period);
	e[2] = ema_of(n, e[1], 2 * (period - 1), period);
}

static void naive_dema(struct naive *n)
{
	double *e[3];

	nest_of(n, e);
	for (size_t i = 0; i < n->count; i++)
		n->out[0][i] = 2 * e[0][i] - e[1][i];
}

static void naive_tema(struct naive *n)
{
	double *e[3];

	nest_of(n, e);
	for (size_t i = 0; i < n->count; i++)
		n->out[0][i] = 3 * e[0][i] - 3 * e[1][i] + e[2][i];
}

static void naive_trix(struct naive *n)
{
	double *e[3];

	nest_of(n, e);
	for (size_t i = 1; i < n->count; i++)
		n->out[0][i] = 100 * (e[2][i] / e[2][i - 1] - 1);
}

static void naive_trima(struct naive *n)
{
	size_t period = naive_period(n);

	for (size_t i = period - 1; i < n->count; i++) {
		double sum = 0, weights = 0;

		for (size_t k = 0; k < period; k++) {
			double w = (double)(k + 1 < period - k ? k + 1
							       : period - k);

			sum += w * n->close[i - k];
			weights += w;
		}
		n->out[0][i] = sum / weights;
	}
}

static void naive_hma(struct naive *n)
{
	size_t period = naive_period(n), root = 1;
	double *inner = naive_column(n);

	while ((root + 1) * (root + 1) <= period)
		root++;
	for (size_t i = period - 1; i < n->count; i++)
		inner[i] = 2 * wma_of(n->close, i, period / 2) -
			   wma_of(n->close, i, period);
	for (size_t i = period + root - 2; i < n->count; i++)
		n->out[0][i] = wma_of(inner, i, root);
}

static void naive_kama(struct naive *n)
{
	size_t period = naive_period(n);
	double value = period <= n->count ? n->close[period - 1] : 0;

	for (size_t i = period; i < n->count; i++) {
		double path = 0, ratio = 1, factor;

		for (size_t k = i + 1 - period; k <= i; k++)
			path += fabs(n->close[k] - n->close[k - 1]);
		if (path > 0)
			ratio = fabs(n->close[i] - n->close[i - period]) / path;
		factor = ratio * (2.0 / 3 - 2.0 / 31) + 2.0 / 31;
		value = value + factor * factor * (n->close[i] - value);
		n->out[0][i] = value;
	}
}

static void naive_vwma(struct naive *n)
{
	size_t period = naive_period(n);

	for (size_t i = period - 1; i < n->count; i++) {
		double sum = 0, weights = 0;

		for (size_t k = i + 1 - period; k <= i; k++) {
			sum += n->close[k] * n->volume[k];
			weights += n->volume[k];
		}
		n->out[0][i] = weights > 0 ? sum / weights
					   : mean_of(n->close, i, period);
	}
}

static void naive_vwap(struct naive *n)
{
	double *price = typical_of(n);

	for (size_t i = 0; i < n->count; i++) {
		double sum = 0, weights = 0;
		double day = floor(n->time[i] / 86400000);

		for (size_t k = i + 1;
			k-- > 0 && floor(n->time[k] / 86400000) >= day;) {
			sum += price[k] * n->volume[k];
			weights += n->volume[k];
		}
		n->out[0][i] = weights > 0 ? sum / weights : price[i];
	}
}

/* ---- momentum -------------------------------------------------------- */

static double *rsi_of(const struct naive *n, size_t period)
{
	double *up = naive_column(n), *down = naive_column(n), *out;

	for (size_t i = 1; i < n->count; i++) {
		up[i] = fmax(n->close[i] - n->close[i - 1], 0);
		down[i] = fmax(n->close[i - 1] - n->close[i], 0);
	}
	up = wilder_of(n, up, 1, period);
	down = wilder_of(n, down, 1, period);
	out = naive_column(n);
	for (size_t i = period; i < n->count; i++)
		if (up[i] + down[i] > 1e-14)
			out[i] = down[i] > 0 ? 100 - 100 / (1 + up[i] / down[i])
					     : 100;
	return out;
}

static void naive_rsi(struct naive *n)
{
	n->out[0] = rsi_of(n, naive_period(n));
}

static void naive_stoch_rsi(struct naive *n)
{
	size_t period = naive_period(n), k = (size_t)n->args[1];
	size_t d = (size_t)n->args[2];
	double *rsi = rsi_of(n, period);

	for (size_t i = period + k - 1; i < n->count; i++) {
		double low = bottom_of(rsi, i, k), high = top_of(rsi, i, k);

		if (high - low > 1e-11)
			n->out[0][i] = 100 * (rsi[i] - low) / (high - low);
		if (i >= period + k + d - 2)
			n->out[1][i] = mean_of(n->out[0], i, d);
	}
}

static void naive_stochastic(struct naive *n)
{
	size_t k = naive_period(n), smoothing = (size_t)n->args[1];
	size_t d = (size_t)n->args[2];
	double *raw = naive_column(n);

	for (size_t i = k - 1; i < n->count; i++) {
		double low = bottom_of(n->low, i, k);
		double high = top_of(n->high, i, k);

		if (high > low)
			raw[i] = 100 * (n->close[i] - low) / (high - low);
		if (i >= k + smoothing - 2)
			n->out[0][i] = mean_of(raw, i, smoothing);
		if (i >= k + smoothing + d - 3)
			n->out[1][i] = mean_of(n->out[0], i, d);
	}
}

static void naive_williams_r(struct naive *n)
{
	size_t period = naive_period(n);

	for (size_t i = period - 1; i < n->count; i++) {
		double low = bottom_of(n->low, i, period);
		double high = top_of(n->high, i, period);

		if (high > low)
			n->out[0][i] =
				-100 * (high - n->close[i]) / (high - low);
	}
}

static void lines_of(
	struct naive *n, const double *fast, const double *slow, bool percent)
{
	size_t begin = (size_t)n->args[1] - 1;

	for (size_t i = begin; i < n->count; i++)
		n->out[0][i] = percent ? 100 * (fast[i] - slow[i]) / slow[i]
				       : fast[i] - slow[i];
	n->out[1] = ema_of(n, n->out[0], begin, (size_t)n->args[2]);
	for (size_t i = 0; i < n->count; i++)
		n->out[2][i] = n->out[0][i] - n->out[1][i];
}

static void naive_macd(struct naive *n)
{
	size_t fast = naive_period(n), slow = (size_t)n->args[1];

	lines_of(n, ema_of(n, n->close, slow - fast, fast),
		ema_of(n, n->close, 0, slow), false);
}

static void naive_ppo(struct naive *n)
{
	lines_of(n, ema_of(n, n->close, 0, naive_period(n)),
		ema_of(n, n->close, 0, (size_t)n->args[1]), true);
}

static void naive_roc(struct naive *n)
{
	for (size_t i = naive_period(n); i < n->count; i++) {
		double past = n->close[i - naive_period(n)];

		n->out[0][i] = 100 * (n->close[i] - past) / past;
	}
}

static void naive_mom(struct naive *n)
{
	for (size_t i = naive_period(n); i < n->count; i++)
		n->out[0][i] = n->close[i] - n->close[i - naive_period(n)];
}

static void naive_cci(struct naive *n)
{
	size_t period = naive_period(n);
	double *price = typical_of(n);

	for (size_t i = period - 1; i < n->count; i++) {
		double mean = mean_of(price, i, period), sum = 0;

		for (size_t k = i + 1 - period; k <= i; k++)
			sum += fabs(price[k] - mean);
		if (sum > 1e-9)
			n->out[0][i] = (price[i] - mean) /
				       (0.015 * sum / (double)period);
	}
}

static void naive_ultimate(struct naive *n)
{
	static const double weights[] = {4, 2, 1};
	double *gain = naive_column(n), *range = ranges_of(n);

	for (size_t i = 1; i < n->count; i++)
		gain[i] = n->close[i] - fmin(n->low[i], n->close[i - 1]);
	for (size_t i = (size_t)n->args[2]; i < n->count; i++)
		for (size_t k = 0; k < 3; k++) {
			size_t period = (size_t)n->args[k];
			double all = sum_of(range, i, period);

			if (all > 0)
				n->out[0][i] += 100 * weights[k] / 7 *
						sum_of(gain, i, period) / all;
		}
}

/* ---- volume ---------------------------------------------------------- */

static void naive_mfi(struct naive *n)
{
	size_t period = naive_period(n);
	double *price = typical_of(n);

	for (size_t i = period; i < n->count; i++) {
		double up = 0, down = 0;

		for (size_t k = i + 1 - period; k <= i; k++) {
			if (price[k] > price[k - 1])
				up += price[k] * n->volume[k];
			if (price[k] < price[k - 1])
				down += price[k] * n->volume[k];
		}
		if (up + down > 0)
			n->out[0][i] = 100 * up / (up + down);
	}
}

static void naive_obv(struct naive *n)
{
	n->out[0][0] = n->volume[0];
	for (size_t i = 1; i < n->count; i++) {
		n->out[0][i] = n->out[0][i - 1];
		if (n->close[i] > n->close[i - 1])
			n->out[0][i] += n->volume[i];
		if (n->close[i] < n->close[i - 1])
			n->out[0][i] -= n->volume[i];
	}
}

static double *flows_of(const struct naive *n)
{
	double *out = naive_column(n);

	for (size_t i = 0; i < n->count; i++) {
		double range = n->high[i] - n->low[i];

		if (range > 0)
			out[i] = (2 * n->close[i] - n->low[i] - n->high[i]) /
				 range * n->volume[i];
	}
	return out;
}

static void naive_ad(struct naive *n)
{
	double *flow = flows_of(n);
	long double sum = 0;

	for (size_t i = 0; i < n->count; i++) {
		sum += flow[i];
		n->out[0][i] = (double)sum;
	}
}

static void naive_cmf(struct naive *n)
{
	double *flow = flows_of(n);

	for (size_t i = naive_period(n) - 1; i < n->count; i++) {
		double all = sum_of(n->volume, i, naive_period(n));

		if (all > 0)
			n->out[0][i] = sum_of(flow, i, naive_period(n)) / all;
	}
}

/* ---- volatility ------------------------------------------------------ */

static void naive_tr(struct naive *n)
{
	n->out[0] = ranges_of(n);
}

static void naive_atr(struct naive *n)
{
	n->out[0] = wilder_of(n, ranges_of(n), 1, naive_period(n));
}

static void naive_natr(struct naive *n)
{
	naive_atr(n);
	for (size_t i = 0; i < n->count; i++)
		n->out[0][i] = 100 * n->out[0][i] / n->close[i];
}

static void naive_choppiness(struct naive *n)
{
	size_t period = naive_period(n);
	double *range = ranges_of(n);

	for (size_t i = period; i < n->count; i++) {
		double all = top_of(n->high, i, period) -
			     bottom_of(n->low, i, period);

		if (all > 0)
			n->out[0][i] = 100 *
				       log(sum_of(range, i, period) / all) /
				       log((double)period);
	}
}

static void naive_stddev(struct naive *n)
{
	for (size_t i = naive_period(n) - 1; i < n->count; i++)
		n->out[0][i] =
			n->args[1] * deviation_of(n->close, i, naive_period(n));
}

static void naive_zscore(struct naive *n)
{
	size_t period = naive_period(n);

	for (size_t i = period - 1; i < n->count; i++) {
		double deviation = deviation_of(n->close, i, period);

		if (deviation > 1e-9)
			n->out[0][i] =
				(n->close[i] - mean_of(n->close, i, period)) /
				deviation;
	}
}

static void naive_bollinger(struct naive *n)
{
	size_t period = naive_period(n);

	for (size_t i = period - 1; i < n->count; i++) {
		double mean = mean_of(n->close, i, period);
		double half = n->args[1] * deviation_of(n->close, i, period);

		n->out[0][i] = mean;
		n->out[1][i] = mean + half;
		n->out[2][i] = mean - half;
		n->out[3][i] = 2 * half / mean;
		n->out[4][i] =
			half > 1e-9 ? (n->close[i] - mean + half) / (2 * half)
				    : 0.5;
	}
}

static void naive_keltner(struct naive *n)
{
	double *middle = ema_of(n, n->close, 0, naive_period(n));
	double *range = wilder_of(n, ranges_of(n), 1, (size_t)n->args[1]);

	for (size_t i = 0; i < n->count; i++) {
		n->out[0][i] = middle[i];
		n->out[1][i] = middle[i] + n->args[2] * range[i];
		n->out[2][i] = middle[i] - n->args[2] * range[i];
	}
}

/* ---- extremes -------------------------------------------------------- */

static void naive_donchian(struct naive *n)
{
	for (size_t i = naive_period(n) - 1; i < n->count; i++) {
		n->out[1][i] = top_of(n->high, i, naive_period(n));
		n->out[2][i] = bottom_of(n->low, i, naive_period(n));
		n->out[0][i] = (n->out[1][i] + n->out[2][i]) / 2;
	}
}

static void naive_highest(struct naive *n)
{
	for (size_t i = naive_period(n) - 1; i < n->count; i++)
		n->out[0][i] = top_of(n->close, i, naive_period(n));
}

static void naive_lowest(struct naive *n)
{
	for (size_t i = naive_period(n) - 1; i < n->count; i++)
		n->out[0][i] = bottom_of(n->close, i, naive_period(n));
}

static double middle_of(const struct naive *n, size_t i, double period)
{
	return (top_of(n->high, i, (size_t)period) +
		       bottom_of(n->low, i, (size_t)period)) /
	       2;
}

static void naive_ichimoku(struct naive *n)
{
	size_t later = (size_t)n->args[3];

	for (size_t i = 0; i < n->count; i++) {
		double past = (double)i + 1 - n->args[3];

		if ((double)i + 1 >= n->args[0])
			n->out[0][i] = middle_of(n, i, n->args[0]);
		if ((double)i + 1 >= n->args[1])
			n->out[1][i] = middle_of(n, i, n->args[1]);
		if (past >= fmax(n->args[0], n->args[1]))
			n->out[2][i] =
				(middle_of(n, i - later, n->args[0]) +
					middle_of(n, i - later, n->args[1])) /
				2;
		if (past >= n->args[2])
			n->out[3][i] = middle_of(n, i - later, n->args[2]);
	}
}

static void naive_linreg(struct naive *n)
{
	size_t period = naive_period(n);
	long double half = (long double)(period - 1) / 2;

	for (size_t i = period - 1; i < n->count; i++) {
		long double mean = 0, with = 0, squares = 0;

		for (size_t k = 0; k < period; k++)
			mean += n->close[i + 1 - period + k];
		mean /= (long double)period;
		for (size_t k = 0; k < period; k++) {
			long double place = (long double)k - half;

			with += place * (n->close[i + 1 - period + k] - mean);
			squares += place * place;
		}
		n->out[0][i] = (double)(mean + with / squares * half);
		n->out[1][i] = (double)(with / squares);
	}
}

/* ---- trend ----------------------------------------------------------- */

/* Wilder's sums of x: n - 1 changes added up, then smoothed. */
static double *wilder_sum(const struct naive *n, const double *x, size_t period)
{
	double *out = naive_column(n);

	for (size_t i = 1; i < n->count; i++)
		out[i] = out[i - 1] + x[i] -
			 (i < period ? 0 : out[i - 1] / (double)period);
	return out;
}

static double *moves_of(const struct naive *n, bool rising)
{
	double *out = naive_column(n);

	for (size_t i = 1; i < n->count; i++) {
		double up = n->high[i] - n->high[i - 1];
		double down = n->low[i - 1] - n->low[i];

		if (rising && up > 0 && up > down)
			out[i] = up;
		if (!rising && down > 0 && down > up)
			out[i] = down;
	}
	return out;
}

static void naive_adx(struct naive *n)
{
	size_t period = naive_period(n);
	double *plus = wilder_sum(n, moves_of(n, true), period);
	double *minus = wilder_sum(n, moves_of(n, false), period);
	double *range = wilder_sum(n, ranges_of(n), period);
	double *dx = naive_column(n);

	for (size_t i = period; i < n->count; i++) {
		if (range[i] > 0) {
			n->out[1][i] = 100 * plus[i] / range[i];
			n->out[2][i] = 100 * minus[i] / range[i];
		}
		if (plus[i] + minus[i] > 0)
			dx[i] = 100 * fabs(plus[i] - minus[i]) /
				(plus[i] + minus[i]);
	}
	n->out[0] = wilder_of(n, dx, period, period);
}

static void naive_aroon(struct naive *n)
{
	size_t period = naive_period(n);

	for (size_t i = period; i < n->count; i++) {
		size_t top = i, bottom = i;

		for (size_t k = i; k-- > i - period;) {
			if (n->high[k] > n->high[top])
				top = k;
			if (n->low[k] < n->low[bottom])
				bottom = k;
		}
		n->out[0][i] =
			100 * (double)(period + top - i) / (double)period;
		n->out[1][i] =
			100 * (double)(period + bottom - i) / (double)period;
		n->out[2][i] = n->out[0][i] - n->out[1][i];
	}
}

/* Wilder's system told twice, for rising and falling markets. */
static void naive_psar(struct naive *n)
{
	double stop, best, af = n->args[0];
	bool rising;

	if (n->count < 2)
		return;
	rising = !(n->low[0] > n->low[1] &&
		   n->low[0] - n->low[1] > n->high[1] - n->high[0]);
	stop = rising ? n->low[0] : n->high[0];
	best = rising ? n->high[1] : n->low[1];
	for (size_t i = 1; i < n->count; i++) {
		size_t past = i == 1 ? 1 : i - 1;
		double top = fmax(n->high[i], n->high[past]);
		double bottom = fmin(n->low[i], n->low[past]);
		bool turn = rising ? n->low[i] <= stop : n->high[i] >= stop;

		if (turn) {
			stop = rising ? fmax(best, top) : fmin(best, bottom);
			rising = !rising;
			n->out[0][i] = stop;
			af = n->args[0];
			best = rising ? n->high[i] : n->low[i];
		} else {
			n->out[0][i] = stop;
			if (rising ? n->high[i] > best : n->low[i] < best) {
				best = rising ? n->high[i] : n->low[i];
				af = fmin(af + n->args[0], n->args[1]);
			}
		}
		stop = stop + af * (best - stop);
		stop = rising ? fmin(stop, bottom) : fmax(stop, top);
		n->out[1][i] = rising ? 1 : -1;
	}
}

static void naive_supertrend(struct naive *n)
{
	size_t period = naive_period(n);
	double *range = wilder_of(n, ranges_of(n), 1, period);
	double upper = 0, lower = 0;
	bool rising = false;

	for (size_t i = period; i < n->count; i++) {
		double middle = (n->high[i] + n->low[i]) / 2;
		double half = n->args[1] * range[i], past = n->close[i - 1];

		if (i == period || past > upper)
			upper = middle + half;
		upper = fmin(upper, middle + half);
		if (i == period || past < lower)
			lower = middle - half;
		lower = fmax(lower, middle - half);
		if (i > period)
			rising = rising ? n->close[i] >= lower
					: n->close[i] > upper;
		n->out[0][i] = rising ? lower : upper;
		n->out[1][i] = rising ? 1 : -1;
	}
}

#endif
