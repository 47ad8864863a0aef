/*
 * One fill: the row that counts, and what follows from it (lots, position,
 * cash, the order), all in the caller's transaction. The account's sequence
 * and one fill of an order and candle are unique keys: what was done already
 * cannot be done again.
 */
#include "book_private.h"

#include "id.h"
#include "text.h"

static const char lots_sql[] =
	"SELECT seq, quantity, cost, opened_at FROM position_lots"
	" WHERE user_id = :owner AND account = :account"
	" AND symbol = :symbol ORDER BY seq";
static const char lots_drop_sql[] =
	"DELETE FROM position_lots WHERE user_id = :owner"
	" AND account = :account AND symbol = :symbol"
	" AND (seq < :first OR seq = :closes)";
static const char lot_put_sql[] =
	"INSERT INTO position_lots (user_id, account, symbol, seq, quantity,"
	" cost, opened_at) VALUES (:owner, :account, :symbol, :seq,"
	" :quantity, :cost, :at) ON CONFLICT (user_id, account, symbol, seq)"
	" DO UPDATE SET quantity = excluded.quantity, cost = excluded.cost";
static const char fill_sql[] =
	"INSERT INTO fills (user_id, id, account, seq, order_id, symbol, side,"
	" quantity, price, value, fee, maker, realised, candle_time,"
	" created_at, venue_trade, fee_asset, fee_quantity, fee_kept, closes)"
	" VALUES (:owner, :id, :account, :seq, :order, :symbol, :side,"
	" :quantity, :price, :value, :fee, :maker, :realised, :candle, :now,"
	" :trade, :fee_asset, :fee_quantity, :fee_kept, :closes)";
static const char position_sql[] =
	"INSERT INTO positions (user_id, account, symbol, quantity, cost,"
	" realised, fees, last_seq, updated_at) VALUES (:owner, :account,"
	" :symbol, :quantity, :cost, :realised, :fees, :seq, :now)"
	" ON CONFLICT (user_id, account, symbol) DO UPDATE"
	" SET quantity = excluded.quantity, cost = excluded.cost,"
	" realised = excluded.realised, fees = excluded.fees,"
	" last_seq = excluded.last_seq, updated_at = excluded.updated_at";

static const char day_sql[] =
	"UPDATE risk_days SET fills = fills + 1, wins = wins + :win,"
	" losses = losses + :loss, won = won + :won, lost = lost + :lost,"
	" fees = fees + :fee, volume = volume + :value"
	" WHERE user_id = :owner AND account = :account AND day = :day";

struct made {
	const char *id;
	int64_t value, fee, realised;
	struct lot_fill lot; /* signed */
};

enum err book_lots(struct scope *scope, int64_t account, const char *symbol,
	struct lots *out)
{
	struct vector lots;
	struct rows *rows;
	bool more;
	enum err err = scope_query(scope, lots_sql,
		BINDS(bind_int(":account", account),
			bind_text(":symbol", symbol)),
		&rows);

	if (err != ERR_OK)
		return err;
	vector_init(&lots, scope_arena(scope), sizeof(struct lot));
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		*(struct lot *)vector_add(&lots) =
			(struct lot){rows_int(rows, 0), rows_int(rows, 1),
				rows_int(rows, 2), rows_int(rows, 3)};
	rows_end(rows);
	if (err != ERR_OK)
		return err;
	(void)vector_add(&lots);
	*out = (struct lots){lots.items, lots.count - 1};
	return ERR_OK;
}

/* What a fill touches is the front and the end. */
static enum err lots_write(struct scope *scope, const struct book *book,
	const char *symbol, const struct lots *lots, int64_t closes)
{
	const struct lot *ends[2] = {NULL, NULL};
	enum err err = scope_run(scope, lots_drop_sql,
		BINDS(bind_int(":account", book->account),
			bind_text(":symbol", symbol),
			bind_int(":first",
				lots->count ? lots->items[0].seq : INT64_MAX),
			bind_int(":closes", closes)),
		NULL);

	if (lots->count > 0) {
		ends[0] = &lots->items[0];
		ends[1] = &lots->items[lots->count - 1];
	}
	for (size_t i = 0; err == ERR_OK && i < 2 && ends[i]; i++)
		err = scope_run(scope, lot_put_sql,
			BINDS(bind_int(":account", book->account),
				bind_text(":symbol", symbol),
				bind_int(":seq", ends[i]->seq),
				bind_int(":quantity", ends[i]->quantity),
				bind_int(":cost", ends[i]->cost),
				bind_int(":at", ends[i]->opened_at)),
			NULL);
	return err;
}

