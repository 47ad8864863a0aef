/*
 * What the files of this layer share: outcomes, and lists read from answers
 * without letting a stranger choose how much memory they take.
 */
#ifndef VENUE_VENUE_PRIVATE_H
#define VENUE_VENUE_PRIVATE_H

#include "metrics.h"
#include "outbound.h"
#include "venue.h"

/* One request that was tried, for the figures. */
struct venue_note {
	enum metrics_venue venue;
	enum metrics_venue_kind kind;
	const struct outbound_answer *answer;
	const struct venue_outcome *outcome;
	int64_t us; /* from before it was sent until its answer was there */
};
void venue_note(struct metrics *metrics, const struct venue_note *note);

static inline struct venue_outcome venue_outcome_of(
	enum venue_result result, const char *rule, const char *text)
{
	return (struct venue_outcome){
		.result = result, .rule = rule, .text = text};
}

static inline struct venue_outcome venue_outcome_ok(void)
{
	return venue_outcome_of(VENUE_OK, "", "");
}

#endif
