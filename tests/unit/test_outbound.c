/*
 * Requests to other machines: what may be asked at all, and that nothing
 * around it (redirects, proxies, certificates, names that lead inside) opens
 * another way. Against the exchange's stand-in.
 */
#include "venue_kit.h"

#include "file.h"
#include "folder.h"

extern char **environ;

struct house {
	struct stand_in *stand_in;
	struct arena *arena;
	struct outbound *outbound;
};

static const char *const hosts[] = {"api.example.org", "localhost", NULL};

static void house_init(struct house *house, void **state, bool loopback)
{
	const struct outbound_options options = {.hosts = hosts,
		.loopback = loopback,
		.total_ms = KIT_PATIENT_MS};

	*house = (struct house){
		.stand_in = *state, .arena = arena_open(4 << 20)};
	(void)stand_in_do(house->stand_in, house->arena, "{\"op\":\"clear\"}");
	assert_int_equal(
		outbound_open(house->arena, &options, &house->outbound),
		ERR_OK);
}

static void house_release(struct house *house)
{
	outbound_close(&house->outbound);
	arena_close(&house->arena);
}

static enum err parse(
	struct house *house, const char *url, struct outbound_base *out)
{
	struct report *report = report_open(house->arena);
	enum err err = outbound_base_parse(
		house->arena, house->outbound, url, report, out);

	assert_true(err == ERR_OK || report->detail);
	return err;
}

static void bases_are_strict(void **state)
{
	static const char *const bad[] = {"", "api.example.org",
		"ftp://api.example.org", "http://api.example.org", "https://",
		"https://api.example.org/", "https://api.example.org/path",
		"https://api.example.org?x", "https://api.example.org#x",
		"https://user@api.example.org",
		"https://api.example.org@evil.example",
		"https://api.example.org:443@evil.example",
		"https://evil.example", "https://API.example.org",
		"https://api.example.org.", "https://api.example.org:0",
		"https://api.example.org:65536",
		"https://api.example.org:", "https://api.example.org:x",
		"https://api.example.org\r\nX: y", "https://.example.org",
		"http://127.0.0.1", "http://[::1]", "https://127.0.0.1",
		"http://localhost", "https://[::2]", "https://10.0.0.1"};
	struct house house;
	struct outbound_base base = {0};

	house_init(&house, state, false);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (parse(&house, bad[i], &base) != ERR_BAD_INPUT)
			fail_msg("%s", bad[i]);
	assert_null(base.url);
	assert_int_equal(
		parse(&house, "https://api.example.org", &base), ERR_OK);
	assert_string_equal(base.host, "api.example.org");
	assert_int_equal(
		parse(&house, "https://api.example.org:8443", &base), ERR_OK);
	assert_false(base.loopback || base.plain);
	house_release(&house);
}

static void loopback_needs_leave(void **state)
{
	struct house house;
	struct outbound_base base;

	house_init(&house, state, true);
	assert_int_equal(parse(&house, "http://127.0.0.1:80", &base), ERR_OK);
	assert_true(base.loopback && base.plain);
	assert_int_equal(parse(&house, "http://[::1]:80", &base), ERR_OK);
	assert_string_equal(base.host, "::1");
	assert_int_equal(parse(&house, "https://127.0.0.1", &base), ERR_OK);
	assert_int_equal(
		parse(&house, "http://127.0.0.2", &base), ERR_BAD_INPUT);
	assert_int_equal(
		parse(&house, "http://localhost", &base), ERR_BAD_INPUT);
	house_release(&house);
}

static struct outbound_answer ask(struct house *house, const char *url)
{
	struct outbound_base base;
	struct outbound_answer answer;
	struct outbound_request request = {
		.base = &base, .method = "GET", .path = "/api/v3/time"};

	assert_int_equal(parse(house, url, &base), ERR_OK);
	outbound_ask(house->outbound, &request, &answer);
	return answer;
}

static const char *local(struct house *house)
{
	return arena_format(house->arena, "http://127.0.0.1:%d",
		(int)house->stand_in->port);
}

static void answers_come_with_their_headers(void **state)
{
	struct house house;
	struct outbound_answer answer;

	house_init(&house, state, true);
	answer = ask(&house, local(&house));
	assert_int_equal(answer.sent, OUTBOUND_ANSWERED);
	assert_int_equal(answer.status, 200);
	assert_true(answer.weight_1m >= 1);
	assert_int_equal(answer.retry_after_s, -1);
	(void)stand_in_do(house.stand_in, house.arena,
		"{\"op\":\"plan\",\"method\":\"GET\",\"path\":\"/api/v3/time\","
		"\"do\":\"answer_before\",\"status\":429,\"headers\":{"
		"\"retry-after\":\" 12 \",\"x-mbx-used-weight-1m\":\"77\","
		"\"X-MBX-ORDER-COUNT-10S\":\"3\",\"X-MBX-ORDER-COUNT-1D\":"
		"\"-4\"}}");
	answer = ask(&house, local(&house));
	assert_int_equal(answer.retry_after_s, 12);
	assert_int_equal(answer.weight_1m, 77);
	assert_int_equal(answer.orders_10s, 3);
	assert_int_equal(answer.orders_day, -1);
	house_release(&house);
}

