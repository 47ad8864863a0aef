/*
 * Lists as CSV (RFC 4180) for who asks for it: made of the JSON answer, in
 * one place for every route that offers it.
 */
#ifndef HTTP_CSV_H
#define HTTP_CSV_H

#include <stdbool.h>

#include "reply.h"
#include "shape.h"

/* Does an Accept header want text/csv at least as much as JSON? */
bool csv_wanted(const char *accept);
/*
 * The body {"data": [{...}, ...], ...} becomes a header line and a line an
 * element: the members of all of them in the order of their first appearance,
 * members of members as "stats.sharpe", null as nothing. An empty list has the
 * header line of `list`, the answer's shape (NULL: not known). Sets
 * Content-Type and X-Next-Cursor, the page's next_cursor. ERR_INTERNAL when
 * the body is not such a list, or too large.
 */
MUST_CHECK enum err csv_convert(struct reply *reply, const struct shape *list);

#endif
