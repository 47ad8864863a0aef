/*
 * Rate limits: the table of rules and how it is set, windows exact at their
 * boundary, who is counted for what, what is said of it, and that nothing
 * gets through when nothing can be counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gate_house.h"

static const struct rate_settings none = {0};
static const int64_t start = 1800000000000;

static const struct rates *rates_of(
	struct house *h, const struct rate_settings *settings)
{
	house_rates(h, settings);
	return h->services.rates;
}

static struct rate_question login_at(int64_t now)
{
	return (struct rate_question){.now = now,
		.class = RATE_LOGIN,
		.stage = RATE_STAGE_ADDRESS,
		.subjects = {[RATE_BY_ADDRESS] = "a:192.0.2.1"}};
}

/* ---- settings ----------------------------------------------------------- */

static void rules_have_the_contracts_limits(void **state)
{
	static const struct {
		enum rate_rule rule;
		const char *name, *subject;
		int64_t limit, window_s;
	} contract[] = {
		{RATE_RULE_BURST, "burst", "address", 10, 1},
		{RATE_RULE_ANONYMOUS, "anonymous", "address", 60, 60},
		{RATE_RULE_HOURLY, "anonymous_hour", "address", 1000, 3600},
		{RATE_RULE_LOGIN, "login", "address", 5, 60},
		{RATE_RULE_ACCOUNT, "login_account", "account", 10, 60},
		{RATE_RULE_REGISTER, "register", "address", 5, 3600},
		{RATE_RULE_GENERAL, "general", "user", 100, 60},
		{RATE_RULE_KEY, "key", "key", 100, 60},
		{RATE_RULE_PASSWORD, "password", "user", 3, 60},
		{RATE_RULE_SENSITIVE, "sensitive", "user", 10, 60},
		{RATE_RULE_TRADE, "trade", "user", 30, 60},
		{RATE_RULE_CANCEL, "cancel", "user", 60, 60},
		{RATE_RULE_CLOSE, "close", "user", 60, 60},
		{RATE_RULE_HALT, "halt", "user", 30, 60},
		{RATE_RULE_HOOK, "hook", "address", 120, 60},
	};
	const struct rates *rates = rates_of(*state, &none);

	for (size_t i = 0; i < sizeof(contract) / sizeof(contract[0]); i++) {
		struct rate_view view = rates_rule(rates, contract[i].rule);

		assert_string_equal(view.name, contract[i].name);
		assert_string_equal(view.subject, contract[i].subject);
		assert_int_equal(view.limit, contract[i].limit);
		assert_int_equal(view.window_s, contract[i].window_s);
	}
}

static void rules_are_set_and_switched_off(void **state)
{
	const struct rates *rates = rates_of(*state,
		&(struct rate_settings){.rules = {
						[RATE_RULE_LOGIN] = "7/30",
						[RATE_RULE_TRADE] = "0",
					}});

	assert_int_equal(rates_rule(rates, RATE_RULE_LOGIN).limit, 7);
	assert_int_equal(rates_rule(rates, RATE_RULE_LOGIN).window_s, 30);
	assert_int_equal(rates_rule(rates, RATE_RULE_TRADE).limit, 0);
	assert_int_equal(rates_rule(rates, RATE_RULE_GENERAL).limit, 100);
}

static void what_is_no_rule_is_refused(void **state)
{
	static const char *const bad[] = {"5", "5/", "/60", "5/0", "0/60",
		"-1/60", "5/60s", "5 / 60", "05/60", "5/60/60", "5/700000"};
	struct house *h = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct report *report = report_open(h->auth->request);
		struct rate_settings settings = {
			.rules = {[RATE_RULE_LOGIN] = bad[i]}};
		const struct rates *rates;

		if (rates_open(h->auth->request, &settings, report, &rates) !=
			ERR_BAD_INPUT)
			fail_msg("%s", bad[i]);
		assert_non_null(strstr(report->detail, "login"));
	}
}

static void exempt_users_are_known_by_name_or_id(void **state)
{
	const struct rates *rates = rates_of(
		*state, &(struct rate_settings){.exempt = "Alice, 01abc"});

	assert_true(rates_is_exempt(rates, "01xyz", "alice"));
	assert_true(rates_is_exempt(rates, "01abc", "bob"));
	assert_false(rates_is_exempt(rates, "01xyz", "bob"));
	assert_false(rates_is_exempt(rates_of(*state, &none), "", ""));
}

/* ---- windows -------------------------------------------------------------- */

