/*
 * Trend and its direction: Wilder's directional movement and parabolic stop,
 * Aroon, Supertrend. What stands for "up" is 1, for "down" -1. A stop shown
 * at a bar is that of the bar itself: it must never use a later one.
 */
#include "ind_steps.h"

/* ---- adx ------------------------------------------------------------- */

/* Sums smoothed as Wilder did: less 1/n of themselves, plus the new. */
struct adx {
	double plus, minus, range;
	struct ind_average strength;
};

static size_t adx_state(const double *args)
{
	(void)args;
	return sizeof(struct adx);
}

static size_t adx_ready(const double *args, size_t output)
{
	return output == 0 ? 2 * ind_bars(args, 0) - 1 : ind_bars(args, 0);
}

/* TA-Lib calls less than this nothing. */
static const double adx_nothing = 1e-14;

/* Without any movement the strength stays as it was. */
static inline double adx_strength(
	struct ind_average *strength, double plus, double minus)
{
	double both = plus + minus;

	if (both >= adx_nothing)
		return ind_average_next(
			strength, 100.0 * fabs(plus - minus) / both);
	if (strength->seen < strength->period)
		return ind_average_next(strength, 0.0);
	return strength->value;
}

static void adx_run(const struct indicator_call *call)
{
	struct adx now = *(struct adx *)call->state;
	const double *high = call->in[0], *low = call->in[1];
	const double *before = call->in[2] - 1;
	size_t period = ind_bars(call->args, 0);
	double share = 1.0 - 1.0 / (double)period;

	now.strength = ind_wilder_begin(now.strength, period);
	for (size_t i = call->first == 0; i < call->count; i++) {
		double up = high[i] - (high - 1)[i],
		       down = (low - 1)[i] - low[i];
		double plus = up > 0 ? up : 0, minus = down > 0 ? down : 0;
		bool early = call->first + i < period;
		double keep = early ? 1.0 : share, scale;

		now.plus = now.plus * keep + (up > down ? plus : 0.0);
		now.minus = now.minus * keep + (down > up ? minus : 0.0);
		now.range = now.range * keep +
			    ind_true_range(high[i], low[i], before[i]);
		if (early)
			continue; /* the first n - 1 changes only add up */
		scale = now.range < adx_nothing ? 0.0 : 100.0 / now.range;
		call->out[1][i] = now.plus * scale;
		call->out[2][i] = now.minus * scale;
		call->out[0][i] = adx_strength(
			&now.strength, now.plus * scale, now.minus * scale);
	}
	*(struct adx *)call->state = now;
	ind_blank(call, &ind_adx);
}

const struct indicator ind_adx = {.name = "adx",
	.summary = "Average directional index and the indicators +DI and -DI, "
		   "0 to 100 (Welles Wilder; TA-Lib ADX, PLUS_DI, MINUS_DI); "
		   "sums begin with period - 1 changes, ADX with the mean of "
		   "period DX.",
	IND_PARAMS(IND_BARS("period", 2, 14)),
	IND_INPUTS(INPUT_HIGH, INPUT_LOW, INPUT_CLOSE),
	IND_OUTPUTS("adx", "plus_di", "minus_di"),
	.ready = adx_ready,
	.history = ind_history_one,
	.state = adx_state,
	.run = adx_run};

/* ---- aroon ----------------------------------------------------------- */

/*
 * How many bars ago the highest value of a window was, the newer of equals.
 * As ind_channel, with the places of the extremes in a second ring.
 */
struct age {
	double *ring;
	size_t *places;
	size_t period, at, place;
	double fresh;
};

/* Without a jump: which extreme is newer can not be guessed. */
static inline size_t age_pick(bool first, size_t a, size_t b)
{
	return b + (a - b) * (size_t)first;
}

static struct age age_begin(
	struct age saved, size_t period, double *ring, double *places)
{
	saved.ring = ring;
	saved.places = (size_t *)places;
	saved.period = period;
	return saved;
}

static inline size_t age_turn(struct age *age)
{
	double best = -INFINITY;
	size_t place = 0;

	for (size_t k = age->period; k-- > 0;) {
		place = age->ring[k] > best ? k : place;
		best = ind_max(age->ring[k], best);
		age->ring[k] = best;
		age->places[k] = place;
	}
	age->fresh = -INFINITY;
	age->at = 0;
	return age->period - 1 - place;
}

