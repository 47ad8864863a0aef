/*
 * A user's account as it stands inside one transaction: money, positions at
 * their last prices, open orders. Opening it takes the account's lock, so that
 * whoever decides by it decides alone. Amounts are scaled by 1e-8.
 */
#ifndef DOMAIN_BOOK_PRIVATE_H
#define DOMAIN_BOOK_PRIVATE_H

#include "limits.h"
#include "lots_private.h"
#include "order_private.h"
#include "quote_private.h"
#include "vector_private.h"

struct holding {
	const char *symbol;
	int64_t quantity, cost, realised, fees, last_seq;
	struct quote quote;
	int64_t value; /* quantity at the last price; signed */
};
struct book {
	const struct trade_rules *rules;
	struct ledger_costs costs; /* the tick is a symbol's: see paper.c */
	int64_t account, start_balance, peak;
	int64_t cash, cash_seq, fill_seq;
	struct vector holdings; /* struct holding */
	int64_t equity;
	int64_t exposure;  /* sum of the values' sizes */
	int64_t day_start; /* equity at its first look of the day (UTC) */
};

/* In a transaction for writing. Makes the account when there is none. */
MUST_CHECK enum err book_open(
	struct scope *scope, const struct limits *limits, struct book *out);
/* Closes the open account and begins the next one with that much. Its open
   orders must have been ended. */
MUST_CHECK enum err book_restart(
	struct scope *scope, const struct book *book, int64_t balance);
/* For reading, in a snapshot: takes no lock, makes nothing. ERR_NOT_FOUND:
   there is no account yet. */
MUST_CHECK enum err book_look(
	struct scope *scope, const struct limits *limits, struct book *out);
/* Never NULL: one of zeros when nothing was ever held. */
const struct holding *book_holding(
	const struct book *book, struct arena *arena, const char *symbol);
/* Values again, after a fill or with another price of a symbol (0: none). */
MUST_CHECK enum err book_value(
	struct book *book, const char *symbol, int64_t price);
/* The day's and the peak's figures, and a snapshot of this minute. */
MUST_CHECK enum err book_mark(struct scope *scope, struct book *book);
/* Counts an order into the day. */
MUST_CHECK enum err book_count(
	struct scope *scope, struct book *book, bool denied);

struct book_fill {
	int64_t quantity, price;
	bool maker, triggered;
	int64_t mark;
	int64_t candle_time; /* open of the candle it is from */
	int64_t seen_until;  /* of the order, behind it */
};
/* Writes the fill, lots, position and cash, and moves the order. */
MUST_CHECK enum err book_fill(struct scope *scope, struct book *book,
	struct order *order, const struct book_fill *fill);
/* Lots of a symbol, with room for one more. */
MUST_CHECK enum err book_lots(struct scope *scope, int64_t account,
	const char *symbol, struct lots *out);

#endif
