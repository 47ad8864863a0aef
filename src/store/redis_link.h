/*
 * One connection to Redis: a request of one command or of several in one go,
 * their answers, a deadline for all of it. Private to src/store.
 */
#ifndef STORE_REDIS_LINK_H
#define STORE_REDIS_LINK_H

#include <hiredis/hiredis.h>

#include "store_private.h"

/* The programs that Redis runs for us, in the order of redis_scripts. */
enum redis_script {
	SCRIPT_MEET,
	SCRIPT_GET,
	SCRIPT_PUT,
	SCRIPT_ADD,
	SCRIPT_CLAIM,
	SCRIPT_KEEP,
	SCRIPT_MARK,
	SCRIPT_FLUSH,
	SCRIPT_TAKE,
	SCRIPT_BLOCKED,
	SCRIPT_FORGIVE,
	SCRIPT_COUNT
};
extern const char *const redis_scripts[SCRIPT_COUNT];

enum {
	REDIS_COMMANDS = 2, /* of one request */
	REDIS_PARTS = 64,
	REDIS_SCRATCH = 16 * 1024,
	REDIS_WIRE = 16 * 1024,
	REDIS_SHA_ROOM = 48
};

/* Where Redis is. */
struct redis_place {
	const char *host; /* NULL: path */
	const char *path;
	int port;
	int64_t database;
	const char *password; /* or NULL */
};
/* ERR_BAD_INPUT with a report; the password of the URL is not repeated. */
MUST_CHECK enum err redis_place_parse(struct arena *arena, const char *url,
	struct report *report, struct redis_place *out);

/* A command in the making: its words, in order. */
struct redis_command {
	int script;	 /* which one of ours, or -1 */
	size_t from, to; /* of the link's parts */
};

struct redis_link {
	struct redis_place place;
	int64_t timeout_ms;
	redisContext *context; /* NULL: not connected */
	int64_t deadline_us;
	bool whole;   /* nothing of the time-out is spent yet */
	bool follows; /* the request before has begun the time */
	char shas[SCRIPT_COUNT][REDIS_SHA_ROOM];
	/* the request */
	struct redis_command commands[REDIS_COMMANDS];
	size_t command_count;
	const char *parts[REDIS_PARTS];
	size_t lens[REDIS_PARTS];
	size_t used;
	bool overflow;
	char scratch[REDIS_SCRATCH];
	char wire[REDIS_WIRE]; /* on the way out, or in */
};

/* A request that begins with a command by name, or with a script of ours
   with that many keys. */
void redis_start(struct redis_link *link, const char *command);
void redis_start_script(
	struct redis_link *link, enum redis_script script, size_t keys);
/* One more command of the same request. */
void redis_next(struct redis_link *link, const char *command);
/* The request that is made now shares the time of the one before. */
void redis_follow(struct redis_link *link);
/* "kontor:" kind ":" name */
void redis_key(struct redis_link *link, char kind, const char *name);
void redis_bytes(struct redis_link *link, const void *bytes, size_t len);
void redis_text(struct redis_link *link, const char *text);
void redis_number(struct redis_link *link, int64_t number);
void redis_words(struct redis_link *link, const int64_t *words, size_t count);
/* Text that is put together in the scratch room; joined parts. */
void redis_joined(
	struct redis_link *link, const void *a, size_t a_len, const char *b);

/*
 * Sends the request and hands out its answer, which the caller frees; within
 * the time-out, connecting included. After ERR_UNAVAILABLE there is no
 * connection any more: what comes late is never read.
 */
MUST_CHECK enum err redis_send(struct redis_link *link, redisReply **out);
/* The same with an answer for each command. */
MUST_CHECK enum err redis_send_all(
	struct redis_link *link, redisReply *out[REDIS_COMMANDS]);
/* An answer that was handed out; takes void * for arena_defer. */
void redis_release(void *reply);
void redis_drop(struct redis_link *link);
/* Connects anew when it must; force: what is cached there is not believed. */
MUST_CHECK enum err redis_meet(struct redis_link *link, bool force);

/* ---- reading an answer -------------------------------------------------- */

/* An integer, or a text that is one; false for anything else. */
bool redis_reply_number(const redisReply *reply, int64_t *out);
bool redis_reply_is_list(const redisReply *reply, size_t least);
bool redis_reply_is_text(const redisReply *reply);
/* A text of exactly so many words. */
bool redis_reply_words(const redisReply *reply, size_t count, int64_t *out);

#endif
