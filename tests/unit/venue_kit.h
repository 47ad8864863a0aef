/*
 * A venue against the exchange's stand-in (tests/venue/stand_in.mjs), which
 * is started once a program and ends when its input does. Both clocks are
 * numbers that the test moves. Each world has an account, a governor and a
 * connection of its own.
 */
#ifndef VENUE_KIT_H
#define VENUE_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "binance.h"
#include "json.h"
#include "metrics.h"
#include "text.h"

enum {
	KIT_LINE = 1 << 20,
	KIT_PATIENT_MS = 30000, /* for a machine that is busy */
	KIT_IMPATIENT_MS = 1500
};

#define KIT_T0 INT64_C(1700000000000)
#define KIT_SECRET "sekret0sekret1sekret2sekret3"

struct stand_in {
	pid_t pid;
	int to, from;
	int64_t port, control;
	int accounts; /* made so far */
	char line[KIT_LINE];
};

struct world {
	struct stand_in *stand_in;
	struct arena *arena;
	struct outbound *outbound;
	struct governor *governor;
	struct venue *venue;
	struct metrics *metrics; /* NULL, unless a test opens them */
	struct venue_symbol btc; /* with its rules */
	const struct venue_symbol *symbols[2];
	struct venue_symbol_set set; /* of btc alone */
	char base[64], key[32];
	int64_t now;
	int ids;
};

/* ---- the stand-in ------------------------------------------------------------ */

static inline void stand_in_line(struct stand_in *stand_in)
{
	size_t len = 0;

	for (;;) {
		ssize_t count = read(stand_in->from, stand_in->line + len,
			sizeof(stand_in->line) - 1 - len);

		assert_true(count > 0);
		len += (size_t)count;
		stand_in->line[len] = '\0';
		if (stand_in->line[len - 1] == '\n')
			return;
	}
}

static inline const struct json *stand_in_read(
	struct stand_in *stand_in, struct arena *arena)
{
	const struct json *json = NULL;

	stand_in_line(stand_in);
	assert_int_equal(
		json_parse(arena, stand_in->line, strlen(stand_in->line),
			report_open(arena), &json),
		ERR_OK);
	return json;
}

/* One command; the answer's tree. */
static inline const struct json *stand_in_do(
	struct stand_in *stand_in, struct arena *arena, const char *command)
{
	const struct json *json;
	const char *line = arena_format(arena, "%s\n", command);

	assert_int_equal(
		write(stand_in->to, line, strlen(line)), (ssize_t)strlen(line));
	json = stand_in_read(stand_in, arena);
	if (!json_member(json, "ok")->truth)
		fail_msg("%s: %s", command, stand_in->line);
	return json;
}

static inline int64_t kit_number(const struct json *json, const char *name)
{
	int64_t out = -1;

	assert_true(json_integer(json_member(json, name), &out));
	return out;
}

static inline void stand_in_run(int in, int out)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		_exit(126);
	for (int fd = 3; fd < 64; fd++)
		(void)close(fd);
	(void)execlp("node", "node", "tests/venue/stand_in.mjs", (char *)NULL);
	_exit(127);
}

/* The rules of the one symbol, as the real one had them in 2026. */
#define KIT_SYMBOL                                                             \
	"{\"op\":\"symbol\",\"base\":\"BTC\",\"quote\":\"USDT\",\"filters\":[" \
	"{\"filterType\":\"PRICE_FILTER\",\"minPrice\":\"0.01\","              \
	"\"maxPrice\":\"1000000\",\"tickSize\":\"0.01\"},"                     \
	"{\"filterType\":\"LOT_SIZE\",\"minQty\":\"0.00001\","                 \
	"\"maxQty\":\"9000\",\"stepSize\":\"0.00001\"},"                       \
	"{\"filterType\":\"MARKET_LOT_SIZE\",\"minQty\":\"0\","                \
	"\"maxQty\":\"150\",\"stepSize\":\"0\"},"                              \
	"{\"filterType\":\"NOTIONAL\",\"minNotional\":\"5\","                  \
	"\"applyMinToMarket\":true,\"maxNotional\":\"9000000\","               \
	"\"applyMaxToMarket\":false,\"avgPriceMins\":5},"                      \
	"{\"filterType\":\"PERCENT_PRICE_BY_SIDE\","                           \
	"\"bidMultiplierUp\":\"5\",\"bidMultiplierDown\":\"0.2\","             \
	"\"askMultiplierUp\":\"5\",\"askMultiplierDown\":\"0.2\","             \
	"\"avgPriceMins\":5},"                                                 \
	"{\"filterType\":\"MAX_NUM_ORDERS\",\"maxNumOrders\":200},"            \
	"{\"filterType\":\"MAX_NUM_ALGO_ORDERS\",\"maxNumAlgoOrders\":5},"     \
	"{\"filterType\":\"TRAILING_DELTA\",\"minTrailingAboveDelta\":10,"     \
	"\"maxTrailingAboveDelta\":2000,\"minTrailingBelowDelta\":10,"         \
	"\"maxTrailingBelowDelta\":2000}]}"

static inline int stand_in_start(void **state)
{
	struct stand_in *stand_in = calloc(1, sizeof(*stand_in));
	struct arena *arena = arena_open(4 << 20);
	const struct json *ports;
	int in[2], out[2];

	assert_non_null(stand_in);
	assert_int_equal(pipe(in) | pipe(out), 0);
	stand_in->pid = fork();
	assert_true(stand_in->pid >= 0);
	if (stand_in->pid == 0)
		stand_in_run(in[0], out[1]);
	(void)close(in[0]);
	(void)close(out[1]);
	stand_in->to = in[1];
	stand_in->from = out[0];
	ports = stand_in_read(stand_in, arena);
	stand_in->port = kit_number(ports, "port");
	stand_in->control = kit_number(ports, "control");
	(void)stand_in_do(stand_in, arena, KIT_SYMBOL);
	arena_close(&arena);
	*state = stand_in;
	return 0;
}

