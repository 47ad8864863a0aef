/*
 * The shared figures: exact from many processes, unharmed by their deaths,
 * replaced (never cut short) when the layout is another, and printed as
 * Prometheus wants them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "folder.h"
#include "metrics.h"
#include "text.h"

enum {
	MEMORY = 16 << 20,
	NOW = 1000 * 1000,
	CHILDREN = 8,
	ADDS = 20000,
	DEADLINE_US = 20 * 1000 * 1000
};

static const char *const routes[] = {
	"GET /auth/me", "GET /odd/\"x\\y\nz\"", NULL};
static const char *const rules[] = {"general", "login", NULL};
static const char *const classes[] = {"market", NULL};
static const char *const jobs[] = {"clean", "backup", NULL};
static const char *const kinds[] = {"backtest", "sweep", NULL};
static const struct metrics_labels labels = {
	.routes = routes,
	.rules = rules,
	.cache_classes = classes,
	.jobs = jobs,
	.run_kinds = kinds,
};

struct world {
	struct arena *arena;
	const char *folder;
	struct metrics_options options;
};

static struct metrics *open_metrics(const struct world *world)
{
	struct metrics *metrics = NULL;

	assert_int_equal(
		metrics_open(world->arena, &world->options, &metrics), ERR_OK);
	return metrics;
}

static int setup(void **state)
{
	struct arena *arena = arena_open(MEMORY);
	struct world *world = arena_alloc(arena, sizeof(*world));

	world->arena = arena;
	world->folder = folder_open(arena);
	world->options = (struct metrics_options){
		.path = file_join(arena, world->folder, "metrics"),
		.labels = labels};
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;
	struct arena *arena = world->arena;

	folder_walk(world->folder, 1);
	arena_close(&arena);
	return 0;
}

static const char *text_of(
	const struct world *world, const struct metrics *metrics, int64_t now)
{
	struct buf out;

	buf_init(&out, world->arena, 1 << 20);
	metrics_write(metrics, now, &out);
	assert_false(out.overflow);
	return out.data;
}

/* A whole line of the text. */
static bool has_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	for (const char *at = text; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (strncmp(at, line, len) == 0 && at[len] == '\n')
			return true;
	}
	return false;
}

static size_t count_of(const char *text, const char *part)
{
	size_t count = 0;

	for (text = strstr(text, part); text; text = strstr(text + 1, part))
		count++;
	return count;
}

/* ---- without a file ------------------------------------------------------ */

static void test_null_is_fine(void **state)
{
	struct world *world = *state;
	struct metrics *none = NULL;

	metrics_add(NULL, METRIC_AUDIT_ROWS, 0, 0, 1);
	metrics_set(NULL, METRIC_AUDIT_BROKEN, 0, 1);
	metrics_observe(NULL, METRIC_JOB_SECONDS, 0, 1);
	metrics_request(NULL, 0, 200, 1);
	metrics_process(NULL, METRICS_POOL_API, NOW);
	metrics_close(&none);
	assert_int_equal(metrics_get(NULL, METRIC_AUDIT_ROWS, 0, 0), 0);
	assert_int_equal(metrics_requests(NULL, 0, 999), 0);
	assert_int_equal(metrics_processes(NULL, METRICS_POOL_API), 0);
	assert_int_equal(
		metrics_quantile(NULL, METRIC_REQUEST_SECONDS, 99), -1);
	assert_string_equal(text_of(world, NULL, NOW), "");
}

/* ---- one process --------------------------------------------------------- */

