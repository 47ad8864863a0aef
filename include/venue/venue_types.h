/*
 * What venues and their callers speak of: results, symbols with their rules,
 * orders, candles, balances. Plain structs that own nothing: texts and lists
 * live in the arena of the call that filled them.
 */
#ifndef VENUE_VENUE_TYPES_H
#define VENUE_VENUE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decimal.h"

enum {
	VENUE_CLIENT_ID_LIMIT = 36,
	VENUE_CANDLES_LIMIT = 1000, /* a call */
	VENUE_ORDERS_LIMIT = 1000,  /* open ones read in one answer */
	VENUE_FILLS_LIMIT = 1000,
	VENUE_BALANCES_LIMIT = 2000,
	VENUE_SYMBOLS_LIMIT = 200 /* asked for in one call */
};

/* ---- what came of a call ------------------------------------------------- */

enum venue_result {
	VENUE_OK,
	VENUE_NOT_FOUND, /* the venue has no such order */
	VENUE_REFUSED,	 /* the venue said no: nothing was done */
	VENUE_DENIED,	 /* not sent: `rule` says which of our checks said no */
	VENUE_LATER,	 /* nothing was done, ask again at retry_at_ms: budget,
			    back-off, 429, 418, or no connection at all */
	VENUE_UNKNOWN	 /* may have been done: query, never send again */
};

/* Texts live in the arena of the call, or for ever; never NULL. */
struct venue_outcome {
	enum venue_result result;
	int64_t code;	     /* the venue's own, such as -2010; 0: none */
	const char *rule;    /* a slug or a filter's name: "LOT_SIZE"; or "" */
	const char *text;    /* one sentence of plain ASCII, for people */
	int64_t retry_at_ms; /* VENUE_LATER */
	int64_t final_at_ms; /* VENUE_UNKNOWN of an order: from then on (our
			    clock) a query's VENUE_NOT_FOUND is final; a
			    request still under way is too old by then */
};

/* "ok", "not_found", "refused", "denied", "later", "unknown" */
const char *venue_result_slug(enum venue_result result);

/* ---- symbols and their rules --------------------------------------------- */

/* A limit of 0 is none, as exchanges have it. */
struct venue_range {
	struct decimal min, max, step;
};

/* A factor on the average price. */
struct venue_band {
	struct decimal up, down;
};

struct venue_symbol {
	const char *symbol; /* ours: "BTC-USDT" */
	const char *native; /* the venue's: "BTCUSDT" */
	const char *base, *quote;
	bool trading;
	bool oco, trailing;
	uint32_t types;			    /* bits 1 << enum venue_type */
	struct venue_range price;	    /* PRICE_FILTER */
	struct venue_range lot, market_lot; /* LOT_SIZE, MARKET_LOT_SIZE */
	struct decimal notional_min, notional_max;
	bool notional_min_market, notional_max_market; /* hold for market
						      orders too */
	struct venue_band buy, sell; /* PERCENT_PRICE(_BY_SIDE) */
	int64_t orders_max, algo_orders_max, order_lists_max; /* open at once */
	struct decimal position_max;			      /* of the base */
	int64_t trailing_above_min, trailing_above_max;	      /* basis points */
	int64_t trailing_below_min, trailing_below_max;
};

/* What the caller knows of the market and the account, for the rules that
   need it. A price of 0, a count of -1 and a holding below 0 are "not known":
   then the venue's own check stands. */
struct venue_known {
	struct decimal price; /* average or last, for bands and notionals */
	int64_t open_orders, open_algo_orders, open_lists; /* of the symbol */
	struct decimal held; /* base asset, free, locked and in open buys */
};

/* ---- orders --------------------------------------------------------------- */

enum venue_side {
	VENUE_BUY,
	VENUE_SELL
};

enum venue_type {
	VENUE_MARKET,
	VENUE_LIMIT,
	VENUE_LIMIT_MAKER,
	VENUE_STOP_LOSS,
	VENUE_STOP_LOSS_LIMIT,
	VENUE_TAKE_PROFIT,
	VENUE_TAKE_PROFIT_LIMIT,
	VENUE_TYPE_COUNT
};

