/*
 * Errands: what only the background process may do for a user, because it
 * takes opened secrets or the network. The API puts one and answers at once;
 * `kontor work` does it within a second or so; the client looks again. An
 * errand is begun once at most: one that was cut short has failed.
 */
#ifndef DOMAIN_ERRANDS_H
#define DOMAIN_ERRANDS_H

#include "bytes.h"
#include "limits.h"
#include "scope.h"
#include "shape.h"

struct vault;

enum errand_kind {
	ERRAND_TEST_BINANCE,
	ERRAND_TEST_TELEGRAM,
	ERRAND_TEST_CHANNEL, /* input: "ID" of the channel */
	ERRAND_BANK_LINK_TOKEN,
	ERRAND_BANK_EXCHANGE,
	ERRAND_BANK_REFRESH,
	ERRAND_BANK_UNLINK,
	ERRAND_KIND_COUNT
};
/* By enum errand_kind, NULL-terminated. */
extern const char *const errand_kinds[ERRAND_KIND_COUNT + 1];
/* queued running done failed, NULL-terminated. */
extern const char *const errand_states[];

struct errand_view {
	const char *id, *kind, *state;
	struct raw_json result; /* null until it is done */
	const char *error;	/* in words, when it failed */
	struct timestamp created_at;
	const struct timestamp *ended_at;
};

struct errand_new {
	enum errand_kind kind;
	const char *input;  /* JSON text, or NULL */
	const char *secret; /* sealed before it is stored; or NULL */
};

enum {
	/* Nobody took it in this time: it has failed. */
	ERRAND_WAIT_MS = 60 * 1000,
	ERRAND_KEEP_MS = 24 * 3600 * 1000,
	ERRAND_ERROR_LIMIT = 500
};

/* vault: NULL without a secret. ERR_CONFLICT: the user has
   limits->errands_at_once open. */
MUST_CHECK enum err errand_put(struct scope *scope, const struct limits *limits,
	struct vault *vault, const struct errand_new *in,
	struct errand_view *out);
MUST_CHECK enum err errand_get(
	struct scope *scope, const char *id, struct errand_view *out);

/* ---- for the background process ------------------------------------------ */

struct errand_claim {
	const char *user_id, *id, *owner;
	enum errand_kind kind;
	const char *input;   /* or NULL */
	struct bytes sealed; /* at errands.sealed, row id; len 0: none */
};
/* The oldest of the user who has waited longest. ERR_NOT_FOUND: there is
   none. owner: this process, unlike any other. */
MUST_CHECK enum err errand_claim(struct admin_scope *admin, const char *owner,
	int64_t lease_ms, struct errand_claim *out);
/* result: JSON text of what came back, or NULL when it failed, then error is
   in words for the user. ERR_CONFLICT: the lease was lost. */
MUST_CHECK enum err errand_finish(struct admin_scope *admin,
	const struct errand_claim *claim, const char *result,
	const char *error);
/* What was cut short or taken by nobody fails; what ended long ago goes. */
MUST_CHECK enum err errands_clean(struct admin_scope *admin, int64_t *removed);

#endif
