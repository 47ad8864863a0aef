/*
 * Backups and restores with a real database and real keys: copies made while
 * others write, what verify finds, what a restore ends, and a restore that
 * is killed at each of its steps and at random.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "auth_fixture.h"
#include "audit.h"
#include "backup.h"
#include "file.h"
#include "folder.h"
#include "in_use.h"
#include "restore.h"
#include "rounds.h"
#include "vault_keys.h"

struct safe {
	struct fixture *f;
	struct backup_place place;
	const char *database;
};

static const char note_sql[] =
	"INSERT INTO system_settings (name, value, updated_at, updated_by)"
	" VALUES (:name, 'x', 1, 'me') ON CONFLICT (name) DO NOTHING";
static const char note_count_sql[] = "SELECT count(*) FROM system_settings";

static int open_safe(void **state)
{
	struct safe *safe = calloc(1, sizeof(*safe));
	void *fixture;

	assert_non_null(safe);
	assert_int_equal(fixture_open(&fixture), 0);
	safe->f = fixture;
	safe->database =
		arena_format(safe->f->arena, "%s/kontor.db", safe->f->folder);
	assert_int_equal(
		audit_keys_create(safe->f->arena, safe->f->keys, fixture_start),
		ERR_OK);
	assert_int_equal(
		vault_keys_create(safe->f->arena, safe->f->keys), ERR_OK);
	safe->place = (struct backup_place){
		.folder = arena_format(
			safe->f->arena, "%s/backups", safe->f->folder),
		.key_folder = safe->f->keys,
		.arena = safe->f->arena,
		.report = report_open(safe->f->arena),
		.now = fixture_start,
	};
	*state = safe;
	return 0;
}

static int close_safe(void **state)
{
	struct safe *safe = *state;
	void *fixture = safe->f;

	free(safe);
	return fixture_close(&fixture);
}

static const struct backup_place *at(struct safe *safe, int64_t now)
{
	safe->place.now = now;
	safe->place.report = report_open(safe->f->arena);
	return &safe->place;
}

static const char *make(struct safe *safe, int64_t now)
{
	const char *path = NULL;

	assert_int_equal(
		backup_make(at(safe, now), safe->f->db, &path), ERR_OK);
	return path;
}

static enum err verify(struct safe *safe, const char *path)
{
	struct backup_finding finding;

	return backup_verify(at(safe, fixture_start), path, &finding);
}

static void note(struct safe *safe, const char *name)
{
	assert_int_equal(db_run(safe->f->db, note_sql,
				 BINDS(bind_text(":name", name)), NULL),
		ERR_OK);
}

static void audit_note(struct safe *safe, const char *event)
{
	const struct audit_options options = {
		.db = safe->f->db, .key_folder = safe->f->keys};
	const struct audit_event what = {.at = fixture_start, .event = event};
	struct audit *audit;

	assert_int_equal(audit_open(safe->f->arena, &options,
				 report_open(safe->f->arena), &audit),
		ERR_OK);
	assert_int_equal(audit_append(audit, safe->f->arena, &what), ERR_OK);
	audit_close(&audit);
}

static size_t entries(const struct safe *safe, const char *start)
{
	DIR *folder = opendir(safe->place.folder);
	struct dirent *entry;
	size_t count = 0;

	assert_non_null(folder);
	for (entry = readdir(folder); entry; entry = readdir(folder))
		count += text_starts(entry->d_name, start);
	closedir(folder);
	return count;
}

/* ---- making --------------------------------------------------------------- */