static void test_adds_sets_observes(void **state)
{
	struct world *world = *state;
	struct metrics *metrics = open_metrics(world);

	metrics_add(metrics, METRIC_RATE_VIOLATIONS, 1, 0, 3);
	metrics_add(metrics, METRIC_STORE_OPS, METRICS_STORE_REDIS,
		METRICS_STORE_OTHER, 2);
	metrics_set(metrics, METRIC_STORE_DEGRADED, 0, 1);
	metrics_observe(metrics, METRIC_JOB_SECONDS, 1, 100);
	metrics_observe(metrics, METRIC_JOB_SECONDS, 1, 101);
	metrics_observe(metrics, METRIC_JOB_SECONDS, 1, 3600000000);
	metrics_observe(metrics, METRIC_JOB_SECONDS, 1, -5);
	assert_int_equal(metrics_get(metrics, METRIC_RATE_VIOLATIONS, 1, 0), 3);
	assert_int_equal(metrics_get(metrics, METRIC_RATE_VIOLATIONS, 0, 0), 0);
	assert_int_equal(metrics_get(metrics, METRIC_STORE_OPS,
				 METRICS_STORE_REDIS, METRICS_STORE_OTHER),
		2);
	assert_int_equal(metrics_get(metrics, METRIC_STORE_DEGRADED, 0, 0), 1);
	assert_int_equal(metrics_get(metrics, METRIC_JOB_SECONDS, 1, 0), 4);
	assert_int_equal(metrics_get(metrics, METRIC_JOB_SECONDS, 0, 0), 0);
	metrics_close(&metrics);
	assert_null(metrics);
}

static void test_out_of_range_counts_nothing(void **state)
{
	struct world *world = *state;
	struct metrics *metrics = open_metrics(world);
	const char *before = text_of(world, metrics, NOW);

	metrics_add(metrics, METRIC_RATE_VIOLATIONS, 2, 0, 1);
	metrics_add(metrics, METRIC_RATE_VIOLATIONS, 0, 1, 1);
	metrics_add(metrics, METRIC_STORE_OPS, 2, 0, 1);
	metrics_add(metrics, METRIC_STORE_OPS, 0, METRICS_STORE_OTHER + 1, 1);
	metrics_add(metrics, METRIC_AUDIT_ROWS, SIZE_MAX, SIZE_MAX, 1);
	metrics_add(metrics, METRIC_COUNT, 0, 0, 1);
	metrics_set(metrics, METRIC_CACHE_BYTES, 1, 1);
	metrics_observe(metrics, METRIC_JOB_SECONDS, 2, 1);
	/* of another kind */
	metrics_add(metrics, METRIC_JOB_SECONDS, 0, 0, 1);
	metrics_observe(metrics, METRIC_AUDIT_ROWS, 0, 1);
	assert_string_equal(text_of(world, metrics, NOW), before);
	metrics_close(&metrics);
}

static void test_requests(void **state)
{
	struct world *world = *state;
	struct metrics *metrics = open_metrics(world);

	metrics_request(metrics, 0, 200, 700);
	metrics_request(metrics, 0, 200, 700);
	metrics_request(metrics, 0, 503, 700);
	metrics_request(metrics, 0, 299, 700);
	metrics_request(metrics, SIZE_MAX, 404, 700);
	assert_int_equal(metrics_requests(metrics, 0, 999), 4);
	assert_int_equal(metrics_requests(metrics, 500, 599), 1);
	assert_int_equal(metrics_requests(metrics, 400, 499), 1);
	assert_int_equal(metrics_get(metrics, METRIC_REQUEST_SECONDS, 0, 0), 4);
	assert_true(has_line(text_of(world, metrics, NOW),
		"kontor_http_responses_total{class=\"2xx\"} 2"));
	assert_true(has_line(text_of(world, metrics, NOW),
		"kontor_http_responses_total{class=\"3xx\"} 0"));
	assert_true(has_line(text_of(world, metrics, NOW),
		"kontor_http_responses_total{class=\"5xx\"} 1"));
	assert_true(has_line(text_of(world, metrics, NOW),
		"kontor_http_requests_total{route=\"GET /auth/me\","
		"status=\"other\"} 1"));
	assert_true(has_line(text_of(world, metrics, NOW),
		"kontor_http_requests_total{route=\"none\",status=\"404\"} 1"));
	metrics_close(&metrics);
}

