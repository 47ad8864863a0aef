/*
 * All open books of a user as they stand, and what they come to. Must never
 * add up paper and real money.
 */
#include "desk_private.h"

#include "text.h"

static const char books_sql[] =
	"SELECT a.account, a.venue, a.run_id, r.strategy_id, s.name, r.symbol,"
	" a.opened_at FROM trade_accounts a"
	" LEFT JOIN strategy_runs r ON r.user_id = a.user_id"
	" AND r.id = a.run_id LEFT JOIN strategies s"
	" ON s.user_id = a.user_id AND s.id = r.strategy_id"
	" WHERE a.user_id = :owner AND a.closed_at IS NULL"
	" ORDER BY a.account";
static const char open_orders_sql[] =
	"SELECT account FROM orders WHERE user_id = :owner"
	" AND " ORDER_OPEN_MINE " ORDER BY id";

struct decimal desk_shown(int64_t units)
{
	return decimal_trim(ledger_decimal(units));
}

const struct decimal *desk_maybe(struct arena *arena, int64_t units)
{
	struct decimal *value = arena_alloc(arena, sizeof(*value));

	*value = desk_shown(units);
	return value;
}

int64_t desk_percent(int64_t part, int64_t whole)
{
	enum {
		HUNDREDTH = LEDGER_ONE / 100
	};
	__extension__ typedef __int128 wide;
	wide hundredths;

	if (whole <= 0)
		return 0;
	hundredths = (wide)part * 10000 / whole;
	if (hundredths > INT64_MAX / HUNDREDTH)
		return INT64_MAX / HUNDREDTH * HUNDREDTH;
	if (hundredths < -(INT64_MAX / HUNDREDTH))
		return -(INT64_MAX / HUNDREDTH * HUNDREDTH);
	return (int64_t)hundredths * HUNDREDTH;
}

/* ---- read ---------------------------------------------------------------------- */

static enum err names_read(struct scope *scope, struct vector *open)
{
	struct rows *rows;
	bool more;
	enum err err = scope_query(scope, books_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		((struct desk_open *)vector_add(open))->view =
			(struct desk_book){
				.account = rows_int(rows, 0),
				.venue = rows_text(rows, 1),
				.run_id = rows_text(rows, 2),
				.strategy_id = rows_text(rows, 3),
				.strategy_name = rows_text(rows, 4),
				.symbol = rows_text(rows, 5),
				.opened_at = {rows_int(rows, 6)},
			};
	rows_end(rows);
	return err;
}

static enum err open_orders_read(struct scope *scope, struct vector *open)
{
	struct desk_open *items = open->items;
	struct rows *rows;
	bool more;
	enum err err = scope_query(scope, open_orders_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		for (size_t i = 0; i < open->count; i++)
			items[i].amounts.open_orders +=
				items[i].view.account == rows_int(rows, 0);
	rows_end(rows);
	return err;
}

static void worth_put(struct desk_open *one)
{
	const struct book *book = &one->book;
	const struct holding *items = book->holdings.items;
	struct desk_amounts *sums = &one->amounts;

	sums->start = book->start_balance;
	sums->cash = book->cash;
	sums->exposure = book->exposure;
	sums->equity = book->equity;
	sums->day_change = book->equity - book->day_start;
	for (size_t i = 0; i < book->holdings.count; i++) {
		sums->realised += items[i].realised;
		sums->fees += items[i].fees;
		sums->unrealised += items[i].value - items[i].cost;
		sums->positions += items[i].quantity != 0;
	}
	if (book->peak > book->equity)
		one->drawdown_pct =
			desk_percent(book->peak - book->equity, book->peak);
}

static void unopened_add(
	struct scope *scope, const struct limits *limits, struct vector *open)
{
	struct desk_open *one = vector_add(open);

	book_unopened(scope, limits, &one->book);
	one->view.venue = one->book.venue;
	one->view.opened_at.ms = scope_now(scope);
	worth_put(one);
}

enum err desk_open_read(
	struct scope *scope, const struct limits *limits, struct list *out)
{
	struct vector open;
	struct desk_open *items;
	enum err err;

	vector_init(&open, scope_arena(scope), sizeof(struct desk_open));
	err = names_read(scope, &open);
	items = open.items;
	for (size_t i = 0; err == ERR_OK && i < open.count; i++) {
		err = book_look(scope, limits,
			&(const struct book_name){
				.account = items[i].view.account},
			&items[i].book);
		if (err == ERR_OK)
			worth_put(&items[i]);
	}
	if (err == ERR_OK)
		err = open_orders_read(scope, &open);
	if (err == ERR_OK && open.count == 0)
		unopened_add(scope, limits, &open);
	if (err == ERR_OK)
		*out = (struct list){open.items, open.count};
	return err;
}

/* ---- sums ----------------------------------------------------------------------- */

void desk_amounts_add(struct desk_amounts *sum, const struct desk_amounts *one)
{
	sum->start += one->start;
	sum->cash += one->cash;
	sum->exposure += one->exposure;
	sum->equity += one->equity;
	sum->realised += one->realised;
	sum->unrealised += one->unrealised;
	sum->fees += one->fees;
	sum->day_change += one->day_change;
	sum->positions += one->positions;
	sum->open_orders += one->open_orders;
}

struct list desk_sum_up(struct arena *arena, const struct list *open)
{
	const struct desk_open *items = open->items;
	struct vector sums;