static inline size_t age_next(struct age *age, double x)
{
	size_t now = age->at, next = now + 1, fresh, old;

	age->ring[now] = x;
	if (next == age->period)
		return age_turn(age);
	age->place = age_pick(x >= age->fresh, now, age->place);
	age->fresh = ind_max(x, age->fresh);
	age->at = next;
	fresh = now - age->place;
	old = now + age->period - age->places[next];
	return age_pick(age->fresh >= age->ring[next], fresh, old);
}

struct aroon {
	struct age top, bottom;
	double rings[];
};

static size_t aroon_state(const double *args)
{
	_Static_assert(sizeof(size_t) <= sizeof(double), "places fit a ring");
	return sizeof(struct aroon) +
	       4 * (ind_bars(args, 0) + 1) * sizeof(double);
}

static void aroon_run(const struct indicator_call *call)
{
	struct aroon *state = call->state;
	size_t window = ind_bars(call->args, 0) + 1;
	double *rings = state->rings, *places = rings + 2 * window;
	struct age top = age_begin(state->top, window, rings, places);
	struct age bottom = age_begin(
		state->bottom, window, rings + window, places + window);
	double scale = 100.0 / call->args[0];

	for (size_t i = 0; i < call->count; i++) {
		double up = (double)(int)age_next(&top, call->in[0][i]);
		double down = (double)(int)age_next(&bottom, -call->in[1][i]);

		call->out[0][i] = (call->args[0] - up) * scale;
		call->out[1][i] = (call->args[0] - down) * scale;
		call->out[2][i] = (down - up) * scale;
	}
	state->top = top;
	state->bottom = bottom;
	ind_blank(call, &ind_aroon);
}

const struct indicator ind_aroon = {.name = "aroon",
	.summary = "Aroon, 0 to 100, and up - down (Tushar Chande; TA-Lib "
		   "AROON, AROONOSC): how new the highest high and the lowest "
		   "low of period + 1 bars are; the newer of equals counts.",
	IND_PARAMS(IND_BARS("period", 2, 14)),
	IND_INPUTS(INPUT_HIGH, INPUT_LOW),
	IND_OUTPUTS("up", "down", "oscillator"),
	.ready = ind_ready_changes,
	.state = aroon_state,
	.run = aroon_run};

/* ---- psar ------------------------------------------------------------ */

/*
 * Written for a rising market. A falling one is its mirror image: there the
 * prices are negated and highs and lows exchanged (sign = -1).
 */
struct psar {
	double sign, stop, extreme, factor; /* stop, extreme: times sign */
};

struct psar_bar {
	double high, low; /* times sign, exchanged when it is -1 */
};

static size_t psar_state(const double *args)
{
	(void)args;
	return sizeof(struct psar);
}

static const char *psar_fault(const double *args)
{
	return args[0] <= args[1] ? NULL
				  : "acceleration must not be above maximum";
}

static size_t psar_ready(const double *args, size_t output)
{
	(void)args;
	(void)output;
	return 1;
}

static inline struct psar_bar psar_see(double sign, double high, double low)
{
	return sign > 0 ? (struct psar_bar){.high = high, .low = low}
			: (struct psar_bar){.high = -low, .low = -high};
}

/* Falling when the second bar's low fell by more than its high rose. */
static struct psar psar_seed(
	const double *high, const double *low, double acceleration)
{
	double up = high[1] - high[0], down = low[0] - low[1];
	double sign = down > 0 && down > up ? -1.0 : 1.0;

	return (struct psar){.sign = sign,
		.stop = psar_see(sign, high[0], low[0]).low,
		.extreme = psar_see(sign, high[1], low[1]).high,
		.factor = acceleration};
}

/* Moves the stop towards the extreme, but not into these two bars. */
static inline void psar_follow(
	struct psar *now, struct psar_bar bar, struct psar_bar last)
{
	now->stop += now->factor * (now->extreme - now->stop);
	now->stop = ind_min(now->stop, ind_min(bar.low, last.low));
}

/* The stop was touched: the other way from here. */
static double psar_reverse(struct psar *now, struct psar_bar bar,
	struct psar_bar last, double acceleration)
{
	double shown;

	now->stop = ind_max(now->extreme, ind_max(bar.high, last.high));
	shown = now->stop * now->sign;
	now->sign = -now->sign;
	now->stop = -now->stop;
	now->extreme = -bar.low;
	now->factor = acceleration;
	psar_follow(now, (struct psar_bar){-bar.low, -bar.high},
		(struct psar_bar){-last.low, -last.high});
	return shown;
}

