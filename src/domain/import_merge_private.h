/* Rows of a file into the stored blocks of one symbol and interval. */
#ifndef DOMAIN_IMPORT_MERGE_PRIVATE_H
#define DOMAIN_IMPORT_MERGE_PRIVATE_H

#include "import.h"
#include "import_blocks_private.h"
#include "import_spool_private.h"

struct import_merge {
	struct block_table *table;
	struct import_report *report;
	struct block old;    /* as stored; its count is 0: nothing was */
	struct block merged; /* with the rows among them */
	size_t at;	     /* the next of old */
	int64_t end;	     /* of the stretch that is at work */
	bool changed;
};

void import_merge_open(struct import_merge *out, struct block_table *table,
	int64_t interval_ms, struct import_report *report);
/* Rows at the symbol's scales, ascending in time. Counts into the report. */
MUST_CHECK enum err import_merge_row(
	struct import_merge *merge, const struct import_row *row);
/* Writes what is not written yet. */
MUST_CHECK enum err import_merge_close(struct import_merge *merge);

#endif
