/*
 * Is it alive, is it ready, how is it doing: /health and what is below it.
 * Strangers learn a status and nothing else; addresses that the operator
 * trusts (TRUSTED_ADDRESSES) learn which part it is.
 */
#ifndef API_HEALTH_H
#define API_HEALTH_H

#include "route.h"

enum health_state {
	HEALTH_OK,
	HEALTH_DEGRADED, /* answers, but not as it should */
	HEALTH_FAILED
};

/* Flags: which probes ask. */
enum health_probe {
	HEALTH_READY = 1,
	HEALTH_STARTUP = 2
};

/* What the program can ask of its parts; api itself sees few of them. */
struct health_check {
	const char *name; /* "database" */
	unsigned probes;
	bool advisory; /* shown, but the whole is well without it */
	/* note: a few words for the operator, or left NULL */
	enum health_state (*ask)(const void *thing, struct arena *arena,
		int64_t now, const char **note);
};
struct health_checks {
	const struct health_check *at;
	size_t count;
	const void *thing; /* of all of them */
	/* brings the gauges up to date that nobody else sets; or NULL */
	void (*refresh)(const void *thing, struct arena *arena, int64_t now);
};

/* Does this call come from an address of TRUSTED_ADDRESSES? Not when a proxy
   that nobody named stands between: then everybody has its address. */
bool caller_is_trusted(const struct call *call);

route_public handle_health;	    /* raw JSON; as ready */
route_public handle_health_live;    /* raw JSON; no I/O */
route_public handle_health_ready;   /* raw JSON */
route_public handle_health_startup; /* raw JSON */
route_public handle_health_metrics; /* raw JSON: a few figures */

#endif
