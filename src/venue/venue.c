/*
 * The front: what every venue has in common is checked here once. Never calls
 * a backend twice for one call, and never turns VENUE_UNKNOWN into anything.
 */
#include "venue.h"

#include "venue_private.h"
#include "venue_rules.h"

static struct venue_outcome denied(const char *rule, const char *why)
{
	return venue_outcome_of(VENUE_DENIED, rule, why);
}

const char *venue_result_slug(enum venue_result result)
{
	static const char *const slugs[] = {[VENUE_OK] = "ok",
		[VENUE_NOT_FOUND] = "not_found",
		[VENUE_REFUSED] = "refused",
		[VENUE_DENIED] = "denied",
		[VENUE_LATER] = "later",
		[VENUE_UNKNOWN] = "unknown"};

	return (size_t)result < sizeof(slugs) / sizeof(slugs[0]) ? slugs[result]
								 : "unknown";
}

struct venue_outcome venue_server_time(
	struct venue *venue, struct arena *arena, int64_t *out)
{
	return venue->calls->server_time(venue, arena, out);
}

/* "BTC-USDT": two names of upper-case letters and digits, up to 20 each. */
static bool is_symbol(const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	size_t base = strspn(name, allowed);
	size_t quote;

	if (base < 1 || base > 20 || name[base] != '-')
		return false;
	quote = strspn(name + base + 1, allowed);
	return quote >= 1 && quote <= 20 && name[base + 1 + quote] == '\0';
}

struct venue_outcome venue_symbols(struct venue *venue, struct arena *arena,
	const char *const *names, struct venue_symbol_list *out)
{
	size_t count = 0;

	for (; names[count]; count++)
		if (!is_symbol(names[count]) || count == VENUE_SYMBOLS_LIMIT)
			return denied("symbol",
				"A symbol is written BASE-QUOTE; at most 200 "
				"may be asked for at once.");
	if (count == 0)
		return denied("symbol", "There is no symbol to ask for.");
	return venue->calls->symbols(venue, arena, names, out);
}

struct venue_outcome venue_candles(struct venue *venue, struct arena *arena,
	const struct venue_candles_query *query, struct venue_candle_list *out)
{
	if (query->limit < 1 || query->limit > VENUE_CANDLES_LIMIT ||
		query->from_ms < 0 || query->interval_ms <= 0 ||
		(query->until_ms && query->until_ms <= query->from_ms))
		return denied("candles", "The span of candles cannot be.");
	return venue->calls->candles(venue, arena, query, out);
}

static bool is_set_of(const struct venue_symbol_set *set)
{
	return set->count >= 1 && set->count <= VENUE_SYMBOLS_LIMIT;
}

struct venue_outcome venue_quotes(struct venue *venue, struct arena *arena,
	const struct venue_symbol_set *set, struct venue_quote_list *out)
{
	if (!is_set_of(set))
		return denied("symbol", "Ask about 1 to 200 symbols.");
	return venue->calls->quotes(venue, arena, set, out);
}

struct venue_outcome venue_prices(struct venue *venue, struct arena *arena,
	const struct venue_symbol_set *set, struct venue_price_list *out)
{
	if (!is_set_of(set))
		return denied("symbol", "Ask about 1 to 200 symbols.");
	return venue->calls->prices(venue, arena, set, out);
}

struct venue_outcome venue_balances(struct venue *venue, struct arena *arena,
	struct venue_balance_list *out)
{
	return venue->calls->balances(venue, arena, out);
}

struct venue_outcome venue_check_key(
	struct venue *venue, struct arena *arena, struct venue_rights *out)
{
	struct venue_rights rights = {0};
	struct venue_outcome outcome =
		venue->calls->rights(venue, arena, &rights);

	if (outcome.result != VENUE_OK)
		return outcome;
	if (rights.known && rights.can_withdraw)
		return denied("key_can_withdraw",
			"The key may withdraw: make one that may only trade.");
	if (!rights.can_trade)
		return denied("key_cannot_trade", "The key may not trade.");
	*out = rights;
	return outcome;
}

struct venue_outcome venue_place(struct venue *venue, struct arena *arena,
	const struct venue_order *order, const struct venue_known *known,
	struct venue_order_state *out)
{
	const char *why = "";
	const char *rule = venue_rule_broken(order, known, &why);

	if (rule)
		return denied(rule, why);
	return venue->calls->place(venue, arena, order, out);
}

struct venue_outcome venue_test(struct venue *venue, struct arena *arena,
	const struct venue_order *order, const struct venue_known *known)
{
	const char *why = "";
	const char *rule = venue_rule_broken(order, known, &why);

	if (rule)
		return denied(rule, why);
	return venue->calls->test(venue, arena, order);
}

struct venue_outcome venue_place_oco(struct venue *venue, struct arena *arena,
	const struct venue_oco *oco, const struct venue_known *known,
	struct venue_order_list *out)
{
	const char *why = "";
	const char *rule = venue_oco_rule_broken(oco, known, &why);

	if (rule)
		return denied(rule, why);
	return venue->calls->place_oco(venue, arena, oco, out);
}

struct venue_outcome venue_cancel(struct venue *venue, struct arena *arena,
	const struct venue_symbol *symbol, const char *client_id)
{
	if (!venue_client_id_is_valid(client_id))
		return denied("client_id", "That is no client order id.");
	return venue->calls->cancel(venue, arena, symbol, client_id);
}

struct venue_outcome venue_query(struct venue *venue, struct arena *arena,
	const struct venue_order *order, struct venue_order_state *out)
{
	if (!venue_client_id_is_valid(order->client_id))
		return denied("client_id", "That is no client order id.");
	return venue->calls->query(venue, arena, order, out);
}

struct venue_outcome venue_open_orders(struct venue *venue, struct arena *arena,
	const struct venue_symbol *symbol, struct venue_order_list *out)
{
	return venue->calls->open_orders(venue, arena, symbol, out);
}

struct venue_outcome venue_fills(struct venue *venue, struct arena *arena,
	const struct venue_order_state *order, struct venue_fill_list *out)
{
	return venue->calls->fills(venue, arena, order, out);
}
