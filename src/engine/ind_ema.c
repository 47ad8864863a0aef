/*
 * Exponential averages and what is made of them. Each is seeded with the
 * mean of its first values, as TA-Lib does, and goes on for ever from there;
 * an average of averages begins when its inner one has a value.
 */
#include "ind_steps.h"

/* ---- ema ------------------------------------------------------------- */

static size_t ema_state(const double *args)
{
	(void)args;
	return sizeof(struct ind_average);
}

static void ema_run(const struct indicator_call *call)
{
	struct ind_average *state = call->state;
	struct ind_average average =
		ind_ema_begin(*state, ind_bars(call->args, 0));
	const double *x = call->in[0];
	double *out = call->out[0];

	for (size_t i = 0; i < call->count; i++)
		out[i] = ind_average_next(&average, x[i]);
	*state = average;
	ind_blank(call, &ind_ema);
}

const struct indicator ind_ema = {.name = "ema",
	.summary = "Exponential moving average (TA-Lib EMA), factor "
		   "2 / (period + 1); seed: the mean of the first period bars.",
	IND_PARAMS(IND_BARS("period", 1, 30)),
	IND_INPUTS(INPUT_SOURCE),
	IND_OUTPUTS("value"),
	.ready = ind_ready_window,
	.state = ema_state,
	.run = ema_run};

/* ---- dema, tema, trix ------------------------------------------------ */

/* An average, its average, and the average of that. */
struct nest {
	struct ind_average one, two, three;
	double before; /* trix: the third on the last bar */
};

struct nested {
	double one, two, three;
};

static size_t nest_state(const double *args)
{
	(void)args;
	return sizeof(struct nest);
}

static struct nest nest_begin(const struct indicator_call *call)
{
	const struct nest *state = call->state;
	size_t period = ind_bars(call->args, 0);

	return (struct nest){.one = ind_ema_begin(state->one, period),
		.two = ind_ema_begin(state->two, period),
		.three = ind_ema_begin(state->three, period),
		.before = state->before};
}

static inline struct nested nest_next(struct nest *nest, double x)
{
	struct nested out = {.one = ind_average_next(&nest->one, x)};

	if (nest->one.seen == nest->one.period)
		out.two = ind_average_next(&nest->two, out.one);
	if (nest->two.seen == nest->two.period)
		out.three = ind_average_next(&nest->three, out.two);
	return out;
}

static size_t dema_ready(const double *args, size_t output)
{
	(void)output;
	return 2 * (ind_bars(args, 0) - 1);
}

static void dema_run(const struct indicator_call *call)
{
	struct nest nest = nest_begin(call);

	for (size_t i = 0; i < call->count; i++) {
		struct nested e = nest_next(&nest, call->in[0][i]);

		call->out[0][i] = e.one + (e.one - e.two);
	}
	*(struct nest *)call->state = nest;
	ind_blank(call, &ind_dema);
}

const struct indicator ind_dema = {.name = "dema",
	.summary = "Double exponential moving average (Patrick Mulloy; TA-Lib "
		   "DEMA): 2 EMA - EMA of EMA, each seeded with a mean.",
	IND_PARAMS(IND_BARS("period", 1, 30)),
	IND_INPUTS(INPUT_SOURCE),
	IND_OUTPUTS("value"),
	.ready = dema_ready,
	.state = nest_state,
	.run = dema_run};

static size_t tema_ready(const double *args, size_t output)
{
	(void)output;
	return 3 * (ind_bars(args, 0) - 1);
}

static void tema_run(const struct indicator_call *call)
{
	struct nest nest = nest_begin(call);

	for (size_t i = 0; i < call->count; i++) {
		struct nested e = nest_next(&nest, call->in[0][i]);

		call->out[0][i] = 3.0 * (e.one - e.two) + e.three;
	}
	*(struct nest *)call->state = nest;
	ind_blank(call, &ind_tema);
}

const struct indicator ind_tema = {.name = "tema",
	.summary = "Triple exponential moving average (Patrick Mulloy; TA-Lib "
		   "TEMA): 3 EMA1 - 3 EMA2 + EMA3, each seeded with a mean.",
	IND_PARAMS(IND_BARS("period", 1, 30)),
	IND_INPUTS(INPUT_SOURCE),
	IND_OUTPUTS("value"),
	.ready = tema_ready,
	.state = nest_state,
	.run = tema_run};

static size_t trix_ready(const double *args, size_t output)
{
	return tema_ready(args, output) + 1;
}

static void trix_run(const struct indicator_call *call)
{
	struct nest nest = nest_begin(call);

	for (size_t i = 0; i < call->count; i++) {
		double now = nest_next(&nest, call->in[0][i]).three;
		double before = nest.before;

		call->out[0][i] =
			before != 0 ? (now - before) / before * 100.0 : 0;
		nest.before = now;
	}
	*(struct nest *)call->state = nest;
	ind_blank(call, &ind_trix);
}

const struct indicator ind_trix = {.name = "trix",
	.summary = "Change of a triple EMA from bar to bar, in percent (Jack "
		   "Hutson; TA-Lib TRIX); each EMA seeded with a mean.",
	IND_PARAMS(IND_BARS("period", 1, 30)),
	IND_INPUTS(INPUT_SOURCE),
	IND_OUTPUTS("value"),
	.ready = trix_ready,
	.state = nest_state,
	.run = trix_run};

/* ---- macd, ppo ------------------------------------------------------- */

struct macd {
	struct ind_average fast, slow, signal;
};

enum {
	MACD_FAST,
	MACD_SLOW,
	MACD_SIGNAL
};

static size_t macd_state(const double *args)
{
	(void)args;
	return sizeof(struct macd);
}

