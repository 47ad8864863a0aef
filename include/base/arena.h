/*
 * Memory of one request: many small allocations, freed in one call.
 * Allocation never returns NULL: out of memory, or over the cap, writes one
 * line and ends this one-request process; the supervisor starts another and
 * the open transaction rolls back. Not for secrets (see secret.h).
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena;

/* So that compilers and analyzers know it too. */
#define NEVER_NULL __attribute__((returns_nonnull))

/* cap_bytes: the most that one request may take. */
NEVER_NULL struct arena *arena_open(size_t cap_bytes);
/* Runs the deferred releases, last first, frees all, sets *arena to NULL. */
void arena_close(struct arena **arena);
/* The same but keeps the arena (and its first block) for the next request. */
void arena_reset(struct arena *arena);

/* arena_reset may hold on to so many bytes for what comes next, instead of
   giving them back and asking for them again. 0, as it begins: none. */
void arena_keep(struct arena *arena, size_t bytes);
/* Zeroed, aligned for any type. size 0 gives a valid pointer. */
NEVER_NULL void *arena_alloc(struct arena *arena, size_t size);
/* count elements of size bytes, zeroed; the product is checked. */
NEVER_NULL void *arena_array(struct arena *arena, size_t count, size_t size);
/* The same with whatever was there before: for a long column of numbers that
   is written whole before it is read. */
NEVER_NULL void *arena_column(struct arena *arena, size_t count, size_t size);
/* A copy of len bytes with a NUL behind it. */
NEVER_NULL char *arena_copy(struct arena *arena, const void *bytes, size_t len);
NEVER_NULL char *arena_text(struct arena *arena, const char *text);
/* For plain words; never for JSON, SQL, HTML, URLs or headers. */
NEVER_NULL char *arena_format(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Calls release(thing) when the arena is closed or reset. */
void arena_defer(struct arena *arena, void (*release)(void *), void *thing);
/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *arena);
/* Bytes that may still be handed out before the cap. */
size_t arena_left(const struct arena *arena);

#endif
