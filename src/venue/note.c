/*
 * What a request to a venue took and what went wrong, into the figures. Must
 * hold nothing of who asked, nor of what.
 */
#include "venue_private.h"

/* What it went wrong by; METRICS_VENUE_ERRORS: by nothing. */
static enum metrics_venue_error error_of(const struct venue_note *note)
{
	const struct outbound_answer *answer = note->answer;

	if (answer->sent != OUTBOUND_ANSWERED)
		return answer->timed_out ? METRICS_VENUE_TIMEOUT
					 : METRICS_VENUE_CONNECTION;
	if (answer->status == 418)
		return METRICS_VENUE_418;
	if (answer->status == 429)
		return METRICS_VENUE_429;
	if (answer->status >= 500)
		return METRICS_VENUE_5XX;
	if (note->outcome->result == VENUE_OK ||
		note->outcome->result == VENUE_NOT_FOUND)
		return METRICS_VENUE_ERRORS;
	if (answer->status >= 400)
		return note->outcome->result == VENUE_REFUSED &&
				       note->outcome->code
			       ? METRICS_VENUE_REFUSED
			       : METRICS_VENUE_4XX;
	return METRICS_VENUE_ANSWER;
}

void venue_note(struct metrics *metrics, const struct venue_note *note)
{
	const enum metrics_venue_error error = error_of(note);

	/* what never left says nothing of the venue's speed */
	if (note->answer->sent != OUTBOUND_NOT_SENT)
		metrics_observe_at(metrics, METRIC_VENUE_SECONDS, note->venue,
			note->kind, note->us);
	if (error != METRICS_VENUE_ERRORS)
		metrics_add(
			metrics, METRIC_VENUE_ERRORS, note->venue, error, 1);
}
