/*
 * What was traded in a day, a week, a month and ever, from one row a day; and
 * the equity over time, from a bounded number of look-ups, however many
 * snapshots there are. Both must never grow with the number of fills.
 */
#include "desk_private.h"

#include "clock.h"
#include "text.h"

#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)
#define MINUTE_MS (INT64_C(60) * 1000)

enum {
	PERIODS = 4,
	WEEK = 7,
	THURSDAY = 3, /* 1970-01-01 was one; Monday is 0 */
	POINTS_LEAST = 20
};

const char *const desk_periods[] = {"day", "week", "month", "total", NULL};

/* An account that was begun anew is forgotten, a strategy's that ended not. */
static const char days_sql[] =
	"SELECT a.venue, d.day, sum(d.fills), sum(d.wins), sum(d.losses),"
	" sum(d.won), sum(d.lost), sum(d.fees), sum(d.volume)"
	" FROM trade_accounts a JOIN risk_days d ON d.user_id = a.user_id"
	" AND d.account = a.account AND d.fills > 0"
	" WHERE a.user_id = :owner"
	" AND (a.closed_at IS NULL OR a.run_id IS NOT NULL)"
	" GROUP BY a.venue, d.day";
static const char point_sql[] =
	"SELECT equity FROM equity_snapshots WHERE user_id = :owner"
	" AND account = :account AND at <= :at ORDER BY at DESC LIMIT 1";

/* ---- periods --------------------------------------------------------------------- */

struct traded {
	int64_t first; /* day; 0: none */
	int64_t fills, wins, losses, won, lost, fees, volume;
};

static void since_put(int64_t now, int64_t since[PERIODS])
{
	const int64_t days = now / DAY_MS;
	const struct time_date date = time_date(days);

	since[0] = days * DAY_MS;
	since[1] = (days - (days + THURSDAY) % WEEK) * DAY_MS;
	since[2] = time_days(date.year, date.month, 1) * DAY_MS;
	since[3] = 0;
}

static void day_add(struct traded *sum, const struct rows *rows)
{
	if (sum->first == 0 || rows_int(rows, 1) < sum->first)
		sum->first = rows_int(rows, 1);
	sum->fills += rows_int(rows, 2);
	sum->wins += rows_int(rows, 3);
	sum->losses += rows_int(rows, 4);
	sum->won += rows_int(rows, 5);
	sum->lost += rows_int(rows, 6);
	sum->fees += rows_int(rows, 7);
	sum->volume += rows_int(rows, 8);
}

static struct desk_period period_view(
	struct arena *arena, const struct traded *sum)
{
	const int64_t closed = sum->wins + sum->losses;
	struct desk_period view = {.fills = sum->fills,
		.wins = sum->wins,
		.losses = sum->losses,
		.realised = desk_shown(sum->won + sum->lost),
		.fees = desk_shown(sum->fees),
		.net = desk_shown(sum->won + sum->lost - sum->fees),
		.volume = desk_shown(sum->volume)};

	if (closed > 0)
		view.win_rate_pct =
			desk_maybe(arena, desk_percent(sum->wins, closed));
	if (sum->wins > 0)
		view.average_win = desk_maybe(arena, sum->won / sum->wins);
	if (sum->losses > 0)
		view.average_loss = desk_maybe(arena, sum->lost / sum->losses);
	return view;
}

