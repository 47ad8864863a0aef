/* Inputs and replies that several resources share. */
#ifndef API_REPLIES_H
#define API_REPLIES_H

#include "shape.h"

struct message_reply {
	const char *message;
};
extern const struct shape message_reply_shape;

/* "/things/{id}" */
struct by_id {
	const char *id;
};
extern const struct shape by_id_shape;

/* struct page_query: ?limit=&cursor= */
extern const struct shape page_query_shape;

#endif