static void test_a_backup_is_whole_and_holds_no_key(void **state)
{
	struct safe *safe = *state;
	struct backup_finding finding;
	const struct backup_key *keys;
	const char *path;
	const char *newest;
	int64_t made;
	char *text;
	char *secret;
	size_t len;

	fixture_user(safe->f, "alice", AUTH_ROLE_ADMIN);
	audit_note(safe, "test.one");
	path = make(safe, fixture_start);
	assert_int_equal(
		backup_verify(at(safe, fixture_start), path, &finding), ERR_OK);
	assert_int_equal(finding.missing.count, 0);
	assert_int_equal(finding.manifest.head.rows, 1);
	assert_true(finding.sealed);
	assert_int_equal(finding.manifest.created, fixture_start);
	keys = finding.manifest.keys.items;
	assert_int_equal(finding.manifest.keys.count, 3);
	assert_int_equal(
		file_read(safe->f->arena,
			file_join(safe->f->arena, path, "manifest.json"),
			1 << 20, &text, &len),
		ERR_OK);
	assert_int_equal(
		file_read(safe->f->arena,
			file_join(safe->f->arena, safe->f->keys, "audit.keys"),
			1 << 20, &secret, &len),
		ERR_OK);
	/* "ID HEX ACTIVE ...": the id is in the manifest, the key is not */
	assert_non_null(strstr(text, keys[2].id));
	char *hex = strchr(secret, ' ') + 1;
	*strchr(hex, ' ') = '\0';
	assert_null(strstr(text, hex));
	assert_int_equal(
		backup_newest(at(safe, fixture_start), &newest, &made), ERR_OK);
	assert_string_equal(newest, path);
	assert_true(made == fixture_start);
	assert_int_equal(entries(safe, ".part-"), 0);
}

static void test_the_oldest_go_and_leftovers_too(void **state)
{
	struct safe *safe = *state;
	const char *left = file_join(
		safe->f->arena, safe->place.folder, ".part-kontor-killed");
	const char *mine =
		file_join(safe->f->arena, safe->place.folder, "kontor-of-mine");
	int64_t removed = 0;
	const char *last = NULL;

	for (int i = 0; i < 5; i++)
		last = make(safe, fixture_start + (int64_t)i * HOUR);
	assert_int_equal(file_folder(left, 0700), ERR_OK);
	(void)folder_put(safe->f->arena, left, "kontor.db", "half");
	/* somebody's own folder is no backup */
	assert_int_equal(file_folder(mine, 0700), ERR_OK);
	assert_int_equal(
		backup_prune(at(safe, fixture_start), 2, &removed), ERR_OK);
	assert_int_equal(removed, 3);
	assert_int_equal(entries(safe, "kontor-"), 3);
	assert_int_equal(access(mine, F_OK), 0);
	assert_int_equal(verify(safe, last), ERR_OK);
	(void)make(safe, fixture_start + (int64_t)9 * HOUR);
	assert_int_equal(entries(safe, ".part-"), 0);
	/* a second one at the same moment has the same name */
	const char *path;
	assert_int_equal(
		backup_make(at(safe, fixture_start + (int64_t)9 * HOUR),
			safe->f->db, &path),
		ERR_CONFLICT);
}

/* Children write and checkpoint-free commit while copies are made. */
static void test_made_while_others_write(void **state)
{
	enum {
		WRITERS = 2,
		COPIES = 5
	};
	struct safe *safe = *state;
	pid_t writers[WRITERS];
	int status;

	auth_close(&safe->f->auth);
	db_close(&safe->f->db);
	for (int i = 0; i < WRITERS; i++) {
		writers[i] = fork();
		assert_true(writers[i] >= 0);
		if (writers[i] != 0)
			continue;
		alarm(60);
		fixture_db_open(safe->f, false);
		for (int n = 0;; n++)
			(void)!db_run(safe->f->db, note_sql,
				BINDS(bind_text(":name",
					arena_format(safe->f->request, "%d-%d",
						i, n % 5000))),
				NULL);
	}
	fixture_db_open(safe->f, false);
	/* they are at it */
	while (fixture_number(safe->f, note_count_sql) < 10)
		continue;
	for (int i = 0; i < COPIES; i++)
		assert_int_equal(
			verify(safe, make(safe, fixture_start + i)), ERR_OK);
	for (int i = 0; i < WRITERS; i++) {
		kill(writers[i], SIGKILL);
		assert_int_equal(waitpid(writers[i], &status, 0), writers[i]);
	}
	fixture_auth_open(safe->f);
}

