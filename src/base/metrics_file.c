/*
 * The file of the figures: found, checked, made, replaced. A file that
 * others have mapped is never made shorter or written over: a new inode takes
 * its name. Must never follow a link or use a file that is not ours alone.
 */
#include "metrics_private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "kontorM" /* 8 bytes with its NUL */

enum {
	OWNER_ONLY = S_IRUSR | S_IWUSR
};

/* A regular file of this user that nobody else may open. */
static bool is_ours(int fd, struct stat *info)
{
	return fstat(fd, info) == 0 && S_ISREG(info->st_mode) &&
	       info->st_uid == geteuid() &&
	       (info->st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

/* What stands under the name cannot have been made by us. */
static bool is_somebodys(int error)
{
	return error == ELOOP || error == EACCES || error == EISDIR;
}

static bool map(struct metrics *metrics, int fd)
{
	void *file = mmap(
		NULL, metrics->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (file == MAP_FAILED)
		return false;
	metrics->file = file;
	return true;
}

static bool is_same_layout(const struct metrics *metrics)
{
	const struct metrics_head *head = metrics->file;

	return memcmp(head->magic, MAGIC, sizeof(MAGIC)) == 0 &&
	       head->layout == metrics->layout && head->size == metrics->size;
}

/* ERR_NOT_FOUND: none is there; ERR_CONFLICT: another layout's. */
static enum err map_present(struct metrics *metrics, const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat info;
	enum err err = ERR_UNAVAILABLE;

	if (fd < 0 && errno == ENOENT)
		return ERR_NOT_FOUND;
	if (fd < 0)
		return is_somebodys(errno) ? ERR_BAD_INPUT : ERR_UNAVAILABLE;
	if (!is_ours(fd, &info))
		err = ERR_BAD_INPUT;
	else if ((uintmax_t)info.st_size != metrics->size)
		err = ERR_CONFLICT;
	else if (map(metrics, fd))
		err = ERR_OK;
	(void)close(fd);
	if (err == ERR_OK && !is_same_layout(metrics)) {
		(void)munmap(metrics->file, metrics->size);
		metrics->file = NULL;
		err = ERR_CONFLICT;
	}
	return err;
}

/* Its blocks are there before anybody maps it: a full file system is seen
   here, not as SIGBUS in the middle of a request. */
static bool fill(const struct metrics *metrics, int fd)
{
	const struct metrics_head head = {.magic = MAGIC,
		.layout = metrics->layout,
		.size = metrics->size};

	return fchmod(fd, OWNER_ONLY) == 0 &&
	       posix_fallocate(fd, 0, (off_t)metrics->size) == 0 &&
	       pwrite(fd, &head, sizeof(head), 0) == (ssize_t)sizeof(head);
}

/* name = path + suffix; false when that is too long. */
static bool name_beside(
	const char *path, const char *suffix, char name[PATH_MAX])
{
	size_t len = strlen(path);
	size_t more = strlen(suffix);

	if (len + more >= PATH_MAX)
		return false;
	memcpy(name, path, len);
	memcpy(name + len, suffix, more);
	name[len + more] = '\0';
	return true;
}

static enum err make(struct metrics *metrics, const char *path)
{
	char name[PATH_MAX];
	bool good;
	int fd;

	if (!name_beside(path, ".new-XXXXXX", name))
		return ERR_BAD_INPUT;
	fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0)
		return ERR_UNAVAILABLE;
	good = fill(metrics, fd) && map(metrics, fd);
	(void)close(fd);
	if (good && rename(name, path) == 0)
		return ERR_OK;
	(void)unlink(name);
	if (good) {
		(void)munmap(metrics->file, metrics->size);
		metrics->file = NULL;
	}
	return ERR_UNAVAILABLE;
}

/* The kernel gives the lock back when its holder dies. */
static enum err lock_beside(const char *path, int *out)
{
	char name[PATH_MAX];
	struct stat info;
	int fd;

	if (!name_beside(path, ".lock", name))
		return ERR_BAD_INPUT;
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, OWNER_ONLY);
	if (fd < 0)
		return is_somebodys(errno) ? ERR_BAD_INPUT : ERR_UNAVAILABLE;
	if (!is_ours(fd, &info) || flock(fd, LOCK_EX) != 0) {
		(void)close(fd);
		return ERR_BAD_INPUT;
	}
	*out = fd;
	return ERR_OK;
}

static enum err map_alone(struct metrics *metrics)
{
	void *memory = mmap(NULL, metrics->size, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return ERR_UNAVAILABLE;
	metrics->file = memory;
	return ERR_OK;
}

/* Two that start at once must end with the same file: one makes it. */
enum err metrics_map(struct metrics *metrics, const char *path)
{
	enum err err;
	int lock = -1;

	if (!path)
		return map_alone(metrics);
	err = map_present(metrics, path);
	if (err != ERR_NOT_FOUND && err != ERR_CONFLICT)
		return err;
	err = lock_beside(path, &lock);
	if (err != ERR_OK)
		return err;
	err = map_present(metrics, path);
	if (err == ERR_NOT_FOUND || err == ERR_CONFLICT)
		err = make(metrics, path);
	(void)close(lock);
	return err;
}
