/*
 * Where lines go: a descriptor, or a file that is opened again when it was
 * rotated away; at once, or through a buffer. The old file is kept until the
 * new one is open, so a rotation loses no line and a full disk or a lost
 * folder changes nothing but what cannot be written. Never waits for
 * anything but the write itself.
 */
#include "log_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#include "clock.h"

enum {
	FILE_MODE = 0640,
	LOOK_INTERVAL_US = 1000000
};

/* The descriptor, or -1. The umask must not decide who may read it. */
static int file_open(const char *path)
{
	const int how = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY;
	int fd = open(path, how | O_CREAT | O_EXCL, FILE_MODE);

	if (fd >= 0) {
		(void)fchmod(fd, FILE_MODE);
		return fd;
	}
	/* O_CREAT again: it may go between the two */
	return open(path, how | O_CREAT, FILE_MODE);
}

/* Takes fd over, if it can be told apart from others. */
static bool file_take(struct log_file *file, int fd)
{
	struct stat info;

	if (fd < 0)
		return false;
	if (fstat(fd, &info) != 0) {
		(void)close(fd);
		return false;
	}
	if (file->fd >= 0)
		(void)close(file->fd);
	file->fd = fd;
	file->device = info.st_dev;
	file->inode = info.st_ino;
	file->regular = S_ISREG(info.st_mode);
	return true;
}

/* The inode of an open file is not given to another, so it tells. */
static void file_follow(struct log_file *file)
{
	int64_t now = clock_monotonic_us();
	struct stat info;

	if (now - file->looked_us < file->interval_us)
		return;
	file->looked_us = now;
	if (stat(file->path, &info) == 0 && info.st_dev == file->device &&
		info.st_ino == file->inode)
		return;
	(void)file_take(file, file_open(file->path));
}

static int target_of(const struct log *log)
{
	if (!log->file)
		return log->fd;
	file_follow(log->file);
	return log->file->fd;
}

/* What the disk refuses is lost: there is nowhere to say so. */
static void put(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t count = write(fd, bytes, len);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return;
		bytes += count;
		len -= (size_t)count;
	}
}

/* Bytes of the whole lines at the front that a pipe takes in one piece. */
static size_t piece_of(const char *bytes, size_t len)
{
	const char *end;

	if (len <= LOG_PIECE_BYTES)
		return len;
	end = memrchr(bytes, '\n', LOG_PIECE_BYTES);
	return end ? (size_t)(end - bytes) + 1 : LOG_PIECE_BYTES;
}

void log_flush(const struct log *log)
{
	struct log_buffer *buffer = log->buffer;
	int saved = errno;
	size_t done = 0;
	int fd;

	if (!buffer || buffer->len == 0)
		return;
	fd = target_of(log);
	while (done < buffer->len) {
		/* a file takes any length in one piece (O_APPEND) */
		size_t piece = log->file && log->file->regular
				       ? buffer->len
				       : piece_of(buffer->data + done,
						 buffer->len - done);

		put(fd, buffer->data + done, piece);
		done += piece;
	}
	buffer->len = 0;
	errno = saved;
}

void log_pass(const struct log *log, enum log_level level, const char *line,
	size_t len)
{
	struct log_buffer *buffer = log->buffer;

	if (!buffer) {
		put(target_of(log), line, len);
		return;
	}
	if (len > LOG_BUFFER_BYTES - buffer->len)
		log_flush(log);
	memcpy(buffer->data + buffer->len, line, len);
	buffer->len += len;
	if (level >= LOG_WARN)
		log_flush(log);
}

enum err log_open(struct arena *arena, const char *path, enum log_level least,
	struct log *out)
{
	struct log_file *file = arena_alloc(arena, sizeof(*file));

	*file = (struct log_file){.path = arena_text(arena, path),
		.fd = -1,
		.looked_us = clock_monotonic_us(),
		.interval_us = LOOK_INTERVAL_US};
	if (!file_take(file, file_open(path)))
		return ERR_UNAVAILABLE;
	*out = (struct log){.fd = -1, .least = least, .file = file};
	return ERR_OK;
}

void log_buffer(struct arena *arena, struct log *log)
{
	if (!log->buffer)
		log->buffer = arena_alloc(arena, sizeof(*log->buffer));
}

void log_close(struct log *log)
{
	log_flush(log);
	if (log->file && log->file->fd >= 0) {
		(void)close(log->file->fd);
		log->file->fd = -1; /* others may share the file */
	}
	*log = (struct log){.fd = -1, .least = LOG_ERROR};
}
