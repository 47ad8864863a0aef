/*
 * Linked banks: /plaid. Whatever talks to Plaid is an errand; the rest reads
 * what came of it. Without PLAID_CLIENT_ID all of it is 503.
 */
#ifndef API_BANK_API_H
#define API_BANK_API_H

#include "bank.h"
#include "route.h"

struct bank_exchange {
	const char *public_token, *institution;
};

extern const struct shape bank_exchange_shape;
extern const struct shape bank_accounts_shape;
extern const struct shape bank_links_shape;

route_user handle_bank_link_token; /* -> 202 errand_view */
route_user handle_bank_exchange;   /* bank_exchange -> 202 errand_view */
route_user handle_bank_refresh;	   /* -> 202 errand_view */
route_user handle_bank_unlink;	   /* by_id -> 202 errand_view */
route_user handle_bank_accounts;   /* -> bank_accounts */
route_user handle_bank_links;	   /* -> bank_links */

#endif
