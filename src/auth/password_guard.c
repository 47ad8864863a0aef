/*
 * The one way in which a password is compared, for logins and for those who
 * are signed in and must give it again. Unknown, wrong and disabled take the
 * same path and the same time. In this order: the wait after failures, a
 * free slot, the account's window, the charge, the hash. Whoever is refused
 * costs no hash.
 */
#include "auth_private.h"

#include "login_delay_private.h"
#include "login_window_private.h"

enum {
	BUSY_RETRY_S = 1
};

static enum err slot_take(
	struct auth *auth, const struct auth_call *call, int64_t *slot)
{
	enum err err = hash_slot_take(&auth->slots, slot);

	if (err == ERR_OK)
		return err;
	call->report->retry_after_s = BUSY_RETRY_S;
	report_detail(call->report,
		"Too many passwords are being checked. Try again.");
	report_event(call->report, "auth.hash.busy");
	return err;
}

enum err password_make(struct auth *auth, const struct auth_call *call,
	const char *password, char out[PASSWORD_HASH_ROOM])
{
	int64_t slot;
	enum err err = slot_take(auth, call, &slot);

	if (err != ERR_OK)
		return err;
	err = password_hash(password, auth->settings.argon2_ops,
		auth->settings.argon2_kib, out);
	hash_slot_give(&auth->slots, slot);
	return err;
}

static enum err clear(struct auth *auth, const struct login_attempt *attempt)
{
	enum err err = db_begin(auth->db);

	if (err != ERR_OK)
		return err;
	return db_finish(auth->db, login_clear(auth, attempt));
}

/* In a slot. */
static enum err judge(struct auth *auth, const struct auth_call *call,
	const struct password_claim *claim, const struct login_attempt *attempt,
	bool *match)
{
	const struct user_row *user = claim->user;
	bool same = false;
	enum err err = login_window_take(auth, call, user, attempt);

	if (err == ERR_OK)
		err = login_charge(auth, call, attempt);
	if (err != ERR_OK)
		return err;
	err = password_verify(claim->password,
		user ? user->password_hash : auth->dummy_hash, &same);
	if (err != ERR_OK) {
		login_refund(auth, attempt);
		return err;
	}
	*match = same && user && !user->disabled;
	return ERR_OK;
}

static enum err guarded(struct auth *auth, const struct auth_call *call,
	const struct password_claim *claim, bool *match)
{
	struct login_attempt attempt;
	bool same = false;
	int64_t slot;
	enum err err =
		login_attempt_check(auth, call, claim->username, &attempt);

	if (err == ERR_OK)
		err = slot_take(auth, call, &slot);
	if (err != ERR_OK)
		return err;
	err = judge(auth, call, claim, &attempt, &same);
	hash_slot_give(&auth->slots, slot);
	if (err == ERR_OK && same)
		err = clear(auth, &attempt);
	if (err == ERR_OK)
		*match = same;
	return err;
}

enum err password_guarded(struct auth *auth, const struct auth_call *call,
	const struct password_claim *claim, bool *match)
{
	enum err err = guarded(auth, call, claim, match);

	if (err == ERR_RATE_LIMITED)
		count_attempt(auth, ATTEMPT_LIMITED);
	return err;
}