enum venue_life {
	VENUE_GTC,
	VENUE_IOC,
	VENUE_FOK
};

enum venue_status {
	VENUE_STATUS_PENDING, /* taken, not yet working */
	VENUE_STATUS_NEW,
	VENUE_STATUS_PARTIAL,
	VENUE_STATUS_FILLED,
	VENUE_STATUS_CANCELED,
	VENUE_STATUS_REJECTED,
	VENUE_STATUS_EXPIRED
};

/* What is not used by the type is 0. */
struct venue_order {
	const struct venue_symbol *symbol;
	const char *client_id; /* [A-Za-z0-9_-], 1 to VENUE_CLIENT_ID_LIMIT;
			      never used twice */
	enum venue_side side;
	enum venue_type type;
	enum venue_life life;	       /* of limit types */
	struct decimal quantity;       /* of the base */
	struct decimal quote_quantity; /* market only, instead of quantity */
	struct decimal price;
	struct decimal stop_price;
	int64_t trailing_bips; /* stops and targets; 0: not trailing */
};

/* One cancels the other: the upper and the lower leg have the side and the
   quantity of `take` in common. Which is which follows from the side. */
struct venue_oco {
	const char *client_id;	 /* of the pair */
	struct venue_order take; /* VENUE_LIMIT_MAKER */
	struct venue_order stop; /* VENUE_STOP_LOSS or _LIMIT */
};

struct venue_order_state {
	const char *client_id, *venue_id; /* as they are at the venue */
	const char *native;		  /* symbol */
	enum venue_status status;
	enum venue_side side;
	enum venue_type type;
	struct decimal price, stop_price;
	struct decimal quantity, filled; /* of the base */
	struct decimal filled_quote;	 /* what it cost or brought */
	int64_t updated_ms;
};

struct venue_fill {
	const char *venue_id; /* of the trade */
	const char *order_id; /* the venue's id of the order */
	struct decimal price, quantity, fee;
	const char *fee_asset;
	bool buy, maker;
	int64_t time_ms;
};

/* ---- market and account ------------------------------------------------------ */

struct venue_candle {
	int64_t open_ms;
	struct decimal open, high, low, close, volume;
};

struct venue_candles_query {
	const struct venue_symbol *symbol;
	int64_t interval_ms;
	int64_t from_ms;  /* open times from here, including it */
	int64_t until_ms; /* up to here, without it; 0: no end */
	size_t limit;	  /* 1 to VENUE_CANDLES_LIMIT */
};

struct venue_quote {
	struct decimal bid, bid_quantity, ask, ask_quantity;
};

struct venue_balance {
	const char *asset;
	struct decimal free, locked;
};

/* Symbols to ask about at once, 1 to VENUE_SYMBOLS_LIMIT, none twice. */
struct venue_symbol_set {
	const struct venue_symbol *const *items;
	size_t count;
};

/* What the key may do. Not every venue says it (a test net does not). */
struct venue_rights {
	bool known;	       /* the venue was asked about the key itself */
	bool can_trade;	       /* the account may */
	bool can_withdraw;     /* the key may: it must not be kept */
	bool bound_to_address; /* works from listed addresses only */
};

/* Lists live in the arena of the call. */
struct venue_symbol_list {
	const struct venue_symbol *items;
	size_t count;
};
/* In the order of the set that was asked about. */
struct venue_quote_list {
	const struct venue_quote *items;
	size_t count;
};
struct venue_price_list {
	const struct decimal *items;
	size_t count;
};
struct venue_candle_list {
	const struct venue_candle *items;
	size_t count;
};
struct venue_balance_list {
	const struct venue_balance *items;
	size_t count;
};
struct venue_order_list {
	const struct venue_order_state *items;
	size_t count;
};
struct venue_fill_list {
	const struct venue_fill *items;
	size_t count;
};

#endif
