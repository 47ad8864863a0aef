/* Everything a handler may reach; one per request. */
#ifndef HTTP_CALL_H
#define HTTP_CALL_H

#include "auth.h"
#include "reply.h"
#include "request.h"

struct address_nets;
struct audit;
struct cache_settings;
struct cors;
struct health_checks;
struct limits;
struct metrics;
struct once_keeper;
struct rates;
struct store;
struct streams;
struct system_settings;
struct tracing;
struct vault;
struct route;

/* What the program offers its handlers; lives as long as the process. */
struct services {
	struct auth *auth;
	struct vault *vault;
	/* ERR_OK while secrets can be sealed; for layers without vault.h */
	enum err (*vault_ready)(struct vault *vault);
	const struct limits *limits;
	struct store *store;		    /* shared by all workers; or NULL */
	struct audit *audit;		    /* or NULL (some tests) */
	struct metrics *metrics;	    /* or NULL */
	const struct streams *streams;	    /* base/streams.h; NULL: none */
	const struct rates *rates;	    /* http/rate.h; NULL: no limits */
	const struct cache_settings *cache; /* http/cache.h; NULL: none */
	const struct cors *cors;	    /* http/origin.h; NULL: none */
	const struct address_nets *trusted_proxies; /* NULL: none */
	/* who may see details and figures; NULL: nobody */
	const struct address_nets *trusted_addresses;
	const struct health_checks *health; /* api/health.h; or NULL */
	const struct once_keeper *once;	    /* http/once.h; NULL: none */
	const struct tracing *tracing;	    /* NULL: off */
	const char *origin; /* our own: PUBLIC_URL without a path */
	const struct json_text *openapi;      /* app/openapi.h */
	const struct system_settings *system; /* for admins; or NULL */
	int64_t body_limit;		      /* bytes */
	int64_t public_body_limit;	      /* the same on public routes */
	int64_t started_ms;
	bool check_replies; /* tests: validate replies by shape */
	bool require_https;
};

struct call {
	struct arena *arena;
	struct report *report;
	const struct services *services;
	const struct request *request;
	const struct route *route; /* NULL before the match */
	struct param params[REQUEST_SEGMENT_LIMIT + REQUEST_QUERY_LIMIT];
	size_t param_count;
	struct auth_call who_calls; /* address, clock, arena, report */
	bool signed_in;
	struct identity identity; /* when signed_in */
	int64_t if_version; /* If-Match's, where the row takes it; 0: any */
	/* A handler's words for the audit: an event where the row names none,
	   and names of what changed, never values. NULL: nothing. */
	const char *audit_event, *audit_detail;
	struct reply reply;
};

#endif