static enum err fill_write(struct scope *scope, const struct book *book,
	const struct order *order, const struct book_fill *fill,
	const struct made *made)
{
	const struct book_trade none = {0};
	const struct book_trade *trade = fill->trade ? fill->trade : &none;

	return scope_run(scope, fill_sql,
		BINDS(bind_text(":id", made->id),
			bind_int(":account", book->account),
			bind_int(":seq", made->lot.seq),
			bind_text(":order", order->id),
			bind_text(":symbol", order->symbol),
			bind_text(":side", order_sides[!order->buys]),
			bind_int(":quantity", fill->quantity),
			bind_int(":price", fill->price),
			bind_int(":value", made->value),
			bind_int(":fee", made->fee),
			bind_int(":maker", fill->maker),
			bind_int(":realised", made->realised),
			fill->trade ? bind_null(":candle")
				    : bind_int(":candle", fill->candle_time),
			bind_text(":trade", trade->id),
			bind_text(":fee_asset", trade->fee_asset),
			bind_int(":fee_quantity", trade->fee_quantity),
			bind_int(":fee_kept", trade->fee_kept),
			fill->closes ? bind_int(":closes", fill->closes)
				     : bind_null(":closes"),
			bind_int(":now", scope_now(scope))),
		NULL);
}

static struct holding *holding_of(struct book *book, const char *symbol)
{
	struct holding *items = book->holdings.items;
	struct holding *added;

	for (size_t i = 0; i < book->holdings.count; i++)
		if (text_equal(items[i].symbol, symbol))
			return &items[i];
	added = vector_add(&book->holdings);
	added->symbol = symbol;
	return added;
}

static enum err position_write(struct scope *scope, struct book *book,
	const struct order *order, const struct made *made)
{
	struct holding *holding = holding_of(book, order->symbol);
	struct lots lots;
	enum err err = book_lots(scope, book->account, order->symbol, &lots);

	if (err != ERR_OK)
		return err;
	(void)lots_apply(&lots, &made->lot);
	holding->quantity += made->lot.quantity;
	holding->cost += made->lot.value + made->realised;
	holding->realised += made->realised;
	holding->fees += made->fee;
	holding->last_seq = made->lot.seq;
	err = lots_write(scope, book, order->symbol, &lots, made->lot.closes);
	if (err != ERR_OK)
		return err;
	return scope_run(scope, position_sql,
		BINDS(bind_int(":account", book->account),
			bind_text(":symbol", order->symbol),
			bind_int(":quantity", holding->quantity),
			bind_int(":cost", holding->cost),
			bind_int(":realised", holding->realised),
			bind_int(":fees", holding->fees),
			bind_int(":seq", holding->last_seq),
			bind_int(":now", scope_now(scope))),
		NULL);
}

/* What the day's statistics are made of; opening the book made its row. */
static enum err day_write(
	struct scope *scope, const struct book *book, const struct made *made)
{
	const int64_t won = made->realised > 0 ? made->realised : 0;
	const int64_t lost = made->realised < 0 ? made->realised : 0;
	int64_t changed = 0;
	enum err err = scope_run(scope, day_sql,
		BINDS(bind_int(":win", won > 0), bind_int(":loss", lost < 0),
			bind_int(":won", won), bind_int(":lost", lost),
			bind_int(":fee", made->fee),
			bind_int(":value", made->value),
			bind_int(":account", book->account),
			bind_int(":day", book_day(scope))),
		&changed);

	return err == ERR_OK && changed != 1 ? ERR_INTERNAL : err;
}

