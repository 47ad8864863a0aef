/*
 * The query string. Promises: names are there, come once, and are never
 * those of credentials; values are clean UTF-8.
 */
#include "request_help.h"

#include <strings.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const char path[] = "/api/v1/x?";
	struct arena *arena = fuzz_arena();
	const char *query = fuzz_text(arena, bytes, len);
	char *uri = arena_alloc(arena, sizeof(path) + strlen(query));
	struct request request;

	memcpy(uri, path, sizeof(path) - 1);
	memcpy(uri + sizeof(path) - 1, query, strlen(query));
	if (fuzz_request(arena, fuzz_parameter(arena, "REQUEST_URI", uri),
		    &request) != ERR_OK)
		return 0;
	for (size_t i = 0; i < request.query_count; i++) {
		const struct param *param = &request.query[i];

		fuzz_require(param->name[0] != '\0');
		fuzz_require(strcasecmp(param->name, "access_token") != 0);
		fuzz_require(text_is_utf8(param->value, strlen(param->value)));
		fuzz_require(
			!text_has_control(param->value, strlen(param->value)));
		for (size_t k = 0; k < i; k++)
			fuzz_require(!text_equal(
				request.query[k].name, param->name));
	}
	return 0;
}
