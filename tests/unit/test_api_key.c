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

static const char lower_sql[] = "UPDATE users SET role = 'user'";

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

	assert_int_equal(try_key(f, key.secret, &who), ERR_OK);
	assert_true(auth_permits(&who, "admin:write"));
	/* the row's role decides, even where the key was left */
	assert_int_equal(db_run(f->db, lower_sql, NO_BINDS, NULL), ERR_OK);
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
		assert_int_equal(auth_permits(&person, *p),
			!text_starts(*p, "admin:") &&
				!text_starts(*p, "metrics:"));
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
	assert_int_equal(key_only(f, key.secret), ERR_TOKEN_INVALID);
	assert_int_equal(
		account_set_disabled(f->auth, fixture_call(f), "alice", false),
		ERR_OK);
	assert_int_equal(key_only(f, key.secret), ERR_TOKEN_INVALID);
}

static void a_key_of_a_disabled_user_is_revoked(void **state)
{
	struct fixture *f = *state;
	struct identity alice = sign_in(f, "alice", AUTH_ROLE_USER);
	struct api_key_created key = create(f, &alice, "market:read");

	/* as an earlier version or another program would leave it */
	assert_int_equal(
		db_run(f->db, "UPDATE users SET disabled = 1", NO_BINDS, NULL),
		ERR_OK);
	assert_int_equal(key_only(f, key.secret), ERR_TOKEN_REVOKED);
	/* who does not hold the secret is told nothing of that */
	key.secret = arena_format(f->request, "kontor_%s.%s", key.view.id,
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
	assert_int_equal(key_only(f, key.secret), ERR_TOKEN_INVALID);
}

static const char new_password[] = "another quiet lantern";

static enum err by_change(struct fixture *f, const struct identity *who)
{
	const struct password_change in = {good_password, new_password};

	return account_change_password(f->auth, fixture_call(f), who, &in);
}

static enum err by_passwd(struct fixture *f, const struct identity *who)
{
	return account_set_password(
		f->auth, fixture_call(f), who->username, new_password);
}

static enum err by_raise(struct fixture *f, const struct identity *who)
{
	return account_set_role(
		f->auth, fixture_call(f), who->username, AUTH_ROLE_ADMIN);
}

static enum err by_lower(struct fixture *f, const struct identity *who)
{
	return account_set_role(
		f->auth, fixture_call(f), who->username, AUTH_ROLE_USER);
}

static enum err by_disable(struct fixture *f, const struct identity *who)
{
	return account_set_disabled(
		f->auth, fixture_call(f), who->username, true);
}

static enum err by_end(struct fixture *f, const struct identity *who)
{
	return account_end_sessions(f->auth, fixture_call(f), who->username);
}

static enum err by_end_all(struct fixture *f, const struct identity *who)
{
	(void)who;
	return account_end_sessions(f->auth, fixture_call(f), NULL);
}

static enum err by_revoke(struct fixture *f, const struct identity *who)
{
	return account_revoke_keys(f->auth, fixture_call(f), who->username);
}

static enum err by_logout(struct fixture *f, const struct identity *who)
{
	return account_logout(f->auth, fixture_call(f), who);
}

static enum err by_logout_all(struct fixture *f, const struct identity *who)
{
	return account_logout_all(f->auth, fixture_call(f), who);
}

static void acts_after_an_incident_end_keys(void **state)
{
	struct fixture *f = *state;
	static const struct {
		enum err (*act)(struct fixture *f, const struct identity *who);
		enum err then, of_another;
	} cases[] = {
		{by_change, ERR_TOKEN_INVALID, ERR_OK},
		{by_passwd, ERR_TOKEN_INVALID, ERR_OK},
		{by_raise, ERR_TOKEN_INVALID, ERR_OK},
		{by_lower, ERR_TOKEN_INVALID, ERR_OK},
		{by_disable, ERR_TOKEN_INVALID, ERR_OK},
		{by_end, ERR_TOKEN_INVALID, ERR_OK},
		{by_revoke, ERR_TOKEN_INVALID, ERR_OK},
		/* these are listed, and revoked one by one */
		{by_logout, ERR_OK, ERR_OK},
		{by_logout_all, ERR_OK, ERR_OK},
		{by_end_all, ERR_TOKEN_INVALID, ERR_TOKEN_INVALID},
	};
	struct identity bob = sign_in(f, "bob", AUTH_ROLE_USER);
	const char *bobs = create(f, &bob, "market:read").secret;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct identity who = sign_in(f,
			arena_format(f->arena, "alice%zu", i), AUTH_ROLE_USER);
		const char *key = create(f, &who, "market:read").secret;

		assert_int_equal(key_only(f, key), ERR_OK);
		assert_int_equal(cases[i].act(f, &who), ERR_OK);
		assert_int_equal(key_only(f, key), cases[i].then);
		assert_int_equal(key_only(f, bobs), cases[i].of_another);
	}
}

