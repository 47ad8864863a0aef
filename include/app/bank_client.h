/*
 * Plaid's API (docs: Link token, Item and Accounts endpoints, version
 * 2020-09-14) over outbound.h. Only `kontor work` links this.
 */
#ifndef APP_BANK_CLIENT_H
#define APP_BANK_CLIENT_H

#include "bank.h"
#include "config.h"
#include "json.h"
#include "outbound.h"

struct bank_client {
	struct arena *arena;
	struct report *report;
	const struct config *config;
	struct outbound *outbound;
	struct outbound_base base;
};

/* ERR_BAD_INPUT: PLAID_URL is none of Plaid's; the report says so. */
MUST_CHECK enum err bank_client_open(struct arena *arena,
	const struct config *config, struct report *report,
	struct bank_client *out);
void bank_client_close(struct bank_client *client);

/*
 * All of them: ERR_CONFLICT when Plaid said no, *code is then its error_code;
 * ERR_UNAVAILABLE when no answer came that can be read. The report says which
 * in a sentence for the user. Texts are copied into the arena.
 */
MUST_CHECK enum err bank_client_link_token(struct bank_client *client,
	const char *user_id, const char **token, const char **expiration);
MUST_CHECK enum err bank_client_exchange(struct bank_client *client,
	const char *public_token, const char **access_token,
	const char **item_id);
MUST_CHECK enum err bank_client_accounts(struct bank_client *client,
	const char *access_token, struct list *out /* bank_account */,
	const char **code);
MUST_CHECK enum err bank_client_remove(struct bank_client *client,
	const char *access_token, const char **code);

#endif
