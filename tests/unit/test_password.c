/*
 * The password policy: each broken rule is a fault of its own, common
 * passwords are known in any dress, good ones pass; and Argon2id.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sodium.h>
#include <sys/mman.h>

#include "hash_area.h"
#include "arena.h"
#include "password.h"

enum {
	MIB = 1024 * 1024,
	OPS = 2,
	KIB = 19456
};

static int open_arena(void **state)
{
	*state = arena_open(16 * MIB);
	return 0;
}

static int close_arena(void **state)
{
	struct arena *arena = *state;

	arena_close(&arena);
	return 0;
}

static size_t faults_of(struct arena *arena, const char *password,
	const char *username, const char *email)
{
	struct report *report = report_open(arena);
	enum err err =
		password_check(password, username, email, "/password", report);

	assert_int_equal(err, report->fault_count ? ERR_BAD_INPUT : ERR_OK);
	for (size_t i = 0; i < report->fault_count; i++)
		assert_string_equal(report->faults[i].pointer, "/password");
	return report->fault_count;
}

static void every_broken_rule_is_a_fault(void **state)
{
	static const struct {
		const char *password;
		size_t faults;
	} rows[] = {
		/* four classes from 8 to 14 characters */
		{"Tr4il-mx", 0},
		{"tr4il-mx", 1},
		{"TR4IL-MX", 1},
		{"Trail-mx", 1},
		{"Tr4ilxmx", 1},
		{"trailxmx", 3},
		{"Tr4il-mxQ93Zvw", 0},
		{"tr4ilxmxq93zvw", 2},
		/* from 15 on nothing of that */
		{"quiet lantern harbour", 0},
		{"qvzmwlrtkxhbpnd", 0},
		{"", 5},
		{"Tr4-", 1},
		{"zq", 4},
		/* é is one character of two bytes, and special */
		{"Tr4ilmé", 1},
		{"Tr4ilmxé", 0},
		{"пятнадцатьбуквы", 0},
		{"пятнадцатьбукв", 3},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t faults =
			faults_of(*state, rows[i].password, "someone", NULL);

		if (faults != rows[i].faults)
			print_error("%s: %zu\n", rows[i].password, faults);
		assert_int_equal(faults, rows[i].faults);
	}
}

static void long_passwords_are_taken_whole(void **state)
{
	char text[PASSWORD_BYTES_LIMIT + 2] = {0};

	for (size_t i = 0; i < PASSWORD_BYTES_LIMIT; i++)
		text[i] = (char)('!' + i * i % 89);
	assert_int_equal(faults_of(*state, text, "someone", NULL), 0);
	text[PASSWORD_BYTES_LIMIT] = 'x';
	assert_int_equal(faults_of(*state, text, "someone", NULL), 1);
}

static void bad_utf8_is_refused(void **state)
{
	assert_int_equal(
		faults_of(*state, "Tr4il-mx\xc0\xaf", "someone", NULL), 1);
}

static void context_words_are_refused(void **state)
{
	static const struct {
		const char *password, *username, *email;
		size_t faults;
	} rows[] = {
		{"my zebra is ALICE today", "alice", NULL, 1},
		{"my zebra is alice today", "Alice", NULL, 1},
		{"my zebra is al today", "al", NULL, 0},
		{"my zebra wanders today", "al", "wander@host.example", 1},
		{"my zebra wanders today", "al", "zeb@host.example", 0},
		{"my zebra at host.example", "al", "wan@host.example", 0},
		{"my zebra in the KoNtOr", "al", NULL, 1},
		{"kontor of alice wander", "alice", "wander@x.example", 3},
		{"my zebra has no address", "alice", "noat", 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t faults = faults_of(*state, rows[i].password,
			rows[i].username, rows[i].email);

		if (faults != rows[i].faults)
			print_error("%s: %zu\n", rows[i].password, faults);
		assert_int_equal(faults, rows[i].faults);
	}
}

static void common_passwords_are_known_in_any_dress(void **state)
{
	static const char *const rows[] = {"password", "PASSWORD", "Password1!",
		"P@ssw0rd2024!", "Qwerty123456!!!", "P4$$w0rd", "!!Pa55word##",
		"2024dragon2024", "$unshine1!", "m0nk3y!!", "H3ll0!!2020",
		"Adm1n!2026", "L3tme1n!!", "iloveyou2!!!", "aaaaaaaaaaaaaaa",
		"Aa1!Aa1!Aa1!Aa1!", "123456789012345", "abcdefghijklmnopq",
		"qwertyuiopasdfgh", "1qaz2wsx3edc4rfv", "passwordpassword",
		"Password1!Password1!", "p-a-s-s-w-o-r-d", "987654321098765",
		"zyxwvutsrqponmlk", "1Q2w3e4r5t6y!!", "12345678",
		"Football2025?"};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (!password_is_common(*state, rows[i]))
			print_error("passed: %s\n", rows[i]);
		assert_true(password_is_common(*state, rows[i]));
	}
}

