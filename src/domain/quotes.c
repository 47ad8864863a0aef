/*
 * Last prices and how fetching goes, for people. Must never show a price
 * without its age, nor say that one is fresh that orders would not fill at.
 */
#include "market.h"

#include "quote_private.h"
#include "symbol_private.h"
#include "text.h"
#include "vector_private.h"

__extension__ typedef __int128 wide;

static const char feeds_sql[] =
	"SELECT f.symbol, f.source, f.ok_at, f.error, f.error_at,"
	" coalesce(q.fresh_until, 0) FROM feeds f"
	" LEFT JOIN quotes q ON q.symbol = f.symbol ORDER BY f.symbol";
static const char names_sql[] = "SELECT symbol FROM symbols ORDER BY symbol";
static const char quote_sql[] =
	"SELECT s.source, q.source, q.day, q.previous FROM symbols s"
	" LEFT JOIN quotes q ON q.symbol = s.symbol WHERE s.symbol = :symbol";

enum {
	PRICE_SCALE = 8,
	DAY_MS = 24 * 60 * 60 * 1000,
	GRACE_MS = 60 * 1000
};

/* ---- how fetching goes -------------------------------------------------------- */

/* Of candles alone: two of them ought to have come since. */
static bool is_late(const struct symbol_view *view, int64_t now)
{
	const struct symbol_series *series = view->series.items;

	for (size_t i = 0; i < view->series.count; i++)
		if (now - series[i].last.ms <=
			2 * market_interval_ms(series[i].interval) + GRACE_MS)
			return false;
	return true;
}

static struct symbol_view *view_of(struct vector *views, const char *symbol)
{
	struct symbol_view *items = views->items;

	for (size_t i = 0; i < views->count; i++)
		if (text_equal(items[i].symbol, symbol))
			return &items[i];
	items = vector_add(views);
	items->symbol = symbol;
	return items;
}

static void feed_show(
	struct vector *views, const struct rows *rows, int64_t now)
{
	struct symbol_view *view = view_of(views, rows_text(rows, 0));

	if (!view->source)
		view->source = rows_text(rows, 1);
	view->fetched_at = rows_time(views->arena, rows, 2);
	view->last_error = rows_text(rows, 3);
	view->last_error_at = rows_time(views->arena, rows, 4);
	view->stale = now > rows_int(rows, 5);
}

enum err market_feeds(
	struct scope *scope, const struct list *symbols, struct list *out)
{
	const struct symbol_view *items = symbols->items;
	const int64_t now = scope_now(scope);
	struct vector views;
	struct rows *rows;
	bool more;
	enum err err = scope_query(scope, feeds_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	vector_init(&views, scope_arena(scope), sizeof(struct symbol_view));
	for (size_t i = 0; i < symbols->count; i++) {
		struct symbol_view *view = vector_add(&views);

		*view = items[i];
		view->stale = is_late(view, now);
	}
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		feed_show(&views, rows, now);
	rows_end(rows);
	if (err == ERR_OK)
		*out = (struct list){views.items, views.count};
	return err;
}

/* ---- quotes ---------------------------------------------------------------------- */

/* The close of the newest candle before that day, of the day before it. */
static enum err candle_before(struct scope *scope, const char *symbol,
	const struct quote *quote, int64_t day, int64_t *out)
{
	const struct bars_query query = {.symbol = symbol,
		.stored_ms = quote->interval_ms,
		.asked_ms = quote->interval_ms,
		.from = day - DAY_MS,
		.to = day,
		.newest_first = true};
	struct bars bars;
	struct bar bar;
	bool more = false;
	enum err err;

	if (quote->interval_ms == 0 || quote->interval_ms > DAY_MS)
		return ERR_OK;
	err = bars_start(scope, &query, &bars);
	if (err != ERR_OK)
		return err;
	err = bars_next(&bars, &more, &bar);
	bars_stop(&bars);
	if (err != ERR_OK || !more)
		return err;
	return quote_scale(bar.close, bars.price_scale, out);
}

static const struct decimal *shown(struct arena *arena, int64_t units)
{
	struct decimal *out = arena_alloc(arena, sizeof(*out));

	*out = decimal_trim((struct decimal){units, PRICE_SCALE});
	return out;
}

/* Percent with two digits, half away from zero. */
static const struct decimal *percent(
	struct arena *arena, int64_t change, int64_t previous)
{
	struct decimal *out = arena_alloc(arena, sizeof(*out));
	const wide half = change < 0 ? -(previous / 2) : previous / 2;
	const wide value = ((wide)change * 10000 + half) / previous;

