/*
 * Exchanges as `kontor work` has them open: one a user with keys, opened when
 * it is needed and closed when the keys change, the user is disabled, or too
 * many are open. The symbols' rules are the same for all users.
 */
#ifndef APP_WORK_VENUES_H
#define APP_WORK_VENUES_H

#include "venue.h"
#include "work.h"

struct work_venue {
	struct venue *venue;
	int64_t secrets_at;   /* of the keys that it was opened with */
	bool checked, usable; /* what the exchange said of those keys */
};

/* scope: of its user. ERR_NOT_FOUND: there are no keys, or the user is
   disabled; ERR_BAD_INPUT: they do not open, or are no keys, the scope's
   report says which; ERR_UNAVAILABLE: the vault's keys are not there. */
MUST_CHECK enum err work_venue(
	struct work *work, struct scope *scope, struct work_venue *out);
/* Of a symbol, not older than an hour; *out lives until the next call. */
MUST_CHECK struct venue_outcome work_venue_symbol(struct work *work,
	struct venue *venue, struct arena *arena, const char *symbol,
	const struct venue_symbol **out);
/* No request leaves after that time, whenever this process goes on; 0: no
   such end. So what was found 'sending' cannot be sent later. */
void work_venues_until(struct work *work, int64_t not_after_ms);
/* Not to be tried before that time (0: at once), and whether it may be. */
void work_venues_later(struct work *work, const char *user_id, int64_t at_ms);
bool work_venues_may(struct work *work, const char *user_id, int64_t now_ms);
/* Closes those whose keys changed or whose user was disabled. */
void work_venues_prune(struct work *work);
void work_venues_close(struct work *work);

#endif
