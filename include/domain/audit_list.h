/*
 * The audit log as admins read it: newest first, filtered. Reading alone;
 * whether the log is whole is the audit layer's question.
 */
#ifndef DOMAIN_AUDIT_LIST_H
#define DOMAIN_AUDIT_LIST_H

#include "page.h"
#include "scope.h"
#include "shape.h"

/* "ok", "denied", "failed"; NULL-terminated. */
extern const char *const audit_results[];

/* NULL: any. */
struct audit_query {
	const char *event; /* "auth.login", or with a dot at the end all of
			      those: "auth." */
	const char *actor, *object, *result;
	const struct timestamp *from, *to; /* from <= at < to */
	int64_t limit;
	const char *cursor;
};
struct audit_entry {
	int64_t seq; /* 1 is the oldest */
	struct timestamp at;
	const char *event, *result;
	/* or NULL: */
	const char *actor, *object, *address, *request_id, *detail;
};
MUST_CHECK enum err audit_list(struct admin_scope *admin,
	const struct audit_query *in, struct page *out /* audit_entry */);

#endif
