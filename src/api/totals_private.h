/* A venue's total in the user's currency, as several pages show it. */
#ifndef API_TOTALS_PRIVATE_H
#define API_TOTALS_PRIVATE_H

#include "shape.h"

extern const struct shape total_shape;

#endif
