/*
 * The JSON reader. Promise: what it accepts can be written, read again, and
 * is the same text then.
 */
#include "fuzz.h"

#include "json.h"
#include "json_write.h"

enum {
	TEXT_LIMIT = 16 << 20
};

static void write_again(const struct json *value, struct buf *out)
{
	struct json_writer writer;

	json_write_init(&writer, out);
	json_put_value(&writer, value);
	fuzz_require(json_write_done(&writer));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = fuzz_arena();
	struct report *report = report_open(arena);
	const struct json *value, *again;
	struct buf first, second;

	if (json_parse(arena, (const char *)bytes, len, report, &value) !=
		ERR_OK) {
		fuzz_require(report->fault_count > 0);
		return 0;
	}
	buf_init(&first, arena, TEXT_LIMIT);
	buf_init(&second, arena, TEXT_LIMIT);
	write_again(value, &first);
	fuzz_require(json_parse(arena, first.data, first.len, report, &again) ==
		     ERR_OK);
	write_again(again, &second);
	fuzz_require(first.len == second.len &&
		     memcmp(first.data, second.data, first.len) == 0);
	return 0;
}
