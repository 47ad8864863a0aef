/*
 * New accounts: by people themselves when registration is open, by the
 * operator, and the first admin by a one-time link. The role never comes
 * from the input.
 */
#include "auth_private.h"

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

/* In a transaction. */
static enum err user_write(struct auth *auth, const struct auth_call *call,
	const struct user_insertion *user, struct user_view *out)
{
	enum err err = actor_must_be_admin(auth, call, user->actor);

	return err == ERR_OK ? user_insert(auth, call, user, out) : err;
}

/* actor: NULL for people who register themselves. */
static enum err user_create(struct auth *auth, const struct auth_call *call,
	const struct account_new *in, const char *actor, struct user_view *out)
{
	char hash[PASSWORD_HASH_ROOM];
	struct user_view view;
	enum err err = user_check(call, &in->user);

	/* before the hash is paid for; the unique key decides in the end */
	if (err == ERR_OK)
		err = name_check(auth, call, &in->user);
	if (err == ERR_OK)
		err = password_make(auth, call, in->user.password, hash);
	if (err == ERR_OK)
		err = db_begin(auth->db);
	if (err != ERR_OK)
		return err;
	err = db_finish(auth->db,
		user_write(auth, call,
			&(const struct user_insertion){.in = &in->user,
				.role = in->role,
				.password_hash = hash,
				.actor = actor},
			&view));
	secret_wipe(hash, sizeof(hash));
	if (err != ERR_OK)
		return err;
	report_event(call->report, "auth.user.created");
	*out = view;
	return ERR_OK;
}

enum err account_add(struct auth *auth, const struct auth_call *call,
	struct admin_scope *admin, const struct account_new *in,
	struct user_view *out)
{
	enum err err = call_check(call);

	if (err != ERR_OK)
		return err;
	return user_create(auth, call, in, admin_actor(admin), out);
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
	/* how many a source may make is the gate's rule */
	if (err != ERR_OK)
		return err;
	return user_create(auth, call,
		&(const struct account_new){
			.user = *in, .role = AUTH_ROLE_USER},
		NULL, out);
}
