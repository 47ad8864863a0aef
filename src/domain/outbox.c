/*
 * The outbox as a queue: what is due, and the steps of a row. Each step names
 * the state and the attempt that it starts from, so of two processes one goes
 * it. Must never bring a row back to 'queued' that may have been sent.
 */
#include "outbox_private.h"

#include "text.h"

static const char plan_sql[] =
	"SELECT b.user_id, min(b.next_at) FROM outbox b"
	" JOIN users u ON u.id = b.user_id AND u.disabled = 0"
	" WHERE b.state <> 'done' AND b.next_at <= :now"
	" GROUP BY b.user_id ORDER BY min(b.next_at)";
/* place: the alias of the row that places it. */
#define ORDER_PARTS(place)                                                \
	"o.id, o.symbol, o.side, o.type, o.time_in_force, o.post_only,"   \
	" o.quantity - " place ".base, o.filled - " place ".base,"        \
	" o.price, o.stop_price, o.oco, b.attempts,"                      \
	" b.until_at, b.sent_at, b.final_at, b.state, b.kind, o.account," \
	" " place ".generation, " place ".base"
static const char next_sql[] = "SELECT " ORDER_PARTS(
	"p") ", p.state, b.next_at FROM outbox b"
	     " JOIN outbox p ON p.user_id = b.user_id"
	     " AND p.order_id = b.order_id AND p.kind = 'place'"
	     " JOIN orders o ON o.user_id = b.user_id AND o.id = b.order_id"
	     " WHERE b.user_id = :owner AND p.user_id = :owner"
	     " AND b.state <> 'done'"
	     " AND b.next_at <= :now ORDER BY b.state <> 'queued', b.next_at,"
	     " b.order_id LIMIT 1";
static const char other_sql[] = "SELECT " ORDER_PARTS(
	"b") " FROM outbox b"
	     " JOIN orders o ON o.user_id = b.user_id AND o.id = b.order_id"
	     " AND o.oco = :oco AND o.account = :account"
	     " WHERE b.user_id = :owner AND b.kind = 'place'"
	     " AND b.state = 'queued' AND b.order_id <> :order";
static const char resting_sql[] = "SELECT " ORDER_PARTS(
	"b") " FROM outbox b"
	     " JOIN orders o ON o.user_id = b.user_id AND o.id = b.order_id"
	     " WHERE b.user_id = :owner AND b.kind = 'place'"
	     " AND b.state = 'resting' ORDER BY b.order_id";
static const char begin_sql[] =
	"UPDATE outbox SET state = 'sending', attempts = attempts + 1,"
	" next_at = :lease, sent_at = :sent, final_at = :final,"
	" updated_at = :now"
	" WHERE user_id = :owner AND order_id = :order AND kind = 'place'"
	" AND state = 'queued' AND attempts = :attempts";
static const char take_sql[] =
	"UPDATE outbox SET next_at = :lease WHERE user_id = :owner"
	" AND order_id = :order AND kind = :kind AND next_at = :seen"
	" AND state = :state";
static const char step_sql[] =
	"UPDATE outbox SET state = :to, next_at = :next,"
	" final_at = coalesce(:final, final_at),"
	" attempts = attempts + :tries, code = :code, detail = :detail,"
	" updated_at = :now WHERE user_id = :owner AND order_id = :order"
	" AND kind = :kind AND state = :from AND attempts = :attempts";
static const char unchanged_sql[] =
	"UPDATE outbox SET next_at = :next WHERE user_id = :owner"
	" AND order_id = :order AND kind = 'place' AND state = 'resting'";
static const char soon_sql[] =
	"UPDATE outbox SET next_at = min(next_at, :now), updated_at = :now"
	" WHERE user_id = :owner AND order_id = :order AND kind = 'place'"
	" AND state <> 'done'";

const char *const outbox_states[] = {
	[OUTBOX_HELD] = "held",
	[OUTBOX_QUEUED] = "queued",
	[OUTBOX_SENDING] = "sending",
	[OUTBOX_UNKNOWN] = "unknown",
	[OUTBOX_RESTING] = "resting",
	[OUTBOX_DONE] = "done",
	NULL,
};

static const char not_sent[] = "not_sent";

enum {
	LEASE_MS = 15 * 1000,
	ASK_AGAIN_MS = 2000,
	ASK_RARELY_MS = 60 * 1000
};

enum err outbox_finish(struct scope *scope, enum err err)
{
	return scope_end(scope, err);
}

/* ---- what is due --------------------------------------------------------------- */

enum err outbox_plan(struct admin_scope *admin, struct text_list *users)
{
	struct vector list;
	struct rows *rows;
	bool more;
	enum err err = admin_query(admin, plan_sql,
		BINDS(bind_int(":now", admin_now(admin))), &rows);

