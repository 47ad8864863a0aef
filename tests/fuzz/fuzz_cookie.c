/*
 * The Cookie header. Promises: what is taken for a token holds only the
 * characters that a cookie's value may hold, and stood in the header.
 */
#include "request_help.h"

static void check(const char *header, const char *value)
{
	if (value == NULL)
		return;
	fuzz_require(strstr(header, value) != NULL);
	fuzz_require(strpbrk(value, " \t\",;\\") == NULL);
	fuzz_require(!text_has_control(value, strlen(value)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = fuzz_arena();
	const char *header = fuzz_text(arena, bytes, len);
	struct request request;

	if (fuzz_request(arena, fuzz_parameter(arena, "HTTP_COOKIE", header),
		    &request) != ERR_OK)
		return 0;
	check(header, request.cookie_access);
	check(header, request.cookie_refresh);
	return 0;
}
