/*
 * What people do with their account. Inputs and outputs are the structs of
 * the API; their shapes stand in api/auth.c. Strings in inputs are valid
 * UTF-8 within the shape's limits.
 */
#ifndef AUTH_ACCOUNT_H
#define AUTH_ACCOUNT_H

#include "auth.h"

struct user_new {
	const char *username; /* 3..32 of a-z 0-9 . _ -, any case; unique
				 without regard to case */
	const char *password; /* 1..1024 bytes; the policy decides */
	const char *email;    /* or NULL */
};
struct user_view {
	const char *id;
	const char *username;
	const char *role; /* "admin" | "user" */
};
struct login {
	const char *username;
	const char *password;
};
struct token_pair {
	const char *access_token;
	const char *refresh_token;
	const char *token_type;	    /* "bearer" */
	int64_t expires_in;	    /* s */
	int64_t refresh_expires_in; /* s */
};
struct setup {
	const char *token;
	const char *username;
	const char *password;
};
struct password_change {
	const char *current_password;
	const char *new_password;
};
struct me {
	const char *id, *username, *role;
	const char *email; /* or NULL */
	struct text_list scopes;
	const char *session_id; /* or NULL */
	struct timestamp created_at;
};
struct session_view {
	const char *id;
	const char *address;
	const char *user_agent; /* or NULL */
	struct timestamp created_at, last_seen_at, expires_at;
	bool current;
};
struct api_key_new {
	const char *name;
	struct text_list scopes;	    /* at least one */
	const struct timestamp *expires_at; /* or NULL */
};
struct api_key_view {
	const char *id, *name, *hint;
	struct text_list scopes;
	struct timestamp created_at;
	const struct timestamp *expires_at, *last_used_at;
};
struct api_key_created {
	struct api_key_view view;
	const char *secret; /* whole, shown this once: kontor_<id>.<random> */
};

/* ERR_CONFLICT taken; ERR_BAD_INPUT with every rule that name, e-mail
   address and password break; ERR_INSUFFICIENT_SCOPE when registration is
   closed; ERR_RATE_LIMITED with a delay per source, whatever comes of it. */
MUST_CHECK enum err account_register(struct auth *auth,
	const struct auth_call *call, const struct user_new *in,
	struct user_view *out);
/* ERR_BAD_CREDENTIALS alike for unknown, wrong, disabled;
   ERR_RATE_LIMITED with a delay per account and source. */
MUST_CHECK enum err account_login(struct auth *auth,
	const struct auth_call *call, const struct login *in,
	struct token_pair *out);
/* Each token once. The one before, within the grace: the same pair again.
   Any older one: ERR_TOKEN_REVOKED, and the whole session has ended.
   ERR_RATE_LIMITED beyond ten rotations a minute: the token stays good. */
MUST_CHECK enum err account_refresh(struct auth *auth,
	const struct auth_call *call, const char *refresh_token,
	struct token_pair *out);
/* The session, its refresh token and this access token are dead when this
   returns. What follows, up to API keys, is for sessions only: an API key
   gets ERR_INSUFFICIENT_SCOPE (account_me and account_sessions take it). */
MUST_CHECK enum err account_logout(struct auth *auth,
	const struct auth_call *call, const struct identity *who);
MUST_CHECK enum err account_logout_all(struct auth *auth,
	const struct auth_call *call, const struct identity *who);
/* ERR_BAD_CREDENTIALS when current_password is wrong, ERR_RATE_LIMITED as at
   login; faults at /new_password. The other sessions and all API keys of
   the user end: whoever knew the old password may have made them. */
MUST_CHECK enum err account_change_password(struct auth *auth,
	const struct auth_call *call, const struct identity *who,
	const struct password_change *in);
/* Gives the password again: the session counts as fresh from now. */
MUST_CHECK enum err account_reauthenticate(struct auth *auth,
	const struct auth_call *call, const struct identity *who,
	const char *password);
MUST_CHECK enum err account_me(struct auth *auth, const struct auth_call *call,
	const struct identity *who, struct me *out);
MUST_CHECK enum err account_sessions(struct auth *auth,
	const struct auth_call *call, const struct identity *who,
	struct list *out /* session_view */);
/* ERR_NOT_FOUND unless it is a live session of this user. */
MUST_CHECK enum err account_session_end(struct auth *auth,
	const struct auth_call *call, const struct identity *who,
	const char *session_id);

/* Keys end with their expiry, api_key_remove, a changed password and the
   operator's acts; a logout leaves them.
   Scopes must be permissions that `who` has. ERR_CONFLICT when there are as
   many keys as allowed. Making and removing is for sessions only. */
MUST_CHECK enum err api_key_create(struct auth *auth,
	const struct auth_call *call, const struct identity *who,
	const struct api_key_new *in, struct api_key_created *out);
MUST_CHECK enum err api_key_list(struct auth *auth,
	const struct auth_call *call, const struct identity *who,
	struct list *out /* api_key_view */);
MUST_CHECK enum err api_key_remove(struct auth *auth,
	const struct auth_call *call, const struct identity *who,
	const char *key_id);

/* The first admin: a one-time token (only its hash is kept), the newest one
   only. ERR_CONFLICT when there is an admin already. */
MUST_CHECK enum err setup_token_create(
	struct auth *auth, const struct auth_call *call, const char **token);
MUST_CHECK enum err setup_needed(
	struct auth *auth, struct arena *arena, bool *needed);
/* ERR_TOKEN_INVALID unless it is the token, in time. A refused name or
   password does not use it up. */
MUST_CHECK enum err account_setup(struct auth *auth,
	const struct auth_call *call, const struct setup *in,
	struct user_view *out);

/* The operator's (CLI) acts. A password set, a role, disabling and ending
   sessions end all sessions and API keys of the user, in one transaction.
   ERR_NOT_FOUND for an unknown name; ERR_CONFLICT when the last enabled
   admin would be disabled or lowered. */
MUST_CHECK enum err account_add(struct auth *auth, const struct auth_call *call,
	const struct user_new *in, enum auth_role role, struct user_view *out);
MUST_CHECK enum err account_set_password(struct auth *auth,
	const struct auth_call *call, const char *username,
	const char *password);
MUST_CHECK enum err account_set_disabled(struct auth *auth,
	const struct auth_call *call, const char *username, bool disabled);
MUST_CHECK enum err account_set_role(struct auth *auth,
	const struct auth_call *call, const char *username,
	enum auth_role role);
/* username NULL: everybody. */
MUST_CHECK enum err account_end_sessions(
	struct auth *auth, const struct auth_call *call, const char *username);
/* His API keys alone. */
MUST_CHECK enum err account_revoke_keys(
	struct auth *auth, const struct auth_call *call, const char *username);
struct account_row {
	const char *id, *username, *role;
	bool disabled;
	int64_t created, last_login; /* 0: never */
};
MUST_CHECK enum err account_list(struct auth *auth,
	const struct auth_call *call, struct account_row **out, size_t *count);
/* Drops expired tokens, sessions, set-up links, sessions that ended a day
   ago, and old login failures. */
MUST_CHECK enum err account_clean(
	struct auth *auth, const struct auth_call *call, int64_t *removed);

#endif
