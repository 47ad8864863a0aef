/*
 * Placing, changing and cancelling: each one transaction that begins with the
 * account's lock. What risk refuses is written down as denied; what it lets
 * in goes to the venue before anybody else can look. Must never make an order
 * that did not pass risk.
 */
#include "orders.h"

#include "id.h"
#include "live_private.h"
#include "order_input_private.h"
#include "paper_private.h"
#include "symbol_private.h"

static const char pair_sql[] =
	"SELECT coalesce(sum(filled), 0), COUNT(*) FROM orders"
	" WHERE user_id = :owner AND oco = :oco AND account = :account";
static const char taken_sql[] = "SELECT 1 FROM orders WHERE user_id = :owner"
				" AND client_order_id = :client";

static const char run_sql[] = "SELECT 1 FROM strategy_runs"
			      " WHERE user_id = :owner AND id = :run"
			      " AND state = 'running'";

enum {
	PAIR = 2
};

/* One order in its transaction. */
struct desk {
	struct scope *scope;
	const struct limits *limits;
	struct book book;
	struct risk_settings settings;
	struct quote quote;
	struct order order;
};

static enum err symbol_read(struct desk *desk, const char *symbol)
{
	enum err err = symbol_is_valid(symbol)
			       ? quote_read(desk->scope, symbol, &desk->quote)
			       : ERR_NOT_FOUND;

	if (err != ERR_NOT_FOUND)
		return err;
	report_fault(scope_report(desk->scope), "/symbol",
		"there is no such symbol");
	return ERR_BAD_INPUT;
}

static enum err desk_open(
	struct desk *desk, const struct book_name *name, const char *symbol)
{
	enum err err = book_open(desk->scope, desk->limits, name, &desk->book);

	if (err == ERR_OK)
		err = book_others(desk->scope, &desk->book);
	if (err == ERR_OK)
		err = risk_load(desk->scope, desk->limits, &desk->settings);
	if (err == ERR_OK)
		err = symbol_read(desk, symbol);
	if (err == ERR_OK && live_is(desk->book.venue))
		live_desk(&desk->settings, &desk->quote);
	return err;
}

/* Each order, by whoever it is given, passes here. */
static enum err risk_ask(
	struct desk *desk, const char *except, const char **reason)
{
	struct risk_case c = {.settings = &desk->settings,
		.book = &desk->book,
		.quote = &desk->quote};
	enum err err = order_bound(
		&desk->book, &desk->quote, &desk->order, &desk->order.bound);

	if (err == ERR_OK)
		err = risk_case_read(desk->scope, &desk->order, except, &c);
	if (err == ERR_OK)
		*reason = risk_refuse(&c, &desk->order);
	return err;
}

enum err order_risk(struct scope *scope, const struct limits *limits,
	struct order *order, const char **reason)
{
	struct desk desk = {.scope = scope, .limits = limits, .order = *order};
	enum err err = desk_open(&desk,
		&(const struct book_name){.account = order->account},
		order->symbol);

	desk.settings.orders_per_minute = 0;
	if (err == ERR_OK)
		err = risk_ask(&desk, order->id, reason);
	if (err == ERR_OK)
		order->bound = desk.order.bound;
	return err;
}

/* ---- placing --------------------------------------------------------------------- */

static enum err client_id_check(struct desk *desk)
{
	struct rows *rows;
	enum err err = scope_one(desk->scope, taken_sql,
		BINDS(bind_text(":client", desk->order.client_order_id)),
		&rows);

	if (err == ERR_NOT_FOUND)
		return ERR_OK;
	if (err != ERR_OK)
		return err;
	rows_end(rows);
	report_detail(scope_report(desk->scope),
		"There is an order with this client_order_id already.");
	return ERR_CONFLICT;
}

/* Behind one of a pair that filled there is nothing to add. */
static enum err pair_check(struct desk *desk)
{
	struct rows *rows;
	bool over;
	enum err err;

	if (!desk->order.oco)
		return ERR_OK;
	err = scope_one(desk->scope, pair_sql,
		BINDS(bind_text(":oco", desk->order.oco),
			bind_int(":account", desk->book.account)),
		&rows);
	if (err != ERR_OK)
		return err;
	over = rows_int(rows, 0) > 0 || rows_int(rows, 1) >= PAIR;
	rows_end(rows);
	if (!over)
		return ERR_OK;
	report_detail(scope_report(desk->scope),
		"This oco pair has two orders already, or one that filled.");
	return ERR_CONFLICT;
}

/* What a strategy does in its book must stay what its simulator thinks. */
static enum err run_check(struct desk *desk)
{
	struct rows *rows;
	enum err err;

	if (!desk->book.run_id)
		return ERR_OK;
	err = scope_one(desk->scope, run_sql,
		BINDS(bind_text(":run", desk->book.run_id)), &rows);
	if (err == ERR_NOT_FOUND)
		return ERR_OK;
	if (err != ERR_OK)
		return err;
	rows_end(rows);
	report_detail(scope_report(desk->scope),
		"A strategy trades in this account; stop it first.");
	return ERR_CONFLICT;
}

