/*
 * One suite for every backend of the store: memory, local, Redis over a UNIX
 * socket and over TCP do the same, to the millisecond.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store_kit.h"

enum kind {
	KIND_MEMORY,
	KIND_LOCAL,
	KIND_UNIX,
	KIND_TCP,
	KIND_COUNT
};
static const char *const kind_names[KIND_COUNT] = {
	"memory", "local", "redis, UNIX", "redis, TCP"};
/* What store_state calls it. */
static const char *const state_names[KIND_COUNT] = {
	"memory", "local", "redis", "redis"};

struct fixture {
	struct kit *kit;
	enum kind kind;
	struct store *store;
	struct arena *arena;
};

/* ---- what the tests are told with ------------------------------------------ */

static struct store *open_kind(struct kit *kit, enum kind kind)
{
	struct store_options options = kit_options(kit);
	char url[160];

	if (kind == KIND_MEMORY)
		return store_open_memory(kit->arena);
	if (kind == KIND_UNIX)
		options.redis_url = kit->url;
	if (kind == KIND_TCP) {
		(void)snprintf(url, sizeof(url),
			"redis://:seven%%20herrings@127.0.0.1:%d/2", kit->port);
		options.redis_url = url;
		options.redis_password = NULL;
	}
	return kit_open(kit, &options);
}

static int set_up(void **state)
{
	struct fixture *fixture = *state;

	if (fixture->kind >= KIND_UNIX)
		kit_redis_do(fixture->kit, "FLUSHALL");
	for (int i = 1; i < 4; i++) {
		char name[128];

		(void)snprintf(
			name, sizeof(name), "%s-2.%d", fixture->kit->path, i);
		(void)unlink(name);
		(void)snprintf(name, sizeof(name), "%s-2.%d-lock",
			fixture->kit->path, i);
		(void)unlink(name);
	}
	(void)unlink(fixture->kit->path);
	fixture->arena = arena_open(64 * KIT_MIB);
	fixture->store = open_kind(fixture->kit, fixture->kind);
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	struct store_state now;

	/* It was the backend that is meant, from the first to the last. */
	assert_int_equal(store_state(fixture->store, KIT_NOW, &now), ERR_OK);
	assert_string_equal(now.backend, state_names[fixture->kind]);
	assert_false(now.degraded);
	store_close(&fixture->store);
	assert_null(fixture->store);
	arena_close(&fixture->arena);
	return 0;
}

static void put(
	struct fixture *fixture, int64_t now, const char *key, const char *text)
{
	const struct store_entry entry = {.key = key,
		.bytes = text,
		.len = strlen(text),
		.life_ms = 1000};

	assert_int_equal(store_put(fixture->store, now, &entry), ERR_OK);
}

static enum err get(struct fixture *fixture, int64_t now, const char *key,
	struct store_value *out)
{
	return store_get(fixture->store, fixture->arena, now, key, out);
}

/* ---- values ---------------------------------------------------------------- */

static void values_live_and_end(void **state)
{
	struct fixture *fixture = *state;
	struct store_value value = {.len = 77};

	assert_int_equal(get(fixture, KIT_NOW, "a", &value), ERR_NOT_FOUND);
	assert_int_equal(value.len, 77);
	put(fixture, KIT_NOW, "a", "apple");
	put(fixture, KIT_NOW + 1, "b", "");
	assert_int_equal(get(fixture, KIT_NOW, "a", &value), ERR_OK);
	assert_int_equal(value.len, 5);
	assert_string_equal(value.bytes, "apple");
	assert_int_equal(value.stored_ms, KIT_NOW);
	assert_int_equal(value.expires_ms, KIT_NOW + 1000);
	assert_int_equal(get(fixture, KIT_NOW + 999, "a", &value), ERR_OK);
	assert_int_equal(
		get(fixture, KIT_NOW + 1000, "a", &value), ERR_NOT_FOUND);
	assert_int_equal(get(fixture, KIT_NOW + 1000, "b", &value), ERR_OK);
	assert_int_equal(value.len, 0);
	assert_string_equal(value.bytes, "");
	put(fixture, KIT_NOW + 900, "a", "pear");
	assert_int_equal(get(fixture, KIT_NOW + 1899, "a", &value), ERR_OK);
	assert_string_equal(value.bytes, "pear");
	assert_int_equal(store_remove(fixture->store, "a"), ERR_OK);
	assert_int_equal(store_remove(fixture->store, "a"), ERR_OK);
	assert_int_equal(get(fixture, KIT_NOW, "a", &value), ERR_NOT_FOUND);
}

static void values_hold_any_bytes(void **state)
{
	struct fixture *fixture = *state;
	char *bytes = arena_alloc(fixture->arena, 200 * 1024);
	struct store_entry entry = {
		.key = "\x01 a:b\xc3\xa4%s", .bytes = bytes, .life_ms = 5000};

	for (size_t i = 0; i < 200 * 1024; i++)
		bytes[i] = (char)(i * 31);
	for (entry.len = 1; entry.len <= 200 * 1024; entry.len *= 7) {
		struct store_value value;

		assert_int_equal(
			store_put(fixture->store, KIT_NOW, &entry), ERR_OK);
		assert_int_equal(
			get(fixture, KIT_NOW, entry.key, &value), ERR_OK);
		assert_int_equal(value.len, entry.len);
		assert_memory_equal(value.bytes, bytes, entry.len);
		assert_int_equal(value.bytes[entry.len], 0);
	}
}

static void names_and_sizes_have_limits(void **state)
{
	struct fixture *fixture = *state;
	char name[STORE_KEY_LIMIT + 2];
	struct store_entry entry = {
		.key = name, .bytes = "x", .len = 1, .life_ms = 1000};
	struct store_value value;
	int64_t sum;

	memset(name, 'n', sizeof(name));
	name[STORE_KEY_LIMIT + 1] = '\0';
	assert_int_equal(
		store_put(fixture->store, KIT_NOW, &entry), ERR_BAD_INPUT);
	assert_int_equal(get(fixture, KIT_NOW, name, &value), ERR_BAD_INPUT);
	assert_int_equal(get(fixture, KIT_NOW, "", &value), ERR_BAD_INPUT);
	name[STORE_KEY_LIMIT] = '\0';
	assert_int_equal(store_put(fixture->store, KIT_NOW, &entry), ERR_OK);
	assert_int_equal(get(fixture, KIT_NOW, name, &value), ERR_OK);
	assert_int_equal(store_add(fixture->store, KIT_NOW, &entry, 1, &sum),
		ERR_BAD_INPUT); /* "x" is no number */
	entry.life_ms = 0;
	assert_int_equal(
		store_put(fixture->store, KIT_NOW, &entry), ERR_BAD_INPUT);
	entry.life_ms = 1;
	entry.len = STORE_VALUE_LIMIT + 1;
	entry.bytes = arena_alloc(fixture->arena, entry.len);
	assert_int_equal(
		store_put(fixture->store, KIT_NOW, &entry), ERR_TOO_LARGE);
}

