/* The OpenAPI document, as it was printed at start-up. */
#include "docs.h"

enum err handle_openapi(struct call *call, const void *input, void *out)
{
	const struct json_text *text = call->services->openapi;

	(void)input;
	(void)out;
	buf_add(&call->reply.body, text->text, text->len);
	return ERR_OK;
}
