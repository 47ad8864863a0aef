/*
 * The route cache and the conditions of requests: what is kept for whom, what
 * drops it, and that nothing goes from one user to another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gate_house.h"

/* Status, X-Cache and who the answer is about. */
static void expect(struct house *h, const char *target, const char *cache,
	const char *user)
{
	int status = house_send(h, "GET", target, NULL);

	if (status != 200 ||
		!text_equal(house_header(h, REPLY_X_CACHE), cache) ||
		!strstr(h->reply.body.data, user))
		fail_msg("%s: %d %s %s", target, status,
			house_header(h, REPLY_X_CACHE), h->reply.body.data);
}

static void a_second_call_is_a_hit_and_the_same(void **state)
{
	struct house *h = *state;
	const char *first;

	expect(h, "/things", "MISS", "alice");
	first = h->reply.body.data;
	assert_string_equal(
		house_header(h, REPLY_CACHE_CONTROL), "private, no-cache");
	expect(h, "/things", "HIT", "alice");
	assert_string_equal(h->reply.body.data, first);
	assert_string_equal(house_header(h, REPLY_CONTENT_TYPE),
		"application/json; charset=utf-8");
	assert_int_equal(house_calls, 1);
}

static void nothing_goes_from_one_user_to_another(void **state)
{
	static const char *const targets[] = {
		"/things", "/things?limit=3", "/things/1", "/markets"};
	struct house *h = *state;

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		h->with = h->alice;
		expect(h, targets[i], "MISS", "alice");
		h->with = h->bob;
		expect(h, targets[i], "MISS", "robert");
		expect(h, targets[i], "HIT", "robert");
		h->with = h->alice;
		expect(h, targets[i], "HIT", "alice");
	}
	h->with = NULL;
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		assert_int_equal(house_send(h, "GET", targets[i], NULL), 401);
		assert_null(strstr(h->reply.body.data, "alice"));
	}
}

static void each_query_and_path_is_its_own(void **state)
{
	struct house *h = *state;

	expect(h, "/things?limit=1", "MISS", "alice");
	expect(h, "/things?limit=2", "MISS", "alice");
	expect(h, "/things?limit=1&other=2", "MISS", "alice");
	/* in any order */
	expect(h, "/things?other=2&limit=1", "HIT", "alice");
	expect(h, "/things/limit", "MISS", "alice");
	expect(h, "/things/limit%3D1", "MISS", "alice");
	expect(h, "/things/limit", "HIT", "alice");
}

static void head_has_gets_answer(void **state)
{
	struct house *h = *state;

	assert_int_equal(house_send(h, "HEAD", "/things", NULL), 200);
	assert_string_equal(house_header(h, REPLY_X_CACHE), "MISS");
	assert_int_equal(h->reply.body.len, 0);
	expect(h, "/things", "HIT", "alice");
	assert_int_equal(house_send(h, "HEAD", "/things", NULL), 200);
	assert_string_equal(house_header(h, REPLY_X_CACHE), "HIT");
	assert_int_equal(h->reply.body.len, 0);
}

static void a_write_drops_its_users_answers_only(void **state)
{
	struct house *h = *state;

	expect(h, "/things", "MISS", "alice");
	expect(h, "/markets", "MISS", "alice");
	h->with = h->bob;
	expect(h, "/things", "MISS", "robert");
	h->with = h->alice;
	assert_int_equal(house_send(h, "POST", "/things", NULL), 204);
	expect(h, "/things", "MISS", "alice");
	expect(h, "/markets", "HIT", "alice");
	h->with = h->bob;
	expect(h, "/things", "HIT", "robert");
}

static void an_admin_drops_a_users_answers(void **state)
{
	struct house *h = *state;
	struct call call = {.arena = h->auth->request,
		.services = &h->services,
		.who_calls = {.now = clock_ms()}};
	struct identity who;

	expect(h, "/things", "MISS", "alice");
	who = fixture_who(h->auth, h->alice);
	cache_drop_user(&call, who.user_id);
	expect(h, "/things", "MISS", "alice");
	expect(h, "/things", "HIT", "alice");
}

static void only_good_answers_are_kept(void **state)
{
	struct house *h = *state;

	assert_int_equal(house_send(h, "GET", "/missing", NULL), 404);
	assert_int_equal(house_send(h, "GET", "/missing", NULL), 404);
	assert_int_equal(house_calls, 2);
	/* what is refused before the handler gives its claim back */
	assert_int_equal(house_send(h, "GET", "/things?x=1", NULL), 400);
	assert_int_equal(house_send(h, "GET", "/things?x=1", NULL), 400);
	assert_string_equal(house_header(h, REPLY_X_CACHE), "");
}

static void without_a_store_calls_go_on(void **state)
{
	struct house *h = *state;

	store_close(&h->services.store);
	h->services.store = store_open_fail(h->auth->arena);
	for (int i = 1; i <= 3; i++)
		expect(h, "/things", "", "alice");
	assert_int_equal(house_send(h, "POST", "/things", NULL), 204);
	assert_int_equal(house_calls, 4);
}

