/*
 * What the files of this layer share: outcomes, and lists read from answers
 * without letting a stranger choose how much memory they take.
 */
#ifndef VENUE_VENUE_PRIVATE_H
#define VENUE_VENUE_PRIVATE_H

#include "venue.h"

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
