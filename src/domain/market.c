/*
 * Market data for everybody: symbols and candles, read only. An interval
 * that is not stored is built from the largest stored one that divides it.
 */
#include "market.h"

#include "bars_private.h"
#include "candles.h"
#include "market_private.h"
#include "series_private.h"
#include "symbol_private.h"
#include "text.h"
#include "units_private.h"
#include "vector_private.h"

static const char symbols_sql[] =
	"SELECT symbol, source, price_scale, volume_scale, series"
	" FROM symbols ORDER BY symbol";
static const char symbol_sql[] =
	"SELECT series FROM symbols WHERE symbol = :symbol";

enum {
	/* Stored candles that one request may read to build larger ones. */
	BUILD_LIMIT = 10000000
};

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)
/* Years 1 to 9999: times outside cannot be asked for or stored. */
#define TIME_LEAST INT64_C(-62135596800000)
#define TIME_MOST INT64_C(253402300799999)

const char *const market_intervals[] = {
	"1m", "5m", "15m", "30m", "1h", "4h", "1d", "1w", NULL};
static const int64_t lengths[] = {MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS,
	30 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS, DAY_MS, 7 * DAY_MS};

enum {
	INTERVAL_COUNT = sizeof(lengths) / sizeof(lengths[0])
};

int64_t market_interval_ms(const char *interval)
{
	for (size_t i = 0; i < INTERVAL_COUNT; i++)
		if (text_equal(market_intervals[i], interval))
			return lengths[i];
	return 0;
}

const char *market_interval_name(int64_t interval_ms)
{
	for (size_t i = 0; i < INTERVAL_COUNT; i++)
		if (lengths[i] == interval_ms)
			return market_intervals[i];
	return NULL;
}

static enum err symbol_add(
	struct vector *symbols, const struct rows *rows, int64_t now)
{
	struct symbol_view *view = vector_add(symbols);
	const struct series *stored;
	struct symbol_series *items;
	struct vector list;
	enum err err = series_read(symbols->arena, rows_text(rows, 4), &list);

	if (err != ERR_OK)
		return err;
	view->symbol = rows_text(rows, 0);
	view->source = rows_text(rows, 1);
	view->price_scale = rows_int(rows, 2);
	view->volume_scale = rows_int(rows, 3);
	stored = list.items;
	items = arena_array(symbols->arena, list.count, sizeof(*items));
	for (size_t i = 0; i < list.count; i++) {
		int64_t age = (now - stored[i].last) / 1000;

		items[i] = (struct symbol_series){
			.interval = market_interval_name(stored[i].interval_ms),
			.candles = stored[i].candles,
			.first = {stored[i].first},
			.last = {stored[i].last},
		};
		if (i == 0 || age < view->age_s)
			view->age_s = age;
	}
	view->series = (struct list){items, list.count};
	return ERR_OK;
}

