/*
 * The audit log: what it keeps, and that whoever edits the database file,
 * triggers and all, is found out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit.h"
#include "db_suite.h"
#include "key_ring.h"
#include "metrics.h"
#include "secret.h"

static const int64_t start = 1800000000000; /* ms, 2027-01-15 */

struct world {
	struct db_world *db;
	const char *keys;
	struct audit *audit;
};

static void audit_again(struct world *w)
{
	const struct audit_options options = {
		.db = w->db->db, .key_folder = w->keys};

	audit_close(&w->audit);
	assert_int_equal(audit_open(w->db->arena, &options,
				 report_open(w->db->arena), &w->audit),
		ERR_OK);
}

static int open_world(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->db = db_world_ready();
	w->keys = file_join(w->db->arena, w->db->folder, "keys");
	assert_int_equal(
		audit_keys_create(w->db->arena, w->keys, start), ERR_OK);
	audit_again(w);
	*state = w;
	return 0;
}

static int close_world(void **state)
{
	struct world *w = *state;

	audit_close(&w->audit);
	(void)folder_walk(w->keys, 1);
	db_world_close(w->db);
	free(w);
	return 0;
}

static void append(struct world *w, const char *event, const char *actor)
{
	const struct audit_event one = {
		.at = start + 5,
		.event = event,
		.result = AUDIT_DENIED,
		.actor = actor,
		.address = "192.0.2.1",
		.detail = "a word, \"quoted\"",
	};

	assert_int_equal(audit_append(w->audit, w->db->arena, &one), ERR_OK);
}

/* Rows 1 to 5; the actors are "a" to "e". */
static void fill(struct world *w)
{
	for (int i = 0; i < 5; i++)
		append(w, "auth.login.failed",
			arena_format(w->db->arena, "%c", 'a' + i));
}

/* What somebody does who may write the file. */
static void tamper(struct world *w, const char *script)
{
	static const char off[] = "DROP TRIGGER IF EXISTS audit_log_keeps;"
				  "DROP TRIGGER IF EXISTS audit_log_stays;"
				  "DROP TRIGGER IF EXISTS audit_log_grows;"
				  "PRAGMA ignore_check_constraints = ON;";

	assert_int_equal(db_script(w->db->db, off), ERR_OK);
	assert_int_equal(db_script(w->db->db, script), ERR_OK);
}

static struct audit_head head(struct world *w)
{
	struct audit_head out = {0};

	assert_int_equal(audit_head(w->audit, w->db->arena, &out), ERR_OK);
	return out;
}

static struct audit_finding verify(
	struct world *w, const struct audit_head *anchor)
{
	struct audit_finding out = {0};

	assert_int_equal(
		audit_verify(w->audit, w->db->arena, anchor, &out), ERR_OK);
	return out;
}

static void expect_sound(
	struct world *w, const struct audit_head *anchor, int64_t rows)
{
	const struct audit_finding found = verify(w, anchor);

	if (!found.sound)
		fail_msg("row %d: %s", (int)found.broken_at, found.what);
	assert_int_equal(found.rows, rows);
	assert_int_equal(found.broken_at, 0);
	assert_null(found.what);
}

static void expect_broken(struct world *w, const struct audit_head *anchor,
	int64_t at, const char *words)
{
	const struct audit_finding found = verify(w, anchor);

	assert_false(found.sound);
	assert_int_equal(found.broken_at, at);
	if (!strstr(found.what, words))
		fail_msg("\"%s\" says nothing of \"%s\"", found.what, words);
}

/* ---- writing --------------------------------------------------------------- */

static void an_empty_log_is_sound(void **state)
{
	struct world *w = *state;
	const struct audit_head none = head(w);

	assert_int_equal(none.rows, 0);
	assert_int_equal(strlen(none.mac), 64);
	assert_string_equal(none.key_id, "");
	expect_sound(w, NULL, 0);
	expect_sound(w, &none, 0);
	fill(w);
	expect_sound(w, &none, 5);
}

