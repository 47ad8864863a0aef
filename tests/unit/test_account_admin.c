/*
 * Acts on other people's accounts by id: what ends with them, what stays,
 * who may not be touched, and that nothing a user owned is left behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/wait.h>
#include <unistd.h>

#include "auth_fixture.h"

static int with_people(void **state)
{
	int failed = fixture_open(state);

	fixture_user(*state, "root", AUTH_ROLE_ADMIN);
	fixture_user(*state, "Alice", AUTH_ROLE_USER);
	fixture_user(*state, "bob", AUTH_ROLE_USER);
	return failed;
}

static struct account_page page_of(
	struct fixture *f, int64_t limit, const char *cursor)
{
	struct account_page page = {0};

	assert_int_equal(account_list(f->auth, fixture_call(f),
				 &(const struct account_query){
					 .limit = limit, .cursor = cursor},
				 &page),
		ERR_OK);
	return page;
}

static const struct account_row *row_of(struct fixture *f, const char *name)
{
	struct account_page page = page_of(f, 100, NULL);
	const struct account_row *rows = page.rows.items;

	for (size_t i = 0; i < page.rows.count; i++)
		if (text_equal(rows[i].username, name))
			return &rows[i];
	return NULL;
}

static const char *id_of(struct fixture *f, const char *name)
{
	const struct account_row *row = row_of(f, name);

	assert_non_null(row);
	return row->id;
}

/* As that admin, over the API. */
static struct admin_scope *admin(struct fixture *f, const char *name)
{
	const struct identity who = {.user_id = id_of(f, name),
		.session_id = "s",
		.role = AUTH_ROLE_ADMIN};

	return auth_admin_scope(f->auth, fixture_call(f), &who);
}

static enum err removed(
	struct fixture *f, struct admin_scope *by, const char *name)
{
	return account_remove(f->auth, &f->call, by, id_of(f, name));
}

static enum err disabled(
	struct fixture *f, struct admin_scope *by, const char *name, bool off)
{
	return account_set_disabled_by_id(
		f->auth, &f->call, by, id_of(f, name), off);
}

static enum err role(struct fixture *f, struct admin_scope *by,
	const char *name, enum auth_role role)
{
	return account_set_role_by_id(
		f->auth, &f->call, by, id_of(f, name), role);
}

static void a_list_has_pages(void **state)
{
	struct fixture *f = *state;
	struct account_page page = page_of(f, 2, NULL);
	const struct account_row *rows = page.rows.items;

	assert_int_equal(page.rows.count, 2);
	assert_string_equal(rows[0].username, "Alice");
	assert_string_equal(rows[1].username, "bob");
	assert_non_null(page.next);
	page = page_of(f, 2, page.next);
	rows = page.rows.items;
	assert_int_equal(page.rows.count, 1);
	assert_string_equal(rows[0].username, "root");
	assert_null(page.next);
	page = page_of(f, 3, NULL);
	assert_null(page.next);
}

static void one_account_is_shown_with_its_sessions(void **state)
{
	struct fixture *f = *state;
	struct account_row row;
	struct list sessions;
	const char *id = id_of(f, "Alice");

	fixture_login(f, "alice");
	f->call.now += MIN;
	fixture_login(f, "alice");
	assert_int_equal(
		account_get_by_id(f->auth, fixture_call(f), id, &row), ERR_OK);
	assert_string_equal(row.username, "Alice");
	assert_string_equal(row.role, "user");
	assert_int_equal(row.sessions, 2);
	assert_int_equal(row.last_login_at->ms, fixture_start + MIN);
	assert_int_equal(
		account_sessions_of(f->auth, fixture_call(f), id, &sessions),
		ERR_OK);
	assert_int_equal(sessions.count, 2);
	assert_int_equal(
		account_get_by_id(f->auth, fixture_call(f), "nobody", &row),
		ERR_NOT_FOUND);
	assert_int_equal(account_sessions_of(
				 f->auth, fixture_call(f), "nobody", &sessions),
		ERR_NOT_FOUND);
}

