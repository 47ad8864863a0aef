/*
 * One line on a terminal that says how far a long read is, written over and
 * over, at most ten times a second. Nothing where standard error is no
 * terminal.
 */
#ifndef APP_PROGRESS_H
#define APP_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	int64_t size; /* of the file, bytes; 0: not known */
	int64_t told_us;
	bool quiet;
};

void progress_open(struct progress *progress, int fd, bool quiet);
/* thing is the struct progress. */
void progress_tell(void *thing, int64_t bytes);
/* Over it: whatever comes next begins at the left. */
void progress_close(struct progress *progress);

#endif