static void numbers_are_added(void **state)
{
	struct fixture *fixture = *state;
	const struct store_entry entry = {.key = "n", .life_ms = 1000};
	const int64_t most = (INT64_C(1) << 53) - 1;
	struct store_value value;
	int64_t sum = 0;

	assert_int_equal(
		store_add(fixture->store, KIT_NOW, &entry, 5, &sum), ERR_OK);
	assert_int_equal(sum, 5);
	assert_int_equal(
		store_add(fixture->store, KIT_NOW + 900, &entry, -7, &sum),
		ERR_OK);
	assert_int_equal(sum, -2);
	assert_int_equal(get(fixture, KIT_NOW + 999, "n", &value), ERR_OK);
	assert_string_equal(value.bytes, "-2");
	/* it lives from its making, not from the last change */
	assert_int_equal(
		store_add(fixture->store, KIT_NOW + 1000, &entry, 3, &sum),
		ERR_OK);
	assert_int_equal(sum, 3);
	assert_int_equal(
		store_add(fixture->store, KIT_NOW + 1000, &entry, -3, &sum),
		ERR_OK);
	assert_int_equal(sum, 0);
	assert_int_equal(
		store_add(fixture->store, KIT_NOW + 1000, &entry, most, &sum),
		ERR_OK);
	assert_int_equal(sum, most);
	assert_int_equal(
		store_add(fixture->store, KIT_NOW + 1000, &entry, 1, &sum),
		ERR_BAD_INPUT);
	assert_int_equal(store_add(fixture->store, KIT_NOW + 1000, &entry,
				 INT64_MIN, &sum),
		ERR_BAD_INPUT);
	assert_int_equal(sum, most);
	put(fixture, KIT_NOW, "n", "41");
	assert_int_equal(
		store_add(fixture->store, KIT_NOW, &entry, 1, &sum), ERR_OK);
	assert_int_equal(sum, 42);
}

/* ---- cached answers ---------------------------------------------------------- */

static const struct store_question question = {.key = "GET /x",
	.tags = {.names = {"u:1:x", "market"}, .count = 2},
	.claim_ms = 100};
static const struct store_tags market = {.names = {"market"}, .count = 1};

static struct store_look look(struct fixture *fixture, int64_t now,
	const struct store_question *asked)
{
	struct store_look out;

	memset(&out, 0xff, sizeof(out));
	assert_int_equal(
		store_look(fixture->store, fixture->arena, now, asked, &out),
		ERR_OK);
	return out;
}

static void keep(struct fixture *fixture, int64_t now,
	const struct store_look *asked, const char *text)
{
	const struct store_answer answer = {.bytes = text,
		.len = strlen(text),
		.life_ms = 1000,
		.stale_ms = 500};

	assert_int_equal(
		store_keep(fixture->store, now, asked, &answer), ERR_OK);
}

static void answers_are_found_while_they_live(void **state)
{
	struct fixture *fixture = *state;
	struct store_question other = question;
	struct store_look first, again;

	first = look(fixture, KIT_NOW, &question);
	assert_false(first.found);
	assert_true(first.claimed);
	keep(fixture, KIT_NOW, &first, "one");
	again = look(fixture, KIT_NOW + 999, &question);
	assert_true(again.found && again.fresh);
	assert_false(again.claimed);
	assert_int_equal(again.value.len, 3);
	assert_string_equal(again.value.bytes, "one");
	assert_int_equal(again.value.stored_ms, KIT_NOW);
	assert_int_equal(again.value.expires_ms, KIT_NOW + 1000);
	/* past its life: one computes, the others may have the old one */
	again = look(fixture, KIT_NOW + 1000, &question);
	assert_true(again.found && !again.fresh && again.claimed);
	again = look(fixture, KIT_NOW + 1000, &question);
	assert_true(again.found && !again.fresh && !again.claimed);
	assert_string_equal(again.value.bytes, "one");
	again = look(fixture, KIT_NOW + 1500, &question);
	assert_false(again.found);
	/* of other tags it is another answer */
	other.tags.count = 1;
	again = look(fixture, KIT_NOW + 10, &other);
	assert_false(again.found);
	other.tags.count = 0;
	other.key = "GET /nothing";
	first = look(fixture, KIT_NOW, &other);
	keep(fixture, KIT_NOW, &first, "");
	again = look(fixture, KIT_NOW, &other);
	assert_true(again.found && again.fresh);
	assert_int_equal(again.value.len, 0);
}

static void one_computes(void **state)
{
	struct fixture *fixture = *state;
	struct store_look first = look(fixture, KIT_NOW, &question);
	struct store_look second;

	assert_true(first.claimed);
	second = look(fixture, KIT_NOW + 99, &question);
	assert_false(second.found || second.claimed);
	/* whoever claimed died: the claim ends */
	second = look(fixture, KIT_NOW + 100, &question);
	assert_true(second.claimed);
	/* the first one lives after all: it ends no other's claim */
	store_unclaim(fixture->store, &first);
	assert_false(look(fixture, KIT_NOW + 101, &question).claimed);
	store_unclaim(fixture->store, &second);
	second = look(fixture, KIT_NOW + 102, &question);
	assert_true(second.claimed);
	keep(fixture, KIT_NOW + 103, &second, "two");
	assert_true(look(fixture, KIT_NOW + 103, &question).fresh);
	/* the clock is set back by an hour: no claim from the future */
	assert_int_equal(store_flush(fixture->store), ERR_OK);
	assert_true(look(fixture, KIT_NOW + 3600000, &question).claimed);
	assert_true(look(fixture, KIT_NOW, &question).claimed);
}

static void writers_drop_answers(void **state)
{
	struct fixture *fixture = *state;
	struct store_look before = look(fixture, KIT_NOW, &question);
	struct store_look now;

	keep(fixture, KIT_NOW, &before, "one");
	assert_int_equal(
		store_hold(fixture->store, KIT_NOW, &market, 500), ERR_OK);
	now = look(fixture, KIT_NOW, &question);
	assert_false(now.found);
	assert_true(now.claimed);
	/* computed before the commit: never found */
	keep(fixture, KIT_NOW + 1, &now, "old");
	assert_false(look(fixture, KIT_NOW + 1, &question).found);
	keep(fixture, KIT_NOW + 1, &before, "older");
	assert_false(look(fixture, KIT_NOW + 1, &question).found);
	assert_int_equal(
		store_release(fixture->store, KIT_NOW + 2, &market), ERR_OK);
	keep(fixture, KIT_NOW + 2, &now, "old");
	keep(fixture, KIT_NOW + 2, &before, "older");
	assert_false(look(fixture, KIT_NOW + 101, &question).found);
	now = look(fixture, KIT_NOW + 201, &question);
	assert_true(now.claimed);
	keep(fixture, KIT_NOW + 201, &now, "new");
	assert_string_equal(
		look(fixture, KIT_NOW + 202, &question).value.bytes, "new");
	/* a look that began before, kept after the release */
	keep(fixture, KIT_NOW + 203, &before, "older");
	assert_string_equal(
		look(fixture, KIT_NOW + 204, &question).value.bytes, "new");
}

