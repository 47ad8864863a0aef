/*
 * The path of a request. Promises: no segment of an accepted path is empty,
 * a dot, or holds a slash, a backslash, a control character or bad UTF-8.
 */
#include "request_help.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = fuzz_arena();
	struct request request;

	if (fuzz_request(arena,
		    fuzz_parameter(
			    arena, "REQUEST_URI", fuzz_text(arena, bytes, len)),
		    &request) != ERR_OK) {
		fuzz_require(
			request.target != NULL && request.request_id != NULL);
		return 0;
	}
	fuzz_require(request.segment_count <= REQUEST_SEGMENT_LIMIT);
	for (size_t i = 0; i < request.segment_count; i++) {
		const char *segment = request.segments[i];

		fuzz_require(segment[0] != '\0' && !text_equal(segment, ".") &&
			     !text_equal(segment, "..") &&
			     strpbrk(segment, "/\\") == NULL);
		fuzz_require(!text_has_control(segment, strlen(segment)) &&
			     text_is_utf8(segment, strlen(segment)));
	}
	return 0;
}
