/*
 * The local store: a shelf in one LMDB file that all processes of this
 * machine map. WRITEMAP and NOSYNC: a transaction is memory writes and a
 * robust lock, and what is lost with the machine may be lost. LMDB must not
 * see one file twice in a process, nor be used across fork().
 *
 * The name that the operator gives is the board's; LMDB's file has the layout
 * and the board's generation in its own name. A process that finds it broken
 * takes the next generation, and the others follow at their next call: no
 * file is ever exchanged under somebody who has it open.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <lmdb.h>
#include <sys/stat.h>
#include <unistd.h>

#include "board_file.h"
#include "shelf.h"

enum {
	LOCAL_LAYOUT = 2,
	LOCAL_READERS = 512, /* processes */
	LOCAL_TRIES = 8,
	LOCAL_LOOK = 256, /* calls between looks at the board's name */
	LOCAL_STEP = 64,  /* records thrown out at a time when it is full */
	LOCAL_NAME_ROOM = PATH_MAX - 64
};
#define LOCAL_LEAST ((int64_t)1024 * 1024)
#define LOCAL_MOST ((int64_t)1 << 40)

struct local {
	struct shelf shelf; /* first: a shelf is its local store */
	const char *path;
	struct board_file file;
	int64_t generation; /* of the file that is open */
	MDB_env *env;	    /* NULL: not open */
	MDB_txn *reader;    /* reset between calls */
	MDB_txn *now;	    /* within a transaction: that one */
	MDB_dbi dbi;
	unsigned calls, fulls;
	size_t wanted; /* bytes of the last record put */
	bool broken;
};

static struct local *local_of(struct shelf *shelf)
{
	return (struct local *)(void *)shelf;
}

/* ---- errors ----------------------------------------------------------------- */

static enum err err_of(struct local *local, int rc)
{
	switch (rc) {
	case 0:
		return ERR_OK;
	case MDB_NOTFOUND:
		return ERR_NOT_FOUND;
	case MDB_MAP_FULL:
	case MDB_TXN_FULL:
		return ERR_TOO_LARGE;
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_PANIC:
	case MDB_INVALID:
	case MDB_VERSION_MISMATCH:
	case MDB_CURSOR_FULL:
	case MDB_PAGE_FULL:
	case MDB_INCOMPATIBLE:
	case MDB_BAD_TXN:
		local->broken = true;
		return ERR_TOO_LARGE; /* again, in another file */
	default:
		return ERR_UNAVAILABLE;
	}
}

/* ---- the file ----------------------------------------------------------------- */

static void name_with(const struct local *local, int layout, int64_t generation,
	bool lock, char name[PATH_MAX])
{
	(void)snprintf(name, PATH_MAX, "%s-%d.%lld%s", local->path, layout,
		(long long)generation, lock ? "-lock" : "");
}

/* Of a generation; lock: of LMDB's own second file. */
static void name_of(const struct local *local, int64_t generation, bool lock,
	char name[PATH_MAX])
{
	name_with(local, LOCAL_LAYOUT, generation, lock, name);
}

/* What a program of before left: nobody would read it again, and it holds as
   much memory as the new one. Who still has it open keeps it. */
static void layouts_remove(const struct local *local)
{
	int64_t generation = atomic_load(&local->file.board->generation);
	char name[PATH_MAX];

	for (int layout = 1; layout < LOCAL_LAYOUT; layout++) {
		name_with(local, layout, generation, false, name);
		(void)unlink(name);
		name_with(local, layout, generation, true, name);
		(void)unlink(name);
	}
}

static void env_close(struct local *local)
{
	if (local->reader)
		mdb_txn_abort(local->reader);
	if (local->env)
		mdb_env_close(local->env);
	local->reader = NULL;
	local->env = NULL;
}

/* Nothing that others opened is harmed: they have it open until they see
   that the generation is another one. */
static void generation_leave(struct local *local, int64_t generation)
{
	char name[PATH_MAX];

	if (!atomic_compare_exchange_strong(&local->file.board->generation,
		    &generation, generation + 1))
		return;
	name_of(local, generation, false, name);
	(void)unlink(name);
	name_of(local, generation, true, name);
	(void)unlink(name);
}

/* LMDB found itself impossible and is about to abort: the next process must
   not find the same. */
