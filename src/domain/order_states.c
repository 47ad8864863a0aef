/*
 * The life of an order: one table of what may follow what, and one function
 * that goes a step. The step names the state and the version it starts from,
 * so of two that race the database lets one through. Must never change an
 * order without a row of its log, nor one that is over.
 */
#include "events_private.h"
#include "live_private.h"

#include "risk.h"
#include "text.h"

const char *const order_states[] = {
	[ORDER_NEW] = "new",
	[ORDER_ACCEPTED] = "accepted",
	[ORDER_PARTIALLY_FILLED] = "partially_filled",
	[ORDER_FILLED] = "filled",
	[ORDER_CANCELLED] = "cancelled",
	[ORDER_REJECTED] = "rejected",
	[ORDER_EXPIRED] = "expired",
	[ORDER_DENIED] = "denied",
	[ORDER_UNKNOWN] = "unknown",
	[ORDER_STATE_COUNT] = NULL,
};

static const char *const causes[] = {
	[CAUSE_SUBMIT] = "submit",
	[CAUSE_RISK] = "risk",
	[CAUSE_VENUE] = "venue",
	[CAUSE_FILL] = "fill",
	[CAUSE_TRIGGER] = "trigger",
	[CAUSE_CANCEL] = "cancel",
	[CAUSE_AMEND] = "amend",
	[CAUSE_EXPIRE] = "expire",
	[CAUSE_OCO] = "oco",
	[CAUSE_RESET] = "reset",
};

#define TO(state) (1U << (ORDER_##state))
static const unsigned follows[ORDER_STATE_COUNT] = {
	[ORDER_NEW] = TO(ACCEPTED) | TO(REJECTED) | TO(DENIED) | TO(CANCELLED) |
		      TO(UNKNOWN),
	[ORDER_ACCEPTED] = TO(ACCEPTED) | TO(PARTIALLY_FILLED) | TO(FILLED) |
			   TO(CANCELLED) | TO(REJECTED) | TO(EXPIRED) |
			   TO(UNKNOWN),
	[ORDER_PARTIALLY_FILLED] = TO(PARTIALLY_FILLED) | TO(FILLED) |
				   TO(CANCELLED) | TO(EXPIRED) | TO(UNKNOWN),
	/* a venue that did not answer: it is asked, never told again */
	[ORDER_UNKNOWN] = TO(ACCEPTED) | TO(PARTIALLY_FILLED) | TO(FILLED) |
			  TO(CANCELLED) | TO(REJECTED) | TO(EXPIRED),
};

bool order_may(enum order_state from, enum order_state to)
{
	return from < ORDER_STATE_COUNT && to < ORDER_STATE_COUNT &&
	       (follows[from] & (1U << to));
}

bool order_is_over(enum order_state state)
{
	return state < ORDER_STATE_COUNT && follows[state] == 0;
}

static const char begin_sql[] =
	"INSERT INTO orders (user_id, id, account, client_order_id, venue,"
	" source, run_id, symbol, side, type, time_in_force, post_only,"
	" reduce_only, quantity, price, stop_price, trail, bound, oco, state,"
	" reason, mark, seen_until, version, created_at, updated_at, "
	"decided_at)"
	" VALUES (:owner,"
	" :id, :account, :client, :venue, :source, :run, :symbol, :side,"
	" :type, :force, :post_only, :reduce_only, :quantity, :price, :stop,"
	" :trail, :bound, :oco, 'new', :reason, :mark, :seen, 1, :now, :now,"
	" :decided)";
static const char move_sql[] =
	"UPDATE orders SET state = :to, reason = :reason, filled = :filled,"
	" filled_value = :value, fees = :fees, triggered = :triggered,"
	" mark = :mark, seen_until = :seen, quantity = :quantity,"
	" price = :price, stop_price = :stop, trail = :trail, bound = :bound,"
	" reduce_only = :reduce_only, version = version + 1,"
	" updated_at = :now WHERE user_id = :owner AND id = :id"
	" AND state = :from AND version = :version";
static const char log_sql[] =
	"INSERT INTO order_log (user_id, order_id, version, at, from_state,"
	" to_state, cause, reason, filled, quantity, price) VALUES (:owner,"
	" :id, :version, :now, :from, :to, :cause, :reason, :filled,"
	" :quantity, :price)";
static const char note_sql[] =
	"UPDATE orders SET mark = :mark, seen_until = :seen"
	" WHERE user_id = :owner AND id = :id AND state = :state"
	" AND version = :version";

/* A strategy at an exchange is looked at at once (live_run.c). */
static const char look_sql[] = "UPDATE run_sims SET updated_at = 0"
			       " WHERE user_id = :owner AND run_id = :run";

static struct bind bind_some(const char *name, int64_t value)
{
	return value ? bind_int(name, value) : bind_null(name);
}

