/*
 * "name=value&name=value" for requests: values are percent-encoded as they
 * are added, because what is signed must be what is sent. Too long sets the
 * buffer's overflow, which the sender checks once.
 */
#ifndef VENUE_VENUE_QUERY_H
#define VENUE_VENUE_QUERY_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "decimal.h"
#include "err.h"
#include "secret.h"

enum {
	VENUE_QUERY_LIMIT = 8192,
	VENUE_SIGNATURE_ROOM = 65
};

void venue_query_text(struct buf *query, const char *name, const char *value);
void venue_query_int(struct buf *query, const char *name, int64_t value);
/* Without zeros at the end. */
void venue_query_decimal(
	struct buf *query, const char *name, struct decimal value);
/* HMAC-SHA-256 over a and then b (either may be ""), as 64 hex digits. */
void venue_sign(const struct secret *key, const char *a, const char *b,
	char out[VENUE_SIGNATURE_ROOM]);

#endif
