/*
 * Market data for everybody: symbols and candles, read only. An interval
 * that is not stored is built from the largest stored one that divides it.
 */
#include "market.h"

#include "backtest.h"
#include "bars_private.h"
#include "text.h"
#include "vector_private.h"

static const char symbols_sql[] =
	"SELECT s.symbol, s.source, s.price_scale, s.volume_scale,"
	" c.interval_ms, c.candles, c.first, c.last"
	" FROM symbols s LEFT JOIN"
	" (SELECT symbol, interval_ms, COUNT(*) AS candles,"
	" MIN(time) AS first, MAX(time) AS last FROM candles"
	" GROUP BY symbol, interval_ms) c ON c.symbol = s.symbol"
	" ORDER BY s.symbol, c.interval_ms";
static const char symbol_sql[] = "SELECT 1 FROM symbols WHERE symbol = :symbol";
static const char stored_sql[] = "SELECT 1 FROM candles WHERE symbol = :symbol"
				 " AND interval_ms = :interval LIMIT 1";

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

static void series_add(struct vector *series, struct rows *rows)
{
	struct symbol_series *item = vector_add(series);

	item->interval = market_interval_name(rows_int(rows, 4));
	item->candles = rows_int(rows, 5);
	item->first.ms = rows_int(rows, 6);
	item->last.ms = rows_int(rows, 7);
}

/* The rows of one symbol follow each other: one row a series. */
static void symbol_add(struct vector *symbols, struct vector *series,
	struct rows *rows, int64_t now)
{
	const char *name = rows_text(rows, 0);
	struct symbol_view *view = NULL;
	int64_t age;

	if (symbols->count > 0)
		view = (struct symbol_view *)symbols->items +
		       (symbols->count - 1);
	if (!view || !text_equal(view->symbol, name)) {
		view = vector_add(symbols);
		view->symbol = name;
		view->source = rows_text(rows, 1);
		view->price_scale = rows_int(rows, 2);
		view->volume_scale = rows_int(rows, 3);
		vector_init(
			series, symbols->arena, sizeof(struct symbol_series));
	}
	if (rows_is_null(rows, 4))
		return;
	series_add(series, rows);
	age = (now - rows_int(rows, 7)) / 1000;
	if (view->series.count == 0 || age < view->age_s)
		view->age_s = age;
	view->series = (struct list){series->items, series->count};
}

