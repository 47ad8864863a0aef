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

static void a_changed_key_file_is_seen_at_once(void **state)
{
	struct fixture *f = *state;
	const char *token = sign_good(f);

	write_keys(f, arena_format(f->arena,
			      "k9 %s ACTIVE 2000\nk1 %s RETIRED 1000 %lld\n",
			      old_hex, key_hex, (long long)now_ms + 1000));
	assert_int_equal(verify(f, token), ERR_OK);
	assert_int_equal(verify(f, sign_good(f)), ERR_OK);
	assert_string_not_equal(token, sign_good(f));
	/* the old key is taken out: its tokens are dead */
	write_keys(f, arena_format(f->arena, "k9 %s ACTIVE 2000\n", old_hex));
	assert_int_equal(verify(f, token), ERR_TOKEN_INVALID);
}

static void a_lost_or_broken_key_file_fails_closed(void **state)
{
	struct fixture *f = *state;
	const char *token = sign_good(f);
	const char *out;

	assert_int_equal(unlink(f->path), 0);
	assert_int_equal(verify(f, token), ERR_UNAVAILABLE);
	assert_int_equal(
		token_sign(f->keys, f->arena, &policy, &good_claims, &out),
		ERR_UNAVAILABLE);
	write_keys(f, "rubbish\n");
	assert_int_equal(verify(f, token), ERR_UNAVAILABLE);
	write_keys(f, key_lines(f));
	assert_int_equal(verify(f, token), ERR_OK);
	assert_int_equal(chmod(f->path, 0640), 0);
	assert_int_equal(verify(f, token), ERR_UNAVAILABLE);
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
	const char *before, *after;
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
	assert_int_equal(
		token_sign(keys, f->arena, &policy, &good_claims, &after),
		ERR_OK);
	assert_string_not_equal(before, after);
	assert_int_equal(token_verify(keys,
				 &(const struct token_reading){
					 f->arena, &policy, now_ms},
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_retired_key_verifies_until_its_end),
		TEST(a_changed_key_file_is_seen_at_once),
		TEST(a_lost_or_broken_key_file_fails_closed),
		TEST(weak_and_broken_key_files_are_refused),
		TEST(two_active_keys_or_one_id_twice_are_refused),
		TEST(rotation_keeps_old_tokens_good_until_they_end),
		TEST(parallel_rotations_lose_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
