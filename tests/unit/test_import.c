/* The importer: every format, faults, gaps, scales, and nothing by halves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <zlib.h>

#include "block.h"
#include "candles.h"
#include "domain_world.h"
#include "market.h"

static const struct import_options daily = {
	.symbol = "BTC-USD", .interval = "1d", .source = "test"};
static const struct import_options minutes = {
	.symbol = "BTC-USD", .interval = "1m", .source = "test"};
#define MINUTE INT64_C(60000)
static const int64_t march_1 = INT64_C(1709251200000);

static void assert_decimal(
	struct world *w, struct decimal value, const char *text)
{
	assert_string_equal(
		decimal_format(w->arena, decimal_trim(value)), text);
}

/* The three candles that every file of the formats holds. */
static void assert_candles(struct world *w)
{
	static const char *const wanted[3][5] = {
		{"100", "110.5", "95.25", "105", "1000"},
		{"105", "106", "101", "102.5", "800.5"},
		{"102.5", "120", "102", "119.75", "1500.125"},
	};
	const struct candle_query query = {
		.symbol = "BTC-USD", .interval = "1d", .limit = 10};
	const struct candle_view *views;
	struct list list;

	assert_int_equal(market_candles(world_alice(w), &query, &list), ERR_OK);
	assert_int_equal(list.count, 3);
	views = list.items;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(views[i].t.ms, march_1 + i * DAY);
		assert_decimal(w, views[i].o, wanted[i][0]);
		assert_decimal(w, views[i].h, wanted[i][1]);
		assert_decimal(w, views[i].l, wanted[i][2]);
		assert_decimal(w, views[i].c, wanted[i][3]);
		assert_decimal(w, views[i].v, wanted[i][4]);
	}
}

/* All of one interval: units at the symbol's scales. */
static const struct candle_view *stored(
	struct world *w, const char *interval, size_t count)
{
	const struct candle_query query = {
		.symbol = "BTC-USD", .interval = interval, .limit = 100000};
	struct list list;

	assert_int_equal(market_candles(world_alice(w), &query, &list), ERR_OK);
	assert_int_equal(list.count, count);
	return list.items;
}

static void test_every_format_gives_the_same_candles(void **state)
{
	static const char *const files[] = {"unnamed-date.csv", "date-time.csv",
		"offset.csv", "zulu-crlf.csv", "two-columns.csv", "epoch-s.csv",
		"epoch-ms.csv", "epoch-us.csv", "binance.csv", "binance-us.csv",
		"permuted.csv", "permuted-no-header.csv", "semicolon.csv",
		"compact-date.csv", "scientific.csv", "list.json",
		"list-of-texts.json", "objects.json"};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct import_report report = {0};

		print_message("%s\n", files[i]);
		assert_int_equal(db_script(w->db, "DELETE FROM candle_blocks;"
						  "DELETE FROM symbols;"),
			ERR_OK);
		assert_int_equal(world_import_file(w,
					 file_join(w->arena, "tests/unit/data",
						 files[i]),
					 &daily, &report),
			ERR_OK);
		assert_int_equal(report.rows, 3);
		assert_int_equal(report.added, 3);
		assert_int_equal(report.gap_count, 0);
		assert_int_equal(report.first, march_1);
		assert_int_equal(report.last, march_1 + 2 * DAY);
		assert_candles(w);
	}
}

static void test_gzip_is_unpacked(void **state)
{
	static const char text[] = "2024-03-01,100,110.5,95.25,105,1000\n"
				   "2024-03-02,105,106,101,102.5,800.5\n"
				   "2024-03-03,102.5,120,102,119.75,1500.125\n";
	struct world *w = *state;
	struct import_report report;
	const char *path = file_join(w->arena, w->folder, "a.gz");
	gzFile file = gzopen(path, "wb");

	assert_int_equal(
		gzwrite(file, text, sizeof(text) - 1), (int)sizeof(text) - 1);
	gzclose(file);
	assert_int_equal(world_import_file(w, path, &daily, &report), ERR_OK);
	assert_candles(w);
}

