/*
 * Is a backup what its manifest says? Reads all of it. Must never change the
 * copy, and never call one good that it could not read to its end.
 */
#include "backup.h"

#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth.h"
#include "copy.h"
#include "file.h"
#include "key_ring.h"
#include "migrate.h"
#include "text.h"
#include "vault_keys.h"

enum {
	BUSY_MS = 5000
};

static enum err bad(const struct backup_place *place, const char *what)
{
	report_detail(place->report, "this backup is not whole: %s", what);
	return ERR_BAD_INPUT;
}

/* ---- the keys -------------------------------------------------------------- */

static bool ring_has(
	const struct backup_place *place, const struct backup_key *key)
{
	const char *path = file_join(place->arena, place->key_folder,
		arena_format(place->arena, "%s.keys", key->purpose));
	struct key_set set = {.count = 0};
	bool found = false;

	if (key_file_read(path, &set, NULL) != ERR_OK)
		return false;
	for (size_t i = 0; i < set.count; i++)
		found = found || text_equal(set.keys[i].id, key->id);
	key_set_release(&set);
	return found;
}

static bool vault_has(
	const struct backup_place *place, const struct backup_key *key)
{
	struct vault_key_info *infos;
	size_t count;

	if (access(file_join(place->arena, place->key_folder, "vault.keys"),
		    F_OK) != 0 ||
		vault_keys_list(place->arena, place->key_folder, &infos,
			&count) != ERR_OK)
		return false;
	for (size_t i = 0; i < count; i++)
		if (text_equal(infos[i].id, key->id))
			return true;
	return false;
}

/* Signing keys that are gone cost nothing: all sessions end at a restore. */
static void missing_list(
	const struct backup_place *place, struct backup_finding *finding)
{
	const struct backup_key *keys = finding->manifest.keys.items;
	struct backup_key *missing = arena_array(
		place->arena, finding->manifest.keys.count, sizeof(*missing));
	size_t count = 0;

	for (size_t i = 0; i < finding->manifest.keys.count; i++) {
		if (text_equal(keys[i].purpose, "token"))
			continue;
		if (text_equal(keys[i].purpose, "vault")
				? !vault_has(place, &keys[i])
				: !ring_has(place, &keys[i]))
			missing[count++] = keys[i];
	}
	finding->missing = (struct list){missing, count};
}

/* Without its keys the chain proves nothing, and the data are still good. */
static bool chain_is_known(const struct backup_finding *finding)
{
	const struct backup_key *missing = finding->missing.items;

	for (size_t i = 0; i < finding->missing.count; i++)
		if (text_equal(missing[i].purpose, "audit"))
			return false;
	return true;
}

/* ---- the copy -------------------------------------------------------------- */

static enum err rows_compare(const struct backup_place *place,
	struct admin_scope *admin, const struct list *wanted)
{
	const struct table_rows *a = wanted->items;
	const struct table_rows *b;
	struct list found;
	enum err err = copy_rows(admin, &found);

	if (err != ERR_OK)
		return err;
	b = found.items;
	for (size_t i = 0; i < wanted->count && i < found.count; i++)
		if (text_equal(a[i].table, b[i].table) &&
			a[i].rows != b[i].rows)
			return bad(place,
				arena_format(place->arena,
					"%s has %" PRId64 " rows, not %" PRId64,
					a[i].table, b[i].rows, a[i].rows));
	return ERR_OK;
}

static enum err chain_compare(const struct backup_place *place, struct db *copy,
	const struct audit_head *head)
{
	const struct audit_options options = {
		.db = copy, .key_folder = place->key_folder};
	struct audit_finding finding;
	struct audit *audit = NULL;
	enum err err =
		audit_open(place->arena, &options, place->report, &audit);

	if (err == ERR_OK)
		err = audit_verify(audit, place->arena, head, &finding);
	audit_close(&audit);
	if (err != ERR_OK)
		return err;
	return finding.sound
		       ? ERR_OK
		       : bad(place, arena_format(place->arena,
					    "audit row %" PRId64 ": %s",
					    finding.broken_at, finding.what));
}

static enum err copy_verify(const struct backup_place *place, struct db *copy,
	const struct backup_finding *finding)
{
	const struct backup_manifest *manifest = &finding->manifest;
	struct admin_scope *admin = auth_operator_scope(
		copy, place->arena, place->report, place->now);
	struct migrate_status schema;
	const char *found;
	enum err err = copy_check(admin, &found);

	if (err == ERR_OK && !text_equal(found, "ok"))
		return bad(place, found);
	if (err == ERR_OK)
		err = migrate_status(copy, place->arena, migrations_sqlite,
			place->report, &schema);
	if (err == ERR_OK && schema.current != manifest->schema)
		return bad(place, "its schema is not that of its manifest");
	if (err == ERR_OK)
		err = rows_compare(place, admin, &manifest->rows);
	if (err == ERR_OK && chain_is_known(finding))
		err = chain_compare(place, copy, &manifest->head);
	return err;
}

/* Whoever may write where backups lie could make one that is whole, with an
   account of his own in it. */
static enum err seal_verify(
	const struct backup_place *place, struct backup_finding *finding)
{
	const struct audit_options options = {.key_folder = place->key_folder};
	const char *text = manifest_sealed(place->arena, &finding->manifest);
	struct audit *audit = NULL;
	enum err err = audit_open(
		place->arena, &options, report_open(place->arena), &audit);

	if (err == ERR_OK)
		err = audit_seal_check(
			audit, text, strlen(text), &finding->manifest.seal);
	else
		err = ERR_NOT_FOUND;
	audit_close(&audit);
	finding->sealed = err == ERR_OK;
	if (err == ERR_BAD_INPUT)
		return bad(place, "its seal is not that of its data");
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* The sum is of kontor.db alone: what else SQLite would read into it is not
   of this backup. An empty log is what a verify that was killed leaves. */
static bool is_alone(const struct backup_place *place, const char *file)
{
	static const char *const ends[] = {"-wal", "-journal"};
	struct stat info;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (lstat(arena_format(place->arena, "%s%s", file, ends[i]),
			    &info) == 0 &&
			(!S_ISREG(info.st_mode) || info.st_size > 0))
			return false;
	return true;
}

enum err backup_verify(const struct backup_place *place, const char *path,
	struct backup_finding *out)
{
	const char *file = file_join(place->arena, path, "kontor.db");
	const struct db_options options = {
		.url = arena_format(place->arena, "sqlite:%s", file),
		.busy_ms = BUSY_MS};
	struct backup_finding finding = {.missing = {0}};
	struct file_sum sum;
	struct db *copy = NULL;
	enum err err = manifest_read(place,
		file_join(place->arena, path, "manifest.json"),
		&finding.manifest);

	if (err != ERR_OK)
		return err;
	err = file_sum(file, NULL, &sum);
	if (err != ERR_OK)
		return bad(place, "kontor.db cannot be read");
	if (sum.bytes != finding.manifest.bytes ||
		!text_equal(sum.sha256, finding.manifest.sha256))
		return bad(place, "its checksum is another");
	if (!is_alone(place, file))
		return bad(place, "a log or journal lies beside kontor.db");
	err = seal_verify(place, &finding);
	if (err != ERR_OK)
		return err;
	err = db_open(place->arena, &options, &copy);
	if (err != ERR_OK)
		return bad(place, "kontor.db does not open");
	missing_list(place, &finding);
	err = copy_verify(place, copy, &finding);
	if (err != ERR_OK && !place->report->detail)
		(void)bad(place, db_fault(copy));
	db_close(&copy);
	if (err == ERR_OK)
		*out = finding;
	return err;
}
