/*
 * Bytes that belong together: where they stand and how many there are. Owns
 * nothing; never text that somebody expects a NUL behind.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stddef.h>

struct bytes {
	const unsigned char *data;
	size_t len;
};

#endif
