/*
 * Sealing and opening: what comes back, what does not open, and which key
 * files are refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/stat.h>

#include "folder.h"
#include "secret.h"
#include "text.h"
#include "vault.h"
#include "vault_keys.h"

struct vault_world {
	struct arena *arena;
	const char *folder;
	struct vault *vault;
	struct vault_keys *keys;
};

static const struct vault_place place = {
	.user_id = "alice",
	.table = "user_secrets",
	.column = "sealed",
	.row_id = "binance_secret",
};

static int setup(void **state)
{
	struct vault_world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->arena = arena_open(8 << 20);
	w->folder = folder_open(w->arena);
	assert_int_equal(vault_keys_create(w->arena, w->folder), ERR_OK);
	assert_int_equal(vault_open(w->arena, w->folder, &w->vault), ERR_OK);
	assert_int_equal(
		vault_keys_open(w->arena, w->folder, &w->keys), ERR_OK);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct vault_world *w = *state;

	vault_keys_close(&w->keys);
	vault_close(&w->vault);
	folder_walk(w->folder, 1);
	arena_close(&w->arena);
	free(w);
	return 0;
}

static struct bytes seal(struct vault_world *w, const char *value)
{
	struct bytes record = {0};

	assert_int_equal(
		vault_seal(w->vault, w->arena, &place, value, &record), ERR_OK);
	return record;
}

static enum err unseal(struct vault_world *w, const struct vault_place *where,
	struct bytes record, char **out)
{
	struct vault_value value;
	enum err err = vault_unseal(w->keys, w->arena, where, record, &value);

	if (err == ERR_OK) {
		assert_int_equal(value.len, strlen(value.text));
		*out = value.text;
	}
	return err;
}

/* ---- records ----------------------------------------------------------- */

static void test_values_come_back(void **state)
{
	struct vault_world *w = *state;
	char *longest = arena_alloc(w->arena, VAULT_VALUE_LIMIT + 1);
	const char *const values[] = {"", "a", "ключ \x01 'x'", longest};

	memset(longest, 'k', VAULT_VALUE_LIMIT);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		char *opened = NULL;
		assert_int_equal(
			unseal(w, &place, seal(w, values[i]), &opened), ERR_OK);
		assert_string_equal(opened, values[i]);
	}
}

static void test_records_differ_each_time(void **state)
{
	struct vault_world *w = *state;
	struct bytes a = seal(w, "same");
	struct bytes b = seal(w, "same");

	assert_int_equal(a.len, b.len);
	assert_memory_not_equal(a.data + 9, b.data + 9, a.len - 9);
	assert_null(memmem(a.data, a.len, "same", 4));
}

static void test_too_long_is_refused(void **state)
{
	struct vault_world *w = *state;
	char *value = arena_alloc(w->arena, VAULT_VALUE_LIMIT + 2);
	struct vault_place far = place;
	struct bytes record = {0};

	memset(value, 'k', VAULT_VALUE_LIMIT + 1);
	assert_int_equal(vault_seal(w->vault, w->arena, &place, value, &record),
		ERR_BAD_INPUT);
	far.row_id = value;
	assert_int_equal(vault_seal(w->vault, w->arena, &far, "x", &record),
		ERR_BAD_INPUT);
	far.row_id = NULL;
	assert_int_equal(vault_seal(w->vault, w->arena, &far, "x", &record),
		ERR_BAD_INPUT);
	assert_null(record.data);
}

static void test_moved_records_do_not_open(void **state)
{
	static const struct vault_place places[] = {
		{"bob", "user_secrets", "sealed", "binance_secret"},
		{"alice", "other", "sealed", "binance_secret"},
		{"alice", "user_secrets", "other", "binance_secret"},
		{"alice", "user_secrets", "sealed", "binance_api_key"},
		/* the same letters with other borders */
		{"aliceuser", "_secrets", "sealed", "binance_secret"},
		{"alice", "user_secrets", "sealedbinance_secre", "t"},
		{"alice", "user_secrets", "sealed", "binance_secretv"},
		{"alice", "user_secrets", "sealed", ""},
		{NULL, "user_secrets", "sealed", "binance_secret"},
	};
	struct vault_world *w = *state;
	struct bytes record = seal(w, "value");
	char *opened = NULL;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		assert_int_equal(
			unseal(w, &places[i], record, &opened), ERR_BAD_INPUT);
	assert_null(opened);
}

