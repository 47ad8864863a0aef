/*
 * Writes imported candles. A symbol keeps as many digits as its data needs:
 * rows are checked against that without a lock, and when the file has more,
 * what is stored is widened once, in the one transaction that also stores.
 * Must never round, and never let an integer overflow.
 */
#include "import_store_private.h"

#include "series_private.h"

static const char symbol_get_sql[] =
	"SELECT price_scale, volume_scale, series FROM symbols"
	" WHERE symbol = :symbol";
static const char symbol_add_sql[] =
	"INSERT INTO symbols"
	" (symbol, source, price_scale, volume_scale, series, created_at)"
	" VALUES (:symbol, :source, :price_scale, :volume_scale, '[]', :now)";
static const char symbol_series_sql[] =
	"UPDATE symbols SET source = :source, series = :series"
	" WHERE symbol = :symbol";
static const char most_sql[] =
	"SELECT COALESCE(MAX(high), 0), COALESCE(MAX(volume), 0)"
	" FROM candles WHERE symbol = :symbol";
static const char widen_candles_sql[] =
	"UPDATE candles SET open = open * :price, high = high * :price,"
	" low = low * :price, close = close * :price,"
	" volume = volume * :volume WHERE symbol = :symbol";
static const char widen_symbol_sql[] =
	"UPDATE symbols SET price_scale = :price_scale,"
	" volume_scale = :volume_scale WHERE symbol = :symbol";
static const char stored_sql[] =
	"SELECT time, open, high, low, close, volume FROM candles"
	" WHERE symbol = :symbol AND interval_ms = :interval"
	" AND time >= :from AND time <= :to ORDER BY time";
static const char candle_add_sql[] =
	"INSERT INTO candles"
	" (symbol, interval_ms, time, open, high, low, close, volume)"
	" VALUES (:symbol, :interval, :time, :open, :high, :low, :close,"
	" :volume)";
static const char candle_replace_sql[] =
	"UPDATE candles SET open = :open, high = :high, low = :low,"
	" close = :close, volume = :volume WHERE symbol = :symbol"
	" AND interval_ms = :interval AND time = :time";

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

/* A power from 0 to 8. */
static int64_t ten_to(int32_t power)
{
	int64_t value = 1;

	for (; power > 0; power--)
		value *= 10;
	return value;
}

