/*
 * The wall clock of the test build: the system's, moved by the signed number
 * of milliseconds in the file that KONTOR_TEST_CLOCK names, read anew at each
 * call so that a test can move a running program. No file: no offset. A
 * file with anything but one number makes the clock fail, which is also how
 * tests see what a failing clock does. Never linked into a program that
 * people run.
 */
#include "clock.h"
#include "clock_private.h"

#include <fcntl.h>
#include <unistd.h>

#include "text.h"

static bool read_offset(const char *path, int64_t *out)
{
	char text[32] = "";
	ssize_t len;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	*out = 0;
	if (fd < 0)
		return true;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len < 0)
		return false;
	text[strcspn(text, "\n")] = '\0';
	return text_integer(text, out);
}

int64_t clock_ms(void)
{
	const char *path = getenv("KONTOR_TEST_CLOCK");
	int64_t now = clock_system_ms();
	int64_t offset;

	if (!path || now < 0)
		return now;
	if (!read_offset(path, &offset) ||
		__builtin_add_overflow(now, offset, &now))
		return -1;
	return now;
}
