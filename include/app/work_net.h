/*
 * What the background process has of the outside: one connection and one
 * budget, which all of its venues share. Opened when it is first asked for; an
 * installation that names no source and has no exchange keys never does.
 */
#ifndef APP_WORK_NET_H
#define APP_WORK_NET_H

#include "err.h"
#include "governor.h"
#include "outbound.h"
#include "work.h"

struct work_net {
	struct arena *arena;
	struct outbound *outbound;
	struct governor *governor;
};

/* Until work_net_close, the same each time. ERR_UNAVAILABLE: libcurl does not
   start. */
MUST_CHECK enum err work_net(struct work *work, struct work_net **out);
void work_net_close(struct work *work);

#endif
