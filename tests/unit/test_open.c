/*
 * Opening what the processes of one installation share: they agree on where
 * it is, and a part that is missing stops them with the command that helps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>

#include "auth_fixture.h"
#include "file.h"
#include "open.h"
#include "routes.h"

extern char **environ;

struct house {
	struct fixture *f;
	struct config config;
	struct report *report;
	struct shared a, b;
	char **environment;
	char *given[4];
};

static void house_config(struct house *h)
{
	h->report = report_open(h->f->request);
	assert_int_equal(
		config_load(h->f->arena, NULL, h->report, &h->config), ERR_OK);
}

static enum err house_shared(struct house *h, struct shared *out)
{
	h->report = report_open(h->f->request);
	return shared_open(&h->config, h->f->arena, h->report, out);
}

static int house_open(void **state)
{
	struct house *h = calloc(1, sizeof(*h));
	void *auth = NULL;
	struct fixture *f;

	assert_non_null(h);
	assert_int_equal(fixture_open(&auth), 0);
	h->f = f = auth;
	h->given[0] = arena_format(f->arena, "DATA_FOLDER=%s", f->folder);
	h->given[1] =
		arena_format(f->arena, "STORE_FILE=%s/run/store", f->folder);
	/* larger than any /dev/shm: nothing of a test is left there */
	h->given[2] = arena_format(
		f->arena, "STORE_BYTES=%lld", (long long)INT64_C(64) << 30);
	h->environment = environ;
	environ = h->given;
	house_config(h);
	h->config.store_bytes = (int64_t)1 << 20;
	h->config.store_file = file_join(f->arena, f->folder, "run/store");
	assert_int_equal(
		file_folder(file_join(f->arena, f->folder, "run"), 0700),
		ERR_OK);
	assert_int_equal(
		audit_keys_create(f->arena, f->keys, fixture_start), ERR_OK);
	*state = h;
	return 0;
}

static int house_close(void **state)
{
	struct house *h = *state;
	void *auth = h->f;

	(void)unlink(shared_metrics_path(&h->config, h->f->arena));
	(void)unlink(arena_format(h->f->arena, "%s.lock",
		shared_metrics_path(&h->config, h->f->arena)));
	shared_close(&h->a);
	shared_close(&h->b);
	environ = h->environment;
	fixture_close(&auth);
	free(h);
	return 0;
}

static void two_processes_share_it_all(void **state)
{
	static const struct store_entry entry = {
		.key = "k", .bytes = "v", .len = 1, .life_ms = 60000};
	struct house *h = *state;
	struct store_value value;

	assert_int_equal(house_shared(h, &h->a), ERR_OK);
	assert_int_equal(house_shared(h, &h->b), ERR_OK);
	assert_non_null(h->a.auth);
	assert_non_null(h->a.audit);
	assert_int_equal(store_put(h->a.store, fixture_start, &entry), ERR_OK);
	assert_int_equal(store_get(h->b.store, h->f->request, fixture_start,
				 "k", &value),
		ERR_OK);
	assert_int_equal(value.len, 1);
	metrics_add(h->a.metrics, METRIC_AUDIT_ROWS, 0, 0, 3);
	assert_int_equal(metrics_get(h->b.metrics, METRIC_AUDIT_ROWS, 0, 0), 3);
}

/* A command in passing leaves nothing behind that nobody would clear. */
static void a_command_makes_no_store(void **state)
{
	struct house *h = *state;
	struct arena *arena = h->f->arena;

	h->report = report_open(h->f->request);
	assert_int_equal(
		shared_join(&h->config, arena, h->report, &h->a), ERR_OK);
	assert_non_null(h->a.auth);
	assert_null(h->a.store);
	assert_null(h->a.metrics);
	assert_int_not_equal(
		access(shared_store_path(&h->config, arena), F_OK), 0);
	shared_close(&h->a);
	assert_int_equal(house_shared(h, &h->b), ERR_OK);
	assert_int_equal(
		shared_join(&h->config, arena, h->report, &h->a), ERR_OK);
	assert_non_null(h->a.store);
	assert_non_null(h->a.metrics);
}

