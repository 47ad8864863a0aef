/*
 * Signing and verifying access tokens; the only user of libjwt. Claims are
 * read from our own strict parse of the same bytes, and only after the
 * signature was found good. Never passes libjwt an empty key (it would take
 * any token) nor a token that was not pre-checked.
 */
#include "token.h"

#include <jwt.h>

#include "id.h"
#include "text.h"
#include "token_keys_private.h"
#include "token_precheck_private.h"

enum {
	CLOCK_SKEW_S = 30
}; /* of iat and nbf between machines */

static const int64_t time_limit_s = 253402300800; /* the year 10000 */
static const char access_kind[] = "access";

static bool add_claims(jwt_t *jwt, const struct token_policy *policy,
	const struct token_claims *claims)
{
	const struct {
		const char *name, *value;
	} texts[] = {
		{"iss", policy->issuer},
		{"aud", policy->audience},
		{"kind", access_kind},
		{"sub", claims->user_id},
		{"sid", claims->session_id},
		{"jti", claims->jti},
		{"role", claims->role},
		{"scope", claims->scope},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (jwt_add_grant(jwt, texts[i].name, texts[i].value) != 0)
			return false;
	return jwt_add_grant_int(jwt, "iat", (long)claims->issued) == 0 &&
	       jwt_add_grant_int(jwt, "exp", (long)claims->expires) == 0;
}

static enum err encode(jwt_t *jwt, struct arena *arena, const char **out)
{
	char *text = jwt_encode_str(jwt);
	size_t len;

	if (!text)
		return ERR_INTERNAL;
	len = strlen(text);
	if (len <= TOKEN_LENGTH_LIMIT)
		*out = arena_copy(arena, text, len);
	secret_wipe(text, len);
	free(text);
	return len <= TOKEN_LENGTH_LIMIT ? ERR_OK : ERR_INTERNAL;
}

enum err token_sign(struct token_keys *keys, struct arena *arena,
	const struct token_policy *policy, const struct token_claims *claims,
	const char **out)
{
	const struct ring_key *key;
	jwt_t *jwt = NULL;
	enum err err;

	if (key_ring_refresh(&keys->ring) != ERR_OK)
		return ERR_UNAVAILABLE;
	key = keys->ring.active;
	if (jwt_new(&jwt) != 0)
		return ERR_INTERNAL;
	if (jwt_add_header(jwt, "kid", key->id) == 0 &&
		jwt_set_alg(jwt, JWT_ALG_HS256, key->secret.bytes,
			(int)key->secret.len) == 0 &&
		add_claims(jwt, policy, claims))
		err = encode(jwt, arena, out);
	else
		err = ERR_INTERNAL;
	jwt_free(jwt);
	return err;
}

static bool signature_is_good(const char *token, const struct ring_key *key)
{
	jwt_t *jwt = NULL;
	bool good;

	/* without a key libjwt takes every token */
	if (!key->secret.bytes || key->secret.len < TOKEN_KEY_MIN)
		return false;
	if (jwt_decode(&jwt, token, key->secret.bytes, (int)key->secret.len))
		return false;
	good = jwt_get_alg(jwt) == JWT_ALG_HS256;
	jwt_free(jwt);
	return good;
}

/* Digits only: no sign, point or exponent, whatever they would mean. */
static bool time_claim(
	const struct json *payload, const char *name, int64_t *out)
{
	const struct json *claim = json_member(payload, name);
	int64_t value;

	if (!claim || claim->kind != JSON_NUMBER || claim->len == 0 ||
		strspn(claim->text, "0123456789") != claim->len ||
		!text_integer(claim->text, &value) || value >= time_limit_s)
		return false;
	*out = value;
	return true;
}

static const char *text_claim(const struct json *payload, const char *name)
{
	const struct json *claim = json_member(payload, name);

	if (!claim || claim->kind != JSON_TEXT ||
		strlen(claim->text) != claim->len)
		return NULL;
	return claim->text;
}

static bool read_times(
	const struct json *payload, int64_t ttl_s, struct token_cached *out)
{
	struct token_claims *claims = &out->claims;

	if (!time_claim(payload, "iat", &claims->issued) ||
		!time_claim(payload, "exp", &claims->expires))
		return false;
	if (json_member(payload, "nbf") &&
		!time_claim(payload, "nbf", &out->not_before))
		return false;
	return claims->expires > claims->issued &&
	       claims->expires - claims->issued <= ttl_s;
}

/* Whenever it is used, however it was found. */
static bool is_in_time(const struct token_cached *token, int64_t now_ms)
{
	int64_t latest = now_ms / 1000 + CLOCK_SKEW_S;

	return token->claims.issued <= latest && token->not_before <= latest &&
	       now_ms < token->claims.expires * 1000 &&
	       now_ms < token->key_retires;
}

static bool id_claim(
	const struct json *payload, const char *name, const char **out)
{
	*out = text_claim(payload, name);
	return *out && id_is_valid(*out);
}

static bool read_claims(const struct json *payload,
	const struct token_policy *policy, struct token_cached *token)
{
	struct token_claims *out = &token->claims;

	if (!json_is_text(json_member(payload, "iss"), policy->issuer) ||
		!json_is_text(json_member(payload, "aud"), policy->audience) ||
		!json_is_text(json_member(payload, "kind"), access_kind))
		return false;
	out->role = text_claim(payload, "role");
	out->scope = text_claim(payload, "scope");
	if (!out->role || !out->scope)
		return false;
	if (!text_equal(out->role, "user") && !text_equal(out->role, "admin"))
		return false;
	return id_claim(payload, "sub", &out->user_id) &&
	       id_claim(payload, "sid", &out->session_id) &&
	       id_claim(payload, "jti", &out->jti) &&
	       read_times(payload, policy->ttl_s, token);
}

/* The key that the token names. Another process may sign with a new one
   already: before a token is refused for that, the file is looked at. */
static enum err find_key(struct key_ring *ring, const char *kid, int64_t now_ms,
	const struct ring_key **out)
{
	const struct ring_key *key = key_ring_find(ring, kid, now_ms);

	if (!key) {
		if (key_ring_look(ring) != ERR_OK)
			return ERR_UNAVAILABLE;
		key = key_ring_find(ring, kid, now_ms);
	}
	if (!key)
		return ERR_TOKEN_INVALID;
	*out = key;
	return ERR_OK;
}

/* All that does not change with time. */
static enum err verify_whole(struct token_keys *keys,
	const struct token_reading *reading, const struct token_parts *parts,
	struct token_cached *out)
{
	const struct ring_key *key = NULL;
	struct token_cached token = {0};
	enum err err = find_key(&keys->ring, parts->kid, reading->now_ms, &key);

	if (err != ERR_OK)
		return err;
	token.key_retires = key->retires;
	if (!signature_is_good(parts->text, key) ||
		!read_claims(parts->payload, reading->policy, &token))
		return ERR_TOKEN_INVALID;
	*out = token;
	return ERR_OK;
}

enum err token_verify(struct token_keys *keys,
	const struct token_reading *reading, const char *token, size_t len,
	struct token_claims *out)
{
	const struct bytes bytes = {
		.data = (const unsigned char *)token, .len = len};
	struct token_basis basis = {.policy = reading->policy};
	struct token_parts parts;
	struct token_cached found;
	enum err err;

	if (reading->now_ms < 0 || key_ring_refresh(&keys->ring) != ERR_OK)
		return ERR_UNAVAILABLE;
	basis.version = keys->ring.version;
	if (!token_cache_find(
		    keys->cache, reading->arena, &basis, &bytes, &found)) {
		err = token_precheck(reading->arena, token, len, &parts);
		if (err == ERR_OK)
			err = verify_whole(keys, reading, &parts, &found);
		if (err != ERR_OK)
			return err;
		/* the keys may have been read again meanwhile */
		basis.version = keys->ring.version;
		token_cache_keep(keys->cache, &basis, &bytes, &found);
	}
	if (!is_in_time(&found, reading->now_ms)) {
		if (reading->expired)
			*reading->expired =
				reading->now_ms >= found.claims.expires * 1000;
		return ERR_TOKEN_INVALID;
	}
	*out = found.claims;
	return ERR_OK;
}
