/*
 * What a user is told about. event_note() is called in the transaction that
 * makes the thing happen: the message stands in the queue exactly when the
 * thing stands in the database. Who has no channel for it costs one indexed
 * look and no row. Sending is `kontor work`'s (notify.h).
 */
#ifndef DOMAIN_EVENTS_H
#define DOMAIN_EVENTS_H

#include "scope.h"

enum event_kind {
	EVENT_FILL,
	EVENT_STOP,	/* a stop, trailing stop or take-profit was reached */
	EVENT_DENIED,	/* risk refused an order, or ended one */
	EVENT_REJECTED, /* the venue did */
	EVENT_RUN_FAILED,
	EVENT_HALTED, /* trading was stopped, by the user or for everybody */
	EVENT_SUMMARY,
	EVENT_CHOICES,		    /* how many of them a channel can choose */
	EVENT_TEST = EVENT_CHOICES, /* asked for: never held back */
	EVENT_DIGEST,		    /* of what was past the hour's limit */
	EVENT_KIND_COUNT
};
/* By enum event_kind, NULL-terminated. */
extern const char *const event_kinds[];
/* The first EVENT_CHOICES of them, NULL-terminated. */
extern const char *const event_choices[];

enum {
	EVENT_BODY_LIMIT = 1000 /* bytes; more is cut */
};

/* Plain text; what users named may stand in it: control characters become
   blanks, and no way of sending reads markup in it. */
MUST_CHECK enum err event_note(struct scope *scope, enum event_kind kind,
	const char *format, ...) __attribute__((format(printf, 3, 4)));
/* To every user who wants it; in the transaction of an admin's act. */
MUST_CHECK enum err event_note_all(
	struct admin_scope *admin, enum event_kind kind, const char *body);

#endif