static void rows_say_what_happened(void **state)
{
	struct world *w = *state;
	struct audit_rows rows = {0};
	const struct audit_row *row;
	const struct audit_event all = {.at = start,
		.event = "admin.user.role",
		.result = AUDIT_OK,
		.actor = "operator",
		.object = "01user",
		.address = "2001:db8::1",
		.request_id = "r-1",
		.detail = "admin"};

	assert_int_equal(audit_append(w->audit, w->db->arena, &all), ERR_OK);
	append(w, "auth.login.failed", NULL);
	assert_int_equal(audit_read(w->audit, w->db->arena, 0, &rows), ERR_OK);
	assert_int_equal(rows.count, 2);
	row = &rows.items[0];
	assert_int_equal(row->seq, 1);
	assert_int_equal(row->at, start);
	assert_string_equal(row->texts[AUDIT_EVENT], "admin.user.role");
	assert_string_equal(row->texts[AUDIT_RESULT], "ok");
	assert_string_equal(row->texts[AUDIT_ACTOR], "operator");
	assert_string_equal(row->texts[AUDIT_OBJECT], "01user");
	assert_string_equal(row->texts[AUDIT_ADDRESS], "2001:db8::1");
	assert_string_equal(row->texts[AUDIT_REQUEST_ID], "r-1");
	assert_string_equal(row->texts[AUDIT_DETAIL], "admin");
	assert_string_equal(row->texts[AUDIT_KEY_ID], head(w).key_id);
	assert_false(row->odd);
	row = &rows.items[1];
	assert_null(row->texts[AUDIT_ACTOR]);
	assert_string_equal(row->texts[AUDIT_RESULT], "denied");
	assert_string_equal(row->mac, head(w).mac);
	assert_int_equal(audit_read(w->audit, w->db->arena, 2, &rows), ERR_OK);
	assert_int_equal(rows.count, 0);
}

static void a_row_falls_with_its_transaction(void **state)
{
	struct world *w = *state;

	append(w, "auth.login.failed", "a");
	assert_int_equal(db_begin(w->db->db), ERR_OK);
	append(w, "auth.login.failed", "b");
	append(w, "auth.login.failed", "c");
	db_rollback(w->db->db);
	assert_int_equal(head(w).rows, 1);
	assert_int_equal(db_begin(w->db->db), ERR_OK);
	append(w, "auth.login.failed", "d");
	assert_int_equal(db_commit(w->db->db), ERR_OK);
	assert_false(db_in_transaction(w->db->db));
	expect_sound(w, NULL, 2);
}

static void a_row_of_its_own_is_committed(void **state)
{
	struct world *w = *state;
	struct db *other = db_world_connect(w->db, 1000);

	append(w, "auth.login.failed", "a");
	assert_int_equal(db_number(other, w->db->arena,
				 "SELECT count(*) FROM audit_log"),
		1);
	db_close(&other);
}

static void two_writers_make_one_chain(void **state)
{
	struct world *w = *state;
	struct world second = {.db = w->db, .keys = w->keys};
	struct db *first = w->db->db;
	struct db *other = db_world_connect(w->db, 1000);

	w->db->db = other;
	audit_again(&second);
	w->db->db = first;
	for (int i = 0; i < 3; i++) {
		append(w, "auth.login.failed", "a");
		append(&second, "auth.login.failed", "b");
	}
	expect_sound(w, NULL, 6);
	/* neither goes on with the old key behind a row with the new one */
	assert_int_equal(
		audit_keys_rotate(w->db->arena, w->keys, start + 1), ERR_OK);
	append(&second, "auth.login.failed", "b");
	append(w, "auth.login.failed", "a");
	expect_sound(w, NULL, 8);
	audit_close(&second.audit);
	db_close(&other);
}

/* In a child: rows in transactions of its own and of a caller's, some of them
   rolled back, while others do the same. */
static bool write_one(struct db *db, struct audit *audit, struct arena *arena,
	const struct audit_event *event, int turn)
{
	bool good;

	if (turn == 0)
		return audit_append(audit, arena, event) == ERR_OK;
	good = db_begin(db) == ERR_OK &&
	       audit_append(audit, arena, event) == ERR_OK;
	if (turn == 1)
		return good && db_commit(db) == ERR_OK;
	db_rollback(db);
	return good;
}

static void write_along(struct world *w, int me, int rows)
{
	struct audit_options options = {
		.db = db_world_connect(w->db, 60000), .key_folder = w->keys};
	struct arena *arena = w->db->arena;
	struct audit *audit;
	bool good = audit_open(arena, &options, report_open(arena), &audit) ==
		    ERR_OK;

	alarm(120);
	for (int i = 0; good && i < rows; i++)
		good = write_one(options.db, audit, arena,
			&(const struct audit_event){.at = start + i,
				.event = "test.row",
				.actor = arena_format(arena, "%d-%d", me, i)},
			i % 3);
	db_close(&options.db);
	_exit(good ? 0 : 1);
}

