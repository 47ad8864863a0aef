/*
 * What a user's scope may run, that it binds the owner, and that the list of
 * owned tables is the schema's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "db_suite.h"
#include "scope.h"
#include "scope_mint.h"

static const char *const allowed[] = {
	"SELECT id FROM strategies WHERE user_id = :owner",
	"select id from strategies where user_id = :owner;",
	"SELECT s.id FROM strategies s WHERE s.user_id = :owner AND s.id = :id",
	"SELECT count(*) FROM sessions AS s WHERE s.user_id=:owner",
	"SELECT v.version FROM strategies s JOIN strategy_versions v"
	" ON v.user_id = s.user_id AND v.strategy_id = s.id"
	" WHERE s.user_id = :owner GROUP BY v.version, s.id ORDER BY 1, 2",
	"SELECT name, ':other', 'it''s -- no /* comment' FROM user_settings"
	" WHERE user_id = :owner",
	"SELECT close FROM candles WHERE symbol = :symbol",
	"SELECT s.symbol FROM symbols s LEFT JOIN (SELECT symbol, max(time) AS"
	" last FROM candles GROUP BY symbol, interval_ms) c"
	" ON c.symbol = s.symbol",
	"SELECT 1",
	"INSERT INTO user_settings (user_id, name, value, updated_at)"
	" VALUES (:owner, :name, :value, :now)"
	" ON CONFLICT (user_id, name) DO UPDATE SET value = excluded.value,"
	" updated_at = excluded.updated_at RETURNING name, value",
	"INSERT INTO strategies (user_id, id, name) VALUES (:owner, :a, lower("
	":b)), (:owner, :c, :d) ON CONFLICT DO NOTHING",
	"INSERT INTO strategy_versions (user_id, strategy_id) SELECT :owner,"
	" id FROM strategies WHERE user_id = :owner AND id = :id",
	"UPDATE strategies SET name = :name, version = version + 1"
	" WHERE user_id = :owner AND id = :id RETURNING version",
	"UPDATE strategies SET version = (SELECT max(version) FROM"
	" strategy_versions WHERE user_id = :owner) WHERE user_id = :owner",
	"DELETE FROM api_keys WHERE user_id = :owner AND id = :id",
	"WITH mine AS (SELECT id FROM strategies WHERE user_id = :owner)"
	" SELECT * FROM mine",
	"WITH a (x) AS (SELECT 1), b AS NOT MATERIALIZED (SELECT x FROM a)"
	" SELECT b.x FROM b JOIN a ON a.x = b.x",
	"WITH RECURSIVE n AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM n"
	" WHERE x < 5) SELECT x FROM n",
	"SELECT id FROM backtests WHERE user_id = :owner"
	" AND id IN (SELECT strategy_id FROM strategy_versions"
	" WHERE user_id = :owner) AND strategy_id IS NOT DISTINCT FROM :s",
	"SELECT id -- a comment\n FROM /* another */ strategies\n"
	"\tWHERE user_id = :owner",
};

