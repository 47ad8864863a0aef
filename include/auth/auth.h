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

struct db;
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
	int64_t registrations_free;  /* 10 a source, before delays begin */
	int64_t argon2_ops;	     /* t, >= 2 */
	int64_t argon2_kib;	     /* m, >= 19456 */
	int64_t sessions_per_user;   /* oldest ended beyond it */
	int64_t api_keys_per_user;
	bool registration_open;
};

/* Everything about who is calling and when; one per request. */
struct auth_call {
	struct arena *arena;
	struct report *report;
	int64_t now;		/* ms */
	const char *address;	/* client address, text */
	const char *user_agent; /* may be NULL; cut to 200 characters */
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
};

MUST_CHECK enum err auth_open(struct arena *arena, struct db *db,
	const struct auth_settings *settings, struct report *report,
	struct auth **out);
void auth_close(struct auth **auth);
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
/* ERR_UNAVAILABLE unless keys are there and the database answers. */
MUST_CHECK enum err auth_ready(struct auth *auth, int64_t now_ms);

/* What a caller shows: exactly one of the two. */
struct credential {
	const char *bearer; /* access token, or NULL */
	size_t bearer_len;
	const char *api_key; /* or NULL */
};
/*
 * ERR_TOKEN_INVALID, ERR_TOKEN_REVOKED, or ERR_UNAVAILABLE (never a pass)
 * when the database fails. ERR_BAD_REQUEST for both credentials at once,
 * ERR_NO_CREDENTIALS for none.
 */
MUST_CHECK enum err auth_identify(struct auth *auth,
	const struct auth_call *call, const struct credential *credential,
	struct identity *out);
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
/* The local operator (command line): whoever may read the database file. */
struct admin_scope *auth_operator_scope(struct db *db, struct arena *arena,
	struct report *report, int64_t now_ms);
/* The permissions that API keys may carry, NULL-terminated. */
extern const char *const auth_permissions[];

#endif