/* ---- verifying ------------------------------------------------------------- */

static void flip(const char *path, off_t at_byte)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	char byte;

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, at_byte), 1);
	byte ^= 0x20;
	assert_int_equal(pwrite(fd, &byte, 1, at_byte), 1);
	close(fd);
}

static void test_verify_finds_what_is_wrong(void **state)
{
	struct safe *safe = *state;
	struct arena *arena = safe->f->arena;
	struct backup_finding finding;
	const struct backup_key *missing;
	const char *path;

	note(safe, "one");
	path = make(safe, fixture_start);
	flip(file_join(arena, path, "kontor.db"), 5000);
	assert_int_equal(verify(safe, path), ERR_BAD_INPUT);
	flip(file_join(arena, path, "kontor.db"), 5000);
	assert_int_equal(verify(safe, path), ERR_OK);
	assert_int_equal(
		truncate(file_join(arena, path, "kontor.db"), 4096), 0);
	assert_int_equal(verify(safe, path), ERR_BAD_INPUT);

	path = make(safe, fixture_start + 1);
	flip(file_join(arena, path, "manifest.json"), 0);
	assert_int_equal(verify(safe, path), ERR_BAD_INPUT);
	assert_int_equal(verify(safe, "/nonexistent"), ERR_NOT_FOUND);

	/* a key of an earlier installation: only told */
	path = make(safe, fixture_start + 2);
	assert_int_equal(
		unlink(file_join(arena, safe->f->keys, "hash.keys")), 0);
	assert_int_equal(
		backup_verify(at(safe, fixture_start), path, &finding), ERR_OK);
	assert_int_equal(finding.missing.count, 1);
	missing = finding.missing.items;
	assert_string_equal(missing[0].purpose, "hash");

	/* nor can a chain be checked without its key; the data are good */
	audit_note(safe, "test.chain");
	path = make(safe, fixture_start + 3);
	assert_int_equal(
		unlink(file_join(arena, safe->f->keys, "audit.keys")), 0);
	assert_int_equal(
		audit_keys_create(arena, safe->f->keys, fixture_start), ERR_OK);
	assert_int_equal(
		backup_verify(at(safe, fixture_start), path, &finding), ERR_OK);
	assert_int_equal(finding.missing.count, 1);
	missing = finding.missing.items;
	assert_string_equal(missing[0].purpose, "audit");
	assert_false(finding.sealed);
}

/* ---- made to do harm --------------------------------------------------------- */

static enum err restore(struct safe *safe, const char *path, bool keep,
	struct restore_done *out)
{
	const struct restore_options options = {
		.database = safe->database, .keep_api_keys = keep};
	enum err err;

	auth_close(&safe->f->auth);
	db_close(&safe->f->db);
	err = restore_run(at(safe, fixture_start + HOUR), path, &options, out);
	fixture_db_open(safe->f, false);
	fixture_auth_open(safe->f);
	return err;
}

/* The text in the manifest gives way to another. */
static void forge(
	struct safe *safe, const char *path, const char *old, const char *new)
{
	struct arena *arena = safe->f->arena;
	const char *file = file_join(arena, path, "manifest.json");
	const char *rest;
	char *text;
	char *found;
	size_t len;

	assert_int_equal(file_read(arena, file, 1 << 20, &text, &len), ERR_OK);
	found = strstr(text, old);
	assert_non_null(found);
	rest = found + strlen(old);
	*found = '\0';
	text = arena_text(
		arena, arena_format(arena, "%s%s%s", text, new, rest));
	assert_int_equal(file_write(file, text, strlen(text), 0600), ERR_OK);
}

