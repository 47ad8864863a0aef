/*
 * From a row a candle to blocks: an installation of before migration 8 reads
 * the same candles behind it, and all of them, or stays what it was.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "copy.h"
#include "db_suite.h"
#include "import.h"
#include "market.h"
#include "scope_mint.h"
#include "upgrade.h"

#define MINUTE INT64_C(60000)
#define DAY INT64_C(86400000)

enum {
	ROWS = 20000
};

static const int64_t begin = INT64_C(1709251200000);
static const int64_t now = INT64_C(1800000000000);

/* The i-th candle of an old table; with gaps, in cents. */
static int64_t time_of(int i, int64_t interval_ms)
{
	return begin + (i + i / 100 * 3) * interval_ms;
}

static int64_t open_of(int i)
{
	return 4000000 + i * 7919 % 20011;
}

static void put_row(
	struct db_world *w, const char *symbol, int64_t interval_ms, int i)
{
	static const char sql[] =
		"INSERT INTO candles VALUES (:symbol, :interval, :time, :open,"
		" :open + 50, :open - 70, :open + 20, :volume)";

	assert_int_equal(
		db_run(w->db, sql,
			BINDS(bind_text(":symbol", symbol),
				bind_int(":interval", interval_ms),
				bind_int(":time", time_of(i, interval_ms)),
				bind_int(":open", open_of(i)),
				bind_int(":volume", i)),
			NULL),
		ERR_OK);
}

static void put_symbol(struct db_world *w, const char *symbol)
{
	static const char sql[] =
		"INSERT INTO symbols VALUES (:symbol, 'test', 2, 0, :series,"
		" 1)";
	const char *series = arena_format(w->arena,
		"[[60000,%d,%lld,%lld],[86400000,10,%lld,%lld]]", ROWS,
		(long long)begin, (long long)time_of(ROWS - 1, MINUTE),
		(long long)begin, (long long)time_of(9, DAY));

	assert_int_equal(db_run(w->db, sql,
				 BINDS(bind_text(":symbol", symbol),
					 bind_text(":series", series)),
				 NULL),
		ERR_OK);
	assert_int_equal(db_begin(w->db), ERR_OK);
	for (int i = 0; i < ROWS; i++)
		put_row(w, symbol, MINUTE, i);
	for (int i = 0; i < 10; i++)
		put_row(w, symbol, DAY, i);
	assert_int_equal(db_commit(w->db), ERR_OK);
}

static enum err up(struct db_world *w, int64_t until, struct report *report)
{
	const char *backup = NULL;

	return migrate_up(w->db, w->arena,
		&(struct migrate_plan){.all = migrations_sqlite,
			.steps = upgrade_steps,
			.until = until,
			.backup_folder =
				file_join(w->arena, w->folder, "backups")},
		report, &backup);
}

static int setup(void **state)
{
	struct db_world *w = db_world_open(&db_backends[0]);

	assert_int_equal(up(w, 7, report_open(w->arena)), ERR_OK);
	put_symbol(w, "BTC-USD");
	put_symbol(w, "ETH-USD");
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct db_world *w = *state;
	const char *path = file_join(w->arena, w->folder, "backups");

	if (access(path, F_OK) == 0)
		folder_walk(path, 1);
	db_world_close(w);
	return 0;
}

static int64_t counted(struct db_world *w)
{
	struct report *report = report_open(w->arena);
	const struct table_rows *tables;
	struct list list;

	assert_int_equal(copy_rows(admin_scope_mint(w->arena, w->db, report,
					   "operator", now),
				 &list),
		ERR_OK);
	tables = list.items;
	for (size_t i = 0; i < list.count; i++)
		if (text_equal(tables[i].table, "candles"))
			return tables[i].rows;
	return -1;
}

static void assert_read(struct db_world *w, const char *symbol,
	const char *interval, int64_t interval_ms, int count)
{
	struct scope *scope = scope_mint(
		w->arena, w->db, report_open(w->arena), "alice", now);
	const struct candle_query query = {
		.symbol = symbol, .interval = interval, .limit = 100000};
	const struct candle_view *views;
	struct list list;

	assert_int_equal(market_candles(scope, &query, &list), ERR_OK);
	assert_int_equal(list.count, count);
	views = list.items;
	for (int i = 0; i < count; i++) {
		assert_int_equal(views[i].t.ms, time_of(i, interval_ms));
		assert_int_equal(views[i].o.units, open_of(i));
		assert_int_equal(views[i].h.units, open_of(i) + 50);
		assert_int_equal(views[i].l.units, open_of(i) - 70);
		assert_int_equal(views[i].c.units, open_of(i) + 20);
		assert_int_equal(views[i].v.units, i);
		assert_int_equal(views[i].o.scale, 2);
	}
}

