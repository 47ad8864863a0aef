/*
 * What stands between the web and the handlers, made from the settings: rate
 * limits, cache, CORS, trusted proxies, traces.
 */
#ifndef APP_GUARD_H
#define APP_GUARD_H

#include "cache.h"
#include "config.h"
#include "origin.h"
#include "rate.h"

struct guard {
	const struct rates *rates;
	const struct tracing *tracing; /* NULL: off */
	struct cache_settings cache;
	struct cors cors;
	struct address_nets proxies;
	const char *origin; /* our own */
};
/* Part of config_load: a fault at the name of each setting of the guard that
   cannot be, so that every program says so, not the workers alone. */
void guard_check(const struct config *config, struct report *report);
/* ERR_BAD_INPUT with a sentence for a setting that cannot be. */
MUST_CHECK enum err guard_open(const struct config *config, struct arena *arena,
	struct report *report, struct guard *out);
/* The same for changed settings; the open traces go on. */
MUST_CHECK enum err guard_again(const struct config *config,
	struct arena *arena, struct report *report,
	const struct tracing *tracing, struct guard *out);
/* The guard's members of the services; the guard outlives them. */
void guard_offer(const struct guard *guard, struct services *services);

#endif
