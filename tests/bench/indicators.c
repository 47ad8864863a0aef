/*
 * How long the indicators' kernels take: nanoseconds a bar of processor time
 * with default parameters, in blocks of 1024 over a million made-up minute
 * candles (median of seven), and next to some of them the plainest fast loop
 * that computes the same from whole columns. Build and run: docs/indicators.md. With the
 * names of indicators as arguments only those.
 */
#include "arena.h"
#include "indicator.h"

#include <math.h>
#include <stdint.h>

enum {
	RUNS = 7,
	BARS = 1000000,
	BLOCK = 1024,
	ARENA = 1 << 30,
	MINUTE = 60000,
	INPUTS = INPUT_TIME + 1
};

struct data {
	double *in[INPUTS]; /* NaN before bar 0 as far as any kernel looks */
	double *out[INDICATOR_OUTPUT_LIMIT];
	void *state;
	size_t state_size;
};

/* A walk in cents; the same on every machine. */
static struct data data_make(struct arena *arena)
{
	struct data data = {.state_size = 1 << 20};
	double price = 40000;
	uint64_t seed = 1;

	data.state = arena_alloc(arena, data.state_size);
	for (size_t k = 0; k < INPUTS; k++) {
		double *column = arena_array(
			arena, BARS + INDICATOR_PERIOD_LIMIT, sizeof(double));

		for (size_t i = 0; i < INDICATOR_PERIOD_LIMIT; i++)
			column[i] = NAN;
		data.in[k] = column + INDICATOR_PERIOD_LIMIT;
	}
	for (size_t k = 0; k < INDICATOR_OUTPUT_LIMIT; k++)
		data.out[k] = arena_array(arena, BARS, sizeof(double));
	for (size_t i = 0; i < BARS; i++) {
		double next, up, down;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		next = price *
		       (1 + ((double)(seed >> 40) / 0x1p24 - 0.5) * 0.002);
		next = round(next * 100) / 100;
		up = (double)(seed >> 8 & 0xfff) / 100;
		down = (double)(seed >> 20 & 0xfff) / 100;
		data.in[INPUT_TIME][i] = (double)i * MINUTE;
		data.in[INPUT_OPEN][i] = price;
		data.in[INPUT_HIGH][i] = fmax(price, next) + up;
		data.in[INPUT_LOW][i] = fmin(price, next) - down;
		data.in[INPUT_CLOSE][i] = data.in[INPUT_SOURCE][i] = next;
		data.in[INPUT_VOLUME][i] = 1 + (double)(seed >> 32 & 0xff);
		price = next;
	}
	return data;
}

/* ---- the plain loops ------------------------------------------------- */

static void plain_sma(const struct data *data)
{
	const double *x = data->in[INPUT_SOURCE];
	double sum = 0, inverse = 1.0 / 30;

	for (size_t i = 0; i < 30; i++) {
		sum += x[i];
		data->out[0][i] = i < 29 ? NAN : sum * inverse;
	}
	for (size_t i = 30; i < BARS; i++) {
		sum += x[i] - x[i - 30];
		data->out[0][i] = sum * inverse;
	}
}

static double seed_of(const double *x, size_t count)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += x[i];
	return sum / (double)count;
}

static void plain_ema(const struct data *data)
{
	const double *x = data->in[INPUT_SOURCE];
	double factor = 2.0 / 31, keep = 1 - factor, value = seed_of(x, 30);

	for (size_t i = 0; i < 30; i++)
		data->out[0][i] = i < 29 ? NAN : value;
	for (size_t i = 30; i < BARS; i++) {
		value = value * keep + x[i] * factor;
		data->out[0][i] = value;
	}
}

/* Halves instead of a choice: which way the price goes can not be guessed. */
static void plain_rsi(const struct data *data)
{
	const double *x = data->in[INPUT_SOURCE];
	double gain = 0, loss = 0, half = 0.5 / 14, keep = 1 - 2 * half;
	double *out = data->out[0];

	for (size_t i = 1; i <= 14; i++) {
		gain += fmax(x[i] - x[i - 1], 0) * 2 * half;
		loss += fmax(x[i - 1] - x[i], 0) * 2 * half;
	}
	for (size_t i = 15; i < BARS; i++) {
		double change = x[i] - x[i - 1], size = fabs(change);

		gain = gain * keep + (size + change) * half;
		loss = loss * keep + (size - change) * half;
		out[i] = 100 * gain / (gain + loss);
	}
}

