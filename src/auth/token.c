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

enum err token_keys_open_why(struct arena *arena, const char *path,
	const char **fault, struct token_keys **out)
{
	struct token_keys *keys = arena_alloc(arena, sizeof(*keys));
	enum err err =
		key_ring_open(&keys->ring, arena_text(arena, path), fault);

	if (err == ERR_OK)
		*out = keys;
	return err;
}

enum err token_keys_open(
	struct arena *arena, const char *path, struct token_keys **out)
{
	return token_keys_open_why(arena, path, NULL, out);
}

void token_keys_close(struct token_keys **keys)
{
	if (!*keys)
		return;
	key_ring_release(&(*keys)->ring);
	*keys = NULL;
}

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

static bool times_are_good(const struct json *payload,
	const struct token_policy *policy, int64_t now_ms,
	struct token_claims *out)
{
	int64_t latest = now_ms / 1000 + CLOCK_SKEW_S, not_before = 0;

	if (!time_claim(payload, "iat", &out->issued) ||
		!time_claim(payload, "exp", &out->expires))
		return false;
	if (json_member(payload, "nbf") &&
		!time_claim(payload, "nbf", &not_before))
		return false;
	return out->issued <= latest && not_before <= latest &&
	       out->expires > out->issued &&
	       out->expires - out->issued <= policy->ttl_s &&
	       now_ms < out->expires * 1000;
}

static bool id_claim(
	const struct json *payload, const char *name, const char **out)
{
	*out = text_claim(payload, name);
	return *out && id_is_valid(*out);
}

static bool claims_are_good(const struct json *payload,
	const struct token_policy *policy, int64_t now_ms,
	struct token_claims *out)
{
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
	       times_are_good(payload, policy, now_ms, out);
}

enum err token_verify(struct token_keys *keys,
	const struct token_reading *reading, const char *token, size_t len,
	struct token_claims *out)
{
	const int64_t now_ms = reading->now_ms;
	struct token_parts parts;
	struct token_claims claims = {0};
	const struct ring_key *key;
	enum err err = token_precheck(reading->arena, token, len, &parts);

	if (err != ERR_OK)
		return err;
	if (now_ms < 0 || key_ring_refresh(&keys->ring) != ERR_OK)
		return ERR_UNAVAILABLE;
	key = key_ring_find(&keys->ring, parts.kid, now_ms);
	if (!key || !signature_is_good(parts.text, key))
		return ERR_TOKEN_INVALID;
	if (!claims_are_good(parts.payload, reading->policy, now_ms, &claims))
		return ERR_TOKEN_INVALID;
	*out = claims;
	return ERR_OK;
}