static void a_window_is_exact_at_its_boundary(void **state)
{
	struct house *h = *state;
	const struct rates *rates = rates_of(h, &none);
	struct rate_answer answer;

	for (int64_t i = 0; i < 5; i++) {
		const struct rate_question question = login_at(start + i);

		assert_int_equal(rate_take(rates, h->services.store, &question,
					 NULL, &answer),
			ERR_OK);
		assert_int_equal(answer.taken.remaining, 4 - i);
		assert_int_equal(answer.rule, RATE_RULE_LOGIN);
	}
	for (int64_t i = 5; i < 60000; i += 11999) {
		const struct rate_question question = login_at(start + i);

		assert_int_equal(rate_take(rates, h->services.store, &question,
					 NULL, &answer),
			ERR_RATE_LIMITED);
		assert_int_equal(answer.taken.retry_ms, 60000 - i);
	}
	{
		const struct rate_question last = login_at(start + 59999);
		const struct rate_question next = login_at(start + 60000);

		assert_int_equal(rate_take(rates, h->services.store, &last,
					 NULL, &answer),
			ERR_RATE_LIMITED);
		assert_int_equal(rate_take(rates, h->services.store, &next,
					 NULL, &answer),
			ERR_OK);
		/* the first made room for one, no more */
		assert_int_equal(rate_take(rates, h->services.store, &next,
					 NULL, &answer),
			ERR_RATE_LIMITED);
	}
}

static void headers_say_the_tightest_window(void **state)
{
	struct house *h = *state;
	const struct rates *rates = rates_of(h, &none);
	const struct rate_question question = login_at(start);
	struct rate_answer answer;
	struct reply reply;

	reply_init(&reply, h->auth->request);
	assert_int_equal(
		rate_take(rates, h->services.store, &question, NULL, &answer),
		ERR_OK);
	rate_headers(&answer, &reply);
	assert_string_equal(reply.headers[REPLY_RATE_LIMIT], "5");
	assert_string_equal(reply.headers[REPLY_RATE_REMAINING], "4");
	assert_string_equal(reply.headers[REPLY_RATE_RESET], "60");
	assert_string_equal(
		reply.headers[REPLY_RATELIMIT], "\"login\";r=4;t=60");
	assert_string_equal(reply.headers[REPLY_RATELIMIT_POLICY],
		"\"login\";q=5;w=60, \"burst\";q=10;w=1, "
		"\"anonymous\";q=60;w=60, \"anonymous_hour\";q=1000;w=3600");
}

static void keys_have_windows_of_their_own_but_trades_are_their_users(
	void **state)
{
	struct house *h = *state;
	const struct rates *rates = rates_of(
		h, &(struct rate_settings){.rules = {
						   [RATE_RULE_TRADE] = "2/60",
						   [RATE_RULE_KEY] = "1/60",
					   }});
	struct rate_question question = {.now = start,
		.class = RATE_GENERAL,
		.stage = RATE_STAGE_KEY,
		.subjects = {[RATE_BY_USER] = "u:1", [RATE_BY_KEY] = "k:1"}};
	struct rate_answer answer;

	assert_int_equal(
		rate_take(rates, h->services.store, &question, NULL, &answer),
		ERR_OK);
	assert_int_equal(
		rate_take(rates, h->services.store, &question, NULL, &answer),
		ERR_RATE_LIMITED);
	assert_int_equal(answer.rule, RATE_RULE_KEY);
	question.class = RATE_TRADE;
	for (int i = 2; i < 4; i++) {
		question.subjects[RATE_BY_KEY] =
			arena_format(h->auth->request, "k:%d", i);
		assert_int_equal(rate_take(rates, h->services.store, &question,
					 NULL, &answer),
			ERR_OK);
	}
	question.subjects[RATE_BY_KEY] = "k:4";
	assert_int_equal(
		rate_take(rates, h->services.store, &question, NULL, &answer),
		ERR_RATE_LIMITED);
	assert_int_equal(answer.rule, RATE_RULE_TRADE);
}

/* Who has used up everything else, again and again, may still stop. */
/* Nor a cancel or a close: who trades too fast can take back what he gave, and
   get out. */
static void nothing_else_holds_a_halt_back(void **state)
{
	static const enum rate_class alone[] = {
		RATE_HALT, RATE_CANCEL, RATE_CLOSE};
	struct house *h = *state;
	const struct rates *rates = rates_of(
		h, &(struct rate_settings){
			   .rules =
				   {
					   [RATE_RULE_TRADE] = "1/60",
					   [RATE_RULE_GENERAL] = "1/60",
					   [RATE_RULE_CANCEL] = "2/60",
					   [RATE_RULE_CLOSE] = "2/60",
					   [RATE_RULE_HALT] = "2/60",
				   },
			   .patience = 1,
			   .cooldown_s = 600,
			   .cooldown_cap_s = 600});
	struct rate_question question = {.now = start,
		.class = RATE_TRADE,
		.stage = RATE_STAGE_USER,
		.subjects = {[RATE_BY_USER] = "u:1"}};
	struct rate_answer answer;

	for (int i = 0; i < 8; i++)
		(void)!rate_take(
			rates, h->services.store, &question, NULL, &answer);
	assert_true(answer.taken.blocked);
	for (int i = 0; i < 9; i++) {
		question.class = alone[i / 3];
		assert_int_equal(rate_take(rates, h->services.store, &question,
					 NULL, &answer),
			i % 3 < 2 ? ERR_OK : ERR_RATE_LIMITED);
	}
}

