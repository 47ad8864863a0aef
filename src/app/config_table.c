/*
 * The settings, a row each: name, range, initial value, unit, help. What an
 * operator can set is here and nowhere else; docs/config.md is made from it.
 */
#include "config.h"

static const char *const levels[] = {"debug", "info", "warn", "error", NULL};
static const char *const environments[] = {"production", "development", NULL};

#define ROW(member, name, ...) \
	CONF_ROW(struct config, member, name, __VA_ARGS__)
#define GIB (INT64_C(1) << 30)

/* clang-format off */
static const struct conf_row rows[] = {
	{ .name = "ENVIRONMENT", .kind = CONF_CHOICE, .section = "General",
		.offset = offsetof(struct config, environment),
		.initial = "production", .choices = environments,
		.help = "production refuses to start with CHECK_REPLIES, and "
			"without FORCE_HTTPS unless PUBLIC_URL is this "
			"machine's own name (localhost, 127.0.0.1, [::1]); "
			"development allows both." },
	ROW(data_folder, "DATA_FOLDER", .initial = "var", .min = 1, .max = 1024,
		.help = "Keys, database, backups and run-time files."),
	ROW(database_url, "DATABASE_URL", .initial = "", .max = 1024,
		.help = "sqlite:PATH. Empty: kontor.db in DATA_FOLDER."),
	ROW(database_busy_ms, "DATABASE_BUSY_MS", .initial = "5000",
		.min = 10, .max = 60000, .unit = "ms",
		.help = "Longest wait for another writer."),
	ROW(public_url, "PUBLIC_URL", .initial = "https://localhost:8443",
		.min = 8, .max = 256,
		.help = "Where browsers reach this server; used in links."),
	{ .name = "LOG_LEVEL", .kind = CONF_CHOICE, .section = "Logs",
		.offset = offsetof(struct config, log_level), .initial = "info",
		.choices = levels, .help = "Least level that is written." },
	ROW(log_file, "LOG_FILE", .initial = "", .max = 1024,
		.help = "Log to this file. Empty: standard error."),
	ROW(security_log_file, "SECURITY_LOG_FILE", .initial = "", .max = 1024,
		.help = "Failed sign-ins, denials and acts of admins. Empty: "
			"log/security.log in DATA_FOLDER; - : where LOG_FILE "
			"goes."),
	ROW(limit_log_file, "LIMIT_LOG_FILE", .initial = "", .max = 1024,
		.help = "Refusals by rate limits. Empty: log/limits.log in "
			"DATA_FOLDER; - : where LOG_FILE goes."),
	ROW(store_file, "STORE_FILE", .initial = "", .max = 256,
		.section = "Shared store",
		.help = "File of the local store: cache, rate windows. Empty: "
			"one on /dev/shm where that is large enough, named "
			"after account and DATA_FOLDER; else run/store in "
			"DATA_FOLDER. All processes must name the same."),
	ROW(store_bytes, "STORE_BYTES", .initial = "67108864",
		.min = 1048576, .max = 64 * GIB, .unit = "bytes",
		.help = "Size of the local store; the oldest goes when it is "
			"full."),
	ROW(redis_url, "REDIS_URL", .initial = "", .max = 1024,
		.help = "redis://[:password@]host[:port][/db] or unix:///path"
			"[?db=N]: share the store between machines. Empty: "
			"the local one. Lost at run time, the local one takes "
			"over."),
	ROW(redis_password, "REDIS_PASSWORD", .initial = "", .max = 512,
		.secret = true, .help = "Instead of one in REDIS_URL."),
	ROW(redis_timeout_ms, "REDIS_TIMEOUT_MS", .initial = "50",
		.min = 1, .max = 5000, .unit = "ms",
		.help = "Longest wait for Redis: to connect, and for each "
			"answer."),
	ROW(jwt_secret, "JWT_SECRET_KEY", .initial = "", .min = 32,
		.max = 512, .secret = true, .section = "Accounts and tokens",
		.help = "Signs access tokens instead of keys/token.keys, which "
			"can be rotated while running and is the better "
			"choice. Random, never a word."),
	ROW(jwt_issuer, "JWT_ISSUER", .initial = "kontor", .min = 1, .max = 256,
		.help = "Issuer of access tokens (iss)."),
	ROW(jwt_audience, "JWT_AUDIENCE", .initial = "kontor-api", .min = 1,
		.max = 256, .help = "Audience of access tokens (aud)."),
	ROW(access_minutes, "JWT_ACCESS_TOKEN_EXPIRE_MINUTES", .initial = "30",
		.min = 1, .max = 1440, .unit = "min",
		.help = "Life of an access token."),
	ROW(refresh_days, "JWT_REFRESH_TOKEN_EXPIRE_DAYS", .initial = "7",
		.min = 1, .max = 90, .unit = "d",
		.help = "Life of a session; rotation never extends it."),
	ROW(session_idle_hours, "SESSION_IDLE_HOURS", .initial = "72",
		.min = 1, .max = 2160, .unit = "h",
		.help = "A session unused for so long ends."),
	ROW(refresh_grace_s, "REFRESH_GRACE_SECONDS", .initial = "10",
		.min = 0, .max = 60, .unit = "s",
		.help = "A second tab may present the refresh token that was "
			"just rotated, for so long."),
	ROW(reauth_minutes, "REAUTH_MINUTES", .initial = "15",
		.min = 1, .max = 1440, .unit = "min",
		.help = "How long a password counts as fresh for sensitive "
			"changes."),
	ROW(setup_link_minutes, "SETUP_LINK_MINUTES", .initial = "15",
		.min = 1, .max = 1440, .unit = "min",
		.help = "Life of the link that makes the first admin."),
	ROW(login_free_failures, "LOGIN_FREE_FAILURES", .initial = "5",
		.min = 1, .max = 100,
		.help = "Failed logins before delays begin."),
	ROW(login_delay_cap_s, "LOGIN_DELAY_CAP_SECONDS", .initial = "900",
		.min = 1, .max = 86400, .unit = "s",
		.help = "Longest delay after failed logins."),
	ROW(argon2_ops, "ARGON2_PASSES", .initial = "2", .min = 2, .max = 20,
		.help = "Argon2id passes (t)."),
	ROW(argon2_kib, "ARGON2_MEMORY_KIB", .initial = "19456",
		.min = 19456, .max = 4194304, .unit = "KiB",
		.help = "Argon2id memory (m)."),
	ROW(hashes_at_once, "HASHES_AT_ONCE", .initial = "0", .max = 1024,
		.help = "Passwords hashed at the same time, by all processes "
			"of this machine; one more is told to come again. 0: "
			"as many as there are cores."),
	ROW(sessions_per_user, "SESSIONS_PER_USER", .initial = "50",
		.live = true,
		.min = 1, .max = 10000,
		.help = "Beyond it the oldest session ends."),
	ROW(api_keys_per_user, "API_KEYS_PER_USER", .initial = "50",
		.live = true,
		.min = 0, .max = 10000, .help = "API keys of one user."),
	ROW(registration_open, "REGISTRATION_OPEN", .initial = "true",
		.live = true,
		.help = "May strangers make an account?"),
	ROW(force_https, "FORCE_HTTPS", .initial = "true",
		.section = "Requests",
		.help = "Refuse API calls that came without TLS."),
	ROW(ssl_certfile, "SSL_CERTFILE", .initial = "", .max = 1024,
		.help = "The web server's certificate, PEM: `make run` serves "
			"it instead of one of its own, and its expiry is "
			"among the figures."),
	ROW(ssl_keyfile, "SSL_KEYFILE", .initial = "", .max = 1024,
		.help = "The key of SSL_CERTFILE; read by the web server "
			"alone."),
	ROW(trusted_addresses, "TRUSTED_ADDRESSES",
		.initial = "127.0.0.0/8, ::1", .max = 4096,
		.help = "Networks (CIDR) that may see /metrics and the details "
			"of /health. Behind a proxy that TRUSTED_PROXIES does "
			"not name, nobody counts as one of them, if it sends "
			"X-Forwarded-For. One on this machine that does not "
			"makes everybody local: then write "
			"TRUSTED_ADDRESSES= with nothing behind it."),
	ROW(trusted_proxies, "TRUSTED_PROXIES", .initial = "", .max = 4096,
		.help = "Networks (CIDR) of proxies before the web server: "
			"from them the client is the right-most hop of "
			"X-Forwarded-For that is not in this list."),
	ROW(cors_origins, "CORS_ORIGINS", .initial = "", .max = 4096,
		.help = "Other sites whose scripts may call the API, as exact "
			"origins (https://app.example); never with cookies."),
	ROW(trace_file, "TRACE_FILE", .initial = "", .max = 1024,
		.help = "Write each request as a span, one line of OTLP-JSON. "
			"Empty: none."),
	ROW(check_replies, "CHECK_REPLIES", .initial = "false",
		.help = "Check every reply against its shape (for tests)."),
	ROW(body_limit, "BODY_LIMIT_BYTES", .initial = "1048576",
		.min = 1024, .max = 67108864, .unit = "bytes",
		.help = "Largest request body."),
	ROW(public_body_limit, "PUBLIC_BODY_LIMIT_BYTES", .initial = "8192",
		.min = 1024, .max = 67108864, .unit = "bytes",
		.help = "Largest body of a request that needs no credential "
			"(login, registration, setup)."),
	ROW(request_ms, "REQUEST_TIMEOUT_MS", .initial = "30000",
		.min = 100, .max = 600000, .unit = "ms",
		.help = "A worker whose request takes longer is ended."),
	ROW(receive_ms, "RECEIVE_TIMEOUT_MS", .initial = "10000",
		.min = 100, .max = 600000, .unit = "ms",
		.help = "Longest wait for the web server in mid-request."),
	ROW(request_memory, "REQUEST_MEMORY_BYTES", .initial = "536870912",
		.min = 16777216, .max = 16 * GIB, .unit = "bytes",
		.help = "Most memory that one request may take."),
	ROW(worker_requests, "WORKER_REQUESTS", .initial = "1000000",
		.min = 0, .max = INT64_MAX,
		.help = "A worker ends after so many requests (0: never)."),
	ROW(worker_connections, "WORKER_CONNECTIONS", .initial = "1024",
		.min = 1, .max = 100000,
		.help = "Connections from the web server that a worker keeps."),
	ROW(rate_requests, "RATE_LIMIT_REQUESTS", .live = true, .initial = "100",
		.min = 1, .max = 1000000, .section = "Rate limits",
		.help = "Requests of one signed-in user within "
			"RATE_LIMIT_WINDOW_SECONDS."),
	ROW(rate_window_s, "RATE_LIMIT_WINDOW_SECONDS", .live = true, .initial = "60",
		.min = 1, .max = 604800, .unit = "s",
		.help = "The window of RATE_LIMIT_REQUESTS; it slides."),
	ROW(rate_rules[RATE_RULE_KEY], "RATE_LIMIT_KEY", .live = true, .stays_on = true, .initial = "100/60",
		.max = 32,
		.help = "Requests of one API key, as REQUESTS/SECONDS; 0: no limit. So are the following."),
	ROW(rate_rules[RATE_RULE_BURST], "RATE_LIMIT_BURST", .live = true, .stays_on = true, .initial = "10/1",
		.max = 32,
		.help = "Requests without a credential, or with a bad one, from one address (of IPv6: one /64) at once."),
	ROW(rate_rules[RATE_RULE_ANONYMOUS], "RATE_LIMIT_ANONYMOUS", .live = true, .stays_on = true, .initial = "60/60",
		.max = 32,
		.help = "The same within a minute."),
	ROW(rate_rules[RATE_RULE_HOURLY], "RATE_LIMIT_ANONYMOUS_HOUR", .live = true, .stays_on = true, .initial = "1000/3600",
		.max = 32,
		.help = "The same within an hour."),
	ROW(rate_rules[RATE_RULE_LOGIN], "RATE_LIMIT_LOGIN", .live = true, .stays_on = true, .initial = "5/60",
		.max = 32,
		.help = "Sign-ins from one address."),
	ROW(rate_rules[RATE_RULE_ACCOUNT], "RATE_LIMIT_LOGIN_ACCOUNT", .live = true, .stays_on = true, .initial = "10/60",
		.max = 32,
		.help = "Sign-ins to one account from sources it never signed in from, together; each known source has as many of its own."),
	ROW(rate_rules[RATE_RULE_REGISTER], "RATE_LIMIT_REGISTER", .live = true, .stays_on = true, .initial = "5/3600",
		.max = 32,
		.help = "New accounts from one address."),
	ROW(rate_rules[RATE_RULE_REFRESH], "RATE_LIMIT_REFRESH", .live = true, .stays_on = true, .initial = "60/60",
		.max = 32,
		.help = "Refreshes of tokens from one address: many sessions may share one, and each has a limit of its own."),
	ROW(rate_rules[RATE_RULE_PASSWORD], "RATE_LIMIT_PASSWORD", .live = true, .stays_on = true, .initial = "3/60",
		.max = 32,
		.help = "Password changes and checks of one user."),
	ROW(rate_rules[RATE_RULE_SENSITIVE], "RATE_LIMIT_SENSITIVE", .live = true, .stays_on = true, .initial = "10/60",
		.max = 32,
		.help = "Changes of keys, secrets and sessions of one user."),
	ROW(rate_rules[RATE_RULE_TRADE], "RATE_LIMIT_TRADE", .live = true, .stays_on = true, .initial = "30/60",
		.max = 32,
		.help = "Orders of one user."),
	ROW(rate_rules[RATE_RULE_CANCEL], "RATE_LIMIT_CANCEL", .live = true, .stays_on = true, .initial = "60/60",
		.max = 32,
		.help = "Cancels of one user (DELETE /orders and /orders/{id}), "
			"which no other limit holds back."),
	ROW(rate_rules[RATE_RULE_CLOSE], "RATE_LIMIT_CLOSE", .live = true, .stays_on = true, .initial = "60/60",
		.max = 32,
		.help = "Closing positions and setting risk limits of one user, "
			"which no other limit holds back."),
	ROW(rate_rules[RATE_RULE_HALT], "RATE_LIMIT_HALT", .live = true, .stays_on = true, .initial = "30/60",
		.max = 32,
		.help = "POST /risk/halt of one user, which no other limit "
			"holds back."),
	ROW(rate_rules[RATE_RULE_HOOK], "RATE_LIMIT_HOOK", .live = true, .stays_on = true, .initial = "120/60",
		.max = 32,
		.help = "Calls of hooks from one address: the alerts of many users may come from one."),
	ROW(rate_exempt, "RATE_LIMIT_EXEMPT_USERS", .initial = "", .max = 4096,
		.help = "Names or ids of users without limits, A,B."),
	ROW(rate_patience, "RATE_LIMIT_PATIENCE", .live = true, .initial = "20",
		.min = 1, .max = 100000,
		.help = "Refusals in a row that earn a cool-down."),
	ROW(rate_cooldown_s, "RATE_LIMIT_COOLDOWN_SECONDS", .live = true, .stays_on = true, .initial = "60",
		.min = 0, .max = 86400, .unit = "s",
		.help = "The first cool-down; each further one is twice as "
			"long. 0: none."),
	ROW(rate_cooldown_cap_s, "RATE_LIMIT_COOLDOWN_CAP_SECONDS", .live = true,
		.initial = "3600", .min = 1, .max = 604800, .unit = "s",
		.help = "The longest cool-down."),
	ROW(cache_ttl_s[CACHE_OVERVIEW - CACHE_OVERVIEW], "CACHE_TTL_OVERVIEW", .live = true,
		.initial = "30", .min = 0, .max = 86400, .unit = "s",
		.section = "Cache",
		.help = "How long the dashboard's overview is kept; a write of ours drops them at "
			"once. 0: not at all."),
	ROW(cache_ttl_s[CACHE_TRADING - CACHE_OVERVIEW], "CACHE_TTL_TRADING", .live = true,
		.initial = "5", .min = 0, .max = 86400, .unit = "s",
		.help = "How long orders, trades and portfolio are kept; a write of ours drops them at "
			"once. 0: not at all."),
	ROW(cache_ttl_s[CACHE_RISK - CACHE_OVERVIEW], "CACHE_TTL_RISK", .live = true,
		.initial = "10", .min = 0, .max = 86400, .unit = "s",
		.help = "How long risk figures are kept; a write of ours drops them at "
			"once. 0: not at all."),
	ROW(cache_ttl_s[CACHE_SIGNALS - CACHE_OVERVIEW], "CACHE_TTL_SIGNALS", .live = true,
		.initial = "15", .min = 0, .max = 86400, .unit = "s",
		.help = "How long signals are kept; a write of ours drops them at "
			"once. 0: not at all."),
	ROW(cache_ttl_s[CACHE_MARKET - CACHE_OVERVIEW], "CACHE_TTL_MARKET", .live = true,
		.initial = "60", .min = 0, .max = 86400, .unit = "s",
		.help = "How long symbols, candles and templates are kept; a write of ours drops them at "
			"once. 0: not at all."),
	ROW(cache_ttl_s[CACHE_LISTS - CACHE_OVERVIEW], "CACHE_TTL_LISTS", .live = true,
		.initial = "10", .min = 0, .max = 86400, .unit = "s",
		.help = "How long lists of one's own things are kept; a write of ours drops them at "
			"once. 0: not at all."),
	ROW(cache_stale_s, "CACHE_STALE_SECONDS", .live = true, .initial = "10",
		.min = 0, .max = 3600, .unit = "s",
		.help = "An answer past its life may still be given for so "
			"long while one worker makes a new one."),
	ROW(strategies_per_user, "STRATEGIES_PER_USER", .initial = "200",
		.min = 1, .max = 100000, .live = true,
		.section = "Quotas and background work", .help = "Strategies of one user."),
	ROW(backtests_per_user, "BACKTESTS_PER_USER", .initial = "1000",
		.min = 1, .max = 1000000, .live = true,
		.help = "Stored backtests of one user."),
	ROW(backtest_bars, "BACKTEST_BARS", .initial = "500000", .live = true,
		.min = 100, .max = 10000000,
		.help = "Most candles of one backtest."),
	ROW(runs_per_user, "RUNNING_STRATEGIES_PER_USER", .initial = "20",
		.min = 1, .max = 10000, .live = true,
		.help = "Strategies of one user that run at the same time."),
	ROW(signal_history, "SIGNAL_HISTORY_BARS", .initial = "500000",
		.min = 10000, .max = 10000000,
		.help = "Candles that the background process replays before a "
			"strategy's first signal, the newest ones. A "
			"strategy without recursive indicators needs only its "
			"warm-up."),
	ROW(signal_keep_days, "SIGNAL_KEEP_DAYS", .initial = "90", .min = 1,
		.max = 36500, .unit = "d",
		.help = "How long signals and ended runs are kept."),
	ROW(signals_per_run, "SIGNALS_PER_RUN", .initial = "2000", .min = 1,
		.max = 1000000,
		.help = "Signals kept of each run of a strategy, the newest."),
	ROW(signal_memory, "SIGNAL_MEMORY_BYTES", .initial = "134217728",
		.min = 1048576, .max = 16 * GIB, .unit = "bytes",
		.help = "Evaluators of running strategies that the background "
			"process keeps; beyond it those used longest ago are "
			"made anew when their next candle comes."),
	ROW(trading_halted, "TRADING_HALTED", .initial = "false", .live = true,
		.section = "Trading",
		.help = "Stop everybody: no order is taken, and none that "
			"would open something fills any more."),
	ROW(paper_balance, "PAPER_BALANCE", .initial = "10000", .live = true,
		.min = 1, .max = 1000000000,
		.help = "Money that a paper account begins with."),
	ROW(paper_currency, "PAPER_CURRENCY", .initial = "USD", .min = 1, .max = 20,
		.help = "In what a paper account counts that trades nothing yet, or symbols that "
			"name no asset (GOOG; BTC-USDT counts in USDT)."),
	ROW(currencies_equal, "CURRENCIES_EQUAL", .initial = "", .max = 200,
		.help = "Assets that totals take for the same money, one for one, such as USD USDT "
			"USDC. Empty: each is converted at its rate."),
	ROW(paper_maker_bp, "PAPER_FEE_MAKER_BP", .initial = "10",
		.min = 0, .max = 500, .live = true, .unit = "1/10000",
		.help = "Fee of a fill at a resting price."),
	ROW(paper_taker_bp, "PAPER_FEE_TAKER_BP", .initial = "10",
		.min = 0, .max = 500, .live = true, .unit = "1/10000",
		.help = "Fee of all other fills."),
	ROW(paper_spread_bp, "PAPER_SPREAD_BP", .initial = "2",
		.min = 0, .max = 1000, .live = true, .unit = "1/10000",
		.help = "Between bid and ask; half of it is against the "
			"order."),
	ROW(paper_slippage_bp, "PAPER_SLIPPAGE_BP", .initial = "5",
		.min = 0, .max = 1000, .live = true, .unit = "1/10000",
		.help = "More against orders that take."),
	ROW(paper_volume_pct, "PAPER_VOLUME_PCT", .initial = "10",
		.min = 0, .max = 100, .live = true, .unit = "%",
		.help = "Of a candle's volume, what one account's orders may "
			"fill (0: no limit)."),
	ROW(risk_order_value, "RISK_ORDER_VALUE", .initial = "1000000",
		.min = 0, .max = 1000000000, .live = true,
		.help = "Ceiling of a user's max_order_value, in money; 0: "
			"none. So are the next two."),
	ROW(risk_symbol_value, "RISK_SYMBOL_VALUE", .initial = "0",
		.min = 0, .max = 1000000000, .live = true,
		.help = "Ceiling of max_symbol_value."),
	ROW(risk_account_value, "RISK_ACCOUNT_VALUE", .initial = "0",
		.min = 0, .max = 1000000000, .live = true,
		.help = "Ceiling of max_account_value."),
	ROW(risk_open_orders, "RISK_OPEN_ORDERS", .initial = "200",
		.min = 1, .max = 1000, .live = true,
		.help = "Ceiling of max_open_orders."),
	ROW(risk_positions, "RISK_POSITIONS", .initial = "100",
		.min = 1, .max = 1000, .live = true,
		.help = "Ceiling of max_positions."),
	ROW(risk_per_minute, "RISK_ORDERS_PER_MINUTE", .initial = "120",
		.min = 1, .max = 100000, .live = true,
		.help = "Ceiling of orders_per_minute."),
	ROW(risk_collar_pct, "RISK_COLLAR_PCT", .initial = "50",
		.min = 1, .max = 1000, .live = true, .unit = "%",
		.help = "Ceiling of price_collar_pct."),
	ROW(denied_days, "DENIED_ORDER_DAYS", .initial = "30", .min = 1,
		.max = 36500, .unit = "d",
		.help = "How long orders that risk refused are kept; all "
			"others stay."),
	ROW(watch_ms, "WATCH_INTERVAL_MS", .initial = "100", .min = 10,
		.max = 1000, .unit = "ms",
		.help = "How often the stop-loss watch looks for new quotes; "
			"all open orders are looked at twice a minute besides."),
	ROW(market_symbols, "MARKET_SYMBOLS", .initial = "", .max = 16384,
		.section = "Market data",
		.help = "What is fetched for everybody, entries with blanks "
			"between them: BTC-USDT=binance:BTCUSDT:1m is candles "
			"of that interval and quotes, BTC-USDT=binance:BTCUSDT "
			"quotes alone, ETH-USD=coingecko:ethereum a spot "
			"price. Empty: nothing, and no connection is made."),
	ROW(market_rates, "MARKET_RATES", .initial = "true",
		.help = "CoinGecko is asked, while MARKET_SYMBOLS is not empty, for the rates that "
			"totals in users' currencies need. false: totals have what is fetched anyway."),
	ROW(market_quote_s, "MARKET_QUOTE_SECONDS", .initial = "2", .min = 1,
		.max = 3600, .unit = "s",
		.help = "How often an exchange's prices are fetched, all in "
			"one call."),
	ROW(market_spot_s, "MARKET_SPOT_SECONDS", .initial = "60", .min = 10,
		.max = 86400, .unit = "s",
		.help = "How often CoinGecko's prices are fetched, all in one "
			"call; without a paid key it makes new ones about "
			"once a minute."),
	ROW(market_stale_s, "MARKET_STALE_SECONDS", .initial = "60", .min = 5,
		.max = 86400, .unit = "s",
		.help = "An older quote is stale, unless three fetches take "
			"longer: then nothing that opens is filled at it."),
	ROW(market_history_days, "MARKET_HISTORY_DAYS", .initial = "30",
		.min = 1, .max = 7300, .unit = "d",
		.help = "How far back candles are fetched, and gaps repaired."),
	ROW(market_repair_minutes, "MARKET_REPAIR_MINUTES", .initial = "60",
		.min = 1, .max = 10080, .unit = "min",
		.help = "How often stored candles are searched for gaps; what "
			"the source does not have is asked for again then."),
	ROW(binance_market_url, "BINANCE_MARKET_URL",
		.initial = "https://data-api.binance.vision", .min = 8,
		.max = 256, .help = "Where candles and prices come from."),
	ROW(binance_weight, "BINANCE_WEIGHT_MINUTE", .initial = "6000",
		.min = 100, .max = 1000000,
		.help = "Request weight that Binance allows one address within "
			"a minute; market data take 60 % of it at most."),
	ROW(coingecko_url, "COINGECKO_URL",
		.initial = "https://api.coingecko.com", .min = 8, .max = 256,
		.help = "Where spot prices come from; "
			"https://pro-api.coingecko.com with a paid key."),
	ROW(coingecko_key, "COINGECKO_API_KEY", .initial = "", .max = 128,
		.secret = true, .help = "CoinGecko's key, if there is one."),
	ROW(outbound_hosts, "OUTBOUND_HOSTS", .initial = "", .max = 4096,
		.help = "More hosts that may be asked besides those of Binance "
			"and CoinGecko, A,B; always at public addresses, over "
			"HTTPS."),
	ROW(outbound_loopback, "OUTBOUND_LOOPBACK", .initial = "false",
		.help = "Sources at 127.0.0.1 may be asked, without TLS too "
			"(for tests)."),
	ROW(telegram_url, "TELEGRAM_URL",
		.initial = "https://api.telegram.org", .min = 8, .max = 256,
		.section = "Messages and hooks",
		.help = "Where messages to Telegram go: https://host[:port]. "
			"http:// for 127.0.0.1 alone."),
	ROW(smtp_url, "SMTP_URL", .initial = "", .max = 256,
		.help = "Mail server: smtps://host[:465], or "
			"smtp://host[:587], which must offer STARTTLS. "
			"smtp://127.0.0.1 is spoken to in the clear. Empty: "
			"no e-mail."),
	ROW(smtp_from, "SMTP_FROM", .initial = "", .max = 254,
		.help = "Sender of e-mails: an address."),
	ROW(smtp_user, "SMTP_USER", .initial = "", .max = 256,
		.help = "Sign in to the mail server. Empty: without."),
	ROW(smtp_password, "SMTP_PASSWORD", .initial = "", .max = 512,
		.secret = true, .help = "Of SMTP_USER."),
	ROW(webhook_hosts, "WEBHOOK_HOSTS", .initial = "", .max = 4096,
		.help = "Hosts that users' webhooks may be at, A,B. Empty: any "
			"host, on port 443; none: no host. Addresses that are "
			"not public are refused all the same; 127.0.0.1 only "
			"when it is named here."),
	ROW(channels_per_user, "CHANNELS_PER_USER", .initial = "10",
		.live = true, .min = 0, .max = 1000,
		.help = "Channels of one user: Telegram, e-mail, webhooks."),
	ROW(notify_per_hour, "NOTIFY_PER_HOUR", .initial = "60", .min = 1,
		.max = 100000,
		.help = "Messages to one user within an hour; more are summed "
			"up in one."),
	ROW(notify_attempts, "NOTIFY_ATTEMPTS", .initial = "8", .min = 1,
		.max = 100,
		.help = "A message is given up after so many attempts; the "
			"pauses grow from 30 seconds to an hour."),
	ROW(notify_hours, "NOTIFY_AGE_HOURS", .initial = "24", .min = 1,
		.max = 720, .unit = "h", .help = "Or when it is so old."),
	ROW(notify_keep_days, "NOTIFY_KEEP_DAYS", .initial = "30", .min = 1,
		.max = 3650, .unit = "d",
		.help = "How long messages are listed."),
	ROW(hooks_per_user, "HOOKS_PER_USER", .initial = "20", .live = true,
		.min = 0, .max = 1000,
		.help = "Addresses of one user that take orders from alerts."),
	ROW(hook_calls_minute, "HOOK_CALLS_PER_MINUTE", .initial = "30",
		.live = true, .min = 1, .max = 10000,
		.help = "Calls of one of them; and as many from one address "
			"that are refused for signature, address or time."),
	ROW(hook_keep_days, "HOOK_KEEP_DAYS", .initial = "30", .min = 1,
		.max = 3650, .unit = "d",
		.help = "How long their calls are listed; for so long a call "
			"with the same id does nothing twice."),
	ROW(backtest_inline_work, "BACKTEST_INLINE_WORK", .live = true,
		.section = "Queued runs and background work",
		.initial = "20000000", .min = 0, .max = 1000000000,
		.help = "A backtest of up to so many candles times columns is "
			"answered at once; a longer one is queued for `kontor "
			"work`."),
	ROW(backtest_candle_bytes, "BACKTEST_CANDLE_BYTES", .live = true,
		.initial = "268435456", .min = 1048576, .max = 16 * GIB,
		.unit = "bytes",
		.help = "Most memory of one run's candles (48 bytes each)."),
	ROW(backtest_runs_hour, "BACKTEST_RUNS_PER_HOUR", .live = true,
		.initial = "1000", .min = 1, .max = 1000000,
		.help = "Backtests and searches that one user may ask for "
			"within an hour."),
	ROW(runs_at_once, "BACKTEST_RUNS_AT_ONCE", .live = true,
		.initial = "20", .min = 1, .max = 10000,
		.help = "Of those, waiting or running at the same time."),
	ROW(searches_per_user, "SEARCHES_PER_USER", .live = true,
		.initial = "100", .min = 1, .max = 100000,
		.help = "Stored sweeps and walk-forward tests of one user."),
	ROW(run_seconds, "BACKTEST_RUN_SECONDS", .live = true, .initial = "50",
		.min = 1, .max = 50, .unit = "s",
		.help = "A backtest that is estimated to take longer is "
			"refused; a runner ends one after 55 seconds."),
	ROW(search_points, "SEARCH_POINTS", .live = true, .initial = "10000",
		.min = 1, .max = 1000000,
		.help = "Most points of one of them, all windows together."),
	ROW(errands_at_once, "ERRANDS_AT_ONCE", .live = true, .initial = "5",
		.min = 1, .max = 1000,
		.help = "What one user may have asked of the background "
			"process and not got an answer to: tests of keys and "
			"the like."),
	ROW(plaid_client_id, "PLAID_CLIENT_ID", .initial = "", .max = 128,
		.section = "Bank link",
		.help = "Of one's account with Plaid. Empty: there is no bank "
			"link, and nothing is sent there."),
	ROW(plaid_secret, "PLAID_SECRET", .initial = "", .max = 256,
		.secret = true, .help = "Goes with it."),
	ROW(plaid_url, "PLAID_URL", .initial = "https://production.plaid.com",
		.min = 8, .max = 256,
		.help = "Another of Plaid's environments, such as "
			"https://sandbox.plaid.com."),
	ROW(plaid_products, "PLAID_PRODUCTS", .initial = "auth", .min = 1,
		.max = 256,
		.help = "What a link is asked for, by Plaid's names, with "
			"blanks between them."),
	ROW(plaid_countries, "PLAID_COUNTRY_CODES", .initial = "US", .min = 2,
		.max = 256, .help = "Banks of these countries, ISO 3166."),
	ROW(bank_links, "BANK_LINKS_PER_USER", .initial = "10", .live = true,
		.min = 0, .max = 1000,
		.help = "Banks that one user may have linked."),
	ROW(work_runners, "WORK_RUNNERS", .initial = "0", .max = 1024,
		.help = "Processes that compute queued runs, below `kontor "
			"work`. 0: as many as there are cores."),
	ROW(work_candle_bytes, "WORK_CANDLE_BYTES", .initial = "268435456",
		.min = 1048576, .max = 64 * GIB, .unit = "bytes",
		.help = "Candles that each of them keeps in memory between "
			"slices of work."),
	ROW(work_interval_s, "WORK_INTERVAL_SECONDS", .initial = "60",
		.min = 1, .max = 3600, .unit = "s",
		.help = "How often the background process tidies up."),
	ROW(backup_folder, "BACKUP_FOLDER", .initial = "", .max = 1024,
		.help = "Where backups go. Empty: backups in DATA_FOLDER. "
			"Better: another disk."),
	ROW(backup_keep, "BACKUP_KEEP", .initial = "7", .min = 1, .max = 10000,
		.help = "So many backups stay; the oldest go."),
	ROW(backup_hours, "BACKUP_INTERVAL_HOURS", .initial = "24", .min = 0,
		.max = 8760, .unit = "h",
		.help = "How often the background process makes a backup (0: "
			"never)."),
	ROW(live_trading, "LIVE_TRADING", .initial = "false",
		.section = "Live trading",
		.help = "Orders with venue binance are taken, and `kontor work` "
			"gives them to the exchange with the keys that their "
			"users stored."),
	ROW(binance_url, "BINANCE_URL", .initial = "https://api.binance.com",
		.min = 8, .max = 256,
		.help = "The exchange. The test net: "
			"https://testnet.binance.vision, with "
			"BINANCE_ASKS_RIGHTS=false."),
	ROW(binance_rights, "BINANCE_ASKS_RIGHTS", .initial = "true",
		.help = "Ask what keys may do, and refuse those that may "
			"withdraw. The test net has no such call."),
	ROW(binance_quote, "BINANCE_QUOTE", .initial = "USDT", .min = 1,
		.max = 20,
		.help = "The asset that counts as money of an account there; "
			"only symbols priced in it are traded. Not to be "
			"changed once there are accounts."),
	ROW(binance_window_ms, "BINANCE_RECV_WINDOW_MS", .initial = "5000",
		.min = 1000, .max = 60000, .unit = "ms",
		.help = "A request that reaches the exchange later than this "
			"is refused there."),
	ROW(live_send_s, "LIVE_SEND_SECONDS", .initial = "60", .min = 5,
		.max = 3600, .unit = "s",
		.help = "An order that could not leave in this time never "
			"does: it is rejected as not_sent."),
	ROW(live_poll_s, "LIVE_POLL_SECONDS", .initial = "5", .min = 1,
		.max = 3600, .unit = "s",
		.help = "How often an order that rests at the exchange is "
			"asked about."),
	ROW(live_compare_s, "LIVE_COMPARE_SECONDS", .initial = "300",
		.min = 10, .max = 86400, .unit = "s",
		.help = "How often balances there are compared with the book."),
	ROW(live_venues, "LIVE_VENUES", .initial = "256", .min = 1,
		.max = 4096,
		.help = "Users whose keys `kontor work` keeps open at a time."),
	ROW(outbound_ms, "OUTBOUND_MS", .initial = "10000", .min = 100,
		.max = 30000, .unit = "ms",
		.help = "Longest wait for another machine's answer."),
};
/* clang-format on */

const struct conf_table config_table = {.rows = rows,
	.count = sizeof(rows) / sizeof(rows[0]),
	.synonyms = config_synonyms};
