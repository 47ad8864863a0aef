/*
 * Files: whole or not at all, never more than asked, keys for their owner
 * alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/stat.h>

#include "arena.h"
#include "folder.h"

struct fixture {
	struct arena *arena;
	const char *folder;
};

static int open_fixture(void **state)
{
	static struct fixture fixture;

	fixture.arena = arena_open(16 * 1024 * 1024);
	fixture.folder = folder_open(fixture.arena);
	*state = &fixture;
	return 0;
}

static int close_fixture(void **state)
{
	struct fixture *fixture = *state;

	folder_walk(fixture->folder, 1);
	arena_close(&fixture->arena);
	return 0;
}

static const char *path_of(struct fixture *fixture, const char *name)
{
	return file_join(fixture->arena, fixture->folder, name);
}

static unsigned mode_of(const char *path)
{
	struct stat info;

	assert_int_equal(stat(path, &info), 0);
	return info.st_mode & 07777;
}

static void what_was_written_is_read(void **state)
{
	static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 100000};
	struct fixture *fixture = *state;
	const char *path = path_of(fixture, "f");
	char *bytes = arena_alloc(fixture->arena, 100000);

	for (size_t i = 0; i < 100000; i++)
		bytes[i] = (char)(i * 31 + i / 256);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char *out;
		size_t len;

		assert_int_equal(
			file_write(path, bytes, sizes[i], 0600), ERR_OK);
		assert_int_equal(
			file_read(fixture->arena, path, 100000, &out, &len),
			ERR_OK);
		assert_int_equal(len, sizes[i]);
		assert_memory_equal(out, bytes, len);
		assert_int_equal(out[len], '\0');
	}
}

static void writing_leaves_one_file_with_its_mode(void **state)
{
	struct fixture *fixture = *state;
	const char *path = path_of(fixture, "f");

	assert_int_equal(file_write(path, "one", 3, 0640), ERR_OK);
	assert_int_equal(mode_of(path), 0640);
	assert_int_equal(file_write(path, "two", 3, 0600), ERR_OK);
	assert_int_equal(mode_of(path), 0600);
	assert_int_equal(folder_walk(fixture->folder, 0), 1);
}

static void a_failed_write_leaves_nothing_behind(void **state)
{
	struct fixture *fixture = *state;
	const char *folder = path_of(fixture, "taken");

	assert_int_equal(file_folder(folder, 0700), ERR_OK);
	assert_int_equal(file_write(folder, "x", 1, 0600), ERR_UNAVAILABLE);
	assert_int_equal(folder_walk(fixture->folder, 0), 1);
	assert_int_equal(file_write(path_of(fixture, "none/f"), "x", 1, 0600),
		ERR_NOT_FOUND);
}

static void a_longer_file_than_allowed_is_refused(void **state)
{
	struct fixture *fixture = *state;
	const char *path =
		folder_put(fixture->arena, fixture->folder, "f", "12345");
	char *out = NULL;
	size_t len = 42;

	assert_int_equal(
		file_read(fixture->arena, path, 4, &out, &len), ERR_TOO_LARGE);
	assert_null(out);
	assert_int_equal(len, 42);
	assert_int_equal(
		file_read(fixture->arena, path, 5, &out, &len), ERR_OK);
	assert_int_equal(len, 5);
}

static void a_stream_without_end_stops_at_the_maximum(void **state)
{
	struct fixture *fixture = *state;
	char *out;
	size_t len;

	assert_int_equal(
		file_read(fixture->arena, "/dev/zero", 10000, &out, &len),
		ERR_TOO_LARGE);
	assert_int_equal(
		file_read(fixture->arena, "/dev/null", 10000, &out, &len),
		ERR_OK);
	assert_int_equal(len, 0);
}

static void missing_files_and_folders_are_told_apart(void **state)
{
	struct fixture *fixture = *state;
	char *out;
	size_t len;

	assert_int_equal(file_read(fixture->arena, path_of(fixture, "none"), 10,
				 &out, &len),
		ERR_NOT_FOUND);
	assert_int_equal(
		file_read(fixture->arena, fixture->folder, 10, &out, &len),
		ERR_BAD_INPUT);
}

static void keys_must_be_for_the_owner_alone(void **state)
{
	static const struct {
		unsigned mode;
		enum err err;
	} rows[] = {
		{0600, ERR_OK},
		{0400, ERR_OK},
		{0640, ERR_BAD_INPUT},
		{0604, ERR_BAD_INPUT},
		{0620, ERR_BAD_INPUT},
		{0601, ERR_BAD_INPUT},
		{0644, ERR_BAD_INPUT},
	};
	struct fixture *fixture = *state;
	const char *path = path_of(fixture, "key");
	char *out;
	size_t len;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
			file_write(path, "key", 3, rows[i].mode), ERR_OK);
		assert_int_equal(file_read_private(
					 fixture->arena, path, 100, &out, &len),
			rows[i].err);
	}
	assert_int_equal(
		file_read_private(fixture->arena, "/dev/null", 100, &out, &len),
		ERR_BAD_INPUT);
}

static void a_file_that_others_may_write_is_not_trusted(void **state)
{
	static const struct {
		unsigned mode;
		enum err err;
	} rows[] = {
		{0600, ERR_OK},
		{0644, ERR_OK},
		{0444, ERR_OK},
		{0664, ERR_BAD_INPUT},
		{0646, ERR_BAD_INPUT},
		{0620, ERR_BAD_INPUT},
	};
	struct fixture *fixture = *state;
	const char *path = path_of(fixture, "public");
	char *out;
	size_t len;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
			file_write(path, "key", 3, rows[i].mode), ERR_OK);
		assert_int_equal(file_read_trusted(
					 fixture->arena, path, 100, &out, &len),
			rows[i].err);
	}
	assert_int_equal(
		file_read_trusted(fixture->arena, "/dev/null", 100, &out, &len),
		ERR_BAD_INPUT);
}

/* Only root can make such a file. */
static void another_owners_file_is_not_trusted(void **state)
{
	struct fixture *fixture = *state;
	const char *path =
		folder_put(fixture->arena, fixture->folder, "public", "key");
	char *out;
	size_t len;

	if (geteuid() != 0)
		skip();
	assert_int_equal(
		file_read_trusted(fixture->arena, path, 100, &out, &len),
		ERR_OK);
	assert_int_equal(chown(path, 65534, 0), 0);
	assert_int_equal(
		file_read_trusted(fixture->arena, path, 100, &out, &len),
		ERR_BAD_INPUT);
	/* in a folder of the same owner it is as good as the folder */
	assert_int_equal(chown(fixture->folder, 65534, 0), 0);
	assert_int_equal(
		file_read_trusted(fixture->arena, path, 100, &out, &len),
		ERR_OK);
	assert_int_equal(chown(fixture->folder, 0, 0), 0);
}

