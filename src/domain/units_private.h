/* Stored integers as the doubles that the engine reads. */
#ifndef DOMAIN_UNITS_PRIVATE_H
#define DOMAIN_UNITS_PRIVATE_H

#include <stddef.h>
#include <stdint.h>

/* 10^scale, of 0 to 8, as market data has: what one is in units of it. */
int64_t units_ten_to(int32_t scale);
double units_one(int32_t scale);
/* units / one for each: the double nearest to the decimal, as reading its
   text would give, while both are below 2^53. */
void units_double(const int64_t *units, size_t count, double one, double *out);

#endif
