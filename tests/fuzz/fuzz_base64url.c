/*
 * The base64url decoder. Promise: only the one canonical spelling of some
 * bytes is accepted, so encoding them gives the input back.
 */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = fuzz_arena();
	const char *again;
	unsigned char *decoded;
	size_t count;

	if (text_base64url_decode(arena, (const char *)bytes, len, &decoded,
		    &count) != ERR_OK)
		return 0;
	again = text_base64url(arena, decoded, count);
	fuzz_require(strlen(again) == len && memcmp(again, bytes, len) == 0);
	return 0;
}