static void folders_are_made_once(void **state)
{
	struct fixture *fixture = *state;
	const char *path = path_of(fixture, "keys");

	assert_int_equal(file_folder(path, 0700), ERR_OK);
	assert_int_equal(mode_of(path), 0700);
	assert_int_equal(file_folder(path, 0700), ERR_OK);
	assert_int_equal(
		file_folder(path_of(fixture, "a/b"), 0700), ERR_NOT_FOUND);
	assert_int_equal(file_folder(folder_put(fixture->arena, fixture->folder,
					     "f", "x"),
				 0700),
		ERR_CONFLICT);
}

static void paths_are_joined_with_one_slash(void **state)
{
	struct fixture *fixture = *state;

	assert_string_equal(file_join(fixture->arena, "a", "b"), "a/b");
	assert_string_equal(file_join(fixture->arena, "a/", "b"), "a/b");
	assert_string_equal(file_join(fixture->arena, "/", "b"), "/b");
	assert_string_equal(file_join(fixture->arena, "", "b"), "b");
}

int main(void)
{
#define CASE(test) \
	cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)
	const struct CMUnitTest tests[] = {
		CASE(what_was_written_is_read),
		CASE(writing_leaves_one_file_with_its_mode),
		CASE(a_failed_write_leaves_nothing_behind),
		CASE(a_longer_file_than_allowed_is_refused),
		CASE(a_stream_without_end_stops_at_the_maximum),
		CASE(missing_files_and_folders_are_told_apart),
		CASE(keys_must_be_for_the_owner_alone),
		CASE(a_file_that_others_may_write_is_not_trusted),
		CASE(another_owners_file_is_not_trusted),
		CASE(folders_are_made_once),
		CASE(paths_are_joined_with_one_slash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
