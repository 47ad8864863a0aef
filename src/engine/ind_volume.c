/*
 * Indicators that weigh with the volume. Windows without any volume fall
 * back to something finite, which each row states. Cumulative lines begin
 * with the first bar of the data, so their level means nothing, only their
 * way does.
 */
#include "ind_steps.h"

/* ---- vwma ------------------------------------------------------------ */

/*
 * As ind_mean, with a second and a third ring: behind `at` the sums of the
 * prices' distances, of the volumes and of their products from each bar to
 * the stretch's last; before it the new prices and volumes.
 */
struct vwma {
	double *prices, *volumes, *products;
	size_t period, at;
	double base, distance, volume, product;
	double rings[];
};

static size_t vwma_state(const double *args)
{
	return sizeof(struct vwma) + 3 * ind_bars(args, 0) * sizeof(double);
}

/* A new stretch begins behind its last bar, which is written already. */
static inline void vwma_turn(struct vwma *now)
{
	double base = now->prices[now->at];
	double distance = 0, volume = 0, product = 0;

	for (size_t k = now->period; k-- > 0;) {
		double y = now->prices[k] - base;

		distance += y;
		volume += now->volumes[k];
		product += y * now->volumes[k];
		now->prices[k] = distance;
		now->volumes[k] = volume;
		now->products[k] = product;
	}
	now->base = base;
	now->distance = now->volume = now->product = 0;
	now->at = 0;
}

static inline double vwma_next(struct vwma *now, double price, double volume)
{
	size_t next = now->at + 1;
	double distance, weight, product;

	if (next == now->period) {
		now->prices[now->at] = price;
		now->volumes[now->at] = volume;
		vwma_turn(now);
		distance = now->prices[0];
		weight = now->volumes[0];
		product = now->products[0];
	} else {
		double y = price - now->base;

		now->distance += y;
		now->volume += volume;
		now->product += y * volume;
		distance = now->prices[next] + now->distance;
		weight = now->volumes[next] + now->volume;
		product = now->products[next] + now->product;
		now->prices[now->at] = price;
		now->volumes[now->at] = volume;
		now->at = next;
	}
	return now->base +
	       (weight > 0 ? product / weight : distance / (double)now->period);
}

static void vwma_run(const struct indicator_call *call)
{
	struct vwma *state = call->state;
	struct vwma now = *state;

	now.period = ind_bars(call->args, 0);
	now.prices = state->rings;
	now.volumes = now.prices + now.period;
	now.products = now.volumes + now.period;
	for (size_t i = 0; i < call->count; i++)
		call->out[0][i] =
			vwma_next(&now, call->in[0][i], call->in[1][i]);
	*state = now;
	ind_blank(call, &ind_vwma);
}

const struct indicator ind_vwma = {.name = "vwma",
	.summary = "Volume-weighted moving average of period bars; the plain "
		   "mean where nothing was traded.",
	IND_PARAMS(IND_BARS("period", 1, 20)),
	IND_INPUTS(INPUT_SOURCE, INPUT_VOLUME),
	IND_OUTPUTS("value"),
	.ready = ind_ready_window,
	.state = vwma_state,
	.run = vwma_run};

/* ---- vwap ------------------------------------------------------------ */

static const double ms_per_day = 86400000.0;

/* Sums of this UTC day; prices as distances from the day's first. */
struct vwap {
	double tomorrow; /* ms UTC; the first bar from here on begins anew */
	double base, volume, product;
};

static size_t vwap_state(const double *args)
{
	(void)args;
	return sizeof(struct vwap);
}

static void vwap_run(const struct indicator_call *call)
{
	struct vwap now = *(struct vwap *)call->state;

	for (size_t i = 0; i < call->count; i++) {
		double price = ind_typical(
			call->in[0][i], call->in[1][i], call->in[2][i]);
		double volume = call->in[3][i], time = call->in[4][i];

		if (call->first + i == 0 || time >= now.tomorrow)
			now = (struct vwap){
				.tomorrow = (floor(time / ms_per_day) + 1.0) *
					    ms_per_day,
				.base = price};
		now.volume += volume;
		now.product += (price - now.base) * volume;
		call->out[0][i] = now.volume > 0
					  ? now.base + now.product / now.volume
					  : price;
	}
	*(struct vwap *)call->state = now;
	ind_blank(call, &ind_vwap);
}

const struct indicator ind_vwap = {.name = "vwap",
	.summary = "Volume-weighted average of the typical price since 00:00 "
		   "UTC; the typical price while nothing was traded.",
	IND_INPUTS(
		INPUT_HIGH, INPUT_LOW, INPUT_CLOSE, INPUT_VOLUME, INPUT_TIME),
	IND_OUTPUTS("value"),
	.ready = ind_ready_at_once,
	.state = vwap_state,
	.run = vwap_run};

/* ---- mfi ------------------------------------------------------------- */

struct mfi {
	struct ind_total up, down;
	double before; /* the last bar's typical price */
	double rings[];
};

static size_t mfi_state(const double *args)
{
	return sizeof(struct mfi) + 2 * ind_bars(args, 0) * sizeof(double);
}