static void on_assert(MDB_env *env, const char *words)
{
	struct board *board = mdb_env_get_userctx(env);

	(void)words;
	atomic_fetch_add(&board->generation, 1);
}

static enum err files_own(const struct local *local, int64_t generation)
{
	for (int lock = 0; lock < 2; lock++) {
		char name[PATH_MAX];
		int fd;
		enum err err;

		name_of(local, generation, lock == 1, name);
		err = board_file_own(name, &fd);
		if (err)
			return err;
		(void)close(fd);
	}
	return ERR_OK;
}

/* Takes the room that the file may grow into: to find a memory file system
   full while writing to a mapping is death by signal. */
static enum err file_reserve(MDB_env *env, int64_t bytes)
{
	struct stat info;
	int fd;

	if (mdb_env_get_fd(env, &fd) != 0 || fstat(fd, &info) != 0)
		return ERR_UNAVAILABLE;
	if (info.st_blocks >= bytes / 512)
		return ERR_OK;
	if (fallocate(fd, 0, 0, bytes) == 0 || errno == EOPNOTSUPP)
		return ERR_OK;
	return ERR_UNAVAILABLE;
}

/* Opens the one table there is, and finds out whether it can be read. */
static int table_open(struct local *local)
{
	MDB_val key, value;
	MDB_txn *txn;
	MDB_cursor *cursor;
	int dead;
	int rc = mdb_reader_check(local->env, &dead);

	if (rc == 0)
		rc = mdb_txn_begin(local->env, NULL, 0, &txn);
	if (rc != 0)
		return rc;
	rc = mdb_dbi_open(txn, NULL, 0, &local->dbi);
	if (rc == 0)
		rc = mdb_cursor_open(txn, local->dbi, &cursor);
	if (rc == 0) {
		rc = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
		mdb_cursor_close(cursor);
	}
	if (rc != 0 && rc != MDB_NOTFOUND) {
		mdb_txn_abort(txn);
		return rc;
	}
	return mdb_txn_commit(txn);
}

static int env_start(struct local *local, const char *name)
{
	int rc = mdb_env_create(&local->env);

	if (rc != 0) {
		local->env = NULL;
		return rc;
	}
	(void)mdb_env_set_userctx(local->env, local->file.board);
	(void)mdb_env_set_assert(local->env, on_assert);
	rc = mdb_env_set_mapsize(local->env, (size_t)local->shelf.capacity);
	if (rc == 0)
		rc = mdb_env_set_maxreaders(local->env, LOCAL_READERS);
	if (rc == 0)
		rc = mdb_env_open(local->env, name,
			MDB_NOSUBDIR | MDB_WRITEMAP | MDB_NOSYNC | MDB_NOTLS,
			0600);
	return rc;
}

/* Opens the file of a generation. local->broken: it must be left. */
static enum err env_open(struct local *local, int64_t generation)
{
	char name[PATH_MAX];
	enum err err = files_own(local, generation);

	if (err)
		return err;
	name_of(local, generation, false, name);
	local->broken = false;
	err = err_of(local, env_start(local, name));
	if (!err)
		err = file_reserve(local->env, local->shelf.capacity);
	if (!err)
		err = err_of(local, table_open(local));
	if (!err)
		err = err_of(local, mdb_txn_begin(local->env, NULL, MDB_RDONLY,
					    &local->reader));
	if (err) {
		env_close(local);
		return err;
	}
	mdb_txn_reset(local->reader);
	local->generation = generation;
	return ERR_OK;
}

/* Goes to the file that the board names, or, when that is broken, to the
   next one. */
static enum err local_follow(struct local *local)
{
	enum err err = ERR_UNAVAILABLE;

	env_close(local);
	for (int i = 0; i < LOCAL_TRIES; i++) {
		int64_t generation =
			atomic_load(&local->file.board->generation);

		err = env_open(local, generation);
		if (err && local->broken)
			generation_leave(local, generation);
		else if (err)
			return err;
		else if (atomic_load(&local->file.board->generation) ==
			 generation)
			return ERR_OK;
		env_close(local);
	}
	return err ? ERR_UNAVAILABLE : err;
}

/* Somebody removed the files under us: all workers must meet in new ones. */
static enum err local_meet(struct local *local)
{
	struct board_file file;
	enum err err;

	if (board_is_current(&local->file, local->path))
		return ERR_OK;
	err = board_open(local->path, &file);
	if (err)
		return ERR_UNAVAILABLE;
	env_close(local);
	board_close(&local->file);
	local->file = file;
	local->shelf.board = file.board;
	return local_follow(local);
}

