/*
 * Orders for their owner to read: one with its log, and lists. Writes nothing.
 */
#include "orders.h"

#include "order_private.h"
#include "page_private.h"
#include "text.h"
#include "vector_private.h"

static const char list_name[] = "orders";

/* One for each index that can lead: of few of a kind among many others none
   but these are read. */
#define LIST_BEGIN                                                    \
	"SELECT " ORDER_COLUMNS " FROM orders WHERE user_id = :owner" \
	" AND id < :after AND (account = :account OR :account = 0)"
#define LIST_END " ORDER BY id DESC LIMIT :limit"
static const char all_sql[] = LIST_BEGIN LIST_END;
static const char state_sql[] =
	LIST_BEGIN " AND state = :state"
		   " AND symbol = coalesce(:symbol, symbol)" LIST_END;
static const char symbol_sql[] = LIST_BEGIN " AND symbol = :symbol" LIST_END;
static const char open_sql[] =
	LIST_BEGIN " AND symbol = coalesce(:symbol, symbol)"
		   " AND " ORDER_OPEN_ONE LIST_END;
static const char log_sql[] =
	"SELECT at, from_state, to_state, cause, reason, filled"
	" FROM order_log WHERE user_id = :owner AND order_id = :id"
	" ORDER BY version";

/* A signal is about the candle that closed when it was decided. */
static const char signal_sql[] =
	"SELECT s.id FROM signals s JOIN strategy_runs r"
	" ON r.user_id = s.user_id AND r.id = s.run_id"
	" WHERE s.user_id = :owner AND s.run_id = :run"
	" AND s.candle_time = :decided - r.interval_ms";

static const char *item_read(const struct rows *rows, void *item, size_t *bytes)
{
	struct order *order = item;

	*bytes += sizeof(*order);
	order_read(rows, order);
	return order->id;
}

static enum err list_query(struct scope *scope, const struct order_query *in,
	const char *after, struct rows **out)
{
	const struct bind cursor = bind_text(":after", after);
	const struct bind account = bind_int(":account", in->account);
	const struct bind limit = bind_int(":limit", in->limit + 1);
	const struct bind symbol = bind_text(":symbol", in->symbol);

	if (in->state && text_equal(in->state, "open"))
		return scope_query(scope, open_sql,
			BINDS(cursor, account, limit, symbol), out);
	if (in->state)
		return scope_query(scope, state_sql,
			BINDS(cursor, account, limit, symbol,
				bind_text(":state", in->state)),
			out);
	if (in->symbol)
		return scope_query(scope, symbol_sql,
			BINDS(cursor, account, limit, symbol), out);
	return scope_query(scope, all_sql, BINDS(cursor, account, limit), out);
}

enum err order_list(
	struct scope *scope, const struct order_query *in, struct page *out)
{
	static const struct page_kind kind = {.list = list_name,
		.size = sizeof(struct order),
		.read = item_read};
	const char *after = NULL;
	struct order_view *views;
	struct rows *rows;
	struct page page;
	enum err err = page_after_id(
		scope_report(scope), list_name, in->cursor, &after);

	if (err == ERR_OK)
		err = list_query(scope, in, after, &rows);
	if (err == ERR_OK)
		err = page_read(
			scope_arena(scope), &kind, rows, in->limit, &page);
	if (err != ERR_OK)
		return err;
	views = arena_array(
		scope_arena(scope), page.data.count, sizeof(*views));
	for (size_t i = 0; i < page.data.count; i++)
		views[i] = order_view_of(scope_arena(scope),
			(const struct order *)page.data.items + i);
	page.data = (struct list){views, page.data.count};
	*out = page;
	return ERR_OK;
}

static enum err log_read(struct scope *scope, const char *id, struct list *out)
{
	struct vector events;
	struct rows *rows;
	bool more;
	enum err err =
		scope_query(scope, log_sql, BINDS(bind_text(":id", id)), &rows);

	if (err != ERR_OK)
		return err;
	vector_init(&events, scope_arena(scope), sizeof(struct order_event));
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		*(struct order_event *)vector_add(
			&events) = (struct order_event){{rows_int(rows, 0)},
			rows_text(rows, 1), rows_text(rows, 2),
			rows_text(rows, 3), rows_text(rows, 4),
			decimal_trim(ledger_decimal(rows_int(rows, 5)))};
	rows_end(rows);
	if (err == ERR_OK)
		*out = (struct list){events.items, events.count};
	return err;
}

static enum err signal_read(
	struct scope *scope, const struct order *order, const char **out)
{
	struct rows *rows;
	enum err err;

	if (!order->run_id || !order->decided_at)
		return ERR_OK;
	err = scope_one(scope, signal_sql,
		BINDS(bind_text(":run", order->run_id),
			bind_int(":decided", order->decided_at)),
		&rows);
	if (err == ERR_NOT_FOUND)
		return ERR_OK;
	if (err != ERR_OK)
		return err;
	*out = rows_text(rows, 0);
	rows_end(rows);
	return ERR_OK;
}

enum err order_get(struct scope *scope, const char *id, struct order_view *out)
{
	struct order order;
	struct list log = {0};
	const char *signal_id = NULL;
	bool begun = false;
	enum err err = scope_begin_read(scope, &begun);

	if (err == ERR_OK)
		err = order_find(scope, id, &order);
	if (err == ERR_OK)
		err = log_read(scope, id, &log);
	if (err == ERR_OK)
		err = signal_read(scope, &order, &signal_id);
	if (begun)
		scope_rollback(scope);
	if (err != ERR_OK)
		return err;
	*out = order_view_of(scope_arena(scope), &order);
	out->log = log;
	out->signal_id = signal_id;
	return ERR_OK;
}
