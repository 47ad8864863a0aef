/*
 * Writes imported candles. A symbol keeps as many digits as its data needs:
 * rows are checked against that without a lock, and when the file has more,
 * what is stored is widened once, in the one transaction that also stores.
 * Must never round, and never let an integer overflow.
 */
#include "import_store_private.h"

#include "import_blocks_private.h"
#include "import_merge_private.h"
#include "series_private.h"
#include "units_private.h"

static const char symbol_get_sql[] =
	"SELECT price_scale, volume_scale, series FROM symbols"
	" WHERE symbol = :symbol";
static const char symbol_add_sql[] =
	"INSERT INTO symbols"
	" (symbol, source, price_scale, volume_scale, series, created_at)"
	" VALUES (:symbol, :source, :price_scale, :volume_scale, '[]', :now)";
static const char symbol_series_sql[] =
	"UPDATE symbols SET source = :source, series = :series,"
	" revision = revision + :revised WHERE symbol = :symbol";
static const char widen_symbol_sql[] =
	"UPDATE symbols SET price_scale = :price_scale,"
	" volume_scale = :volume_scale WHERE symbol = :symbol";

static const char too_large[] = "a number has too many digits";

enum err import_store_open(struct import_store *out, struct admin_scope *admin,
	const struct import_options *options, int64_t interval_ms)
{
	struct rows *rows;
	enum err err = admin_one(admin, symbol_get_sql,
		BINDS(bind_text(":symbol", options->symbol)), &rows);

	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return err;
	*out = (struct import_store){
		.admin = admin,
		.symbol = options->symbol,
		.source = options->source,
		.interval_ms = interval_ms,
	};
	if (err == ERR_NOT_FOUND)
		return ERR_OK;
	out->price_scale = (int32_t)rows_int(rows, 0);
	out->volume_scale = (int32_t)rows_int(rows, 1);
	rows_end(rows);
	return ERR_OK;
}

