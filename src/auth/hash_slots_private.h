/* A cap on hashes at once, for all processes that share a run folder. */
#ifndef AUTH_HASH_SLOTS_PRIVATE_H
#define AUTH_HASH_SLOTS_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "err.h"

struct hash_slots {
	int fd; /* -1: no cap */
	int64_t count;
};

/* folder NULL: no cap; made when it is not there. count 0: one a core. */
MUST_CHECK enum err hash_slots_open(struct arena *arena, const char *folder,
	int64_t count, struct hash_slots *out);
void hash_slots_close(struct hash_slots *slots);
/* ERR_UNAVAILABLE when none is free. A process holds one at a time. */
MUST_CHECK enum err hash_slot_take(
	const struct hash_slots *slots, int64_t *slot);
void hash_slot_give(const struct hash_slots *slots, int64_t slot);

#endif
