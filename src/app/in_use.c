/*
 * The lock that says that a data folder is in use. Costs one open() and one
 * flock() at start-up; must never be waited for, so that no worker hangs.
 */
#include "in_use.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

static void lock_release(void *thing)
{
	const int *fd = thing;

	(void)close(*fd);
}

static enum err lock_open(
	const struct config *config, struct arena *arena, int *out)
{
	const char *folder = file_join(arena, config->data_folder, "run");
	enum err err = file_folder(folder, 0700);

	if (err != ERR_OK)
		return err;
	*out = open(file_join(arena, folder, "in-use"),
		O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	return *out < 0 ? ERR_UNAVAILABLE : ERR_OK;
}

/* Names in memory hang on the account, and new files belong to it: root would
   replace the workers' database by one that they cannot open, and empty
   caches that are not theirs. */
static bool is_owner(const struct config *config)
{
	struct stat info;

	return stat(config->data_folder, &info) != 0 ||
	       info.st_uid == geteuid();
}

enum err in_use_hold(const struct config *config, struct arena *arena,
	struct report *report, bool alone)
{
	int *fd = arena_alloc(arena, sizeof(*fd));
	enum err err;

	if (alone && !is_owner(config)) {
		report_detail(report,
			"the data folder is another user's: run this as its "
			"owner");
		return ERR_CONFLICT;
	}
	err = lock_open(config, arena, fd);
	if (err == ERR_NOT_FOUND && !alone)
		return ERR_OK; /* no data folder: nothing to restore there */
	if (err != ERR_OK) {
		report_detail(report, "run/in-use cannot be written");
		return ERR_UNAVAILABLE;
	}
	arena_defer(arena, lock_release, fd);
	if (flock(*fd, (alone ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0)
		return ERR_OK;
	if (errno != EWOULDBLOCK)
		return ERR_UNAVAILABLE;
	report_detail(report, "%s",
		alone ? "something is running on this data folder: stop the "
			"workers and the background process first"
		      : "a restore is going on in this data folder");
	return ERR_CONFLICT;
}
