/*
 * Inside scope: what the check of a statement found. Nothing here is for
 * callers; scope.h is.
 */
#ifndef SCOPE_PRIVATE_H
#define SCOPE_PRIVATE_H

#include <stdbool.h>

struct verdict {
	const char *fault; /* why a user's scope must not run it, or NULL */
	bool has_owner;	   /* the statement has the parameter :owner */
};

void statement_check(const char *sql, struct verdict *out);

#endif
