/* Shapes that several resources share; no handler stands here. */
#include "replies_private.h"

#include "route.h"

static const struct field message_reply_fields[] = {
	FIELD(struct message_reply, message, .doc = "what was done"),
};
const struct shape message_reply_shape =
	SHAPE("message", struct message_reply, message_reply_fields);

static const struct field by_id_fields[] = {
	FIELD(struct by_id, id, .required = true, .from = FROM_PATH,
		.doc = "the id"),
};
const struct shape by_id_shape = SHAPE("by_id", struct by_id, by_id_fields);

static const struct field page_query_fields[] = {
	FIELD(struct page_query, limit, .from = FROM_QUERY, .min = 1,
		.max = 500, .otherwise = 50, .doc = "entries in a page"),
	FIELD(struct page_query, cursor, .from = FROM_QUERY,
		.doc = "next_cursor of the page before"),
};
const struct shape page_query_shape =
	SHAPE("page_query", struct page_query, page_query_fields);

void reply_queued(struct call *call)
{
	call->reply.status = call->route->later_status;
}

void reply_tried(struct call *call)
{
	call->reply.status = call->route->tried_status;
}

void reply_created(struct call *call, const char *collection, const char *id)
{
	struct buf path;

	buf_init(&path, call->arena, 256);
	buf_text(&path, "/api/v1");
	buf_text(&path, collection);
	buf_char(&path, '/');
	buf_text(&path, id);
	call->reply.headers[REPLY_LOCATION] = path.data;
}
