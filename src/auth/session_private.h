/*
 * Sessions: one row a login. Refresh tokens are 32 random bytes, kept as a
 * keyed hash; what a rotation gave is sealed under a key from the old token,
 * so only who holds the old token can be told the same successor again.
 */
#ifndef AUTH_SESSION_PRIVATE_H
#define AUTH_SESSION_PRIVATE_H

#include "auth_private.h"
#include "id.h"

enum {
	REFRESH_BYTES = 32,
	REFRESH_CHARACTERS = 43,
	SUCCESSOR_ROOM = 128, /* bytes of a sealed successor */
	SEEN_EVERY_MS = MINUTE_MS,
	USER_AGENT_LIMIT = 200 /* characters */
};

/* All that a pair of tokens is made from: the same grant gives the same
   pair, byte for byte, as long as the signing key stays. */
struct grant {
	unsigned char refresh[REFRESH_BYTES];
	char jti[ID_LENGTH + 1];
	int64_t issued; /* s */
};

struct session_row {
	const char *user_id, *id;
	enum auth_role role; /* of the user */
	int64_t expires, last_seen;
	bool ended;
};

/* A fresh random grant. */
void grant_create(struct arena *arena, int64_t now_ms, struct grant *out);
MUST_CHECK enum err grant_hash(struct auth *auth, struct arena *arena,
	const struct grant *grant, unsigned char out[HASH_BYTES]);
/* Signs the access token and writes the pair. */
MUST_CHECK enum err grant_issue(struct auth *auth, const struct auth_call *call,
	const struct session_row *session, const struct grant *grant,
	struct token_pair *out);
/* Adds the CSRF token, and says that the tokens go into cookies. */
MUST_CHECK enum err pair_for_browser(struct auth *auth,
	const struct auth_call *call, const char *session_id,
	struct token_pair *pair);
/* Returns the length. old: the token that is rotated away. */
size_t grant_seal(const struct grant *grant, const char *session_id,
	const char *old, unsigned char out[SUCCESSOR_ROOM]);
MUST_CHECK bool grant_open(const void *sealed, size_t len,
	const char *session_id, const char *old, struct grant *out);

/* In a transaction: ends what is too many, then makes the row. ERR_CONFLICT
   when the user was disabled, or the password changed, meanwhile. */
MUST_CHECK enum err session_create(struct auth *auth,
	const struct auth_call *call, const struct user_row *user,
	const struct grant *grant, struct session_row *out);
bool session_is_live(const struct auth *auth, const struct session_row *session,
	int64_t now_ms);
/* ERR_NOT_FOUND unless that live session was the user's. */
MUST_CHECK enum err session_end(struct auth *auth, int64_t now_ms,
	const char *user_id, const char *session_id, const char *reason);
/* Whatever its state: for a session that must not go on. */
MUST_CHECK enum err session_end_any(struct auth *auth, int64_t now_ms,
	const struct session_row *session, const char *reason);
/* All of a user's but one (NULL: all). */
MUST_CHECK enum err sessions_end(struct auth *auth, int64_t now_ms,
	const char *user_id, const char *but, const char *reason);
/* The access token of this request is dead from now on. */
MUST_CHECK enum err token_revoke(
	struct auth *auth, int64_t now_ms, const struct identity *who);

#endif
