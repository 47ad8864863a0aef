/*
 * Who has this data folder open. Everything that opens the database holds a
 * shared lock on DATA_FOLDER/run/in-use until it ends, a killed process
 * included; a restore wants it alone.
 */
#ifndef APP_IN_USE_H
#define APP_IN_USE_H

#include <stdbool.h>

#include "config.h"
#include "err.h"
#include "report.h"

/* Never waits. Held until the arena is closed. ERR_CONFLICT with a report:
   alone and others are there, or the folder is another user's; or a restore
   is going on. */
MUST_CHECK enum err in_use_hold(const struct config *config,
	struct arena *arena, struct report *report, bool alone);

#endif
