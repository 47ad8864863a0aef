/*
 * Where orders go. One struct of functions (struct venue_calls) with one file
 * an exchange behind it; this header and venue_types.h are all that others see of any.
 * Prices and quantities are decimals, times ms UTC, ids text. A venue is
 * opened for one user's keys; nothing is shared but what it is handed (the
 * governor, the connection, the clock), so two of them cannot mix users up.
 *
 * Each call answers with a struct venue_outcome. What matters most is
 * VENUE_UNKNOWN: the request may have been carried out. Nothing in this layer
 * ever sends a request a second time, and no caller may: query by the client
 * order id, and when the venue does not know it after `final_at_ms`, placing
 * anew is the caller's decision. Never used by kontor.fcgi.
 */
#ifndef VENUE_VENUE_H
#define VENUE_VENUE_H

#include <stdint.h>

#include "arena.h"
#include "decimal.h"
#include "err.h"
#include "venue_types.h"

/* ---- the calls ------------------------------------------------------------------ */

struct venue {
	const struct venue_calls *calls;
	const char *name; /* "binance" */
};

/* What a backend implements; arguments were checked by the front below. */
struct venue_calls {
	struct venue_outcome (*server_time)(
		struct venue *venue, struct arena *arena, int64_t *out);
	struct venue_outcome (*symbols)(struct venue *venue,
		struct arena *arena, const char *const *names,
		struct venue_symbol_list *out);
	struct venue_outcome (*candles)(struct venue *venue,
		struct arena *arena, const struct venue_candles_query *query,
		struct venue_candle_list *out);
	struct venue_outcome (*quotes)(struct venue *venue, struct arena *arena,
		const struct venue_symbol_set *set,
		struct venue_quote_list *out);
	struct venue_outcome (*prices)(struct venue *venue, struct arena *arena,
		const struct venue_symbol_set *set,
		struct venue_price_list *out);
	struct venue_outcome (*balances)(struct venue *venue,
		struct arena *arena, struct venue_balance_list *out);
	struct venue_outcome (*rights)(struct venue *venue, struct arena *arena,
		struct venue_rights *out);
	struct venue_outcome (*place)(struct venue *venue, struct arena *arena,
		const struct venue_order *order, struct venue_order_state *out);
	struct venue_outcome (*test)(struct venue *venue, struct arena *arena,
		const struct venue_order *order);
	struct venue_outcome (*place_oco)(struct venue *venue,
		struct arena *arena, const struct venue_oco *oco,
		struct venue_order_list *out);
	struct venue_outcome (*cancel)(struct venue *venue, struct arena *arena,
		const struct venue_symbol *symbol, const char *client_id);
	struct venue_outcome (*query)(struct venue *venue, struct arena *arena,
		const struct venue_order *order, struct venue_order_state *out);
	struct venue_outcome (*open_orders)(struct venue *venue,
		struct arena *arena, const struct venue_symbol *symbol,
		struct venue_order_list *out);
	struct venue_outcome (*fills)(struct venue *venue, struct arena *arena,
		const struct venue_order_state *order,
		struct venue_fill_list *out);
};

/*
 * The front: checks arguments and the symbol's rules once, then hands on.
 * Outputs are written last and only with VENUE_OK. `out` may not be NULL. An
 * answer takes at most half of what its arena has left, or it is "not
 * understood": 32 MiB are enough for 200 symbols, 8 for everything else.
 */
MUST_CHECK struct venue_outcome venue_server_time(
	struct venue *venue, struct arena *arena, int64_t *out);
/* names: ours ("BTC-USDT"), NULL ends them, at most VENUE_SYMBOLS_LIMIT. All
   of them or an error: VENUE_REFUSED when the venue does not know one. */
MUST_CHECK struct venue_outcome venue_symbols(struct venue *venue,
	struct arena *arena, const char *const *names,
	struct venue_symbol_list *out);
/* Ascending; the last may still be open. */
MUST_CHECK struct venue_outcome venue_candles(struct venue *venue,
	struct arena *arena, const struct venue_candles_query *query,
	struct venue_candle_list *out);
/* Best bid and ask. */
MUST_CHECK struct venue_outcome venue_quotes(struct venue *venue,
	struct arena *arena, const struct venue_symbol_set *set,
	struct venue_quote_list *out);
/* The last trades'. */
MUST_CHECK struct venue_outcome venue_prices(struct venue *venue,
	struct arena *arena, const struct venue_symbol_set *set,
	struct venue_price_list *out);
/* Assets of which there is any. */
MUST_CHECK struct venue_outcome venue_balances(struct venue *venue,
	struct arena *arena, struct venue_balance_list *out);
/* VENUE_DENIED with rule "key_can_withdraw": the key must not be stored. */
MUST_CHECK struct venue_outcome venue_check_key(
	struct venue *venue, struct arena *arena, struct venue_rights *out);
/* known: or NULL. Out: the order as the venue took it. */
MUST_CHECK struct venue_outcome venue_place(struct venue *venue,
	struct arena *arena, const struct venue_order *order,
	const struct venue_known *known, struct venue_order_state *out);
/* As placing, but the venue only checks. */
MUST_CHECK struct venue_outcome venue_test(struct venue *venue,
	struct arena *arena, const struct venue_order *order,
	const struct venue_known *known);
/* Out: both legs. UNKNOWN: query each leg. */
MUST_CHECK struct venue_outcome venue_place_oco(struct venue *venue,
	struct arena *arena, const struct venue_oco *oco,
	const struct venue_known *known, struct venue_order_list *out);
/* NOT_FOUND: not open (any more): query says what became of it. */
MUST_CHECK struct venue_outcome venue_cancel(struct venue *venue,
	struct arena *arena, const struct venue_symbol *symbol,
	const char *client_id);
/* By symbol, client_id and side of the order as it was to be placed; an
   answer about another order is VENUE_UNKNOWN. */
MUST_CHECK struct venue_outcome venue_query(struct venue *venue,
	struct arena *arena, const struct venue_order *order,
	struct venue_order_state *out);
MUST_CHECK struct venue_outcome venue_open_orders(struct venue *venue,
	struct arena *arena, const struct venue_symbol *symbol,
	struct venue_order_list *out);
/* Of an order that venue_query or venue_place described. */
MUST_CHECK struct venue_outcome venue_fills(struct venue *venue,
	struct arena *arena, const struct venue_order_state *order,
	struct venue_fill_list *out);

#endif
