/*
 * Writes imported candles. A symbol keeps as many digits as its data needs:
 * when a row has more, all its candles are widened first, in the caller's
 * transaction. Must never round, and never let an integer overflow.
 */
#include "import_store_private.h"

static const char symbol_get_sql[] =
	"SELECT price_scale, volume_scale FROM symbols"
	" WHERE symbol = :symbol";
static const char symbol_add_sql[] =
	"INSERT INTO symbols"
	" (symbol, source, price_scale, volume_scale, created_at)"
	" VALUES (:symbol, :source, 0, 0, :now)";
static const char symbol_source_sql[] =
	"UPDATE symbols SET source = :source WHERE symbol = :symbol";
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
static const char candle_add_sql[] =
	"INSERT INTO candles"
	" (symbol, interval_ms, time, open, high, low, close, volume)"
	" VALUES (:symbol, :interval, :time, :open, :high, :low, :close,"
	" :volume) ON CONFLICT (symbol, interval_ms, time) DO NOTHING";
static const char candle_replace_sql[] =
	"UPDATE candles SET open = :open, high = :high, low = :low,"
	" close = :close, volume = :volume WHERE symbol = :symbol"
	" AND interval_ms = :interval AND time = :time"
	" AND (open <> :open OR high <> :high OR low <> :low"
	" OR close <> :close OR volume <> :volume)";

static const char too_large[] = "a number has too many digits";

enum err import_store_open(struct import_store *store,
	struct admin_scope *admin, const char *symbol, const char *source,
	int64_t interval_ms)
{
	struct rows *rows;
	enum err err = admin_one(admin, symbol_get_sql,
		BINDS(bind_text(":symbol", symbol)), &rows);

	*store = (struct import_store){
		.admin = admin,
		.symbol = symbol,
		.interval_ms = interval_ms,
	};
	if (err == ERR_NOT_FOUND)
		return admin_run(admin, symbol_add_sql,
			BINDS(bind_text(":symbol", symbol),
				bind_text(":source", source),
				bind_int(":now", admin_now(admin))),
			NULL);
	if (err != ERR_OK)
		return err;
	store->price_scale = (int32_t)rows_int(rows, 0);
	store->volume_scale = (int32_t)rows_int(rows, 1);
	rows_end(rows);
	return admin_run(admin, symbol_source_sql,
		BINDS(bind_text(":source", source),
			bind_text(":symbol", symbol)),
		NULL);
}

static int64_t ten_to(int32_t power)
{
	int64_t value = 1;

	for (; power > 0; power--)
		value *= 10;
	return value;
}

/* Would the largest stored numbers still fit? */
static enum err widen_check(struct import_store *store, int64_t price,
	int64_t volume, const char **fault)
{
	struct rows *rows;
	int64_t product;
	bool over;
	enum err err = admin_one(store->admin, most_sql,
		BINDS(bind_text(":symbol", store->symbol)), &rows);

	if (err != ERR_OK)
		return err;
	over = __builtin_mul_overflow(rows_int(rows, 0), price, &product);
	over |= __builtin_mul_overflow(rows_int(rows, 1), volume, &product);
	rows_end(rows);
	if (!over)
		return ERR_OK;
	*fault = too_large;
	return ERR_BAD_INPUT;
}

static enum err widen(struct import_store *store, int32_t price_scale,
	int32_t volume_scale, const char **fault)
{
	int64_t price = ten_to(price_scale - store->price_scale);
	int64_t volume = ten_to(volume_scale - store->volume_scale);
	enum err err = widen_check(store, price, volume, fault);

	if (err == ERR_OK)
		err = admin_run(store->admin, widen_candles_sql,
			BINDS(bind_int(":price", price),
				bind_int(":volume", volume),
				bind_text(":symbol", store->symbol)),
			NULL);
	if (err == ERR_OK)
		err = admin_run(store->admin, widen_symbol_sql,
			BINDS(bind_int(":price_scale", price_scale),
				bind_int(":volume_scale", volume_scale),
				bind_text(":symbol", store->symbol)),
			NULL);
	if (err != ERR_OK)
		return err;
	store->price_scale = price_scale;
	store->volume_scale = volume_scale;
	return ERR_OK;
}

static int32_t most(int32_t a, int32_t b)
{
	return a > b ? a : b;
}

static bool units_of(struct decimal value, int32_t scale, int64_t *out)
{
	struct decimal same;

	if (decimal_rescale(value, scale, &same) != ERR_OK)
		return false;
	*out = same.units;
	return true;
}

struct units {
	int64_t open, high, low, close, volume;
};

static enum err candle_units(struct import_store *store,
	const struct import_candle *candle, struct units *out,
	const char **fault)
{
	int32_t price = most(most(candle->open.scale, candle->high.scale),
		most(candle->low.scale, candle->close.scale));
	int32_t price_scale = most(price, store->price_scale);
	int32_t volume_scale = most(candle->volume.scale, store->volume_scale);

	/* First what fits: a refused candle must not widen anything. */
	if (!units_of(candle->open, price_scale, &out->open) ||
		!units_of(candle->high, price_scale, &out->high) ||
		!units_of(candle->low, price_scale, &out->low) ||
		!units_of(candle->close, price_scale, &out->close) ||
		!units_of(candle->volume, volume_scale, &out->volume)) {
		*fault = too_large;
		return ERR_BAD_INPUT;
	}
	if (price_scale == store->price_scale &&
		volume_scale == store->volume_scale)
		return ERR_OK;
	return widen(store, price_scale, volume_scale, fault);
}

enum err import_store_put(struct import_store *store,
	const struct import_candle *candle, enum import_stored *out,
	const char **fault)
{
	struct units units = {0};
	int64_t changed = 0;
	enum err err = candle_units(store, candle, &units, fault);

	if (err != ERR_OK)
		return err;
	const struct bind *binds = BINDS(bind_text(":symbol", store->symbol),
		bind_int(":interval", store->interval_ms),
		bind_int(":time", candle->time), bind_int(":open", units.open),
		bind_int(":high", units.high), bind_int(":low", units.low),
		bind_int(":close", units.close),
		bind_int(":volume", units.volume));
	err = admin_run(store->admin, candle_add_sql, binds, &changed);
	if (err != ERR_OK)
		return err;
	if (changed > 0) {
		*out = STORED_ADDED;
		return ERR_OK;
	}
	err = admin_run(store->admin, candle_replace_sql, binds, &changed);
	if (err == ERR_OK)
		*out = changed > 0 ? STORED_REPLACED : STORED_UNCHANGED;
	return err;
}
