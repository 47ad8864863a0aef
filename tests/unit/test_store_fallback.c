/*
 * Redis lost and found: stopped, killed, late, talking nonsense, not letting
 * us in. The store goes on with the local one at the same limits, says so,
 * comes back by itself, and believes nothing that was cached before.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "metrics.h"
#include "store_kit.h"
#include "store_proxy.h"

/* One Redis for all of them; each test has a local store of its own. */
static struct kit shared;

struct fixture {
	struct kit kit;
	struct store_options options;
	struct store *store;
	struct arena *arena;
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	if (shared.redis == 0)
		kit_redis_start(&shared);
	kit_redis_do(&shared, "CONFIG SET maxmemory 0");
	kit_redis_do(&shared, "FLUSHALL");
	kit_init(&fixture->kit);
	fixture->arena = arena_open(16 * KIT_MIB);
	fixture->options = kit_options(&fixture->kit);
	fixture->options.local_bytes = KIT_MIB;
	fixture->options.redis_url = shared.url;
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	if (shared.redis > 0)
		(void)kill(shared.redis, SIGCONT);
	store_close(&fixture->store);
	arena_close(&fixture->arena);
	kit_release(&fixture->kit);
	free(fixture);
	return 0;
}

static void open_store(struct fixture *fixture)
{
	fixture->store = kit_open(&fixture->kit, &fixture->options);
}

static struct store_state state_of(struct fixture *fixture)
{
	struct store_state now;

	assert_int_equal(store_state(fixture->store, KIT_NOW, &now), ERR_OK);
	return now;
}

static bool is_degraded(struct fixture *fixture)
{
	return state_of(fixture).degraded;
}

static void wait_until_back(struct fixture *fixture)
{
	int64_t end = kit_ms() + KIT_PATIENCE_MS;

	while (is_degraded(fixture)) {
		assert_true(kit_ms() < end);
		kit_nap();
	}
}

static bool take_one(struct store *store)
{
	const struct store_window window = {.rule = "login",
		.subject = "a:192.0.2.1",
		.limit = 5,
		.window_ms = 600000};
	const struct store_windows windows = {.at = &window, .count = 1};
	struct store_taken taken;

	assert_int_equal(store_take(store, KIT_NOW, &windows, &taken), ERR_OK);
	return taken.allowed;
}

static void put(struct fixture *fixture, const char *key, const char *text)
{
	const struct store_entry entry = {.key = key,
		.bytes = text,
		.len = strlen(text),
		.life_ms = 600000};

	assert_int_equal(store_put(fixture->store, KIT_NOW, &entry), ERR_OK);
}

/* NULL: there is none. */
static const char *get(struct fixture *fixture, const char *key)
{
	struct store_value value = {.bytes = NULL};
	enum err err =
		store_get(fixture->store, fixture->arena, KIT_NOW, key, &value);

	assert_true(err == ERR_OK || err == ERR_NOT_FOUND);
	return value.bytes;
}

static const struct store_question question = {
	.key = "GET /x", .tags = {.names = {"t"}, .count = 1}, .claim_ms = 100};

static struct store_look look(struct fixture *fixture)
{
	struct store_look out;

	assert_int_equal(store_look(fixture->store, fixture->arena, KIT_NOW,
				 &question, &out),
		ERR_OK);
	return out;
}

/* Makes sure that an answer is cached. */
static struct store_look cache_answer(struct fixture *fixture)
{
	const struct store_answer answer = {
		.bytes = "old", .len = 3, .life_ms = 600000};
	struct store_look asked = look(fixture);

	assert_true(asked.claimed);
	assert_int_equal(
		store_keep(fixture->store, KIT_NOW, &asked, &answer), ERR_OK);
	assert_true(look(fixture).fresh);
	return asked;
}

static void write_something(struct fixture *fixture)
{
	assert_int_equal(
		store_hold(fixture->store, KIT_NOW, &question.tags, 1000),
		ERR_OK);
	assert_int_equal(
		store_release(fixture->store, KIT_NOW, &question.tags), ERR_OK);
}

static void pause_redis(void)
{
	int status;

	assert_int_equal(kill(shared.redis, SIGSTOP), 0);
	assert_int_equal(
		waitpid(shared.redis, &status, WUNTRACED), shared.redis);
	assert_true(WIFSTOPPED(status));
}

/* ---- stopped ------------------------------------------------------------------ */