static double range_at(const struct data *data, size_t i)
{
	double before = data->in[INPUT_CLOSE][i - 1];
	double high = data->in[INPUT_HIGH][i], low = data->in[INPUT_LOW][i];

	return (high > before ? high : before) - (low < before ? low : before);
}

static void plain_atr(const struct data *data)
{
	double share = 1.0 / 14, keep = 1 - share, value = 0;

	for (size_t i = 1; i <= 14; i++) {
		value += range_at(data, i) * share;
		data->out[0][i - 1] = NAN;
	}
	data->out[0][14] = value;
	for (size_t i = 15; i < BARS; i++) {
		value = value * keep + range_at(data, i) * share;
		data->out[0][i] = value;
	}
}

static void plain_adx(const struct data *data)
{
	const double *high = data->in[INPUT_HIGH], *low = data->in[INPUT_LOW];
	double plus = 0, minus = 0, range = 0, sum = 0;
	double share = 1.0 / 14, keep = 1 - share;

	for (size_t i = 1; i < BARS; i++) {
		double up = high[i] - high[i - 1], down = low[i - 1] - low[i];
		double stay = i < 14 ? 1 : keep, both;
		double rise = up > 0 ? up : 0, fall = down > 0 ? down : 0;

		plus = plus * stay + (up > down ? rise : 0);
		minus = minus * stay + (down > up ? fall : 0);
		range = range * stay + range_at(data, i);
		if (i < 14)
			continue;
		both = plus + minus;
		sum = (i < 28 ? sum : sum * keep) +
		      100 * fabs(plus - minus) / both * share;
		data->out[0][i] = sum;
		data->out[1][i] = 100 * plus / range;
		data->out[2][i] = 100 * minus / range;
	}
}

static double max_of(double a, double b)
{
	return a > b ? a : b;
}

static double min_of(double a, double b)
{
	return a < b ? a : b;
}

/* Five bars are few enough to look at each anew. */
static void plain_stochastic(const struct data *data)
{
	double a = 0, b = 0, k1 = 0, k2 = 0;

	for (size_t i = 4; i < BARS; i++) {
		const double *high = data->in[INPUT_HIGH] + i - 4;
		const double *low = data->in[INPUT_LOW] + i - 4;
		double top = max_of(max_of(max_of(high[0], high[1]),
					    max_of(high[2], high[3])),
			high[4]);
		double bottom = min_of(
			min_of(min_of(low[0], low[1]), min_of(low[2], low[3])),
			low[4]);
		double range = top - bottom, raw = 0, k;

		if (range > 0)
			raw = 100 * (data->in[INPUT_CLOSE][i] - bottom) / range;
		k = (raw + a + b) * (1.0 / 3);
		data->out[0][i] = k;
		data->out[1][i] = (k + k1 + k2) * (1.0 / 3);
		b = a;
		a = raw;
		k2 = k1;
		k1 = k;
	}
}

static void plain_macd(const struct data *data)
{
	const double *x = data->in[INPUT_SOURCE];
	double f = 2.0 / 13, s = 2.0 / 27, g = 2.0 / 10;
	double fast = seed_of(x + 14, 12), slow = seed_of(x, 26), signal = 0;

	for (size_t i = 25; i < BARS; i++) {
		double line;

		if (i > 25) {
			fast = fast * (1 - f) + x[i] * f;
			slow = slow * (1 - s) + x[i] * s;
		}
		line = fast - slow;
		signal = i < 34 ? signal + line * (1.0 / 9)
				: signal * (1 - g) + line * g;
		data->out[0][i] = line;
		data->out[1][i] = signal;
		data->out[2][i] = line - signal;
	}
}

static void plain_bollinger(const struct data *data)
{
	const double *x = data->in[INPUT_SOURCE];
	double sum = 0, squares = 0;

	for (size_t i = 0; i < 20; i++) {
		sum += x[i];
		squares += x[i] * x[i];
	}
	for (size_t i = 20; i < BARS; i++) {
		double mean, half;

		sum += x[i] - x[i - 20];
		squares += x[i] * x[i] - x[i - 20] * x[i - 20];
		mean = sum * (1.0 / 20);
		half = 2 * sqrt(squares * (1.0 / 20) - mean * mean);
		data->out[0][i] = mean;
		data->out[1][i] = mean + half;
		data->out[2][i] = mean - half;
		data->out[3][i] = 2 * half / mean;
		data->out[4][i] = (x[i] - mean + half) / (2 * half);
	}
}

