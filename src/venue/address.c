/*
 * Which addresses may be reached: global unicast ones only, by IANA's special
 * purpose registries (RFC 6890 and its successors). IPv6 that carries an IPv4
 * address inside is refused but for the mapped form, which is judged by what
 * it carries. Pure: never resolves a name.
 */
#include "outbound.h"

#include <arpa/inet.h>
#include <netinet/in.h>

struct block4 {
	uint32_t net;
	unsigned bits;
};

#define NET4(a, b, c, d)                                                  \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | \
		(uint32_t)(d))

static const struct block4 kept4[] = {
	{NET4(0, 0, 0, 0), 8},	     /* this network */
	{NET4(10, 0, 0, 0), 8},	     /* private */
	{NET4(100, 64, 0, 0), 10},   /* behind carriers */
	{NET4(127, 0, 0, 0), 8},     /* loopback */
	{NET4(169, 254, 0, 0), 16},  /* link-local, cloud metadata */
	{NET4(172, 16, 0, 0), 12},   /* private */
	{NET4(192, 0, 0, 0), 24},    /* protocols */
	{NET4(192, 0, 2, 0), 24},    /* documentation */
	{NET4(192, 88, 99, 0), 24},  /* 6to4 relays */
	{NET4(192, 168, 0, 0), 16},  /* private */
	{NET4(198, 18, 0, 0), 15},   /* benchmarks */
	{NET4(198, 51, 100, 0), 24}, /* documentation */
	{NET4(203, 0, 113, 0), 24},  /* documentation */
	{NET4(224, 0, 0, 0), 4},     /* multicast */
	{NET4(240, 0, 0, 0), 4},     /* reserved, broadcast */
};

static bool is_public4(uint32_t address)
{
	for (size_t i = 0; i < sizeof(kept4) / sizeof(kept4[0]); i++)
		if ((address ^ kept4[i].net) >> (32 - kept4[i].bits) == 0)
			return false;
	return true;
}

/* What of 2000::/3 is not for everyone. */
static bool is_kept6(const unsigned char b[16])
{
	bool protocols = b[0] == 0x20 && b[1] == 0x01 && b[2] < 0x02;
	bool documentation = (b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x0d &&
				     b[3] == 0xb8) ||
			     (b[0] == 0x3f && b[1] == 0xff && b[2] < 0x10);
	bool relay = b[0] == 0x20 && b[1] == 0x02; /* 6to4 */

	return protocols || documentation || relay;
}

static bool is_public6(const unsigned char b[16])
{
	static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};

	if (memcmp(b, mapped, sizeof(mapped)) == 0)
		return is_public4(NET4(b[12], b[13], b[14], b[15]));
	return (b[0] & 0xe0) == 0x20 && !is_kept6(b);
}

bool outbound_address_is_public(const struct sockaddr *address)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	if (address->sa_family == AF_INET) {
		memcpy(&in, address, sizeof(in));
		return is_public4(ntohl(in.sin_addr.s_addr));
	}
	if (address->sa_family == AF_INET6) {
		memcpy(&in6, address, sizeof(in6));
		return is_public6(in6.sin6_addr.s6_addr);
	}
	return false;
}
