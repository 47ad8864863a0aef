/*
 * kontor.fcgi: one worker. Opens what requests need (it can seal secrets,
 * never open them; it opens no network connection), then serves until it is
 * asked to end. A fault at start-up is said in one line, and the worker
 * waits a second before it ends, so that a supervisor that never gives up
 * does not spin.
 */
#include "address.h"
#include "clock.h"
#include "config.h"
#include "docs.h"
#include "door.h"
#include "gate.h"
#include "guard.h"
#include "harden.h"
#include "health_checks.h"
#include "live.h"
#include "log.h"
#include "metrics.h"
#include "once_api.h"
#include "open.h"
#include "openapi.h"
#include "routes.h"
#include "text.h"
#include "vault.h"

#include <unistd.h>

enum {
	PROCESS_MEMORY = 64 << 20,
	OPENAPI_LIMIT = 8 << 20
};

struct worker {
	struct arena *arena; /* of the process */
	struct report *report;
	struct config config;
	struct streams streams;
	struct shared shared;
	struct vault *vault;
	struct limits limits;
	struct guard guard;
	struct address_nets trusted_addresses;
	struct health_parts health;
	struct json_text openapi;
	struct services services;
	struct gate gate;
	struct live *live;
};

/* Settings that an admin may have changed; also called at start-up. What
   else follows such settings is taken over here. */
static enum err live_apply(void *context, const struct config *config,
	struct arena *arena, struct report *report)
{
	struct worker *worker = context;
	const struct auth_settings settings = config_auth(config, arena);
	struct guard guard;
	enum err err = guard_again(
		config, arena, report, worker->guard.tracing, &guard);

	if (err != ERR_OK)
		return err;
	worker->guard = guard;
	guard_offer(&worker->guard, &worker->services);
	worker->limits = config_limits(config);
	auth_change(worker->shared.auth, &settings);
	return ERR_OK;
}

static void live_follow(struct worker *worker)
{
	bool changed;
	enum err err = live_refresh(worker->live, clock_ms(), &changed);

	if (err != ERR_OK)
		log_line(&worker->streams.access, LOG_WARN, "settings.stale",
			LOG_FIELDS(LOG_TEXT("error", err_slug(err))));
	else if (changed)
		log_line(&worker->streams.access, LOG_INFO, "settings.changed",
			LOG_FIELDS(LOG_INT("pid", getpid())));
}

static void serve(void *context, const struct request *request,
	struct report *report, enum err early, struct reply *out)
{
	struct worker *worker = context;

	live_follow(worker);
	gate_serve(&worker->gate, request, report, early, out);
}

static enum err open_vault(struct worker *worker)
{
	enum err err = vault_open(worker->arena,
		config_key_folder(&worker->config, worker->arena),
		&worker->vault);

	if (err != ERR_OK)
		report_detail(worker->report,
			"keys/vault.pub is missing or broken, or others may "
			"write it");
	return err;
}

/* Looks at the file again when it changed. */
static enum err vault_ready(struct vault *vault)
{
	const char *id;

	return vault_active_key(vault, &id);
}

static void make_openapi(struct worker *worker)
{
	struct buf text;

	buf_init(&text, worker->arena, OPENAPI_LIMIT);
	openapi_write(&routes, "Kontor", KONTOR_VERSION, &text);
	worker->openapi =
		(struct json_text){.text = text.data, .len = text.len};
}

/* Settings, logs, and what all processes share. */
static enum err open_base(struct worker *worker, const char *config_path)
{
	enum err err = config_load(
		worker->arena, config_path, worker->report, &worker->config);

	if (err == ERR_OK)
		err = config_streams(
			&worker->config, worker->arena, &worker->streams);
	/* written when the worker rests, or something is worth a warning */
	if (err == ERR_OK)
		log_buffer(worker->arena, &worker->streams.access);
	if (err == ERR_OK)
		err = shared_open(&worker->config, worker->arena,
			worker->report, &worker->shared);
	conf_wipe(&config_table, &worker->config);
	return err;
}

static void offer_services(struct worker *worker)
{
	const struct config *config = &worker->config;

	worker->services = (struct services){
		.auth = worker->shared.auth,
		.store = worker->shared.store,
		.audit = worker->shared.audit,
		.metrics = worker->shared.metrics,
		.vault = worker->vault,
		.vault_ready = vault_ready,
		.limits = &worker->limits,
		.trusted_addresses = &worker->trusted_addresses,
		.health = &worker->health.checks,
		.once = &once_keeper,
		.streams = &worker->streams,
		.openapi = &worker->openapi,
		.body_limit = config->body_limit,
		.public_body_limit = config->public_body_limit,
		.started_ms = clock_ms(),
		.check_replies = config->check_replies,
		.require_https = config->force_https,
	};
	guard_offer(&worker->guard, &worker->services);
	worker->gate = (struct gate){.routes = &routes,
		.services = &worker->services,
		.log = &worker->streams.access};
}

