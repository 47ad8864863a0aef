/*
 * One order against a candle or a last price: each type, gaps, levels inside
 * the candle, what is refused or expires, room, and what holds for random
 * orders on random candles.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "match.h"

#define ONE INT64_C(100000000)

static const struct ledger_costs free_of_cost = {.step = 1};
/* half a spread of 1 %, 1 % slippage, prices of two digits */
static const struct ledger_costs dear = {.spread = ONE / 50,
	.slippage = ONE / 100,
	.tick = ONE / 100,
	.step = 1};

static struct match_bar bar_of(
	int64_t open, int64_t high, int64_t low, int64_t close)
{
	return (struct match_bar){
		open * ONE, high * ONE, low * ONE, close * ONE, INT64_MAX};
}

static struct match_order order_of(enum match_type type, bool buys)
{
	return (struct match_order){
		.type = type, .buys = buys, .left = 10 * ONE};
}

static struct match_fill on_candle(const struct ledger_costs *costs,
	const struct match_order *order, const struct match_bar *bar)
{
	struct match_fill fill = {0};

	assert_int_equal(match_candle(costs, order, bar, &fill), ERR_OK);
	return fill;
}

static struct match_fill on_quote(const struct ledger_costs *costs,
	const struct match_order *order, int64_t last, int64_t room)
{
	const struct match_bar bar = {.close = last * ONE, .room = room};
	struct match_fill fill = {0};

	assert_int_equal(match_quote(costs, order, &bar, &fill), ERR_OK);
	return fill;
}

/* price 0: nothing fills */
static void check_price(enum match_type type, bool buys, int64_t level,
	struct match_bar bar, int64_t price)
{
	struct match_order order = order_of(type, buys);
	struct match_fill fill;

	order.stop = level * ONE;
	if (type == MATCH_LIMIT)
		order.price = level * ONE;
	fill = on_candle(&free_of_cost, &order, &bar);
	assert_int_equal(fill.quantity, price ? order.left : 0);
	if (price)
		assert_int_equal(fill.price, price * ONE);
	assert_int_equal(fill.end, MATCH_RESTS);
}

static void test_levels(void **state)
{
	const struct match_bar bar = bar_of(100, 110, 90, 105);

	(void)state;
	check_price(MATCH_MARKET, true, 0, bar, 100);
	check_price(MATCH_LIMIT, true, 95, bar, 95);
	check_price(MATCH_LIMIT, true, 90, bar, 90);
	check_price(MATCH_LIMIT, true, 89, bar, 0);
	check_price(MATCH_LIMIT, true, 120, bar, 100); /* better at the open */
	check_price(MATCH_LIMIT, false, 108, bar, 108);
	check_price(MATCH_LIMIT, false, 111, bar, 0);
	check_price(MATCH_LIMIT, false, 80, bar, 100);
	check_price(MATCH_STOP, false, 95, bar, 95);
	check_price(MATCH_STOP, false, 101, bar, 100); /* a gap */
	check_price(MATCH_STOP, false, 89, bar, 0);
	check_price(MATCH_STOP, true, 108, bar, 108);
	check_price(MATCH_STOP, true, 99, bar, 100);
	check_price(MATCH_STOP, true, 111, bar, 0);
	check_price(MATCH_TAKE_PROFIT, false, 108, bar, 108);
	check_price(MATCH_TAKE_PROFIT, false, 99, bar, 100);
	check_price(MATCH_TAKE_PROFIT, true, 92, bar, 92);
	check_price(MATCH_TAKE_PROFIT, true, 89, bar, 0);
}

static void test_costs(void **state)
{
	const struct match_bar bar = bar_of(100, 110, 90, 105);
	struct match_order order = order_of(MATCH_MARKET, true);

	(void)state;
	assert_int_equal(on_candle(&dear, &order, &bar).price, 102 * ONE);
	order.buys = false;
	assert_int_equal(on_candle(&dear, &order, &bar).price, 98 * ONE);
	/* a limit pays the spread, no slippage, and never more than its price */
	order = order_of(MATCH_LIMIT, true);
	order.price = 90 * ONE;
	assert_int_equal(on_candle(&dear, &order, &bar).quantity, 0);
	order.price = 91 * ONE;
	assert_int_equal(on_candle(&dear, &order, &bar).price, 91 * ONE);
	order.price = 200 * ONE;
	assert_int_equal(on_candle(&dear, &order, &bar).price, 101 * ONE);
}

