/*
 * Spread and slope of a window: standard deviation, z-score, Bollinger's
 * bands, linear regression. Sums are of distances from a bar of the window
 * itself, so that the square of a price of 46000 never hides a deviation of
 * a cent, and a window of equal prices has a deviation of exactly 0.
 */
#include "ind_steps.h"

/* ---- the window ------------------------------------------------------ */

/*
 * As ind_mean, and with the same bits as the mean. The base is a bar of the
 * window, so it is at most sqrt(n) deviations away from the mean, and
 * subtracting the mean's square costs no more than log2(n) bits.
 */
struct spread {
	double *ring, *squares;
	size_t period, at;
	double inverse, base, fresh, fresh_squares;
};

struct moments {
	double mean, variance; /* of the population: divided by n */
};

static struct spread spread_begin(
	struct spread saved, size_t period, double *rings)
{
	saved.ring = rings;
	saved.squares = rings + period;
	saved.period = period;
	saved.inverse = 1.0 / (double)period;
	return saved;
}

static inline struct moments spread_next(struct spread *spread, double x)
{
	double sum = 0, squares = 0, offset, variance, y;

	if (spread->at + 1 == spread->period) {
		spread->ring[spread->at] = x;
		for (size_t k = spread->period; k-- > 0;) {
			y = spread->ring[k] - x;
			sum += y;
			squares += y * y;
			spread->ring[k] = sum;
			spread->squares[k] = squares;
		}
		spread->base = x;
		spread->fresh = spread->fresh_squares = 0;
		spread->at = 0;
	} else {
		y = x - spread->base;
		spread->fresh += y;
		spread->fresh_squares += y * y;
		sum = spread->ring[spread->at + 1] + spread->fresh;
		squares =
			spread->squares[spread->at + 1] + spread->fresh_squares;
		spread->ring[spread->at++] = x;
	}
	offset = sum * spread->inverse;
	variance = squares * spread->inverse - offset * offset;
	return (struct moments){.mean = spread->base + offset,
		.variance = ind_max(variance, 0.0)};
}

struct spread_state {
	struct spread spread;
	double rings[];
};

static size_t spread_state(const double *args)
{
	return sizeof(struct spread_state) +
	       2 * ind_bars(args, 0) * sizeof(double);
}

static struct spread spread_of(const struct indicator_call *call)
{
	struct spread_state *state = call->state;

	return spread_begin(
		state->spread, ind_bars(call->args, 0), state->rings);
}

/* ---- stddev, zscore -------------------------------------------------- */

static void stddev_run(const struct indicator_call *call)
{
	struct spread spread = spread_of(call);
	double factor = call->args[1];

	for (size_t i = 0; i < call->count; i++)
		call->out[0][i] =
			factor *
			sqrt(spread_next(&spread, call->in[0][i]).variance);
	((struct spread_state *)call->state)->spread = spread;
	ind_blank(call, &ind_stddev);
}

const struct indicator ind_stddev = {.name = "stddev",
	.summary = "Standard deviation of period bars, divided by n, times "
		   "deviation (TA-Lib STDDEV).",
	IND_PARAMS(
		IND_BARS("period", 2, 5), IND_FACTOR("deviation", 0, 100, 1)),
	IND_INPUTS(INPUT_SOURCE),
	IND_OUTPUTS("value"),
	.ready = ind_ready_window,
	.state = spread_state,
	.run = stddev_run};

static void zscore_run(const struct indicator_call *call)
{
	struct spread spread = spread_of(call);

	for (size_t i = 0; i < call->count; i++) {
		double x = call->in[0][i];
		struct moments m = spread_next(&spread, x);
		double deviation = sqrt(m.variance);

		call->out[0][i] = ind_flat(deviation, m.mean)
					  ? 0.0
					  : (x - m.mean) / deviation;
	}
	((struct spread_state *)call->state)->spread = spread;
	ind_blank(call, &ind_zscore);
}

const struct indicator ind_zscore = {.name = "zscore",
	.summary = "Distance from the mean of period bars in standard "
		   "deviations (divided by n); 0 where there is none.",
	IND_PARAMS(IND_BARS("period", 2, 20)),
	IND_INPUTS(INPUT_SOURCE),
	IND_OUTPUTS("value"),
	.ready = ind_ready_window,
	.state = spread_state,
	.run = zscore_run};

/* ---- bollinger ------------------------------------------------------- */

enum bollinger_output {
	BOLLINGER_MIDDLE,
	BOLLINGER_UPPER,
	BOLLINGER_LOWER,
	BOLLINGER_WIDTH,
	BOLLINGER_PERCENT_B
};

