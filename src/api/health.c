/*
 * Is it alive, is it ready. Must never tell strangers more than that: no
 * versions, no paths, no words of the database.
 */
#include "health.h"

#include "address.h"
#include "json_write.h"
#include "metrics.h"

enum {
	US = 1000 * 1000, /* in a second */
	MS = 1000,
	FAILED_FROM = 500, /* statuses */
	FAILED_TO = 599
};

static const char *const state_names[] = {
	[HEALTH_OK] = "ok",
	[HEALTH_DEGRADED] = "degraded",
	[HEALTH_FAILED] = "unavailable",
};

bool caller_is_trusted(const struct call *call)
{
	const struct address_nets *nets = call->services->trusted_addresses;
	const struct request *request = call->request;
	struct address client;
	struct address peer;

	if (!nets || !call->who_calls.address || !request->address ||
		!address_parse(call->who_calls.address, &client) ||
		!address_parse(request->address, &peer))
		return false;
	/* the peer forwards for others, and is no proxy that we believe: the
	   client is not known */
	if (request->forwarded && memcmp(&client, &peer, sizeof(client)) == 0)
		return false;
	return address_is_in(nets, &client);
}

/* ---- asking -------------------------------------------------------------- */

struct finding {
	const char *name, *note;
	enum health_state state;
	bool advisory;
};

enum {
	FINDINGS_LIMIT = 16
};
struct findings {
	struct finding at[FINDINGS_LIMIT];
	size_t count;
	enum health_state worst; /* of those that are not advisory */
};

static void find(struct findings *findings, const struct finding *finding)
{
	if (findings->count < FINDINGS_LIMIT)
		findings->at[findings->count++] = *finding;
	if (!finding->advisory && finding->state > findings->worst)
		findings->worst = finding->state;
}

static enum health_state state_of(enum err err)
{
	return err == ERR_OK ? HEALTH_OK : HEALTH_FAILED;
}

/* keys and vault are asked always, the rest is what the program brings */
static void ask(
	const struct call *call, enum health_probe probe, struct findings *out)
{
	const struct services *services = call->services;
	const struct health_checks *checks = services->health;
	const int64_t now = call->who_calls.now;

	find(out, &(const struct finding){.name = "keys",
			  .state = state_of(auth_ready(services->auth, now))});
	find(out, &(const struct finding){.name = "vault",
			  .state = state_of(
				  services->vault_ready(services->vault))});
	for (size_t i = 0; checks && i < checks->count; i++) {
		const struct health_check *check = &checks->at[i];
		struct finding finding = {
			.name = check->name, .advisory = check->advisory};

		if (!(check->probes & probe))
			continue;
		finding.state = check->ask(
			checks->thing, call->arena, now, &finding.note);
		find(out, &finding);
	}
}

/* ---- answering ----------------------------------------------------------- */

static int64_t uptime_s(const struct call *call)
{
	return (call->who_calls.now - call->services->started_ms) / MS;
}

/* {"status": and, for those who may know, how long this worker has run. The
   object is left open. */
static void put_status(
	struct call *call, struct json_writer *writer, enum health_state state)
{
	json_write_init(writer, &call->reply.body);
	json_object(writer);
	json_member_text(writer, "status", state_names[state]);
	if (caller_is_trusted(call))
		json_member_int(writer, "uptime_s", uptime_s(call));
}

static void put_findings(
	struct json_writer *writer, const struct findings *findings)
{
	json_key(writer, "checks");
	json_object(writer);
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->at[i];

		json_key(writer, finding->name);
		json_object(writer);
		json_member_text(writer, "status", state_names[finding->state]);
		if (finding->note)
			json_member_text(writer, "note", finding->note);
		json_object_end(writer);
	}
	json_object_end(writer);
}

static enum err answer(struct call *call, enum health_probe probe)
{
	struct findings findings = {.count = 0};
	const bool trusted = caller_is_trusted(call);
	struct json_writer writer;

	ask(call, probe, &findings);
	if (findings.worst == HEALTH_FAILED && !trusted)
		return ERR_UNAVAILABLE;
	if (findings.worst == HEALTH_FAILED)
		call->reply.status = 503;
	put_status(call, &writer, findings.worst);
	if (trusted)
		put_findings(&writer, &findings);
	json_object_end(&writer);
	return ERR_OK;
}

enum err handle_health_live(struct call *call, const void *input, void *out)
{
	struct json_writer writer;

	(void)input;
	(void)out;
	put_status(call, &writer, HEALTH_OK);
	json_object_end(&writer);
	return ERR_OK;
}

enum err handle_health_ready(struct call *call, const void *input, void *out)
{
	(void)input;
	(void)out;
	return answer(call, HEALTH_READY);
}

enum err handle_health_startup(struct call *call, const void *input, void *out)
{
	(void)input;
	(void)out;
	return answer(call, HEALTH_STARTUP);
}

enum err handle_health(struct call *call, const void *input, void *out)
{
	return handle_health_ready(call, input, out);
}

/* ---- a few figures ------------------------------------------------------- */

static void put_quantile(struct json_writer *writer, const char *name,
	const struct metrics *metrics, int percent)
{
	int64_t us = metrics_quantile(metrics, METRIC_REQUEST_SECONDS, percent);

	json_key(writer, name);
	if (us < 0)
		json_put_null(writer);
	else
		json_put_double(writer, (double)us / US);
}

enum err handle_health_metrics(struct call *call, const void *input, void *out)
{
	const struct metrics *metrics = call->services->metrics;
	struct json_writer writer;

	(void)input;
	(void)out;
	put_status(call, &writer, HEALTH_OK);
	if (caller_is_trusted(call)) {
		json_member_int(&writer, "requests",
			metrics_requests(metrics, 0, FAILED_TO));
		json_member_int(&writer, "errors",
			metrics_requests(metrics, FAILED_FROM, FAILED_TO));
		put_quantile(&writer, "p50_seconds", metrics, 50);
		put_quantile(&writer, "p99_seconds", metrics, 99);
	}
	json_object_end(&writer);
	return ERR_OK;
}
