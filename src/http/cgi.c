/*
 * Walks the CGI parameters once: finds those we know, refuses any name that
 * comes twice. On the path of every request, so names are hashed, not
 * compared with each other. Must never take the second of two.
 */
#include "cgi_private.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	PARAMS_LIMIT = 512,
	SLOTS = 1024 /* a power of two, twice the limit */
};

struct known_name {
	const char *text;
	size_t len;
};

#define NAME(literal)                          \
	{                                      \
		(literal), sizeof(literal) - 1 \
	}
static const struct known_name known[CGI_NAME_COUNT] = {
	[CGI_METHOD] = NAME("REQUEST_METHOD"),
	[CGI_URI] = NAME("REQUEST_URI"),
	[CGI_ADDRESS] = NAME("REMOTE_ADDR"),
	[CGI_HTTPS] = NAME("HTTPS"),
	[CGI_TYPE] = NAME("CONTENT_TYPE"),
	[CGI_LENGTH] = NAME("CONTENT_LENGTH"),
	[CGI_AUTHORIZATION] = NAME("HTTP_AUTHORIZATION"),
	/* Apache's name for it behind a rewrite; no client can set it */
	[CGI_AUTHORIZATION_MOVED] = NAME("REDIRECT_HTTP_AUTHORIZATION"),
	[CGI_API_KEY] = NAME("HTTP_X_API_KEY"),
	[CGI_ORIGIN] = NAME("HTTP_ORIGIN"),
	[CGI_ACCEPT] = NAME("HTTP_ACCEPT"),
	[CGI_USER_AGENT] = NAME("HTTP_USER_AGENT"),
	[CGI_REQUEST_ID] = NAME("HTTP_X_REQUEST_ID"),
	[CGI_COOKIE] = NAME("HTTP_COOKIE"),
	[CGI_CSRF] = NAME("HTTP_X_CSRF_TOKEN"),
	[CGI_FETCH_SITE] = NAME("HTTP_SEC_FETCH_SITE"),
	[CGI_IF_MATCH] = NAME("HTTP_IF_MATCH"),
	[CGI_IDEMPOTENCY_KEY] = NAME("HTTP_IDEMPOTENCY_KEY"),
	[CGI_IF_NONE_MATCH] = NAME("HTTP_IF_NONE_MATCH"),
	[CGI_TRACEPARENT] = NAME("HTTP_TRACEPARENT"),
	[CGI_FORWARDED] = NAME("HTTP_X_FORWARDED_FOR"),
	[CGI_PREFLIGHT_METHOD] = NAME("HTTP_ACCESS_CONTROL_REQUEST_METHOD"),
	[CGI_SIGNATURE] = NAME("HTTP_X_KONTOR_SIGNATURE"),
};

/* Where the parameters seen so far stand in the list, plus 1; 0: free. */
struct seen {
	uint16_t slots[SLOTS];
	uint16_t lens[PARAMS_LIMIT];
};

/* The name's hash (FNV-1a) and its length. */
static uint32_t hash_name(const char *param, size_t *len)
{
	uint32_t hash = 2166136261U;
	size_t i = 0;

	for (; param[i] != '\0' && param[i] != '='; i++)
		hash = (hash ^ (unsigned char)param[i]) * 16777619U;
	*len = i;
	return hash;
}

/* False when the name was there before. */
static bool see(struct seen *seen, const char *const *params, size_t index,
	uint32_t hash)
{
	size_t len = seen->lens[index];
	size_t slot = (hash ^ hash >> 16) & (SLOTS - 1);

	for (; seen->slots[slot] != 0; slot = (slot + 1) & (SLOTS - 1)) {
		size_t other = seen->slots[slot] - 1U;

		if (seen->lens[other] == len &&
			memcmp(params[other], params[index], len) == 0)
			return false;
	}
	seen->slots[slot] = (uint16_t)(index + 1);
	return true;
}

static void take(const char *param, size_t len, struct cgi *out)
{
	for (size_t i = 0; i < CGI_NAME_COUNT; i++) {
		if (known[i].len != len ||
			memcmp(known[i].text, param, len) != 0)
			continue;
		if (param[len] == '=' && param[len + 1] != '\0')
			out->values[i] = param + len + 1;
		return;
	}
}

enum err cgi_collect(
	const char *const *params, struct report *report, struct cgi *out)
{
	struct seen seen;

	memset(seen.slots, 0, sizeof(seen.slots));
	for (size_t i = 0; params[i]; i++) {
		size_t len;
		uint32_t hash;

		if (i == PARAMS_LIMIT) {
			report_detail(
				report, "The request has too many headers.");
			return ERR_BAD_REQUEST;
		}
		hash = hash_name(params[i], &len);
		seen.lens[i] = (uint16_t)(len > UINT16_MAX ? UINT16_MAX : len);
		if (!see(&seen, params, i, hash)) {
			report_detail(report, "A header comes twice where it "
					      "may come once.");
			return ERR_BAD_REQUEST;
		}
		take(params[i], len, out);
	}
	return ERR_OK;
}
