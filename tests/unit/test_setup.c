/*
 * The first admin: a one-time link that ends, works once, and only while
 * there is no admin.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "auth_fixture.h"

static const char *link_of(struct fixture *f)
{
	const char *token = NULL;

	assert_int_equal(
		setup_token_create(f->auth, fixture_call(f), &token), ERR_OK);
	return token;
}

static enum err set_up(
	struct fixture *f, const char *token, const char *password)
{
	const struct setup in = {
		.token = token, .username = "Root", .password = password};
	struct user_view view = {0};
	enum err err = account_setup(f->auth, fixture_call(f), &in, &view);

	if (err == ERR_OK)
		assert_string_equal(view.role, "admin");
	return err;
}

static bool needed(struct fixture *f)
{
	bool answer;

	assert_int_equal(setup_needed(f->auth, f->request, &answer), ERR_OK);
	return answer;
}

static void a_link_makes_the_first_admin(void **state)
{
	struct fixture *f = *state;
	const char *token = link_of(f);
	struct identity who;

	assert_int_equal(strlen(token), 43);
	assert_true(needed(f));
	assert_int_equal(set_up(f, token, good_password), ERR_OK);
	assert_false(needed(f));
	who = fixture_who(f, fixture_login(f, "root").access_token);
	assert_int_equal(who.role, AUTH_ROLE_ADMIN);
}

static void there_is_no_default_account(void **state)
{
	struct fixture *f = *state;

	assert_true(needed(f));
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM users"), 0);
}

static void a_link_works_once(void **state)
{
	struct fixture *f = *state;
	const char *token = link_of(f);
	const char *other;

	assert_int_equal(set_up(f, token, good_password), ERR_OK);
	assert_int_equal(set_up(f, token, good_password), ERR_TOKEN_INVALID);
	assert_int_equal(setup_token_create(f->auth, fixture_call(f), &other),
		ERR_CONFLICT);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM users"), 1);
}

static void a_link_ends(void **state)
{
	struct fixture *f = *state;
	const char *token = link_of(f);
	int64_t removed;

	f->call.now += 900 * S;
	assert_int_equal(set_up(f, token, good_password), ERR_TOKEN_INVALID);
	assert_string_equal(f->call.report->event, "auth.setup.refused");
	assert_int_equal(
		account_clean(f->auth, fixture_call(f), &removed), ERR_OK);
	assert_int_equal(removed, 1);
}

static void a_new_link_replaces_the_old_one(void **state)
{
	struct fixture *f = *state;
	const char *old = link_of(f), *token = link_of(f);

	assert_string_not_equal(old, token);
	assert_int_equal(set_up(f, old, good_password), ERR_TOKEN_INVALID);
	assert_int_equal(set_up(f, token, good_password), ERR_OK);
}

static void a_made_up_link_is_refused(void **state)
{
	static const char *const rows[] = {"", "x",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "' OR 1=1 --"};
	struct fixture *f = *state;

	link_of(f);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(
			set_up(f, rows[i], good_password), ERR_TOKEN_INVALID);
}

static void a_weak_password_does_not_use_the_link_up(void **state)
{
	struct fixture *f = *state;
	const char *token = link_of(f);

	assert_int_equal(
		set_up(f, token, "root root root root"), ERR_BAD_INPUT);
	assert_int_equal(set_up(f, token, "short"), ERR_BAD_INPUT);
	assert_int_equal(set_up(f, token, good_password), ERR_OK);
}

static void a_taken_name_does_not_use_the_link_up(void **state)
{
	struct fixture *f = *state;
	const char *token = link_of(f);

	fixture_user(f, "root", AUTH_ROLE_USER);
	assert_int_equal(set_up(f, token, good_password), ERR_CONFLICT);
	assert_true(needed(f));
	assert_int_equal(
		fixture_number(f, "SELECT count(*) FROM setup_tokens"), 1);
}

static void an_admin_made_otherwise_closes_the_link(void **state)
{
	struct fixture *f = *state;
	const char *token = link_of(f);

	fixture_user(f, "admin", AUTH_ROLE_ADMIN);
	assert_int_equal(set_up(f, token, good_password), ERR_CONFLICT);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM users"), 1);
}

static void a_disabled_admin_does_not_open_it_again(void **state)
{
	struct fixture *f = *state;

	fixture_user(f, "first", AUTH_ROLE_ADMIN);
	fixture_user(f, "second", AUTH_ROLE_ADMIN);
	assert_int_equal(
		account_set_disabled(f->auth, fixture_call(f), "first", true),
		ERR_OK);
	assert_false(needed(f));
}

static void accounts_are_listed(void **state)
{
	struct fixture *f = *state;
	const struct account_row *rows;
	struct account_page page;

	fixture_user(f, "second", AUTH_ROLE_USER);
	fixture_user(f, "First", AUTH_ROLE_ADMIN);
	fixture_login(f, "second");
	assert_int_equal(
		account_list(f->auth, fixture_call(f),
			&(const struct account_query){.limit = 10}, &page),
		ERR_OK);
	assert_int_equal(page.rows.count, 2);
	assert_null(page.next);
	rows = page.rows.items;
	assert_string_equal(rows[0].username, "First");
	assert_string_equal(rows[0].role, "admin");
	assert_int_equal(rows[0].sessions, 0);
	assert_null(rows[0].last_login_at);
	assert_int_equal(rows[1].last_login_at->ms, fixture_start);
	assert_int_equal(rows[1].sessions, 1);
	assert_int_equal(rows[1].created_at.ms, fixture_start);
	assert_false(rows[1].disabled);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_link_makes_the_first_admin),
		FIXTURE_TEST(there_is_no_default_account),
		FIXTURE_TEST(a_link_works_once),
		FIXTURE_TEST(a_link_ends),
		FIXTURE_TEST(a_new_link_replaces_the_old_one),
		FIXTURE_TEST(a_made_up_link_is_refused),
		FIXTURE_TEST(a_weak_password_does_not_use_the_link_up),
		FIXTURE_TEST(a_taken_name_does_not_use_the_link_up),
		FIXTURE_TEST(an_admin_made_otherwise_closes_the_link),
		FIXTURE_TEST(a_disabled_admin_does_not_open_it_again),
		FIXTURE_TEST(accounts_are_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