static void mfi_run(const struct indicator_call *call)
{
	struct mfi *state = call->state;
	struct mfi now = *state;
	size_t period = ind_bars(call->args, 0);

	now.up = ind_total_begin(now.up, period, state->rings);
	now.down = ind_total_begin(now.down, period, state->rings + period);
	for (size_t i = 0; i < call->count; i++) {
		double price = ind_typical(
			call->in[0][i], call->in[1][i], call->in[2][i]);
		double flow = price * call->in[3][i], up, down;

		if (call->first + i > 0) {
			up = ind_total_next(
				&now.up, price > now.before ? flow : 0.0);
			down = ind_total_next(
				&now.down, price < now.before ? flow : 0.0);
			call->out[0][i] =
				up + down > 0 ? 100.0 * up / (up + down) : 0.0;
		}
		now.before = price;
	}
	*state = now;
	ind_blank(call, &ind_mfi);
}

const struct indicator ind_mfi = {.name = "mfi",
	.summary = "Money flow index, 0 to 100 (Quong and Soudack; TA-Lib "
		   "MFI): typical price times volume of the rising among "
		   "period changes; 0 where no money flowed.",
	IND_PARAMS(IND_BARS("period", 2, 14)),
	IND_INPUTS(INPUT_HIGH, INPUT_LOW, INPUT_CLOSE, INPUT_VOLUME),
	IND_OUTPUTS("value"),
	.ready = ind_ready_changes,
	.state = mfi_state,
	.run = mfi_run};

/* ---- obv, ad, cmf ---------------------------------------------------- */

static size_t sum_state(const double *args)
{
	(void)args;
	return sizeof(struct ind_sum);
}

static void obv_run(const struct indicator_call *call)
{
	struct ind_sum sum = *(struct ind_sum *)call->state;
	const double *x = call->in[0], *before = x - 1;
	const double *volume = call->in[1];

	for (size_t i = 0; i < call->count; i++) {
		int way = (x[i] > before[i]) - (x[i] < before[i]);
		double flow = way * volume[i];

		if (call->first + i == 0)
			flow = volume[i];
		call->out[0][i] = ind_sum_next(&sum, flow);
	}
	*(struct ind_sum *)call->state = sum;
	ind_blank(call, &ind_obv);
}

const struct indicator ind_obv = {.name = "obv",
	.summary = "On-balance volume (Joseph Granville; TA-Lib OBV): plus the "
		   "volume of rising, minus that of falling bars; seed: the "
		   "first bar's volume.",
	IND_INPUTS(INPUT_SOURCE, INPUT_VOLUME),
	IND_OUTPUTS("value"),
	.ready = ind_ready_at_once,
	.history = ind_history_one,
	.state = sum_state,
	.run = obv_run};

/* The volume times where the close lies in its bar, from -1 to 1. */
static inline double money_flow(const struct indicator_call *call, size_t i)
{
	double high = call->in[0][i], low = call->in[1][i];
	double close = call->in[2][i], range = high - low;

	return range > 0 ? ((close - low) - (high - close)) / range *
				   call->in[3][i]
			 : 0.0;
}

static void ad_run(const struct indicator_call *call)
{
	struct ind_sum sum = *(struct ind_sum *)call->state;

	for (size_t i = 0; i < call->count; i++)
		call->out[0][i] = ind_sum_next(&sum, money_flow(call, i));
	*(struct ind_sum *)call->state = sum;
	ind_blank(call, &ind_ad);
}

const struct indicator ind_ad = {.name = "ad",
	.summary = "Accumulation/distribution line (Marc Chaikin; TA-Lib AD): "
		   "the sum of volume times the close's place in its bar "
		   "(-1 to 1); seed: 0.",
	IND_INPUTS(INPUT_HIGH, INPUT_LOW, INPUT_CLOSE, INPUT_VOLUME),
	IND_OUTPUTS("value"),
	.ready = ind_ready_at_once,
	.state = sum_state,
	.run = ad_run};

struct cmf {
	struct ind_total flow, volume;
	double rings[];
};

static size_t cmf_state(const double *args)
{
	return sizeof(struct cmf) + 2 * ind_bars(args, 0) * sizeof(double);
}

static void cmf_run(const struct indicator_call *call)
{
	struct cmf *state = call->state;
	size_t period = ind_bars(call->args, 0);
	struct ind_total flows =
		ind_total_begin(state->flow, period, state->rings);
	struct ind_total volumes =
		ind_total_begin(state->volume, period, state->rings + period);

	for (size_t i = 0; i < call->count; i++) {
		double flow = ind_total_next(&flows, money_flow(call, i));
		double volume = ind_total_next(&volumes, call->in[3][i]);

		call->out[0][i] = volume > 0 ? flow / volume : 0.0;
	}
	state->flow = flows;
	state->volume = volumes;
	ind_blank(call, &ind_cmf);
}

const struct indicator ind_cmf = {.name = "cmf",
	.summary = "Chaikin money flow, -1 to 1 (Marc Chaikin): what AD adds "
		   "over period bars, per volume; 0 where nothing was traded.",
	IND_PARAMS(IND_BARS("period", 1, 20)),
	IND_INPUTS(INPUT_HIGH, INPUT_LOW, INPUT_CLOSE, INPUT_VOLUME),
	IND_OUTPUTS("value"),
	.ready = ind_ready_window,
	.state = cmf_state,
	.run = cmf_run};
