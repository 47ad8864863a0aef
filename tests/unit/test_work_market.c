/*
 * The job that fetches market data, against the stand-in of the exchange over
 * loopback and a real database: history, what is new, gaps, corrections, a
 * source that is down or knows no such name, and that nothing is asked when
 * nothing is set. The stand-in's clock is the one that the test moves.
 */
#include "venue_kit.h"

#include <fcntl.h>

#include "auth_fixture.h"
#include "clock.h"
#include "file.h"
#include "jobs.h"
#include "market.h"
#include "work.h"
#include "work_market.h"

#define MINUTE INT64_C(60000)

struct office {
	struct stand_in *stand_in;
	struct fixture *f;
	struct config config;
	struct log log;
	struct shared shared;
	struct work work;
	int64_t now; /* of both clocks, roughly: the test's start */
};

static const struct json *tell(struct office *o, const char *format, ...)
{
	char command[2048];
	va_list list;

	va_start(list, format);
	(void)vsnprintf(command, sizeof(command), format, list);
	va_end(list);
	return stand_in_do(o->stand_in, o->f->arena, command);
}

static void office_open(struct office *o, void **state, const char *symbols)
{
	void *fixture;

	*o = (struct office){.stand_in = *state};
	assert_int_equal(fixture_open(&fixture), 0);
	o->f = fixture;
	o->shared.db = o->f->db;
	o->shared.auth = o->f->auth;
	o->shared.store = store_open_memory(o->f->arena);
	assert_int_equal(metrics_open(o->f->arena, &(struct metrics_options){0},
				 &o->shared.metrics),
		ERR_OK);
	o->config = (struct config){.data_folder = o->f->folder,
		.backup_folder = "",
		.market_symbols = symbols,
		.binance_market_url = arena_format(o->f->arena,
			"http://127.0.0.1:%d", (int)o->stand_in->port),
		.coingecko_key = "",
		.outbound_hosts = "",
		.outbound_loopback = true,
		.binance_weight = 6000,
		.market_quote_s = 2,
		.market_spot_s = 60,
		.market_stale_s = 60,
		.market_history_days = 2,
		.market_repair_minutes = 60,
		.watch_ms = 200};
	o->config.coingecko_url = o->config.binance_market_url;
	o->log.fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	o->work = (struct work){.config = &o->config,
		.log = &o->log,
		.shared = &o->shared,
		.owner = "test",
		.arena = arena_open((size_t)64 << 20)};
	o->now = clock_ms();
	(void)tell(o, "{\"op\":\"clear\"}");
	(void)tell(o, "{\"op\":\"clock\",\"offset\":0}");
	(void)tell(o, "{\"op\":\"price\",\"symbol\":\"BTCUSDT\",\"bid\":"
		      "\"50000\",\"ask\":\"50001\",\"last\":\"50000.50\"}");
	(void)tell(o, "{\"op\":\"history\",\"symbol\":\"BTCUSDT\",\"since\":0,"
		      "\"until\":9007199254740991,\"holes\":[],\"walks\":true,"
		      "\"corrections\":{}}");
}

static void office_close(struct office *o)
{
	void *fixture = o->f;

	work_close(&o->work);
	arena_close(&o->work.arena);
	store_close(&o->shared.store);
	metrics_close(&o->shared.metrics);
	close(o->log.fd);
	assert_int_equal(fixture_close(&fixture), 0);
}

/* The job once, with all that it holds due. */
static void fetch(struct office *o)
{
	arena_reset(o->work.arena);
	o->work.report = report_open(o->work.arena);
	o->work.now = clock_ms();
	assert_int_equal(work_market(&o->work), ERR_OK);
}

/* The same as a process that has just begun. */
static void fetch_anew(struct office *o)
{
	work_market_close(&o->work);
	fetch(o);
}

static int64_t number(struct office *o, const char *sql)
{
	return fixture_number(o->f, sql);
}

