/* What the fuzzer needs of spot.c, for spot.c and it alone. */
#ifndef VENUE_SPOT_PRIVATE_H
#define VENUE_SPOT_PRIVATE_H

#include "spot.h"

/* What an answer, or its absence, comes to; out as with spot_prices. */
struct venue_outcome spot_read(struct arena *arena,
	const struct outbound_answer *answer, const struct spot_query *query,
	struct spot_price *out);

#endif
