/*
 * What an operator may set: the one table in app/config.c, documented by
 * `kontor config describe` as docs/config.md.
 */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include "auth.h"
#include "conf.h"
#include "db.h"
#include "limits.h"
#include "log.h"

struct config {
	const char *data_folder;
	const char *database_url; /* "" : sqlite in the data folder */
	const char *public_url;
	const char *log_level, *log_file;
	const char *jwt_issuer, *jwt_audience;
	int64_t access_minutes, refresh_days, session_idle_hours;
	int64_t refresh_grace_s, reauth_minutes, setup_link_minutes;
	int64_t login_free_failures, login_delay_cap_s, registrations_free;
	int64_t argon2_ops, argon2_kib;
	int64_t sessions_per_user, api_keys_per_user;
	bool registration_open, force_https, check_replies;
	int64_t body_limit, public_body_limit;
	int64_t request_ms, receive_ms, request_memory;
	int64_t worker_requests, worker_connections, database_busy_ms;
	int64_t strategies_per_user, backtests_per_user, backtest_bars;
	int64_t work_interval_s;
};

extern const struct conf_table config_table;

/* path may be NULL: defaults and environment. */
MUST_CHECK enum err config_load(struct arena *arena, const char *path,
	struct report *report, struct config *out);
const char *config_key_folder(const struct config *config, struct arena *arena);
const char *config_database_url(
	const struct config *config, struct arena *arena);
struct auth_settings config_auth(
	const struct config *config, struct arena *arena);
struct limits config_limits(const struct config *config);
/* Opens LOG_FILE, or standard error. */
MUST_CHECK enum err config_log(const struct config *config, struct log *out);

#endif
