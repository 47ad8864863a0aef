/*
 * What a user's other open books of a venue hold and lost today: limits that
 * are the user's hold over all of them together, so that two books cannot
 * spend one limit twice. Paper and real money are never added up. Must never
 * leave out what it cannot value: that counts as what was paid.
 */
#include "book_private.h"

#include "text.h"

static const char positions_sql[] =
	"SELECT p.account, p.symbol, p.quantity, p.cost FROM positions p"
	" JOIN trade_accounts a ON a.user_id = p.user_id"
	" AND a.account = p.account AND a.closed_at IS NULL"
	" AND a.venue = :venue WHERE p.user_id = :owner"
	" AND p.account <> :account AND p.quantity <> 0"
	" ORDER BY p.account, p.symbol";
static const char equity_sql[] =
	"SELECT a.account, d.start_equity, (SELECT c.balance"
	" FROM cash_entries c WHERE c.user_id = :owner"
	" AND c.account = a.account ORDER BY c.seq DESC LIMIT 1)"
	" FROM trade_accounts a JOIN risk_days d ON d.user_id = a.user_id"
	" AND d.account = a.account AND d.day = :day"
	" WHERE a.user_id = :owner AND a.closed_at IS NULL"
	" AND a.venue = :venue AND a.account <> :account";
/* A run that ended lost what it lost; a reset by hand begins anew. */
static const char ended_sql[] =
	"SELECT coalesce(sum(d.start_equity - d.last_equity), 0)"
	" FROM risk_days d JOIN trade_accounts a ON a.user_id = d.user_id"
	" AND a.account = d.account AND a.closed_at IS NOT NULL"
	" AND a.run_id IS NOT NULL AND a.venue = :venue"
	" WHERE d.user_id = :owner AND d.day = :day"
	" AND d.account <> :account";

static int64_t size_of(int64_t value)
{
	return value < 0 ? -value : value;
}

/* A symbol's price is read once. */
static enum err price_of(struct scope *scope, const struct book *book,
	const char *symbol, struct quote *out)
{
	const struct holding *items = book->holdings.items;
	enum err err;

	for (size_t i = 0; i < book->holdings.count; i++)
		if (items[i].quote.known &&
			text_equal(items[i].symbol, symbol)) {
			*out = items[i].quote;
			return ERR_OK;
		}
	err = quote_read(scope, symbol, out);
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err value_of(struct scope *scope, const struct book *book,
	int64_t cost, struct book_other *other)
{
	struct quote quote = {0};
	enum err err = price_of(scope, book, other->symbol, &quote);

	if (err != ERR_OK)
		return err;
	other->value = cost;
	return quote.known ? ledger_value(other->quantity, quote.price,
				     &other->value)
			   : ERR_OK;
}

static enum err positions_read(struct scope *scope, struct book *book)
{
	struct vector others;
	struct rows *rows;
	bool more;
	enum err err = scope_query(scope, positions_sql,
		BINDS(bind_text(":venue", book->venue),
			bind_int(":account", book->account)),
		&rows);

	if (err != ERR_OK)
		return err;
	vector_init(&others, scope_arena(scope), sizeof(struct book_other));
	while ((err = rows_next(rows, &more)) == ERR_OK && more) {
		struct book_other *other = vector_add(&others);

		other->account = rows_int(rows, 0);
		other->symbol = rows_text(rows, 1);
		other->quantity = rows_int(rows, 2);
		err = value_of(scope, book, rows_int(rows, 3), other);
		if (err == ERR_OK &&
			__builtin_add_overflow(book->others_exposure,
				size_of(other->value), &book->others_exposure))
			err = ERR_BAD_INPUT;
		if (err != ERR_OK)
			break;
	}
	rows_end(rows);
	book->others = (struct list){others.items, others.count};
	return err;
}

/* What a book's positions are worth, by its number. */
static int64_t held_in(const struct book *book, int64_t account)
{
	const struct book_other *items = book->others.items;
	int64_t value = 0;

	for (size_t i = 0; i < book->others.count; i++)
		if (items[i].account == account)
			value += items[i].value;
	return value;
}

static enum err losses_read(struct scope *scope, struct book *book)
{
	struct rows *rows;
	bool more;
	enum err err = scope_query(scope, equity_sql,
		BINDS(bind_int(":day", book_day(scope)),
			bind_text(":venue", book->venue),
			bind_int(":account", book->account)),
		&rows);

	if (err != ERR_OK)
		return err;
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		book->others_loss += rows_int(rows, 1) - rows_int(rows, 2) -
				     held_in(book, rows_int(rows, 0));
	rows_end(rows);
	if (err == ERR_OK)
		err = scope_one(scope, ended_sql,
			BINDS(bind_int(":day", book_day(scope)),
				bind_text(":venue", book->venue),
				bind_int(":account", book->account)),
			&rows);
	if (err != ERR_OK)
		return err;
	book->others_loss += rows_int(rows, 0);
	rows_end(rows);
	return ERR_OK;
}

enum err book_others(struct scope *scope, struct book *book)
{
	enum err err;

	book->others = (struct list){0};
	book->others_exposure = book->others_loss = 0;
	err = positions_read(scope, book);
	return err == ERR_OK ? losses_read(scope, book) : err;
}
