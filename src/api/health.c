/*
 * Is it alive, is it ready. Must never tell more than that: no versions,
 * no paths, no words of the database.
 */
#include "health.h"

static const char *const states[] = {"ok", NULL};
static const struct field health_fields[] = {
	FIELD(struct health, status, .one_of = states,
		.doc = "anything else is a 503 problem"),
	FIELD(struct health, uptime_s, .doc = "seconds, of this worker"),
};
const struct shape health_shape = SHAPE("health", struct health, health_fields);

enum err handle_health_live(struct call *call, const void *input, void *out)
{
	struct health *health = out;

	(void)input;
	health->status = "ok";
	health->uptime_s =
		(call->who_calls.now - call->services->started_ms) / 1000;
	return ERR_OK;
}

enum err handle_health_ready(struct call *call, const void *input, void *out)
{
	const struct services *services = call->services;
	enum err err = auth_ready(services->auth, call->who_calls.now);

	if (err == ERR_OK)
		err = services->vault_ready(services->vault);
	return err == ERR_OK ? handle_health_live(call, input, out) : err;
}

enum err handle_health(struct call *call, const void *input, void *out)
{
	return handle_health_ready(call, input, out);
}
