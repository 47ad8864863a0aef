/*
 * Orders as rows: read, found, and shown. Must never show a number that the
 * row does not hold.
 */
#include "live_private.h"

#include "id.h"
#include "text.h"
#include "vector_private.h"

const char *const order_types[] = {
	[MATCH_MARKET] = "market",
	[MATCH_LIMIT] = "limit",
	[MATCH_STOP] = "stop",
	[MATCH_STOP_LIMIT] = "stop_limit",
	[MATCH_TAKE_PROFIT] = "take_profit",
	[MATCH_TRAILING] = "trailing_stop",
	[MATCH_TYPE_COUNT] = NULL,
};
const char *const order_forces[] = {
	[MATCH_GTC] = "gtc",
	[MATCH_IOC] = "ioc",
	[MATCH_FOK] = "fok",
	[MATCH_FORCE_COUNT] = NULL,
};
const char *const order_sides[] = {"buy", "sell", NULL};
const char *const order_venues[] = {"paper", "binance", NULL};

const char *const order_sources[] = {
	[ORDER_MANUAL] = "manual",
	[ORDER_BY_KEY] = "key",
	[ORDER_BY_STRATEGY] = "strategy",
	[ORDER_BY_SYSTEM] = "system",
	[ORDER_BY_HOOK] = "hook",
	NULL,
};

static const char find_sql[] =
	"SELECT " ORDER_COLUMNS " FROM orders WHERE user_id = :owner"
	" AND id = :id";
static const char open_sql[] =
	"SELECT " ORDER_COLUMNS " FROM orders WHERE user_id = :owner"
	" AND (account = :account OR :account = 0)"
	" AND symbol = coalesce(:symbol, symbol)"
	" AND " ORDER_OPEN_MINE " ORDER BY id";

/* The CHECKs of the table name the same words. */
static unsigned index_of(const char *const *names, const char *name)
{
	unsigned at = 0;

	while (names[at + 1] && !text_equal(names[at], name))
		at++;
	return at;
}

void order_read(const struct rows *rows, struct order *out)
{
	*out = (struct order){
		.id = rows_text(rows, 0),
		.client_order_id = rows_text(rows, 1),
		.symbol = rows_text(rows, 2),
		.run_id = rows_text(rows, 3),
		.oco = rows_text(rows, 4),
		.reason = rows_text(rows, 5),
		.venue = rows_text(rows, 6),
		.source = (enum order_source)index_of(
			order_sources, rows_text(rows, 7)),
		.type = (enum match_type)index_of(
			order_types, rows_text(rows, 8)),
		.force = (enum match_force)index_of(
			order_forces, rows_text(rows, 9)),
		.state = (enum order_state)index_of(
			order_states, rows_text(rows, 10)),
		.buys = text_equal(rows_text(rows, 11), order_sides[0]),
		.post_only = rows_int(rows, 12),
		.reduce_only = rows_int(rows, 13),
		.triggered = rows_int(rows, 14),
		.account = rows_int(rows, 15),
		.quantity = rows_int(rows, 16),
		.filled = rows_int(rows, 17),
		.filled_value = rows_int(rows, 18),
		.fees = rows_int(rows, 19),
		.price = rows_int(rows, 20),
		.stop = rows_int(rows, 21),
		.trail = rows_int(rows, 22),
		.bound = rows_int(rows, 23),
		.mark = rows_int(rows, 24),
		.seen_until = rows_int(rows, 25),
		.version = rows_int(rows, 26),
		.created_at = rows_int(rows, 27),
		.updated_at = rows_int(rows, 28),
		.decided_at = rows_int(rows, 29),
	};
}

enum err order_find(struct scope *scope, const char *id, struct order *out)
{
	struct rows *rows;
	enum err err = id_is_valid(id)
			       ? scope_one(scope, find_sql,
					 BINDS(bind_text(":id", id)), &rows)
			       : ERR_NOT_FOUND;

	if (err != ERR_OK)
		return err;
	order_read(rows, out);
	rows_end(rows);
	return ERR_OK;
}

enum err orders_open(struct scope *scope, int64_t account, const char *symbol,
	struct list *out)
{
	struct vector orders;
	struct rows *rows;
	bool more;
	enum err err = scope_query(scope, open_sql,
		BINDS(bind_int(":account", account),
			bind_text(":symbol", symbol)),
		&rows);

	if (err != ERR_OK)
		return err;
	vector_init(&orders, scope_arena(scope), sizeof(struct order));
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		order_read(rows, vector_add(&orders));
	rows_end(rows);
	if (err == ERR_OK)
		*out = (struct list){orders.items, orders.count};
	return err;
}

static struct decimal shown(int64_t units)
{
	return decimal_trim(ledger_decimal(units));
}

static const struct decimal *maybe(struct arena *arena, int64_t units)
{
	struct decimal *value = arena_alloc(arena, sizeof(*value));

	*value = shown(units);
	return units ? value : NULL;
}

/* Of what was filled, to 8 digits. */
static int64_t average(const struct order *order)
{
	if (order->filled == 0)
		return 0;
	return ledger_share(LEDGER_ONE, order->filled_value, order->filled);
}

static const struct timestamp *decided_of(
	struct arena *arena, const struct order *order)
{
	struct timestamp *time = arena_alloc(arena, sizeof(*time));

	time->ms = order->decided_at;
	return order->decided_at ? time : NULL;
}

/* Of a trailing stop, once it has seen a price. */
static int64_t level_of(const struct order *order)
{
	const struct match_order asked = order_match(order);

	return order->trail && order->mark ? match_level(&asked) : 0;
}

struct order_view order_view_of(struct arena *arena, const struct order *order)
{
	return (struct order_view){
		.id = order->id,
		.client_order_id = order->client_order_id,
		.symbol = order->symbol,
		.side = order_sides[!order->buys],
		.type = order_types[order->type],
		.venue = order->venue,
		.account = order->account,
		.time_in_force = order_forces[order->force],
		.state = order_states[order->state],
		.reason = order->reason,
		.source = order_sources[order->source],
		.run_id = order->run_id,
		.oco = order->oco,
		.quantity = shown(order->quantity),
		.filled = shown(order->filled),
		.fees = shown(order->fees),
		.price = maybe(arena, order->price),
		.stop_price = maybe(arena, order->stop),
		.trail = maybe(arena, order->trail),
		.level = maybe(arena, level_of(order)),
		.watched = live_watched(order) ? "here" : NULL,
		.average_price = maybe(arena, average(order)),
		.post_only = order->post_only,
		.reduce_only = order->reduce_only,
		.triggered = order->triggered,
		.version = order->version,
		.created_at = {order->created_at},
		.updated_at = {order->updated_at},
		.decided_at = decided_of(arena, order),
	};
}

struct match_order order_match(const struct order *order)
{
	return (struct match_order){
		.type = order->type,
		.force = order->force,
		.buys = order->buys,
		.post_only = order->post_only,
		.triggered = order->triggered,
		.left = order->quantity - order->filled,
		.price = order->price,
		.stop = order->stop,
		.trail = order->trail,
		.mark = order->mark,
	};
}
