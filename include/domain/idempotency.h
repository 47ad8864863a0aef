/*
 * Idempotency-Key: what a creating call answered is kept under the key that its
 * client gave it. The same key and request again: the same answer, and nothing
 * is made; another request: ERR_KEY_REUSED.
 *
 * Two ways, one table. What moves money keeps the key in its own transaction
 * (find, keep). For all else the gate takes the key first and keeps the answer
 * afterwards (begin, settle, drop): who dies in between leaves a key whose
 * outcome is not known, and nothing is done twice.
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
	const char *stored;   /* out: the answer of the first call, or NULL */
	int64_t status;	      /* out: of that; 0: the route's */
	const char *location; /* out: of that, or NULL */
};

enum {
	IDEMPOTENCY_KEY_LIMIT = 128,
	IDEMPOTENCY_ANSWER_LIMIT = 1024 * 1024 /* bytes; more is not kept */
};

/* All accept NULL. In the call's transaction, before anything is made. */
MUST_CHECK enum err idempotency_find(
	struct scope *scope, struct idempotency *once);
/* At its end, with what will be answered. */
MUST_CHECK enum err idempotency_keep(
	struct scope *scope, const struct idempotency *once, const void *view);

/* Each a transaction of its own. begin: once->stored is set, or the key is
   taken now; ERR_CONFLICT: it is, and there is no answer to give. */
MUST_CHECK enum err idempotency_begin(
	struct scope *scope, struct idempotency *once);
/* answer NULL: it was done, and is not answered twice. */
MUST_CHECK enum err idempotency_settle(struct scope *scope,
	const struct idempotency *once, const char *answer);
MUST_CHECK enum err idempotency_drop(
	struct scope *scope, const struct idempotency *once);

/* Removes keys made before that time; at most so many that nobody waits. */
MUST_CHECK enum err idempotency_clean(
	struct admin_scope *admin, int64_t before, int64_t *removed);

#endif
