/*
 * Trailing stops for an exchange that has none: watched here, on each fresh
 * quote, and sent as market orders when their level is reached. Killed at any
 * point: the level stands in the order's row, and reaching it and the row of
 * the outbox that lets it leave are one transaction.
 */
#ifndef DOMAIN_LIVE_WATCH_H
#define DOMAIN_LIVE_WATCH_H

#include "paper_runner.h"

/* The quote of now to those of a book and symbol, as paper_watch_plan() named
   them; moved: how many are to be sent. scope: of its user. */
MUST_CHECK enum err live_watch_advance(struct scope *scope,
	const struct limits *limits, struct paper_due *due);

#endif
