/*
 * Percent decoding, as in paths and in forms. Promise: accepted text is
 * valid UTF-8 without NUL and never longer than what was sent.
 */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = fuzz_arena();
	const char *text;

	for (int form = 0; form <= 1; form++) {
		if (text_percent_decode(arena, (const char *)bytes, len, form,
			    &text) != ERR_OK)
			continue;
		fuzz_require(strlen(text) <= len);
		fuzz_require(text_is_utf8(text, strlen(text)));
	}
	return 0;
}