static void put(struct office *o, const char *sql)
{
	assert_int_equal(db_run(o->f->db, sql, NO_BINDS, NULL), ERR_OK);
}

static int64_t stored(struct office *o)
{
	return number(o, "SELECT coalesce(sum(candles), 0) FROM candle_blocks");
}

static int64_t count_of(struct office *o, const char *path)
{
	return kit_number(
		tell(o, "{\"op\":\"seen\",\"method\":\"GET\",\"path\":\"%s\"}",
			path),
		"count");
}

/* ---- what is fetched --------------------------------------------------------------- */

static void test_nothing_is_asked_unless_named(void **state)
{
	struct office o;
	const int64_t before = kit_number(
		stand_in_do(*state, (office_open(&o, state, ""), o.f->arena),
			"{\"op\":\"seen\",\"method\":\"GET\",\"path\":\"/\"}"),
		"connections");

	fetch(&o);
	assert_null(o.work.net);
	assert_int_equal(kit_number(tell(&o, "{\"op\":\"seen\",\"method\":"
					     "\"GET\",\"path\":\"/\"}"),
				 "connections"),
		before);
	assert_int_equal(work_plan(&o.work), ERR_OK);
	assert_int_equal(number(&o, "SELECT interval_ms FROM jobs WHERE name ="
				    " 'market'"),
		0);
	office_close(&o);
}

static void test_history_and_quotes(void **state)
{
	struct office o;
	int64_t wanted;

	office_open(&o, state, "BTC-USDT=binance:BTCUSDT:1m");
	fetch(&o);
	/* two days of closed minutes, all of them, none double */
	wanted = 2 * 24 * 60;
	assert_true(stored(&o) >= wanted - 1 && stored(&o) <= wanted + 1);
	assert_int_equal(number(&o, "SELECT count(*) FROM feeds WHERE error IS"
				    " NULL AND ok_at IS NOT NULL"),
		1);
	assert_int_equal(
		number(&o, "SELECT price FROM quotes"), INT64_C(5000050000000));
	assert_int_equal(number(&o, "SELECT revision FROM symbols"), 0);
	/* nothing is younger than a minute: none is open */
	assert_true(number(&o, "SELECT max(last) FROM candle_blocks") <=
		    clock_ms() - MINUTE);
	/* asked again at once there is nothing to ask for */
	wanted = count_of(&o, "/api/v3/klines");
	fetch(&o);
	assert_int_equal(count_of(&o, "/api/v3/klines"), wanted);
	office_close(&o);
}

static void test_gaps_are_repaired(void **state)
{
	struct office o;
	const int64_t day = clock_ms() / 86400000 * 86400000 - 86400000;

	office_open(&o, state, "BTC-USDT=binance:BTCUSDT:1m");
	(void)tell(&o,
		"{\"op\":\"history\",\"symbol\":\"BTCUSDT\",\"since\":%lld,"
		"\"holes\":[[%lld,%lld],[%lld,%lld]]}",
		(long long)day, (long long)(day + 10 * MINUTE),
		(long long)(day + 20 * MINUTE), (long long)(day + 40 * MINUTE),
		(long long)(day + 41 * MINUTE));
	fetch(&o);
	assert_int_equal(
		number(&o, "SELECT min(first) FROM candle_blocks"), day);
	assert_int_equal(number(&o, "SELECT (max(last) - min(first)) / 60000 +"
				    " 1 - sum(candles) FROM candle_blocks"),
		11);
	/* it was looked for once and is not there: another start looks again */
	(void)tell(&o, "{\"op\":\"history\",\"symbol\":\"BTCUSDT\","
		       "\"holes\":[]}");
	fetch_anew(&o);
	assert_int_equal(number(&o, "SELECT (max(last) - min(first)) / 60000 +"
				    " 1 - sum(candles) FROM candle_blocks"),
		0);
	/* whoever computed something from the old ones begins anew */
	assert_true(number(&o, "SELECT revision FROM symbols") > 0);
	office_close(&o);
}