static enum err admit(struct desk *desk)
{
	struct paper paper = {
		desk->scope, &desk->book, &desk->settings, desk->quote};
	struct order next = desk->order;
	enum err err;

	if (live_watched(&desk->order))
		return live_watch(desk->scope, &desk->quote, &desk->order);
	if (live_is(desk->book.venue))
		return live_submit(desk->scope, desk->limits, &desk->order);
	next.state = ORDER_ACCEPTED;
	err = order_move(desk->scope, &desk->order, &next, CAUSE_VENUE);
	if (err == ERR_OK)
		err = paper_take(&paper, &desk->order);
	if (err == ERR_OK && !order_is_over(desk->order.state))
		err = order_note(desk->scope, &desk->order);
	if (err == ERR_OK && desk->order.filled > 0)
		err = book_mark(desk->scope, &desk->book);
	if (err == ERR_OK && desk->book.run_id)
		err = book_settle(desk->scope);
	return err;
}

static enum err make(struct desk *desk, const struct order_from *from)
{
	struct order *order = &desk->order;
	const char *reason = NULL;
	enum err err;

	order->id = id_new(scope_arena(desk->scope), scope_now(desk->scope));
	order->account = desk->book.account;
	order->source = from->source;
	order->run_id = from->run_id;
	order->seen_until = scope_now(desk->scope) - 1;
	if (!order->client_order_id)
		order->client_order_id = order->id;
	err = client_id_check(desk);
	if (err == ERR_OK)
		err = pair_check(desk);
	if (err == ERR_OK)
		err = risk_ask(desk, NULL, &reason);
	if (err == ERR_OK)
		err = order_begin(desk->scope, order);
	if (err == ERR_OK)
		err = book_count(desk->scope, &desk->book, reason != NULL);
	if (err != ERR_OK)
		return err;
	if (reason)
		return order_end(
			desk->scope, order, ORDER_DENIED, CAUSE_RISK, reason);
	return admit(desk);
}

/* With all that is wrong besides. */
static enum err not_this_venue(struct desk *desk, const struct order_new *in)
{
	enum err err = symbol_read(desk, in->symbol);

	if (err == ERR_OK)
		err = order_input(
			desk->scope, in, desk->quote.tick, &desk->order);
	return err == ERR_OK ? ERR_BAD_INPUT : err;
}

static enum err no_account(struct desk *desk, const struct order_new *in)
{
	report_detail(scope_report(desk->scope),
		"The account at %s has not been read yet: try again in a "
		"moment.",
		in->venue);
	return ERR_CONFLICT;
}

static enum err place(struct desk *desk, const struct order_new *in,
	const struct order_from *from, struct order_view *out)
{
	const struct book_name name = {in->account, in->venue, NULL};
	enum err err = idempotency_find(desk->scope, from->once);

	if (err != ERR_OK || (from->once && from->once->stored))
		return err;
	if (live_is(in->venue))
		err = live_check(desk->scope, desk->limits, in);
	if (err == ERR_BAD_INPUT)
		return not_this_venue(desk, in);
	if (err == ERR_OK)
		err = desk_open(desk, &name, in->symbol);
	if (err == ERR_NOT_FOUND && !in->account)
		return no_account(desk, in);
	if (err == ERR_OK)
		err = run_check(desk);
	if (err == ERR_OK)
		err = order_input(
			desk->scope, in, desk->quote.tick, &desk->order);
	if (err == ERR_OK)
		err = make(desk, from);
	if (err != ERR_OK)
		return err;
	*out = order_view_of(scope_arena(desk->scope), &desk->order);
	return idempotency_keep(desk->scope, from->once, out);
}

enum err order_place(struct scope *scope, const struct limits *limits,
	const struct order_new *in, const struct order_from *from,
	struct order_view *out)
{
	struct desk desk = {.scope = scope, .limits = limits};
	struct order_view view = {0};
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	err = scope_end(scope, place(&desk, in, from, &view));
	if (err == ERR_OK && !(from->once && from->once->stored))
		*out = view;
	return err;
}

/* ---- cancelling -------------------------------------------------------------------- */

static enum err over(struct scope *scope, const struct order *order)
{
	report_detail(scope_report(scope), "It is %s already.",
		order_states[order->state]);
	return ERR_CONFLICT;
}

static enum err cancel(struct scope *scope, const char *id, struct order *out)
{
	enum err err = order_find(scope, id, out);

	if (err != ERR_OK)
		return err;
	if (order_is_over(out->state))
		return over(scope, out);
	return order_stop(scope, out, CAUSE_CANCEL, NULL);
}

enum err order_cancel(
	struct scope *scope, const char *id, struct order_view *out)
{
	struct order order;
	enum err err = scope_begin(scope);

	if (err == ERR_OK)
		err = scope_end(scope, cancel(scope, id, &order));
	if (err == ERR_OK)
		*out = order_view_of(scope_arena(scope), &order);
	return err;
}

