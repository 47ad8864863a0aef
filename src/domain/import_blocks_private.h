/*
 * Stored blocks for whoever changes them: all inside a transaction of the
 * caller, one symbol at a time, a block or two in memory.
 */
#ifndef DOMAIN_IMPORT_BLOCKS_PRIVATE_H
#define DOMAIN_IMPORT_BLOCKS_PRIVATE_H

#include <stdbool.h>

#include "block.h"
#include "scope.h"

struct block_table {
	struct admin_scope *admin;
	const char *symbol;
	struct arena *room;   /* until it is closed */
	struct arena *arena;  /* of one row; reset with each call */
	unsigned char *bytes; /* BLOCK_BYTES, to encode into */
};

/* block_table_close must be called then. */
void block_table_open(
	struct block_table *out, struct admin_scope *admin, const char *symbol);
void block_table_close(struct block_table *table);
/* The stored block of the stretch that holds this time; its count is 0 when
   there is none. */
MUST_CHECK enum err block_table_get(
	struct block_table *table, int64_t time, struct block *block);
/* Instead of the one that began at *replaced, unless that is NULL. */
MUST_CHECK enum err block_table_put(struct block_table *table,
	const struct block *block, const int64_t *replaced);
/* Calls visit with each block of the symbol, of all intervals, which may put
   it back with other prices. Stops at the first failure. */
MUST_CHECK enum err block_table_each(struct block_table *table,
	enum err (*visit)(void *thing, struct block *block), void *thing);

#endif
