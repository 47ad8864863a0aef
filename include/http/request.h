/*
 * One request, whichever web server brought it. The path comes from
 * REQUEST_URI only, split on '/', each segment decoded strictly: '.', '..',
 * empty segments, encoded slashes and backslashes, control bytes and bad
 * UTF-8 are refused. A CGI parameter that comes twice is refused.
 */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "address.h"
#include "arena.h"
#include "err.h"
#include "report.h"
#include "shape.h"

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_PUT,
	HTTP_PATCH,
	HTTP_DELETE,
	HTTP_OPTIONS,
	HTTP_OTHER
};
const char *http_method_name(enum http_method method);

enum {
	REQUEST_SEGMENT_LIMIT = 16,
	REQUEST_QUERY_LIMIT = 32,
	REQUEST_TRACEPARENT_LENGTH = 55 /* of version 00 */
};

/* The browser session's cookies. */
#define REQUEST_COOKIE_ACCESS "__Host-kontor"
#define REQUEST_COOKIE_REFRESH "__Host-kontor-refresh"

struct request {
	struct arena *arena;
	enum http_method method;
	const char *target; /* path as sent, escaped for the log */
	const char *segments[REQUEST_SEGMENT_LIMIT]; /* decoded */
	size_t segment_count;
	struct param query[REQUEST_QUERY_LIMIT]; /* decoded, FROM_QUERY */
	size_t query_count;
	const char *content_type;		  /* as sent, or NULL */
	const char *authorization;		  /* as sent, or NULL */
	const char *api_key;			  /* X-API-Key, or NULL */
	const char *origin, *accept, *user_agent; /* or NULL */
	const char *fetch_site;			  /* Sec-Fetch-Site, or NULL */
	const char *csrf;			  /* X-CSRF-Token, or NULL */
	const char *if_match, *if_none_match;	  /* or NULL */
	const char *idempotency_key;		  /* as sent, or NULL */
	const char *traceparent;		  /* valid (W3C), or NULL */
	const char *forwarded;	      /* X-Forwarded-For as sent, or NULL */
	const char *preflight_method; /* Access-Control-Request-Method */
	const char *signature;	      /* X-Kontor-Signature, or NULL */
	/* the browser session's cookies, NULL when not sent */
	const char *cookie_access, *cookie_refresh;
	struct address remote;	/* REMOTE_ADDR */
	const char *address;	/* the same as text; the client's own, behind a
			       trusted proxy, is call->who_calls.address */
	const char *request_id; /* the client's when valid, else ours */
	bool https;
	int64_t content_length; /* announced; -1 when it was not */
	const char *body;
	size_t body_len;
};

/*
 * Fills a request from CGI parameters ("NAME=value", NULL-terminated, as
 * FastCGI and CGI give them), all but the body. ERR_BAD_REQUEST with a
 * report. method, target and request_id are set even then.
 */
MUST_CHECK enum err request_parse(struct arena *arena,
	const char *const *params, struct report *report, struct request *out);
/* True for "application/json" with or without parameters, any case. */
bool request_type_is(const struct request *request, const char *type);
/* application/x-www-form-urlencoded pairs into params (FROM_BODY). */
MUST_CHECK enum err request_form(const struct request *request,
	struct report *report, struct param *params, size_t room,
	size_t *count);

#endif
