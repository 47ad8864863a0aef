/*
 * The board's file, and what makes a file ours. The folder may be one that
 * everybody can write (/dev/shm): so no link is followed, nothing of another
 * owner is opened, and what cannot be read is replaced by renaming.
 */
#include "board_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	BOARD_BYTES = 4096,
	BOARD_TRIES = 16
};
_Static_assert(sizeof(struct board) <= BOARD_BYTES, "the board is a page");

static const char board_magic[8] = "kontor\n";

enum err board_file_own(const char *path, int *out_fd)
{
	struct stat info;
	int fd = open(path,
		O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno == ELOOP || errno == EACCES || errno == EISDIR ||
				       errno == ENOENT || errno == ENOTDIR ||
				       errno == ENXIO
			       ? ERR_BAD_INPUT
			       : ERR_UNAVAILABLE;
	if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) ||
		info.st_uid != geteuid() || info.st_nlink > 1 ||
		(info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
		(void)close(fd);
		return ERR_BAD_INPUT;
	}
	*out_fd = fd;
	return ERR_OK;
}

void board_lock(const struct board_file *file)
{
	while (flock(file->fd, LOCK_EX) != 0 && errno == EINTR)
		;
}

void board_unlock(const struct board_file *file)
{
	(void)flock(file->fd, LOCK_UN);
}

bool board_is_current(const struct board_file *file, const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 && info.st_dev == file->device &&
	       info.st_ino == file->inode;
}

void board_close(struct board_file *file)
{
	if (!file->board)
		return;
	(void)munmap(file->board, BOARD_BYTES);
	(void)close(file->fd);
	file->board = NULL;
}

/* Writes, so that the page is there: a hole in a full file system would be
   found by a signal. */
static bool board_fill(int fd)
{
	static const char zeros[BOARD_BYTES];
	struct board first = {.layout = BOARD_LAYOUT, .size = sizeof(first)};

	memcpy(first.magic, board_magic, sizeof(board_magic));
	/* What is not known is not believed: Redis is asked first. */
	atomic_init(&first.away, 1);
	atomic_init(&first.generation, 1);
	return ftruncate(fd, 0) == 0 &&
	       pwrite(fd, zeros, sizeof(zeros), 0) == BOARD_BYTES &&
	       pwrite(fd, &first, sizeof(first), 0) == sizeof(first);
}

static bool is_board(int fd)
{
	struct board first;
	struct stat info;

	if (fstat(fd, &info) != 0 || info.st_size != BOARD_BYTES ||
		pread(fd, &first, sizeof(first), 0) != sizeof(first))
		return false;
	return memcmp(first.magic, board_magic, sizeof(board_magic)) == 0 &&
	       first.layout == BOARD_LAYOUT && first.size == sizeof(first) &&
	       atomic_load(&first.generation) >= 1;
}

/* Others may have the old one mapped: it stays theirs. */
static enum err board_replace(const char *path)
{
	char fresh[PATH_MAX];
	int len = snprintf(
		fresh, sizeof(fresh), "%s-new.%ld", path, (long)getpid());
	bool done;
	int fd;

	if (len < 0 || (size_t)len >= sizeof(fresh))
		return ERR_BAD_INPUT;
	(void)unlink(fresh);
	fd = open(fresh, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		0600);
	if (fd < 0)
		return ERR_UNAVAILABLE;
	done = board_fill(fd) && rename(fresh, path) == 0;
	if (!done)
		(void)unlink(fresh);
	(void)close(fd);
	return done ? ERR_OK : ERR_UNAVAILABLE;
}

/* With the lock held: *out_again when another file stands there now. */
static enum err board_settle(
	const char *path, struct board_file *file, bool *out_again)
{
	struct stat info;
	void *map;

	if (fstat(file->fd, &info) != 0)
		return ERR_UNAVAILABLE;
	file->device = info.st_dev;
	file->inode = info.st_ino;
	*out_again = !board_is_current(file, path);
	if (*out_again)
		return ERR_OK;
	if (info.st_size == 0 && !board_fill(file->fd))
		return ERR_UNAVAILABLE;
	if (!is_board(file->fd)) {
		*out_again = true;
		return board_replace(path);
	}
	map = mmap(NULL, BOARD_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
		file->fd, 0);
	if (map == MAP_FAILED)
		return ERR_UNAVAILABLE;
	file->board = map;
	return ERR_OK;
}

enum err board_open(const char *path, struct board_file *out)
{
	for (int i = 0; i < BOARD_TRIES; i++) {
		struct board_file file = {.board = NULL};
		bool again = false;
		enum err err = board_file_own(path, &file.fd);

		if (err)
			return err;
		board_lock(&file);
		err = board_settle(path, &file, &again);
		board_unlock(&file);
		if (!err && !again) {
			*out = file;
			return ERR_OK;
		}
		(void)close(file.fd);
		if (err)
			return err;
	}
	return ERR_UNAVAILABLE;
}
