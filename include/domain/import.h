/*
 * Candle import: CSV (comma, semicolon, tab; header or none; columns named
 * or in the usual orders; permuted), JSON list of lists or of objects,
 * Binance's 12-column dump, plain or gzip; times as ISO date, date+time,
 * fraction, offset, or epoch s/ms/us. Streamed through a temporary file:
 * memory does not grow with the file, and nothing is locked while it is
 * read. Stored in one transaction: nothing half-imported.
 */
#ifndef DOMAIN_IMPORT_H
#define DOMAIN_IMPORT_H

#include "decimal.h"
#include "scope.h"

struct candles; /* engine/candles.h */

/* Told now and then how far the file is read; never must it fail. */
struct import_progress {
	void (*tell)(void *thing, int64_t bytes);
	void *thing;
};
struct import_options {
	const char *symbol;   /* "BTC-USD": A-Z 0-9 . _ -, at most 32 */
	const char *interval; /* "1m" ... */
	const char *source;   /* where the data comes from, for people */
	bool skip_faults;     /* leave bad rows out instead of refusing */
	const struct import_progress *progress; /* or NULL */
};
struct import_fault {
	int64_t line; /* in the file; in JSON the number of the element */
	const char *message;
};
struct import_gap {
	int64_t from, to; /* open of the last candle before, first after */
	int64_t missing;  /* candles */
};
struct import_report {
	int64_t rows, added, replaced, unchanged, refused;
	int64_t gap_count, missing_count;  /* all of them */
	int64_t first, last;		   /* ms */
	const struct import_fault *faults; /* the first 100 */
	size_t fault_count;
	const struct import_gap *gaps; /* the first 100 */
	size_t gaps_shown;
};

/* Reads from the open descriptor to its end. Prices: 0 < low <= open,
   close <= high, at most 8 digits behind the point; volume >= 0, rounded to
   8 digits, 0 without such a column; times on the interval's grid, ascending,
   from 1900 on and not in the future; a time given twice is a fault. When
   faults refuse the file, the first ones stand in the report at the pointer
   "line N". ERR_CONFLICT: another import changed the symbol meanwhile. */
MUST_CHECK enum err candles_import(struct admin_scope *admin, int fd,
	const struct import_options *options, struct import_report *out);
/* Open time in ms, values as they were given. */
struct import_candle {
	int64_t time;
	struct decimal open, high, low, close, volume;
};
/*
 * The same for candles that are in memory, ascending: checked and stored as
 * rows of a file are, in one transaction. Bad ones are left out and reported
 * (line: their number from 1), whatever skip_faults says; none left is fine.
 */
MUST_CHECK enum err candles_put(struct admin_scope *admin,
	const struct import_candle *items, size_t count,
	const struct import_options *options, struct import_report *out);
/*
 * The same file as columns, without a database; symbol and source are not
 * looked at, and candles may lie in the future. At most as many rows as the
 * arena has room for (48 bytes each). The doubles are those that candles_import
 * and market_columns would give.
 */
MUST_CHECK enum err candles_parse(struct arena *arena, int fd,
	const struct import_options *options, struct report *report,
	struct candles *out);
/*
 * Moves the rows of the table that was before candle_blocks into it, and drops
 * it: the step of migration 8, in its transaction.
 */
MUST_CHECK enum err candles_pack(struct admin_scope *admin);

#endif