	vector_init(&sums, arena, sizeof(struct desk_sum));
	for (size_t v = 0; order_venues[v]; v++) {
		struct desk_sum sum = {.venue = order_venues[v]};

		for (size_t i = 0; i < open->count; i++)
			if (text_equal(items[i].view.venue, sum.venue)) {
				desk_amounts_add(
					&sum.amounts, &items[i].amounts);
				sum.books++;
			}
		if (sum.books > 0)
			*(struct desk_sum *)vector_add(&sums) = sum;
	}
	return (struct list){sums.items, sums.count};
}

static struct desk_sums sums_view(const struct desk_amounts *amounts)
{
	return (struct desk_sums){
		.start_balance = desk_shown(amounts->start),
		.cash = desk_shown(amounts->cash),
		.exposure = desk_shown(amounts->exposure),
		.equity = desk_shown(amounts->equity),
		.realised = desk_shown(amounts->realised),
		.unrealised = desk_shown(amounts->unrealised),
		.fees = desk_shown(amounts->fees),
		.day_change = desk_shown(amounts->day_change),
		.positions = amounts->positions,
		.open_orders = amounts->open_orders,
	};
}

struct list desk_books_view(struct arena *arena, const struct list *open)
{
	const struct desk_open *items = open->items;
	struct desk_book *views =
		arena_array(arena, open->count, sizeof(*views));

	for (size_t i = 0; i < open->count; i++) {
		views[i] = items[i].view;
		views[i].sums = sums_view(&items[i].amounts);
		views[i].drawdown_pct = desk_shown(items[i].drawdown_pct);
	}
	return (struct list){views, open->count};
}

struct list desk_venues_view(struct arena *arena, const struct list *sums)
{
	const struct desk_sum *items = sums->items;
	struct desk_venue *views =
		arena_array(arena, sums->count, sizeof(*views));

	for (size_t i = 0; i < sums->count; i++)
		views[i] = (struct desk_venue){.venue = items[i].venue,
			.books = items[i].books,
			.sums = sums_view(&items[i].amounts)};
	return (struct list){views, sums->count};
}

/* ---- exposure ------------------------------------------------------------------- */

struct exposure {
	const char *venue, *symbol;
	int64_t value, size, books;
};

static struct exposure *exposure_of(
	struct vector *list, const char *venue, const char *symbol)
{
	struct exposure *items = list->items;

	for (size_t i = 0; i < list->count; i++)
		if (text_equal(items[i].venue, venue) &&
			text_equal(items[i].symbol, symbol))
			return &items[i];
	items = vector_add(list);
	*items = (struct exposure){.venue = venue, .symbol = symbol};
	return items;
}

static void exposures_add(struct vector *list, const struct desk_open *one)
{
	const struct holding *holdings = one->book.holdings.items;

	for (size_t i = 0; i < one->book.holdings.count; i++) {
		struct exposure *exposure;

		if (holdings[i].quantity == 0)
			continue;
		exposure =
			exposure_of(list, one->view.venue, holdings[i].symbol);
		exposure->value += holdings[i].value;
		exposure->size += holdings[i].value < 0 ? -holdings[i].value
							: holdings[i].value;
		exposure->books++;
	}
}

static int larger(const void *left, const void *right)
{
	const struct exposure *a = left, *b = right;

	return (a->size < b->size) - (a->size > b->size);
}

static int64_t equity_of(const struct list *sums, const char *venue)
{
	const struct desk_sum *items = sums->items;

	for (size_t i = 0; i < sums->count; i++)
		if (text_equal(items[i].venue, venue))
			return items[i].amounts.equity;
	return 0;
}

struct list desk_exposure_view(
	struct arena *arena, const struct list *open, const struct list *sums)
{
	const struct desk_open *books = open->items;
	struct desk_exposure *views;
	struct exposure *items;
	struct vector list;

	vector_init(&list, arena, sizeof(struct exposure));
	for (size_t i = 0; i < open->count; i++)
		exposures_add(&list, &books[i]);
	items = list.items;
	if (list.count > 0)
		qsort(items, list.count, sizeof(*items), larger);
	views = arena_array(arena, list.count, sizeof(*views));
	for (size_t i = 0; i < list.count; i++)
		views[i] = (struct desk_exposure){.venue = items[i].venue,
			.symbol = items[i].symbol,
			.value = desk_shown(items[i].value),
			.size = desk_shown(items[i].size),
			.equity_pct = desk_shown(desk_percent(items[i].size,
				equity_of(sums, items[i].venue))),
			.books = items[i].books};
	return (struct list){views, list.count};
}
