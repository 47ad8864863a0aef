/* Where imported candles go. */
#ifndef DOMAIN_IMPORT_STORE_PRIVATE_H
#define DOMAIN_IMPORT_STORE_PRIVATE_H

#include "decimal.h"
#include "import.h"
#include "import_spool_private.h"
#include "scope.h"

/* The symbol's digits as they will be with the file's rows among them, and
   the largest numbers at those digits. */
struct import_store {
	struct admin_scope *admin; /* NULL: nothing is stored, only digits */
	const char *symbol, *source;
	int64_t interval_ms;
	int32_t price_scale, volume_scale;
	int64_t most_price, most_volume;
	bool most_known; /* those of the stored candles are in there */
	/* In the transaction: the newest candle there was of this interval, and
	   whether something at or before it came out different. */
	int64_t old_last;
	bool revised;
};

/* Reads the symbol's digits; no transaction, writes nothing. */
MUST_CHECK enum err import_store_open(struct import_store *out,
	struct admin_scope *admin, const struct import_options *options,
	int64_t interval_ms);
/* The row to spool; *fault is set when this candle cannot be stored, NULL
   otherwise. Writes nothing. */
MUST_CHECK enum err import_store_fit(struct import_store *store,
	const struct import_candle *candle, struct import_row *out,
	const char **fault);
/* A spooled row from its own digits to the store's; false: a number is too
   large for them. */
MUST_CHECK bool import_store_widen(
	const struct import_store *store, struct import_row *row);
/* All spooled rows in one transaction; counts into report, which tells the
   first and last time already. */
MUST_CHECK enum err import_store_all(struct import_store *store,
	struct import_spool *spool, struct import_report *report);

#endif
