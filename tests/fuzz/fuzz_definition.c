/*
 * A strategy's definition. Bytes that begin with a brace are one as they are;
 * of any other bytes the first chooses the options of the run and the rest
 * what strategy_maker.h makes of them. Promises: what is refused has a fault
 * that says where, and the run of what compiles keeps strategy_promises.h.
 */
#include "fuzz.h"

#include "strategy_maker.h"
#include "strategy_promises.h"

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

	if (len == 0)
		return 0;
	promises.options = (unsigned)(bytes[0] ^ len);
	promises.made = bytes[0] != '{';
	if (promises.made) {
		maker.bytes = bytes + 1;
		maker.len = len - 1;
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
	if (!promises_kept(&promises, definition) && promises.made &&
		!maker.extended)
		broken(&promises, promises.report->faults[0].message);
	return 0;
}
