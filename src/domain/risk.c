/*
 * The one function that every order passes. Pure: it decides by what was read
 * in the order's transaction, under the account's lock. What cannot be
 * reckoned is refused. Must never let an order open more than a limit leaves,
 * counting every order that may still fill.
 */
#include "risk_private.h"

#include "text.h"

__extension__ typedef __int128 wide;

enum {
	HUNDRED = 100
};

static const char no_trading[] = "trading_halted";
static const char is_halted[] = "halted";
static const char is_reducing[] = "reducing_only";
static const char not_reducing[] = "reduce_only";
static const char not_allowed[] = "symbol_not_allowed";
static const char no_price[] = "no_price";
static const char stale_price[] = "stale_price";
static const char collar[] = "price_collar";
static const char order_value[] = "max_order_value";
static const char symbol_value[] = "max_symbol_value";
static const char account_value[] = "max_account_value";
static const char open_orders[] = "max_open_orders";
static const char positions[] = "max_positions";
static const char order_rate[] = "order_rate";
static const char daily_loss[] = "daily_loss";
static const char drawdown[] = "drawdown";
static const char no_funds[] = "insufficient_funds";
static const char no_short[] = "short_not_allowed";

const char *const risk_reasons[] = {no_trading, is_halted, is_reducing,
	not_reducing, not_allowed, no_price, stale_price, collar, order_value,
	symbol_value, account_value, open_orders, positions, order_rate,
	daily_loss, drawdown, no_funds, no_short, NULL};

/* What an order may open, and what that is worth. */
struct opening {
	int64_t quantity;
	wide value;	  /* with the fee */
	wide order_value; /* of all of it */
};

static wide worth(int64_t quantity, int64_t price)
{
	return ((wide)quantity * price + LEDGER_ONE - 1) / LEDGER_ONE;
}

static int64_t left_of(const struct order *order)
{
	return order->quantity - order->filled;
}

static int64_t size_of(int64_t quantity)
{
	return quantity < 0 ? -quantity : quantity;
}

bool risk_only_shrinks(
	const struct risk_settings *settings, const struct order *order)
{
	return order->reduce_only || settings->halted_all ||
	       settings->state != RISK_ACTIVE ||
	       (!settings->allow_short && !order->buys);
}

const char *risk_stop(
	const struct risk_settings *settings, const struct book *book)
{
	const wide all = (wide)HUNDRED * LEDGER_ONE;
	const wide fallen = (wide)book->peak - book->equity;

	if (settings->halted_all)
		return no_trading;
	if (settings->state == RISK_HALTED)
		return is_halted;
	if (settings->state == RISK_REDUCING)
		return is_reducing;
	if (settings->max_daily_loss &&
		(wide)book->day_start - book->equity + book->others_loss >=
			settings->max_daily_loss)
		return daily_loss;
	if (settings->max_drawdown_pct && book->peak > 0 &&
		fallen * all >= (wide)settings->max_drawdown_pct * book->peak)
		return drawdown;
	return NULL;
}

int64_t risk_free(const struct book *book)
{
	int64_t left;

	if (__builtin_sub_overflow(book->equity, book->exposure, &left))
		return 0;
	return left > 0 ? left : 0;
}

int64_t risk_symbol_value(
	const struct book *book, const struct holding *holding)
{
	const struct book_other *others = book->others.items;
	int64_t sum = size_of(holding->value);

	for (size_t i = 0; i < book->others.count; i++)
		if (text_equal(others[i].symbol, holding->symbol) &&
			__builtin_add_overflow(
				sum, size_of(others[i].value), &sum))
			return INT64_MAX;
	return sum;
}

/* ---- what is open already -------------------------------------------------- */

static bool opposes(bool buys, int64_t position)
{
	return buys ? position < 0 : position > 0;
}

/* Of the same book, symbol and side, what is left of other orders; of a pair
   only one can fill. */