static void acts_end_what_the_user_had(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair = fixture_login(f, "alice");

	assert_int_equal(disabled(f, admin(f, "root"), "Alice", true), ERR_OK);
	assert_string_equal(f->call.report->event, "auth.user.disabled");
	assert_int_equal(
		fixture_bearer(f, pair.access_token), ERR_TOKEN_REVOKED);
	assert_int_equal(fixture_try_login(f, "alice", good_password, &pair),
		ERR_BAD_CREDENTIALS);
	assert_int_equal(disabled(f, admin(f, "root"), "Alice", false), ERR_OK);
	pair = fixture_login(f, "alice");
	assert_int_equal(
		role(f, admin(f, "root"), "Alice", AUTH_ROLE_ADMIN), ERR_OK);
	assert_int_equal(
		fixture_bearer(f, pair.access_token), ERR_TOKEN_REVOKED);
	pair = fixture_login(f, "alice");
	assert_int_equal(
		fixture_who(f, pair.access_token).role, AUTH_ROLE_ADMIN);
	assert_int_equal(account_end_sessions_of(f->auth, fixture_call(f),
				 admin(f, "root"), id_of(f, "Alice")),
		ERR_OK);
	assert_int_equal(
		fixture_bearer(f, pair.access_token), ERR_TOKEN_REVOKED);
}

static void nobody_is_not_found(void **state)
{
	struct fixture *f = *state;
	struct admin_scope *root = admin(f, "root");

	assert_int_equal(account_remove(f->auth, &f->call, root,
				 "01kxw00000000000000000000a"),
		ERR_NOT_FOUND);
	assert_int_equal(
		account_set_disabled_by_id(f->auth, &f->call, root, "x", true),
		ERR_NOT_FOUND);
	assert_int_equal(account_set_role_by_id(
				 f->auth, &f->call, root, "", AUTH_ROLE_ADMIN),
		ERR_NOT_FOUND);
	assert_int_equal(account_end_sessions_of(f->auth, &f->call, root, "x"),
		ERR_NOT_FOUND);
}

static void the_last_admin_stays(void **state)
{
	struct fixture *f = *state;
	struct admin_scope *operator= fixture_operator(f);

	assert_int_equal(removed(f, operator, "root"), ERR_CONFLICT);
	assert_int_equal(disabled(f, operator, "root", true), ERR_CONFLICT);
	assert_int_equal(
		role(f, operator, "root", AUTH_ROLE_USER), ERR_CONFLICT);
	/* a disabled admin does not count */
	fixture_user(f, "second", AUTH_ROLE_ADMIN);
	operator= fixture_operator(f);
	assert_int_equal(disabled(f, operator, "second", true), ERR_OK);
	assert_int_equal(removed(f, operator, "root"), ERR_CONFLICT);
	assert_int_equal(disabled(f, operator, "second", false), ERR_OK);
	assert_int_equal(removed(f, operator, "root"), ERR_OK);
	assert_null(row_of(f, "root"));
}

static void an_admin_does_not_turn_against_himself(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair;

	fixture_user(f, "second", AUTH_ROLE_ADMIN);
	pair = fixture_login(f, "root");
	assert_int_equal(removed(f, admin(f, "root"), "root"), ERR_CONFLICT);
	assert_int_equal(
		disabled(f, admin(f, "root"), "root", true), ERR_CONFLICT);
	assert_int_equal(role(f, admin(f, "root"), "root", AUTH_ROLE_USER),
		ERR_CONFLICT);
	/* refused as a whole: his session lives */
	assert_int_equal(fixture_bearer(f, pair.access_token), ERR_OK);
	assert_int_equal(
		role(f, admin(f, "second"), "root", AUTH_ROLE_USER), ERR_OK);
}

/* In a child: each kind of act that takes the other one's role away. */
static void turn_against(
	struct fixture *f, const char *me, const char *other, int kind)
{
	struct admin_scope *mine;
	char go;
	enum err err;

	alarm(60);
	fixture_db_open(f, false);
	fixture_auth_open(f);
	mine = admin(f, me);
	if (read(STDIN_FILENO, &go, 1) < 0) /* both are let go at once */
		_exit(2);
	if (kind == 0)
		err = role(f, mine, other, AUTH_ROLE_USER);
	else
		err = disabled(f, mine, other, true);
	_exit(err == ERR_OK ? 0 : err == ERR_CONFLICT ? 1 : 2);
}