static void test_damaged_gzip_imports_nothing(void **state)
{
	struct world *w = *state;
	struct import_report report;
	char *bytes;
	size_t len;
	const char *path = file_join(w->arena, w->folder, "cut.gz");

	assert_int_equal(file_read(w->arena, "tests/unit/data/gaps-1m.json.gz",
				 1 << 20, &bytes, &len),
		ERR_OK);
	assert_int_equal(file_write(path, bytes, len / 2, 0600), ERR_OK);
	assert_int_equal(
		world_import_file(w, path, &minutes, &report), ERR_BAD_INPUT);
	assert_non_null(w->report->detail);
	assert_int_equal(world_candles(w), 0);
	assert_int_equal(world_number(w, "SELECT COUNT(*) FROM symbols"), 0);
}

static void test_real_gaps_are_reported(void **state)
{
	struct world *w = *state;
	struct import_report report;

	assert_int_equal(world_import_file(w, "tests/unit/data/gaps-1m.json.gz",
				 &minutes, &report),
		ERR_OK);
	assert_int_equal(report.rows, 13681);
	assert_int_equal(report.added, 13681);
	assert_int_equal(report.gap_count, 538);
	assert_int_equal(report.missing_count, 717);
	assert_int_equal(report.gaps_shown, 100);
	assert_int_equal(report.gaps[0].from, INT64_C(1509836820000));
	assert_int_equal(report.gaps[0].to, INT64_C(1509837240000));
	assert_int_equal(report.gaps[0].missing, 6);
	assert_int_equal(report.first, INT64_C(1509836520000));
	assert_int_equal(report.last, INT64_C(1510700340000));
	assert_int_equal(world_number(w, "SELECT price_scale FROM symbols"), 8);
}

static void test_second_import_counts_what_changed(void **state)
{
	struct world *w = *state;
	struct import_report report;

	assert_int_equal(world_import(w,
				 "2024-03-01,1,2,1,2,5\n"
				 "2024-03-02,1,2,1,2,5\n",
				 &daily, &report),
		ERR_OK);
	assert_int_equal(world_import(w,
				 "2024-03-01,1,2,1,2,5\n"
				 "2024-03-02,1,2,1,1.5,5\n"
				 "2024-03-03,1,2,1,2,5\n",
				 &daily, &report),
		ERR_OK);
	assert_int_equal(report.unchanged, 1);
	assert_int_equal(report.replaced, 1);
	assert_int_equal(report.added, 1);
	assert_int_equal(world_candles(w), 3);
}

static void test_scale_widens_for_all_candles(void **state)
{
	const struct candle_view *views;
	struct world *w = *state;
	struct import_report report;

	assert_int_equal(world_import(w,
				 "2024-03-01,100,101,99,100,5\n"
				 "2024-03-02,100.5,101,99,100.25,5.125\n",
				 &daily, &report),
		ERR_OK);
	assert_int_equal(world_number(w, "SELECT price_scale FROM symbols"), 2);
	assert_int_equal(
		world_number(w, "SELECT volume_scale FROM symbols"), 3);
	views = stored(w, "1d", 2);
	assert_int_equal(views[0].o.units, 10000);
	assert_int_equal(views[0].v.units, 5000);
}

static void test_volumes_are_rounded(void **state)
{
	struct world *w = *state;
	struct import_report report;

	assert_int_equal(
		world_import(w, "2024-03-01,1,1,1,1,218102.59507500002\n",
			&daily, &report),
		ERR_OK);
	assert_int_equal(stored(w, "1d", 1)->v.units, INT64_C(218102595075));
	assert_int_equal(
		world_number(w, "SELECT volume_scale FROM symbols"), 6);
}

static void test_numbers_that_cannot_be_widened_are_refused(void **state)
{
	struct world *w = *state;
	struct import_report report;

	assert_int_equal(world_import(w,
				 "2024-03-01,1,1,1,1,900000000000000000\n"
				 "2024-03-02,1,1,1,1,0.00000001\n",
				 &daily, &report),
		ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "line 2"));
	assert_int_equal(world_candles(w), 0);
}

struct bad_row {
	const char *row;
	const char *words; /* in the message */
};

