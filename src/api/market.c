/* Market data, the same for everybody who is signed in. */
#include "market_api.h"

#include "market.h"
#include "replies_private.h"

enum {
	CANDLES_MOST = 5000
};

static const struct field series_fields[] = {
	FIELD(struct symbol_series, interval, .doc = "the stored interval"),
	FIELD(struct symbol_series, candles, .doc = "how many"),
	FIELD(struct symbol_series, first, .doc = "open of the first candle"),
	FIELD(struct symbol_series, last, .doc = "open of the last candle"),
};
static const struct shape series_shape =
	SHAPE("symbol_series", struct symbol_series, series_fields);

static const struct field symbol_fields[] = {
	FIELD(struct symbol_view, symbol, .doc = "such as BTC-USD"),
	FIELD(struct symbol_view, source, .doc = "where the data come from"),
	FIELD(struct symbol_view, price_scale,
		.doc = "digits behind the point of prices"),
	FIELD(struct symbol_view, volume_scale,
		.doc = "digits behind the point of volumes"),
	FIELD_LIST(struct symbol_view, series, series_shape,
		.doc = "what is stored"),
	FIELD(struct symbol_view, age_s,
		.doc = "seconds since the last candle's open"),
	FIELD(struct symbol_view, stale,
		.doc = "its price is older than it ought to be"),
	FIELD(struct symbol_view, fetched_at, .nullable = true,
		.doc = "last success of fetching it; null: it is not fetched, "
		       "or nothing came yet"),
	FIELD(struct symbol_view, last_error, .nullable = true,
		.doc = "why fetching it fails; null: it does not"),
	FIELD(struct symbol_view, last_error_at, .nullable = true,
		.doc = "since when"),
};
static const struct shape symbol_shape =
	SHAPE("symbol", struct symbol_view, symbol_fields);
static const struct field symbols_fields[] = PAGE_FIELDS(symbol_shape);
const struct shape symbols_shape =
	SHAPE("symbols", struct page, symbols_fields);

static const struct field quotes_query_fields[] = {
	FIELD(struct quotes_query, symbols, .from = FROM_QUERY, .max = 50,
		.doc = "such as BTC-USD,ETH-USD; none: all"),
};
const struct shape quotes_query_shape =
	SHAPE("quotes_query", struct quotes_query, quotes_query_fields);
static const struct field quote_fields[] = {
	FIELD(struct quote_view, symbol, .doc = "such as BTC-USD"),
	FIELD(struct quote_view, source, .doc = "where the price comes from"),
	FIELD(struct quote_view, price, .nullable = true,
		.doc = "the last one; null: none is known"),
	FIELD(struct quote_view, previous, .nullable = true,
		.doc = "close of the day (UTC) before, where it is known"),
	FIELD(struct quote_view, change, .nullable = true,
		.doc = "price less previous"),
	FIELD(struct quote_view, change_pct, .nullable = true,
		.doc = "the same in percent"),
	FIELD(struct quote_view, at, .nullable = true,
		.doc = "when it was the price; a candle's close is of its end"),
	FIELD(struct quote_view, age_s, .doc = "seconds since then"),
	FIELD(struct quote_view, stale,
		.doc = "older than it ought to be: nothing that opens is "
		       "filled at it"),
};
static const struct shape quote_shape =
	SHAPE("quote", struct quote_view, quote_fields);
static const struct field quotes_fields[] = PAGE_FIELDS(quote_shape);
const struct shape quotes_shape = SHAPE("quotes", struct page, quotes_fields);

static const struct field candle_query_fields[] = {
	FIELD(struct candle_query, symbol, .required = true, .from = FROM_QUERY,
		.min = 1, .max = 32, .doc = "such as BTC-USD"),
	FIELD(struct candle_query, interval, .required = true,
		.from = FROM_QUERY, .one_of = market_intervals,
		.doc = "larger ones are built from smaller ones"),
	FIELD(struct candle_query, from, .from = FROM_QUERY,
		.doc = "the first open"),
	FIELD(struct candle_query, to, .from = FROM_QUERY,
		.doc = "behind the last open"),
	FIELD(struct candle_query, limit, .from = FROM_QUERY, .min = 1,
		.max = CANDLES_MOST, .otherwise = 500,
		.doc = "the newest so many of the range"),
};
const struct shape candle_query_shape =
	SHAPE("candle_query", struct candle_query, candle_query_fields);

static const struct field candle_fields[] = {
	FIELD(struct candle_view, t, .doc = "open of the candle"),
	FIELD(struct candle_view, o, .doc = "first price"),
	FIELD(struct candle_view, h, .doc = "highest price"),
	FIELD(struct candle_view, l, .doc = "lowest price"),
	FIELD(struct candle_view, c, .doc = "last price"),
	FIELD(struct candle_view, v, .doc = "volume"),
};
static const struct shape candle_shape =
	SHAPE("candle", struct candle_view, candle_fields);
static const struct field candles_fields[] = PAGE_FIELDS(candle_shape);
const struct shape candles_shape =
	SHAPE("candles", struct page, candles_fields);

enum err handle_symbols(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	struct page *page = out;
	struct list symbols;
	enum err err;

	(void)input;
	err = market_symbols_shared(call->services->store, scope, &symbols);
	return err == ERR_OK ? market_feeds(scope, &symbols, &page->data) : err;
}

enum err handle_quotes(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	struct page *page = out;

	(void)call;
	return market_quotes(scope, input, &page->data);
}

enum err handle_candles(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct candle_query *in = input;
	struct page *page = out;

	return market_candles_shared(
		call->services->store, scope, in, &page->data);
}
