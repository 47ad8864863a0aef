/* What every list of a user's own things needs. */
#ifndef DOMAIN_OWNED_PRIVATE_H
#define DOMAIN_OWNED_PRIVATE_H

#include "scope.h"
#include "shape.h"

/*
 * ERR_CONFLICT, with a sentence, when the user has `limit` of them already.
 * count_sql gives one number; things: "strategies", as the sentence says it.
 */
MUST_CHECK enum err owned_quota_check(struct scope *scope,
	const char *count_sql, int64_t limit, const char *things);
/* A column of stored JSON; SQL NULL is written as null. */
struct raw_json owned_json(const struct rows *rows, int column);

#endif
