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
#include "hash_slots_private.h"
#include "id.h"
#include "metrics.h"
#include "password.h"
#include "token.h"

enum {
	MS = 1000,
	MINUTE_MS = 60 * MS,
	/* a request's time is that of its start: what another one wrote while
	   it waited may lie so far ahead */
	CLOCK_SLACK_MS = 10 * MS,
	/* sessions whose dead token's use was noted lately */
	REVOKED_USES = 16
};

struct revoked_use {
	char session_id[ID_LENGTH + 1];
	int64_t at; /* ms */
};

struct auth {
	struct db *db; /* not owned */
	struct auth_settings settings;
	struct token_policy policy;
	struct token_keys *tokens;
	struct key_ring hashes;
	struct hash_slots slots;
	/* no password's hash: costs what a real one costs to verify */
	char dummy_hash[PASSWORD_HASH_ROOM];
	struct revoked_use revoked_uses[REVOKED_USES];
};

struct user_row {
	const char *id, *username, *email, *password_hash;
	enum auth_role role;
	bool disabled;
	int64_t created;
};

/* A row of the audit, beyond what the call says. */
enum note_result {
	NOTE_OK,
	NOTE_DENIED
};
struct note {
	const char *event; /* a constant, also for report_event */
	enum note_result result;
	const char *actor;  /* user id, "operator", or NULL: nobody yet */
	const char *object; /* id of what it was done to, or NULL */
	const char *detail; /* a constant, or NULL */
};
/* In the transaction of the act, if it has one. Nothing without an audit. */
MUST_CHECK enum err note_write(struct auth *auth, const struct auth_call *call,
	const struct note *note);
/* A dead token was shown. Once a minute and session, and of few sessions a
   minute: whoever holds one must not be able to keep the disk busy. */
void note_revoked_use(struct auth *auth, const struct auth_call *call,
	const char *user_id, const char *session_id);

/* In the order of the labels in base/metrics_table.c. */
enum attempt_result {
	ATTEMPT_SUCCESS,
	ATTEMPT_FAILURE,
	ATTEMPT_LIMITED
};
void count_attempt(struct auth *auth, enum attempt_result result);
enum check_result {
	CHECK_VALID,
	CHECK_INVALID,
	CHECK_REVOKED,
	CHECK_EXPIRED
};
void count_check(struct auth *auth, enum check_result result);

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
/* ERR_NOT_FOUND says so in words. */
MUST_CHECK enum err user_must_be(struct auth *auth,
	const struct auth_call *call, const char *user_id,
	struct user_row *out);
/* In the transaction of an act: who acts may have lost his rights since the
   request was let in. NULL and "operator" are no users. ERR_CONFLICT. */
MUST_CHECK enum err actor_must_be_admin(
	struct auth *auth, const struct auth_call *call, const char *actor);
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
	const char *actor; /* NULL: the user himself */
};
/* In a transaction, and noted. ERR_CONFLICT when the name is taken. */
MUST_CHECK enum err user_insert(struct auth *auth, const struct auth_call *call,
	const struct user_insertion *user, struct user_view *out);
/* Those of the permissions in a space-separated list. */
struct text_list scopes_parse(struct arena *arena, const char *text);
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
/* Hashes in a slot: ERR_UNAVAILABLE with retry_after when none is free. */
MUST_CHECK enum err password_make(struct auth *auth,
	const struct auth_call *call, const char *password,
	char out[PASSWORD_HASH_ROOM]);
/* The failure counters decide first, whoever it is: ERR_RATE_LIMITED with
   retry_after. Then *match, at the same cost for everybody; a disabled user
   never matches. */
MUST_CHECK enum err password_guarded(struct auth *auth,
	const struct auth_call *call, const struct password_claim *claim,
	bool *match);

#endif
