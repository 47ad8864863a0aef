/*
 * Many strategies at random, and what the run of each promises
 * (strategy_promises.h). The seeds are fixed: a failure names its own, and
 * prints the definition.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "strategy_maker.h"
#include "strategy_promises.h"

enum {
	STRATEGIES = 1500,
	BYTES = 400,
	ARENA_BYTES = 256 << 20
};

static void broken(const struct promises *promises, const char *what)
{
	(void)promises;
	fail_msg("broken: %s", what);
}

static void fill(uint8_t *bytes, size_t len, uint32_t seed)
{
	uint32_t state = seed * 2654435761U + 1;

	for (size_t i = 0; i < len; i++) {
		state ^= state << 13;
		state ^= state >> 17;
		state ^= state << 5;
		bytes[i] = (uint8_t)(state >> 11);
	}
}

/* Tells whether it compiled. */
static bool try_one(struct arena *arena, uint32_t seed, bool *extended)
{
	uint8_t bytes[BYTES];
	struct maker maker = {.arena = arena, .bytes = bytes, .len = BYTES};
	struct promises promises = {.arena = arena,
		.report = report_open(arena),
		.made = true,
		.options = seed,
		.broken = broken};
	const struct json *definition = NULL;
	const char *text;
	bool compiled;

	fill(bytes, BYTES, seed);
	text = maker_definition(&maker);
	assert_non_null(text);
	*extended = maker.extended;
	assert_int_equal(json_parse(arena, text, strlen(text), promises.report,
				 &definition),
		ERR_OK);
	/* shown only when it fails */
	print_message("%u: %s\n", seed, text);
	compiled = promises_kept(&promises, definition);
	if (!compiled)
		print_message("  %s: %s\n", promises.report->faults[0].pointer,
			promises.report->faults[0].message);
	return compiled;
}

static void strategies_keep_their_promises(void **state)
{
	struct arena *arena = arena_open(ARENA_BYTES);

	(void)state;
	for (uint32_t seed = 0; seed < STRATEGIES; seed++) {
		bool extended;

		arena_reset(arena);
		if (!try_one(arena, seed, &extended) && !extended)
			fail_msg("%u does not compile", seed);
	}
	arena_close(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strategies_keep_their_promises),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