static const char *const refused[] = {
	/* no owner, or only what looks like one */
	"SELECT id FROM strategies",
	"SELECT id FROM strategies WHERE id = :id",
	"SELECT id FROM strategies WHERE name = ':owner'",
	"SELECT id FROM strategies WHERE user_id = ':owner'",
	"SELECT id FROM strategies -- WHERE user_id = :owner",
	"SELECT id FROM strategies /* WHERE user_id = :owner */",
	"SELECT id FROM strategies WHERE user_id = :owners",
	"SELECT id FROM strategies WHERE user_id = :owner_",
	"SELECT id FROM strategies WHERE user_id = :OWNER",
	"SELECT :owner FROM strategies",
	"SELECT id FROM strategies WHERE user_id <> :owner",
	"SELECT id FROM strategies WHERE user_id >= :owner",
	"SELECT id FROM strategies WHERE id = :owner",
	"UPDATE strategies SET name = :owner WHERE id = :id",
	"DELETE FROM strategies",
	/* other tables */
	"SELECT id FROM users WHERE id = :owner",
	"SELECT jti FROM token_blacklist WHERE user_id = :owner",
	"SELECT * FROM sqlite_master",
	"SELECT * FROM pragma_table_info('users')",
	"SELECT * FROM json_each('[1]')",
	"SELECT * FROM main.strategies WHERE user_id = :owner",
	"SELECT id FROM strategies JOIN users ON 1 = 1 WHERE user_id = :owner",
	"SELECT id FROM strategies s, users u WHERE user_id = :owner",
	"SELECT id FROM strategies s JOIN sessions t ON t.user_id = s.user_id,"
	" users WHERE s.user_id = :owner",
	"SELECT id FROM strategies offset, users WHERE user_id = :owner",
	"SELECT id FROM strategies AS window, users WHERE user_id = :owner",
	"SELECT id FROM strategies set, users WHERE user_id = :owner",
	"SELECT id FROM strategies values, users WHERE user_id = :owner",
	"SELECT id FROM (strategies, users) WHERE user_id = :owner",
	"SELECT id FROM (users) WHERE id = :owner",
	"SELECT id FROM (SELECT id FROM users) x",
	"SELECT id FROM strategies WHERE user_id = :owner AND id IN users",
	"SELECT id FROM strategies WHERE user_id = :owner AND id NOT IN users",
	"SELECT (SELECT password_hash FROM users) FROM strategies"
	" WHERE user_id = :owner",
	"SELECT DISTINCT FROM users",
	"SELECT 1 UNION SELECT id FROM users",
	"DELETE FROM strategies USING users WHERE user_id = :owner",
	"TABLE users",
	"SELECT id FROM strategies WHERE user_id = :owner UNION TABLE users",
	/* shared tables are for reading */
	"DELETE FROM candles",
	"UPDATE symbols SET source = :x",
	"INSERT INTO symbols (symbol) VALUES (:x)",
	/* quoting */
	"SELECT id FROM \"strategies\" WHERE user_id = :owner",
	"SELECT id FROM `users`",
	"SELECT id FROM [users]",
	"SELECT id FROM strategies WHERE \"user_id\" = :owner",
	"SELECT e'\\' FROM users -- ' FROM strategies WHERE user_id = :owner",
	"SELECT '\\' FROM strategies WHERE user_id = :owner",
	"SELECT x'00' FROM strategies WHERE user_id = :owner",
	"SELECT $$ x $$ FROM strategies WHERE user_id = :owner",
	"SELECT id FROM strategies WHERE user_id = $owner",
	"SELECT id FROM strategies WHERE user_id = @owner",
	"SELECT id FROM strategies WHERE user_id = ?1",
	"SELECT id FROM strategies WHERE user_id = :owner::text",
	"SELECT id FROM strategies WHERE user_id = :owner(x)",
	"SELECT 'open FROM strategies WHERE user_id = :owner",
	"SELECT id FROM strategies WHERE user_id = :owner AND n\xc3\xa4me = 1",
	"SELECT id FROM strategies WHERE user_id = :owner AND 1x = 1",
	/* comments that end in two places */
	"SELECT 1 /* /* */ FROM users /* */ */",
	"SELECT id FROM strategies WHERE user_id = :owner /* open",
	/* several statements */
	"SELECT 1; SELECT 2",
	"SELECT id FROM strategies WHERE user_id = :owner; DELETE FROM users",
	"SELECT id FROM strategies WHERE user_id = :owner;;",
	/* statements of other kinds */
	"",
	"-- nothing",
	"PRAGMA foreign_keys = OFF",
	"ATTACH 'x' AS y",
	"CREATE TABLE x (y)",
	"DROP TABLE strategies",
	"EXPLAIN SELECT 1",
	"VALUES (1)",
	"BEGIN",
	"COMMIT",
	"VACUUM INTO 'x'",
	"REPLACE INTO strategies (user_id) VALUES (:owner)",
	"MERGE INTO strategies USING users ON true WHEN MATCHED THEN DELETE",
	/* common table expressions */
	"WITH users AS (SELECT 1) INSERT INTO users (id) VALUES (:owner)",
	"WITH x AS (SELECT * FROM users) SELECT * FROM x",
	"WITH users AS (SELECT * FROM users) SELECT * FROM users",
	"WITH a AS (SELECT * FROM users), users AS (SELECT 1) SELECT 1",
	"WITH strategies AS (SELECT 1) SELECT * FROM strategies"
	" WHERE user_id = :owner",
	"WITH x AS (DELETE FROM users RETURNING id) SELECT * FROM x",
	"WITH x AS (TABLE users) SELECT * FROM x",
	"WITH x AS SELECT 1 SELECT * FROM x",
	"SELECT * FROM (WITH users AS (SELECT 1) SELECT * FROM users) a"
	" JOIN users ON 1 = 1",
	"WITH x AS (SELECT id FROM strategies) SELECT * FROM x",
	"WITH x AS (SELECT 1) DROP TABLE strategies",
	"WITH x AS (SELECT 1",
	/* another user's row by way of a write */
	"INSERT INTO strategies (user_id, id) VALUES (:id, :owner)",
	"INSERT INTO strategies (id, user_id) VALUES (:id, :owner)",
	"INSERT INTO strategies (user_id, id) VALUES (:owner, :a), (:b, :c)",
	"INSERT INTO strategies (user_id, id) SELECT user_id, id FROM"
	" strategies WHERE user_id = :owner",
	"INSERT INTO strategies (user_id, id) SELECT :owner, 1 UNION"
	" SELECT :other, 2",
	"INSERT INTO strategies VALUES (:owner, :id)",
	"INSERT INTO strategies DEFAULT VALUES",
	"INSERT OR REPLACE INTO strategies (user_id, id) VALUES (:owner, :id)",
	"UPDATE OR REPLACE strategies SET id = :id WHERE user_id = :owner",
	"INSERT INTO strategies (user_id, id, name) VALUES (:owner, :id, :n)"
	" ON CONFLICT (id) DO UPDATE SET name = :n",
	"INSERT INTO strategies (user_id, id, name) VALUES (:owner, :id, :n)"
	" ON CONFLICT DO UPDATE SET name = :n",
	"UPDATE strategies SET user_id = :owner WHERE id = :id",
	"UPDATE strategies SET name = :n, USER_ID = :owner WHERE id = :id",
	"UPDATE strategies SET (name, user_id) = (:n, :owner) WHERE id = :id",
	"UPDATE users SET id = :owner",
	"UPDATE strategies SET name = u.email FROM users u"
	" WHERE user_id = :owner",
	/* unbalanced */
	"SELECT (1",
	"SELECT 1)",
	"SELECT id FROM",
	"SELECT id FROM strategies WHERE user_id = :owner AND id IN",
};

