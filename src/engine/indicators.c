/*
 * The indicator table and its column functions. TA-Lib's conventions where
 * definitions differ. A column function reads its call and writes its column
 * and nothing else; it must never look at a later bar.
 */
#include "indicator.h"

#include <math.h>

#include "program.h"

static const char *const one_output[] = {"value", NULL};

static const struct indicator_param period_from_1[] = {
	{.name = "period",
		.min = 1,
		.max = PROGRAM_PERIOD_LIMIT,
		.whole = true},
};
static const struct indicator_param period_from_2[] = {
	{.name = "period",
		.min = 2,
		.max = PROGRAM_PERIOD_LIMIT,
		.whole = true},
};

static void fill_nan(double *out, size_t count)
{
	for (size_t i = 0; i < count; i++)
		out[i] = NAN;
}

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t ready_window(const double *args)
{
	return (size_t)args[0] - 1;
}

static size_t ready_changes(const double *args)
{
	return (size_t)args[0];
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

/* A window of equal prices averages to just that price: otherwise the last
   bit could make a cross of two averages out of a market that stands. */
static void sma_column(const struct indicator_call *call, double *out)
{
	const double *x = call->source;
	size_t count = call->candles->count;
	size_t n = (size_t)call->args[0];
	double period = (double)n;
	struct sum sum = {0, 0};
	size_t same = 0;

	for (size_t i = 0; i < count; i++) {
		sum_add(&sum, x[i]);
		if (i >= n)
			sum_add(&sum, -x[i - n]);
		same = i > 0 && x[i] == x[i - 1] ? same + 1 : 1;
		out[i] = same >= n ? x[i] : (sum.high + sum.lost) / period;
	}
	fill_nan(out, min_size(n - 1, count));
}

/* Seeded with the average of the first n values, factor 2 / (n + 1). */
static void ema_column(const struct indicator_call *call, double *out)
{
	const double *x = call->source;
	size_t count = call->candles->count;
	size_t n = (size_t)call->args[0];
	double factor = 2.0 / ((double)n + 1.0);
	struct sum sum = {0, 0};
	double average;

	fill_nan(out, min_size(n - 1, count));
	if (count < n)
		return;
	for (size_t i = 0; i < n; i++)
		sum_add(&sum, x[i]);
	average = (sum.high + sum.lost) / (double)n;
	out[n - 1] = average;
	for (size_t i = n; i < count; i++) {
		average += (x[i] - average) * factor;
		out[i] = average;
	}
}

/* TA-Lib calls gains and losses below this no movement at all. */
static const double rsi_nothing = 1e-14;

static double rsi_of(double gain, double loss)
{
	double both = gain + loss;

	return both < rsi_nothing ? 0.0 : 100.0 * gain / both;
}

/* Wilder: the mean of the first n changes, then a 1/n smoothing. */
static void rsi_column(const struct indicator_call *call, double *out)
{
	const double *x = call->source;
	size_t count = call->candles->count;
	size_t n = (size_t)call->args[0];
	double share = 1.0 / (double)n, keep = 1.0 - share;
	double gain = 0, loss = 0;

	fill_nan(out, min_size(n, count));
	if (count <= n)
		return;
	for (size_t i = 1; i <= n; i++) {
		gain += fmax(x[i] - x[i - 1], 0) * share;
		loss += fmax(x[i - 1] - x[i], 0) * share;
	}
	out[n] = rsi_of(gain, loss);
	for (size_t i = n + 1; i < count; i++) {
		double change = x[i] - x[i - 1];
		double up = change > 0 ? change : 0;

		gain = gain * keep + up * share;
		loss = loss * keep + (up - change) * share;
		out[i] = rsi_of(gain, loss);
	}
}

static const struct indicator indicators[] = {
	{.name = "sma",
		.params = period_from_1,
		.param_count = 1,
		.outputs = one_output,
		.ready = ready_window,
		.column = sma_column},
	{.name = "ema",
		.params = period_from_1,
		.param_count = 1,
		.outputs = one_output,
		.ready = ready_window,
		.column = ema_column},
	{.name = "rsi",
		.params = period_from_2,
		.param_count = 1,
		.outputs = one_output,
		.ready = ready_changes,
		.column = rsi_column},
};

enum {
	INDICATOR_COUNT = sizeof(indicators) / sizeof(indicators[0])
};

/* For suggestions; a test holds it against the table. */
static const char *const names[INDICATOR_COUNT + 1] = {
	"sma", "ema", "rsi", NULL};

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
