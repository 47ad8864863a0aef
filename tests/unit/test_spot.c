/*
 * CoinGecko's simple price against the stand-in: what is asked, how numbers
 * are written, what is not known, limits, keys, and answers that are none.
 */
#include "venue_kit.h"

#include "spot.h"

static struct spot *spot_of(struct world *world, const char *key)
{
	const struct spot_options options = {.base_url = world->base,
		.key = key,
		.outbound = world->outbound,
		.metrics = world->metrics};
	struct spot *spot = NULL;

	assert_int_equal(spot_open(world->arena, &options,
				 report_open(world->arena), &spot),
		ERR_OK);
	return spot;
}

static struct venue_outcome ask(struct world *world, const char *key,
	const struct spot_ask *asks, size_t count, struct spot_price *out)
{
	struct spot *spot = spot_of(world, key);
	const struct spot_query query = {asks, count, world->now};
	struct venue_outcome outcome =
		spot_prices(spot, world->arena, &query, out);

	spot_close(&spot);
	assert_null(spot);
	return outcome;
}

static void begin(struct world *world, void **state)
{
	world_init(world, *state);
	(void)world_do(world, "{\"op\":\"spot\",\"key\":null,\"most\":1000}");
}

static void test_prices(void **state)
{
	static const struct spot_ask asks[] = {{"ethereum", "usd"},
		{"dogecoin", "eur"}, {"nothing", "usd"}, {"ethereum", "eur"}};
	struct world world;
	struct spot_price prices[4];

	begin(&world, state);
	(void)world_do(&world,
		"{\"op\":\"spot\",\"id\":\"ethereum\",\"at\":%lld,"
		"\"prices\":{\"usd\":\"2345.67\",\"eur\":\"2e3\"}}",
		(long long)(world.now - 30000));
	(void)world_do(&world, "{\"op\":\"spot\",\"id\":\"dogecoin\","
			       "\"prices\":{\"eur\":\"1.25e-05\"}}");
	assert_outcome(ask(&world, "", asks, 4, prices), VENUE_OK);
	assert_true(prices[0].known);
	assert_int_equal(prices[0].price.units, 234567000000);
	assert_int_equal(prices[0].at_ms, (world.now - 30000) / 1000 * 1000);
	assert_true(prices[1].known);
	assert_int_equal(prices[1].price.units, 1250);
	assert_false(prices[2].known);
	assert_int_equal(prices[3].price.units, INT64_C(200000000000));
	world_release(&world);
}

static void test_what_it_took_is_counted(void **state)
{
	static const struct spot_ask asks[] = {{"ethereum", "usd"}};
	struct world world;
	struct spot_price price;

	begin(&world, state);
	assert_int_equal(metrics_open(world.arena, &(struct metrics_options){0},
				 &world.metrics),
		ERR_OK);
	assert_outcome(ask(&world, "", asks, 1, &price), VENUE_OK);
	(void)world_do(&world,
		"{\"op\":\"plan\",\"method\":\"GET\",\"path\":"
		"\"/api/v3/simple/price\",\"do\":\"answer_before\","
		"\"status\":429}");
	assert_outcome(ask(&world, "", asks, 1, &price), VENUE_LATER);
	assert_int_equal(metrics_get(world.metrics, METRIC_VENUE_SECONDS,
				 METRICS_COINGECKO, METRICS_VENUE_MARKET),
		2);
	assert_int_equal(metrics_get(world.metrics, METRIC_VENUE_ERRORS,
				 METRICS_COINGECKO, METRICS_VENUE_429),
		1);
	metrics_close(&world.metrics);
	world_release(&world);
}

static void test_numbers(void **state)
{
	static const struct {
		const char *text;
		int64_t units; /* 0: no price */
	} rows[] = {{"1", 100000000}, {"0.00000001", 1}, {"0.000000001", 0},
		{"0", 0}, {"-1", 0}, {"1E2", 10000000000},
		{"1e+2", 10000000000}, {"1.25e-05", 1250}, {"1e-9", 0},
		{"1.5e-8", 2}, {"0.123456789012345678901234567890", 12345679},
		{"99999999999999999999", 0}, {"1e400", 0}, {"1e-400", 0},
		{"true", 0}, {"\\\"12\\\"", 0}, {"null", 0}, {"[1]", 0}};
	static const struct spot_ask asked = {"x", "usd"};
	struct world world;
	struct spot_price price;

	begin(&world, state);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct venue_outcome outcome;

		(void)world_do(&world,
			"{\"op\":\"spot\",\"id\":\"x\",\"prices\":{\"usd\":"
			"\"%s\"}}",
			rows[i].text);
		price = (struct spot_price){.known = false};
		outcome = ask(&world, "", &asked, 1, &price);
		if (outcome.result == VENUE_OK &&
			price.known != (rows[i].units != 0))
			print_error("%s\n", rows[i].text);
		/* a number out of range makes the whole of it no JSON */
		assert_true(outcome.result == VENUE_OK || rows[i].units == 0);
		assert_int_equal(price.known, rows[i].units != 0);
		if (price.known)
			assert_int_equal(price.price.units, rows[i].units);
	}
	world_release(&world);
}

