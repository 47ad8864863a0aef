/*
 * New accounts: by people themselves when registration is open, by the
 * operator, and the first admin by a one-time link. The role never comes
 * from the input.
 */
#include "auth_private.h"

#include "login_delay_private.h"
#include "secret.h"

static enum err name_check(struct auth *auth, const struct auth_call *call,
	const struct user_new *in)
{
	struct user_row there;
	bool taken;
	enum err err =
		user_by_name(auth, call->arena, in->username, &there, &taken);

	if (err != ERR_OK)
		return err;
	if (!taken)
		return ERR_OK;
	report_detail(call->report, "This user name is taken.");
	return ERR_CONFLICT;
}

enum err account_add(struct auth *auth, const struct auth_call *call,
	const struct user_new *in, enum auth_role role, struct user_view *out)
{
	char hash[PASSWORD_HASH_ROOM];
	enum err err = call_check(call);

	if (err == ERR_OK)
		err = user_check(call, in);
	/* before the hash is paid for; the unique key decides in the end */
	if (err == ERR_OK)
		err = name_check(auth, call, in);
	if (err == ERR_OK)
		err = password_hash(in->password, auth->settings.argon2_ops,
			auth->settings.argon2_kib, hash);
	if (err != ERR_OK)
		return err;
	err = user_insert(auth, call,
		&(const struct user_insertion){
			.in = in, .role = role, .password_hash = hash},
		out);
	secret_wipe(hash, sizeof(hash));
	if (err == ERR_OK)
		report_event(call->report, "auth.user.created");
	return err;
}

enum err account_register(struct auth *auth, const struct auth_call *call,
	const struct user_new *in, struct user_view *out)
{
	enum err err;

	if (!auth->settings.registration_open) {
		report_detail(call->report, "Registration is closed.");
		return ERR_INSUFFICIENT_SCOPE;
	}
	err = call_check(call);
	/* before anything is looked up or hashed, and never paid back: each
	   account costs a row, each taken name is an answer */
	if (err == ERR_OK)
		err = registration_charge(auth, call);
	if (err != ERR_OK)
		return err;
	return account_add(auth, call, in, AUTH_ROLE_USER, out);
}
