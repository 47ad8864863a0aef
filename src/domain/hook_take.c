/*
 * A hook's call: written down first, in the transaction that also counts it,
 * so that two at once cannot both be the last one allowed. Its order carries
 * the delivery's id, so that a call that was cut short and comes again finds
 * what it had made. Must never place two orders for one delivery.
 */
#include "hook_private.h"

#include "id.h"
#include "page_private.h"
#include "text.h"

enum {
	MINUTE_MS = 60 * 1000,
	HOUR_MS = 60 * MINUTE_MS,
	REPEAT_MS = 10 * 1000,
	STRANGERS = 10 /* whose refused calls are written down at once */
};

const char *const hook_states[] = {
	"received", "placed", "nothing", "refused", NULL};

static const char list_name[] = "hook_deliveries";
static const char calls_sql[] =
	"SELECT COUNT(*) FROM hook_deliveries WHERE user_id = :owner"
	" AND hook_id = :hook AND at > :since"
	" AND coalesce(reason, '') NOT IN ('signature', 'address', 'time')";
static const char strangers_sql[] =
	"SELECT COUNT(*), coalesce(sum(address = :address), 0)"
	" FROM hook_deliveries WHERE user_id = :owner"
	" AND hook_id = :hook AND at > :since"
	" AND reason IN ('signature', 'address', 'time')";
static const char orders_sql[] =
	"SELECT COUNT(*) FROM hook_deliveries WHERE user_id = :owner"
	" AND hook_id = :hook AND at > :since AND state <> 'refused'"
	" AND action <> 'close'";
static const char same_sql[] =
	"SELECT id, state, action FROM hook_deliveries WHERE user_id = :owner"
	" AND hook_id = :hook AND state <> 'refused'"
	" AND (at > :since OR once = :signed)"
	" AND once >= :from AND once <= :to ORDER BY at DESC LIMIT 1";
static const char add_sql[] =
	"INSERT INTO hook_deliveries (user_id, id, hook_id, at, address, once,"
	" action, symbol, state, reason) VALUES (:owner, :id, :hook, :now,"
	" :address, :once, :action, :symbol, :state, :reason)";
static const char called_sql[] =
	"UPDATE hooks SET called_at = :now WHERE user_id = :owner"
	" AND id = :hook";
static const char end_sql[] =
	"UPDATE hook_deliveries SET state = :state, reason = :reason"
	" WHERE user_id = :owner AND id = :id AND state = 'received'";
static const char order_sql[] =
	"SELECT id, state, reason FROM orders WHERE user_id = :owner"
	" AND client_order_id = :client";
static const char list_sql[] =
	"SELECT d.id, d.address, d.action, d.symbol, d.state, d.reason,"
	" o.id, o.state, d.at FROM hook_deliveries d LEFT JOIN orders o"
	" ON o.user_id = d.user_id AND o.client_order_id = 'hook.' || d.id"
	" WHERE d.user_id = :owner AND d.hook_id = :hook AND d.id < :after"
	" ORDER BY d.id DESC LIMIT :limit";

/* One call on its way. */
struct taking {
	struct scope *scope;
	const struct limits *limits;
	const struct hook_call *call;
	struct hook_view hook;
	struct hook_plan plan;
	const char *once_from, *once; /* and up to that */
	int64_t once_since;
	const char *id;	    /* of the delivery */
	const char *state;  /* as it was found; NULL: it is new */
	const char *action; /* and that it was found with */
	bool repeated;
};

static const char *client_id(struct arena *arena, const char *delivery_id)
{
	return arena_format(arena, "hook.%s", delivery_id);
}

/* ---- what it is known by ---------------------------------------------------------- */

/* By its sender's id, or its own time: for as long as calls are kept. By
   nothing but its body: within ten seconds, as the next alert may say the
   same words again; but with the very signature of one it is that one. */
static void once_of(struct taking *t)
{
	const struct hook_order *order = t->call->order;
	struct arena *arena = scope_arena(t->scope);

	t->id = id_new(arena, scope_now(t->scope));
	if (order->id) {
		t->once = arena_format(arena, "i:%s", order->id);
		t->once_from = t->once;
	} else if (order->time) {
		t->once = arena_format(arena, "t:%s", t->call->body_hash);
		t->once_from = t->once;
	} else {
		t->once_from = arena_format(arena, "b:%s:", t->call->body_hash);
		t->once = arena_format(arena, "%s%s", t->once_from, t->id);
		if (t->call->signed_s)
			t->once = arena_format(arena, "%ss.%lld", t->once_from,
				(long long)t->call->signed_s);
		t->once_since = scope_now(t->scope) - REPEAT_MS;
	}
}

static enum err same_find(struct taking *t)
{
	const bool by_body = t->once_from != t->once;
	struct rows *rows;
	enum err err = scope_one(t->scope, same_sql,
		BINDS(bind_text(":hook", t->call->hook_id),
			bind_int(":since", t->once_since),
			bind_text(":signed", t->once),
			bind_text(":from", t->once_from),
			bind_text(":to",
				by_body ? arena_format(scope_arena(t->scope),
						  "%s~", t->once_from)
					: t->once)),
		&rows);

	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	t->id = rows_text(rows, 0);
	t->state = rows_text(rows, 1);
	t->action = rows_text(rows, 2);
	t->repeated = true;
	rows_end(rows);
	return ERR_OK;
}

