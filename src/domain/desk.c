/*
 * The pages of the desk: overview and trading. Each in one snapshot, of parts
 * that others read. Writes nothing.
 */
#include "totals_private.h"

static const char running_sql[] =
	"SELECT COUNT(*) FROM strategy_runs"
	" WHERE user_id = :owner AND state = 'running'";

static enum err running_read(struct scope *scope, int64_t *out)
{
	struct rows *rows;
	enum err err = scope_one(scope, running_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	*out = rows_int(rows, 0);
	rows_end(rows);
	return ERR_OK;
}

static enum err trades_read(
	struct scope *scope, int64_t count, struct list *out)
{
	struct page page = {.next_cursor = NULL};
	enum err err = trade_list(
		scope, &(const struct trade_query){.limit = count}, &page);

	if (err == ERR_OK)
		*out = page.data;
	return err;
}

static enum err orders_read(struct scope *scope, struct list *out)
{
	struct page page = {.next_cursor = NULL};
	enum err err = order_list(scope,
		&(const struct order_query){
			.limit = DESK_ORDERS, .state = "open"},
		&page);

	if (err == ERR_OK)
		*out = page.data;
	return err;
}

static enum err overview_read(struct scope *scope, const struct limits *limits,
	struct desk_overview *page)
{
	struct arena *arena = scope_arena(scope);
	struct list open = {0}, sums;
	enum err err = desk_open_read(scope, limits, &open);

	if (err == ERR_OK)
		err = running_read(scope, &page->running_strategies);
	if (err == ERR_OK)
		err = trades_read(scope, DESK_OVERVIEW_TRADES, &page->trades);
	if (err == ERR_OK)
		err = totals_read(scope, limits, &open, &page->totals);
	if (err != ERR_OK)
		return err;
	sums = desk_sum_up(arena, &open);
	page->venues = desk_venues_view(arena, &sums);
	page->books = desk_books_view(arena, &open);
	return ERR_OK;
}

enum err desk_overview_get(struct scope *scope, const struct limits *limits,
	struct desk_overview *out)
{
	struct desk_overview page = {.running_strategies = 0};
	bool begun = false;
	enum err err = scope_begin_read(scope, &begun);

	if (err == ERR_OK)
		err = overview_read(scope, limits, &page);
	if (begun)
		scope_rollback(scope);
	if (err == ERR_OK)
		*out = page;
	return err;
}

/* ---- trading -------------------------------------------------------------------- */

static struct list positions_of(struct arena *arena, const struct list *open)
{
	const struct desk_open *books = open->items;
	struct vector views;

	vector_init(&views, arena, sizeof(struct desk_position));
	for (size_t i = 0; i < open->count; i++) {
		const struct vector *list = &books[i].book.holdings;
		const struct holding *items = list->items;

		for (size_t j = 0; j < list->count; j++)
			if (items[j].quantity != 0)
				*(struct desk_position *)vector_add(
					&views) = (struct desk_position){
					books[i].view.account,
					books[i].view.venue,
					books[i].view.strategy_name,
					position_view_of(arena, &items[j])};
	}
	return (struct list){views.items, views.count};
}

static enum err trading_read(struct scope *scope, const struct limits *limits,
	struct desk_trading *page)
{
	struct arena *arena = scope_arena(scope);
	struct list open = {0}, sums;
	enum err err = desk_open_read(scope, limits, &open);

	if (err != ERR_OK)
		return err;
	sums = desk_sum_up(arena, &open);
	page->venues = desk_venues_view(arena, &sums);
	page->books = desk_books_view(arena, &open);
	page->positions = positions_of(arena, &open);
	err = orders_read(scope, &page->orders);
	if (err == ERR_OK)
		err = trades_read(scope, DESK_TRADES, &page->trades);
	if (err == ERR_OK)
		err = desk_periods_read(scope, &sums, &page->periods);
	if (err == ERR_OK)
		err = desk_curves_read(scope, &open, &sums, &page->curves);
	return err;
}

enum err desk_trading_get(struct scope *scope, const struct limits *limits,
	struct desk_trading *out)
{
	struct desk_trading page = {.orders = {0}};
	bool begun = false;
	enum err err = scope_begin_read(scope, &begun);

	if (err == ERR_OK)
		err = trading_read(scope, limits, &page);
	if (begun)
		scope_rollback(scope);
	if (err == ERR_OK)
		*out = page;
	return err;
}
