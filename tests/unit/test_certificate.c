/* The end of certificates that the real openssl makes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "certificate.h"
#include "clock.h"
#include "folder.h"

struct world {
	struct arena *arena;
	const char *folder, *path;
};

static int setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	world->arena = arena_open((size_t)4 << 20);
	world->folder = folder_open(world->arena);
	world->path = file_join(world->arena, world->folder, "cert.pem");
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	folder_walk(world->folder, 1);
	arena_close(&world->arena);
	free(world);
	return 0;
}

static void make(struct world *world, int days)
{
	assert_int_equal(system(arena_format(world->arena,
				 "cd %s && openssl req -x509 -newkey ec"
				 " -pkeyopt ec_paramgen_curve:prime256v1"
				 " -nodes -subj /CN=localhost -days %d"
				 " -keyout key.pem -out cert.pem 2>/dev/null",
				 world->folder, days)),
		0);
}

/* The real clock here is openssl's; ours may have moved meanwhile. */
static void expect_days(struct world *world, int64_t days)
{
	const int64_t day = INT64_C(86400000), slack = 120000;
	struct timespec now;
	int64_t end = 0;
	int64_t due;

	assert_int_equal(clock_gettime(CLOCK_REALTIME, &now), 0);
	due = (int64_t)now.tv_sec * 1000 + days * day;
	assert_int_equal(
		certificate_end(world->arena, world->path, &end), ERR_OK);
	assert_true(end > due - slack && end < due + slack);
}

static void test_end(void **state)
{
	struct world *world = *state;

	make(world, 30);
	expect_days(world, 30);
	/* past 2050 the date is written in another way */
	make(world, 36500);
	expect_days(world, 36500);
}

/* The first one counts: what follows are its issuers'. */
static void test_first_of_a_chain(void **state)
{
	struct world *world = *state;

	make(world, 400);
	assert_int_equal(
		system(arena_format(world->arena,
			"cd %s && mv cert.pem issuer.pem", world->folder)),
		0);
	make(world, 5);
	assert_int_equal(
		system(arena_format(world->arena,
			"cd %s && cat issuer.pem >>cert.pem", world->folder)),
		0);
	expect_days(world, 5);
}

static void test_what_is_none(void **state)
{
	struct world *world = *state;
	int64_t end = 7;

	assert_int_equal(certificate_end(world->arena, world->path, &end),
		ERR_NOT_FOUND);
	folder_put(world->arena, world->folder, "cert.pem", "");
	assert_int_equal(certificate_end(world->arena, world->path, &end),
		ERR_BAD_INPUT);
	folder_put(world->arena, world->folder, "cert.pem",
		"-----BEGIN CERTIFICATE-----\nAAAA\n"
		"-----END CERTIFICATE-----\n");
	assert_int_equal(certificate_end(world->arena, world->path, &end),
		ERR_BAD_INPUT);
	make(world, 1);
	assert_int_equal(
		certificate_end(world->arena,
			file_join(world->arena, world->folder, "key.pem"),
			&end),
		ERR_BAD_INPUT);
	assert_int_equal(end, 7);
}

/* Wherever it is cut, and whatever byte is another: an answer or a refusal,
   and nothing read that is not there (the sanitizer looks). */
static void test_damage(void **state)
{
	static const char end[] = "\n-----END CERTIFICATE-----\n";
	struct world *world = *state;
	struct arena *arena = world->arena;
	char *text;
	size_t len;
	int64_t out;

	make(world, 30);
	assert_int_equal(
		file_read(arena, world->path, 1 << 16, &text, &len), ERR_OK);
	len = (size_t)(strstr(text, "\n-----END") - text);
	for (size_t cut = 28; cut < len; cut += 4) {
		folder_put(arena, world->folder, "cert.pem",
			arena_format(arena, "%.*s%s", (int)cut, text, end));
		(void)!certificate_end(world->arena, world->path, &out);
	}
	for (size_t i = 28; i < len; i++) {
		const char kept = text[i];

		if (kept == '\n')
			continue;
		text[i] = kept == '/' ? 'A' : '/';
		folder_put(arena, world->folder, "cert.pem",
			arena_format(arena, "%.*s%s", (int)len, text, end));
		(void)!certificate_end(world->arena, world->path, &out);
		text[i] = kept;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_end, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_first_of_a_chain, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damage, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_what_is_none, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
