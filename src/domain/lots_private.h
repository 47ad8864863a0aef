/*
 * What is held, and what closing it brought: first in, first out, unless a
 * fill names the lot that it closes, as a strategy's do. No I/O.
 * Sums of all fills hold exactly: cost of the lots = value of the fills +
 * what was realised. Amounts are scaled by 1e-8 and signed: a buy adds
 * quantity and value, a sale takes both away.
 */
#ifndef DOMAIN_LOTS_PRIVATE_H
#define DOMAIN_LOTS_PRIVATE_H

#include <stddef.h>
#include <stdint.h>

struct lot {
	int64_t seq; /* the fill that opened it */
	int64_t quantity, cost;
	int64_t opened_at;
};
struct lots {
	struct lot *items; /* oldest first, room for one more than count */
	size_t count;
};
struct lot_fill {
	int64_t seq, quantity, value, at;
	int64_t closes; /* all of the lot of that number; 0: the oldest */
};
/* The lot of that number, or NULL. */
const struct lot *lots_find(const struct lots *lots, int64_t seq);

/* What it realised, before fees. */
int64_t lots_apply(struct lots *lots, const struct lot_fill *fill);

#endif