static void others_are_not_common(void **state)
{
	static const char *const rows[] = {"Tr4il-mx", "xK9#vQ2$mW7z",
		"correct horse battery staple", "gR7!pL2@wZ9q", "7c0b8f1e5d2a",
		"quiet lantern harbour", "Zq8-Vw3+Rt5", "uJ4^mN8&bH1%",
		"n0t-1n-th3-l1st-xq", "qvzmwlrtkxhbpnd", "", "x",
		"dragonfruit-parasol-9", "\xc3\xa9\xc3\xa8\xc3\xaa\xc3\xab"};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (password_is_common(*state, rows[i]))
			print_error("refused: %s\n", rows[i]);
		assert_false(password_is_common(*state, rows[i]));
	}
}

static void a_hash_verifies_its_password_only(void **state)
{
	char hash[PASSWORD_HASH_ROOM], again[PASSWORD_HASH_ROOM];
	bool match = false;

	(void)state;
	assert_int_equal(password_hash("Tr4il-mx", OPS, KIB, hash), ERR_OK);
	assert_int_equal(password_hash("Tr4il-mx", OPS, KIB, again), ERR_OK);
	assert_string_not_equal(hash, again);
	assert_ptr_equal(strstr(hash, "$argon2id$v=19$m=19456,t=2,p=1$"), hash);
	assert_int_equal(password_verify("Tr4il-mx", hash, &match), ERR_OK);
	assert_true(match);
	assert_int_equal(password_verify("tr4il-mx", hash, &match), ERR_OK);
	assert_false(match);
}

static void nothing_is_cut_from_a_password(void **state)
{
	char hash[PASSWORD_HASH_ROOM];
	char text[PASSWORD_BYTES_LIMIT + 1] = {0};
	bool match = true;

	(void)state;
	memset(text, 'a', PASSWORD_BYTES_LIMIT);
	assert_int_equal(password_hash(text, OPS, KIB, hash), ERR_OK);
	text[PASSWORD_BYTES_LIMIT - 1] = 'b';
	assert_int_equal(password_verify(text, hash, &match), ERR_OK);
	assert_false(match);
}

static void an_overlong_password_is_never_hashed(void **state)
{
	char hash[PASSWORD_HASH_ROOM] = "untouched";
	char text[PASSWORD_BYTES_LIMIT + 2] = {0};
	bool match = true;

	(void)state;
	memset(text, 'a', PASSWORD_BYTES_LIMIT + 1);
	assert_int_equal(password_hash(text, OPS, KIB, hash), ERR_BAD_INPUT);
	assert_string_equal(hash, "untouched");
	/* not even the hash is looked at */
	assert_int_equal(password_verify(text, "no hash", &match), ERR_OK);
	assert_false(match);
}

static void no_memory_is_not_a_wrong_password(void **state)
{
	char hash[PASSWORD_HASH_ROOM];
	bool match = true;

	(void)state;
	assert_int_equal(password_hash("x", OPS, INT64_MAX / 1024, hash),
		ERR_UNAVAILABLE);
	assert_int_equal(password_verify("x", "$argon2id$broken", &match),
		ERR_UNAVAILABLE);
	assert_true(match);
}