static void plain_cci(const struct data *data)
{
	double *price = data->out[1], sum = 0;

	for (size_t i = 0; i < BARS; i++)
		price[i] = (data->in[INPUT_HIGH][i] + data->in[INPUT_LOW][i] +
				   data->in[INPUT_CLOSE][i]) *
			   (1.0 / 3);
	for (size_t i = 0; i < 13; i++)
		sum += price[i];
	for (size_t i = 13; i < BARS; i++) {
		double mean, deviation = 0;

		sum += price[i];
		mean = sum * (1.0 / 14);
		for (size_t k = i - 13; k <= i; k++)
			deviation += fabs(price[k] - mean);
		data->out[0][i] = (price[i] - mean) * (14 / 0.015) / deviation;
		sum -= price[i - 13];
	}
}

static const struct plain {
	const char *name;
	void (*run)(const struct data *data);
} plains[] = {{"sma", plain_sma}, {"ema", plain_ema}, {"rsi", plain_rsi},
	{"atr", plain_atr}, {"adx", plain_adx},
	{"stochastic", plain_stochastic}, {"macd", plain_macd},
	{"bollinger", plain_bollinger}, {"cci", plain_cci}};

/* ---- measuring ------------------------------------------------------- */

static void run_blocks(const struct data *data, const struct indicator *row,
	const double *args)
{
	const double *in[INDICATOR_INPUT_LIMIT];
	double *out[INDICATOR_OUTPUT_LIMIT];

	memset(data->state, 0, row->state ? row->state(args) : 0);
	for (size_t first = 0; first < BARS; first += BLOCK) {
		for (size_t k = 0; k < row->input_count; k++)
			in[k] = data->in[row->inputs[k]] + first;
		for (size_t k = 0; k < INDICATOR_OUTPUT_LIMIT; k++)
			out[k] = data->out[k] + first;
		row->run(&(const struct indicator_call){.in = in,
			.out = out,
			.args = args,
			.state = data->state,
			.first = first,
			.count = BARS - first < BLOCK ? BARS - first : BLOCK});
	}
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Nanoseconds a bar, the median. */
static double measure(const struct data *data, const struct indicator *row,
	const struct plain *plain)
{
	double times[RUNS], args[INDICATOR_PARAM_LIMIT];

	for (size_t k = 0; k < row->param_count; k++)
		args[k] = row->params[k].otherwise;
	for (size_t i = 0; i < RUNS; i++) {
		clock_t start = clock();

		if (plain)
			plain->run(data);
		else
			run_blocks(data, row, args);
		times[i] = (double)(clock() - start) * (1e9 / CLOCKS_PER_SEC) /
			   BARS;
	}
	qsort(times, RUNS, sizeof(times[0]), by_size);
	return times[RUNS / 2];
}

static const struct plain *plain_of(const struct indicator *row)
{
	for (size_t i = 0; i < sizeof(plains) / sizeof(plains[0]); i++)
		if (strcmp(plains[i].name, row->name) == 0)
			return &plains[i];
	return NULL;
}

static void report(const struct data *data, const struct indicator *row)
{
	const struct plain *plain = plain_of(row);
	double kernel = measure(data, row, NULL), last = 0, loop;

	printf("%-11s %6.2f ns a bar", row->name, kernel);
	for (size_t k = 0; plain && row->outputs[k]; k++)
		last += data->out[k][BARS - 1];
	if (plain) {
		loop = measure(data, row, plain);
		for (size_t k = 0; row->outputs[k]; k++)
			last -= data->out[k][BARS - 1];
		printf("   plain loop %6.2f   ratio %4.2f%s", loop,
			kernel / loop,
			fabs(last) < 1e-3 ? "" : "   OTHER VALUES");
	}
	printf("\n");
}

int main(int count, char **names)
{
	struct arena *arena = arena_open(ARENA);
	struct data data = data_make(arena);

	for (int i = 1; i < count; i++)
		if (indicator_find(names[i]))
			report(&data, indicator_find(names[i]));
	for (size_t i = 0; count < 2 && indicator_at(i); i++)
		report(&data, indicator_at(i));
	arena_close(&arena);
	return 0;
}
