/*
 * The one way back. A reply is built in the arena and sent whole; headers
 * come from a closed set, so that no user text can become a header. The
 * headers that every answer shares, static or not (HSTS, nosniff,
 * X-Frame-Options, Referrer-Policy, Permissions-Policy, CSP), are the web
 * server's: it adds them exactly once; the application sends none of them.
 */
#ifndef HTTP_REPLY_H
#define HTTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "buf.h"
#include "err.h"
#include "report.h"

enum reply_header {
	REPLY_ALLOW,
	REPLY_WWW_AUTHENTICATE,
	REPLY_RETRY_AFTER,
	REPLY_LOCATION,
	REPLY_CACHE_CONTROL,
	REPLY_CONTENT_TYPE,
	REPLY_ETAG,
	REPLY_VARY,
	REPLY_X_CACHE,
	REPLY_NEXT_CURSOR,	/* X-Next-Cursor: of a page as CSV */
	REPLY_RATE_LIMIT,	/* X-RateLimit-Limit */
	REPLY_RATE_REMAINING,	/* X-RateLimit-Remaining */
	REPLY_RATE_RESET,	/* X-RateLimit-Reset: s from now */
	REPLY_RATELIMIT,	/* RateLimit (draft-ietf-httpapi-ratelimit) */
	REPLY_RATELIMIT_POLICY, /* RateLimit-Policy */
	REPLY_ALLOW_ORIGIN,	/* Access-Control-Allow-Origin */
	REPLY_ALLOW_METHODS,
	REPLY_ALLOW_HEADERS,
	REPLY_EXPOSE_HEADERS,
	REPLY_CORS_MAX_AGE,
	REPLY_HEADER_COUNT
};

/* __Host-NAME=VALUE; Path=/; Secure; SameSite=Strict[; HttpOnly] */
struct reply_cookie {
	const char *name;  /* whole, with its prefix */
	const char *value; /* cookie-octets only (RFC 6265); "" clears */
	int64_t max_age_s;
	bool readable; /* by the page's script: no HttpOnly */
};

enum {
	REPLY_COOKIES = 3,
	REPLY_BODY_LIMIT = 32 * 1024 * 1024
};

struct reply {
	struct arena *arena;
	int status; /* 0: the route's; a handler may set another success */
	const char *headers[REPLY_HEADER_COUNT]; /* NULL: not sent */
	/* cookies of the browser session to set (or to clear: value "") */
	struct reply_cookie cookies[REPLY_COOKIES];
	size_t cookie_count;
	struct buf body;
};

void reply_init(struct reply *reply, struct arena *arena);
/* The body is these bytes of the same arena, a NUL behind them: nothing is
   copied, and nothing may be added. */
void reply_borrow(struct reply *reply, const char *bytes, size_t len);
/* Replaces whatever was there by the problem document of that error. */
void reply_problem(struct reply *reply, enum err err,
	const struct report *report, const char *request_id);
/* "Status: ..." and all headers as CGI wants them, ending with the blank
   line; X-Request-Id and Content-Length (of a body that is not empty)
   included. */
void reply_head(
	const struct reply *reply, const char *request_id, struct buf *out);

#endif