/* Ten years of minutes that the source does not have, and a gap of more than
   one answer. */
static void test_long_gaps(void **state)
{
	struct office o;
	const int64_t day = clock_ms() / 86400000 * 86400000 - 2 * 86400000;
	int64_t asked;

	office_open(&o, state, "BTC-USDT=binance:BTCUSDT:1m");
	o.config.market_history_days = 3650;
	(void)tell(&o,
		"{\"op\":\"history\",\"symbol\":\"BTCUSDT\",\"since\":%lld,"
		"\"holes\":[[%lld,%lld]]}",
		(long long)day, (long long)(day + 10 * MINUTE),
		(long long)(day + 2210 * MINUTE));
	asked = count_of(&o, "/api/v3/klines");
	fetch(&o);
	assert_true(count_of(&o, "/api/v3/klines") - asked < 12);
	(void)tell(&o, "{\"op\":\"history\",\"symbol\":\"BTCUSDT\","
		       "\"holes\":[]}");
	asked = count_of(&o, "/api/v3/klines");
	fetch_anew(&o);
	assert_true(count_of(&o, "/api/v3/klines") - asked < 12);
	assert_int_equal(
		number(&o, "SELECT min(first) FROM candle_blocks"), day);
	assert_int_equal(number(&o, "SELECT (max(last) - min(first)) / 60000 +"
				    " 1 - sum(candles) FROM candle_blocks"),
		0);
	office_close(&o);
}

static void test_a_correction_raises_the_revision(void **state)
{
	struct office o;
	int64_t last;

	office_open(&o, state, "BTC-USDT=binance:BTCUSDT:1m");
	fetch(&o);
	last = number(&o, "SELECT max(last) FROM candle_blocks");
	fetch_anew(&o);
	assert_int_equal(number(&o, "SELECT revision FROM symbols"), 0);
	(void)tell(&o,
		"{\"op\":\"history\",\"symbol\":\"BTCUSDT\",\"corrections\":"
		"{\"%lld\":\"123.25\"}}",
		(long long)last);
	fetch_anew(&o);
	assert_int_equal(number(&o, "SELECT revision FROM symbols"), 1);
	office_close(&o);
}

static void test_spot(void **state)
{
	struct office o;

	office_open(&o, state, "ETH-USD=coingecko:ethereum X-EUR=coingecko:x");
	(void)tell(&o, "{\"op\":\"spot\",\"key\":null,\"most\":1000,\"id\":"
		       "\"ethereum\",\"prices\":{\"usd\":\"2345.6\"}}");
	fetch(&o);
	assert_int_equal(number(&o, "SELECT price FROM quotes WHERE symbol ="
				    " 'ETH-USD'"),
		INT64_C(234560000000));
	assert_int_equal(number(&o, "SELECT count(*) FROM quotes"), 1);
	assert_int_equal(number(&o, "SELECT count(*) FROM feeds WHERE error ="
				    " 'The source has no price of it.'"),
		1);
	office_close(&o);
}