static enum err days_read(struct scope *scope, const struct list *sums,
	const int64_t since[PERIODS], struct traded *traded)
{
	const struct desk_sum *venues = sums->items;
	struct rows *rows;
	bool more;
	enum err err = scope_query(scope, days_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		for (size_t i = 0; i < sums->count * PERIODS; i++)
			if (rows_int(rows, 1) >= since[i % PERIODS] &&
				text_equal(rows_text(rows, 0),
					venues[i / PERIODS].venue))
				day_add(&traded[i], rows);
	rows_end(rows);
	return err;
}

enum err desk_periods_read(
	struct scope *scope, const struct list *sums, struct list *out)
{
	const size_t count = sums->count * PERIODS;
	struct arena *arena = scope_arena(scope);
	struct traded *traded = arena_array(arena, count, sizeof(*traded));
	struct desk_period *views = arena_array(arena, count, sizeof(*views));
	int64_t since[PERIODS];
	enum err err;

	since_put(scope_now(scope), since);
	err = days_read(scope, sums, since, traded);
	for (size_t i = 0; err == ERR_OK && i < count; i++) {
		views[i] = period_view(arena, &traded[i]);
		views[i].venue =
			((const struct desk_sum *)sums->items)[i / PERIODS]
				.venue;
		views[i].period = desk_periods[i % PERIODS];
		views[i].since.ms = since[i % PERIODS];
		/* the beginning of all is the first day that saw a fill */
		if (since[i % PERIODS] == 0)
			views[i].since.ms =
				traded[i].first ? traded[i].first : since[0];
	}
	if (err == ERR_OK)
		*out = (struct list){views, count};
	return err;
}

/* ---- equity ----------------------------------------------------------------------- */

/* The points of a venue, evenly spaced; the last is now. */
struct grid {
	const char *venue;
	int64_t from, step;
	size_t count;
	int64_t *equity;
};

static struct grid grid_of(struct scope *scope, const struct list *open,
	const struct desk_sum *sum)
{
	const struct desk_open *books = open->items;
	const int64_t now = scope_now(scope);
	int64_t most = DESK_POINTS / sum->books;
	struct grid grid = {.venue = sum->venue, .from = now};

	for (size_t i = 0; i < open->count; i++)
		if (text_equal(books[i].view.venue, sum->venue) &&
			books[i].view.opened_at.ms < grid.from)
			grid.from = books[i].view.opened_at.ms;
	if (most < POINTS_LEAST)
		most = POINTS_LEAST;
	grid.step = (now - grid.from) / (most - 1) + 1;
	if (grid.step < MINUTE_MS)
		grid.step = MINUTE_MS;
	grid.count =
		(size_t)((now - grid.from + grid.step - 1) / grid.step) + 1;
	grid.equity = arena_array(
		scope_arena(scope), grid.count, sizeof(*grid.equity));
	return grid;
}

static enum err point_add(struct scope *scope, const struct desk_open *one,
	int64_t at, int64_t *equity)
{
	struct rows *rows;
	enum err err = scope_one(scope, point_sql,
		BINDS(bind_int(":account", one->view.account),
			bind_int(":at", at)),
		&rows);

	if (err == ERR_NOT_FOUND) {
		*equity += one->book.start_balance;
		return ERR_OK;
	}
	if (err != ERR_OK)
		return err;
	*equity += rows_int(rows, 0);
	rows_end(rows);
	return ERR_OK;
}

static enum err book_add(
	struct scope *scope, struct grid *grid, const struct desk_open *one)
{
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i + 1 < grid->count; i++) {
		const int64_t at = grid->from + (int64_t)i * grid->step;

		if (one->view.opened_at.ms <= at)
			err = point_add(scope, one, at, &grid->equity[i]);
	}
	grid->equity[grid->count - 1] += one->book.equity;
	return err;
}

static struct list points_view(struct scope *scope, const struct grid *grid)
{
	struct desk_point *points =
		arena_array(scope_arena(scope), grid->count, sizeof(*points));

	for (size_t i = 0; i < grid->count; i++)
		points[i] = (struct desk_point){
			.at = {grid->from + (int64_t)i * grid->step},
			.equity = desk_shown(grid->equity[i])};
	points[grid->count - 1].at.ms = scope_now(scope);
	return (struct list){points, grid->count};
}

enum err desk_curves_read(struct scope *scope, const struct list *open,
	const struct list *sums, struct list *out)
{
	const struct desk_open *books = open->items;
	struct desk_curve *curves =
		arena_array(scope_arena(scope), sums->count, sizeof(*curves));
	enum err err = ERR_OK;

	for (size_t v = 0; err == ERR_OK && v < sums->count; v++) {
		struct grid grid = grid_of(
			scope, open, (const struct desk_sum *)sums->items + v);

		for (size_t i = 0; err == ERR_OK && i < open->count; i++)
			if (text_equal(books[i].view.venue, grid.venue))
				err = book_add(scope, &grid, &books[i]);
		curves[v] = (struct desk_curve){.venue = grid.venue,
			.points = points_view(scope, &grid)};
	}
	if (err == ERR_OK)
		*out = (struct list){curves, sums->count};
	return err;
}