static const char all_sql[] =
	"SELECT " ORDER_COLUMNS " FROM orders WHERE user_id = :owner"
	" AND symbol = coalesce(:symbol, symbol)"
	" AND " ORDER_OPEN_MINE " ORDER BY id";

/* With the first of a pair the other may have ended. */
static enum err cancel_open(struct scope *scope, const char *id)
{
	struct order order;
	enum err err = order_find(scope, id, &order);

	if (err != ERR_OK || order_is_over(order.state))
		return err;
	return order_stop(scope, &order, CAUSE_CANCEL, NULL);
}

static enum err cancel_all(
	struct scope *scope, const char *symbol, int64_t *count)
{
	struct vector orders;
	struct rows *rows;
	bool more;
	enum err err = scope_query(
		scope, all_sql, BINDS(bind_text(":symbol", symbol)), &rows);

	if (err != ERR_OK)
		return err;
	vector_init(&orders, scope_arena(scope), sizeof(struct order));
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		order_read(rows, vector_add(&orders));
	rows_end(rows);
	for (size_t i = 0; err == ERR_OK && i < orders.count; i++)
		err = cancel_open(scope, ((struct order *)orders.items)[i].id);
	*count = (int64_t)orders.count;
	return err;
}

enum err order_cancel_all(
	struct scope *scope, const char *symbol, int64_t *count)
{
	int64_t cancelled = 0;
	enum err err = scope_begin(scope);

	if (err == ERR_OK)
		err = scope_end(scope, cancel_all(scope, symbol, &cancelled));
	if (err == ERR_OK)
		*count = cancelled;
	return err;
}

/* ---- changing ------------------------------------------------------------------------ */

static enum err refused(struct desk *desk, const char *reason)
{
	report_fault(scope_report(desk->scope), "",
		"risk refuses the change: %s", reason);
	return ERR_BAD_INPUT;
}

/* With what the exchange takes, and no strategy counts on. */
static enum err live_allows(struct desk *desk)
{
	enum err err = run_check(desk);

	return err ? err
		   : live_change_check(desk->scope, &desk->order, &desk->quote);
}

/* Risk let it in. What rests at an exchange is what it was until that has
   cancelled it. */
static enum err amend_put(struct desk *desk, struct order *before)
{
	enum err err;

	if (live_is(before->venue) && !live_watched(before))
		err = live_amend(desk->scope, before, &desk->order);
	else
		err = order_move(
			desk->scope, before, &desk->order, CAUSE_AMEND);
	desk->order = *before;
	return err;
}

static enum err amend(
	struct desk *desk, const struct order_change *in, int64_t if_version)
{
	struct order before;
	const char *reason = NULL;
	enum err err = order_find(desk->scope, in->id, &before);

	if (err != ERR_OK)
		return err;
	if (if_version && if_version != before.version)
		return ERR_PRECONDITION;
	if (order_is_over(before.state))
		return over(desk->scope, &before);
	if (live_is(before.venue))
		err = live_may_amend(desk->scope, &before);
	if (err != ERR_OK)
		return err;
	err = desk_open(desk,
		&(const struct book_name){.account = before.account},
		before.symbol);
	desk->order = before;
	if (err == ERR_OK)
		err = order_change_input(
			desk->scope, in, desk->quote.tick, &desk->order);
	if (err == ERR_OK && live_is(before.venue))
		err = live_allows(desk);
	/* as a new one: what candles and quotes showed before is known to who
	   changes it */
	if (desk->order.seen_until < scope_now(desk->scope) - 1)
		desk->order.seen_until = scope_now(desk->scope) - 1;
	if (err == ERR_OK)
		err = risk_ask(desk, before.id, &reason);
	if (err != ERR_OK)
		return err;
	if (reason)
		return refused(desk, reason);
	return amend_put(desk, &before);
}

/* As if it came in now: what takes at its new price does so. */
static enum err amend_take(struct desk *desk)
{
	struct paper paper = {
		desk->scope, &desk->book, &desk->settings, desk->quote};
	enum err err = ERR_OK;

	if (live_is(desk->order.venue))
		return ERR_OK;
	if (desk->order.filled == 0)
		err = paper_take(&paper, &desk->order);
	if (err == ERR_OK && !order_is_over(desk->order.state))
		err = order_note(desk->scope, &desk->order);
	if (err == ERR_OK && desk->order.filled > 0)
		err = book_mark(desk->scope, &desk->book);
	return err;
}

enum err order_amend(struct scope *scope, const struct limits *limits,
	const struct order_change *in, int64_t if_version,
	struct order_view *out)
{
	struct desk desk = {.scope = scope, .limits = limits};
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	err = amend(&desk, in, if_version);
	if (err == ERR_OK)
		err = amend_take(&desk);
	err = scope_end(scope, err);
	if (err == ERR_OK)
		*out = order_view_of(scope_arena(scope), &desk.order);
	return err;
}
