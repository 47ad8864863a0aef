/*
 * What each part of the program needs from the settings (config_table.c).
 * Nothing else reads the environment.
 */
#include "config.h"

#include <unistd.h>

#include "feeds.h"
#include "file.h"
#include "guard.h"
#include "text.h"

static const char asset_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/* The host of an absolute URL is this machine's own. */
static bool is_own_name(const char *url)
{
	static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
	const char *host = strstr(url, "://");

	if (!host)
		return false;
	host += 3;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t len = strlen(names[i]);

		if (text_starts(host, names[i]) &&
			(host[len] == '\0' || strchr(":/", host[len])))
			return true;
	}
	return false;
}

/* Only of what was just loaded: a worker wipes its secrets afterwards
   (conf_wipe), and checks the rest again on each change by an admin. */
static enum err secrets_check(
	const struct config *config, struct report *report)
{
	size_t before = report->fault_count;

	if ((config->smtp_user[0] != '\0') !=
		(config->smtp_password[0] != '\0'))
		report_fault(report, "SMTP_USER",
			"and SMTP_PASSWORD are set together or not at all");
	if ((config->plaid_client_id[0] != '\0') !=
		(config->plaid_secret[0] != '\0'))
		report_fault(report, "PLAID_CLIENT_ID",
			"and PLAID_SECRET are set together or not at all");
	return report->fault_count == before ? ERR_OK : ERR_BAD_INPUT;
}

enum err config_check(
	const struct config *config, struct arena *arena, struct report *report)
{
	const bool production = text_equal(config->environment, "production");
	size_t before = report->fault_count;
	struct list feeds;

	/* what is wrong with it stands in the report */
	(void)!feeds_parse(arena, config->market_symbols, report, &feeds);
	if (strspn(config->paper_currency, asset_letters) !=
		strlen(config->paper_currency))
		report_fault(report, "PAPER_CURRENCY",
			"must be letters and digits such as USD or USDT");
	if (production && config->outbound_loopback)
		report_fault(report, "OUTBOUND_LOOPBACK",
			"is for tests: not with ENVIRONMENT=production");
	if (production && config->check_replies)
		report_fault(report, "CHECK_REPLIES",
			"is for tests: not with ENVIRONMENT=production");
	if (production && !config->force_https &&
		!is_own_name(config->public_url))
		report_fault(report, "FORCE_HTTPS",
			"may be off only on this machine's own name: not with "
			"ENVIRONMENT=production and this PUBLIC_URL");
	if ((config->ssl_certfile[0] != '\0') !=
		(config->ssl_keyfile[0] != '\0'))
		report_fault(report, "SSL_CERTFILE",
			"and SSL_KEYFILE are set together or not at all");
	if (config->smtp_url[0] != '\0' && !strchr(config->smtp_from, '@'))
		report_fault(report, "SMTP_FROM",
			"must be an e-mail address when SMTP_URL is set");
	guard_check(config, report);
	return report->fault_count == before ? ERR_OK : ERR_BAD_INPUT;
}

enum err config_load(struct arena *arena, const char *path,
	struct report *report, struct config *out)
{
	struct config config;
	struct conf_traced traced = {.settings = &config};
	enum err err = conf_load(&config_table, arena, path, report, &traced);

	if (err == ERR_OK)
		err = config_check(&config, arena, report);
	if (err == ERR_OK)
		err = secrets_check(&config, report);
	if (err != ERR_OK)
		return err;
	config.origins = traced.origins;
	*out = config;
	return ERR_OK;
}

const char *config_key_folder(const struct config *config, struct arena *arena)
{
	return file_join(arena, config->data_folder, "keys");
}

const char *config_backup_folder(
	const struct config *config, struct arena *arena)
{
	if (config->backup_folder[0] != '\0')
		return config->backup_folder;
	return file_join(arena, config->data_folder, "backups");
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
	const struct rate_limit account =
		rate_limit_read(arena, config->rate_rules[RATE_RULE_ACCOUNT]);

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
		.argon2_ops = config->argon2_ops,
		.argon2_kib = config->argon2_kib,
		.hashes_at_once = config->hashes_at_once,
		.sessions_per_user = config->sessions_per_user,
		.api_keys_per_user = config->api_keys_per_user,
		.registration_open = config->registration_open,
		.run_folder = file_join(arena, config->data_folder, "run"),
		.account_limit = account.limit,
		.account_window_s = account.window_s,
		.jwt_secret = config->jwt_secret[0] != '\0' ? config->jwt_secret
							    : NULL,
	};
}

struct limits config_limits(const struct config *config)
{
	return (struct limits){
		.strategies_per_user = config->strategies_per_user,
		.backtests_per_user = config->backtests_per_user,
		.backtest_bars = config->backtest_bars,
		.runs_per_user = config->runs_per_user,
		.trade = config_trade(config),
		.notify = config_notify(config),
		.live = config_live(config),
		.money = {config->paper_currency, config->currencies_equal},
		.backtest_inline_work = config->backtest_inline_work,
		.backtest_candle_bytes = config->backtest_candle_bytes,
		.backtest_runs_hour = config->backtest_runs_hour,
		.runs_at_once = config->runs_at_once,
		.searches_per_user = config->searches_per_user,
		.run_seconds = config->run_seconds,
		.search_points = config->search_points,
		.errands_at_once = config->errands_at_once,
		.bank_links = config->bank_links,
		.bank_on = config->plaid_client_id &&
			   config->plaid_client_id[0] != '\0',
	};
}

enum err config_log(
	const struct config *config, struct arena *arena, struct log *out)
{
	enum log_level least = log_level_named(config->log_level);

	if (config->log_file[0] != '\0')
		return log_open(arena, config->log_file, least, out);
	*out = (struct log){.fd = STDERR_FILENO, .least = least};
	return ERR_OK;
}

/* One of the two streams with a file of their own by default. */
static enum err stream_open(const struct config *config, struct arena *arena,
	const char *path, const char *name, struct log *out)
{
	const char *folder = file_join(arena, config->data_folder, "log");
	enum err err;

	if (path[0] != '\0')
		return log_open(arena, path, LOG_INFO, out);
	err = file_folder(folder, 0750);
	if (err != ERR_OK)
		return err;
	return log_open(arena, file_join(arena, folder, name), LOG_INFO, out);
}

enum err config_streams(
	const struct config *config, struct arena *arena, struct streams *out)
{
	struct streams streams;
	enum err err = config_log(config, arena, &streams.access);

	if (err != ERR_OK)
		return err;
	streams.security = streams.access;
	streams.limits = streams.access;
	if (!text_equal(config->security_log_file, "-"))
		err = stream_open(config, arena, config->security_log_file,
			"security.log", &streams.security);
	if (err == ERR_OK && !text_equal(config->limit_log_file, "-"))
		err = stream_open(config, arena, config->limit_log_file,
			"limits.log", &streams.limits);
	if (err == ERR_OK)
		*out = streams;
	return err;
}
