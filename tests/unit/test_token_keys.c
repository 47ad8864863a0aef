/*
 * Key files of tokens: what is taken, what is refused, and what happens to
 * signed tokens when keys are rotated, removed, lost or readable by others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/wait.h>

#include "soon.h"
#include "token_fixture.h"

enum {
	ROTATIONS = 8
};

static void a_retired_key_verifies_until_its_end(void **state)
{
	struct fixture *f = *state;
	static const char header[] = "{\"alg\":\"HS256\",\"kid\":\"k0\"}";
	const char *input = arena_format(f->arena, "%s.%s",
		encode(f, header, sizeof(header) - 1),
		encode(f, "{" GOOD "}", sizeof("{" GOOD "}") - 1));
	const char *token = sign_with(f, input, old_hex);

	assert_int_equal(verify_at(f, token, now_ms), ERR_OK);
	assert_int_equal(verify_at(f, token, now_ms + 1), ERR_TOKEN_INVALID);
}

/* Is another key the active one? */
static bool signs_otherwise(
	struct fixture *f, struct token_keys *keys, const char *than)
{
	const char *token = NULL;

	assert_int_equal(
		token_sign(keys, f->arena, &policy, &good_claims, &token),
		ERR_OK);
	return !text_equal(token, than);
}

/* Within KEY_RING_LOOK_MS; a token that was found good before included. */
static void a_changed_key_file_is_seen_soon(void **state)
{
	struct fixture *f = *state;
	const char *token = sign_good(f);

	assert_int_equal(verify(f, token), ERR_OK);

	write_keys(f, arena_format(f->arena,
			      "k9 %s ACTIVE 2000\nk1 %s RETIRED 1000 %lld\n",
			      old_hex, key_hex, (long long)now_ms + 1000));
	assert_soon(signs_otherwise(f, f->keys, token), true);
	assert_int_equal(verify(f, token), ERR_OK);
	assert_int_equal(verify(f, sign_good(f)), ERR_OK);
	/* the old key is taken out: its tokens are dead */
	write_keys(f, arena_format(f->arena, "k9 %s ACTIVE 2000\n", old_hex));
	assert_soon(verify(f, token), ERR_TOKEN_INVALID);
}

/* Another process signs with it before this one has looked again. */
static void a_new_key_is_known_at_once(void **state)
{
	struct fixture *f = *state;
	struct token_keys *other = NULL;
	const char *token = NULL;

	assert_int_equal(verify(f, sign_good(f)), ERR_OK);
	write_keys(f, arena_format(f->arena,
			      "k9 %s ACTIVE 2000\nk1 %s RETIRED 1000 %lld\n",
			      old_hex, key_hex, (long long)now_ms + 1000));
	assert_int_equal(token_keys_open(f->arena, f->path, &other), ERR_OK);
	assert_int_equal(
		token_sign(other, f->arena, &policy, &good_claims, &token),
		ERR_OK);
	assert_int_equal(verify(f, token), ERR_OK);
	token_keys_close(&other);
}

static void a_lost_or_broken_key_file_fails_closed(void **state)
{
	struct fixture *f = *state;
	const char *token = sign_good(f);
	const char *out;

	assert_int_equal(verify(f, token), ERR_OK);
	assert_int_equal(unlink(f->path), 0);
	assert_soon(verify(f, token), ERR_UNAVAILABLE);
	assert_int_equal(
		token_sign(f->keys, f->arena, &policy, &good_claims, &out),
		ERR_UNAVAILABLE);
	write_keys(f, "rubbish\n");
	assert_int_equal(verify(f, token), ERR_UNAVAILABLE);
	write_keys(f, key_lines(f));
	assert_int_equal(verify(f, token), ERR_OK);
	assert_int_equal(chmod(f->path, 0640), 0);
	assert_soon(verify(f, token), ERR_UNAVAILABLE);
}