static void tags_are_held_by_many_and_not_for_ever(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture->store;
	struct store_look now = look(fixture, KIT_NOW, &question);

	assert_int_equal(store_hold(store, KIT_NOW, &market, 500), ERR_OK);
	assert_int_equal(store_hold(store, KIT_NOW, &market, 800), ERR_OK);
	assert_int_equal(store_release(store, KIT_NOW + 1, &market), ERR_OK);
	now = look(fixture, KIT_NOW + 100, &question);
	assert_true(now.claimed);
	keep(fixture, KIT_NOW + 100, &now, "held");
	assert_false(look(fixture, KIT_NOW + 101, &question).found);
	/* the second writer died: held until 800, and what was computed
	   meanwhile is not believed then either */
	now = look(fixture, KIT_NOW + 799, &question);
	keep(fixture, KIT_NOW + 799, &now, "held");
	now = look(fixture, KIT_NOW + 800, &question);
	assert_false(now.found);
	assert_true(now.claimed);
	keep(fixture, KIT_NOW + 800, &now, "free");
	assert_true(look(fixture, KIT_NOW + 800, &question).fresh);
	/* a clock set back does not hold for an hour */
	assert_int_equal(
		store_hold(store, KIT_NOW + 3600000, &market, 500), ERR_OK);
	now = look(fixture, KIT_NOW + 2000, &question);
	keep(fixture, KIT_NOW + 2000, &now, "back");
	assert_true(look(fixture, KIT_NOW + 2000, &question).fresh);
}

static void flush_drops_all_answers_and_nothing_else(void **state)
{
	struct fixture *fixture = *state;
	struct store_look now;
	struct store_value value;

	put(fixture, KIT_NOW, "a", "apple");
	for (int i = 0; i < 600; i++) {
		struct store_question asked = question;

		asked.key = arena_format(fixture->arena, "GET /%d", i);
		now = look(fixture, KIT_NOW, &asked);
		keep(fixture, KIT_NOW, &now, "x");
	}
	now = look(fixture, KIT_NOW, &question);
	assert_int_equal(store_flush(fixture->store), ERR_OK);
	keep(fixture, KIT_NOW, &now, "looked before");
	for (int i = 0; i < 600; i += 100) {
		struct store_question asked = question;

		asked.key = arena_format(fixture->arena, "GET /%d", i);
		assert_false(look(fixture, KIT_NOW, &asked).found);
	}
	assert_false(look(fixture, KIT_NOW, &question).found);
	assert_int_equal(get(fixture, KIT_NOW, "a", &value), ERR_OK);
}

static void hits_and_misses_are_counted(void **state)
{
	struct fixture *fixture = *state;
	struct store_state before, after;
	struct store_look now;

	assert_int_equal(store_state(fixture->store, KIT_NOW, &before), ERR_OK);
	now = look(fixture, KIT_NOW, &question);
	(void)look(fixture, KIT_NOW, &question); /* waits: counts nothing */
	keep(fixture, KIT_NOW, &now, "one");
	for (int i = 0; i < 3; i++)
		(void)look(fixture, KIT_NOW, &question);
	assert_int_equal(store_state(fixture->store, KIT_NOW, &after), ERR_OK);
	assert_int_equal(after.hits - before.hits, 3);
	assert_int_equal(after.misses - before.misses, 1);
	assert_true(after.entries > 0);
	assert_true(after.bytes > 0);
}

/* ---- rate windows -------------------------------------------------------------- */

static struct store_taken take(
	struct fixture *fixture, int64_t now, const struct store_window *window)
{
	const struct store_windows windows = {.at = window, .count = 1};
	struct store_taken taken;

	memset(&taken, 0xff, sizeof(taken));
	assert_int_equal(
		store_take(fixture->store, now, &windows, &taken), ERR_OK);
	return taken;
}

static void exact_windows_slide_to_the_millisecond(void **state)
{
	struct fixture *fixture = *state;
	const struct store_window window = {.rule = "login",
		.subject = "a:192.0.2.1",
		.limit = 3,
		.window_ms = 1000};
	struct store_taken taken;

	taken = take(fixture, KIT_NOW, &window);
	assert_true(taken.allowed && !taken.blocked);
	assert_int_equal(taken.refused, 1);
	assert_int_equal(taken.remaining, 2);
	assert_int_equal(taken.reset_ms, 1000);
	assert_int_equal(taken.retry_ms, 0);
	assert_true(take(fixture, KIT_NOW + 100, &window).allowed);
	taken = take(fixture, KIT_NOW + 200, &window);
	assert_true(taken.allowed);
	assert_int_equal(taken.remaining, 0);
	taken = take(fixture, KIT_NOW + 999, &window);
	assert_false(taken.allowed);
	assert_int_equal(taken.refused, 0);
	assert_int_equal(taken.retry_ms, 1);
	assert_int_equal(taken.reset_ms, 201);
	/* the refused one took nothing; the first has left */
	assert_true(take(fixture, KIT_NOW + 1000, &window).allowed);
	taken = take(fixture, KIT_NOW + 1000, &window);
	assert_false(taken.allowed);
	assert_int_equal(taken.retry_ms, 100);
	assert_false(take(fixture, KIT_NOW + 1099, &window).allowed);
	assert_true(take(fixture, KIT_NOW + 1100, &window).allowed);
}

static void large_windows_weigh_two_counters(void **state)
{
	struct fixture *fixture = *state;
	const struct store_window window = {.rule = "general",
		.subject = "u:1",
		.limit = 200,
		.window_ms = 1000};
	struct store_taken taken;

	for (int i = 0; i < 200; i++)
		assert_true(take(fixture, KIT_NOW + i, &window).allowed);
	taken = take(fixture, KIT_NOW + 999, &window);
	assert_false(taken.allowed);
	assert_int_equal(taken.remaining, 0);
	/* the next one begins with 200 in the past: 5 ms for each */
	assert_int_equal(taken.retry_ms, 1 + 5);
	assert_int_equal(taken.reset_ms, 1001);
	assert_false(take(fixture, KIT_NOW + 1004, &window).allowed);
	assert_true(take(fixture, KIT_NOW + 1005, &window).allowed);
	taken = take(fixture, KIT_NOW + 1500, &window);
	assert_true(taken.allowed);
	assert_int_equal(taken.remaining, 98);
	/* long quiet: empty again */
	taken = take(fixture, KIT_NOW + 5000, &window);
	assert_int_equal(taken.remaining, 199);
}

static void several_windows_are_taken_in_one_step(void **state)
{
	struct fixture *fixture = *state;
	const struct store_window at[] = {
		{.rule = "a", .subject = "s", .limit = 10, .window_ms = 1000},
		{.rule = "b", .subject = "s", .limit = 200, .window_ms = 1000},
		{.rule = "c", .subject = "t", .limit = 2, .window_ms = 1000},
		{.rule = "d", .subject = "t", .limit = 9, .window_ms = 1000},
	};
	const struct store_windows all = {.at = at, .count = 4};
	struct store_taken taken;

	for (int i = 0; i < 2; i++) {
		assert_int_equal(
			store_take(fixture->store, KIT_NOW, &all, &taken),
			ERR_OK);
		assert_true(taken.allowed);
		assert_int_equal(taken.tightest, 2);
		assert_int_equal(taken.remaining, 1 - i);
	}
	assert_int_equal(
		store_take(fixture->store, KIT_NOW, &all, &taken), ERR_OK);
	assert_false(taken.allowed);
	assert_int_equal(taken.refused, 2);
	assert_int_equal(taken.tightest, 2);
	/* nothing was taken from the others */
	assert_int_equal(take(fixture, KIT_NOW, &at[0]).remaining, 7);
	assert_int_equal(take(fixture, KIT_NOW, &at[1]).remaining, 197);
	assert_int_equal(take(fixture, KIT_NOW, &at[3]).remaining, 6);
}

