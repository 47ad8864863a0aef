/*
 * The memory of password hashes, kept from one to the next. libsodium maps
 * and unmaps 19 MiB for each, and half of a hash's time is the kernel making
 * pages; the area is made once, of huge pages where there are any, and wiped
 * after each hash. One thread only. hash_area_real.c in the programs,
 * hash_area_test.c, which keeps nothing, in the builds with sanitizers.
 */
#ifndef AUTH_HASH_AREA_H
#define AUTH_HASH_AREA_H

#include <stddef.h>
#include <stdint.h>

/* Around a hash: what it maps in between is the kept area. */
void hash_area_begin(void);
void hash_area_end(void);
/* Gives it back to the kernel when no hash needed it for so long. */
void hash_area_idle(int64_t unused_us);
/* Bytes kept now; 0: none. */
size_t hash_area_bytes(void);
/* Hashes that ran in it, of this process. */
uint64_t hash_area_uses(void);

#endif
