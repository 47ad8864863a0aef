/*
 * What an operator may set: the one table in app/config.c, documented by
 * `kontor config describe` as docs/config.md.
 */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include "auth.h"
#include "cache.h"
#include "conf.h"
#include "db.h"
#include "limits.h"
#include "log.h"
#include "rate.h"
#include "streams.h"

struct config {
	/* where each value came from, one a row of config_table */
	struct conf_origin *origins;
	const char *environment;
	const char *data_folder;
	const char *database_url; /* "" : sqlite in the data folder */
	const char *public_url;
	const char *log_level, *log_file;
	const char *security_log_file, *limit_log_file;
	const char *store_file, *redis_url, *redis_password;
	int64_t store_bytes, redis_timeout_ms;
	const char *jwt_secret; /* "": keys/token.keys; wiped after opening */
	const char *jwt_issuer, *jwt_audience;
	int64_t access_minutes, refresh_days, session_idle_hours;
	int64_t refresh_grace_s, reauth_minutes, setup_link_minutes;
	int64_t login_free_failures, login_delay_cap_s, hashes_at_once;
	int64_t argon2_ops, argon2_kib;
	int64_t sessions_per_user, api_keys_per_user;
	bool registration_open, force_https, check_replies;
	const char *ssl_certfile, *ssl_keyfile;
	const char *trusted_addresses; /* networks: /metrics, details */
	/* "REQUESTS/SECONDS"; [RATE_RULE_GENERAL] is the two numbers */
	const char *rate_rules[RATE_RULE_COUNT];
	int64_t rate_requests, rate_window_s;
	const char *rate_exempt;
	int64_t rate_patience, rate_cooldown_s, rate_cooldown_cap_s;
	int64_t cache_ttl_s[CACHE_KEPT_COUNT], cache_stale_s;
	const char *cors_origins, *trusted_proxies, *trace_file;
	int64_t body_limit, public_body_limit;
	int64_t request_ms, receive_ms, request_memory;
	int64_t worker_requests, worker_connections, database_busy_ms;
	int64_t strategies_per_user, backtests_per_user, backtest_bars;
	int64_t runs_per_user, signal_history, signal_keep_days, signal_memory;
	int64_t signals_per_run;
	int64_t paper_balance, paper_maker_bp, paper_taker_bp;
	int64_t paper_spread_bp, paper_slippage_bp, paper_volume_pct;
	int64_t risk_order_value, risk_symbol_value, risk_account_value;
	int64_t risk_open_orders, risk_positions, risk_per_minute;
	int64_t risk_collar_pct;
	int64_t denied_days;
	bool trading_halted;
	const char *market_symbols; /* feeds.h; "": nothing is fetched */
	const char *binance_market_url, *coingecko_url, *coingecko_key;
	bool market_rates;
	int64_t market_quote_s, market_spot_s, market_stale_s;
	int64_t market_history_days, market_repair_minutes, watch_ms;
	int64_t binance_weight;
	const char *outbound_hosts;
	bool outbound_loopback;
	bool live_trading, binance_rights;
	const char *paper_currency, *currencies_equal; /* see totals.h */
	const char *binance_url, *binance_quote;
	int64_t binance_window_ms, outbound_ms;
	int64_t live_send_s, live_poll_s, live_compare_s, live_venues;
	int64_t backtest_inline_work, backtest_candle_bytes;
	int64_t backtest_runs_hour, runs_at_once;
	int64_t searches_per_user, search_points, run_seconds;
	int64_t errands_at_once;
	const char *plaid_client_id, *plaid_secret, *plaid_url;
	const char *plaid_products, *plaid_countries;
	int64_t bank_links;
	int64_t work_interval_s, work_runners, work_candle_bytes;
	const char *telegram_url, *smtp_url, *smtp_from, *smtp_user;
	const char *smtp_password, *webhook_hosts;
	int64_t channels_per_user, notify_per_hour, notify_attempts;
	int64_t notify_hours, notify_keep_days;
	int64_t hooks_per_user, hook_calls_minute, hook_keep_days;
	const char *backup_folder;
	int64_t backup_keep, backup_hours;
};

extern const struct conf_table config_table;
/* Other names of its rows; ends with NULLs. */
extern const struct conf_synonym config_synonyms[];

/* path may be NULL: defaults and environment. */
MUST_CHECK enum err config_load(struct arena *arena, const char *path,
	struct report *report, struct config *out);
/* Can the program run with these, all rows together? Faults at the rows'
   names. config_load asks it too. Says nothing of secrets: they may have been
   wiped. */
MUST_CHECK enum err config_check(const struct config *config,
	struct arena *arena, struct report *report);
const char *config_key_folder(const struct config *config, struct arena *arena);
/* BACKUP_FOLDER, or backups in the data folder. */
const char *config_backup_folder(
	const struct config *config, struct arena *arena);
const char *config_database_url(
	const struct config *config, struct arena *arena);
struct auth_settings config_auth(
	const struct config *config, struct arena *arena);
struct limits config_limits(const struct config *config);
/* limits.trade alone */
struct trade_rules config_trade(const struct config *config);
/* limits.notify alone */
struct notify_limits config_notify(const struct config *config);
/* limits.live alone */
struct live_rules config_live(const struct config *config);
/* Opens LOG_FILE, or standard error. */
MUST_CHECK enum err config_log(
	const struct config *config, struct arena *arena, struct log *out);
/* LOG_FILE and the two streams beside it; they stay shared where a setting
   says so. ERR_UNAVAILABLE when a file does not open. */
MUST_CHECK enum err config_streams(
	const struct config *config, struct arena *arena, struct streams *out);

#endif
