/*
 * What happened, in an append-only table whose rows are chained by a keyed
 * hash (HMAC-SHA-256, keys/audit.keys): an edit, a deletion, a swap or a cut
 * tail is found by audit_verify, given a head that was kept elsewhere. Rows
 * are written inside the caller's transaction when there is one, so that an
 * act and its record stand or fall together. Holds no secrets; texts of
 * users are stored as they are and escaped when shown.
 */
#ifndef AUDIT_AUDIT_H
#define AUDIT_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "db.h"
#include "err.h"
#include "report.h"

struct audit;
struct metrics;

MUST_CHECK enum err audit_keys_create(
	struct arena *arena, const char *folder, int64_t now_ms);
struct audit_options {
	struct db *db;		 /* borrowed */
	const char *key_folder;	 /* audit.keys: 0600 */
	struct metrics *metrics; /* or NULL */
};
/* ERR_UNAVAILABLE with a report without usable keys. */
MUST_CHECK enum err audit_open(struct arena *arena,
	const struct audit_options *options, struct report *report,
	struct audit **out);
void audit_close(struct audit **audit);

enum audit_result {
	AUDIT_OK,
	AUDIT_DENIED,
	AUDIT_FAILED
};
struct audit_event {
	int64_t at;	   /* ms */
	const char *event; /* "auth.login", "admin.user.role"; a constant */
	enum audit_result result;
	const char *actor;	/* user id, "operator", or NULL: nobody yet */
	const char *object;	/* id of what it was done to, or NULL */
	const char *address;	/* of the client, or NULL */
	const char *request_id; /* or NULL */
	const char *detail;	/* few words, never a secret, or NULL */
};
MUST_CHECK enum err audit_append(struct audit *audit, struct arena *arena,
	const struct audit_event *event);

struct audit_head {
	int64_t rows;
	const char *mac; /* hex; of the last row */
	const char *key_id;
};
MUST_CHECK enum err audit_head(
	struct audit *audit, struct arena *arena, struct audit_head *out);
struct audit_finding {
	bool sound;
	int64_t rows;	   /* that were read */
	int64_t broken_at; /* number of the first bad row; 0 */
	const char *what;  /* in words, or NULL */
};
/* anchor NULL: the chain alone (which cannot see a cut tail). */
MUST_CHECK enum err audit_verify(struct audit *audit, struct arena *arena,
	const struct audit_head *anchor, struct audit_finding *out);

#endif
