/*
 * The figures, as Prometheus reads them, for addresses that the operator
 * trusts and for an admin's API keys with metrics:read. Must never be open to
 * strangers: how much is traded, and how well it is defended, is nobody
 * else's business.
 */
#include "metrics_api.h"

#include "health.h"
#include "metrics.h"

enum {
	MS = 1000 /* in a second */
};

/* A key is looked at only when the address is not enough. */
static enum err admit(struct call *call)
{
	const struct request *request = call->request;
	const struct credential credential = {.api_key = request->api_key};
	struct identity identity;
	enum err err;

	if (caller_is_trusted(call))
		return ERR_OK;
	if (!request->api_key)
		return ERR_INSUFFICIENT_SCOPE;
	err = auth_identify(
		call->services->auth, &call->who_calls, &credential, &identity);
	if (err != ERR_OK)
		return err;
	return auth_permits(&identity, "metrics:read") ? ERR_OK
						       : ERR_INSUFFICIENT_SCOPE;
}

enum err handle_metrics(struct call *call, const void *input, void *out)
{
	const struct services *services = call->services;
	const struct health_checks *health = services->health;
	const int64_t now = call->who_calls.now;
	enum err err = admit(call);

	(void)input;
	(void)out;
	if (err != ERR_OK)
		return err;
	if (!services->metrics)
		return ERR_UNAVAILABLE;
	if (health && health->refresh)
		health->refresh(health->thing, call->arena, now);
	metrics_write(services->metrics, now, &call->reply.body);
	return ERR_OK;
}

static const struct field system_figures_fields[] = {
	FIELD(struct system_figures, uptime_s,
		.doc = "seconds since the longest-lived worker started"),
	FIELD(struct system_figures, api_workers,
		.doc = "living workers of the API's pool"),
	FIELD(struct system_figures, auth_workers,
		.doc = "living workers of the sign-in pool"),
};
const struct shape system_figures_shape =
	SHAPE("system_figures", struct system_figures, system_figures_fields);

static int64_t earlier(int64_t a, int64_t b)
{
	if (a == 0 || b == 0)
		return a + b;
	return a < b ? a : b;
}

enum err handle_metrics_system(struct call *call, const void *input, void *out)
{
	const struct metrics *metrics = call->services->metrics;
	struct system_figures *figures = out;
	int64_t since = earlier(metrics_oldest(metrics, METRICS_POOL_API),
		metrics_oldest(metrics, METRICS_POOL_AUTH));

	(void)input;
	since = earlier(since, call->services->started_ms);
	figures->uptime_s = (call->who_calls.now - since) / MS;
	figures->api_workers = metrics_processes(metrics, METRICS_POOL_API);
	figures->auth_workers = metrics_processes(metrics, METRICS_POOL_AUTH);
	return ERR_OK;
}