/* Strangers may keep every slot busy: the operator needs none. */
static void a_command_sets_a_password_in_a_flood(void **state)
{
	struct house *h = *state;
	struct fixture *f = h->f;
	struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	const char *slots;
	struct token_pair pair;
	int fd;

	fixture_user(f, "alice", AUTH_ROLE_USER);
	assert_int_equal(house_shared(h, &h->a), ERR_OK);
	slots = file_join(f->arena, f->folder, "run/hash.slots");
	fd = open(slots, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &all), 0);
	assert_int_equal(account_login(h->a.auth, fixture_call(f),
				 &(struct login){.username = "alice",
					 .password = good_password},
				 &pair),
		ERR_UNAVAILABLE);
	h->report = report_open(f->request);
	assert_int_equal(
		shared_join(&h->config, f->arena, h->report, &h->b), ERR_OK);
	assert_int_equal(account_set_password(h->b.auth, fixture_call(f),
				 "alice", "a wholly new pass phrase"),
		ERR_OK);
	close(fd);
}

/* A chain without its key would end, and nobody would know. */
static void without_the_audits_key_nothing_starts(void **state)
{
	struct house *h = *state;

	assert_int_equal(
		unlink(file_join(h->f->arena, h->f->keys, "audit.keys")), 0);
	assert_int_equal(house_shared(h, &h->a), ERR_UNAVAILABLE);
	assert_non_null(strstr(h->report->detail, "keys/audit.keys"));
	assert_non_null(strstr(h->report->detail, "kontor init"));
	assert_null(h->a.db);
}

static void without_a_database_nothing_starts(void **state)
{
	struct house *h = *state;

	h->config.database_url =
		arena_format(h->f->arena, "sqlite:%s/other.db", h->f->folder);
	assert_int_equal(house_shared(h, &h->a), ERR_NOT_FOUND);
	assert_non_null(strstr(h->report->detail, "kontor init"));
}

static void a_weak_signing_key_is_refused(void **state)
{
	struct house *h = *state;

	h->config.jwt_secret = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	assert_int_not_equal(house_shared(h, &h->a), ERR_OK);
	assert_null(h->a.auth);
}

/* Every process must come to the same answer, from wherever it starts. */
static void the_places_hang_on_the_folder_alone(void **state)
{
	struct house *h = *state;
	struct arena *arena = h->f->arena;
	struct config other = h->config;
	const char *path;

	other.store_file = "";
	other.data_folder = arena_format(arena, "%s/../%s/./run/..",
		h->f->folder, strrchr(h->f->folder, '/') + 1);
	h->config.store_file = "";
	h->config.store_bytes = 4096;
	other.store_bytes = 4096;
	path = shared_store_path(&h->config, arena);
	if (text_starts(path, "/dev/shm/"))
		assert_string_equal(path, shared_store_path(&other, arena));
	assert_string_not_equal(path, shared_metrics_path(&h->config, arena));
	assert_string_not_equal(path, shared_live_path(&h->config, arena));
	/* too large for /dev/shm: beside the database */
	h->config.store_bytes = (int64_t)1 << 50;
	assert_string_equal(shared_store_path(&h->config, arena),
		arena_format(arena, "%s/run/store", h->f->folder));
	h->config.store_file = "/somewhere";
	assert_string_equal(shared_store_path(&h->config, arena), "/somewhere");
}

static void the_labels_follow_the_tables(void **state)
{
	struct house *h = *state;
	struct metrics_labels labels = shared_labels(h->f->arena);
	size_t count = 0;

	while (labels.routes[count])
		count++;
	assert_int_equal(count, routes.count);
	assert_string_equal(labels.routes[0], "POST /auth/register");
	assert_non_null(labels.rules[0]);
	assert_non_null(labels.cache_classes[0]);
	assert_non_null(labels.jobs[0]);
	assert_non_null(labels.run_kinds[0]);
}

int main(void)
{
#define CASE(test) \
	cmocka_unit_test_setup_teardown(test, house_open, house_close)
	const struct CMUnitTest tests[] = {
		CASE(two_processes_share_it_all),
		CASE(a_command_makes_no_store),
		CASE(a_command_sets_a_password_in_a_flood),
		CASE(without_the_audits_key_nothing_starts),
		CASE(without_a_database_nothing_starts),
		CASE(a_weak_signing_key_is_refused),
		CASE(the_places_hang_on_the_folder_alone),
		CASE(the_labels_follow_the_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