/* The order's step, first: it decides whether there is anything to fill. */
static enum err order_fill(struct scope *scope, struct order *order,
	const struct book_fill *fill, const struct made *made)
{
	struct order next = *order;

	next.filled += fill->quantity;
	next.triggered = fill->triggered;
	next.mark = fill->mark;
	next.seen_until = fill->seen_until;
	if (__builtin_add_overflow(
		    next.filled_value, made->value, &next.filled_value) ||
		__builtin_add_overflow(next.fees, made->fee, &next.fees))
		return ERR_BAD_INPUT;
	next.state = next.filled == next.quantity ? ORDER_FILLED
						  : ORDER_PARTIALLY_FILLED;
	return order_move(scope, order, &next, CAUSE_FILL);
}

/* As the simulator has it: what leaving brings is rounded once, so the value
   is what makes it so, a unit from quantity times price at most. */
static enum err made_reckoned(
	const struct lots *lots, const struct book_fill *fill, struct made *out)
{
	const struct lot *lot = lots_find(lots, fill->closes);

	out->fee = fill->fee;
	if (fill->closes == 0)
		return ledger_value(fill->quantity, fill->price, &out->value);
	if (!lot)
		return ERR_INTERNAL;
	out->value = lot->quantity > 0 ? lot->cost + fill->gross
				       : -(lot->cost + fill->gross);
	return ERR_OK;
}

static enum err made_of(struct scope *scope, const struct book *book,
	const struct order *order, const struct book_fill *fill,
	struct made *out)
{
	const int64_t sign = order->buys ? 1 : -1;
	struct lots lots;
	const struct book_trade *trade = fill->trade;
	enum err err = book_lots(scope, book->account, order->symbol, &lots);

	if (err != ERR_OK)
		return err;
	if (fill->reckoned)
		err = made_reckoned(&lots, fill, out);
	else
		err = ledger_value(fill->quantity, fill->price, &out->value);
	if (err == ERR_OK && trade)
		out->fee = trade->fee;
	else if (err == ERR_OK && !fill->reckoned)
		err = ledger_charge(&book->costs, fill->quantity, fill->price,
			fill->maker, &out->fee);
	if (err != ERR_OK)
		return err;
	out->id = id_new(scope_arena(scope), scope_now(scope));
	out->lot = (struct lot_fill){.seq = book->fill_seq + 1,
		.quantity = sign * fill->quantity,
		.value = sign * out->value,
		.at = scope_now(scope),
		.closes = fill->closes};
	/* kept of what was bought: less came, and cost its share */
	if (trade && trade->fee_kept) {
		out->lot.quantity -= trade->fee_kept;
		out->lot.value -= trade->fee;
	}
	out->realised = lots_apply(&lots, &out->lot);
	return ERR_OK;
}

static void fill_count(struct scope *scope, const struct book *book)
{
	for (size_t i = 0; order_venues[i]; i++)
		if (text_equal(order_venues[i], book->venue))
			scope_count(scope, METRIC_FILLS, i, 1);
}

static enum err cash_write(struct scope *scope, struct book *book,
	const struct book_fill *fill, const struct made *made)
{
	struct book_entry entry = {"trade", made->id, NULL, -made->lot.value};
	enum err err = book_enter(scope, book, &entry);

	entry.kind = "fee";
	entry.amount = -made->fee;
	if (err == ERR_OK)
		err = book_enter(scope, book, &entry);
	if (err != ERR_OK || !fill->trade || !fill->trade->fee_elsewhere)
		return err;
	/* not with this money: it comes back */
	entry.kind = "adjust";
	entry.reason = "fee_in_another_asset";
	entry.amount = made->fee;
	return book_enter(scope, book, &entry);
}

enum err book_fill(struct scope *scope, struct book *book, struct order *order,
	const struct book_fill *fill)
{
	struct made made = {0};
	enum err err = made_of(scope, book, order, fill, &made);

	if (err == ERR_OK)
		err = order_fill(scope, order, fill, &made);
	if (err == ERR_OK)
		err = fill_write(scope, book, order, fill, &made);
	if (err == ERR_OK)
		err = position_write(scope, book, order, &made);
	if (err == ERR_OK)
		err = day_write(scope, book, &made);
	if (err == ERR_OK)
		err = cash_write(scope, book, fill, &made);
	if (err != ERR_OK)
		return err;
	book->fill_seq++;
	fill_count(scope, book);
	return book_value(book, order->symbol, fill->price);
}
