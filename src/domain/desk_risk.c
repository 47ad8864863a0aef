/*
 * The risk page: each limit and how much of it is used, what was denied today,
 * who stopped what. Reckons as risk.c does; must never decide anything.
 */
#include "desk_private.h"

#include "risk_private.h"
#include "text.h"

static const char today_sql[] =
	"SELECT coalesce(sum(orders), 0), coalesce(sum(denied), 0)"
	" FROM risk_days WHERE user_id = :owner AND day = :day";
static const char denials_sql[] =
	"SELECT reason, COUNT(*) FROM orders WHERE user_id = :owner"
	" AND state = 'denied' AND created_at >= :day"
	" GROUP BY reason ORDER BY COUNT(*) DESC, reason";
static const char recent_sql[] =
	"SELECT COUNT(*) FROM orders WHERE user_id = :owner"
	" AND source <> 'system'" /* as risk_settings.c counts */
	" AND coalesce(decided_at, created_at) > :since"
	" AND coalesce(decided_at, created_at) <= :until";
static const char state_sql[] =
	"SELECT state_by, state_at FROM risk_settings WHERE user_id = :owner";

enum use {
	USE_ORDER_VALUE,
	USE_SYMBOL_VALUE,
	USE_ACCOUNT_VALUE,
	USE_OPEN_ORDERS,
	USE_POSITIONS,
	USE_RATE,
	USE_DAILY_LOSS,
	USE_DRAWDOWN,
	USE_COUNT
};
const char *const desk_limits[] = {
	[USE_ORDER_VALUE] = "max_order_value",
	[USE_SYMBOL_VALUE] = "max_symbol_value",
	[USE_ACCOUNT_VALUE] = "max_account_value",
	[USE_OPEN_ORDERS] = "max_open_orders",
	[USE_POSITIONS] = "max_positions",
	[USE_RATE] = "orders_per_minute",
	[USE_DAILY_LOSS] = "max_daily_loss",
	[USE_DRAWDOWN] = "max_drawdown_pct",
	[USE_COUNT] = NULL,
};

enum {
	MINUTE_MS = 60 * 1000
};

/* What one page is made of. */
struct page_parts {
	struct scope *scope;
	struct risk_settings settings;
	struct list open, sums, orders; /* desk_open, desk_sum, order */
	int64_t recent;
};

