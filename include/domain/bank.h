/*
 * Bank accounts linked through Plaid: what is known of them. The talking is
 * the background process's (app/work_bank.c), as errands; here is what it
 * writes and users read. An access token is sealed and leaves no other trace.
 */
#ifndef DOMAIN_BANK_H
#define DOMAIN_BANK_H

#include "limits.h"
#include "scope.h"
#include "shape.h"

struct vault;

enum {
	BANK_ACCOUNTS_LIMIT = 100 /* of one link; more are left out */
};

struct bank_account {
	const char *account_id, *name, *mask, *type, *subtype, *currency;
	/* NULL: the bank does not say; mask, subtype and currency too */
	const struct decimal *available, *current;
};
struct bank_account_view {
	const char *link_id;
	const char *institution;	 /* or NULL */
	struct bank_account account;	 /* of this moment: */
	const struct timestamp *read_at; /* NULL: never */
};
struct bank_link_view {
	const char *id;
	const char *institution; /* or NULL */
	const char *error;	 /* why it could not be read last, or NULL */
	struct timestamp created_at;
	const struct timestamp *read_at;
};
struct bank_link_new {
	const char *item_id, *institution, *access_token;
};

/* The name of a link's access token among the user's secrets. */
const char *bank_secret_name(struct arena *arena, const char *link_id);

/* ERR_CONFLICT: the user has limits->bank_links. The same item again takes
   the new token, and keeps its id. */
MUST_CHECK enum err bank_link_put(struct scope *scope,
	const struct limits *limits, struct vault *vault,
	const struct bank_link_new *in, const char **id);
/* Whether there is room for one more; ERR_CONFLICT. */
MUST_CHECK enum err bank_link_room(
	struct scope *scope, const struct limits *limits);
/* Newest first. */
MUST_CHECK enum err bank_links(
	struct scope *scope, struct list *out /* bank_link_view */);
MUST_CHECK enum err bank_link_get(
	struct scope *scope, const char *id, struct bank_link_view *out);
/* With its accounts and its token. */
MUST_CHECK enum err bank_link_remove(struct scope *scope, const char *id);

/* All that the bank named, in place of what was there. */
MUST_CHECK enum err bank_accounts_put(struct scope *scope, const char *link_id,
	const struct bank_account *accounts, size_t count);
/* The accounts stay as they were read last. */
MUST_CHECK enum err bank_link_fail(
	struct scope *scope, const char *link_id, const char *error);
MUST_CHECK enum err bank_accounts(
	struct scope *scope, struct list *out /* bank_account_view */);

#endif
