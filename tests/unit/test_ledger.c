/*
 * The ledger's arithmetic: rounding, fills, what does not fit.
 */
#include "engine_help.h"
#include "ledger_private.h"

static int64_t units(const char *text)
{
	int64_t out = 0;

	assert_int_equal(ledger_units(help_decimal(text), &out), ERR_OK);
	return out;
}

static void test_prices(void **state)
{
	int64_t out = 7;

	(void)state;
	assert_int_equal(ledger_price(186.31, &out), ERR_OK);
	assert_int_equal(out, INT64_C(18631000000));
	out = 7;
	assert_int_equal(ledger_price(0.4e-8, &out), ERR_BAD_INPUT);
	assert_int_equal(ledger_price(-1, &out), ERR_BAD_INPUT);
	assert_int_equal(ledger_price(NAN, &out), ERR_BAD_INPUT);
	assert_int_equal(ledger_price(INFINITY, &out), ERR_BAD_INPUT);
	assert_int_equal(ledger_price(1e11, &out), ERR_BAD_INPUT);
	assert_int_equal(out, 7);
}

static void test_moves_round_half_to_even(void **state)
{
	int64_t out;

	(void)state;
	assert_int_equal(ledger_move(1, units("50"), &out), ERR_OK);
	assert_int_equal(out, 2); /* 1.5 */
	assert_int_equal(ledger_move(3, units("-50"), &out), ERR_OK);
	assert_int_equal(out, 2); /* 1.5 */
	assert_int_equal(ledger_move(5, units("-50"), &out), ERR_OK);
	assert_int_equal(out, 2); /* 2.5 */
	assert_int_equal(ledger_move(100, units("-100"), &out), ERR_OK);
	assert_int_equal(out, 0);
	assert_int_equal(
		ledger_move(INT64_MAX, units("0.0001"), &out), ERR_BAD_INPUT);
}

struct fill_row {
	const char *price, *spread, *slippage, *tick;
	bool buys, rests;
	const char *expected; /* NULL: nothing is left */
};

static const struct fill_row fill_rows[] = {
	{"100", "0", "0", "0", true, false, "100"},
	{"0.00000003", "0.1", "0", "0", true, false, "0.00000004"},
	{"0.00000003", "0.1", "0", "0", false, false, "0.00000002"},
	{"100", "0.00000001", "0", "0", true, false, "100.0000005"},
	{"100", "0.02", "0.03", "0", true, true, "101"},
	{"100", "0.02", "0.03", "0.25", true, false, "104"},
	{"100", "0.02", "0.03", "5", false, false, "95"},
	{"100", "0", "0", "30", true, false, "120"},
	{"100", "0", "0", "30", false, false, "90"},
	{"100", "0", "0", "101", false, false, NULL},
	{"0.00000001", "0.1", "0", "0", false, false, NULL},
	{"92233720368", "0.1", "0", "0", true, false, NULL},
};

static void test_fills_are_against_us(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(fill_rows) / sizeof(fill_rows[0]); i++) {
		const struct fill_row *row = &fill_rows[i];
		const struct ledger_costs costs = {.spread = units(row->spread),
			.slippage = units(row->slippage),
			.tick = units(row->tick)};
		int64_t out = 7;
		enum err err = ledger_fill(
			&costs, units(row->price), row->buys, row->rests, &out);

		assert_int_equal(err, row->expected ? ERR_OK : ERR_BAD_INPUT);
		assert_int_equal(out, row->expected ? units(row->expected) : 7);
	}
}

static struct ledger ledger_of(const char *cash, const char *taker)
{
	const struct ledger_costs costs = {.fee_maker = units("0.0005"),
		.fee_taker = units(taker),
		.step = 1,
		.margin = LEDGER_ONE};
	struct ledger ledger;

	ledger_begin(&ledger, &costs, units(cash));
	return ledger;
}

static void test_lots_come_and_go(void **state)
{
	struct ledger ledger = ledger_of("1000", "0.001");
	struct ledger_close closed;
	struct lot first, second;

	(void)state;
	assert_int_equal(
		ledger_enter(&ledger, units("2"), units("100"), &first),
		ERR_OK);
	assert_int_equal(
		ledger_enter(&ledger, units("3"), units("110"), &second),
		ERR_OK);
	assert_int_equal(ledger.cash, units("999.47"));
	assert_true(ledger_base(&ledger) == 999.47 - 530);
	assert_int_equal(
		ledger_leave(&ledger, &first, units("120"), true, &closed),
		ERR_OK);
	assert_int_equal(closed.fees, units("0.32"));
	assert_int_equal(closed.profit, units("39.68"));
	assert_int_equal(
		ledger_leave(&ledger, &second, units("90"), false, &closed),
		ERR_OK);
	assert_int_equal(closed.profit, units("-60.6"));
	assert_int_equal(ledger.quantity, 0);
	assert_int_equal(ledger.cash, units("979.08"));
	assert_true(ledger_base(&ledger) == 979.08);
}

static void expect_same(const struct ledger *a, const struct ledger *b)
{
	assert_int_equal(a->cash, b->cash);
	assert_int_equal(a->quantity, b->quantity);
	assert_true(a->cost == b->cost);
}

static void test_what_does_not_fit_changes_nothing(void **state)
{
	struct ledger ledger = ledger_of("92000000000", "0.001");
	struct ledger before = ledger;
	struct ledger_close closed;
	struct lot lot;

	(void)state;
	assert_int_equal(
		ledger_enter(&ledger, units("1000000"), units("1000000"), &lot),
		ERR_BAD_INPUT);
	expect_same(&ledger, &before);
	assert_int_equal(
		ledger_enter(&ledger, units("1000000000"), units("1"), &lot),
		ERR_OK);
	before = ledger;
	assert_int_equal(
		ledger_leave(&ledger, &lot, units("90"), false, &closed),
		ERR_BAD_INPUT);
	expect_same(&ledger, &before);
}

/* What the largest affordable quantity costs, and one step more. */
static void test_affordable_to_the_last_step(void **state)
{
	static const char *const fees[] = {
		"0", "0.001", "0.00123457", "0.09999999"};
	static const char *const prices[] = {
		"0.00000007", "0.37", "33.33", "186.31", "69420.12345678"};
	const struct rules rules = {.sizing = SIZING_ALL_IN};

	(void)state;
	for (size_t i = 0; i < 20; i++) {
		struct ledger ledger = ledger_of("1234.56789", fees[i % 4]);
		const struct ledger_order order = {
			.price = units(prices[i / 4])};
		ledger_wide money =
			(ledger_wide)ledger.cash * LEDGER_ONE * LEDGER_ONE;
		ledger_wide cost = (ledger_wide)order.price *
				   (LEDGER_ONE + ledger.costs.fee_taker);
		int64_t quantity;

		assert_int_equal(
			ledger_quantity(&ledger, &rules, &order, &quantity),
			ERR_OK);
		assert_true(cost * quantity <= money);
		assert_true(cost * (quantity + 1) > money);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prices),
		cmocka_unit_test(test_moves_round_half_to_even),
		cmocka_unit_test(test_fills_are_against_us),
		cmocka_unit_test(test_lots_come_and_go),
		cmocka_unit_test(test_what_does_not_fit_changes_nothing),
		cmocka_unit_test(test_affordable_to_the_last_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
