/* The one table that maps an enum err to a status and RFC 9457 members. */
#ifndef HTTP_PROBLEM_H
#define HTTP_PROBLEM_H

#include "err.h"

struct problem {
	int status;
	const char *title;
	const char *detail; /* when the report has none */
	const char *remedy; /* what a client does about it */
};

const struct problem *problem_of(enum err err);

#endif
