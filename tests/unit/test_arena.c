/*
 * The arena: never NULL, zeroed, aligned, capped, releases in order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"

enum {
	MIB = 1024 * 1024,
	EXIT_MEMORY = 70
};

static void memory_is_zeroed_and_aligned(void **state)
{
	struct arena *arena = arena_open(MIB);

	(void)state;
	for (size_t size = 0; size < 300; size++) {
		unsigned char *bytes = arena_alloc(arena, size);

		assert_non_null(bytes);
		assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(bytes[i], 0);
		memset(bytes, 0xff, size);
	}
	arena_close(&arena);
	assert_null(arena);
}

static void reset_memory_is_zeroed_again(void **state)
{
	struct arena *arena = arena_open(MIB);

	(void)state;
	memset(arena_alloc(arena, 1000), 0xff, 1000);
	arena_reset(arena);
	assert_int_equal(arena_used(arena), 0);
	assert_int_equal(*(char *)arena_alloc(arena, 1000), 0);
	arena_close(&arena);
}

static void large_pieces_get_their_own_block(void **state)
{
	struct arena *arena = arena_open(4 * MIB);
	char *large;
	char *small;

	(void)state;
	small = arena_text(arena, "small");
	large = arena_alloc(arena, MIB);
	memset(large, 'x', MIB);
	assert_string_equal(small, "small");
	assert_true(arena_used(arena) >= MIB);
	assert_int_equal(arena_used(arena) + arena_left(arena), 4 * MIB);
	arena_close(&arena);
}

static void text_is_copied_and_formatted(void **state)
{
	struct arena *arena = arena_open(MIB);
	char source[] = "abc";
	char *copy = arena_text(arena, source);

	(void)state;
	source[0] = 'X';
	assert_string_equal(copy, "abc");
	assert_memory_equal(arena_copy(arena, "a\0b", 3), "a\0b", 4);
	assert_string_equal(arena_copy(arena, NULL, 0), "");
	assert_string_equal(arena_format(arena, "%s-%d", "x", 7), "x-7");
	assert_int_equal(strlen(arena_format(arena, "%5000d", 1)), 5000);
	arena_close(&arena);
}

struct order {
	char seen[8];
	size_t count;
};

struct release {
	struct order *order;
	char name;
};

static void note(void *thing)
{
	struct release *release = thing;

	release->order->seen[release->order->count++] = release->name;
}

static void releases_run_last_first(void **state)
{
	struct arena *arena = arena_open(MIB);
	struct order order = {.count = 0};
	struct release a = {&order, 'a'};
	struct release b = {&order, 'b'};

	(void)state;
	arena_defer(arena, note, &a);
	arena_defer(arena, note, &b);
	arena_reset(arena);
	assert_string_equal(order.seen, "ba");
	arena_defer(arena, note, &a);
	arena_close(&arena);
	assert_string_equal(order.seen, "baa");
}

static void closing_nothing_is_harmless(void **state)
{
	struct arena *arena = NULL;

	(void)state;
	arena_close(&arena);
}

static void take_too_much(struct arena *arena)
{
	arena_alloc(arena, 1000);
	arena_alloc(arena, 1000);
}

static void take_in_small_pieces(struct arena *arena)
{
	for (int i = 0; i < 1000; i++)
		arena_alloc(arena, 8);
}

static void overflow_a_product(struct arena *arena)
{
	arena_array(arena, SIZE_MAX / 2, 3);
}

static void ask_for_everything(struct arena *arena)
{
	arena_alloc(arena, SIZE_MAX);
}

static void copy_everything(struct arena *arena)
{
	arena_copy(arena, "", SIZE_MAX);
}

/* Runs it in a child of cap 1500 bytes; its line and its exit status. */
static int run(void (*greedy)(struct arena *), char *line, size_t room)
{
	int status;
	int ends[2];
	pid_t child;
	ssize_t len;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		dup2(ends[1], 2);
		greedy(arena_open(1500));
		_exit(0);
	}
	close(ends[1]);
	len = read(ends[0], line, room - 1);
	assert_true(len >= 0);
	line[len] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void over_the_cap_ends_the_process_with_one_line(void **state)
{
	void (*const greedy[])(struct arena *) = {take_too_much,
		take_in_small_pieces, overflow_a_product, ask_for_everything,
		copy_everything};
	char line[200];

	(void)state;
	for (size_t i = 0; i < sizeof(greedy) / sizeof(greedy[0]); i++) {
		assert_int_equal(
			run(greedy[i], line, sizeof(line)), EXIT_MEMORY);
		assert_string_equal(line, "{\"level\":\"error\","
					  "\"event\":\"memory.over_cap\"}\n");
	}
}

static void long_columns_have_their_whole_length(void **state)
{
	enum {
		LONG = 3 * 1024 * 1024 + 5
	};
	struct arena *arena = arena_open(64 * 1024 * 1024);
	unsigned char *raw = arena_column(arena, LONG, 1);
	unsigned char *zero = arena_array(arena, LONG, 1);

	(void)state;
	assert_int_equal(zero[0] | zero[LONG / 2] | zero[LONG - 1], 0);
	memset(raw, 1, LONG);
	memset(zero, 2, LONG);
	assert_int_equal(raw[LONG - 1], 1);
	assert_int_equal(zero[0], 2);
	assert_true(arena_used(arena) >= (size_t)2 * LONG);
	arena_reset(arena);
	zero = arena_array(arena, LONG, 1);
	assert_int_equal(zero[LONG - 1], 0);
	arena_close(&arena);
}

static void what_is_kept_comes_back_zeroed(void **state)
{
	enum {
		LONG = 100 * 1024
	};
	struct arena *arena = arena_open(64 * 1024 * 1024);
	unsigned char *before, *after;

	(void)state;
	arena_keep(arena, 3 * LONG);
	before = arena_alloc(arena, LONG);
	memset(before, 7, LONG);
	arena_reset(arena);
	after = arena_alloc(arena, LONG);
	assert_ptr_equal(before, after);
	for (size_t i = 0; i < LONG; i++)
		assert_int_equal(after[i], 0);
	arena_reset(arena);
	/* as many as fit are kept, the others given back; sizes are found */
	for (size_t i = 0; i < 10; i++)
		(void)arena_alloc(arena, LONG + i);
	arena_reset(arena);
	(void)arena_alloc(arena, 3 * LONG);
	arena_keep(arena, 0);
	arena_reset(arena);
	(void)arena_alloc(arena, LONG);
	arena_close(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_kept_comes_back_zeroed),
		cmocka_unit_test(long_columns_have_their_whole_length),
		cmocka_unit_test(memory_is_zeroed_and_aligned),
		cmocka_unit_test(reset_memory_is_zeroed_again),
		cmocka_unit_test(large_pieces_get_their_own_block),
		cmocka_unit_test(text_is_copied_and_formatted),
		cmocka_unit_test(releases_run_last_first),
		cmocka_unit_test(closing_nothing_is_harmless),
		cmocka_unit_test(over_the_cap_ends_the_process_with_one_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
