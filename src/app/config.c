/*
 * The settings table, and what each part of the program needs from it.
 * Nothing else reads the environment.
 */
#include "config.h"

#include <fcntl.h>
#include <unistd.h>

#include "file.h"
#include "text.h"

static const char *const levels[] = {"debug", "info", "warn", "error", NULL};

#define ROW(member, name, ...) \
	CONF_ROW(struct config, member, name, __VA_ARGS__)
#define GIB (INT64_C(1) << 30)

/* clang-format off */
static const struct conf_row rows[] = {
	ROW(data_folder, "DATA_FOLDER", .initial = "var", .min = 1, .max = 1024,
		.help = "Keys, database, backups and run-time files."),
	ROW(database_url, "DATABASE_URL", .initial = "", .max = 1024,
		.help = "sqlite:PATH. Empty: kontor.db in DATA_FOLDER."),
	ROW(public_url, "PUBLIC_URL", .initial = "https://localhost:8443",
		.min = 8, .max = 256,
		.help = "Where browsers reach this server; used in links."),
	{ .name = "LOG_LEVEL", .kind = CONF_CHOICE,
		.offset = offsetof(struct config, log_level), .initial = "info",
		.choices = levels, .help = "Least level that is written." },
	ROW(log_file, "LOG_FILE", .initial = "", .max = 1024,
		.help = "Log to this file. Empty: standard error."),
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
	ROW(registrations_free, "REGISTRATIONS_FREE", .initial = "10",
		.min = 1, .max = 100000,
		.help = "Registrations from one address before delays begin."),
	ROW(argon2_ops, "ARGON2_PASSES", .initial = "2", .min = 2, .max = 20,
		.help = "Argon2id passes (t)."),
	ROW(argon2_kib, "ARGON2_MEMORY_KIB", .initial = "19456",
		.min = 19456, .max = 4194304, .unit = "KiB",
		.help = "Argon2id memory (m)."),
	ROW(sessions_per_user, "SESSIONS_PER_USER", .initial = "50",
		.min = 1, .max = 10000,
		.help = "Beyond it the oldest session ends."),
	ROW(api_keys_per_user, "API_KEYS_PER_USER", .initial = "50",
		.min = 0, .max = 10000, .help = "API keys of one user."),
	ROW(registration_open, "REGISTRATION_OPEN", .initial = "true",
		.help = "May strangers make an account?"),
	ROW(force_https, "FORCE_HTTPS", .initial = "true",
		.help = "Refuse API calls that came without TLS."),
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
	ROW(database_busy_ms, "DATABASE_BUSY_MS", .initial = "5000",
		.min = 10, .max = 60000, .unit = "ms",
		.help = "Longest wait for another writer."),
	ROW(strategies_per_user, "STRATEGIES_PER_USER", .initial = "200",
		.min = 1, .max = 100000, .help = "Strategies of one user."),
	ROW(backtests_per_user, "BACKTESTS_PER_USER", .initial = "1000",
		.min = 1, .max = 1000000, .help = "Stored backtests of one user."),
	ROW(backtest_bars, "BACKTEST_BARS", .initial = "500000",
		.min = 100, .max = 10000000,
		.help = "Most candles of one backtest."),
	ROW(work_interval_s, "WORK_INTERVAL_SECONDS", .initial = "60",
		.min = 1, .max = 3600, .unit = "s",
		.help = "How often the background process tidies up."),
};
/* clang-format on */

const struct conf_table config_table = {
	.rows = rows, .count = sizeof(rows) / sizeof(rows[0])};

enum err config_load(struct arena *arena, const char *path,
	struct report *report, struct config *out)
{
	return conf_load(&config_table, arena, path, report, out);
}

const char *config_key_folder(const struct config *config, struct arena *arena)
{
	return file_join(arena, config->data_folder, "keys");
}

const char *config_database_url(
	const struct config *config, struct arena *arena)
{
	if (config->database_url[0] != '\0')
		return config->database_url;
	return arena_format(arena, "sqlite:%s/kontor.db", config->data_folder);
}

struct auth_settings config_auth(
	const struct config *config, struct arena *arena)
{
	return (struct auth_settings){
		.key_folder = config_key_folder(config, arena),
		.issuer = config->jwt_issuer,
		.audience = config->jwt_audience,
		.access_ttl_s = config->access_minutes * 60,
		.refresh_ttl_s = config->refresh_days * 86400,
		.session_idle_s = config->session_idle_hours * 3600,
		.refresh_grace_s = config->refresh_grace_s,
		.reauth_window_s = config->reauth_minutes * 60,
		.setup_ttl_s = config->setup_link_minutes * 60,
		.login_free_failures = config->login_free_failures,
		.login_delay_cap_s = config->login_delay_cap_s,
		.registrations_free = config->registrations_free,
		.argon2_ops = config->argon2_ops,
		.argon2_kib = config->argon2_kib,
		.sessions_per_user = config->sessions_per_user,
		.api_keys_per_user = config->api_keys_per_user,
		.registration_open = config->registration_open,
	};
}

struct limits config_limits(const struct config *config)
{
	return (struct limits){
		.strategies_per_user = config->strategies_per_user,
		.backtests_per_user = config->backtests_per_user,
		.backtest_bars = config->backtest_bars,
	};
}

enum err config_log(const struct config *config, struct log *out)
{
	int fd = STDERR_FILENO;
	int level = LOG_DEBUG;

	while (!text_equal(levels[level], config->log_level))
		level++;
	if (config->log_file[0] != '\0')
		fd = open(config->log_file,
			O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	if (fd < 0)
		return ERR_UNAVAILABLE;
	*out = (struct log){.fd = fd, .least = (enum log_level)level};
	return ERR_OK;
}
