/*
 * How long candles take: reading a CSV file of 1 000 000 minutes (alone, into
 * the database, and again), and loading 4 500 000 stored ones for the engine.
 * Each beside a plain loop of the same run: over the bytes of the file, and
 * over columns of doubles read from one. Usage: docs/candles.md.
 */
#include <fcntl.h>
#include <unistd.h>

#include "candles.h"
#include "clock.h"
#include "db.h"
#include "file.h"
#include "import.h"
#include "market.h"
#include "migrate.h"
#include "scope_mint.h"
#include "upgrade.h"

enum {
	FILE_ROWS = 1000000,
	ALL_ROWS = 4500000,
	RUNS = 5,
	MINUTE = 60000,
	BUFFER = 1 << 20,
	COLUMNS = 6
};
#define MEMORY ((size_t)2 << 30)

static const int64_t begin = INT64_C(1451606400000); /* 2016-01-01 */
static const int64_t now = INT64_C(1800000000000);

struct bench {
	struct arena *arena;
	struct db *db;
	const char *folder;
	double plain; /* seconds of the loop that rows below compare with */
};

static void must(bool well, const char *what)
{
	if (well)
		return;
	fprintf(stderr, "bench: %s\n", what);
	exit(1);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Median of RUNS; each in an arena of its own. */
static double measure(
	struct bench *b, void (*run)(struct bench *b, struct arena *arena))
{
	double times[RUNS];

	for (size_t i = 0; i < RUNS; i++) {
		struct arena *arena = arena_open(MEMORY);
		int64_t start = clock_monotonic_us();

		run(b, arena);
		times[i] = (double)(clock_monotonic_us() - start) / 1e6;
		arena_close(&arena);
	}
	qsort(times, RUNS, sizeof(times[0]), by_size);
	return times[RUNS / 2];
}

static void row(const struct bench *b, const char *what, double seconds)
{
	printf("| %s | %.4f | %.2f |\n", what, seconds, seconds / b->plain);
}

/* A walk in cents; the same on every machine. */
static void write_rows(const char *path, int from, int to)
{
	FILE *file = fopen(path, "w");
	uint64_t seed = (uint64_t)from + 1;
	int64_t open = 4000000;

	must(file != NULL, "no file");
	fprintf(file, "time,open,high,low,close,volume\n");
	for (int i = from; i < to; i++) {
		char time[TIME_TEXT_ROOM];
		int64_t close, high, low;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		close = open + (int64_t)(seed >> 40) % 2001 - 1000;
		close = close < 100000 ? 100000 : close;
		high = (open > close ? open : close) +
		       (int64_t)(seed >> 20) % 500;
		low = (open < close ? open : close) -
		      (int64_t)(seed >> 25) % 500;
		time_format(begin + (int64_t)i * MINUTE, time);
		fprintf(file,
			"%s,%lld.%02lld,%lld.%02lld,%lld.%02lld,%lld.%02lld,"
			"%u.%08u\n",
			time, (long long)open / 100, (long long)open % 100,
			(long long)high / 100, (long long)high % 100,
			(long long)low / 100, (long long)low % 100,
			(long long)close / 100, (long long)close % 100,
			(unsigned)(seed >> 58),
			(unsigned)(seed >> 38) % 100000000);
		open = close;
	}
	must(fclose(file) == 0, "the file cannot be written");
}

static const struct import_options options = {
	.symbol = "BTC-USD", .interval = "1m", .source = "bench"};

static const char *path_of(const struct bench *b, const char *name)
{
	return file_join(b->arena, b->folder, name);
}

static void sum_bytes(struct bench *b, struct arena *arena)
{
	unsigned char *buffer = arena_alloc(arena, BUFFER);
	FILE *file = fopen(path_of(b, "rows.csv"), "r");
	volatile uint64_t out;
	uint64_t sum = 0;
	size_t got;

	must(file != NULL, "no file");
	while ((got = fread(buffer, 1, BUFFER, file)) > 0)
		for (size_t i = 0; i < got; i++)
			sum += buffer[i];
	out = sum;
	(void)out;
	(void)fclose(file);
}

static void parse(struct bench *b, struct arena *arena)
{
	int fd = open(path_of(b, "rows.csv"), O_RDONLY | O_CLOEXEC);
	struct candles candles;

	must(fd >= 0 && candles_parse(arena, fd, &options, report_open(arena),
				&candles) == ERR_OK,
		"the file is not parsed");
	(void)close(fd);
}

static void import_file(struct bench *b, struct arena *arena, const char *name)
{
	int fd = open(path_of(b, name), O_RDONLY | O_CLOEXEC);
	struct import_report report;

	must(fd >= 0 && candles_import(
				admin_scope_mint(arena, b->db,
					report_open(arena), "operator", now),
				fd, &options, &report) == ERR_OK,
		"the file is not imported");
	(void)close(fd);
}

static void import_new(struct bench *b, struct arena *arena)
{
	must(db_script(b->db, "DELETE FROM candle_blocks;"
			      "DELETE FROM symbols;") == ERR_OK,
		"nothing is deleted");
	import_file(b, arena, "rows.csv");
}

static void import_again(struct bench *b, struct arena *arena)
{
	import_file(b, arena, "rows.csv");
}

static void sum_columns(struct bench *b, struct arena *arena)
{
	double *columns =
		arena_array(arena, (size_t)ALL_ROWS * COLUMNS, sizeof(double));
	FILE *file = fopen(path_of(b, "columns"), "r");
	volatile double out;
	double sum = 0;

	must(file != NULL && fread(columns, sizeof(double) * COLUMNS, ALL_ROWS,
				     file) == ALL_ROWS,
		"no columns");
	for (size_t i = 0; i < (size_t)ALL_ROWS * COLUMNS; i++)
		sum += columns[i];
	out = sum;
	(void)out;
	(void)fclose(file);
}

static void load(struct bench *b, struct arena *arena, const char *interval)
{
	const struct candle_query query = {
		.symbol = options.symbol, .interval = interval};
	struct candles candles;

	must(market_columns(scope_mint(arena, b->db, report_open(arena),
				    "nobody", now),
		     &query, ALL_ROWS, &candles) == ERR_OK &&
			candles.count > 0,
		"the candles are not loaded");
}

static void load_minutes(struct bench *b, struct arena *arena)
{
	load(b, arena, "1m");
}

static void load_hours(struct bench *b, struct arena *arena)
{
	load(b, arena, "1h");
}

static void newest(struct bench *b, struct arena *arena)
{
	const struct candle_query query = {
		.symbol = options.symbol, .interval = "1m", .limit = 500};
	struct list list;

	must(market_candles(scope_mint(arena, b->db, report_open(arena),
				    "nobody", now),
		     &query, &list) == ERR_OK &&
			list.count == 500,
		"the newest are not found");
}

static void write_columns(struct bench *b)
{
	struct arena *arena = arena_open(MEMORY);
	const struct candle_query query = {
		.symbol = options.symbol, .interval = "1m"};
	FILE *file = fopen(path_of(b, "columns"), "w");
	struct candles candles;

	must(market_columns(scope_mint(arena, b->db, report_open(arena),
				    "nobody", now),
		     &query, ALL_ROWS, &candles) == ERR_OK &&
			candles.count == ALL_ROWS && file != NULL,
		"not all are there");
	for (size_t k = 0; k < COLUMNS; k++)
		must(fwrite(candles.close, sizeof(double), ALL_ROWS, file) ==
				ALL_ROWS,
			"no room");
	must(fclose(file) == 0, "no room");
	arena_close(&arena);
}

static void database(struct bench *b)
{
	const struct db_options open = {
		.url = arena_format(
			b->arena, "sqlite:%s", path_of(b, "bench.db")),
		.busy_ms = 1000,
		.create = true,
		.migrating = true};
	const struct migrate_plan plan = {.all = migrations_sqlite,
		.steps = upgrade_steps,
		.backup_folder = b->folder};
	const char *ignored;

	must(db_open(b->arena, &open, &b->db) == ERR_OK &&
			migrate_up(b->db, b->arena, &plan,
				report_open(b->arena), &ignored) == ERR_OK,
		"no database");
}

static void clean(struct bench *b)
{
	static const char *const names[] = {"rows.csv", "rest.csv", "columns",
		"bench.db", "bench.db-wal", "bench.db-shm"};

	db_close(&b->db);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlink(path_of(b, names[i]));
}

int main(int argc, char **argv)
{
	struct bench b = {.arena = arena_open(MEMORY)};
	struct arena *arena = arena_open(MEMORY);

	must(argc == 2, "usage: bench_candles FOLDER");
	b.folder = argv[1];
	database(&b);
	write_rows(path_of(&b, "rows.csv"), 0, FILE_ROWS);
	b.plain = measure(&b, sum_bytes);
	printf("| 1 000 000 rows of CSV | s | × the loop |\n|---|---|---|\n");
	row(&b, "fread and a sum of the bytes", b.plain);
	row(&b, "parsed into columns", measure(&b, parse));
	row(&b, "imported, all new", measure(&b, import_new));
	row(&b, "imported again, nothing new", measure(&b, import_again));
	write_rows(path_of(&b, "rest.csv"), FILE_ROWS, ALL_ROWS);
	import_file(&b, arena, "rest.csv");
	arena_close(&arena);
	write_columns(&b);
	b.plain = measure(&b, sum_columns);
	printf("\n| 4 500 000 stored minutes | s | × the loop |\n"
	       "|---|---|---|\n");
	row(&b, "fread of columns and a sum", b.plain);
	row(&b, "loaded for the engine", measure(&b, load_minutes));
	row(&b, "the same as hours", measure(&b, load_hours));
	row(&b, "the newest 500", measure(&b, newest));
	clean(&b);
	arena_close(&b.arena);
	return 0;
}
