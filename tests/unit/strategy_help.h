/* A small strategy, for the tests that need one. */
#ifndef STRATEGY_HELP_H
#define STRATEGY_HELP_H

#include "domain_world.h"
#include "strategies.h"

static const char cross_text[] =
	"{\"version\":1,\"name\":\"Cross\",\"interval\":\"1d\","
	"\"params\":{\"fast\":{\"default\":2,\"min\":2,\"max\":5,\"step\":1}},"
	"\"indicators\":{"
	"\"f\":{\"fn\":\"sma\",\"period\":{\"param\":\"fast\"}},"
	"\"s\":{\"fn\":\"sma\",\"period\":6}},"
	"\"entry\":{\"long\":{\"crosses_above\":[\"f\",\"s\"]}},"
	"\"exit\":{\"long\":{\"crosses_below\":[\"f\",\"s\"]}},"
	"\"sizing\":{\"mode\":\"all_in\"}}";

static const struct limits roomy = {.strategies_per_user = 100,
	.backtests_per_user = 100,
	.backtest_bars = 100000,
	.runs_per_user = 100,
	.backtest_inline_work = 1000000000,
	.backtest_candle_bytes = 1 << 30,
	.backtest_runs_hour = 1000,
	.runs_at_once = 100,
	.searches_per_user = 100,
	.run_seconds = 50,
	.search_points = 10000};

/* Days from 2020-01-01 on, up and down like a saw. */
static inline void put_saw(struct world *w, int days)
{
	const struct import_options options = {
		.symbol = "SAW", .interval = "1d", .source = "test"};
	const int64_t start = INT64_C(1577836800);
	struct import_report report;
	struct buf text;

	buf_init(&text, w->arena, 1 << 20);
	for (int i = 0; i < days; i++) {
		int into = i % 36;
		int price = 100 + (into < 24 ? into : 72 - 2 * into);

		buf_format(&text, "%lld,%d,%d.5,%d,%d,10\n",
			(long long)(start + i * 86400), price, price, price - 1,
			price);
	}
	assert_int_equal(world_import(w, text.data, &options, &report), ERR_OK);
}

static inline struct strategy_view strategy_made(
	struct world *w, const char *name)
{
	const struct strategy_new in = {
		.name = name, .definition = world_json(w, cross_text)};
	struct strategy_view view = {0};

	assert_int_equal(
		strategy_create(world_alice(w), &roomy, &in, &view), ERR_OK);
	return view;
}

#endif
