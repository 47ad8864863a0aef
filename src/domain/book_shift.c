/*
 * Something comes into a book, or goes out of it, by no trade: an order and a
 * fill of the system at the last price, and its money back, so that cash and
 * what limits of loss are reckoned from stay right. Must never move what has
 * no price.
 */
#include "book_private.h"

#include "id.h"

static enum err price_of(struct scope *scope, const char *symbol, int64_t *out)
{
	struct quote quote = {0};
	enum err err = quote_read(scope, symbol, &quote);

	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return err;
	*out = err == ERR_OK && quote.known ? quote.price : 0;
	return ERR_OK;
}

static enum err order_make(struct scope *scope, const struct book *book,
	const struct book_move *move, struct order *out)
{
	const int64_t delta = move->quantity;
	struct order order = {
		.id = id_new(scope_arena(scope), scope_now(scope)),
		.account = book->account,
		.symbol = move->symbol,
		.venue = book->venue,
		.source = ORDER_BY_SYSTEM,
		.type = MATCH_MARKET,
		.buys = delta > 0,
		.quantity = delta > 0 ? delta : -delta,
		.seen_until = scope_now(scope)};
	enum err err;

	order.client_order_id = order.id;
	err = order_begin(scope, &order);
	if (err == ERR_OK)
		*out = order;
	return err;
}

static enum err filled(struct scope *scope, struct book *book,
	const struct book_move *move, int64_t price)
{
	const struct book_trade trade = {.id = NULL};
	struct book_fill fill = {.price = price, .trade = &trade};
	struct order order, next;
	enum err err = order_make(scope, book, move, &order);

	if (err != ERR_OK)
		return err;
	next = order;
	next.state = ORDER_ACCEPTED;
	next.reason = move->reason;
	fill.quantity = order.quantity;
	fill.seen_until = order.seen_until;
	err = order_move(scope, &order, &next, CAUSE_VENUE);
	return err == ERR_OK ? book_fill(scope, book, &order, &fill) : err;
}

enum err book_shift(struct scope *scope, struct book *book,
	const struct book_move *move, bool *moved)
{
	const int64_t delta = move->quantity;
	int64_t price = 0, value = 0;
	enum err err = price_of(scope, move->symbol, &price);

	*moved = false;
	if (err != ERR_OK || price == 0)
		return err;
	err = filled(scope, book, move, price);
	if (err == ERR_OK)
		err = ledger_value(delta > 0 ? delta : -delta, price, &value);
	/* whoever did not buy it has the money back */
	if (err == ERR_OK && !move->began)
		err = book_adjust(
			scope, book, move->reason, delta > 0 ? value : -value);
	*moved = err == ERR_OK;
	return err;
}
