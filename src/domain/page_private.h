/* Cursors of lists: opaque to clients, bound to one list, checked. */
#ifndef DOMAIN_PAGE_PRIVATE_H
#define DOMAIN_PAGE_PRIVATE_H

#include "arena.h"
#include "err.h"
#include "report.h"

/* Behind every id in each collation: where a list's first page begins. */
#define PAGE_FIRST_ID "zzzzzzzzzzzzzzzzzzzzzzzzzz"

/* list: the list's name, so that a cursor of another one is refused. */
const char *page_cursor(
	struct arena *arena, const char *list, const char *last);
/* ERR_BAD_INPUT with a fault at /cursor unless page_cursor() made it. */
MUST_CHECK enum err page_after(struct report *report, const char *list,
	const char *cursor, const char **last);
/* The same for lists by id; a cursor of NULL is PAGE_FIRST_ID. */
MUST_CHECK enum err page_after_id(struct report *report, const char *list,
	const char *cursor, const char **last);

#endif
