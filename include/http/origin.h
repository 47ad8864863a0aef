/*
 * Where a browser's request comes from: our own page, a page that the
 * operator allows (CORS), or elsewhere. Exact origins only; cookies never go
 * with CORS.
 */
#ifndef HTTP_ORIGIN_H
#define HTTP_ORIGIN_H

#include <stdbool.h>

#include "call.h"

/* Origins of other sites whose scripts may read our answers. */
struct cors {
	const char **origins;
	size_t count;
};
/* "https://a.example, https://b.example:8443": ERR_BAD_INPUT with a sentence
   for anything else, "*" above all. */
MUST_CHECK enum err cors_parse(struct arena *arena, const char *list,
	struct report *report, struct cors *out);
/* "https://host[:port]" of an absolute URL, as browsers write it. */
const char *origin_of_url(struct arena *arena, const char *url);

/*
 * Did our own page send it? By Origin, or by the browser's own word
 * (Sec-Fetch-Site: same-origin); neither is no. own: services->origin.
 */
bool request_same_origin(const struct request *request, const char *own);
/*
 * Did a page of another site make a browser send it, as the browser says
 * (Sec-Fetch-Site)? A page that cors names is no other site; programs, which
 * do not say it, are not meant. cors may be NULL.
 */
bool request_is_foreign(const struct request *request, const struct cors *cors);

/* Access-Control-* and Vary for an answer that a script may read. */
void cors_headers(const struct cors *cors, const struct request *request,
	struct reply *reply);
/* The same for a preflight; allow: the methods of the path. */
void cors_preflight(const struct cors *cors, const struct request *request,
	const char *allow, struct reply *reply);

#endif