static void test_stop_limit(void **state)
{
	const struct match_bar bar = bar_of(100, 110, 90, 105);
	struct match_order order = order_of(MATCH_STOP_LIMIT, false);
	struct match_fill fill;

	(void)state;
	order.stop = 95 * ONE;
	order.price = 94 * ONE;
	fill = on_candle(&free_of_cost, &order, &bar);
	assert_true(fill.triggered && fill.quantity == order.left);
	assert_int_equal(fill.price, 95 * ONE);
	/* above the trigger: whether it came back is not known */
	order.price = 97 * ONE;
	fill = on_candle(&free_of_cost, &order, &bar);
	assert_true(fill.triggered);
	assert_int_equal(fill.quantity, 0);
	order.triggered = true;
	fill = on_candle(&free_of_cost, &order, &bar);
	assert_int_equal(fill.price, 100 * ONE);
	assert_true(fill.rests);
}

static void test_trailing(void **state)
{
	const struct match_bar up = bar_of(100, 110, 98, 109);
	const struct match_bar down = bar_of(108, 109, 104, 104);
	struct match_order order = order_of(MATCH_TRAILING, false);
	struct match_fill fill;

	(void)state;
	order.trail = 5 * ONE;
	order.mark = 100 * ONE;
	fill = on_candle(&free_of_cost, &order, &up);
	assert_false(fill.triggered);
	assert_int_equal(fill.mark, 110 * ONE);
	order.mark = fill.mark;
	fill = on_candle(&free_of_cost, &order, &down);
	assert_int_equal(fill.price, 105 * ONE);
	/* the candle's own high raises nothing on that candle */
	order.mark = 100 * ONE;
	fill = on_candle(&free_of_cost, &order,
		&(struct match_bar){
			100 * ONE, 200 * ONE, 96 * ONE, 100 * ONE, INT64_MAX});
	assert_int_equal(fill.quantity, 0);
	order.buys = true;
	order.mark = 100 * ONE;
	fill = on_candle(&free_of_cost, &order, &up);
	assert_int_equal(fill.price, 105 * ONE);
}

static void test_quotes(void **state)
{
	struct match_order order = order_of(MATCH_LIMIT, true);
	struct match_fill fill;

	(void)state;
	order.price = 100 * ONE;
	assert_int_equal(
		on_quote(&free_of_cost, &order, 99, INT64_MAX).price, 99 * ONE);
	assert_int_equal(
		on_quote(&free_of_cost, &order, 101, INT64_MAX).quantity, 0);
	order.post_only = true;
	assert_int_equal(on_quote(&free_of_cost, &order, 99, INT64_MAX).end,
		MATCH_REFUSED);
	fill = on_quote(&free_of_cost, &order, 101, INT64_MAX);
	assert_true(fill.end == MATCH_RESTS && fill.quantity == 0);
	order.post_only = false;
	order.force = MATCH_IOC;
	fill = on_quote(&free_of_cost, &order, 99, 4 * ONE);
	assert_true(fill.end == MATCH_EXPIRES && fill.quantity == 4 * ONE);
	order.force = MATCH_FOK;
	fill = on_quote(&free_of_cost, &order, 99, 4 * ONE);
	assert_true(fill.end == MATCH_EXPIRES && fill.quantity == 0);
	fill = on_quote(&free_of_cost, &order, 99, 10 * ONE);
	assert_true(fill.end == MATCH_RESTS && fill.quantity == 10 * ONE);
	order = order_of(MATCH_STOP, false);
	order.stop = 95 * ONE;
	assert_false(on_quote(&free_of_cost, &order, 96, INT64_MAX).triggered);
	assert_true(on_quote(&free_of_cost, &order, 95, INT64_MAX).triggered);
}

static void test_room(void **state)
{
	(void)state;
	assert_int_equal(match_room(100 * ONE, ONE / 10, 0), 10 * ONE);
	assert_int_equal(match_room(100 * ONE, ONE / 10, 4 * ONE), 6 * ONE);
	assert_int_equal(match_room(100 * ONE, ONE / 10, 11 * ONE), 0);
	assert_int_equal(match_room(0, ONE / 10, 5), INT64_MAX);
	assert_int_equal(match_room(5, 0, 5), INT64_MAX);
	assert_int_equal(match_reduce(false, 7, 5), 5);
	assert_int_equal(match_reduce(false, 3, 5), 3);
	assert_int_equal(match_reduce(true, 3, 5), 0);
	assert_int_equal(match_reduce(true, 9, -5), 5);
	assert_int_equal(match_reduce(true, 9, 0), 0);
}

