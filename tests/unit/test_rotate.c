/*
 * Rotation of the vault's keys while others work: old and new records are
 * readable, open vaults notice, a crash between the two files is repaired,
 * and stored secrets move to the new key in steps that can be repeated.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/wait.h>

#include "db_suite.h"
#include "reseal.h"
#include "scope_mint.h"
#include "secret.h"
#include "vault.h"
#include "vault_keys.h"
#include "upgrade.h"

enum {
	KEYS_LIMIT = 32
};

struct rotate_world {
	struct db_world *w;
	struct arena *arena;
	const char *folder;
	struct vault *vault;
};

static int setup(void **state)
{
	struct rotate_world *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->w = db_world_open(&db_backends[0]);
	r->arena = r->w->arena;
	r->folder = r->w->folder;
	assert_int_equal(vault_keys_create(r->arena, r->folder), ERR_OK);
	assert_int_equal(vault_open(r->arena, r->folder, &r->vault), ERR_OK);
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct rotate_world *r = *state;

	vault_close(&r->vault);
	db_world_close(r->w);
	free(r);
	return 0;
}

static struct vault_place place_of(const char *user, const char *row)
{
	return (struct vault_place){.user_id = user,
		.table = "user_secrets",
		.column = "sealed",
		.row_id = row};
}

static struct bytes seal(struct rotate_world *r, const char *row)
{
	const struct vault_place place = place_of("alice", row);
	struct bytes record = {0};

	assert_int_equal(
		vault_seal(r->vault, r->arena, &place, "the value", &record),
		ERR_OK);
	return record;
}

/* With the keys as they stand in the file now. */
static enum err unseal(struct rotate_world *r, const char *row,
	struct bytes record, const char **out)
{
	const struct vault_place place = place_of("alice", row);
	struct vault_keys *keys = NULL;
	struct vault_value value;

	assert_int_equal(vault_keys_open(r->arena, r->folder, &keys), ERR_OK);
	enum err err = vault_unseal(keys, r->arena, &place, record, &value);
	vault_keys_close(&keys);
	if (err == ERR_OK)
		*out = value.text;
	return err;
}

static void assert_opens(
	struct rotate_world *r, const char *row, struct bytes record)
{
	const char *value = NULL;

	assert_int_equal(unseal(r, row, record, &value), ERR_OK);
	assert_string_equal(value, "the value");
}

static const char *active_of(struct rotate_world *r)
{
	const char *id = NULL;

	assert_int_equal(vault_active_key(r->vault, &id), ERR_OK);
	return arena_text(r->arena, id);
}

static const char *key_of(struct rotate_world *r, struct bytes record)
{
	char id[VAULT_KEY_ID_ROOM];

	assert_int_equal(vault_record_key(record, id), ERR_OK);
	return arena_text(r->arena, id);
}

static void rotate(struct rotate_world *r)
{
	assert_int_equal(vault_keys_rotate(r->arena, r->folder), ERR_OK);
}

static char *text_of(struct rotate_world *r, const char *name)
{
	char *text = NULL;
	size_t len = 0;

	assert_int_equal(
		file_read(r->arena, file_join(r->arena, r->folder, name), 65536,
			&text, &len),
		ERR_OK);
	return text;
}

/* ---- key files --------------------------------------------------------- */

static void test_open_vaults_notice(void **state)
{
	struct rotate_world *r = *state;
	const char *before = active_of(r);

	rotate(r);
	const char *after = active_of(r);
	assert_string_not_equal(after, before);
	assert_string_equal(key_of(r, seal(r, "a")), after);
}

static void test_old_and_new_records_open(void **state)
{
	struct rotate_world *r = *state;
	struct bytes records[5];

	for (size_t i = 0; i < 5; i++) {
		records[i] = seal(r, "a");
		rotate(r);
	}
	for (size_t i = 0; i < 5; i++)
		assert_opens(r, "a", records[i]);
}

