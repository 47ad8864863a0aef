/*
 * Making backups and removing the oldest. One is made under a name that
 * nobody takes for a backup and gets its own last; what a killed process
 * left is removed by the next. Must never remove what is not a backup.
 */
#include "backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth.h"
#include "clock.h"
#include "copy.h"
#include "file.h"
#include "key_ring.h"
#include "migrate.h"
#include "routes.h"
#include "text.h"

static const char name_start[] = "kontor-";
static const char part_start[] = ".part-";
static const char *const inside[] = {"kontor.db", "kontor.db-wal",
	"kontor.db-shm", "kontor.db-journal", "manifest.json"};

enum {
	BUSY_MS = 5000,
	KEY_FILES = 3
};

/* ---- the folder ---------------------------------------------------------- */

/* One at a time; the lock goes with the descriptor. */
static enum err folder_lock(const struct backup_place *place, int *out)
{
	enum err err = file_folder(place->folder, 0700);
	int fd;

	if (err != ERR_OK) {
		report_detail(
			place->report, "%s cannot be made", place->folder);
		return err;
	}
	fd = open(place->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return ERR_UNAVAILABLE;
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		(void)close(fd);
		report_detail(
			place->report, "another backup is being made there");
		return ERR_CONFLICT;
	}
	*out = fd;
	return ERR_OK;
}

/* Only files that a backup is made of, and the folder when it is empty. */
static void folder_remove(const struct backup_place *place, const char *path)
{
	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
		(void)unlink(file_join(place->arena, path, inside[i]));
	(void)rmdir(path);
}

/* Names with that beginning, sorted; times in names sort as they should. */
static enum err names_list(const struct backup_place *place, const char *start,
	struct text_list *out)
{
	struct dirent **found = NULL;
	int count = scandir(place->folder, &found, NULL, alphasort);
	struct text_list list = {0};

	if (count < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_UNAVAILABLE;
	list.items =
		arena_array(place->arena, (size_t)count, sizeof(*list.items));
	for (int i = 0; i < count; i++) {
		if (text_starts(found[i]->d_name, start))
			list.items[list.count++] =
				arena_text(place->arena, found[i]->d_name);
		free(found[i]);
	}
	free(found);
	*out = list;
	return ERR_OK;
}

static bool is_whole(const struct backup_place *place, const char *path)
{
	return access(file_join(place->arena, path, "manifest.json"), F_OK) ==
	       0;
}

/* What processes left that were killed, under the lock. */
static void parts_remove(const struct backup_place *place)
{
	struct text_list parts;

	if (names_list(place, part_start, &parts) != ERR_OK)
		return;
	for (size_t i = 0; i < parts.count; i++)
		folder_remove(place,
			file_join(place->arena, place->folder, parts.items[i]));
}

/* ---- what the manifest says ----------------------------------------------- */

/* The ids in token.keys, hash.keys and audit.keys, as far as they exist. */
static enum err keys_list(const struct backup_place *place,
	const struct text_list *vault, struct list *out)
{
	static const char *const purposes[KEY_FILES] = {
		"token", "hash", "audit"};
	struct backup_key *keys = arena_array(place->arena,
		(size_t)KEY_FILES * KEY_RING_LIMIT + vault->count,
		sizeof(*keys));
	size_t count = 0;

	for (size_t i = 0; i < KEY_FILES; i++) {
		const char *path = file_join(place->arena, place->key_folder,
			arena_format(place->arena, "%s.keys", purposes[i]));
		struct key_set set = {.count = 0};

		if (access(path, F_OK) != 0)
			continue; /* JWT_SECRET_KEY stands for token.keys */
		if (key_file_read(path, &set, NULL) != ERR_OK)
			return ERR_UNAVAILABLE;
		for (size_t k = 0; k < set.count; k++)
			keys[count++] = (struct backup_key){purposes[i],
				arena_text(place->arena, set.keys[k].id)};
		key_set_release(&set);
	}
	for (size_t i = 0; i < vault->count; i++)
		keys[count++] = (struct backup_key){"vault", vault->items[i]};
	*out = (struct list){keys, count};
	return ERR_OK;
}

static enum err facts_read(const struct backup_place *place, struct db *copy,
	struct backup_manifest *out)
{
	struct admin_scope *admin = auth_operator_scope(
		copy, place->arena, place->report, place->now);
	const struct audit_options options = {
		.db = copy, .key_folder = place->key_folder};
	struct migrate_status schema;
	struct text_list vault;
	struct audit *audit = NULL;
	enum err err = migrate_status(
		copy, place->arena, migrations_sqlite, place->report, &schema);

