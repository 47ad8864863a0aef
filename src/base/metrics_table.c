/*
 * The families of figures: names, words, labels, kinds. A change here is
 * another layout, and the next process to start makes a new file. Must hold
 * nothing about one user: no names, no addresses, no ids in labels.
 */
#include "metrics_private.h"

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})
#define LABEL(label, ...)                                   \
	{                                                   \
		.name = (label), .fixed = LIST(__VA_ARGS__) \
	}
#define LABEL_OF(label, source)                   \
	{                                         \
		.name = (label), .from = (source) \
	}
#define VENUES LABEL("venue", "binance", "coingecko")
#define POOLS LABEL("pool", "api", "auth")

/* What the API can answer; another one counts as the last. */
const char *const metrics_statuses[] = {"200", "201", "202", "204", "206",
	"304", "400", "401", "403", "404", "405", "406", "408", "409", "412",
	"413", "415", "422", "423", "428", "429", "431", "500", "501", "502",
	"503", "504", "other", NULL};

const int64_t metrics_bounds[METRICS_BUCKETS - 1] = {100, 250, 500, 1000, 2500,
	5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000,
	5000000, 10000000};
const char *const metrics_bound_texts[METRICS_BUCKETS] = {"0.0001", "0.00025",
	"0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1",
	"0.25", "0.5", "1", "2.5", "5", "10", "+Inf"};