static int32_t wider(int32_t a, int32_t b)
{
	return a > b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static enum err stored_most(struct admin_scope *admin, const char *symbol,
	int64_t *price, int64_t *volume)
{
	struct rows *rows;
	enum err err = admin_one(
		admin, most_sql, BINDS(bind_text(":symbol", symbol)), &rows);

	if (err != ERR_OK)
		return err;
	*price = rows_int(rows, 0);
	*volume = rows_int(rows, 1);
	rows_end(rows);
	return ERR_OK;
}

/* Looked up when something must be widened for the first time; the scales
   are still the stored ones then. */
static enum err most_learn(struct import_store *store)
{
	int64_t price;
	int64_t volume;
	enum err err;

	if (store->most_known)
		return ERR_OK;
	err = stored_most(store->admin, store->symbol, &price, &volume);
	if (err != ERR_OK)
		return err;
	store->most_price = most(store->most_price, price);
	store->most_volume = most(store->most_volume, volume);
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
		    ten_to(price_scale - row->price_scale), &price) ||
		__builtin_mul_overflow(row->volume,
			ten_to(volume_scale - row->volume_scale), &volume) ||
		__builtin_mul_overflow(store->most_price,
			ten_to(price_scale - store->price_scale),
			&most_price) ||
		__builtin_mul_overflow(store->most_volume,
			ten_to(volume_scale - store->volume_scale),
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

static enum err widen(
	struct import_store *store, int32_t price_scale, int32_t volume_scale)
{
	int64_t price = ten_to(store->price_scale - price_scale);
	int64_t volume = ten_to(store->volume_scale - volume_scale);
	int64_t most_price;
	int64_t most_volume;
	enum err err = stored_most(
		store->admin, store->symbol, &most_price, &most_volume);

	if (err != ERR_OK)
		return err;
	if (__builtin_mul_overflow(most_price, price, &most_price) ||
		__builtin_mul_overflow(most_volume, volume, &most_volume))
		return changed_meanwhile(store);
	err = admin_run(store->admin, widen_candles_sql,
		BINDS(bind_int(":price", price), bind_int(":volume", volume),
			bind_text(":symbol", store->symbol)),
		NULL);
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
static bool row_widen(const struct import_store *store, struct import_row *row)
{
	int64_t price = ten_to(store->price_scale - row->price_scale);
	int64_t volume = ten_to(store->volume_scale - row->volume_scale);

	return !__builtin_mul_overflow(row->open, price, &row->open) &&
	       !__builtin_mul_overflow(row->high, price, &row->high) &&
	       !__builtin_mul_overflow(row->low, price, &row->low) &&
	       !__builtin_mul_overflow(row->close, price, &row->close) &&
	       !__builtin_mul_overflow(row->volume, volume, &row->volume);
}

/* The stored candles of the file's time, beside the file's own: both are
   ascending. What is written lies behind where this reads. */
struct stored {
	struct rows *rows;
	struct import_row row; /* scales unset: the symbol's */
	bool has_row;
};

static enum err stored_next(struct stored *stored)
{
	const struct rows *rows = stored->rows;
	enum err err = rows_next(stored->rows, &stored->has_row);

	if (err != ERR_OK || !stored->has_row)
		return err;
	stored->row = (struct import_row){
		.time = rows_int(rows, 0),
		.open = rows_int(rows, 1),
		.high = rows_int(rows, 2),
		.low = rows_int(rows, 3),
		.close = rows_int(rows, 4),
		.volume = rows_int(rows, 5),
	};
	return ERR_OK;
}

static enum err stored_open(struct import_store *store,
	const struct import_report *report, struct stored *out)
{
	enum err err = admin_query(store->admin, stored_sql,
		BINDS(bind_text(":symbol", store->symbol),
			bind_int(":interval", store->interval_ms),
			bind_int(":from", report->first),
			bind_int(":to", report->last)),
		&out->rows);

	return err == ERR_OK ? stored_next(out) : err;
}

static bool row_equals(const struct import_row *a, const struct import_row *b)
{
	return a->open == b->open && a->high == b->high && a->low == b->low &&
	       a->close == b->close && a->volume == b->volume;
}

static enum err row_write(struct import_store *store, const char *sql,
	const struct import_row *row, int64_t *count)
{
	enum err err = admin_run(store->admin, sql,
		BINDS(bind_text(":symbol", store->symbol),
			bind_int(":interval", store->interval_ms),
			bind_int(":time", row->time),
			bind_int(":open", row->open),
			bind_int(":high", row->high),
			bind_int(":low", row->low),
			bind_int(":close", row->close),
			bind_int(":volume", row->volume)),
		NULL);

	if (err == ERR_OK)
		++*count;
	return err;
}

static enum err row_store(struct import_store *store, struct stored *stored,
	struct import_row *row, struct import_report *report)
{
	enum err err = ERR_OK;

	if (!row_widen(store, row))
		return changed_meanwhile(store);
	while (err == ERR_OK && stored->has_row && stored->row.time < row->time)
		err = stored_next(stored);
	if (err != ERR_OK)
		return err;
	if (!stored->has_row || stored->row.time != row->time)
		return row_write(store, candle_add_sql, row, &report->added);
	if (!row_equals(&stored->row, row))
		return row_write(
			store, candle_replace_sql, row, &report->replaced);
	report->unchanged++;
	return ERR_OK;
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
			bind_text(":symbol", store->symbol)),
		NULL);
}

static enum err rows_store(struct import_store *store,
	struct import_spool *spool, struct import_report *report)
{
	struct stored stored = {.rows = NULL};
	struct import_row row;
	bool more = true;
	enum err err = stored_open(store, report, &stored);

	if (err != ERR_OK)
		return err;
	while (err == ERR_OK && more) {
		err = import_spool_next(spool, &more, &row);
		if (err == ERR_OK && more)
			err = row_store(store, &stored, &row, report);
	}
	rows_end(stored.rows);
	return err;
}

static enum err file_store(struct import_store *store,
	struct import_spool *spool, struct import_report *report)
{
	const char *series;
	enum err err = symbol_prepare(store, &series);

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
	if (err == ERR_OK)
		err = admin_commit(store->admin);
	if (err != ERR_OK)
		admin_rollback(store->admin);
	return err;
}
