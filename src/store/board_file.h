/*
 * The board's file: made, checked and mapped. Private to src/store.
 */
#ifndef STORE_BOARD_FILE_H
#define STORE_BOARD_FILE_H

#include <stdbool.h>
#include <sys/stat.h>

#include "board.h"
#include "err.h"

struct board_file {
	struct board *board; /* NULL: not open */
	int fd;
	dev_t device;
	ino_t inode;
};

/* Makes the file when it is absent, and puts a new one in the place of one of
   another layout. ERR_BAD_INPUT: not ours, a link, open to others. */
MUST_CHECK enum err board_open(const char *path, struct board_file *out);
void board_close(struct board_file *file);
/* Is the file that we have still the one of that name? */
bool board_is_current(const struct board_file *file, const char *path);
/* One process at a time; the kernel lets go when it dies. */
void board_lock(const struct board_file *file);
void board_unlock(const struct board_file *file);

/* Opens (making it when absent, 0600) a file that only we can read and write.
   ERR_BAD_INPUT when it is anything else, ERR_UNAVAILABLE. */
MUST_CHECK enum err board_file_own(const char *path, int *out_fd);

#endif
