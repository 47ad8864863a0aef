/*
 * How long a whole backtest takes: an SMA 10/30 cross, always in the market,
 * all in, with every statistic, over a made-up walk of minute candles.
 * Prints nanoseconds a bar (median of seven runs) and the trades, which must
 * not change when the speed does. Build and run: docs/engine.md.
 */
#include "backtest.h"
#include "clock.h"
#include "json.h"

#include <math.h>

enum {
	RUNS = 7,
	ARENA = 1 << 30,
	MINUTE = 60000
};

static const char definition[] =
	"{\"version\":1,\"name\":\"SMA cross\",\"interval\":\"1m\","
	"\"indicators\":{\"f\":{\"fn\":\"sma\",\"period\":10},"
	"\"s\":{\"fn\":\"sma\",\"period\":30}},"
	"\"entry\":{\"long\":{\"crosses_above\":[\"f\",\"s\"]},"
	"\"short\":{\"crosses_below\":[\"f\",\"s\"]}},"
	"\"exit\":{\"long\":{\"crosses_below\":[\"f\",\"s\"]},"
	"\"short\":{\"crosses_above\":[\"f\",\"s\"]}},"
	"\"sizing\":{\"mode\":\"all_in\"}}";

/* A walk in cents; the same on every machine. */
static struct candles walk(struct arena *arena, size_t count)
{
	int64_t *time = arena_array(arena, count, sizeof(*time));
	double *prices[4];
	double *volume = arena_array(arena, count, sizeof(*volume));
	double price = 40000;
	uint64_t seed = 1;

	for (size_t k = 0; k < 4; k++)
		prices[k] = arena_array(arena, count, sizeof(double));
	for (size_t i = 0; i < count; i++) {
		double next;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		next = price *
		       (1 + ((double)(seed >> 40) / 0x1p24 - 0.5) * 0.002);
		next = round(next * 100) / 100;
		time[i] = (int64_t)i * MINUTE;
		prices[0][i] = price;
		prices[1][i] = fmax(price, next) + 1;
		prices[2][i] = fmin(price, next) - 1;
		prices[3][i] = next;
		volume[i] = 1;
		price = next;
	}
	return (struct candles){.time = time,
		.open = prices[0],
		.high = prices[1],
		.low = prices[2],
		.close = prices[3],
		.volume = volume,
		.count = count};
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int measure(struct arena *data, size_t bars)
{
	struct candles candles = walk(data, bars);
	struct backtest_options options = {
		.cash = {.units = 1000000000, .scale = 0}, .finalize = true};
	double times[RUNS];
	struct backtest_result result = {0};

	for (size_t i = 0; i < RUNS; i++) {
		struct arena *arena = arena_open(ARENA);
		struct report *report = report_open(arena);
		const struct json *json;
		struct program *program;
		int64_t start = clock_monotonic_us();

		if (json_parse(arena, definition, sizeof(definition) - 1,
			    report, &json) ||
			program_compile(arena,
				&(const struct program_source){
					.definition = json, .pointer = ""},
				report, &program) ||
			backtest_run(arena,
				&(const struct backtest_input){
					.program = program,
					.candles = &candles,
					.options = &options},
				report, &result))
			return 1;
		times[i] = (double)(clock_monotonic_us() - start) * 1000 /
			   (double)bars;
		arena_close(&arena);
	}
	qsort(times, RUNS, sizeof(times[0]), by_size);
	printf("%8zu bars: %6.1f ns a bar, %6.2f ms a run, %zu trades, "
	       "final equity %.2f\n",
		bars, times[RUNS / 2], times[RUNS / 2] * (double)bars / 1e6,
		result.trade_count, result.stats.equity_final);
	return 0;
}

int main(void)
{
	static const size_t sizes[] = {2148, 45031, 450310};
	int failed = 0;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct arena *data = arena_open(ARENA);

		failed |= measure(data, sizes[i]);
		arena_close(&data);
	}
	return failed;
}