static void test_faulty_rows_are_refused(void **state)
{
	static const struct bad_row rows[] = {
		{"yesterday,1,2,1,2,5", "time is not understood"},
		{"2024-02-30,1,2,1,2,5", "time is not understood"},
		{"2024-03-02 12:00,1,2,1,2,5", "grid"},
		{"2024-02-29,1,2,1,2,5", "before the row above"},
		{"2024-03-01,1,2,1,2,5", "given twice"},
		{"2034-03-02,1,2,1,2,5", "future"},
		{"0001-01-01,1,2,1,2,5", "between the years"},
		{"1899-12-31,1,2,1,2,5", "between the years"},
		{"2200-01-01,1,2,1,2,5", "between the years"},
		{"9999-12-31 23:00-15:00,1,2,1,2,5", "between the years"},
		{"2024-03-02,x,2,1,2,5", "open is not a number"},
		{"2024-03-02,1,2,1,,5", "close is not a number"},
		{"2024-03-02,1,2,1,nan,5", "close is not a number"},
		{"2024-03-02,1,2,1,2", "volume is not a number"},
		{"2024-03-02,1,2,1,0x2,5", "close is not a number"},
		{"2024-03-02,1,2,0,2,5", "low is not above zero"},
		{"2024-03-02,1,2,-1,2,5", "low is not above zero"},
		{"2024-03-02,1,2,1.5,2,5", "low is above"},
		{"2024-03-02,1,2,1,3,5", "high is below"},
		{"2024-03-02,1,2,1,2,-5", "volume is below zero"},
		{"2024-03-02,1.123456789,2,1,2,5", "8 digits"},
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct import_report report;
		const char *text = arena_format(w->arena,
			"date,open,high,low,close,volume\n"
			"2024-03-01,1,2,1,2,5\n%s\n",
			rows[i].row);

		assert_int_equal(
			world_import(w, text, &daily, &report), ERR_BAD_INPUT);
		assert_int_equal(w->report->fault_count, 1);
		assert_string_equal(w->report->faults[0].pointer, "line 3");
		if (!strstr(w->report->faults[0].message, rows[i].words))
			fail_msg("%s: %s", rows[i].row,
				w->report->faults[0].message);
		assert_int_equal(world_candles(w), 0);
		assert_int_equal(
			world_number(w, "SELECT COUNT(*) FROM symbols"), 0);
	}
}

static void test_faulty_rows_are_left_out_when_asked(void **state)
{
	struct import_options options = daily;
	struct world *w = *state;
	struct import_report report;

	options.skip_faults = true;
	assert_int_equal(world_import(w,
				 "2024-03-01,1,2,1,2,5\n"
				 "2024-03-02,1,2,x,2,5\n"
				 "2024-03-03,1,2,1,2,5\n",
				 &options, &report),
		ERR_OK);
	assert_int_equal(report.rows, 3);
	assert_int_equal(report.added, 2);
	assert_int_equal(report.refused, 1);
	assert_int_equal(report.fault_count, 1);
	assert_int_equal(report.faults[0].line, 2);
	assert_int_equal(report.gap_count, 1);
	assert_int_equal(report.missing_count, 1);
}

static void test_broken_files_are_refused(void **state)
{
	static const char *const files[] = {
		"",
		"\n\n",
		"date,open,high,low,close\n",
		"date,open,high,low\n2024-03-01,1,2,1\n",
		"2024-03-01,1,2\n",
		"2024-03-01,\"1,2,1,2,5\n",
		"{\"a\":1}",
		"[]",
		"[1,2]",
		"[[1709251200000,1,2,1,2,5]",
		"[[1709251200000,1,2,1,2,5],]",
		"[[1709251200000,1,2,1,2,5]] x",
		"[[1709251200000,1,2,1,2,NaN]]",
		"[[1709251200000,1,2,1,2,5] [1709337600000,1,2,1,2,5]]",
		"[{\"date\":\"2024-03-01\",\"open\":1}]",
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct import_report report;

		if (world_import(w, files[i], &daily, &report) != ERR_BAD_INPUT)
			fail_msg("taken: %s", files[i]);
		assert_true(w->report->detail || w->report->fault_count > 0);
		assert_int_equal(
			world_number(w, "SELECT COUNT(*) FROM symbols"), 0);
	}
}