static void test_allowed_statements(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		const char *fault = scope_statement_fault(allowed[i]);
		if (fault)
			print_error("%s\n  %s\n", allowed[i], fault);
		assert_null(fault);
		assert_int_equal(scope_statement_check(allowed[i]), ERR_OK);
	}
}

static void test_refused_statements(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if (!scope_statement_fault(refused[i]))
			print_error("allowed: %s\n", refused[i]);
		assert_int_equal(
			scope_statement_check(refused[i]), ERR_INTERNAL);
	}
}

static void test_hostile_lengths(void **state)
{
	struct arena *arena = arena_open(1 << 20);
	char *deep = arena_alloc(arena, 1001);
	char *word = arena_alloc(arena, 1001);

	(void)state;
	memset(deep, '(', 1000);
	memset(word, 'a', 1000);
	assert_non_null(
		scope_statement_fault(arena_format(arena, "SELECT %s", deep)));
	assert_non_null(
		scope_statement_fault(arena_format(arena, "SELECT %s", word)));
	assert_non_null(scope_statement_fault(
		arena_format(arena, "SELECT 1 FROM %s", word)));
	arena_close(&arena);
}

/* Any cut of a statement is read to its end and no further. */
static void test_every_prefix_is_read(void **state)
{
	struct arena *arena = arena_open(8 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		for (size_t len = 0; len < strlen(allowed[i]); len++) {
			char *cut = malloc(len + 1);
			assert_non_null(cut);
			memcpy(cut, allowed[i], len);
			cut[len] = '\0';
			(void)scope_statement_fault(cut);
			free(cut);
		}
	}
	arena_close(&arena);
}

/* ---- against a database ------------------------------------------------- */

static const char add_sql[] =
	"INSERT INTO user_settings (user_id, name, value, updated_at)"
	" VALUES (:owner, :name, :value, 1)";
static const char get_sql[] = "SELECT value FROM user_settings"
			      " WHERE user_id = :owner AND name = :name";
static const char drop_sql[] =
	"DELETE FROM user_settings WHERE user_id = :owner";

struct scope_world {
	struct db_world *w;
	struct scope *alice, *bob;
	struct admin_scope *admin;
};

