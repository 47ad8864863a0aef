/*
 * Market data: /market/symbols, /market/quotes, /market/candles.
 * (Not market.h: api sees that name in include/domain.)
 */
#ifndef API_MARKET_API_H
#define API_MARKET_API_H

#include "route.h"

extern const struct shape symbols_shape;
extern const struct shape candle_query_shape;
extern const struct shape quotes_query_shape, quotes_shape;
extern const struct shape candles_shape;

route_user handle_symbols; /* -> symbols */
route_user handle_quotes;  /* quotes_query -> quotes */
route_user handle_candles; /* candle_query -> candles */

#endif