/* Purposes lead to files and ids are printed: neither may be anything. */
static void test_a_manifest_leads_nowhere_else(void **state)
{
	static const char *const forged[][2] = {
		{"\"purpose\":\"hash\"", "\"purpose\":\"../../etc/passwd\""},
		{"\"purpose\":\"hash\"", "\"purpose\":\"HASH\""},
		{"\"purpose\":\"hash\",\"id\":\"",
			"\"purpose\":\"hash\",\"id\":\"\\u001b[2J"},
		{"\"program\":\"", "\"program\":\"\\u001b]0;x\\u0007"},
		{"\"bytes\":", "\"bytes\":-"},
		{"\"version\":1", "\"version\":2"},
	};
	struct safe *safe = *state;
	const char *path;

	for (size_t i = 0; i < sizeof(forged) / sizeof(forged[0]); i++) {
		path = make(safe, fixture_start + (int64_t)i);
		assert_int_equal(verify(safe, path), ERR_OK);
		forge(safe, path, forged[i][0], forged[i][1]);
		assert_int_equal(verify(safe, path), ERR_BAD_INPUT);
	}
}

/* Whoever may write the folder of backups cannot make one that passes. */
static void test_a_backup_of_others_is_refused(void **state)
{
	struct safe *safe = *state;
	struct arena *arena = safe->f->arena;
	const char *path = make(safe, fixture_start);
	struct backup_manifest manifest;
	struct backup_finding finding;
	struct restore_done done;
	struct file_sum sum;
	struct db *db;
	const char *file = file_join(arena, path, "kontor.db");
	const char *text = file_join(arena, path, "manifest.json");
	const struct db_options options = {
		.url = arena_format(arena, "sqlite:%s", file), .busy_ms = 1000};

	/* one setting more, all sums made anew */
	assert_int_equal(db_open(arena, &options, &db), ERR_OK);
	assert_int_equal(
		db_run(db, note_sql, BINDS(bind_text(":name", "evil")), NULL),
		ERR_OK);
	assert_int_equal(db_checkpoint(db), ERR_OK);
	db_close(&db);
	assert_int_equal(
		manifest_read(at(safe, fixture_start), text, &manifest),
		ERR_OK);
	assert_int_equal(file_sum(file, NULL, &sum), ERR_OK);
	manifest.sha256 = sum.sha256;
	manifest.bytes = sum.bytes;
	assert_int_equal(
		manifest_write(at(safe, fixture_start), text, &manifest),
		ERR_OK);
	assert_int_equal(verify(safe, path), ERR_BAD_INPUT);
	assert_non_null(strstr(safe->place.report->detail, "seal"));

	/* nor by naming a key that nobody has; unless he is asked to believe */
	manifest.seal.key_id = "0123456789abcdef";
	assert_int_equal(
		manifest_write(at(safe, fixture_start), text, &manifest),
		ERR_OK);
	assert_int_equal(
		backup_verify(at(safe, fixture_start), path, &finding), ERR_OK);
	assert_false(finding.sealed);
	assert_int_equal(restore(safe, path, false, &done), ERR_CONFLICT);
	assert_int_equal(fixture_number(safe->f, note_count_sql), 0);
	const struct restore_options believing = {
		.database = safe->database, .unsealed = true};
	auth_close(&safe->f->auth);
	db_close(&safe->f->db);
	assert_int_equal(restore_run(at(safe, fixture_start + HOUR), path,
				 &believing, &done),
		ERR_OK);
	fixture_db_open(safe->f, false);
	fixture_auth_open(safe->f);
	assert_int_equal(fixture_number(safe->f, note_count_sql), 1);
}