static int32_t wider(int32_t a, int32_t b)
{
	return a > b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

struct most {
	int64_t price, volume;
};

static enum err block_most(void *thing, struct block *block)
{
	struct most *so_far = thing;

	/* No number of a candle is above its high. */
	for (size_t i = 0; i < block->count; i++) {
		so_far->price = most(so_far->price, block->high[i]);
		so_far->volume = most(so_far->volume, block->volume[i]);
	}
	return ERR_OK;
}

static enum err stored_most(const struct import_store *store, struct most *out)
{
	struct block_table table;
	enum err err;

	block_table_open(&table, store->admin, store->symbol);
	err = block_table_each(&table, block_most, out);
	block_table_close(&table);
	return err;
}

/* Looked up when something must be widened for the first time; the scales
   are still the stored ones then. */
static enum err most_learn(struct import_store *store)
{
	struct most stored = {0};
	enum err err;

	if (store->most_known)
		return ERR_OK;
	err = stored_most(store, &stored);
	if (err != ERR_OK)
		return err;
	store->most_price = most(store->most_price, stored.price);
	store->most_volume = most(store->most_volume, stored.volume);
	store->most_known = true;
	return ERR_OK;
}

static bool units_of(struct decimal value, int32_t scale, int64_t *out)
{
	struct decimal same;

	if (decimal_rescale(value, scale, &same) != ERR_OK)
		return false;
	*out = same.units;
	return true;
}

/* The digits that the row itself needs. */
static bool row_of(const struct import_candle *candle, struct import_row *out)
{
	int32_t scale = wider(wider(candle->open.scale, candle->high.scale),
		wider(candle->low.scale, candle->close.scale));

	out->time = candle->time;
	out->price_scale = scale;
	out->volume_scale = candle->volume.scale;
	out->volume = candle->volume.units;
	return units_of(candle->open, scale, &out->open) &&
	       units_of(candle->high, scale, &out->high) &&
	       units_of(candle->low, scale, &out->low) &&
	       units_of(candle->close, scale, &out->close);
}

/* Nothing changes unless the row, and all rows with it, fit. */
static bool row_fits(struct import_store *store, const struct import_row *row)
{
	int32_t price_scale = wider(store->price_scale, row->price_scale);
	int32_t volume_scale = wider(store->volume_scale, row->volume_scale);
	int64_t most_price;
	int64_t most_volume;
	int64_t price;
	int64_t volume;

	/* No number of a candle is above its high. */
	if (__builtin_mul_overflow(row->high,
		    units_ten_to(price_scale - row->price_scale), &price) ||
		__builtin_mul_overflow(row->volume,
			units_ten_to(volume_scale - row->volume_scale),
			&volume) ||
		__builtin_mul_overflow(store->most_price,
			units_ten_to(price_scale - store->price_scale),
			&most_price) ||
		__builtin_mul_overflow(store->most_volume,
			units_ten_to(volume_scale - store->volume_scale),
			&most_volume))
		return false;
	store->price_scale = price_scale;
	store->volume_scale = volume_scale;
	store->most_price = most(price, most_price);
	store->most_volume = most(volume, most_volume);
	return true;
}

enum err import_store_fit(struct import_store *store,
	const struct import_candle *candle, struct import_row *out,
	const char **fault)
{
	struct import_row row;
	enum err err = ERR_OK;

	*fault = too_large;
	if (!row_of(candle, &row))
		return ERR_OK;
	if (row.price_scale > store->price_scale ||
		row.volume_scale > store->volume_scale)
		err = most_learn(store);
	if (err != ERR_OK)
		return err;
	if (!row_fits(store, &row))
		return ERR_OK;
	*out = row;
	*fault = NULL;
	return ERR_OK;
}

/* ---- in the transaction ------------------------------------------------ */

/* Another import came between the check and the lock. */
static enum err changed_meanwhile(struct import_store *store)
{
	report_detail(admin_report(store->admin),
		"The symbol changed meanwhile; please try again.");
	return ERR_CONFLICT;
}

static bool widened(int64_t *units, size_t count, int64_t factor)
{
	bool overflow = false;

	for (size_t i = 0; i < count; i++)
		overflow |= __builtin_mul_overflow(units[i], factor, &units[i]);
	return !overflow;
}

struct widening {
	struct import_store *store;
	struct block_table table;
	int64_t price, volume; /* factors */
};

static enum err block_widen(void *thing, struct block *block)
{
	struct widening *widening = thing;
	const int64_t price = widening->price;
	const size_t count = block->count;

	if (!widened(block->open, count, price) ||
		!widened(block->high, count, price) ||
		!widened(block->low, count, price) ||
		!widened(block->close, count, price) ||
		!widened(block->volume, count, widening->volume))
		return changed_meanwhile(widening->store);
	return block_table_put(&widening->table, block, &block->time[0]);
}

static enum err widen(
	struct import_store *store, int32_t price_scale, int32_t volume_scale)
{
	struct widening widening = {
		.store = store,
		.price = units_ten_to(store->price_scale - price_scale),
		.volume = units_ten_to(store->volume_scale - volume_scale),
	};
	enum err err;

	block_table_open(&widening.table, store->admin, store->symbol);
	err = block_table_each(&widening.table, block_widen, &widening);
	block_table_close(&widening.table);
	if (err != ERR_OK)
		return err;
	return admin_run(store->admin, widen_symbol_sql,
		BINDS(bind_int(":price_scale", store->price_scale),
			bind_int(":volume_scale", store->volume_scale),
			bind_text(":symbol", store->symbol)),
		NULL);
}

static enum err symbol_add(struct import_store *store, const char **series)
{
	*series = "[]";
	return admin_run(store->admin, symbol_add_sql,
		BINDS(bind_text(":symbol", store->symbol),
			bind_text(":source", store->source),
			bind_int(":price_scale", store->price_scale),
			bind_int(":volume_scale", store->volume_scale),
			bind_int(":now", admin_now(store->admin))),
		NULL);
}

/* Makes the symbol, or widens it; *series as it stands before. */
static enum err symbol_prepare(struct import_store *store, const char **series)
{
	struct rows *rows;
	int32_t price_scale;
	int32_t volume_scale;
	enum err err = admin_one(store->admin, symbol_get_sql,
		BINDS(bind_text(":symbol", store->symbol)), &rows);

	if (err == ERR_NOT_FOUND)
		return symbol_add(store, series);
	if (err != ERR_OK)
		return err;
	price_scale = (int32_t)rows_int(rows, 0);
	volume_scale = (int32_t)rows_int(rows, 1);
	*series = rows_text(rows, 2);
	rows_end(rows);
	store->price_scale = wider(store->price_scale, price_scale);
	store->volume_scale = wider(store->volume_scale, volume_scale);
	if (store->price_scale == price_scale &&
		store->volume_scale == volume_scale)
		return ERR_OK;
	return widen(store, price_scale, volume_scale);
}

/* From the row's digits to the symbol's. */
bool import_store_widen(
	const struct import_store *store, struct import_row *row)
{
	int64_t price = units_ten_to(store->price_scale - row->price_scale);
	int64_t volume = units_ten_to(store->volume_scale - row->volume_scale);

	return !__builtin_mul_overflow(row->open, price, &row->open) &&
	       !__builtin_mul_overflow(row->high, price, &row->high) &&
	       !__builtin_mul_overflow(row->low, price, &row->low) &&
	       !__builtin_mul_overflow(row->close, price, &row->close) &&
	       !__builtin_mul_overflow(row->volume, volume, &row->volume);
}

static enum err series_write(struct import_store *store, const char *before,
	const struct import_report *report)
{
	const struct series added = {
		.interval_ms = store->interval_ms,
		.candles = report->added,
		.first = report->first,
		.last = report->last,
	};
	const char *series;
	enum err err = series_merge(
		admin_arena(store->admin), before, &added, &series);

	if (err != ERR_OK)
		return err;
	return admin_run(store->admin, symbol_series_sql,
		BINDS(bind_text(":source", store->source),
			bind_text(":series", series),
			bind_int(":revised",
				store->revised || report->replaced > 0),
			bind_text(":symbol", store->symbol)),
		NULL);
}

static enum err rows_merge(struct import_store *store,
	struct import_spool *spool, struct import_merge *merge)
{
	struct import_row row;
	bool more = true;
	enum err err;

	while ((err = import_spool_next(spool, &more, &row)) == ERR_OK &&
		more) {
		const int64_t added = merge->report->added;

		if (!import_store_widen(store, &row))
			return changed_meanwhile(store);
		err = import_merge_row(merge, &row);
		if (err != ERR_OK)
			return err;
		store->revised |= row.time <= store->old_last &&
				  merge->report->added > added;
	}
	return err == ERR_OK ? import_merge_close(merge) : err;
}

static enum err rows_store(struct import_store *store,
	struct import_spool *spool, struct import_report *report)
{
	struct block_table table;
	struct import_merge merge;
	enum err err;

	block_table_open(&table, store->admin, store->symbol);
	import_merge_open(&merge, &table, store->interval_ms, report);
	err = rows_merge(store, spool, &merge);
	block_table_close(&table);
	return err;
}

static enum err old_last_find(struct import_store *store, const char *text)
{
	struct vector list;
	const struct series *items;
	enum err err = series_read(admin_arena(store->admin), text, &list);

	store->old_last = INT64_MIN;
	items = list.items;
	for (size_t i = 0; err == ERR_OK && i < list.count; i++)
		if (items[i].interval_ms == store->interval_ms)
			store->old_last = items[i].last;
	return err;
}

static enum err file_store(struct import_store *store,
	struct import_spool *spool, struct import_report *report)
{
	const char *series;
	enum err err = symbol_prepare(store, &series);

	if (err == ERR_OK)
		err = old_last_find(store, series);
	if (err == ERR_OK)
		err = rows_store(store, spool, report);
	return err == ERR_OK ? series_write(store, series, report) : err;
}

enum err import_store_all(struct import_store *store,
	struct import_spool *spool, struct import_report *report)
{
	enum err err = admin_begin(store->admin);

	if (err != ERR_OK)
		return err;
	err = file_store(store, spool, report);
	return admin_end(store->admin, err);
}
