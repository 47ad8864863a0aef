/*
 * What a webhook's address may be: a plain https URL of a host that the
 * operator allows. Where the name leads is looked at when the connection is
 * opened (venue/outbound.c), never here. Must never repair an address.
 */
#include "channels.h"

#include "text.h"

enum {
	URL_LIMIT = 1024,
	HOST_LIMIT = 253,
	HTTPS_PORT = 443
};

static bool is_host(const char *host)
{
	size_t len = strlen(host);

	return len > 0 && len <= HOST_LIMIT && host[0] != '.' &&
	       host[0] != '-' && host[len - 1] != '.' &&
	       strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.-") == len;
}

static bool is_path(const char *path)
{
	if (*path != '/' && *path != '\0')
		return false;
	for (; *path; path++)
		if (*path <= ' ' || *path > '~' ||
			strchr("#\"<>\\^`{|}", *path))
			return false;
	return true;
}

static bool split_host(
	struct arena *arena, const char *place, struct channel_url *out)
{
	const char *colon = strchr(place, ':');

	out->host = colon ? arena_copy(arena, place, (size_t)(colon - place))
			  : place;
	out->loopback = text_equal(out->host, "127.0.0.1");
	return is_host(out->host) &&
	       (!colon || (text_integer(colon + 1, &out->port) &&
				  out->port >= 1 && out->port <= 65535));
}

enum err channel_url_split(
	struct arena *arena, const char *url, struct channel_url *out)
{
	struct channel_url found = {.port = HTTPS_PORT};
	const bool plain = text_starts(url, "http://");
	const char *place = url + strlen(plain ? "http://" : "https://");
	size_t len;

	if ((!plain && !text_starts(url, "https://")) ||
		strnlen(url, URL_LIMIT + 1) > URL_LIMIT)
		return ERR_BAD_INPUT;
	len = strcspn(place, "/?#");
	found.base = arena_copy(arena, url, (size_t)(place - url) + len);
	found.path = place[len] == '\0' ? "/" : arena_text(arena, place + len);
	if (!split_host(arena, arena_copy(arena, place, len), &found) ||
		!is_path(found.path) || (plain && !found.loopback))
		return ERR_BAD_INPUT;
	*out = found;
	return ERR_OK;
}

static bool is_listed(const char *list, const char *host)
{
	const size_t host_len = strlen(host);

	while (*(list += strspn(list, ", ")) != '\0') {
		const size_t len = strcspn(list, ", ");

		if (len == host_len && memcmp(list, host, len) == 0)
			return true;
		list += len;
	}
	return false;
}

bool channel_host_is_allowed(const char *hosts, const struct channel_url *url)
{
	if (!hosts || hosts[0] == '\0')
		return !url->loopback && url->port == HTTPS_PORT;
	return is_listed(hosts, url->host);
}