	if (err != ERR_OK)
		return err;
	vector_init(&list, admin_arena(admin), sizeof(const char *));
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		*(const char **)vector_add(&list) = rows_text(rows, 0);
	rows_end(rows);
	if (err == ERR_OK)
		*users = (struct text_list){list.items, list.count};
	return err;
}

/* The CHECKs of the tables name the same words. */
static unsigned word_of(const char *const *names, const char *name)
{
	unsigned at = 0;

	while (name && names[at + 1] && !text_equal(names[at], name))
		at++;
	return at;
}

static const char *client_id_of(struct arena *arena, const struct rows *rows)
{
	const char *id = rows_text(rows, 0);
	const int64_t generation = rows_int(rows, 18);

	return generation ? arena_format(
				    arena, "%s-%lld", id, (long long)generation)
			  : id;
}

static struct outbox_order order_of(
	struct arena *arena, const struct rows *rows)
{
	return (struct outbox_order){
		.order_id = rows_text(rows, 0),
		.client_id = client_id_of(arena, rows),
		.symbol = rows_text(rows, 1),
		.buys = text_equal(rows_text(rows, 2), order_sides[0]),
		.type = (enum match_type)word_of(
			order_types, rows_text(rows, 3)),
		.force = (enum match_force)word_of(
			order_forces, rows_text(rows, 4)),
		.post_only = rows_int(rows, 5),
		.quantity = rows_int(rows, 6),
		.filled = rows_int(rows, 7),
		.price = rows_int(rows, 8),
		.stop = rows_int(rows, 9),
		.oco = rows_text(rows, 10),
	};
}

static struct outbox_item item_of(struct arena *arena, const struct rows *rows)
{
	return (struct outbox_item){
		.order = order_of(arena, rows),
		.base = rows_int(rows, 19),
		.attempts = rows_int(rows, 11),
		.until_at = rows_int(rows, 12),
		.sent_at = rows_int(rows, 13),
		.final_at = rows_int(rows, 14),
		.state = (enum outbox_state)word_of(
			outbox_states, rows_text(rows, 15)),
		.cancels = text_equal(rows_text(rows, 16), "cancel"),
	};
}

static enum err other_read(
	struct scope *scope, int64_t account, struct outbox_item *item)
{
	struct outbox_order *other;
	struct rows *rows;
	enum err err = scope_one(scope, other_sql,
		BINDS(bind_text(":oco", item->order.oco),
			bind_int(":account", account),
			bind_text(":order", item->order.order_id)),
		&rows);

	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	other = arena_alloc(scope_arena(scope), sizeof(*other));
	*other = order_of(scope_arena(scope), rows);
	rows_end(rows);
	item->other = other;
	return ERR_OK;
}

static enum err price_read(struct scope *scope, struct outbox_item *item)
{
	struct quote quote = {0};
	enum err err = quote_read(scope, item->order.symbol, &quote);

	item->last_price = err == ERR_OK && quote.known ? quote.price : 0;
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err take(
	struct scope *scope, const struct outbox_item *item, int64_t next_at)
{
	int64_t changed = 0;
	enum err err = scope_run(scope, take_sql,
		BINDS(bind_int(":lease", scope_now(scope) + LEASE_MS),
			bind_text(":order", item->order.order_id),
			bind_text(":kind", item->cancels ? "cancel" : "place"),
			bind_int(":seen", next_at),
			bind_text(":state", outbox_states[item->state])),
		&changed);

	return err == ERR_OK && changed != 1 ? ERR_CONFLICT : err;
}

enum err outbox_next(struct scope *scope, struct outbox_item *out)
{
	struct outbox_item item;
	struct rows *rows;
	int64_t account, next_at;
	enum err err = scope_one(scope, next_sql,
		BINDS(bind_int(":now", scope_now(scope))), &rows);

