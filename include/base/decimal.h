/*
 * Prices, quantities and money: a scaled integer, never a C double.
 * value = units / 10^scale. Arithmetic is checked: a result that does not
 * fit is ERR_BAD_INPUT, never a wrapped number.
 */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "err.h"

enum {
	DECIMAL_SCALE_LIMIT = 18
};

struct decimal {
	int64_t units;
	int32_t scale; /* 0..18 digits behind the point */
};

/* Plain notation only: optional '-', digits, optional '.' and digits. */
MUST_CHECK enum err decimal_parse(
	const char *text, size_t len, struct decimal *out);
/* Exactly `scale` digits behind the point: {18631,2} is "186.31". */
const char *decimal_format(struct arena *arena, struct decimal value);
/* At least 48 bytes at text; returns the length. */
size_t decimal_print(struct decimal value, char *text, size_t room);
MUST_CHECK enum err decimal_add(
	struct decimal a, struct decimal b, struct decimal *out);
MUST_CHECK enum err decimal_sub(
	struct decimal a, struct decimal b, struct decimal *out);
/* The product rounded half to even at `scale`. */
MUST_CHECK enum err decimal_mul(
	struct decimal a, struct decimal b, int32_t scale, struct decimal *out);
/* Rounded half to even when digits are lost. */
MUST_CHECK enum err decimal_rescale(
	struct decimal value, int32_t scale, struct decimal *out);
/* Drops zeros at the end: 1.500 is 1.5. */
struct decimal decimal_trim(struct decimal value);
int decimal_compare(struct decimal a, struct decimal b);
/* Only for statistics and indicators (the engine's business). */
double decimal_double(struct decimal value);

#endif