static int64_t sum_of(int64_t a, int64_t b)
{
	int64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

static int64_t size_of(int64_t value)
{
	return value < 0 ? -value : value;
}

/* Of a number of things, as the limits of money are. */
static int64_t counted(int64_t count)
{
	return count * (int64_t)LEDGER_ONE;
}

/* ---- how much is used ------------------------------------------------------------ */

static int64_t worth_of(const struct order *order)
{
	int64_t value;

	return ledger_value(order->quantity - order->filled, order->bound,
		       &value) == ERR_OK
		       ? value
		       : INT64_MAX;
}

/* What open orders of the venue may add; symbol NULL: all of them. */
static int64_t pending(
	const struct page_parts *parts, const char *venue, const char *symbol)
{
	const struct order *orders = parts->orders.items;
	int64_t sum = 0;

	for (size_t i = 0; i < parts->orders.count; i++)
		if (text_equal(orders[i].venue, venue) &&
			(!symbol || text_equal(orders[i].symbol, symbol)) &&
			!risk_only_shrinks(&parts->settings, &orders[i]))
			sum = sum_of(sum, worth_of(&orders[i]));
	return sum;
}

static int64_t held(
	const struct page_parts *parts, const char *venue, const char *symbol)
{
	const struct desk_open *books = parts->open.items;
	int64_t sum = 0;

	for (size_t i = 0; i < parts->open.count; i++) {
		const struct vector *list = &books[i].book.holdings;
		const struct holding *items = list->items;

		for (size_t j = 0; j < list->count; j++)
			if (text_equal(books[i].view.venue, venue) &&
				text_equal(items[j].symbol, symbol))
				sum = sum_of(sum, size_of(items[j].value));
	}
	return sum;
}

static void symbol_use(const struct page_parts *parts, const char *venue,
	const char *symbol, int64_t *most)
{
	const int64_t value = sum_of(
		held(parts, venue, symbol), pending(parts, venue, symbol));

	if (value > *most)
		*most = value;
}

static int64_t symbols_use(const struct page_parts *parts, const char *venue)
{
	const struct desk_open *books = parts->open.items;
	const struct order *orders = parts->orders.items;
	int64_t most = 0;

	for (size_t i = 0; i < parts->open.count; i++) {
		const struct vector *list = &books[i].book.holdings;
		const struct holding *items = list->items;

		for (size_t j = 0; j < list->count; j++)
			if (items[j].quantity != 0)
				symbol_use(
					parts, venue, items[j].symbol, &most);
	}
	for (size_t i = 0; i < parts->orders.count; i++)
		symbol_use(parts, venue, orders[i].symbol, &most);
	return most;
}

static bool is_held(const struct page_parts *parts, const struct order *order)
{
	const struct desk_open *books = parts->open.items;
	bool found = false;

	for (size_t i = 0; i < parts->open.count; i++) {
		const struct vector *list = &books[i].book.holdings;
		const struct holding *items = list->items;

		for (size_t j = 0; j < list->count; j++)
			found |= books[i].view.account == order->account &&
				 items[j].quantity != 0 &&
				 text_equal(items[j].symbol, order->symbol);
	}
	return found;
}

/* Held, or asked for by an open order. */
static int64_t positions_use(
	const struct page_parts *parts, const struct desk_sum *sum)
{
	const struct order *orders = parts->orders.items;
	int64_t count = sum->amounts.positions;

	for (size_t i = 0; i < parts->orders.count; i++) {
		bool again = !text_equal(orders[i].venue, sum->venue) ||
			     is_held(parts, &orders[i]);

		for (size_t j = 0; j < i; j++)
			again |= orders[j].account == orders[i].account &&
				 text_equal(orders[j].symbol, orders[i].symbol);
		count += !again;
	}
	return count;
}

static int64_t largest_order(const struct page_parts *parts, const char *venue)
{
	const struct order *orders = parts->orders.items;
	int64_t most = 0;

	for (size_t i = 0; i < parts->orders.count; i++)
		if (text_equal(orders[i].venue, venue) &&
			worth_of(&orders[i]) > most)
			most = worth_of(&orders[i]);
	return most;
}

/* As risk reckons it: of one book and all others of the venue, also of runs
   that ended today. */
static enum err loss_read(
	const struct page_parts *parts, const char *venue, int64_t *out)
{
	const struct desk_open *books = parts->open.items;
	struct book book = {0};
	enum err err;

	for (size_t i = 0; i < parts->open.count; i++)
		if (text_equal(books[i].view.venue, venue))
			book = books[i].book;
	err = book_others(parts->scope, &book);
	if (err == ERR_OK)
		*out = book.day_start - book.equity + book.others_loss;
	return err;
}

static int64_t drawdown_use(const struct page_parts *parts, const char *venue)
{
	const struct desk_open *books = parts->open.items;
	int64_t most = 0;

	for (size_t i = 0; i < parts->open.count; i++)
		if (text_equal(books[i].view.venue, venue) &&
			books[i].drawdown_pct > most)
			most = books[i].drawdown_pct;
	return most;
}

static enum err uses_read(const struct page_parts *parts,
	const struct desk_sum *sum, int64_t used[USE_COUNT])
{
	const char *venue = sum->venue;
	enum err err = loss_read(parts, venue, &used[USE_DAILY_LOSS]);

	if (err != ERR_OK)
		return err;
	if (used[USE_DAILY_LOSS] < 0)
		used[USE_DAILY_LOSS] = 0;
	used[USE_ORDER_VALUE] = largest_order(parts, venue);
	used[USE_SYMBOL_VALUE] = symbols_use(parts, venue);
	used[USE_ACCOUNT_VALUE] =
		sum_of(sum->amounts.exposure, pending(parts, venue, NULL));
	used[USE_OPEN_ORDERS] = counted(sum->amounts.open_orders);
	used[USE_POSITIONS] = counted(positions_use(parts, sum));
	used[USE_RATE] = counted(parts->recent);
	used[USE_DRAWDOWN] = drawdown_use(parts, venue);
	return ERR_OK;
}

static enum err limits_read(const struct page_parts *parts, struct list *out)
{
	const struct risk_settings *set = &parts->settings;
	const int64_t most[USE_COUNT] = {
		[USE_ORDER_VALUE] = set->max_order_value,
		[USE_SYMBOL_VALUE] = set->max_symbol_value,
		[USE_ACCOUNT_VALUE] = set->max_account_value,
		[USE_OPEN_ORDERS] = counted(set->max_open_orders),
		[USE_POSITIONS] = counted(set->max_positions),
		[USE_RATE] = counted(set->orders_per_minute),
		[USE_DAILY_LOSS] = set->max_daily_loss,
		[USE_DRAWDOWN] = set->max_drawdown_pct,
	};
	struct arena *arena = scope_arena(parts->scope);
	const struct desk_sum *sums = parts->sums.items;
	struct desk_limit *views = arena_array(
		arena, parts->sums.count * USE_COUNT, sizeof(*views));
	enum err err = ERR_OK;

	for (size_t v = 0; err == ERR_OK && v < parts->sums.count; v++) {
		int64_t used[USE_COUNT] = {0};

		err = uses_read(parts, &sums[v], used);
		for (size_t i = 0; err == ERR_OK && i < USE_COUNT; i++)
			views[v * USE_COUNT + i] = (struct desk_limit){
				.venue = sums[v].venue,
				.name = desk_limits[i],
				.used = desk_shown(used[i]),
				.limit = most[i] ? desk_maybe(arena, most[i])
						 : NULL,
				.used_pct =
					most[i] ? desk_maybe(arena,
							  desk_percent(used[i],
								  most[i]))
						: NULL};
	}
	if (err == ERR_OK)
		*out = (struct list){views, parts->sums.count * USE_COUNT};
	return err;
}

/* ---- the rest --------------------------------------------------------------------- */

static enum err recent_read(struct scope *scope, int64_t *out)
{
	struct rows *rows;
	enum err err = scope_one(scope, recent_sql,
		BINDS(bind_int(":since", scope_now(scope) - MINUTE_MS),
			bind_int(":until", scope_now(scope))),
		&rows);

	if (err != ERR_OK)
		return err;
	*out = rows_int(rows, 0);
	rows_end(rows);
	return ERR_OK;
}

static enum err denials_read(struct scope *scope, struct desk_risk *page)
{
	struct vector list;
	struct rows *rows;
	bool more;
	enum err err = scope_query(scope, denials_sql,
		BINDS(bind_int(":day", book_day(scope))), &rows);

	if (err != ERR_OK)
		return err;
	vector_init(&list, scope_arena(scope), sizeof(struct desk_denial));
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		*(struct desk_denial *)vector_add(&list) = (struct desk_denial){
			rows_text(rows, 0), rows_int(rows, 1)};
	rows_end(rows);
	page->denials = (struct list){list.items, list.count};
	return err;
}

static enum err today_read(struct scope *scope, struct desk_risk *page)
{
	struct rows *rows;
	enum err err = scope_one(scope, today_sql,
		BINDS(bind_int(":day", book_day(scope))), &rows);

	if (err != ERR_OK)
		return err;
	page->orders_today = rows_int(rows, 0);
	page->denied_today = rows_int(rows, 1);
	rows_end(rows);
	return denials_read(scope, page);
}

static enum err state_read(
	const struct page_parts *parts, struct desk_risk *page)
{
	struct timestamp *at =
		arena_alloc(scope_arena(parts->scope), sizeof(*at));
	struct rows *rows;
	enum err err = scope_one(parts->scope, state_sql, NO_BINDS, &rows);

	page->state = risk_states[parts->settings.state];
	page->trading_halted = parts->settings.halted_all;
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	page->state_by = rows_text(rows, 0);
	at->ms = rows_int(rows, 1);
	if (!rows_is_null(rows, 1))
		page->state_at = at;
	rows_end(rows);
	return ERR_OK;
}

static enum err parts_read(
	struct page_parts *parts, const struct limits *limits)
{
	struct scope *scope = parts->scope;
	enum err err = risk_load(scope, limits, &parts->settings);

	if (err == ERR_OK)
		err = desk_open_read(scope, limits, &parts->open);
	if (err == ERR_OK)
		err = orders_open(scope, 0, NULL, &parts->orders);
	if (err == ERR_OK)
		err = recent_read(scope, &parts->recent);
	if (err == ERR_OK)
		parts->sums = desk_sum_up(scope_arena(scope), &parts->open);
	return err;
}

static enum err page_read_all(struct scope *scope, const struct limits *limits,
	struct desk_risk *page)
{
	struct page_parts parts = {.scope = scope};
	struct arena *arena = scope_arena(scope);
	enum err err = parts_read(&parts, limits);

	if (err == ERR_OK)
		err = limits_read(&parts, &page->limits);
	if (err == ERR_OK)
		err = state_read(&parts, page);
	if (err == ERR_OK)
		err = today_read(scope, page);
	if (err != ERR_OK)
		return err;
	page->venues = desk_venues_view(arena, &parts.sums);
	page->books = desk_books_view(arena, &parts.open);
	page->exposure = desk_exposure_view(arena, &parts.open, &parts.sums);
	return ERR_OK;
}

enum err desk_risk_get(
	struct scope *scope, const struct limits *limits, struct desk_risk *out)
{
	struct desk_risk page = {0};
	bool begun = false;
	enum err err = scope_begin_read(scope, &begun);

	if (err == ERR_OK)
		err = page_read_all(scope, limits, &page);
	if (begun)
		scope_rollback(scope);
	if (err == ERR_OK)
		*out = page;
	return err;
}
