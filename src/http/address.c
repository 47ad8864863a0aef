/*
 * Addresses: parsing, networks, subjects, and the way through trusted
 * proxies. Must never believe a hop that somebody else could have written.
 */
#include "address.h"

#include <arpa/inet.h>

#include "buf.h"
#include "text.h"

enum {
	V4_AT = 12, /* where IPv4 begins in its mapped form */
	V4_BITS = 96,
	ALL_BITS = 128,
	SUBJECT_V6_BYTES = 8, /* a customer's network: /64 */
	NETS_LIMIT = 256
};

static const unsigned char mapped[V4_AT] = {[10] = 0xff, [11] = 0xff};

static bool is_v4(const struct address *address)
{
	return memcmp(address->bytes, mapped, sizeof(mapped)) == 0;
}

bool address_parse(const char *text, struct address *out)
{
	struct address found = {{0}};

	if (inet_pton(AF_INET, text, found.bytes + V4_AT) == 1)
		memcpy(found.bytes, mapped, sizeof(mapped));
	else if (inet_pton(AF_INET6, text, found.bytes) != 1)
		return false;
	*out = found;
	return true;
}

const char *address_text(struct arena *arena, const struct address *address)
{
	char spelled[INET6_ADDRSTRLEN];
	const char *done = is_v4(address)
				   ? inet_ntop(AF_INET, address->bytes + V4_AT,
					     spelled, sizeof(spelled))
				   : inet_ntop(AF_INET6, address->bytes,
					     spelled, sizeof(spelled));

	return arena_text(arena, done ? done : "unknown");
}

static char *put_byte(char *at, unsigned byte)
{
	if (byte >= 100)
		*at++ = (char)('0' + byte / 100);
	if (byte >= 10)
		*at++ = (char)('0' + byte / 10 % 10);
	*at++ = (char)('0' + byte % 10);
	return at;
}

/* Made for each request: inet_ntop would print. */
static const char *v4_subject(struct arena *arena, const unsigned char *bytes)
{
	char *text = arena_alloc(arena, sizeof("a:255.255.255.255"));
	char *at = text;

	*at++ = 'a';
	*at++ = ':';
	for (size_t i = 0; i < sizeof(struct in_addr); i++) {
		if (i > 0)
			*at++ = '.';
		at = put_byte(at, bytes[i]);
	}
	return text;
}

const char *address_subject(struct arena *arena, const struct address *address)
{
	struct address network = {{0}};
	struct buf text;

	if (is_v4(address))
		return v4_subject(arena, address->bytes + V4_AT);
	memcpy(network.bytes, address->bytes, SUBJECT_V6_BYTES);
	buf_init(&text, arena, 64);
	buf_text(&text, "a:");
	buf_text(&text, address_text(arena, &network));
	return text.data;
}

/* ---- networks ---------------------------------------------------------- */

static bool is_in(const struct address_net *net, const struct address *address)
{
	size_t whole = net->bits / 8;
	unsigned rest = net->bits % 8;
	unsigned mask = 0xffU << (8 - rest) & 0xffU;

	if (memcmp(net->base.bytes, address->bytes, whole) != 0)
		return false;
	return rest == 0 ||
	       ((net->base.bytes[whole] ^ address->bytes[whole]) & mask) == 0;
}

bool address_is_in(
	const struct address_nets *nets, const struct address *address)
{
	for (size_t i = 0; nets && i < nets->count; i++)
		if (is_in(&nets->at[i], address))
			return true;
	return false;
}

static bool net_parse(char *word, struct address_net *out)
{
	char *slash = strchr(word, '/');
	int64_t bits = 0;

	if (slash)
		*slash = '\0';
	if (!address_parse(word, &out->base))
		return false;
	out->bits = ALL_BITS;
	if (!slash)
		return true;
	if (!text_integer(slash + 1, &bits) || bits < 0)
		return false;
	if (strchr(word, ':') == NULL)
		bits += V4_BITS;
	out->bits = (unsigned)bits;
	return bits <= ALL_BITS;
}

enum err address_nets_parse(struct arena *arena, const char *list,
	struct report *report, struct address_nets *out)
{
	struct address_net *nets =
		arena_array(arena, NETS_LIMIT, sizeof(*nets));
	size_t count = 0;

	while (*(list += strspn(list, ", ")) != '\0') {
		size_t len = strcspn(list, ", ");
		char *word = arena_copy(arena, list, len);

		if (count == NETS_LIMIT || !net_parse(word, &nets[count])) {
			report_detail(report,
				"%s is no address or network (or there are "
				"more than %d)",
				word, NETS_LIMIT);
			return ERR_BAD_INPUT;
		}
		count++;
		list += len;
	}
	*out = (struct address_nets){.at = nets, .count = count};
	return ERR_OK;
}

/* ---- through proxies --------------------------------------------------- */

/* The hop that ends at `end`, without the blanks around it. */
static const char *hop_before(
	struct arena *arena, const char *forwarded, size_t *end)
{
	size_t from, to = *end;

	while (to > 0 && forwarded[to - 1] == ' ')
		to--;
	from = to;
	while (from > 0 && forwarded[from - 1] != ',')
		from--;
	*end = from > 0 ? from - 1 : 0;
	from += strspn(forwarded + from, " ");
	return arena_copy(arena, forwarded + from, to > from ? to - from : 0);
}

enum err address_of_client(struct arena *arena,
	const struct address_nets *trusted, const struct address *remote,
	const char *forwarded, struct address *out)
{
	struct address client = *remote;
	size_t end = forwarded ? strlen(forwarded) : 0;

	while (end > 0 && address_is_in(trusted, &client))
		if (!address_parse(hop_before(arena, forwarded, &end), &client))
			return ERR_BAD_REQUEST;
	*out = client;
	return ERR_OK;
}
