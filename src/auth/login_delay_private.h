/*
 * Guessing gets slower: failures are counted per account name and source,
 * and per source; after the free ones each costs a wait that doubles. Names
 * that do not exist count alike. The owner of an account comes in from
 * another source whatever a stranger does from his: for that reason nothing
 * is counted per account over all sources, where a stranger who knows a name
 * could lock its owner out. What many sources together may guess is bounded
 * by the password policy and the cost of the hash instead.
 *
 * An attempt is charged before its password is looked at and paid back when
 * it was right, so that parallel attempts cannot outrun the counter.
 */
#ifndef AUTH_LOGIN_DELAY_PRIVATE_H
#define AUTH_LOGIN_DELAY_PRIVATE_H

#include "auth_private.h"

struct login_attempt {
	unsigned char account[HASH_BYTES]; /* keyed hash of the folded name */
	unsigned char anyone[HASH_BYTES];  /* the source's own counter */
	const char *source;		   /* address; of IPv6 its /64 */
};

extern const char login_limited_event[], login_limited_detail[];

/* What counts as one source: an address, of IPv6 the network of 64 bits. */
const char *login_source(struct arena *arena, const char *address);
/* ERR_RATE_LIMITED with retry_after while the wait lasts. Charges nothing:
   a flood that is being refused must not keep others from writing. */
MUST_CHECK enum err login_attempt_check(struct auth *auth,
	const struct auth_call *call, const char *username,
	struct login_attempt *out);
/* Looks again, under the write lock: others were charging meanwhile. */
MUST_CHECK enum err login_charge(struct auth *auth,
	const struct auth_call *call, const struct login_attempt *attempt);
/* It was right: the account's counter goes, the source's is paid back. */
MUST_CHECK enum err login_clear(
	struct auth *auth, const struct login_attempt *attempt);
/* It was never judged (no memory): both are paid back. */
void login_refund(struct auth *auth, const struct login_attempt *attempt);
/* Failures older than this say nothing any more. */
int64_t login_forget_ms(const struct auth_settings *settings);

#endif
