/*
 * Validators (RFC 9110, section 8.8): a strong hash of an answer's bytes, a
 * version that a handler knows, and the two conditions of requests.
 */
#ifndef HTTP_ETAG_H
#define HTTP_ETAG_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "err.h"
#include "report.h"

/* "<32 hex digits>" with its quotes. */
const char *etag_of(struct arena *arena, const char *bytes, size_t len);
/* "v3" with its quotes, for a thing that counts its saves. */
const char *etag_version(struct arena *arena, int64_t version);
/* If-None-Match: a list or "*", compared weakly; NULL never matches. */
bool etag_matches(const char *list, const char *etag);
/*
 * If-Match of an update: the one version it names, 0 for any ("*" or no
 * header). ERR_PRECONDITION for an ETag that no version ever has;
 * ERR_BAD_REQUEST for a list: there is but one version to change.
 */
MUST_CHECK enum err etag_expected(
	const char *if_match, struct report *report, int64_t *out);

#endif
