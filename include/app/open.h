/*
 * What every process of one installation opens in the same way, so that all
 * of them share it: database, store, figures, audit, accounts. kontor.fcgi,
 * `kontor` and `kontor work` all come through here.
 */
#ifndef APP_OPEN_H
#define APP_OPEN_H

#include "audit.h"
#include "auth.h"
#include "config.h"
#include "db.h"
#include "metrics.h"
#include "report.h"
#include "store.h"

struct shared {
	struct db *db;
	struct metrics *metrics;
	struct store *store;
	struct audit *audit;
	struct auth *auth;
};

/* All of it, or nothing: the report says in words what is missing and which
   command helps. */
MUST_CHECK enum err shared_open(const struct config *config,
	struct arena *arena, struct report *report, struct shared *out);
/* What computes runs for users: database, figures and store, and no key. */
MUST_CHECK enum err shared_open_runner(const struct config *config,
	struct arena *arena, struct report *report, struct shared *out);
/* As shared_open for a command that ends soon: a store or figures that no other
   process has made are not made for it, and stay NULL. */
MUST_CHECK enum err shared_join(const struct config *config,
	struct arena *arena, struct report *report, struct shared *out);
/* What is NULL already is left alone. */
void shared_close(struct shared *shared);

/* Where the store and the figures stand; also for `kontor config paths`. */
const char *shared_store_path(const struct config *config, struct arena *arena);
const char *shared_metrics_path(
	const struct config *config, struct arena *arena);
/* Tells that an admin changed settings (live.h). */
const char *shared_live_path(const struct config *config, struct arena *arena);
/* The figures' labels that only the tables of this program know. */
struct metrics_labels shared_labels(struct arena *arena);

#endif