/* clang-format off */
const struct metrics_family metrics_families[METRIC_COUNT] = {
	[METRIC_REQUESTS] = { "kontor_http_requests_total",
		"Requests answered, by route and status.", METRICS_COUNTER,
		{LABEL_OF("route", METRICS_ROUTES),
		 {.name = "status", .fixed = metrics_statuses}},
		.sparse = true },
	/* Always there, all four: of the family above a pair appears with
	   its first request, which rate() cannot see. */
	[METRIC_RESPONSES] = { "kontor_http_responses_total",
		"Requests answered, by class of status.", METRICS_ANSWERS,
		{LABEL("class", "2xx", "3xx", "4xx", "5xx")} },
	[METRIC_REQUEST_SECONDS] = { "kontor_http_request_duration_seconds",
		"Time from the parsed request to its finished answer.",
		METRICS_TIMES, {LABEL_OF("route", METRICS_ROUTES)},
		.sparse = true },
	[METRIC_DATABASE_OPS] = { "kontor_database_operations_total",
		"Statements and transactions; error: those that failed.",
		METRICS_COUNTER,
		{LABEL("op", "query", "run", "begin", "commit", "error")} },
	[METRIC_DATABASE_SECONDS] = { "kontor_database_operation_seconds",
		"Time of statements that write, of their transactions' "
		"begin (the wait for other writers) and commit, and of one "
		"read in 16.", METRICS_TIMES, {LABEL("op", "read", "write")} },
	[METRIC_STORE_OPS] = { "kontor_store_operations_total",
		"Calls of the shared store.", METRICS_COUNTER,
		{LABEL("backend", "local", "redis"),
		 LABEL("op", "get", "put", "remove", "add", "look", "keep",
			"hold", "release", "take", "other")} },
	[METRIC_STORE_ERRORS] = { "kontor_store_errors_total",
		"Calls of the shared store that failed.", METRICS_COUNTER,
		{LABEL("backend", "local", "redis")} },
	[METRIC_STORE_DEGRADED] = { "kontor_store_degraded",
		"1 while Redis is configured and the local store answers.",
		METRICS_GAUGE, {{0}} },
	[METRIC_CACHE_HITS] = { "kontor_cache_hits_total",
		"Answers found in the cache.", METRICS_COUNTER,
		{LABEL_OF("class", METRICS_CLASSES)} },
	[METRIC_CACHE_MISSES] = { "kontor_cache_misses_total",
		"Answers that were computed.", METRICS_COUNTER,
		{LABEL_OF("class", METRICS_CLASSES)} },
	[METRIC_CACHE_STALE] = { "kontor_cache_stale_total",
		"Answers past their life, served while another computed.",
		METRICS_COUNTER, {LABEL_OF("class", METRICS_CLASSES)} },
	[METRIC_CACHE_BYTES] = { "kontor_cache_bytes",
		"Bytes that the shared store holds.", METRICS_GAUGE, {{0}} },
	[METRIC_CACHE_ENTRIES] = { "kontor_cache_entries",
		"Entries that the shared store holds.", METRICS_GAUGE, {{0}} },
	[METRIC_RATE_VIOLATIONS] = { "kontor_rate_limit_violations_total",
		"Requests refused by a rate limit.", METRICS_COUNTER,
		{LABEL_OF("rule", METRICS_RULES)} },
	[METRIC_AUTH_ATTEMPTS] = { "kontor_auth_attempts_total",
		"Logins; limited: refused before the password was looked at.",
		METRICS_COUNTER,
		{LABEL("result", "success", "failure", "limited")} },
	[METRIC_TOKEN_CHECKS] = { "kontor_token_checks_total",
		"Access tokens and API keys that were checked.",
		METRICS_COUNTER,
		{LABEL("result", "valid", "invalid", "revoked", "expired")} },
	[METRIC_WORKERS] = { "kontor_workers",
		"Living workers.", METRICS_PROCESSES, {POOLS} },
	[METRIC_WORKER_STARTS] = { "kontor_worker_starts_total",
		"Workers that were started.", METRICS_COUNTER, {POOLS} },
	[METRIC_WORK_BEAT] = { "kontor_work_heartbeat_age_seconds",
		"Since the background process last said that it lives; -1: "
		"never.", METRICS_SINCE, {{0}}, .never = -1 },
	/* not "job": Prometheus has that label for itself */
	[METRIC_JOB_RUNS] = { "kontor_job_runs_total",
		"Jobs of the background process that ended.", METRICS_COUNTER,
		{LABEL_OF("task", METRICS_JOBS),
		 LABEL("result", "ok", "failed")} },
	[METRIC_JOB_SECONDS] = { "kontor_job_duration_seconds",
		"Time of a job's run.", METRICS_TIMES,
		{LABEL_OF("task", METRICS_JOBS)}, .sparse = true },
	[METRIC_QUEUE_AGE] = { "kontor_queue_age_seconds",
		"How long the oldest job that is due has been waiting.",
		METRICS_SINCE, {{0}}, .never = 0 },
	[METRIC_RUNS_OPEN] = { "kontor_runs_open",
		"Backtests and searches that wait or run.", METRICS_GAUGE,
		{{0}} },
	[METRIC_RUNS_AGE] = { "kontor_runs_wait_age_seconds",
		"How long the oldest of them that nobody has begun has been "
		"waiting.", METRICS_SINCE, {{0}}, .never = 0 },
	[METRIC_RUNS] = { "kontor_runs_total",
		"Queued backtests and searches that ended; cancelled ones do "
		"not count.", METRICS_COUNTER,
		{LABEL_OF("kind", METRICS_RUN_KINDS),
		 LABEL("result", "done", "failed")} },
	[METRIC_RUN_SECONDS] = { "kontor_run_slice_seconds",
		"Time of the slices that runners compute; the sum is how long "
		"they were busy.", METRICS_TIMES,
		{LABEL_OF("kind", METRICS_RUN_KINDS)}, .sparse = true },
	[METRIC_BACKUP_AGE] = { "kontor_backup_age_seconds",
		"Age of the newest backup; -1: there is none.", METRICS_SINCE,
		{{0}}, .never = -1 },
	[METRIC_AUDIT_ROWS] = { "kontor_audit_rows_total",
		"Rows added to the audit log.", METRICS_COUNTER, {{0}} },
	[METRIC_AUDIT_BROKEN] = { "kontor_audit_broken",
		"1 when the audit log's chain did not verify.", METRICS_GAUGE,
		{{0}} },
	[METRIC_CERTIFICATE_EXPIRY] = { "kontor_certificate_expiry_seconds",
		"Until the certificate of SSL_CERTFILE ends.", METRICS_UNTIL,
		{{0}} },
	[METRIC_STRATEGY_RUNS] = { "kontor_strategy_runs",
		"Runs of strategies.", METRICS_GAUGE,
		{LABEL("state", "running", "stopped", "failed")} },
	[METRIC_SIGNALS] = { "kontor_signals_total",
		"Candles that running strategies were evaluated on, by what "
		"came out.", METRICS_COUNTER,
		{LABEL("kind", "entry_long", "entry_short", "exit_long",
			"exit_short", "none")} },
	[METRIC_SIGNALS_AGE] = { "kontor_signals_age_seconds",
		"Since running strategies had last seen every closed candle; "
		"-1: never.", METRICS_SINCE, {{0}}, .never = -1 },
	[METRIC_SIGNAL_STRENGTH] = { "kontor_signal_strength_percent_total",
		"Strengths of the signals that fired, added up in percent: by "
		"their number, the mean.", METRICS_COUNTER, {{0}} },
	[METRIC_ORDERS] = { "kontor_order_steps_total",
		"Steps of orders, by the state that they led to.",
		METRICS_COUNTER, {LABEL_OF("state", METRICS_STATES)} },
	[METRIC_DENIALS] = { "kontor_orders_denied_total",
		"Orders that risk refused, by its reason.", METRICS_COUNTER,
		{LABEL_OF("reason", METRICS_REASONS)} },
	[METRIC_FILLS] = { "kontor_fills_total",
		"Fills of orders.", METRICS_COUNTER,
		{LABEL_OF("venue", METRICS_VENUES)} },
	[METRIC_ORDERS_OPEN] = { "kontor_orders_open",
		"Orders that can still fill.", METRICS_GAUGE,
		{LABEL_OF("state", METRICS_STATES)} },
	[METRIC_EQUITY] = { "kontor_equity",
		"Equity of all open accounts of all users, whole money, as of "
		"their last snapshots.", METRICS_GAUGE,
		{LABEL_OF("venue", METRICS_VENUES)} },
	[METRIC_PROFIT] = { "kontor_profit",
		"The same, above what the accounts began with.", METRICS_GAUGE,
		{LABEL_OF("venue", METRICS_VENUES)} },
	[METRIC_POSITIONS] = { "kontor_positions",
		"Positions that are held.", METRICS_GAUGE,
		{LABEL_OF("venue", METRICS_VENUES)} },
	[METRIC_PAPER_LAG] = { "kontor_paper_lag_seconds",
		"Since the resting paper order that is furthest behind its "
		"candles had last met one.", METRICS_SINCE, {{0}}, .never = 0 },
	[METRIC_PAPER_AGE] = { "kontor_paper_age_seconds",
		"Since every resting paper order had met every closed candle; "
		"-1: never.", METRICS_SINCE, {{0}}, .never = -1 },
	[METRIC_PORTFOLIO_DIFFERS] = { "kontor_portfolio_differs",
		"1 when an account did not follow from its fills.",
		METRICS_GAUGE, {{0}} },
	[METRIC_TRADING_HALTED] = { "kontor_trading_halted",
		"1 while an admin has stopped everybody.", METRICS_GAUGE,
		{{0}} },
	[METRIC_MARKET_AGE] = { "kontor_market_age_seconds",
		"Age of the oldest of the quotes that are fetched; -1: none "
		"is.", METRICS_SINCE, {{0}}, .never = -1 },
	[METRIC_MARKET_FETCHED] = { "kontor_market_fetched_age_seconds",
		"Since a source of market data last answered well; -1: never.",
		METRICS_SINCE, {{0}}, .never = -1 },
	[METRIC_MARKET_CALLS] = { "kontor_market_calls_total",
		"Calls of sources of market data.", METRICS_COUNTER,
		{LABEL("source", "binance", "coingecko"),
		 LABEL("result", "ok", "failed")} },
	[METRIC_WATCH_AGE] = { "kontor_watch_age_seconds",
		"Since the stop-loss watch had last looked at every new quote; "
		"-1: never.", METRICS_SINCE, {{0}}, .never = -1 },
	[METRIC_WATCH_SECONDS] = { "kontor_watch_fill_seconds",
		"From a quote's arrival to the commit of a fill at it.",
		METRICS_TIMES, {{0}} },
	[METRIC_VENUE_SECONDS] = { "kontor_venue_request_seconds",
		"Time of requests to venues and sources of prices that left.",
		METRICS_TIMES,
		{VENUES, LABEL("kind", "order", "account", "market")},
		.sparse = true },
	[METRIC_VENUE_ERRORS] = { "kontor_venue_errors_total",
		"Requests to them that went wrong; refused: the venue said no, "
		"and why.", METRICS_COUNTER,
		{VENUES, LABEL("error", "timeout", "connection", "4xx", "418",
			"429", "5xx", "refused", "answer")} },
};
/* clang-format on */

const char *metrics_name(enum metric metric)
{
	return metric < METRIC_COUNT ? metrics_families[metric].name : NULL;
}
