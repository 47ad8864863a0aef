/*
 * Settings that change while the program runs, in two workers of one
 * installation: the second knows of a change before its next request, and
 * a change that cannot be taken over leaves the old settings in force.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>

#include "domain_world.h"
#include "live.h"
#include "open.h"

extern char **environ;

struct worker {
	struct config config;
	struct live *live;
	int64_t quota;
	const char *login_rule;
	int applied;
	bool refuses;
};

struct house {
	struct world *w;
	struct worker a, b;
	char **environment;
};

static enum err apply(void *context, const struct config *config,
	struct arena *arena, struct report *report)
{
	struct worker *worker = context;

	(void)arena;
	(void)report;
	if (worker->refuses)
		return ERR_BAD_INPUT;
	worker->quota = config->strategies_per_user;
	worker->login_rule = config->rate_rules[RATE_RULE_LOGIN];
	worker->applied++;
	return ERR_OK;
}

static void worker_open(struct house *h, struct worker *worker)
{
	struct report *report = world_report(h->w);

	assert_int_equal(
		config_load(h->w->arena, NULL, report, &worker->config),
		ERR_OK);
	assert_int_equal(
		live_open(h->w->arena,
			&(const struct live_options){.config = &worker->config,
				.db = h->w->db,
				.apply = apply,
				.context = worker},
			report, &worker->live),
		ERR_OK);
}

static int house_open(void **state)
{
	static char *given[3];
	struct house *h = calloc(1, sizeof(*h));
	void *world;

	assert_non_null(h);
	assert_int_equal(world_open(&world), 0);
	h->w = world;
	given[0] = arena_format(h->w->arena, "DATA_FOLDER=%s", h->w->folder);
	/* no /dev/shm holds it: everything stays in the test's folder */
	given[1] = arena_format(
		h->w->arena, "STORE_BYTES=%lld", (long long)INT64_C(64) << 30);
	h->environment = environ;
	environ = given;
	*state = h;
	return 0;
}

static int house_close(void **state)
{
	struct house *h = *state;
	void *world = h->w;

	live_close(&h->a.live);
	live_close(&h->b.live);
	environ = h->environment;
	(void)unlink(arena_format(h->w->arena, "%s/run/live", h->w->folder));
	world_close(&world);
	free(h);
	return 0;
}

static void both_open(struct house *h)
{
	assert_int_equal(
		file_folder(file_join(h->w->arena, h->w->folder, "run"), 0700),
		ERR_OK);
	worker_open(h, &h->a);
	worker_open(h, &h->b);
}

static void change(struct house *h, const char *text)
{
	const struct json *values;

	assert_int_equal(json_parse(h->w->arena, text, strlen(text),
				 world_report(h->w), &values),
		ERR_OK);
	assert_int_equal(system_settings_change(world_admin(h->w),
				 live_system(h->a.live), values),
		ERR_OK);
}

static bool follow(struct worker *worker, int64_t now)
{
	bool changed;

	assert_int_equal(live_refresh(worker->live, now, &changed), ERR_OK);
	return changed;
}

static void every_worker_follows_before_its_next_request(void **state)
{
	struct house *h = *state;

	both_open(h);
	assert_int_equal(h->a.quota, 200);
	assert_int_equal(h->b.quota, 200);
	(void)follow(&h->a, world_now);
	(void)follow(&h->b, world_now);
	assert_false(follow(&h->b, world_now));
	change(h, "{\"STRATEGIES_PER_USER\":7,\"RATE_LIMIT_LOGIN\":\"4/60\"}");
	assert_int_equal(h->b.quota, 200);
	assert_true(follow(&h->b, world_now));
	assert_int_equal(h->b.quota, 7);
	assert_string_equal(h->b.login_rule, "4/60");
	assert_true(follow(&h->a, world_now));
	assert_int_equal(h->a.quota, 7);
	assert_false(follow(&h->b, world_now));
	/* what stays in force is readable after further changes */
	for (int i = 1; i < 5; i++) {
		change(h, arena_format(h->w->arena,
				  "{\"STRATEGIES_PER_USER\":%d}", i));
		assert_true(follow(&h->b, world_now));
		assert_int_equal(h->b.quota, i);
		assert_string_equal(h->b.login_rule, "4/60");
	}
}

static void a_new_worker_starts_with_them(void **state)
{
	struct house *h = *state;

	both_open(h);
	change(h, "{\"STRATEGIES_PER_USER\":7}");
	live_close(&h->b.live);
	worker_open(h, &h->b);
	assert_int_equal(h->b.quota, 7);
}

/* A look is cheap: nothing is read while nothing was told. */
static void nothing_is_read_without_need(void **state)
{
	struct house *h = *state;

	both_open(h);
	(void)follow(&h->a, world_now);
	h->a.applied = 0;
	for (int i = 0; i < 100; i++)
		assert_false(follow(&h->a, world_now + i));
	assert_int_equal(h->a.applied, 0);
}