static void a_cheaper_hash_is_made_again(void **state)
{
	static const char tail[] = "$c2FsdHNhbHRzYWx0c2FsdA$aGFzaA";
	static const struct {
		const char *head;
		bool again;
	} rows[] = {
		{"$argon2id$v=19$m=19456,t=2,p=1", false},
		{"$argon2id$v=19$m=65536,t=3,p=1", false},
		{"$argon2id$v=19$m=19455,t=2,p=1", true},
		{"$argon2id$v=19$m=19456,t=1,p=1", true},
		{"$argon2i$v=19$m=19456,t=2,p=1", true},
		{"$2b$12$", true},
		{"", true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(
			password_needs_rehash(arena_format(*state, "%s%s",
						      rows[i].head, tail),
				OPS, KIB),
			rows[i].again);
}

/* Hashes in the kept area are those of libsodium by itself, either way. */
static void the_kept_area_changes_no_hash(void **state)
{
	static const char word[] = "quiet lantern harbour";
	char ours[PASSWORD_HASH_ROOM], theirs[crypto_pwhash_STRBYTES];
	bool match = false;

	(void)state;
	assert_int_equal(password_hash(word, 2, 19456, ours), ERR_OK);
	assert_int_equal(
		crypto_pwhash_argon2id_str_verify(ours, word, sizeof(word) - 1),
		0);
	assert_int_equal(crypto_pwhash_argon2id_str(theirs, word,
				 sizeof(word) - 1, 2, 19456 * 1024),
		0);
	assert_int_equal(password_verify(word, theirs, &match), ERR_OK);
	assert_true(match);
	assert_int_equal(password_verify("another", ours, &match), ERR_OK);
	assert_false(match);
	/* a larger one after a smaller one */
	assert_int_equal(password_hash(word, 2, 30000, ours), ERR_OK);
	assert_int_equal(password_verify(word, ours, &match), ERR_OK);
	assert_true(match);
}

/* The programs keep it (builds with sanitizers do not), all of it wiped, and
   give it back. */
static void the_area_is_used_wiped_and_given_back(void **state)
{
	const uint64_t before = hash_area_uses();
	char hash[PASSWORD_HASH_ROOM];
	unsigned char *plain;

	(void)state;
	assert_int_equal(
		password_hash("quiet lantern harbour", 2, 19456, hash), ERR_OK);
#ifdef __SANITIZE_ADDRESS__
	assert_int_equal(hash_area_uses(), 0);
	assert_int_equal(hash_area_bytes(), 0);
#else
	assert_int_equal(hash_area_uses(), before + 1);
	assert_true(hash_area_bytes() >= 19456 * 1024);
	hash_area_begin();
	plain = mmap(NULL, 19456 * 1024, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(sodium_is_zero(plain, 19456 * 1024));
	assert_int_equal(hash_area_uses(), before + 2);
	assert_int_equal(munmap(plain, 19456 * 1024), 0);
	hash_area_end();
	hash_area_idle(INT64_MAX);
	assert_true(hash_area_bytes() > 0);
	hash_area_idle(0);
#endif
	(void)before;
	assert_int_equal(hash_area_bytes(), 0);
	/* outside of a hash everything is the kernel's */
	plain = mmap(NULL, 1 << 24, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(plain, MAP_FAILED);
	plain[0] = 1;
	assert_int_equal(hash_area_bytes(), 0);
	assert_int_equal(munmap(plain, 1 << 24), 0);
	assert_int_equal(
		password_hash("quiet lantern harbour", 2, 19456, hash), ERR_OK);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, open_arena, close_arena)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_broken_rule_is_a_fault),
		TEST(long_passwords_are_taken_whole),
		TEST(bad_utf8_is_refused),
		TEST(context_words_are_refused),
		TEST(common_passwords_are_known_in_any_dress),
		TEST(others_are_not_common),
		TEST(a_hash_verifies_its_password_only),
		TEST(nothing_is_cut_from_a_password),
		TEST(an_overlong_password_is_never_hashed),
		TEST(no_memory_is_not_a_wrong_password),
		TEST(a_cheaper_hash_is_made_again),
		TEST(the_kept_area_changes_no_hash),
		TEST(the_area_is_used_wiped_and_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
