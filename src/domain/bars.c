/*
 * Reads candles of one stored interval and joins them to bars of the asked
 * one. Memory does not grow with the number of candles. Must never build a
 * bar of which the range cuts off a part.
 */
#include "bars_private.h"

static const char forward_sql[] =
	"SELECT c.time, c.open, c.high, c.low, c.close, c.volume,"
	" s.price_scale, s.volume_scale"
	" FROM symbols s JOIN candles c ON c.symbol = s.symbol"
	" WHERE s.symbol = :symbol AND c.interval_ms = :interval"
	" AND c.time >= :from AND c.time < :to ORDER BY c.time";
static const char backward_sql[] =
	"SELECT c.time, c.open, c.high, c.low, c.close, c.volume,"
	" s.price_scale, s.volume_scale"
	" FROM symbols s JOIN candles c ON c.symbol = s.symbol"
	" WHERE s.symbol = :symbol AND c.interval_ms = :interval"
	" AND c.time >= :from AND c.time < :to ORDER BY c.time DESC";
static const char bound_sql[] =
	"SELECT COUNT(*), MIN(time), MAX(time) FROM candles"
	" WHERE symbol = :symbol AND interval_ms = :interval"
	" AND time >= :from AND time < :to";

#define DAY_MS INT64_C(86400000)
#define WEEK_MS (7 * DAY_MS)
/* 1970-01-05, the first Monday. */
#define MONDAY_MS (4 * DAY_MS)

int64_t bars_open_of(int64_t time, int64_t interval_ms)
{
	int64_t start = interval_ms == WEEK_MS ? MONDAY_MS : 0;
	int64_t into = (time - start) % interval_ms;

	return time - (into < 0 ? into + interval_ms : into);
}

/* The first open at or behind this time. */
static int64_t open_from(int64_t time, int64_t interval_ms)
{
	int64_t open = bars_open_of(time, interval_ms);

	return open == time ? time : open + interval_ms;
}

enum err bars_start(
	struct scope *scope, const struct bars_query *query, struct bars *out)
{
	struct rows *rows;
	enum err err = scope_query(scope,
		query->newest_first ? backward_sql : forward_sql,
		BINDS(bind_text(":symbol", query->symbol),
			bind_int(":interval", query->stored_ms),
			bind_int(":from",
				open_from(query->from, query->asked_ms)),
			bind_int(":to", open_from(query->to, query->asked_ms))),
		&rows);

	if (err != ERR_OK)
		return err;
	*out = (struct bars){.scope = scope, .query = *query, .rows = rows};
	return ERR_OK;
}

static enum err row_read(struct bars *bars, bool *more, struct bar *out)
{
	enum err err = rows_next(bars->rows, more);

	if (err != ERR_OK || !*more)
		return err;
	*out = (struct bar){
		.time = rows_int(bars->rows, 0),
		.open = rows_int(bars->rows, 1),
		.high = rows_int(bars->rows, 2),
		.low = rows_int(bars->rows, 3),
		.close = rows_int(bars->rows, 4),
		.volume = rows_int(bars->rows, 5),
	};
	bars->price_scale = (int32_t)rows_int(bars->rows, 6);
	bars->volume_scale = (int32_t)rows_int(bars->rows, 7);
	return ERR_OK;
}

/* Adds a candle at the reading end of the bar. */
static enum err bar_join(
	struct bars *bars, struct bar *bar, const struct bar *candle)
{
	if (candle->high > bar->high)
		bar->high = candle->high;
	if (candle->low < bar->low)
		bar->low = candle->low;
	if (bars->query.newest_first)
		bar->open = candle->open;
	else
		bar->close = candle->close;
	if (__builtin_add_overflow(bar->volume, candle->volume, &bar->volume)) {
		report_detail(scope_report(bars->scope),
			"The volume of a candle is too large to add up.");
		return ERR_BAD_INPUT;
	}
	return ERR_OK;
}

static enum err bar_first(struct bars *bars, bool *more, struct bar *out)
{
	if (!bars->has_pending)
		return row_read(bars, more, out);
	bars->has_pending = false;
	*out = bars->pending;
	*more = true;
	return ERR_OK;
}

enum err bars_next(struct bars *bars, bool *more, struct bar *out)
{
	int64_t asked_ms = bars->query.asked_ms;
	struct bar bar;
	struct bar next;
	bool again = false;
	enum err err = bar_first(bars, &again, &bar);

	if (err != ERR_OK || !again) {
		*more = false;
		return err;
	}
	bar.time = bars_open_of(bar.time, asked_ms);
	while (asked_ms != bars->query.stored_ms) {
		err = row_read(bars, &again, &next);
		if (err != ERR_OK)
			return err;
		if (!again)
			break;
		if (bars_open_of(next.time, asked_ms) != bar.time) {
			bars->pending = next;
			bars->has_pending = true;
			break;
		}
		err = bar_join(bars, &bar, &next);
		if (err != ERR_OK)
			return err;
	}
	*out = bar;
	*more = true;
	return ERR_OK;
}

void bars_stop(struct bars *bars)
{
	rows_end(bars->rows);
}

enum err bars_bound(
	struct scope *scope, const struct bars_query *query, int64_t *out)
{
	struct rows *rows;
	int64_t count;
	int64_t span;
	enum err err = scope_one(scope, bound_sql,
		BINDS(bind_text(":symbol", query->symbol),
			bind_int(":interval", query->stored_ms),
			bind_int(":from",
				open_from(query->from, query->asked_ms)),
			bind_int(":to", open_from(query->to, query->asked_ms))),
		&rows);

	if (err != ERR_OK)
		return err;
	count = rows_int(rows, 0);
	span = (rows_int(rows, 2) - rows_int(rows, 1)) / query->asked_ms + 2;
	rows_end(rows);
	*out = count < span ? count : span;
	return ERR_OK;
}
