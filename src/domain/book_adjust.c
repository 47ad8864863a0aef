/*
 * Entries of money, and what came or went by no trade. Must never make a
 * balance that does not go on from the one before.
 */
#include "book_private.h"

static const char cash_sql[] =
	"INSERT INTO cash_entries (user_id, account, seq, kind, fill_id,"
	" reason, amount, balance, created_at) VALUES (:owner, :account, :seq,"
	" :kind, :fill, :reason, :amount, :balance, :now)";
static const char peak_sql[] =
	"UPDATE trade_accounts SET peak_equity = max(peak_equity + :amount, 0)"
	" WHERE user_id = :owner AND account = :account";
static const char day_sql[] =
	"UPDATE risk_days SET start_equity = start_equity + :amount,"
	" low_equity = low_equity + :amount,"
	" last_equity = last_equity + :amount WHERE user_id = :owner"
	" AND account = :account AND day = :day";

enum err book_enter(
	struct scope *scope, struct book *book, const struct book_entry *entry)
{
	int64_t balance;
	enum err err;

	if (__builtin_add_overflow(book->cash, entry->amount, &balance))
		return ERR_BAD_INPUT;
	err = scope_run(scope, cash_sql,
		BINDS(bind_int(":account", book->account),
			bind_int(":seq", book->cash_seq + 1),
			bind_text(":kind", entry->kind),
			bind_text(":fill", entry->fill_id),
			bind_text(":reason", entry->reason),
			bind_int(":amount", entry->amount),
			bind_int(":balance", balance),
			bind_int(":now", scope_now(scope))),
		NULL);
	if (err != ERR_OK)
		return err;
	book->cash = balance;
	book->cash_seq++;
	return ERR_OK;
}

/* A deposit is no gain, a withdrawal no loss: what limits of loss are
   reckoned from moves with it. */
enum err book_adjust(struct scope *scope, struct book *book, const char *reason,
	int64_t amount)
{
	const struct book_entry entry = {"adjust", NULL, reason, amount};
	enum err err = book_enter(scope, book, &entry);

	if (err == ERR_OK)
		err = scope_run(scope, peak_sql,
			BINDS(bind_int(":amount", amount),
				bind_int(":account", book->account)),
			NULL);
	if (err == ERR_OK)
		err = scope_run(scope, day_sql,
			BINDS(bind_int(":amount", amount),
				bind_int(":account", book->account),
				bind_int(":day", book_day(scope))),
			NULL);
	if (err != ERR_OK)
		return err;
	book->peak = book->peak + amount > 0 ? book->peak + amount : 0;
	book->day_start += amount;
	return book_value(book, NULL, 0);
}
