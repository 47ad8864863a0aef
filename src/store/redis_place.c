/*
 * Where Redis is, as the operator writes it. A password may stand in the URL;
 * a report must never repeat it.
 */
#include "redis_link.h"

#include "text.h"

enum {
	REDIS_PORT = 6379,
	PORT_MOST = 65535,
	DATABASE_MOST = 65535,
	PATH_MOST = 107 /* of a socket's address */
};

static bool number_within(const char *text, int64_t most, int64_t *out)
{
	return text_integer(text, out) && *out >= 0 && *out <= most;
}

/* unix:///path[?db=N] */
static bool parse_unix(
	struct arena *arena, const char *rest, struct redis_place *place)
{
	const char *query = strchr(rest, '?');
	size_t len = query ? (size_t)(query - rest) : strlen(rest);

	if (rest[0] != '/' || len < 2 || len > PATH_MOST)
		return false;
	place->path = arena_copy(arena, rest, len);
	if (!query)
		return true;
	return text_starts(query, "?db=") &&
	       number_within(query + 4, DATABASE_MOST, &place->database);
}

/* "host", "host:port", "[::1]:port" */
static bool parse_host(struct arena *arena, const char *text, size_t len,
	struct redis_place *place)
{
	char *host = arena_copy(arena, text, len);
	char *end = host[0] == '[' ? strchr(host, ']') : strrchr(host, ':');
	int64_t port = REDIS_PORT;

	if (host[0] == '[') {
		if (!end)
			return false;
		host++;
		*end++ = '\0';
	}
	if (end && *end != '\0') {
		if (*end != ':' || !number_within(end + 1, PORT_MOST, &port) ||
			port == 0)
			return false;
		*end = '\0';
	}
	place->host = host;
	place->port = (int)port;
	return host[0] != '\0' && !strpbrk(host, " \t/@?#");
}

/* [:pass@]host[:port][/db] */
static bool parse_network(
	struct arena *arena, const char *rest, struct redis_place *place)
{
	const char *slash = strchr(rest, '/');
	size_t len = slash ? (size_t)(slash - rest) : strlen(rest);
	const char *at = memrchr(rest, '@', len);

	if (at) {
		if (rest[0] != ':' || text_percent_decode(arena, rest + 1,
					      (size_t)(at - rest - 1), false,
					      &place->password))
			return false;
		len -= (size_t)(at + 1 - rest);
		rest = at + 1;
	}
	if (!parse_host(arena, rest, len, place))
		return false;
	return !slash || slash[1] == '\0' ||
	       number_within(slash + 1, DATABASE_MOST, &place->database);
}

enum err redis_place_parse(struct arena *arena, const char *url,
	struct report *report, struct redis_place *out)
{
	struct redis_place place = {.host = NULL};
	bool good = false;

	if (text_starts(url, "unix://"))
		good = parse_unix(arena, url + strlen("unix://"), &place);
	else if (text_starts(url, "redis://"))
		good = parse_network(arena, url + strlen("redis://"), &place);
	if (!good) {
		report_detail(report,
			"The address of Redis must be redis://[:password@]host"
			"[:port][/database] or unix:///path[?db=number].");
		return ERR_BAD_INPUT;
	}
	*out = place;
	return ERR_OK;
}
