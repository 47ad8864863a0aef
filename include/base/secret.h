/*
 * Key material: libsodium guarded memory (locked, surrounded by guard pages,
 * wiped on release). There is no way to print one, and no logger takes one.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

struct secret {
	unsigned char *bytes; /* NULL when empty */
	size_t len;
};

/* Copies; the caller wipes its own copy. */
MUST_CHECK enum err secret_init(
	struct secret *secret, const void *bytes, size_t len);
MUST_CHECK enum err secret_random(struct secret *secret, size_t len);
void secret_release(struct secret *secret);
/* Constant time; false when the lengths differ. */
bool secret_equal(const void *a, size_t a_len, const void *b, size_t b_len);
void secret_wipe(void *bytes, size_t len);

#endif