static void four_processes_make_one_chain(void **state)
{
	enum {
		PROCESSES = 4,
		ROWS = 150 /* a third is rolled back */
	};
	struct world *w = *state;
	pid_t children[PROCESSES];
	int status;

	for (int i = 0; i < PROCESSES; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0)
			write_along(w, i, ROWS);
	}
	for (int i = 0; i < PROCESSES; i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	expect_sound(w, NULL, (int64_t)PROCESSES * ROWS * 2 / 3);
}

static void what_cannot_be_written_is_refused(void **state)
{
	struct world *w = *state;
	struct audit_event bad = {.at = start, .event = ""};

	assert_int_not_equal(
		audit_append(w->audit, w->db->arena, &bad), ERR_OK);
	assert_false(db_in_transaction(w->db->db));
	bad = (struct audit_event){.at = -1, .event = "x"};
	assert_int_equal(
		audit_append(w->audit, w->db->arena, &bad), ERR_UNAVAILABLE);
	expect_sound(w, NULL, 0);
}

static void long_texts_are_cut_at_a_character(void **state)
{
	struct world *w = *state;
	struct audit_rows rows = {0};
	char *actor = arena_alloc(w->db->arena, 4000);

	for (size_t i = 0; i < 1000; i++)
		memcpy(actor + 3 * i, "\xe2\x82\xac", 3);
	append(w, "auth.login.failed", actor);
	assert_int_equal(audit_read(w->audit, w->db->arena, 0, &rows), ERR_OK);
	assert_int_equal(strlen(rows.items[0].texts[AUDIT_ACTOR]), 1023);
	expect_sound(w, NULL, 1);
}

/* The encoding of a row is a promise: a change of it breaks old logs. */
static void the_hash_is_the_one_documented(void **state)
{
	static const char key_line[] =
		"k1 ff671c739677a3eac0a780b1c7f436c1"
		"18b4462166bc33606456d45883e8d55e ACTIVE 1\n";
	struct world *w = *state;

	(void)folder_put(w->db->arena, w->keys, "audit.keys", key_line);
	append(w, "auth.login.failed", "bob");
	/* made with Python's hmac from the words of audit_private.h */
	assert_string_equal(head(w).mac, "7f605adda54e0b19d1d22e20a0e9a72d"
					 "86a683f4df20e607359c32c7966d8ba8");
}

/* ---- the schema ------------------------------------------------------------ */

static void the_table_refuses_what_is_not_an_append(void **state)
{
	static const char *const bad[] = {
		"UPDATE audit_log SET actor = 'x' WHERE seq = 2",
		"UPDATE OR REPLACE audit_log SET seq = 3 WHERE seq = 2",
		"DELETE FROM audit_log WHERE seq = 5",
		"DELETE FROM audit_log",
		"INSERT OR REPLACE INTO audit_log (seq, at, event, result,"
		" key_id, mac) VALUES (2, 1, 'x', 'ok', 'k', zeroblob(32))",
		"INSERT INTO audit_log (seq, at, event, result, key_id, mac)"
		" VALUES (7, 1, 'x', 'ok', 'k', zeroblob(32))",
		"INSERT INTO audit_log (at, event, result, key_id, mac)"
		" VALUES (1, 'x', 'ok', 'k', zeroblob(32))",
		"INSERT INTO audit_log (seq, at, event, result, key_id, mac)"
		" VALUES (6, 1, 'x', 'fine', 'k', zeroblob(32))",
		"INSERT INTO audit_log (seq, at, event, result, key_id, mac)"
		" VALUES (6, 1, 'x', 'ok', 'k', zeroblob(31))",
	};
	struct world *w = *state;

	fill(w);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (db_run(w->db->db, bad[i], NO_BINDS, NULL) == ERR_OK)
			fail_msg("taken: %s", bad[i]);
	expect_sound(w, NULL, 5);
}

static void the_end_is_found_without_a_sort(void **state)
{
	struct world *w = *state;
	struct rows *rows = NULL;
	bool more = false;

	assert_int_equal(
		db_query(w->db->db, w->db->arena,
			"EXPLAIN QUERY PLAN SELECT seq, mac, key_id FROM"
			" audit_log ORDER BY seq DESC LIMIT 1",
			NO_BINDS, &rows),
		ERR_OK);
	assert_int_equal(rows_next(rows, &more), ERR_OK);
	/* the primary key, backwards: no sort */
	assert_non_null(strstr(rows_text(rows, 3), "SCAN audit_log"));
	assert_int_equal(rows_next(rows, &more), ERR_OK);
	assert_false(more);
	rows_end(rows);
}