static void test_long_rows_are_refused(void **state)
{
	struct world *w = *state;
	struct import_report report;
	char *text = arena_alloc(w->arena, 10000);

	memset(text, 'a', 9999);
	assert_int_equal(world_import(w, text, &daily, &report), ERR_BAD_INPUT);
	text[0] = '[';
	text[1] = '"';
	assert_int_equal(world_import(w, text, &daily, &report), ERR_BAD_INPUT);
	text[1] = '[';
	assert_int_equal(world_import(w, text, &daily, &report), ERR_BAD_INPUT);
}

static void test_bad_options_are_refused(void **state)
{
	static const struct {
		struct import_options options;
		const char *pointer;
	} rows[] = {
		{{"btc-usd", "1d", "x", false, NULL}, "/symbol"},
		{{"", "1d", "x", false, NULL}, "/symbol"},
		{{"BTC/USD", "1d", "x", false, NULL}, "/symbol"},
		{{"BTC-USD", "2d", "x", false, NULL}, "/interval"},
		{{"BTC-USD", "1d", "", false, NULL}, "/source"},
		{{"BTC-USD", "1d", "a\nb", false, NULL}, "/source"},
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct import_report report;

		assert_int_equal(world_import(w, "2024-03-01,1,2,1,2,5\n",
					 &rows[i].options, &report),
			ERR_BAD_INPUT);
		assert_true(world_fault_at(w, rows[i].pointer));
	}
}

static void test_weeks_begin_on_monday(void **state)
{
	struct import_options weekly = daily;
	struct world *w = *state;
	struct import_report report;

	weekly.interval = "1w";
	assert_int_equal(
		world_import(w, "2024-03-03,1,2,1,2,5\n", &weekly, &report),
		ERR_BAD_INPUT);
	assert_int_equal(
		world_import(w, "2024-03-04,1,2,1,2,5\n", &weekly, &report),
		ERR_OK);
}

static void test_volume_may_be_missing(void **state)
{
	struct world *w = *state;
	struct import_report report;

	assert_int_equal(
		world_import(w, "2024-03-01,1,2,1,2\n", &daily, &report),
		ERR_OK);
	assert_int_equal(stored(w, "1d", 1)->v.units, 0);
}

/* The extremes of what a file can say, on the grid that adds to them. */
static void test_extreme_times_are_refused(void **state)
{
	static const char *const times[] = {"9223372036854775807",
		"-9223372036854775807", "9223372036854775",
		"-9223372036854775"};
	static const char *const intervals[] = {"1m", "1d", "1w"};
	struct import_options options = daily;
	struct world *w = *state;

	for (size_t i = 0; i < 4 * 3; i++) {
		struct import_report report;
		const char *text = arena_format(w->arena,
			"time,open,high,low,close\n%s,1,2,1,2\n", times[i % 4]);

		options.interval = intervals[i / 4];
		assert_int_equal(world_import(w, text, &options, &report),
			ERR_BAD_INPUT);
		assert_true(world_fault_at(w, "line 2"));
	}
}

/* What another process does while the input of an import idles. */
struct other {
	const char *url;
	const char *head, *tail;   /* of the input */
	const char *sql;	   /* to run, or NULL */
	const char *folder, *rows; /* to import, or NULL */
};

static enum err other_import(
	struct arena *arena, struct db *db, const struct other *other)
{
	struct import_report report;
	int fd = open(folder_put(arena, other->folder, "other", other->rows),
		O_RDONLY | O_CLOEXEC);
	enum err err =
		candles_import(admin_scope_mint(arena, db, report_open(arena),
				       "operator", world_now),
			fd, &daily, &report);

	(void)close(fd);
	return err;
}

/* Writes a line into the pipe; when the import has taken it, and waits for
   more, works on the database; only then ends the file. */
