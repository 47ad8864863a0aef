/* Where a finished line goes. */
#ifndef BASE_LOG_PRIVATE_H
#define BASE_LOG_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "log.h"

enum {
	LOG_PIECE_BYTES = 4096, /* PIPE_BUF of Linux: written whole */
	LOG_BUFFER_BYTES = 32768
};

struct log_file {
	const char *path;
	int fd;
	dev_t device; /* of what fd is */
	ino_t inode;
	bool regular;	     /* not a pipe or a terminal */
	int64_t looked_us;   /* when the path was last compared with fd */
	int64_t interval_us; /* between two looks */
};

/* Whole lines that wait. */
struct log_buffer {
	size_t len;
	char data[LOG_BUFFER_BYTES];
};

/* A whole line, at most LOG_PIECE_BYTES. */
void log_pass(const struct log *log, enum log_level level, const char *line,
	size_t len);

#endif
