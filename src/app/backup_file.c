/*
 * Large files, in pieces: hashed, copied, made to be on the disk. Must never
 * leave a copy behind that is not whole.
 */
#include "backup.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

enum {
	PIECE = 64 * 1024
};

/* A regular file under its own name: a link, a device or a pipe is nothing
   that a backup is made of, and may have no end. */
static int file_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat info;

	if (fd < 0 || (fstat(fd, &info) == 0 && S_ISREG(info.st_mode)))
		return fd;
	(void)close(fd);
	errno = EINVAL;
	return -1;
}

/* to < 0: only the sum. */
static bool pass_on(int from, int to, struct file_sum *out)
{
	unsigned char piece[PIECE];
	unsigned char hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state state;
	struct file_sum sum = {.bytes = 0};

	(void)crypto_hash_sha256_init(&state);
	for (;;) {
		ssize_t count = read(from, piece, sizeof(piece));

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return false;
		if (count == 0)
			break;
		(void)crypto_hash_sha256_update(&state, piece, (size_t)count);
		if (to >= 0 && !file_write_all(to, piece, (size_t)count))
			return false;
		sum.bytes += count;
	}
	(void)crypto_hash_sha256_final(&state, hash);
	(void)sodium_bin2hex(
		sum.sha256, sizeof(sum.sha256), hash, sizeof(hash));
	*out = sum;
	return true;
}

enum err file_sum(const char *path, const char *to, struct file_sum *out)
{
	int from = file_open(path);
	int copy = -1;
	bool good;

	if (from < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_UNAVAILABLE;
	if (to) {
		(void)unlink(to);
		copy = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	}
	good = (!to || copy >= 0) && pass_on(from, copy, out);
	(void)close(from);
	if (copy >= 0) {
		good = fsync(copy) == 0 && good;
		good = close(copy) == 0 && good;
	}
	if (!good && to)
		(void)unlink(to);
	return good ? ERR_OK : ERR_UNAVAILABLE;
}

enum err file_sync(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool good;

	if (fd < 0)
		return ERR_UNAVAILABLE;
	good = fsync(fd) == 0;
	return close(fd) == 0 && good ? ERR_OK : ERR_UNAVAILABLE;
}