static void test_quantiles(void **state)
{
	struct world *world = *state;
	struct metrics *metrics = open_metrics(world);
	const enum metric times = METRIC_REQUEST_SECONDS;

	assert_int_equal(metrics_quantile(metrics, times, 50), -1);
	assert_int_equal(metrics_quantile(metrics, METRIC_AUDIT_ROWS, 50), -1);
	for (int i = 0; i < 98; i++)
		metrics_observe(metrics, times, 0, 200); /* 100..250 us */
	/* half of the bucket, wherever the values stand in it */
	assert_in_range(metrics_quantile(metrics, times, 50), 174, 176);
	metrics_observe(metrics, times, 1, 900000); /* 0.5..1 s */
	metrics_observe(metrics, times, 1, 900000);
	assert_in_range(metrics_quantile(metrics, times, 99), 740000, 760000);
	assert_in_range(metrics_quantile(metrics, times, 98), 249, 251);
	for (int i = 0; i < 1000; i++)
		metrics_observe(metrics, times, 1, 60000000);
	assert_int_equal(metrics_quantile(metrics, times, 99), 10000000);
	metrics_close(&metrics);
}

/* ---- the text ------------------------------------------------------------ */

static void test_text(void **state)
{
	struct world *world = *state;
	struct metrics *metrics = open_metrics(world);
	const char *text;

	metrics_observe(metrics, METRIC_DATABASE_SECONDS, METRICS_DB_READ, 100);
	metrics_observe(
		metrics, METRIC_DATABASE_SECONDS, METRICS_DB_READ, 12000001);
	metrics_request(metrics, 1, 200, 1);
	text = text_of(world, metrics, NOW);
	for (int i = 0; i < METRIC_COUNT; i++) {
		const char *name = metrics_name((enum metric)i);

		assert_int_equal(count_of(text, arena_format(world->arena,
							"# TYPE %s ", name)),
			1);
		assert_int_equal(count_of(text, arena_format(world->arena,
							"# HELP %s ", name)),
			1);
		assert_true(text_starts(name, "kontor_"));
	}
	assert_null(metrics_name(METRIC_COUNT));
	assert_true(
		has_line(text, "# TYPE kontor_http_requests_total counter"));
	assert_true(has_line(text, "# TYPE kontor_workers gauge"));
	assert_true(has_line(
		text, "# TYPE kontor_database_operation_seconds histogram"));
	/* cumulative, the bound belongs to its bucket, 12.000101 s in sum */
	assert_true(has_line(text,
		"kontor_database_operation_seconds_bucket{op=\"read\","
		"le=\"0.0001\"} 1"));
	assert_true(has_line(text,
		"kontor_database_operation_seconds_bucket{op=\"read\","
		"le=\"10\"} 1"));
	assert_true(has_line(text,
		"kontor_database_operation_seconds_bucket{op=\"read\","
		"le=\"+Inf\"} 2"));
	assert_true(has_line(text,
		"kontor_database_operation_seconds_sum{op=\"read\"} "
		"12.000101"));
	assert_true(has_line(text,
		"kontor_database_operation_seconds_count{op=\"read\"} 2"));
	/* escaped; what was never counted is left out of the large family */
	assert_true(
		has_line(text, "kontor_http_requests_total{route=\"GET "
			       "/odd/\\\"x\\\\y\\nz\\\"\",status=\"200\"} 1"));
	assert_int_equal(count_of(text, "\nkontor_http_requests_total{"), 1);
	/* but not of the small ones: rate() needs the zero before the one */
	assert_true(has_line(
		text, "kontor_auth_attempts_total{result=\"failure\"} 0"));
	assert_true(has_line(text, "kontor_audit_rows_total 0"));
	metrics_close(&metrics);
}

static void test_points_in_time(void **state)
{
	struct world *world = *state;
	struct metrics *metrics = open_metrics(world);
	const char *text = text_of(world, metrics, NOW);

	assert_true(has_line(text, "kontor_backup_age_seconds -1"));
	assert_true(has_line(text, "kontor_queue_age_seconds 0"));
	assert_true(has_line(text, "kontor_work_heartbeat_age_seconds -1"));
	assert_null(strstr(text, "\nkontor_certificate_expiry_seconds "));
	metrics_set(metrics, METRIC_BACKUP_AGE, 0, NOW - 1500);
	metrics_set(metrics, METRIC_QUEUE_AGE, 0, NOW + 1);
	metrics_set(metrics, METRIC_CERTIFICATE_EXPIRY, 0, NOW - 2001);
	text = text_of(world, metrics, NOW);
	assert_true(has_line(text, "kontor_backup_age_seconds 1.500"));
	assert_true(has_line(text, "kontor_queue_age_seconds 0.000"));
	assert_true(has_line(text, "kontor_certificate_expiry_seconds -2.001"));
	metrics_close(&metrics);
}