static void a_refused_change_leaves_the_keys(void **state)
{
	struct fixture *f = *state;
	struct identity alice = sign_in(f, "alice", AUTH_ROLE_USER);
	const struct password_change wrong = {bad_password, new_password};
	const char *key = create(f, &alice, "market:read").secret;

	assert_int_equal(account_change_password(
				 f->auth, fixture_call(f), &alice, &wrong),
		ERR_BAD_CREDENTIALS);
	assert_int_equal(
		account_revoke_keys(f->auth, fixture_call(f), "nobody"),
		ERR_NOT_FOUND);
	assert_int_equal(key_only(f, key), ERR_OK);
}

static void a_session_that_ended_makes_no_key(void **state)
{
	struct fixture *f = *state;
	struct identity alice = sign_in(f, "alice", AUTH_ROLE_USER);
	struct api_key_created key;

	/* between the look at the token and the key */
	assert_int_equal(by_end(f, &alice), ERR_OK);
	assert_int_equal(try_create(f, &alice, "market:read", NULL, &key),
		ERR_TOKEN_REVOKED);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM api_keys"), 0);
}

static void a_writer_does_not_stop_keys(void **state)
{
	struct fixture *f = *state;
	struct identity alice = sign_in(f, "alice", AUTH_ROLE_USER);
	struct api_key_created key = create(f, &alice, "market:read");
	struct db *writer = fixture_block(f);

	assert_int_equal(key_only(f, key.secret), ERR_OK);
	fixture_unblock(writer);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM api_keys"
					   " WHERE last_used_at IS NULL"),
		1);
}

static void me_shows_what_a_key_may_do_now(void **state)
{
	struct fixture *f = *state;
	struct identity root = sign_in(f, "root", AUTH_ROLE_ADMIN), who;
	const struct api_key_new in = {.name = "bot",
		.scopes = {
			.items = (const char *[]){"admin:read", "account:read"},
			.count = 2}};
	struct api_key_created key;
	struct me me;

	assert_int_equal(
		api_key_create(f->auth, fixture_call(f), &root, &in, &key),
		ERR_OK);
	assert_int_equal(db_run(f->db, lower_sql, NO_BINDS, NULL), ERR_OK);
	assert_int_equal(try_key(f, key.secret, &who), ERR_OK);
	assert_int_equal(
		account_me(f->auth, fixture_call(f), &who, &me), ERR_OK);
	assert_int_equal(me.scopes.count, 1);
	assert_string_equal(me.scopes.items[0], "account:read");
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
	/* looks, whatever it knew */
	assert_int_equal(auth_ready(f->auth, f->call.now), ERR_OK);
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
		FIXTURE_TEST(a_key_of_a_disabled_user_is_revoked),
		FIXTURE_TEST(acts_after_an_incident_end_keys),
		FIXTURE_TEST(a_refused_change_leaves_the_keys),
		FIXTURE_TEST(a_session_that_ended_makes_no_key),
		FIXTURE_TEST(a_writer_does_not_stop_keys),
		FIXTURE_TEST(me_shows_what_a_key_may_do_now),
		FIXTURE_TEST(a_retired_hash_key_still_finds_its_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