static int setup(void **state)
{
	static const char user_sql[] =
		"INSERT INTO users (id, username, username_key, password_hash,"
		" role, created_at, password_at)"
		" VALUES (:id, :id, :id, 'x', 'user', 1, 1)";
	static const char *const names[] = {"alice", "bob"};
	struct scope_world *s = calloc(1, sizeof(*s));
	const char *backup = NULL;

	assert_non_null(s);
	s->w = db_world_open(&db_backends[0]);
	struct report *report = report_open(s->w->arena);
	assert_int_equal(
		migrate_up(s->w->db, s->w->arena,
			&(struct migrate_plan){.all = migrations_sqlite,
				.backup_folder = NULL},
			report, &backup),
		ERR_OK);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(
			db_run(s->w->db, user_sql,
				BINDS(bind_text(":id", names[i])), NULL),
			ERR_OK);
	s->alice = scope_mint(s->w->arena, s->w->db, report, "alice", 1000);
	s->bob = scope_mint(s->w->arena, s->w->db, report, "bob", 1000);
	s->admin = admin_scope_mint(
		s->w->arena, s->w->db, report, "operator", 1000);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scope_world *s = *state;

	db_world_close(s->w);
	free(s);
	return 0;
}

static enum err put(struct scope *scope, const char *name, const char *value)
{
	return scope_run(scope, add_sql,
		BINDS(bind_text(":name", name), bind_text(":value", value)),
		NULL);
}

static void test_owner_is_bound(void **state)
{
	struct scope_world *s = *state;
	struct rows *rows = NULL;

	assert_int_equal(put(s->alice, "theme", "dark"), ERR_OK);
	assert_int_equal(put(s->bob, "theme", "light"), ERR_OK);
	assert_int_equal(scope_one(s->alice, get_sql,
				 BINDS(bind_text(":name", "theme")), &rows),
		ERR_OK);
	assert_string_equal(rows_text(rows, 0), "dark");
	assert_int_equal(scope_one(s->bob, get_sql,
				 BINDS(bind_text(":name", "theme")), &rows),
		ERR_OK);
	assert_string_equal(rows_text(rows, 0), "light");
}

static void test_another_users_row_is_not_found(void **state)
{
	struct scope_world *s = *state;
	struct rows *rows = NULL;
	int64_t changed = -1;

	assert_int_equal(put(s->alice, "theme", "dark"), ERR_OK);
	assert_int_equal(scope_one(s->bob, get_sql,
				 BINDS(bind_text(":name", "theme")), &rows),
		ERR_NOT_FOUND);
	assert_null(rows);
	assert_int_equal(
		scope_run(s->bob, drop_sql, NO_BINDS, &changed), ERR_OK);
	assert_int_equal(changed, 0);
}

static void test_callers_cannot_bind_the_owner(void **state)
{
	struct scope_world *s = *state;
	const struct bind *binds = BINDS(
		bind_text(":name", "theme"), bind_text(":owner", "alice"));
	struct rows *rows = NULL;

	assert_int_equal(put(s->alice, "theme", "dark"), ERR_OK);
	assert_int_equal(
		scope_query(s->bob, get_sql, binds, &rows), ERR_INTERNAL);
	assert_int_equal(
		scope_one(s->bob, get_sql, binds, &rows), ERR_INTERNAL);
	assert_int_equal(scope_run(s->bob, get_sql, binds, NULL), ERR_INTERNAL);
	assert_null(rows);
}

static void test_refused_statements_do_not_run(void **state)
{
	struct scope_world *s = *state;
	static const char wild_sql[] = "DELETE FROM user_settings";
	static const char user_sql[] = "SELECT id FROM users";
	struct rows *rows = NULL;

	assert_int_equal(put(s->alice, "theme", "dark"), ERR_OK);
	assert_int_equal(
		scope_run(s->bob, wild_sql, NO_BINDS, NULL), ERR_INTERNAL);
	assert_int_equal(
		scope_query(s->bob, user_sql, NO_BINDS, &rows), ERR_INTERNAL);
	assert_null(rows);
	assert_int_equal(db_number(s->w->db, s->w->arena,
				 "SELECT count(*) FROM user_settings"),
		1);
}

static void test_shared_tables_need_no_owner(void **state)
{
	struct scope_world *s = *state;
	static const char sql[] = "SELECT count(*) FROM symbols";
	struct rows *rows = NULL;

	assert_int_equal(scope_one(s->bob, sql, NO_BINDS, &rows), ERR_OK);
	assert_int_equal(rows_int(rows, 0), 0);
}

