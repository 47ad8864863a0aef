/*
 * Heikin-Ashi candles (Munehisa Homma's averaging, as charting programs draw
 * it): close = (o + h + l + c) / 4; open = mean of the open and close before,
 * the first one (o + c) / 2; high and low span all of them. It must never
 * look at a later bar.
 */
#include "heikin_ashi_private.h"

#include <math.h>

enum {
	IN_OPEN,
	IN_HIGH,
	IN_LOW,
	IN_CLOSE
};

struct state {
	double open, close; /* of the bar before */
};

static size_t ready(const double *args, size_t output)
{
	(void)args;
	(void)output;
	return 0;
}

static size_t state_bytes(const double *args)
{
	(void)args;
	return sizeof(struct state);
}

static void run(const struct indicator_call *call)
{
	struct state *state = call->state;

	for (size_t i = 0; i < call->count; i++) {
		double o = call->in[IN_OPEN][i], h = call->in[IN_HIGH][i];
		double l = call->in[IN_LOW][i], c = call->in[IN_CLOSE][i];
		double close = (o + h + l + c) / 4;
		double open = call->first + i == 0
				      ? (o + c) / 2
				      : (state->open + state->close) / 2;

		call->out[IN_OPEN][i] = open;
		call->out[IN_HIGH][i] = fmax(h, fmax(open, close));
		call->out[IN_LOW][i] = fmin(l, fmin(open, close));
		call->out[IN_CLOSE][i] = close;
		*state = (struct state){open, close};
	}
}

static const enum indicator_input inputs[] = {
	INPUT_OPEN, INPUT_HIGH, INPUT_LOW, INPUT_CLOSE};
static const char *const outputs[] = {"open", "high", "low", "close", NULL};

const struct indicator heikin_ashi = {
	.name = "heikin_ashi",
	.inputs = inputs,
	.input_count = 4,
	.outputs = outputs,
	.ready = ready,
	.state = state_bytes,
	.run = run,
};
