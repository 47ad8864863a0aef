/*
 * Extremes of a window and bands around the price. A channel includes the
 * bar it stands on: a rule that looks for a break-out compares with the bar
 * before ({"shift": [..., 1]}).
 */
#include "ind_steps.h"

/* ---- highest, lowest ------------------------------------------------- */

/* As ind_channel, of one series: its highest or its lowest value. */
struct edge {
	double *ring;
	size_t period, at;
	double fresh;
};

static struct edge edge_begin(struct edge saved, size_t period, double *ring)
{
	saved.ring = ring;
	saved.period = period;
	return saved;
}

static inline double highest_next(struct edge *edge, double x)
{
	double best;

	if (edge->at + 1 == edge->period) {
		best = x;
		edge->ring[edge->at] = x;
		for (size_t k = edge->at; k-- > 0;) {
			best = ind_max(best, edge->ring[k]);
			edge->ring[k] = best;
		}
		edge->fresh = -INFINITY;
		edge->at = 0;
		return best;
	}
	edge->fresh = ind_max(x, edge->fresh);
	best = ind_max(edge->ring[edge->at + 1], edge->fresh);
	edge->ring[edge->at++] = x;
	return best;
}

static inline double lowest_next(struct edge *edge, double x)
{
	double best;

	if (edge->at + 1 == edge->period) {
		best = x;
		edge->ring[edge->at] = x;
		for (size_t k = edge->at; k-- > 0;) {
			best = ind_min(best, edge->ring[k]);
			edge->ring[k] = best;
		}
		edge->fresh = INFINITY;
		edge->at = 0;
		return best;
	}
	edge->fresh = ind_min(x, edge->fresh);
	best = ind_min(edge->ring[edge->at + 1], edge->fresh);
	edge->ring[edge->at++] = x;
	return best;
}

struct extreme {
	struct edge edge;
	double ring[];
};

static size_t extreme_state(const double *args)
{
	return sizeof(struct extreme) + ind_bars(args, 0) * sizeof(double);
}

static struct edge extreme_begin(const struct indicator_call *call)
{
	struct extreme *state = call->state;

	return edge_begin(state->edge, ind_bars(call->args, 0), state->ring);
}

static void highest_run(const struct indicator_call *call)
{
	struct edge edge = extreme_begin(call);

	for (size_t i = 0; i < call->count; i++)
		call->out[0][i] = highest_next(&edge, call->in[0][i]);
	((struct extreme *)call->state)->edge = edge;
	ind_blank(call, &ind_highest);
}

const struct indicator ind_highest = {.name = "highest",
	.summary = "The highest of the last period bars, this one included "
		   "(TA-Lib MAX).",
	IND_PARAMS(IND_BARS("period", 1, 30)),
	IND_INPUTS(INPUT_SOURCE),
	IND_OUTPUTS("value"),
	.ready = ind_ready_window,
	.state = extreme_state,
	.run = highest_run};

static void lowest_run(const struct indicator_call *call)
{
	struct edge edge = extreme_begin(call);

	for (size_t i = 0; i < call->count; i++)
		call->out[0][i] = lowest_next(&edge, call->in[0][i]);
	((struct extreme *)call->state)->edge = edge;
	ind_blank(call, &ind_lowest);
}

const struct indicator ind_lowest = {.name = "lowest",
	.summary = "The lowest of the last period bars, this one included "
		   "(TA-Lib MIN).",
	IND_PARAMS(IND_BARS("period", 1, 30)),
	IND_INPUTS(INPUT_SOURCE),
	IND_OUTPUTS("value"),
	.ready = ind_ready_window,
	.state = extreme_state,
	.run = lowest_run};

/* ---- donchian, ichimoku ---------------------------------------------- */

static inline double channel_middle(
	struct ind_channel *channel, double high, double low)
{
	struct ind_bounds now = ind_channel_next(channel, high, low);

	return (now.upper + now.lower) / 2.0;
}

struct donchian {
	struct ind_channel channel;
	double rings[];
};

static size_t donchian_state(const double *args)
{
	return sizeof(struct donchian) + 2 * ind_bars(args, 0) * sizeof(double);
}

static void donchian_run(const struct indicator_call *call)
{
	struct donchian *state = call->state;
	struct ind_channel channel = ind_channel_begin(
		state->channel, ind_bars(call->args, 0), state->rings);

	for (size_t i = 0; i < call->count; i++) {
		struct ind_bounds now = ind_channel_next(
			&channel, call->in[0][i], call->in[1][i]);

		call->out[0][i] = (now.upper + now.lower) / 2.0;
		call->out[1][i] = now.upper;
		call->out[2][i] = now.lower;
	}
	state->channel = channel;
	ind_blank(call, &ind_donchian);
}

const struct indicator ind_donchian = {.name = "donchian",
	.summary = "Donchian channel (Richard Donchian): highest high and "
		   "lowest low of period bars, this one included, and the "
		   "middle of the two.",
	IND_PARAMS(IND_BARS("period", 1, 20)),
	IND_INPUTS(INPUT_HIGH, INPUT_LOW),
	IND_OUTPUTS("middle", "upper", "lower"),
	.ready = ind_ready_window,
	.state = donchian_state,
	.run = donchian_run};

enum ichimoku_param {
	ICHIMOKU_TENKAN,
	ICHIMOKU_KIJUN,
	ICHIMOKU_SENKOU,
	ICHIMOKU_DISPLACEMENT
};

/* What was given so many steps ago. */
struct delay {
	double *ring;
	size_t steps, at;
};

static inline double delay_next(struct delay *delay, double x)
{
	double old = delay->ring[delay->at];

	delay->ring[delay->at] = x;
	delay->at = delay->at + 1 == delay->steps ? 0 : delay->at + 1;
	return old;
}