static void another_length_is_another_window(void **state)
{
	struct fixture *fixture = *state;
	struct store_window window = {
		.rule = "r", .subject = "s", .limit = 1, .window_ms = 1000};

	assert_true(take(fixture, KIT_NOW, &window).allowed);
	assert_false(take(fixture, KIT_NOW, &window).allowed);
	window.window_ms = 2000;
	assert_true(take(fixture, KIT_NOW, &window).allowed);
	window.window_ms = 1000;
	assert_false(take(fixture, KIT_NOW, &window).allowed);
	/* a lowered limit counts what was taken under the higher one */
	window.rule = "lower";
	window.limit = 5;
	for (int i = 0; i < 5; i++)
		assert_true(take(fixture, KIT_NOW + i, &window).allowed);
	window.limit = 2;
	assert_int_equal(take(fixture, KIT_NOW + 10, &window).retry_ms, 993);
	window.limit = 6;
	assert_true(take(fixture, KIT_NOW + 10, &window).allowed);
}

static const struct store_window strict = {.rule = "login",
	.subject = "a:192.0.2.9",
	.limit = 2,
	.window_ms = 1000,
	.patience = 3,
	.cooldown_ms = 4000,
	.cooldown_cap_ms = 10000};

/* Refused until blocked; returns how long. */
static int64_t provoke(struct fixture *fixture, int64_t now)
{
	struct store_taken taken;

	for (int i = 0; i < 20; i++) {
		taken = take(fixture, now, &strict);
		if (taken.blocked)
			return taken.retry_ms;
	}
	return 0;
}

static void violators_cool_down_longer_each_time(void **state)
{
	struct fixture *fixture = *state;
	int64_t now = KIT_NOW;
	struct store_taken taken;

	for (int i = 0; i < 2; i++)
		assert_true(take(fixture, now, &strict).allowed);
	for (int i = 0; i < 2; i++) {
		taken = take(fixture, now, &strict);
		assert_false(taken.allowed || taken.blocked);
	}
	taken = take(fixture, now, &strict);
	assert_true(!taken.allowed && taken.blocked);
	assert_int_equal(taken.retry_ms, 4000);
	assert_int_equal(taken.reset_ms, 4000);
	taken = take(fixture, now + 3999, &strict);
	assert_true(!taken.allowed && taken.blocked);
	assert_int_equal(taken.retry_ms, 1);
	/* at its end: as good as new, but remembered */
	assert_true(take(fixture, now + 4000, &strict).allowed);
	assert_int_equal(provoke(fixture, now + 4000), 8000);
	now += 12000;
	assert_int_equal(provoke(fixture, now), 10000);
	now += 10000;
	assert_int_equal(provoke(fixture, now), 10000);
	/* quiet for 10 s, and for 8 s more: two of three are forgiven */
	now += 10000 + 18000;
	assert_int_equal(provoke(fixture, now), 8000);
	now += 8000 + 8000 + 4000;
	assert_int_equal(provoke(fixture, now), 4000);
}

static void refusals_far_apart_are_no_violation(void **state)
{
	struct fixture *fixture = *state;

	for (int64_t i = 0; i < 20; i++) {
		int64_t now = KIT_NOW + i * 1000;

		assert_true(take(fixture, now, &strict).allowed);
		assert_true(take(fixture, now, &strict).allowed);
		assert_false(take(fixture, now, &strict).blocked);
		assert_false(take(fixture, now + 999, &strict).blocked);
	}
}

static void the_blocked_are_listed_and_forgiven(void **state)
{
	struct fixture *fixture = *state;
	struct store_window second = strict;
	struct store_blocked_list list;

	second.rule = "refresh";
	assert_int_equal(provoke(fixture, KIT_NOW), 4000);
	for (int i = 0; i < 6; i++)
		(void)take(fixture, KIT_NOW + 1, &second);
	assert_int_equal(store_blocked_list(fixture->store, fixture->arena,
				 KIT_NOW + 2, &list),
		ERR_OK);
	assert_int_equal(list.count, 2);
	assert_string_equal(list.items[0].rule, "refresh");
	assert_string_equal(list.items[0].subject, "a:192.0.2.9");
	assert_int_equal(list.items[0].until_ms, KIT_NOW + 4001);
	assert_int_equal(list.items[0].refusals, 4);
	assert_string_equal(list.items[1].rule, "login");
	assert_int_equal(list.items[1].refusals, 3);
	assert_int_equal(
		store_forgive(fixture->store, "login", strict.subject), ERR_OK);
	assert_true(take(fixture, KIT_NOW + 3, &strict).allowed);
	assert_false(take(fixture, KIT_NOW + 3, &second).allowed);
	assert_int_equal(store_blocked_list(fixture->store, fixture->arena,
				 KIT_NOW + 3, &list),
		ERR_OK);
	assert_int_equal(list.count, 1);
	assert_int_equal(
		store_forgive(fixture->store, NULL, "a:192.0.2"), ERR_OK);
	assert_false(take(fixture, KIT_NOW + 3, &second).allowed);
	assert_int_equal(
		store_forgive(fixture->store, NULL, strict.subject), ERR_OK);
	assert_true(take(fixture, KIT_NOW + 3, &second).allowed);
	assert_int_equal(take(fixture, KIT_NOW + 3, &strict).remaining, 1);
	assert_int_equal(provoke(fixture, KIT_NOW + 4), 4000);
	assert_int_equal(store_blocked_list(fixture->store, fixture->arena,
				 KIT_NOW + 4004, &list),
		ERR_OK);
	assert_int_equal(list.count, 0);
}

/* A clock that goes back a little is another worker's; one that goes back far
   was set. Neither opens a window, neither shuts it for longer than it is. */
/* ---- floods: as many subjects as a stranger likes ------------------------------ */

enum {
	FLOOD = 3000 /* more than the local store of the tests holds */
};

/* Windows that hold somebody back, each full. They end long before those of
   the floods. */
static const struct store_window full_account = {.rule = "login_account",
	.subject = "n:ab",
	.limit = 10,
	.window_ms = 60000};
static const struct store_window full_user = {
	.rule = "password", .subject = "u:1", .limit = 3, .window_ms = 60000};
static const struct store_window full_key = {
	.rule = "key", .subject = "k:1", .limit = 200, .window_ms = 60000};
static const struct store_window full_address = {.rule = "login",
	.subject = "a:192.0.2.1",
	.limit = 5,
	.window_ms = 60000};
static const struct store_window *const full_ones[] = {
	&full_account, &full_user, &full_key, &full_address};

static void fill_up(struct fixture *fixture)
{
	for (size_t i = 0; i < 4; i++)
		while (take(fixture, KIT_NOW, full_ones[i]).remaining > 0)
			continue;
}

static void all_are_refused(struct fixture *fixture)
{
	for (size_t i = 0; i < 4; i++)
		assert_false(take(fixture, KIT_NOW + 30, full_ones[i]).allowed);
}

