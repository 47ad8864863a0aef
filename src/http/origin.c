/*
 * Own origin and CORS. Must never reflect an origin that is not in the list,
 * nor allow credentials.
 */
#include "origin.h"

#include "text.h"

enum {
	ORIGINS_LIMIT = 100
};

static const char allowed_headers[] =
	"Authorization, Content-Type, If-Match, If-None-Match, "
	"X-API-Key, X-Request-Id, traceparent";
static const char exposed_headers[] =
	"ETag, Location, RateLimit, RateLimit-Policy, Retry-After, X-Cache, "
	"X-Next-Cursor, X-RateLimit-Limit, X-RateLimit-Remaining, "
	"X-RateLimit-Reset, "
	"X-Request-Id";
static const char preflight_life_s[] = "600";

/* scheme://host[:port], lower case, nothing behind it. */
static bool is_origin(const char *text)
{
	const char *host = strstr(text, "://");

	return host &&
	       (text_starts(text, "https://") ||
		       text_starts(text, "http://")) &&
	       host[3] != '\0' &&
	       strspn(host + 3, "abcdefghijklmnopqrstuvwxyz0123456789.-:[]") ==
		       strlen(host + 3);
}

enum err cors_parse(struct arena *arena, const char *list,
	struct report *report, struct cors *out)
{
	struct cors cors = {
		.origins = arena_array(arena, ORIGINS_LIMIT, sizeof(char *))};

	while (*(list += strspn(list, ", ")) != '\0') {
		size_t len = strcspn(list, ", ");
		const char *origin = arena_copy(arena, list, len);

		if (cors.count == ORIGINS_LIMIT || !is_origin(origin)) {
			report_detail(report,
				"CORS_ORIGINS takes exact origins such as "
				"https://app.example, not \"%s\"",
				origin);
			return ERR_BAD_INPUT;
		}
		cors.origins[cors.count++] = origin_of_url(arena, origin);
		list += len;
	}
	*out = cors;
	return ERR_OK;
}

const char *origin_of_url(struct arena *arena, const char *url)
{
	const char *host = strstr(url, "://");
	size_t len = host ? (size_t)(host - url) + 3 : 0;
	const char *origin;

	len += strcspn(url + len, "/?#");
	origin = text_lower(arena, arena_copy(arena, url, len));
	/* Browsers leave the usual port out. */
	len = strlen(origin);
	if (text_starts(origin, "https://") && len > 4 &&
		text_equal(origin + len - 4, ":443"))
		return arena_copy(arena, origin, len - 4);
	if (text_starts(origin, "http://") && len > 3 &&
		text_equal(origin + len - 3, ":80"))
		return arena_copy(arena, origin, len - 3);
	return origin;
}

bool request_same_origin(const struct request *request, const char *own)
{
	if (request->origin && own && text_equal(request->origin, own))
		return true;
	return request->fetch_site &&
	       text_equal(request->fetch_site, "same-origin");
}

static bool is_allowed(const struct cors *cors, const char *origin)
{
	for (size_t i = 0; cors && origin && i < cors->count; i++)
		if (text_equal(cors->origins[i], origin))
			return true;
	return false;
}

bool request_is_foreign(const struct request *request, const struct cors *cors)
{
	const char *site = request->fetch_site;

	return site && !text_equal(site, "same-origin") &&
	       !text_equal(site, "none") && !is_allowed(cors, request->origin);
}

void cors_headers(const struct cors *cors, const struct request *request,
	struct reply *reply)
{
	if (!cors || cors->count == 0)
		return;
	reply->headers[REPLY_VARY] =
		reply->headers[REPLY_VARY] ? "Accept, Origin" : "Origin";
	if (!is_allowed(cors, request->origin))
		return;
	reply->headers[REPLY_ALLOW_ORIGIN] = request->origin;
	reply->headers[REPLY_EXPOSE_HEADERS] = exposed_headers;
}

void cors_preflight(const struct cors *cors, const struct request *request,
	const char *allow, struct reply *reply)
{
	if (!cors || !request->preflight_method ||
		!is_allowed(cors, request->origin))
		return;
	reply->headers[REPLY_ALLOW_METHODS] = allow;
	reply->headers[REPLY_ALLOW_HEADERS] = allowed_headers;
	reply->headers[REPLY_CORS_MAX_AGE] = preflight_life_s;
}