static const char *macd_fault(const double *args)
{
	return args[MACD_FAST] < args[MACD_SLOW] ? NULL
						 : "fast must be below slow";
}

static size_t macd_ready(const double *args, size_t output)
{
	size_t line = ind_bars(args, MACD_SLOW) - 1;

	return output == 0 ? line : line + ind_bars(args, MACD_SIGNAL) - 1;
}

static struct macd macd_begin(const struct indicator_call *call)
{
	const struct macd *state = call->state;
	const double *args = call->args;

	return (struct macd){
		.fast = ind_ema_begin(state->fast, ind_bars(args, MACD_FAST)),
		.slow = ind_ema_begin(state->slow, ind_bars(args, MACD_SLOW)),
		.signal = ind_ema_begin(
			state->signal, ind_bars(args, MACD_SIGNAL))};
}

/* The fast average leaves out the first bars, so that both begin on one. */
static void macd_run(const struct indicator_call *call)
{
	struct macd macd = macd_begin(call);
	size_t skip = macd.slow.period - macd.fast.period;

	for (size_t i = 0; i < call->count; i++) {
		double x = call->in[0][i], fast = 0, line, signal = 0;

		if (call->first + i >= skip)
			fast = ind_average_next(&macd.fast, x);
		line = fast - ind_average_next(&macd.slow, x);
		if (macd.slow.seen == macd.slow.period)
			signal = ind_average_next(&macd.signal, line);
		call->out[0][i] = line;
		call->out[1][i] = signal;
		call->out[2][i] = line - signal;
	}
	*(struct macd *)call->state = macd;
	ind_blank(call, &ind_macd);
}

const struct indicator ind_macd = {.name = "macd",
	.summary = "EMA(fast) - EMA(slow), its EMA as signal, and their "
		   "difference (Gerald Appel; TA-Lib MACD); both averages "
		   "begin on the same bar, each seeded with a mean.",
	IND_PARAMS(IND_BARS("fast", 1, 12), IND_BARS("slow", 2, 26),
		IND_BARS("signal", 1, 9)),
	IND_INPUTS(INPUT_SOURCE),
	IND_OUTPUTS("macd", "signal", "histogram"),
	.fault = macd_fault,
	.ready = macd_ready,
	.state = macd_state,
	.run = macd_run};

static void ppo_run(const struct indicator_call *call)
{
	struct macd ppo = macd_begin(call);

	for (size_t i = 0; i < call->count; i++) {
		double x = call->in[0][i], signal = 0;
		double fast = ind_average_next(&ppo.fast, x);
		double slow = ind_average_next(&ppo.slow, x);
		double line = slow != 0 ? (fast - slow) / slow * 100.0 : 0;

		if (ppo.slow.seen == ppo.slow.period)
			signal = ind_average_next(&ppo.signal, line);
		call->out[0][i] = line;
		call->out[1][i] = signal;
		call->out[2][i] = line - signal;
	}
	*(struct macd *)call->state = ppo;
	ind_blank(call, &ind_ppo);
}

const struct indicator ind_ppo = {.name = "ppo",
	.summary = "(EMA(fast) - EMA(slow)) / EMA(slow) in percent, its EMA as "
		   "signal, and their difference (TA-Lib PPO with EMA; its "
		   "own default is SMA); each seeded with its first mean.",
	IND_PARAMS(IND_BARS("fast", 1, 12), IND_BARS("slow", 2, 26),
		IND_BARS("signal", 1, 9)),
	IND_INPUTS(INPUT_SOURCE),
	IND_OUTPUTS("ppo", "signal", "histogram"),
	.fault = macd_fault,
	.ready = macd_ready,
	.state = macd_state,
	.run = ppo_run};

/* ---- kama ------------------------------------------------------------ */

struct kama {
	struct ind_total path; /* of the changes' sizes */
	double value;
	double ring[];
};

static size_t kama_state(const double *args)
{
	return sizeof(struct kama) + ind_bars(args, 0) * sizeof(double);
}

/* The factor of an EMA over 2 bars where the price went straight, over 30
   where it went nowhere, squared. */
static double kama_factor(double straight, double path)
{
	const double slow = 2.0 / 31.0, fast = 2.0 / 3.0;
	double efficiency = path > straight ? straight / path : 1.0;
	double factor = efficiency * (fast - slow) + slow;

	return factor * factor;
}

static void kama_run(const struct indicator_call *call)
{
	struct kama *state = call->state;
	size_t period = ind_bars(call->args, 0);
	struct ind_total path =
		ind_total_begin(state->path, period, state->ring);
	const double *x = call->in[0], *before = x - 1, *past = x - period;
	double value = state->value;

	for (size_t i = 0; i < call->count; i++) {
		double walked = 0;

		if (call->first + i >= 1)
			walked = ind_total_next(&path, fabs(x[i] - before[i]));
		if (call->first + i < period)
			value = x[i];
		else
			value += (x[i] - value) *
				 kama_factor(fabs(x[i] - past[i]), walked);
		call->out[0][i] = value;
	}
	state->path = path;
	state->value = value;
	ind_blank(call, &ind_kama);
}

const struct indicator ind_kama = {.name = "kama",
	.summary = "Kaufman's adaptive moving average (TA-Lib KAMA), between "
		   "the factors of EMA 2 and 30; seed: the bar before the "
		   "first value.",
	IND_PARAMS(IND_BARS("period", 2, 30)),
	IND_INPUTS(INPUT_SOURCE),
	IND_OUTPUTS("value"),
	.ready = ind_ready_changes,
	.history = ind_history_period,
	.state = kama_state,
	.run = kama_run};