static void test_keys_and_limits(void **state)
{
	static const struct spot_ask asked = {"x", "usd"};
	struct world world;
	struct venue_outcome outcome;
	struct spot_price price;
	struct spot *none = NULL;
	struct spot_options options = {.key = "a\nb"};

	begin(&world, state);
	(void)world_do(&world, "{\"op\":\"spot\",\"key\":\"geheim\"}");
	(void)world_do(&world, "{\"op\":\"spot\",\"id\":\"x\",\"prices\":"
			       "{\"usd\":\"1\"}}");
	assert_outcome(ask(&world, "", &asked, 1, &price), VENUE_REFUSED);
	assert_outcome(ask(&world, "geheim", &asked, 1, &price), VENUE_OK);
	(void)world_do(&world, "{\"op\":\"spot\",\"most\":0}");
	outcome = ask(&world, "geheim", &asked, 1, &price);
	assert_outcome(outcome, VENUE_LATER);
	assert_int_equal(outcome.retry_at_ms, world.now + 30000);
	assert_outcome(ask(&world, "geheim", &asked, 0, &price), VENUE_DENIED);
	options.base_url = world.base;
	options.outbound = world.outbound;
	assert_int_equal(spot_open(world.arena, &options,
				 report_open(world.arena), &none),
		ERR_BAD_INPUT);
	world_release(&world);
}

static void plan(struct world *world, const char *kind)
{
	(void)world_do(world,
		"{\"op\":\"plan\",\"method\":\"GET\",\"path\":"
		"\"/api/v3/simple/price\",%s}",
		kind);
}

static void test_trouble(void **state)
{
	static const struct spot_ask asked = {"x", "usd"};
	static const struct {
		const char *plan;
		enum venue_result result;
	} rows[] = {{"\"do\":\"drop_before\"", VENUE_UNKNOWN},
		{"\"do\":\"half\"", VENUE_UNKNOWN},
		{"\"do\":\"huge\",\"bytes\":3000000", VENUE_UNKNOWN},
		{"\"do\":\"answer_before\",\"status\":500", VENUE_UNKNOWN},
		{"\"do\":\"answer_before\",\"status\":403", VENUE_REFUSED},
		{"\"do\":\"answer_before\",\"status\":302", VENUE_REFUSED},
		{"\"do\":\"answer_before\",\"status\":429", VENUE_LATER},
		{"\"do\":\"answer_before\",\"body\":\"[]\"", VENUE_UNKNOWN},
		{"\"do\":\"answer_before\",\"body\":\"{\"", VENUE_UNKNOWN}};
	struct world world;
	struct spot_price price;

	begin(&world, state);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		plan(&world, rows[i].plan);
		assert_outcome(
			ask(&world, "", &asked, 1, &price), rows[i].result);
	}
	assert_outcome(ask(&world, "", &asked, 1, &price), VENUE_OK);
	world_release(&world);
}

static void test_later_is_not_never(void **state)
{
	static const struct spot_ask asked = {"x", "usd"};
	static const struct {
		const char *said;
		int64_t wait_ms;
	} rows[] = {{"7", 7000}, {"0", 60000}, {"-5", 60000},
		{"100000000000", 3600000}, {"9223372036854775807", 3600000}};
	struct world world;
	struct spot_price price;
	struct venue_outcome outcome;

	begin(&world, state);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		plan(&world, arena_format(world.arena,
				     "\"do\":\"answer_before\",\"status\":429,"
				     "\"headers\":{\"Retry-After\":\"%s\"}",
				     rows[i].said));
		outcome = ask(&world, "", &asked, 1, &price);
		assert_outcome(outcome, VENUE_LATER);
		assert_int_equal(
			outcome.retry_at_ms, world.now + rows[i].wait_ms);
	}
	world_release(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prices),
		cmocka_unit_test(test_what_it_took_is_counted),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_keys_and_limits),
		cmocka_unit_test(test_trouble),
		cmocka_unit_test(test_later_is_not_never),
	};

	return cmocka_run_group_tests(tests, stand_in_start, stand_in_end);
}
