/*
 * Files the operator owns. Reads have a maximum, writes are whole or not at
 * all. Paths come from the operator, never from a request.
 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text.h"

enum {
	FILE_FIRST_ROOM = 4096
};

static enum err err_of_errno(void)
{
	return errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND
						   : ERR_UNAVAILABLE;
}

/* Again after a signal. */
static ssize_t read_some(int fd, char *bytes, size_t len)
{
	ssize_t count;

	do
		count = read(fd, bytes, len);
	while (count < 0 && errno == EINTR);
	return count;
}

/* What a caller wants of the file that is read. */
struct demand {
	struct arena *arena;
	size_t max;
	bool private; /* nobody but its owner may read it */
	bool trusted; /* nobody may write it but root, we, the folder's owner */
	const char *path;
};

/* size: what the file says of itself; it may still be longer or shorter. */
static enum err read_all(const struct demand *demand, int fd, size_t size,
	char **out, size_t *out_len)
{
	/* One byte more than it should be shows that there is more. */
	size_t room = size < FILE_FIRST_ROOM ? FILE_FIRST_ROOM : size + 1;
	char *data = arena_alloc(demand->arena, room + 1);
	size_t len = 0;

	for (;;) {
		ssize_t count = read_some(fd, data + len, room - len);

		if (count < 0)
			return ERR_UNAVAILABLE;
		len += (size_t)count;
		if (len > demand->max)
			return ERR_TOO_LARGE;
		if (count == 0)
			break;
		if (len == room) {
			char *more = arena_alloc(demand->arena, room * 2 + 1);

			memcpy(more, data, len);
			data = more;
			room *= 2;
		}
	}
	data[len] = '\0';
	*out = data;
	*out_len = len;
	return ERR_OK;
}

/* "/name" is in "/", "a/name" in "a", "name" in ".". */
static void folder_of(const char *path, char folder[PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	size_t len = slash == path ? 1 : (size_t)(slash - path);

	memcpy(folder, ".", sizeof("."));
	if (!slash || len >= PATH_MAX)
		return;
	memcpy(folder, path, len);
	folder[len] = '\0';
}

/* Whoever owns the folder could put any file there: no more than root. */
static bool is_trusted_owner(const struct demand *demand, uid_t owner)
{
	char folder[PATH_MAX];
	struct stat info;

	if (owner == 0 || owner == geteuid())
		return true;
	folder_of(demand->path, folder);
	return stat(folder, &info) == 0 && info.st_uid == owner;
}

static bool meets(const struct demand *demand, const struct stat *info)
{
	if (S_ISDIR(info->st_mode))
		return false;
	if (!S_ISREG(info->st_mode))
		return !demand->private && !demand->trusted;
	if (demand->private && (info->st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return false;
	if (!demand->trusted)
		return true;
	return (info->st_mode & (S_IWGRP | S_IWOTH)) == 0 &&
	       is_trusted_owner(demand, info->st_uid);
}

static enum err read_open(
	const struct demand *demand, int fd, char **out, size_t *out_len)
{
	struct stat info;

	if (fstat(fd, &info) != 0)
		return ERR_UNAVAILABLE;
	if (!meets(demand, &info))
		return ERR_BAD_INPUT;
	if (!S_ISREG(info.st_mode))
		info.st_size = 0;
	if ((uintmax_t)info.st_size > demand->max)
		return ERR_TOO_LARGE;
	return read_all(demand, fd, (size_t)info.st_size, out, out_len);
}

static enum err read_path(const struct demand *demand, const char *path,
	char **out, size_t *out_len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	enum err err;

	if (fd < 0)
		return err_of_errno();
	err = read_open(demand, fd, out, out_len);
	close(fd);
	return err;
}

enum err file_read(struct arena *arena, const char *path, size_t max,
	char **out, size_t *out_len)
{
	const struct demand demand = {.arena = arena, .max = max};

	return read_path(&demand, path, out, out_len);
}

enum err file_read_private(struct arena *arena, const char *path, size_t max,
	char **out, size_t *out_len)
{
	const struct demand demand = {
		.arena = arena, .max = max, .private = true};

	return read_path(&demand, path, out, out_len);
}

enum err file_read_trusted(struct arena *arena, const char *path, size_t max,
	char **out, size_t *out_len)
{
	const struct demand demand = {
		.arena = arena, .max = max, .trusted = true, .path = path};

	return read_path(&demand, path, out, out_len);
}

bool file_write_all(int fd, const void *data, size_t len)
{
	const char *bytes = data;

	while (len) {
		ssize_t count = write(fd, bytes, len);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return false;
		bytes += count;
		len -= (size_t)count;
	}
	return true;
}

/* The folder's own entry is what a power cut would lose. */
static bool sync_folder_of(const char *path)
{
	char folder[PATH_MAX];
	bool good;
	int fd;

	folder_of(path, folder);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	good = fsync(fd) == 0;
	close(fd);
	return good;
}

static bool fill(int fd, const void *bytes, size_t len, unsigned mode)
{
	return fchmod(fd, mode) == 0 && file_write_all(fd, bytes, len) &&
	       fsync(fd) == 0;
}

enum err file_write(
	const char *path, const void *bytes, size_t len, unsigned mode)
{
	static const char suffix[] = ".new-XXXXXX";
	char temporary[PATH_MAX];
	size_t path_len = strlen(path);
	bool good;
	int fd;

	if (path_len + sizeof(suffix) > sizeof(temporary))
		return ERR_BAD_INPUT;
	memcpy(temporary, path, path_len);
	memcpy(temporary + path_len, suffix, sizeof(suffix));
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return err_of_errno();
	good = fill(fd, bytes, len, mode);
	good = close(fd) == 0 && good;
	if (!good || rename(temporary, path) != 0) {
		unlink(temporary);
		return ERR_UNAVAILABLE;
	}
	return sync_folder_of(path) ? ERR_OK : ERR_UNAVAILABLE;
}

enum err file_folder(const char *path, unsigned mode)
{
	struct stat info;

	if (mkdir(path, mode) == 0)
		/* mkdir took the umask off; the caller meant this mode */
		return chmod(path, mode) == 0 ? ERR_OK : ERR_UNAVAILABLE;
	if (errno != EEXIST)
		return err_of_errno();
	if (stat(path, &info) != 0)
		return err_of_errno();
	return S_ISDIR(info.st_mode) ? ERR_OK : ERR_CONFLICT;
}

const char *file_join(struct arena *arena, const char *folder, const char *name)
{
	size_t len = strlen(folder);
	bool slash = len && folder[len - 1] == '/';

	return arena_format(
		arena, "%s%s%s", folder, len && !slash ? "/" : "", name);
}
