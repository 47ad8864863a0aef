/*
 * The line of progress on standard error. It must never reach a file or a
 * pipe.
 */
#include "progress.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"

enum {
	TELL_US = 100 * 1000,
	WIDTH = 30,
	HUNDRED = 100
};

void progress_open(struct progress *progress, int fd, bool quiet)
{
	struct stat info;

	*progress = (struct progress){.quiet = quiet || !isatty(STDERR_FILENO)};
	if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode))
		progress->size = info.st_size;
}

static void draw(int64_t done, int64_t size)
{
	char bar[WIDTH + 1];

	for (int64_t i = 0; i < WIDTH; i++)
		bar[i] = i * size < done * WIDTH ? '#' : '.';
	bar[WIDTH] = '\0';
	fprintf(stderr, "\r[%s] %3lld %% of %lld MB", bar,
		(long long)(done * HUNDRED / size),
		(long long)(size / 1000000));
}

void progress_tell(void *thing, int64_t bytes)
{
	struct progress *progress = thing;
	int64_t now;

	if (progress->quiet)
		return;
	now = clock_monotonic_us();
	if (progress->told_us != 0 && now - progress->told_us < TELL_US)
		return;
	progress->told_us = now;
	if (progress->size > 0 && bytes <= progress->size)
		draw(bytes, progress->size);
	else
		fprintf(stderr, "\rread %lld MB", (long long)(bytes / 1000000));
}

void progress_close(struct progress *progress)
{
	if (progress->told_us != 0)
		fprintf(stderr, "\r%60s\r", "");
}