/* What totals need is asked for once for all, and nobody trades at it. */
static void test_rates_of_users_currencies(void **state)
{
	static const char path[] = "/api/v3/simple/price";
	struct office o;
	int64_t asked;

	office_open(&o, state, "BTC-USDT=binance:BTCUSDT");
	o.config.market_rates = true;
	o.config.paper_currency = "USD";
	o.config.binance_quote = "USDT";
	(void)tell(&o, "{\"op\":\"spot\",\"key\":null,\"most\":1000,\"id\":"
		       "\"tether\",\"prices\":{\"usd\":\"0.999\","
		       "\"eur\":\"0.87\"}}");
	asked = count_of(&o, path);
	put(&o, "INSERT INTO users (id, username, username_key, password_hash,"
		" role, created_at, password_at) VALUES ('erna', 'erna', "
		"'erna',"
		" 'x', 'user', 1, 1)");
	fetch(&o);
	assert_int_equal(count_of(&o, path), asked);
	put(&o, "INSERT INTO user_settings (user_id, name, value,"
		" updated_at) VALUES ('erna', 'currency', 'EUR', 1)");
	o.work.market->rates_at = 0;
	fetch(&o);
	assert_int_equal(count_of(&o, path), asked + 1);
	assert_int_equal(number(&o, "SELECT price FROM quotes WHERE symbol ="
				    " 'USDT-EUR'"),
		87000000);
	assert_int_equal(
		number(&o, "SELECT count(*) FROM quotes WHERE symbol"
			   " IN ('USDT-EUR', 'USDT-USD') AND source ="
			   " 'coingecko' AND fresh_until > received_at"),
		2);
	assert_int_equal(number(&o, "SELECT count(*) FROM symbols WHERE symbol"
				    " LIKE 'USDT-%'"),
		0);
	assert_int_equal(number(&o, "SELECT count(*) FROM feeds"), 1);
	/* not again before its time, and not at all while it is off */
	fetch(&o);
	o.work.market->rates_at = 0;
	o.config.market_rates = false;
	fetch(&o);
	assert_int_equal(count_of(&o, path), asked + 1);
	office_close(&o);
}

/* A source that fails is asked as seldom as for quotes. */
static void test_rates_wait_for_a_source_that_is_down(void **state)
{
	static const char path[] = "/api/v3/simple/price";
	struct office o;
	int64_t asked;

	office_open(&o, state, "BTC-USDT=binance:BTCUSDT");
	o.config.market_rates = true;
	o.config.paper_currency = "EUR";
	o.config.binance_quote = "USDT";
	(void)tell(&o,
		"{\"op\":\"plan\",\"method\":\"GET\",\"path\":\"%s\","
		"\"do\":\"drop_before\",\"times\":1}",
		path);
	put(&o, "INSERT INTO users (id, username, username_key, password_hash,"
		" role, created_at, password_at) VALUES ('erna', 'erna', "
		"'erna',"
		" 'x', 'user', 1, 1)");
	fetch(&o);
	assert_true(o.work.market->rates_failed);
	assert_int_equal(number(&o, "SELECT count(*) FROM quotes WHERE symbol"
				    " LIKE 'USDT-%'"),
		0);
	asked = count_of(&o, path);
	o.work.market->rates_at = 0;
	fetch(&o);
	assert_int_equal(count_of(&o, path), asked);
	office_close(&o);
}

/* ---- trouble ------------------------------------------------------------------------ */

static void test_a_source_that_is_down(void **state)
{
	struct office o;
	int64_t asked;

	office_open(&o, state, "BTC-USDT=binance:BTCUSDT");
	fetch(&o);
	o.work.market->sources[FEED_BINANCE].quotes_at = 0;
	(void)tell(&o, "{\"op\":\"plan\",\"method\":\"GET\",\"path\":"
		       "\"/api/v3/ticker/price\",\"do\":\"drop_before\","
		       "\"times\":1}");
	fetch(&o);
	assert_int_equal(number(&o, "SELECT failures FROM feeds"), 1);
	assert_int_equal(number(&o, "SELECT count(*) FROM quotes"), 1);
	assert_true(o.work.market->sources[FEED_BINANCE].retry_at > o.now);
	/* not before its time */
	asked = count_of(&o, "/api/v3/ticker/price");
	o.work.market->sources[FEED_BINANCE].quotes_at = 0;
	fetch(&o);
	assert_int_equal(count_of(&o, "/api/v3/ticker/price"), asked);
	o.work.market->sources[FEED_BINANCE].quotes_at = 0;
	o.work.market->sources[FEED_BINANCE].retry_at = 0;
	fetch(&o);
	assert_int_equal(number(&o, "SELECT failures FROM feeds"), 0);
	assert_int_equal(o.work.market->sources[FEED_BINANCE].failures, 0);
	office_close(&o);
}

