/*
 * From the table that had a row a candle to blocks: once, when an
 * installation of before is migrated. Must never lose a row, and never run
 * but in the transaction of the migration.
 */
#include "import.h"

#include "import_merge_private.h"
#include "vector_private.h"

static const char series_sql[] =
	"SELECT DISTINCT symbol, interval_ms FROM candles";
static const char rows_sql[] =
	"SELECT time, open, high, low, close, volume FROM candles"
	" WHERE symbol = :symbol AND interval_ms = :interval ORDER BY time";
static const char old_count_sql[] = "SELECT COUNT(*) FROM candles";
static const char new_count_sql[] =
	"SELECT COALESCE(SUM(candles), 0) FROM candle_blocks";
static const char drop_sql[] = "DROP TABLE candles";

struct old_series {
	const char *symbol;
	int64_t interval_ms;
};

static enum err series_list(struct admin_scope *admin, struct vector *out)
{
	struct rows *rows;
	bool more = true;
	enum err err = admin_query(admin, series_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	vector_init(out, admin_arena(admin), sizeof(struct old_series));
	while ((err = rows_next(rows, &more)) == ERR_OK && more) {
		struct old_series *series = vector_add(out);

		series->symbol = rows_text(rows, 0);
		series->interval_ms = rows_int(rows, 1);
	}
	rows_end(rows);
	return err;
}

static enum err rows_pack(struct rows *rows, struct import_merge *merge)
{
	bool more = true;
	enum err err;

	while ((err = rows_next(rows, &more)) == ERR_OK && more) {
		const struct import_row row = {
			.time = rows_int(rows, 0),
			.open = rows_int(rows, 1),
			.high = rows_int(rows, 2),
			.low = rows_int(rows, 3),
			.close = rows_int(rows, 4),
			.volume = rows_int(rows, 5),
		};

		err = import_merge_row(merge, &row);
		if (err != ERR_OK)
			return err;
	}
	return err == ERR_OK ? import_merge_close(merge) : err;
}

static enum err series_pack(
	struct admin_scope *admin, const struct old_series *series)
{
	struct import_report report = {0};
	struct import_merge merge;
	struct block_table table;
	struct rows *rows;
	enum err err = admin_query(admin, rows_sql,
		BINDS(bind_text(":symbol", series->symbol),
			bind_int(":interval", series->interval_ms)),
		&rows);

	if (err != ERR_OK)
		return err;
	block_table_open(&table, admin, series->symbol);
	import_merge_open(&merge, &table, series->interval_ms, &report);
	err = rows_pack(rows, &merge);
	block_table_close(&table);
	rows_end(rows);
	return err;
}

static enum err count_read(
	struct admin_scope *admin, const char *sql, int64_t *out)
{
	struct rows *rows;
	enum err err = admin_one(admin, sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	*out = rows_int(rows, 0);
	rows_end(rows);
	return ERR_OK;
}

static enum err counts_check(struct admin_scope *admin)
{
	int64_t before;
	int64_t after;
	enum err err = count_read(admin, old_count_sql, &before);

	if (err == ERR_OK)
		err = count_read(admin, new_count_sql, &after);
	if (err != ERR_OK || before == after)
		return err;
	report_detail(admin_report(admin),
		"%lld candles were packed, but there are %lld",
		(long long)after, (long long)before);
	return ERR_INTERNAL;
}

enum err candles_pack(struct admin_scope *admin)
{
	const struct old_series *series;
	struct vector list;
	enum err err = series_list(admin, &list);

	if (err != ERR_OK)
		return err;
	series = list.items;
	for (size_t i = 0; err == ERR_OK && i < list.count; i++)
		err = series_pack(admin, &series[i]);
	if (err == ERR_OK)
		err = counts_check(admin);
	return err == ERR_OK ? admin_run(admin, drop_sql, NO_BINDS, NULL) : err;
}
