/* The totals of what stands open, and in what an account reckons. */
#ifndef DOMAIN_TOTALS_PRIVATE_H
#define DOMAIN_TOTALS_PRIVATE_H

#include "desk_private.h"
#include "totals.h"

/*
 * The asset of a book's money. At an exchange the setting's. On paper that in
 * which its symbols are priced, run_symbol where it trades nothing yet, and
 * the setting's where a symbol names none. NULL: its symbols are priced in
 * several.
 */
const char *totals_asset(const struct book *book, const char *run_symbol,
	const struct limits *limits);
/* One a venue that has an open book, in the snapshot of the caller. */
MUST_CHECK enum err totals_read(struct scope *scope,
	const struct limits *limits, const struct list *open /* desk_open */,
	struct list *out /* total_view */);

#endif
