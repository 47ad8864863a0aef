/*
 * Where the price stands against the bars before it: rates of change,
 * oscillators between a window's low and high. A window without a range has
 * the value 0 (TA-Lib), never NaN.
 */
#include "ind_steps.h"

/* ---- roc, mom -------------------------------------------------------- */

static void roc_run(const struct indicator_call *call)
{
	const double *x = call->in[0];
	const double *past = x - ind_bars(call->args, 0);
	double *out = call->out[0];

	for (size_t i = 0; i < call->count; i++)
		out[i] = past[i] != 0 ? (x[i] / past[i] - 1.0) * 100.0 : 0.0;
	ind_blank(call, &ind_roc);
}

const struct indicator ind_roc = {.name = "roc",
	.summary = "Rate of change: percent since period bars ago (TA-Lib "
		   "ROC); 0 where that was 0.",
	IND_PARAMS(IND_BARS("period", 1, 10)),
	IND_INPUTS(INPUT_SOURCE),
	IND_OUTPUTS("value"),
	.ready = ind_ready_changes,
	.history = ind_history_period,
	.run = roc_run};

static void mom_run(const struct indicator_call *call)
{
	const double *x = call->in[0];
	const double *past = x - ind_bars(call->args, 0);
	double *out = call->out[0];

	for (size_t i = 0; i < call->count; i++)
		out[i] = x[i] - past[i];
	ind_blank(call, &ind_mom);
}

const struct indicator ind_mom = {.name = "mom",
	.summary = "Momentum: change since period bars ago (TA-Lib MOM).",
	IND_PARAMS(IND_BARS("period", 1, 10)),
	IND_INPUTS(INPUT_SOURCE),
	IND_OUTPUTS("value"),
	.ready = ind_ready_changes,
	.history = ind_history_period,
	.run = mom_run};

/* ---- stochastic, williams_r ------------------------------------------ */

enum {
	STOCHASTIC_K,
	STOCHASTIC_SMOOTH,
	STOCHASTIC_D
};

struct stochastic {
	struct ind_channel window;
	struct ind_mean k, d;
	double rings[];
};

static size_t stochastic_state(const double *args)
{
	return sizeof(struct stochastic) +
	       (2 * ind_bars(args, STOCHASTIC_K) +
		       ind_bars(args, STOCHASTIC_SMOOTH) +
		       ind_bars(args, STOCHASTIC_D)) *
		       sizeof(double);
}

static size_t stochastic_ready(const double *args, size_t output)
{
	size_t k = ind_bars(args, STOCHASTIC_K) +
		   ind_bars(args, STOCHASTIC_SMOOTH) - 2;

	return output == 0 ? k : k + ind_bars(args, STOCHASTIC_D) - 1;
}

static struct stochastic stochastic_begin(const struct indicator_call *call)
{
	struct stochastic *state = call->state;
	size_t window = ind_bars(call->args, STOCHASTIC_K);
	size_t smooth = ind_bars(call->args, STOCHASTIC_SMOOTH);
	double *rings = state->rings;

	return (struct stochastic){
		.window = ind_channel_begin(state->window, window, rings),
		.k = ind_mean_begin(state->k, smooth, rings + 2 * window),
		.d = ind_mean_begin(state->d,
			ind_bars(call->args, STOCHASTIC_D),
			rings + 2 * window + smooth)};
}

/* Where the close lies in the window, 0 to 100. */
static void stochastic_raw(const struct indicator_call *call,
	struct ind_channel *saved, double *out)
{
	struct ind_channel window = *saved;
	const double *high = call->in[0], *low = call->in[1];
	const double *close = call->in[2];

	for (size_t i = 0; i < call->count; i++) {
		struct ind_bounds bounds =
			ind_channel_next(&window, high[i], low[i]);
		double range = bounds.upper - bounds.lower;

		out[i] = ind_flat(range, bounds.upper)
				 ? 0.0
				 : 100.0 * (close[i] - bounds.lower) / range;
	}
	*saved = window;
}

/* One loop each: all their places at once would not stay in registers. */
static void stochastic_run(const struct indicator_call *call)
{
	struct stochastic now = stochastic_begin(call);
	double *k = call->out[0], *d = call->out[1];

	stochastic_raw(call, &now.window, k);
	ind_means(&now.k, k, k, ind_from(call, now.window.period - 1),
		call->count);
	ind_means(&now.d, k, d, ind_from(call, stochastic_ready(call->args, 0)),
		call->count);
	*(struct stochastic *)call->state = now;
	ind_blank(call, &ind_stochastic);
}