static int other_work(const struct other *other, int pipe_end)
{
	struct arena *arena = arena_open((size_t)1 << 24);
	const struct db_options options = {.url = other->url, .busy_ms = 0};
	const size_t tail = strlen(other->tail);
	struct db *db = NULL;
	int waiting = 1;
	enum err err;

	if (write(pipe_end, other->head, strlen(other->head)) < 0)
		return 1;
	while (waiting > 0)
		if (ioctl(pipe_end, FIONREAD, &waiting) != 0 ||
			sched_yield() != 0)
			return 1;
	err = db_open(arena, &options, &db);
	if (err == ERR_OK && other->sql)
		err = db_run(db, other->sql, NO_BINDS, NULL);
	if (err == ERR_OK && other->rows)
		err = other_import(arena, db, other);
	db_close(&db);
	arena_close(&arena);
	if (err != ERR_OK || write(pipe_end, other->tail, tail) < 0)
		return 1;
	return 0;
}

static enum err import_beside(
	struct world *w, struct other *other, struct import_report *report)
{
	int ends[2];
	int status = 0;
	pid_t child;
	enum err err;

	other->url = arena_format(w->arena, "sqlite:%s/world.db", w->folder);
	other->folder = w->folder;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(close(ends[0]) != 0 || other_work(other, ends[1]) != 0);
	(void)close(ends[1]);
	err = candles_import(world_admin(w), ends[0], &daily, report);
	(void)close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	return err;
}

static void test_others_write_while_the_input_idles(void **state)
{
	struct other other = {.head = "2024-03-01,1,2,1,2,5\n",
		.tail = "2024-03-02,1,2,1,2,5\n",
		.sql = "UPDATE users SET disabled = 1"};
	struct world *w = *state;
	struct import_report report;

	assert_int_equal(import_beside(w, &other, &report), ERR_OK);
	assert_int_equal(report.added, 2);
	assert_int_equal(world_number(w, "SELECT MIN(disabled) FROM users"), 1);
}

/* Into the same block: both stay. */
static void test_imports_beside_each_other_lose_nothing(void **state)
{
	struct other other = {.head = "2024-03-01,1,2,1,2,5\n",
		.tail = "2024-03-04,1,2,1,2,5\n",
		.rows = "2024-03-02,1.5,2,1,2,5\n2024-03-03,1,2,1,2,5\n"
			"2024-03-04,1,2,1,1,5\n"};
	struct world *w = *state;
	struct import_report report;
	const struct candle_view *views;

	assert_int_equal(import_beside(w, &other, &report), ERR_OK);
	assert_int_equal(report.added, 1);
	assert_int_equal(report.replaced, 1);
	views = stored(w, "1d", 4);
	assert_int_equal(views[0].c.units, 20);
	assert_int_equal(views[1].o.units, 15);
	assert_int_equal(views[3].c.units, 20);
}

/* The other one's digits leave no room for what was checked before it. */
static void test_imports_that_do_not_fit_conflict(void **state)
{
	struct other other = {.head = "2024-03-01,1,1,1,1,900000000000000000\n",
		.tail = "2024-03-02,1,1,1,1,1\n",
		.rows = "2024-03-03,1,1,1,1,0.00000001\n"};
	struct world *w = *state;
	struct import_report report = {.rows = 77};

	assert_int_equal(import_beside(w, &other, &report), ERR_CONFLICT);
	assert_int_equal(report.rows, 77);
	assert_non_null(w->report->detail);
	assert_int_equal(world_candles(w), 1);
}

static void test_later_imports_keep_and_widen_digits(void **state)
{
	const struct candle_view *views;
	struct world *w = *state;
	struct import_report report;

	assert_int_equal(
		world_import(w, "2024-03-01,1.5,2,1,2,5\n", &daily, &report),
		ERR_OK);
	assert_int_equal(
		world_import(w, "2024-03-02,1.25,2,1,2,5.5\n", &daily, &report),
		ERR_OK);
	assert_int_equal(
		world_import(w, "2024-03-03,3,3,3,3,3\n", &daily, &report),
		ERR_OK);
	views = stored(w, "1d", 3);
	assert_int_equal(views[0].o.units, 150);
	assert_int_equal(views[0].v.units, 50);
	assert_int_equal(views[1].o.units, 125);
	assert_int_equal(views[1].v.units, 55);
	assert_int_equal(views[2].o.units, 300);
}