	if (err == ERR_OK)
		err = copy_rows(admin, &out->rows);
	if (err == ERR_OK)
		err = copy_vault_keys(admin, &vault);
	if (err == ERR_OK)
		err = keys_list(place, &vault, &out->keys);
	if (err == ERR_OK)
		err = audit_open(place->arena, &options, place->report, &audit);
	if (err == ERR_OK)
		err = audit_head(audit, place->arena, &out->head);
	audit_close(&audit);
	if (err == ERR_OK)
		out->schema = schema.current;
	return err;
}

static enum err seal_make(
	const struct backup_place *place, struct backup_manifest *manifest)
{
	const struct audit_options options = {.key_folder = place->key_folder};
	const char *text = manifest_sealed(place->arena, manifest);
	struct audit *audit = NULL;
	enum err err =
		audit_open(place->arena, &options, place->report, &audit);

	if (err == ERR_OK)
		err = audit_seal(audit, place->arena, text, strlen(text),
			&manifest->seal);
	audit_close(&audit);
	return err;
}

/* From the copy itself, so that the manifest is of that moment. */
static enum err manifest_make(
	const struct backup_place *place, const char *part)
{
	const char *file = file_join(place->arena, part, "kontor.db");
	const struct db_options options = {
		.url = arena_format(place->arena, "sqlite:%s", file),
		.busy_ms = BUSY_MS};
	struct backup_manifest manifest = {
		.program = KONTOR_VERSION, .created = place->now};
	struct file_sum sum;
	struct db *copy = NULL;
	enum err err = db_open(place->arena, &options, &copy);

	if (err != ERR_OK)
		return err;
	err = facts_read(place, copy, &manifest);
	db_close(&copy);
	if (err == ERR_OK)
		err = file_sync(file);
	if (err == ERR_OK)
		err = file_sum(file, NULL, &sum);
	if (err != ERR_OK)
		return err;
	manifest.sha256 = sum.sha256;
	manifest.bytes = sum.bytes;
	err = seal_make(place, &manifest);
	if (err != ERR_OK)
		return err;
	return manifest_write(place,
		file_join(place->arena, part, "manifest.json"), &manifest);
}

/* ---- making one ------------------------------------------------------------ */

/* "20261121T073000.123Z": always with milliseconds, so that names sort. */
static const char *time_name(struct arena *arena, int64_t now)
{
	char text[TIME_TEXT_ROOM];
	char *out = arena_alloc(arena, TIME_TEXT_ROOM);
	size_t len = 0;

	time_format(now - now % 1000, text);
	for (const char *p = text; *p != 'Z' && *p != '\0'; p++)
		if (*p != '-' && *p != ':')
			out[len++] = *p;
	return arena_format(arena, "%s.%03dZ", out, (int)(now % 1000));
}

/* New, and ours alone: in a folder that others may write, somebody could have
   made one of that name to read what is put there. */
static enum err part_make(const char *part)
{
	if (mkdir(part, 0700) == 0)
		return ERR_OK;
	return errno == EEXIST ? ERR_CONFLICT : ERR_UNAVAILABLE;
}

static enum err make_locked(
	const struct backup_place *place, struct db *db, const char **path)
{
	struct arena *arena = place->arena;
	const char *name = arena_format(
		arena, "%s%s", name_start, time_name(arena, place->now));
	const char *part = file_join(arena, place->folder,
		arena_format(arena, "%s%s", part_start, name));
	const char *final = file_join(arena, place->folder, name);
	enum err err;

	parts_remove(place);
	err = part_make(part);
	if (err != ERR_OK)
		return err;
	err = db_backup(db, file_join(arena, part, "kontor.db"));
	if (err != ERR_OK)
		report_detail(place->report, "the copy: %s", db_fault(db));
	if (err == ERR_OK)
		err = manifest_make(place, part);
	if (err == ERR_OK)
		err = file_sync(part);
	if (err == ERR_OK && rename(part, final) != 0)
		err = errno == EEXIST || errno == ENOTEMPTY ? ERR_CONFLICT
							    : ERR_UNAVAILABLE;
	if (err != ERR_OK) {
		folder_remove(place, part);
		return err;
	}
	*path = final;
	return file_sync(place->folder);
}

enum err backup_make(
	const struct backup_place *place, struct db *db, const char **path)
{
	int lock = -1;
	enum err err = folder_lock(place, &lock);

	if (err != ERR_OK)
		return err;
	err = make_locked(place, db, path);
	(void)close(lock);
	return err;
}

/* ---- the old ones ---------------------------------------------------------- */

static enum err prune_locked(
	const struct backup_place *place, int64_t keep, int64_t *removed)
{
	struct text_list names;
	int64_t whole = 0;
	enum err err = names_list(place, name_start, &names);

	for (size_t i = names.count; err == ERR_OK && i > 0; i--) {
		const char *name = names.items[i - 1];
		const char *path = file_join(place->arena, place->folder, name);
		const char *part = file_join(place->arena, place->folder,
			arena_format(place->arena, "%s%s", part_start, name));

		if (!is_whole(place, path) || ++whole <= keep)
			continue;
		/* from here on it is no backup, however far this comes */
		if (rename(path, part) != 0)
			return ERR_UNAVAILABLE;
		folder_remove(place, part);
		(*removed)++;
	}
	return err;
}

enum err backup_prune(
	const struct backup_place *place, int64_t keep, int64_t *removed)
{
	int64_t count = 0;
	int lock = -1;
	enum err err = folder_lock(place, &lock);

	if (err != ERR_OK)
		return err;
	err = prune_locked(place, keep > 0 ? keep : 1, &count);
	(void)close(lock);
	if (err == ERR_OK)
		*removed = count;
	return err;
}

enum err backup_newest(
	const struct backup_place *place, const char **path, int64_t *made)
{
	struct backup_manifest manifest;
	struct text_list names;
	enum err err = names_list(place, name_start, &names);

	for (size_t i = names.count; err == ERR_OK && i > 0; i--) {
		const char *found = file_join(
			place->arena, place->folder, names.items[i - 1]);

		if (!is_whole(place, found))
			continue;
		err = manifest_read(place,
			file_join(place->arena, found, "manifest.json"),
			&manifest);
		if (err != ERR_OK)
			return err;
		if (path)
			*path = found;
		if (made)
			*made = manifest.created;
		return ERR_OK;
	}
	return err == ERR_OK ? ERR_NOT_FOUND : err;
}

enum err backup_list(const struct backup_place *place, struct text_list *out)
{
	struct text_list names = {0};
	size_t whole = 0;
	enum err err = names_list(place, name_start, &names);

	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return err;
	for (size_t i = 0; i < names.count; i++) {
		const char *path =
			file_join(place->arena, place->folder, names.items[i]);

		if (is_whole(place, path))
			names.items[whole++] = path;
	}
	names.count = whole;
	*out = names;
	return ERR_OK;
}
