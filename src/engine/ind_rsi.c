/*
 * Relative strength and the stochastic of it. Gains and losses are smoothed
 * as Wilder did: the mean of the first n changes, then 1/n of each new one.
 * A market that stands has a strength of 0, as TA-Lib has it, never NaN.
 */
#include "ind_steps.h"

struct rsi {
	double before, gain, loss, share, keep;
	size_t period, seen; /* seen: bars, no more than period + 1 */
};

static struct rsi rsi_begin(struct rsi saved, size_t period)
{
	saved.period = period;
	saved.share = 1.0 / (double)period;
	saved.keep = 1.0 - saved.share;
	return saved;
}

/* TA-Lib calls gains and losses below this no movement at all. */
static const double rsi_nothing = 1e-14;

static inline double rsi_of(const struct rsi *rsi)
{
	double both = rsi->gain + rsi->loss;

	return both < rsi_nothing ? 0.0 : 100.0 * rsi->gain / both;
}

static inline double rsi_next(struct rsi *rsi, double x)
{
	double change = x - rsi->before;
	double up = change > 0 ? change : 0;
	double down = up - change;

	rsi->before = x;
	if (rsi->seen > rsi->period) {
		rsi->gain = rsi->gain * rsi->keep + up * rsi->share;
		rsi->loss = rsi->loss * rsi->keep + down * rsi->share;
	} else if (rsi->seen++ > 0) {
		rsi->gain += up * rsi->share;
		rsi->loss += down * rsi->share;
	}
	return rsi_of(rsi);
}

/* ---- rsi ------------------------------------------------------------- */

static size_t rsi_state(const double *args)
{
	(void)args;
	return sizeof(struct rsi);
}

static void rsi_run(const struct indicator_call *call)
{
	struct rsi *state = call->state;
	struct rsi rsi = rsi_begin(*state, ind_bars(call->args, 0));
	const double *x = call->in[0];
	double *out = call->out[0];

	for (size_t i = 0; i < call->count; i++)
		out[i] = rsi_next(&rsi, x[i]);
	*state = rsi;
	ind_blank(call, &ind_rsi);
}

const struct indicator ind_rsi = {.name = "rsi",
	.summary = "Relative strength index, 0 to 100 (Welles Wilder; TA-Lib "
		   "RSI); seed: the mean of the first period changes.",
	IND_PARAMS(IND_BARS("period", 2, 14)),
	IND_INPUTS(INPUT_SOURCE),
	IND_OUTPUTS("value"),
	.ready = ind_ready_changes,
	.state = rsi_state,
	.run = rsi_run};

/* ---- stoch_rsi ------------------------------------------------------- */

enum {
	STOCH_RSI_PERIOD,
	STOCH_RSI_K,
	STOCH_RSI_D
};

struct stoch_rsi {
	struct rsi rsi;
	struct ind_channel window;
	struct ind_mean d;
	double rings[];
};

static size_t stoch_rsi_state(const double *args)
{
	return sizeof(struct stoch_rsi) +
	       (2 * ind_bars(args, STOCH_RSI_K) + ind_bars(args, STOCH_RSI_D)) *
		       sizeof(double);
}

static size_t stoch_rsi_ready(const double *args, size_t output)
{
	size_t k = ind_bars(args, STOCH_RSI_PERIOD) +
		   ind_bars(args, STOCH_RSI_K) - 1;

	return output == 0 ? k : k + ind_bars(args, STOCH_RSI_D) - 1;
}

static struct stoch_rsi stoch_rsi_begin(const struct indicator_call *call)
{
	struct stoch_rsi *state = call->state;
	size_t k = ind_bars(call->args, STOCH_RSI_K);
	double *rings = state->rings;

	return (struct stoch_rsi){
		.rsi = rsi_begin(
			state->rsi, ind_bars(call->args, STOCH_RSI_PERIOD)),
		.window = ind_channel_begin(state->window, k, rings),
		.d = ind_mean_begin(state->d, ind_bars(call->args, STOCH_RSI_D),
			rings + 2 * k)};
}

static void stoch_rsi_k(
	const struct indicator_call *call, struct stoch_rsi *now, double *out)
{
	struct rsi strength = now->rsi;
	struct ind_channel window = now->window;

	for (size_t i = 0; i < call->count; i++) {
		double rsi = rsi_next(&strength, call->in[0][i]), range;
		struct ind_bounds bounds;

		if (call->first + i < strength.period)
			continue;
		bounds = ind_channel_next(&window, rsi, rsi);
		range = bounds.upper - bounds.lower;
		out[i] = ind_flat(range, 100.0)
				 ? 0.0
				 : 100.0 * (rsi - bounds.lower) / range;
	}
	now->rsi = strength;
	now->window = window;
}

static void stoch_rsi_run(const struct indicator_call *call)
{
	struct stoch_rsi now = stoch_rsi_begin(call);
	double *k = call->out[0], *d = call->out[1];

	stoch_rsi_k(call, &now, k);
	ind_means(&now.d, k, d, ind_from(call, stoch_rsi_ready(call->args, 0)),
		call->count);
	*(struct stoch_rsi *)call->state = now;
	ind_blank(call, &ind_stoch_rsi);
}

const struct indicator ind_stoch_rsi = {.name = "stoch_rsi",
	.summary = "Where the RSI stands between its lowest and highest of k "
		   "bars, 0 to 100, and the mean of d of them (Tushar Chande; "
		   "TA-Lib STOCHRSI); 0 where the RSI stands still.",
	IND_PARAMS(IND_BARS("period", 2, 14), IND_BARS("k", 1, 5),
		IND_BARS("d", 1, 3)),
	IND_INPUTS(INPUT_SOURCE),
	IND_OUTPUTS("k", "d"),
	.ready = stoch_rsi_ready,
	.state = stoch_rsi_state,
	.run = stoch_rsi_run};
