/*
 * The cap on hashes at once: over processes, given back by the dead, told at
 * once, and before anything is charged.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "auth_fixture.h"

enum {
	SLOTS = 2
};

static const char failures_sql[] =
	"SELECT coalesce(sum(failures), 0) FROM login_failures";

static int with_slots(void **state)
{
	int failed = fixture_open(state);
	struct fixture *f = *state;

	fixture_user(f, "Alice", AUTH_ROLE_USER);
	f->settings.run_folder = arena_format(f->arena, "%s/run", f->folder);
	f->settings.hashes_at_once = SLOTS;
	auth_close(&f->auth);
	fixture_auth_open(f);
	return failed;
}

static bool take(int fd, int slot)
{
	struct flock byte = {.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = slot,
		.l_len = 1};

	return fcntl(fd, F_OFD_SETLK, &byte) == 0;
}

/* A process that hashes for ever in that slot; it says when it has it. */
static pid_t hold(struct fixture *f, int slot)
{
	const char *path =
		arena_format(f->arena, "%s/run/hash.slots", f->folder);
	char ready = 0;
	int ends[2];
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		/* whatever becomes of the test */
		int bound = prctl(PR_SET_PDEATHSIG, SIGKILL);
		int fd = open(path, O_RDWR | O_CLOEXEC);

		if (bound != 0 || fd < 0 || !take(fd, slot) ||
			write(ends[1], "+", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &ready, 1), 1);
	close(ends[0]);
	return child;
}

static void let_go(pid_t child)
{
	int status;

	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
}

static enum err sign_in(struct fixture *f)
{
	struct token_pair pair;

	return fixture_try_login(f, "alice", good_password, &pair);
}

static void one_too_many_is_told_at_once(void **state)
{
	struct fixture *f = *state;
	pid_t first = hold(f, 0), second;
	const struct user_new carol = {
		.username = "carol", .password = good_password};
	struct user_view view;

	assert_int_equal(sign_in(f), ERR_OK);
	second = hold(f, 1);
	assert_int_equal(sign_in(f), ERR_UNAVAILABLE);
	assert_int_equal(f->call.report->retry_after_s, 1);
	assert_string_equal(f->call.report->event, "auth.hash.busy");
	/* nothing was charged for it */
	assert_int_equal(fixture_number(f, failures_sql), 0);
	assert_int_equal(
		account_register(f->auth, fixture_call(f), &carol, &view),
		ERR_UNAVAILABLE);
	let_go(first);
	/* killed in the middle: its slot is free */
	assert_int_equal(sign_in(f), ERR_OK);
	assert_int_equal(
		account_register(f->auth, fixture_call(f), &carol, &view),
		ERR_OK);
	let_go(second);
}

/* Who waits after failures is told so even when no slot is free. */
static void limits_come_first(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair;
	pid_t children[SLOTS];

	for (int i = 0; i < f->settings.login_free_failures; i++)
		assert_int_equal(
			fixture_try_login(f, "alice", bad_password, &pair),
			ERR_BAD_CREDENTIALS);
	for (int i = 0; i < SLOTS; i++)
		children[i] = hold(f, i);
	assert_int_equal(sign_in(f), ERR_RATE_LIMITED);
	for (int i = 0; i < SLOTS; i++)
		let_go(children[i]);
}

static void a_slot_is_given_back_whatever_comes(void **state)
{
	struct fixture *f = *state;
	pid_t child = hold(f, 0);
	struct token_pair pair;

	/* more often than there are slots */
	for (int i = 0; i < SLOTS; i++) {
		assert_int_equal(
			fixture_try_login(f, "alice", bad_password, &pair),
			ERR_BAD_CREDENTIALS);
		assert_int_equal(
			fixture_try_login(f, "nobody", bad_password, &pair),
			ERR_BAD_CREDENTIALS);
	}
	assert_int_equal(sign_in(f), ERR_OK);
	let_go(child);
}

static void a_folder_that_cannot_be_is_said(void **state)
{
	struct fixture *f = *state;
	struct auth *auth = NULL;

	f->settings.run_folder =
		arena_format(f->arena, "%s/kontor.db", f->folder);
	assert_int_equal(auth_open(f->arena, f->db, &f->settings,
				 fixture_call(f)->report, &auth),
		ERR_UNAVAILABLE);
	assert_null(auth);
	assert_non_null(strstr(f->call.report->detail, "hash.slots"));
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, with_slots, fixture_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_too_many_is_told_at_once),
		TEST(limits_come_first),
		TEST(a_slot_is_given_back_whatever_comes),
		TEST(a_folder_that_cannot_be_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