static void test_list_is_newest_first(void **state)
{
	struct rotate_world *r = *state;
	const char *ids[3];
	struct vault_key_info *list = NULL;
	size_t count = 0;

	for (size_t i = 0; i < 3; i++) {
		ids[2 - i] = active_of(r);
		if (i < 2)
			rotate(r);
	}
	assert_int_equal(
		vault_keys_list(r->arena, r->folder, &list, &count), ERR_OK);
	assert_int_equal(count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(list[i].id, ids[i]);
		assert_string_equal(
			list[i].state, i == 0 ? "active" : "retired");
	}
}

static void test_removed_keys_open_nothing(void **state)
{
	struct rotate_world *r = *state;
	struct bytes old = seal(r, "a");
	const char *old_id = active_of(r);
	const char *value = NULL;

	rotate(r);
	struct bytes new = seal(r, "a");
	assert_int_equal(
		vault_keys_remove(r->arena, r->folder, old_id), ERR_OK);
	assert_int_equal(unseal(r, "a", old, &value), ERR_BAD_INPUT);
	assert_null(value);
	assert_opens(r, "a", new);
	assert_null(strstr(text_of(r, "vault.keys"), old_id));
	assert_null(strstr(text_of(r, "vault.pub"), old_id));
}

static void test_what_cannot_be_removed(void **state)
{
	struct rotate_world *r = *state;

	assert_int_equal(vault_keys_remove(r->arena, r->folder, active_of(r)),
		ERR_CONFLICT);
	assert_int_equal(
		vault_keys_remove(r->arena, r->folder, "0123456789abcdef"),
		ERR_NOT_FOUND);
	assert_int_equal(
		vault_keys_remove(r->arena, r->folder, "x"), ERR_NOT_FOUND);
}

static void test_ring_is_bounded(void **state)
{
	struct rotate_world *r = *state;

	for (int i = 1; i < KEYS_LIMIT; i++)
		rotate(r);
	const char *active = active_of(r);
	assert_int_equal(vault_keys_rotate(r->arena, r->folder), ERR_CONFLICT);
	assert_string_equal(active_of(r), active);
}

/* The private file was written, the public one not any more. */
static void test_crash_between_the_files(void **state)
{
	struct rotate_world *r = *state;
	const char *old_public = text_of(r, "vault.pub");
	const char *old = active_of(r);
	struct bytes record;

	rotate(r);
	const char *new = active_of(r);
	folder_put(r->arena, r->folder, "vault.pub", old_public);
	assert_string_equal(active_of(r), old);
	record = seal(r, "a");
	assert_opens(r, "a", record);
	assert_int_equal(vault_keys_create(r->arena, r->folder), ERR_OK);
	assert_string_equal(active_of(r), new);
	assert_opens(r, "a", record);
}

static void test_broken_file_closes_the_vault(void **state)
{
	struct rotate_world *r = *state;
	const struct vault_place place = place_of("alice", "a");
	const char *good = text_of(r, "vault.pub");
	struct bytes record = {0};
	const char *id = NULL;

	folder_put(r->arena, r->folder, "vault.pub", "broken\n");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
			vault_seal(r->vault, r->arena, &place, "x", &record),
			ERR_UNAVAILABLE);
		assert_int_equal(
			vault_active_key(r->vault, &id), ERR_UNAVAILABLE);
	}
	assert_null(record.data);
	folder_put(r->arena, r->folder, "vault.pub", good);
	assert_opens(r, "a", seal(r, "a"));
	assert_int_equal(
		unlink(file_join(r->arena, r->folder, "vault.pub")), 0);
	assert_int_equal(vault_active_key(r->vault, &id), ERR_UNAVAILABLE);
}

