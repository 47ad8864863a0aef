/*
 * Blocks in and out of their table for an import. Must never run outside of
 * the caller's transaction when it writes.
 */
#include "import_blocks_private.h"

#include "blocks_private.h"

static const char get_sql[] =
	"SELECT interval_ms, first, last, candles, data FROM candle_blocks"
	" WHERE symbol = :symbol AND interval_ms = :interval"
	" AND first >= :low AND first < :high";
static const char next_sql[] =
	"SELECT interval_ms, first, last, candles, data FROM candle_blocks"
	" WHERE symbol = :symbol"
	" AND (interval_ms, first) > (:interval, :first)"
	" ORDER BY interval_ms, first LIMIT 1";
static const char add_sql[] =
	"INSERT INTO candle_blocks"
	" (symbol, interval_ms, first, last, candles, data)"
	" VALUES (:symbol, :interval, :first, :last, :candles, :data)";
static const char remove_sql[] =
	"DELETE FROM candle_blocks WHERE symbol = :symbol"
	" AND interval_ms = :interval AND first = :first";

enum {
	ARENA_CAP = 4 * 1024 * 1024 /* a few blocks */
};

void block_table_open(
	struct block_table *out, struct admin_scope *admin, const char *symbol)
{
	struct arena *room = arena_open(ARENA_CAP);

	*out = (struct block_table){
		.admin = admin,
		.symbol = symbol,
		.room = room,
		.arena = arena_open(ARENA_CAP),
		.bytes = arena_alloc(room, BLOCK_BYTES),
	};
}

void block_table_close(struct block_table *table)
{
	arena_close(&table->arena);
	arena_close(&table->room);
}

static enum err row_read(const struct block_table *table,
	const struct rows *rows, struct block *block)
{
	const struct block_row row = {
		.symbol = table->symbol,
		.first = rows_int(rows, 1),
		.last = rows_int(rows, 2),
		.candles = rows_int(rows, 3),
		.rows = rows,
		.column = 4,
	};

	block->interval_ms = rows_int(rows, 0);
	return block_read(admin_report(table->admin), &row, block);
}

static enum err first_read(const struct block_table *table, struct rows *rows,
	bool *found, struct block *block)
{
	enum err err = rows_next(rows, found);

	if (err == ERR_OK && *found)
		err = row_read(table, rows, block);
	rows_end(rows);
	return err;
}

enum err block_table_get(
	struct block_table *table, int64_t time, struct block *block)
{
	const int64_t low = block_start(time, block->interval_ms);
	struct rows *rows;
	bool found = false;
	enum err err;

	arena_reset(table->arena);
	err = admin_query_in(table->admin, table->arena, get_sql,
		BINDS(bind_text(":symbol", table->symbol),
			bind_int(":interval", block->interval_ms),
			bind_int(":low", low),
			bind_int(
				":high", low + block_span(block->interval_ms))),
		&rows);
	if (err == ERR_OK)
		err = first_read(table, rows, &found, block);
	if (err == ERR_OK && !found)
		block->count = 0;
	return err;
}

static enum err row_remove(
	struct block_table *table, int64_t interval_ms, int64_t first)
{
	return admin_run(table->admin, remove_sql,
		BINDS(bind_text(":symbol", table->symbol),
			bind_int(":interval", interval_ms),
			bind_int(":first", first)),
		NULL);
}

enum err block_table_put(struct block_table *table, const struct block *block,
	const int64_t *replaced)
{
	const char *why = NULL;
	size_t len;
	enum err err = block_encode(block, table->bytes, &len, &why);

	if (err != ERR_OK) {
		report_detail(admin_report(table->admin),
			"Candles of %s cannot be stored: %s.", table->symbol,
			why);
		return err;
	}
	if (replaced)
		err = row_remove(table, block->interval_ms, *replaced);
	if (err != ERR_OK)
		return err;
	return admin_run(table->admin, add_sql,
		BINDS(bind_text(":symbol", table->symbol),
			bind_int(":interval", block->interval_ms),
			bind_int(":first", block->time[0]),
			bind_int(":last", block->time[block->count - 1]),
			bind_int(":candles", (int64_t)block->count),
			bind_blob(":data", table->bytes, len)),
		NULL);
}

static enum err next_read(struct block_table *table, bool *found, int64_t first,
	struct block *block)
{
	struct rows *rows;
	enum err err;

	arena_reset(table->arena);
	err = admin_query_in(table->admin, table->arena, next_sql,
		BINDS(bind_text(":symbol", table->symbol),
			bind_int(":interval", block->interval_ms),
			bind_int(":first", first)),
		&rows);
	return err == ERR_OK ? first_read(table, rows, found, block) : err;
}

enum err block_table_each(struct block_table *table,
	enum err (*visit)(void *thing, struct block *block), void *thing)
{
	struct block block;
	int64_t first = 0;
	bool found = false;
	enum err err;

	block_init(&block, table->room, 0);
	while ((err = next_read(table, &found, first, &block)) == ERR_OK &&
		found) {
		first = block.time[0];
		err = visit(thing, &block);
		if (err != ERR_OK)
			break;
	}
	return err;
}