static void test_every_changed_byte_is_noticed(void **state)
{
	struct vault_world *w = *state;
	struct bytes record = seal(w, "value");
	char *opened = NULL;

	for (size_t i = 0; i < record.len; i++) {
		unsigned char *bytes =
			(void *)arena_copy(w->arena, record.data, record.len);
		bytes[i] ^= 1;
		assert_int_equal(
			unseal(w, &place, (struct bytes){bytes, record.len},
				&opened),
			ERR_BAD_INPUT);
	}
	for (size_t len = 0; len < record.len; len++)
		assert_int_equal(
			unseal(w, &place, (struct bytes){record.data, len},
				&opened),
			ERR_BAD_INPUT);
	assert_null(opened);
}

static void test_record_names_its_key(void **state)
{
	struct vault_world *w = *state;
	struct bytes record = seal(w, "value");
	char id[VAULT_KEY_ID_ROOM] = "";
	const char *active = NULL;

	assert_int_equal(vault_active_key(w->vault, &active), ERR_OK);
	assert_int_equal(vault_record_key(record, id), ERR_OK);
	assert_string_equal(id, active);
	assert_int_equal(strlen(id), VAULT_KEY_ID_ROOM - 1);
	assert_int_equal(vault_record_key((struct bytes){record.data, 9}, id),
		ERR_BAD_INPUT);
	unsigned char *newer =
		(void *)arena_copy(w->arena, record.data, record.len);
	newer[0] = 2;
	assert_int_equal(
		vault_record_key((struct bytes){newer, record.len}, id),
		ERR_BAD_INPUT);
}

/* ---- key files --------------------------------------------------------- */

static const char *path_of(const struct vault_world *w, const char *name)
{
	return file_join(w->arena, w->folder, name);
}

static const char *text_of(const struct vault_world *w, const char *name)
{
	char *text = NULL;
	size_t len = 0;

	assert_int_equal(
		file_read(w->arena, path_of(w, name), 65536, &text, &len),
		ERR_OK);
	return text;
}

static void test_modes(void **state)
{
	struct vault_world *w = *state;
	struct stat info;

	assert_int_equal(stat(path_of(w, "vault.pub"), &info), 0);
	assert_int_equal(info.st_mode & 0777, 0644);
	assert_int_equal(stat(path_of(w, "vault.keys"), &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
}

static void test_creating_again_keeps_the_keys(void **state)
{
	struct vault_world *w = *state;
	const char *keys = text_of(w, "vault.keys");
	const char *public = text_of(w, "vault.pub");

	assert_int_equal(vault_keys_create(w->arena, w->folder), ERR_OK);
	assert_string_equal(text_of(w, "vault.keys"), keys);
	assert_string_equal(text_of(w, "vault.pub"), public);
}

static void test_public_half_is_made_from_the_private(void **state)
{
	struct vault_world *w = *state;
	const char *public = text_of(w, "vault.pub");

	assert_int_equal(unlink(path_of(w, "vault.pub")), 0);
	assert_int_equal(vault_keys_create(w->arena, w->folder), ERR_OK);
	assert_string_equal(text_of(w, "vault.pub"), public);
}

static void test_no_new_keys_beside_an_old_public_half(void **state)
{
	struct vault_world *w = *state;

	assert_int_equal(unlink(path_of(w, "vault.keys")), 0);
	assert_int_equal(vault_keys_create(w->arena, w->folder), ERR_CONFLICT);
	assert_int_equal(access(path_of(w, "vault.keys"), F_OK), -1);
}

static void test_readable_keys_are_refused(void **state)
{
	static const mode_t modes[] = {0640, 0604, 0660, 0644, 0620};
	struct vault_world *w = *state;
	struct vault_keys *keys = NULL;

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		assert_int_equal(chmod(path_of(w, "vault.keys"), modes[i]), 0);
		assert_int_equal(vault_keys_open(w->arena, w->folder, &keys),
			ERR_UNAVAILABLE);
		assert_int_equal(vault_keys_rotate(w->arena, w->folder),
			ERR_UNAVAILABLE);
	}
	assert_null(keys);
}

/* Who can write the public half reads what is sealed from then on. */
static void test_writable_public_half_is_refused(void **state)
{
	static const mode_t modes[] = {0664, 0646, 0666, 0620, 0602};
	struct vault_world *w = *state;
	const char *path = path_of(w, "vault.pub");
	struct bytes record = {0};
	struct vault *vault = NULL;
	struct vault_key_info *list = NULL;
	size_t count = 0;

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		assert_int_equal(chmod(path, modes[i]), 0);
		assert_int_equal(vault_open(w->arena, w->folder, &vault),
			ERR_UNAVAILABLE);
		assert_int_equal(
			vault_seal(w->vault, w->arena, &place, "v", &record),
			ERR_UNAVAILABLE);
		assert_int_equal(
			vault_keys_list(w->arena, w->folder, &list, &count),
			ERR_UNAVAILABLE);
	}
	assert_int_equal(chmod(path, 0644), 0);
	seal(w, "v");
}

