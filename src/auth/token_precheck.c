/*
 * The strict reading of a compact JWS (RFC 7515 section 7.1) that comes
 * before libjwt: that library takes junk behind base64, duplicate members,
 * any letter case of an algorithm, ignores "crit", copies the token to the
 * stack whatever its length, and writes past a block for an empty part.
 */
#include "token_precheck_private.h"

#include <stdbool.h>

#include "text.h"
#include "token.h"

enum {
	SIGNATURE_BYTES = 32,
	KID_LIMIT = 32
};

struct part {
	const char *text;
	size_t len;
};

static bool is_base64url(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* Exactly three non-empty parts of the alphabet, between two dots. */
static bool split(const char *token, size_t len, struct part parts[3])
{
	size_t part = 0, start = 0;

	for (size_t i = 0; i <= len; i++) {
		if (i < len && is_base64url(token[i]))
			continue;
		if (i < len && token[i] != '.')
			return false;
		if (i == start || part == 3)
			return false;
		parts[part++] = (struct part){token + start, i - start};
		start = i + 1;
	}
	return part == 3;
}

static const struct json *parse_object(
	struct arena *arena, const struct part *part)
{
	/* faults in a token are no words for the client */
	struct report *report = report_open(arena);
	const struct json *json;
	unsigned char *bytes;
	size_t len;

	if (text_base64url_decode(arena, part->text, part->len, &bytes, &len) !=
		ERR_OK)
		return NULL;
	if (json_parse(arena, (const char *)bytes, len, report, &json) !=
		ERR_OK)
		return NULL;
	return json->kind == JSON_OBJECT ? json : NULL;
}

/* alg, kid, typ and nothing else: no crit, jku, jwk, x5u, x5c, zip, b64. */
static const char *header_kid(const struct json *header)
{
	const struct json *kid = json_member(header, "kid");
	const struct json *typ = json_member(header, "typ");
	size_t known = 2 + (typ ? 1 : 0);

	if (!json_is_text(json_member(header, "alg"), "HS256"))
		return NULL;
	if (typ && !json_is_text(typ, "JWT"))
		return NULL;
	if (!kid || kid->kind != JSON_TEXT || kid->len == 0 ||
		kid->len > KID_LIMIT || strlen(kid->text) != kid->len)
		return NULL;
	return header->count == known ? kid->text : NULL;
}

static bool signature_is_whole(struct arena *arena, const struct part *part)
{
	unsigned char *bytes;
	size_t len;

	return text_base64url_decode(
		       arena, part->text, part->len, &bytes, &len) == ERR_OK &&
	       len == SIGNATURE_BYTES;
}

enum err token_precheck(struct arena *arena, const char *token, size_t len,
	struct token_parts *out)
{
	struct part parts[3];
	const struct json *header, *payload;
	const char *kid;

	if (len == 0 || len > TOKEN_LENGTH_LIMIT || !split(token, len, parts))
		return ERR_TOKEN_INVALID;
	if (!signature_is_whole(arena, &parts[2]))
		return ERR_TOKEN_INVALID;
	header = parse_object(arena, &parts[0]);
	if (!header)
		return ERR_TOKEN_INVALID;
	kid = header_kid(header);
	if (!kid)
		return ERR_TOKEN_INVALID;
	payload = parse_object(arena, &parts[1]);
	if (!payload)
		return ERR_TOKEN_INVALID;
	*out = (struct token_parts){
		.text = arena_copy(arena, token, len),
		.kid = kid,
		.payload = payload,
	};
	return ERR_OK;
}