static void test_a_wrong_name_costs_the_others_nothing(void **state)
{
	struct office o;
	int64_t asked;

	office_open(&o, state,
		"NO-USDT=binance:NOUSDT:1m BTC-USDT=binance:BTCUSDT");
	fetch(&o);
	assert_int_equal(number(&o, "SELECT count(*) FROM quotes WHERE symbol"
				    " = 'BTC-USDT'"),
		1);
	assert_int_equal(number(&o, "SELECT count(*) FROM feeds WHERE symbol ="
				    " 'NO-USDT' AND error IS NOT NULL"),
		1);
	/* the one that is known goes on, the other one is left alone */
	asked = count_of(&o, "/api/v3/klines");
	o.work.market->sources[FEED_BINANCE].quotes_at = 0;
	fetch(&o);
	assert_int_equal(count_of(&o, "/api/v3/klines"), asked);
	assert_int_equal(number(&o, "SELECT failures FROM feeds WHERE symbol ="
				    " 'NO-USDT'"),
		1);
	office_close(&o);
}

static void test_too_much_is_later(void **state)
{
	struct office o;

	office_open(&o, state, "BTC-USDT=binance:BTCUSDT:1m");
	(void)tell(&o, "{\"op\":\"plan\",\"method\":\"GET\",\"path\":"
		       "\"/api/v3/klines\",\"do\":\"answer_before\","
		       "\"status\":429,\"headers\":{\"Retry-After\":\"50\"},"
		       "\"body\":\"{\\\"code\\\":-1003,\\\"msg\\\":\\\"x\\\"}"
		       "\"}");
	fetch(&o);
	assert_int_equal(stored(&o), 0);
	/* for quotes too: the budget is the address's */
	assert_true(
		o.work.market->sources[FEED_BINANCE].retry_at >= o.now + 49000);
	office_close(&o);
}

static void test_half_an_answer_stores_nothing(void **state)
{
	struct office o;

	office_open(&o, state, "BTC-USDT=binance:BTCUSDT:1m");
	(void)tell(&o, "{\"op\":\"plan\",\"method\":\"GET\",\"path\":"
		       "\"/api/v3/klines\",\"do\":\"half\",\"times\":1}");
	fetch(&o);
	assert_int_equal(stored(&o), 0);
	o.work.market->sources[FEED_BINANCE].retry_at = 0;
	o.work.market->feeds[0].candles_at = 0;
	fetch(&o);
	assert_true(stored(&o) > 2 * 24 * 60 - 2);
	office_close(&o);
}

static void test_what_cannot_be_is_told_at_the_start(void **state)
{
	struct office o;

	office_open(&o, state, "BTC-USDT=binance:BTCUSDT:1m");
	o.config.binance_market_url = "https://exchange.example";
	o.work.report = report_open(o.f->arena);
	assert_int_equal(work_market_open(&o.work), ERR_BAD_INPUT);
	assert_non_null(strstr(o.work.report->detail, "exchange.example"));
	o.config.outbound_hosts = "other.example, exchange.example";
	work_close(&o.work);
	assert_int_equal(work_market_open(&o.work), ERR_OK);
	office_close(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_asked_unless_named),
		cmocka_unit_test(test_history_and_quotes),
		cmocka_unit_test(test_gaps_are_repaired),
		cmocka_unit_test(test_long_gaps),
		cmocka_unit_test(test_a_correction_raises_the_revision),
		cmocka_unit_test(test_spot),
		cmocka_unit_test(test_rates_of_users_currencies),
		cmocka_unit_test(test_rates_wait_for_a_source_that_is_down),
		cmocka_unit_test(test_a_source_that_is_down),
		cmocka_unit_test(test_a_wrong_name_costs_the_others_nothing),
		cmocka_unit_test(test_too_much_is_later),
		cmocka_unit_test(test_half_an_answer_stores_nothing),
		cmocka_unit_test(test_what_cannot_be_is_told_at_the_start),
	};

	return cmocka_run_group_tests(tests, stand_in_start, stand_in_end);
}
