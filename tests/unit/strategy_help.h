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
	.runs_per_user = 100};

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