static inline int stand_in_end(void **state)
{
	struct stand_in *stand_in = *state;
	int status;

	(void)close(stand_in->to);
	(void)waitpid(stand_in->pid, &status, 0);
	(void)close(stand_in->from);
	free(stand_in);
	return 0;
}

/* ---- a world -------------------------------------------------------------------- */

static inline const struct json *world_do(
	struct world *world, const char *format, ...)
{
	char command[2048];
	va_list list;

	va_start(list, format);
	(void)vsnprintf(command, sizeof(command), format, list);
	va_end(list);
	return stand_in_do(world->stand_in, world->arena, command);
}

static inline int64_t world_now(void *context)
{
	return ((const struct world *)context)->now;
}

static inline void world_open_venue(
	struct world *world, int64_t total_ms, bool asks_rights)
{
	struct outbound_options outbound = {
		.loopback = true, .total_ms = total_ms, .body_limit = 1 << 20};
	struct governor_limits limits = {.weight = 100000};
	struct secret key, secret;
	struct binance_options options = {.base_url = world->base,
		.api_key = &key,
		.api_secret = &secret,
		.user = world->key,
		.clock = {world_now, world},
		.asks_rights = asks_rights};

	assert_int_equal(
		secret_init(&key, world->key, strlen(world->key)), ERR_OK);
	assert_int_equal(
		secret_init(&secret, KIT_SECRET, strlen(KIT_SECRET)), ERR_OK);
	assert_int_equal(
		outbound_open(world->arena, &outbound, &world->outbound),
		ERR_OK);
	world->governor = governor_open(world->arena, &limits);
	options.governor = world->governor;
	options.outbound = world->outbound;
	options.metrics = world->metrics;
	assert_int_equal(binance_open(world->arena, &options,
				 report_open(world->arena), &world->venue),
		ERR_OK);
	secret_release(&key);
	secret_release(&secret);
}

static inline void world_account(struct world *world)
{
	(void)snprintf(world->key, sizeof(world->key), "key%d",
		world->stand_in->accounts++);
	(void)world_do(world,
		"{\"op\":\"account\",\"key\":\"%s\",\"secret\":\"" KIT_SECRET
		"\",\"balances\":{\"USDT\":\"100000\",\"BTC\":\"3\"}}",
		world->key);
}

/* At one price, one account with money, all quiet. */
static inline void world_init(struct world *world, struct stand_in *stand_in)
{
	*world = (struct world){.stand_in = stand_in,
		.arena = arena_open((size_t)32 << 20),
		.now = KIT_T0 + stand_in->accounts * INT64_C(60000)};
	(void)snprintf(world->base, sizeof(world->base), "http://127.0.0.1:%d",
		(int)stand_in->port);
	(void)world_do(world, "{\"op\":\"clear\"}");
	(void)world_do(world, "{\"op\":\"clock\",\"now\":%lld,\"offset\":0}",
		(long long)world->now);
	(void)world_do(world, "{\"op\":\"limits\",\"limits\":{\"weight\":6000,"
			      "\"tenSeconds\":100,\"day\":200000}}");
	(void)world_do(world,
		"{\"op\":\"price\",\"symbol\":\"BTCUSDT\",\"bid\":\"50000\","
		"\"ask\":\"50001\",\"last\":\"50000\"}");
	world_account(world);
	world_open_venue(world, KIT_PATIENT_MS, false);
}

static inline void world_release(struct world *world)
{
	binance_close(&world->venue);
	outbound_close(&world->outbound);
	arena_close(&world->arena);
}

static inline void world_learn(struct world *world)
{
	static const char *const names[] = {"BTC-USDT", NULL};
	struct venue_symbol_list list = {0};
	struct venue_outcome outcome =
		venue_symbols(world->venue, world->arena, names, &list);

	if (outcome.result != VENUE_OK)
		fail_msg("%s", outcome.text);
	assert_int_equal(list.count, 1);
	world->btc = list.items[0];
	world->symbols[0] = &world->btc;
	world->set = (struct venue_symbol_set){world->symbols, 1};
}

static inline struct decimal kit_decimal(const char *text)
{
	struct decimal out;

	assert_int_equal(decimal_parse(text, strlen(text), &out), ERR_OK);
	return out;
}

/* A buy that rests below the market, with an id of its own. */
static inline struct venue_order world_order(struct world *world)
{
	return (struct venue_order){.symbol = &world->btc,
		.client_id =
			arena_format(world->arena, "order-%d", ++world->ids),
		.side = VENUE_BUY,
		.type = VENUE_LIMIT,
		.quantity = kit_decimal("0.5"),
		.price = kit_decimal("49000.00")};
}

/* How many orders the account has at the exchange, of any state. */
static inline size_t world_count(struct world *world)
{
	return json_member(world_do(world, "{\"op\":\"orders\",\"key\":\"%s\"}",
				   world->key),
		"orders")
		->count;
}

static inline int64_t world_seen(
	struct world *world, const char *method, const char *path)
{
	return kit_number(world_do(world,
				  "{\"op\":\"seen\",\"method\":\"%s\","
				  "\"path\":\"%s\"}",
				  method, path),
		"count");
}

#define assert_outcome(outcome, wanted)                               \
	do {                                                          \
		struct venue_outcome got_ = (outcome);                \
		if (got_.result != (wanted))                          \
			fail_msg("%s instead of %s: %s %s (%d)",      \
				venue_result_slug(got_.result),       \
				venue_result_slug(wanted), got_.rule, \
				got_.text, (int)got_.code);           \
	} while (0)

#endif
