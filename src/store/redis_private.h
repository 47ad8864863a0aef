/*
 * The functions of the Redis store, which three files share, and the order of
 * the words in what is kept there; redis_scripts.c reads and writes the same.
 * Private to src/store.
 */
#ifndef STORE_REDIS_PRIVATE_H
#define STORE_REDIS_PRIVATE_H

#include "number.h"
#include "redis_link.h"

/* "kontor:t:TAG" */
enum tag_word {
	TAG_VERSION,
	TAG_HELD_UNTIL,
	TAG_HOLD_MS,
	TAG_HOLDERS,
	TAG_WORDS
};
/* "kontor:c:KEY" */
enum claim_word {
	CLAIM_UNTIL,
	CLAIM_MS,
	CLAIM_ID,
	CLAIM_WORDS
};
/* "kontor:a:KEY", then the bytes */
enum answer_word {
	ANSWER_EPOCH,
	ANSWER_STORED,
	ANSWER_FRESH_UNTIL,
	ANSWER_EXPIRES,
	ANSWER_COUNT,
	ANSWER_VERSIONS,
	ANSWER_WORDS = ANSWER_VERSIONS + STORE_TAGS_LIMIT
};
/* bytes of it */
#define ANSWER_HEAD ((size_t)ANSWER_WORDS * NUMBER_WORD)

/* For requests whose answer says nothing. */
MUST_CHECK enum err redis_send_only(struct redis_link *link);

enum err redis_look(void *self, struct arena *arena, int64_t now,
	const struct store_question *question, struct store_look *out);
enum err redis_keep(void *self, int64_t now, const struct store_look *look,
	const struct store_answer *answer);
enum err redis_mark(void *self, int64_t now, const struct store_mark *mark);
enum err redis_flush(void *self);

enum err redis_take(void *self, int64_t now,
	const struct store_windows *windows, struct store_taken *out);
enum err redis_blocked(void *self, struct arena *arena, int64_t now,
	struct store_blocked_list *out);
enum err redis_forgive(void *self, const struct store_who *who);

/* redis_windows.c with redis_answers.c: both in one go. */
enum err redis_take_look(void *self, struct arena *arena, int64_t now,
	const struct store_ask *ask, struct store_told *out);

/* ---- the halves of it --------------------------------------------------- */

/* The command that looks, as one more of a request. */
void redis_look_words(
	struct redis_link *link, const struct store_question *question);
/*
 * What its answer says; asks on while that leads to a claim, in what is left
 * of the request's time. The reply is taken, whatever comes.
 */
MUST_CHECK enum err redis_look_finish(struct redis_link *link,
	struct arena *arena, int64_t now, redisReply *reply,
	struct store_look *look /* in: .asked */);

#endif
