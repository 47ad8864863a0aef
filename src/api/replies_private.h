/* What handlers share. */
#ifndef API_REPLIES_PRIVATE_H
#define API_REPLIES_PRIVATE_H

#include "call.h"
#include "replies.h"
#include "strategies.h"

/* The two members of every list: items of a shape, and where to go on. */
/* clang-format off */
#define PAGE_FIELDS(item_shape)                                            \
	{ FIELD_LIST(struct page, data, item_shape,                        \
		.doc = "the entries of this page"),                        \
	  FIELD(struct page, next_cursor, .nullable = true,                \
		.doc = "?cursor= of the next page; null at the end") }
/* clang-format on */

/* It is not done yet: the row's other status (TRIED_CREATED_OR_QUEUED). */
void reply_queued(struct call *call);
/* It was done, and nothing kept (TRIED_CREATED_OR_QUEUED). */
void reply_tried(struct call *call);
/* Location of what was created: "/api/v1" + collection + "/" + id. */
void reply_created(struct call *call, const char *collection, const char *id);

#endif
