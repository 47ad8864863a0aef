/*
 * Answers that are kept for a while: one for each user, route, values and
 * query. What a user sees is kept under his own id, always; what all share
 * is cached below, in domain. A write drops what it changes by tag, before it
 * answers. Losing the store costs time, never truth: calls go on uncached.
 */
#ifndef HTTP_CACHE_H
#define HTTP_CACHE_H

#include "route.h"
#include "store.h"

enum {
	CACHE_KEPT_COUNT = CACHE_CLASS_COUNT - CACHE_OVERVIEW
};
/* NULL-terminated; [class - CACHE_OVERVIEW], the metrics' label too. */
extern const char *const cache_class_names[];

struct cache_settings {
	int64_t life_ms[CACHE_KEPT_COUNT]; /* 0: not kept */
	int64_t stale_ms;  /* past its life, for those who would wait */
	int64_t wait_ms;   /* longest wait for another that computes */
	int64_t hold_ms;   /* longest write: a dead writer's hold ends then */
	const char *build; /* answers of another build are not ours */
};

/* What the gate needs to know of one call's way through the cache. */
struct cache_visit {
	bool asks;    /* an answer of this call may be found */
	bool told;    /* look is filled: the limits asked along */
	bool looked;  /* an answer of this call may be kept */
	bool claimed; /* and this caller is the one to do it */
	bool hit;     /* reply is filled */
	bool held;    /* tags, by a write */
	struct store_question question;
	struct store_look look;
	struct store_tags tags;
};

/* The store's names for a user's tags (of enum cache_tag): whoever changes
   what is kept beside the routes holds them, as a route's write does. */
struct store_tags cache_tags(
	struct arena *arena, unsigned tags, const char *user_id);

/* What to look for, once it is known who calls. */
void cache_ask(struct call *call, struct cache_visit *visit);
/* Fills call->reply (status, type, ETag, body) on a hit. */
void cache_look(struct call *call, struct cache_visit *visit);
/* Keeps a good answer; anything else gives the claim back. */
void cache_keep(struct call *call, struct cache_visit *visit, bool good);
/* Around the handler of a write. */
void cache_hold(struct call *call, struct cache_visit *visit);
void cache_release(struct call *call, struct cache_visit *visit);
/* What somebody else than a request changed of a user's, after its commit:
   what was kept of it is not found any more. tags: of enum cache_tag. */
struct cache_drop {
	struct store *store; /* or NULL: there is nothing to drop */
	struct arena *arena;
	int64_t now;
	const char *user_id;
	unsigned tags;
};
void cache_drop(const struct cache_drop *drop);
#endif