/* A listed name whose address is inside: found after resolving. */
static void names_that_lead_inside_are_not_followed(void **state)
{
	struct house house;
	struct outbound_answer answer;

	house_init(&house, state, false);
	answer = ask(&house, arena_format(house.arena, "https://localhost:%d",
				     (int)house.stand_in->port));
	assert_int_equal(answer.sent, OUTBOUND_NOT_SENT);
	assert_string_equal(
		answer.why, "The host's address is not a public one.");
	house_release(&house);
}

static void redirects_are_answers(void **state)
{
	struct house house;
	struct outbound_answer answer;

	house_init(&house, state, true);
	(void)stand_in_do(house.stand_in, house.arena,
		"{\"op\":\"plan\",\"method\":\"GET\",\"path\":\"/api/v3/time\","
		"\"do\":\"answer_before\",\"status\":302,\"headers\":{"
		"\"Location\":\"/api/v3/time\"}}");
	answer = ask(&house, local(&house));
	assert_int_equal(answer.sent, OUTBOUND_ANSWERED);
	assert_int_equal(answer.status, 302);
	house_release(&house);
}

static void proxies_of_the_environment_are_ignored(void **state)
{
	char *proxies[] = {(char[]){"http_proxy=http://127.0.0.1:1"},
		(char[]){"HTTPS_PROXY=http://127.0.0.1:1"},
		(char[]){"ALL_PROXY=http://127.0.0.1:1"}, NULL};
	char **before = environ;
	struct house house;
	struct outbound_answer answer;

	environ = proxies;
	house_init(&house, state, true);
	answer = ask(&house, local(&house));
	environ = before;
	assert_int_equal(answer.sent, OUTBOUND_ANSWERED);
	house_release(&house);
}

static void connections_are_kept(void **state)
{
	struct house house;
	int64_t before;
	const char *seen =
		"{\"op\":\"seen\",\"method\":\"GET\",\"path\":\"/\"}";

	house_init(&house, state, true);
	(void)ask(&house, local(&house));
	before = kit_number(
		stand_in_do(house.stand_in, house.arena, seen), "connections");
	for (int i = 0; i < 5; i++)
		(void)ask(&house, local(&house));
	assert_int_equal(
		kit_number(stand_in_do(house.stand_in, house.arena, seen),
			"connections"),
		before);
	house_release(&house);
}

/* ---- certificates --------------------------------------------------------------- */

/* A new self-signed certificate for that name: its file in the folder. */
static const char *certificate(
	struct arena *arena, const char *folder, const char *name)
{
	const char *key = file_join(arena, folder, "key.pem");
	const char *cert = file_join(arena, folder, "cert.pem");
	const char *alt = arena_format(arena, "subjectAltName=%s", name);
	pid_t child = fork();
	int status = -1;

	assert_true(child >= 0);
	if (child == 0) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(126);
		(void)execlp("openssl", "openssl", "req", "-x509", "-newkey",
			"ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
			"-subj", "/CN=stand-in", "-addext", alt, "-keyout", key,
			"-out", cert, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	return cert;
}

/* What comes of asking a server that shows a certificate for that name, by a
   client that trusts it, or does not. */
static enum outbound_sent secure(void **state, const char *name, bool trusts)
{
	struct house house;
	char folder[64];
	struct outbound_options options = {
		.loopback = true, .total_ms = KIT_PATIENT_MS};
	struct outbound_answer answer;
	const char *cert;
	int64_t port;

	folder_make(folder, sizeof(folder));
	house_init(&house, state, true);
	outbound_close(&house.outbound);
	cert = certificate(house.arena, folder, name);
	port = kit_number(
		stand_in_do(house.stand_in, house.arena,
			arena_format(house.arena,
				"{\"op\":\"tls\",\"folder\":\"%s\"}", folder)),
		"port");
	options.ca_file = trusts ? cert : NULL;
	assert_int_equal(
		outbound_open(house.arena, &options, &house.outbound), ERR_OK);
	answer = ask(&house,
		arena_format(house.arena, "https://127.0.0.1:%d", (int)port));
	(void)unlink(cert);
	(void)unlink(file_join(house.arena, folder, "key.pem"));
	(void)rmdir(folder);
	house_release(&house);
	return answer.sent;
}

static void certificates_are_checked(void **state)
{
	assert_int_equal(
		secure(state, "IP:127.0.0.1", true), OUTBOUND_ANSWERED);
	assert_int_equal(
		secure(state, "IP:127.0.0.1", false), OUTBOUND_NOT_SENT);
	assert_int_equal(
		secure(state, "DNS:api.example.org", true), OUTBOUND_NOT_SENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bases_are_strict),
		cmocka_unit_test(loopback_needs_leave),
		cmocka_unit_test(answers_come_with_their_headers),
		cmocka_unit_test(names_that_lead_inside_are_not_followed),
		cmocka_unit_test(redirects_are_answers),
		cmocka_unit_test(proxies_of_the_environment_are_ignored),
		cmocka_unit_test(connections_are_kept),
		cmocka_unit_test(certificates_are_checked),
	};

	return cmocka_run_group_tests(tests, stand_in_start, stand_in_end);
}
