/*
 * The daily summary. That a day's was written stands in the transaction that
 * queues it, so that it comes once a day, whoever restarts when. Must never
 * write two of one day of the user's own calendar.
 */
#include "notify.h"

#include "events_private.h"
#include "id.h"
#include "ledger_costs.h"
#include "portfolio.h"
#include "text.h"
#include "vector_private.h"
#include "zone.h"

enum {
	DAY_MS = 24 * 60 * 60 * 1000,
	HOUR_MINUTES = 60,
	POSITIONS_SHOWN = 10
};

static const char plan_sql[] =
	"SELECT DISTINCT c.user_id, coalesce(z.value, 'UTC'),"
	" coalesce(t.value, '08:00'), s.day, c.events FROM channels c"
	" JOIN users u ON u.id = c.user_id AND u.disabled = 0"
	" LEFT JOIN user_settings z ON z.user_id = c.user_id"
	" AND z.name = 'timezone'"
	" LEFT JOIN user_settings t ON t.user_id = c.user_id"
	" AND t.name = 'summary_time'"
	" LEFT JOIN summaries s ON s.user_id = c.user_id"
	" WHERE c.enabled = 1 ORDER BY c.user_id";
/* The first look: its day counts as done once its hour has passed. */
static const char begin_sql[] =
	"INSERT INTO summaries (user_id, day, updated_at) VALUES (:user, :day,"
	" :now) ON CONFLICT (user_id) DO NOTHING";
static const char done_sql[] =
	"UPDATE summaries SET day = :day, updated_at = :now"
	" WHERE user_id = :owner AND day < :day";
static const char trades_sql[] =
	"SELECT COUNT(*), coalesce(sum(value), 0), coalesce(sum(fee), 0)"
	" FROM fills WHERE user_id = :owner AND id >= :since";
static const char before_sql[] =
	"SELECT equity FROM equity_snapshots WHERE user_id = :owner"
	" AND account = :account AND at <= :at ORDER BY at DESC LIMIT 1";

/* ---- whose time has come ------------------------------------------------------ */

/* "HH:MM", as it was checked when it was stored. */
static int64_t minutes_of(const char *text)
{
	return ((text[0] - '0') * 10 + text[1] - '0') * HOUR_MINUTES +
	       (text[3] - '0') * 10 + text[4] - '0';
}

struct candidate {
	const char *user_id, *zone, *time;
	bool known;
	int64_t day;
};

/* One a user, of those with a channel that wants it. */
static enum err candidates_read(struct admin_scope *admin, struct vector *out)
{
	struct candidate *last = NULL;
	struct rows *rows;
	bool more;
	enum err err = admin_query(admin, plan_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	vector_init(out, admin_arena(admin), sizeof(struct candidate));
	while ((err = rows_next(rows, &more)) == ERR_OK && more) {
		if (((uint64_t)rows_int(rows, 4) >> EVENT_SUMMARY & 1U) == 0 ||
			(last && text_equal(last->user_id, rows_text(rows, 0))))
			continue;
		last = vector_add(out);
		*last = (struct candidate){rows_text(rows, 0),
			rows_text(rows, 1), rows_text(rows, 2),
			!rows_is_null(rows, 3), rows_int(rows, 3)};
	}
	rows_end(rows);
	return err;
}

static enum err candidate_look(struct admin_scope *admin,
	const struct candidate *candidate, struct vector *dues)
{
	const struct zone_time there = zone_time(admin_arena(admin),
		ZONE_FOLDER, candidate->zone, admin_now(admin));
	const bool come = there.minute >= minutes_of(candidate->time);

	if (!candidate->known)
		return admin_run(admin, begin_sql,
			BINDS(bind_text(":user", candidate->user_id),
				bind_int(":day",
					come ? there.day : there.day - 1),
				bind_int(":now", admin_now(admin))),
			NULL);
	if (come && candidate->day < there.day)
		*(struct summary_due *)vector_add(dues) =
			(struct summary_due){candidate->user_id, there.day};
	return ERR_OK;
}

enum err notify_summaries_plan(struct admin_scope *admin, struct list *out)
{
	struct vector candidates, dues;
	enum err err = candidates_read(admin, &candidates);

