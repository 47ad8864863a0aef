/* The figures: /metrics for Prometheus, /metrics/system for everybody. */
#ifndef API_METRICS_API_H
#define API_METRICS_API_H

#include "route.h"

/* What the API says of itself in public: no versions, no traffic. */
struct system_figures {
	int64_t uptime_s;     /* of the longest-lived worker */
	int64_t api_workers;  /* living */
	int64_t auth_workers; /* the same */
};
extern const struct shape system_figures_shape;

/* The type of what handle_metrics writes. */
#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

route_public handle_metrics;	    /* raw text */
route_public handle_metrics_system; /* -> system_figures */

#endif