/* `times` requests from each of many new subjects. */
static void flood(struct fixture *fixture, const char *prefix,
	const struct store_window *like, int times)
{
	struct store_window window = *like;
	char subject[80];

	window.subject = subject;
	for (int i = 0; i < FLOOD; i++) {
		(void)snprintf(subject, sizeof(subject),
			"%s:%x:2001:db8::", prefix, (unsigned)i);
		for (int j = 0; j < times; j++)
			(void)take(fixture, KIT_NOW + 1 + i / 200, &window);
	}
}

static void it_was_a_flood(struct fixture *fixture)
{
	struct store_state now;

	assert_int_equal(store_state(fixture->store, KIT_NOW, &now), ERR_OK);
	if (fixture->kind == KIND_LOCAL)
		assert_true(now.evictions > 1000);
}

static const struct store_window hourly = {
	.rule = "anonymous_hour", .limit = 1000, .window_ms = 3600000};
static const struct store_window guesses = {
	.rule = "login_account", .limit = 10, .window_ms = 120000};

static void a_flood_of_addresses_opens_no_window(void **state)
{
	struct fixture *fixture = *state;

	fill_up(fixture);
	flood(fixture, "a", &hourly, 1);
	it_was_a_flood(fixture);
	all_are_refused(fixture);
}

static void a_flood_of_foreign_pages_opens_no_window(void **state)
{
	struct fixture *fixture = *state;

	fill_up(fixture);
	flood(fixture, "f", &hourly, 1);
	it_was_a_flood(fixture);
	all_are_refused(fixture);
}

static void a_flood_of_names_opens_no_window(void **state)
{
	struct fixture *fixture = *state;

	fill_up(fixture);
	flood(fixture, "n", &guesses, 1);
	it_was_a_flood(fixture);
	all_are_refused(fixture);
}

/* Who does not even spare his own windows pushes out no others than such. */
static void a_flood_of_used_windows_stays_among_its_own(void **state)
{
	struct fixture *fixture = *state;
	const struct store_window twice = {
		.rule = "register", .limit = 2, .window_ms = 3600000};

	fill_up(fixture);
	flood(fixture, "a", &twice, 2);
	it_was_a_flood(fixture);
	assert_false(take(fixture, KIT_NOW + 30, &full_account).allowed);
	assert_false(take(fixture, KIT_NOW + 30, &full_user).allowed);
	assert_false(take(fixture, KIT_NOW + 30, &full_key).allowed);
}

static void a_clock_that_goes_back_does_no_harm(void **state)
{
	static const int64_t back[] = {1, 999, 1000, 1001, 60000, 86400000};
	static const int64_t limits[] = {5, 300};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < 12; i++) {
		struct store_window window = {.rule = "r",
			.limit = limits[i / 6],
			.window_ms = 5000,
			.patience = 1,
			.cooldown_ms = 3000,
			.cooldown_cap_ms = 3000};
		int64_t now = KIT_NOW - KIT_NOW % 5000 + 100;
		struct store_taken taken;

		window.subject = arena_format(fixture->arena, "s%zu", i);
		for (int64_t n = 0; n < window.limit; n++)
			assert_true(take(fixture, now, &window).allowed);
		now -= back[i % 6];
		taken = take(fixture, now, &window);
		assert_false(taken.allowed);
		assert_true(taken.retry_ms <= 5000 + 1000 + 5000);
		assert_true(taken.retry_ms > 0);
		assert_true(
			take(fixture, now + 2 * 5000 + 1000, &window).allowed);
	}
	/* a cool-down too */
	assert_int_equal(provoke(fixture, KIT_NOW), 4000);
	assert_int_equal(
		take(fixture, KIT_NOW - 3600000, &strict).retry_ms, 10000);
	/* what was taken before then counts for one window more */
	(void)take(fixture, KIT_NOW - 3600000 + 10000, &strict);
	assert_true(take(fixture, KIT_NOW - 3600000 + 11000, &strict).allowed);
}

static void windows_that_cannot_be_counted_are_refused(void **state)
{
	struct fixture *fixture = *state;
	const struct store_window good = {
		.rule = "r", .subject = "s", .limit = 1, .window_ms = 1};
	struct store_window at[9];
	struct store_windows windows = {.at = at, .count = 1};
	struct store_taken taken;

	for (int i = 0; i < 9; i++)
		at[i] = good;
	assert_int_equal(
		store_take(fixture->store, KIT_NOW, &windows, &taken), ERR_OK);
	at[0].limit = 0;
	assert_int_equal(store_take(fixture->store, KIT_NOW, &windows, &taken),
		ERR_BAD_INPUT);
	at[0].limit = INT64_C(2000000000);
	assert_int_equal(store_take(fixture->store, KIT_NOW, &windows, &taken),
		ERR_BAD_INPUT);
	at[0] = good;
	at[0].window_ms = 0;
	assert_int_equal(store_take(fixture->store, KIT_NOW, &windows, &taken),
		ERR_BAD_INPUT);
	at[0] = good;
	at[0].patience = 1; /* and no cool-down */
	assert_int_equal(store_take(fixture->store, KIT_NOW, &windows, &taken),
		ERR_BAD_INPUT);
	at[0] = good;
	windows.count = 9;
	assert_int_equal(store_take(fixture->store, KIT_NOW, &windows, &taken),
		ERR_BAD_INPUT);
	windows.count = 0;
	assert_int_equal(store_take(fixture->store, KIT_NOW, &windows, &taken),
		ERR_BAD_INPUT);
}

/* ---- both in one step ---------------------------------------------------------- */

static const struct store_window thrice = {.rule = "general",
	.subject = "u:1",
	.limit = 3,
	.window_ms = 1000,
	.patience = 2,
	.cooldown_ms = 4000,
	.cooldown_cap_ms = 4000};

static struct store_told take_look(struct fixture *fixture, int64_t now)
{
	const struct store_windows windows = {.at = &thrice, .count = 1};
	const struct store_ask ask = {
		.windows = &windows, .question = &question};
	struct store_told told;

	memset(&told, 0xff, sizeof(told));
	assert_int_equal(store_take_look(fixture->store, fixture->arena, now,
				 &ask, &told),
		ERR_OK);
	return told;
}

static void a_request_takes_and_looks_in_one_step(void **state)
{
	struct fixture *fixture = *state;
	struct store_told told = take_look(fixture, KIT_NOW);
	struct store_state before, after;

	assert_true(told.taken.allowed && told.looked);
	assert_int_equal(told.taken.remaining, 2);
	assert_true(told.look.claimed && !told.look.found);
	keep(fixture, KIT_NOW, &told.look, "one");
	assert_int_equal(store_state(fixture->store, KIT_NOW, &before), ERR_OK);
	told = take_look(fixture, KIT_NOW + 1);
	assert_true(told.looked && told.look.fresh && !told.look.claimed);
	assert_int_equal(told.look.value.len, 3);
	assert_string_equal(told.look.value.bytes, "one");
	assert_int_equal(told.look.value.stored_ms, KIT_NOW);
	assert_int_equal(told.taken.remaining, 1);
	assert_int_equal(store_state(fixture->store, KIT_NOW, &after), ERR_OK);
	assert_int_equal(after.hits - before.hits, 1);
	/* it took from the same window as any other, and looks as any other */
	assert_int_equal(take(fixture, KIT_NOW + 2, &thrice).remaining, 0);
	assert_true(look(fixture, KIT_NOW + 2, &question).fresh);
}

