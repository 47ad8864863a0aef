/*
 * The desk in figures for Prometheus: sums over all users, of which none tells
 * anything about one.
 */
#ifndef DOMAIN_DESK_FIGURES_H
#define DOMAIN_DESK_FIGURES_H

#include "orders.h"
#include "scope.h"

enum {
	DESK_VENUES = 2 /* of order_venues */
};
struct desk_figures {
	/* whole money; profit: above what the accounts began with */
	int64_t equity[DESK_VENUES], profit[DESK_VENUES];
	int64_t positions[DESK_VENUES];
	int64_t open[ORDER_STATE_COUNT];
	bool halted; /* by the stored setting */
};

/* Of the accounts' newest snapshots. */
MUST_CHECK enum err desk_figures_read(
	struct admin_scope *admin, struct desk_figures *out);

#endif
