/*
 * What a backend of the store is: one struct of functions. `self` is the
 * backend's own. store.c has checked every argument before it calls one;
 * ERR_UNAVAILABLE means that this backend does not work now. Private to
 * src/store.
 */
#ifndef STORE_PRIVATE_H
#define STORE_PRIVATE_H

#include "store.h"

enum {
	STORE_WINDOWS_LIMIT = 8 /* of one store_take() */
};
/* of anything kept, ms */
#define STORE_LIFE_LIMIT_MS ((int64_t)30 * 24 * 3600 * 1000)

/* What is counted, in the order of METRIC_STORE_OPS' second label. */
enum store_op {
	STORE_OP_GET,
	STORE_OP_PUT,
	STORE_OP_REMOVE,
	STORE_OP_ADD,
	STORE_OP_LOOK,
	STORE_OP_KEEP,
	STORE_OP_HOLD,
	STORE_OP_RELEASE,
	STORE_OP_TAKE,
	STORE_OP_ADMIN
};

/* METRIC_STORE_OPS' first label. */
enum store_label {
	STORE_LABEL_LOCAL,
	STORE_LABEL_REDIS,
	STORE_LABEL_OTHER /* counts nothing */
};

/* Tags that a writer holds (hold_ms > 0) or lets go (0). */
struct store_mark {
	const struct store_tags *tags;
	int64_t hold_ms;
};

/* Whose windows are forgotten; rule NULL: all of the subject. */
struct store_who {
	const char *rule, *subject;
};

struct store_ops {
	const char *name;
	enum err (*get)(void *self, struct arena *arena, int64_t now,
		const char *key, struct store_value *out);
	enum err (*put)(
		void *self, int64_t now, const struct store_entry *entry);
	enum err (*remove)(void *self, const char *key);
	enum err (*add)(void *self, int64_t now,
		const struct store_entry *entry, int64_t delta, int64_t *out);
	enum err (*look)(void *self, struct arena *arena, int64_t now,
		const struct store_question *question, struct store_look *out);
	/* answer NULL: only the claim ends */
	enum err (*keep)(void *self, int64_t now, const struct store_look *look,
		const struct store_answer *answer);
	enum err (*mark)(
		void *self, int64_t now, const struct store_mark *mark);
	enum err (*flush)(void *self);
	enum err (*take)(void *self, int64_t now,
		const struct store_windows *windows, struct store_taken *out);
	/* Both in one step, where that is cheaper; else NULL. */
	enum err (*take_look)(void *self, struct arena *arena, int64_t now,
		const struct store_ask *ask, struct store_told *out);
	enum err (*blocked)(void *self, struct arena *arena, int64_t now,
		struct store_blocked_list *out);
	enum err (*forgive)(void *self, const struct store_who *who);
	/* Fills in the figures; .backend is already there. */
	enum err (*state)(void *self, int64_t now, struct store_state *out);
	void (*close)(void *self);
};

struct store_backend {
	const struct store_ops *ops;
	void *self;
	enum store_label label;
	struct metrics *metrics;
};

/* Counts one call and its failure; hands the error through. */
enum err store_count(
	const struct store_backend *backend, enum store_op op, enum err err);

/* The backends. Each hands out ops and self; the arena outlives them. */
void memory_open(struct arena *arena, struct store_backend *out);
void fail_open(struct store_backend *out);
struct board_file;
MUST_CHECK enum err local_open(struct arena *arena,
	const struct store_options *options, struct report *report,
	struct store_backend *out);
/* What all processes share beside a local store; its board may change. */
struct board_file *local_board(const struct store_backend *local);
MUST_CHECK enum err redis_open(struct arena *arena,
	const struct store_options *options, struct report *report,
	struct store_backend *out);
/* Asks whether Redis is there and makes it forget what is cached: what was
   written while it was away is not known to it. */
MUST_CHECK enum err redis_probe(void *self);
/* Redis with the local store behind it. */
void fallback_open(struct arena *arena, const struct store_options *options,
	const struct store_backend pair[2], struct store_backend *out);

#endif