/* promtool, the real judge of the format; skipped nowhere. */
static void test_promtool_agrees(void **state)
{
	struct world *world = *state;
	struct metrics *metrics = open_metrics(world);
	const char *path;

	for (size_t route = 0; route < 3; route++)
		metrics_request(metrics, route, 200, 5000);
	metrics_set(metrics, METRIC_CERTIFICATE_EXPIRY, 0, NOW + 2001);
	metrics_observe(metrics, METRIC_JOB_SECONDS, 1, 5);
	path = folder_put(world->arena, world->folder, "text",
		text_of(world, metrics, NOW));
	assert_int_equal(system(arena_format(world->arena,
				 "promtool check metrics <%s >%s.out 2>&1 && "
				 "! grep -q . %s.out",
				 path, path, path)),
		0);
	metrics_close(&metrics);
}

/* ---- many processes ------------------------------------------------------ */

static void add_much(const struct world *world, size_t n)
{
	struct metrics *metrics = NULL;

	if (metrics_open(world->arena, &world->options, &metrics) != ERR_OK)
		_exit(1);
	metrics_process(metrics, METRICS_POOL_API, NOW);
	for (int i = 0; i < ADDS; i++) {
		metrics_add(metrics, METRIC_AUDIT_ROWS, 0, 0, 1);
		metrics_request(metrics, n % 3, 200, 3000);
	}
	metrics_close(&metrics);
	_exit(0);
}

/* All open at once, when there is no file: they must agree on one. */
static void test_sum_of_processes_is_exact(void **state)
{
	struct world *world = *state;
	struct metrics *metrics;
	pid_t children[CHILDREN];
	int status;

	for (size_t i = 0; i < CHILDREN; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0)
			add_much(world, i);
	}
	for (size_t i = 0; i < CHILDREN; i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	metrics = open_metrics(world);
	assert_int_equal(
		metrics_get(metrics, METRIC_AUDIT_ROWS, 0, 0), CHILDREN * ADDS);
	assert_int_equal(metrics_requests(metrics, 200, 200), CHILDREN * ADDS);
	assert_int_equal(metrics_processes(metrics, METRICS_POOL_API), 0);
	metrics_close(&metrics);
}

/* Counts until it is killed, telling how far it came in `own`. */
static void add_until_killed(const struct world *world, volatile int64_t *own)
{
	struct metrics *metrics = NULL;

	if (metrics_open(world->arena, &world->options, &metrics) != ERR_OK)
		_exit(1);
	metrics_process(metrics, METRICS_POOL_AUTH, NOW);
	for (;;) {
		metrics_add(metrics, METRIC_AUDIT_ROWS, 0, 0, 1);
		*own += 1;
	}
}

static void wait_for(const volatile int64_t *number, int64_t least)
{
	int64_t until = clock_monotonic_us() + DEADLINE_US;

	while (*number < least && clock_monotonic_us() < until)
		usleep(1000);
	assert_true(*number >= least);
}

