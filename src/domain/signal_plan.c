/*
 * Which runs have candles to see, of all users, and what is worthless by
 * now. Reads no user's rows but to say whose turn it is. Must never call a
 * bar closed that can still change.
 */
#include "signal_runner.h"

#include "bars_private.h"
#include "market_private.h"
#include "text.h"
#include "vector_private.h"

enum {
	CLEAN_ROWS = 5000 /* at once: nobody waits long for the write lock */
};

/* One that trades at an exchange is looked at once that was asked what it takes
   of the symbol (live_runs.h): on its first candle, too, it may buy. */
static const char running_sql[] =
	"SELECT r.user_id, r.id, r.strategy_id, r.symbol, r.interval_ms,"
	" r.last_candle, r.evaluated_at, s.series, s.revision"
	" FROM strategy_runs r JOIN users u ON u.id = r.user_id"
	" AND u.disabled = 0 LEFT JOIN symbols s ON s.symbol = r.symbol"
	" WHERE r.state = 'running' AND (r.mode <> 'live' OR EXISTS (SELECT 1"
	" FROM exchange_rules x WHERE x.venue = 'binance'"
	" AND x.symbol = r.symbol))"
	" ORDER BY r.user_id, coalesce(r.evaluated_at, 0), r.id";
static const char signals_clean_sql[] =
	"DELETE FROM signals WHERE id IN (SELECT g.id FROM signals g"
	" JOIN strategy_runs r ON r.user_id = g.user_id AND r.id = g.run_id"
	" WHERE g.created_at < :before AND (r.state <> 'running'"
	" OR r.last_candle <> g.candle_time) LIMIT :most)";
/* Of runs that say something on each candle. */
static const char many_clean_sql[] =
	"WITH cut AS MATERIALIZED (SELECT r.user_id, r.id, (SELECT"
	" g.candle_time FROM signals g WHERE g.user_id = r.user_id"
	" AND g.run_id = r.id ORDER BY g.candle_time DESC LIMIT 1"
	" OFFSET :keep) AS candle_time FROM strategy_runs r)"
	" DELETE FROM signals WHERE id IN (SELECT g.id FROM cut"
	" JOIN signals g ON g.user_id = cut.user_id AND g.run_id = cut.id"
	" AND g.candle_time <= cut.candle_time LIMIT :most)";
static const char runs_clean_sql[] =
	"DELETE FROM strategy_runs WHERE id IN (SELECT r.id"
	" FROM strategy_runs r WHERE r.stopped_at < :before"
	" AND NOT EXISTS (SELECT 1 FROM run_sims t"
	" WHERE t.user_id = r.user_id AND t.run_id = r.id)"
	" AND NOT EXISTS (SELECT 1 FROM signals g"
	" WHERE g.user_id = r.user_id AND g.run_id = r.id) LIMIT :most)";
/* As strategy_sweep() does for one user's: a strategy that was removed goes
   with the last that names it. */
static const char versions_clean_sql[] =
	"DELETE FROM strategy_versions WHERE EXISTS (SELECT 1"
	" FROM strategies s WHERE s.user_id = strategy_versions.user_id"
	" AND s.id = strategy_versions.strategy_id"
	" AND s.removed_at IS NOT NULL)"
	" AND NOT EXISTS (SELECT 1 FROM backtests b"
	" WHERE b.user_id = strategy_versions.user_id"
	" AND b.strategy_id = strategy_versions.strategy_id"
	" AND b.strategy_version = strategy_versions.version)"
	" AND NOT EXISTS (SELECT 1 FROM strategy_runs r"
	" WHERE r.user_id = strategy_versions.user_id"
	" AND r.strategy_id = strategy_versions.strategy_id"
	" AND r.strategy_version = strategy_versions.version)";
static const char strategies_clean_sql[] =
	"DELETE FROM strategies WHERE removed_at IS NOT NULL"
	" AND NOT EXISTS (SELECT 1 FROM strategy_versions v"
	" WHERE v.user_id = strategies.user_id"
	" AND v.strategy_id = strategies.id)"
	" AND NOT EXISTS (SELECT 1 FROM backtests b"
	" WHERE b.user_id = strategies.user_id"
	" AND b.strategy_id = strategies.id)";
static const char count_sql[] =
	"SELECT coalesce(sum(state = 'running'), 0),"
	" coalesce(sum(state = 'stopped'), 0),"
	" coalesce(sum(state = 'failed'), 0) FROM strategy_runs";

/* ---- what is due ------------------------------------------------------- */

/*
 * A stored candle is closed when its time is over. One that is built is
 * closed when, besides, what it is built from reaches its end: a late candle
 * must not find it decided.
 */
static void newest_find(
	struct signal_due *due, const struct series *series, int64_t now)
{
	const int64_t end = series->last + series->interval_ms;

