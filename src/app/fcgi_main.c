/*
 * kontor.fcgi: one worker. Opens what requests need (it can seal secrets,
 * never open them; it opens no network connection), then serves until it is
 * asked to end. A fault at start-up is said in one line, and the worker
 * waits a second before it ends, so that a supervisor that never gives up
 * does not spin.
 */
#include "clock.h"
#include "config.h"
#include "database.h"
#include "docs.h"
#include "door.h"
#include "gate.h"
#include "harden.h"
#include "log.h"
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
	struct log log;
	struct db *db;
	struct auth *auth;
	struct vault *vault;
	struct limits limits;
	struct json_text openapi;
	struct services services;
	struct gate gate;
};

static void serve(void *context, const struct request *request,
	struct report *report, enum err early, struct reply *out)
{
	gate_serve(context, request, report, early, out);
}

static enum err open_keys(struct worker *worker)
{
	const struct auth_settings settings =
		config_auth(&worker->config, worker->arena);
	enum err err = auth_open(worker->arena, worker->db, &settings,
		worker->report, &worker->auth);

	if (err != ERR_OK)
		return err;
	err = vault_open(worker->arena, settings.key_folder, &worker->vault);
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

static enum err worker_open(struct worker *worker, const char *config_path)
{
	enum err err = config_load(
		worker->arena, config_path, worker->report, &worker->config);

	if (err == ERR_OK)
		err = config_log(&worker->config, &worker->log);
	if (err == ERR_OK)
		err = database_open(&worker->config, worker->arena,
			worker->report, &worker->db);
	if (err == ERR_OK)
		err = open_keys(worker);
	if (err != ERR_OK)
		return err;
	make_openapi(worker);
	worker->limits = config_limits(&worker->config);
	worker->services = (struct services){
		.auth = worker->auth,
		.vault = worker->vault,
		.vault_ready = vault_ready,
		.limits = &worker->limits,
		.openapi = &worker->openapi,
		.body_limit = worker->config.body_limit,
		.public_body_limit = worker->config.public_body_limit,
		.started_ms = clock_ms(),
		.check_replies = worker->config.check_replies,
		.require_https = worker->config.force_https,
	};
	worker->gate = (struct gate){.routes = &routes,
		.services = &worker->services,
		.log = &worker->log};
	return ERR_OK;
}

static enum err worker_run(struct worker *worker, const char *pool)
{
	const struct config *config = &worker->config;
	const struct door door = {
		.log = &worker->log,
		.arena_cap = config->request_memory,
		.body_limit = config->body_limit,
		.request_ms = config->request_ms,
		.receive_ms = config->receive_ms,
		.requests = config->worker_requests,
		.connections = config->worker_connections,
		.serve = serve,
		.context = &worker->gate,
	};
	enum err err;

	log_line(&worker->log, LOG_INFO, "worker.started",
		LOG_FIELDS(LOG_TEXT("pool", pool), LOG_INT("pid", getpid())));
	err = door_run(&door);
	log_line(&worker->log, LOG_INFO, "worker.ended",
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
	log_line(&worker->log, LOG_ERROR, "worker.refused",
		LOG_FIELDS(LOG_TEXT("error", err_slug(err)),
			LOG_TEXT("where", where), LOG_TEXT("detail", what)));
}

int main(int argc, char **argv)
{
	const char *config_path = getenv("KONTOR_CONFIG");
	const char *pool = "api";
	struct worker worker = {.log = {.fd = STDERR_FILENO}};
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
	auth_close(&worker.auth);
	db_close(&worker.db);
	arena_close(&worker.arena);
	return err == ERR_OK ? 0 : 1;
}