static int64_t tables_named(struct db_world *w, const char *sql)
{
	return db_number(w->db, w->arena, sql);
}

static void test_candles_are_the_same_behind_it(void **state)
{
	struct db_world *w = *state;

	assert_int_equal(counted(w), 2 * (ROWS + 10));
	assert_int_equal(up(w, 0, report_open(w->arena)), ERR_OK);
	assert_int_equal(counted(w), 2 * (ROWS + 10));
	assert_read(w, "BTC-USD", "1m", MINUTE, ROWS);
	assert_read(w, "BTC-USD", "1d", DAY, 10);
	assert_read(w, "ETH-USD", "1m", MINUTE, ROWS);
	assert_read(w, "ETH-USD", "1d", DAY, 10);
	assert_int_equal(tables_named(w, "SELECT count(*) FROM sqlite_master"
					 " WHERE name = 'candles'"),
		0);
}

/* A row that no import has made: nothing is moved, and it is named. */
static void test_what_cannot_be_packed_changes_nothing(void **state)
{
	struct db_world *w = *state;
	struct report *report = report_open(w->arena);
	struct migrate_status status;

	assert_int_equal(
		db_script(w->db, "UPDATE candles SET low = high + 1 WHERE"
				 " symbol = 'ETH-USD' AND volume = 19000"),
		ERR_OK);
	assert_int_equal(up(w, 0, report), ERR_INTERNAL);
	assert_non_null(strstr(report->detail, "ETH-USD"));
	assert_false(db_in_transaction(w->db));
	assert_int_equal(migrate_status(w->db, w->arena, migrations_sqlite,
				 report, &status),
		ERR_OK);
	assert_int_equal(status.current, 7);
	assert_int_equal(counted(w), 2 * (ROWS + 10));
	assert_int_equal(tables_named(w, "SELECT count(*) FROM sqlite_master"
					 " WHERE name = 'candle_blocks'"),
		0);
	/* put right, it goes on */
	assert_int_equal(
		db_script(w->db, "UPDATE candles SET low = open - 70 WHERE"
				 " symbol = 'ETH-USD' AND volume = 19000"),
		ERR_OK);
	assert_int_equal(up(w, 0, report), ERR_OK);
	assert_read(w, "ETH-USD", "1m", MINUTE, ROWS);
}

static void test_imports_go_on_behind_it(void **state)
{
	const struct import_options options = {
		.symbol = "BTC-USD", .interval = "1m", .source = "test"};
	struct db_world *w = *state;
	struct import_report out;
	struct buf text;
	int fd;

	assert_int_equal(up(w, 0, report_open(w->arena)), ERR_OK);
	buf_init(&text, w->arena, 1 << 20);
	for (int i = 99; i < 103; i++) /* a gap of three is behind the 100th */
		buf_format(&text, "%lld,1.125,2,1,2,3\n",
			(long long)(begin + i * MINUTE) / 1000);
	fd = open(folder_put(w->arena, w->folder, "rows", text.data),
		O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(
		candles_import(admin_scope_mint(w->arena, w->db,
				       report_open(w->arena), "operator", now),
			fd, &options, &out),
		ERR_OK);
	(void)close(fd);
	assert_int_equal(out.replaced, 1);
	assert_int_equal(out.added, 3);
	assert_int_equal(counted(w), 2 * (ROWS + 10) + 3);
	assert_read(w, "ETH-USD", "1m", MINUTE, ROWS);
	assert_int_equal(db_number(w->db, w->arena,
				 "SELECT price_scale FROM symbols"
				 " WHERE symbol = 'BTC-USD'"),
		3);
}

#define UPGRADE_TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		UPGRADE_TEST(test_candles_are_the_same_behind_it),
		UPGRADE_TEST(test_what_cannot_be_packed_changes_nothing),
		UPGRADE_TEST(test_imports_go_on_behind_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
