/* What the exchange said of a user's stored keys, as `kontor work` left it. */
#ifndef DOMAIN_KEY_STATE_H
#define DOMAIN_KEY_STATE_H

#include "scope.h"
#include "shape.h"

enum key_state {
	KEY_MISSING, /* not both of the pair are stored */
	KEY_UNCHECKED,
	KEY_USABLE,
	KEY_REFUSED
};
extern const char *const key_states[]; /* by the enum; NULL-terminated */

struct key_view {
	const char *state;
	/* why it is not used: a slug, and words; or NULL */
	const char *reason, *detail;
	bool rights_known; /* a test net does not tell; false: the next three
			      say nothing */
	bool can_trade, can_withdraw, bound_to_address;
	const struct timestamp *checked_at; /* NULL: missing, unchecked */
};

MUST_CHECK enum err key_state_read(struct scope *scope, struct key_view *out);

#endif
