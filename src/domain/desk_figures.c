/*
 * Sums over the accounts of all users. Must never name one, nor take the sum of
 * one for that of another venue.
 */
#include "desk_figures.h"

#include "risk.h"
#include "text.h"

/* Divided first: the sum of many accounts must fit. */
static const char equity_sql[] =
	"SELECT a.venue, sum(e.equity / 100000000),"
	" sum((e.equity - a.start_balance) / 100000000)"
	" FROM trade_accounts a JOIN equity_snapshots e"
	" ON e.user_id = a.user_id AND e.account = a.account"
	" AND e.at = (SELECT max(m.at) FROM equity_snapshots m"
	" WHERE m.user_id = a.user_id AND m.account = a.account)"
	" WHERE a.closed_at IS NULL GROUP BY a.venue";
static const char positions_sql[] =
	"SELECT a.venue, COUNT(*), 0 FROM trade_accounts a JOIN positions p"
	" ON p.user_id = a.user_id AND p.account = a.account"
	" AND p.quantity <> 0 WHERE a.closed_at IS NULL GROUP BY a.venue";
static const char open_sql[] =
	"SELECT state, COUNT(*), 0 FROM orders"
	" WHERE state IN ('new', 'accepted', 'partially_filled', 'unknown')"
	" GROUP BY state";
static const char halted_sql[] =
	"SELECT value FROM system_settings WHERE name = :name";

/* Rows (name, first, second) by the names' places; second NULL: left out. */
static enum err sums_read(struct admin_scope *admin, const char *sql,
	const char *const *names, int64_t *first, int64_t *second)
{
	struct rows *rows;
	bool more;
	enum err err = admin_query(admin, sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		for (size_t i = 0; names[i]; i++) {
			if (!text_equal(names[i], rows_text(rows, 0)))
				continue;
			first[i] = rows_int(rows, 1);
			if (second)
				second[i] = rows_int(rows, 2);
		}
	rows_end(rows);
	return err;
}

static enum err halted_read(struct admin_scope *admin, bool *out)
{
	struct rows *rows;
	enum err err = admin_one(admin, halted_sql,
		BINDS(bind_text(":name", RISK_HALT_SETTING)), &rows);

	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	*out = text_equal(rows_text(rows, 0), "true");
	rows_end(rows);
	return ERR_OK;
}

enum err desk_figures_read(struct admin_scope *admin, struct desk_figures *out)
{
	struct desk_figures found = {.halted = false};
	enum err err = sums_read(
		admin, equity_sql, order_venues, found.equity, found.profit);

	if (err == ERR_OK)
		err = sums_read(admin, positions_sql, order_venues,
			found.positions, NULL);
	if (err == ERR_OK)
		err = sums_read(
			admin, open_sql, order_states, found.open, NULL);
	if (err == ERR_OK)
		err = halted_read(admin, &found.halted);
	if (err == ERR_OK)
		*out = found;
	return err;
}