static void a_refused_request_claims_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct store_state before, after;
	struct store_told told;

	for (int i = 0; i < 3; i++)
		(void)take(fixture, KIT_NOW, &thrice);
	assert_int_equal(store_state(fixture->store, KIT_NOW, &before), ERR_OK);
	told = take_look(fixture, KIT_NOW + 1);
	assert_false(told.taken.allowed || told.taken.blocked || told.looked);
	assert_int_equal(told.taken.refused, 0);
	assert_int_equal(told.taken.retry_ms, 999);
	told = take_look(fixture, KIT_NOW + 1);
	assert_true(told.taken.blocked);
	assert_false(told.looked);
	assert_int_equal(told.taken.retry_ms, 4000);
	assert_int_equal(store_state(fixture->store, KIT_NOW, &after), ERR_OK);
	assert_int_equal(after.misses, before.misses);
	assert_true(look(fixture, KIT_NOW + 1, &question).claimed);
}

static void what_cannot_be_looked_for_takes_nothing(void **state)
{
	struct fixture *fixture = *state;
	const struct store_windows windows = {.at = &thrice, .count = 1};
	const struct store_windows none = {.at = &thrice, .count = 0};
	struct store_question bad = question;
	struct store_ask ask = {.windows = &windows, .question = &bad};
	struct store_told told;

	bad.claim_ms = 0;
	assert_int_equal(store_take_look(fixture->store, fixture->arena,
				 KIT_NOW, &ask, &told),
		ERR_BAD_INPUT);
	bad = question;
	bad.key = "";
	assert_int_equal(store_take_look(fixture->store, fixture->arena,
				 KIT_NOW, &ask, &told),
		ERR_BAD_INPUT);
	bad = question;
	ask.windows = &none;
	assert_int_equal(store_take_look(fixture->store, fixture->arena,
				 KIT_NOW, &ask, &told),
		ERR_BAD_INPUT);
	assert_int_equal(take(fixture, KIT_NOW, &thrice).remaining, 2);
}

/* All that can be long, and more than one piece of what is sent at once. */
static void the_longest_names_fit(void **state)
{
	struct fixture *fixture = *state;
	const size_t len = (size_t)200 * 1024;
	char *bytes = arena_alloc(fixture->arena, len);
	const struct store_answer answer = {
		.bytes = bytes, .len = len, .life_ms = 1000};
	char *names[STORE_TAGS_LIMIT];
	struct store_window at[8];
	const struct store_windows windows = {.at = at, .count = 8};
	struct store_question asked = {.claim_ms = 100};
	const struct store_ask ask = {.windows = &windows, .question = &asked};
	struct store_told told;

	memset(bytes, 'b', len);
	for (size_t i = 0; i < STORE_TAGS_LIMIT; i++) {
		names[i] = arena_alloc(fixture->arena, STORE_KEY_LIMIT + 1);
		memset(names[i], 'a' + (int)i, STORE_KEY_LIMIT);
		asked.tags.names[i] = names[i];
		at[i] = thrice;
		at[i].subject = names[i] + 10;
		at[i].rule = names[i] + STORE_KEY_LIMIT - 10;
	}
	asked.tags.count = STORE_TAGS_LIMIT;
	asked.key = names[0];
	assert_int_equal(store_take_look(fixture->store, fixture->arena,
				 KIT_NOW, &ask, &told),
		ERR_OK);
	assert_true(told.looked && told.look.claimed);
	assert_int_equal(
		store_keep(fixture->store, KIT_NOW, &told.look, &answer),
		ERR_OK);
	assert_int_equal(store_take_look(fixture->store, fixture->arena,
				 KIT_NOW, &ask, &told),
		ERR_OK);
	assert_true(told.looked && told.look.fresh);
	assert_int_equal(told.taken.remaining, 1);
	assert_int_equal(told.look.value.len, len);
	assert_memory_equal(told.look.value.bytes, bytes, len);
}

/* ---- as the memory store does, step by step ----------------------------------- */

struct dice {
	uint64_t state;
};

static int64_t roll(struct dice *dice, int64_t sides)
{
	dice->state ^= dice->state << 13;
	dice->state ^= dice->state >> 7;
	dice->state ^= dice->state << 17;
	return (int64_t)(dice->state >> 11) % sides;
}

static const char *const words[] = {"a", "b", "c", "d"};

static void same_values(struct fixture *fixture, struct store *model,
	struct dice *dice, int64_t now)
{
	const struct store_entry entry = {.key = words[roll(dice, 4)],
		.bytes = "-12345",
		.len = (size_t)roll(dice, 7),
		.life_ms = 1 + roll(dice, 3000)};
	struct store_value a = {.len = 0}, b = {.len = 0};
	int64_t x = 0, y = 0, delta = roll(dice, 100) - 50;
	int64_t what = roll(dice, 8);

	if (what == 0) {
		assert_int_equal(store_put(fixture->store, now, &entry),
			store_put(model, now, &entry));
	} else if (what == 1) {
		assert_int_equal(store_remove(fixture->store, entry.key),
			store_remove(model, entry.key));
	} else if (what < 5) {
		assert_int_equal(
			store_add(fixture->store, now, &entry, delta, &x),
			store_add(model, now, &entry, delta, &y));
		assert_int_equal(x, y);
	} else {
		assert_int_equal(get(fixture, now, entry.key, &a),
			store_get(model, fixture->arena, now, entry.key, &b));
		assert_int_equal(a.len, b.len);
		if (b.len > 0)
			assert_string_equal(a.bytes, b.bytes);
		assert_int_equal(a.expires_ms, b.expires_ms);
		assert_int_equal(a.stored_ms, b.stored_ms);
	}
}

static void same_answers(struct fixture *fixture, struct store *model,
	struct dice *dice, int64_t now)
{
	const struct store_question asked = {.key = words[roll(dice, 2)],
		.tags = {.names = {words[roll(dice, 2)], "z"}, .count = 2},
		.claim_ms = 50};
	const struct store_answer answer = {.bytes = words[roll(dice, 4)],
		.len = 1,
		.life_ms = 200,
		.stale_ms = roll(dice, 200)};
	struct store_tags tags = {.names = {words[roll(dice, 2)]}, .count = 1};
	int64_t what = roll(dice, 12);
	struct store_look a, b;

	if (what == 0) {
		assert_int_equal(store_hold(fixture->store, now, &tags, 60),
			store_hold(model, now, &tags, 60));
		return;
	}
	if (what <= 2) {
		assert_int_equal(store_release(fixture->store, now, &tags),
			store_release(model, now, &tags));
		return;
	}
	a = look(fixture, now, &asked);
	assert_int_equal(
		store_look(model, fixture->arena, now, &asked, &b), ERR_OK);
	assert_int_equal(a.found, b.found);
	assert_int_equal(a.fresh, b.fresh);
	assert_int_equal(a.claimed, b.claimed);
	if (b.found) {
		assert_string_equal(a.value.bytes, b.value.bytes);
		assert_int_equal(a.value.stored_ms, b.value.stored_ms);
		assert_int_equal(a.value.expires_ms, b.value.expires_ms);
	}
	if (what > 8 && a.claimed) {
		assert_int_equal(
			store_keep(fixture->store, now, &a, &answer), ERR_OK);
		assert_int_equal(store_keep(model, now, &b, &answer), ERR_OK);
	} else if (what == 8) {
		store_unclaim(fixture->store, &a);
		store_unclaim(model, &b);
	}
}

