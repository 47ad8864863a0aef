/*
 * What happened, in an append-only table whose rows are chained by a keyed
 * hash (HMAC-SHA-256, keys/audit.keys): an edit, a deletion, a swap or an
 * insertion is found by audit_verify, and so is a cut tail, given a head that
 * was kept elsewhere. Rows are written inside the caller's transaction when
 * there is one, so that an act and its record stand or fall together. Holds
 * no secrets; texts of users are stored as they are and escaped when shown.
 */
#ifndef AUDIT_AUDIT_H
#define AUDIT_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "err.h"
#include "report.h"

struct audit;
struct db;
struct metrics;

MUST_CHECK enum err audit_keys_create(
	struct arena *arena, const char *folder, int64_t now_ms);
/* New rows get a new key; the old ones go on to verify theirs, for ever.
   ERR_CONFLICT when the file is full (16 keys). */
MUST_CHECK enum err audit_keys_rotate(
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
enum {
	AUDIT_TEXT_BYTES = 1024 /* of one text; the rest is left out */
};
/* One look-up and one insert, and a commit outside of a transaction. A
   failure leaves the caller's transaction to the caller: roll it back. */
MUST_CHECK enum err audit_append(struct audit *audit, struct arena *arena,
	const struct audit_event *event);

struct audit_head {
	int64_t rows;
	const char *mac;    /* hex; of the last row; zeros when there is none */
	const char *key_id; /* "" when there is none */
};
MUST_CHECK enum err audit_head(
	struct audit *audit, struct arena *arena, struct audit_head *out);
struct audit_finding {
	bool sound;
	int64_t rows;	   /* that were read */
	int64_t broken_at; /* number of the first bad row; 0 */
	const char *what;  /* in words, or NULL */
};
/* Reads every row. anchor NULL: the chain alone (which cannot see a cut
   tail). ERR_OK means that an answer was found: look at out->sound. */
MUST_CHECK enum err audit_verify(struct audit *audit, struct arena *arena,
	const struct audit_head *anchor, struct audit_finding *out);
/* Whether the head is one that this log had; for further anchors, after
   audit_verify found the chain sound. */
MUST_CHECK enum err audit_anchor_check(struct audit *audit, struct arena *arena,
	const struct audit_head *anchor, struct audit_finding *out);

/* With the active key, over bytes that are no row: that this installation
   wrote them. Reads and writes no row; audit->db may be NULL. */
struct audit_seal {
	const char *key_id;
	const char *mac; /* hex */
};
MUST_CHECK enum err audit_seal(struct audit *audit, struct arena *arena,
	const void *bytes, size_t len, struct audit_seal *out);
/* ERR_NOT_FOUND: that key is not here. ERR_BAD_INPUT: these are other bytes,
   or somebody else's seal. */
MUST_CHECK enum err audit_seal_check(struct audit *audit, const void *bytes,
	size_t len, const struct audit_seal *found);

/* The texts of a row, in the order in which they are hashed. */
enum audit_text {
	AUDIT_EVENT,
	AUDIT_RESULT,
	AUDIT_ACTOR,
	AUDIT_OBJECT,
	AUDIT_ADDRESS,
	AUDIT_REQUEST_ID,
	AUDIT_DETAIL,
	AUDIT_KEY_ID,
	AUDIT_TEXT_COUNT
};
/* "event", "result", ... */
const char *audit_text_name(enum audit_text which);
struct audit_row {
	int64_t seq, at;
	const char *texts[AUDIT_TEXT_COUNT]; /* or NULL */
	const char *mac;		     /* hex */
	bool odd; /* holds what audit_append never writes */
};
struct audit_rows {
	struct audit_row *items;
	size_t count; /* 0: the end */
};
/* The next rows behind that number, at most 500, as they stand: unchecked. */
MUST_CHECK enum err audit_read(struct audit *audit, struct arena *arena,
	int64_t after, struct audit_rows *out);

#endif
