/*
 * The door: accepts FastCGI connections by itself and hands each readable
 * one to libfcgi, so that connections that the web server keeps open pin no
 * worker. The only user of libfcgi. It must never keep anything of one
 * request for the next: a fresh arena and a fresh struct request each time.
 *
 * libfcgi's own accept loop is not used: each connection has an FCGX_Request
 * whose ipcFd is set here, with keepConnection on so that FCGX_Accept_r does
 * not close it before reading (both fields are public in fcgiapp.h).
 */
#include "door.h"
#include "buf.h"
#include "clock.h"
#include "text.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum {
	LISTEN_FD = 0,
	EVENTS_AT_ONCE = 16,
	FCGI_ROLE_RESPONDER = 1,
	READ_CHUNK = 16384,
	HEAD_LIMIT = 16384,
	IDLE_ROUND_MS = 1000,
	FRESH_MS = 1000, /* a web server sends at once what it connected for */
	KEPT_MS = 50,	 /* and may be sending on a connection that it kept */
	ARENA_KEEP = 4 * 1024 * 1024, /* for the next request */
	WATCH_SLACKS = 8 /* the watchdog may be late by request_ms / 8 */
};

struct connection {
	FCGX_Request fcgi;
	int fd;
	bool served; /* something came on it */
	struct connection *next, *previous;
};

struct loop {
	const struct door *door;
	struct arena *arena;
	struct connection *connections;
	int64_t count;	  /* of connections */
	int64_t served;	  /* requests */
	int64_t quiet_us; /* since then no request came; monotonic */
	int64_t armed_us; /* when the watchdog was set; 0: it is off */
	int epoll;
	int signals;
	bool listening;
	bool stop;
};

static void watchdog_expired(int number)
{
	static const char line[] =
		"{\"level\":\"error\",\"event\":\"worker.watchdog\"}\n";

	(void)number;
	(void)!write(STDERR_FILENO, line, sizeof(line) - 1);
	_exit(75);
}

static void watchdog_set(int64_t ms)
{
	const struct itimerval timer = {
		.it_value = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000},
	};

	(void)setitimer(ITIMER_REAL, &timer, NULL);
}

/*
 * Setting a timer costs a system call: under load it is set again only when
 * a part of it has run, and so is never early, but late by as much.
 */
static void watchdog_start(struct loop *loop)
{
	int64_t ms = loop->door->request_ms;
	int64_t slack_ms = ms / WATCH_SLACKS;
	int64_t now = clock_monotonic_us();

	if (loop->armed_us > 0 && now - loop->armed_us < slack_ms * 1000)
		return;
	watchdog_set(ms + slack_ms);
	loop->armed_us = now;
}

static void watchdog_stop(struct loop *loop)
{
	if (loop->armed_us > 0)
		watchdog_set(0);
	loop->armed_us = 0;
}

/* Answers one request; send() writes bytes, however they travel. */
struct peer {
	const char *const *params;
	/* Next bytes of the body; 0 at its end, -1 when the peer broke off or
	   kept us waiting too long. */
	ssize_t (*receive)(void *peer, char *bytes, size_t room);
	void (*send)(void *peer, const char *bytes, size_t len);
	void *self;
};

/* Reads to the end, even past the limit: an unread rest breaks the next
   request of a kept connection. */
static bool read_body(const struct peer *peer, struct buf *body)
{
	char *chunk = arena_alloc(body->arena, READ_CHUNK);
	ssize_t got = peer->receive(peer->self, chunk, READ_CHUNK);

	while (got > 0) {
		buf_add(body, chunk, (size_t)got);
		got = peer->receive(peer->self, chunk, READ_CHUNK);
	}
	return got == 0;
}

/* A body that was cut short on its way could mean something else. */
static enum err take_body(
	const struct buf *body, struct report *report, struct request *request)
{
	if (body->overflow)
		return ERR_TOO_LARGE;
	if (request->content_length >= 0 &&
		request->content_length != (int64_t)body->len) {
		report_detail(report,
			"The body is not as long as Content-Length says.");
		return ERR_BAD_REQUEST;
	}
	request->body = body->data;
	request->body_len = body->len;
	return ERR_OK;
}

/* False, with nothing done or sent, when the request did not arrive whole. */
static bool serve(
	const struct door *door, struct arena *arena, const struct peer *peer)
{
	struct request request = {.arena = arena};
	struct report *report = report_open(arena);
	struct reply reply;
	struct buf head, body;
	enum err early = request_parse(arena, peer->params, report, &request);

	buf_init(&body, arena, (size_t)door->body_limit);
	if (!read_body(peer, &body))
		return false;
	if (early == ERR_OK)
		early = take_body(&body, report, &request);
	door->serve(door->context, &request, report, early, &reply);
	buf_init(&head, arena, HEAD_LIMIT);
	reply_head(&reply, request.request_id, &head);
	peer->send(peer->self, head.data, head.len);
	peer->send(peer->self, reply.body.data, reply.body.len);
	return true;
}

