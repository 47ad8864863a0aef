/*
 * Text tools: each decoder takes one spelling of a value and no other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "arena.h"
#include "id.h"
#include "text.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static int open_arena(void **state)
{
	*state = arena_open(4 * 1024 * 1024);
	return 0;
}

static int close_arena(void **state)
{
	struct arena *arena = *state;

	arena_close(&arena);
	return 0;
}

static void equality_and_prefixes(void **state)
{
	(void)state;
	assert_true(text_equal("a", "a"));
	assert_false(text_equal("a", "A"));
	assert_false(text_equal("a", NULL));
	assert_true(text_equal(NULL, NULL));
	assert_true(text_starts("sqlite:x", "sqlite:"));
	assert_true(text_starts("x", ""));
	assert_false(text_starts("sql", "sqlite:"));
	assert_false(text_starts(NULL, "a"));
}

static void utf8_is_checked(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} rows[] = {
		{"", true},
		{"abc\x7f", true},
		{"\xc2\x80", true},
		{"\xdf\xbf", true},
		{"\xe0\xa0\x80", true},
		{"\xed\x9f\xbf", true},
		{"\xee\x80\x80", true},
		{"\xef\xbf\xbf", true},
		{"\xf0\x90\x80\x80", true},
		{"\xf4\x8f\xbf\xbf", true},
		{"\x80", false},
		{"\xbf", false},
		{"\xc0\x80", false},
		{"\xc1\xbf", false},
		{"\xc2", false},
		{"\xc2\x7f", false},
		{"\xc2\xc0", false},
		{"\xe0\x9f\xbf", false},
		{"\xe1\x80", false},
		{"\xe1\x80\x7f", false},
		{"\xed\xa0\x80", false},
		{"\xed\xbf\xbf", false},
		{"\xf0\x8f\xbf\xbf", false},
		{"\xf1\x80\x80", false},
		{"\xf1\x80\x80\xc0", false},
		{"\xf4\x90\x80\x80", false},
		{"\xf5\x80\x80\x80", false},
		{"\xfe", false},
		{"\xff", false},
		{"ok\xc3\xa9\xff", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (text_is_utf8(rows[i].text, strlen(rows[i].text)) !=
			rows[i].good)
			fail_msg("row %zu", i);
	assert_true(text_is_utf8("\xc3\xa9", 2));
	assert_false(text_is_utf8("\xc3\xa9", 1));
}

static void characters_are_code_points(void **state)
{
	(void)state;
	assert_int_equal(text_characters(""), 0);
	assert_int_equal(text_characters("abc"), 3);
	assert_int_equal(text_characters("\xc3\xa9\xe2\x82\xac"), 2);
	assert_int_equal(text_characters("\xf0\x9f\x98\x80"), 1);
}

static void control_characters_are_found(void **state)
{
	(void)state;
	assert_false(text_has_control("abc \xc3\xa9\xc2\xa0", 8));
	assert_true(text_has_control("a\nb", 3));
	assert_true(text_has_control("a\0b", 3));
	/* wherever it stands, also where eight bytes are looked at as one */
	for (size_t i = 0; i < 20; i++) {
		char text[20];

		for (int c = 0; c < 0x80; c++) {
			memset(text, 'a', sizeof(text));
			text[i] = (char)c;
			assert_int_equal(text_has_control(text, sizeof(text)),
				c < 0x20 || c == 0x7f);
		}
	}
	assert_true(text_has_control("\x7f", 1));
	assert_true(text_has_control("\x1b[2J", 4));
	assert_true(text_has_control("\xc2\x9b", 2));
	assert_false(text_has_control("a\n", 1));
}

