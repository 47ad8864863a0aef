/*
 * The three streams of lines, each with its own reader in mind: access (one
 * line a request), security (sign-in failures, denials, acts of admins: for
 * fail2ban and people) and limits (refusals by a rate limit). The order of
 * fields is fixed: what comes before the address never holds a user's text,
 * so that no name can pass for one (ops/fail2ban). No secrets in any.
 */
#ifndef BASE_STREAMS_H
#define BASE_STREAMS_H

#include <stdint.h>

#include "log.h"

struct streams {
	struct log access, security, limits;
};

/* {"ts","level","event","address","user","request_id","detail"}; a text
   that is NULL is written as "". */
struct security_note {
	const char *event;   /* "auth.login.failed"; a constant */
	const char *address; /* of the client */
	const char *user;    /* id, or the name that was tried */
	const char *request_id;
	const char *detail; /* few words of ours */
};
/* streams may be NULL: nothing is written. */
void streams_security(const struct streams *streams, enum log_level level,
	const struct security_note *note);

/* {"ts","level","event":"rate.refused","address","rule","subject",
   "retry_after_s","request_id"}, level warn. */
struct limit_note {
	const char *address;
	const char *rule;    /* of the table of rules; a constant */
	const char *subject; /* what was counted: user or key id, address */
	int64_t retry_after_s;
	const char *request_id;
};
void streams_limit(
	const struct streams *streams, const struct limit_note *note);

void streams_flush(const struct streams *streams);
void streams_close(struct streams *streams);

#endif
