/*
 * What a symbol costs now, as far as fetched quotes and stored candles tell.
 * Must never call a price fresh that the next one ought to have replaced, nor
 * read a candle that has not closed.
 */
#include "quote_private.h"

#include "ledger_costs.h"
#include "series_private.h"
#include "units_private.h"

static const char symbol_sql[] =
	"SELECT s.price_scale, s.series, q.price, q.at, q.received_at,"
	" q.fresh_until FROM symbols s LEFT JOIN quotes q"
	" ON q.symbol = s.symbol WHERE s.symbol = :symbol";

enum {
	GRACE_MS = 60 * 1000,
	AHEAD_MS = 60 * 1000 /* more is of a clock that was put back */
};

/* A row of table quotes; price 0: there is none. */
struct fetched {
	int64_t price, at, received, fresh_until;
};

enum err quote_scale(int64_t units, int32_t scale, int64_t *out)
{
	return __builtin_mul_overflow(
		       units, units_ten_to(LEDGER_SCALE - scale), out)
		       ? ERR_BAD_INPUT
		       : ERR_OK;
}

/* The series that reaches furthest; of equals the finest. */
static const struct series *furthest(const struct vector *list)
{
	const struct series *items = list->items;
	const struct series *best = NULL;

	for (size_t i = 0; i < list->count; i++)
		if (!best || items[i].last + items[i].interval_ms >
				     best->last + best->interval_ms)
			best = &items[i];
	return best;
}

static enum err newest_read(struct scope *scope, const char *symbol,
	const struct series *series, struct quote *quote)
{
	const struct bars_query query = {.symbol = symbol,
		.stored_ms = series->interval_ms,
		.asked_ms = series->interval_ms,
		.from = series->first,
		.to = scope_now(scope) - series->interval_ms + 1,
		.newest_first = true};
	struct bars bars;
	struct bar bar = {0};
	bool more = false;
	enum err err = bars_start(scope, &query, &bars);

	if (err != ERR_OK)
		return err;
	err = bars_next(&bars, &more, &bar);
	bars_stop(&bars);
	if (err != ERR_OK || !more)
		return err;
	quote->known = true;
	quote->time = bar.time;
	quote->candle_time = bar.time;
	quote->interval_ms = series->interval_ms;
	quote->stale = scope_now(scope) - bar.time >
		       2 * series->interval_ms + GRACE_MS;
	err = quote_scale(bar.close, bars.price_scale, &quote->price);
	if (err == ERR_OK && quote_scale(bar.volume, bars.volume_scale,
				     &quote->volume) != ERR_OK)
		quote->volume = INT64_MAX;
	return err;
}

/* Fresh before stale, then the later one: a candle's close is of its end. */
static void fetched_take(
	struct quote *quote, const struct fetched *fetched, int64_t now)
{
	const bool stale =
		now > fetched->fresh_until || fetched->at > now + AHEAD_MS;
	const bool later =
		fetched->at >= quote->candle_time + quote->interval_ms;

	if (fetched->price == 0)
		return;
	quote->quoted = !stale;
	if (quote->known && (quote->stale == stale ? !later : stale))
		return;
	quote->known = true;
	quote->stale = stale;
	quote->live = !stale;
	quote->price = fetched->price;
	quote->time = fetched->at;
	quote->received = fetched->received;
}

enum err quote_read(struct scope *scope, const char *symbol, struct quote *out)
{
	struct quote quote = {0};
	struct fetched fetched;
	const struct series *series;
	struct vector list;
	struct rows *rows;
	enum err err = scope_one(
		scope, symbol_sql, BINDS(bind_text(":symbol", symbol)), &rows);

	if (err != ERR_OK)
		return err;
	quote.tick = units_ten_to(LEDGER_SCALE - (int32_t)rows_int(rows, 0));
	fetched = (struct fetched){rows_int(rows, 2), rows_int(rows, 3),
		rows_int(rows, 4), rows_int(rows, 5)};
	err = series_read(scope_arena(scope), rows_text(rows, 1), &list);
	rows_end(rows);
	series = err == ERR_OK ? furthest(&list) : NULL;
	if (series)
		err = newest_read(scope, symbol, series, &quote);
	if (err != ERR_OK)
		return err;
	fetched_take(&quote, &fetched, scope_now(scope));
	*out = quote;
	return ERR_OK;
}