static void same_windows(struct fixture *fixture, struct store *model,
	struct dice *dice, int64_t now)
{
	static const struct store_window at[] = {
		{.rule = "a",
			.subject = "s",
			.limit = 4,
			.window_ms = 700,
			.patience = 4,
			.cooldown_ms = 300,
			.cooldown_cap_ms = 5000},
		{.rule = "b", .subject = "s", .limit = 128, .window_ms = 9973},
		{.rule = "c",
			.subject = "t",
			.limit = 129,
			.window_ms = 9973,
			.patience = 9,
			.cooldown_ms = 100,
			.cooldown_cap_ms = 700},
		{.rule = "d", .subject = "t", .limit = 150, .window_ms = 3001},
		{.rule = "e", .subject = "t", .limit = 1, .window_ms = 17},
	};
	size_t from = (size_t)roll(dice, 5);
	const struct store_windows windows = {.at = at + from,
		.count = 1 + (size_t)roll(dice, (int64_t)(5 - from))};
	struct store_taken a, b;

	assert_int_equal(store_take(fixture->store, now, &windows, &a), ERR_OK);
	assert_int_equal(store_take(model, now, &windows, &b), ERR_OK);
	assert_int_equal(a.allowed, b.allowed);
	assert_int_equal(a.blocked, b.blocked);
	assert_int_equal(a.refused, b.refused);
	assert_int_equal(a.tightest, b.tightest);
	assert_int_equal(a.remaining, b.remaining);
	assert_int_equal(a.reset_ms, b.reset_ms);
	assert_int_equal(a.retry_ms, b.retry_ms);
}

static void same_both(struct fixture *fixture, struct store *model,
	struct dice *dice, int64_t now)
{
	static const struct store_window at[] = {
		{.rule = "f",
			.subject = "s",
			.limit = 3,
			.window_ms = 150,
			.patience = 3,
			.cooldown_ms = 100,
			.cooldown_cap_ms = 400},
		{.rule = "g", .subject = "s", .limit = 140, .window_ms = 5003},
	};
	const struct store_windows windows = {
		.at = at, .count = 1 + (size_t)roll(dice, 2)};
	const struct store_question asked = {.key = words[roll(dice, 2)],
		.tags = {.names = {words[roll(dice, 2)], "z"}, .count = 2},
		.claim_ms = 50};
	const struct store_ask ask = {.windows = &windows, .question = &asked};
	const struct store_answer answer = {.bytes = words[roll(dice, 4)],
		.len = 1,
		.life_ms = 200,
		.stale_ms = roll(dice, 200)};
	struct store_told a, b;

	assert_int_equal(
		store_take_look(fixture->store, fixture->arena, now, &ask, &a),
		ERR_OK);
	assert_int_equal(
		store_take_look(model, fixture->arena, now, &ask, &b), ERR_OK);
	assert_int_equal(a.taken.allowed, b.taken.allowed);
	assert_int_equal(a.taken.blocked, b.taken.blocked);
	assert_int_equal(a.taken.remaining, b.taken.remaining);
	assert_int_equal(a.taken.reset_ms, b.taken.reset_ms);
	assert_int_equal(a.taken.retry_ms, b.taken.retry_ms);
	assert_int_equal(a.looked, b.looked);
	if (!b.looked)
		return;
	assert_int_equal(a.look.found, b.look.found);
	assert_int_equal(a.look.fresh, b.look.fresh);
	assert_int_equal(a.look.claimed, b.look.claimed);
	if (b.look.found)
		assert_string_equal(a.look.value.bytes, b.look.value.bytes);
	if (!a.look.claimed)
		return;
	assert_int_equal(
		store_keep(fixture->store, now, &a.look, &answer), ERR_OK);
	assert_int_equal(store_keep(model, now, &b.look, &answer), ERR_OK);
}

static void same_blocked(
	struct fixture *fixture, struct store *model, int64_t now)
{
	struct store_blocked_list a, b;

	assert_int_equal(
		store_blocked_list(fixture->store, fixture->arena, now, &a),
		ERR_OK);
	assert_int_equal(
		store_blocked_list(model, fixture->arena, now, &b), ERR_OK);
	assert_int_equal(a.count, b.count);
	for (size_t i = 0; i < a.count; i++) {
		assert_string_equal(a.items[i].rule, b.items[i].rule);
		assert_string_equal(a.items[i].subject, b.items[i].subject);
		assert_int_equal(a.items[i].until_ms, b.items[i].until_ms);
		assert_int_equal(a.items[i].refusals, b.items[i].refusals);
	}
}

static void all_backends_do_the_same(void **state)
{
	struct fixture *fixture = *state;
	struct store *model = store_open_memory(fixture->arena);
	struct dice dice = {UINT64_C(0x9e3779b97f4a7c15)};
	int64_t now = KIT_NOW;
	int64_t latest = now;

	for (int i = 0; i < 4000; i++) {
		int64_t what = roll(&dice, 100);

		now += roll(&dice, 3) == 0 ? roll(&dice, 60) : 0;
		if (what == 0)
			now += roll(&dice, 20000);
		if (what == 1)
			now -= roll(&dice, 1500);
		/* what has ended may be gone: it does not come back with
		   the clock, so only windows see it go back */
		latest = now > latest ? now : latest;
		if (what == 2)
			same_blocked(fixture, model, now);
		else if (what < 20)
			same_values(fixture, model, &dice, latest);
		else if (what < 40)
			same_answers(fixture, model, &dice, latest);
		else if (what < 60)
			same_both(fixture, model, &dice, latest);
		else
			same_windows(fixture, model, &dice, now);
	}
	store_close(&model);
}

/* Of all requests allowed within any window_ms, no more than limit. */
static void no_window_of_time_holds_more(void **state)
{
	struct fixture *fixture = *state;
	const struct store_window window = {
		.rule = "r", .subject = "s", .limit = 7, .window_ms = 97};
	struct dice dice = {42};
	int64_t times[2000];
	size_t count = 0;
	int64_t now = KIT_NOW;

	for (int i = 0; i < 2000; i++) {
		struct store_taken taken;

		now += roll(&dice, 12);
		taken = take(fixture, now, &window);
		if (!taken.allowed) {
			/* and never less than could be: at retry_ms one fits */
			assert_true(count >= 7);
			assert_int_equal(
				times[count - 7] + 97 - now, taken.retry_ms);
			continue;
		}
		times[count++] = now;
		if (count > 7)
			assert_true(now - times[count - 8] >= 97);
	}
	assert_true(count > 500);
}

/* ---- many processes -------------------------------------------------------------- */

enum {
	PROCESSES = 8,
	TAKES = 60
};

struct crowd {
	struct fixture *fixture;
	int64_t limit;
};