	due->stored_ms = series->interval_ms;
	due->candles = series->candles;
	due->newest = bars_open_of(end < now ? end : now, due->interval_ms) -
		      due->interval_ms;
}

static enum err due_read(struct admin_scope *admin, const struct rows *rows,
	struct signal_due *out)
{
	const struct series *series = NULL;
	const char *text = rows_text(rows, 7);
	struct vector list;
	enum err err = ERR_OK;

	*out = (struct signal_due){
		.user_id = rows_text(rows, 0),
		.run_id = rows_text(rows, 1),
		.strategy_id = rows_text(rows, 2),
		.symbol = rows_text(rows, 3),
		.interval_ms = rows_int(rows, 4),
		.has_last = !rows_is_null(rows, 5),
		.last_candle = rows_int(rows, 5),
		.evaluated_at = rows_int(rows, 6),
		.revision = rows_int(rows, 8),
	};
	if (text)
		err = series_read(admin_arena(admin), text, &list);
	if (err == ERR_OK && text)
		series = series_choose(&list, out->interval_ms);
	if (series)
		newest_find(out, series, admin_now(admin));
	return err;
}

/* Nothing to build from is something to say, too. */
static bool is_due(const struct signal_due *due)
{
	return due->stored_ms == 0 || !due->has_last ||
	       due->newest > due->last_candle;
}

/* ---- whose turn it is -------------------------------------------------- */

struct turn {
	struct signal_due due;
	int64_t rank; /* among its user's */
};

static int turn_compare(const void *left, const void *right)
{
	const struct turn *a = left;
	const struct turn *b = right;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if (a->due.evaluated_at != b->due.evaluated_at)
		return a->due.evaluated_at < b->due.evaluated_at ? -1 : 1;
	return strcmp(a->due.run_id, b->due.run_id);
}

static enum err turns_read(
	struct admin_scope *admin, struct rows *rows, struct vector *out)
{
	const char *user = "";
	int64_t rank = 0;
	bool more;
	enum err err;

	while ((err = rows_next(rows, &more)) == ERR_OK && more) {
		struct signal_due due;
		struct turn *turn;

		err = due_read(admin, rows, &due);
		if (err != ERR_OK)
			break;
		if (!is_due(&due))
			continue;
		rank = text_equal(user, due.user_id) ? rank + 1 : 0;
		user = due.user_id;
		turn = vector_add(out);
		*turn = (struct turn){due, rank};
	}
	rows_end(rows);
	return err;
}

enum err signal_plan(struct admin_scope *admin, struct list *out)
{
	struct signal_due *items;
	struct turn *turns;
	struct vector list;
	struct rows *rows;
	enum err err = admin_query(admin, running_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	vector_init(&list, admin_arena(admin), sizeof(struct turn));
	err = turns_read(admin, rows, &list);
	if (err != ERR_OK)
		return err;
	turns = list.items;
	if (list.count > 1)
		qsort(turns, list.count, sizeof(*turns), turn_compare);
	items = arena_array(admin_arena(admin), list.count, sizeof(*items));
	for (size_t i = 0; i < list.count; i++)
		items[i] = turns[i].due;
	*out = (struct list){items, list.count};
	return ERR_OK;
}

/* ---- what is over ------------------------------------------------------ */

static enum err many_clean(
	struct admin_scope *admin, int64_t keep, int64_t *total)
{
	int64_t changed = 0;
	enum err err = admin_run(admin, many_clean_sql,
		BINDS(bind_int(":keep", keep), bind_int(":most", CLEAN_ROWS)),
		&changed);

	*total += err == ERR_OK ? changed : 0;
	return err;
}

enum err signals_clean(struct admin_scope *admin, int64_t before, int64_t keep,
	int64_t *removed)
{
	static const char *const old[] = {signals_clean_sql, runs_clean_sql};
	static const char *const left[] = {
		versions_clean_sql, strategies_clean_sql};
	int64_t total = 0;
	int64_t changed = 0;
	enum err err = many_clean(admin, keep, &total);

	/* each on its own, as in account_clean() */
	for (size_t i = 0; err == ERR_OK && i < 2; i++) {
		err = admin_run(admin, old[i],
			BINDS(bind_int(":before", before),
				bind_int(":most", CLEAN_ROWS)),
			&changed);
		total += err == ERR_OK ? changed : 0;
	}
	/* only when the last of something may have gone */
	for (size_t i = 0; err == ERR_OK && changed > 0 && i < 2; i++)
		err = admin_run(admin, left[i], NO_BINDS, NULL);
	if (err == ERR_OK)
		*removed = total;
	return err;
}

enum err signals_count(struct admin_scope *admin, int64_t counts[3])
{
	struct rows *rows;
	enum err err = admin_one(admin, count_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	for (int i = 0; i < 3; i++)
		counts[i] = rows_int(rows, i);
	rows_end(rows);
	return ERR_OK;
}
