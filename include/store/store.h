/*
 * What all workers share and may lose: values with a life, cached answers
 * that writes drop by tag, rate windows, claims. One struct of functions, a
 * backend a file: local (LMDB on a memory-backed file, shared by every
 * process of this machine), redis (several machines), memory and fail (tests).
 * With Redis configured and lost, the local one takes over at the same
 * limits, caching stops, and Redis is asked again after a pause; whatever
 * was cached before is not believed when it is back. Never the truth about a
 * token, an order or a setting: that is the database's.
 *
 * Every call takes the caller's clock (ms UTC), so that windows can be
 * tested at their boundary. A failure is ERR_UNAVAILABLE; absence is
 * ERR_NOT_FOUND. Nothing blocks longer than redis_timeout_ms.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "err.h"
#include "report.h"

struct metrics;
struct store;

enum {
	STORE_KEY_LIMIT = 400,		 /* bytes of any name, longer is
					  ERR_BAD_INPUT */
	STORE_VALUE_LIMIT = 1024 * 1024, /* bytes; larger is not kept */
	STORE_TAGS_LIMIT = 8,
	STORE_BLOCKED_LIMIT = 500
};

struct store_options {
	const char *local_path;	    /* the local store's file, made when absent;
				   0600, on /dev/shm where there is one */
	int64_t local_bytes;	    /* its size; the oldest goes when full */
	const char *redis_url;	    /* "" or NULL: local alone. redis://[:pass@]
				   host[:port][/db], unix:///path[?db=N] */
	const char *redis_password; /* or NULL: that of the URL */
	int64_t redis_timeout_ms;   /* 50: connect, and each answer */
	int64_t redis_pause_ms;	    /* 1000: before a lost Redis is asked
				       again; doubles up to 30 s */
	struct metrics *metrics;    /* or NULL */
};

/* ERR_BAD_INPUT with a report for a URL or a path that cannot be. A Redis
   that does not answer is no error: the store opens degraded. */
MUST_CHECK enum err store_open(struct arena *arena,
	const struct store_options *options, struct report *report,
	struct store **out);
/* For tests: a store of this process alone, and one that always fails. */
struct store *store_open_memory(struct arena *arena);
struct store *store_open_fail(struct arena *arena);
void store_close(struct store **store);

/* ---- values ------------------------------------------------------------ */

struct store_value {
	const char *bytes; /* copied into the arena, a NUL behind it */
	size_t len;
	int64_t stored_ms;
	int64_t expires_ms;
};
/* ERR_NOT_FOUND when there is none, or it expired. */
MUST_CHECK enum err store_get(struct store *store, struct arena *arena,
	int64_t now, const char *key, struct store_value *out);
struct store_entry {
	const char *key;
	const void *bytes;
	size_t len;
	int64_t life_ms; /* > 0 */
};
MUST_CHECK enum err store_put(
	struct store *store, int64_t now, const struct store_entry *entry);
MUST_CHECK enum err store_remove(struct store *store, const char *key);
/* Adds to a number that starts at 0 and lives life_ms from its making. */
MUST_CHECK enum err store_add(struct store *store, int64_t now,
	const struct store_entry *entry /* key, life_ms */, int64_t delta,
	int64_t *out);

/* ---- cached answers ----------------------------------------------------- */

/*
 * An answer belongs to tags ("u:USER:strategies", "market"). Look first: it
 * takes note of the tags' versions as they are before anything is read from
 * the database. What was computed then is kept under those versions, so an
 * answer computed before a write is never found after it. A writer holds the
 * tags from before its transaction until after its commit: while held, nothing
 * is found; a writer that dies lets go after hold_ms.
 */
struct store_tags {
	const char *names[STORE_TAGS_LIMIT];
	size_t count;
};
struct store_question {
	const char *key;
	struct store_tags tags;
	int64_t claim_ms;
};
struct store_look {
	bool found;
	bool fresh;   /* else past its life, within the stale bound */
	bool claimed; /* this caller is the one to compute it */
	struct store_value value;
	/* for store_keep: what was asked, and the tags as they were */
	struct store_question asked;
	uint64_t versions[STORE_TAGS_LIMIT]; /* 0: held, never kept */
	uint64_t epoch;
	uint64_t claim; /* names the claim; 0: not claimed */
};
/*
 * ERR_OK whatever is found; ERR_UNAVAILABLE means: go on uncached. When
 * nothing fresh is there, at most one caller gets `claimed` within claim_ms;
 * the others may serve the stale one, or ask again.
 */