	if (err != ERR_OK)
		return err;
	item = item_of(scope_arena(scope), rows);
	account = rows_int(rows, 17);
	item.placed =
		(enum outbox_state)word_of(outbox_states, rows_text(rows, 20));
	next_at = rows_int(rows, 21);
	rows_end(rows);
	/* what is to be sent is taken when that is written down */
	if (item.state != OUTBOX_QUEUED || item.cancels)
		err = take(scope, &item, next_at);
	else if (item.order.oco)
		err = other_read(scope, account, &item);
	if (err == ERR_OK)
		err = price_read(scope, &item);
	if (err == ERR_OK)
		*out = item;
	return err;
}

enum err outbox_resting(struct scope *scope, struct list *out)
{
	struct vector items;
	struct rows *rows;
	bool more;
	enum err err = scope_query(scope, resting_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	vector_init(&items, scope_arena(scope), sizeof(struct outbox_item));
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		*(struct outbox_item *)vector_add(&items) =
			item_of(scope_arena(scope), rows);
	rows_end(rows);
	if (err == ERR_OK)
		*out = (struct list){items.items, items.count};
	return err;
}

/* ---- steps ------------------------------------------------------------------------ */

enum err outbox_step(struct scope *scope, const struct outbox_item *item,
	const char *order_id, const struct outbox_to *to)
{
	int64_t changed = 0;
	enum err err = scope_run(scope, step_sql,
		BINDS(bind_text(":to", outbox_states[to->state]),
			bind_int(":next", to->next_at),
			to->final_at ? bind_int(":final", to->final_at)
				     : bind_null(":final"),
			bind_int(":tries", to->tries),
			to->note && to->note->code
				? bind_int(":code", to->note->code)
				: bind_null(":code"),
			bind_text(":detail", to->note ? to->note->text : NULL),
			bind_int(":now", scope_now(scope)),
			bind_text(":order", order_id),
			bind_text(":kind", item->cancels ? "cancel" : "place"),
			bind_text(":from", outbox_states[item->state]),
			bind_int(":attempts", item->attempts)),
		&changed);

	return err == ERR_OK && changed != 1 ? ERR_CONFLICT : err;
}

/* Halted since it was given: it does not leave any more; nor does, on spot, a
   purchase where only sales shrink what is held. What protects does: there
   nothing is sold that is not held. */
static enum err may_leave(struct scope *scope, const struct limits *limits,
	const struct outbox_item *item, const char **why)
{
	struct risk_settings settings;
	struct order order;
	enum err err = risk_load(scope, limits, &settings);

	if (err == ERR_OK)
		err = order_find(scope, item->order.order_id, &order);
	if (err != ERR_OK)
		return err;
	if (!limits->live.enabled)
		*why = "live_trading_off";
	else if (risk_protects(&order, 1))
		return ERR_OK;
	else if (settings.halted_all)
		*why = "trading_halted";
	else if (settings.state == RISK_HALTED)
		*why = risk_states[RISK_HALTED];
	else if (settings.state == RISK_REDUCING && item->order.buys)
		*why = "reducing_only";
	return ERR_OK;
}

static enum err begin_one(struct scope *scope, struct outbox_item *item,
	const char *order_id, const struct outbox_window *window)
{
	int64_t changed = 0;
	enum err err = scope_run(scope, begin_sql,
		BINDS(bind_int(":sent", window->sent_at),
			bind_int(":lease", window->lease_at),
			bind_int(":final", window->final_at),
			bind_int(":now", scope_now(scope)),
			bind_text(":order", order_id),
			bind_int(":attempts", item->attempts)),
		&changed);

	return err == ERR_OK && changed != 1 ? ERR_CONFLICT : err;
}

/* The row and the order, to an end without having been there. */
static enum err end_one(struct scope *scope, const struct outbox_item *item,
	const char *order_id, const struct outbox_end *end)
{
	const struct outbox_to done = {.state = OUTBOX_DONE,
		.next_at = scope_now(scope),
		.note = end->note};
	struct order order;
	enum err err = outbox_step(scope, item, order_id, &done);

	if (err == ERR_OK)
		err = order_find(scope, order_id, &order);
	/* one that filled in part, before it was given again, was there */
	if (err == ERR_OK && !order_is_over(order.state))
		err = order_end(scope, &order,
			order.filled > 0 ? ORDER_CANCELLED : end->state,
			end->cause, end->reason);
	return err ? err : outbox_cancel_done(scope, order_id);
}

static enum err end_both(struct scope *scope, const struct outbox_item *item,
	const struct outbox_end *end)
{
	enum err err = end_one(scope, item, item->order.order_id, end);

	if (err == ERR_OK && item->other)
		err = end_one(scope, item, item->other->order_id, end);
	return err;
}

enum err outbox_begin(struct scope *scope, const struct limits *limits,
	struct outbox_item *item, const struct outbox_window *window)
{
	const char *why = NULL;
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	err = window->sent_at < item->until_at
		      ? may_leave(scope, limits, item, &why)
		      : ERR_CONFLICT;
	if (err == ERR_OK && why) {
		err = end_both(scope, item,
			&(const struct outbox_end){
				ORDER_CANCELLED, CAUSE_RISK, why, NULL});
		err = outbox_finish(scope, err);
		return err ? err : ERR_CONFLICT;
	}
	if (err == ERR_OK)
		err = begin_one(scope, item, item->order.order_id, window);
	if (err == ERR_OK && item->other)
		err = begin_one(scope, item, item->other->order_id, window);
	err = outbox_finish(scope, err);
	if (err != ERR_OK)
		return err;
	item->state = OUTBOX_SENDING;
	item->attempts++;
	item->sent_at = window->sent_at;
	item->final_at = window->final_at;
	return ERR_OK;
}

static enum err step_both(struct scope *scope, const struct outbox_item *item,
	const struct outbox_to *to)
{
	enum err err = outbox_step(scope, item, item->order.order_id, to);

	if (err == ERR_OK && item->other)
		err = outbox_step(scope, item, item->other->order_id, to);
	return err;
}

enum err outbox_wait(struct scope *scope, const struct outbox_item *item,
	int64_t at, const struct outbox_note *note)
{
	const bool is_new =
		!item->cancels &&
		(item->state == OUTBOX_QUEUED || item->state == OUTBOX_SENDING);
	struct outbox_to to = {.state = is_new ? OUTBOX_QUEUED : item->state,
		.next_at = at,
		.note = note};
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	if (is_new && scope_now(scope) >= item->until_at)
		err = end_both(scope, item,
			&(const struct outbox_end){
				ORDER_REJECTED, CAUSE_VENUE, not_sent, note});
	else
		err = step_both(scope, item, &to);
	return outbox_finish(scope, err);
}

enum err outbox_hold(struct scope *scope, const struct outbox_item *item)
{
	const struct outbox_to to = {
		.state = OUTBOX_HELD, .next_at = INT64_MAX};
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	return outbox_finish(
		scope, outbox_step(scope, item, item->order.order_id, &to));
}

enum err outbox_unchanged(
	struct scope *scope, const struct text_list *order_ids, int64_t next_at)
{
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	for (size_t i = 0; err == ERR_OK && i < order_ids->count; i++)
		err = scope_run(scope, unchanged_sql,
			BINDS(bind_int(":next", next_at),
				bind_text(":order", order_ids->items[i])),
			NULL);
	return outbox_finish(scope, err);
}

static enum err unknown_one(struct scope *scope, const char *order_id)
{
	struct order order;
	enum err err = order_find(scope, order_id, &order);