/* ---- finding out ----------------------------------------------------------- */

struct deed {
	const char *what, *script;
	int64_t at;
	const char *words;
};

static void every_edit_is_found(void **state)
{
	static const struct deed deeds[] = {
		{"an edit of each column",
			"UPDATE audit_log SET at = at + 1 WHERE seq = 2", 2,
			"as it was written"},
		{"event",
			"UPDATE audit_log SET event = 'auth.login' WHERE"
			" seq = 2",
			2, "as it was written"},
		{"result", "UPDATE audit_log SET result = 'ok' WHERE seq = 2",
			2, "as it was written"},
		{"actor", "UPDATE audit_log SET actor = 'x' WHERE seq = 2", 2,
			"as it was written"},
		{"actor to nobody",
			"UPDATE audit_log SET actor = NULL WHERE seq = 2", 2,
			"as it was written"},
		{"object, from nothing to empty",
			"UPDATE audit_log SET object = '' WHERE seq = 3", 3,
			"as it was written"},
		{"address",
			"UPDATE audit_log SET address = '192.0.2.2'"
			" WHERE seq = 5",
			5, "as it was written"},
		{"request id",
			"UPDATE audit_log SET request_id = 'r' WHERE seq = 1",
			1, "as it was written"},
		{"detail",
			"UPDATE audit_log SET detail = 'other' WHERE seq = 4",
			4, "as it was written"},
		{"text moved over the border of two columns",
			"UPDATE audit_log SET actor = 'b1', address ="
			" '92.0.2.1' WHERE seq = 2",
			2, "as it was written"},
		{"text behind a NUL",
			"UPDATE audit_log SET actor = 'b' || char(0) || 'x'"
			" WHERE seq = 2",
			2, "not one that Kontor wrote"},
		{"mac",
			"UPDATE audit_log SET mac = zeroblob(32) WHERE"
			" seq = 3",
			3, "as it was written"},
		{"a short mac",
			"UPDATE audit_log SET mac = x'00' WHERE seq = 3", 3,
			"not one that Kontor wrote"},
		{"an unknown key",
			"UPDATE audit_log SET key_id = 'nobody' WHERE seq = 3",
			3, "not in the key file"},
		{"a row gone from the middle",
			"DELETE FROM audit_log WHERE seq = 3", 3, "missing"},
		{"the first row gone", "DELETE FROM audit_log WHERE seq = 1", 1,
			"missing"},
		{"a row gone, the others moved up",
			"DELETE FROM audit_log WHERE seq = 3;"
			"UPDATE audit_log SET seq = seq - 1 WHERE seq > 3;",
			3, "as it was written"},
		{"two rows in each other's place",
			"UPDATE audit_log SET seq = 99 WHERE seq = 2;"
			"UPDATE audit_log SET seq = 2 WHERE seq = 3;"
			"UPDATE audit_log SET seq = 3 WHERE seq = 99;",
			2, "as it was written"},
		{"a row put between",
			"UPDATE audit_log SET seq = 6 WHERE seq = 5;"
			"UPDATE audit_log SET seq = 5 WHERE seq = 4;"
			"INSERT INTO audit_log SELECT 4, at, event, result,"
			" 'mallory', object, address, request_id, detail,"
			" key_id, mac FROM audit_log WHERE seq = 5;",
			4, "as it was written"},
		{"a row at the end",
			"INSERT INTO audit_log SELECT 6, at, event, result,"
			" actor, object, address, request_id, detail, key_id,"
			" mac FROM audit_log WHERE seq = 5;",
			6, "as it was written"},
		{"a row in front",
			"INSERT INTO audit_log SELECT 0, at, event, result,"
			" actor, object, address, request_id, detail, key_id,"
			" mac FROM audit_log WHERE seq = 5;",
			1, "in front"},
	};
	struct world *w = *state;

	fill(w);
	tamper(w, "CREATE TABLE kept AS SELECT * FROM audit_log;");
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		print_message("# %s\n", deeds[i].what);
		tamper(w, deeds[i].script);
		expect_broken(w, NULL, deeds[i].at, deeds[i].words);
		tamper(w, "DELETE FROM audit_log;"
			  "INSERT INTO audit_log SELECT * FROM kept;");
		expect_sound(w, NULL, 5);
	}
}

