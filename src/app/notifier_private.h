/* Between the files of the notifier. */
#ifndef APP_NOTIFIER_PRIVATE_H
#define APP_NOTIFIER_PRIVATE_H

#include "notifier.h"

/* NULL, with the outcome saying why, when there is none that opens; `what`
   names it for the user. To be wiped. */
char *notifier_secret(struct notifier *notifier, struct scope *scope,
	const char *name, const char *what, struct notify_outcome *out);
void notifier_wipe(char *secret);
/* A wait that the other side asked for, within reason. */
int64_t notifier_retry_ms(int64_t seconds);

void notifier_telegram(struct notifier *notifier, struct scope *scope,
	const struct notify_message *message, struct notify_outcome *out);
void notifier_mail(struct notifier *notifier, struct scope *scope,
	const struct notify_message *message, struct notify_outcome *out);
void notifier_webhook(struct notifier *notifier, struct scope *scope,
	const struct notify_message *message, struct notify_outcome *out);

#endif