const struct indicator ind_stochastic = {.name = "stochastic",
	.summary = "Slow stochastic, 0 to 100 (George Lane; TA-Lib STOCH with "
		   "SMA): the close between the lowest low and highest high of "
		   "k bars, its mean of smooth, the mean of d of those.",
	IND_PARAMS(IND_BARS("k", 1, 5), IND_BARS("smooth", 1, 3),
		IND_BARS("d", 1, 3)),
	IND_INPUTS(INPUT_HIGH, INPUT_LOW, INPUT_CLOSE),
	IND_OUTPUTS("k", "d"),
	.ready = stochastic_ready,
	.state = stochastic_state,
	.run = stochastic_run};

struct williams_r {
	struct ind_channel window;
	double rings[];
};

static size_t williams_r_state(const double *args)
{
	return sizeof(struct williams_r) +
	       2 * ind_bars(args, 0) * sizeof(double);
}

static void williams_r_run(const struct indicator_call *call)
{
	struct williams_r *state = call->state;
	struct ind_channel window = ind_channel_begin(
		state->window, ind_bars(call->args, 0), state->rings);

	for (size_t i = 0; i < call->count; i++) {
		struct ind_bounds bounds = ind_channel_next(
			&window, call->in[0][i], call->in[1][i]);
		double range = bounds.upper - bounds.lower;
		double under = bounds.upper - call->in[2][i];

		call->out[0][i] = ind_flat(range, bounds.upper)
					  ? 0.0
					  : -100.0 * under / range;
	}
	state->window = window;
	ind_blank(call, &ind_williams_r);
}

const struct indicator ind_williams_r = {.name = "williams_r",
	.summary = "Williams %R, -100 to 0 (Larry Williams; TA-Lib WILLR): the "
		   "close under the highest high of period bars; 0 in a "
		   "window without a range.",
	IND_PARAMS(IND_BARS("period", 2, 14)),
	IND_INPUTS(INPUT_HIGH, INPUT_LOW, INPUT_CLOSE),
	IND_OUTPUTS("value"),
	.ready = ind_ready_window,
	.state = williams_r_state,
	.run = williams_r_run};

/* ---- cci ------------------------------------------------------------- */

enum {
	CCI_CHUNK = 256
};

struct cci {
	struct ind_mean mean;
	double rings[]; /* of the mean; period - 1 typical prices that were,
			   and room for a chunk of new ones */
};

static size_t cci_state(const double *args)
{
	return sizeof(struct cci) +
	       (2 * ind_bars(args, 0) - 1 + CCI_CHUNK) * sizeof(double);
}

/* Four sums at a time: one would wait for each of its additions. */
static double cci_deviation(const double *x, size_t count, double mean)
{
	double a = 0, b = 0, c = 0, d = 0;
	size_t i = 0;

	for (; i + 4 <= count; i += 4) {
		a += fabs(x[i] - mean);
		b += fabs(x[i + 1] - mean);
		c += fabs(x[i + 2] - mean);
		d += fabs(x[i + 3] - mean);
	}
	for (; i < count; i++)
		a += fabs(x[i] - mean);
	return (a + b) + (c + d);
}

/* Bars from `from` on; `window` ends with their typical prices. */
static void cci_chunk(const struct indicator_call *call, size_t from,
	size_t count, struct ind_mean *mean, const double *window)
{
	struct ind_mean now = *mean;
	size_t period = now.period;
	double scale = (double)period / 0.015;

	for (size_t i = 0; i < count; i++) {
		double price = window[period - 1 + i];
		double middle = ind_mean_next(&now, price);
		double deviation = cci_deviation(window + i, period, middle);

		call->out[0][from + i] =
			ind_flat(deviation, middle)
				? 0.0
				: (price - middle) * scale / deviation;
	}
	*mean = now;
}

/* The prices of a chunk are written before any is read: reading pairs of
   what was just written one by one would wait for the memory. */
