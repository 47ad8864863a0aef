/*
 * API keys: made by people only, with scopes that they have themselves,
 * found by id, compared by keyed hash, good until their end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "auth_fixture.h"

static enum err try_create(struct fixture *f, const struct identity *who,
	const char *scope, const struct timestamp *expires,
	struct api_key_created *out)
{
	const struct api_key_new in = {.name = "bot",
		.scopes = {.items = (const char *[]){scope},
			.count = scope ? 1 : 0},
		.expires_at = expires};

	return api_key_create(f->auth, fixture_call(f), who, &in, out);
}

static struct api_key_created create(
	struct fixture *f, const struct identity *who, const char *scope)
{
	struct api_key_created key = {0};

	assert_int_equal(try_create(f, who, scope, NULL, &key), ERR_OK);
	return key;
}

static enum err try_key(
	struct fixture *f, const char *key, struct identity *out)
{
	return auth_identify(f->auth, fixture_call(f),
		&(const struct credential){.api_key = key}, out);
}

static enum err key_only(struct fixture *f, const char *key)
{
	struct identity who;

	return try_key(f, key, &who);
}

static struct identity sign_in(
	struct fixture *f, const char *name, enum auth_role role)
{
	fixture_user(f, name, role);
	return fixture_who(f, fixture_login(f, name).access_token);
}

static void a_key_is_shown_once_and_works(void **state)
{
	struct fixture *f = *state;
	struct identity alice = sign_in(f, "alice", AUTH_ROLE_USER), who;
	struct api_key_created key = create(f, &alice, "strategies:write");

	assert_int_equal(strlen(key.secret), 7 + 26 + 1 + 43);
	assert_true(text_starts(key.secret, "kontor_"));
	assert_memory_equal(key.secret + 7, key.view.id, 26);
	assert_string_equal(key.view.hint, key.secret + 7 + 26 + 1 + 39);
	assert_int_equal(try_key(f, key.secret, &who), ERR_OK);
	assert_string_equal(who.user_id, alice.user_id);
	assert_string_equal(who.username, "alice");
	assert_string_equal(who.api_key_id, key.view.id);
	assert_null(who.session_id);
	assert_false(auth_is_fresh(f->auth, &who, f->call.now));
	assert_true(auth_permits(&who, "strategies:write"));
	assert_true(auth_permits(&who, "strategies:read"));
	assert_false(auth_permits(&who, "backtests:read"));
	assert_false(auth_permits(&who, "strategies"));
}

static void a_changed_key_is_refused(void **state)
{
	struct fixture *f = *state;
	struct identity alice = sign_in(f, "alice", AUTH_ROLE_USER);
	struct api_key_created key = create(f, &alice, "market:read");
	size_t len = strlen(key.secret);

	for (size_t i = 0; i < len; i++) {
		char *bad = arena_copy(f->request, key.secret, len);

		bad[i] = bad[i] == '2' ? '3' : '2';
		assert_int_equal(key_only(f, bad), ERR_TOKEN_INVALID);
		bad[i] = '\0';
		assert_int_equal(key_only(f, bad), ERR_TOKEN_INVALID);
	}
	assert_int_equal(
		key_only(f, arena_format(f->request, "%sx", key.secret)),
		ERR_TOKEN_INVALID);
	assert_int_equal(key_only(f, ""), ERR_TOKEN_INVALID);
}

static void secrets_do_not_work_under_another_id(void **state)
{
	struct fixture *f = *state;
	struct identity alice = sign_in(f, "alice", AUTH_ROLE_USER);
	struct api_key_created a = create(f, &alice, "market:read");
	struct api_key_created b = create(f, &alice, "account:write");

	assert_int_equal(key_only(f, arena_format(f->request, "kontor_%s%s",
					     b.view.id, a.secret + 7 + 26)),
		ERR_TOKEN_INVALID);
	/* nor does a hash that was moved to another row */
	assert_int_equal(
		db_run(f->db,
			"UPDATE api_keys SET secret_hash = (SELECT secret_hash"
			" FROM api_keys WHERE id = :from) WHERE id = :to",
			BINDS(bind_text(":from", a.view.id),
				bind_text(":to", b.view.id)),
			NULL),
		ERR_OK);
	assert_int_equal(key_only(f, arena_format(f->request, "kontor_%s%s",
					     b.view.id, a.secret + 7 + 26)),
		ERR_TOKEN_INVALID);
}

static void a_key_ends_with_its_expiry(void **state)
{
	struct fixture *f = *state;
	struct identity alice = sign_in(f, "alice", AUTH_ROLE_USER);
	const struct timestamp soon = {f->call.now + 1000},
			       past = {f->call.now};
	struct api_key_created key;

	assert_int_equal(try_create(f, &alice, "market:read", &past, &key),
		ERR_BAD_INPUT);
	assert_string_equal(f->call.report->faults[0].pointer, "/expires_at");
	assert_int_equal(
		try_create(f, &alice, "market:read", &soon, &key), ERR_OK);
	f->call.now += 999;
	assert_int_equal(key_only(f, key.secret), ERR_OK);
	f->call.now += 1;
	assert_int_equal(key_only(f, key.secret), ERR_TOKEN_INVALID);
}

