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

/* What broke a promise. */
struct shown {
	struct promises promises; /* first: `broken` is given its address */
	uint32_t seed;
	const char *text;
};

static void broken(const struct promises *promises, const char *what)
{
	const struct shown *shown = (const struct shown *)promises;

	fprintf(stderr, "%s\n", shown->text);
	fail_msg("seed %u, broken: %s", shown->seed, what);
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

/* Returns the trades of the run. */
static size_t try_one(struct arena *arena, uint32_t seed)
{
	uint8_t bytes[BYTES];
	struct maker maker = {.arena = arena, .bytes = bytes, .len = BYTES};
	struct shown shown = {.promises = {.arena = arena,
				      .report = report_open(arena),
				      .made = true,
				      .options = seed * 2654435761U >> 8,
				      .broken = broken},
		.seed = seed};
	struct report *report = shown.promises.report;
	const struct json *definition = NULL;

	fill(bytes, BYTES, seed);
	shown.text = maker_definition(&maker);
	assert_non_null(shown.text);
	assert_int_equal(json_parse(arena, shown.text, strlen(shown.text),
				 report, &definition),
		ERR_OK);
	if (!promises_kept(&shown.promises, definition))
		broken(&shown.promises, report->faults[0].message);
	return shown.promises.trades;
}

static void strategies_keep_their_promises(void **state)
{
	struct arena *arena = arena_open(ARENA_BYTES);
	size_t traded = 0;

	(void)state;
	for (uint32_t seed = 0; seed < STRATEGIES; seed++) {
		arena_reset(arena);
		traded += try_one(arena, seed) > 0;
	}
	print_message("%zu of %d trade\n", traded, STRATEGIES);
	/* who does nothing keeps any promise */
	assert_true(traded > STRATEGIES / 3);
	arena_close(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strategies_keep_their_promises),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