struct ichimoku {
	struct ind_channel tenkan, kijun, senkou;
	struct delay a, b;
	double rings[];
};

static size_t ichimoku_state(const double *args)
{
	return sizeof(struct ichimoku) +
	       2 *
		       (ind_bars(args, ICHIMOKU_TENKAN) +
			       ind_bars(args, ICHIMOKU_KIJUN) +
			       ind_bars(args, ICHIMOKU_SENKOU) +
			       ind_bars(args, ICHIMOKU_DISPLACEMENT)) *
		       sizeof(double);
}

static size_t ichimoku_ready(const double *args, size_t output)
{
	size_t tenkan = ind_bars(args, ICHIMOKU_TENKAN) - 1;
	size_t kijun = ind_bars(args, ICHIMOKU_KIJUN) - 1;
	size_t later = ind_bars(args, ICHIMOKU_DISPLACEMENT);

	switch (output) {
	case 0:
		return tenkan;
	case 1:
		return kijun;
	case 2:
		return (tenkan > kijun ? tenkan : kijun) + later;
	default:
		return ind_bars(args, ICHIMOKU_SENKOU) - 1 + later;
	}
}

static struct ichimoku ichimoku_begin(const struct indicator_call *call)
{
	struct ichimoku *state = call->state;
	struct ichimoku now = *state;
	double *ring = state->rings;
	size_t tenkan = ind_bars(call->args, ICHIMOKU_TENKAN);
	size_t kijun = ind_bars(call->args, ICHIMOKU_KIJUN);
	size_t senkou = ind_bars(call->args, ICHIMOKU_SENKOU);

	now.a.steps = ind_bars(call->args, ICHIMOKU_DISPLACEMENT);
	now.b.steps = now.a.steps;
	now.tenkan = ind_channel_begin(now.tenkan, tenkan, ring);
	ring += 2 * tenkan;
	now.kijun = ind_channel_begin(now.kijun, kijun, ring);
	ring += 2 * kijun;
	now.senkou = ind_channel_begin(now.senkou, senkou, ring);
	ring += 2 * senkou;
	now.a.ring = ring;
	now.b.ring = ring + now.a.steps;
	return now;
}

static void ichimoku_run(const struct indicator_call *call)
{
	struct ichimoku now = ichimoku_begin(call);

	for (size_t i = 0; i < call->count; i++) {
		double high = call->in[0][i], low = call->in[1][i];
		double tenkan = channel_middle(&now.tenkan, high, low);
		double kijun = channel_middle(&now.kijun, high, low);
		double senkou = channel_middle(&now.senkou, high, low);

		call->out[0][i] = tenkan;
		call->out[1][i] = kijun;
		call->out[2][i] = delay_next(&now.a, (tenkan + kijun) / 2.0);
		call->out[3][i] = delay_next(&now.b, senkou);
	}
	*(struct ichimoku *)call->state = now;
	ind_blank(call, &ind_ichimoku);
}

const struct indicator ind_ichimoku = {.name = "ichimoku",
	.summary = "Ichimoku (Goichi Hosoda): middles of the highs and lows of "
		   "tenkan and kijun bars; the spans as drawn at this bar, "
		   "that is of displacement bars ago. No line looks ahead.",
	IND_PARAMS(IND_BARS("tenkan", 1, 9), IND_BARS("kijun", 1, 26),
		IND_BARS("senkou", 1, 52), IND_BARS("displacement", 1, 26)),
	IND_INPUTS(INPUT_HIGH, INPUT_LOW),
	IND_OUTPUTS("tenkan", "kijun", "senkou_a", "senkou_b"),
	.ready = ichimoku_ready,
	.state = ichimoku_state,
	.run = ichimoku_run};

/* ---- keltner --------------------------------------------------------- */

struct keltner {
	struct ind_average middle, range;
};

static size_t keltner_state(const double *args)
{
	(void)args;
	return sizeof(struct keltner);
}

static size_t keltner_ready(const double *args, size_t output)
{
	size_t middle = ind_bars(args, 0) - 1, range = ind_bars(args, 1);

	return output == 0 || middle > range ? middle : range;
}

static void keltner_run(const struct indicator_call *call)
{
	const struct keltner *state = call->state;
	struct keltner now = {
		.middle = ind_ema_begin(state->middle, ind_bars(call->args, 0)),
		.range = ind_wilder_begin(
			state->range, ind_bars(call->args, 1))};
	const double *before = call->in[3] - 1;
	double multiple = call->args[2];

	for (size_t i = 0; i < call->count; i++) {
		double middle = ind_average_next(&now.middle, call->in[0][i]);
		double half = 0;

		if (call->first + i > 0)
			half = multiple *
			       ind_average_next(&now.range,
				       ind_true_range(call->in[1][i],
					       call->in[2][i], before[i]));
		call->out[0][i] = middle;
		call->out[1][i] = middle + half;
		call->out[2][i] = middle - half;
	}
	*(struct keltner *)call->state = now;
	ind_blank(call, &ind_keltner);
}

const struct indicator ind_keltner = {.name = "keltner",
	.summary = "Keltner channel (Linda Raschke's form): EMA(period) and "
		   "multiple ATR(atr_period) either side, seeded as ema and "
		   "atr are.",
	IND_PARAMS(IND_BARS("period", 1, 20), IND_BARS("atr_period", 1, 10),
		IND_FACTOR("multiple", 0, 100, 2)),
	IND_INPUTS(INPUT_SOURCE, INPUT_HIGH, INPUT_LOW, INPUT_CLOSE),
	IND_OUTPUTS("middle", "upper", "lower"),
	.ready = keltner_ready,
	.history = ind_history_one,
	.state = keltner_state,
	.run = keltner_run};
