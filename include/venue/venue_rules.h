/*
 * The rules of a symbol that an order must keep before it is sent (the
 * exchange's filters), and rounding to them. Pure: no I/O, no clock. A rule
 * that needs what nobody told (struct venue_known) is left to the venue.
 */
#ifndef VENUE_VENUE_RULES_H
#define VENUE_VENUE_RULES_H

#include <stdbool.h>

#include "venue.h"

/* NULL, or the name of the first rule that the order breaks, such as
   "LOT_SIZE" or "client_id"; *why then says it in a sentence. */
const char *venue_rule_broken(const struct venue_order *order,
	const struct venue_known *known, const char **why);
/* The same for both legs and the pair. */
const char *venue_oco_rule_broken(const struct venue_oco *oco,
	const struct venue_known *known, const char **why);
bool venue_client_id_is_valid(const char *client_id);
/* Down to a whole number of steps; never below zero. */
struct decimal venue_round_quantity(const struct venue_symbol *symbol,
	enum venue_type type, struct decimal quantity);
/* To a tick: down, or up. ERR_BAD_INPUT when it does not fit. */
MUST_CHECK enum err venue_round_price(const struct venue_symbol *symbol,
	bool up, struct decimal price, struct decimal *out);

#endif