	*out = (struct decimal){
		value > INT64_MAX ? INT64_MAX : (int64_t)value, 2};
	return out;
}

static void view_fill(struct arena *arena, const struct quote *quote,
	int64_t previous, int64_t now, struct quote_view *view)
{
	struct timestamp *at = arena_alloc(arena, sizeof(*at));

	at->ms = quote->time;
	if (quote->time == quote->candle_time)
		at->ms += quote->interval_ms;
	view->at = at;
	view->age_s = (now - at->ms) / 1000;
	view->stale = quote->stale;
	view->price = shown(arena, quote->price);
	if (previous == 0)
		return;
	view->previous = shown(arena, previous);
	view->change = shown(arena, quote->price - previous);
	view->change_pct = percent(arena, quote->price - previous, previous);
}

static enum err quote_show(
	struct scope *scope, const char *symbol, struct quote_view *view)
{
	struct quote quote;
	struct rows *rows;
	int64_t day, previous = 0;
	enum err err = quote_read(scope, symbol, &quote);

	if (err == ERR_OK)
		err = scope_one(scope, quote_sql,
			BINDS(bind_text(":symbol", symbol)), &rows);
	if (err != ERR_OK)
		return err;
	*view = (struct quote_view){
		.symbol = arena_text(scope_arena(scope), symbol),
		.source = rows_text(rows, quote.live ? 1 : 0),
		.stale = true};
	day = quote.time / DAY_MS * DAY_MS;
	if (rows_int(rows, 2) == day)
		previous = rows_int(rows, 3);
	rows_end(rows);
	if (!quote.known)
		return ERR_OK;
	if (previous == 0)
		err = candle_before(scope, symbol, &quote, day, &previous);
	if (err == ERR_OK)
		view_fill(scope_arena(scope), &quote, previous,
			scope_now(scope), view);
	return err;
}

static enum err names_read(struct scope *scope, struct text_list *out)
{
	struct vector names;
	struct rows *rows;
	bool more;
	enum err err = scope_query(scope, names_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	vector_init(&names, scope_arena(scope), sizeof(const char *));
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		*(const char **)vector_add(&names) = rows_text(rows, 0);
	rows_end(rows);
	if (err == ERR_OK)
		*out = (struct text_list){names.items, names.count};
	return err;
}

static enum err names_check(
	struct report *report, const struct text_list *names)
{
	for (size_t i = 0; i < names->count; i++) {
		if (symbol_is_valid(names->items[i]))
			continue;
		report_fault(report, "/symbols", "each must be " SYMBOL_RULE);
		return ERR_BAD_INPUT;
	}
	return ERR_OK;
}

enum err market_quotes(
	struct scope *scope, const struct quotes_query *query, struct list *out)
{
	struct text_list names = query->symbols;
	struct quote_view *views;
	enum err err = ERR_OK;

	if (names.count == 0)
		err = names_read(scope, &names);
	else
		err = names_check(scope_report(scope), &names);
	if (err != ERR_OK)
		return err;
	views = arena_array(scope_arena(scope), names.count, sizeof(*views));
	for (size_t i = 0; err == ERR_OK && i < names.count; i++) {
		err = quote_show(scope, names.items[i], &views[i]);
		if (err == ERR_NOT_FOUND)
			report_detail(scope_report(scope),
				"There is no symbol %s.", names.items[i]);
	}
	if (err == ERR_OK)
		*out = (struct list){views, names.count};
	return err;
}