static void test_rotations_at_once_lose_no_key(void **state)
{
	enum {
		CHILDREN = 4,
		TIMES = 3
	};
	struct rotate_world *r = *state;
	pid_t children[CHILDREN];
	struct vault_key_info *list = NULL;
	size_t count = 0;
	int status = 0;

	db_close(&r->w->db);
	for (int i = 0; i < CHILDREN; i++) {
		enum err err = ERR_OK;
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] != 0)
			continue;
		for (int k = 0; err == ERR_OK && k < TIMES; k++)
			err = vault_keys_rotate(r->arena, r->folder);
		_exit(err == ERR_OK ? 0 : 1);
	}
	for (int i = 0; i < CHILDREN; i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(
		vault_keys_list(r->arena, r->folder, &list, &count), ERR_OK);
	assert_int_equal(count, 1 + CHILDREN * TIMES);
}

/* ---- stored secrets ---------------------------------------------------- */

static const char user_sql[] =
	"INSERT INTO users (id, username, username_key, password_hash, role,"
	" created_at, password_at) VALUES (:id, :id, :id, 'x', 'user', 1, 1)";
static const char secret_sql[] =
	"INSERT INTO user_secrets (user_id, name, sealed, key_id, hint,"
	" updated_at) VALUES ('alice', :name, :sealed, :key_id, '', 1)";
static const char stored_sql[] =
	"SELECT name, sealed, key_id FROM user_secrets ORDER BY name";

static void store(struct rotate_world *r, const char *row)
{
	struct bytes record = seal(r, row);

	assert_int_equal(
		db_run(r->w->db, secret_sql,
			BINDS(bind_text(":name", row),
				bind_blob(":sealed", record.data, record.len),
				bind_text(":key_id", key_of(r, record))),
			NULL),
		ERR_OK);
}

static void store_many(struct rotate_world *r, int count)
{
	const char *backup = NULL;

	assert_int_equal(
		migrate_up(r->w->db, r->arena,
			&(struct migrate_plan){.all = migrations_sqlite,
				.steps = upgrade_steps,
				.backup_folder = NULL},
			report_open(r->arena), &backup),
		ERR_OK);
	assert_int_equal(db_run(r->w->db, user_sql,
				 BINDS(bind_text(":id", "alice")), NULL),
		ERR_OK);
	for (int i = 0; i < count; i++)
		store(r, arena_format(r->arena, "secret%04d", i));
}

static void reseal(struct rotate_world *r, int64_t *moved, int64_t *left)
{
	struct admin_scope *admin = admin_scope_mint(
		r->arena, r->w->db, report_open(r->arena), "operator", 1000);
	struct vault_keys *keys = NULL;

	assert_int_equal(vault_keys_open(r->arena, r->folder, &keys), ERR_OK);
	assert_int_equal(
		secrets_reseal(admin, keys, r->vault, moved, left), ERR_OK);
	vault_keys_close(&keys);
}

static void assert_all_stored(struct rotate_world *r, const char *key, int want)
{
	struct rows *rows = NULL;
	struct bytes record = {0};
	bool more = true;
	int count = 0;

	assert_int_equal(
		db_query(r->w->db, r->arena, stored_sql, NO_BINDS, &rows),
		ERR_OK);
	for (;;) {
		assert_int_equal(rows_next(rows, &more), ERR_OK);
		if (!more)
			break;
		record.data = rows_blob(rows, 1, &record.len);
		assert_string_equal(rows_text(rows, 2), key);
		assert_string_equal(key_of(r, record), key);
		assert_opens(r, rows_text(rows, 0), record);
		count++;
	}
	assert_int_equal(count, want);
}

static void test_reseal_moves_all(void **state)
{
	enum {
		SECRETS = 150
	};
	struct rotate_world *r = *state;
	int64_t moved = 0;
	int64_t left = 0;

	store_many(r, SECRETS);
	const char *old = active_of(r);
	rotate(r);
	reseal(r, &moved, &left);
	assert_int_equal(moved, SECRETS);
	assert_int_equal(left, 0);
	assert_int_equal(vault_keys_remove(r->arena, r->folder, old), ERR_OK);
	assert_all_stored(r, active_of(r), SECRETS);
	reseal(r, &moved, &left);
	assert_int_equal(moved, 0);
}

