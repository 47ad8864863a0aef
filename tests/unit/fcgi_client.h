/*
 * A FastCGI client for tests, just enough of the protocol (FastCGI 1.0,
 * sections 3 and 5): one request at a time on a connection that may be kept.
 */
#ifndef FCGI_CLIENT_H
#define FCGI_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	FCGI_BEGIN = 1,
	FCGI_END = 3,
	FCGI_PARAMS = 4,
	FCGI_STDIN = 5,
	FCGI_STDOUT = 6
};

static inline void fcgi_record(
	int fd, unsigned char type, const void *body, size_t len)
{
	unsigned char head[8] = {1, type, 0, 1, (unsigned char)(len >> 8),
		(unsigned char)len, 0, 0};

	(void)!write(fd, head, sizeof(head));
	if (len > 0)
		(void)!write(fd, body, len);
}

static inline void fcgi_begin(int fd, bool keep)
{
	const unsigned char body[8] = {0, 1, keep ? 1 : 0};

	fcgi_record(fd, FCGI_BEGIN, body, sizeof(body));
}

static inline void fcgi_param(int fd, const char *name, const char *value)
{
	unsigned char body[512];
	size_t name_len = strlen(name);
	size_t value_len = strlen(value);

	body[0] = (unsigned char)name_len; /* both below 128 */
	body[1] = (unsigned char)value_len;
	memcpy(body + 2, name, name_len);
	memcpy(body + 2 + name_len, value, value_len);
	fcgi_record(fd, FCGI_PARAMS, body, 2 + name_len + value_len);
}

static inline bool fcgi_read_all(int fd, void *out, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = read(fd, (char *)out + got, len - got);

		if (n <= 0)
			return false;
		got += (size_t)n;
	}
	return true;
}

/* What the application wrote, NUL-terminated; false when it went away. */
static inline bool fcgi_answer(int fd, char *out, size_t room)
{
	size_t used = 0;
	unsigned char head[8];
	static char body[65536 + 256];

	while (fcgi_read_all(fd, head, sizeof(head))) {
		size_t len = (size_t)head[4] << 8 | head[5];

		if (!fcgi_read_all(fd, body, len + head[6]))
			return false;
		if (head[1] == FCGI_END) {
			out[used] = '\0';
			return true;
		}
		if (head[1] == FCGI_STDOUT && used + len < room) {
			memcpy(out + used, body, len);
			used += len;
		}
	}
	return false;
}

static inline void fcgi_send(
	int fd, bool keep, const char *uri, const char *body, size_t len)
{
	fcgi_begin(fd, keep);
	fcgi_param(fd, "REQUEST_METHOD", len > 0 ? "POST" : "GET");
	fcgi_param(fd, "REQUEST_URI", uri);
	fcgi_param(fd, "REMOTE_ADDR", "127.0.0.1");
	fcgi_param(fd, "HTTPS", "on");
	fcgi_record(fd, FCGI_PARAMS, NULL, 0);
	while (len > 0) {
		size_t part = len < 32768 ? len : 32768;

		fcgi_record(fd, FCGI_STDIN, body, part);
		body += part;
		len -= part;
	}
	fcgi_record(fd, FCGI_STDIN, NULL, 0);
}

static inline int fcgi_connect(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(address.sun_path, path, strlen(path));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

#endif