static void test_missing_files(void **state)
{
	struct vault_world *w = *state;
	struct vault_keys *keys = NULL;
	struct vault *vault = NULL;
	struct vault_key_info *list = NULL;
	size_t count = 0;

	assert_int_equal(unlink(path_of(w, "vault.pub")), 0);
	assert_int_equal(unlink(path_of(w, "vault.keys")), 0);
	assert_int_equal(
		vault_open(w->arena, w->folder, &vault), ERR_UNAVAILABLE);
	assert_int_equal(
		vault_keys_open(w->arena, w->folder, &keys), ERR_UNAVAILABLE);
	assert_int_equal(vault_keys_list(w->arena, w->folder, &list, &count),
		ERR_UNAVAILABLE);
	assert_int_equal(
		vault_keys_rotate(w->arena, w->folder), ERR_UNAVAILABLE);
	assert_int_equal(vault_keys_create(w->arena, path_of(w, "none")),
		ERR_UNAVAILABLE);
	assert_null(vault);
	assert_null(keys);
}

/* Changes of the one good line (16 digits, 64 digits, the state). */
static void test_broken_lines_are_refused(void **state)
{
	struct vault_world *w = *state;
	const char *names[] = {"vault.pub", "vault.keys"};

	for (size_t n = 0; n < 2; n++) {
		const char *good = text_of(w, names[n]);
		char *id = arena_copy(w->arena, good, 16);
		char *other = arena_text(w->arena, good);
		other[0] = other[0] == '0' ? '1' : '0';
		char *key = arena_text(w->arena, good);
		key[40] = key[40] == '0' ? '1' : '0';
		const char *const bad[] = {"", "\n", id,
			arena_copy(w->arena, good, strlen(good) - 1),
			arena_format(w->arena, "%s\n", good),
			arena_format(w->arena, " %s", good),
			arena_format(w->arena, "%s%s", good, good),
			arena_format(w->arena, "%s%s", good, other), other, key,
			arena_format(w->arena, "%.82sRETIRED\n", good),
			arena_format(w->arena, "%.82sactive\n", good),
			arena_format(w->arena, "%.82sACTIVE\r\n", good),
			arena_format(w->arena, "%.80s ACTIVE\n", good)};
		for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
			struct vault *vault = NULL;
			struct vault_keys *keys = NULL;
			folder_put(w->arena, w->folder, names[n], bad[i]);
			enum err err =
				n == 0 ? vault_open(w->arena, w->folder, &vault)
				       : vault_keys_open(
						 w->arena, w->folder, &keys);
			assert_int_equal(err, ERR_UNAVAILABLE);
		}
		folder_put(w->arena, w->folder, names[n], good);
	}
}

static void test_list(void **state)
{
	struct vault_world *w = *state;
	struct vault_key_info *list = NULL;
	const char *active = NULL;
	size_t count = 0;

	assert_int_equal(
		vault_keys_list(w->arena, w->folder, &list, &count), ERR_OK);
	assert_int_equal(count, 1);
	assert_int_equal(vault_active_key(w->vault, &active), ERR_OK);
	assert_string_equal(list[0].id, active);
	assert_string_equal(list[0].state, "active");
}

#define VAULT_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		VAULT_TEST(test_values_come_back),
		VAULT_TEST(test_records_differ_each_time),
		VAULT_TEST(test_too_long_is_refused),
		VAULT_TEST(test_moved_records_do_not_open),
		VAULT_TEST(test_every_changed_byte_is_noticed),
		VAULT_TEST(test_record_names_its_key),
		VAULT_TEST(test_modes),
		VAULT_TEST(test_creating_again_keeps_the_keys),
		VAULT_TEST(test_public_half_is_made_from_the_private),
		VAULT_TEST(test_no_new_keys_beside_an_old_public_half),
		VAULT_TEST(test_readable_keys_are_refused),
		VAULT_TEST(test_writable_public_half_is_refused),
		VAULT_TEST(test_missing_files),
		VAULT_TEST(test_broken_lines_are_refused),
		VAULT_TEST(test_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
