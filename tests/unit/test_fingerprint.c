/*
 * The fingerprint of a run: the same for the same run, another for any
 * field of any trade and for any figure; blind to how a decimal is scaled.
 */
#include "stats_help.h"

#include "fingerprint.h"
#include "sha256.h"

static struct stats_case sample(void)
{
	static const double equity[] = {1000, 1010, 1020};
	struct stats_case c = {.cash = 1000,
		.start = stats_monday,
		.step = 86400000,
		.count = 3,
		.equity = equity,
		.close = equity};

	stats_trade(&c, 0, 1, 10, true);
	stats_trade(&c, 1, 2, 10, false);
	return c;
}

static const char *print_of(struct help *help, const struct stats_case *c)
{
	struct backtest_stats flat = {.sharpe = 1};

	return fingerprint(help->arena, c->trades, c->trade_count, &flat);
}

static void test_each_field_counts(void **state)
{
	struct help help = help_open();
	struct stats_case c = sample();
	const char *whole = print_of(&help, &c);

	(void)state;
	assert_int_equal(strlen(whole), 64);
	for (size_t i = 0; i < 2; i++) {
		for (int field = 0; field < 13; field++) {
			struct stats_case other = sample();
			struct backtest_trade *t = &other.trades[i];

			assert_string_equal(print_of(&help, &other), whole);
			t->size.units += field == 0;
			t->entry_bar += field == 1;
			t->exit_bar += field == 2;
			t->entry_time += field == 3;
			t->exit_time += field == 4;
			t->entry_price.scale += field == 5;
			t->exit_price.units += field == 6;
			t->commission.units += field == 7;
			t->pnl.units -= field == 8;
			if (field == 9)
				t->return_pct = nextafter(t->return_pct, 99);
			if (field == 10)
				t->exit_reason = "signa";
			t->entry_fee.units += field == 11;
			t->exit_fee.units += field == 12;
			assert_string_not_equal(print_of(&help, &other), whole);
		}
	}
	c.trade_count = 1;
	assert_string_not_equal(print_of(&help, &c), whole);
	arena_close(&help.arena);
}

static void test_each_figure_counts(void **state)
{
	struct help help = help_open();
	struct stats_case c = sample();
	struct backtest_stats flat = {.sharpe = NAN};
	const char *whole =
		fingerprint(help.arena, c.trades, c.trade_count, &flat);
	size_t members = 0;

	(void)state;
	for (const struct stats_member *m = stats_members; m->name; m++) {
		struct backtest_stats other = flat;
		uint64_t bits;

		assert_int_equal(m->offset, members++ * sizeof(bits));
		memcpy(&bits, (char *)&other + m->offset, sizeof(bits));
		/* one NaN is as good as another */
		bits = bits == 0 ? 1 : 0;
		memcpy((char *)&other + m->offset, &bits, sizeof(bits));
		assert_string_not_equal(fingerprint(help.arena, c.trades,
						c.trade_count, &other),
			whole);
	}
	/* the table has every member */
	assert_int_equal(members * sizeof(uint64_t), sizeof(flat));
	arena_close(&help.arena);
}

static void test_only_values_count(void **state)
{
	struct help help = help_open();
	struct stats_case c = sample(), scaled = sample();
	struct backtest_stats a = {.sharpe = NAN}, b = {.sharpe = -NAN};

	(void)state;
	scaled.trades[0].pnl = (struct decimal){1000, 2};
	assert_string_equal(print_of(&help, &c), print_of(&help, &scaled));
	assert_string_equal(
		fingerprint(help.arena, c.trades, c.trade_count, &a),
		fingerprint(help.arena, c.trades, c.trade_count, &b));
	arena_close(&help.arena);
}

/* One that is written down: another machine must find it too. */
static void test_a_known_fingerprint(void **state)
{
	struct help help = help_open();
	struct backtest_stats flat = {0};

	(void)state;
	assert_string_equal(fingerprint(help.arena, NULL, 0, &flat),
		"20dba53bce0ae35b23a25cec8cc08d3b"
		"7899052fa122fc4a406d59921b3e8da0");
	arena_close(&help.arena);
}

/* FIPS 180-4 by its published examples: "abc", nothing, and two blocks. */
static void test_sha256(void **state)
{
	static const struct {
		const char *text, *hash;
	} rows[] = {
		{"abc", "ba7816bf8f01cfea414140de5dae2223"
			"b00361a396177a9cb410ff61f20015ad"},
		{"", "e3b0c44298fc1c149afbf4c8996fb924"
		     "27ae41e4649b934ca495991b7852b855"},
		{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
			"248d6a61d20638b8e5c026930c3e6039"
			"a33ce45964ff2167f6ecedd419db06c1"},
	};
	struct help help = help_open();

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		size_t len = strlen(rows[i].text);
		struct sha256 *hash = sha256_open(help.arena);

		sha256_add(hash, rows[i].text, len / 3);
		sha256_add(hash, rows[i].text + len / 3, len - len / 3);
		assert_string_equal(sha256_hex(hash, help.arena), rows[i].hash);
	}
	arena_close(&help.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_field_counts),
		cmocka_unit_test(test_each_figure_counts),
		cmocka_unit_test(test_only_values_count),
		cmocka_unit_test(test_a_known_fingerprint),
		cmocka_unit_test(test_sha256),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
