/*
 * What every order passes before it exists, by whoever it is given. The
 * user's limits under the admin's ceilings; the kill switches. A refusal is
 * one of a closed list of reasons.
 */
#ifndef DOMAIN_RISK_H
#define DOMAIN_RISK_H

#include "limits.h"
#include "scope.h"
#include "shape.h"

extern const char *const risk_states[]; /* active reducing halted */
/* The reasons of a denied order, NULL-terminated. */
extern const char *const risk_reasons[];
/* The system setting that stops everybody; read in each transaction. */
#define RISK_HALT_SETTING "TRADING_HALTED"

struct risk_view {
	const char *state;
	bool trading_halted; /* for everybody, by an admin */
	bool allow_short;
	/* NULL: none, of these and of the next amounts */
	const struct decimal *max_order_value, *max_symbol_value;
	const struct decimal *max_account_value;
	int64_t max_open_orders, max_positions, orders_per_minute;
	const struct decimal *max_daily_loss, *max_drawdown_pct;
	struct decimal price_collar_pct;
	struct text_list symbols; /* none: all */
	/* now */
	struct decimal equity, exposure, day_change, drawdown_pct;
	int64_t open_orders, open_positions;
};
/* Absent amounts: the default, which is the ceiling where there is one. */
struct risk_change {
	const char *state; /* or NULL: as it is */
	const char *by;	   /* who sets that: one of order_sources */
	bool allow_short;
	const struct decimal *max_order_value, *max_symbol_value;
	const struct decimal *max_account_value;
	int64_t max_open_orders, max_positions, orders_per_minute; /* 0: so */
	const struct decimal *max_daily_loss, *max_drawdown_pct;
	const struct decimal *price_collar_pct;
	struct text_list symbols;
	/* only what is named in given is changed */
	bool keeps;
	struct text_list given;
};

MUST_CHECK enum err risk_get(struct scope *scope, const struct limits *limits,
	struct risk_view *out);
/* ERR_BAD_INPUT with faults, also for what is above a ceiling. */
MUST_CHECK enum err risk_put(struct scope *scope, const struct limits *limits,
	const struct risk_change *in, struct risk_view *out);
/* What a halt cancels: what may open or grow a position; or all, so that what
   is held has no stop any more. */
extern const char *const risk_cancels[]; /* opening all */
struct risk_halting {
	const char *cancel; /* NULL: opening */
	const char *by;	    /* one of order_sources */
};
/* State halted, those orders cancelled and every run that trades stopped, in
   one transaction. What is held stays. */
MUST_CHECK enum err risk_halt(struct scope *scope, const struct limits *limits,
	const struct risk_halting *in, struct risk_view *out);

#endif
