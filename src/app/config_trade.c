/*
 * What the venues, risk, messages and hooks need of the settings. Must never
 * leave a member at a scale of its own.
 */
#include "config.h"

/* Money and percents at 1e-8, as the ledger has them. */
struct trade_rules config_trade(const struct config *config)
{
	enum {
		ONE = 100000000,
		BP = ONE / 10000,
		PERCENT = ONE / 100
	};

	return (struct trade_rules){
		.fee_maker = config->paper_maker_bp * BP,
		.fee_taker = config->paper_taker_bp * BP,
		.spread = config->paper_spread_bp * BP,
		.slippage = config->paper_slippage_bp * BP,
		.start_balance = config->paper_balance * ONE,
		.volume_share = config->paper_volume_pct * PERCENT,
		.most = {.order_value = config->risk_order_value * ONE,
			.symbol_value = config->risk_symbol_value * ONE,
			.account_value = config->risk_account_value * ONE,
			.open_orders = config->risk_open_orders,
			.positions = config->risk_positions,
			.orders_per_minute = config->risk_per_minute,
			.collar_pct = config->risk_collar_pct * ONE},
		.halted = config->trading_halted,
	};
}

struct notify_limits config_notify(const struct config *config)
{
	return (struct notify_limits){
		.channels = config->channels_per_user,
		.mail = config->smtp_url && config->smtp_url[0] != '\0',
		.webhook_hosts = config->webhook_hosts,
		.hooks = config->hooks_per_user,
		.hook_calls_minute = config->hook_calls_minute,
	};
}

struct live_rules config_live(const struct config *config)
{
	return (struct live_rules){
		.enabled = config->live_trading,
		.quote = config->binance_quote,
		.send_ms = config->live_send_s * 1000,
		.poll_ms = config->live_poll_s * 1000,
	};
}