enum err market_symbols(struct scope *scope, struct list *out)
{
	struct vector symbols;
	struct vector series;
	struct rows *rows;
	bool more;
	enum err err = scope_query(scope, symbols_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	vector_init(&symbols, scope_arena(scope), sizeof(struct symbol_view));
	vector_init(&series, scope_arena(scope), sizeof(struct symbol_series));
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		symbol_add(&symbols, &series, rows, scope_now(scope));
	rows_end(rows);
	if (err == ERR_OK)
		*out = (struct list){symbols.items, symbols.count};
	return err;
}

static enum err query_check(struct report *report,
	const struct candle_query *query, struct bars_query *out)
{
	int64_t from = query->from ? query->from->ms : TIME_LEAST;
	int64_t to = query->to ? query->to->ms : TIME_MOST;

	if (market_interval_ms(query->interval) == 0) {
		report_fault(report, "/interval",
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
	};
	return ERR_OK;
}

/* Is there a row? */
static enum err probe(struct scope *scope, const char *sql,
	const struct bind *binds, bool *found)
{
	struct rows *rows;
	enum err err = scope_one(scope, sql, binds, &rows);

	if (err == ERR_OK)
		rows_end(rows);
	*found = err == ERR_OK;
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* Fills in stored_ms: the asked interval itself when nothing fits. */
static enum err stored_find(struct scope *scope, struct bars_query *query)
{
	bool found = false;
	enum err err = probe(scope, symbol_sql,
		BINDS(bind_text(":symbol", query->symbol)), &found);

	if (err != ERR_OK)
		return err;
	if (!found)
		return ERR_NOT_FOUND;
	query->stored_ms = query->asked_ms;
	found = false;
	for (size_t i = INTERVAL_COUNT; i > 0 && !found; i--) {
		int64_t length = lengths[i - 1];

		if (length > query->asked_ms || query->asked_ms % length != 0)
			continue;
		err = probe(scope, stored_sql,
			BINDS(bind_text(":symbol", query->symbol),
				bind_int(":interval", length)),
			&found);
		if (err != ERR_OK)
			return err;
		if (found)
			query->stored_ms = length;
	}
	return ERR_OK;
}

static enum err query_prepare(struct scope *scope,
	const struct candle_query *query, struct bars_query *out)
{
	struct bars_query bars;
	enum err err = query_check(scope_report(scope), query, &bars);

	if (err == ERR_OK)
		err = stored_find(scope, &bars);
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

enum err market_candles(
	struct scope *scope, const struct candle_query *query, struct list *out)
{
	struct bars_query wanted;
	struct vector views;
	struct bars bars;
	struct bar bar;
	bool more = true;
	enum err err = query_prepare(scope, query, &wanted);

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
		.time = arena_array(arena, room, sizeof(int64_t)),
		.open = arena_array(arena, room, sizeof(double)),
		.high = arena_array(arena, room, sizeof(double)),
		.low = arena_array(arena, room, sizeof(double)),
		.close = arena_array(arena, room, sizeof(double)),
		.volume = arena_array(arena, room, sizeof(double)),
		.room = room,
	};
}

/* Both sides are exact below 2^53, so the quotient is the nearest double to
   the decimal, as reading its text would give. */
static double ten_to(int32_t scale)
{
	double power = 1;

	while (scale-- > 0)
		power *= 10;
	return power;
}

static void columns_add(struct columns *columns, const struct bar *bar,
	double price_unit, double volume_unit)
{
	size_t at = columns->count++;

	columns->time[at] = bar->time;
	columns->open[at] = (double)bar->open / price_unit;
	columns->high[at] = (double)bar->high / price_unit;
	columns->low[at] = (double)bar->low / price_unit;
	columns->close[at] = (double)bar->close / price_unit;
	columns->volume[at] = (double)bar->volume / volume_unit;
}

static enum err too_many(struct report *report, size_t max)
{
	report_fault(report, "/from",
		"the range has more than %zu candles; take a shorter one or "
		"a larger interval",
		max);
	return ERR_BAD_INPUT;
}

static enum err columns_fill(
	struct bars *bars, size_t max, struct columns *columns)
{
	struct report *report = scope_report(bars->scope);
	struct bar bar;
	bool more = false;
	double price_unit = 1;
	double volume_unit = 1;
	enum err err;

	while ((err = bars_next(bars, &more, &bar)) == ERR_OK && more) {
		if (columns->count == max)
			return too_many(report, max);
		if (columns->count == columns->room) {
			report_detail(report, "The candles changed meanwhile; "
					      "please try again.");
			return ERR_CONFLICT;
		}
		if (columns->count == 0) {
			price_unit = ten_to(bars->price_scale);
			volume_unit = ten_to(bars->volume_scale);
		}
		columns_add(columns, &bar, price_unit, volume_unit);
	}
	return err;
}

static enum err columns_read(struct scope *scope,
	const struct bars_query *wanted, size_t max, struct columns *columns)
{
	struct bars bars;
	int64_t bound;
	enum err err = bars_bound(scope, wanted, &bound);

	if (err != ERR_OK)
		return err;
	if (wanted->stored_ms == wanted->asked_ms && (size_t)bound > max)
		return too_many(scope_report(scope), max);
	columns_init(columns, scope_arena(scope),
		(size_t)bound < max ? (size_t)bound : max);
	err = bars_start(scope, wanted, &bars);
	if (err != ERR_OK)
		return err;
	err = columns_fill(&bars, max, columns);
	bars_stop(&bars);
	return err;
}

enum err market_columns(struct scope *scope, const struct candle_query *query,
	size_t max, struct candles *out)
{
	struct bars_query wanted;
	struct columns columns;
	enum err err = query_prepare(scope, query, &wanted);

	if (err == ERR_OK)
		err = columns_read(scope, &wanted, max, &columns);
	if (err != ERR_OK)
		return err;
	*out = (struct candles){
		.time = columns.time,
		.open = columns.open,
		.high = columns.high,
		.low = columns.low,
		.close = columns.close,
		.volume = columns.volume,
		.count = columns.count,
	};
	return ERR_OK;
}
