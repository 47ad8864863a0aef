/*
 * The indicator table and its kernels. TA-Lib's conventions where definitions
 * differ. A kernel must never look at a later bar.
 */
#include "indicator.h"

#include <math.h>
#include <string.h>

static const char *const one_output[] = {"value", NULL};
static const enum indicator_input source_input[] = {INPUT_SOURCE};
static const enum indicator_input range_inputs[] = {
	INPUT_HIGH, INPUT_LOW, INPUT_CLOSE};

static const struct indicator_param period_from_1[] = {
	{.name = "period",
		.min = 1,
		.max = INDICATOR_PERIOD_LIMIT,
		.whole = true},
};
static const struct indicator_param period_from_2[] = {
	{.name = "period",
		.min = 2,
		.max = INDICATOR_PERIOD_LIMIT,
		.whole = true},
};

static size_t ready_window(const double *args, size_t output)
{
	(void)output;
	return (size_t)args[0] - 1;
}

static size_t ready_changes(const double *args, size_t output)
{
	(void)output;
	return (size_t)args[0];
}

static size_t history_window(const double *args)
{
	return (size_t)args[0];
}

static size_t history_one(const double *args)
{
	(void)args;
	return 1;
}

/*
 * A running sum in two doubles: what an addition rounds away goes to `lost`
 * (Knuth's two-sum), so that errors do not pile up over millions of bars.
 */
struct sum {
	double high, lost;
};

static inline void sum_add(struct sum *sum, double x)
{
	double total = sum->high + x;
	double part = total - sum->high;

	sum->lost += (sum->high - (total - part)) + (x - part);
	sum->high = total;
}

struct sma {
	struct sum sum;
	size_t same;
};

static size_t sma_state(const double *args)
{
	(void)args;
	return sizeof(struct sma);
}

/* A window of equal prices averages to just that price: otherwise the last
   bit could make a cross of two averages out of a market that stands. */
static void sma_run(const struct indicator_call *call)
{
	struct sma *state = call->state;
	struct sma s = *state;
	const double *x = call->in[0];
	size_t n = (size_t)call->args[0];
	double period = (double)n;

	for (size_t i = 0; i < call->count; i++) {
		const double *at = x + i;
		size_t bar = call->first + i;

		sum_add(&s.sum, at[0]);
		if (bar >= n)
			sum_add(&s.sum, -*(at - n));
		s.same = bar > 0 && at[0] == at[-1] ? s.same + 1 : 1;
		call->out[0][i] = s.same >= n ? at[0]
				  : bar + 1 < n
					  ? (double)NAN
					  : (s.sum.high + s.sum.lost) / period;
	}
	*state = s;
}

struct smooth {
	struct sum sum;
	double average, other;
};

static size_t smooth_state(const double *args)
{
	(void)args;
	return sizeof(struct smooth);
}

/* Seeded with the average of the first n values, factor 2 / (n + 1). */
static void ema_run(const struct indicator_call *call)
{
	struct smooth *s = call->state;
	const double *x = call->in[0];
	size_t n = (size_t)call->args[0];
	double factor = 2.0 / ((double)n + 1.0);

	for (size_t i = 0; i < call->count; i++) {
		size_t bar = call->first + i;

		if (bar < n)
			sum_add(&s->sum, x[i]);
		if (bar + 1 == n)
			s->average = (s->sum.high + s->sum.lost) / (double)n;
		else if (bar >= n)
			s->average += (x[i] - s->average) * factor;
		call->out[0][i] = bar + 1 < n ? (double)NAN : s->average;
	}
}

/* TA-Lib calls gains and losses below this no movement at all. */
static const double rsi_nothing = 1e-14;

/* Wilder: the mean of the first n changes, then a 1/n smoothing. */
static void rsi_run(const struct indicator_call *call)
{
	struct smooth *s = call->state;
	const double *x = call->in[0];
	size_t n = (size_t)call->args[0];
	double share = 1.0 / (double)n, keep = 1.0 - share;

	for (size_t i = 0; i < call->count; i++) {
		size_t bar = call->first + i;
		const double *at = x + i;
		double change = bar > 0 ? at[0] - at[-1] : 0;
		double up = change > 0 ? change : 0;
		double before = bar <= n ? 1 : keep;

		s->average = s->average * before + up * share;
		s->other = s->other * before + (up - change) * share;
		call->out[0][i] =
			bar < n ? (double)NAN
			: s->average + s->other < rsi_nothing
				? 0
				: 100 * s->average / (s->average + s->other);
	}
}

/* Wilder's: the mean of the true ranges of bars 1 to n first. */
static void atr_run(const struct indicator_call *call)
{
	struct smooth *s = call->state;
	const double *high = call->in[0], *low = call->in[1];
	size_t n = (size_t)call->args[0];

	for (size_t i = 0; i < call->count; i++) {
		size_t bar = call->first + i;
		const double *close = call->in[2] + i;
		double range = bar == 0 ? 0
					: fmax(high[i], close[-1]) -
						  fmin(low[i], close[-1]);

		s->sum.high += bar <= n ? range : 0;
		if (bar == n)
			s->average = s->sum.high / (double)n;
		else if (bar > n)
			s->average = (s->average * (double)(n - 1) + range) /
				     (double)n;
		call->out[0][i] = bar < n ? (double)NAN : s->average;
	}
}

/* clang-format off */
static const struct indicator indicators[] = {
	{ .name = "sma", .params = period_from_1, .param_count = 1,
	  .inputs = source_input, .input_count = 1, .outputs = one_output,
	  .ready = ready_window, .history = history_window,
	  .state = sma_state, .run = sma_run },
	{ .name = "ema", .params = period_from_1, .param_count = 1,
	  .inputs = source_input, .input_count = 1, .outputs = one_output,
	  .ready = ready_window, .state = smooth_state, .run = ema_run },
	{ .name = "rsi", .params = period_from_2, .param_count = 1,
	  .inputs = source_input, .input_count = 1, .outputs = one_output,
	  .ready = ready_changes, .history = history_one,
	  .state = smooth_state, .run = rsi_run },
	{ .name = "atr", .params = period_from_1, .param_count = 1,
	  .inputs = range_inputs, .input_count = 3, .outputs = one_output,
	  .ready = ready_changes, .history = history_one,
	  .state = smooth_state, .run = atr_run },
};
/* clang-format on */

enum {
	INDICATOR_COUNT = sizeof(indicators) / sizeof(indicators[0])
};

static const char *const names[INDICATOR_COUNT + 1] = {
	"sma", "ema", "rsi", "atr", NULL};

const struct indicator *indicator_at(size_t index)
{
	return index < INDICATOR_COUNT ? &indicators[index] : NULL;
}

const struct indicator *indicator_find(const char *name)
{
	for (size_t i = 0; i < INDICATOR_COUNT; i++)
		if (strcmp(indicators[i].name, name) == 0)
			return &indicators[i];
	return NULL;
}

const char *const *indicator_names(void)
{
	return names;
}
