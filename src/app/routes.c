/*
 * The API, its policy and its documentation: one row a route. What is not
 * here does not exist; what a row does not allow does not happen.
 */
#include "routes.h"

#include "account_api.h"
#include "admin_cache.h"
#include "admin_limits.h"
#include "admin_settings.h"
#include "admin_users.h"
#include "admin_audit.h"
#include "auth_api.h"
#include "backtests.h"
#include "backtests_api.h"
#include "bank_api.h"
#include "dashboard.h"
#include "desk_api.h"
#include "docs.h"
#include "errands_api.h"
#include "health.h"
#include "hooks_api.h"
#include "keys.h"
#include "market_api.h"
#include "metrics_api.h"
#include "notifications_api.h"
#include "orders_api.h"
#include "portfolio_api.h"
#include "replies.h"
#include "risk_api.h"
#include "scheduler.h"
#include "searches.h"
#include "searches_api.h"
#include "settings_api.h"
#include "signals_api.h"
#include "strategies_api.h"

#define JSON_TYPE "application/json; charset=utf-8"

/* clang-format off */
static const struct route rows[] = {
/*           method  path                            permission          demands         rate            cache          tags            handler                    input                  output                    summary */
ROUTE_PUBLIC(POST,   "/auth/register",                                   DEMAND_NOTHING, RATE_REGISTER,  CACHE_NEVER,   TAG_NOTHING,    handle_register,           IN(user_new),          CREATED(user_view),       "Make an account"),
ROUTE_PUBLIC(POST,   "/auth/setup",                                      DEMAND_NOTHING, RATE_LOGIN,     CACHE_NEVER,   TAG_NOTHING,    handle_setup,              IN(setup),             CREATED(user_view),       "Make the first admin with the one-time token"),
ROUTE_PUBLIC(POST,   "/auth/login",                                      TAKES_FORM,     RATE_LOGIN,     CACHE_NEVER,   TAG_NOTHING,    handle_login,              IN(login),             OUT(token_pair),          "Sign in"),
ROUTE_PUBLIC(POST,   "/auth/refresh",                                    DEMAND_NOTHING, RATE_REFRESH,   CACHE_NEVER,   TAG_NOTHING,    handle_refresh,            IN(refresh),           OUT(token_pair),          "Trade the refresh token for a new pair"),
ROUTE_USER  (POST,   "/auth/logout",                 "account:write",    DEMAND_SESSION, RATE_GENERAL,   CACHE_NEVER,   TAG_NOTHING,    handle_logout,             NO_INPUT,              OUT(message_reply),       "Sign out: both tokens are dead at once"),
ROUTE_USER  (POST,   "/auth/logout-all",             "account:write",    DEMAND_SESSION, RATE_GENERAL,   CACHE_NEVER,   TAG_NOTHING,    handle_logout_all,         NO_INPUT,              OUT(message_reply),       "End every session of this account"),
ROUTE_USER  (POST,   "/auth/change-password",        "account:write",    DEMAND_SESSION, RATE_PASSWORD,  CACHE_NEVER,   TAG_NOTHING,    handle_change_password,    IN(password_change),   OUT(message_reply),       "Change the password; other sessions and all API keys end"),
ROUTE_USER  (POST,   "/auth/reauthenticate",         "account:write",    DEMAND_SESSION, RATE_PASSWORD,  CACHE_NEVER,   TAG_NOTHING,    handle_reauthenticate,     IN(password_again),    OUT(message_reply),       "Give the password again before a sensitive change"),
ROUTE_USER  (GET,    "/auth/me",                     "account:read",     DEMAND_NOTHING, RATE_GENERAL,   CACHE_NEVER,   TAG_NOTHING,    handle_me,                 NO_INPUT,              OUT(me),                  "Who am I"),
ROUTE_USER  (GET,    "/auth/sessions",               "account:read",     DEMAND_SESSION, RATE_GENERAL,   CACHE_NEVER,   TAG_NOTHING,    handle_sessions,           NO_INPUT,              OUT(sessions),            "My sessions"),
ROUTE_USER  (DELETE, "/auth/sessions/{id}",          "account:write",    DEMAND_FRESH,   RATE_SENSITIVE, CACHE_NEVER,   TAG_NOTHING,    handle_session_end,        IN(by_id),             NO_CONTENT,               "End one of my sessions"),

ROUTE_USER  (GET,    "/keys",                        "account:read",     DEMAND_SESSION, RATE_GENERAL,   CACHE_NEVER,   TAG_NOTHING,    handle_keys,               NO_INPUT,              OUT(api_keys),            "My API keys"),
ROUTE_USER  (POST,   "/keys",                        "account:write",    DEMAND_FRESH | TAKES_KEY | HIDES_ANSWER,   RATE_SENSITIVE, CACHE_NEVER,   TAG_NOTHING,    handle_key_create,         IN(api_key_new),       CREATED(api_key_created), "Make an API key; its secret is in this answer only"),
ROUTE_USER  (DELETE, "/keys/{id}",                   "account:write",    DEMAND_SESSION, RATE_SENSITIVE, CACHE_NEVER,   TAG_NOTHING,    handle_key_remove,         IN(by_id),             NO_CONTENT,               "Revoke an API key"),

ROUTE_USER  (GET,    "/settings",                    "settings:read",    DEMAND_NOTHING, RATE_GENERAL,   CACHE_NEVER,   TAG_SETTINGS,   handle_settings,           NO_INPUT,              OUT(settings),            "My settings; secrets as set, hint and date"),
ROUTE_USER  (PUT,    "/settings",                    "settings:write",   DEMAND_NOTHING, RATE_SETTINGS,  CACHE_NEVER,   TAG_SETTINGS,   handle_settings_put,       IN(settings_input),    OUT(settings),            "Replace preferences; secrets left out are kept"),
ROUTE_USER  (PATCH,  "/settings",                    "settings:write",   DEMAND_NOTHING, RATE_SETTINGS,  CACHE_NEVER,   TAG_SETTINGS,   handle_settings_patch,     IN(settings_input),    OUT(settings),            "Change some settings"),
ROUTE_USER  (POST,   "/settings/test/binance",        "settings:write",   DEMAND_NOTHING, RATE_SENSITIVE, CACHE_NEVER,   TAG_NOTHING,    handle_test_binance,       NO_INPUT,              QUEUED(errand_view) AUDIT("settings.tested"), "Let the background process try the stored Binance keys; Location says where the answer will be"),
ROUTE_USER  (POST,   "/settings/test/telegram",       "settings:write",   DEMAND_NOTHING, RATE_SENSITIVE, CACHE_NEVER,   TAG_NOTHING,    handle_test_telegram,      NO_INPUT,              QUEUED(errand_view) AUDIT("settings.tested"), "The same with a message to the stored Telegram chat"),
ROUTE_USER  (GET,    "/errands/{id}",                "settings:read",    DEMAND_NOTHING, RATE_GENERAL,   CACHE_NEVER,   TAG_NOTHING,    handle_errand,             IN(by_id),             OUT(errand_view),         "What came of something that the background process was asked for"),

ROUTE_USER  (POST,   "/plaid/create_link_token",     "bank:write",       DEMAND_SESSION, RATE_SENSITIVE, CACHE_NEVER,   TAG_NOTHING,    handle_bank_link_token,    NO_INPUT,              QUEUED(errand_view),      "Begin to link a bank: a token for Plaid Link, in the errand's result"),
ROUTE_USER  (POST,   "/plaid/exchange_public_token", "bank:write",       DEMAND_FRESH,   RATE_SENSITIVE, CACHE_NEVER,   TAG_NOTHING,    handle_bank_exchange,      IN(bank_exchange),     QUEUED(errand_view) AUDIT("bank.linked"), "Link the bank that Plaid Link came back with"),
ROUTE_USER  (GET,    "/plaid/accounts",              "bank:read",        DEMAND_NOTHING, RATE_GENERAL,   CACHE_NEVER,   TAG_NOTHING,    handle_bank_accounts,      NO_INPUT,              OUT(bank_accounts),       "The accounts of my linked banks, as they were read last"),
ROUTE_USER  (POST,   "/plaid/accounts/refresh",      "bank:write",       DEMAND_SESSION, RATE_SENSITIVE, CACHE_NEVER,   TAG_NOTHING,    handle_bank_refresh,       NO_INPUT,              QUEUED(errand_view),      "Read them anew"),
ROUTE_USER  (GET,    "/plaid/links",                 "bank:read",        DEMAND_NOTHING, RATE_GENERAL,   CACHE_NEVER,   TAG_NOTHING,    handle_bank_links,         NO_INPUT,              OUT(bank_links),          "My linked banks, newest first"),
ROUTE_USER  (DELETE, "/plaid/links/{id}",            "bank:write",       DEMAND_FRESH,   RATE_SENSITIVE, CACHE_NEVER,   TAG_NOTHING,    handle_bank_unlink,        IN(by_id),             QUEUED(errand_view) AUDIT("bank.unlinked"), "End a link at Plaid, and forget its accounts"),

ROUTE_USER  (GET,    "/market/symbols",              "market:read",      DEMAND_NOTHING, RATE_GENERAL,   CACHE_MARKET,  TAG_MARKET,     handle_symbols,            NO_INPUT,              OUT(symbols),             "Symbols with their stored candles"),
ROUTE_USER  (GET,    "/market/quotes",               "market:read",      DEMAND_NOTHING, RATE_GENERAL,   CACHE_TRADING, TAG_MARKET,     handle_quotes,             IN(quotes_query),      OUT(quotes),              "Last prices, with their age and source"),
ROUTE_USER  (GET,    "/market/candles",              "market:read",      DEMAND_NOTHING, RATE_GENERAL,   CACHE_MARKET,  TAG_MARKET,     handle_candles,            IN(candle_query),      OUT(candles),             "Candles of a symbol, ascending"),

ROUTE_USER  (GET,    "/strategies",                  "strategies:read",  DEMAND_NOTHING, RATE_GENERAL,   CACHE_LISTS,   TAG_STRATEGIES, handle_strategies,         IN(page_query),        OUT(strategies),          "My strategies"),
ROUTE_USER  (POST,   "/strategies",                  "strategies:write", TAKES_KEY, RATE_GENERAL,   CACHE_NEVER,   TAG_STRATEGIES, handle_strategy_create,    IN(strategy_new),      CREATED(strategy_view),   "Save a new strategy"),
ROUTE_USER  (GET,    "/strategies/templates",        "strategies:read",  DEMAND_NOTHING, RATE_GENERAL,   CACHE_MARKET,  TAG_NOTHING,    handle_strategy_templates, NO_INPUT,              OUT(strategy_templates),  "Strategies to start from"),
ROUTE_USER  (POST,   "/strategies/validate",         "strategies:read",  DEMAND_NOTHING, RATE_GENERAL,   CACHE_NEVER,   TAG_NOTHING,    handle_strategy_validate,  IN(definition_input),  OUT(strategy_check),      "Compile a definition without saving it"),
ROUTE_USER  (GET,    "/strategies/schema",           "strategies:read",  DEMAND_NOTHING, RATE_GENERAL,   CACHE_MARKET,  TAG_NOTHING,    handle_strategy_schema,    NO_INPUT,              RAW(JSON_TYPE),           "JSON Schema of a definition, with every indicator"),
ROUTE_USER  (POST,   "/strategies/expressions",      "strategies:read",  DEMAND_NOTHING, RATE_GENERAL,   CACHE_NEVER,   TAG_NOTHING,    handle_expression,         IN(expression_input),  OUT(expression_view),     "An expression from text to tree and back"),
ROUTE_USER  (POST,   "/strategies/recursive",        "strategies:read market:read", DEMAND_NOTHING, RATE_GENERAL, CACHE_NEVER, TAG_NOTHING, handle_strategy_recursive, IN(recursive_input),  OUT(recursive_view),      "How far its indicators depend on where the candles begin"),
ROUTE_USER  (GET,    "/strategies/{id}",             "strategies:read",  DEMAND_NOTHING, RATE_GENERAL,   CACHE_PRIVATE, TAG_STRATEGIES, handle_strategy,           IN(by_id),             OUT(strategy_view),       "One strategy, newest version"),
ROUTE_USER  (PUT,    "/strategies/{id}",             "strategies:write", TAKES_VERSION,  RATE_GENERAL,   CACHE_NEVER,   TAG_STRATEGIES, handle_strategy_update,    IN(strategy_change),   OUT(strategy_view),       "Save a new version"),
ROUTE_USER  (DELETE, "/strategies/{id}",             "strategies:write", TAKES_VERSION,  RATE_GENERAL,   CACHE_NEVER,   TAG_STRATEGIES, handle_strategy_remove,    IN(by_id),             NO_CONTENT,               "Remove a strategy; its runs stop, its backtests stay"),
ROUTE_USER  (GET,    "/strategies/{id}/versions",    "strategies:read",  DEMAND_NOTHING, RATE_GENERAL,   CACHE_PRIVATE, TAG_STRATEGIES, handle_strategy_versions,  IN(versions_query),    OUT(strategy_versions),   "Every version that was saved, newest first"),
ROUTE_USER  (POST,   "/strategies/{id}/start",       "strategies:write", TAKES_KEY, RATE_GENERAL,   CACHE_NEVER,   TAG_SIGNALS | TAG_PORTFOLIO, handle_strategy_start,     IN(run_new),           CREATED(run_view),        "Run the newest version on a symbol from now on"),
ROUTE_USER  (POST,   "/strategies/{id}/stop",        "strategies:write", DEMAND_NOTHING, RATE_GENERAL,   CACHE_NEVER,   TAG_SIGNALS | TAG_ORDERS | TAG_PORTFOLIO | TAG_RISK, handle_strategy_stop,      IN(run_stop),          OUT(runs),                "Stop its runs, on one symbol or on all"),
ROUTE_USER  (GET,    "/strategies/{id}/runs",        "strategies:read",  DEMAND_NOTHING, RATE_GENERAL,   CACHE_LISTS,   TAG_SIGNALS | TAG_STRATEGIES, handle_strategy_runs, IN(versions_query), OUT(runs),             "Its runs, newest first; each keeps the version it was started with"),

ROUTE_USER  (GET,    "/signals",                     "signals:read",     DEMAND_NOTHING, RATE_GENERAL,   CACHE_SIGNALS, TAG_SIGNALS | TAG_STRATEGIES | TAG_MARKET, handle_signals, IN(signals_query), OUT(signals),     "What my running strategies said last"),
ROUTE_USER  (GET,    "/trading/signals",             "signals:read",     DEMAND_NOTHING, RATE_GENERAL,   CACHE_SIGNALS, TAG_SIGNALS | TAG_STRATEGIES | TAG_MARKET, handle_signals, IN(signals_query), OUT(signals),     "The same as /signals"),
ROUTE_USER  (GET,    "/signals/history",             "signals:read",     DEMAND_NOTHING, RATE_GENERAL,   CACHE_SIGNALS, TAG_SIGNALS | TAG_STRATEGIES, handle_signal_history, IN(signal_history_query), OUT(signal_history), "Signals that fired, newest candle first"),

ROUTE_USER  (GET,    "/backtests",                   "backtests:read",   GIVES_CSV,      RATE_GENERAL,   CACHE_LISTS,   TAG_BACKTESTS,  handle_backtests,          IN(page_query),        OUT(backtests),           "My backtests, newest first"),
ROUTE_USER  (POST,   "/backtests",                   "backtests:write",  TAKES_KEY, RATE_GENERAL,   CACHE_NEVER,   TAG_BACKTESTS,  handle_backtest_create,    IN(backtest_new),      TRIED_CREATED_OR_QUEUED(backtest_view), "Run a backtest: at once when it is small, else queued"),
ROUTE_USER  (GET,    "/backtests/{id}",              "backtests:read",   DEMAND_NOTHING, RATE_GENERAL,   CACHE_PRIVATE, TAG_BACKTESTS,  handle_backtest,           IN(by_id),             OUT(backtest_view),       "A backtest with statistics, equity and trades"),
ROUTE_USER  (GET,    "/backtests/{id}/trades",       "backtests:read",   GIVES_CSV,      RATE_GENERAL,   CACHE_PRIVATE, TAG_BACKTESTS,  handle_backtest_trades,    IN(by_id),             OUT(backtest_part),       "Its trades"),
ROUTE_USER  (GET,    "/backtests/{id}/equity",       "backtests:read",   DEMAND_NOTHING, RATE_GENERAL,   CACHE_PRIVATE, TAG_BACKTESTS,  handle_backtest_equity,    IN(by_id),             OUT(backtest_part),       "Its equity curve"),
ROUTE_USER  (GET,    "/backtests/{id}/report",       "backtests:read",   DEMAND_NOTHING, RATE_GENERAL,   CACHE_PRIVATE, TAG_BACKTESTS,  handle_backtest_report,    IN(by_id),             OUT(backtest_part),       "Its long report"),
ROUTE_USER  (DELETE, "/backtests/{id}",              "backtests:write",  DEMAND_NOTHING, RATE_GENERAL,   CACHE_NEVER,   TAG_BACKTESTS,  handle_backtest_remove,    IN(by_id),             NO_CONTENT,               "Cancel a backtest that waits or runs, or remove one that ended"),
ROUTE_USER  (GET,    "/backtests/sweeps",            "backtests:read",   DEMAND_NOTHING, RATE_GENERAL,   CACHE_LISTS,   TAG_BACKTESTS,  handle_sweeps,             IN(page_query),        OUT(searches),            "My parameter sweeps, newest first"),
ROUTE_USER  (POST,   "/backtests/sweeps",            "backtests:write",  TAKES_KEY, RATE_GENERAL,   CACHE_NEVER,   TAG_BACKTESTS,  handle_sweep_create,       IN(sweep_new),         QUEUED(search_view),      "Try many values of a strategy's parameters"),
ROUTE_USER  (GET,    "/backtests/sweeps/{id}",       "backtests:read",   DEMAND_NOTHING, RATE_GENERAL,   CACHE_PRIVATE, TAG_BACKTESTS,  handle_sweep,              IN(by_id),             OUT(search_view),         "A sweep: how far it is, the best points, all points"),
ROUTE_USER  (DELETE, "/backtests/sweeps/{id}",       "backtests:write",  DEMAND_NOTHING, RATE_GENERAL,   CACHE_NEVER,   TAG_BACKTESTS,  handle_sweep_remove,       IN(by_id),             NO_CONTENT,               "Cancel a sweep that waits or runs, or remove one that ended"),
ROUTE_USER  (GET,    "/backtests/walk-forward",      "backtests:read",   DEMAND_NOTHING, RATE_GENERAL,   CACHE_LISTS,   TAG_BACKTESTS,  handle_walks,              IN(page_query),        OUT(searches),            "My walk-forward tests, newest first"),
ROUTE_USER  (POST,   "/backtests/walk-forward",      "backtests:write",  TAKES_KEY, RATE_GENERAL,   CACHE_NEVER,   TAG_BACKTESTS,  handle_walk_create,        IN(walk_forward_new),  QUEUED(search_view),      "Choose parameters in one window, try them in the next, and so on"),
ROUTE_USER  (GET,    "/backtests/walk-forward/{id}", "backtests:read",   DEMAND_NOTHING, RATE_GENERAL,   CACHE_PRIVATE, TAG_BACKTESTS,  handle_walk,               IN(by_id),             OUT(search_view),         "A walk-forward test: windows, stitched equity, efficiency"),
ROUTE_USER  (DELETE, "/backtests/walk-forward/{id}", "backtests:write",  DEMAND_NOTHING, RATE_GENERAL,   CACHE_NEVER,   TAG_BACKTESTS,  handle_walk_remove,        IN(by_id),             NO_CONTENT,               "Cancel a walk-forward test that waits or runs, or remove one that ended"),

ROUTE_USER  (GET, "/orders", "orders:read", GIVES_CSV, RATE_GENERAL, CACHE_PRIVATE, TAG_ORDERS, handle_orders, IN(order_query), OUT(orders), "My orders, newest first"),
ROUTE_USER  (POST, "/orders", "orders:write", TAKES_KEY | KEEPS_KEY, RATE_TRADE, CACHE_NEVER, TAG_ORDERS | TAG_PORTFOLIO | TAG_RISK, handle_order_place, IN(order_new), CREATED(order_view), "Place an order; what risk refuses is kept as denied"),
ROUTE_USER  (DELETE, "/orders", "orders:write", DEMAND_NOTHING, RATE_CANCEL, CACHE_NEVER, TAG_ORDERS | TAG_PORTFOLIO | TAG_RISK, handle_orders_cancel_all, IN(order_cancel), OUT(orders_cancelled), "Cancel all open orders, or those of a symbol"),
ROUTE_USER  (GET, "/orders/{id}", "orders:read", DEMAND_NOTHING, RATE_GENERAL, CACHE_PRIVATE, TAG_ORDERS, handle_order, IN(by_id), OUT(order_full), "One order with each step of its life"),
ROUTE_USER  (PATCH, "/orders/{id}", "orders:write", TAKES_VERSION, RATE_TRADE, CACHE_NEVER, TAG_ORDERS | TAG_PORTFOLIO | TAG_RISK, handle_order_amend, IN(order_change), OUT(order_view), "Change quantity or prices of an open order; passes risk again"),
ROUTE_USER  (DELETE, "/orders/{id}", "orders:write", DEMAND_NOTHING, RATE_CANCEL, CACHE_NEVER, TAG_ORDERS | TAG_PORTFOLIO | TAG_RISK, handle_order_cancel, IN(by_id), OUT(order_view), "Cancel an open order"),
ROUTE_USER  (POST, "/trade/execute", "orders:write", TAKES_KEY | KEEPS_KEY, RATE_TRADE, CACHE_NEVER, TAG_ORDERS | TAG_PORTFOLIO | TAG_RISK, handle_order_execute, IN(order_execute), CREATED(order_view), "A market order in one call"),
ROUTE_USER  (GET, "/trades", "orders:read", GIVES_CSV, RATE_GENERAL, CACHE_PRIVATE, TAG_ORDERS, handle_trades, IN(trade_query), OUT(trades), "My fills, newest first"),

ROUTE_USER  (GET, "/portfolio", "portfolio:read", DEMAND_NOTHING, RATE_GENERAL, CACHE_PRIVATE, TAG_PORTFOLIO | TAG_SETTINGS, handle_portfolio, IN(portfolio_query), OUT(portfolio), "What I hold, and what it is worth"),
ROUTE_USER  (GET, "/portfolio/accounts", "portfolio:read", DEMAND_NOTHING, RATE_GENERAL, CACHE_PRIVATE, TAG_PORTFOLIO, handle_accounts, IN(account_query), OUT(accounts), "My accounts: the one by hand, and one of each strategy that trades"),
ROUTE_USER  (GET, "/portfolio/positions", "portfolio:read", DEMAND_NOTHING, RATE_GENERAL, CACHE_PRIVATE, TAG_PORTFOLIO, handle_positions, IN(portfolio_query), OUT(positions), "What I hold"),
ROUTE_USER  (GET, "/portfolio/history", "portfolio:read", DEMAND_NOTHING, RATE_GENERAL, CACHE_PRIVATE, TAG_PORTFOLIO, handle_portfolio_history, IN(equity_query), OUT(equity_points), "My equity over time, oldest first"),
ROUTE_USER  (POST, "/portfolio/positions/{symbol}/close", "orders:write", TAKES_KEY | KEEPS_KEY, RATE_CLOSE, CACHE_NEVER, TAG_ORDERS | TAG_PORTFOLIO | TAG_RISK | TAG_SIGNALS, handle_position_close, IN(position_name), CREATED(order_view), "A reduce-only market order for all of it"),
ROUTE_USER  (POST, "/portfolio/reset", "portfolio:write", TAKES_KEY, RATE_TRADE, CACHE_NEVER, TAG_ORDERS | TAG_PORTFOLIO | TAG_RISK, handle_portfolio_reset, IN(portfolio_reset), OUT(portfolio) AUDIT("portfolio.reset"), "Begin the paper account anew; open orders are cancelled"),

ROUTE_USER  (GET, "/risk", "risk:read", DEMAND_NOTHING, RATE_GENERAL, CACHE_PRIVATE, TAG_RISK, handle_risk, NO_INPUT, OUT(risk_view), "My risk limits, and how near they are"),
ROUTE_USER  (PUT, "/risk", "risk:write", DEMAND_NOTHING, RATE_CLOSE, CACHE_NEVER, TAG_ORDERS | TAG_PORTFOLIO | TAG_RISK, handle_risk_put, IN(risk_change), OUT(risk_view) AUDIT("risk.changed"), "Replace my risk limits: one that is left out is unset; the state stays when it is left out"),
ROUTE_USER  (PATCH, "/risk", "risk:write", DEMAND_NOTHING, RATE_CLOSE, CACHE_NEVER, TAG_ORDERS | TAG_PORTFOLIO | TAG_RISK, handle_risk_patch, IN(risk_patch), OUT(risk_view) AUDIT("risk.changed"), "Change some of my risk limits, or the state: what is left out stays, null unsets"),
ROUTE_USER  (POST, "/risk/halt", "risk:write", DEMAND_NOTHING, RATE_HALT, CACHE_NEVER, TAG_ORDERS | TAG_PORTFOLIO | TAG_RISK | TAG_SIGNALS, handle_risk_halt, IN(risk_halting), OUT(risk_view) AUDIT("risk.halted"), "Stop: cancel what may open a position, and take no more; what protects one stays, unless all is to be cancelled"),

ROUTE_USER  (GET, "/notifications", "settings:read", DEMAND_NOTHING, RATE_GENERAL, CACHE_PRIVATE, TAG_NOTHING, handle_notifications, IN(page_query), OUT(notifications), "What I was told, or was to be told, newest first"),
ROUTE_USER  (GET, "/notifications/channels", "settings:read", DEMAND_NOTHING, RATE_GENERAL, CACHE_PRIVATE, TAG_NOTHING, handle_channels, NO_INPUT, OUT(channels), "Where I am told"),
ROUTE_USER  (POST, "/notifications/channels", "settings:write", DEMAND_FRESH | TAKES_KEY | HIDES_ANSWER, RATE_SENSITIVE, CACHE_NEVER, TAG_NOTHING, handle_channel_create, IN(channel_new), CREATED(channel_created) AUDIT("channel.created"), "Be told by Telegram, e-mail or a webhook; a webhook's key is in this answer only"),
ROUTE_USER  (PATCH, "/notifications/channels/{id}", "settings:write", DEMAND_NOTHING, RATE_GENERAL, CACHE_NEVER, TAG_NOTHING, handle_channel_update, IN(channel_change), OUT(channel_view) AUDIT("channel.changed"), "Switch it on or off, or choose what it tells"),
ROUTE_USER  (DELETE, "/notifications/channels/{id}", "settings:write", DEMAND_NOTHING, RATE_GENERAL, CACHE_NEVER, TAG_NOTHING, handle_channel_remove, IN(by_id), NO_CONTENT AUDIT("channel.removed"), "Remove it, with its messages"),
ROUTE_USER  (POST, "/notifications/channels/{id}/test", "settings:write", TAKES_KEY, RATE_SENSITIVE, CACHE_NEVER, TAG_NOTHING, handle_channel_test, IN(by_id), QUEUED(errand_view), "Send a test there; Location says where the answer will be"),

ROUTE_USER  (GET, "/hooks", "account:read", DEMAND_SESSION, RATE_GENERAL, CACHE_NEVER, TAG_NOTHING, handle_hooks, NO_INPUT, OUT(hooks), "My hooks: addresses that take orders from alerts"),
ROUTE_USER  (POST, "/hooks", "account:write", DEMAND_FRESH | TAKES_KEY | HIDES_ANSWER, RATE_SENSITIVE, CACHE_NEVER, TAG_NOTHING, handle_hook_create, IN(hook_new), CREATED(hook_created) AUDIT("hook.created"), "Make a hook; its address and key are in this answer only"),
ROUTE_USER  (PATCH, "/hooks/{id}", "account:write", DEMAND_FRESH, RATE_SENSITIVE, CACHE_NEVER, TAG_NOTHING, handle_hook_update, IN(hook_change), OUT(hook_view) AUDIT("hook.changed"), "Change a hook's bounds, or switch it on or off"),
ROUTE_USER  (DELETE, "/hooks/{id}", "account:write", DEMAND_SESSION, RATE_SENSITIVE, CACHE_NEVER, TAG_NOTHING, handle_hook_remove, IN(by_id), NO_CONTENT AUDIT("hook.removed"), "Remove a hook; its orders stay"),
ROUTE_USER  (POST, "/hooks/{id}/rotate", "account:write", DEMAND_FRESH, RATE_SENSITIVE, CACHE_NEVER, TAG_NOTHING, handle_hook_rotate, IN(by_id), OUT(hook_created) AUDIT("hook.rotated"), "Another address and key; the old ones are dead at once"),
ROUTE_USER  (GET, "/hooks/{id}/deliveries", "account:read", DEMAND_SESSION, RATE_GENERAL, CACHE_NEVER, TAG_NOTHING, handle_hook_deliveries, IN(hook_deliveries_query), OUT(hook_deliveries), "Its calls and what came of each, newest first"),
ROUTE_PUBLIC(POST, "/hooks/{id}", DEMAND_NOTHING, RATE_HOOK, CACHE_NEVER, TAG_NOTHING, handle_hook_call, IN(hook_call), OUT(hook_answer), "What an alert calls: the id is the hook's secret"),

ROUTE_ADMIN (GET,    "/scheduler/jobs",              "admin:read",       DEMAND_NOTHING, RATE_GENERAL,   CACHE_NEVER,   TAG_NOTHING,    handle_jobs,               NO_INPUT,              OUT(jobs),                "The background jobs: last run, next run, last error"),
ROUTE_ADMIN (POST,   "/scheduler/jobs/{name}/run",   "admin:write",      DEMAND_NOTHING, RATE_SENSITIVE, CACHE_NEVER,   TAG_NOTHING,    handle_job_run,            IN(job_name),          OUT(job) AUDIT("scheduler.run"), "Run a job as soon as the background process looks"),
ROUTE_ADMIN (POST,   "/scheduler/jobs/{name}/pause", "admin:write",      DEMAND_NOTHING, RATE_SENSITIVE, CACHE_NEVER,   TAG_NOTHING,    handle_job_pause,          IN(job_name),          OUT(job) AUDIT("scheduler.pause"), "Do not begin a job until it is resumed"),
ROUTE_ADMIN (POST,   "/scheduler/jobs/{name}/resume", "admin:write",     DEMAND_NOTHING, RATE_SENSITIVE, CACHE_NEVER,   TAG_NOTHING,    handle_job_resume,         IN(job_name),          OUT(job) AUDIT("scheduler.resume"), "Let a paused job run again"),

ROUTE_ADMIN (GET,    "/admin/limits",                "admin:read",       DEMAND_NOTHING, RATE_GENERAL,   CACHE_NEVER,   TAG_NOTHING,    handle_admin_limits,       NO_INPUT,              OUT(limits_view),         "Rate limits in force, and who is in a cool-down"),
ROUTE_ADMIN (DELETE, "/admin/limits/{subject}",      "admin:write",      DEMAND_NOTHING, RATE_SENSITIVE, CACHE_NEVER,   TAG_NOTHING,    handle_admin_limit_forgive, IN(limit_subject),    NO_CONTENT AUDIT("admin.limits.forgiven"), "Forget an address's, user's or key's windows"),
ROUTE_ADMIN (GET,    "/admin/cache",                 "admin:read",       DEMAND_NOTHING, RATE_GENERAL,   CACHE_NEVER,   TAG_NOTHING,    handle_admin_cache,        NO_INPUT,              OUT(cache_view),          "How the cache does"),
ROUTE_ADMIN (DELETE, "/admin/cache",                 "admin:write",      DEMAND_NOTHING, RATE_SENSITIVE, CACHE_NEVER,   TAG_NOTHING,    handle_admin_cache_flush,  NO_INPUT,              NO_CONTENT AUDIT("admin.cache.flushed"), "Drop all kept answers"),
ROUTE_ADMIN (GET,    "/admin/audit",                 "admin:read",       DEMAND_NOTHING, RATE_GENERAL,   CACHE_NEVER,   TAG_NOTHING,    handle_admin_audit,        IN(audit_query),       OUT(audit_entries),       "The audit log, newest first"),

ROUTE_USER  (GET,    "/dashboard/overview",          "backtests:read strategies:read market:read portfolio:read orders:read", DEMAND_NOTHING, RATE_GENERAL,   CACHE_OVERVIEW, TAG_STRATEGIES | TAG_BACKTESTS | TAG_MARKET | TAG_ORDERS | TAG_PORTFOLIO | TAG_SIGNALS | TAG_SETTINGS, handle_dashboard_overview, NO_INPUT, OUT(dashboard_overview), "The first page: what I have, my newest backtests, the symbols, the desk"),
ROUTE_USER  (GET,    "/dashboard/trading",           "orders:read portfolio:read strategies:read", DEMAND_NOTHING, RATE_GENERAL,   CACHE_TRADING, TAG_ORDERS | TAG_PORTFOLIO | TAG_STRATEGIES | TAG_SIGNALS | TAG_MARKET, handle_dashboard_trading, NO_INPUT, OUT(dashboard_trading), "The page of trading: accounts, positions, open orders, fills, what was won and lost"),
ROUTE_USER  (GET,    "/dashboard/risk",              "risk:read orders:read portfolio:read strategies:read", DEMAND_NOTHING, RATE_GENERAL,   CACHE_RISK, TAG_RISK | TAG_ORDERS | TAG_PORTFOLIO | TAG_STRATEGIES | TAG_SIGNALS | TAG_MARKET, handle_dashboard_risk, NO_INPUT, OUT(dashboard_risk), "The page of risk: each limit and its use, exposure, what was denied today"),
ROUTE_USER  (GET,    "/dashboard/signals",           "signals:read strategies:read", DEMAND_NOTHING, RATE_GENERAL,   CACHE_SIGNALS, TAG_SIGNALS | TAG_STRATEGIES | TAG_MARKET, handle_dashboard_signals, NO_INPUT, OUT(dashboard_signals), "The page of signals: runs, what they said last, what fired"),

ROUTE_ADMIN (GET,    "/admin/users",                 "admin:read",       DEMAND_NOTHING, RATE_GENERAL,   CACHE_NEVER,   TAG_NOTHING,    handle_admin_users,        IN(admin_users_query), OUT(admin_users),         "Accounts, by name"),
ROUTE_ADMIN (POST,   "/admin/users",                 "admin:write",      DEMAND_FRESH,   RATE_SENSITIVE, CACHE_NEVER,   TAG_NOTHING,    handle_admin_user_create,  IN(admin_user_new),    CREATED(user_view),       "Make an account with a role"),
ROUTE_ADMIN (GET,    "/admin/users/{id}",            "admin:read",       DEMAND_NOTHING, RATE_GENERAL,   CACHE_NEVER,   TAG_NOTHING,    handle_admin_user,         IN(by_id),             OUT(admin_user),          "One account"),
ROUTE_ADMIN (PATCH,  "/admin/users/{id}",            "admin:write",      DEMAND_FRESH,   RATE_SENSITIVE, CACHE_NEVER,   TAG_NOTHING,    handle_admin_user_change,  IN(admin_user_change), OUT(admin_user),          "Change the role, or disable or enable; ends sessions and API keys"),
ROUTE_ADMIN (DELETE, "/admin/users/{id}",            "admin:write",      DEMAND_FRESH,   RATE_SENSITIVE, CACHE_NEVER,   TAG_NOTHING,    handle_admin_user_remove,  IN(by_id),             NO_CONTENT,               "Remove an account and all that it owns"),
ROUTE_ADMIN (GET,    "/admin/users/{id}/sessions",   "admin:read",       DEMAND_NOTHING, RATE_GENERAL,   CACHE_NEVER,   TAG_NOTHING,    handle_admin_user_sessions, IN(by_id),            OUT(sessions),            "An account's sessions"),
ROUTE_ADMIN (DELETE, "/admin/users/{id}/sessions",   "admin:write",      DEMAND_FRESH,   RATE_SENSITIVE, CACHE_NEVER,   TAG_NOTHING,    handle_admin_user_sessions_end, IN(by_id),        NO_CONTENT,               "End them all, and its API keys"),
ROUTE_ADMIN (GET,    "/admin/settings",              "admin:read",       DEMAND_NOTHING, RATE_GENERAL,   CACHE_NEVER,   TAG_NOTHING,    handle_system_settings,    NO_INPUT,              OUT(system_settings),     "System settings that may be changed at run time"),
ROUTE_ADMIN (PUT,    "/admin/settings",              "admin:write",      DEMAND_FRESH,   RATE_SENSITIVE, CACHE_NEVER,   TAG_MARKET,     handle_system_settings_put, IN(system_settings_input), OUT(system_settings) AUDIT("admin.settings.changed"), "Change some of them; every process follows with its next request"),

ROUTE_PUBLIC(GET,    "/health",                                          DEMAND_NOTHING, RATE_NONE,      CACHE_NEVER,   TAG_NOTHING,    handle_health,             NO_INPUT,              RAW(JSON_TYPE),           "Is everything well; as ready"),
ROUTE_PUBLIC(GET,    "/health/live",                                     DEMAND_NOTHING, RATE_NONE,      CACHE_NEVER,   TAG_NOTHING,    handle_health_live,        NO_INPUT,              RAW(JSON_TYPE),           "Does a worker answer; no I/O"),
ROUTE_PUBLIC(GET,    "/health/ready",                                    DEMAND_NOTHING, RATE_NONE,      CACHE_NEVER,   TAG_NOTHING,    handle_health_ready,       NO_INPUT,              RAW(JSON_TYPE),           "Are database, keys, vault and store there; which of them, for trusted addresses"),
ROUTE_PUBLIC(GET,    "/health/startup",                                  DEMAND_NOTHING, RATE_NONE,      CACHE_NEVER,   TAG_NOTHING,    handle_health_startup,     NO_INPUT,              RAW(JSON_TYPE),           "Are migrations applied and keys readable"),
ROUTE_PUBLIC(GET,    "/health/metrics",                                  DEMAND_NOTHING, RATE_NONE,      CACHE_NEVER,   TAG_NOTHING,    handle_health_metrics,     NO_INPUT,              RAW(JSON_TYPE),           "Requests, errors, p50 and p99, for trusted addresses"),
ROUTE_PUBLIC(GET,    "/metrics",                                         DEMAND_NOTHING, RATE_ANONYMOUS, CACHE_NEVER,   TAG_NOTHING,    handle_metrics,            NO_INPUT,              RAW(METRICS_TYPE),        "Prometheus text, for trusted addresses and keys with metrics:read"),
ROUTE_PUBLIC(GET,    "/metrics/system",                                  DEMAND_NOTHING, RATE_ANONYMOUS, CACHE_NEVER,   TAG_NOTHING,    handle_metrics_system,     NO_INPUT,              OUT(system_figures),      "Uptime and workers"),
ROUTE_PUBLIC(GET,    "/openapi.json",                                    DEMAND_NOTHING, RATE_ANONYMOUS, CACHE_SHORT,   TAG_NOTHING,    handle_openapi,            NO_INPUT,              RAW(JSON_TYPE),           "This document"),
};
/* clang-format on */

const struct route_table routes = {
	.rows = rows, .count = sizeof(rows) / sizeof(rows[0])};
