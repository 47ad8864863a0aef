/*
 * Where mail goes, and which addresses may stand in SMTP's lines. Pure. Must
 * never let a relay of another machine be spoken to in the clear.
 */
#include "outbound.h"

#include "text.h"

enum {
	SMTPS_PORT = 465,
	SUBMISSION_PORT = 587
};

static bool is_host(const char *host)
{
	const size_t len = strlen(host);

	return len > 0 && len <= 253 && host[0] != '.' && host[0] != '-' &&
	       strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.-") == len;
}

enum err outbound_relay_parse(struct arena *arena, const char *url,
	struct report *report, struct outbound_relay *out)
{
	struct outbound_relay relay = {.tls = text_starts(url, "smtps://")};
	const char *place = url + strlen(relay.tls ? "smtps://" : "smtp://");
	const char *colon;
	bool good = relay.tls || text_starts(url, "smtp://");

	if (good) {
		colon = strchr(place, ':');
		relay.host = colon ? arena_copy(arena, place,
					     (size_t)(colon - place))
				   : arena_text(arena, place);
		relay.port = relay.tls ? SMTPS_PORT : SUBMISSION_PORT;
		good = is_host(relay.host) &&
		       (!colon ||
			       (text_integer(colon + 1, &relay.port) &&
				       relay.port >= 1 && relay.port <= 65535));
	}
	if (!good) {
		report_detail(report, "The mail server must be smtp://host, "
				      "smtps://host, or one with a port.");
		return ERR_BAD_INPUT;
	}
	relay.loopback = text_equal(relay.host, "127.0.0.1");
	relay.starttls = !relay.tls && !relay.loopback;
	*out = relay;
	return ERR_OK;
}

bool outbound_is_mail(const char *address)
{
	return strlen(address) < OUTBOUND_MAIL_ROOM - 2 &&
	       strchr(address, '@') && !strpbrk(address, "<> \t\r\n") &&
	       !text_has_control(address, strlen(address));
}