/* Over three blocks: every third row first, then all, some of them changed. */
static void test_large_files_merge_with_what_is_stored(void **state)
{
	enum {
		ROWS = 20000
	};
	const struct candle_view *views;
	struct world *w = *state;

	for (int pass = 0; pass < 2; pass++) {
		struct import_report report;
		struct buf text;

		buf_init(&text, w->arena, 1 << 20);
		for (int i = 0; i < ROWS; i++)
			if (pass == 1 || i % 3 == 0)
				buf_format(&text, "%lld,1,9,1,%d,1\n",
					(long long)(march_1 / 1000 + i * 60),
					pass == 1 && i % 6 == 0 ? 3 : 2);
		assert_int_equal(
			world_import(w, text.data, &minutes, &report), ERR_OK);
		assert_int_equal(report.added,
			pass ? ROWS - (ROWS + 2) / 3 : (ROWS + 2) / 3);
		assert_int_equal(report.replaced, pass ? (ROWS + 5) / 6 : 0);
		assert_int_equal(report.unchanged,
			pass ? (ROWS + 2) / 3 - (ROWS + 5) / 6 : 0);
	}
	assert_int_equal(world_candles(w), ROWS);
	views = stored(w, "1m", ROWS);
	for (int i = 0; i < ROWS; i++) {
		assert_int_equal(views[i].t.ms, march_1 + i * MINUTE);
		assert_int_equal(views[i].c.units, i % 6 == 0 ? 3 : 2);
	}
}

/* What stands beside a block is the block's; nothing holds a candle twice. */
static void test_blocks_lie_on_their_grid(void **state)
{
	static const char overlaps_sql[] =
		"SELECT count(*) FROM candle_blocks a JOIN candle_blocks b"
		" ON a.first < b.first AND a.last >= b.first";
	static const int starts[] = {5000, 20000, 0, 12000, 4990};
	const int64_t begin = block_start(march_1, MINUTE) + block_span(MINUTE);
	struct world *w = *state;
	int64_t added = 0;

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		struct import_report report;
		struct buf text;

		buf_init(&text, w->arena, 1 << 20);
		for (int k = 0; k < 9000; k++)
			buf_format(&text, "%lld,1,9,1,2,1\n",
				(long long)(begin / 1000 +
					    (starts[i] + k) * 60));
		assert_int_equal(
			world_import(w, text.data, &minutes, &report), ERR_OK);
		added += report.added;
		assert_int_equal(world_candles(w), added);
		assert_int_equal(world_number(w, overlaps_sql), 0);
	}
	assert_int_equal(added, 29000);
	assert_int_equal(world_number(w, "SELECT count(*) FROM candle_blocks"),
		(29000 + BLOCK_CANDLES - 1) / BLOCK_CANDLES);
	(void)stored(w, "1m", 29000);
}

/* Other intervals of the symbol are widened too, and the numbers stay. */
static void test_all_blocks_widen(void **state)
{
	const struct candle_view *views;
	struct world *w = *state;
	struct import_report report;
	struct buf text;

	buf_init(&text, w->arena, 1 << 20);
	for (int i = 0; i < 9000; i++)
		buf_format(&text, "%lld,%d,%d,1,%d,7\n",
			(long long)(march_1 / 1000 + i * 60), i + 1, i + 3,
			i + 2);
	assert_int_equal(world_import(w, text.data, &minutes, &report), ERR_OK);
	assert_int_equal(
		world_import(w, "2024-03-01,1,2,1,2,0.5\n", &daily, &report),
		ERR_OK);
	assert_int_equal(
		world_import(w, "2024-03-02,1.125,2,1,2,5\n", &daily, &report),
		ERR_OK);
	assert_int_equal(world_number(w, "SELECT price_scale FROM symbols"), 3);
	views = stored(w, "1m", 9000);
	for (int i = 0; i < 9000; i++) {
		assert_int_equal(views[i].o.units, (i + 1) * 1000);
		assert_int_equal(views[i].h.units, (i + 3) * 1000);
		assert_int_equal(views[i].l.units, 1000);
		assert_int_equal(views[i].c.units, (i + 2) * 1000);
		assert_int_equal(views[i].v.units, 70);
	}
	views = stored(w, "1d", 2);
	assert_int_equal(views[0].v.units, 5);
	assert_int_equal(views[1].o.units, 1125);
}

