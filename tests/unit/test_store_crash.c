/*
 * The local store's file: workers killed at any moment, files that are
 * broken, of another layout, not ours, gone; and a store that is full.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#include "store_kit.h"

static int set_up(void **state)
{
	struct kit *kit = malloc(sizeof(*kit));

	assert_non_null(kit);
	kit_init(kit);
	*state = kit;
	return 0;
}

static int tear_down(void **state)
{
	struct kit *kit = *state;

	kit_release(kit);
	free(kit);
	return 0;
}

static struct store *open_local(struct kit *kit)
{
	const struct store_options options = kit_options(kit);

	return kit_open(kit, &options);
}

static enum err open_fails(struct kit *kit, const char *path, int64_t bytes)
{
	const struct store_options options = {
		.local_path = path, .local_bytes = bytes};
	struct report *report = report_open(kit->arena);
	struct store *store;
	enum err err = store_open(kit->arena, &options, report, &store);

	if (!err)
		store_close(&store);
	else
		assert_non_null(report->detail);
	return err;
}

static bool take_one(struct store *store, const char *subject)
{
	const struct store_window window = {.rule = "r",
		.subject = subject,
		.limit = 5,
		.window_ms = 60000};
	const struct store_windows windows = {.at = &window, .count = 1};
	struct store_taken taken;

	assert_int_equal(store_take(store, KIT_NOW, &windows, &taken), ERR_OK);
	return taken.allowed;
}

/* ---- killed ---------------------------------------------------------------- */

/* What the children and their parent share. */
struct shared {
	_Atomic int64_t done; /* numbers added for sure */
	_Atomic int64_t begun;
};

static void work_until_killed(struct kit *kit, struct shared *shared, int n)
{
	struct store *store = open_local(kit);
	struct arena *arena = arena_open(16 * KIT_MIB);
	char bytes[6000];

	memset(bytes, 'x', sizeof(bytes));
	for (unsigned i = 0;; i++) {
		const struct store_entry number = {
			.key = "n", .life_ms = 1000000};
		const struct store_entry value = {
			.key = arena_format(arena, "v%u.%d", i % 300, n),
			.bytes = bytes,
			.len = i * 37 % sizeof(bytes),
			.life_ms = 1000000};
		const struct store_tags tags = {.names = {"t"}, .count = 1};
		int64_t sum;

		atomic_fetch_add(&shared->begun, 1);
		if (store_add(store, KIT_NOW, &number, 1, &sum))
			_exit(1);
		atomic_fetch_add(&shared->done, 1);
		if (store_put(store, KIT_NOW + i, &value) ||
			store_hold(store, KIT_NOW, &tags, 100) ||
			store_release(store, KIT_NOW, &tags))
			_exit(2);
		arena_reset(arena);
	}
}

static pid_t worker_start(struct kit *kit, struct shared *shared, int n)
{
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		work_until_killed(kit, shared, n);
	}
	return child;
}