/* xorshift: the same numbers each time */
static uint64_t roll(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static int64_t price_of(uint64_t *seed)
{
	return (int64_t)(50 + roll(seed) % 100) * ONE;
}

static void check_random(uint64_t *seed)
{
	struct match_order order =
		order_of((enum match_type)(roll(seed) % MATCH_TYPE_COUNT),
			roll(seed) % 2);
	const int64_t a = price_of(seed), b = price_of(seed);
	struct match_bar bar = {.open = a, .close = b};
	struct match_fill fill;
	bool limited;

	bar.high = (a > b ? a : b) + (int64_t)(roll(seed) % 10) * ONE;
	bar.low = (a < b ? a : b) - (int64_t)(roll(seed) % 10) * ONE;
	bar.room = (int64_t)(roll(seed) % 20) * ONE;
	order.stop = price_of(seed);
	order.trail = (int64_t)(1 + roll(seed) % 20) * ONE;
	order.mark = roll(seed) % 2 ? price_of(seed) : 0;
	order.triggered = roll(seed) % 2;
	limited = order.type == MATCH_LIMIT || order.type == MATCH_STOP_LIMIT;
	if (limited)
		order.price = price_of(seed);
	fill = on_candle(&dear, &order, &bar);
	assert_true(fill.quantity >= 0 && fill.quantity <= order.left);
	assert_true(fill.quantity <= bar.room);
	assert_true(fill.triggered >= order.triggered);
	if (fill.quantity == 0)
		return;
	/* never better than the candle's best with the spread against us */
	assert_true(
		order.buys ? fill.price >= bar.low : fill.price <= bar.high);
	if (limited)
		assert_true(order.buys ? fill.price <= order.price
				       : fill.price >= order.price);
}

static void test_random(void **state)
{
	uint64_t seed = UINT64_C(88172645463325252);

	(void)state;
	for (int i = 0; i < 200000; i++)
		check_random(&seed);
}

/* ---- a resting order when the last price moves ------------------------------- */

static struct match_fill on_move(const struct ledger_costs *costs,
	const struct match_order *order, int64_t last)
{
	const struct match_bar bar = {.close = last * ONE, .room = 4 * ONE};
	struct match_fill fill = {0};

	assert_int_equal(match_move(costs, order, &bar, &fill), ERR_OK);
	return fill;
}

static void test_moves(void **state)
{
	struct match_order order = order_of(MATCH_LIMIT, true);
	struct match_fill fill;

	(void)state;
	order.price = 95 * ONE;
	order.post_only = true;
	assert_int_equal(on_move(&free_of_cost, &order, 96).quantity, 0);
	fill = on_move(&free_of_cost, &order, 80);
	/* passed: at itself, as a maker, and no more than the room */
	assert_int_equal(fill.price, 95 * ONE);
	assert_int_equal(fill.quantity, 4 * ONE);
	assert_true(fill.rests);
	assert_int_equal(fill.end, MATCH_RESTS);
	/* half the spread is against it: 95 does not reach 95 */
	assert_int_equal(on_move(&dear, &order, 95).quantity, 0);
	order = order_of(MATCH_STOP, false);
	order.stop = 95 * ONE;
	assert_int_equal(on_move(&free_of_cost, &order, 96).quantity, 0);
	fill = on_move(&free_of_cost, &order, 80);
	assert_int_equal(fill.price, 80 * ONE);
	assert_true(fill.triggered);
	assert_false(fill.rests);
	order = order_of(MATCH_TRAILING, false);
	order.trail = 5 * ONE;
	order.mark = 100 * ONE;
	assert_int_equal(on_move(&free_of_cost, &order, 110).mark, 110 * ONE);
	assert_int_equal(on_move(&free_of_cost, &order, 96).quantity, 0);
	assert_int_equal(on_move(&free_of_cost, &order, 96).mark, 100 * ONE);
	assert_int_equal(on_move(&free_of_cost, &order, 95).price, 95 * ONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moves),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_costs),
		cmocka_unit_test(test_stop_limit),
		cmocka_unit_test(test_trailing),
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