static void scopes_are_of_the_list_and_of_the_role(void **state)
{
	static const struct {
		const char *scope;
		enum err user, admin;
	} rows[] = {
		{"market:read", ERR_OK, ERR_OK},
		{"admin:read", ERR_BAD_INPUT, ERR_OK},
		{"market:write", ERR_BAD_INPUT, ERR_BAD_INPUT},
		{"everything", ERR_BAD_INPUT, ERR_BAD_INPUT},
		{"*", ERR_BAD_INPUT, ERR_BAD_INPUT},
		{"", ERR_BAD_INPUT, ERR_BAD_INPUT},
		{"market:read admin:write", ERR_BAD_INPUT, ERR_BAD_INPUT},
		{NULL, ERR_BAD_INPUT, ERR_BAD_INPUT},
	};
	struct fixture *f = *state;
	struct identity user = sign_in(f, "alice", AUTH_ROLE_USER);
	struct identity admin = sign_in(f, "root", AUTH_ROLE_ADMIN);
	struct api_key_created key;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(
			try_create(f, &user, rows[i].scope, NULL, &key),
			rows[i].user);
		assert_int_equal(
			try_create(f, &admin, rows[i].scope, NULL, &key),
			rows[i].admin);
	}
}

static void a_lowered_role_lowers_its_keys(void **state)
{
	struct fixture *f = *state;
	struct identity root = sign_in(f, "root", AUTH_ROLE_ADMIN), who;
	struct api_key_created key = create(f, &root, "admin:write");

	fixture_user(f, "second", AUTH_ROLE_ADMIN);
	assert_int_equal(try_key(f, key.secret, &who), ERR_OK);
	assert_true(auth_permits(&who, "admin:write"));
	assert_int_equal(account_set_role(f->auth, fixture_call(f), "root",
				 AUTH_ROLE_USER),
		ERR_OK);
	assert_int_equal(try_key(f, key.secret, &who), ERR_OK);
	assert_false(auth_permits(&who, "admin:write"));
	assert_false(auth_permits(&who, "admin:read"));
	assert_null(auth_admin_scope(f->auth, fixture_call(f), &who));
}

static void a_key_without_scopes_may_nothing(void **state)
{
	const struct identity key = {
		.user_id = "u", .api_key_id = "k", .role = AUTH_ROLE_ADMIN};
	const struct identity person = {
		.user_id = "u", .session_id = "s", .role = AUTH_ROLE_USER};

	(void)state;
	for (const char *const *p = auth_permissions; *p; p++) {
		assert_false(auth_permits(&key, *p));
		assert_int_equal(
			auth_permits(&person, *p), !text_starts(*p, "admin:"));
	}
	assert_false(auth_permits(&person, NULL));
	assert_false(auth_permits(&person, ""));
	assert_false(auth_permits(&person, "unheard:read"));
}

static void a_key_makes_and_removes_no_keys(void **state)
{
	struct fixture *f = *state;
	struct identity alice = sign_in(f, "alice", AUTH_ROLE_USER), who;
	struct api_key_created key = create(f, &alice, "account:write"), more;

	assert_int_equal(try_key(f, key.secret, &who), ERR_OK);
	assert_int_equal(try_create(f, &who, "account:write", NULL, &more),
		ERR_INSUFFICIENT_SCOPE);
	assert_int_equal(
		api_key_remove(f->auth, fixture_call(f), &who, key.view.id),
		ERR_INSUFFICIENT_SCOPE);
	assert_int_equal(account_logout(f->auth, fixture_call(f), &who),
		ERR_INSUFFICIENT_SCOPE);
	assert_int_equal(account_reauthenticate(
				 f->auth, fixture_call(f), &who, good_password),
		ERR_INSUFFICIENT_SCOPE);
}

static void so_many_keys_and_no_more(void **state)
{
	struct fixture *f = *state;
	struct identity alice = sign_in(f, "alice", AUTH_ROLE_USER);
	struct api_key_created key;

	for (int i = 0; i < 3; i++)
		key = create(f, &alice, "market:read");
	assert_int_equal(
		try_create(f, &alice, "market:read", NULL, &key), ERR_CONFLICT);
	assert_int_equal(
		api_key_remove(f->auth, fixture_call(f), &alice, key.view.id),
		ERR_OK);
	create(f, &alice, "market:read");
}

