/*
 * The engine beside a loop that knows one rule only: an SMA 10/30 cross,
 * always in the market, all in, over the candles of a file that
 * tests/bench/bars.mjs wrote. tests/bench/engine builds and runs it and says
 * what it means. Prints one line of JSON.
 *
 *   engine FILE        both, in turn, PAIRS times; the file is loaded before
 *   engine FILE RUNS   the engine alone, and the resident set
 */
#include "backtest.h"
#include "engine_loop.h"
#include "json.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	PAIRS = 7,
	ARENA = 1 << 30,
	COLUMNS = 6
};

static const double cash = 1e9;

static const char definition[] =
	"{\"version\":1,\"name\":\"SMA cross\",\"interval\":\"1m\","
	"\"indicators\":{\"f\":{\"fn\":\"sma\",\"period\":10},"
	"\"s\":{\"fn\":\"sma\",\"period\":30}},"
	"\"entry\":{\"long\":{\"crosses_above\":[\"f\",\"s\"]},"
	"\"short\":{\"crosses_below\":[\"f\",\"s\"]}},"
	"\"sizing\":{\"mode\":\"all_in\"}}";

static struct candles load(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct stat stat;
	size_t count;
	double *values;

	if (!file || fstat(fileno(file), &stat) != 0)
		abort();
	count = (size_t)stat.st_size / (COLUMNS * sizeof(double));
	values = malloc(count * COLUMNS * sizeof(double));
	if (!values || fread(values, sizeof(double), count * COLUMNS, file) !=
			       count * COLUMNS)
		abort();
	fclose(file);
	return (struct candles){.time = (const int64_t *)(void *)values,
		.open = values + count,
		.high = values + 2 * count,
		.low = values + 3 * count,
		.close = values + 4 * count,
		.volume = values + 5 * count,
		.count = count};
}

static struct backtest_result run(
	struct arena *arena, const struct candles *candles)
{
	const struct backtest_options options = {
		.cash = {.units = (int64_t)cash, .scale = 0}, .finalize = true};
	struct backtest_result result = {0};
	struct report *report = report_open(arena);
	struct program *program;
	const struct json *json;

	if (json_parse(
		    arena, definition, sizeof(definition) - 1, report, &json) ||
		program_compile(arena,
			&(const struct program_source){
				.definition = json, .pointer = ""},
			report, &program) ||
		backtest_run(arena,
			&(const struct backtest_input){.program = program,
				.candles = candles,
				.options = &options},
			report, &result))
		abort();
	return result;
}

struct sample {
	size_t trades;
	double equity, sharpe, beta, ns; /* a bar */
};

/* CPU time of this process: what others do to the core is not ours. */
static double now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* The arena keeps its memory, as that of a worker and a runner does. */
static struct sample sample_engine(
	struct arena *arena, const struct candles *candles)
{
	double start = now_ns();
	struct backtest_result result = run(arena, candles);
	struct sample sample = {
		.trades = result.trade_count,
		.equity = result.stats.equity_final,
		.sharpe = result.stats.sharpe,
		.beta = result.stats.beta,
	};

	arena_reset(arena);
	sample.ns = (now_ns() - start) / (double)candles->count;
	return sample;
}

typedef struct loop_result loop_function(
	const struct loop_candles *candles, double cash);

static struct sample sample_loop(
	const struct candles *candles, loop_function *function)
{
	const struct loop_candles part = {
		candles->time, candles->open, candles->close, candles->count};
	double start = now_ns();
	struct loop_result result = function(&part, cash);
	struct sample sample = {
		.trades = result.trade_count,
		.equity = result.equity_final,
		.sharpe = result.sharpe,
		.beta = result.beta,
	};

	free(result.equity);
	free(result.trades);
	sample.ns = (now_ns() - start) / (double)candles->count;
	return sample;
}

static bool near(double a, double b, double off)
{
	return fabs(a / b - 1) <= off;
}

/* The loop's sums are plain ones: figures that are differences of large sums
   agree less well than the equity does. */
static bool same(const struct sample *a, const struct sample *b, bool all)
{
	if (a->trades == b->trades && near(a->equity, b->equity, 1e-9) &&
		(!all || (near(a->sharpe, b->sharpe, 1e-6) &&
				 fabs(a->beta - b->beta) < 1e-6)))
		return true;
	fprintf(stderr,
		"not the same: %zu trades, %.8f, Sharpe %.9f, beta %.9f and "
		"%zu trades, %.8f, Sharpe %.9f, beta %.9f\n",
		a->trades, a->equity, a->sharpe, a->beta, b->trades, b->equity,
		b->sharpe, b->beta);
	return false;
}

static int pairs(const struct candles *candles)
{
	struct sample engine[PAIRS], loop[PAIRS], all[PAIRS];
	struct arena *arena = arena_open(ARENA);
	/* a few days of a market are not enough for the yearly figures */
	bool compare = candles->count > 10000;

	arena_keep(arena, ARENA);
	for (size_t i = 0; i < PAIRS; i++) {
		engine[i] = sample_engine(arena, candles);
		loop[i] = sample_loop(candles, loop_run);
		all[i] = sample_loop(candles, loop_run_all);
		if (!same(&engine[i], &loop[i], false) ||
			!same(&engine[i], &all[i], compare))
			return 1;
	}
	printf("{\"bars\":%zu,\"trades\":%zu,\"equity\":%.8f,\"runs\":[",
		candles->count, engine[0].trades, engine[0].equity);
	for (size_t i = 0; i < PAIRS; i++)
		printf("%s{\"engine\":%.3f,\"loop\":%.3f,\"all\":%.3f}",
			i ? "," : "", engine[i].ns, loop[i].ns, all[i].ns);
	puts("]}");
	return 0;
}

/* The highest resident set so far. Not getrusage's: that one begins with the
   process that called exec. */
static long peak_kib(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[128];
	long kib = 0;

	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, "VmHWM:", 6) == 0)
			kib = strtol(line + 6, NULL, 10);
	if (file)
		fclose(file);
	return kib;
}

/* us: of compiling and running only, CPU time. */
static int runs(const struct candles *candles, long count)
{
	long loaded = peak_kib();
	struct sample sample = {0};
	struct arena *arena = arena_open(ARENA);

	arena_keep(arena, ARENA);
	printf("{\"bars\":%zu,\"us\":[", candles->count);
	for (long i = 0; i < count; i++) {
		sample = sample_engine(arena, candles);
		printf("%s%.0f", i ? "," : "",
			sample.ns * (double)candles->count / 1000);
	}
	printf("],\"trades\":%zu,\"equity\":%.8f,\"loaded_kib\":%ld,"
	       "\"peak_kib\":%ld}\n",
		sample.trades, sample.equity, loaded, peak_kib());
	return 0;
}

int main(int argc, char **argv)
{
	struct candles candles;

	if (argc != 2 && argc != 3)
		return 2;
	candles = load(argv[1]);
	return argc == 3 ? runs(&candles, strtol(argv[2], NULL, 10))
			 : pairs(&candles);
}