static void weak_and_broken_key_files_are_refused(void **state)
{
	static const char *const rows[] = {
		"",
		"\n\n",
		"# nothing\n",
		"k1 00 ACTIVE 1000\n",
		/* 31 bytes; odd; not hex; 65 bytes */
		"k1 d1a0c94b7e2f8350617c9ab4e3f25d886f017bca39e54d2091b8c6f7a3"
		"d40e ACTIVE 1000\n",
		"k1 d1a0c94b7e2f8350617c9ab4e3f25d886f017bca39e54d2091b8c6f7a3"
		"d40e5 ACTIVE 1000\n",
		"k1 g1a0c94b7e2f8350617c9ab4e3f25d886f017bca39e54d2091b8c6f7a3"
		"d40e5c ACTIVE 1000\n",
		/* all zero; counting; twice 16 bytes; text; RFC 7515 */
		"k1 00000000000000000000000000000000000000000000000000000000000"
		"00000 ACTIVE 1000\n",
		"k1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1"
		"d1e1f ACTIVE 1000\n",
		"k1 d1a0c94b7e2f8350617c9ab4e3f25d88d1a0c94b7e2f8350617c9ab4e3f"
		"25d88 ACTIVE 1000\n",
		"k1 796f75722d3235362d6269742d7365637265742d796f75722d3235362d6"
		"26974 ACTIVE 1000\n",
		"k1 0323354b2b0fa5bc837e0665777ba68f5ab328e6f054c928a90f84b2d25"
		"02ebf ACTIVE 1000\n",
		"k1 849b57219dae48de646d07dbb533566e976686457c1491be3a76dcea6c4"
		"27188 ACTIVE 1000\n",
		/* lines */
		"k1 d1a0c94b7e2f8350617c9ab4e3f25d886f017bca39e54d2091b8c6f7a3"
		"d40e5c RETIRED 1000 9000000000000\n",
		"k1 d1a0c94b7e2f8350617c9ab4e3f25d886f017bca39e54d2091b8c6f7a3"
		"d40e5c RETIRED 1000\n",
		"k1 d1a0c94b7e2f8350617c9ab4e3f25d886f017bca39e54d2091b8c6f7a3"
		"d40e5c ACTIVE 1000 2000\n",
		"k1 d1a0c94b7e2f8350617c9ab4e3f25d886f017bca39e54d2091b8c6f7a3"
		"d40e5c active 1000\n",
		"k1 d1a0c94b7e2f8350617c9ab4e3f25d886f017bca39e54d2091b8c6f7a3"
		"d40e5c ACTIVE soon\n",
		"k1 d1a0c94b7e2f8350617c9ab4e3f25d886f017bca39e54d2091b8c6f7a3"
		"d40e5c ACTIVE 1000 2000 3000\n",
		"K/1 d1a0c94b7e2f8350617c9ab4e3f25d886f017bca39e54d2091b8c6f7a3"
		"d40e5c ACTIVE 1000\n",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct token_keys *keys = NULL;

		write_keys(f, rows[i]);
		if (token_keys_open(f->arena, f->path, &keys) == ERR_OK)
			print_error("taken: %s", rows[i]);
		assert_null(keys);
	}
}

static void two_active_keys_or_one_id_twice_are_refused(void **state)
{
	struct fixture *f = *state;
	struct token_keys *keys = NULL;

	write_keys(f, arena_format(f->arena, "k1 %s ACTIVE 1\nk2 %s ACTIVE 2\n",
			      key_hex, old_hex));
	assert_int_equal(
		token_keys_open(f->arena, f->path, &keys), ERR_UNAVAILABLE);
	write_keys(
		f, arena_format(f->arena, "k1 %s ACTIVE 1\nk1 %s RETIRED 1 9\n",
			   key_hex, old_hex));
	assert_int_equal(
		token_keys_open(f->arena, f->path, &keys), ERR_UNAVAILABLE);
	assert_null(keys);
}

