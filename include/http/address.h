/*
 * Addresses of clients: one spelling each, networks (CIDR), and what counts
 * as one subject of a limit. The client's own address is REMOTE_ADDR's, or,
 * behind a proxy that the operator named, the right-most hop of
 * X-Forwarded-For that is none of his.
 */
#ifndef HTTP_ADDRESS_H
#define HTTP_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "err.h"
#include "report.h"

/* IPv6, or IPv4 as ::ffff:a.b.c.d. */
struct address {
	unsigned char bytes[16];
};

struct address_net {
	struct address base;
	unsigned bits; /* of the 128 */
};
struct address_nets {
	const struct address_net *at;
	size_t count;
};

/* False unless the whole text is an address; no port, no brackets. */
MUST_CHECK bool address_parse(const char *text, struct address *out);
const char *address_text(struct arena *arena, const struct address *address);
/* "a:192.0.2.1"; of IPv6 the network of 64 bits: "a:2001:db8:0:1::" (a
   slash could not stand in a path). */
const char *address_subject(struct arena *arena, const struct address *address);
/* "10.0.0.0/8, ::1": ERR_BAD_INPUT with a sentence for what is none. */
MUST_CHECK enum err address_nets_parse(struct arena *arena, const char *list,
	struct report *report, struct address_nets *out);
bool address_is_in(
	const struct address_nets *nets, const struct address *address);
/*
 * remote: the peer of the web server; forwarded: X-Forwarded-For or NULL,
 * believed only from a trusted peer. ERR_BAD_REQUEST when a hop on the way
 * to the client is no address.
 */
MUST_CHECK enum err address_of_client(struct arena *arena,
	const struct address_nets *trusted, const struct address *remote,
	const char *forwarded, struct address *out);

#endif