static void bollinger_run(const struct indicator_call *call)
{
	struct spread spread = spread_of(call);
	double factor = call->args[1];

	for (size_t i = 0; i < call->count; i++) {
		double x = call->in[0][i];
		struct moments m = spread_next(&spread, x);
		double half = factor * sqrt(m.variance);
		bool flat = ind_flat(half, m.mean);

		call->out[BOLLINGER_MIDDLE][i] = m.mean;
		call->out[BOLLINGER_UPPER][i] = m.mean + half;
		call->out[BOLLINGER_LOWER][i] = m.mean - half;
		call->out[BOLLINGER_WIDTH][i] =
			m.mean != 0 ? 2.0 * half / m.mean : 0.0;
		call->out[BOLLINGER_PERCENT_B][i] =
			flat ? 0.5 : 0.5 + 0.5 * (x - m.mean) / half;
	}
	((struct spread_state *)call->state)->spread = spread;
	ind_blank(call, &ind_bollinger);
}

const struct indicator ind_bollinger = {.name = "bollinger",
	.summary = "Bollinger bands (John Bollinger; TA-Lib BBANDS with SMA): "
		   "mean and deviation standard deviations (divided by n) "
		   "either side; width / middle; percent_b 0 at the lower, 1 "
		   "at the upper band, 0.5 where they meet.",
	IND_PARAMS(
		IND_BARS("period", 2, 20), IND_FACTOR("deviation", 0, 100, 2)),
	IND_INPUTS(INPUT_SOURCE),
	IND_OUTPUTS("middle", "upper", "lower", "width", "percent_b"),
	.ready = ind_ready_window,
	.state = spread_state,
	.run = bollinger_run};

/* ---- linreg ---------------------------------------------------------- */

/*
 * Least squares over bars 0 (oldest) to n - 1. As ind_mean, with a second
 * ring: behind `at` each end's sum of values times places, counted from the
 * end's first bar. A bar i of the new stretch has the place n - 1 - at + i.
 */
struct linreg {
	double *ring, *placed;
	size_t period, at;
	double base, fresh, rising;
	double rings[];
};

struct line {
	double sum, placed; /* of y, of y times place */
};

static size_t linreg_state(const double *args)
{
	return sizeof(struct linreg) + 2 * ind_bars(args, 0) * sizeof(double);
}

static inline struct line linreg_next(struct linreg *now, double x)
{
	struct line line = {0, 0};
	double place = (double)now->at, y;

	if (now->at + 1 == now->period) {
		now->ring[now->at] = x;
		for (size_t k = now->period; k-- > 0;) {
			line.placed += line.sum;
			line.sum += now->ring[k] - x;
			now->ring[k] = line.sum;
			now->placed[k] = line.placed;
		}
		now->base = x;
		now->fresh = now->rising = 0;
		now->at = 0;
	} else {
		y = x - now->base;
		now->fresh += y;
		now->rising += place * y;
		line.sum = now->ring[now->at + 1] + now->fresh;
		line.placed = now->placed[now->at + 1] + now->rising +
			      ((double)(now->period - 1) - place) * now->fresh;
		now->ring[now->at++] = x;
	}
	return line;
}

static void linreg_run(const struct indicator_call *call)
{
	struct linreg *state = call->state;
	struct linreg now = *state;
	double n = call->args[0], middle = (n - 1.0) / 2.0;
	double scale = 12.0 / (n * (n * n - 1.0)), inverse = 1.0 / n;

	now.period = ind_bars(call->args, 0);
	now.ring = state->rings;
	now.placed = now.ring + now.period;
	for (size_t i = 0; i < call->count; i++) {
		struct line line = linreg_next(&now, call->in[0][i]);
		double slope = (line.placed - middle * line.sum) * scale;

		call->out[0][i] =
			now.base + (line.sum * inverse + slope * middle);
		call->out[1][i] = slope;
	}
	*state = now;
	ind_blank(call, &ind_linreg);
}

const struct indicator ind_linreg = {.name = "linreg",
	.summary = "The least-squares line through period bars: its value on "
		   "the newest bar and its slope per bar (TA-Lib LINEARREG, "
		   "LINEARREG_SLOPE).",
	IND_PARAMS(IND_BARS("period", 2, 14)),
	IND_INPUTS(INPUT_SOURCE),
	IND_OUTPUTS("value", "slope"),
	.ready = ind_ready_window,
	.state = linreg_state,
	.run = linreg_run};