/* A file without an end, or of somebody else, is nothing to read. */
static void test_only_a_regular_file_is_a_copy(void **state)
{
	struct safe *safe = *state;
	struct arena *arena = safe->f->arena;
	struct restore_done done;
	const char *path = make(safe, fixture_start);
	const char *file = file_join(arena, path, "kontor.db");
	const char *away = file_join(arena, path, "away.db");

	alarm(60); /* a pipe that nobody writes would wait for ever */
	assert_int_equal(rename(file, away), 0);
	assert_int_equal(symlink("/dev/zero", file), 0);
	assert_int_equal(verify(safe, path), ERR_BAD_INPUT);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(symlink("away.db", file), 0);
	assert_int_equal(verify(safe, path), ERR_BAD_INPUT);
	assert_int_equal(restore(safe, path, false, &done), ERR_BAD_INPUT);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(mkfifo(file, 0600), 0);
	assert_int_equal(verify(safe, path), ERR_BAD_INPUT);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(rename(away, file), 0);
	assert_int_equal(verify(safe, path), ERR_OK);
	alarm(0);
}

/* SQLite would read them into a copy whose sum is good. */
static void test_a_log_beside_the_copy_is_refused(void **state)
{
	struct safe *safe = *state;
	const char *path = make(safe, fixture_start);
	const char *wal = file_join(safe->f->arena, path, "kontor.db-wal");
	const char *journal =
		file_join(safe->f->arena, path, "kontor.db-journal");

	assert_int_equal(file_write(wal, "x", 1, 0600), ERR_OK);
	assert_int_equal(verify(safe, path), ERR_BAD_INPUT);
	/* of a verify that was killed */
	assert_int_equal(truncate(wal, 0), 0);
	assert_int_equal(verify(safe, path), ERR_OK);
	assert_int_equal(file_write(journal, "x", 1, 0600), ERR_OK);
	assert_int_equal(verify(safe, path), ERR_BAD_INPUT);
	assert_int_equal(unlink(journal), 0);
	assert_int_equal(verify(safe, path), ERR_OK);
}

/* In a folder that all may write, somebody prepares one to read the copy. */
static void test_a_folder_prepared_by_others_is_not_used(void **state)
{
	struct safe *safe = *state;
	struct arena *arena = safe->f->arena;
	const char *first = make(safe, fixture_start);
	const char *theirs = file_join(arena, safe->f->folder, "theirs");
	const char *path;
	/* named as the next one will be, and not empty, so that it stays */
	const char *part = arena_format(arena, "%s/.part-%.*s.007Z",
		safe->place.folder, (int)strlen("kontor-20261121T073000"),
		strrchr(first, '/') + 1);

	assert_int_equal(file_folder(theirs, 0777), ERR_OK);
	assert_int_equal(symlink(theirs, part), 0);
	assert_int_equal(
		backup_make(at(safe, fixture_start + 7), safe->f->db, &path),
		ERR_CONFLICT);
	assert_int_equal(rmdir(theirs), 0); /* empty */
	assert_int_equal(unlink(part), 0);
}

/* ---- restoring -------------------------------------------------------------- */

/* A hook that may be called, and a message that waits. */
static void hook_put(struct fixture *f, const char *user_id)
{
	static const char *const rows[] = {
		"INSERT INTO hooks (user_id, id, name, secret_hash, hint, "
		"nonce,"
		" signed, sides, orders_per_hour, window_s, venue, enabled,"
		" created_at, updated_at) VALUES (:user, 'h', 'n', x'00', 'x',"
		" 'x', 0, 'both', 1, 1, 'paper', 1, 1, 1)",
		"INSERT INTO channels (user_id, id, kind, events, enabled,"
		" created_at, updated_at) VALUES (:user, 'c', 'telegram', 1, 1,"
		" 1, 1)",
		"INSERT INTO notifications (user_id, id, channel_id, kind, "
		"body,"
		" state, next_at, created_at) VALUES (:user, 'n', 'c', 'fill',"
		" 'x', 'queued', 1, 1)"};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(
			db_run(f->db, rows[i],
				BINDS(bind_text(":user", user_id)), NULL),
			ERR_OK);
}

