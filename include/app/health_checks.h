/*
 * What /health asks of the parts that the layers below it cannot see, and
 * the gauges that are looked up when somebody reads them.
 */
#ifndef APP_HEALTH_CHECKS_H
#define APP_HEALTH_CHECKS_H

#include "config.h"
#include "health.h"
#include "open.h"

struct health_parts {
	const struct shared *shared;
	int64_t work_late_ms; /* a beat older than this is late */
	struct health_checks checks;
};

/* Fills parts, which lives as long as its checks and points to shared. */
void health_parts_init(struct health_parts *parts, const struct config *config,
	const struct shared *shared);

#endif