/* Last: it applies what the database says to all the others. */
static enum err open_live(struct worker *worker)
{
	const struct live_options options = {.config = &worker->config,
		.db = worker->shared.db,
		.apply = live_apply,
		.context = worker};
	enum err err = live_open(
		worker->arena, &options, worker->report, &worker->live);

	if (err == ERR_OK)
		worker->services.system = live_system(worker->live);
	return err;
}

static enum err worker_open(struct worker *worker, const char *config_path)
{
	const struct config *config = &worker->config;
	enum err err = open_base(worker, config_path);

	if (err == ERR_OK)
		err = open_vault(worker);
	if (err == ERR_OK)
		err = address_nets_parse(worker->arena,
			config->trusted_addresses, worker->report,
			&worker->trusted_addresses);
	if (err == ERR_OK)
		err = guard_open(
			config, worker->arena, worker->report, &worker->guard);
	if (err != ERR_OK)
		return err;
	health_parts_init(&worker->health, config, &worker->shared);
	make_openapi(worker);
	offer_services(worker);
	return open_live(worker);
}

static void worker_count(const struct worker *worker, const char *pool)
{
	struct metrics *metrics = worker->shared.metrics;
	const enum metrics_pool number =
		text_equal(pool, "auth") ? METRICS_POOL_AUTH : METRICS_POOL_API;

	metrics_add(metrics, METRIC_WORKER_STARTS, number, 0, 1);
	metrics_process(metrics, number, clock_ms());
}

/* What could wait until nobody asks. */
static void rest(void *context, int64_t idle_ms)
{
	struct worker *worker = context;

	(void)idle_ms;
	streams_flush(&worker->streams);
	auth_idle(worker->shared.auth);
}

static enum err worker_run(struct worker *worker, const char *pool)
{
	const struct config *config = &worker->config;
	const struct door door = {
		.log = &worker->streams.access,
		.arena_cap = config->request_memory,
		.body_limit = config->body_limit,
		.request_ms = config->request_ms,
		.receive_ms = config->receive_ms,
		.requests = config->worker_requests,
		.connections = config->worker_connections,
		.serve = serve,
		.context = worker,
		.idle = rest,
		.idle_context = worker,
	};
	enum err err;

	log_line(&worker->streams.access, LOG_INFO, "worker.started",
		LOG_FIELDS(LOG_TEXT("pool", pool), LOG_INT("pid", getpid())));
	worker_count(worker, pool);
	err = door_run(&door);
	log_line(&worker->streams.access, LOG_INFO, "worker.ended",
		LOG_FIELDS(LOG_TEXT("pool", pool), LOG_INT("pid", getpid()),
			LOG_TEXT("error", err_slug(err))));
	return err;
}

static void complain(const struct worker *worker, enum err err)
{
	const struct report *report = worker->report;
	const char *where = "";
	const char *what = report->detail;

	if (report->fault_count > 0) {
		where = report->faults[0].pointer;
		what = report->faults[0].message;
	}
	log_line(&worker->streams.access, LOG_ERROR, "worker.refused",
		LOG_FIELDS(LOG_TEXT("error", err_slug(err)),
			LOG_TEXT("where", where), LOG_TEXT("detail", what)));
}

int main(int argc, char **argv)
{
	const char *config_path = getenv("KONTOR_CONFIG");
	const char *pool = "api";
	struct worker worker = {.streams = {.access = {.fd = STDERR_FILENO}}};
	enum err err;

	for (int i = 1; i + 1 < argc; i += 2) {
		if (text_equal(argv[i], "--config"))
			config_path = argv[i + 1];
		else if (text_equal(argv[i], "--pool"))
			pool = argv[i + 1];
	}
	process_harden();
	worker.arena = arena_open(PROCESS_MEMORY);
	worker.report = report_open(worker.arena);
	err = worker_open(&worker, config_path);
	if (err == ERR_OK)
		err = worker_run(&worker, pool);
	else
		complain(&worker, err);
	if (err != ERR_OK)
		(void)sleep(1);
	vault_close(&worker.vault);
	live_close(&worker.live);
	shared_close(&worker.shared);
	streams_close(&worker.streams);
	arena_close(&worker.arena);
	return err == ERR_OK ? 0 : 1;
}
