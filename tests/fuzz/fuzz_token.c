/*
 * What a token must look like before libjwt sees it. Promise: accepted ones
 * are short, of the alphabet, of three parts, and have a key id and claims.
 */
#include "fuzz.h"

#include "token_precheck_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz"
				       "0123456789-_.";
	struct arena *arena = fuzz_arena();
	struct token_parts parts;
	const char *dot;

	if (token_precheck(arena, (const char *)bytes, len, &parts) != ERR_OK)
		return 0;
	fuzz_require(len <= 4096 && strlen(parts.text) == len &&
		     memcmp(parts.text, bytes, len) == 0);
	fuzz_require(strspn(parts.text, alphabet) == len);
	dot = strchr(parts.text, '.');
	fuzz_require(dot != NULL && strchr(dot + 1, '.') != NULL);
	fuzz_require(parts.kid != NULL && parts.kid[0] != '\0');
	fuzz_require(
		parts.payload != NULL && parts.payload->kind == JSON_OBJECT);
	return 0;
}
