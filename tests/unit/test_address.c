/*
 * Addresses: spelling, networks, subjects, and the way through proxies that
 * nobody but the operator can choose.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "address.h"
#include "text.h"

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

static const struct {
	const char *text;
	const char *spelled; /* NULL: no address */
	const char *subject;
} spellings[] = {
	{"192.0.2.7", "192.0.2.7", "a:192.0.2.7"},
	{"0.0.0.0", "0.0.0.0", "a:0.0.0.0"},
	{"255.255.255.255", "255.255.255.255", "a:255.255.255.255"},
	{"10.20.103.4", "10.20.103.4", "a:10.20.103.4"},
	{"::ffff:192.0.2.7", "192.0.2.7", "a:192.0.2.7"},
	{"2001:DB8:0:1:2:3:4:5", "2001:db8:0:1:2:3:4:5", "a:2001:db8:0:1::"},
	{"2001:db8:0:1::9", "2001:db8:0:1::9", "a:2001:db8:0:1::"},
	{"::1", "::1", "a:::"},
	{"192.0.2.07", NULL, NULL},
	{"192.0.2", NULL, NULL},
	{"192.0.2.1:80", NULL, NULL},
	{"[::1]", NULL, NULL},
	{"fe80::1%eth0", NULL, NULL},
	{" 192.0.2.1", NULL, NULL},
	{"unknown", NULL, NULL},
	{"", NULL, NULL},
};

static void one_spelling_and_one_subject(void **state)
{
	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		struct address address;
		bool good = address_parse(spellings[i].text, &address);

		if (good != (spellings[i].spelled != NULL))
			fail_msg("%s", spellings[i].text);
		if (!good)
			continue;
		assert_string_equal(
			address_text(*state, &address), spellings[i].spelled);
		assert_string_equal(address_subject(*state, &address),
			spellings[i].subject);
	}
}

static struct address_nets nets_of(struct arena *arena, const char *list)
{
	struct address_nets nets = {0};

	assert_int_equal(
		address_nets_parse(arena, list, report_open(arena), &nets),
		ERR_OK);
	return nets;
}

static const struct {
	const char *nets, *address;
	bool inside;
} networks[] = {
	{"10.0.0.0/8", "10.255.0.1", true},
	{"10.0.0.0/8", "11.0.0.1", false},
	{"192.0.2.128/25", "192.0.2.128", true},
	{"192.0.2.128/25", "192.0.2.127", false},
	{"192.0.2.1", "192.0.2.1", true},
	{"192.0.2.1", "192.0.2.2", false},
	{"0.0.0.0/0", "203.0.113.9", true},
	{"0.0.0.0/0", "2001:db8::1", false},
	{"2001:db8::/33", "2001:db8:7fff::1", true},
	{"2001:db8::/33", "2001:db8:8000::1", false},
	{"::/0", "192.0.2.1", true},
	{"10.0.0.0/8, ::1", "::1", true},
	{"", "10.0.0.1", false},
};

static void networks_hold_what_they_should(void **state)
{
	for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++) {
		struct address_nets nets = nets_of(*state, networks[i].nets);
		struct address address;

		assert_true(address_parse(networks[i].address, &address));
		if (address_is_in(&nets, &address) != networks[i].inside)
			fail_msg("%s in %s", networks[i].address,
				networks[i].nets);
	}
}

static void what_is_no_network_is_refused(void **state)
{
	static const char *const bad[] = {"10.0.0.0/33", "::1/129", "10.0.0.0/",
		"10.0.0.0/-1", "10.0.0/8", "example.com", "10.0.0.0/8/8",
		"10.0.0.0/08"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct report *report = report_open(*state);
		struct address_nets nets;

		if (address_nets_parse(*state, bad[i], report, &nets) !=
			ERR_BAD_INPUT)
			fail_msg("%s", bad[i]);
		assert_non_null(report->detail);
	}
}

static const struct {
	const char *remote, *forwarded;
	const char *client; /* NULL: 400 */
} ways[] = {
	/* nobody whom we trust: the header is a stranger's */
	{"192.0.2.1", "198.51.100.1", "192.0.2.1"},
	{"192.0.2.1", "rubbish", "192.0.2.1"},
	{"10.0.0.1", NULL, "10.0.0.1"},
	{"10.0.0.1", "198.51.100.1", "198.51.100.1"},
	{"10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"},
	{"10.0.0.1", "1.1.1.1,198.51.100.1 , 10.9.9.9", "198.51.100.1"},
	{"10.0.0.1", "rubbish, 198.51.100.1", "198.51.100.1"},
	{"10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.2"},
	{"10.0.0.1", "2001:db8::1", "2001:db8::1"},
	{"10.0.0.1", "rubbish", NULL},
	{"10.0.0.1", "198.51.100.1:80", NULL},
	{"10.0.0.1", "1.1.1.1, , 10.0.0.2", NULL},
	{"10.0.0.1", "1.1.1.1,", NULL},
	{"10.0.0.1", " ", NULL},
	{"10.0.0.1", "", "10.0.0.1"},
	{"10.0.0.1", ",", NULL},
	{"10.0.0.1", "unknown", NULL},
	{"10.0.0.1", "_hidden, 198.51.100.1", "198.51.100.1"},
	{"10.0.0.1", "198.51.100.1, unknown, 10.0.0.2", NULL},
	{"10.0.0.1", "[2001:db8::1]:443", NULL},
	{"10.0.0.1", "198.51.100.01", NULL},
	{"10.0.0.1", "fe80::1%eth0", NULL},
	/* the same addresses in IPv6's clothes */
	{"::ffff:10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"},
	{"10.0.0.1", "198.51.100.1, ::ffff:10.9.9.9", "198.51.100.1"},
	{"::ffff:192.0.2.1", "198.51.100.1", "192.0.2.1"},
	{"::10.0.0.1", "198.51.100.1", "::10.0.0.1"},
};

static void the_client_is_the_last_hop_that_is_not_ours(void **state)
{
	struct address_nets trusted = nets_of(*state, "10.0.0.0/8");

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct address remote, client;
		enum err err;

		assert_true(address_parse(ways[i].remote, &remote));
		err = address_of_client(
			*state, &trusted, &remote, ways[i].forwarded, &client);
		if ((err == ERR_OK) != (ways[i].client != NULL))
			fail_msg("%s", ways[i].forwarded);
		if (err == ERR_OK)
			assert_string_equal(
				address_text(*state, &client), ways[i].client);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_spelling_and_one_subject),
		TEST(networks_hold_what_they_should),
		TEST(what_is_no_network_is_refused),
		TEST(the_client_is_the_last_hop_that_is_not_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
