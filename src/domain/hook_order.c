/*
 * From an alert's words to an order: whose symbol it means, how much of it,
 * and whether the hook's bounds allow that. Pure but for reading prices and
 * positions. Must never widen what the hook may.
 */
#include "hook_private.h"

#include "ledger_costs.h"
#include "symbol_private.h"
#include "text.h"

const char *const hook_actions[] = {"buy", "sell", "close", NULL};

enum {
	PLAIN_ROOM = 64
};

static const char symbols_sql[] = "SELECT symbol FROM symbols ORDER BY symbol";

/* ---- which symbol ------------------------------------------------------------- */

/* "BINANCE:btcusdt" and "BTC-USDT" are one: letters and digits of what
   follows the exchange's name. False when it is too long to be one. */
static bool plain(const char *symbol, char out[PLAIN_ROOM])
{
	const char *colon = strrchr(symbol, ':');
	size_t len = 0;

	for (symbol = colon ? colon + 1 : symbol; *symbol; symbol++) {
		const char c = *symbol;

		if (c == '-' || c == '/' || c == '_')
			continue;
		if (len == PLAIN_ROOM - 1)
			return false;
		out[len++] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
	}
	out[len] = '\0';
	return len > 0;
}

/* The one that this server has; NULL: none, or it could be two. */
static enum err symbol_find(
	struct scope *scope, const char *asked, const char **out)
{
	char wanted[PLAIN_ROOM], here[PLAIN_ROOM];
	const char *found = NULL, *exact = NULL;
	size_t count = 0;
	struct rows *rows;
	bool more;
	enum err err = scope_query(scope, symbols_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	while ((err = rows_next(rows, &more)) == ERR_OK && more) {
		const char *symbol = rows_text(rows, 0);

		if (text_equal(symbol, asked))
			exact = symbol;
		if (plain(asked, wanted) && plain(symbol, here) &&
			text_equal(wanted, here)) {
			found = symbol;
			count++;
		}
	}
	rows_end(rows);
	if (err == ERR_OK)
		*out = exact ? exact : count == 1 ? found : NULL;
	return err;
}

static bool is_among(const struct text_list *list, const char *word)
{
	for (size_t i = 0; i < list->count; i++)
		if (text_equal(list->items[i], word))
			return true;
	return list->count == 0;
}

static enum err symbol_take(struct scope *scope, const struct hook_view *hook,
	const struct hook_order *in, struct hook_plan *plan)
{
	enum err err = ERR_OK;

	if (!in->symbol && hook->symbols.count == 1)
		plan->symbol = hook->symbols.items[0];
	else if (in->symbol)
		err = symbol_find(scope, in->symbol, &plan->symbol);
	if (err == ERR_OK && plan->symbol)
		err = quote_read(scope, plan->symbol, &plan->quote);
	if (err == ERR_NOT_FOUND || (err == ERR_OK && !plan->symbol)) {
		report_fault(scope_report(scope), "/symbol",
			in->symbol ? "is no symbol of this server"
				   : "must be given: the hook has not one "
				     "symbol alone");
		return ERR_BAD_INPUT;
	}
	if (err == ERR_OK && !is_among(&hook->symbols, plan->symbol))
		plan->refused = "symbol";
	return err;
}

/* ---- how much -------------------------------------------------------------------- */

static enum err fault(
	struct scope *scope, const char *pointer, const char *message)
{
	report_fault(scope_report(scope), pointer, "%s", message);
	return ERR_BAD_INPUT;
}

static enum err said_price(struct scope *scope, const char *pointer,
	const struct decimal *said, int64_t *out)
{
	if (!said || (ledger_units(*said, out) == ERR_OK && *out > 0))
		return ERR_OK;
	return fault(scope, pointer,
		"must be above 0, with at most 8 digits behind the point");
}

static int64_t dearest(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* What one may cost: by a limit that a buyer never passes, else at the dearest
   of the last price and the order's own, as a trigger that was reached
   already, or a sale's low limit, is met at the market. */
static enum err price_of(struct scope *scope, const struct hook_order *in,
	const struct hook_plan *plan, int64_t *out)
{
	int64_t limit = 0, stop = 0, price;
	enum err err = said_price(scope, "/price", in->price, &limit);

	if (err == ERR_OK)
		err = said_price(scope, "/stop_price", in->stop_price, &stop);
	if (err != ERR_OK)
		return err;
	price = dearest(dearest(limit, stop),
		plan->quote.known ? plan->quote.price : 0);
	if (limit > 0 && text_equal(in->action, order_sides[0]))
		price = limit;
	if (price <= 0)
		return fault(scope, "/symbol", "has no price yet");
	*out = price;
	return ERR_OK;
}

static enum err amount_take(struct scope *scope, const struct hook_order *in,
	struct hook_plan *plan)
{
	int64_t price = 0, quantity = 0, quote = 0;
	enum err err;

	if ((in->quantity != NULL) == (in->quote != NULL))
		return fault(scope, "/quantity",
			"must be given, or quote, but not both");
	err = price_of(scope, in, plan, &price);
	if (err != ERR_OK)
		return err;
	if (in->quantity && ledger_units(*in->quantity, &quantity) != ERR_OK)
		quantity = 0;
	/* so much money's worth of it, cut to what the quantity can hold */
	if (in->quote && ledger_units(*in->quote, &quote) == ERR_OK &&
		quote > 0 && quote / price < INT64_MAX / LEDGER_ONE)
		quantity = ledger_share(LEDGER_ONE, quote, price);
	if (quantity <= 0)
		return fault(scope, in->quote ? "/quote" : "/quantity",
			"must be above 0, with at most 8 digits behind the "
			"point");
	plan->order.quantity = decimal_trim(ledger_decimal(quantity));
	return ledger_value(quantity, price, &plan->value);
}

static enum err open_take(struct scope *scope, const struct hook_view *hook,
	const struct hook_order *in, struct hook_plan *plan)
{
	int64_t most = INT64_MAX;
	enum err err = amount_take(scope, in, plan);

	if (err != ERR_OK)
		return err;
	plan->order.side = in->action;
	plan->order.type = in->type ? in->type : order_types[MATCH_MARKET];
	plan->order.price = in->price;
	plan->order.stop_price = in->stop_price;
	if (hook->max_value)
		err = ledger_units(*hook->max_value, &most);
	if (!text_equal(hook->sides, hook_sides[0]) &&
		!text_equal(hook->sides, in->action))
		plan->refused = "side";
	else if (plan->value > most)
		plan->refused = "max_value";
	return err;
}

/* Shrinks a position and nothing else, so no bound but the symbols holds. */
static enum err close_take(struct scope *scope, const struct limits *limits,
	const struct hook_order *in, struct hook_plan *plan)
{
	const struct holding *holding;
	struct book book;
	enum err err;

	if (in->quantity || in->quote || in->type || in->price ||
		in->stop_price)
		return fault(scope, "/action",
			"close takes all of it at the market: no amount, "
			"type or price");
	err = book_look(
		scope, limits, &(const struct book_name){.account = 0}, &book);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	holding = book_holding(&book, scope_arena(scope), plan->symbol);
	if (holding->quantity == 0)
		return ERR_OK;
	plan->order.side = order_sides[holding->quantity > 0];
	plan->order.type = order_types[MATCH_MARKET];
	plan->order.reduce_only = true;
	plan->order.quantity = ledger_decimal(
		holding->quantity > 0 ? holding->quantity : -holding->quantity);
	return ERR_OK;
}

enum err hook_plan(struct scope *scope, const struct limits *limits,
	const struct hook_view *hook, const struct hook_order *in,
	struct hook_plan *out)
{
	struct hook_plan plan = {
		.closes = text_equal(in->action, hook_actions[2])};
	enum err err = symbol_take(scope, hook, in, &plan);

	if (err == ERR_OK && !plan.refused)
		err = plan.closes ? close_take(scope, limits, in, &plan)
				  : open_take(scope, hook, in, &plan);
	if (err != ERR_OK)
		return err;
	plan.order.symbol = plan.symbol;
	plan.order.venue = hook->venue;
	*out = plan;
	return ERR_OK;
}