static void rotation_keeps_old_tokens_good_until_they_end(void **state)
{
	struct fixture *f = *state;
	struct auth_key_info *infos;
	size_t count;
	const char *folder = file_join(f->arena, f->folder, "keys");
	struct token_keys *keys;
	struct stat info;
	const char *before;
	struct token_claims claims;

	assert_int_equal(auth_keys_create(f->arena, folder, now_ms), ERR_OK);
	assert_int_equal(
		token_keys_open(f->arena,
			file_join(f->arena, folder, "token.keys"), &keys),
		ERR_OK);
	assert_int_equal(
		token_sign(keys, f->arena, &policy, &good_claims, &before),
		ERR_OK);
	assert_int_equal(
		auth_keys_rotate(f->arena, folder, now_ms, 1800), ERR_OK);
	/* a second set-up changes nothing */
	assert_int_equal(auth_keys_create(f->arena, folder, now_ms), ERR_OK);
	assert_soon(signs_otherwise(f, keys, before), true);
	assert_int_equal(
		token_verify(keys,
			&(const struct token_reading){.arena = f->arena,
				.policy = &policy,
				.now_ms = now_ms},
			before, strlen(before), &claims),
		ERR_OK);
	assert_int_equal(
		auth_keys_list(f->arena, folder, &infos, &count), ERR_OK);
	assert_int_equal(count, 3);
	assert_string_equal(infos[0].state, "retired");
	assert_string_equal(infos[1].state, "active");
	assert_string_equal(infos[2].purpose, "hash");
	/* once its last token has ended, the next rotation drops it */
	assert_int_equal(auth_keys_rotate(f->arena, folder,
				 now_ms + 1860 * 1000 + 1, 1800),
		ERR_OK);
	assert_int_equal(
		auth_keys_list(f->arena, folder, &infos, &count), ERR_OK);
	assert_int_equal(count, 3);
	assert_int_equal(
		stat(file_join(f->arena, folder, "token.keys"), &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	token_keys_close(&keys);
}

static void parallel_rotations_lose_nothing(void **state)
{
	struct fixture *f = *state;
	const char *folder = file_join(f->arena, f->folder, "keys");
	struct auth_key_info *infos;
	pid_t children[ROTATIONS];
	size_t count, active = 0;

	for (int i = 0; i < ROTATIONS; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0) {
			/* each makes what is not there yet */
			enum err err =
				auth_keys_create(f->arena, folder, now_ms);

			if (err == ERR_OK)
				err = auth_keys_rotate(
					f->arena, folder, now_ms, 1800);
			_exit(err == ERR_OK ? 0 : 1);
		}
	}
	for (int i = 0; i < ROTATIONS; i++) {
		int status;

		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	assert_int_equal(
		auth_keys_list(f->arena, folder, &infos, &count), ERR_OK);
	/* the first one, one for each rotation, and the one for hashes */
	assert_int_equal(count, 1 + ROTATIONS + 1);
	for (size_t i = 0; i < count - 1; i++)
		active += text_equal(infos[i].state, "active");
	assert_int_equal(active, 1);
}

/* ---- tokens found good before ------------------------------------------ */

/* Its times are asked again whenever it is used. */
static void a_known_token_still_ends(void **state)
{
	struct fixture *f = *state;
	const char *token = sign_good(f);
	const int64_t end = good_claims.expires * 1000;

	assert_int_equal(verify_at(f, token, end - 1), ERR_OK);
	assert_int_equal(verify_at(f, token, end - 1), ERR_OK);
	assert_int_equal(verify_at(f, token, end), ERR_TOKEN_INVALID);
	/* a clock before it was made */
	assert_int_equal(
		verify_at(f, token, now_ms - 60000), ERR_TOKEN_INVALID);
	assert_int_equal(verify_at(f, token, -1), ERR_UNAVAILABLE);
	assert_int_equal(verify_at(f, token, now_ms), ERR_OK);
}

/* The whole token is compared: one that shares all but a byte is not it. */
static void a_known_token_helps_no_other(void **state)
{
	struct fixture *f = *state;
	const char *token = sign_good(f);
	const size_t len = strlen(token);
	char *text = arena_copy(f->arena, token, len);

	assert_int_equal(verify(f, token), ERR_OK);
	for (size_t i = 0; i < len; i++) {
		char was = text[i];

		text[i] = was == 'A' ? 'B' : 'A';
		assert_int_equal(verify(f, text), ERR_TOKEN_INVALID);
		text[i] = was;
	}
	assert_int_equal(verify_len(f, token, len - 1), ERR_TOKEN_INVALID);
	assert_int_equal(verify(f, text), ERR_OK);
}

/* Found good for one audience says nothing about another. */
static void a_known_token_is_known_under_its_policy(void **state)
{
	struct fixture *f = *state;
	const char *token = sign_good(f);
	const struct token_policy other = {
		.issuer = "here", .audience = "other", .ttl_s = 1800};
	struct token_claims claims;

	assert_int_equal(verify(f, token), ERR_OK);
	assert_int_equal(
		token_verify(f->keys,
			&(const struct token_reading){.arena = f->arena,
				.policy = &other,
				.now_ms = now_ms},
			token, strlen(token), &claims),
		ERR_TOKEN_INVALID);
}

/* More than the table holds: each is still judged rightly. */
static void many_tokens_push_each_other_out(void **state)
{
	struct fixture *f = *state;
	struct token_claims claims = good_claims;
	const char *tokens[1500];

	for (size_t i = 0; i < 1500; i++) {
		claims.jti = id_new(f->arena, now_ms);
		assert_int_equal(token_sign(f->keys, f->arena, &policy, &claims,
					 &tokens[i]),
			ERR_OK);
	}
	for (size_t round = 0; round < 2; round++)
		for (size_t i = 0; i < 1500; i++)
			assert_int_equal(verify(f, tokens[i]), ERR_OK);
}

/* ---- JWT_SECRET_KEY ----------------------------------------------------- */

static const char random_secret[] = "hT7vQ2mZx9Lr4KpW8nYd3BfGs6Jc1Re0";

static enum err secret_keys(
	struct fixture *f, const char *secret, struct token_keys **out)
{
	const char *fault = NULL;
	enum err err = token_keys_of_secret(f->arena, secret, &fault, out);

	if (err != ERR_OK) {
		assert_non_null(fault);
		assert_null(strstr(fault, secret));
	}
	return err;
}

static void a_given_secret_signs_and_verifies(void **state)
{
	struct fixture *f = *state;
	struct token_keys *one = NULL, *same = NULL, *other = NULL;
	const struct token_reading reading = {
		.arena = f->arena, .policy = &policy, .now_ms = now_ms};
	struct token_claims claims;
	const char *token;

	assert_int_equal(secret_keys(f, random_secret, &one), ERR_OK);
	assert_int_equal(secret_keys(f, random_secret, &same), ERR_OK);
	assert_int_equal(
		secret_keys(f, "9f1c3a7e5b2d8046f1e2d3c4b5a69788", &other),
		ERR_OK);
	assert_int_equal(
		token_sign(one, f->arena, &policy, &good_claims, &token),
		ERR_OK);
	assert_int_equal(
		token_verify(same, &reading, token, strlen(token), &claims),
		ERR_OK);
	assert_string_equal(claims.user_id, SUB);
	assert_int_equal(
		token_verify(other, &reading, token, strlen(token), &claims),
		ERR_TOKEN_INVALID);
	assert_int_equal(verify(f, token), ERR_TOKEN_INVALID);
	token_keys_close(&one);
	token_keys_close(&same);
	token_keys_close(&other);
}

static void weak_secrets_are_refused(void **state)
{
	static const char *const rows[] = {
		"",
		"short",
		"hT7vQ2mZx9Lr4KpW8nYd3BfGs6Jc1Re", /* 31 */
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"abababababababababababababababab",
		"hT7vQ2mZhT7vQ2mZhT7vQ2mZhT7vQ2mZ",
		"abcdefghijklmnopqrstuvwxyz012345",
		"a-string-secret-at-least-256-bits-long",
		"please-CHANGE-ME-before-production-use",
		"your-256-bit-key-goes-in-this-place",
		"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN"
		"3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct token_keys *keys = NULL;
		const char *fault = NULL;

		if (token_keys_of_secret(f->arena, rows[i], &fault, &keys) ==
			ERR_OK)
			print_error("taken: %s\n", rows[i]);
		assert_null(keys);
		assert_non_null(fault);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_retired_key_verifies_until_its_end),
		TEST(a_changed_key_file_is_seen_soon),
		TEST(a_new_key_is_known_at_once),
		TEST(a_lost_or_broken_key_file_fails_closed),
		TEST(weak_and_broken_key_files_are_refused),
		TEST(two_active_keys_or_one_id_twice_are_refused),
		TEST(rotation_keeps_old_tokens_good_until_they_end),
		TEST(parallel_rotations_lose_nothing),
		TEST(a_known_token_still_ends),
		TEST(a_known_token_helps_no_other),
		TEST(a_known_token_is_known_under_its_policy),
		TEST(many_tokens_push_each_other_out),
		TEST(a_given_secret_signs_and_verifies),
		TEST(weak_secrets_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
