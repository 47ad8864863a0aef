/*
 * From a credential to a scope: accounts, passwords, sessions, tokens, API
 * keys. The tokens' truth lives in the database: each request reads its
 * session, the user's state and the blacklist in one indexed look-up, so
 * logout works at once in every worker and after a crash.
 */
#ifndef AUTH_AUTH_H
#define AUTH_AUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "err.h"
#include "report.h"
#include "shape.h"
#include "scope.h"

struct audit;
struct db;
struct metrics;
struct store;
struct auth; /* keys, settings, database connection of this process */

struct auth_settings {
	const char *key_folder;	     /* token.keys, hash.keys: 0600 */
	const char *issuer;	     /* "iss" of tokens */
	const char *audience;	     /* "aud" of tokens */
	int64_t access_ttl_s;	     /* 1800 */
	int64_t refresh_ttl_s;	     /* 604800, absolute, never extended */
	int64_t session_idle_s;	     /* ends a session unused for so long */
	int64_t refresh_grace_s;     /* 10 */
	int64_t reauth_window_s;     /* 900: how long a password counts fresh */
	int64_t setup_ttl_s;	     /* 900: life of the first-admin link */
	int64_t login_free_failures; /* 5: before delays begin */
	int64_t login_delay_cap_s;   /* 900: longest delay */
	int64_t argon2_ops;	     /* t, >= 2 */
	int64_t argon2_kib;	     /* m, >= 19456 */
	int64_t sessions_per_user;   /* oldest ended beyond it */
	int64_t api_keys_per_user;
	bool registration_open;
	/* Passwords tried for one account within a window, from sources it
	   never signed in from, all together; each known source has as many
	   of its own. 0: not counted. */
	int64_t account_limit, account_window_s;
	/* Hashes at once in all processes of this machine; 0: one a core. */
	int64_t hashes_at_once;
	const char *run_folder; /* holds the slots of that; NULL: no cap */
	/* Signs access tokens instead of token.keys; NULL: those. At least 32
	   bytes, not weak. */
	const char *jwt_secret;
	/* borrowed; each may be NULL */
	struct audit *audit;
	struct store *store;
	struct metrics *metrics;
};

/* Everything about who is calling and when; one per request. */
struct auth_call {
	struct arena *arena;
	struct report *report;
	int64_t now;		/* ms */
	const char *address;	/* client address, text */
	const char *user_agent; /* may be NULL; cut to 200 characters */
	const char *request_id; /* for the audit, or NULL */
};

enum auth_role {
	AUTH_ROLE_USER,
	AUTH_ROLE_ADMIN
};

struct identity {
	const char *user_id;
	const char *username;
	enum auth_role role;
	const char *session_id;	 /* NULL for an API key */
	const char *api_key_id;	 /* NULL for a session */
	const char *jti;	 /* of the access token */
	int64_t token_expires;	 /* ms */
	int64_t password_at;	 /* when this session last gave a password */
	struct text_list scopes; /* empty: all of the role's */
	bool by_cookie;		 /* writes need auth_csrf_check() */
};

MUST_CHECK enum err auth_open(struct arena *arena, struct db *db,
	const struct auth_settings *settings, struct report *report,
	struct auth **out);
void auth_close(struct auth **auth);
/* Takes over what may change at run time: who may register, how many
   sessions and keys a user may have, how many tries an account gets. */
void auth_change(struct auth *auth, const struct auth_settings *settings);
/* Makes token.keys and hash.keys when they are not there. */
MUST_CHECK enum err auth_keys_create(
	struct arena *arena, const char *folder, int64_t now_ms);
/* A new signing key; the old one verifies until its last token expires. */
MUST_CHECK enum err auth_keys_rotate(struct arena *arena, const char *folder,
	int64_t now_ms, int64_t access_ttl_s);
struct auth_key_info {
	const char *purpose; /* "token" | "hash" */
	const char *id;
	const char *state; /* "active" | "retired" */
	int64_t created;
};
MUST_CHECK enum err auth_keys_list(struct arena *arena, const char *folder,
	struct auth_key_info **out, size_t *count);
/* When nothing was asked for a while: gives the memory of the last password
   hash back to the kernel, once it was unused for some seconds. */
void auth_idle(struct auth *auth);
/* ERR_UNAVAILABLE unless keys are there and the database answers. */
MUST_CHECK enum err auth_ready(struct auth *auth, int64_t now_ms);

/* What a caller shows: exactly one of the two. */
struct credential {
	const char *bearer; /* access token, or NULL */
	size_t bearer_len;
	const char *api_key; /* or NULL */
	bool cookie;	     /* the bearer came in the browser's cookie */
};
/*
 * ERR_TOKEN_INVALID, ERR_TOKEN_REVOKED, or ERR_UNAVAILABLE (never a pass)
 * when the database fails. ERR_BAD_REQUEST for both credentials at once,
 * ERR_NO_CREDENTIALS for none.
 */
MUST_CHECK enum err auth_identify(struct auth *auth,
	const struct auth_call *call, const struct credential *credential,
	struct identity *out);
/*
 * The token that a browser session's writes carry in X-CSRF-Token: random,
 * and a keyed hash over it and the session's id. Good as long as the session
 * and the key in hash.keys; no other session's is.
 */
MUST_CHECK enum err auth_csrf_make(struct auth *auth,
	const struct auth_call *call, const char *session_id, const char **out);
/* ERR_OK, ERR_CSRF (token NULL, broken, another session's),
   or ERR_UNAVAILABLE without keys. */
MUST_CHECK enum err auth_csrf_check(struct auth *auth, int64_t now_ms,
	const char *session_id, const char *token);
/* May this identity do that ("strategies:write")? "x:write" includes
   "x:read". */
bool auth_permits(const struct identity *identity, const char *permission);
/* Did this session give its password within the window? API keys: never. */
bool auth_is_fresh(const struct auth *auth, const struct identity *identity,
	int64_t now_ms);
struct scope *auth_scope(struct auth *auth, const struct auth_call *call,
	const struct identity *identity);
/* NULL unless the identity is an admin. */
struct admin_scope *auth_admin_scope(struct auth *auth,
	const struct auth_call *call, const struct identity *identity);
/* The owner of a run (domain/runs.h) that this process has a slice of: the
   lease in the database says whose it is, so nobody's rows are reached without
   one. ERR_CONFLICT when there is no such lease any more. lease: its owner's
   name. */
struct auth_lease {
	struct arena *arena;
	struct report *report;
	int64_t now;
	const char *run_id, *lease;
};
MUST_CHECK enum err auth_lease_scope(
	struct db *db, const struct auth_lease *lease, struct scope **out);
/* The local operator (command line): whoever may read the database file. */
struct admin_scope *auth_operator_scope(struct db *db, struct arena *arena,
	struct report *report, int64_t now_ms);
/* The permissions that API keys may carry, NULL-terminated. */
extern const char *const auth_permissions[];

#endif
