/*
 * The spool as columns for the engine. Must give the same bits as the way
 * through the database.
 */
#include "import_load_private.h"

#include "units_private.h"

struct columns {
	int64_t *time;
	double *open, *high, *low, *close, *volume;
	double price, volume_unit; /* what one is in units */
};

static void row_put(
	const struct columns *columns, size_t at, const struct import_row *row)
{
	columns->time[at] = row->time;
	units_double(&row->open, 1, columns->price, columns->open + at);
	units_double(&row->high, 1, columns->price, columns->high + at);
	units_double(&row->low, 1, columns->price, columns->low + at);
	units_double(&row->close, 1, columns->price, columns->close + at);
	units_double(
		&row->volume, 1, columns->volume_unit, columns->volume + at);
}

static enum err rows_load(struct import_spool *spool,
	const struct import_store *store, const struct columns *columns)
{
	struct import_row row;
	bool more = true;

	for (size_t at = 0;; at++) {
		enum err err = import_spool_next(spool, &more, &row);

		if (err != ERR_OK || !more)
			return err;
		/* the store has seen to it that each row fits */
		if (at == spool->rows || !import_store_widen(store, &row))
			return ERR_INTERNAL;
		row_put(columns, at, &row);
	}
}

enum err import_columns_load(struct import_spool *spool,
	const struct import_store *store, struct arena *arena,
	struct candles *out)
{
	const size_t rows = spool->rows;
	const struct columns columns = {
		.time = arena_column(arena, rows, sizeof(int64_t)),
		.open = arena_column(arena, rows, sizeof(double)),
		.high = arena_column(arena, rows, sizeof(double)),
		.low = arena_column(arena, rows, sizeof(double)),
		.close = arena_column(arena, rows, sizeof(double)),
		.volume = arena_column(arena, rows, sizeof(double)),
		.price = units_one(store->price_scale),
		.volume_unit = units_one(store->volume_scale),
	};
	enum err err = rows_load(spool, store, &columns);

	if (err != ERR_OK)
		return err;
	*out = (struct candles){
		.time = columns.time,
		.open = columns.open,
		.high = columns.high,
		.low = columns.low,
		.close = columns.close,
		.volume = columns.volume,
		.count = rows,
	};
	return ERR_OK;
}
