/*
 * Rows of a file among stored candles, a stretch at a time. Both ascend, so a
 * block is read once and written once, and not at all when nothing changed.
 */
#include "import_merge_private.h"

void import_merge_open(struct import_merge *out, struct block_table *table,
	int64_t interval_ms, struct import_report *report)
{
	*out = (struct import_merge){
		.table = table, .report = report, .end = INT64_MIN};
	block_init(&out->old, table->room, interval_ms);
	block_init(&out->merged, table->room, interval_ms);
}

static void take_old(struct import_merge *merge)
{
	const struct block *old = &merge->old;
	struct block *merged = &merge->merged;
	const size_t from = merge->at++;
	const size_t to = merged->count++;

	merged->time[to] = old->time[from];
	merged->open[to] = old->open[from];
	merged->high[to] = old->high[from];
	merged->low[to] = old->low[from];
	merged->close[to] = old->close[from];
	merged->volume[to] = old->volume[from];
}

static void take_row(struct import_merge *merge, const struct import_row *row)
{
	struct block *merged = &merge->merged;
	const size_t to = merged->count++;

	merged->time[to] = row->time;
	merged->open[to] = row->open;
	merged->high[to] = row->high;
	merged->low[to] = row->low;
	merged->close[to] = row->close;
	merged->volume[to] = row->volume;
}

static bool is_stored(
	const struct block *old, size_t at, const struct import_row *row)
{
	return old->open[at] == row->open && old->high[at] == row->high &&
	       old->low[at] == row->low && old->close[at] == row->close &&
	       old->volume[at] == row->volume;
}

enum err import_merge_close(struct import_merge *merge)
{
	const struct block *old = &merge->old;

	if (!merge->changed)
		return ERR_OK;
	while (merge->at < old->count)
		take_old(merge);
	merge->changed = false;
	return block_table_put(merge->table, &merge->merged,
		old->count > 0 ? &old->time[0] : NULL);
}

/* Ends one stretch and begins the one that holds this time. */
static enum err stretch_turn(struct import_merge *merge, int64_t time)
{
	const int64_t interval_ms = merge->merged.interval_ms;
	enum err err = import_merge_close(merge);

	if (err != ERR_OK)
		return err;
	merge->at = 0;
	merge->merged.count = 0;
	merge->end = block_start(time, interval_ms) + block_span(interval_ms);
	return block_table_get(merge->table, time, &merge->old);
}

enum err import_merge_row(
	struct import_merge *merge, const struct import_row *row)
{
	const struct block *old = &merge->old;

	if (row->time >= merge->end) {
		enum err err = stretch_turn(merge, row->time);

		if (err != ERR_OK)
			return err;
	}
	while (merge->at < old->count && old->time[merge->at] < row->time)
		take_old(merge);
	if (merge->at == old->count || old->time[merge->at] != row->time) {
		merge->report->added++;
		merge->changed = true;
		take_row(merge, row);
		return ERR_OK;
	}
	if (is_stored(old, merge->at, row)) {
		merge->report->unchanged++;
	} else {
		merge->report->replaced++;
		merge->changed = true;
	}
	merge->at++;
	take_row(merge, row);
	return ERR_OK;
}