/* A block that was changed by hand is neither read nor written over. */
static void test_damaged_blocks_stop_everything(void **state)
{
	const struct candle_query query = {
		.symbol = "BTC-USD", .interval = "1d", .limit = 10};
	static const char *const damages[] = {
		"UPDATE candle_blocks SET data = x'00'",
		"UPDATE candle_blocks SET data = CAST(data || x'00' AS BLOB)",
		"UPDATE candle_blocks SET candles = 2",
		"UPDATE candle_blocks SET first = first - 1",
		"UPDATE candle_blocks SET last = last + 1",
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		struct import_report report;
		struct candles columns;
		struct list list;

		assert_int_equal(db_script(w->db, "DELETE FROM candle_blocks;"
						  "DELETE FROM symbols;"),
			ERR_OK);
		assert_int_equal(world_import(w, "2024-03-01,1,2,1,2,5\n",
					 &daily, &report),
			ERR_OK);
		assert_int_equal(db_script(w->db, damages[i]), ERR_OK);
		assert_int_equal(market_candles(world_alice(w), &query, &list),
			ERR_INTERNAL);
		assert_non_null(strstr(w->report->detail, "damaged"));
		assert_int_equal(
			market_columns(world_alice(w), &query, 10, &columns),
			ERR_INTERNAL);
		assert_false(db_in_transaction(w->db));
		assert_int_equal(world_import(w, "2024-03-02,1,2,1,2,5\n",
					 &daily, &report),
			ERR_INTERNAL);
		assert_false(db_in_transaction(w->db));
	}
}

static int tells;
static int64_t told;

static void tell(void *thing, int64_t bytes)
{
	assert_ptr_equal(thing, &tells);
	assert_true(bytes >= told);
	told = bytes;
	tells++;
}

static void test_progress_is_told(void **state)
{
	const struct import_progress progress = {tell, &tells};
	struct import_options options = minutes;
	struct world *w = *state;
	struct import_report report;
	struct buf text;

	options.progress = &progress;
	buf_init(&text, w->arena, 1 << 20);
	for (int i = 0; i < 9000; i++)
		buf_format(&text, "%lld,1,9,1,2,1\n",
			(long long)(march_1 / 1000 + i * 60));
	tells = 0;
	told = 0;
	assert_int_equal(world_import(w, text.data, &options, &report), ERR_OK);
	assert_true(tells > 1);
	assert_int_equal(told, text.len);
}

/* ---- without a database ---------------------------------------------------- */

static enum err parse_file(struct world *w, const char *path,
	const struct import_options *options, struct candles *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum err err;

	assert_true(fd >= 0);
	err = candles_parse(w->arena, fd, options, world_report(w), out);
	close(fd);
	return err;
}

static void assert_same_columns(
	const struct candles *a, const struct candles *b)
{
	const size_t bytes = a->count * sizeof(double);

	assert_int_equal(a->count, b->count);
	assert_memory_equal(a->time, b->time, bytes);
	assert_memory_equal(a->open, b->open, bytes);
	assert_memory_equal(a->high, b->high, bytes);
	assert_memory_equal(a->low, b->low, bytes);
	assert_memory_equal(a->close, b->close, bytes);
	assert_memory_equal(a->volume, b->volume, bytes);
}

/* Bit for bit, of every file that there is. */
static void test_parsed_files_are_the_imported_ones(void **state)
{
	static const struct {
		const char *path, *interval;
		size_t rows;
	} files[] = {
		{"data/GOOG-1d.csv", "1d", 2148},
		{"data/BTC-USD-1d.csv", "1d", 31},
		{"data/BTC-USD-1m.csv", "1m", 10080},
		{"tests/unit/data/gaps-1m.json.gz", "1m", 13681},
		{"tests/unit/data/scientific.csv", "1d", 3},
		{"tests/unit/data/permuted.csv", "1d", 3},
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const char *symbol = arena_format(w->arena, "S%zu", i);
		const struct import_options options = {.symbol = symbol,
			.interval = files[i].interval,
			.source = "test"};
		const struct candle_query query = {
			.symbol = symbol, .interval = files[i].interval};
		struct import_report report;
		struct candles parsed;
		struct candles stored_ones;

		assert_int_equal(
			parse_file(w, files[i].path, &options, &parsed),
			ERR_OK);
		assert_int_equal(parsed.count, files[i].rows);
		assert_int_equal(
			world_import_file(w, files[i].path, &options, &report),
			ERR_OK);
		assert_int_equal(market_columns(world_alice(w), &query, 100000,
					 &stored_ones),
			ERR_OK);
		assert_same_columns(&parsed, &stored_ones);
	}
}