static void test_kill_loses_only_what_is_in_flight(void **state)
{
	struct world *world = *state;
	struct metrics *metrics = open_metrics(world);
	void *page = mmap(NULL, CHILDREN * sizeof(int64_t),
		PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	volatile int64_t *told = page;
	pid_t children[CHILDREN];
	int64_t sum = 0;
	int status;

	assert_ptr_not_equal(page, MAP_FAILED);
	for (size_t i = 0; i < CHILDREN; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0)
			add_until_killed(world, &told[i]);
	}
	for (size_t i = 0; i < CHILDREN; i++)
		wait_for(&told[i], 1000);
	assert_int_equal(
		metrics_processes(metrics, METRICS_POOL_AUTH), CHILDREN);
	for (size_t i = 0; i < CHILDREN; i++) {
		assert_int_equal(kill(children[i], SIGKILL), 0);
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		sum += told[i];
	}
	/* each may have counted once more than it told */
	assert_in_range(metrics_get(metrics, METRIC_AUDIT_ROWS, 0, 0), sum,
		sum + CHILDREN);
	assert_int_equal(metrics_processes(metrics, METRICS_POOL_AUTH), 0);
	assert_true(has_line(text_of(world, metrics, NOW),
		"kontor_workers{pool=\"auth\"} 0"));
	munmap(page, CHILDREN * sizeof(int64_t));
	metrics_close(&metrics);
}

/* ---- who lives ----------------------------------------------------------- */

static void test_processes(void **state)
{
	struct world *world = *state;
	struct metrics *metrics = open_metrics(world);
	struct metrics *other = open_metrics(world);

	metrics_process(metrics, METRICS_POOL_WORK, NOW);
	metrics_process(metrics, METRICS_POOL_WORK, NOW + 1);
	assert_int_equal(metrics_processes(other, METRICS_POOL_WORK), 1);
	assert_int_equal(metrics_processes(other, METRICS_POOL_API), 0);
	assert_true(has_line(text_of(world, other, NOW + 2501),
		"kontor_work_heartbeat_age_seconds 2.500"));
	metrics_close(&metrics);
	assert_int_equal(metrics_processes(other, METRICS_POOL_WORK), 0);
	/* its last beat is still known */
	assert_true(has_line(text_of(world, other, NOW + 2501),
		"kontor_work_heartbeat_age_seconds 2.500"));
	metrics_close(&other);
}

static pid_t child_that_lives_until_killed(const struct world *world)
{
	struct metrics *metrics = NULL;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child > 0)
		return child;
	if (metrics_open(world->arena, &world->options, &metrics) != ERR_OK)
		_exit(1);
	metrics_process(metrics, METRICS_POOL_API, NOW);
	for (;;)
		(void)pause();
}

/* A child that was killed and not waited for is dead, too. */
static void test_unreaped_is_dead(void **state)
{
	struct world *world = *state;
	struct metrics *metrics = open_metrics(world);
	pid_t child = child_that_lives_until_killed(world);
	int64_t until = clock_monotonic_us() + DEADLINE_US;
	siginfo_t ended;
	int status;

	while (metrics_processes(metrics, METRICS_POOL_API) == 0 &&
		clock_monotonic_us() < until)
		usleep(1000);
	assert_int_equal(metrics_processes(metrics, METRICS_POOL_API), 1);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(
		waitid(P_PID, (id_t)child, &ended, WEXITED | WNOWAIT), 0);
	assert_int_equal(metrics_processes(metrics, METRICS_POOL_API), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	metrics_close(&metrics);
}

/* More processes than there are slots, all dead but the last: it finds one. */
static void test_slots_of_the_dead_are_taken(void **state)
{
	enum {
		MORE_THAN_SLOTS = 300
	};
	struct world *world = *state;
	struct metrics *metrics = open_metrics(world);
	int status;

	for (int i = 0; i < MORE_THAN_SLOTS; i++) {
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0) {
			metrics_process(metrics, METRICS_POOL_API, NOW);
			_exit(0); /* and leaves its slot as kill would */
		}
		assert_int_equal(waitpid(child, &status, 0), child);
	}
	metrics_process(metrics, METRICS_POOL_API, NOW);
	assert_int_equal(metrics_processes(metrics, METRICS_POOL_API), 1);
	metrics_close(&metrics);
}

/* The slot of a dead process whose pid a living one has now: its start is
   another one, so it is nobody's. Made by writing over the start's bits. */
