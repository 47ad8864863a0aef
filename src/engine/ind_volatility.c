/*
 * True range and what is made of it. The range of the very first bar has no
 * close before it and is left out, as TA-Lib does, so everything here begins
 * a bar later than its window is long.
 */
#include "ind_steps.h"

/* ---- tr -------------------------------------------------------------- */

static size_t tr_ready(const double *args, size_t output)
{
	(void)args;
	(void)output;
	return 1;
}

static void tr_run(const struct indicator_call *call)
{
	const double *high = call->in[0], *low = call->in[1];
	const double *before = call->in[2] - 1;
	double *out = call->out[0];

	for (size_t i = 0; i < call->count; i++)
		out[i] = ind_true_range(high[i], low[i], before[i]);
	ind_blank(call, &ind_tr);
}

const struct indicator ind_tr = {.name = "tr",
	.summary = "True range (Welles Wilder; TA-Lib TRANGE): the bar's range "
		   "with the close before it; begins with the second bar.",
	IND_INPUTS(INPUT_HIGH, INPUT_LOW, INPUT_CLOSE),
	IND_OUTPUTS("value"),
	.ready = tr_ready,
	.history = ind_history_one,
	.run = tr_run};

/* ---- atr, natr ------------------------------------------------------- */

static size_t atr_state(const double *args)
{
	(void)args;
	return sizeof(struct ind_average);
}

/* Fills the output with the average true range, NaN where there is none. */
static void atr_fill(
	const struct indicator_call *call, const struct indicator *row)
{
	struct ind_average *state = call->state;
	struct ind_average atr =
		ind_wilder_begin(*state, ind_bars(call->args, 0));
	const double *high = call->in[0], *low = call->in[1];
	const double *before = call->in[2] - 1;
	double *out = call->out[0];

	for (size_t i = call->first == 0; i < call->count; i++)
		out[i] = ind_average_next(
			&atr, ind_true_range(high[i], low[i], before[i]));
	*state = atr;
	ind_blank(call, row);
}

static void atr_run(const struct indicator_call *call)
{
	atr_fill(call, &ind_atr);
}

const struct indicator ind_atr = {.name = "atr",
	.summary = "Average true range (Welles Wilder; TA-Lib ATR): smoothed "
		   "by 1 / period; seed: the mean of the true ranges of bars "
		   "1 to period, bar 0 left out.",
	IND_PARAMS(IND_BARS("period", 1, 14)),
	IND_INPUTS(INPUT_HIGH, INPUT_LOW, INPUT_CLOSE),
	IND_OUTPUTS("value"),
	.ready = ind_ready_changes,
	.history = ind_history_one,
	.state = atr_state,
	.run = atr_run};

static void natr_run(const struct indicator_call *call)
{
	const double *close = call->in[2];
	double *out = call->out[0];

	atr_fill(call, &ind_natr);
	for (size_t i = 0; i < call->count; i++)
		out[i] = close[i] != 0 ? out[i] / close[i] * 100.0
				       : out[i] * 0.0;
}

const struct indicator ind_natr = {.name = "natr",
	.summary = "ATR in percent of the close (TA-Lib NATR), with ATR's "
		   "seed; 0 where the close is 0.",
	IND_PARAMS(IND_BARS("period", 1, 14)),
	IND_INPUTS(INPUT_HIGH, INPUT_LOW, INPUT_CLOSE),
	IND_OUTPUTS("value"),
	.ready = ind_ready_changes,
	.history = ind_history_one,
	.state = atr_state,
	.run = natr_run};

/* ---- choppiness ------------------------------------------------------ */

struct choppiness {
	struct ind_total path; /* of true ranges */
	struct ind_channel window;
	double rings[];
};

static size_t choppiness_state(const double *args)
{
	return sizeof(struct choppiness) +
	       3 * ind_bars(args, 0) * sizeof(double);
}

static struct choppiness choppiness_begin(const struct indicator_call *call)
{
	struct choppiness *state = call->state;
	size_t period = ind_bars(call->args, 0);
	double *rings = state->rings;

	return (struct choppiness){
		.path = ind_total_begin(state->path, period, rings),
		.window = ind_channel_begin(
			state->window, period, rings + period)};
}

static void choppiness_run(const struct indicator_call *call)
{
	struct choppiness now = choppiness_begin(call);
	const double *high = call->in[0], *low = call->in[1];
	const double *before = call->in[2] - 1;
	double scale = 100.0 / log10(call->args[0]);

	for (size_t i = call->first == 0; i < call->count; i++) {
		double path = ind_total_next(
			&now.path, ind_true_range(high[i], low[i], before[i]));
		struct ind_bounds bounds =
			ind_channel_next(&now.window, high[i], low[i]);
		double range = bounds.upper - bounds.lower;

		call->out[0][i] = ind_flat(range, bounds.upper)
					  ? 0.0
					  : log10(path / range) * scale;
	}
	*(struct choppiness *)call->state = now;
	ind_blank(call, &ind_choppiness);
}

const struct indicator ind_choppiness = {.name = "choppiness",
	.summary = "Choppiness index (Bill Dreiss): 100 log10(sum of true "
		   "ranges / range of the window) / log10(period); low in a "
		   "trend; 0 in a window without a range.",
	IND_PARAMS(IND_BARS("period", 2, 14)),
	IND_INPUTS(INPUT_HIGH, INPUT_LOW, INPUT_CLOSE),
	IND_OUTPUTS("value"),
	.ready = ind_ready_changes,
	.history = ind_history_one,
	.state = choppiness_state,
	.run = choppiness_run};