static void what_cannot_be_counted_is_refused(void **state)
{
	struct house *h = *state;
	const struct rates *rates = rates_of(h, &none);
	const struct rate_question question = login_at(start);
	struct rate_answer answer;

	assert_int_equal(rate_take(rates, NULL, &question, NULL, &answer),
		ERR_UNAVAILABLE);
	store_close(&h->services.store);
	h->services.store = store_open_fail(h->auth->arena);
	assert_int_equal(
		rate_take(rates, h->services.store, &question, NULL, &answer),
		ERR_UNAVAILABLE);
	h->with = NULL;
	assert_int_equal(house_send(h, "POST", "/enter", NULL), 503);
	assert_int_equal(house_send(h, "GET", "/open", NULL), 503);
	assert_int_equal(house_send(h, "GET", "/health", NULL), 204);
	h->with = h->alice;
	assert_int_equal(house_send(h, "GET", "/things", NULL), 503);
	assert_true(house_header(h, REPLY_RETRY_AFTER)[0] != '\0');
}

/* ---- at the gate ---------------------------------------------------------- */

static const struct rate_settings tight = {
	.rules = {[RATE_RULE_BURST] = "0",
		[RATE_RULE_ANONYMOUS] = "2/600",
		[RATE_RULE_HOURLY] = "0",
		[RATE_RULE_GENERAL] = "3/600"}};

static void strangers_are_counted_by_address(void **state)
{
	struct house *h = *state;

	house_rates(h, &tight);
	h->with = NULL;
	assert_int_equal(house_send(h, "GET", "/open", NULL), 200);
	assert_string_equal(house_header(h, REPLY_RATE_REMAINING), "1");
	assert_int_equal(house_send(h, "GET", "/open", NULL), 200);
	assert_int_equal(house_send(h, "GET", "/open", NULL), 429);
	assert_string_equal(house_header(h, REPLY_RATE_REMAINING), "0");
	assert_string_equal(house_header(h, REPLY_RATE_LIMIT), "2");
	assert_true(house_header(h, REPLY_RETRY_AFTER)[0] != '\0');
	assert_non_null(strstr(house_header(h, REPLY_RATELIMIT), "anonymous"));
	assert_non_null(
		strstr(h->reply.body.data, "\"code\":\"rate_limited\""));
	h->address = "192.0.2.2";
	assert_int_equal(house_send(h, "GET", "/open", NULL), 200);
	h->address = "2001:db8::1";
	assert_int_equal(house_send(h, "GET", "/open", NULL), 200);
	h->address = "2001:db8::2";
	assert_int_equal(house_send(h, "GET", "/open", NULL), 200);
	h->address = "2001:db8::3";
	assert_int_equal(house_send(h, "GET", "/open", NULL), 429);
	h->address = "2001:db8:0:1::3";
	assert_int_equal(house_send(h, "GET", "/open", NULL), 200);
}

static void probes_are_never_refused(void **state)
{
	struct house *h = *state;

	house_rates(h, &tight);
	for (int i = 0; i < 20; i++)
		assert_int_equal(house_send(h, "GET", "/health", NULL), 204);
	assert_string_equal(house_header(h, REPLY_RATE_LIMIT), "");
}

static void bad_credentials_count_and_good_ones_do_not(void **state)
{
	struct house *h = *state;

	house_rates(h, &tight);
	h->with = "no.good.token";
	assert_int_equal(house_send(h, "GET", "/own", NULL), 401);
	assert_int_equal(house_send(h, "GET", "/own", NULL), 401);
	assert_int_equal(house_send(h, "GET", "/own", NULL), 429);
	/* The neighbour at the same address is not slowed. */
	h->with = h->alice;
	assert_int_equal(house_send(h, "GET", "/own", NULL), 200);
	assert_string_equal(house_header(h, REPLY_RATE_REMAINING), "2");
	assert_non_null(strstr(house_header(h, REPLY_RATELIMIT), "general"));
}

static void unknown_paths_count(void **state)
{
	struct house *h = *state;

	house_rates(h, &tight);
	assert_int_equal(house_send(h, "GET", "/nowhere", NULL), 404);
	assert_int_equal(house_send(h, "GET", "/nowhere", NULL), 404);
	assert_int_equal(house_send(h, "GET", "/nowhere", NULL), 429);
}

