/*
 * The floors that tests/bench/http measures against: libfcgi workers with a
 * fixed reply, no gate, no database, listening on fd 0. Without a word the
 * textbook accept loop; with "epoll" libfcgi's parser under a loop that keeps
 * every connection, which is what the door does with nothing around it.
 */
#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static const char reply[] = "Content-Type: application/json\r\n\r\n"
			    "{\"status\":\"ok\"}";

static int textbook(void)
{
	FCGX_Request request;

	if (FCGX_InitRequest(&request, 0, 0) != 0)
		return 1;
	while (FCGX_Accept_r(&request) >= 0)
		(void)FCGX_PutStr(reply, (int)sizeof(reply) - 1, request.out);
	return 0;
}

/* ipcFd is -1 when libfcgi has closed it already. */
static void drop(FCGX_Request *request)
{
	int fd = request->ipcFd;

	FCGX_Free(request, 0);
	if (fd >= 0)
		(void)close(fd);
	free(request);
}

static void serve(FCGX_Request *request)
{
	int keep;
	char byte;
	ssize_t got = recv(request->ipcFd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	request->keepConnection = 1;
	if (got <= 0 || FCGX_Accept_r(request) < 0) {
		drop(request);
		return;
	}
	(void)FCGX_PutStr(reply, (int)sizeof(reply) - 1, request->out);
	keep = request->keepConnection;
	request->keepConnection = 1;
	FCGX_Finish_r(request);
	if (!keep || request->ipcFd < 0)
		drop(request);
}

static void take(int epoll)
{
	int fd = accept4(0, NULL, NULL, SOCK_CLOEXEC);
	FCGX_Request *request = fd < 0 ? NULL : calloc(1, sizeof(*request));
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = request};

	if (request == NULL)
		return; /* another worker took it */
	if (FCGX_InitRequest(request, -1, 0) != 0 ||
		epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0)
		exit(1);
	request->ipcFd = fd;
}

static int under_epoll(void)
{
	struct epoll_event listening = {.events = EPOLLIN | EPOLLEXCLUSIVE};
	struct epoll_event events[16];
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	if (fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK) != 0 ||
		epoll_ctl(epoll, EPOLL_CTL_ADD, 0, &listening) != 0)
		return 1;
	for (;;) {
		int count = epoll_wait(epoll, events, 16, -1);

		if (count < 0 && errno != EINTR)
			return 1;
		for (int i = 0; i < count; i++) {
			if (events[i].data.ptr == NULL)
				take(epoll);
			else
				serve(events[i].data.ptr);
		}
	}
}

int main(int argc, char **argv)
{
	if (FCGX_Init() != 0)
		return 1;
	if (argc == 2 && strcmp(argv[1], "epoll") == 0)
		return under_epoll();
	return textbook();
}
