/*
 * Reads stored blocks: a statement each, all in one snapshot, so that the
 * bytes of one block are in memory and never those of a whole range. Must
 * never take a block whose bytes say something else than its row.
 */
#include "blocks_private.h"

static const char forward_sql[] =
	"SELECT b.first, b.last, b.candles, b.data, s.price_scale,"
	" s.volume_scale FROM symbols s"
	" JOIN candle_blocks b ON b.symbol = s.symbol"
	" WHERE s.symbol = :symbol AND b.interval_ms = :interval"
	" AND b.first >= :low AND b.first < :high"
	" ORDER BY b.first LIMIT 1";
static const char backward_sql[] =
	"SELECT b.first, b.last, b.candles, b.data, s.price_scale,"
	" s.volume_scale FROM symbols s"
	" JOIN candle_blocks b ON b.symbol = s.symbol"
	" WHERE s.symbol = :symbol AND b.interval_ms = :interval"
	" AND b.first >= :low AND b.first < :high"
	" ORDER BY b.first DESC LIMIT 1";

enum {
	ARENA_CAP = 4 * 1024 * 1024 /* one block's bytes, with room */
};

enum err block_read(
	struct report *report, const struct block_row *row, struct block *block)
{
	size_t len;
	const unsigned char *bytes = rows_blob(row->rows, row->column, &len);
	const char *why = "it is of other candles";
	enum err err = block_decode(bytes, len, block, &why);

	if (err == ERR_OK &&
		((int64_t)block->count != row->candles ||
			block->time[0] != row->first ||
			block->time[block->count - 1] != row->last))
		err = ERR_INTERNAL;
	if (err != ERR_OK)
		report_detail(report,
			"A stored block of candles of %s is damaged: %s.",
			row->symbol, why);
	return err;
}

enum err blocks_start(struct scope *scope, const struct blocks_query *query,
	struct blocks *out)
{
	bool begun;
	enum err err = scope_begin_read(scope, &begun);

	if (err != ERR_OK)
		return err;
	*out = (struct blocks){
		.scope = scope,
		.query = *query,
		.arena = arena_open(ARENA_CAP),
		/* the block that holds `from` may begin before it */
		.low = block_start(query->from, query->interval_ms),
		.high = query->to,
		.begun = begun,
	};
	block_init(&out->block, scope_arena(scope), query->interval_ms);
	return ERR_OK;
}

/* The first candle of the block at or behind this time. */
static size_t candle_at(const struct block *block, int64_t time)
{
	size_t low = 0;
	size_t high = block->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (block->time[middle] < time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static enum err row_take(struct blocks *blocks, const struct rows *rows)
{
	const struct block_row row = {
		.symbol = blocks->query.symbol,
		.first = rows_int(rows, 0),
		.last = rows_int(rows, 1),
		.candles = rows_int(rows, 2),
		.rows = rows,
		.column = 3,
	};
	enum err err =
		block_read(scope_report(blocks->scope), &row, &blocks->block);

	if (err != ERR_OK)
		return err;
	blocks->price_scale = (int32_t)rows_int(rows, 4);
	blocks->volume_scale = (int32_t)rows_int(rows, 5);
	blocks->from = candle_at(&blocks->block, blocks->query.from);
	blocks->to = candle_at(&blocks->block, blocks->query.to);
	if (blocks->query.newest_first)
		blocks->high = row.first;
	else
		blocks->low = row.first + 1;
	return ERR_OK;
}

static enum err row_next(struct blocks *blocks, bool *more)
{
	struct rows *rows;
	enum err err;

	arena_reset(blocks->arena);
	err = scope_query_in(blocks->scope, blocks->arena,
		blocks->query.newest_first ? backward_sql : forward_sql,
		BINDS(bind_text(":symbol", blocks->query.symbol),
			bind_int(":interval", blocks->query.interval_ms),
			bind_int(":low", blocks->low),
			bind_int(":high", blocks->high)),
		&rows);
	if (err != ERR_OK)
		return err;
	err = rows_next(rows, more);
	if (err == ERR_OK && *more)
		err = row_take(blocks, rows);
	rows_end(rows);
	return err;
}

enum err blocks_next(struct blocks *blocks, bool *more)
{
	enum err err;

	do
		err = row_next(blocks, more);
	while (err == ERR_OK && *more && blocks->from == blocks->to);
	return err;
}

void blocks_stop(struct blocks *blocks)
{
	if (blocks->begun)
		scope_rollback(blocks->scope);
	blocks->begun = false;
	arena_close(&blocks->arena);
}