/* ---- whether it may ----------------------------------------------------------------- */

static enum err count(
	struct taking *t, const char *sql, int64_t since_ms, int64_t *out)
{
	struct rows *rows;
	enum err err = scope_one(t->scope, sql,
		BINDS(bind_text(":hook", t->call->hook_id),
			bind_int(":since", scope_now(t->scope) - since_ms)),
		&rows);

	if (err != ERR_OK)
		return err;
	*out = rows_int(rows, 0);
	rows_end(rows);
	return ERR_OK;
}

static bool is_in_time(const struct taking *t)
{
	const struct timestamp *time = t->call->order->time;
	const int64_t window_ms = t->hook.window_s * 1000;

	return !time || (time->ms >= scope_now(t->scope) - window_ms &&
				time->ms <= scope_now(t->scope) + window_ms);
}

static enum err too_many(struct taking *t)
{
	scope_report(t->scope)->retry_after_s = MINUTE_MS / 1000;
	report_detail(scope_report(t->scope),
		"This hook was called too often within a minute.");
	return ERR_RATE_LIMITED;
}

/* What its sender could not show to be his own and of now uses up nothing of
   what the others may: it is counted by address, and what all addresses leave
   behind has an end, too. */
static enum err strangers_check(struct taking *t)
{
	const int64_t most = t->limits->notify.hook_calls_minute;
	int64_t all, same;
	struct rows *rows;
	enum err err = scope_one(t->scope, strangers_sql,
		BINDS(bind_text(":hook", t->call->hook_id),
			bind_text(":address", t->call->address),
			bind_int(":since", scope_now(t->scope) - MINUTE_MS)),
		&rows);

	if (err != ERR_OK)
		return err;
	all = rows_int(rows, 0);
	same = rows_int(rows, 1);
	rows_end(rows);
	return same < most && all < most * STRANGERS ? ERR_OK : too_many(t);
}

/* Counted whatever comes of it; what is too much leaves no row. */
static enum err calls_check(struct taking *t)
{
	int64_t calls = 0;
	enum err err;

	if (t->call->refused || !is_in_time(t))
		return strangers_check(t);
	err = count(t, calls_sql, MINUTE_MS, &calls);
	if (err != ERR_OK || calls < t->limits->notify.hook_calls_minute)
		return err;
	return too_many(t);
}

/* NULL in *refused: it may. */
static enum err bounds_check(struct taking *t, const char **refused)
{
	int64_t orders = 0;
	enum err err;

	*refused = t->call->refused;
	if (!*refused && !is_in_time(t))
		*refused = "time";
	if (*refused)
		return ERR_OK;
	err = same_find(t);
	if (err != ERR_OK || t->repeated)
		return err;
	err = hook_plan(
		t->scope, t->limits, &t->hook, t->call->order, &t->plan);
	if (err != ERR_OK)
		return err;
	*refused = t->plan.refused;
	if (*refused || t->plan.closes)
		return ERR_OK;
	err = count(t, orders_sql, HOUR_MS, &orders);
	if (err == ERR_OK && orders >= t->hook.orders_per_hour)
		*refused = "orders_per_hour";
	return err;
}

/* ---- written down --------------------------------------------------------------------- */

static enum err add(struct taking *t, const char *refused)
{
	const struct hook_order *order = t->call->order;
	enum err err = scope_run(t->scope, add_sql,
		BINDS(bind_text(":id", t->id),
			bind_text(":hook", t->call->hook_id),
			bind_int(":now", scope_now(t->scope)),
			bind_text(":address", t->call->address),
			bind_text(":once", t->once),
			bind_text(":action", order->action),
			bind_text(":symbol", t->plan.symbol ? t->plan.symbol
							    : order->symbol),
			bind_text(":state", hook_states[refused ? 3 : 0]),
			bind_text(":reason", refused)),
		NULL);

	if (err != ERR_OK)
		return err;
	return scope_run(t->scope, called_sql,
		BINDS(bind_int(":now", scope_now(t->scope)),
			bind_text(":hook", t->call->hook_id)),
		NULL);
}

static enum err refuse(struct taking *t, const char *reason)
{
	report_detail(scope_report(t->scope),
		"The hook does not allow this: %s.", reason);
	report_event(scope_report(t->scope), "hook.refused");
	return ERR_HOOK_REFUSED;
}

/* A refusal is committed as well; *result is what the caller is told. */
static enum err receive(struct taking *t, enum err *result)
{
	const char *refused = NULL;
	enum err err = hook_get(t->scope, t->call->hook_id, &t->hook);

	if (err == ERR_OK)
		err = calls_check(t);
	if (err != ERR_OK)
		return err;
	once_of(t);
	*result = bounds_check(t, &refused);
	if (*result == ERR_BAD_INPUT)
		refused = "bad_input";
	else if (*result != ERR_OK || t->repeated)
		return *result;
	if (refused && *result == ERR_OK)
		*result = refuse(t, refused);
	return add(t, refused);
}