static void a_redis_that_stops_is_waited_for_once(void **state)
{
	struct fixture *fixture = *state;
	int64_t before;

	open_store(fixture);
	assert_true(take_one(fixture->store));
	store_close(&fixture->store);
	fixture->options.redis_timeout_ms = 50;
	fixture->options.redis_pause_ms = 30000;
	open_store(fixture);
	wait_until_back(fixture);
	pause_redis();
	before = kit_ms();
	assert_true(take_one(fixture->store));
	/* it was waited for, and not much longer (a busy machine's slack) */
	assert_in_range(kit_ms() - before, 45, 1000);
	before = kit_ms();
	for (int i = 0; i < 40; i++)
		(void)take_one(fixture->store);
	assert_true(kit_ms() - before < 40 * 45);
	assert_true(is_degraded(fixture));
	assert_int_equal(state_of(fixture).degraded_since, KIT_NOW);
	assert_string_equal(state_of(fixture).backend, "local");
	/* the limit is the same one */
	assert_false(take_one(fixture->store));
}

static int64_t take_in_a_hurry(void *context, int n)
{
	struct fixture *fixture = context;
	int64_t before = kit_ms();
	int64_t allowed = 0;

	(void)n;
	open_store(fixture);
	for (int i = 0; i < 5; i++)
		allowed += take_one(fixture->store);
	store_close(&fixture->store);
	/* slower than that: it asked for itself */
	return kit_ms() - before < 2000 ? allowed : 1000;
}

static void what_one_finds_out_all_know(void **state)
{
	struct fixture *fixture = *state;

	fixture->options.redis_timeout_ms = 3000;
	fixture->options.redis_pause_ms = 30000;
	pause_redis();
	open_store(fixture);
	assert_true(is_degraded(fixture));
	store_close(&fixture->store);
	assert_int_equal(kit_together(8, take_in_a_hurry, fixture), 5);
}

static void it_comes_back_and_nothing_old_is_believed(void **state)
{
	struct fixture *fixture = *state;
	const struct store_answer answer = {
		.bytes = "late", .len = 4, .life_ms = 600000};
	struct store_look asked, refused;

	open_store(fixture);
	asked = cache_answer(fixture);
	put(fixture, "a", "before");
	store_close(&fixture->store);
	fixture->options.redis_timeout_ms = 50;
	open_store(fixture);
	pause_redis();
	write_something(fixture);
	assert_true(is_degraded(fixture));
	assert_int_equal(store_look(fixture->store, fixture->arena, KIT_NOW,
				 &question, &refused),
		ERR_UNAVAILABLE);
	assert_int_equal(
		store_keep(fixture->store, KIT_NOW, &asked, &answer), ERR_OK);
	assert_int_equal(store_flush(fixture->store), ERR_OK);
	assert_null(get(fixture, "a"));
	put(fixture, "a", "meanwhile");
	assert_string_equal(get(fixture, "a"), "meanwhile");
	assert_int_equal(kill(shared.redis, SIGCONT), 0);
	wait_until_back(fixture);
	assert_string_equal(state_of(fixture).backend, "redis");
	assert_int_equal(state_of(fixture).degraded_since, 0);
	/* neither what was written before, nor a late keep of then */
	assert_false(look(fixture).found);
	assert_int_equal(
		store_keep(fixture->store, KIT_NOW, &asked, &answer), ERR_OK);
	assert_false(look(fixture).found);
	assert_null(get(fixture, "a"));
	put(fixture, "a", "after");
	/* the next time, what was local the last time is not read */
	pause_redis();
	assert_null(get(fixture, "a"));
}

/* ---- killed -------------------------------------------------------------------- */

static void a_redis_that_died_is_found_again(void **state)
{
	struct fixture *fixture = *state;

	open_store(fixture);
	for (int i = 0; i < 5; i++)
		assert_true(take_one(fixture->store));
	kit_redis_stop(&shared);
	for (int i = 0; i < 5; i++)
		assert_true(take_one(fixture->store));
	assert_false(take_one(fixture->store));
	assert_true(is_degraded(fixture));
	kit_redis_start(&shared);
	wait_until_back(fixture);
	assert_true(take_one(fixture->store));
}

/* It reads an old state back, in which a written tag has its old version. */
static void an_old_snapshot_is_not_believed(void **state)
{
	struct fixture *fixture = *state;

	open_store(fixture);
	(void)cache_answer(fixture);
	kit_redis_do(&shared, "SAVE");
	write_something(fixture);
	assert_false(look(fixture).found);
	kit_redis_stop(&shared);
	kit_redis_start(&shared);
	wait_until_back(fixture);
	assert_false(look(fixture).found);
}

static void it_may_be_away_from_the_start(void **state)
{
	struct fixture *fixture = *state;

	kit_redis_stop(&shared);
	open_store(fixture);
	assert_true(is_degraded(fixture));
	assert_true(state_of(fixture).degraded_since > 0);
	assert_true(take_one(fixture->store));
	kit_redis_start(&shared);
	wait_until_back(fixture);
}