static void users_are_counted_wherever_they_come_from(void **state)
{
	struct house *h = *state;

	house_rates(h, &tight);
	for (int i = 0; i < 3; i++) {
		h->address = arena_format(h->auth->request, "192.0.2.%d", i);
		assert_int_equal(house_send(h, "GET", "/own", NULL), 200);
	}
	assert_int_equal(house_send(h, "GET", "/own", NULL), 429);
	h->with = h->bob;
	assert_int_equal(house_send(h, "GET", "/own", NULL), 200);
}

static void denials_count(void **state)
{
	struct house *h = *state;

	house_rates(h, &tight);
	for (int i = 0; i < 3; i++)
		assert_int_equal(house_send(h, "POST", "/acts/1", NULL), 403);
	assert_int_equal(house_send(h, "POST", "/acts/1", NULL), 429);
}

static void exempt_users_are_not_counted(void **state)
{
	struct house *h = *state;
	struct rate_settings settings = tight;

	settings.exempt = "alice";
	house_rates(h, &settings);
	for (int i = 0; i < 10; i++)
		assert_int_equal(house_send(h, "GET", "/own", NULL), 200);
	assert_string_equal(house_header(h, REPLY_RATE_LIMIT), "");
}

static void who_does_not_stop_waits_longer(void **state)
{
	struct house *h = *state;
	const struct rates *rates = rates_of(
		h, &(struct rate_settings){.rules = {[RATE_RULE_LOGIN] = "1/1",
						   [RATE_RULE_BURST] = "0",
						   [RATE_RULE_ANONYMOUS] = "0",
						   [RATE_RULE_HOURLY] = "0"},
			   .patience = 3,
			   .cooldown_s = 10,
			   .cooldown_cap_s = 15});
	struct rate_question question = login_at(start);
	struct rate_answer answer;

	(void)!rate_take(rates, h->services.store, &question, NULL, &answer);
	for (int i = 0; i < 3; i++)
		assert_int_equal(rate_take(rates, h->services.store, &question,
					 NULL, &answer),
			ERR_RATE_LIMITED);
	question.now = start + 2000;
	assert_int_equal(
		rate_take(rates, h->services.store, &question, NULL, &answer),
		ERR_RATE_LIMITED);
	assert_true(answer.taken.blocked);
	question.now = start + 10001;
	assert_int_equal(
		rate_take(rates, h->services.store, &question, NULL, &answer),
		ERR_OK);
}

static void a_trusted_proxys_client_is_counted(void **state)
{
	struct house *h = *state;
	struct address_nets nets;

	house_rates(h, &tight);
	assert_int_equal(address_nets_parse(h->auth->arena, "10.0.0.0/8",
				 report_open(h->auth->arena), &nets),
		ERR_OK);
	h->services.trusted_proxies = &nets;
	h->with = NULL;
	h->address = "10.0.0.1";
	for (int i = 0; i < 5; i++) {
		const char *const via[] = {
			arena_format(h->auth->request,
				"HTTP_X_FORWARDED_FOR=1.1.1.1, 192.0.2.%d", i),
			NULL};

		assert_int_equal(house_send(h, "GET", "/open", via), 200);
	}
	assert_int_equal(house_send(h, "GET", "/open",
				 (const char *const[]){
					 "HTTP_X_FORWARDED_FOR=nobody", NULL}),
		400);
	/* The same header from a stranger changes nothing. */
	h->address = "192.0.2.99";
	for (int i = 0; i < 3; i++) {
		const char *const via[] = {
			arena_format(h->auth->request,
				"HTTP_X_FORWARDED_FOR=192.0.2.%d", 100 + i),
			NULL};

		assert_int_equal(
			house_send(h, "GET", "/open", via), i < 2 ? 200 : 429);
	}
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, house_open, house_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rules_have_the_contracts_limits),
		TEST(rules_are_set_and_switched_off),
		TEST(what_is_no_rule_is_refused),
		TEST(exempt_users_are_known_by_name_or_id),
		TEST(a_window_is_exact_at_its_boundary),
		TEST(headers_say_the_tightest_window),
		TEST(keys_have_windows_of_their_own_but_trades_are_their_users),
		TEST(nothing_else_holds_a_halt_back),
		TEST(what_cannot_be_counted_is_refused),
		TEST(strangers_are_counted_by_address),
		TEST(probes_are_never_refused),
		TEST(bad_credentials_count_and_good_ones_do_not),
		TEST(unknown_paths_count),
		TEST(users_are_counted_wherever_they_come_from),
		TEST(denials_count),
		TEST(exempt_users_are_not_counted),
		TEST(who_does_not_stop_waits_longer),
		TEST(a_trusted_proxys_client_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