static enum err end(struct taking *t, const char *state, const char *reason)
{
	return scope_run(t->scope, end_sql,
		BINDS(bind_text(":state", state), bind_text(":reason", reason),
			bind_text(":id", t->id)),
		NULL);
}

/* ---- done ------------------------------------------------------------------------------- */

static enum err order_look(struct taking *t, struct hook_answer *out)
{
	struct rows *rows;
	enum err err = scope_one(t->scope, order_sql,
		BINDS(bind_text(
			":client", client_id(scope_arena(t->scope), t->id))),
		&rows);

	if (err != ERR_OK)
		return err;
	out->state = hook_states[1];
	out->order_id = rows_text(rows, 0);
	out->order_state = rows_text(rows, 1);
	out->reason = rows_text(rows, 2);
	rows_end(rows);
	return ERR_OK;
}

/* It came before and was cut short: the plan is made anew. */
static enum err place(struct taking *t, struct hook_answer *out)
{
	const struct order_from from = {.source = ORDER_BY_HOOK};
	struct order_new order = t->plan.order;
	struct order_view view;
	enum err err;

	if (!order.side)
		return end(t, hook_states[2], NULL);
	order.client_order_id = client_id(scope_arena(t->scope), t->id);
	err = order_place(t->scope, t->limits, &order, &from, &view);
	/* a twin of this call was faster */
	if (err == ERR_CONFLICT)
		err = order_look(t, out) == ERR_OK ? ERR_OK : ERR_CONFLICT;
	if (err == ERR_OK)
		return end(t, hook_states[1], NULL);
	if (err == ERR_BAD_INPUT)
		(void)!end(t, hook_states[3], "bad_input");
	return err;
}

/* It came before and was cut short, or its twin is on the way. What it asks
   now may be something else under the same id: the bounds hold again, and it
   is counted as what was written down. */
static enum err plan_again(struct taking *t)
{
	enum err err;

	if (!t->action || !text_equal(t->action, t->call->order->action)) {
		report_detail(scope_report(t->scope),
			"Another call with this id is on its way.");
		return ERR_CONFLICT;
	}
	err = hook_plan(
		t->scope, t->limits, &t->hook, t->call->order, &t->plan);
	if (err != ERR_OK || !t->plan.refused)
		return err;
	return refuse(t, t->plan.refused);
}

static enum err carry_out(struct taking *t, struct hook_answer *out)
{
	enum err err = order_look(t, out);

	if (err != ERR_NOT_FOUND ||
		(t->state && !text_equal(t->state, hook_states[0])))
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	err = t->repeated ? plan_again(t) : ERR_OK;
	if (err == ERR_OK)
		err = place(t, out);
	if (err == ERR_OK)
		err = order_look(t, out);
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err hook_take(struct scope *scope, const struct limits *limits,
	const struct hook_call *call, struct hook_answer *out)
{
	struct taking t = {.scope = scope, .limits = limits, .call = call};
	struct hook_answer answer = {.state = hook_states[2]};
	enum err result = ERR_OK;
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	err = receive(&t, &result);
	err = scope_end(scope, err);
	if (err == ERR_OK)
		err = result;
	if (err == ERR_OK)
		err = carry_out(&t, &answer);
	if (err != ERR_OK)
		return err;
	answer.delivery_id = t.id;
	answer.repeated = t.repeated;
	*out = answer;
	return ERR_OK;
}

/* ---- for the owner to read ------------------------------------------------------------------ */

static const char *item_read(const struct rows *rows, void *item, size_t *bytes)
{
	struct hook_delivery *out = item;

	*out = (struct hook_delivery){
		.id = rows_text(rows, 0),
		.address = rows_text(rows, 1),
		.action = rows_text(rows, 2),
		.symbol = rows_text(rows, 3),
		.state = rows_text(rows, 4),
		.reason = rows_text(rows, 5),
		.order_id = rows_text(rows, 6),
		.order_state = rows_text(rows, 7),
		.at = {rows_int(rows, 8)},
	};
	*bytes += sizeof(*out);
	return out->id;
}

enum err hook_deliveries(struct scope *scope,
	const struct hook_deliveries_query *query, struct page *out)
{
	static const struct page_kind kind = {.list = list_name,
		.size = sizeof(struct hook_delivery),
		.read = item_read};
	const char *after = NULL;
	struct hook_view hook;
	struct rows *rows;
	enum err err = hook_get(scope, query->id, &hook);

	if (err == ERR_OK)
		err = page_after_id(
			scope_report(scope), list_name, query->cursor, &after);
	if (err == ERR_OK)
		err = scope_query(scope, list_sql,
			BINDS(bind_text(":hook", hook.id),
				bind_text(":after", after),
				bind_int(":limit", query->limit + 1)),
			&rows);
	if (err != ERR_OK)
		return err;
	return page_read(scope_arena(scope), &kind, rows, query->limit, out);
}
