/*
 * The door: the only user of libfcgi. An epoll loop on the listening socket
 * (fd 0) accepts connections itself and hands each readable one to libfcgi,
 * so that a kept connection pins no worker. One request at a time. Started
 * without a listening socket it serves one plain CGI request and ends.
 * SIGTERM and SIGUSR1 finish the request in flight, then end the loop; a
 * request past its time ends the process.
 */
#ifndef HTTP_DOOR_H
#define HTTP_DOOR_H

#include <stdint.h>

#include "arena.h"
#include "err.h"
#include "log.h"
#include "reply.h"
#include "report.h"
#include "request.h"

struct door {
	const struct log *log;
	int64_t arena_cap;   /* bytes a request may take */
	int64_t body_limit;  /* bytes; larger is 413 */
	int64_t request_ms;  /* watchdog */
	int64_t receive_ms;  /* a peer that stalls while sending */
	int64_t requests;    /* end after so many (0: never) */
	int64_t connections; /* kept at most */
	/* early: ERR_OK, or what reading the request ended with. */
	void (*serve)(void *context, const struct request *request,
		struct report *report, enum err early, struct reply *out);
	void *context;
	/* Before the worker would wait, and about once a second while it
	   does: for what can wait until then. idle_ms: since the last
	   request. May be NULL. */
	void (*idle)(void *context, int64_t idle_ms);
	void *idle_context;
};

/* ERR_OK when asked to end; ERR_UNAVAILABLE when the socket failed. */
MUST_CHECK enum err door_run(const struct door *door);

#endif
