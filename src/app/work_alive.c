/*
 * Who of the background processes of this data folder is still there. Each
 * holds the kernel's lock on a file that names it; the lock goes with the
 * process, however that ends. So what a dead one had is taken over at once
 * and not when its lease ends: stops must not wait for that. Must never take
 * anything from a process that lives, nor from one on another machine.
 */
#include "work.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "text.h"

enum {
	OWNER_ROOM = 512
};

static const char prefix[] = "alive-";

static const char *folder_of(const struct work *work)
{
	return file_join(work->arena, work->config->data_folder, "run");
}

/* alive-LANE-RANDOM: lanes have their parent's random. */
static const char *path_of(const struct work *work)
{
	const char *tail = strrchr(work->owner, '/');
	const char *lane = strchr(work->owner, ':');
	const char *name = arena_format(work->arena, "%s%s-%s", prefix,
		lane ? arena_copy(work->arena, work->owner,
			       (size_t)(lane - work->owner))
		     : "work",
		tail ? tail + 1 : work->owner);

	return file_join(work->arena, folder_of(work), name);
}

/* -1, errno says why. Who looks for the dead may have the new file for a moment,
   and takes it away: then once more. */
static int file_lock(const char *path)
{
	struct stat info = {.st_nlink = 0};
	int fd = -1;

	while (info.st_nlink == 0) {
		if (fd >= 0)
			(void)close(fd);
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0 || flock(fd, LOCK_EX) != 0 || fstat(fd, &info) != 0)
			break;
	}
	return fd;
}

enum err work_alive_hold(struct work *work)
{
	int fd = file_lock(path_of(work));

	if (fd < 0)
		return ERR_UNAVAILABLE;
	if (!file_write_all(fd, work->owner, strlen(work->owner))) {
		(void)close(fd);
		return ERR_UNAVAILABLE;
	}
	work->alive_fd = fd;
	return ERR_OK;
}

/* The file goes before the lock: nobody takes it for a dead one's. */
void work_alive_end(struct work *work)
{
	if (work->alive_fd <= 0)
		return;
	(void)unlink(path_of(work));
	(void)close(work->alive_fd);
	work->alive_fd = 0;
}

/* owner: "" when it died before it wrote its name. */
static bool is_dead(int fd, char owner[OWNER_ROOM])
{
	ssize_t len;

	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		return false;
	len = read(fd, owner, OWNER_ROOM - 1);
	owner[len > 0 ? len : 0] = '\0';
	return true;
}

static enum err look(
	struct work *work, struct admin_scope *admin, const char *path)
{
	char owner[OWNER_ROOM] = "";
	int fd = open(path, O_RDWR | O_CLOEXEC);
	enum err err = ERR_OK;

	if (fd < 0)
		return ERR_OK; /* it has just ended well */
	if (is_dead(fd, owner)) {
		if (owner[0] != '\0')
			err = jobs_release(admin, owner);
		if (err == ERR_OK)
			(void)unlink(path);
		log_line(work->log, LOG_WARN, "work.dead",
			LOG_FIELDS(LOG_TEXT("owner", owner)));
	}
	(void)close(fd);
	return err;
}

enum err work_alive_take_over(struct work *work)
{
	struct admin_scope *admin = work_operator(work);
	DIR *folder = opendir(folder_of(work));
	const struct dirent *entry;
	enum err err = ERR_OK;

	if (!folder)
		return ERR_UNAVAILABLE;
	while (err == ERR_OK && (entry = readdir(folder)) != NULL)
		if (text_starts(entry->d_name, prefix))
			err = look(work, admin,
				file_join(work->arena, folder_of(work),
					entry->d_name));
	(void)closedir(folder);
	return err;
}
