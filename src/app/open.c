/*
 * Everything that the processes of one installation share, opened in one
 * place so that they all agree on where it is. Never starts half: a part
 * that is missing says so, with the command that makes it.
 */
#include "open.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cache.h"
#include "database.h"
#include "file.h"
#include "jobs.h"
#include "orders.h"
#include "rate.h"
#include "risk.h"
#include "route.h"
#include "routes.h"
#include "runs.h"

static const char memory_folder[] = "/dev/shm";

/* ---- where ----------------------------------------------------------------- */

/* FNV-1a: tells folders apart; nothing secret hangs on it. */
static uint64_t digest_of(const char *text)
{
	uint64_t sum = UINT64_C(14695981039346656037);

	for (; *text != '\0'; text++)
		sum = (sum ^ (unsigned char)*text) * UINT64_C(1099511628211);
	return sum;
}

/*
 * The whole size counts, not what is free: each process must come to the
 * same answer, whenever it starts. Twice, since a full one would leave no
 * room to anybody else.
 */
static bool memory_folder_fits(const struct config *config)
{
	struct statvfs info;

	return access(memory_folder, W_OK | X_OK) == 0 &&
	       statvfs(memory_folder, &info) == 0 &&
	       (uint64_t)info.f_blocks * info.f_frsize / 2 >=
		       (uint64_t)config->store_bytes;
}

static const char *shared_path(
	const struct config *config, struct arena *arena, const char *name)
{
	char *real;
	const char *path;

	if (!memory_folder_fits(config))
		return arena_format(
			arena, "%s/run/%s", config->data_folder, name);
	real = realpath(config->data_folder, NULL);
	path = arena_format(arena, "%s/kontor-%lld-%016llx.%s", memory_folder,
		(long long)geteuid(),
		(unsigned long long)digest_of(
			real ? real : config->data_folder),
		name);
	free(real);
	return path;
}

const char *shared_store_path(const struct config *config, struct arena *arena)
{
	if (config->store_file[0] != '\0')
		return config->store_file;
	return shared_path(config, arena, "store");
}

const char *shared_metrics_path(
	const struct config *config, struct arena *arena)
{
	return shared_path(config, arena, "metrics");
}

const char *shared_live_path(const struct config *config, struct arena *arena)
{
	return shared_path(config, arena, "live");
}

/* ---- the figures ----------------------------------------------------------- */

struct metrics_labels shared_labels(struct arena *arena)
{
	return (struct metrics_labels){
		.routes = route_labels(arena, &routes),
		.rules = rate_rule_names,
		.cache_classes = cache_class_names,
		.jobs = job_names,
		.run_kinds = run_kind_names,
		.venues = order_venues,
		.order_states = order_states,
		.risk_reasons = risk_reasons,
	};
}

/* Figures are worth having, not worth refusing to serve for. */
static enum err metrics_start(const struct config *config, struct arena *arena,
	struct report *report, struct shared *shared)
{
	const struct metrics_options options = {
		.path = shared_metrics_path(config, arena),
		.labels = shared_labels(arena),
	};
	enum err err;

	err = metrics_open(arena, &options, &shared->metrics);
	if (err != ERR_BAD_INPUT)
		return ERR_OK;
	report_detail(report,
		"%s belongs to somebody else, or others may use it: remove it",
		options.path);
	return ERR_UNAVAILABLE;
}

/* ---- the store and the audit ------------------------------------------------ */

static enum err store_start(const struct config *config, struct arena *arena,
	struct report *report, struct shared *shared)
{
	const struct store_options options = {
		.local_path = shared_store_path(config, arena),
		.local_bytes = config->store_bytes,
		.redis_url = config->redis_url,
		.redis_password = config->redis_password[0] != '\0'
					  ? config->redis_password
					  : NULL,
		.redis_timeout_ms = config->redis_timeout_ms,
		.redis_pause_ms = 1000,
		.metrics = shared->metrics,
	};

	return store_open(arena, &options, report, &shared->store);
}

static enum err audit_start(const struct config *config, struct arena *arena,
	struct report *report, struct shared *shared)
{
	const struct audit_options options = {
		.db = shared->db,
		.key_folder = config_key_folder(config, arena),
		.metrics = shared->metrics,
	};

	if (access(file_join(arena, options.key_folder, "audit.keys"), F_OK) !=
			0 &&
		errno == ENOENT) {
		report_detail(report,
			"keys/audit.keys is missing: kontor init makes it");
		return ERR_UNAVAILABLE;
	}
	return audit_open(arena, &options, report, &shared->audit);
}

/* ---- all of it --------------------------------------------------------------- */

/* The operator's commands hash without a slot: he must be able to set a
   password while strangers keep all of them busy. */
static enum err auth_start(const struct config *config, struct arena *arena,
	struct report *report, bool command, struct shared *shared)
{
	struct auth_settings settings = config_auth(config, arena);

	if (command)
		settings.run_folder = NULL;
	settings.store = shared->store;
	settings.audit = shared->audit;
	settings.metrics = shared->metrics;
	return auth_open(arena, shared->db, &settings, report, &shared->auth);
}

static enum err rest_start(const struct config *config, struct arena *arena,
	struct report *report, bool command, struct shared *shared)
{
	enum err err = database_open(
		config, arena, shared->metrics, report, &shared->db);

	if (err == ERR_OK)
		err = audit_start(config, arena, report, shared);
	if (err == ERR_OK)
		err = auth_start(config, arena, report, command, shared);
	return err;
}

enum err shared_open(const struct config *config, struct arena *arena,
	struct report *report, struct shared *out)
{
	struct shared shared = {.db = NULL};
	enum err err = metrics_start(config, arena, report, &shared);

	if (err == ERR_OK)
		err = store_start(config, arena, report, &shared);
	if (err == ERR_OK)
		err = rest_start(config, arena, report, false, &shared);
	if (err != ERR_OK) {
		shared_close(&shared);
		return err;
	}
	*out = shared;
	return ERR_OK;
}

enum err shared_open_runner(const struct config *config, struct arena *arena,
	struct report *report, struct shared *out)
{
	struct shared shared = {.db = NULL};
	enum err err = metrics_start(config, arena, report, &shared);

	if (err == ERR_OK)
		err = store_start(config, arena, report, &shared);
	if (err == ERR_OK)
		err = database_open(
			config, arena, shared.metrics, report, &shared.db);
	if (err != ERR_OK) {
		shared_close(&shared);
		return err;
	}
	*out = shared;
	return ERR_OK;
}

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

enum err shared_join(const struct config *config, struct arena *arena,
	struct report *report, struct shared *out)
{
	struct shared shared = {.db = NULL};
	enum err err = ERR_OK;

	if (is_there(shared_metrics_path(config, arena)))
		err = metrics_start(config, arena, report, &shared);
	if (err == ERR_OK &&
		(config->redis_url[0] != '\0' ||
			is_there(shared_store_path(config, arena))))
		err = store_start(config, arena, report, &shared);
	if (err == ERR_OK)
		err = rest_start(config, arena, report, true, &shared);
	if (err != ERR_OK) {
		shared_close(&shared);
		return err;
	}
	*out = shared;
	return ERR_OK;
}

void shared_close(struct shared *shared)
{
	auth_close(&shared->auth);
	audit_close(&shared->audit);
	store_close(&shared->store);
	db_close(&shared->db);
	metrics_close(&shared->metrics);
}
