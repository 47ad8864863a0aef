/*
 * The table behind token_cache_private.h: sets of a few places, found by a
 * keyed hash that nobody outside can aim at, the token compared whole. Never
 * written to a core file or to a child; wiped when it is closed.
 */
#include "token_cache_private.h"

#include <sys/mman.h>

#include <sodium/crypto_shorthash.h>

#include "id.h"
#include "secret.h"

enum {
	SETS = 256,
	PLACES = 4, /* of a set */
	TOKEN_ROOM = 768,
	ID_ROOM = ID_LENGTH + 1,
	ROLE_ROOM = 8,
	SCOPE_ROOM = 128
};

struct place {
	uint64_t used; /* 0: empty */
	uint64_t version;
	const char *issuer, *audience; /* of the policy: compared as they are */
	int64_t ttl_s;
	int64_t issued, expires, not_before, key_retires;
	size_t len;
	char user_id[ID_ROOM], session_id[ID_ROOM], jti[ID_ROOM];
	char role[ROLE_ROOM], scope[SCOPE_ROOM];
	unsigned char token[TOKEN_ROOM];
};

struct token_cache {
	unsigned char key[crypto_shorthash_KEYBYTES];
	uint64_t uses;
	struct place places[SETS][PLACES];
};

struct token_cache *token_cache_open(void)
{
	/* pages that are not used cost nothing */
	struct token_cache *cache = mmap(NULL, sizeof(*cache),
		PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (cache == MAP_FAILED)
		return NULL;
	(void)madvise(cache, sizeof(*cache), MADV_DONTDUMP);
	(void)madvise(cache, sizeof(*cache), MADV_WIPEONFORK);
	random_bytes(cache->key, sizeof(cache->key));
	return cache;
}

void token_cache_close(struct token_cache **cache)
{
	if (!*cache)
		return;
	for (size_t i = 0; i < SETS; i++)
		for (size_t j = 0; j < PLACES; j++)
			if ((*cache)->places[i][j].used)
				secret_wipe(&(*cache)->places[i][j],
					sizeof((*cache)->places[i][j]));
	(void)munmap(*cache, sizeof(**cache));
	*cache = NULL;
}

static struct place *set_of(
	struct token_cache *cache, const struct bytes *token)
{
	unsigned char hash[crypto_shorthash_BYTES];

	(void)crypto_shorthash(hash, token->data, token->len, cache->key);
	return cache->places[hash[0] % SETS];
}

static bool is_same(const struct place *place, const struct token_basis *basis,
	const struct bytes *token)
{
	return place->used && place->version == basis->version &&
	       place->issuer == basis->policy->issuer &&
	       place->audience == basis->policy->audience &&
	       place->ttl_s == basis->policy->ttl_s &&
	       secret_equal(place->token, place->len, token->data, token->len);
}

static void place_read(const struct place *place, struct arena *arena,
	struct token_cached *out)
{
	*out = (struct token_cached){
		.claims = {.user_id =
				   arena_copy(arena, place->user_id, ID_LENGTH),
			.session_id =
				arena_copy(arena, place->session_id, ID_LENGTH),
			.jti = arena_copy(arena, place->jti, ID_LENGTH),
			.role = arena_text(arena, place->role),
			.scope = arena_text(arena, place->scope),
			.issued = place->issued,
			.expires = place->expires},
		.not_before = place->not_before,
		.key_retires = place->key_retires,
	};
}

bool token_cache_find(struct token_cache *cache, struct arena *arena,
	const struct token_basis *basis, const struct bytes *token,
	struct token_cached *out)
{
	struct place *set;

	if (!cache || token->len > TOKEN_ROOM)
		return false;
	set = set_of(cache, token);
	for (size_t i = 0; i < PLACES; i++) {
		if (!is_same(&set[i], basis, token))
			continue;
		set[i].used = ++cache->uses;
		place_read(&set[i], arena, out);
		return true;
	}
	return false;
}

static bool claims_fit(const struct token_claims *claims)
{
	return strlen(claims->user_id) == ID_LENGTH &&
	       strlen(claims->session_id) == ID_LENGTH &&
	       strlen(claims->jti) == ID_LENGTH &&
	       strlen(claims->role) < ROLE_ROOM &&
	       strlen(claims->scope) < SCOPE_ROOM;
}

static void place_write(struct place *place, const struct token_basis *basis,
	const struct bytes *token, const struct token_cached *cached)
{
	const struct token_claims *claims = &cached->claims;

	*place = (struct place){
		.version = basis->version,
		.issuer = basis->policy->issuer,
		.audience = basis->policy->audience,
		.ttl_s = basis->policy->ttl_s,
		.issued = claims->issued,
		.expires = claims->expires,
		.not_before = cached->not_before,
		.key_retires = cached->key_retires,
		.len = token->len,
	};
	memcpy(place->user_id, claims->user_id, ID_LENGTH);
	memcpy(place->session_id, claims->session_id, ID_LENGTH);
	memcpy(place->jti, claims->jti, ID_LENGTH);
	memcpy(place->role, claims->role, strlen(claims->role));
	memcpy(place->scope, claims->scope, strlen(claims->scope));
	memcpy(place->token, token->data, token->len);
}

void token_cache_keep(struct token_cache *cache,
	const struct token_basis *basis, const struct bytes *token,
	const struct token_cached *cached)
{
	struct place *oldest;
	struct place *set;

	if (!cache || token->len > TOKEN_ROOM || !claims_fit(&cached->claims))
		return;
	set = set_of(cache, token);
	oldest = &set[0];
	for (size_t i = 1; i < PLACES; i++)
		if (set[i].used < oldest->used)
			oldest = &set[i];
	place_write(oldest, basis, token, cached);
	oldest->used = ++cache->uses;
}