MUST_CHECK enum err store_look(struct store *store, struct arena *arena,
	int64_t now, const struct store_question *question,
	struct store_look *out);
struct store_answer {
	const void *bytes;
	size_t len;
	int64_t life_ms;
	int64_t stale_ms; /* how much longer those who wait may get it */
};
/* Ends the claim. A value over the limit is not kept: ERR_OK. */
MUST_CHECK enum err store_keep(struct store *store, int64_t now,
	const struct store_look *look, const struct store_answer *answer);
/* Gives a claim back without an answer. */
void store_unclaim(struct store *store, const struct store_look *look);
MUST_CHECK enum err store_hold(struct store *store, int64_t now,
	const struct store_tags *tags, int64_t hold_ms);
MUST_CHECK enum err store_release(
	struct store *store, int64_t now, const struct store_tags *tags);
/* Drops all cached answers (admin). */
MUST_CHECK enum err store_flush(struct store *store);

/* ---- rate windows -------------------------------------------------------- */

/* Up to this limit a window is exact (a time for each request); above it two
   counters are weighted by how far the present one has come. */
enum {
	STORE_EXACT_LIMIT = 128
};

struct store_window {
	const char *rule;    /* "login"; part of the key */
	const char *subject; /* "a:1.2.3.4", "u:ID"; part of the key */
	int64_t limit;	     /* requests, >= 1 */
	int64_t window_ms;
	/* Who is refused `patience` times within window_ms earns a cool-down
	   that doubles each time up to the cap, and is forgiven one by being
	   quiet for as long as it was; patience 0: none. */
	int64_t patience, cooldown_ms, cooldown_cap_ms;
};
struct store_windows {
	const struct store_window *at;
	size_t count;
};
struct store_taken {
	bool allowed;
	bool blocked;	   /* refused by a cool-down */
	size_t refused;	   /* index of the window that refused; else count */
	size_t tightest;   /* index of the window that the figures are of */
	int64_t remaining; /* requests, now */
	int64_t reset_ms;  /* from now until the window is empty again */
	int64_t retry_ms;  /* from now until one fits; 0 when allowed */
};
/*
 * Takes one request from each window, in their order, in one step; stops at
 * the first that refuses. A refused request takes nothing from any window.
 * The window slides: of all requests allowed within any window_ms, no more
 * than `limit` (exact ones). The figures are those of the window that
 * refused, else of the one with the least remaining share.
 */
MUST_CHECK enum err store_take(struct store *store, int64_t now,
	const struct store_windows *windows, struct store_taken *out);
/*
 * store_take, and store_look if nothing refused: one round trip where each
 * would be one. A refused request claims nothing. The error is that of taking;
 * when only looking fails, it has not been done.
 */
struct store_ask {
	const struct store_windows *windows;
	const struct store_question *question;
};
struct store_told {
	struct store_taken taken;
	bool looked; /* allowed, and look says what was found */
	struct store_look look;
};
MUST_CHECK enum err store_take_look(struct store *store, struct arena *arena,
	int64_t now, const struct store_ask *ask, struct store_told *out);
/* Those in a cool-down, for the admin; at most STORE_BLOCKED_LIMIT. */
struct store_blocked {
	const char *rule, *subject;
	int64_t until_ms, refusals;
};
struct store_blocked_list {
	const struct store_blocked *items;
	size_t count;
};
MUST_CHECK enum err store_blocked_list(struct store *store, struct arena *arena,
	int64_t now, struct store_blocked_list *out);
/* Forgets a subject's windows, of one rule or of all (NULL). */
MUST_CHECK enum err store_forgive(
	struct store *store, const char *rule, const char *subject);

/* ---- its state ----------------------------------------------------------- */

struct store_state {
	const char *backend;	/* "local" | "redis" | "memory" | "fail" */
	bool degraded;		/* Redis is configured, local answers */
	int64_t degraded_since; /* ms; 0 */
	int64_t entries, bytes, capacity, evictions;
	int64_t hits, misses; /* of cached answers, this machine's processes */
};
MUST_CHECK enum err store_state(
	struct store *store, int64_t now, struct store_state *out);

#endif