static void cci_run(const struct indicator_call *call)
{
	struct cci *state = call->state;
	size_t period = ind_bars(call->args, 0), count;
	struct ind_mean mean =
		ind_mean_begin(state->mean, period, state->rings);
	double *window = state->rings + period;

	for (size_t from = 0; from < call->count; from += count) {
		count = call->count - from;
		if (count > CCI_CHUNK)
			count = CCI_CHUNK;
		for (size_t i = 0; i < count; i++)
			window[period - 1 + i] = ind_typical(
				call->in[0][from + i], call->in[1][from + i],
				call->in[2][from + i]);
		cci_chunk(call, from, count, &mean, window);
		memmove(window, window + count, (period - 1) * sizeof(double));
	}
	state->mean = mean;
	ind_blank(call, &ind_cci);
}

/* So many prices of the window take about as long as a column. */
static size_t cci_extra(const double *args)
{
	return ind_bars(args, 0) / 6;
}

const struct indicator ind_cci = {.name = "cci",
	.summary = "Commodity channel index (Donald Lambert; TA-Lib CCI): the "
		   "typical price's distance from its mean of period bars, "
		   "in 0.015 mean deviations; 0 where there is none.",
	IND_PARAMS(IND_BARS("period", 2, 14)),
	IND_INPUTS(INPUT_HIGH, INPUT_LOW, INPUT_CLOSE),
	IND_OUTPUTS("value"),
	.ready = ind_ready_window,
	.state = cci_state,
	.extra = cci_extra,
	.run = cci_run};

/* ---- ultimate -------------------------------------------------------- */

enum {
	ULTIMATE_SPANS = 3
};

struct ultimate {
	struct ind_total gains[ULTIMATE_SPANS], ranges[ULTIMATE_SPANS];
	double rings[];
};

static size_t ultimate_state(const double *args)
{
	return sizeof(struct ultimate) +
	       2 * (ind_bars(args, 0) + ind_bars(args, 1) + ind_bars(args, 2)) *
		       sizeof(double);
}

static const char *ultimate_fault(const double *args)
{
	return args[0] <= args[1] && args[1] <= args[2]
		       ? NULL
		       : "short must not be above medium, nor medium above "
			 "long";
}

static size_t ultimate_ready(const double *args, size_t output)
{
	(void)output;
	return ind_bars(args, 2);
}

static struct ultimate ultimate_begin(const struct indicator_call *call)
{
	struct ultimate *state = call->state;
	struct ultimate now = *state;
	double *ring = state->rings;

	for (size_t k = 0; k < ULTIMATE_SPANS; k++) {
		size_t period = ind_bars(call->args, k);

		now.gains[k] = ind_total_begin(now.gains[k], period, ring);
		ring += period;
		now.ranges[k] = ind_total_begin(now.ranges[k], period, ring);
		ring += period;
	}
	return now;
}

static inline double ultimate_share(
	struct ultimate *now, size_t k, double gain, double range)
{
	double gains = ind_total_next(&now->gains[k], gain);
	double ranges = ind_total_next(&now->ranges[k], range);

	return ranges > 0 ? gains / ranges : 0.0;
}

static void ultimate_run(const struct indicator_call *call)
{
	struct ultimate now = ultimate_begin(call);
	const double *high = call->in[0], *low = call->in[1];
	const double *close = call->in[2], *before = close - 1;

	for (size_t i = call->first == 0; i < call->count; i++) {
		double range = ind_true_range(high[i], low[i], before[i]);
		double gain = close[i] - ind_min(low[i], before[i]);
		double a = ultimate_share(&now, 0, gain, range);
		double b = ultimate_share(&now, 1, gain, range);
		double c = ultimate_share(&now, 2, gain, range);

		call->out[0][i] = 100.0 / 7.0 * (4.0 * a + 2.0 * b + c);
	}
	*(struct ultimate *)call->state = now;
	ind_blank(call, &ind_ultimate);
}

const struct indicator ind_ultimate = {.name = "ultimate",
	.summary = "Ultimate oscillator, 0 to 100 (Larry Williams; TA-Lib "
		   "ULTOSC): buying pressure per true range over three spans, "
		   "weighted 4, 2, 1.",
	IND_PARAMS(IND_BARS("short", 1, 7), IND_BARS("medium", 1, 14),
		IND_BARS("long", 1, 28)),
	IND_INPUTS(INPUT_HIGH, INPUT_LOW, INPUT_CLOSE),
	IND_OUTPUTS("value"),
	.fault = ultimate_fault,
	.ready = ultimate_ready,
	.history = ind_history_one,
	.state = ultimate_state,
	.run = ultimate_run};
