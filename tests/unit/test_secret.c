/*
 * Identifiers, randomness and key material.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "arena.h"
#include "id.h"
#include "secret.h"

static void ids_are_valid_and_sort_by_time(void **state)
{
	static const int64_t times[] = {
		-1, 1, 1795246200000, 1795246200001, 281474976710655};
	struct arena *arena = arena_open(1024 * 1024);
	const char *before = id_new(arena, 0);

	(void)state;
	assert_memory_equal(before, "0000000000", 10);
	for (size_t i = 1; i < 5; i++) {
		const char *id = id_new(arena, times[i]);

		assert_true(id_is_valid(id));
		assert_true(strcmp(before, id) < 0);
		before = id;
	}
	assert_memory_equal(before, "7zzzzzzzzz", 10);
	assert_true(id_is_valid(id_new(arena, times[0])));
	arena_close(&arena);
}

static void ids_of_one_moment_differ(void **state)
{
	struct arena *arena = arena_open(1024 * 1024);

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_string_not_equal(id_new(arena, 5), id_new(arena, 5));
	arena_close(&arena);
}

static void what_is_no_id_is_refused(void **state)
{
	static const char *const rows[] = {"", "0",
		"01jd7x2b3c4d5e6f7g8h9jkmn",   /* 25 */
		"01jd7x2b3c4d5e6f7g8h9jkmnpq", /* 27 */
		"01JD7X2B3C4D5E6F7G8H9JKMNP",  /* upper case */
		"01jd7x2b3c4d5e6f7g8h9jkmnu",  /* no u */
		"01jd7x2b3c4d5e6f7g8h9jkmni",  /* no i */
		"81jd7x2b3c4d5e6f7g8h9jkmnp",  /* over 48 bits */
		"01jd7x2b3c4d5e6f7g8h9jkmn ", "../../../../../etc/passwd."};

	(void)state;
	assert_true(id_is_valid("01jd7x2b3c4d5e6f7g8h9jkmnp"));
	assert_false(id_is_valid(NULL));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_false(id_is_valid(rows[i]));
}

static void secrets_are_copied_and_released(void **state)
{
	struct secret secret = {0};
	char source[] = "key";

	(void)state;
	assert_int_equal(secret_init(&secret, source, 3), ERR_OK);
	secret_wipe(source, sizeof(source));
	assert_int_equal(source[0], 0);
	assert_memory_equal(secret.bytes, "key", 3);
	secret_release(&secret);
	assert_null(secret.bytes);
	assert_int_equal(secret.len, 0);
	secret_release(&secret);
}

static void random_secrets_differ(void **state)
{
	struct secret a;
	struct secret b;

	(void)state;
	assert_int_equal(secret_random(&a, 32), ERR_OK);
	assert_int_equal(secret_random(&b, 32), ERR_OK);
	assert_false(secret_equal(a.bytes, a.len, b.bytes, b.len));
	assert_true(secret_equal(a.bytes, a.len, a.bytes, a.len));
	secret_release(&a);
	secret_release(&b);
}

static void an_empty_secret_is_refused(void **state)
{
	struct secret secret = {.len = 42};

	(void)state;
	assert_int_equal(secret_init(&secret, "", 0), ERR_BAD_INPUT);
	assert_int_equal(secret_random(&secret, 0), ERR_BAD_INPUT);
	assert_int_equal(secret.len, 42);
}

static void equality_needs_equal_lengths(void **state)
{
	(void)state;
	assert_true(secret_equal("abc", 3, "abc", 3));
	assert_true(secret_equal("", 0, "", 0));
	assert_false(secret_equal("abc", 3, "abcd", 4));
	assert_false(secret_equal("abc", 3, "abd", 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_valid_and_sort_by_time),
		cmocka_unit_test(ids_of_one_moment_differ),
		cmocka_unit_test(what_is_no_id_is_refused),
		cmocka_unit_test(secrets_are_copied_and_released),
		cmocka_unit_test(random_secrets_differ),
		cmocka_unit_test(an_empty_secret_is_refused),
		cmocka_unit_test(equality_needs_equal_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
