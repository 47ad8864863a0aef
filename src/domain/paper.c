/*
 * What happens to one order on one candle or price: the matching core says
 * what could fill, risk and money say how much of it may, then all of it is
 * written. Must never fill what would be past a limit at that moment, however
 * long ago the order was let in.
 */
#include "paper_private.h"

#include "text.h"

__extension__ typedef __int128 wide;

static const char oco_sql[] =
	"SELECT " ORDER_COLUMNS " FROM orders WHERE user_id = :owner"
	" AND oco = :oco AND account = :account AND id <> :id"
	" AND " ORDER_OPEN_STATES;
static const char used_sql[] =
	"SELECT coalesce(sum(quantity), 0) FROM fills WHERE user_id = :owner"
	" AND account = :account AND symbol = :symbol"
	" AND candle_time >= :from AND candle_time < :to";

static const char no_funds[] = "insufficient_funds";
static const char nothing_left[] = "reduce_only";

/* One order at work, and what it may. */
struct attempt {
	struct paper *paper;
	struct order *order;
	const struct match_bar *bar;
	int64_t candle_time, seen_until;
	struct match_fill fill;
	const char *cut; /* why less than that may fill, or NULL */
};

enum err paper_room(struct paper *paper, const char *symbol,
	const struct paper_share *share, int64_t *out)
{
	struct rows *rows;
	enum err err = scope_one(paper->scope, used_sql,
		BINDS(bind_int(":account", paper->book->account),
			bind_text(":symbol", symbol),
			bind_int(":from", share->from),
			bind_int(":to", share->to)),
		&rows);

	if (err != ERR_OK)
		return err;
	*out = match_room(share->volume, paper->book->rules->volume_share,
		rows_int(rows, 0));
	rows_end(rows);
	return ERR_OK;
}

/* The candle under way has no volume yet: the newest closed one's holds until
   it closes, for all that fills from that one's open on. */
static enum err room_now(struct paper *paper, const char *symbol, int64_t *out)
{
	const struct paper_share share = {
		paper->quote.candle_time, INT64_MAX, paper->quote.volume};

	return paper_room(paper, symbol, &share, out);
}

static struct ledger_costs costs_of(const struct paper *paper)
{
	struct ledger_costs costs = paper->book->costs;

	costs.tick = paper->quote.tick;
	return costs;
}

/* ---- how much of it may ------------------------------------------------------- */

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t left_below(int64_t limit, int64_t used)
{
	if (limit == 0)
		return INT64_MAX;
	return used >= limit ? 0 : limit - used;
}

/* Money that a fill may open now. */
static int64_t money_of(
	const struct paper *paper, const struct holding *holding)
{
	const struct risk_settings *settings = paper->settings;
	const struct book *book = paper->book;
	int64_t money = risk_free(book);

	money = least(money, left_below(settings->max_symbol_value,
				     risk_symbol_value(book, holding)));
	return least(money, left_below(settings->max_account_value,
				    book->exposure + book->others_exposure));
}

/* The quantity that this money pays at that price, fees included. */
static int64_t payable(const struct paper *paper, int64_t money, int64_t price)
{
	const wide rate = LEDGER_ONE + (wide)paper->book->costs.fee_taker;
	const wide quantity =
		(wide)money * LEDGER_ONE / price * LEDGER_ONE / rate;

	return quantity > INT64_MAX ? INT64_MAX : (int64_t)quantity;
}

const char *paper_cut(const struct paper *paper, const struct order *order,
	struct match_fill *fill)
{
	const struct holding *holding = book_holding(
		paper->book, scope_arena(paper->scope), order->symbol);
	const int64_t closing =
		match_reduce(order->buys, fill->quantity, holding->quantity);
	const char *stop = risk_stop(paper->settings, paper->book);
	const int64_t opening = fill->quantity - closing;
	int64_t most;

	if (opening == 0)
		return NULL;
	fill->quantity = closing;
	if (risk_only_shrinks(paper->settings, order))
		return stop ? stop : nothing_left;
	if (stop)
		return stop;
	most = payable(paper, money_of(paper, holding), fill->price);
	fill->quantity += least(opening, most);
	return most < opening ? no_funds : NULL;
}

/* ---- written -------------------------------------------------------------------- */

static enum err others_end(struct attempt *a)
{
	struct scope *scope = a->paper->scope;
	struct vector others;
	struct rows *rows;
	bool more;
	enum err err = scope_query(scope, oco_sql,
		BINDS(bind_text(":oco", a->order->oco),
			bind_int(":account", a->order->account),
			bind_text(":id", a->order->id)),
		&rows);

	if (err != ERR_OK)
		return err;
	vector_init(&others, scope_arena(scope), sizeof(struct order));
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		order_read(rows, vector_add(&others));
	rows_end(rows);
	for (size_t i = 0; err == ERR_OK && i < others.count; i++)
		err = order_end(scope, (struct order *)others.items + i,
			ORDER_CANCELLED, CAUSE_OCO, "oco");
	return err;
}

