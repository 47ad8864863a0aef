/*
 * Every input shape of the table of routes. The first two bytes choose the
 * row, the rest is its JSON body. Promise: what is refused is refused with a
 * fault that has a pointer, whatever the shape.
 */
#include "fuzz.h"

#include "json.h"
#include "routes.h"

static const struct shape *choose(const uint8_t *bytes)
{
	size_t wanted = (size_t)bytes[0] << 8 | bytes[1];

	for (size_t i = 0; i < routes.count; i++) {
		size_t row = (wanted + i) % routes.count;

		if (routes.rows[row].in != NULL)
			return routes.rows[row].in;
	}
	return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = fuzz_arena();
	struct report *report = report_open(arena);
	struct shape_input input = {.body = NULL};
	/* one value for whatever stands in a path */
	const struct param path = {"id", "01h", FROM_PATH};
	const struct shape *shape;
	void *out;

	if (len < 2)
		return 0;
	shape = choose(bytes);
	if (shape == NULL || json_parse(arena, (const char *)bytes + 2, len - 2,
				     report, &input.body) != ERR_OK)
		return 0;
	input.params = &path;
	input.param_count = 1;
	out = arena_alloc(arena, shape->size);
	if (shape_read(shape, arena, &input, report, out) == ERR_OK)
		return 0;
	fuzz_require(report->fault_count > 0);
	for (size_t i = 0; i < report->fault_count; i++)
		fuzz_require(report->faults[i].pointer != NULL &&
			     report->faults[i].message != NULL);
	return 0;
}
