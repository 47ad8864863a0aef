/* Headers with a grammar of their own; for request.c. */
#ifndef HEADER_PRIVATE_H
#define HEADER_PRIVATE_H

#include "request.h"

/* Finds the two cookies of ours; others are ignored, whatever they are. */
MUST_CHECK enum err header_cookies(
	const char *cookies, struct report *report, struct request *out);
/* Is it a traceparent as W3C writes it (any version from 00 to fe)? */
bool header_is_traceparent(const char *text);

#endif