/* ---- transactions ---------------------------------------------------------------- */

static int txn_begin(struct local *local, bool write)
{
	if (write)
		return mdb_txn_begin(local->env, NULL, 0, &local->now);
	local->now = local->reader;
	return mdb_txn_renew(local->reader);
}

static enum err local_begin(struct shelf *shelf, bool write)
{
	struct local *local = local_of(shelf);
	enum err err = ERR_OK;
	int rc;

	if (local->calls++ % LOCAL_LOOK == 0)
		err = local_meet(local);
	if (!err &&
		(!local->env || atomic_load(&local->file.board->generation) !=
					local->generation))
		err = local_follow(local);
	if (err)
		return err;
	rc = txn_begin(local, write);
	if (rc == MDB_MAP_RESIZED) {
		/* another process has a larger one */
		(void)mdb_env_set_mapsize(local->env, 0);
		rc = txn_begin(local, write);
	}
	if (rc == 0)
		return ERR_OK;
	local->now = NULL;
	local->wanted = 0;
	return err_of(local, rc);
}

static enum err local_end(struct shelf *shelf, bool keep)
{
	struct local *local = local_of(shelf);
	MDB_txn *txn = local->now;
	enum err err = ERR_OK;

	local->now = NULL;
	if (txn == local->reader)
		mdb_txn_reset(txn);
	else if (keep)
		err = err_of(local, mdb_txn_commit(txn));
	else
		mdb_txn_abort(txn);
	if (keep && !err)
		local->fulls = 0;
	return err;
}

/* ---- records ----------------------------------------------------------------------- */

static MDB_val val_of(struct bytes bytes)
{
	return (MDB_val){
		.mv_size = bytes.len, .mv_data = (void *)(uintptr_t)bytes.data};
}

static struct bytes bytes_of(MDB_val val)
{
	return (struct bytes){val.mv_data, val.mv_size};
}

static enum err local_get(
	struct shelf *shelf, struct bytes key, struct bytes *out)
{
	struct local *local = local_of(shelf);
	MDB_val name = val_of(key);
	MDB_val value;
	int rc = mdb_get(local->now, local->dbi, &name, &value);

	if (rc == 0)
		*out = bytes_of(value);
	return err_of(local, rc);
}

static enum err local_put(
	struct shelf *shelf, struct bytes key, size_t len, unsigned char **room)
{
	struct local *local = local_of(shelf);
	MDB_val name = val_of(key);
	MDB_val value = {.mv_size = len};
	int rc;

	local->wanted = len;
	rc = mdb_put(local->now, local->dbi, &name, &value, MDB_RESERVE);
	if (rc == 0)
		*room = value.mv_data;
	return err_of(local, rc);
}

static enum err local_remove(struct shelf *shelf, struct bytes key)
{
	struct local *local = local_of(shelf);
	MDB_val name = val_of(key);

	return err_of(local, mdb_del(local->now, local->dbi, &name, NULL));
}

static enum err local_from(struct shelf *shelf, struct bytes key,
	struct bytes *out_key, struct bytes *out)
{
	struct local *local = local_of(shelf);
	MDB_val name = val_of(key);
	MDB_val value;
	MDB_cursor *cursor;
	int rc = mdb_cursor_open(local->now, local->dbi, &cursor);

	if (rc != 0)
		return err_of(local, rc);
	rc = mdb_cursor_get(cursor, &name, &value, MDB_SET_RANGE);
	mdb_cursor_close(cursor);
	if (rc == 0) {
		*out_key = bytes_of(name);
		*out = bytes_of(value);
	}
	return err_of(local, rc);
}

/* ---- full ----------------------------------------------------------------------- */

/* The budgets keep it from being full; pages that a dead reader holds, or
   gaps too small for a large answer, can still make it so. */
static enum err evict_work(struct shelf *shelf, void *context)
{
	size_t *gone = context;
	size_t answers = 0, values = 0;
	enum err err = shelf_evict(shelf, SHELF_ANSWERS, *gone, &answers);

	if (!err && answers == 0)
		err = shelf_evict(shelf, SHELF_VALUES, *gone, &values);
	if (!err)
		*gone = answers + values;
	return err;
}