static inline double psar_next(struct psar *now, struct psar_bar bar,
	struct psar_bar last, const double *args)
{
	double shown = now->stop * now->sign;

	if (bar.low <= now->stop)
		return psar_reverse(now, bar, last, args[0]);
	if (bar.high > now->extreme) {
		now->extreme = bar.high;
		now->factor = ind_min(now->factor + args[0], args[1]);
	}
	psar_follow(now, bar, last);
	return shown;
}

static void psar_run(const struct indicator_call *call)
{
	struct psar now = *(struct psar *)call->state;

	for (size_t i = call->first == 0; i < call->count; i++) {
		const double *high = call->in[0] + i, *low = call->in[1] + i;
		size_t past = 1;

		if (call->first + i == 1) {
			now = psar_seed(high - 1, low - 1, call->args[0]);
			past = 0; /* TA-Lib: the first bar is out of it */
		}
		call->out[0][i] = psar_next(&now,
			psar_see(now.sign, *high, *low),
			psar_see(now.sign, *(high - past), *(low - past)),
			call->args);
		call->out[1][i] = now.sign;
	}
	*(struct psar *)call->state = now;
	ind_blank(call, &ind_psar);
}

const struct indicator ind_psar = {.name = "psar",
	.summary = "Parabolic stop and reverse (Welles Wilder; TA-Lib SAR) and "
		   "its direction, 1 or -1; seed: the first bar's low, or its "
		   "high when the second bar fell more than it rose.",
	IND_PARAMS(IND_FACTOR("acceleration", 0, 1, 0.02),
		IND_FACTOR("maximum", 0, 1, 0.2)),
	IND_INPUTS(INPUT_HIGH, INPUT_LOW),
	IND_OUTPUTS("value", "direction"),
	.fault = psar_fault,
	.ready = psar_ready,
	.history = ind_history_one,
	.state = psar_state,
	.run = psar_run};

/* ---- supertrend ------------------------------------------------------ */

struct supertrend {
	struct ind_average range;
	double upper, lower, direction; /* direction 0: not begun */
};

static size_t supertrend_state(const double *args)
{
	(void)args;
	return sizeof(struct supertrend);
}

/* A band moves only towards the price, until a close has gone beyond it. */
static inline void supertrend_bands(
	struct supertrend *now, double middle, double half, double before)
{
	double upper = middle + half, lower = middle - half;

	if (now->direction == 0 || upper < now->upper || before > now->upper)
		now->upper = upper;
	if (now->direction == 0 || lower > now->lower || before < now->lower)
		now->lower = lower;
}

static inline double supertrend_turn(const struct supertrend *now, double close)
{
	bool rises = now->direction > 0
			     ? close >= now->lower
			     : now->direction < 0 && close > now->upper;

	return rises ? 1.0 : -1.0;
}

static void supertrend_run(const struct indicator_call *call)
{
	struct supertrend now = *(struct supertrend *)call->state;
	const double *high = call->in[0], *low = call->in[1];
	const double *close = call->in[2], *before = close - 1;
	size_t period = ind_bars(call->args, 0);

	now.range = ind_wilder_begin(now.range, period);
	for (size_t i = call->first == 0; i < call->count; i++) {
		double range = ind_average_next(
			&now.range, ind_true_range(high[i], low[i], before[i]));

		if (call->first + i < period)
			continue;
		supertrend_bands(&now, (high[i] + low[i]) / 2.0,
			call->args[1] * range, before[i]);
		now.direction = supertrend_turn(&now, close[i]);
		call->out[0][i] = now.direction > 0 ? now.lower : now.upper;
		call->out[1][i] = now.direction;
	}
	*(struct supertrend *)call->state = now;
	ind_blank(call, &ind_supertrend);
}

const struct indicator ind_supertrend = {.name = "supertrend",
	.summary = "Supertrend (Olivier Seban) and its direction, 1 or -1: "
		   "bands multiple ATR(period) around (high + low) / 2 that "
		   "only move towards the price; begins falling.",
	IND_PARAMS(
		IND_BARS("period", 1, 10), IND_FACTOR("multiple", 0, 100, 3)),
	IND_INPUTS(INPUT_HIGH, INPUT_LOW, INPUT_CLOSE),
	IND_OUTPUTS("value", "direction"),
	.ready = ind_ready_changes,
	.history = ind_history_one,
	.state = supertrend_state,
	.run = supertrend_run};
