/* Lists are read a page at a time, newest first; a cursor leads on. */
#ifndef DOMAIN_PAGE_H
#define DOMAIN_PAGE_H

#include <stdint.h>

#include "shape.h"

struct page_query {
	int64_t limit;	    /* 1..500 */
	const char *cursor; /* or NULL */
};
struct page {
	struct list data;
	const char *next_cursor; /* NULL: the end */
};

#endif