static void test_a_pid_used_again_is_not_the_old_process(void **state)
{
	struct world *world = *state;
	struct metrics *metrics = open_metrics(world);
	struct metrics *other = open_metrics(world);
	const int at = 64; /* the first slot, behind the head */
	uint64_t who;
	int fd = open(world->options.path, O_RDWR);

	metrics_process(metrics, METRICS_POOL_API, NOW);
	assert_int_equal(metrics_processes(other, METRICS_POOL_API), 1);
	assert_int_equal(pread(fd, &who, sizeof(who), at), sizeof(who));
	assert_int_equal(who & ((1U << 22) - 1), getpid());
	who ^= UINT64_C(1) << 22;
	assert_int_equal(pwrite(fd, &who, sizeof(who), at), sizeof(who));
	assert_int_equal(metrics_processes(other, METRICS_POOL_API), 0);
	close(fd);
	/* what is not its own any more is not given back either */
	metrics_close(&metrics);
	metrics_close(&other);
}

static void test_oldest(void **state)
{
	struct world *world = *state;
	struct metrics *metrics = open_metrics(world);
	struct metrics *other = open_metrics(world);

	assert_int_equal(metrics_oldest(metrics, METRICS_POOL_API), 0);
	metrics_process(metrics, METRICS_POOL_API, NOW);
	metrics_process(other, METRICS_POOL_API, NOW - 5);
	metrics_process(metrics, METRICS_POOL_API, NOW + 5);
	assert_int_equal(metrics_oldest(metrics, METRICS_POOL_API), NOW - 5);
	assert_int_equal(metrics_oldest(metrics, METRICS_POOL_AUTH), 0);
	metrics_close(&other);
	assert_int_equal(metrics_oldest(metrics, METRICS_POOL_API), NOW);
	metrics_close(&metrics);
}

/* ---- the file ------------------------------------------------------------ */

static ino_t inode_of(const char *path)
{
	struct stat info;

	assert_int_equal(stat(path, &info), 0);
	return info.st_ino;
}