static void test_reseal_skips_what_does_not_open(void **state)
{
	struct rotate_world *r = *state;
	static const char break_sql[] =
		"UPDATE user_secrets SET sealed = x'0102'"
		" WHERE name = 'secret0001'";
	int64_t moved = 0;
	int64_t left = 0;

	store_many(r, 3);
	assert_int_equal(db_run(r->w->db, break_sql, NO_BINDS, NULL), ERR_OK);
	rotate(r);
	reseal(r, &moved, &left);
	assert_int_equal(moved, 2);
	assert_int_equal(left, 1);
}

static int64_t sealed_with(struct rotate_world *r, const char *key)
{
	struct admin_scope *admin = admin_scope_mint(
		r->arena, r->w->db, report_open(r->arena), "operator", 1000);
	int64_t count = -1;

	assert_int_equal(secrets_sealed_with(admin, key, &count), ERR_OK);
	return count;
}

/* A worker stores what it sealed with the old key after the reseal: the old
   key is still there, and told to be needed. */
static void test_late_secrets_keep_their_key(void **state)
{
	struct rotate_world *r = *state;
	const char *old = active_of(r);
	struct bytes late;
	int64_t moved = 0;
	int64_t left = 0;

	store_many(r, 2);
	late = seal(r, "late");
	rotate(r);
	reseal(r, &moved, &left);
	assert_int_equal(sealed_with(r, old), 0);
	assert_int_equal(
		db_run(r->w->db, secret_sql,
			BINDS(bind_text(":name", "late"),
				bind_blob(":sealed", late.data, late.len),
				bind_text(":key_id", key_of(r, late))),
			NULL),
		ERR_OK);
	assert_int_equal(sealed_with(r, old), 1);
	reseal(r, &moved, &left);
	assert_int_equal(moved, 1);
	assert_int_equal(sealed_with(r, old), 0);
	assert_int_equal(sealed_with(r, active_of(r)), 3);
	assert_all_stored(r, active_of(r), 3);
}

/* Killed at some point; the next run finishes. */
static void test_reseal_goes_on_after_a_crash(void **state)
{
	enum {
		SECRETS = 150
	};
	struct rotate_world *r = *state;
	int64_t moved = 0;
	int64_t left = 0;

	store_many(r, SECRETS);
	for (int round = 0; round < 3; round++) {
		rotate(r);
		db_close(&r->w->db);
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			r->w->db = db_world_connect(r->w, 1000);
			/* the kernel ends it somewhere in the middle */
			(void)ualarm((useconds_t)(3000 + 9000 * round), 0);
			reseal(r, &moved, &left);
			_exit(0);
		}
		assert_int_equal(waitpid(child, NULL, 0), child);
		r->w->db = db_world_connect(r->w, 1000);
		reseal(r, &moved, &left);
		assert_int_equal(left, 0);
		assert_all_stored(r, active_of(r), SECRETS);
	}
}

#define ROTATE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROTATE_TEST(test_open_vaults_notice),
		ROTATE_TEST(test_old_and_new_records_open),
		ROTATE_TEST(test_list_is_newest_first),
		ROTATE_TEST(test_removed_keys_open_nothing),
		ROTATE_TEST(test_what_cannot_be_removed),
		ROTATE_TEST(test_ring_is_bounded),
		ROTATE_TEST(test_crash_between_the_files),
		ROTATE_TEST(test_broken_file_closes_the_vault),
		ROTATE_TEST(test_rotations_at_once_lose_no_key),
		ROTATE_TEST(test_reseal_moves_all),
		ROTATE_TEST(test_late_secrets_keep_their_key),
		ROTATE_TEST(test_reseal_skips_what_does_not_open),
		ROTATE_TEST(test_reseal_goes_on_after_a_crash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
