/*
 * One row a route: what is allowed, who may, what goes in and out. Three
 * macros, three handler types: a handler in the wrong kind of row does not
 * compile, and no column can be forgotten.
 */
#ifndef HTTP_ROUTE_H
#define HTTP_ROUTE_H

#include "call.h"
#include "shape.h"

enum route_who {
	ROUTE_IS_PUBLIC,
	ROUTE_IS_USER,
	ROUTE_IS_ADMIN
};

/* Which windows a call is counted in; the rules stand in http/rate.c. Every
   call but RATE_NONE also counts for its address while nobody is signed in. */
enum rate_class {
	RATE_NONE, /* health: probes must never be refused */
	RATE_ANONYMOUS,
	RATE_GENERAL,
	RATE_LOGIN,
	RATE_REGISTER,
	RATE_REFRESH,
	RATE_PASSWORD,
	RATE_SENSITIVE,
	RATE_SETTINGS, /* general; a body with a secret in it as RATE_SECRET */
	RATE_SECRET,   /* of no row: the gate's, beside RATE_SETTINGS */
	RATE_TRADE,
	RATE_CANCEL,
	RATE_CLOSE,
	RATE_HALT,
	RATE_HOOK,
	RATE_CLASS_COUNT
};

/* What may be kept of an answer: Cache-Control for the client and, from
   CACHE_OVERVIEW on, a life in our own store (a setting each). */
enum cache_class {
	CACHE_NEVER,	/* no-store: auth, secrets, account data, writes */
	CACHE_PRIVATE,	/* private, no-cache: a user's own resources */
	CACHE_SHORT,	/* public documents without user data */
	CACHE_OVERVIEW, /* private, no-cache; and kept here for a while */
	CACHE_TRADING,
	CACHE_RISK,
	CACHE_SIGNALS,
	CACHE_MARKET,
	CACHE_LISTS,
	CACHE_CLASS_COUNT
};

/* What a kept answer shows, or a write changes: the write drops it. Flags;
   one user's own but for TAG_MARKET, which is everybody's. */
enum cache_tag {
	TAG_NOTHING = 0,
	TAG_STRATEGIES = 1,
	TAG_BACKTESTS = 2,
	TAG_SETTINGS = 4,
	TAG_ORDERS = 8,
	TAG_PORTFOLIO = 16,
	TAG_RISK = 32,
	TAG_SIGNALS = 64,
	TAG_MARKET = 128
};

/* Beyond the permission. Flags. */
enum route_demand {
	DEMAND_NOTHING = 0,
	DEMAND_SESSION = 1, /* not with an API key */
	DEMAND_FRESH = 2,   /* password given within the window */
	TAKES_FORM = 4,	    /* form bodies as well as JSON */
	TAKES_VERSION = 8,  /* If-Match: call->if_version */
	GIVES_CSV = 16,	    /* a list; with Accept: text/csv as that */
	TAKES_KEY = 32,	    /* Idempotency-Key: the gate keeps the answer; */
	KEEPS_KEY = 64,	    /* and not the gate but the handler, in the
				   transaction of what it makes */
	HIDES_ANSWER = 128  /* holds a secret: not kept, so not repeated */
};

typedef enum err route_public(struct call *call, const void *in, void *out);
typedef enum err route_user(
	struct call *call, struct scope *scope, const void *in, void *out);
typedef enum err route_admin(struct call *call, struct admin_scope *admin,
	const void *in, void *out);

struct route {
	enum http_method method;
	const char *path; /* "/strategies/{id}", without /api/v1 */
	enum route_who who;
	/* NULL on public routes only; several, a blank between, for what
	   shows several things: what is kept of an answer is the user's,
	   whatever credential he had */
	const char *permission;
	unsigned demands;
	enum rate_class rate;
	enum cache_class cache;
	unsigned tags; /* of enum cache_tag */
	route_public *run_public;
	route_user *run_user;
	route_admin *run_admin;
	const struct shape *in;	 /* NULL: nothing is taken */
	int status;		 /* of success */
	int later_status;	 /* of what is not done yet; 0: never */
	int tried_status;	 /* of what is not kept; 0: never */
	const struct shape *out; /* NULL: no body (204), or raw */
	const char *raw_type;	 /* the handler writes reply.body itself */
	const char *audit;	 /* event that the gate records, or NULL */
	const char *summary;
};

/* clang-format off */
#define NO_INPUT .in = NULL
#define IN(shape_name) .in = &shape_name##_shape
#define OUT(shape_name) .status = 200, .out = &shape_name##_shape
#define CREATED(shape_name) .status = 201, .out = &shape_name##_shape
/* 202: it waits in the queue, Location says where to look */
#define QUEUED(shape_name) .status = 202, .out = &shape_name##_shape
/* 200: the caller wanted an answer, and nothing kept */
#define TRIED_CREATED_OR_QUEUED(shape_name)                                \
	.tried_status = 200, .status = 201, .later_status = 202,           \
	.out = &shape_name##_shape
#define NO_CONTENT .status = 204, .out = NULL
#define RAW(type) .status = 200, .out = NULL, .raw_type = (type)
/* Behind an output: CREATED(user_view) AUDIT("admin.user.created") */
#define AUDIT(event) , .audit = (event)
#define ROUTE_PUBLIC(m, p, d, r, c, t, handler, input, output, text)             \
	{ .method = HTTP_##m, .path = (p), .who = ROUTE_IS_PUBLIC,         \
	  .demands = (d), .rate = (r), .cache = (c), .tags = (t),          \
	  .run_public = (handler), input,                                  \
	  output, .summary = (text) }
#define ROUTE_USER(m, p, perm, d, r, c, t, handler, input, output, text)         \
	{ .method = HTTP_##m, .path = (p), .who = ROUTE_IS_USER,           \
	  .permission = (perm), .demands = (d), .rate = (r), .cache = (c), \
	  .tags = (t),                                                     \
	  .run_user = (handler), input, output, .summary = (text) }
#define ROUTE_ADMIN(m, p, perm, d, r, c, t, handler, input, output, text)        \
	{ .method = HTTP_##m, .path = (p), .who = ROUTE_IS_ADMIN,          \
	  .permission = (perm), .demands = (d), .rate = (r), .cache = (c), \
	  .tags = (t),                                                     \
	  .run_admin = (handler), input, output, .summary = (text) }
/* clang-format on */

struct route_table {
	const struct route *rows;
	size_t count;
};

enum {
	ROUTE_METHODS_ROOM = 64
};

/*
 * Finds the row; sets call->route and adds the path's values to
 * call->params. ERR_NOT_FOUND, or ERR_METHOD with the methods that exist
 * ("GET, HEAD, PUT, OPTIONS") in allow. HEAD finds GET's row; a segment
 * spelled out beats a value. "/api/v1" and "/api" are both taken off;
 * "/health", "/metrics" and what is below them need neither.
 */
MUST_CHECK enum err route_match(const struct route_table *table,
	struct call *call, char allow[ROUTE_METHODS_ROOM]);
/* "GET /auth/me" of each row, in their order, NULL-terminated: the label of
   the metrics (metrics_request takes the row's index). */
const char *const *route_labels(
	struct arena *arena, const struct route_table *table);
/*
 * For tests: are all rows sound (unique, handlers and permissions right,
 * writes never cached, path values and fields agree, shapes usable)?
 * ERR_BAD_INPUT with a fault at "METHOD /path" for each that is not.
 */
MUST_CHECK enum err route_table_check(
	const struct route_table *table, struct report *report);

#endif
