/* Is it alive, is it ready: /health, /health/live, /health/ready. */
#ifndef API_HEALTH_H
#define API_HEALTH_H

#include "route.h"

struct health {
	const char *status; /* "ok"; anything else is a 503 problem */
	int64_t uptime_s;   /* of this worker */
};

extern const struct shape health_shape;

route_public handle_health;	  /* -> health; as ready */
route_public handle_health_live;  /* -> health; no I/O */
route_public handle_health_ready; /* -> health; database and keys */

#endif