static enum err local_evict(struct local *local, size_t *gone)
{
	enum err err = local_begin(&local->shelf, true);
	enum err ended;

	if (err)
		return err;
	err = evict_work(&local->shelf, gone);
	ended = local_end(&local->shelf, !err);
	return err ? err : ended;
}

static void local_full(struct shelf *shelf)
{
	struct local *local = local_of(shelf);
	size_t wanted = local->wanted;
	unsigned fulls = local->fulls;
	size_t gone = (size_t)LOCAL_STEP << 4 * fulls;
	int dead;
	enum err err = ERR_UNAVAILABLE;

	if (local->env && !local->broken) {
		(void)mdb_reader_check(local->env, &dead);
		err = local_evict(local, &gone);
	}
	local->fulls = fulls + 1;
	if (!err && !local->broken && (gone > 0 || wanted > SHELF_SMALL_LIMIT))
		return;
	/* Not even a small record fits, or it is broken: a new file. */
	env_close(local);
	local->broken = false;
	generation_leave(local, local->generation);
}

/* ---- opening --------------------------------------------------------------------- */

static void local_close(void *self)
{
	struct local *local = self;

	env_close(local);
	board_close(&local->file);
}

/* Whoever may rename in the folder could put another file there: it must be
   ours or root's, or one where everybody may only touch his own. */
static bool is_folder_safe(const char *path)
{
	char folder[LOCAL_NAME_ROOM];
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;
	struct stat info;

	memcpy(folder, path, len);
	folder[len] = '\0';
	if (stat(len > 0    ? folder
		    : slash ? "/"
			    : ".",
		    &info) != 0 ||
		!S_ISDIR(info.st_mode))
		return false;
	if (info.st_mode & S_ISVTX)
		return true;
	return (info.st_mode & (S_IWGRP | S_IWOTH)) == 0 &&
	       (info.st_uid == 0 || info.st_uid == geteuid());
}

static enum err local_check(
	const struct store_options *options, struct report *report)
{
	const char *path = options->local_path;

	if (!path || path[0] == '\0' || strlen(path) >= LOCAL_NAME_ROOM) {
		report_detail(report, "The local store needs a file name.");
		return ERR_BAD_INPUT;
	}
	if (options->local_bytes < LOCAL_LEAST ||
		options->local_bytes > LOCAL_MOST) {
		report_detail(report,
			"The local store's size must be 1 MiB to 1 TiB.");
		return ERR_BAD_INPUT;
	}
	if (!is_folder_safe(path)) {
		report_detail(report, "The local store's folder is missing, or "
				      "others may write in it.");
		return ERR_BAD_INPUT;
	}
	return ERR_OK;
}

static const struct shelf_ops local_ops = {.begin = local_begin,
	.end = local_end,
	.get = local_get,
	.put = local_put,
	.remove = local_remove,
	.from = local_from,
	.full = local_full};

static enum err local_start(struct local *local, struct report *report)
{
	enum err err = board_open(local->path, &local->file);

	if (err) {
		report_detail(report,
			"The local store's file is not this user's alone (a "
			"regular file of mode 0600), or cannot be made.");
		return err;
	}
	local->shelf.board = local->file.board;
	layouts_remove(local);
	err = local_follow(local);
	if (!err)
		return ERR_OK;
	board_close(&local->file);
	report_detail(report, "The local store cannot be opened: its files are "
			      "not this user's alone, or there is no room for "
			      "it.");
	return err;
}

enum err local_open(struct arena *arena, const struct store_options *options,
	struct report *report, struct store_backend *out)
{
	struct local *local = arena_alloc(arena, sizeof(*local));
	struct store_ops *ops = arena_alloc(arena, sizeof(*ops));
	enum err err = local_check(options, report);

	if (err)
		return err;
	local->path = arena_text(arena, options->local_path);
	local->shelf.ops = &local_ops;
	local->shelf.capacity = options->local_bytes / 4096 * 4096;
	err = local_start(local, report);
	if (err)
		return err;
	arena_defer(arena, local_close, local);
	*ops = shelf_store_ops;
	ops->name = "local";
	ops->close = local_close;
	*out = (struct store_backend){.ops = ops,
		.self = local,
		.label = STORE_LABEL_LOCAL,
		.metrics = options->metrics};
	return ERR_OK;
}

struct board_file *local_board(const struct store_backend *backend)
{
	struct local *local = backend->self;

	return &local->file;
}
