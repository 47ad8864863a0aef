/*
 * What Binance's answers mean: bytes to outcomes and structs, nothing else.
 * Every function takes what a stranger may have written: what is not as
 * documented, or about something else than was asked, is VENUE_UNKNOWN.
 */
#ifndef VENUE_BINANCE_READ_H
#define VENUE_BINANCE_READ_H

#include "bytes.h"
#include "json.h"
#include "venue.h"

/* An HTTP answer by status and body. VENUE_OK: *out is the document. LATER
   has no retry_at_ms yet. */
struct venue_outcome binance_read_answer(struct arena *arena, int status,
	struct bytes body, const struct json **out);

/* Each reads a document of VENUE_OK; the outcome is VENUE_OK or _UNKNOWN. */
struct venue_outcome binance_read_time(const struct json *json, int64_t *out);
struct venue_outcome binance_read_symbols(struct arena *arena,
	const struct json *json, const char *const *names,
	struct venue_symbol_list *out);
struct venue_outcome binance_read_candles(struct arena *arena,
	const struct json *json, const struct venue_candles_query *query,
	struct venue_candle_list *out);
struct venue_outcome binance_read_quotes(struct arena *arena,
	const struct json *json, const struct venue_symbol_set *set,
	struct venue_quote_list *out);
struct venue_outcome binance_read_prices(struct arena *arena,
	const struct json *json, const struct venue_symbol_set *set,
	struct venue_price_list *out);
struct venue_outcome binance_read_balances(struct arena *arena,
	const struct json *json, struct venue_balance_list *out);
struct venue_outcome binance_read_restrictions(
	const struct json *json, struct venue_rights *out);
struct venue_outcome binance_read_account_rights(
	const struct json *json, struct venue_rights *out);
/* Of exactly that order. */
struct venue_outcome binance_read_order(const struct json *json,
	const struct venue_order *order, struct venue_order_state *out);
struct venue_outcome binance_read_oco(struct arena *arena,
	const struct json *json, const struct venue_oco *oco,
	struct venue_order_list *out);
/* The answer to a cancellation: of one order, or of its whole pair. */
struct venue_outcome binance_read_cancel(const struct json *json,
	const struct venue_symbol *symbol, const char *client_id);
struct venue_outcome binance_read_orders(struct arena *arena,
	const struct json *json, const struct venue_symbol *symbol,
	struct venue_order_list *out);
struct venue_outcome binance_read_fills(struct arena *arena,
	const struct json *json, const struct venue_order_state *order,
	struct venue_fill_list *out);

/* The limits in exchangeInfo; 0: not said. */
struct binance_limits {
	int64_t weight_1m;
	int orders_10s, orders_day;
};
struct binance_limits binance_read_limits(const struct json *json);

/* The exchange's words, in the order of the enums. */
extern const char *const binance_sides[];
extern const char *const binance_types[];

#endif
