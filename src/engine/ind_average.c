/*
 * Averages over a window: simple, weighted, triangular, Hull's. Each depends
 * on the bars of its window only and must give exactly the price in a market
 * that stands.
 */
#include "ind_steps.h"

/* ---- sma ------------------------------------------------------------- */

struct sma {
	struct ind_mean mean;
	double ring[];
};

static size_t sma_state(const double *args)
{
	return sizeof(struct sma) + ind_bars(args, 0) * sizeof(double);
}

static void sma_run(const struct indicator_call *call)
{
	struct sma *state = call->state;
	struct ind_mean mean = ind_mean_begin(
		state->mean, ind_bars(call->args, 0), state->ring);
	const double *x = call->in[0];
	double *out = call->out[0];

	for (size_t i = 0; i < call->count; i++)
		out[i] = ind_mean_next(&mean, x[i]);
	state->mean = mean;
	ind_blank(call, &ind_sma);
}

const struct indicator ind_sma = {.name = "sma",
	.summary = "Simple moving average (TA-Lib SMA): the mean of the last "
		   "period bars.",
	IND_PARAMS(IND_BARS("period", 1, 30)),
	IND_INPUTS(INPUT_SOURCE),
	IND_OUTPUTS("value"),
	.ready = ind_ready_window,
	.state = sma_state,
	.run = sma_run};

/* ---- wma ------------------------------------------------------------- */

/*
 * A mean with weights 1 (oldest) to n. The window is split as in ind_mean.
 * The end of the old stretch weighs 1, 2, ... from its first bar on; in the
 * new one bar i has the weight n - at + i, so n - at times its sum and i
 * times each are added.
 */
struct ramp {
	double *ring; /* behind `at` the weighted sums of the ends */
	size_t period, at;
	double scale, base, fresh, rising;
};

static struct ramp ramp_begin(struct ramp saved, size_t period, double *ring)
{
	double n = (double)period;

	saved.ring = ring;
	saved.period = period;
	saved.scale = 2.0 / (n * (n + 1.0));
	return saved;
}

static inline double ramp_next(struct ramp *ramp, double x)
{
	double place = (double)ramp->at, sum = 0, y;

	if (ramp->at + 1 == ramp->period) {
		double plain = 0;

		ramp->ring[ramp->at] = x;
		for (size_t k = ramp->period; k-- > 0;) {
			plain += ramp->ring[k] - x;
			sum += plain;
			ramp->ring[k] = sum;
		}
		ramp->base = x;
		ramp->fresh = ramp->rising = 0;
		ramp->at = 0;
	} else {
		y = x - ramp->base;
		ramp->fresh += y;
		ramp->rising += place * y;
		sum = ramp->ring[ramp->at + 1] + ramp->rising +
		      ((double)ramp->period - place) * ramp->fresh;
		ramp->ring[ramp->at++] = x;
	}
	return ramp->base + sum * ramp->scale;
}

struct wma {
	struct ramp ramp;
	double ring[];
};

static size_t wma_state(const double *args)
{
	return sizeof(struct wma) + ind_bars(args, 0) * sizeof(double);
}

static void wma_run(const struct indicator_call *call)
{
	struct wma *state = call->state;
	struct ramp ramp =
		ramp_begin(state->ramp, ind_bars(call->args, 0), state->ring);
	const double *x = call->in[0];
	double *out = call->out[0];

	for (size_t i = 0; i < call->count; i++)
		out[i] = ramp_next(&ramp, x[i]);
	state->ramp = ramp;
	ind_blank(call, &ind_wma);
}

const struct indicator ind_wma = {.name = "wma",
	.summary = "Weighted moving average (TA-Lib WMA): weights 1 for the "
		   "oldest of period bars to period for the newest.",
	IND_PARAMS(IND_BARS("period", 1, 30)),
	IND_INPUTS(INPUT_SOURCE),
	IND_OUTPUTS("value"),
	.ready = ind_ready_window,
	.state = wma_state,
	.run = wma_run};

/* ---- trima ----------------------------------------------------------- */

struct trima {
	struct ind_mean inner, outer;
	double rings[];
};

/* The two windows: together period + 1 bars, the inner one not longer. */
static size_t trima_inner(const double *args)
{
	return (ind_bars(args, 0) + 1) / 2;
}

static size_t trima_outer(const double *args)
{
	return ind_bars(args, 0) + 1 - trima_inner(args);
}

static size_t trima_state(const double *args)
{
	return sizeof(struct trima) + (ind_bars(args, 0) + 1) * sizeof(double);
}

static void trima_run(const struct indicator_call *call)
{
	struct trima *state = call->state;
	size_t first = trima_inner(call->args);
	struct ind_mean inner =
		ind_mean_begin(state->inner, first, state->rings);
	struct ind_mean outer = ind_mean_begin(
		state->outer, trima_outer(call->args), state->rings + first);
	const double *x = call->in[0];

	for (size_t i = 0; i < call->count; i++) {
		double mean = ind_mean_next(&inner, x[i]);

		if (call->first + i + 1 >= first)
			call->out[0][i] = ind_mean_next(&outer, mean);
	}
	state->inner = inner;
	state->outer = outer;
	ind_blank(call, &ind_trima);
}

const struct indicator ind_trima = {.name = "trima",
	.summary = "Triangular moving average (TA-Lib TRIMA): weights rise to "
		   "the middle of period bars and fall again; a mean of means.",
	IND_PARAMS(IND_BARS("period", 1, 30)),
	IND_INPUTS(INPUT_SOURCE),
	IND_OUTPUTS("value"),
	.ready = ind_ready_window,
	.state = trima_state,
	.run = trima_run};

/* ---- hma ------------------------------------------------------------- */

struct hma {
	struct ramp half, whole, outer;
	double rings[];
};

static size_t hma_outer(const double *args)
{
	return (size_t)sqrt(args[0]);
}

static size_t hma_ready(const double *args, size_t output)
{
	(void)output;
	return ind_bars(args, 0) - 1 + hma_outer(args) - 1;
}

static size_t hma_state(const double *args)
{
	size_t period = ind_bars(args, 0);

	return sizeof(struct hma) +
	       (period / 2 + period + hma_outer(args)) * sizeof(double);
}

static void hma_run(const struct indicator_call *call)
{
	struct hma *state = call->state;
	size_t period = ind_bars(call->args, 0);
	double *rings = state->rings;
	struct ramp half = ramp_begin(state->half, period / 2, rings);
	struct ramp whole =
		ramp_begin(state->whole, period, rings + period / 2);
	struct ramp outer = ramp_begin(state->outer, hma_outer(call->args),
		rings + period / 2 + period);
	const double *x = call->in[0];

	for (size_t i = 0; i < call->count; i++) {
		double fast = ramp_next(&half, x[i]);
		double slow = ramp_next(&whole, x[i]);

		if (call->first + i + 1 >= period)
			call->out[0][i] =
				ramp_next(&outer, fast + (fast - slow));
	}
	state->half = half;
	state->whole = whole;
	state->outer = outer;
	ind_blank(call, &ind_hma);
}

const struct indicator ind_hma = {.name = "hma",
	.summary = "Hull moving average (Alan Hull): WMA over sqrt(period) "
		   "bars of 2 WMA(period / 2) - WMA(period), both rounded "
		   "down.",
	IND_PARAMS(IND_BARS("period", 2, 9)),
	IND_INPUTS(INPUT_SOURCE),
	IND_OUTPUTS("value"),
	.ready = hma_ready,
	.state = hma_state,
	.run = hma_run};