static wide pending(const struct risk_case *c, const struct order *order)
{
	wide sum = 0;

	for (size_t i = 0; i < c->open_count; i++) {
		const struct order *other = &c->open[i];
		const bool paired = order->oco && other->oco &&
				    text_equal(order->oco, other->oco);

		if (other->buys == order->buys && !paired &&
			other->account == order->account &&
			text_equal(other->symbol, order->symbol))
			sum += left_of(other);
	}
	return sum;
}

/* What the open orders may add to the exposure, dearly reckoned: those that
   only shrink add nothing. account 0, symbol NULL: of all. */
static wide pending_value(
	const struct risk_case *c, int64_t account, const char *symbol)
{
	wide sum = 0;

	for (size_t i = 0; i < c->open_count; i++) {
		const struct order *order = &c->open[i];

		if (risk_only_shrinks(c->settings, order) ||
			(account && order->account != account) ||
			(symbol && !text_equal(order->symbol, symbol)))
			continue;
		sum += worth(left_of(order), order->bound);
	}
	return sum;
}

static struct opening opening_of(
	const struct risk_case *c, const struct order *order)
{
	const int64_t position = c->holding->quantity;
	const wide rate = LEDGER_ONE + (wide)c->book->costs.fee_taker;
	struct opening opening = {.quantity = left_of(order)};

	opening.order_value = worth(opening.quantity, order->bound);
	if (opposes(order->buys, position)) {
		wide room = size_of(position) - pending(c, order);

		if (room > 0)
			opening.quantity =
				opening.quantity > room
					? opening.quantity - (int64_t)room
					: 0;
	}
	opening.value =
		worth(opening.quantity, order->bound) * rate / LEDGER_ONE;
	return opening;
}

/* ---- refusals ----------------------------------------------------------------- */

static const char *refuse_symbol(
	const struct risk_settings *settings, const char *symbol)
{
	const char *at = settings->symbols;
	const size_t len = strlen(symbol);

	while (at && *at) {
		const size_t word = strcspn(at, " ");

		if (word == len && memcmp(at, symbol, len) == 0)
			return NULL;
		at += word + (at[word] == ' ');
	}
	return settings->symbols ? not_allowed : NULL;
}

/* An order that only shrinks must have something to shrink. */
static const char *refuse_shrinking(
	const struct risk_case *c, const struct order *order, int64_t opens)
{
	if (!opposes(order->buys, c->holding->quantity))
		return order->reduce_only || order->buys ? not_reducing
							 : no_short;
	return opens > 0 && (c->settings->spot || !order->reduce_only)
		       ? no_short
		       : NULL;
}

static const char *refuse_price(
	const struct risk_case *c, const struct order *order)
{
	const wide all = (wide)HUNDRED * LEDGER_ONE;
	const wide away = order->buys ? (wide)order->price - c->quote->price
				      : (wide)c->quote->price - order->price;

	if (!c->quote->known)
		return no_price;
	if (order->price && c->settings->collar_pct &&
		away * all > (wide)c->settings->collar_pct * c->quote->price)
		return collar;
	return NULL;
}

static const char *refuse_value(
	const struct risk_case *c, const struct opening *opening)
{
	const struct risk_settings *settings = c->settings;
	const char *symbol = c->holding->symbol;
	const wide added = opening->value;

	if (settings->max_order_value &&
		opening->order_value > settings->max_order_value)
		return order_value;
	if (settings->max_symbol_value &&
		(wide)risk_symbol_value(c->book, c->holding) +
				pending_value(c, 0, symbol) + added >
			settings->max_symbol_value)
		return symbol_value;
	if (settings->max_account_value &&
		(wide)c->book->exposure + c->book->others_exposure +
				pending_value(c, 0, NULL) + added >
			settings->max_account_value)
		return account_value;
	/* a book's money is its own */
	if (!c->funded && pending_value(c, c->book->account, NULL) + added >
				  risk_free(c->book))
		return no_funds;
	return NULL;
}