static void test_rollback_undoes(void **state)
{
	struct scope_world *s = *state;
	struct rows *rows = NULL;

	assert_int_equal(scope_begin(s->alice), ERR_OK);
	assert_int_equal(put(s->alice, "theme", "dark"), ERR_OK);
	scope_rollback(s->alice);
	assert_int_equal(scope_begin(s->alice), ERR_OK);
	assert_int_equal(put(s->alice, "currency", "EUR"), ERR_OK);
	assert_int_equal(scope_commit(s->alice), ERR_OK);
	assert_int_equal(scope_one(s->alice, get_sql,
				 BINDS(bind_text(":name", "theme")), &rows),
		ERR_NOT_FOUND);
	assert_int_equal(scope_one(s->alice, get_sql,
				 BINDS(bind_text(":name", "currency")), &rows),
		ERR_OK);
}

static void test_admins_reach_every_user(void **state)
{
	struct scope_world *s = *state;
	static const char sql[] =
		"SELECT user_id FROM user_settings ORDER BY user_id";
	static const char wipe_sql[] = "DELETE FROM user_settings";
	struct rows *rows = NULL;
	int64_t changed = 0;

	assert_int_equal(put(s->alice, "theme", "dark"), ERR_OK);
	assert_int_equal(put(s->bob, "theme", "light"), ERR_OK);
	assert_int_equal(admin_one(s->admin, sql, NO_BINDS, &rows), ERR_OK);
	assert_string_equal(rows_text(rows, 0), "alice");
	assert_int_equal(admin_begin(s->admin), ERR_OK);
	assert_int_equal(
		admin_run(s->admin, wipe_sql, NO_BINDS, &changed), ERR_OK);
	assert_int_equal(changed, 2);
	assert_int_equal(admin_commit(s->admin), ERR_OK);
	assert_int_equal(
		admin_one(s->admin, sql, NO_BINDS, &rows), ERR_NOT_FOUND);
}

static void test_scopes_tell_what_they_are(void **state)
{
	struct scope_world *s = *state;

	assert_string_equal(scope_user(s->bob), "bob");
	assert_int_equal(scope_now(s->bob), 1000);
	assert_ptr_equal(scope_arena(s->bob), s->w->arena);
	assert_non_null(scope_report(s->bob));
	assert_string_equal(admin_actor(s->admin), "operator");
	assert_int_equal(admin_now(s->admin), 1000);
	assert_ptr_equal(admin_arena(s->admin), s->w->arena);
	assert_non_null(admin_report(s->admin));
}

/* Each table of the schema is owned, shared, or out of reach. */
static void test_lists_match_the_schema(void **state)
{
	static const char tables_sql[] =
		"SELECT t.name, (SELECT count(*) FROM pragma_table_info(t.name)"
		" c WHERE c.name = 'user_id') FROM sqlite_master t"
		" WHERE t.type = 'table'";
	struct scope_world *s = *state;
	struct arena *arena = s->w->arena;
	struct rows *rows = NULL;
	bool more = true;

	assert_int_equal(
		db_query(s->w->db, arena, tables_sql, NO_BINDS, &rows), ERR_OK);
	for (;;) {
		assert_int_equal(rows_next(rows, &more), ERR_OK);
		if (!more)
			return;
		const char *name = rows_text(rows, 0);
		const bool owned = rows_int(rows, 1) == 1 &&
				   !text_equal(name, "token_blacklist");
		const bool shared = text_equal(name, "symbols") ||
				    text_equal(name, "candles");
		const enum err bound = scope_statement_check(arena_format(arena,
			"SELECT 1 FROM %s WHERE user_id = :owner", name));
		const enum err unbound = scope_statement_check(
			arena_format(arena, "SELECT 1 FROM %s", name));
		assert_int_equal(
			bound, owned || shared ? ERR_OK : ERR_INTERNAL);
		assert_int_equal(unbound, shared ? ERR_OK : ERR_INTERNAL);
	}
}

#define SCOPE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_allowed_statements),
		cmocka_unit_test(test_refused_statements),
		cmocka_unit_test(test_hostile_lengths),
		cmocka_unit_test(test_every_prefix_is_read),
		SCOPE_TEST(test_owner_is_bound),
		SCOPE_TEST(test_another_users_row_is_not_found),
		SCOPE_TEST(test_callers_cannot_bind_the_owner),
		SCOPE_TEST(test_refused_statements_do_not_run),
		SCOPE_TEST(test_shared_tables_need_no_owner),
		SCOPE_TEST(test_rollback_undoes),
		SCOPE_TEST(test_admins_reach_every_user),
		SCOPE_TEST(test_scopes_tell_what_they_are),
		SCOPE_TEST(test_lists_match_the_schema),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