static void test_restored_tokens_obey_revocation(void **state)
{
	struct safe *safe = *state;
	struct fixture *f = safe->f;
	struct restore_done done;
	struct api_key_created key;
	const struct api_key_new in = {.name = "robot",
		.scopes = {.items = (const char *[]){"strategies:read"},
			.count = 1}};
	struct token_pair pair;
	struct token_pair again;
	const char *path;

	fixture_user(f, "alice", AUTH_ROLE_ADMIN);
	pair = fixture_login(f, "alice");
	const struct identity who = fixture_who(f, pair.access_token);
	assert_int_equal(
		api_key_create(f->auth, fixture_call(f), &who, &in, &key),
		ERR_OK);
	hook_put(f, who.user_id);
	audit_note(safe, "test.before");
	path = make(safe, fixture_start);
	/* after the copy: a note that will be gone, and a logout that holds */
	note(safe, "later");
	assert_int_equal(
		account_logout(f->auth, fixture_call(f), &who), ERR_OK);

	assert_int_equal(restore(safe, path, false, &done), ERR_OK);
	assert_int_equal(done.settled.sessions, 1);
	assert_int_equal(done.settled.api_keys, 1);
	assert_int_equal(fixture_number(f, note_count_sql), 0);
	assert_int_not_equal(fixture_bearer(f, pair.access_token), ERR_OK);
	assert_int_not_equal(account_refresh(f->auth, fixture_call(f),
				     pair.refresh_token, &again),
		ERR_OK);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM api_keys"), 0);
	assert_int_equal(fixture_number(f, "SELECT enabled FROM hooks"), 0);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM notifications"
					   " WHERE state = 'failed'"),
		1);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM audit_log"
					   " WHERE event = 'backup.restored'"),
		1);
	/* the password still holds */
	(void)fixture_login(f, "alice");
	/* what was there is there still */
	assert_non_null(done.aside);
	assert_int_equal(access(done.aside, F_OK), 0);

	assert_int_equal(restore(safe, path, true, &done), ERR_OK);
	assert_int_equal(done.settled.api_keys, 0);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM api_keys"), 1);
	assert_int_equal(fixture_number(f, "SELECT enabled FROM hooks"), 1);
}

static void test_a_restore_frees_leases_and_set_up_links(void **state)
{
	struct safe *safe = *state;
	struct fixture *f = safe->f;
	struct restore_done done;
	const char *token;
	const char *path;

	assert_int_equal(
		setup_token_create(f->auth, fixture_call(f), &token), ERR_OK);
	assert_int_equal(
		db_run(f->db,
			"INSERT INTO jobs (name, interval_ms, next_at,"
			" lease_until, lease_owner)"
			" VALUES ('backup', 1, 1, 9000000000000, 'me')",
			NO_BINDS, NULL),
		ERR_OK);
	path = make(safe, fixture_start);
	assert_int_equal(restore(safe, path, false, &done), ERR_OK);
	assert_int_equal(
		fixture_number(f, "SELECT count(*) FROM setup_tokens"), 0);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM jobs"
					   " WHERE lease_owner IS NOT NULL"),
		0);
}

static void test_a_bad_backup_changes_nothing(void **state)
{
	struct safe *safe = *state;
	struct restore_done done;
	const char *path;

	note(safe, "before");
	path = make(safe, fixture_start);
	note(safe, "after");
	flip(file_join(safe->f->arena, path, "kontor.db"), 9000);
	assert_int_equal(restore(safe, path, false, &done), ERR_BAD_INPUT);
	assert_int_equal(fixture_number(safe->f, note_count_sql), 2);
}

static void test_restores_over_rubble_and_over_nothing(void **state)
{
	struct safe *safe = *state;
	struct restore_done done;
	const char *path;

	note(safe, "one");
	path = make(safe, fixture_start);
	auth_close(&safe->f->auth);
	db_close(&safe->f->db);
	assert_int_equal(file_write(safe->database, "rubble", 6, 0600), ERR_OK);
	assert_int_equal(restore(safe, path, false, &done), ERR_OK);
	assert_int_equal(fixture_number(safe->f, note_count_sql), 1);
	assert_non_null(done.aside);

	auth_close(&safe->f->auth);
	db_close(&safe->f->db);
	assert_int_equal(unlink(safe->database), 0);
	assert_int_equal(restore(safe, path, false, &done), ERR_OK);
	assert_int_equal(fixture_number(safe->f, note_count_sql), 1);
	assert_null(done.aside);
}

