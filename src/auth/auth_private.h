/*
 * What the files of this layer share: the open keys and settings, reading
 * one row, users, and the end of a transaction. Nothing here is for others.
 */
#ifndef AUTH_AUTH_PRIVATE_H
#define AUTH_AUTH_PRIVATE_H

#include "account.h"
#include "auth.h"
#include "db.h"
#include "hash_keys_private.h"
#include "password.h"
#include "token.h"

enum {
	MS = 1000,
	MINUTE_MS = 60 * MS,
	/* a request's time is that of its start: what another one wrote while
	   it waited may lie so far ahead */
	CLOCK_SLACK_MS = 10 * MS
};

struct auth {
	struct db *db; /* not owned */
	struct auth_settings settings;
	struct token_policy policy;
	struct token_keys *tokens;
	struct key_ring hashes;
	/* no password's hash: costs what a real one costs to verify */
	char dummy_hash[PASSWORD_HASH_ROOM];
};

struct user_row {
	const char *id, *username, *email, *password_hash;
	enum auth_role role;
	bool disabled;
	int64_t created;
};

/* ERR_UNAVAILABLE when the clock failed: no decision without a time. */
MUST_CHECK enum err call_check(const struct auth_call *call);

/* The first row: *rows stands on it, and rows_end() is the caller's; NULL
   when there is none. */
MUST_CHECK enum err db_first(struct db *db, struct arena *arena,
	const char *sql, const struct bind *binds, struct rows **rows);
/* Ends the transaction: commits when err is ERR_OK, else rolls back and
   returns err. */
MUST_CHECK enum err db_finish(struct db *db, enum err err);

/* Room for one element more: the array itself, or a copy twice as long. */
void *list_grow(struct arena *arena, void *items, size_t count, size_t *room,
	size_t size);

/* A to Z only: what else looks alike stays different. */
const char *username_fold(struct arena *arena, const char *username);
const char *role_name(enum auth_role role);
MUST_CHECK enum err user_by_name(struct auth *auth, struct arena *arena,
	const char *username, struct user_row *out, bool *found);
MUST_CHECK enum err user_by_id(struct auth *auth, struct arena *arena,
	const char *id, struct user_row *out, bool *found);
/* For the operator: ERR_NOT_FOUND says so in words. */
MUST_CHECK enum err user_must_exist(struct auth *auth,
	const struct auth_call *call, const char *username,
	struct user_row *out);
/* ERR_BAD_INPUT with every fault of name, password and e-mail address. */
MUST_CHECK enum err user_check(
	const struct auth_call *call, const struct user_new *in);
struct user_insertion {
	const struct user_new *in;
	enum auth_role role; /* never from the input */
	const char *password_hash;
};
/* ERR_CONFLICT when the name is taken. */
MUST_CHECK enum err user_insert(struct auth *auth, const struct auth_call *call,
	const struct user_insertion *user, struct user_view *out);
/* The role's permissions, or those of them in a space-separated list. */
struct text_list scopes_parse(struct arena *arena, const char *text);
struct text_list scopes_of_role(struct arena *arena, enum auth_role role);
/* Of the identity's scopes those that it may use now; for a person without
   any, all of the role's. */
struct text_list scopes_permitted(
	struct arena *arena, const struct identity *identity);

/* Somebody says that this is the password of that account. */
struct password_claim {
	const char *username;	     /* as given */
	const struct user_row *user; /* NULL: nobody of that name */
	const char *password;
};
/* The failure counters decide first, whoever it is: ERR_RATE_LIMITED with
   retry_after. Then *match, at the same cost for everybody; a disabled user
   never matches. */
MUST_CHECK enum err password_guarded(struct auth *auth,
	const struct auth_call *call, const struct password_claim *claim,
	bool *match);

#endif
