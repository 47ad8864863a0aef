/*
 * What both halves of the vault share: the line format of the key files and
 * the bytes of a place. Holds public and, in the private half, secret keys:
 * whoever fills a struct ring wipes it.
 */
#ifndef VAULT_PRIVATE_H
#define VAULT_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "err.h"
#include "vault.h"

enum {
	RING_LIMIT = 32,     /* keys kept at once */
	RING_KEY_BYTES = 32, /* X25519, either half */
	RING_ID_BYTES = 8,
	/* id, key, state, two blanks, line feed */
	RING_LINE_LIMIT = 2 * RING_ID_BYTES + 2 * RING_KEY_BYTES + 7 + 3,
	RING_TEXT_ROOM = RING_LIMIT * RING_LINE_LIMIT + 1,
	RECORD_VERSION = 1,
	RECORD_HEAD = 1 + RING_ID_BYTES,
	PLACE_WORD_LIMIT = 255, /* bytes of each of a place's four words */
};

struct ring_key {
	unsigned char id[RING_ID_BYTES]; /* of the public half's hash */
	unsigned char bytes[RING_KEY_BYTES];
	bool active;
};

/* Newest first; exactly one is active. */
struct ring {
	size_t count;
	struct ring_key keys[RING_LIMIT];
};

/* ERR_UNAVAILABLE when a line is broken, or not exactly one key active. */
MUST_CHECK enum err ring_parse(const char *text, size_t len, struct ring *out);
/* Writes the lines; returns their length. */
size_t ring_format(const struct ring *ring, char text[RING_TEXT_ROOM]);
void ring_id(const unsigned char public_key[RING_KEY_BYTES],
	unsigned char id[RING_ID_BYTES]);
const struct ring_key *ring_active(const struct ring *ring);

const char *ring_public_path(struct arena *arena, const char *folder);
/* Reads vault.pub and checks each id against its key. */
MUST_CHECK enum err ring_read_public(
	struct arena *arena, const char *path, struct ring *out);

/* Bytes of an encoded place; ERR_BAD_INPUT when a word is too long. */
MUST_CHECK enum err place_size(const struct vault_place *place, size_t *out);
void place_write(const struct vault_place *place, unsigned char *out);

#endif