/* Both were admins when they were asked who they are; one stays. */
static void two_who_turn_against_each_other_leave_one(void **state)
{
	static const char *const names[] = {"root", "second"};
	struct fixture *f = *state;
	pid_t children[2];
	int statuses[2];
	int gate[2];

	fixture_user(f, "second", AUTH_ROLE_ADMIN);
	for (int round = 0; round < 10; round++) {
		auth_close(&f->auth);
		db_close(&f->db);
		assert_int_equal(pipe(gate), 0);
		for (int i = 0; i < 2; i++) {
			children[i] = fork();
			assert_true(children[i] >= 0);
			if (children[i] != 0)
				continue;
			close(gate[1]);
			dup2(gate[0], STDIN_FILENO);
			turn_against(f, names[i], names[1 - i], round % 2);
		}
		close(gate[0]);
		close(gate[1]);
		for (int i = 0; i < 2; i++) {
			assert_int_equal(waitpid(children[i], &statuses[i], 0),
				children[i]);
			assert_true(WIFEXITED(statuses[i]));
		}
		assert_int_equal(
			WEXITSTATUS(statuses[0]) + WEXITSTATUS(statuses[1]), 1);
		fixture_db_open(f, false);
		fixture_auth_open(f);
		assert_int_equal(
			fixture_number(f, "SELECT count(*) FROM users WHERE"
					  " role = 'admin' AND disabled = 0"),
			1);
		for (int i = 0; i < 2; i++) {
			assert_int_equal(role(f, fixture_operator(f), names[i],
						 AUTH_ROLE_ADMIN),
				ERR_OK);
			assert_int_equal(disabled(f, fixture_operator(f),
						 names[i], false),
				ERR_OK);
		}
	}
}

/* Let in as an admin; another request took the role before his own acts. */
static void who_lost_his_role_does_nothing_more(void **state)
{
	struct fixture *f = *state;
	struct account_new in = {
		.user = {.username = "carol", .password = good_password},
		.role = AUTH_ROLE_ADMIN};
	struct admin_scope *late;
	struct user_view view;

	for (int kind = 0; kind < 3; kind++) {
		fixture_user(f, "second", AUTH_ROLE_ADMIN);
		late = admin(f, "second");
		if (kind == 0)
			assert_int_equal(role(f, admin(f, "root"), "second",
						 AUTH_ROLE_USER),
				ERR_OK);
		else if (kind == 1)
			assert_int_equal(
				disabled(f, admin(f, "root"), "second", true),
				ERR_OK);
		else
			assert_int_equal(
				removed(f, admin(f, "root"), "second"), ERR_OK);
		assert_int_equal(
			role(f, late, "bob", AUTH_ROLE_ADMIN), ERR_CONFLICT);
		assert_int_equal(
			disabled(f, late, "Alice", true), ERR_CONFLICT);
		assert_int_equal(account_end_sessions_of(f->auth, &f->call,
					 late, id_of(f, "Alice")),
			ERR_CONFLICT);
		assert_int_equal(removed(f, late, "Alice"), ERR_CONFLICT);
		assert_int_equal(
			account_add(f->auth, &f->call, late, &in, &view),
			ERR_CONFLICT);
		assert_string_equal(
			f->call.report->detail, "You are no admin any more.");
		assert_null(row_of(f, "carol"));
		assert_string_equal(row_of(f, "bob")->role, "user");
		assert_false(row_of(f, "Alice")->disabled);
		if (kind < 2)
			assert_int_equal(
				removed(f, admin(f, "root"), "second"), ERR_OK);
	}
}

static void an_admin_adds_people(void **state)
{
	struct fixture *f = *state;
	struct account_new in = {
		.user = {.username = "carol", .password = good_password},
		.role = AUTH_ROLE_ADMIN};
	struct user_view view;

	/* registration is for strangers */
	f->settings.registration_open = false;
	auth_close(&f->auth);
	fixture_auth_open(f);
	assert_int_equal(
		account_add(f->auth, &f->call, admin(f, "root"), &in, &view),
		ERR_OK);
	assert_string_equal(view.role, "admin");
	assert_int_equal(
		account_add(f->auth, &f->call, admin(f, "root"), &in, &view),
		ERR_CONFLICT);
	in.user.username = "dave";
	in.user.password = "short";
	assert_int_equal(
		account_add(f->auth, &f->call, admin(f, "root"), &in, &view),
		ERR_BAD_INPUT);
}