static bool is_held(
	const struct risk_case *c, int64_t account, const char *symbol)
{
	const struct holding *items = c->book->holdings.items;
	const struct book_other *others = c->book->others.items;
	bool held = false;

	for (size_t i = 0; i < c->book->holdings.count; i++)
		held |= account == c->book->account && items[i].quantity != 0 &&
			text_equal(items[i].symbol, symbol);
	for (size_t i = 0; i < c->book->others.count; i++)
		held |= others[i].account == account &&
			text_equal(others[i].symbol, symbol);
	return held;
}

/* By one of the first `count` open orders. */
static bool is_asked(const struct risk_case *c, size_t count, int64_t account,
	const char *symbol)
{
	bool asked = false;

	for (size_t i = 0; i < count; i++)
		asked |= c->open[i].account == account &&
			 text_equal(c->open[i].symbol, symbol);
	return asked;
}

/* Symbols that are held in a book, or may be when an open order fills; of all
   books. */
static int64_t positions_with(const struct risk_case *c)
{
	const struct holding *items = c->book->holdings.items;
	int64_t count = (int64_t)c->book->others.count;

	for (size_t i = 0; i < c->book->holdings.count; i++)
		count += items[i].quantity != 0;
	for (size_t i = 0; i < c->open_count; i++) {
		const struct order *one = &c->open[i];

		count += !is_held(c, one->account, one->symbol) &&
			 !is_asked(c, i, one->account, one->symbol);
	}
	return count;
}

static bool has_position(const struct risk_case *c)
{
	return c->holding->quantity != 0 ||
	       is_asked(c, c->open_count, c->book->account, c->holding->symbol);
}

static const char *refuse_opening(const struct risk_case *c,
	const struct order *order, const struct opening *opening)
{
	const char *stop = risk_stop(c->settings, c->book);

	if (stop)
		return stop;
	if (order->type == MATCH_MARKET && c->quote->stale)
		return stale_price;
	if (c->settings->max_positions && !has_position(c) &&
		positions_with(c) >= c->settings->max_positions)
		return positions;
	return refuse_value(c, opening);
}

/* A reduce-only market order, which is what closing a position is: no number
   of orders keeps anybody from getting out, nor does it count as one. But one
   at a time: where no price comes, it rests. */
static bool gets_out(const struct risk_case *c, const struct order *order)
{
	bool out = order->reduce_only && order->type == MATCH_MARKET;

	for (size_t i = 0; out && i < c->open_count; i++) {
		const struct order *other = &c->open[i];

		out = !other->reduce_only || other->type != MATCH_MARKET ||
		      other->account != order->account ||
		      !text_equal(other->symbol, order->symbol);
	}
	return out;
}

static const char *refuse_count(
	const struct risk_case *c, const struct order *order)
{
	const struct risk_settings *settings = c->settings;

	if (gets_out(c, order))
		return NULL;
	if (settings->orders_per_minute &&
		c->recent >= settings->orders_per_minute)
		return order_rate;
	if (settings->max_open_orders &&
		(int64_t)c->open_count >= settings->max_open_orders)
		return open_orders;
	return NULL;
}

static const char *refuse_any(
	const struct risk_case *c, const struct order *order)
{
	const struct risk_settings *settings = c->settings;
	const char *reason = refuse_count(c, order);

	if (settings->halted_all)
		return no_trading;
	if (settings->state == RISK_HALTED)
		return is_halted;
	if (!reason)
		reason = refuse_symbol(settings, order->symbol);
	return reason ? reason : refuse_price(c, order);
}

const char *risk_refuse(const struct risk_case *c, const struct order *order)
{
	const struct opening opening = opening_of(c, order);
	const char *reason = refuse_any(c, order);

	if (reason)
		return reason;
	if (order->reduce_only || (!c->settings->allow_short && !order->buys))
		return refuse_shrinking(c, order, opening.quantity);
	if (opening.quantity == 0)
		return NULL;
	return refuse_opening(c, order, &opening);
}
