/*
 * The one way in which a password is compared, for logins and for those who
 * are signed in and must give it again. Unknown, wrong and disabled take the
 * same path and the same time; a wait or an over-long password costs no hash.
 */
#include "auth_private.h"

#include "login_delay_private.h"

static enum err clear(struct auth *auth, const struct login_attempt *attempt)
{
	enum err err = db_begin(auth->db);

	if (err != ERR_OK)
		return err;
	return db_finish(auth->db, login_clear(auth, attempt));
}

enum err password_guarded(struct auth *auth, const struct auth_call *call,
	const struct password_claim *claim, bool *match)
{
	const struct user_row *user = claim->user;
	struct login_attempt attempt;
	bool same = false;
	enum err err = login_charge(auth, call, claim->username, &attempt);

	if (err != ERR_OK)
		return err;
	err = password_verify(claim->password,
		user ? user->password_hash : auth->dummy_hash, &same);
	if (err != ERR_OK) {
		login_refund(auth, &attempt);
		return err;
	}
	same = same && user && !user->disabled;
	if (same)
		err = clear(auth, &attempt);
	if (err == ERR_OK)
		*match = same;
	return err;
}
