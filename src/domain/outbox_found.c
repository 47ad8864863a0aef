/*
 * An order as the exchange has it, brought into the book: fills that are new,
 * once each, then its end when all of them are booked. Must never end an order
 * whose fills are not all there, nor book a trade twice.
 */
#include "outbox_private.h"

#include "live_private.h"
#include "text.h"

static const char known_sql[] =
	"SELECT 1 FROM fills WHERE user_id = :owner AND order_id = :order"
	" AND venue_trade = :trade";
static const char venue_order_sql[] =
	"UPDATE outbox SET venue_order = :venue WHERE user_id = :owner"
	" AND order_id = :order AND kind = 'place'";
static const char cancel_done_sql[] =
	"UPDATE outbox SET state = 'done', updated_at = :now"
	" WHERE user_id = :owner AND order_id = :order AND kind = 'cancel'"
	" AND state <> 'done'";

static const char too_late[] = "amend_too_late";

/* One order, in its transaction. */
struct visit {
	struct scope *scope;
	const struct outbox_found *found;
	struct book book;
	struct order order;
	struct outbox_change change; /* that is asked for, if one is */
	int64_t booked;
	bool again; /* it was given again */
};

enum err outbox_cancel_done(struct scope *scope, const char *order_id)
{
	return scope_run(scope, cancel_done_sql,
		BINDS(bind_text(":order", order_id),
			bind_int(":now", scope_now(scope))),
		NULL);
}

/* ---- one fill -------------------------------------------------------------------- */

/* What a fee in an asset that is none of the two is worth, if known. */
static enum err worth(
	struct visit *v, const char *asset, int64_t quantity, int64_t *out)
{
	const char *symbol = arena_format(scope_arena(v->scope), "%s-%s", asset,
		live_quote_of(v->order.symbol));
	struct quote quote = {0};
	enum err err = quote_read(v->scope, symbol, &quote);

	if (err == ERR_NOT_FOUND || (err == ERR_OK && !quote.known)) {
		*out = 0;
		return ERR_OK;
	}
	return err ? err : ledger_value(quantity, quote.price, out);
}

/*
 * Money for what was sold, a part of what was bought, or another asset: then
 * it is shown at what that was worth, and the cash stays as it was; the asset
 * itself follows when balances are compared.
 */
static enum err trade_of(
	struct visit *v, const struct outbox_fill *fill, struct book_trade *out)
{
	const char *symbol = v->order.symbol;
	const size_t base = strcspn(symbol, "-");
	struct book_trade trade = {
		.id = fill->trade, .fee_quantity = fill->fee};
	enum err err = ERR_OK;

	if (text_equal(fill->fee_asset, live_quote_of(symbol))) {
		trade.fee = fill->fee;
	} else if (v->order.buys && fill->fee < fill->quantity &&
		   strlen(fill->fee_asset) == base &&
		   memcmp(fill->fee_asset, symbol, base) == 0) {
		trade.fee_asset = fill->fee_asset;
		trade.fee_kept = fill->fee;
		err = ledger_value(fill->fee, fill->price, &trade.fee);
	} else {
		trade.fee_asset = fill->fee_asset;
		trade.fee_elsewhere = true;
		err = worth(v, fill->fee_asset, fill->fee, &trade.fee);
	}
	if (err == ERR_OK)
		*out = trade;
	return err;
}

static enum err is_known(
	struct visit *v, const struct outbox_fill *fill, bool *out)
{
	struct rows *rows;
	enum err err = scope_one(v->scope, known_sql,
		BINDS(bind_text(":order", v->order.id),
			bind_text(":trade", fill->trade)),
		&rows);

	*out = err == ERR_OK;
	if (err == ERR_OK)
		rows_end(rows);
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static bool has_reason(const struct visit *v, const char *reason)
{
	return v->order.reason && text_equal(v->order.reason, reason);
}

/* Filled whole, before a cancellation or a change reached it. */
static const char *reason_filled(const struct visit *v)
{
	if (has_reason(v, live_amending))
		return v->change.quantity ? too_late : NULL;
	return has_reason(v, live_cancelling) ? NULL : v->order.reason;
}

static enum err fill_book(struct visit *v, const struct outbox_fill *fill)
{
	struct book_trade trade;
	struct book_fill booked = {.quantity = fill->quantity,
		.price = fill->price,
		.maker = fill->maker,
		.triggered = v->order.stop > 0 || v->order.triggered,
		.mark = v->order.mark,
		.seen_until = v->order.seen_until,
		.trade = &trade};
	bool known = false;
	enum err err = is_known(v, fill, &known);