static void worker_kill(pid_t child)
{
	int status;

	(void)kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	/* it had not ended by itself, with an error */
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

/* Until the workers have done that many more. */
static void wait_for(struct shared *shared, int64_t more)
{
	int64_t goal = atomic_load(&shared->done) + more;
	int64_t end = kit_ms() + KIT_PATIENCE_MS;

	while (atomic_load(&shared->done) < goal) {
		assert_true(kit_ms() < end); /* somebody is stuck */
		(void)usleep(20);
	}
}

enum {
	WORKERS = 4,
	KILLS = 60
};

static void killed_workers_neither_block_nor_break(void **state)
{
	struct kit *kit = *state;
	struct shared *shared = mmap(NULL, sizeof(*shared),
		PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const struct store_entry number = {.key = "n", .life_ms = 1000000};
	pid_t workers[WORKERS];
	struct store *store;
	int64_t sum;

	assert_ptr_not_equal(shared, MAP_FAILED);
	for (int n = 0; n < WORKERS; n++)
		workers[n] = worker_start(kit, shared, n);
	for (int i = 0; i < KILLS; i++) {
		wait_for(shared, 1 + i % 7);
		worker_kill(workers[i % WORKERS]);
		workers[i % WORKERS] = worker_start(kit, shared, i % WORKERS);
	}
	wait_for(shared, WORKERS);
	for (int n = 0; n < WORKERS; n++)
		worker_kill(workers[n]);
	/* nothing that was told to be done is lost, nothing done twice */
	store = open_local(kit);
	assert_int_equal(store_add(store, KIT_NOW, &number, 0, &sum), ERR_OK);
	assert_true(sum >= atomic_load(&shared->done));
	assert_true(sum <= atomic_load(&shared->begun));
	for (int i = 0; i < 5; i++)
		assert_true(take_one(store, "after"));
	assert_false(take_one(store, "after"));
	store_close(&store);
	(void)munmap(shared, sizeof(*shared));
}

static int64_t open_and_take(void *context, int n)
{
	struct store *store = open_local(context);
	int64_t allowed = 0;

	(void)n;
	for (int i = 0; i < 3; i++)
		allowed += take_one(store, "opened together");
	store_close(&store);
	return allowed;
}

static void all_may_open_it_at_once(void **state)
{
	struct kit *kit = *state;

	for (int i = 0; i < 5; i++) {
		assert_int_equal(kit_together(8, open_and_take, kit), 5);
		kit_empty(kit->folder);
	}
}

/* ---- the files --------------------------------------------------------------- */

static void fill_file(const char *path, const char *text, size_t count)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	while (count-- > 0)
		assert_int_equal(
			write(fd, text, strlen(text)), (ssize_t)strlen(text));
	(void)close(fd);
}

static const char *data_name(const struct kit *kit, int generation)
{
	return arena_format(kit->arena, "%s-2.%d", kit->path, generation);
}

static void other_files_are_replaced(void **state)
{
	struct kit *kit = *state;
	struct store *store;

	fill_file(kit->path, "this was never a board\n", 300);
	fill_file(data_name(kit, 1), "nor is this LMDB\n", 600);
	store = open_local(kit);
	for (int i = 0; i < 5; i++)
		assert_true(take_one(store, "s"));
	store_close(&store);
	assert_int_equal(access(data_name(kit, 1), F_OK), -1);
	store = open_local(kit);
	assert_false(take_one(store, "s"));
	store_close(&store);
}

/* It would hold its memory for ever. */
static void the_file_of_an_older_layout_goes(void **state)
{
	struct kit *kit = *state;
	const char *old = arena_format(kit->arena, "%s-1.1", kit->path);
	const char *lock = arena_format(kit->arena, "%s-1.1-lock", kit->path);
	struct store *store;

	fill_file(old, "records of another shape\n", 300);
	fill_file(lock, "its lock\n", 1);
	store = open_local(kit);
	assert_true(take_one(store, "s"));
	assert_int_equal(access(old, F_OK), -1);
	assert_int_equal(access(lock, F_OK), -1);
	assert_int_equal(access(data_name(kit, 1), F_OK), 0);
	store_close(&store);
}

/* Written over while it is open: found broken, left, and the other process
   follows. */
static void a_broken_file_is_left_by_all(void **state)
{
	struct kit *kit = *state;
	struct store *store = open_local(kit);
	struct stat info;
	int to_child[2], from_child[2];
	char byte = 'x';
	pid_t child;
	int status;
	int fd;

	assert_int_equal(pipe(to_child), 0);
	assert_int_equal(pipe(from_child), 0);
	store_close(&store);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		store = open_local(kit);
		for (int i = 0; i < 5; i++)
			(void)take_one(store, "s");
		(void)!write(from_child[1], &byte, 1);
		(void)!read(to_child[0], &byte, 1);
		/* the parent took three of five, in the new file */
		for (int i = 0; i < 2; i++)
			if (!take_one(store, "s"))
				_exit(1);
		_exit(take_one(store, "s") ? 2 : 0);
	}
	assert_int_equal(read(from_child[0], &byte, 1), 1);
	store = open_local(kit);
	assert_false(take_one(store, "s"));
	fd = open(data_name(kit, 1), O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &info), 0);
	for (off_t at = 2 * 4096; at < info.st_size; at += 4096) {
		static const char page[4096];

		assert_int_equal(pwrite(fd, page, sizeof(page), at), 4096);
	}
	(void)close(fd);
	for (int i = 0; i < 3; i++)
		assert_true(take_one(store, "s"));
	assert_int_equal(write(to_child[1], &byte, 1), 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_false(take_one(store, "s"));
	store_close(&store);
	for (int i = 0; i < 2; i++) {
		(void)close(to_child[i]);
		(void)close(from_child[i]);
	}
}