static void closed_connections_and_lost_scripts_are_nothing(void **state)
{
	struct fixture *fixture = *state;

	open_store(fixture);
	put(fixture, "a", "apple");
	for (int i = 0; i < 3; i++) {
		kit_redis_do(&shared, "CLIENT KILL TYPE normal SKIPME yes");
		assert_string_equal(get(fixture, "a"), "apple");
		kit_redis_do(&shared, "SCRIPT FLUSH");
		assert_string_equal(get(fixture, "a"), "apple");
		assert_true(take_one(fixture->store));
	}
	assert_false(is_degraded(fixture));
}

static void every_key_has_a_life(void **state)
{
	struct fixture *fixture = *state;
	const struct store_entry number = {.key = "n", .life_ms = 1000};
	redisContext *context;
	redisReply *keys;
	size_t fixed = 0;
	int64_t sum;

	open_store(fixture);
	put(fixture, "a", "apple");
	(void)cache_answer(fixture);
	write_something(fixture);
	(void)look(fixture);
	assert_true(take_one(fixture->store));
	assert_int_equal(
		store_add(fixture->store, KIT_NOW, &number, 1, &sum), ERR_OK);
	context = kit_redis(&shared);
	assert_non_null(context);
	freeReplyObject(redisCommand(context, "SELECT 3"));
	keys = redisCommand(context, "KEYS *");
	assert_non_null(keys);
	assert_true(keys->elements > 8);
	for (size_t i = 0; i < keys->elements; i++) {
		const char *name = keys->element[i]->str;
		redisReply *life = redisCommand(context, "PTTL %s", name);

		assert_memory_equal(name, "kontor:", 7);
		if (strncmp(name, "kontor:s:", 9) == 0)
			fixed++;
		else
			assert_in_range(life->integer, 1, 90000000);
		freeReplyObject(life);
	}
	assert_in_range(fixed, 4, 7);
	freeReplyObject(keys);
	redisFree(context);
}

/* ---- late, mute, babbling ------------------------------------------------------- */

static void a_late_answer_is_never_the_next_one(void **state)
{
	struct fixture *fixture = *state;
	struct proxy proxy;

	proxy_start(&proxy, &shared);
	fixture->options.redis_url = proxy.url;
	fixture->options.redis_timeout_ms = 200;
	open_store(fixture);
	wait_until_back(fixture);
	for (int i = 0; i < 4; i++) {
		put(fixture, "a", "apple");
		put(fixture, "b", "banana");
		atomic_store(&proxy.orders->delay_ms, 260);
		assert_null(get(fixture, "a")); /* late: local has none */
		atomic_store(&proxy.orders->delay_ms, 0);
		wait_until_back(fixture);
		put(fixture, "b", "banana");
		assert_string_equal(get(fixture, "b"), "banana");
	}
	store_close(&fixture->store);
	proxy_stop(&proxy);
}

static void an_answer_too_many_is_not_read(void **state)
{
	struct fixture *fixture = *state;
	struct proxy proxy;

	proxy_start(&proxy, &shared);
	fixture->options.redis_url = proxy.url;
	open_store(fixture);
	for (int i = 0; i < 10; i++) {
		const char *found;

		wait_until_back(fixture);
		put(fixture, "b", "banana");
		atomic_store(&proxy.orders->inject, 1);
		found = get(fixture, "b");
		assert_true(!found || strcmp(found, "banana") == 0);
		found = get(fixture, "b");
		assert_true(!found || strcmp(found, "banana") == 0);
	}
	store_close(&fixture->store);
	proxy_stop(&proxy);
}

static struct store_told take_look(struct fixture *fixture)
{
	const struct store_window window = {.rule = "general",
		.subject = "u:1",
		.limit = 100,
		.window_ms = 600000};
	const struct store_windows windows = {.at = &window, .count = 1};
	const struct store_ask ask = {
		.windows = &windows, .question = &question};
	struct store_told told;

	assert_int_equal(store_take_look(fixture->store, fixture->arena,
				 KIT_NOW, &ask, &told),
		ERR_OK);
	assert_true(told.taken.allowed);
	return told;
}

/* The usual request goes to Redis once. */
static void a_hit_is_one_round_trip(void **state)
{
	struct fixture *fixture = *state;
	struct proxy proxy;
	int before;

	proxy_start(&proxy, &shared);
	fixture->options.redis_url = proxy.url;
	open_store(fixture);
	(void)cache_answer(fixture);
	(void)take_look(fixture);
	before = atomic_load(&proxy.orders->asked);
	for (int i = 0; i < 10; i++)
		assert_true(take_look(fixture).look.fresh);
	assert_int_equal(atomic_load(&proxy.orders->asked) - before, 10);
	store_close(&fixture->store);
	proxy_stop(&proxy);
}

