/*
 * The settings table itself, and what it refuses of settings that are fine
 * one by one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conf.h"
#include "config.h"
#include "text.h"

extern char **environ;

enum {
	GIVEN_LIMIT = 8
};

struct fixture {
	struct arena *arena;
	struct report *report;
	struct config config;
	char **environment;
	char *given[GIVEN_LIMIT];
};

static int open_fixture(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return 1;
	f->arena = arena_open((size_t)1 << 20);
	f->environment = environ;
	environ = f->given;
	*state = f;
	return 0;
}

static int close_fixture(void **state)
{
	struct fixture *f = *state;

	environ = f->environment;
	arena_close(&f->arena);
	free(f);
	return 0;
}

#define LOAD(f, ...) load((f), (const char *const[GIVEN_LIMIT]){__VA_ARGS__})
static enum err load(struct fixture *f, const char *const given[GIVEN_LIMIT])
{
	for (size_t i = 0; i < GIVEN_LIMIT; i++)
		f->given[i] = given[i] ? arena_text(f->arena, given[i]) : NULL;
	f->report = report_open(f->arena);
	return config_load(f->arena, NULL, f->report, &f->config);
}

static void assert_fault(struct fixture *f, const char *name)
{
	assert_int_equal(f->report->fault_count, 1);
	assert_string_equal(f->report->faults[0].pointer, name);
}

static void the_defaults_are_fine(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(LOAD(f, NULL), ERR_OK);
	assert_string_equal(f->config.environment, "production");
	assert_true(f->config.force_https);
	assert_false(f->config.check_replies);
	assert_string_equal(f->config.rate_exempt, "");
	for (size_t i = 0; i < config_table.count; i++)
		assert_int_equal(
			f->config.origins[i].source, CONF_FROM_DEFAULT);
}

/* A default that its own rule refuses would pass unseen. */
static void each_default_keeps_its_rows_rule(void **state)
{
	struct fixture *f = *state;

	f->report = report_open(f->arena);
	for (size_t i = 0; i < config_table.count; i++) {
		const struct conf_row *row = &config_table.rows[i];

		assert_non_null(row->initial);
		assert_non_null(row->help);
		if (row->initial[0] != '\0' &&
			!conf_check(row, row->initial, row->name, f->report))
			fail_msg("%s", row->name);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(
				row->name, config_table.rows[j].name);
	}
}

/* What comes with the program can be no secret. */
static void secrets_have_no_default(void **state)
{
	static const char *const known[] = {
		"JWT_SECRET_KEY", "REDIS_PASSWORD", NULL};

	(void)state;
	for (size_t i = 0; i < config_table.count; i++) {
		const struct conf_row *row = &config_table.rows[i];

		if (!row->secret)
			continue;
		assert_int_equal(conf_kind_of(row), CONF_TEXT);
		assert_string_equal(row->initial, "");
	}
	for (const char *const *name = known; *name; name++)
		assert_true(conf_find(&config_table, *name)->secret);
}

static void names_from_elsewhere_lead_to_ours(void **state)
{
	const struct conf_synonym *synonym = config_table.synonyms;

	(void)state;
	for (; synonym->name; synonym++) {
		if (!conf_find(&config_table, synonym->ours))
			fail_msg("%s is no setting", synonym->ours);
		if (conf_find(&config_table, synonym->name))
			fail_msg("%s is a setting", synonym->name);
	}
}

static void production_refuses_what_tests_need(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(LOAD(f, "CHECK_REPLIES=true"), ERR_BAD_INPUT);
	assert_fault(f, "CHECK_REPLIES");
	assert_int_equal(
		LOAD(f, "CHECK_REPLIES=true", "ENVIRONMENT=development"),
		ERR_OK);
	assert_int_equal(LOAD(f, "ENVIRONMENT=prod"), ERR_BAD_INPUT);
	assert_fault(f, "ENVIRONMENT");
}

static void plain_http_only_on_ones_own_machine(void **state)
{
	static const char *const own[] = {"https://localhost:8443",
		"http://127.0.0.1", "http://[::1]:80/", "https://localhost/x"};
	static const char *const public[] = {"https://kontor.example",
		"https://localhost.example", "https://127.0.0.1.example",
		"https://example/localhost"};
	struct fixture *f = *state;

	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(LOAD(f, "FORCE_HTTPS=false",
					 arena_format(f->arena, "PUBLIC_URL=%s",
						 own[i])),
			ERR_OK);
		assert_int_equal(LOAD(f, "FORCE_HTTPS=false",
					 arena_format(f->arena, "PUBLIC_URL=%s",
						 public[i])),
			ERR_BAD_INPUT);
		assert_fault(f, "FORCE_HTTPS");
	}
	assert_int_equal(LOAD(f, "FORCE_HTTPS=false",
				 "PUBLIC_URL=https://kontor.example",
				 "ENVIRONMENT=development"),
		ERR_OK);
}

static void a_certificate_needs_its_key(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(LOAD(f, "SSL_CERTFILE=/a.pem"), ERR_BAD_INPUT);
	assert_int_equal(LOAD(f, "SSL_KEYFILE=/a.key"), ERR_BAD_INPUT);
	assert_int_equal(
		LOAD(f, "SSL_CERTFILE=/a.pem", "SSL_KEYFILE=/a.key"), ERR_OK);
}

/* Or no admin could change anything, nor halt trading, where mail is set up. */
static void wiped_secrets_are_not_missing_ones(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(LOAD(f, "SMTP_USER=me"), ERR_BAD_INPUT);
	assert_fault(f, "SMTP_USER");
	assert_int_equal(LOAD(f, "PLAID_SECRET=s"), ERR_BAD_INPUT);
	assert_fault(f, "PLAID_CLIENT_ID");
	assert_int_equal(LOAD(f, "SMTP_URL=smtps://mail.example.org",
				 "SMTP_FROM=k@example.org", "SMTP_USER=me",
				 "SMTP_PASSWORD=p", "PLAID_CLIENT_ID=i",
				 "PLAID_SECRET=s"),
		ERR_OK);
	conf_wipe(&config_table, &f->config);
	assert_string_equal(f->config.smtp_password, "");
	assert_string_equal(f->config.plaid_secret, "");
	assert_int_equal(config_check(&f->config, f->arena, f->report), ERR_OK);
}

static void a_signing_key_is_long_or_not_there(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(LOAD(f, "JWT_SECRET_KEY=short"), ERR_BAD_INPUT);
	assert_int_equal(LOAD(f, NULL), ERR_OK);
	assert_null(config_auth(&f->config, f->arena).jwt_secret);
	assert_int_equal(
		LOAD(f, "JWT_SECRET_KEY=0123456789abcdefghijklmnopqrstuv"),
		ERR_OK);
	assert_string_equal(config_auth(&f->config, f->arena).jwt_secret,
		"0123456789abcdefghijklmnopqrstuv");
}

int main(void)
{
#define CASE(test) \
	cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)
	const struct CMUnitTest tests[] = {
		CASE(the_defaults_are_fine),
		CASE(each_default_keeps_its_rows_rule),
		CASE(secrets_have_no_default),
		CASE(names_from_elsewhere_lead_to_ours),
		CASE(production_refuses_what_tests_need),
		CASE(plain_http_only_on_ones_own_machine),
		CASE(a_certificate_needs_its_key),
		CASE(wiped_secrets_are_not_missing_ones),
		CASE(a_signing_key_is_long_or_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