static void a_class_without_life_is_not_kept(void **state)
{
	struct house *h = *state;

	h->cache.life_ms[CACHE_LISTS - CACHE_OVERVIEW] = 0;
	expect(h, "/things", "", "alice");
	expect(h, "/things", "", "alice");
	assert_int_equal(house_calls, 2);
}

static void another_build_starts_anew(void **state)
{
	struct house *h = *state;

	expect(h, "/things", "MISS", "alice");
	h->cache.build = "next";
	expect(h, "/things", "MISS", "alice");
}

/* ---- one computes, the others wait ------------------------------------- */

/* What another worker, that computes the same answer, has done. */
static void claim(struct house *h, const char *target)
{
	struct store_look look;
	struct store_question question = {.claim_ms = 5000};
	struct buf key;

	buf_init(&key, h->auth->arena, 400);
	buf_text(&key, "cache\ntest\nuser\n");
	buf_text(&key, fixture_who(h->auth, h->alice).user_id);
	buf_text(&key, "\nroute\n");
	buf_text(&key, target);
	buf_text(&key, "\n");
	question.key = key.data;
	assert_int_equal(store_look(h->services.store, h->auth->request,
				 clock_ms(), &question, &look),
		ERR_OK);
	assert_true(look.claimed);
}

static void who_waits_in_vain_computes_itself(void **state)
{
	struct house *h = *state;
	int64_t began;

	claim(h, "/things");
	began = clock_monotonic_us();
	expect(h, "/things", "MISS", "alice");
	assert_true(clock_monotonic_us() - began >= 5000);
	assert_int_equal(house_calls, 1);
}

/* ---- validators ----------------------------------------------------------- */

static int send_if_none_match(
	struct house *h, const char *target, const char *etag)
{
	const char *const more[] = {
		arena_format(h->auth->request, "HTTP_IF_NONE_MATCH=%s", etag),
		NULL};

	return house_send(h, "GET", target, more);
}

static void an_unchanged_answer_is_304(void **state)
{
	static const char *const targets[] = {"/things", "/open"};
	struct house *h = *state;

	for (size_t i = 0; i < 2; i++) {
		const char *etag;

		assert_int_equal(house_send(h, "GET", targets[i], NULL), 200);
		etag = house_header(h, REPLY_ETAG);
		assert_int_equal(strlen(etag), 34);
		assert_int_equal(send_if_none_match(h, targets[i], etag), 304);
		assert_int_equal(h->reply.body.len, 0);
		assert_string_equal(house_header(h, REPLY_ETAG), etag);
		assert_string_equal(house_header(h, REPLY_CONTENT_TYPE), "");
		assert_true(house_header(h, REPLY_CACHE_CONTROL)[0] != '\0');
		/* as a web server that compresses sends it back */
		assert_int_equal(send_if_none_match(h, targets[i],
					 arena_format(h->auth->request,
						 "\"other\", W/%s", etag)),
			304);
		assert_int_equal(send_if_none_match(h, targets[i], "*"), 304);
		assert_int_equal(
			send_if_none_match(h, targets[i], "\"other\""), 200);
		assert_int_equal(
			send_if_none_match(h, targets[i], "broken"), 200);
	}
}

static void every_answer_has_its_own_etag(void **state)
{
	struct house *h = *state;
	const char *first;

	/* counts its calls: each answer differs */
	assert_int_equal(house_send(h, "GET", "/own", NULL), 200);
	first = house_header(h, REPLY_ETAG);
	assert_string_equal(house_header(h, REPLY_X_CACHE), "");
	assert_int_equal(send_if_none_match(h, "/own", first), 200);
	assert_string_not_equal(house_header(h, REPLY_ETAG), first);
}

static void writes_and_failures_have_no_etag(void **state)
{
	struct house *h = *state;

	assert_int_equal(
		house_send(h, "POST", "/things",
			(const char *const[]){"HTTP_IF_NONE_MATCH=*", NULL}),
		204);
	assert_string_equal(house_header(h, REPLY_ETAG), "");
	assert_int_equal(send_if_none_match(h, "/missing", "*"), 404);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, house_open, house_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_second_call_is_a_hit_and_the_same),
		TEST(nothing_goes_from_one_user_to_another),
		TEST(each_query_and_path_is_its_own),
		TEST(head_has_gets_answer),
		TEST(a_write_drops_its_users_answers_only),
		TEST(an_admin_drops_a_users_answers),
		TEST(only_good_answers_are_kept),
		TEST(without_a_store_calls_go_on),
		TEST(a_class_without_life_is_not_kept),
		TEST(another_build_starts_anew),
		TEST(who_waits_in_vain_computes_itself),
		TEST(an_unchanged_answer_is_304),
		TEST(every_answer_has_its_own_etag),
		TEST(writes_and_failures_have_no_etag),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
