/*
 * The API's own description, printed from the table of routes: OpenAPI 3.1.
 * What is not in the table is not in the document, so it cannot drift.
 */
#ifndef HTTP_OPENAPI_H
#define HTTP_OPENAPI_H

#include "buf.h"
#include "route.h"

/* One whole document; check out->overflow. Same table, same bytes. */
void openapi_write(const struct route_table *table, const char *title,
	const char *version, struct buf *out);

#endif