static void test_parsing_refuses_as_importing_does(void **state)
{
	static const struct {
		const char *text, *pointer;
	} rows[] = {
		{"2024-03-01,1,2,1,2,5\n2024-03-02,x,2,1,2,5\n", "line 2"},
		{"2024-03-02,1,2,1,2,5\n2024-03-01,1,2,1,2,5\n", "line 2"},
		{"2024-03-01,1,100000000000,1,2,5\n", ""},
	};
	struct import_options options = {.interval = "2d"};
	struct world *w = *state;
	struct candles out = {.count = 77};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		options.interval = "1d";
		assert_int_equal(parse_file(w,
					 folder_put(w->arena, w->folder, "p",
						 rows[i].text),
					 &options, &out),
			ERR_BAD_INPUT);
		assert_true(world_fault_at(w, rows[i].pointer));
		options.interval = "2d";
		assert_int_equal(
			parse_file(w, "data/GOOG-1d.csv", &options, &out),
			ERR_BAD_INPUT);
		assert_true(world_fault_at(w, "/interval"));
	}
	assert_int_equal(out.count, 77);
}

static void test_stored_numbers_that_cannot_be_widened(void **state)
{
	struct world *w = *state;
	struct import_report report;

	assert_int_equal(
		world_import(w, "2024-03-01,1,1,1,1,900000000000000000\n",
			&daily, &report),
		ERR_OK);
	assert_int_equal(world_import(w,
				 "2024-03-02,1,1,1,1,1\n"
				 "2024-03-03,1,1,1,1,0.00000001\n",
				 &daily, &report),
		ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "line 2"));
	assert_int_equal(world_candles(w), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_every_format_gives_the_same_candles),
		WORLD_TEST(test_gzip_is_unpacked),
		WORLD_TEST(test_damaged_gzip_imports_nothing),
		WORLD_TEST(test_real_gaps_are_reported),
		WORLD_TEST(test_second_import_counts_what_changed),
		WORLD_TEST(test_scale_widens_for_all_candles),
		WORLD_TEST(test_volumes_are_rounded),
		WORLD_TEST(test_numbers_that_cannot_be_widened_are_refused),
		WORLD_TEST(test_faulty_rows_are_refused),
		WORLD_TEST(test_faulty_rows_are_left_out_when_asked),
		WORLD_TEST(test_broken_files_are_refused),
		WORLD_TEST(test_long_rows_are_refused),
		WORLD_TEST(test_bad_options_are_refused),
		WORLD_TEST(test_weeks_begin_on_monday),
		WORLD_TEST(test_volume_may_be_missing),
		WORLD_TEST(test_extreme_times_are_refused),
		WORLD_TEST(test_others_write_while_the_input_idles),
		WORLD_TEST(test_imports_beside_each_other_lose_nothing),
		WORLD_TEST(test_imports_that_do_not_fit_conflict),
		WORLD_TEST(test_later_imports_keep_and_widen_digits),
		WORLD_TEST(test_large_files_merge_with_what_is_stored),
		WORLD_TEST(test_blocks_lie_on_their_grid),
		WORLD_TEST(test_all_blocks_widen),
		WORLD_TEST(test_damaged_blocks_stop_everything),
		WORLD_TEST(test_progress_is_told),
		WORLD_TEST(test_parsed_files_are_the_imported_ones),
		WORLD_TEST(test_parsing_refuses_as_importing_does),
		WORLD_TEST(test_stored_numbers_that_cannot_be_widened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
