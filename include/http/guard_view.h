/*
 * What admins see of the guard and may do to it, for layers that see no
 * store: rules and those in a cool-down, the cache's state, forgiving and
 * dropping.
 */
#ifndef HTTP_GUARD_VIEW_H
#define HTTP_GUARD_VIEW_H

#include "call.h"
#include "shape.h"

struct limit_rule_view {
	const char *name;
	const char *subject; /* "address" | "account" | "user" | "key" */
	int64_t limit;	     /* 0: off */
	int64_t window_s;
};
struct limit_blocked_view {
	const char *rule, *subject;
	struct timestamp until;
	int64_t refusals;
};
struct limits_view {
	struct list rules;   /* limit_rule_view */
	struct list blocked; /* limit_blocked_view */
};
/* ERR_UNAVAILABLE without a store. */
MUST_CHECK enum err guard_limits(struct call *call, struct limits_view *out);
/*
 * Forgets the windows of a subject as guard_limits shows it, or of an
 * address. ERR_BAD_INPUT with a fault at /subject for neither.
 */
MUST_CHECK enum err guard_forgive(struct call *call, const char *subject);

struct cache_class_view {
	const char *name;
	int64_t ttl_s; /* 0: not kept */
};
struct cache_view {
	const char *backend;
	bool degraded; /* Redis is configured and lost */
	int64_t entries, bytes, capacity, evictions, hits, misses;
	struct ratio hit_rate;
	struct list classes; /* cache_class_view */
};
MUST_CHECK enum err guard_cache(struct call *call, struct cache_view *out);
/* Drops all kept answers of everybody. */
MUST_CHECK enum err guard_cache_flush(struct call *call);
/* For acts of admins on somebody's things: drops all that is kept of him.
   After the commit. */
void cache_drop_user(const struct call *call, const char *user_id);

#endif
