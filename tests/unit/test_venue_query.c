/*
 * Requests as they are signed: the exchange's published sample vectors,
 * percent-encoding, numbers; and which addresses may be reached.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "outbound.h"
#include "venue_query.h"

/* The sample secret of the exchange's public documentation. */
static const char sample[] =
	"NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";

static int set_up(void **state)
{
	*state = arena_open(1 << 20);
	return 0;
}

static int tear_down(void **state)
{
	struct arena *arena = *state;

	arena_close(&arena);
	return 0;
}

static void assert_signature(const char *a, const char *b, const char *wanted)
{
	struct secret key;
	char got[VENUE_SIGNATURE_ROOM];

	assert_int_equal(secret_init(&key, sample, strlen(sample)), ERR_OK);
	venue_sign(&key, a, b, got);
	assert_string_equal(got, wanted);
	secret_release(&key);
}

static struct buf query_of(struct arena *arena)
{
	struct buf query;

	buf_init(&query, arena, VENUE_QUERY_LIMIT);
	return query;
}

static void sample_of(struct buf *query, const char *symbol)
{
	venue_query_text(query, "symbol", symbol);
	venue_query_text(query, "side", "BUY");
	venue_query_text(query, "type", "LIMIT");
	venue_query_text(query, "timeInForce", "GTC");
	venue_query_decimal(
		query, "quantity", (struct decimal){.units = 1000, .scale = 3});
	venue_query_decimal(
		query, "price", (struct decimal){.units = 10, .scale = 2});
	venue_query_int(query, "recvWindow", 5000);
	venue_query_int(query, "timestamp", 1499827319559);
}

static void samples_match(void **state)
{
	struct buf query = query_of(*state);

	sample_of(&query, "LTCBTC");
	assert_string_equal(query.data,
		"symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&"
		"price=0.1&recvWindow=5000&timestamp=1499827319559");
	assert_signature(query.data, "",
		"c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6"
		"b71");
	assert_signature("symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC",
		"quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559",
		"0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9"
		"a77");
}

/* Full-width digits: encoded first, signed then. */
static void encoding_comes_before_signing(void **state)
{
	struct buf query = query_of(*state);

	sample_of(&query, "\xEF\xBC\x91\xEF\xBC\x92\xEF\xBC\x93\xEF\xBC\x94"
			  "\xEF\xBC\x95\xEF\xBC\x96");
	assert_non_null(strstr(query.data, "symbol=%EF%BC%91%EF%BC%92%EF%BC%93%"
					   "EF%BC%94%EF%BC%95%EF%BC%96&"));
	assert_signature(query.data, "",
		"e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33"
		"ef3");
}

static void only_unreserved_stays(void **state)
{
	struct buf query = query_of(*state);

	venue_query_text(&query, "a", "[\"B C\"]&x=+%/~-._\x7f");
	assert_string_equal(
		query.data, "a=%5B%22B%20C%22%5D%26x%3D%2B%25%2F~-._%7F");
}

static bool is_public(const char *text)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
		return outbound_address_is_public((struct sockaddr *)&in);
	assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
	return outbound_address_is_public((struct sockaddr *)&in6);
}

static void private_addresses_are_known(void **state)
{
	static const char *const kept[] = {"0.0.0.0", "10.1.2.3", "127.0.0.1",
		"100.64.0.1", "100.127.255.255", "169.254.169.254",
		"172.16.0.1", "172.31.255.255", "192.168.1.1", "192.0.2.1",
		"198.18.0.1", "198.19.255.255", "224.0.0.1", "240.0.0.1",
		"255.255.255.255", "::", "::1", "fe80::1", "fc00::1",
		"fd12:3456::1", "ff02::1", "::ffff:127.0.0.1",
		"::ffff:10.0.0.1", "64:ff9b::7f00:1", "2001:db8::1",
		"2002:7f00:1::1", "2001::1", "3fff::1"};
	static const char *const open[] = {"1.1.1.1", "9.255.255.255",
		"11.0.0.1", "100.63.255.255", "100.128.0.1", "172.15.0.1",
		"172.32.0.1", "198.17.0.1", "198.20.0.1", "223.255.255.254",
		"2606:4700::1111", "2001:4860:4860::8888", "::ffff:8.8.8.8"};

	(void)state;
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (is_public(kept[i]))
			fail_msg("%s", kept[i]);
	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++)
		if (!is_public(open[i]))
			fail_msg("%s", open[i]);
}

static void other_families_are_refused(void **state)
{
	struct sockaddr local = {.sa_family = AF_UNIX};

	(void)state;
	assert_false(outbound_address_is_public(&local));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			samples_match, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			encoding_comes_before_signing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			only_unreserved_stays, set_up, tear_down),
		cmocka_unit_test(private_addresses_are_known),
		cmocka_unit_test(other_families_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