enum err market_symbols(struct scope *scope, struct list *out)
{
	struct vector symbols;
	struct rows *rows;
	bool more = true;
	enum err err = scope_query(scope, symbols_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	vector_init(&symbols, scope_arena(scope), sizeof(struct symbol_view));
	while (err == ERR_OK && more) {
		err = rows_next(rows, &more);
		if (err == ERR_OK && more)
			err = symbol_add(&symbols, rows, scope_now(scope));
	}
	rows_end(rows);
	if (err == ERR_OK)
		*out = (struct list){symbols.items, symbols.count};
	return err;
}

static const char *at_or(const char *fault_at, const char *otherwise)
{
	return fault_at ? fault_at : otherwise;
}

static enum err query_check(struct report *report,
	const struct candle_query *query, struct bars_query *out)
{
	int64_t from = query->from ? query->from->ms : TIME_LEAST;
	int64_t to = query->to ? query->to->ms : TIME_MOST;

	if (market_interval_ms(query->interval) == 0) {
		report_fault(report, at_or(query->fault_at, "/interval"),
			"must be one of: 1m, 5m, 15m, 30m, 1h, 4h, 1d, 1w");
		return ERR_BAD_INPUT;
	}
	if (from < TIME_LEAST || from > TIME_MOST || to < TIME_LEAST ||
		to > TIME_MOST || from >= to) {
		report_fault(report, "/to", "must be later than from");
		return ERR_BAD_INPUT;
	}
	*out = (struct bars_query){
		.symbol = query->symbol,
		.asked_ms = market_interval_ms(query->interval),
		.from = from,
		.to = to,
		.fault_at = query->fault_at,
	};
	return ERR_OK;
}

const struct series *series_choose(const struct vector *list, int64_t asked_ms)
{
	const struct series *items = list->items;
	const struct series *best = NULL;

	for (size_t i = 0; i < list->count; i++) {
		int64_t length = items[i].interval_ms;

		if (items[i].candles > 0 && length <= asked_ms &&
			asked_ms % length == 0 &&
			(!best || length > best->interval_ms))
			best = &items[i];
	}
	return best;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* No more than so many stored candles lie in the asked range. */
static int64_t series_within(
	const struct series *series, const struct bars_query *query)
{
	int64_t from =
		query->from > series->first ? query->from : series->first;
	int64_t to = least(query->to, series->last + 1);

	if (from >= to)
		return 0;
	return least(series->candles, (to - from) / series->interval_ms + 1);
}

/* Before anything is read. most: how many bars the caller takes. */
static enum err build_check(struct report *report, const struct series *series,
	const struct bars_query *query, int64_t most)
{
	int64_t ratio = query->asked_ms / series->interval_ms;
	int64_t needed = series_within(series, query);

	if (ratio > 1 && most < needed / ratio)
		needed = most * ratio;
	if (ratio == 1 || needed <= BUILD_LIMIT)
		return ERR_OK;
	report_fault(report, at_or(query->fault_at, "/interval"),
		"has to be built from %lld candles of %s, of which %d can be "
		"read at once; take fewer, a shorter range or a smaller "
		"interval",
		(long long)needed, market_interval_name(series->interval_ms),
		BUILD_LIMIT);
	return ERR_BAD_INPUT;
}

/* Fills in stored_ms: the asked interval itself when nothing fits. */
static enum err stored_find(
	struct scope *scope, struct bars_query *query, int64_t most)
{
	const struct series *series;
	struct vector list;
	struct rows *rows;
	enum err err = scope_one(scope, symbol_sql,
		BINDS(bind_text(":symbol", query->symbol)), &rows);

	if (err != ERR_OK)
		return err;
	err = series_read(scope_arena(scope), rows_text(rows, 0), &list);
	rows_end(rows);
	if (err != ERR_OK)
		return err;
	series = series_choose(&list, query->asked_ms);
	query->stored_ms = series ? series->interval_ms : query->asked_ms;
	return series ? build_check(scope_report(scope), series, query, most)
		      : ERR_OK;
}

static enum err query_prepare(struct scope *scope,
	const struct candle_query *query, int64_t most, struct bars_query *out)
{
	struct bars_query bars;
	enum err err = query_check(scope_report(scope), query, &bars);

	if (err == ERR_OK)
		err = stored_find(scope, &bars, most);
	if (err == ERR_OK)
		*out = bars;
	return err;
}

static struct candle_view candle_view(
	const struct bars *bars, const struct bar *bar)
{
	int32_t scale = bars->price_scale;

	return (struct candle_view){
		.t = {bar->time},
		.o = {bar->open, scale},
		.h = {bar->high, scale},
		.l = {bar->low, scale},
		.c = {bar->close, scale},
		.v = {bar->volume, bars->volume_scale},
	};
}

static void reverse(struct candle_view *items, size_t count)
{
	for (size_t i = 0; i < count / 2; i++) {
		struct candle_view item = items[i];

		items[i] = items[count - 1 - i];
		items[count - 1 - i] = item;
	}
}

static enum err symbol_check(struct report *report, const char *symbol)
{
	if (symbol_is_valid(symbol))
		return ERR_OK;
	report_fault(report, "/symbol", "must be " SYMBOL_RULE);
	return ERR_BAD_INPUT;
}

enum err market_candles(
	struct scope *scope, const struct candle_query *query, struct list *out)
{
	struct bars_query wanted;
	struct vector views;
	struct bars bars;
	struct bar bar;
	bool more = true;
	enum err err = symbol_check(scope_report(scope), query->symbol);

	if (err == ERR_OK)
		err = query_prepare(scope, query, query->limit, &wanted);
	if (err == ERR_NOT_FOUND)
		report_detail(scope_report(scope), "There is no symbol %s.",
			query->symbol);
	if (err != ERR_OK)
		return err;
	wanted.newest_first = true;
	err = bars_start(scope, &wanted, &bars);
	if (err != ERR_OK)
		return err;
	vector_init(&views, scope_arena(scope), sizeof(struct candle_view));
	while (err == ERR_OK && (int64_t)views.count < query->limit) {
		struct candle_view *view;

		err = bars_next(&bars, &more, &bar);
		if (err != ERR_OK || !more)
			break;
		view = vector_add(&views);
		*view = candle_view(&bars, &bar);
	}
	bars_stop(&bars);
	if (err != ERR_OK)
		return err;
	reverse(views.items, views.count);
	*out = (struct list){views.items, views.count};
	return ERR_OK;
}

struct columns {
	int64_t *time;
	double *open, *high, *low, *close, *volume;
	size_t count, room;
};

static void columns_init(
	struct columns *columns, struct arena *arena, size_t room)
{
	*columns = (struct columns){
		.time = arena_column(arena, room, sizeof(int64_t)),
		.open = arena_column(arena, room, sizeof(double)),
		.high = arena_column(arena, room, sizeof(double)),
		.low = arena_column(arena, room, sizeof(double)),
		.close = arena_column(arena, room, sizeof(double)),
		.volume = arena_column(arena, room, sizeof(double)),
		.room = room,
	};
}

static enum err too_many(const struct bars *bars, size_t max)
{
	report_fault(scope_report(bars->scope),
		at_or(bars->query.fault_at, "/from"),
		"the range has more than %zu candles; take a shorter one or "
		"a larger interval",
		max);
	return ERR_BAD_INPUT;
}

/* The stored interval itself: block by block. */
static enum err columns_copy(
	struct bars *bars, size_t max, struct columns *columns)
{
	const struct blocks *blocks = &bars->blocks;
	bool more = false;
	enum err err;

	while ((err = bars_block(bars, &more)) == ERR_OK && more) {
		const struct block *block = &blocks->block;
		const size_t at = columns->count;
		const size_t from = blocks->from;
		const size_t count = blocks->to - from;
		const double price = units_one(blocks->price_scale);
		const double volume = units_one(blocks->volume_scale);

		if (count > columns->room - at)
			return too_many(bars, max);
		memcpy(columns->time + at, block->time + from,
			count * sizeof(*columns->time));
		units_double(
			block->open + from, count, price, columns->open + at);
		units_double(
			block->high + from, count, price, columns->high + at);
		units_double(
			block->low + from, count, price, columns->low + at);
		units_double(
			block->close + from, count, price, columns->close + at);
		units_double(block->volume + from, count, volume,
			columns->volume + at);
		columns->count += count;
	}
	return err;
}

static void columns_add(
	struct columns *columns, const struct bars *bars, const struct bar *bar)
{
	const double price = units_one(bars->price_scale);
	const double volume = units_one(bars->volume_scale);
	const size_t at = columns->count++;

	columns->time[at] = bar->time;
	units_double(&bar->open, 1, price, columns->open + at);
	units_double(&bar->high, 1, price, columns->high + at);
	units_double(&bar->low, 1, price, columns->low + at);
	units_double(&bar->close, 1, price, columns->close + at);
	units_double(&bar->volume, 1, volume, columns->volume + at);
}

static enum err columns_build(
	struct bars *bars, size_t max, struct columns *columns)
{
	struct bar bar;
	bool more = false;
	enum err err;

	while ((err = bars_next(bars, &more, &bar)) == ERR_OK && more) {
		if (columns->count == columns->room)
			return too_many(bars, max);
		columns_add(columns, bars, &bar);
	}
	return err;
}

/* In one snapshot: no more can come than bars_bound said. */
static enum err columns_fill(
	struct bars *bars, size_t max, struct columns *columns)
{
	struct bars_span bound;
	enum err err = bars_bound(bars, &bound);

	if (err != ERR_OK)
		return err;
	columns_init(columns, scope_arena(bars->scope),
		(size_t)bound.count < max ? (size_t)bound.count : max);
	return bars->query.stored_ms == bars->query.asked_ms
		       ? columns_copy(bars, max, columns)
		       : columns_build(bars, max, columns);
}

static enum err columns_read(struct scope *scope,
	const struct bars_query *wanted, size_t max, struct columns *columns)
{
	struct bars bars;
	enum err err = bars_start(scope, wanted, &bars);

	if (err != ERR_OK)
		return err;
	err = columns_fill(&bars, max, columns);
	bars_stop(&bars);
	return err;
}

enum err market_span(struct scope *scope, const struct candle_query *query,
	struct market_span *out)
{
	struct bars_query wanted;
	struct bars_span span;
	struct bars bars;
	enum err err = query_prepare(scope, query, INT64_MAX, &wanted);

	if (err == ERR_OK)
		err = bars_start(scope, &wanted, &bars);
	if (err != ERR_OK)
		return err;
	err = bars_bound(&bars, &span);
	bars_stop(&bars);
	if (err == ERR_OK)
		*out = (struct market_span){
			span.count, span.first, span.last + 1};
	return err;
}

enum err market_columns(struct scope *scope, const struct candle_query *query,
	size_t max, struct candles *out)
{
	struct bars_query wanted;
	struct columns columns;
	struct candles candles;
	enum err err = query_prepare(scope, query, INT64_MAX, &wanted);

	if (err == ERR_OK)
		err = columns_read(scope, &wanted, max, &columns);
	if (err != ERR_OK)
		return err;
	candles = (struct candles){
		.time = columns.time,
		.open = columns.open,
		.high = columns.high,
		.low = columns.low,
		.close = columns.close,
		.volume = columns.volume,
		.count = columns.count,
	};
	if (candles.count > 0)
		err = candles_check(&candles, scope_report(scope));
	if (err == ERR_OK)
		*out = candles;
	return err;
}