/* Two answers to one request: neither is left for the next one. */
static void neither_of_two_late_answers_is_the_next_one(void **state)
{
	struct fixture *fixture = *state;
	struct proxy proxy;

	proxy_start(&proxy, &shared);
	fixture->options.redis_url = proxy.url;
	fixture->options.redis_timeout_ms = 200;
	open_store(fixture);
	for (int i = 0; i < 4; i++) {
		struct store_told told;
		int64_t before;

		wait_until_back(fixture);
		put(fixture, "b", "banana");
		atomic_store(&proxy.orders->delay_ms, 260);
		before = kit_ms();
		told = take_look(fixture); /* late: taken from the local one */
		assert_in_range(kit_ms() - before, 190, 1500);
		assert_false(told.looked);
		atomic_store(&proxy.orders->delay_ms, 0);
		wait_until_back(fixture);
		put(fixture, "b", "banana");
		assert_string_equal(get(fixture, "b"), "banana");
		atomic_store(&proxy.orders->inject, 1);
		told = take_look(fixture);
		assert_true(
			!told.looked || told.look.claimed || !told.look.found);
		wait_until_back(fixture);
		put(fixture, "b", "banana");
		assert_string_equal(get(fixture, "b"), "banana");
	}
	store_close(&fixture->store);
	proxy_stop(&proxy);
}

/* Limits hold, nothing is found, nothing is claimed. */
static void without_redis_a_request_takes_and_does_not_look(void **state)
{
	struct fixture *fixture = *state;

	open_store(fixture);
	(void)cache_answer(fixture);
	kit_redis_do(&shared, "SCRIPT FLUSH");
	assert_true(take_look(fixture).look.fresh);
	kit_redis_do(&shared, "CLIENT KILL TYPE normal SKIPME yes");
	assert_true(take_look(fixture).look.fresh);
	assert_int_equal(take_look(fixture).taken.remaining, 97);
	assert_false(is_degraded(fixture));
	fixture->options.redis_timeout_ms = 50;
	store_close(&fixture->store);
	open_store(fixture);
	pause_redis();
	for (int i = 0; i < 3; i++) {
		struct store_told told = take_look(fixture);

		assert_false(told.looked);
		assert_int_equal(told.taken.remaining, 99 - i);
	}
	assert_true(is_degraded(fixture));
	assert_int_equal(kill(shared.redis, SIGCONT), 0);
	wait_until_back(fixture);
	assert_false(take_look(fixture).look.found);
}

/* Asked seldom, and ever more seldom. */
static void a_mute_redis_is_left_alone(void **state)
{
	struct fixture *fixture = *state;
	struct proxy proxy;
	int64_t end;

	proxy_start(&proxy, &shared);
	atomic_store(&proxy.orders->delay_ms, -1);
	fixture->options.redis_url = proxy.url;
	fixture->options.redis_timeout_ms = 10;
	fixture->options.redis_pause_ms = 40;
	open_store(fixture);
	end = kit_ms() + 700;
	while (kit_ms() < end)
		assert_null(get(fixture, "a"));
	/* at 0, 40, 120, 280, 600 and no more: 10 for each on top */
	assert_in_range(atomic_load(&proxy.orders->accepted), 2, 5);
	store_close(&fixture->store);
	proxy_stop(&proxy);
}

/* ---- not let in ------------------------------------------------------------------ */

static void a_wrong_password_is_a_redis_that_is_away(void **state)
{
	struct fixture *fixture = *state;

	fixture->options.redis_password = "five herrings";
	open_store(fixture);
	assert_true(is_degraded(fixture));
	put(fixture, "a", "apple");
	assert_string_equal(get(fixture, "a"), "apple");
	store_close(&fixture->store);
	fixture->options.redis_password = NULL;
	open_store(fixture);
	assert_true(is_degraded(fixture));
	store_close(&fixture->store);
	fixture->options.redis_password = KIT_PASSWORD;
	fixture->options.redis_url = "unix:///nowhere/at/all";
	open_store(fixture);
	assert_true(is_degraded(fixture));
}

