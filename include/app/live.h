/*
 * Settings that admins change while the program runs, as one process sees
 * them. A counter in a small shared file says that they changed: a look at
 * it costs no system call, so a worker looks before each request and reads
 * the database only then (and every few seconds, should the file be lost).
 */
#ifndef APP_LIVE_H
#define APP_LIVE_H

#include <stdbool.h>

#include "config.h"
#include "db.h"
#include "system_settings.h"

struct live;

struct live_options {
	const struct config *config; /* without the database's values; kept */
	struct db *db;		     /* borrowed */
	/* Takes new settings into use. What it makes of them may stand in the
	   arena until the settings after the next are there. On failure the
	   old ones stay. */
	enum err (*apply)(void *context, const struct config *config,
		struct arena *arena, struct report *report);
	void *context;
};

/* Applies what is in force now. */
MUST_CHECK enum err live_open(struct arena *arena,
	const struct live_options *options, struct report *report,
	struct live **out);
void live_close(struct live **live);
/* Between requests only. *changed: an admin changed some, and they are in
   force now. A failure leaves the old ones in force. */
MUST_CHECK enum err live_refresh(struct live *live, int64_t now, bool *changed);
/* For the handlers of /admin/settings. */
const struct system_settings *live_system(const struct live *live);

#endif