static void the_list_shows_no_secret(void **state)
{
	struct fixture *f = *state;
	struct identity alice = sign_in(f, "alice", AUTH_ROLE_USER);
	struct api_key_created key = create(f, &alice, "market:read");
	const struct api_key_view *views;
	struct list list;

	f->call.now += 500;
	assert_int_equal(key_only(f, key.secret), ERR_OK);
	assert_int_equal(
		api_key_list(f->auth, fixture_call(f), &alice, &list), ERR_OK);
	assert_int_equal(list.count, 1);
	views = list.items;
	assert_string_equal(views[0].id, key.view.id);
	assert_string_equal(views[0].name, "bot");
	assert_int_equal(strlen(views[0].hint), 4);
	assert_int_equal(views[0].scopes.count, 1);
	assert_string_equal(views[0].scopes.items[0], "market:read");
	assert_null(views[0].expires_at);
	assert_int_equal(views[0].last_used_at->ms, f->call.now);
}

static void use_is_written_once_a_minute(void **state)
{
	struct fixture *f = *state;
	struct identity alice = sign_in(f, "alice", AUTH_ROLE_USER);
	struct api_key_created key = create(f, &alice, "market:read");
	static const char used_sql[] = "SELECT last_used_at FROM api_keys";

	assert_int_equal(key_only(f, key.secret), ERR_OK);
	assert_int_equal(fixture_number(f, used_sql), fixture_start);
	f->call.now += MIN - 1;
	assert_int_equal(key_only(f, key.secret), ERR_OK);
	assert_int_equal(fixture_number(f, used_sql), fixture_start);
	f->call.now += 1;
	assert_int_equal(key_only(f, key.secret), ERR_OK);
	assert_int_equal(fixture_number(f, used_sql), f->call.now);
}

static void anothers_key_is_not_found(void **state)
{
	struct fixture *f = *state;
	struct identity alice = sign_in(f, "alice", AUTH_ROLE_USER);
	struct identity bob = sign_in(f, "bob", AUTH_ROLE_USER);
	struct api_key_created key = create(f, &alice, "market:read");
	struct list list;

	assert_int_equal(
		api_key_remove(f->auth, fixture_call(f), &bob, key.view.id),
		ERR_NOT_FOUND);
	assert_int_equal(
		api_key_list(f->auth, fixture_call(f), &bob, &list), ERR_OK);
	assert_int_equal(list.count, 0);
	assert_int_equal(key_only(f, key.secret), ERR_OK);
}

static void a_disabled_user_has_no_keys(void **state)
{
	struct fixture *f = *state;
	struct identity alice = sign_in(f, "alice", AUTH_ROLE_USER);
	struct api_key_created key = create(f, &alice, "market:read");

	assert_int_equal(
		account_set_disabled(f->auth, fixture_call(f), "alice", true),
		ERR_OK);
	assert_int_equal(key_only(f, key.secret), ERR_TOKEN_REVOKED);
	/* who does not hold the secret is told nothing of that */
	key.secret = arena_format(f->request, "kontor_%s.%s", key.view.id,
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
	assert_int_equal(key_only(f, key.secret), ERR_TOKEN_INVALID);
}

static void a_retired_hash_key_still_finds_its_keys(void **state)
{
	struct fixture *f = *state;
	struct identity alice = sign_in(f, "alice", AUTH_ROLE_USER);
	struct api_key_created key = create(f, &alice, "market:read");
	const char *path = arena_format(f->arena, "%s/hash.keys", f->keys);
	char old[128] = {0};
	FILE *file = fopen(path, "r+");

	assert_non_null(file);
	/* "ID HEX ACTIVE": 16, 1, 64 characters, then the state */
	assert_int_equal(fread(old, 1, 81, file), 81);
	rewind(file);
	fprintf(file, "%s RETIRED 1000 %lld\nfresh ", old,
		(long long)fixture_start + 10000);
	for (int i = 0; i < 32; i++)
		fprintf(file, "%02x", (unsigned)(i * i * 7 + 13) & 0xffU);
	fprintf(file, " ACTIVE 1000\n");
	fclose(file);
	assert_int_equal(key_only(f, key.secret), ERR_OK);
	f->call.now += 10000;
	assert_int_equal(key_only(f, key.secret), ERR_TOKEN_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_key_is_shown_once_and_works),
		FIXTURE_TEST(a_changed_key_is_refused),
		FIXTURE_TEST(secrets_do_not_work_under_another_id),
		FIXTURE_TEST(a_key_ends_with_its_expiry),
		FIXTURE_TEST(scopes_are_of_the_list_and_of_the_role),
		FIXTURE_TEST(a_lowered_role_lowers_its_keys),
		FIXTURE_TEST(a_key_without_scopes_may_nothing),
		FIXTURE_TEST(a_key_makes_and_removes_no_keys),
		FIXTURE_TEST(so_many_keys_and_no_more),
		FIXTURE_TEST(the_list_shows_no_secret),
		FIXTURE_TEST(use_is_written_once_a_minute),
		FIXTURE_TEST(anothers_key_is_not_found),
		FIXTURE_TEST(a_disabled_user_has_no_keys),
		FIXTURE_TEST(a_retired_hash_key_still_finds_its_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
