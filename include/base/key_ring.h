/*
 * A key file and its ring in memory: lines
 *   ID HEX ACTIVE|RETIRED CREATED_MS [RETIRES_MS]
 * with exactly one active key. The file is looked at again when it is used,
 * at most every KEY_RING_LOOK_MS, so a rotation, or the removal of a key,
 * needs no restart; a file that went missing or broken makes the ring
 * unusable within that time, and until it is good again.
 */
#ifndef BASE_KEY_RING_H
#define BASE_KEY_RING_H

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
	KEY_BYTES_LIMIT = 64,
	KEY_RING_LOOK_MS = 100
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
	const char *path;  /* NULL: one key that was given, no file */
	struct stat seen;  /* of the file that `set` was read from */
	int64_t looked_us; /* monotonic: when the file was last looked at */
	uint64_t version;  /* another one whenever keys were read */
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
/* Makes the folder, and in it the file with one new key, where there is
   none. */
MUST_CHECK enum err key_file_create(struct arena *arena, const char *folder,
	const char *name, int64_t now_ms);
/* Adds a new active key at the end; the one before verifies until then, and
   those whose time is over go. ERR_CONFLICT when there is no room. */
MUST_CHECK enum err key_file_rotate(struct arena *arena, const char *folder,
	const char *name, int64_t now_ms, int64_t until_ms);
/* Guessable, printable, or published in a standard's example. */
bool key_is_weak(const unsigned char *key, size_t len);
/* For a key that an operator gives as text, used as the bytes it is: short,
   a pattern, words of an example, or published. */
bool key_text_is_weak(const char *text);

/* path must outlive the ring. */
MUST_CHECK enum err key_ring_open(
	struct key_ring *ring, const char *path, const char **fault);
/* A ring of one key that never changes; copies it. id: as in a file. */
MUST_CHECK enum err key_ring_of(
	struct key_ring *ring, const char *id, const void *bytes, size_t len);
void key_ring_release(struct key_ring *ring);
/* Reads the file again when it changed; ERR_UNAVAILABLE when it is bad.
   Looks at most every KEY_RING_LOOK_MS. */
MUST_CHECK enum err key_ring_refresh(struct key_ring *ring);
/* The same, looking in any case: before refusing for want of a key. */
MUST_CHECK enum err key_ring_look(struct key_ring *ring);
/* The key of that id that may verify now, or NULL. */
const struct ring_key *key_ring_find(
	const struct key_ring *ring, const char *id, int64_t now_ms);

#endif
