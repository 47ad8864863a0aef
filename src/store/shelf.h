/*
 * Records with an expiry over a sorted key-value store with transactions.
 * What a store means (values, answers, tags, windows) is written once above
 * this; below it are memory (tests) and LMDB (the local store). Bounded: each
 * class of records has a budget of its own, and its oldest go first.
 */
#ifndef STORE_SHELF_H
#define STORE_SHELF_H

#include "bytes.h"
#include "board.h"
#include "store_private.h"

/* Who is thrown out for whom: nobody for another class. */
enum shelf_class {
	SHELF_ANSWERS, /* the oldest goes first */
	SHELF_VALUES,  /* the oldest goes first */
	/* From here on: what ends first goes first. */
	SHELF_SMALL, /* tags, claims, numbers */
	/* Windows, by who can make them, so that strangers push out nobody but
	   strangers; and by what is lost with them: those at least half used
	   ("HALF") never make way for a flood of new ones. */
	SHELF_USERS,	/* of users and keys: whoever is signed in */
	SHELF_ACCOUNTS, /* of a name that somebody wants to sign in with */
	SHELF_ACCOUNTS_HALF,
	SHELF_ADDRESSES, /* as many as a stranger likes */
	SHELF_ADDRESSES_HALF,
	SHELF_CLASSES
};

/* The first byte of a record's key. */
enum shelf_kind {
	SHELF_ANSWER = 'a',
	SHELF_CLAIM = 'c',
	SHELF_TAG = 't',
	SHELF_VALUE = 'v',
	SHELF_WINDOW = 'w'
};

enum {
	SHELF_KEY_ROOM = 448,
	SHELF_SMALL_LIMIT = 2000 /* bytes of a record from SHELF_SMALL on */
};

/* For large locals that are written before they are read: the build clears
   all others, which would be a fifth of what a call costs. */
#define SHELF_SCRATCH __attribute__((uninitialized))

struct shelf;

/* ERR_TOO_LARGE: no room; ERR_UNAVAILABLE: does not work. */
struct shelf_ops {
	enum err (*begin)(struct shelf *shelf, bool write);
	/* Keeps what was written, or forgets it. */
	enum err (*end)(struct shelf *shelf, bool keep);
	/* ERR_NOT_FOUND. *out is good until the next change or the end. */
	enum err (*get)(
		struct shelf *shelf, struct bytes key, struct bytes *out);
	/* Hands out where the len bytes of the new record go. */
	enum err (*put)(struct shelf *shelf, struct bytes key, size_t len,
		unsigned char **room);
	enum err (*remove)(struct shelf *shelf, struct bytes key);
	/* The first record at or behind a key. */
	enum err (*from)(struct shelf *shelf, struct bytes key,
		struct bytes *out_key, struct bytes *out);
	/* After ERR_TOO_LARGE, outside of a transaction. */
	void (*full)(struct shelf *shelf);
};

struct shelf {
	const struct shelf_ops *ops;
	int64_t capacity; /* bytes */
	struct board *board;
};

/* A record's key, with room for the longest. */
struct shelf_key {
	size_t len;
	unsigned char bytes[SHELF_KEY_ROOM];
};

/* What stands before each record's own bytes. */
struct shelf_head {
	int64_t expires_ms;
	int64_t order_ms; /* with seq: its place in the order of its class */
	uint64_t seq;
	uint64_t shelf_class;
};

/* The one record about all others. */
struct shelf_tally {
	uint64_t seq;	/* never the same twice */
	uint64_t epoch; /* of answers */
	int64_t evictions;
	struct {
		int64_t count, bytes;
	} classes[SHELF_CLASSES];
};

/* A record to be written: two pieces, one after the other. */
struct shelf_record {
	enum shelf_class shelf_class;
	int64_t expires_ms;
	struct bytes first, second;
};

typedef enum err shelf_work(struct shelf *shelf, void *context);

/* Within one write transaction; again after making room when it is full, so
   `work` must write its outputs last. */
MUST_CHECK enum err shelf_write(
	struct shelf *shelf, shelf_work *work, void *context);
MUST_CHECK enum err shelf_read(
	struct shelf *shelf, shelf_work *work, void *context);

void shelf_key(struct shelf_key *key, enum shelf_kind kind, const char *text);
/* More of a key: the bytes as they are. */
void shelf_key_more(struct shelf_key *key, const void *bytes, size_t len);
struct bytes shelf_key_bytes(const struct shelf_key *key);

/* ---- within a transaction ---------------------------------------------- */

MUST_CHECK enum err shelf_tally(struct shelf *shelf, struct shelf_tally *out);
MUST_CHECK enum err shelf_tally_put(
	struct shelf *shelf, const struct shelf_tally *tally);
/* ERR_NOT_FOUND also when what stands there is shorter than `least`. */
MUST_CHECK enum err shelf_get(struct shelf *shelf, const struct shelf_key *key,
	size_t least, struct shelf_head *head, struct bytes *out);
MUST_CHECK enum err shelf_put(struct shelf *shelf, int64_t now,
	const struct shelf_key *key, const struct shelf_record *record);
/* ERR_OK also when there was none. */
MUST_CHECK enum err shelf_remove(
	struct shelf *shelf, const struct shelf_key *key);
/* The next number of the one sequence. */
MUST_CHECK enum err shelf_next(struct shelf *shelf, uint64_t *out);
/* Throws out up to `most` records of a class, oldest first. */
MUST_CHECK enum err shelf_evict(struct shelf *shelf,
	enum shelf_class shelf_class, size_t most, size_t *out_gone);

/* The longest value that is kept: a sixteenth of all, so that one record
   never pushes out the rest. */
size_t shelf_longest(const struct shelf *shelf);

/* The functions of a backend above a shelf; `self` is the shelf. */
extern const struct store_ops shelf_store_ops;

#endif