static void integers_have_one_spelling(void **state)
{
	static const struct {
		const char *text;
		bool good;
		int64_t value;
	} rows[] = {
		{"0", true, 0},
		{"7", true, 7},
		{"-7", true, -7},
		{"9223372036854775807", true, INT64_MAX},
		{"-9223372036854775808", true, INT64_MIN},
		{"9223372036854775808", false, 0},
		{"-9223372036854775809", false, 0},
		{"99999999999999999999", false, 0},
		{"", false, 0},
		{"-", false, 0},
		{"-0", false, 0},
		{"00", false, 0},
		{"07", false, 0},
		{"-07", false, 0},
		{"+7", false, 0},
		{" 7", false, 0},
		{"7 ", false, 0},
		{"7\n", false, 0},
		{"7.0", false, 0},
		{"7e1", false, 0},
		{"0x7", false, 0},
		{"--7", false, 0},
		{"\xd9\xa7", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t value = 42;

		if (text_integer(rows[i].text, &value) != rows[i].good)
			fail_msg("%s", rows[i].text);
		assert_true(value == (rows[i].good ? rows[i].value : 42));
	}
}

static void lower_case_is_ascii_only(void **state)
{
	assert_string_equal(
		text_lower(*state, "AbZ09\xc3\x89"), "abz09\xc3\x89");
}

static void base64url_matches_rfc_4648(void **state)
{
	static const struct {
		const char *plain;
		const char *coded;
	} rows[] = {
		{"", ""},
		{"f", "Zg"},
		{"fo", "Zm8"},
		{"foo", "Zm9v"},
		{"foob", "Zm9vYg"},
		{"fooba", "Zm9vYmE"},
		{"foobar", "Zm9vYmFy"},
		{"\xfb\xff\xbf", "-_-_"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t plain_len = strlen(rows[i].plain);
		unsigned char *bytes = NULL;
		size_t len = 99;

		assert_string_equal(
			text_base64url(*state,
				(const unsigned char *)rows[i].plain,
				plain_len),
			rows[i].coded);
		assert_int_equal(text_base64url_decode(*state, rows[i].coded,
					 strlen(rows[i].coded), &bytes, &len),
			ERR_OK);
		assert_int_equal(len, plain_len);
		assert_memory_equal(bytes, rows[i].plain, plain_len);
	}
}

static void base64url_takes_no_other_spelling(void **state)
{
	static const char *const rows[] = {
		"Z",	  /* no such length */
		"Zm9vY",  /* nor this */
		"Zg==",	  /* padding */
		"Zm8=",	  /* padding */
		"Zh",	  /* unused bits set: also "f" */
		"Zv",	  /* the same */
		"Zm9",	  /* the same, two bytes */
		"Zm+v",	  /* the other alphabet */
		"Zm/v",	  /* the other alphabet */
		"Zm 9v",  /* space */
		"Zm9v\n", /* line end */
		"\nZm9",  /* line end */
		"Zm9v====",
		"....",
		"\xc3\xa9\xc3\xa9",
	};
	unsigned char *bytes = NULL;
	size_t len = 99;

	for (size_t i = 0; i < COUNT(rows); i++)
		if (text_base64url_decode(*state, rows[i], strlen(rows[i]),
			    &bytes, &len) != ERR_BAD_INPUT)
			fail_msg("taken: %s", rows[i]);
	assert_int_equal(
		text_base64url_decode(*state, "Zm\0v", 4, &bytes, &len),
		ERR_BAD_INPUT);
	assert_null(bytes);
	assert_int_equal(len, 99);
}

/* Of the 4096 endings of two bytes exactly 1024 are canonical. */
static void base64url_endings_are_canonical(void **state)
{
	static const char all[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "abcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t taken = 0;

	for (size_t i = 0; i < 4096; i++) {
		const char text[] = {'A', all[i / 64], all[i % 64], '\0'};
		unsigned char *bytes;
		size_t len;

		if (text_base64url_decode(*state, text, 3, &bytes, &len))
			continue;
		taken++;
		assert_string_equal(text_base64url(*state, bytes, len), text);
	}
	assert_int_equal(taken, 1024);
}

static void base64url_goes_there_and_back(void **state)
{
	unsigned char bytes[100];

	random_bytes(bytes, sizeof(bytes));
	for (size_t len = 0; len <= sizeof(bytes); len++) {
		const char *text = text_base64url(*state, bytes, len);
		unsigned char *back;
		size_t back_len;

		assert_int_equal(strlen(text), (len * 4 + 2) / 3);
		assert_int_equal(text_base64url_decode(*state, text,
					 strlen(text), &back, &back_len),
			ERR_OK);
		assert_int_equal(back_len, len);
		assert_memory_equal(back, bytes, len);
	}
}

static void hex_is_lower_case_and_whole(void **state)
{
	static const char *const refused[] = {"", "0", "00f", "00ff0", "00ff00",
		"00fF", "00fg", " 0ff", "00f ", "0x0f"};
	const unsigned char bytes[] = {0x00, 0xff};
	unsigned char out[2] = {42, 42};

	assert_string_equal(text_hex(*state, bytes, 2), "00ff");
	assert_string_equal(text_hex(*state, bytes, 0), "");
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_int_equal(
			text_hex_decode(refused[i], out, 2), ERR_BAD_INPUT);
	assert_int_equal(out[0], 42);
	assert_int_equal(text_hex_decode("00ff", out, 2), ERR_OK);
	assert_memory_equal(out, bytes, 2);
	assert_int_equal(text_hex_decode("", out, 0), ERR_OK);
}

static void percent_triplets_are_decoded(void **state)
{
	static const struct {
		const char *text;
		bool form;
		const char *plain; /* NULL: refused */
	} rows[] = {
		{"", false, ""},
		{"a%2Fb%2fc", false, "a/b/c"},
		{"a+b", false, "a+b"},
		{"a+b", true, "a b"},
		{"a%2Bb", true, "a+b"},
		{"%25", false, "%"},
		{"%2525", false, "%25"},
		{"%C3%A9", false, "\xc3\xa9"},
		{"%", false, NULL},
		{"%4", false, NULL},
		{"%4g", false, NULL},
		{"%g4", false, NULL},
		{"% 4", false, NULL},
		{"%%41", false, NULL},
		{"a%00b", false, NULL},
		{"%c0%af", false, NULL},
		{"%ff", true, NULL},
		{"\xff", false, NULL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *out = NULL;
		enum err err = text_percent_decode(*state, rows[i].text,
			strlen(rows[i].text), rows[i].form, &out);

		assert_int_equal(err, rows[i].plain ? ERR_OK : ERR_BAD_INPUT);
		assert_true(text_equal(out, rows[i].plain));
	}
}

static void a_triplet_never_reaches_behind_the_end(void **state)
{
	const char *out;

	assert_int_equal(text_percent_decode(*state, "a%41", 3, false, &out),
		ERR_BAD_INPUT);
	assert_int_equal(text_percent_decode(*state, "a\0b", 3, false, &out),
		ERR_BAD_INPUT);
}

static void the_nearest_name_is_suggested(void **state)
{
	static const char *const names[] = {
		"DATABASE_URL", "LOG_LEVEL", "LOG_FILE", "on", NULL};
	static const struct {
		const char *text;
		const char *near;
	} rows[] = {
		{"DATABSE_URL", "DATABASE_URL"},
		{"database_url", "DATABASE_URL"},
		{"LOG_LEVL", "LOG_LEVEL"},
		{"LOG_FLIE", "LOG_FILE"},
		{"o", "on"},
		{"onn", "on"},
		{"COLOUR", NULL},
		{"xyz", NULL},
		{"", NULL},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
			NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (!text_equal(
			    text_suggest(rows[i].text, names), rows[i].near))
			fail_msg("%s", rows[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equality_and_prefixes),
		cmocka_unit_test(utf8_is_checked),
		cmocka_unit_test(characters_are_code_points),
		cmocka_unit_test(control_characters_are_found),
		cmocka_unit_test(integers_have_one_spelling),
		cmocka_unit_test(lower_case_is_ascii_only),
		cmocka_unit_test(base64url_matches_rfc_4648),
		cmocka_unit_test(base64url_takes_no_other_spelling),
		cmocka_unit_test(base64url_endings_are_canonical),
		cmocka_unit_test(base64url_goes_there_and_back),
		cmocka_unit_test(hex_is_lower_case_and_whole),
		cmocka_unit_test(percent_triplets_are_decoded),
		cmocka_unit_test(a_triplet_never_reaches_behind_the_end),
		cmocka_unit_test(the_nearest_name_is_suggested),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