/* One row of each kind that hangs on a user. */
static void fill(struct fixture *f, const char *name)
{
	const struct api_key_new key = {.name = "k",
		.scopes = {
			.items = (const char *[]){"market:read"}, .count = 1}};
	struct api_key_created created;
	struct token_pair pair = fixture_login(f, name), next;
	struct identity who = fixture_who(f, pair.access_token);
	struct bind binds[] = {
		bind_text(":user", who.user_id), {.kind = BIND_END}};
	static const char *const inserts[] = {
		"INSERT INTO user_settings (user_id, name, value, updated_at)"
		" VALUES (:user, 'theme', 'dark', 1)",
		"INSERT INTO user_secrets (user_id, name, sealed, key_id, hint,"
		" updated_at) VALUES (:user, 's', x'00', 'k', '', 1)",
		"INSERT INTO strategies (user_id, id, name, version,"
		" created_at, updated_at) VALUES (:user, 'st', 'n', 1, 1, 1)",
		"INSERT INTO strategy_versions (user_id, strategy_id, version,"
		" definition, created_at) VALUES (:user, 'st', 1, '{}', 1)",
		"INSERT INTO backtests (user_id, id, strategy_id,"
		" strategy_version, symbol, interval_ms, status, request,"
		" stats, equity, trades, created_at) VALUES (:user, 'bt', 'st',"
		" 1, 'X', 1, 'done', '{}', '{}', '[]', '[]', 1)",
	};

	assert_int_equal(
		api_key_create(f->auth, fixture_call(f), &who, &key, &created),
		ERR_OK);
	assert_int_equal(account_refresh(f->auth, fixture_call(f),
				 pair.refresh_token, &next),
		ERR_OK);
	for (size_t i = 0; i < sizeof(inserts) / sizeof(*inserts); i++)
		assert_int_equal(
			db_run(f->db, inserts[i], binds, NULL), ERR_OK);
	pair = fixture_login(f, name);
	who = fixture_who(f, pair.access_token);
	assert_int_equal(
		account_logout(f->auth, fixture_call(f), &who), ERR_OK);
}

static int64_t rows_in(struct fixture *f, const char *table)
{
	return fixture_number(
		f, arena_format(f->arena, "SELECT count(*) FROM %s", table));
}

static void a_removed_user_leaves_nothing(void **state)
{
	static const char *const owned[] = {"sessions", "refresh_tokens_used",
		"token_blacklist", "api_keys", "user_settings", "user_secrets",
		"strategies", "strategy_versions", "backtests"};
	struct fixture *f = *state;
	struct token_pair bob = fixture_login(f, "bob"), pair;

	fill(f, "alice");
	for (size_t i = 0; i < sizeof(owned) / sizeof(*owned); i++)
		if (rows_in(f, owned[i]) == 0)
			fail_msg("%s is empty", owned[i]);
	pair = fixture_login(f, "alice");
	assert_int_equal(removed(f, admin(f, "root"), "Alice"), ERR_OK);
	assert_string_equal(f->call.report->event, "auth.user.removed");
	assert_null(row_of(f, "Alice"));
	assert_int_equal(rows_in(f, "sessions"), 1); /* bob's */
	for (size_t i = 1; i < sizeof(owned) / sizeof(*owned); i++)
		if (rows_in(f, owned[i]) != 0)
			fail_msg("%s has rows", owned[i]);
	assert_int_equal(
		fixture_bearer(f, pair.access_token), ERR_TOKEN_REVOKED);
	assert_int_equal(fixture_bearer(f, bob.access_token), ERR_OK);
	/* the name is free again, and is somebody else */
	fixture_user(f, "alice", AUTH_ROLE_USER);
	assert_int_equal(
		fixture_bearer(f, pair.access_token), ERR_TOKEN_REVOKED);
}

/* A table with a user_id goes with its user, or is one of those that
   account_remove() empties by itself. */
static void every_owned_table_goes_with_its_user(void **state)
{
	static const char tables_sql[] =
		"SELECT name FROM sqlite_master WHERE type = 'table'"
		" AND instr(sql, 'user_id') > 0"
		" AND sql NOT LIKE '%REFERENCES users (id) ON DELETE CASCADE%'"
		" AND sql NOT LIKE '%REFERENCES % (user_id, %) ON DELETE"
		" CASCADE%' AND name NOT IN ('token_blacklist')";
	struct fixture *f = *state;
	struct rows *rows;
	bool more;

	assert_int_equal(
		db_query(f->db, f->request, tables_sql, NO_BINDS, &rows),
		ERR_OK);
	assert_int_equal(rows_next(rows, &more), ERR_OK);
	if (more)
		fail_msg("%s does not go with its user", rows_text(rows, 0));
	rows_end(rows);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, with_people, fixture_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_list_has_pages),
		TEST(one_account_is_shown_with_its_sessions),
		TEST(acts_end_what_the_user_had),
		TEST(nobody_is_not_found),
		TEST(the_last_admin_stays),
		TEST(an_admin_does_not_turn_against_himself),
		TEST(two_who_turn_against_each_other_leave_one),
		TEST(who_lost_his_role_does_nothing_more),
		TEST(an_admin_adds_people),
		TEST(a_removed_user_leaves_nothing),
		TEST(every_owned_table_goes_with_its_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
