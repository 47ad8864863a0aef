/* Risk as the rules of orders and of the venue ask it. */
#ifndef DOMAIN_RISK_PRIVATE_H
#define DOMAIN_RISK_PRIVATE_H

#include "book_private.h"
#include "risk.h"

enum risk_state {
	RISK_ACTIVE,
	RISK_REDUCING,
	RISK_HALTED
};

/* In force: the user's, else the defaults, never above the ceilings.
   Amounts and percents are scaled by 1e-8; 0: no limit. */
struct risk_settings {
	enum risk_state state;
	bool halted_all, allow_short;
	bool spot; /* an exchange sells nothing that is not held */
	int64_t max_order_value, max_symbol_value, max_account_value;
	int64_t max_open_orders, max_positions, orders_per_minute;
	int64_t max_daily_loss, max_drawdown_pct, collar_pct;
	const char *symbols; /* "A B"; NULL: all */
};
MUST_CHECK enum err risk_load(struct scope *scope, const struct limits *limits,
	struct risk_settings *out);

/* What a decision is made of; all read in the order's own transaction. */
struct risk_case {
	const struct risk_settings *settings;
	const struct book *book;
	const struct holding *holding; /* of the order's symbol */
	const struct quote *quote;
	const struct order *open; /* other open orders of the venue */
	size_t open_count;
	int64_t recent; /* orders of the minute before this one */
	bool funded;	/* who asks has reckoned that it can be paid */
};
/* Fills in all but the settings, the book (with its others) and the quote;
   `except` is passed over. */
MUST_CHECK enum err risk_case_read(struct scope *scope,
	const struct order *order, const char *except, struct risk_case *out);
/* NULL, or why not. Pure. */
const char *risk_refuse(const struct risk_case *c, const struct order *order);
/* Why nothing may be opened now, whatever it is; or NULL. Pure. */
const char *risk_stop(
	const struct risk_settings *settings, const struct book *book);
/* May this order only shrink a position? */
bool risk_only_shrinks(
	const struct risk_settings *settings, const struct order *order);
/* Does it only take away of a position of that size, and is meant to: a stop, a
   target, one of a pair, reduce_only? A halt lets it be. Pure. */
bool risk_protects(const struct order *order, int64_t position);
/* What is told of a halt. */
extern const char risk_halted_text[];
/* Of a symbol, in all books: the sizes of what is held, in money. */
int64_t risk_symbol_value(
	const struct book *book, const struct holding *holding);
/* What the book may still open, in money. */
int64_t risk_free(const struct book *book);

#endif