static ssize_t fcgi_receive(void *self, char *bytes, size_t room)
{
	struct connection *connection = self;
	int got = FCGX_GetStr(bytes, (int)room, connection->fcgi.in);

	if (got > 0)
		return got;
	return FCGX_GetError(connection->fcgi.in) == 0 ? 0 : -1;
}

static void fcgi_send(void *self, const char *bytes, size_t len)
{
	struct connection *connection = self;

	if (len > 0)
		(void)FCGX_PutStr(bytes, (int)len, connection->fcgi.out);
}

static void connection_close(struct loop *loop, struct connection *gone)
{
	FCGX_Free(&gone->fcgi, 0);
	(void)close(gone->fd);
	if (gone->previous != NULL)
		gone->previous->next = gone->next;
	else
		loop->connections = gone->next;
	if (gone->next != NULL)
		gone->next->previous = gone->previous;
	free(gone);
	loop->count--;
}

static bool peer_has_left(int fd)
{
	char byte;
	ssize_t got = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

/* libfcgi must neither close nor linger: it leaves the descriptor to us. */
static bool finish(struct connection *connection)
{
	bool keep = connection->fcgi.keepConnection;

	connection->fcgi.keepConnection = 1;
	FCGX_Finish_r(&connection->fcgi);
	if (connection->fcgi.ipcFd < 0) {
		connection->fd = -1; /* libfcgi closed it after an error */
		return false;
	}
	return keep;
}

static void connection_serve(
	struct loop *loop, struct connection *connection, uint32_t events)
{
	const struct peer peer = {
		.receive = fcgi_receive, .send = fcgi_send, .self = connection};
	struct peer with_params = peer;
	bool whole = true;

	if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0 &&
		peer_has_left(connection->fd)) {
		connection_close(loop, connection);
		return;
	}
	connection->fcgi.ipcFd = connection->fd;
	connection->fcgi.keepConnection = 1;
	connection->served = true;
	watchdog_start(loop);
	if (FCGX_Accept_r(&connection->fcgi) < 0) {
		connection->fd = connection->fcgi.ipcFd;
		connection_close(loop, connection);
		return;
	}
	with_params.params = (const char *const *)connection->fcgi.envp;
	if (connection->fcgi.role == FCGI_ROLE_RESPONDER)
		whole = serve(loop->door, loop->arena, &with_params);
	/* finish() would still send the end of an answer. */
	if (!whole || !finish(connection))
		connection_close(loop, connection);
	arena_reset(loop->arena);
	loop->served++;
}