static enum err log_write(struct scope *scope, const struct order *order,
	const char *from, enum order_cause cause)
{
	return scope_run(scope, log_sql,
		BINDS(bind_text(":id", order->id),
			bind_int(":version", order->version),
			bind_int(":now", scope_now(scope)),
			bind_text(":from", from),
			bind_text(":to", order_states[order->state]),
			bind_text(":cause", causes[cause]),
			bind_text(":reason", order->reason),
			bind_int(":filled", order->filled),
			bind_int(":quantity", order->quantity),
			bind_some(":price", order->price)),
		NULL);
}

static enum err begin_write(struct scope *scope, const struct order *order)
{
	return scope_run(scope, begin_sql,
		BINDS(bind_text(":id", order->id),
			bind_int(":account", order->account),
			bind_text(":client", order->client_order_id),
			bind_text(":venue", order->venue),
			bind_text(":source", order_sources[order->source]),
			bind_text(":run", order->run_id),
			bind_text(":symbol", order->symbol),
			bind_text(":side", order_sides[!order->buys]),
			bind_text(":type", order_types[order->type]),
			bind_text(":force", order_forces[order->force]),
			bind_int(":post_only", order->post_only),
			bind_int(":reduce_only", order->reduce_only),
			bind_int(":quantity", order->quantity),
			bind_some(":price", order->price),
			bind_some(":stop", order->stop),
			bind_some(":trail", order->trail),
			bind_int(":bound", order->bound),
			bind_text(":oco", order->oco),
			bind_text(":reason", order->reason),
			bind_int(":mark", order->mark),
			bind_int(":seen", order->seen_until),
			bind_int(":now", scope_now(scope)),
			bind_some(":decided", order->decided_at)),
		NULL);
}

static void step_count(
	struct scope *scope, enum order_state from, const struct order *after)
{
	if (from != after->state)
		scope_count(scope, METRIC_ORDERS, after->state, 1);
	if (after->state != ORDER_DENIED)
		return;
	for (size_t i = 0; risk_reasons[i]; i++)
		if (text_equal(risk_reasons[i], after->reason))
			scope_count(scope, METRIC_DENIALS, i, 1);
}

enum err order_begin(struct scope *scope, struct order *order)
{
	enum err err;

	order->state = ORDER_NEW;
	order->version = 1;
	order->created_at = order->updated_at = scope_now(scope);
	err = begin_write(scope, order);
	if (err == ERR_OK)
		err = log_write(scope, order, NULL, CAUSE_SUBMIT);
	if (err == ERR_OK)
		scope_count(scope, METRIC_ORDERS, ORDER_NEW, 1);
	return err;
}

static enum err move_write(struct scope *scope, const struct order *order,
	const struct order *next, int64_t *changed)
{
	return scope_run(scope, move_sql,
		BINDS(bind_text(":to", order_states[next->state]),
			bind_text(":reason", next->reason),
			bind_int(":filled", next->filled),
			bind_int(":value", next->filled_value),
			bind_int(":fees", next->fees),
			bind_int(":triggered", next->triggered),
			bind_int(":mark", next->mark),
			bind_int(":seen", next->seen_until),
			bind_int(":quantity", next->quantity),
			bind_some(":price", next->price),
			bind_some(":stop", next->stop),
			bind_some(":trail", next->trail),
			bind_int(":bound", next->bound),
			bind_int(":reduce_only", next->reduce_only),
			bind_int(":now", scope_now(scope)),
			bind_text(":id", order->id),
			bind_text(":from", order_states[order->state]),
			bind_int(":version", order->version)),
		changed);
}

enum err order_move(struct scope *scope, struct order *order,
	const struct order *next, enum order_cause cause)
{
	struct order after = *next;
	int64_t changed = 0;
	enum err err;

	if (!order_may(order->state, next->state))
		return ERR_INTERNAL;
	err = move_write(scope, order, next, &changed);
	if (err != ERR_OK)
		return err;
	if (changed != 1)
		return ERR_CONFLICT;
	after.version = order->version + 1;
	after.updated_at = scope_now(scope);
	err = log_write(scope, &after, order_states[order->state], cause);
	if (err == ERR_OK)
		err = event_note_order(scope, order, &after, cause);
	if (err == ERR_OK && after.run_id && live_is(after.venue))
		err = scope_run(scope, look_sql,
			BINDS(bind_text(":run", after.run_id)), NULL);
	if (err != ERR_OK)
		return err;
	step_count(scope, order->state, &after);
	*order = after;
	return ERR_OK;
}

enum err order_end(struct scope *scope, struct order *order,
	enum order_state state, enum order_cause cause, const char *reason)
{
	struct order next = *order;

	next.state = state;
	next.reason = reason;
	return order_move(scope, order, &next, cause);
}

enum err order_note(struct scope *scope, const struct order *order)
{
	int64_t changed = 0;
	enum err err = scope_run(scope, note_sql,
		BINDS(bind_int(":mark", order->mark),
			bind_int(":seen", order->seen_until),
			bind_text(":id", order->id),
			bind_text(":state", order_states[order->state]),
			bind_int(":version", order->version)),
		&changed);

	return err == ERR_OK && changed != 1 ? ERR_CONFLICT : err;
}
