/* Cursors of lists: opaque to clients, bound to one list, checked. */
#ifndef DOMAIN_PAGE_PRIVATE_H
#define DOMAIN_PAGE_PRIVATE_H

#include "arena.h"
#include "err.h"
#include "page.h"
#include "report.h"
#include "scope.h"

/*
 * The number that a page of a list by falling numbers goes on below;
 * INT64_MAX for a cursor of NULL. list: the list's name, so that a cursor of
 * another one is refused. ERR_BAD_INPUT with a fault at /cursor unless it is
 * a next_cursor of that list.
 */
MUST_CHECK enum err page_after_number(struct report *report, const char *list,
	const char *cursor, int64_t *last);

/* The same of a list by falling ids. */
MUST_CHECK enum err page_after_id(struct report *report, const char *list,
	const char *cursor, const char **last);

/* What the rows of a list become. */
struct page_kind {
	const char *list; /* names the cursor */
	size_t size;	  /* of an item */
	/* Fills the item from the row, adds what is long in it to *bytes, and
	   returns the key behind which the next page begins. */
	const char *(*read)(const struct rows *rows, void *item, size_t *bytes);
};

/* Reads rows until the page is full, by number or by bytes; ends them. */
MUST_CHECK enum err page_read(struct arena *arena, const struct page_kind *kind,
	struct rows *rows, int64_t limit, struct page *out);
/* A list by id: sql takes :after (ids below it) and :limit. */
MUST_CHECK enum err page_by_id(struct scope *scope,
	const struct page_kind *kind, const char *sql,
	const struct page_query *query, struct page *out);

#endif