static bool watch(struct loop *loop, int fd, uint32_t events, void *thing)
{
	struct epoll_event event = {.events = events, .data = {.ptr = thing}};

	return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* Other workers wait on the same socket: only some of them are woken. */
static void listen_switch(struct loop *loop, bool on)
{
	if (on == loop->listening)
		return;
	if (on)
		(void)watch(loop, LISTEN_FD, EPOLLIN | EPOLLEXCLUSIVE, NULL);
	else
		(void)epoll_ctl(loop->epoll, EPOLL_CTL_DEL, LISTEN_FD, NULL);
	loop->listening = on;
}

static void connection_accept(struct loop *loop)
{
	const struct timeval patience = {
		.tv_sec = loop->door->receive_ms / 1000,
		.tv_usec = loop->door->receive_ms % 1000 * 1000,
	};
	int fd = accept4(LISTEN_FD, NULL, NULL, SOCK_CLOEXEC);
	struct connection *fresh;

	if (fd < 0)
		return; /* another worker took it */
	fresh = calloc(1, sizeof(*fresh));
	if (fresh == NULL || FCGX_InitRequest(&fresh->fcgi, -1, 0) != 0 ||
		!watch(loop, fd, EPOLLIN | EPOLLRDHUP, fresh)) {
		free(fresh);
		(void)close(fd);
		return;
	}
	(void)setsockopt(
		fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	(void)setsockopt(
		fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	fresh->fd = fd;
	fresh->next = loop->connections;
	if (fresh->next != NULL)
		fresh->next->previous = fresh;
	loop->connections = fresh;
	loop->count++;
}

/* Waits for events: -1 for ever (but for the idle hook), else so long. */
static int loop_wait(struct loop *loop, struct epoll_event *events, int wait_ms)
{
	const struct door *door = loop->door;
	int count = epoll_wait(
		loop->epoll, events, EVENTS_AT_ONCE, wait_ms < 0 ? 0 : wait_ms);

	while (count == 0 && wait_ms < 0) {
		watchdog_stop(loop);
		if (door->idle)
			door->idle(door->idle_context,
				(clock_monotonic_us() - loop->quiet_us) / 1000);
		count = epoll_wait(loop->epoll, events, EVENTS_AT_ONCE,
			door->idle ? IDLE_ROUND_MS : wait_ms);
	}
	return count;
}

/* One round; false when nothing came in that time. */
static bool loop_round(struct loop *loop, int wait_ms)
{
	struct epoll_event events[EVENTS_AT_ONCE];
	int count = loop_wait(loop, events, wait_ms);

	for (int i = 0; i < count; i++) {
		if (events[i].data.ptr == NULL)
			connection_accept(loop);
		else if (events[i].data.ptr == loop)
			loop->stop = true;
		else
			connection_serve(
				loop, events[i].data.ptr, events[i].events);
	}
	if (count > 0)
		loop->quiet_us = clock_monotonic_us();
	return count > 0;
}

/* One that was taken up and has sent nothing yet: its request is under way. */
static bool has_fresh(const struct loop *loop)
{
	const struct connection *connection = loop->connections;

	while (connection != NULL && connection->served)
		connection = connection->next;
	return connection != NULL;
}

/* Told to end: what is being sent to us is still answered. Not without end: who
   goes on sending on kept connections sees them close between two requests. */
static void loop_drain(struct loop *loop)
{
	const int64_t until_us =
		clock_monotonic_us() + INT64_C(1000) * FRESH_MS;
	int wait_ms;

	do {
		wait_ms = loop->count > 0 ? KEPT_MS : 0;
		if (has_fresh(loop))
			wait_ms = FRESH_MS;
	} while (loop_round(loop, wait_ms) &&
		 (has_fresh(loop) || clock_monotonic_us() < until_us));
}

static enum err loop_run(struct loop *loop)
{
	const struct door *door = loop->door;

	while (!loop->stop) {
		listen_switch(loop, loop->count < door->connections);
		if (!loop_round(loop, -1) && errno != EINTR)
			return ERR_UNAVAILABLE;
		if (door->requests > 0 && loop->served >= door->requests)
			loop->stop = true;
	}
	listen_switch(loop, false);
	(void)epoll_ctl(loop->epoll, EPOLL_CTL_DEL, loop->signals, NULL);
	loop_drain(loop);
	watchdog_stop(loop);
	return ERR_OK;
}

static bool loop_open(struct loop *loop)
{
	struct sigaction alarm = {.sa_handler = watchdog_expired};
	sigset_t asked;
	int flags = fcntl(LISTEN_FD, F_GETFL);

	/* libfcgi's handlers first, ours instead of them. */
	if (FCGX_Init() != 0)
		return false;
	sigemptyset(&asked);
	sigaddset(&asked, SIGTERM);
	sigaddset(&asked, SIGUSR1);
	if (sigprocmask(SIG_BLOCK, &asked, NULL) != 0 ||
		sigaction(SIGALRM, &alarm, NULL) != 0 ||
		fcntl(LISTEN_FD, F_SETFL, flags | O_NONBLOCK) != 0)
		return false;
	loop->signals = signalfd(-1, &asked, SFD_CLOEXEC | SFD_NONBLOCK);
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	return loop->signals >= 0 && loop->epoll >= 0 &&
	       watch(loop, loop->signals, EPOLLIN, loop);
}

static ssize_t cgi_receive(void *self, char *bytes, size_t room)
{
	int64_t *left = self; /* CONTENT_LENGTH: there may be no end of file */
	ssize_t got;

	if (*left < (int64_t)room)
		room = (size_t)*left;
	got = room > 0 ? read(STDIN_FILENO, bytes, room) : 0;
	if (got > 0)
		*left -= got;
	return got;
}

static void cgi_send(void *self, const char *bytes, size_t len)
{
	(void)self;
	while (len > 0) {
		ssize_t sent = write(STDOUT_FILENO, bytes, len);

		if (sent <= 0)
			return;
		bytes += sent;
		len -= (size_t)sent;
	}
}

static enum err serve_cgi(const struct door *door, struct arena *arena)
{
	const char *length = getenv("CONTENT_LENGTH");
	int64_t left = 0;
	bool whole;
	struct sigaction alarm = {.sa_handler = watchdog_expired};
	const struct peer peer = {.params = (const char *const *)environ,
		.receive = cgi_receive,
		.send = cgi_send,
		.self = &left};

	if (length != NULL && !text_integer(length, &left))
		left = 0;
	(void)sigaction(SIGALRM, &alarm, NULL);
	watchdog_set(door->request_ms);
	whole = serve(door, arena, &peer);
	watchdog_set(0);
	return whole ? ERR_OK : ERR_UNAVAILABLE;
}

enum err door_run(const struct door *door)
{
	struct loop loop = {.door = door,
		.quiet_us = clock_monotonic_us(),
		.epoll = -1,
		.signals = -1};
	enum err err = ERR_UNAVAILABLE;

	loop.arena = arena_open((size_t)door->arena_cap);
	arena_keep(loop.arena, ARENA_KEEP);
	if (FCGX_IsCGI()) {
		err = serve_cgi(door, loop.arena);
		goto out;
	}
	if (loop_open(&loop))
		err = loop_run(&loop);
out:
	while (loop.connections != NULL)
		connection_close(&loop, loop.connections);
	if (loop.epoll >= 0)
		(void)close(loop.epoll);
	if (loop.signals >= 0)
		(void)close(loop.signals);
	arena_close(&loop.arena);
	return err;
}
