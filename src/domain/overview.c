/*
 * The overview: two indexed statements (three without a backtest) and no
 * more, since it is what browsers ask for most. Never parses what is stored:
 * the few figures it shows are cut out of the texts that backtest_json.c and
 * series.c wrote.
 */
#include "overview.h"

#include "market.h"
#include "text.h"

#define STRATEGY_COUNT                     \
	"(SELECT COUNT(*) FROM strategies" \
	" WHERE user_id = :owner AND removed_at IS NULL)"
static const char newest_sql[] =
	"SELECT b.id, b.strategy_id, s.name, b.symbol, b.interval_ms,"
	" coalesce(r.state, b.status), b.created_at, b.stats, " STRATEGY_COUNT
	","
	" (SELECT COUNT(*) FROM backtests WHERE user_id = :owner)"
	" FROM backtests b LEFT JOIN strategies s ON s.user_id = b.user_id"
	" AND s.id = b.strategy_id"
	" LEFT JOIN runs r ON r.user_id = b.user_id AND r.id = b.id"
	" WHERE b.user_id = :owner ORDER BY b.id DESC LIMIT :limit";
static const char strategies_sql[] = "SELECT " STRATEGY_COUNT;
static const char symbols_sql[] =
	"SELECT symbol, series FROM symbols ORDER BY symbol LIMIT :limit";

/* The number or null behind "name": in an object of our own writing, whose
   values are numbers, null, truths and times, so no value can look like a
   name. Absent: null. */
static struct raw_json figure(const char *stats, const char *quoted)
{
	const char *at = stats ? strstr(stats, quoted) : NULL;

	if (!at)
		return (struct raw_json){.text = NULL};
	at += strlen(quoted);
	return (struct raw_json){at, strcspn(at, ",}")};
}

static void backtest_read(
	const struct rows *rows, struct overview_backtest *out)
{
	const char *stats = rows_text(rows, 7);

	*out = (struct overview_backtest){
		.id = rows_text(rows, 0),
		.strategy_id = rows_text(rows, 1),
		.strategy_name = rows_text(rows, 2),
		.symbol = rows_text(rows, 3),
		.interval = market_interval_name(rows_int(rows, 4)),
		.status = rows_text(rows, 5),
		.created_at = {rows_int(rows, 6)},
		.return_pct = figure(stats, "\"return_pct\":"),
		.buy_hold_return_pct =
			figure(stats, "\"buy_hold_return_pct\":"),
		.max_drawdown_pct = figure(stats, "\"max_drawdown_pct\":"),
		.sharpe = figure(stats, "\"sharpe\":"),
		.win_rate_pct = figure(stats, "\"win_rate_pct\":"),
		.trades = figure(stats, "\"trades\":"),
	};
}

/* The counts stand in each row: they are the same in all. */
static enum err newest_read(struct scope *scope, struct overview *out)
{
	struct overview_backtest *items = arena_array(
		scope_arena(scope), OVERVIEW_BACKTESTS, sizeof(*items));
	struct rows *rows;
	size_t count = 0;
	bool more;
	enum err err = scope_query(scope, newest_sql,
		BINDS(bind_int(":limit", OVERVIEW_BACKTESTS)), &rows);

	if (err != ERR_OK)
		return err;
	while ((err = rows_next(rows, &more)) == ERR_OK && more) {
		out->strategies = rows_int(rows, 8);
		out->backtests = rows_int(rows, 9);
		backtest_read(rows, &items[count++]);
	}
	rows_end(rows);
	out->newest = (struct list){items, count};
	return err;
}

static enum err strategies_count(struct scope *scope, int64_t *out)
{
	struct rows *rows;
	enum err err = scope_one(scope, strategies_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	*out = rows_int(rows, 0);
	rows_end(rows);
	return ERR_OK;
}

/* The largest of the last numbers in "[[...,...,...,LAST],...]". */
static bool series_last(struct arena *arena, const char *series, int64_t *out)
{
	const char *end = strchr(series, ']');
	bool found = false;
	int64_t last;

	for (; end; end = strchr(end + 1, ']')) {
		const char *start = end;

		while (start > series && start[-1] != ',')
			start--;
		if (!text_integer(
			    arena_copy(arena, start, (size_t)(end - start)),
			    &last))
			continue;
		if (!found || last > *out)
			*out = last;
		found = true;
	}
	return found;
}

static void symbol_read(struct scope *scope, const struct rows *rows,
	struct overview_symbol *out)
{
	struct arena *arena = scope_arena(scope);
	struct timestamp *last = arena_alloc(arena, sizeof(*last));
	bool found = series_last(arena, rows_text(rows, 1), &last->ms);

	*out = (struct overview_symbol){
		.symbol = rows_text(rows, 0),
		.last = found ? last : NULL,
		.age_s = found ? (scope_now(scope) - last->ms) / 1000 : 0,
	};
}

static enum err symbols_read(struct scope *scope, struct list *out)
{
	struct overview_symbol *items = arena_array(
		scope_arena(scope), OVERVIEW_SYMBOLS, sizeof(*items));
	struct rows *rows;
	size_t count = 0;
	bool more;
	enum err err = scope_query(scope, symbols_sql,
		BINDS(bind_int(":limit", OVERVIEW_SYMBOLS)), &rows);

	if (err != ERR_OK)
		return err;
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		symbol_read(scope, rows, &items[count++]);
	rows_end(rows);
	if (err == ERR_OK)
		*out = (struct list){items, count};
	return err;
}

enum err overview_get(struct scope *scope, struct overview *out)
{
	struct overview overview = {.backtests = 0};
	enum err err = newest_read(scope, &overview);

	if (err == ERR_OK && overview.newest.count == 0)
		err = strategies_count(scope, &overview.strategies);
	if (err == ERR_OK)
		err = symbols_read(scope, &overview.symbols);
	if (err == ERR_OK)
		*out = overview;
	return err;
}