static void a_cut_tail_is_found_with_a_kept_head(void **state)
{
	struct world *w = *state;
	struct audit_head kept;

	fill(w);
	kept = head(w);
	tamper(w, "DELETE FROM audit_log WHERE seq > 3");
	/* the chain alone cannot know */
	expect_sound(w, NULL, 3);
	expect_broken(w, &kept, 4, "cut");
	/* grown again over the gap, by somebody with the keys */
	append(w, "auth.login.failed", "x");
	append(w, "auth.login.failed", "y");
	append(w, "auth.login.failed", "z");
	expect_sound(w, NULL, 6);
	expect_broken(w, &kept, 5, "whose head was kept");
	/* and all of it */
	tamper(w, "DELETE FROM audit_log");
	expect_sound(w, NULL, 0);
	expect_broken(w, &kept, 1, "cut");
}

static void an_older_head_still_fits(void **state)
{
	struct world *w = *state;
	struct audit_head kept;
	struct audit_finding found = {0};

	append(w, "auth.login.failed", "a");
	kept = head(w);
	fill(w);
	expect_sound(w, &kept, 6);
	kept.mac = head(w).mac;
	expect_broken(w, &kept, 1, "whose head was kept");
	assert_int_equal(
		audit_anchor_check(w->audit, w->db->arena, &kept, &found),
		ERR_OK);
	assert_false(found.sound);
}

/* ---- keys ------------------------------------------------------------------ */

