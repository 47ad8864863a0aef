/*
 * Tokens whose signature this process found good, so that libjwt sees each
 * only once. An entry is the whole token and what it claims; whether it is
 * still good (keys, times) is asked again at each use, and whether it may be
 * used at all is the database's word, always.
 */
#ifndef AUTH_TOKEN_CACHE_PRIVATE_H
#define AUTH_TOKEN_CACHE_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "bytes.h"
#include "token.h"

struct token_cache; /* NULL is fine everywhere: nothing is kept */

/* What an entry was verified under; another one is never taken. */
struct token_basis {
	uint64_t version; /* of the key ring */
	const struct token_policy *policy;
};

struct token_cached {
	struct token_claims claims; /* texts in the arena */
	int64_t not_before;	    /* s; 0: none */
	int64_t key_retires;	    /* ms */
};

/* NULL when there is no memory for it. */
struct token_cache *token_cache_open(void);
/* Wiped. */
void token_cache_close(struct token_cache **cache);
bool token_cache_find(struct token_cache *cache, struct arena *arena,
	const struct token_basis *basis, const struct bytes *token,
	struct token_cached *out);
/* Too long for a place: not kept. */
void token_cache_keep(struct token_cache *cache,
	const struct token_basis *basis, const struct bytes *token,
	const struct token_cached *cached);

#endif
