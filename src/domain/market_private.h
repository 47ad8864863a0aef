/* What reading candles for the engine shares, in blocks or all at once. */
#ifndef DOMAIN_MARKET_PRIVATE_H
#define DOMAIN_MARKET_PRIVATE_H

#include <stdint.h>

#include "series_private.h"

/* Of all that divide the asked interval the largest; NULL: none does. */
const struct series *series_choose(const struct vector *list, int64_t asked_ms);

#endif