/* ---- killed in the middle ---------------------------------------------------- */

static void die_at(void *context, int step)
{
	const int *wanted = context;

	if (step == *wanted)
		raise(SIGKILL);
}

/* The old one (its two notes) or the new one (one note), whole. */
static bool is_new(struct safe *safe)
{
	const int64_t count = fixture_number(safe->f, note_count_sql);

	assert_true(count == 1 || count == 2);
	assert_int_equal(fixture_number(safe->f,
				 "SELECT count(*) FROM pragma_integrity_check"
				 " WHERE integrity_check <> 'ok'"),
		0);
	assert_int_equal(
		fixture_number(safe->f, "SELECT count(*) FROM audit_log"
					" WHERE event = 'backup.restored'"),
		count == 1);
	return count == 1;
}

/* In a child; delay_us < 0: at that step, else after that time. */
static void restore_killed(
	struct safe *safe, const char *path, int at_step, int delay_us)
{
	struct restore_options options = {.database = safe->database,
		.at_step = die_at,
		.context = &at_step};
	struct restore_done done;
	int status;
	pid_t child;

	auth_close(&safe->f->auth);
	db_close(&safe->f->db);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		alarm(60);
		_exit(restore_run(at(safe, fixture_start + HOUR), path,
			      &options, &done) == ERR_OK
				? 0
				: 1);
	}
	if (delay_us >= 0) {
		usleep((useconds_t)delay_us);
		kill(child, SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	/* killed, or through before */
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
	fixture_db_open(safe->f, false);
	fixture_auth_open(safe->f);
}

/* Two notes; the second stands in the log alone, left by one who was killed. */
static void make_old(struct safe *safe)
{
	int status;
	pid_t child;

	assert_int_equal(db_run(safe->f->db, "DELETE FROM system_settings",
				 NO_BINDS, NULL),
		ERR_OK);
	note(safe, "one");
	auth_close(&safe->f->auth);
	db_close(&safe->f->db);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		fixture_db_open(safe->f, false);
		note(safe, "two");
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(
		access(arena_format(safe->f->arena, "%s-wal", safe->database),
			F_OK),
		0);
}

static void test_killed_at_each_step(void **state)
{
	struct safe *safe = *state;
	struct restore_done done;
	const char *path;
	int steps = 0;
	bool was_new = false;

	note(safe, "one");
	path = make(safe, fixture_start);
	for (int step = 1; !was_new && step < 20; step++) {
		make_old(safe);
		restore_killed(safe, path, step, -1);
		was_new = is_new(safe);
		steps++;
	}
	assert_true(was_new);
	assert_true(steps >= 6);
	/* and what they left does not stand in the way */
	assert_int_equal(restore(safe, path, false, &done), ERR_OK);
	assert_true(is_new(safe));
	assert_int_not_equal(access(arena_format(safe->f->arena, "%s.restore",
					    safe->database),
				     F_OK),
		0);
}

static void test_killed_at_random(void **state)
{
	enum {
		LATEST_US = 60000
	};
	const int count = rounds(30, 5);
	struct safe *safe = *state;
	struct restore_done done;
	const char *copy =
		arena_format(safe->f->arena, "%s/first.db", safe->f->folder);
	const char *path;

	note(safe, "one");
	path = make(safe, fixture_start);
	note(safe, "two");
	assert_int_equal(db_backup(safe->f->db, copy), ERR_OK);
	for (int i = 0; i < count; i++) {
		restore_killed(safe, path, 0, i * LATEST_US / count);
		if (!is_new(safe))
			continue;
		/* the old one again, with its log */
		auth_close(&safe->f->auth);
		db_close(&safe->f->db);
		struct file_sum sum;
		assert_int_equal(file_sum(copy, safe->database, &sum), ERR_OK);
		fixture_db_open(safe->f, false);
		fixture_auth_open(safe->f);
		assert_false(is_new(safe));
	}
	assert_int_equal(restore(safe, path, false, &done), ERR_OK);
	assert_true(is_new(safe));
}

/* ---- who is there ------------------------------------------------------------- */

static void test_a_folder_in_use_is_left_alone(void **state)
{
	struct safe *safe = *state;
	const struct config config = {.data_folder = safe->f->folder};
	struct arena *worker = arena_open(1 << 20);
	struct arena *other = arena_open(1 << 20);
	struct arena *operator= arena_open(1 << 20);
	struct report *report = report_open(safe->f->arena);

	assert_int_equal(in_use_hold(&config, worker, report, false), ERR_OK);
	assert_int_equal(in_use_hold(&config, other, report, false), ERR_OK);
	assert_int_equal(
		in_use_hold(&config, operator, report, true), ERR_CONFLICT);
	assert_non_null(report->detail);
	arena_close(&worker);
	arena_close(&other);
	arena_reset(operator);
	assert_int_equal(in_use_hold(&config, operator, report, true), ERR_OK);
	worker = arena_open(1 << 20);
	assert_int_equal(
		in_use_hold(&config, worker, report, false), ERR_CONFLICT);
	arena_close(&operator);
	arena_reset(worker);
	assert_int_equal(in_use_hold(&config, worker, report, false), ERR_OK);
	arena_close(&worker);
}

/* Root would leave files behind that the workers cannot open. */
static void test_only_the_owner_takes_a_folder_for_himself(void **state)
{
	struct safe *safe = *state;
	const struct config config = {.data_folder = safe->f->folder};
	struct arena *operator= arena_open(1 << 20);
	struct report *report = report_open(safe->f->arena);

	if (geteuid() == 0) { /* nobody else can give a folder away */
		assert_int_equal(chown(safe->f->folder, 65534, 65534), 0);
		assert_int_equal(in_use_hold(&config, operator, report, true),
			ERR_CONFLICT);
		assert_non_null(strstr(report->detail, "owner"));
		assert_int_equal(
			in_use_hold(&config, operator, report, false), ERR_OK);
		arena_reset(operator);
		assert_int_equal(chown(safe->f->folder, 0, 0), 0);
	}
	assert_int_equal(in_use_hold(&config, operator, report, true), ERR_OK);
	arena_close(&operator);
}

#define SAFE_TEST(name) \
	cmocka_unit_test_setup_teardown(name, open_safe, close_safe)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SAFE_TEST(test_a_backup_is_whole_and_holds_no_key),
		SAFE_TEST(test_the_oldest_go_and_leftovers_too),
		SAFE_TEST(test_made_while_others_write),
		SAFE_TEST(test_verify_finds_what_is_wrong),
		SAFE_TEST(test_a_manifest_leads_nowhere_else),
		SAFE_TEST(test_a_backup_of_others_is_refused),
		SAFE_TEST(test_only_a_regular_file_is_a_copy),
		SAFE_TEST(test_a_log_beside_the_copy_is_refused),
		SAFE_TEST(test_a_folder_prepared_by_others_is_not_used),
		SAFE_TEST(test_restored_tokens_obey_revocation),
		SAFE_TEST(test_a_restore_frees_leases_and_set_up_links),
		SAFE_TEST(test_a_bad_backup_changes_nothing),
		SAFE_TEST(test_restores_over_rubble_and_over_nothing),
		SAFE_TEST(test_killed_at_each_step),
		SAFE_TEST(test_killed_at_random),
		SAFE_TEST(test_a_folder_in_use_is_left_alone),
		SAFE_TEST(test_only_the_owner_takes_a_folder_for_himself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