	if (err != ERR_OK || known)
		return err;
	/* more than was ordered is not of this order */
	if (fill->quantity > v->order.quantity - v->order.filled)
		return ERR_INTERNAL;
	err = trade_of(v, fill, &trade);
	if (fill->quantity == v->order.quantity - v->order.filled)
		v->order.reason = reason_filled(v);
	if (err == ERR_OK)
		err = book_fill(v->scope, &v->book, &v->order, &booked);
	if (err == ERR_OK)
		v->booked++;
	return err;
}

/* ---- the order --------------------------------------------------------------------- */

static enum err accept(struct visit *v)
{
	/* it is there with its new terms */
	const bool changed = v->found->fate == FATE_OPEN &&
			     !v->change.quantity &&
			     has_reason(v, live_amending);
	struct order next = v->order;

	if (changed)
		next.reason = NULL;
	if (v->order.state != ORDER_NEW && v->order.state != ORDER_UNKNOWN)
		return changed ? order_move(v->scope, &v->order, &next,
					 CAUSE_VENUE)
			       : ERR_OK;
	if (v->found->fate == FATE_REJECTED && v->found->filled == 0)
		return ERR_OK;
	next.state =
		v->order.filled > 0 ? ORDER_PARTIALLY_FILLED : ORDER_ACCEPTED;
	return order_move(v->scope, &v->order, &next, CAUSE_VENUE);
}

static enum err fills_book(struct visit *v)
{
	const struct outbox_fill *fills = v->found->fills.items;
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < v->found->fills.count &&
			   !order_is_over(v->order.state);
		i++)
		err = fill_book(v, &fills[i]);
	if (err == ERR_OK && v->booked > 0)
		err = book_mark(v->scope, &v->book);
	return err;
}

struct end_row {
	enum order_state state;
	enum order_cause cause;
};

static enum err order_finish(struct visit *v)
{
	static const struct end_row ends[] = {
		[FATE_CANCELLED] = {ORDER_CANCELLED, CAUSE_CANCEL},
		[FATE_EXPIRED] = {ORDER_EXPIRED, CAUSE_EXPIRE},
		[FATE_REJECTED] = {ORDER_REJECTED, CAUSE_VENUE},
	};
	const struct end_row *end = &ends[v->found->fate];
	/* one that filled in part, before it was given again, was there */
	const bool was_there =
		v->order.filled > 0 && end->state == ORDER_REJECTED;
	const char *reason = NULL;

	if (v->found->fate == FATE_EXPIRED)
		reason = v->order.oco ? "oco" : order_forces[v->order.force];
	if (v->found->fate == FATE_REJECTED)
		reason = "venue";
	return order_end(v->scope, &v->order,
		was_there ? ORDER_CANCELLED : end->state, end->cause, reason);
}

/* Fills may be told later than the order's end: then it waits for them. */
static bool is_complete(const struct visit *v, int64_t base)
{
	return v->found->fate != FATE_OPEN && v->found->fate != FATE_FILLED &&
	       v->order.filled == base + v->found->filled;
}

static enum err complete(struct visit *v, const struct limits *limits,
	const struct outbox_item *item)
{
	enum err err;

	if (v->found->fate != FATE_CANCELLED || !v->change.quantity)
		return order_finish(v);
	err = outbox_give_again(v->scope, limits, item, &v->change, &v->order);
	v->again = err == ERR_OK && !order_is_over(v->order.state);
	return err;
}

static enum err row_step(struct visit *v, const struct outbox_item *item)
{
	const bool over = order_is_over(v->order.state);
	const struct outbox_to to = {
		.state = over ? OUTBOX_DONE : OUTBOX_RESTING,
		.next_at = v->found->next_at};
	enum err err = outbox_step(v->scope, item, v->order.id, &to);

	if (err == ERR_OK && v->found->venue_order)
		err = scope_run(v->scope, venue_order_sql,
			BINDS(bind_text(":venue", v->found->venue_order),
				bind_text(":order", v->order.id)),
			NULL);
	if (err == ERR_OK && over)
		err = outbox_cancel_done(v->scope, v->order.id);
	return err;
}

static enum err visit(struct visit *v, const struct limits *limits,
	const struct outbox_item *item)
{
	struct book_name name = {0};
	enum err err = order_find(v->scope, item->order.order_id, &v->order);

	if (err != ERR_OK || order_is_over(v->order.state))
		return err;
	name.account = v->order.account;
	err = book_open(v->scope, limits, &name, &v->book);
	if (err == ERR_OK)
		err = outbox_change_read(v->scope, v->order.id, &v->change);
	if (err == ERR_OK)
		err = accept(v);
	if (err == ERR_OK)
		err = fills_book(v);
	if (err == ERR_OK && !order_is_over(v->order.state) &&
		is_complete(v, item->base))
		err = complete(v, limits, item);
	return err;
}

enum err outbox_found(struct scope *scope, const struct limits *limits,
	const struct outbox_item *item, const struct outbox_found *found,
	int64_t *booked)
{
	struct visit v = {.scope = scope, .found = found};
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	err = visit(&v, limits, item);
	if (err == ERR_OK && !v.again)
		err = row_step(&v, item);
	err = outbox_finish(scope, err);
	if (err == ERR_OK)
		*booked = v.booked;
	return err;
}