/* noeviction: it refuses to write, and forgets nothing. */
static void a_full_redis_is_a_redis_that_is_away(void **state)
{
	struct fixture *fixture = *state;

	open_store(fixture);
	for (int i = 0; i < 4; i++)
		assert_true(take_one(fixture->store));
	assert_false(is_degraded(fixture));
	kit_redis_do(&shared, "CONFIG SET maxmemory-policy noeviction");
	kit_redis_do(&shared, "CONFIG SET maxmemory 1");
	for (int i = 0; i < 5; i++)
		assert_true(take_one(fixture->store));
	assert_false(take_one(fixture->store));
	assert_true(is_degraded(fixture));
	kit_redis_do(&shared, "CONFIG SET maxmemory 0");
	wait_until_back(fixture);
	/* what it had counted before is still there */
	assert_true(take_one(fixture->store));
	assert_false(take_one(fixture->store));
}

static void addresses_are_checked(void **state)
{
	static const char *const bad[] = {"localhost", "http://localhost",
		"redis://", "redis://:x@", "redis://host:0",
		"redis://host:70000", "redis://host:12x", "redis://host/x",
		"redis://host/-1", "redis://user:pass@host",
		"redis://:%zz@host", "redis://[::1", "redis://[::1]x",
		"redis://a b", "unix://", "unix://path", "unix:///",
		"unix:///path?db=x", "unix:///path?x=1"};
	static const char *const good[] = {"redis://127.0.0.1:1",
		"redis://:p%40ss@127.0.0.1:1/7", "redis://[::1]:1/0",
		"redis://127.0.0.1:1/", "unix:///no/path?db=0"};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct report *report = report_open(fixture->arena);

		fixture->options.redis_url = bad[i];
		assert_int_equal(store_open(fixture->arena, &fixture->options,
					 report, &fixture->store),
			ERR_BAD_INPUT);
		assert_non_null(report->detail);
		assert_null(strstr(report->detail, "user:pass"));
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		fixture->options.redis_url = good[i];
		open_store(fixture);
		assert_true(is_degraded(fixture));
		store_close(&fixture->store);
	}
}

/* ---- what is counted ---------------------------------------------------------------- */

static void operations_and_failures_are_counted(void **state)
{
	struct fixture *fixture = *state;
	static const char *const none[] = {NULL};
	const struct metrics_options options = {
		.path = arena_format(
			fixture->arena, "%s/metrics", fixture->kit.folder),
		.labels = {none, none, none, none}};
	struct metrics *metrics;

	assert_int_equal(
		metrics_open(fixture->arena, &options, &metrics), ERR_OK);
	fixture->options.metrics = metrics;
	fixture->options.redis_pause_ms = 30000;
	open_store(fixture);
	put(fixture, "a", "apple");
	assert_non_null(get(fixture, "a"));
	assert_int_equal(metrics_get(metrics, METRIC_STORE_OPS, 1, 0), 1);
	assert_int_equal(metrics_get(metrics, METRIC_STORE_OPS, 1, 1), 1);
	assert_int_equal(metrics_get(metrics, METRIC_STORE_OPS, 0, 0), 0);
	assert_int_equal(metrics_get(metrics, METRIC_STORE_DEGRADED, 0, 0), 0);
	kit_redis_stop(&shared);
	assert_null(get(fixture, "a"));
	assert_int_equal(metrics_get(metrics, METRIC_STORE_OPS, 0, 0), 1);
	assert_int_equal(metrics_get(metrics, METRIC_STORE_ERRORS, 1, 0), 1);
	assert_int_equal(metrics_get(metrics, METRIC_STORE_DEGRADED, 0, 0), 1);
	store_close(&fixture->store);
	metrics_close(&metrics);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_redis_that_stops_is_waited_for_once),
		TEST(what_one_finds_out_all_know),
		TEST(it_comes_back_and_nothing_old_is_believed),
		TEST(a_redis_that_died_is_found_again),
		TEST(an_old_snapshot_is_not_believed),
		TEST(it_may_be_away_from_the_start),
		TEST(closed_connections_and_lost_scripts_are_nothing),
		TEST(every_key_has_a_life),
		TEST(a_late_answer_is_never_the_next_one),
		TEST(an_answer_too_many_is_not_read),
		TEST(a_hit_is_one_round_trip),
		TEST(neither_of_two_late_answers_is_the_next_one),
		TEST(without_redis_a_request_takes_and_does_not_look),
		TEST(a_mute_redis_is_left_alone),
		TEST(a_wrong_password_is_a_redis_that_is_away),
		TEST(a_full_redis_is_a_redis_that_is_away),
		TEST(addresses_are_checked),
		TEST(operations_and_failures_are_counted),
	};
	int failed;

	kit_init(&shared);
	failed = cmocka_run_group_tests_name(
		"store fallback", tests, NULL, NULL);
	kit_release(&shared);
	return failed;
}
