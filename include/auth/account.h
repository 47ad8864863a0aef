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
	bool cookie; /* tokens as cookies, and a CSRF token in the answer */
};
struct token_pair {
	const char *access_token;
	const char *refresh_token;
	const char *csrf_token;	    /* of a browser session, else NULL */
	const char *token_type;	    /* "bearer" | "cookie" */
	int64_t expires_in;	    /* s */
	int64_t refresh_expires_in; /* s */
};
struct cookie_refresh {
	const char *refresh_token; /* the cookie's */
	const char *csrf_token;	   /* X-CSRF-Token as sent, or NULL */
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
	const char *csrf_token; /* of a browser session, else NULL */
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
   closed. How many a source may make is the gate's rule "register". */
MUST_CHECK enum err account_register(struct auth *auth,
	const struct auth_call *call, const struct user_new *in,
	struct user_view *out);
/* ERR_BAD_CREDENTIALS alike for unknown, wrong, disabled;
   ERR_RATE_LIMITED with a delay per account and source, and beyond the
   account's window. With .cookie the pair has a csrf_token, and the caller
   puts the other two into cookies, never into the body. */
MUST_CHECK enum err account_login(struct auth *auth,
	const struct auth_call *call, const struct login *in,
	struct token_pair *out);
/* Each token once. The one before, within the grace: the same pair again.
   Any older one: ERR_TOKEN_REVOKED, and the whole session has ended.
   ERR_RATE_LIMITED beyond ten rotations a minute: the token stays good. */
MUST_CHECK enum err account_refresh(struct auth *auth,
	const struct auth_call *call, const char *refresh_token,
	struct token_pair *out);
/* The same for a browser session: ERR_CSRF, and nothing happens, unless the CSRF token is that session's. */
MUST_CHECK enum err account_refresh_cookie(struct auth *auth,
	const struct auth_call *call, const struct cookie_refresh *in,
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

/*
 * Acts on other people's accounts: an admin's by id, the operator's (command
 * line) by name. The scope says who acts, and that he may. A password set, a
 * role, disabling and ending sessions end all sessions and API keys of the
 * user, in one transaction. ERR_NOT_FOUND for nobody; ERR_CONFLICT when the
 * last enabled admin would be disabled, lowered or removed, or when an admin
 * would disable, lower or remove himself.
 */
struct account_row {
	const char *id, *username, *role;
	const char *email; /* or NULL */
	bool disabled;
	struct timestamp created_at;
	const struct timestamp *last_login_at; /* NULL: never */
	int64_t sessions;		       /* that are live */
};
struct account_query {
	int64_t limit;	    /* rows, at least 1 */
	const char *cursor; /* .next of the page before, or NULL */
	/* each NULL: all of them */
	const char *role;  /* "admin" | "user" */
	const char *state; /* "enabled" | "disabled" */
	const char *name;  /* what the user name begins with, any case */
};
struct account_page {
	struct list rows; /* account_row, by name */
	const char *next; /* NULL: the last page */
};
MUST_CHECK enum err account_list(struct auth *auth,
	const struct auth_call *call, const struct account_query *query,
	struct account_page *out);
MUST_CHECK enum err account_get_by_id(struct auth *auth,
	const struct auth_call *call, const char *user_id,
	struct account_row *out);
struct account_new {
	struct user_new user;
	enum auth_role role;
};
MUST_CHECK enum err account_add(struct auth *auth, const struct auth_call *call,
	struct admin_scope *admin, const struct account_new *in,
	struct user_view *out);
MUST_CHECK enum err account_set_disabled_by_id(struct auth *auth,
	const struct auth_call *call, struct admin_scope *admin,
	const char *user_id, bool disabled);
MUST_CHECK enum err account_set_role_by_id(struct auth *auth,
	const struct auth_call *call, struct admin_scope *admin,
	const char *user_id, enum auth_role role);
MUST_CHECK enum err account_sessions_of(struct auth *auth,
	const struct auth_call *call, const char *user_id,
	struct list *out /* session_view */);
MUST_CHECK enum err account_end_sessions_of(struct auth *auth,
	const struct auth_call *call, struct admin_scope *admin,
	const char *user_id);
/* The row goes, and with it all that the user owned; the audit stays. */
MUST_CHECK enum err account_remove(struct auth *auth,
	const struct auth_call *call, struct admin_scope *admin,
	const char *user_id);

/* By name, for the command line: ERR_NOT_FOUND for nobody. */
MUST_CHECK enum err account_id(struct auth *auth, const struct auth_call *call,
	const char *username, const char **id);
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
/* Drops expired tokens, sessions, set-up links, sessions that ended a day
   ago, and old login failures. */
MUST_CHECK enum err account_clean(
	struct auth *auth, const struct auth_call *call, int64_t *removed);

#endif
