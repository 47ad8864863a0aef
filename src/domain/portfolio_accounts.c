/*
 * All of a user's books with what each is worth. Must never add up paper and
 * real money.
 */
#include "portfolio.h"

#include "book_private.h"
#include "page_private.h"

const char *const account_states[] = {"open", "closed", NULL};

static const char accounts_name[] = "accounts";

static const char list_sql[] =
	"SELECT a.account, a.venue, a.run_id, r.strategy_id, s.name, r.symbol,"
	" a.opened_at, a.closed_at FROM trade_accounts a"
	" LEFT JOIN strategy_runs r ON r.user_id = a.user_id"
	" AND r.id = a.run_id LEFT JOIN strategies s"
	" ON s.user_id = a.user_id AND s.id = r.strategy_id"
	" WHERE a.user_id = :owner AND a.account < :after"
	" AND (:state = '' OR (a.closed_at IS NULL) = (:state = 'open'))"
	" ORDER BY a.account DESC LIMIT :limit";

struct account_item {
	struct account_view view;
	struct timestamp closed_at;
	bool closed;
};

static struct decimal shown(int64_t units)
{
	return decimal_trim(ledger_decimal(units));
}

/* The number as text, for the cursor, comes from the statement itself. */
static const char *item_read(const struct rows *rows, void *out, size_t *bytes)
{
	struct account_item *item = out;

	item->view = (struct account_view){
		.account = rows_int(rows, 0),
		.venue = rows_text(rows, 1),
		.run_id = rows_text(rows, 2),
		.strategy_id = rows_text(rows, 3),
		.strategy_name = rows_text(rows, 4),
		.symbol = rows_text(rows, 5),
		.opened_at = {rows_int(rows, 6)},
	};
	item->closed = !rows_is_null(rows, 7);
	item->closed_at.ms = rows_int(rows, 7);
	*bytes += sizeof(*item);
	return rows_text(rows, 0);
}

static void worth_put(const struct book *book, struct account_view *view)
{
	const struct holding *items = book->holdings.items;
	int64_t realised = 0, unrealised = 0, fees = 0;

	for (size_t i = 0; i < book->holdings.count; i++) {
		realised += items[i].realised;
		fees += items[i].fees;
		unrealised += items[i].value - items[i].cost;
		view->positions += items[i].quantity != 0;
	}
	view->start_balance = shown(book->start_balance);
	view->cash = shown(book->cash);
	view->exposure = shown(book->exposure);
	view->equity = shown(book->equity);
	view->realised = shown(realised);
	view->unrealised = shown(unrealised);
	view->fees = shown(fees);
}

static enum err views_make(
	struct scope *scope, const struct limits *limits, struct page *page)
{
	const struct account_item *items = page->data.items;
	struct account_view *views = arena_array(
		scope_arena(scope), page->data.count, sizeof(*views));
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < page->data.count; i++) {
		struct book book;

		views[i] = items[i].view;
		views[i].state = account_states[items[i].closed];
		if (items[i].closed)
			views[i].closed_at = &items[i].closed_at;
		err = book_look(scope, limits,
			&(const struct book_name){.account = views[i].account},
			&book);
		if (err == ERR_OK)
			worth_put(&book, &views[i]);
	}
	page->data = (struct list){views, page->data.count};
	return err;
}

static enum err list_read(struct scope *scope, const struct limits *limits,
	const struct account_query *in, struct page *out)
{
	static const struct page_kind kind = {.list = accounts_name,
		.size = sizeof(struct account_item),
		.read = item_read};
	struct page page;
	struct rows *rows;
	int64_t after = INT64_MAX;
	enum err err = page_after_number(
		scope_report(scope), accounts_name, in->cursor, &after);

	if (err == ERR_OK)
		err = scope_query(scope, list_sql,
			BINDS(bind_int(":after", after),
				bind_text(":state", in->state ? in->state : ""),
				bind_int(":limit", in->limit + 1)),
			&rows);
	if (err == ERR_OK)
		err = page_read(
			scope_arena(scope), &kind, rows, in->limit, &page);
	if (err == ERR_OK)
		err = views_make(scope, limits, &page);
	if (err == ERR_OK)
		*out = page;
	return err;
}

enum err portfolio_accounts(struct scope *scope, const struct limits *limits,
	const struct account_query *in, struct page *out)
{
	bool begun = false;
	enum err err = scope_begin_read(scope, &begun);

	if (err == ERR_OK)
		err = list_read(scope, limits, in, out);
	if (begun)
		scope_rollback(scope);
	return err;
}
