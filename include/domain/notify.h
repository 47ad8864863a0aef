/*
 * The queue of messages from its far end: who has something due, the next
 * message of a user, and how sending it went. A message is counted as tried
 * before it is sent, so that a process that dies loses none and repeats at
 * most the one that it had in hand. Only `kontor work` contains this.
 */
#ifndef DOMAIN_NOTIFY_H
#define DOMAIN_NOTIFY_H

#include "limits.h"
#include "scope.h"
#include "shape.h"

struct notify_rules {
	int64_t per_hour; /* messages of a user; more are summed up in one */
	int64_t attempts; /* of a message */
	int64_t age_ms;	  /* then it is given up */
};

/* Users with a message that is due, who waits longest first. */
MUST_CHECK enum err notify_plan(
	struct admin_scope *admin, struct text_list *users);

struct notify_message {
	const char *id, *channel_id, *channel_kind, *kind, *body;
	const char *address; /* the channel's, or NULL */
	int64_t attempts;    /* this one included */
	int64_t created_at;
};
/* Transaction of its own. ERR_NOT_FOUND: nothing is due, or the hour's limit
   holds it back. */
MUST_CHECK enum err notify_claim(struct scope *scope,
	const struct notify_rules *rules, struct notify_message *out);
/* A channel's test, queued and claimed in one. ERR_NOT_FOUND: no such channel
   of this user. */
MUST_CHECK enum err notify_test(struct scope *scope, const char *channel_id,
	struct notify_message *out);

struct notify_outcome {
	bool sent;
	bool final;		/* trying again is of no use */
	const char *why;	/* a sentence for the user; "" when sent */
	int64_t retry_after_ms; /* asked for by the other side; 0: not */
};
/* scope: of the time behind the sending. */
MUST_CHECK enum err notify_finish(struct scope *scope,
	const struct notify_rules *rules, const struct notify_message *message,
	const struct notify_outcome *outcome);
/* The pause behind that many attempts. */
int64_t notify_pause_ms(int64_t attempts);

/* Messages and deliveries past their time go. */
MUST_CHECK enum err notify_clean(struct admin_scope *admin, int64_t before,
	int64_t hooks_before, int64_t *removed);

/* ---- the daily summary ---------------------------------------------------- */

/* Users with a channel for it whose time of day (theirs) has come. */
struct summary_due {
	const char *user_id;
	int64_t day; /* of their time zone, since 1970-01-01 */
};
MUST_CHECK enum err notify_summaries_plan(
	struct admin_scope *admin, struct list *out /* summary_due */);
/* Writes it down and queues it, in one transaction; ERR_CONFLICT: it is
   written down already. */
MUST_CHECK enum err notify_summary(struct scope *scope,
	const struct limits *limits, const struct summary_due *due);

#endif
