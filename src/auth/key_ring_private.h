/*
 * A key file and its ring in memory: lines
 *   ID HEX ACTIVE|RETIRED CREATED_MS [RETIRES_MS]
 * with exactly one active key. The file is looked at again whenever it is
 * used, so a rotation, or the removal of a key, needs no restart; a file
 * that went missing or broken makes the ring unusable, never stale.
 */
#ifndef AUTH_KEY_RING_PRIVATE_H
#define AUTH_KEY_RING_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "arena.h"
#include "err.h"
#include "report.h"
#include "secret.h"

enum {
	KEY_RING_LIMIT = 16,
	KEY_ID_ROOM = 33,
	KEY_BYTES_MIN = 32,
	KEY_BYTES_LIMIT = 64
};

struct ring_key {
	char id[KEY_ID_ROOM];
	struct secret secret;
	bool active;
	int64_t created; /* ms */
	int64_t retires; /* ms; verifies until then; active: INT64_MAX */
};

struct key_set {
	size_t count;
	struct ring_key keys[KEY_RING_LIMIT];
};

struct key_ring {
	const char *path;
	struct stat seen; /* of the file that `set` was read from */
	bool usable;
	const struct ring_key *active;
	struct key_set set;
};

/* *fault, when not NULL, says in the operator's words what is wrong. */
MUST_CHECK enum err key_file_read(
	const char *path, struct key_set *out, const char **fault);
/* Whole or not at all, 0600. */
MUST_CHECK enum err key_file_write(const char *path, const struct key_set *set);
void key_set_release(struct key_set *set);
/* Guessable, printable, or published in a standard's example. */
bool key_is_weak(const unsigned char *key, size_t len);

/* path must outlive the ring. */
MUST_CHECK enum err key_ring_open(
	struct key_ring *ring, const char *path, const char **fault);
void key_ring_release(struct key_ring *ring);
/* Reads the file again when it changed; ERR_UNAVAILABLE when it is bad. */
MUST_CHECK enum err key_ring_refresh(struct key_ring *ring);
/* The key of that id that may verify now, or NULL. */
const struct ring_key *key_ring_find(
	const struct key_ring *ring, const char *id, int64_t now_ms);

#endif
