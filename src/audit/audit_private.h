/* What the files of audit share: the open log, and the hash of a row. */
#ifndef AUDIT_AUDIT_PRIVATE_H
#define AUDIT_AUDIT_PRIVATE_H

#include "audit.h"
#include "db.h"
#include "key_ring.h"

enum {
	AUDIT_MAC_BYTES = 32
};

struct audit {
	struct db *db;
	struct metrics *metrics;
	struct key_ring ring;
};

extern const char audit_file_name[]; /* of the keys */

/*
 * HMAC-SHA-256 over, in this order: the words "kontor audit 1" and a NUL;
 * the MAC of the row before (zeros before the first); seq; at; and each text
 * as one byte (0: NULL, 1: there), its length and its bytes. Numbers and
 * lengths are 8 bytes, the highest first: no two rows have one encoding.
 */
void audit_mac(const struct ring_key *key, const struct audit_row *row,
	const unsigned char before[AUDIT_MAC_BYTES],
	unsigned char out[AUDIT_MAC_BYTES]);

#endif