static void workers_meet_again_when_files_are_removed(void **state)
{
	struct kit *kit = *state;
	struct store *store = open_local(kit);
	struct store_value value;
	struct arena *arena = arena_open(KIT_MIB);

	kit_empty(kit->folder);
	for (int i = 0; i < 300; i++)
		assert_int_equal(store_get(store, arena, KIT_NOW, "a", &value),
			ERR_NOT_FOUND);
	assert_int_equal(access(kit->path, F_OK), 0);
	for (int i = 0; i < 3; i++)
		assert_true(take_one(store, "opened together"));
	/* the second one opens what the first one made */
	assert_int_equal(kit_together(1, open_and_take, kit), 2);
	store_close(&store);
	arena_close(&arena);
}

static void only_our_own_files_are_opened(void **state)
{
	struct kit *kit = *state;
	const char *link = arena_format(kit->arena, "%s/link", kit->folder);
	const char *target = arena_format(kit->arena, "%s/target", kit->folder);
	const char *deep = arena_format(kit->arena, "%s/no/file", kit->folder);
	const int64_t bytes = 4 * KIT_MIB;
	struct stat info;
	struct store *store;

	assert_int_equal(open_fails(kit, "", bytes), ERR_BAD_INPUT);
	assert_int_equal(open_fails(kit, NULL, bytes), ERR_BAD_INPUT);
	assert_int_equal(open_fails(kit, deep, bytes), ERR_BAD_INPUT);
	assert_int_equal(open_fails(kit, kit->folder, bytes), ERR_BAD_INPUT);
	assert_int_equal(open_fails(kit, kit->path, 4096), ERR_BAD_INPUT);
	assert_int_equal(symlink(target, link), 0);
	assert_int_equal(open_fails(kit, link, bytes), ERR_BAD_INPUT);
	assert_int_equal(access(target, F_OK), -1);
	/* LMDB's own file is a link to somewhere */
	assert_int_equal(symlink(target, data_name(kit, 1)), 0);
	assert_int_not_equal(open_fails(kit, kit->path, bytes), ERR_OK);
	assert_int_equal(access(target, F_OK), -1);
	assert_int_equal(unlink(data_name(kit, 1)), 0);
	store = open_local(kit);
	store_close(&store);
	assert_int_equal(stat(kit->path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_int_equal(stat(data_name(kit, 1), &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	/* its room is taken, not promised */
	assert_true(info.st_blocks * 512 >= bytes);
	assert_int_equal(chmod(kit->path, 0620), 0);
	assert_int_equal(open_fails(kit, kit->path, bytes), ERR_BAD_INPUT);
	assert_int_equal(chmod(kit->path, 0600), 0);
	assert_int_equal(chmod(data_name(kit, 1), 0602), 0);
	assert_int_not_equal(open_fails(kit, kit->path, bytes), ERR_OK);
	assert_int_equal(chmod(data_name(kit, 1), 0600), 0);
	assert_int_equal(chmod(kit->folder, 0777), 0);
	assert_int_equal(open_fails(kit, kit->path, bytes), ERR_BAD_INPUT);
	assert_int_equal(chmod(kit->folder, 01777), 0);
	assert_int_equal(open_fails(kit, kit->path, bytes), ERR_OK);
	if (geteuid() == 0) {
		assert_int_equal(chown(kit->path, 12345, 12345), 0);
		assert_int_equal(
			open_fails(kit, kit->path, bytes), ERR_BAD_INPUT);
	}
}

/* ---- full ---------------------------------------------------------------------- */

static size_t answer(
	struct store *store, struct arena *arena, int i, size_t len)
{
	const struct store_question asked = {
		.key = arena_format(arena, "GET /%d", i),
		.tags = {.names = {"t"}, .count = 1},
		.claim_ms = 100};
	const struct store_answer kept = {.bytes = arena_alloc(arena, len),
		.len = len,
		.life_ms = 1000000};
	struct store_look look;

	assert_int_equal(
		store_look(store, arena, KIT_NOW + i, &asked, &look), ERR_OK);
	if (look.found)
		return look.value.len;
	if (len > 0)
		assert_int_equal(
			store_keep(store, KIT_NOW + i, &look, &kept), ERR_OK);
	else
		store_unclaim(store, &look);
	return 0;
}

static void the_oldest_answers_go_and_windows_stay(void **state)
{
	struct kit *kit = *state;
	struct store *store = open_local(kit);
	struct arena *arena = arena_open(16 * KIT_MIB);
	struct store_state now;
	unsigned seed = 1;

	for (int i = 0; i < 5; i++)
		assert_true(take_one(store, "s"));
	for (int i = 0; i < 1200; i++) {
		const struct store_entry value = {
			.key = arena_format(arena, "v%d", i),
			.bytes = arena_alloc(arena, seed % 9000),
			.len = seed % 9000,
			.life_ms = 1000000};

		seed = seed * 1103515245 + 12345;
		(void)answer(store, arena, i, seed % 40000);
		assert_int_equal(store_put(store, KIT_NOW + i, &value), ERR_OK);
		arena_reset(arena);
	}
	assert_int_equal(store_state(store, KIT_NOW, &now), ERR_OK);
	assert_true(now.evictions > 1200);
	assert_true(now.bytes > now.capacity / 5);
	assert_true(now.bytes <= now.capacity);
	assert_int_equal(now.capacity, 4 * KIT_MIB);
	assert_false(take_one(store, "s"));
	/* the newest is there, the oldest is not */
	(void)answer(store, arena, 9000, 1234);
	assert_int_equal(answer(store, arena, 9000, 0), 1234);
	assert_int_equal(answer(store, arena, 1, 0), 0);
	/* too large for a store of this size: not kept, and no error */
	assert_int_equal(answer(store, arena, 5000, KIT_MIB), 0);
	assert_int_equal(answer(store, arena, 5000, 0), 0);
	store_close(&store);
	arena_close(&arena);
}

/* A million strangers must not make it forget who is blocked. */
static void strangers_push_out_strangers(void **state)
{
	struct kit *kit = *state;
	struct store *store = open_local(kit);
	struct arena *arena = arena_open(16 * KIT_MIB);
	const struct store_window strict = {.rule = "login",
		.subject = "bad",
		.limit = 1,
		.window_ms = 1000,
		.patience = 1,
		.cooldown_ms = 600000,
		.cooldown_cap_ms = 600000};
	const struct store_windows windows = {.at = &strict, .count = 1};
	struct store_state now;
	struct store_taken taken;

	for (int i = 0; i < 2; i++)
		assert_int_equal(
			store_take(store, KIT_NOW, &windows, &taken), ERR_OK);
	assert_true(taken.blocked);
	(void)answer(store, arena, 0, 1234);
	for (int i = 0; i < 2500; i++) {
		assert_true(take_one(store, arena_format(arena, "s%d", i)));
		arena_reset(arena);
	}
	assert_int_equal(store_state(store, KIT_NOW, &now), ERR_OK);
	assert_true(now.evictions > 0);
	assert_int_equal(
		store_take(store, KIT_NOW + 1, &windows, &taken), ERR_OK);
	assert_true(taken.blocked);
	assert_int_equal(answer(store, arena, 0, 0), 1234);
	store_close(&store);
	arena_close(&arena);
}

/* Takes `times` from a new subject; its name is where it lies in the file. */
static void take_some(struct store *store, const char *prefix, unsigned name,
	int64_t limit, int times)
{
	char subject[64];
	const struct store_window window = {.rule = "anonymous_hour",
		.subject = subject,
		.limit = limit,
		.window_ms = 3600000};
	const struct store_windows windows = {.at = &window, .count = 1};
	struct store_taken taken;

	(void)snprintf(subject, sizeof(subject), "%s%08x", prefix, name);
	for (int i = 0; i < times; i++)
		assert_int_equal(
			store_take(store, KIT_NOW, &windows, &taken), ERR_OK);
}

/* The budgets together leave LMDB the room that it needs: nobody has to go
   to another file, where all windows would be new. */
static void all_budgets_fit_at_once(void **state)
{
	struct kit *kit = *state;
	struct store *store = open_local(kit);
	struct arena *arena = arena_open(16 * KIT_MIB);
	struct store_state now;
	unsigned seed = 7;

	for (int i = 0; i < 4000; i++) {
		const struct store_entry value = {
			.key = arena_format(arena, "v%u", seed),
			.bytes = arena_alloc(arena, seed % 3000),
			.len = seed % 3000,
			.life_ms = 1000000};

		seed = seed * 1103515245 + 12345;
		(void)answer(store, arena, i, 1 + seed % 9000);
		assert_int_equal(store_put(store, KIT_NOW + i, &value), ERR_OK);
		take_some(store, "a:", seed, 1000, 1);
		take_some(store, "f:", seed, 4, 3);
		take_some(store, "n:", seed, 10, 2);
		take_some(store, "n:x", seed, 10, 6);
		if (i % 32 == 0) /* more of them only push out their own */
			take_some(store, "k:", seed, 100, 100);
		arena_reset(arena);
	}
	assert_int_equal(store_state(store, KIT_NOW, &now), ERR_OK);
	assert_true(now.bytes > now.capacity / 10 * 6);
	assert_int_equal(access(data_name(kit, 1), F_OK), 0);
	assert_int_equal(access(data_name(kit, 2), F_OK), -1);
	(void)answer(store, arena, 9000, 1234);
	assert_int_equal(answer(store, arena, 9000, 0), 1234);
	store_close(&store);
	arena_close(&arena);
}

/* Ended records go as new ones come, without anything being full. */
static void what_has_ended_is_cleared_away(void **state)
{
	struct kit *kit = *state;
	struct store *store = open_local(kit);
	struct store_state now;

	for (int i = 0; i < 1000; i++) {
		char subject[32];
		const struct store_window window = {.rule = "r",
			.subject = subject,
			.limit = 5,
			.window_ms = 1000};
		const struct store_windows windows = {
			.at = &window, .count = 1};
		struct store_taken taken;

		(void)snprintf(subject, sizeof(subject), "s%d", i);
		assert_int_equal(store_take(store, KIT_NOW + INT64_C(100) * i,
					 &windows, &taken),
			ERR_OK);
	}
	assert_int_equal(store_state(store, KIT_NOW, &now), ERR_OK);
	assert_true(now.entries < 50);
	store_close(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			killed_workers_neither_block_nor_break, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			all_may_open_it_at_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			other_files_are_replaced, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			the_file_of_an_older_layout_goes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_broken_file_is_left_by_all, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			workers_meet_again_when_files_are_removed, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			only_our_own_files_are_opened, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			the_oldest_answers_go_and_windows_stay, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			strangers_push_out_strangers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_has_ended_is_cleared_away, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			all_budgets_fit_at_once, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("store crash", tests, NULL, NULL);
}
