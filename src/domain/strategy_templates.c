/*
 * Strategies to begin with: each is a complete definition that compiles (a
 * test compiles all). Must never promise a profit.
 */
#include "strategies.h"

/* clang-format off */
#define TEMPLATE(json) { .text = (json), .len = sizeof(json) - 1 }
static const struct strategy_template templates[] = {
	{
		.slug = "sma-cross",
		.name = "SMA cross",
		.description = "Long while a fast simple moving average is "
			"above a slow one, short while it is below.",
		.definition = TEMPLATE(
"{\"version\":1,\"name\":\"SMA cross\",\"interval\":\"1d\","
"\"params\":{"
"\"fast\":{\"default\":10,\"min\":5,\"max\":30,\"step\":5},"
"\"slow\":{\"default\":30,\"min\":20,\"max\":100,\"step\":10}},"
"\"indicators\":{"
"\"fast_sma\":{\"fn\":\"sma\",\"period\":{\"param\":\"fast\"}},"
"\"slow_sma\":{\"fn\":\"sma\",\"period\":{\"param\":\"slow\"}}},"
"\"entry\":{"
"\"long\":{\"crosses_above\":[\"fast_sma\",\"slow_sma\"]},"
"\"short\":{\"crosses_below\":[\"fast_sma\",\"slow_sma\"]}},"
"\"exit\":{"
"\"long\":{\"crosses_below\":[\"fast_sma\",\"slow_sma\"]},"
"\"short\":{\"crosses_above\":[\"fast_sma\",\"slow_sma\"]}},"
"\"sizing\":{\"mode\":\"all_in\"}}"),
	},
	{
		.slug = "ema-cross-stop",
		.name = "EMA cross with stop",
		.description = "Long when a fast exponential moving average "
			"crosses above a slow one; out when it crosses back, "
			"at a stop-loss of 5 % or a profit of 15 %.",
		.definition = TEMPLATE(
"{\"version\":1,\"name\":\"EMA cross with stop\",\"interval\":\"1d\","
"\"params\":{"
"\"fast\":{\"default\":12,\"min\":5,\"max\":30,\"step\":1},"
"\"slow\":{\"default\":26,\"min\":15,\"max\":100,\"step\":1}},"
"\"indicators\":{"
"\"fast_ema\":{\"fn\":\"ema\",\"period\":{\"param\":\"fast\"}},"
"\"slow_ema\":{\"fn\":\"ema\",\"period\":{\"param\":\"slow\"}}},"
"\"entry\":{"
"\"long\":{\"crosses_above\":[\"fast_ema\",\"slow_ema\"]}},"
"\"exit\":{"
"\"long\":{\"crosses_below\":[\"fast_ema\",\"slow_ema\"]}},"
"\"stops\":{\"stop_loss_pct\":\"5\",\"take_profit_pct\":\"15\"},"
"\"sizing\":{\"mode\":\"all_in\"}}"),
	},
	{
		.slug = "rsi-reversal",
		.name = "RSI reversal",
		.description = "Long when the relative strength index comes "
			"back above its lower bound; out above its upper "
			"bound, or at a stop-loss of 8 %.",
		.definition = TEMPLATE(
"{\"version\":1,\"name\":\"RSI reversal\",\"interval\":\"4h\","
"\"params\":{"
"\"period\":{\"default\":14,\"min\":5,\"max\":30,\"step\":1},"
"\"low\":{\"default\":30,\"min\":10,\"max\":45,\"step\":5},"
"\"high\":{\"default\":70,\"min\":55,\"max\":90,\"step\":5}},"
"\"indicators\":{"
"\"strength\":{\"fn\":\"rsi\",\"period\":{\"param\":\"period\"}}},"
"\"entry\":{"
"\"long\":{\"crosses_above\":[\"strength\",{\"param\":\"low\"}]}},"
"\"exit\":{"
"\"long\":{\"crosses_above\":[\"strength\",{\"param\":\"high\"}]}},"
"\"stops\":{\"stop_loss_pct\":\"8\"},"
"\"sizing\":{\"mode\":\"all_in\"}}"),
	},
};
/* clang-format on */

enum err strategy_templates(struct scope *scope, struct list *out)
{
	(void)scope;
	*out = (struct list){
		templates, sizeof(templates) / sizeof(templates[0])};
	return ERR_OK;
}