static enum err fill_put(struct attempt *a)
{
	const struct book_fill fill = {
		.quantity = a->fill.quantity,
		.price = a->fill.price,
		.maker = a->fill.rests,
		.triggered = a->fill.triggered,
		.mark = a->fill.mark,
		.candle_time = a->candle_time,
		.seen_until = a->seen_until,
	};
	enum err err =
		book_fill(a->paper->scope, a->paper->book, a->order, &fill);

	if (err == ERR_OK && a->order->oco)
		err = others_end(a);
	return err;
}

/* It was reached, and did not fill. */
static enum err trigger_put(struct attempt *a)
{
	struct order next = *a->order;

	next.triggered = true;
	next.mark = a->fill.mark;
	next.seen_until = a->seen_until;
	return order_move(a->paper->scope, a->order, &next, CAUSE_TRIGGER);
}

static enum err end_put(struct attempt *a)
{
	struct scope *scope = a->paper->scope;

	if (order_is_over(a->order->state))
		return ERR_OK;
	if (a->fill.end == MATCH_REFUSED)
		return order_end(scope, a->order, ORDER_REJECTED, CAUSE_VENUE,
			"post_only");
	if (a->cut)
		return order_end(
			scope, a->order, ORDER_CANCELLED, CAUSE_RISK, a->cut);
	if (a->fill.end == MATCH_EXPIRES)
		return order_end(scope, a->order, ORDER_EXPIRED, CAUSE_EXPIRE,
			order_forces[a->order->force]);
	return ERR_OK;
}

static enum err put(struct attempt *a)
{
	const bool was_triggered = a->order->triggered;
	enum err err = ERR_OK;

	if (a->fill.quantity > 0) {
		const int64_t whole = a->fill.quantity;

		a->cut = paper_cut(a->paper, a->order, &a->fill);
		/* all of it, or not at all */
		if (a->order->force == MATCH_FOK && a->fill.quantity < whole)
			a->fill.quantity = 0;
	}
	a->order->mark = a->fill.mark;
	a->order->seen_until = a->seen_until;
	if (a->fill.quantity > 0)
		err = fill_put(a);
	else if (a->fill.triggered && !was_triggered)
		err = trigger_put(a);
	return err == ERR_OK ? end_put(a) : err;
}

enum err paper_rest(struct paper *paper, struct order *order,
	const struct paper_candle *candle)
{
	const struct ledger_costs costs = costs_of(paper);
	const struct match_order asked = order_match(order);
	struct attempt a = {.paper = paper,
		.order = order,
		.bar = &candle->bar,
		.candle_time = candle->time,
		.seen_until = candle->end - 1};
	enum err err = match_candle(&costs, &asked, &candle->bar, &a.fill);

	return err == ERR_OK ? put(&a) : err;
}

enum err paper_take(struct paper *paper, struct order *order)
{
	const struct ledger_costs costs = costs_of(paper);
	const struct match_order asked = order_match(order);
	struct match_bar bar = {.close = paper->quote.price};
	struct attempt a = {.paper = paper,
		.order = order,
		.bar = &bar,
		.candle_time = paper->quote.time,
		.seen_until = order->seen_until};
	enum err err = ERR_OK;

	if (!paper->quote.known || paper->quote.stale) {
		a.fill.mark = order->mark;
		if (order->force != MATCH_GTC)
			a.fill.end = MATCH_EXPIRES;
		return put(&a);
	}
	err = room_now(paper, order->symbol, &bar.room);
	if (err == ERR_OK)
		err = match_quote(&costs, &asked, &bar, &a.fill);
	return err == ERR_OK ? put(&a) : err;
}

static bool is_as_before(
	const struct order *order, const struct match_fill *fill)
{
	return fill->quantity == 0 && fill->triggered == order->triggered &&
	       (order->type != MATCH_TRAILING || fill->mark == order->mark);
}

/* Most prices do nothing: what filled meanwhile is looked up for the rest. */
enum err paper_move(struct paper *paper, struct order *order)
{
	const struct ledger_costs costs = costs_of(paper);
	const struct match_order asked = order_match(order);
	struct match_bar bar = {.close = paper->quote.price, .room = INT64_MAX};
	struct attempt a = {.paper = paper,
		.order = order,
		.bar = &bar,
		.candle_time = paper->quote.time,
		.seen_until = paper->quote.time};
	enum err err = match_move(&costs, &asked, &bar, &a.fill);

	if (err == ERR_OK && a.fill.quantity > 0)
		err = room_now(paper, order->symbol, &bar.room);
	if (err == ERR_OK && a.fill.quantity > 0)
		err = match_move(&costs, &asked, &bar, &a.fill);
	if (err != ERR_OK || is_as_before(order, &a.fill))
		return err;
	return put(&a);
}