static int64_t take_many(void *context, int n)
{
	const struct crowd *crowd = context;
	const struct store_window window = {.rule = "crowd",
		.subject = "s",
		.limit = crowd->limit,
		.window_ms = 60000};
	struct fixture own = *crowd->fixture;
	int64_t allowed = 0;

	(void)n;
	own.store = open_kind(own.kit, own.kind);
	for (int i = 0; i < TAKES; i++)
		allowed += take(&own, KIT_NOW, &window).allowed;
	store_close(&own.store);
	return allowed;
}

static int64_t claim_many(void *context, int n)
{
	const struct crowd *crowd = context;
	struct fixture own = *crowd->fixture;
	int64_t claimed = 0;

	(void)n;
	own.store = open_kind(own.kit, own.kind);
	for (int i = 0; i < TAKES; i++)
		claimed += look(&own, KIT_NOW, &question).claimed;
	store_close(&own.store);
	return claimed;
}

/* Whoever claims computes; nobody computes what another has kept. */
static int64_t compute_many(void *context, int n)
{
	static const struct store_question other = {.key = "GET /computed",
		.tags = {.names = {"u:2:x", "market"}, .count = 2},
		.claim_ms = 60000};
	const struct crowd *crowd = context;
	struct fixture own = *crowd->fixture;
	int64_t computed = 0;

	(void)n;
	own.store = open_kind(own.kit, own.kind);
	for (int i = 0; i < TAKES; i++) {
		struct store_look found = look(&own, KIT_NOW, &other);

		if (!found.claimed)
			continue;
		computed++;
		keep(&own, KIT_NOW, &found, "computed");
	}
	store_close(&own.store);
	return computed;
}

static void many_processes_share_one_window(void **state)
{
	struct fixture *fixture = *state;
	struct crowd crowd = {.fixture = fixture, .limit = 100};

	if (fixture->kind == KIND_MEMORY)
		return; /* of one process, by design */
	store_close(&fixture->store);
	assert_int_equal(kit_together(PROCESSES, take_many, &crowd), 100);
	crowd.limit = 300;
	assert_int_equal(kit_together(PROCESSES, take_many, &crowd), 300);
	assert_int_equal(kit_together(PROCESSES, claim_many, &crowd), 1);
	assert_int_equal(kit_together(PROCESSES, compute_many, &crowd), 1);
	fixture->store = open_kind(fixture->kit, fixture->kind);
}

/* ---- the failing one -------------------------------------------------------------- */

static void the_failing_store_fails(void **state)
{
	struct arena *arena = arena_open(KIT_MIB);
	struct store *store = store_open_fail(arena);
	const struct store_entry entry = {.key = "a", .life_ms = 1};
	const struct store_windows windows = {.at = &strict, .count = 1};
	const struct store_answer answer = {.bytes = "", .life_ms = 1};
	const struct store_ask ask = {
		.windows = &windows, .question = &question};
	struct store_look found = {.asked = question, .claim = 1};
	struct store_told told;
	struct store_value value;
	struct store_taken taken;
	struct store_blocked_list list;
	struct store_state now;
	int64_t sum;

	(void)state;
	assert_int_equal(
		store_get(store, arena, 1, "a", &value), ERR_UNAVAILABLE);
	assert_int_equal(store_put(store, 1, &entry), ERR_UNAVAILABLE);
	assert_int_equal(store_remove(store, "a"), ERR_UNAVAILABLE);
	assert_int_equal(store_add(store, 1, &entry, 1, &sum), ERR_UNAVAILABLE);
	assert_int_equal(store_look(store, arena, 1, &question, &found),
		ERR_UNAVAILABLE);
	assert_int_equal(
		store_keep(store, 1, &found, &answer), ERR_UNAVAILABLE);
	store_unclaim(store, &found);
	assert_int_equal(store_hold(store, 1, &market, 1), ERR_UNAVAILABLE);
	assert_int_equal(store_release(store, 1, &market), ERR_UNAVAILABLE);
	assert_int_equal(store_flush(store), ERR_UNAVAILABLE);
	assert_int_equal(
		store_take(store, 1, &windows, &taken), ERR_UNAVAILABLE);
	assert_int_equal(
		store_take_look(store, arena, 1, &ask, &told), ERR_UNAVAILABLE);
	assert_int_equal(
		store_blocked_list(store, arena, 1, &list), ERR_UNAVAILABLE);
	assert_int_equal(store_forgive(store, NULL, "s"), ERR_UNAVAILABLE);
	assert_int_equal(store_state(store, 1, &now), ERR_UNAVAILABLE);
	store_close(&store);
	store_close(&store);
	arena_close(&arena);
}

#define TEST(function)                                     \
	{                                                  \
		.name = #function, .test_func = (function) \
	}

static const struct CMUnitTest tests[] = {TEST(values_live_and_end),
	TEST(values_hold_any_bytes), TEST(names_and_sizes_have_limits),
	TEST(numbers_are_added), TEST(answers_are_found_while_they_live),
	TEST(one_computes), TEST(writers_drop_answers),
	TEST(tags_are_held_by_many_and_not_for_ever),
	TEST(flush_drops_all_answers_and_nothing_else),
	TEST(hits_and_misses_are_counted),
	TEST(exact_windows_slide_to_the_millisecond),
	TEST(large_windows_weigh_two_counters),
	TEST(several_windows_are_taken_in_one_step),
	TEST(another_length_is_another_window),
	TEST(violators_cool_down_longer_each_time),
	TEST(refusals_far_apart_are_no_violation),
	TEST(the_blocked_are_listed_and_forgiven),
	TEST(a_flood_of_addresses_opens_no_window),
	TEST(a_flood_of_foreign_pages_opens_no_window),
	TEST(a_flood_of_names_opens_no_window),
	TEST(a_flood_of_used_windows_stays_among_its_own),
	TEST(a_clock_that_goes_back_does_no_harm),
	TEST(windows_that_cannot_be_counted_are_refused),
	TEST(a_request_takes_and_looks_in_one_step),
	TEST(a_refused_request_claims_nothing),
	TEST(what_cannot_be_looked_for_takes_nothing),
	TEST(the_longest_names_fit), TEST(all_backends_do_the_same),
	TEST(no_window_of_time_holds_more),
	TEST(many_processes_share_one_window)};

enum {
	TEST_COUNT = sizeof(tests) / sizeof(tests[0])
};

int main(void)
{
	struct CMUnitTest all[TEST_COUNT * KIND_COUNT + 1];
	struct fixture fixtures[KIND_COUNT];
	char names[TEST_COUNT * KIND_COUNT][96];
	struct kit kit;
	size_t count = 0;
	int failed;

	kit_init(&kit);
	kit_redis_start(&kit);
	for (size_t kind = 0; kind < KIND_COUNT; kind++) {
		fixtures[kind] =
			(struct fixture){.kit = &kit, .kind = (enum kind)kind};
		for (size_t i = 0; i < TEST_COUNT; i++, count++) {
			(void)snprintf(names[count], sizeof(names[count]),
				"%s: %s", kind_names[kind], tests[i].name);
			all[count] = (struct CMUnitTest){.name = names[count],
				.test_func = tests[i].test_func,
				.setup_func = set_up,
				.teardown_func = tear_down,
				.initial_state = &fixtures[kind]};
		}
	}
	all[count] = (struct CMUnitTest)TEST(the_failing_store_fails);
	failed = cmocka_run_group_tests_name("store", all, NULL, NULL);
	kit_release(&kit);
	return failed;
}
