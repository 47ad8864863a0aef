/* Checked rows of a file as columns, without a database. */
#ifndef DOMAIN_IMPORT_LOAD_PRIVATE_H
#define DOMAIN_IMPORT_LOAD_PRIVATE_H

#include "arena.h"
#include "candles.h"
#include "import_spool_private.h"
#include "import_store_private.h"

/* All spooled rows, at the store's digits: the doubles are those that an
   import of the file, and market_columns, would give. */
MUST_CHECK enum err import_columns_load(struct import_spool *spool,
	const struct import_store *store, struct arena *arena,
	struct candles *out);

#endif
