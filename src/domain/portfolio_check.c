/*
 * The account of every user once more, from the fills alone. Reads only; what
 * it finds wrong it says, and mends nothing.
 */
#include "portfolio.h"

#include "ledger_costs.h"
#include "lots_private.h"
#include "text.h"
#include "vector_private.h"

static const char accounts_sql[] = "SELECT user_id, account FROM trade_accounts"
				   " ORDER BY user_id, account";
static const char account_sql[] =
	"SELECT a.user_id, a.account, a.start_balance, c.balance,"
	" (SELECT coalesce(sum(filled_value), 0) FROM orders o"
	" WHERE o.user_id = a.user_id AND o.account = a.account),"
	" (SELECT coalesce(sum(e.amount), 0) FROM cash_entries e"
	" WHERE e.user_id = a.user_id AND e.account = a.account"
	" AND e.kind = 'adjust') FROM trade_accounts a JOIN cash_entries c ON "
	"c.user_id = a.user_id"
	" AND c.account = a.account AND c.seq = (SELECT max(seq)"
	" FROM cash_entries m WHERE m.user_id = a.user_id"
	" AND m.account = a.account)"
	" WHERE a.user_id = :user AND a.account = :account";
static const char fills_sql[] =
	"SELECT seq, symbol, side, quantity, value, fee, realised, created_at,"
	" closes, fee_kept FROM fills WHERE user_id = :user"
	" AND account = :account"
	" ORDER BY symbol, seq";
static const char positions_sql[] =
	"SELECT symbol, quantity, cost, realised, fees, last_seq"
	" FROM positions WHERE user_id = :user AND account = :account"
	" ORDER BY symbol";
static const char lots_sql[] =
	"SELECT seq, quantity, cost, opened_at FROM position_lots"
	" WHERE user_id = :user AND account = :account AND symbol = :symbol"
	" ORDER BY seq";

/* Days whose statistics are not those of their fills, and fills of no day. */
static const char days_sql[] =
	"SELECT (SELECT COUNT(*) FROM risk_days d LEFT JOIN"
	" (SELECT created_at / 86400000 * 86400000 AS day, COUNT(*) AS fills,"
	" sum(realised > 0) AS wins, sum(realised < 0) AS losses,"
	" sum(max(realised, 0)) AS won, sum(min(realised, 0)) AS lost,"
	" sum(fee) AS fees, sum(value) AS volume FROM fills"
	" WHERE user_id = :user AND account = :account GROUP BY 1) f"
	" ON f.day = d.day WHERE d.user_id = :user AND d.account = :account"
	" AND (d.fills, d.wins, d.losses, d.won, d.lost, d.fees, d.volume)"
	" IS NOT (coalesce(f.fills, 0), coalesce(f.wins, 0),"
	" coalesce(f.losses, 0), coalesce(f.won, 0), coalesce(f.lost, 0),"
	" coalesce(f.fees, 0), coalesce(f.volume, 0))),"
	" (SELECT coalesce(sum(fills), 0) FROM risk_days"
	" WHERE user_id = :user AND account = :account) - (SELECT COUNT(*)"
	" FROM fills WHERE user_id = :user AND account = :account)";

/* One symbol made anew. */
struct anew {
	const char *symbol;
	int64_t quantity, cost, realised, fees, last_seq;
	struct lots lots;
};
struct checked {
	struct admin_scope *admin;
	const char *user;
	int64_t account, cash, traded;
	struct vector symbols; /* struct anew */
};

static enum err differs(const struct checked *c, const char *what)
{
	report_detail(admin_report(c->admin),
		"Account %lld of user %s does not follow from its fills: %s.",
		(long long)c->account, c->user, what);
	return ERR_INTERNAL;
}

static struct anew *symbol_of(struct checked *c, const char *symbol)
{
	struct anew *items = c->symbols.items;
	struct anew *added;

	if (c->symbols.count > 0 &&
		text_equal(items[c->symbols.count - 1].symbol, symbol))
		return &items[c->symbols.count - 1];
	added = vector_add(&c->symbols);
	added->symbol = symbol;
	return added;
}

/* Room for one more lot, doubling. */
static void room_make(struct arena *arena, struct lots *lots)
{
	struct lot *items;

	if (lots->count > 0 && (lots->count & (lots->count - 1)) != 0)
		return;
	items = arena_array(arena, 2 * lots->count + 2, sizeof(*items));
	if (lots->count > 0)
		memcpy(items, lots->items, lots->count * sizeof(*items));
	lots->items = items;
}

static enum err fill_add(struct checked *c, const struct rows *rows)
{
	struct anew *symbol = symbol_of(c, rows_text(rows, 1));
	const int64_t sign = text_equal(rows_text(rows, 2), "buy") ? 1 : -1;
	const int64_t kept = rows_int(rows, 9);
	const struct lot_fill fill = {rows_int(rows, 0),
		sign * rows_int(rows, 3) - kept,
		sign * rows_int(rows, 4) - (kept ? rows_int(rows, 5) : 0),
		rows_int(rows, 7), rows_int(rows, 8)};
	int64_t realised;

	room_make(admin_arena(c->admin), &symbol->lots);
	realised = lots_apply(&symbol->lots, &fill);
	symbol->quantity += fill.quantity;
	symbol->cost += fill.value + realised;
	symbol->realised += realised;
	symbol->fees += rows_int(rows, 5);
	symbol->last_seq = fill.seq;
	c->cash -= fill.value + rows_int(rows, 5);
	c->traded -= rows_int(rows, 4);
	return realised == rows_int(rows, 6) ? ERR_OK
					     : differs(c, "a fill's result");
}