	if (err != ERR_OK)
		return err;
	vector_init(&dues, admin_arena(admin), sizeof(struct summary_due));
	for (size_t i = 0; err == ERR_OK && i < candidates.count; i++)
		err = candidate_look(admin,
			(const struct candidate *)candidates.items + i, &dues);
	if (err == ERR_OK)
		*out = (struct list){dues.items, dues.count};
	return err;
}

/* ---- its text -------------------------------------------------------------------- */

static const char *amount(struct arena *arena, struct decimal value)
{
	struct decimal cents;

	if (decimal_rescale(value, 2, &cents) != ERR_OK)
		cents = value;
	return decimal_format(arena, cents);
}

/* What equity was a day ago; the balance that it began with, before that. */
static enum err equity_before(struct scope *scope,
	const struct portfolio_view *portfolio, struct decimal *out)
{
	struct rows *rows;
	enum err err = scope_one(scope, before_sql,
		BINDS(bind_int(":account", portfolio->account),
			bind_int(":at", scope_now(scope) - DAY_MS)),
		&rows);

	*out = portfolio->start_balance;
	if (err == ERR_NOT_FOUND)
		return ERR_OK;
	if (err != ERR_OK)
		return err;
	*out = ledger_decimal(rows_int(rows, 0));
	rows_end(rows);
	return ERR_OK;
}

static const char *positions_text(
	struct arena *arena, const struct portfolio_view *portfolio)
{
	const struct position_view *items = portfolio->positions.items;
	const char *text = "";

	for (size_t i = 0; i < portfolio->positions.count; i++) {
		if (i == POSITIONS_SHOWN)
			return arena_format(arena, "%s, and %zu more", text,
				portfolio->positions.count - i);
		text = arena_format(arena, "%s%s%s %s (%s)", text,
			i > 0 ? ", " : "",
			decimal_format(arena, items[i].quantity),
			items[i].symbol, amount(arena, items[i].unrealised));
	}
	return text[0] == '\0' ? "none" : text;
}

static enum err trades_text(struct scope *scope, const char **out)
{
	struct arena *arena = scope_arena(scope);
	struct rows *rows;
	enum err err = scope_one(scope, trades_sql,
		BINDS(bind_text(
			":since", id_first(arena, scope_now(scope) - DAY_MS))),
		&rows);

	if (err != ERR_OK)
		return err;
	*out = arena_format(arena, "%lld for %s, fees %s",
		(long long)rows_int(rows, 0),
		amount(arena, ledger_decimal(rows_int(rows, 1))),
		amount(arena, ledger_decimal(rows_int(rows, 2))));
	rows_end(rows);
	return ERR_OK;
}

static enum err summary_write(struct scope *scope, const struct limits *limits)
{
	struct arena *arena = scope_arena(scope);
	struct portfolio_view portfolio;
	struct decimal before, change;
	const char *trades;
	enum err err = portfolio_get(scope, limits, 0, &portfolio);

	if (err == ERR_OK)
		err = equity_before(scope, &portfolio, &before);
	if (err == ERR_OK)
		err = decimal_sub(portfolio.equity, before, &change);
	if (err == ERR_OK)
		err = trades_text(scope, &trades);
	if (err != ERR_OK)
		return err;
	return event_note(scope, EVENT_SUMMARY,
		"Daily summary (%s)\nEquity: %s\nLast 24 hours: %s%s\n"
		"Trades in 24 hours: %s\nOpen positions: %s",
		portfolio.venue, amount(arena, portfolio.equity),
		change.units > 0 ? "+" : "", amount(arena, change), trades,
		positions_text(arena, &portfolio));
}

static enum err summary_once(struct scope *scope, const struct limits *limits,
	const struct summary_due *due)
{
	int64_t changed = 0;
	enum err err = scope_run(scope, done_sql,
		BINDS(bind_int(":day", due->day),
			bind_int(":now", scope_now(scope))),
		&changed);

	if (err == ERR_OK && changed != 1)
		return ERR_CONFLICT;
	return err == ERR_OK ? summary_write(scope, limits) : err;
}

enum err notify_summary(struct scope *scope, const struct limits *limits,
	const struct summary_due *due)
{
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	err = summary_once(scope, limits, due);
	return scope_end(scope, err);
}
