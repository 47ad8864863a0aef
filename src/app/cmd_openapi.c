/* kontor openapi: the OpenAPI document, printed from the table of routes. */
#include "buf.h"
#include "command.h"
#include "openapi.h"
#include "routes.h"

enum {
	TEXT_LIMIT = 8 << 20
};

int cmd_openapi(struct command_context *context, int argc, char **argv)
{
	struct buf text;

	(void)argv;
	if (argc != 1)
		return command_usage("openapi");
	buf_init(&text, context->arena, TEXT_LIMIT);
	openapi_write(&routes, "Kontor", KONTOR_VERSION, &text);
	(void)fwrite(text.data, 1, text.len, stdout);
	return putchar('\n') == EOF;
}
