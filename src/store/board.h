/*
 * A few numbers that all processes of a local store share without a lock:
 * which file the store is in, hits and misses, and whether Redis is away.
 */
#ifndef STORE_BOARD_H
#define STORE_BOARD_H

#include <stdatomic.h>
#include <stdint.h>

enum {
	BOARD_LAYOUT = 1
};

struct board {
	char magic[8];
	uint32_t layout;
	uint32_t size; /* of this struct */
	/* The number in the name of the store's file. A worker that finds
	   the file broken takes the next one; the others follow. */
	_Atomic int64_t generation;
	_Atomic int64_t hits, misses;
	/* Redis is away (or, since nothing is known yet, not proven to be
	   there) while `away` is not 0. It goes up with every failure and
	   with every word that Redis was not told: who finds Redis back may
	   set it to 0 only from what it was before he asked. Asked again when
	   the machine's monotonic clock (ms) reaches `again_at`. */
	_Atomic int64_t away, away_since_ms, again_at, pause_ms;
	/* How often Redis was lost: part of what local calls its values
	   meanwhile, so that those of another time are not read. */
	_Atomic int64_t outages;
};

#endif
