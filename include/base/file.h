/*
 * Files the operator owns: configuration, key files, uploads of the CLI.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "err.h"

/* The whole file, at most max bytes; ERR_NOT_FOUND, ERR_TOO_LARGE. */
MUST_CHECK enum err file_read(struct arena *arena, const char *path, size_t max,
	char **out, size_t *out_len);
/* The same, refusing (ERR_BAD_INPUT) a file that group or others may read. */
MUST_CHECK enum err file_read_private(struct arena *arena, const char *path,
	size_t max, char **out, size_t *out_len);
/* The same, refusing a file that group or others may write, or that belongs
   to somebody else than root, this process and the folder's owner. */
MUST_CHECK enum err file_read_trusted(struct arena *arena, const char *path,
	size_t max, char **out, size_t *out_len);
/* Whole or not at all: temporary file, fsync, rename, fsync of the folder. */
MUST_CHECK enum err file_write(
	const char *path, const void *bytes, size_t len, unsigned mode);
/* All of it, again after a signal; false: errno says why. */
MUST_CHECK bool file_write_all(int fd, const void *data, size_t len);
/* Makes the folder (one level) with that mode if it is not there. */
MUST_CHECK enum err file_folder(const char *path, unsigned mode);
const char *file_join(
	struct arena *arena, const char *folder, const char *name);

#endif
