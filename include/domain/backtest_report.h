/*
 * The long report on a backtest as JSON: the `report` beside its `stats`.
 */
#ifndef DOMAIN_BACKTEST_REPORT_H
#define DOMAIN_BACKTEST_REPORT_H

#include "shape.h"
#include "stats_report.h"

/* Bounded by the report's own lists: below 256 KiB. */
struct raw_json backtest_report_json(
	struct arena *arena, const struct stats_report *report);

#endif
