/*
 * What the files of kernels share: the list of all indicators, how a row is
 * written, and the few definitions that more than one of them needs. Every
 * kernel is a step from one bar to the next, in an order of additions that
 * only the bar's number decides: it must never know where a block begins.
 */
#ifndef ENGINE_IND_PRIVATE_H
#define ENGINE_IND_PRIVATE_H

#include "indicator.h"

#include <math.h>

/* In the order in which they are listed to users. */
#define IND_LIST(X)   \
	X(sma)        \
	X(ema)        \
	X(wma)        \
	X(dema)       \
	X(tema)       \
	X(trima)      \
	X(hma)        \
	X(kama)       \
	X(vwma)       \
	X(vwap)       \
	X(rsi)        \
	X(stoch_rsi)  \
	X(stochastic) \
	X(macd)       \
	X(ppo)        \
	X(trix)       \
	X(roc)        \
	X(mom)        \
	X(cci)        \
	X(williams_r) \
	X(ultimate)   \
	X(mfi)        \
	X(obv)        \
	X(ad)         \
	X(cmf)        \
	X(tr)         \
	X(atr)        \
	X(natr)       \
	X(choppiness) \
	X(stddev)     \
	X(zscore)     \
	X(bollinger)  \
	X(keltner)    \
	X(donchian)   \
	X(highest)    \
	X(lowest)     \
	X(linreg)     \
	X(adx)        \
	X(aroon)      \
	X(psar)       \
	X(supertrend) \
	X(ichimoku)

#define IND_DECLARE(name) extern const struct indicator ind_##name;
IND_LIST(IND_DECLARE)
#undef IND_DECLARE

/* Parts of a row. The arrays live as long as the program. */
#define IND_PARAMS(...)                                                  \
	.params = (const struct indicator_param[]){__VA_ARGS__},         \
	.param_count = sizeof((struct indicator_param[]){__VA_ARGS__}) / \
		       sizeof(struct indicator_param)
#define IND_INPUTS(...)                                                \
	.inputs = (const enum indicator_input[]){__VA_ARGS__},         \
	.input_count = sizeof((enum indicator_input[]){__VA_ARGS__}) / \
		       sizeof(enum indicator_input)
#define IND_OUTPUTS(...)                 \
	.outputs = (const char *const[]) \
	{                                \
		__VA_ARGS__, NULL        \
	}

/* A number of bars, from `least` to the limit. */
#define IND_BARS(word, least, preset)                                          \
	{                                                                      \
		.name = (word), .min = (least), .max = INDICATOR_PERIOD_LIMIT, \
		.whole = true, .optional = true, .otherwise = (preset)         \
	}
#define IND_FACTOR(word, least, most, preset)                  \
	{                                                      \
		.name = (word), .min = (least), .max = (most), \
		.optional = true, .otherwise = (preset)        \
	}

static inline size_t ind_bars(const double *args, size_t param)
{
	return (size_t)args[param];
}

/* Readiness of a window of `period` bars, of `period` changes, and of what
   has a value on every bar. */
size_t ind_ready_window(const double *args, size_t output);
size_t ind_ready_changes(const double *args, size_t output);
size_t ind_ready_at_once(const double *args, size_t output);
/* For kernels that read the bar before, or `period` bars back. */
size_t ind_history_one(const double *args);
size_t ind_history_period(const double *args);

/* Where in this block a bar is, counted from the first of all: 0 when it is
   before, the block's count when it is behind. */
static inline size_t ind_from(const struct indicator_call *call, size_t bar)
{
	if (bar <= call->first)
		return 0;
	bar -= call->first;
	return bar < call->count ? bar : call->count;
}

/* NaN for the bars of this block that have no value yet. */
static inline void ind_blank(
	const struct indicator_call *call, const struct indicator *row)
{
	for (size_t k = 0; row->outputs[k] != NULL; k++) {
		size_t until = ind_from(call, row->ready(call->args, k));

		for (size_t i = 0; i < until; i++)
			call->out[k][i] = NAN;
	}
}

static inline double ind_max(double a, double b)
{
	return a > b ? a : b;
}

static inline double ind_min(double a, double b)
{
	return a < b ? a : b;
}

/* A range that is nothing but the rounding of its level: what is measured
   against it would be noise (TA-Lib's issue 107). */
static inline bool ind_flat(double range, double level)
{
	return range <= 1e-13 * fabs(level);
}

static inline double ind_typical(double high, double low, double close)
{
	return (high + low + close) / 3.0;
}

/* Wilder: the largest of high - low, |high - before|, |low - before|. */
static inline double ind_true_range(double high, double low, double before)
{
	return ind_max(high, before) - ind_min(low, before);
}

#endif
