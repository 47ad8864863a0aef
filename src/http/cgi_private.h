/* The CGI parameters we know, each found once; for request.c. */
#ifndef CGI_PRIVATE_H
#define CGI_PRIVATE_H

#include "err.h"
#include "report.h"

enum cgi_name {
	CGI_METHOD,
	CGI_URI,
	CGI_ADDRESS,
	CGI_HTTPS,
	CGI_TYPE,
	CGI_LENGTH,
	CGI_AUTHORIZATION,
	CGI_AUTHORIZATION_MOVED,
	CGI_API_KEY,
	CGI_ORIGIN,
	CGI_ACCEPT,
	CGI_USER_AGENT,
	CGI_REQUEST_ID,
	CGI_COOKIE,
	CGI_CSRF,
	CGI_FETCH_SITE,
	CGI_IF_MATCH,
	CGI_IDEMPOTENCY_KEY,
	CGI_IF_NONE_MATCH,
	CGI_TRACEPARENT,
	CGI_FORWARDED,
	CGI_PREFLIGHT_METHOD,
	CGI_SIGNATURE,
	CGI_NAME_COUNT
};

/* Values of the parameters we know; NULL when absent or empty. */
struct cgi {
	const char *values[CGI_NAME_COUNT];
};

/* Fills what it finds even when it refuses: a name that comes twice, or too
   many of them. */
MUST_CHECK enum err cgi_collect(
	const char *const *params, struct report *report, struct cgi *out);

#endif
