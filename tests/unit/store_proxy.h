/*
 * A stand-in between the store and its Redis: passes everything on, but
 * answers late, not at all, or with one answer too many when it is told to.
 */
#ifndef STORE_PROXY_H
#define STORE_PROXY_H

#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/un.h>

#include "store_kit.h"

struct proxy_orders {
	_Atomic int delay_ms; /* of each answer; -1: none ever comes */
	_Atomic int inject;   /* an answer that nobody asked for, once */
	_Atomic int accepted; /* connections so far */
	_Atomic int asked;    /* pieces that went to Redis so far */
};
struct proxy {
	char url[128];
	char socket[96];
	pid_t pid;
	struct proxy_orders *orders;
};

enum {
	PROXY_PAIRS = 32
};

static inline int proxy_socket(const char *path, bool listening)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc;

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	rc = listening ? bind(fd, (struct sockaddr *)&address, sizeof(address))
		       : connect(fd, (struct sockaddr *)&address,
				 sizeof(address));
	if (rc == 0 && listening)
		rc = listen(fd, 16);
	if (rc == 0)
		return fd;
	(void)close(fd);
	return -1;
}

/* One piece of one direction. False: that pair is over. */
static inline bool proxy_pass(
	struct proxy_orders *orders, int from, int to, bool is_answer)
{
	static const char extra[] = "$5\r\nwrong\r\n";
	char bytes[65536];
	ssize_t count = read(from, bytes, sizeof(bytes));
	int delay = is_answer ? atomic_load(&orders->delay_ms) : 0;

	if (count <= 0)
		return false;
	if (!is_answer)
		atomic_fetch_add(&orders->asked, 1);
	if (delay < 0)
		return true;
	if (delay > 0)
		(void)poll(NULL, 0, delay);
	if (send(to, bytes, (size_t)count, MSG_NOSIGNAL) != count)
		return false;
	if (is_answer && atomic_exchange(&orders->inject, 0) == 1)
		(void)send(to, extra, sizeof(extra) - 1, MSG_NOSIGNAL);
	return true;
}

static inline void proxy_accept(struct proxy_orders *orders, int listener,
	struct pollfd *polled, const char *upstream)
{
	int client = accept(listener, NULL, NULL);
	int server = proxy_socket(upstream, false);

	atomic_fetch_add(&orders->accepted, 1);
	for (int i = 0; i < PROXY_PAIRS && client >= 0 && server >= 0; i++)
		if (polled[2 * i].fd < 0) {
			polled[2 * i].fd = client;
			polled[2 * i + 1].fd = server;
			return;
		}
	if (client >= 0)
		(void)close(client);
	if (server >= 0)
		(void)close(server);
}

static inline void proxy_run(
	struct proxy_orders *orders, int listener, const char *upstream)
{
	struct pollfd polled[2 * PROXY_PAIRS + 1];

	for (int i = 0; i < 2 * PROXY_PAIRS; i++)
		polled[i] = (struct pollfd){.fd = -1, .events = POLLIN};
	polled[2 * PROXY_PAIRS] =
		(struct pollfd){.fd = listener, .events = POLLIN};
	for (;;) {
		(void)poll(polled, 2 * PROXY_PAIRS + 1, -1);
		for (int i = 0; i < 2 * PROXY_PAIRS; i++) {
			int other = i ^ 1;

			if (polled[i].fd < 0 || polled[i].revents == 0 ||
				proxy_pass(orders, polled[i].fd,
					polled[other].fd, i % 2 == 1))
				continue;
			(void)close(polled[i].fd);
			(void)close(polled[other].fd);
			polled[i].fd = polled[other].fd = -1;
			polled[other].revents = 0;
		}
		if (polled[2 * PROXY_PAIRS].revents)
			proxy_accept(orders, listener, polled, upstream);
	}
}

static inline void proxy_start(struct proxy *proxy, const struct kit *kit)
{
	int listener;

	(void)snprintf(
		proxy->socket, sizeof(proxy->socket), "%s/proxy", kit->folder);
	(void)snprintf(
		proxy->url, sizeof(proxy->url), "unix://%s", proxy->socket);
	proxy->orders = mmap(NULL, sizeof(*proxy->orders),
		PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(proxy->orders, MAP_FAILED);
	(void)unlink(proxy->socket);
	listener = proxy_socket(proxy->socket, true);
	assert_true(listener >= 0);
	proxy->pid = fork();
	assert_true(proxy->pid >= 0);
	if (proxy->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		proxy_run(proxy->orders, listener, kit->socket);
	}
	(void)close(listener);
}

static inline void proxy_stop(struct proxy *proxy)
{
	int status;

	(void)kill(proxy->pid, SIGKILL);
	(void)waitpid(proxy->pid, &status, 0);
	(void)munmap(proxy->orders, sizeof(*proxy->orders));
}

#endif