static void keys_rotate_and_old_rows_stay_sound(void **state)
{
	struct world *w = *state;
	struct audit_head first;
	struct stat info;

	fill(w);
	first = head(w);
	assert_int_equal(
		audit_keys_rotate(w->db->arena, w->keys, start + 10), ERR_OK);
	append(w, "auth.login.failed", "f");
	assert_string_not_equal(first.key_id, head(w).key_id);
	expect_sound(w, &first, 6);
	audit_again(w);
	expect_sound(w, &first, 6);
	assert_int_equal(
		stat(file_join(w->db->arena, w->keys, "audit.keys"), &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	/* made once: a second time changes nothing */
	assert_int_equal(
		audit_keys_create(w->db->arena, w->keys, start + 11), ERR_OK);
	expect_sound(w, &first, 6);
}

static void a_full_key_file_keeps_all_keys(void **state)
{
	struct world *w = *state;
	enum err err = ERR_OK;

	append(w, "auth.login.failed", "a");
	for (int i = 0; i < KEY_RING_LIMIT - 1; i++) {
		err = audit_keys_rotate(w->db->arena, w->keys, start + i);
		assert_int_equal(err, ERR_OK);
		append(w, "auth.login.failed", "a");
	}
	err = audit_keys_rotate(w->db->arena, w->keys, start + 99);
	assert_int_equal(err, ERR_CONFLICT);
	expect_sound(w, NULL, KEY_RING_LIMIT);
}

static void swapped_keys_are_found(void **state)
{
	struct world *w = *state;

	fill(w);
	assert_int_equal(
		audit_keys_rotate(w->db->arena, w->keys, start + 10), ERR_OK);
	append(w, "auth.login.failed", "f");
	append(w, "auth.login.failed", "g");
	tamper(w, "UPDATE audit_log SET key_id = (SELECT key_id FROM audit_log"
		  " WHERE seq = 7) WHERE seq = 2");
	expect_broken(w, NULL, 2, "as it was written");
	tamper(w, "UPDATE audit_log SET key_id = (SELECT key_id FROM audit_log"
		  " WHERE seq = 1) WHERE seq IN (2, 7)");
	expect_broken(w, NULL, 7, "had been replaced");
}

static void the_keys_of_another_house_do_not_fit(void **state)
{
	struct world *w = *state;

	fill(w);
	assert_int_equal(
		unlink(file_join(w->db->arena, w->keys, "audit.keys")), 0);
	assert_int_equal(
		audit_keys_create(w->db->arena, w->keys, start), ERR_OK);
	expect_broken(w, NULL, 1, "not in the key file");
}

static void a_seal_tells_whose_bytes_they_are(void **state)
{
	struct world *w = *state;
	struct arena *arena = w->db->arena;
	struct audit_seal seal;
	struct audit_seal forged;
	const char *other;

	assert_int_equal(
		audit_seal(w->audit, arena, "bytes", 5, &seal), ERR_OK);
	assert_int_equal(audit_seal_check(w->audit, "bytes", 5, &seal), ERR_OK);
	assert_int_equal(
		audit_seal_check(w->audit, "bytes", 4, &seal), ERR_BAD_INPUT);
	forged = seal;
	forged.mac = "00";
	assert_int_equal(
		audit_seal_check(w->audit, "bytes", 5, &forged), ERR_BAD_INPUT);
	forged = seal;
	forged.key_id = "nobodys";
	assert_int_equal(
		audit_seal_check(w->audit, "bytes", 5, &forged), ERR_NOT_FOUND);
	/* a replaced key goes on checking; a new one seals */
	assert_int_equal(audit_keys_rotate(arena, w->keys, start + 1), ERR_OK);
	assert_int_equal(audit_seal_check(w->audit, "bytes", 5, &seal), ERR_OK);
	other = seal.key_id;
	assert_int_equal(
		audit_seal(w->audit, arena, "bytes", 5, &seal), ERR_OK);
	assert_string_not_equal(seal.key_id, other);
}

static void without_keys_nothing_is_written(void **state)
{
	struct world *w = *state;
	const char *path = file_join(w->db->arena, w->keys, "audit.keys");
	const struct audit_options options = {
		.db = w->db->db, .key_folder = w->keys};
	const struct audit_event event = {.at = start, .event = "x"};
	struct report *report = report_open(w->db->arena);
	struct audit_finding found;
	struct audit *audit = NULL;

	assert_int_equal(unlink(path), 0);
	assert_int_equal(
		audit_append(w->audit, w->db->arena, &event), ERR_UNAVAILABLE);
	assert_int_equal(audit_verify(w->audit, w->db->arena, NULL, &found),
		ERR_UNAVAILABLE);
	assert_int_equal(audit_open(w->db->arena, &options, report, &audit),
		ERR_UNAVAILABLE);
	assert_null(audit);
	assert_non_null(strstr(report->detail, "kontor init"));
	(void)folder_put(w->db->arena, w->keys, "audit.keys",
		"k1 0000000000000000000000000000000000000000000000000000000000"
		"000000 ACTIVE 1\n");
	assert_int_equal(audit_open(w->db->arena, &options, report, &audit),
		ERR_UNAVAILABLE);
	assert_int_equal(db_number(w->db->db, w->db->arena,
				 "SELECT count(*) FROM audit_log"),
		0);
}

/* ---- size ------------------------------------------------------------------ */

static void a_long_log_is_read_in_batches(void **state)
{
	struct world *w = *state;

	assert_int_equal(db_begin(w->db->db), ERR_OK);
	for (int i = 0; i < 1203; i++)
		append(w, "auth.login.failed", "a");
	assert_int_equal(db_commit(w->db->db), ERR_OK);
	expect_sound(w, NULL, 1203);
	tamper(w, "UPDATE audit_log SET actor = 'x' WHERE seq = 1001");
	expect_broken(w, NULL, 1001, "as it was written");
}

int main(void)
{
#define CASE(test) \
	cmocka_unit_test_setup_teardown(test, open_world, close_world)
	const struct CMUnitTest tests[] = {
		CASE(an_empty_log_is_sound),
		CASE(rows_say_what_happened),
		CASE(a_row_falls_with_its_transaction),
		CASE(a_row_of_its_own_is_committed),
		CASE(two_writers_make_one_chain),
		CASE(four_processes_make_one_chain),
		CASE(what_cannot_be_written_is_refused),
		CASE(long_texts_are_cut_at_a_character),
		CASE(the_hash_is_the_one_documented),
		CASE(the_table_refuses_what_is_not_an_append),
		CASE(the_end_is_found_without_a_sort),
		CASE(every_edit_is_found),
		CASE(a_cut_tail_is_found_with_a_kept_head),
		CASE(an_older_head_still_fits),
		CASE(keys_rotate_and_old_rows_stay_sound),
		CASE(a_full_key_file_keeps_all_keys),
		CASE(swapped_keys_are_found),
		CASE(the_keys_of_another_house_do_not_fit),
		CASE(a_seal_tells_whose_bytes_they_are),
		CASE(without_keys_nothing_is_written),
		CASE(a_long_log_is_read_in_batches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
