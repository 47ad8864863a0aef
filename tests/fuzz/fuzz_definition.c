/*
 * A strategy's definition. Bytes that begin with a brace are one as they are;
 * of any other bytes the first three choose the options of the run and the rest
 * what strategy_maker.h makes of them. Promises: what is refused has a fault
 * that says where, and the run of what compiles keeps strategy_promises.h.
 */
#include "fuzz.h"

#include "strategy_maker.h"
#include "strategy_promises.h"

enum {
	OPTION_BYTES = 3
};

static void broken(const struct promises *promises, const char *what)
{
	(void)promises;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = fuzz_arena();
	struct promises promises = {
		.arena = arena, .report = report_open(arena), .broken = broken};
	struct maker maker = {.arena = arena};
	const struct json *definition;
	const char *text = (const char *)bytes;

	if (len < OPTION_BYTES)
		return 0;
	promises.options = (unsigned)bytes[0] | (unsigned)bytes[1] << 8 |
			   (unsigned)bytes[2] << 16;
	promises.made = bytes[0] != '{';
	if (promises.made) {
		maker.bytes = bytes + OPTION_BYTES;
		maker.len = len - OPTION_BYTES;
		text = maker_definition(&maker);
		fuzz_require(text != NULL);
		len = strlen(text);
	}
	if (json_parse(arena, text, len, promises.report, &definition) !=
		ERR_OK) {
		fuzz_require(!promises.made);
		return 0;
	}
	promises.report = report_open(arena);
	if (!promises_kept(&promises, definition) && promises.made)
		broken(&promises, promises.report->faults[0].message);
	return 0;
}
