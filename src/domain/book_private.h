/*
 * One of a user's books as it stands inside one transaction: money, positions
 * at their last prices. Opening it takes the lock of all his books, so that
 * whoever decides by it decides alone. Amounts are scaled by 1e-8.
 */
#ifndef DOMAIN_BOOK_PRIVATE_H
#define DOMAIN_BOOK_PRIVATE_H

#include "limits.h"
#include "lots_private.h"
#include "order_private.h"
#include "portfolio.h"
#include "quote_private.h"
#include "vector_private.h"

struct holding {
	const char *symbol;
	int64_t quantity, cost, realised, fees, last_seq;
	struct quote quote;
	int64_t value; /* quantity at the last price; signed */
};
/* Which one: by its number, or the open one of a venue and a run. */
struct book_name {
	int64_t account;    /* 0: by the next two */
	const char *venue;  /* NULL: paper */
	const char *run_id; /* NULL: the one by hand */
};
/* A position in another of the user's open books of the same venue. */
struct book_other {
	int64_t account;
	const char *symbol;
	int64_t quantity, value; /* signed */
};
struct book {
	const struct trade_rules *rules;
	struct ledger_costs costs;  /* the tick is a symbol's: see paper.c */
	const char *venue, *run_id; /* run_id NULL: by hand */
	bool closed;
	int64_t account, start_balance, peak;
	int64_t cash, cash_seq, fill_seq;
	struct vector holdings; /* struct holding */
	int64_t equity;
	int64_t exposure;  /* sum of the values' sizes */
	int64_t day_start; /* equity at its first look of the day (UTC) */
	/* by book_others() alone: what the other books of the venue add to
	   limits that are the user's */
	struct list others; /* book_other */
	int64_t others_exposure;
	int64_t others_loss; /* of the day; negative: a gain */
};

/* In a transaction for writing. Makes the paper book by hand when there is
   none; ERR_NOT_FOUND for others, ERR_CONFLICT for one that is closed. */
MUST_CHECK enum err book_open(struct scope *scope, const struct limits *limits,
	const struct book_name *name, struct book *out);
/* A new book; there must be no open one of that name. ERR_CONFLICT
   otherwise. */
MUST_CHECK enum err book_create(
	struct scope *scope, const struct book_name *name, int64_t balance);
/* Nothing is traded in it any more. Its orders must have been ended. */
MUST_CHECK enum err book_close(struct scope *scope, const struct book *book);
/* For reading, in a snapshot: takes no lock, makes nothing; closed ones too.
   ERR_NOT_FOUND: there is none. */
MUST_CHECK enum err book_look(struct scope *scope, const struct limits *limits,
	const struct book_name *name, struct book *out);
/* Its number. */
MUST_CHECK enum err book_number(
	struct scope *scope, const struct book_name *name, int64_t *out);
/* The paper books of runs that are over close when nothing is held or open;
   those at an exchange give their money back first (live_run.c). */
MUST_CHECK enum err book_settle(struct scope *scope);
/* As the paper book by hand would begin, where there is none yet. */
void book_unopened(
	struct scope *scope, const struct limits *limits, struct book *out);
/* Reads what the user's other books hold and lost; whoever asks risk needs
   it. */
MUST_CHECK enum err book_others(struct scope *scope, struct book *book);
/* First millisecond of the day (UTC). */
int64_t book_day(const struct scope *scope);
/* Never NULL: one of zeros when nothing was ever held. */
const struct holding *book_holding(
	const struct book *book, struct arena *arena, const char *symbol);
/* One that is held, as it is shown. */
struct position_view position_view_of(
	struct arena *arena, const struct holding *holding);
/* Values again, after a fill or with another price of a symbol (0: none). */
MUST_CHECK enum err book_value(
	struct book *book, const char *symbol, int64_t price);
/* The day's and the peak's figures, and a snapshot of this minute. */
MUST_CHECK enum err book_mark(struct scope *scope, struct book *book);
/* Counts an order into the day. */
MUST_CHECK enum err book_count(
	struct scope *scope, struct book *book, bool denied);

/* A trade at an exchange: its fee is what it says. */
struct book_trade {
	const char *id;	       /* there; NULL: an adjustment */
	int64_t fee;	       /* money */
	const char *fee_asset; /* NULL: money */
	int64_t fee_quantity;  /* in that asset */
	int64_t fee_kept;      /* of what was bought: so much less came */
	bool fee_elsewhere; /* paid with an asset of its own, not with cash */
};
struct book_fill {
	const struct book_trade *trade; /* NULL: on a candle of paper */
	int64_t quantity, price;
	bool maker, triggered;
	int64_t mark;
	int64_t candle_time; /* open of the candle it is from */
	int64_t seen_until;  /* of the order, behind it */
	/* Of a strategy's run, whose simulator has reckoned it. */
	bool reckoned;
	int64_t fee;
	int64_t closes; /* number of the fill that it leaves; 0: an entry */
	int64_t gross;	/* what leaving it brings, before fees */
};
/* Writes the fill, lots, position and cash, and moves the order. */
MUST_CHECK enum err book_fill(struct scope *scope, struct book *book,
	struct order *order, const struct book_fill *fill);
/* Money that came or went by no trade: also what equity began with moves. */
MUST_CHECK enum err book_adjust(struct scope *scope, struct book *book,
	const char *reason, int64_t amount);
/* What comes or goes by no trade, at the last price; *moved: there was one. */
struct book_move {
	const char *symbol;
	int64_t quantity; /* signed, not 0 */
	const char *reason;
	bool began; /* the book begins with it: its start has the value */
};
MUST_CHECK enum err book_shift(struct scope *scope, struct book *book,
	const struct book_move *move, bool *moved);
/* One entry of money. */
struct book_entry {
	const char *kind, *fill_id, *reason; /* NULL: none */
	int64_t amount;
};
MUST_CHECK enum err book_enter(
	struct scope *scope, struct book *book, const struct book_entry *entry);
/* Lots of a symbol, with room for one more. */
MUST_CHECK enum err book_lots(struct scope *scope, int64_t account,
	const char *symbol, struct lots *out);

#endif
