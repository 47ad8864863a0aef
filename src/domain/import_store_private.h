/* Where imported candles go. */
#ifndef DOMAIN_IMPORT_STORE_PRIVATE_H
#define DOMAIN_IMPORT_STORE_PRIVATE_H

#include "decimal.h"
#include "scope.h"

struct import_candle {
	int64_t time;
	struct decimal open, high, low, close, volume;
};

struct import_store {
	struct admin_scope *admin;
	const char *symbol;
	int64_t interval_ms;
	int32_t price_scale, volume_scale;
};

enum import_stored {
	STORED_ADDED,
	STORED_REPLACED,
	STORED_UNCHANGED
};

/* Inside a transaction of the caller; makes the symbol when it is new. */
MUST_CHECK enum err import_store_open(struct import_store *store,
	struct admin_scope *admin, const char *symbol, const char *source,
	int64_t interval_ms);
/* ERR_BAD_INPUT with *fault set: this candle cannot be stored. */
MUST_CHECK enum err import_store_put(struct import_store *store,
	const struct import_candle *candle, enum import_stored *out,
	const char **fault);

#endif
