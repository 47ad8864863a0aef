/*
 * One message through one channel: opened secrets in, an outcome in words
 * out. Part of `kontor work` alone.
 */
#ifndef APP_NOTIFIER_H
#define APP_NOTIFIER_H

#include "config.h"
#include "notify.h"
#include "outbound.h"
#include "vault_keys.h"

struct notifier {
	const struct config *config;
	struct vault_keys *keys;
	/* two, for two lists of hosts: what the operator named, and what users
	   may; a connection of the one is never the other's */
	struct outbound *ours, *theirs;
};

MUST_CHECK enum err notifier_open(const struct config *config,
	struct arena *arena, struct report *report, struct notifier *out);
void notifier_close(struct notifier *notifier);
/* scope: the message's owner. Never logs, never quotes an answer. */
void notifier_send(struct notifier *notifier, struct scope *scope,
	const struct notify_message *message, struct notify_outcome *out);

/* The mail as it goes over the line: header, blank line, text in base64. */
const char *notifier_mail_text(struct arena *arena, const char *from,
	const struct notify_message *message, int64_t now);

#endif
