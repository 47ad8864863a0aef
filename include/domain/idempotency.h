/*
 * Idempotency-Key: what a creating call answered is kept with what it made, in
 * one transaction. The same key and body again: the same answer, and nothing
 * is made; another body: ERR_KEY_REUSED.
 */
#ifndef DOMAIN_IDEMPOTENCY_H
#define DOMAIN_IDEMPOTENCY_H

#include "scope.h"
#include "shape.h"

struct idempotency {
	const char *key;       /* of the client */
	const char *route;     /* "POST /orders" */
	const char *body_hash; /* of what was asked */
	/* The answer as it is sent; NULL when it cannot be written. */
	const char *(*print)(struct arena *arena, const void *view);
	const char *stored; /* out: the answer of the first call, or NULL */
};

enum {
	IDEMPOTENCY_KEY_LIMIT = 128
};

/* All accept NULL. In the call's transaction, before anything is made. */
MUST_CHECK enum err idempotency_find(
	struct scope *scope, struct idempotency *once);
/* At its end, with what will be answered. */
MUST_CHECK enum err idempotency_keep(
	struct scope *scope, const struct idempotency *once, const void *view);
/* Removes keys made before that time; at most so many that nobody waits. */
MUST_CHECK enum err idempotency_clean(
	struct admin_scope *admin, int64_t before, int64_t *removed);

#endif
