/*
 * Words for the client: what was wrong, where, and when to come back.
 * Each request (and each command of the CLI) has one. Rules deep inside add
 * to it and return an enum err; the gate prints it as a problem document.
 * Never put a secret, a path, SQL or a version in it.
 */
#ifndef BASE_REPORT_H
#define BASE_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"

struct fault {
	const char *pointer; /* RFC 6901, "" is the whole document */
	const char *message;
};

struct report {
	struct arena *arena;
	const char *detail;   /* one sentence, or NULL */
	const char *event;    /* security event for the log, or NULL */
	struct fault *faults; /* at most REPORT_FAULT_LIMIT */
	size_t fault_count;
	int64_t retry_after_s; /* 0: not said */
};

enum {
	REPORT_FAULT_LIMIT = 64
};

struct report *report_open(struct arena *arena);
/* Replaces the sentence. */
void report_detail(struct report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Adds one input fault; further ones than the limit are dropped. */
void report_fault(struct report *report, const char *pointer,
	const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Names a security event ("auth.login.failed") for the request's log line. */
void report_event(struct report *report, const char *event);
/* Escapes one reference token (RFC 6901) and appends it to a pointer. */
const char *report_pointer(
	struct arena *arena, const char *parent, const char *name);
const char *report_pointer_index(
	struct arena *arena, const char *parent, size_t index);

#endif