	if (err != ERR_OK || order.state == ORDER_UNKNOWN ||
		order_is_over(order.state))
		return err;
	return order_end(
		scope, &order, ORDER_UNKNOWN, CAUSE_VENUE, order.reason);
}

enum err outbox_lost(struct scope *scope, const struct outbox_item *item,
	int64_t final_at, const struct outbox_note *note)
{
	const struct outbox_to to = {.state = OUTBOX_UNKNOWN,
		.next_at = scope_now(scope),
		.final_at = final_at,
		.note = note};
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	err = step_both(scope, item, &to);
	if (err == ERR_OK)
		err = unknown_one(scope, item->order.order_id);
	if (err == ERR_OK && item->other)
		err = unknown_one(scope, item->other->order_id);
	return outbox_finish(scope, err);
}

enum err outbox_refused(struct scope *scope, const struct outbox_item *item,
	const char *reason, const struct outbox_note *note)
{
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	return outbox_finish(
		scope, end_both(scope, item,
			       &(const struct outbox_end){ORDER_REJECTED,
				       CAUSE_VENUE, reason, note}));
}

/* What the exchange had once it has for ever: not to know it is a fault. */
enum err outbox_missing(
	struct scope *scope, const struct outbox_item *item, int64_t asked_at)
{
	const struct outbox_note note = {0, "the exchange does not know it"};
	const bool over =
		item->state != OUTBOX_RESTING && asked_at >= item->final_at;
	struct outbox_to to = {.state = item->state,
		.next_at = asked_at + (item->state == OUTBOX_RESTING
						      ? ASK_RARELY_MS
						      : ASK_AGAIN_MS),
		.note = &note};
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	if (!over && item->final_at > asked_at && item->final_at < to.next_at)
		to.next_at = item->final_at;
	if (over)
		err = end_one(scope, item, item->order.order_id,
			&(const struct outbox_end){
				ORDER_REJECTED, CAUSE_VENUE, not_sent, &note});
	else
		err = outbox_step(scope, item, item->order.order_id, &to);
	return outbox_finish(scope, err);
}

enum err outbox_cancelled(struct scope *scope, const struct outbox_item *item,
	int64_t again_at, const struct outbox_note *note)
{
	const struct outbox_to to = {.state = item->state,
		.next_at = again_at,
		.tries = 1,
		.note = note};
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	err = outbox_step(scope, item, item->order.order_id, &to);
	if (err == ERR_OK)
		err = scope_run(scope, soon_sql,
			BINDS(bind_text(":order", item->order.order_id),
				bind_int(":now", scope_now(scope))),
			NULL);
	return outbox_finish(scope, err);
}