static enum err fills_add(struct checked *c)
{
	struct rows *rows;
	bool more;
	enum err err = admin_query(c->admin, fills_sql,
		BINDS(bind_text(":user", c->user),
			bind_int(":account", c->account)),
		&rows);

	if (err != ERR_OK)
		return err;
	while ((err = rows_next(rows, &more)) == ERR_OK && more) {
		err = fill_add(c, rows);
		if (err != ERR_OK)
			break;
	}
	rows_end(rows);
	return err;
}

static enum err lots_compare(struct checked *c, const struct anew *symbol)
{
	struct rows *rows;
	size_t at = 0;
	bool more, same = true;
	enum err err = admin_query(c->admin, lots_sql,
		BINDS(bind_text(":user", c->user),
			bind_int(":account", c->account),
			bind_text(":symbol", symbol->symbol)),
		&rows);

	if (err != ERR_OK)
		return err;
	while ((err = rows_next(rows, &more)) == ERR_OK && more) {
		const struct lot *lot = &symbol->lots.items[at];

		same &= at < symbol->lots.count &&
			lot->seq == rows_int(rows, 0) &&
			lot->quantity == rows_int(rows, 1) &&
			lot->cost == rows_int(rows, 2) &&
			lot->opened_at == rows_int(rows, 3);
		if (!same)
			break;
		at++;
	}
	rows_end(rows);
	if (err == ERR_OK && (!same || at != symbol->lots.count))
		return differs(c, "lots");
	return err;
}

static enum err positions_compare(struct checked *c)
{
	const struct anew *items = c->symbols.items;
	struct rows *rows;
	size_t at = 0;
	bool more, same = true;
	enum err err = admin_query(c->admin, positions_sql,
		BINDS(bind_text(":user", c->user),
			bind_int(":account", c->account)),
		&rows);

	if (err != ERR_OK)
		return err;
	while ((err = rows_next(rows, &more)) == ERR_OK && more && same) {
		same = at < c->symbols.count &&
		       text_equal(items[at].symbol, rows_text(rows, 0)) &&
		       items[at].quantity == rows_int(rows, 1) &&
		       items[at].cost == rows_int(rows, 2) &&
		       items[at].realised == rows_int(rows, 3) &&
		       items[at].fees == rows_int(rows, 4) &&
		       items[at].last_seq == rows_int(rows, 5);
		at++;
	}
	rows_end(rows);
	if (err == ERR_OK && (!same || at != c->symbols.count))
		return differs(c, "positions");
	for (at = 0; err == ERR_OK && at < c->symbols.count; at++)
		err = lots_compare(c, &items[at]);
	return err;
}

static enum err days_compare(const struct checked *c)
{
	struct rows *rows;
	bool same;
	enum err err = admin_one(c->admin, days_sql,
		BINDS(bind_text(":user", c->user),
			bind_int(":account", c->account)),
		&rows);

	if (err != ERR_OK)
		return err;
	same = rows_int(rows, 0) == 0 && rows_int(rows, 1) == 0;
	rows_end(rows);
	return same ? ERR_OK : differs(c, "days");
}

static enum err account_check(
	struct admin_scope *admin, const struct rows *rows)
{
	struct checked c = {.admin = admin,
		.user = rows_text(rows, 0),
		.account = rows_int(rows, 1),
		.cash = rows_int(rows, 2) + rows_int(rows, 5),
		.traded = rows_int(rows, 4)};
	enum err err;

	vector_init(&c.symbols, admin_arena(admin), sizeof(struct anew));
	err = fills_add(&c);
	if (err == ERR_OK && c.cash != rows_int(rows, 3))
		err = differs(&c, "cash");
	if (err == ERR_OK && c.traded != 0)
		err = differs(&c, "orders");
	if (err == ERR_OK)
		err = days_compare(&c);
	return err == ERR_OK ? positions_compare(&c) : err;
}

/* In a transaction each: nobody waits for all of them. One that is gone
   meanwhile is none. */
static enum err one_check(
	struct admin_scope *admin, const char *user, int64_t account)
{
	struct rows *rows;
	enum err err = admin_begin(admin);

	if (err != ERR_OK)
		return err;
	err = admin_one(admin, account_sql,
		BINDS(bind_text(":user", user), bind_int(":account", account)),
		&rows);
	if (err == ERR_OK) {
		err = account_check(admin, rows);
		rows_end(rows);
	} else if (err == ERR_NOT_FOUND) {
		err = ERR_OK;
	}
	admin_rollback(admin);
	return err;
}

struct account {
	const char *user;
	int64_t number;
};

enum err portfolio_check(struct admin_scope *admin, int64_t *accounts)
{
	struct account *items;
	struct vector list;
	struct rows *rows;
	bool more;
	enum err err = admin_query(admin, accounts_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	vector_init(&list, admin_arena(admin), sizeof(struct account));
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		*(struct account *)vector_add(&list) =
			(struct account){rows_text(rows, 0), rows_int(rows, 1)};
	rows_end(rows);
	items = list.items;
	for (size_t i = 0; err == ERR_OK && i < list.count; i++)
		err = one_check(admin, items[i].user, items[i].number);
	if (err == ERR_OK)
		*accounts = (int64_t)list.count;
	return err;
}