/* The shared file may be lost: a change is seen a little later. */
static void without_the_file_the_clock_decides(void **state)
{
	struct house *h = *state;

	worker_open(h, &h->a); /* there is no run folder */
	worker_open(h, &h->b);
	(void)follow(&h->b, world_now);
	change(h, "{\"STRATEGIES_PER_USER\":7}");
	(void)follow(&h->b, world_now + 4999);
	assert_int_equal(h->b.quota, 200);
	(void)follow(&h->b, world_now + 5000);
	assert_int_equal(h->b.quota, 7);
	/* a clock set back does not stop it */
	change(h, "{\"STRATEGIES_PER_USER\":8}");
	(void)follow(&h->b, world_now - 60000);
	assert_int_equal(h->b.quota, 8);
}

static void what_cannot_be_taken_over_leaves_the_old(void **state)
{
	struct house *h = *state;
	bool changed;

	both_open(h);
	(void)follow(&h->b, world_now);
	change(h, "{\"STRATEGIES_PER_USER\":7}");
	h->b.refuses = true;
	assert_int_equal(
		live_refresh(h->b.live, world_now, &changed), ERR_BAD_INPUT);
	assert_false(changed);
	assert_int_equal(h->b.quota, 200);
	h->b.refuses = false;
	assert_true(follow(&h->b, world_now));
	assert_int_equal(h->b.quota, 7);
}

/* The guard's own reader has the word on what a rule may be. */
static void a_rule_that_cannot_be_is_refused(void **state)
{
	static const char *const rules[] = {"often", "0", "5/0", "-1/60",
		"5/604801", "1000000001/60",
		/* counted in 64 bits it would run over */
		"9223372036854775807/60"};
	struct house *h = *state;

	both_open(h);
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const char *text = arena_format(
			h->w->arena, "{\"RATE_LIMIT_LOGIN\":\"%s\"}", rules[i]);
		const struct json *values;

		assert_int_equal(json_parse(h->w->arena, text, strlen(text),
					 world_report(h->w), &values),
			ERR_OK);
		assert_int_equal(system_settings_change(world_admin(h->w),
					 live_system(h->a.live), values),
			ERR_BAD_INPUT);
	}
	(void)follow(&h->b, world_now);
	assert_string_equal(h->b.login_rule, "5/60");
	change(h, "{\"RATE_LIMIT_LOGIN\":\"1000000000/604800\"}");
}

/* Somebody's file, prepared under our name: not believed, and not needed. */
static void a_file_of_others_is_not_shared(void **state)
{
	struct house *h = *state;
	const char *path;

	assert_int_equal(
		file_folder(file_join(h->w->arena, h->w->folder, "run"), 0700),
		ERR_OK);
	path = arena_format(h->w->arena, "%s/run/live", h->w->folder);
	assert_int_equal(file_write(path, "", 0, 0666), ERR_OK);
	worker_open(h, &h->a);
	worker_open(h, &h->b);
	(void)follow(&h->b, world_now);
	change(h, "{\"STRATEGIES_PER_USER\":7}");
	assert_false(follow(&h->b, world_now + 4999));
	assert_int_equal(h->b.quota, 200);
	(void)follow(&h->b, world_now + 5000);
	assert_int_equal(h->b.quota, 7);
}

/* A live row is judged by numbers, switches and the guard: never a secret,
   never where something is. */
static void no_live_row_is_a_secret(void **state)
{
	size_t live = 0;

	(void)state;
	for (size_t i = 0; i < config_table.count; i++) {
		const struct conf_row *row = &config_table.rows[i];

		live += row->live;
		assert_false(row->live && row->secret);
		if (row->live && conf_kind_of(row) == CONF_INT)
			assert_true(row->max > row->min);
		/* a limit that an admin may change never goes */
		if (row->live && text_starts(row->name, "RATE_LIMIT_"))
			assert_true(row->stays_on || row->min > 0);
	}
	assert_true(live >= 6);
	assert_false(conf_find(&config_table, "RATE_LIMIT_EXEMPT_USERS")->live);
}

int main(void)
{
#define CASE(test) \
	cmocka_unit_test_setup_teardown(test, house_open, house_close)
	const struct CMUnitTest tests[] = {
		CASE(every_worker_follows_before_its_next_request),
		CASE(a_new_worker_starts_with_them),
		CASE(nothing_is_read_without_need),
		CASE(without_the_file_the_clock_decides),
		CASE(what_cannot_be_taken_over_leaves_the_old),
		CASE(a_rule_that_cannot_be_is_refused),
		CASE(a_file_of_others_is_not_shared),
		CASE(no_live_row_is_a_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