static void test_file_is_private_and_kept(void **state)
{
	struct world *world = *state;
	struct metrics *metrics = open_metrics(world);
	struct stat info;
	ino_t first = inode_of(world->options.path);

	assert_int_equal(stat(world->options.path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	metrics_add(metrics, METRIC_AUDIT_ROWS, 0, 0, 7);
	metrics_close(&metrics);
	metrics = open_metrics(world);
	assert_int_equal(metrics_get(metrics, METRIC_AUDIT_ROWS, 0, 0), 7);
	assert_int_equal(inode_of(world->options.path), first);
	metrics_close(&metrics);
}

/* Another layout takes the name; who had the old file goes on in it. */
static void test_other_layout_gets_a_new_file(void **state)
{
	static const char *const swapped[] = {"login", "general", NULL};
	static const char *const longer[] = {"a", "b", "c", "d", "e", "f", "g",
		"h", "i", "j", "k", "l", "m", NULL};
	const char *const *const lists[] = {swapped, longer};
	struct world *world = *state;
	struct metrics *old = open_metrics(world);
	ino_t first = inode_of(world->options.path);

	metrics_add(old, METRIC_RATE_VIOLATIONS, 1, 0, 5);
	for (size_t i = 0; i < 2; i++) {
		struct metrics *new = NULL;

		world->options.labels.rules = lists[i];
		new = open_metrics(world);
		assert_int_not_equal(inode_of(world->options.path), first);
		assert_int_equal(
			metrics_get(new, METRIC_RATE_VIOLATIONS, 1, 0), 0);
		metrics_add(old, METRIC_RATE_VIOLATIONS, 1, 0, 1);
		metrics_close(&new);
	}
	assert_int_equal(metrics_get(old, METRIC_RATE_VIOLATIONS, 1, 0), 7);
	metrics_close(&old);
}

static void test_damaged_files_are_replaced(void **state)
{
	struct world *world = *state;
	struct metrics *metrics = open_metrics(world);
	const char *path = world->options.path;
	struct stat info;

	assert_int_equal(stat(path, &info), 0);
	metrics_close(&metrics);
	/* empty, short, and of the right size but full of zeros */
	for (int i = 0; i < 3; i++) {
		const off_t sizes[] = {0, 100, info.st_size};

		assert_int_equal(unlink(path), 0);
		folder_put(world->arena, world->folder, "metrics", "");
		assert_int_equal(truncate(path, sizes[i]), 0);
		metrics = open_metrics(world);
		metrics_add(metrics, METRIC_AUDIT_ROWS, 0, 0, 1);
		assert_int_equal(
			metrics_get(metrics, METRIC_AUDIT_ROWS, 0, 0), 1);
		metrics_close(&metrics);
	}
	/* the file and its lock; no temporary ones are left */
	assert_int_equal(folder_walk(world->folder, 0), 2);
}

static void test_without_a_file(void **state)
{
	struct world *world = *state;
	struct metrics *metrics;

	world->options.path = NULL;
	metrics = open_metrics(world);
	metrics_add(metrics, METRIC_AUDIT_ROWS, 0, 0, 1);
	assert_int_equal(metrics_get(metrics, METRIC_AUDIT_ROWS, 0, 0), 1);
	metrics_close(&metrics);
	assert_int_equal(folder_walk(world->folder, 0), 0);
}

static void test_files_of_others_are_refused(void **state)
{
	struct world *world = *state;
	struct metrics *metrics = open_metrics(world);
	const char *path = world->options.path;
	const char *away = file_join(world->arena, world->folder, "away");

	metrics_close(&metrics);
	assert_int_equal(chmod(path, 0660), 0);
	assert_int_equal(metrics_open(world->arena, &world->options, &metrics),
		ERR_BAD_INPUT);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(rename(path, away), 0);
	assert_int_equal(symlink(away, path), 0);
	assert_int_equal(metrics_open(world->arena, &world->options, &metrics),
		ERR_BAD_INPUT);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(metrics_open(world->arena, &world->options, &metrics),
		ERR_BAD_INPUT);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(metrics_open(world->arena, &world->options, &metrics),
		ERR_BAD_INPUT);
	world->options.path = "";
	assert_int_equal(metrics_open(world->arena, &world->options, &metrics),
		ERR_BAD_INPUT);
	world->options.path = file_join(world->arena, path, "no/folder");
	assert_int_equal(metrics_open(world->arena, &world->options, &metrics),
		ERR_UNAVAILABLE);
	assert_null(metrics);
}

/* Whoever prepared the lock's name could hold it for ever: said, not passed
   over in silence. */
static void test_a_lock_of_others_is_refused(void **state)
{
	struct world *world = *state;
	const char *lock =
		arena_format(world->arena, "%s.lock", world->options.path);
	struct metrics *metrics = NULL;

	assert_int_equal(symlink("elsewhere", lock), 0);
	assert_int_equal(metrics_open(world->arena, &world->options, &metrics),
		ERR_BAD_INPUT);
	assert_int_equal(unlink(lock), 0);
	assert_int_equal(mkdir(lock, 0700), 0);
	assert_int_equal(metrics_open(world->arena, &world->options, &metrics),
		ERR_BAD_INPUT);
	assert_int_equal(rmdir(lock), 0);
	assert_int_equal(mkfifo(lock, 0600), 0);
	assert_int_equal(metrics_open(world->arena, &world->options, &metrics),
		ERR_BAD_INPUT);
	assert_int_equal(unlink(lock), 0);
	assert_null(metrics);
	metrics = open_metrics(world);
	metrics_close(&metrics);
	assert_int_equal(chmod(lock, 0606), 0);
	assert_int_equal(unlink(world->options.path), 0);
	assert_int_equal(metrics_open(world->arena, &world->options, &metrics),
		ERR_BAD_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_oldest, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_without_a_file, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_null_is_fine, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_adds_sets_observes, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_out_of_range_counts_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_requests, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_quantiles, setup, teardown),
		cmocka_unit_test_setup_teardown(test_text, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_points_in_time, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_promtool_agrees, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_sum_of_processes_is_exact, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_kill_loses_only_what_is_in_flight, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			test_processes, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_unreaped_is_dead, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_slots_of_the_dead_are_taken, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_pid_used_again_is_not_the_old_process, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			test_file_is_private_and_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_other_layout_gets_a_new_file, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_damaged_files_are_replaced, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_files_of_others_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_lock_of_others_is_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
