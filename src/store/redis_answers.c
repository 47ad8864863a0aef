/*
 * Cached answers on Redis. A look is one MGET and decided here, so a hit costs
 * Redis next to nothing and changes nothing there; only who finds nothing
 * fresh and nobody at work runs a script, which claims if all is still as it
 * was seen. Must never believe an answer of another epoch or other versions.
 */
#include "redis_private.h"

enum {
	/* elements of what a look is told, and of what is told to a claim */
	SEEN_EPOCH = 0,
	SEEN_ANSWER,
	SEEN_CLAIM,
	SEEN_TAGS,
	/* how often everything may have changed before nobody claims */
	LOOK_TRIES = 4
};

struct looking {
	struct redis_link *link;
	struct arena *arena;
	int64_t now;
	bool claimed_by_other;
};

static void tag_keys(struct redis_link *link, const struct store_tags *tags)
{
	for (size_t i = 0; i < tags->count; i++)
		redis_key(link, 't', tags->names[i]);
}

/* A mark far in the future is of a clock that was set back since: void. */
static bool lasts(int64_t until, int64_t length, int64_t now)
{
	return now < until && until - now <= length;
}

/* ---- look --------------------------------------------------------------- */

void redis_look_words(
	struct redis_link *link, const struct store_question *question)
{
	redis_key(link, 's', "epoch");
	redis_key(link, 'a', question->key);
	redis_key(link, 'c', question->key);
	tag_keys(link, &question->tags);
}

static uint64_t version_of(const redisReply *tag, int64_t now)
{
	int64_t words[TAG_WORDS];

	if (!redis_reply_words(tag, TAG_WORDS, words) ||
		lasts(words[TAG_HELD_UNTIL], words[TAG_HOLD_MS], now))
		return 0;
	return (uint64_t)words[TAG_VERSION];
}

static void read_versions(
	struct store_look *look, redisReply *const *tags, int64_t now)
{
	for (size_t i = 0; i < look->asked.tags.count; i++)
		look->versions[i] = version_of(tags[i], now);
}

static bool is_believed(
	const int64_t words[ANSWER_WORDS], const struct store_look *look)
{
	const size_t count = look->asked.tags.count;

	if ((uint64_t)words[ANSWER_EPOCH] != look->epoch ||
		words[ANSWER_COUNT] != (int64_t)count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (look->versions[i] == 0 ||
			(uint64_t)words[ANSWER_VERSIONS + i] !=
				look->versions[i])
			return false;
	return true;
}

/* The bytes stay where they are in the answer. */
static void read_answer(
	struct store_look *look, const redisReply *answer, int64_t now)
{
	int64_t words[ANSWER_WORDS];

	look->found = look->fresh = false;
	if (!redis_reply_is_text(answer) || answer->len < ANSWER_HEAD)
		return;
	number_unpack(answer->str, ANSWER_WORDS, words);
	if (words[ANSWER_EXPIRES] <= now || !is_believed(words, look))
		return;
	look->found = true;
	look->fresh = words[ANSWER_FRESH_UNTIL] > now;
	look->value = (struct store_value){.bytes = answer->str + ANSWER_HEAD,
		.len = answer->len - ANSWER_HEAD,
		.stored_ms = words[ANSWER_STORED],
		.expires_ms = words[ANSWER_FRESH_UNTIL]};
}

static bool look_of(struct looking *looking, const redisReply *reply,
	struct store_look *look)
{
	int64_t epoch = 0, claim[CLAIM_WORDS];
	redisReply **seen;

	if (!redis_reply_is_list(reply, SEEN_TAGS + look->asked.tags.count))
		return false;
	seen = reply->element;
	if (seen[SEEN_EPOCH]->type != REDIS_REPLY_NIL &&
		!redis_reply_number(seen[SEEN_EPOCH], &epoch))
		return false;
	look->epoch = (uint64_t)epoch;
	read_versions(look, seen + SEEN_TAGS, looking->now);
	read_answer(look, seen[SEEN_ANSWER], looking->now);
	looking->claimed_by_other =
		redis_reply_words(seen[SEEN_CLAIM], CLAIM_WORDS, claim) &&
		lasts(claim[CLAIM_UNTIL], claim[CLAIM_MS], looking->now);
	return true;
}

/* What was seen, for Redis to compare: "" where there was nothing. */
static void seen_word(
	struct redis_link *link, const redisReply *seen, size_t most)
{
	size_t len = redis_reply_is_text(seen) ? seen->len : 0;

	redis_bytes(link, len > 0 ? seen->str : "", len < most ? len : most);
}

static void claim_words(struct redis_link *link, const redisReply *reply,
	const struct store_look *look, int64_t now)
{
	const size_t count = look->asked.tags.count;
	redisReply *const *seen = reply->element;

	redis_start_script(link, SCRIPT_CLAIM, 4 + count);
	redis_follow(link);
	redis_key(link, 's', "sequence");
	redis_look_words(link, &look->asked);
	redis_number(link, now);
	redis_number(link, look->asked.claim_ms);
	for (size_t i = 0; i < SEEN_TAGS + count; i++)
		seen_word(link, seen[i],
			i == SEEN_ANSWER ? ANSWER_HEAD : SIZE_MAX);
}

/* {0}: something changed since it was seen. */
static enum err claimed_of(
	const redisReply *reply, int64_t now, struct store_look *look)
{
	const size_t tags = look->asked.tags.count;
	int64_t id;

	if (!redis_reply_is_list(reply, 1) ||
		!redis_reply_number(reply->element[0], &id))
		return ERR_UNAVAILABLE;
	if (id == 0)
		return ERR_CONFLICT;
	if (!redis_reply_is_list(reply, 1 + tags))
		return ERR_UNAVAILABLE;
	look->claim = (uint64_t)id;
	look->claimed = true;
	read_versions(look, reply->element + 1, now);
	return ERR_OK;
}

static enum err claim(const struct looking *looking, const redisReply *seen,
	struct store_look *look)
{
	redisReply *reply;
	enum err err;

	claim_words(looking->link, seen, look, looking->now);
	err = redis_send(looking->link, &reply);
	if (err)
		return err;
	err = claimed_of(reply, looking->now, look);
	redis_release(reply);
	return err;
}

static enum err look_again(struct redis_link *link,
	const struct store_look *look, redisReply **out)
{
	redis_start(link, "MGET");
	redis_follow(link);
	redis_look_words(link, &look->asked);
	return redis_send(link, out);
}

enum err redis_look_finish(struct redis_link *link, struct arena *arena,
	int64_t now, redisReply *reply, struct store_look *look)
{
	struct looking looking = {.link = link, .arena = arena, .now = now};
	enum err err = ERR_CONFLICT;

	for (int i = 0; err == ERR_CONFLICT; i++) {
		/* what is found lies in it */
		arena_defer(arena, redis_release, reply);
		if (!look_of(&looking, reply, look))
			return ERR_UNAVAILABLE;
		if (look->fresh || looking.claimed_by_other || i == LOOK_TRIES)
			return ERR_OK;
		err = claim(&looking, reply, look);
		if (err == ERR_CONFLICT && look_again(link, look, &reply))
			return ERR_UNAVAILABLE;
	}
	return err;
}

enum err redis_look(void *self, struct arena *arena, int64_t now,
	const struct store_question *question, struct store_look *out)
{
	struct store_look look = {.asked = *question};
	struct redis_link *link = self;
	redisReply *reply;
	enum err err;

	redis_start(link, "MGET");
	redis_look_words(link, question);
	err = redis_send(link, &reply);
	if (!err)
		err = redis_look_finish(link, arena, now, reply, &look);
	if (!err)
		*out = look;
	return err;
}

/* ---- keep --------------------------------------------------------------- */

/* False when an answer under these versions can never be found. */
static bool head_of(const struct store_look *look, int64_t now,
	const struct store_answer *answer, int64_t words[ANSWER_WORDS])
{
	memset(words, 0, ANSWER_WORDS * sizeof(words[0]));
	words[ANSWER_EPOCH] = (int64_t)look->epoch;
	words[ANSWER_STORED] = now;
	words[ANSWER_FRESH_UNTIL] = now + answer->life_ms;
	words[ANSWER_EXPIRES] = now + answer->life_ms + answer->stale_ms;
	words[ANSWER_COUNT] = (int64_t)look->asked.tags.count;
	for (size_t i = 0; i < look->asked.tags.count; i++) {
		if (look->versions[i] == 0)
			return false;
		words[ANSWER_VERSIONS + i] = (int64_t)look->versions[i];
	}
	return true;
}

enum err redis_keep(void *self, int64_t now, const struct store_look *look,
	const struct store_answer *answer)
{
	static const struct store_answer nothing = {.bytes = ""};
	const int64_t claim_id = (int64_t)look->claim;
	struct redis_link *link = self;
	int64_t head[ANSWER_WORDS];
	bool wanted = answer && head_of(look, now, answer, head);
	const struct store_answer *kept = wanted ? answer : &nothing;

	if (!wanted && look->claim == 0)
		return ERR_OK;
	redis_start_script(link, SCRIPT_KEEP, 3 + look->asked.tags.count);
	redis_look_words(link, &look->asked);
	redis_number(link, now);
	redis_words(link, &claim_id, look->claim != 0);
	redis_number(link, (int64_t)look->epoch);
	redis_words(link, head, wanted ? ANSWER_WORDS : 0);
	redis_bytes(link, kept->bytes, kept->len);
	redis_number(link, kept->life_ms + kept->stale_ms);
	return redis_send_only(link);
}

/* ---- hold, release, flush ------------------------------------------------ */

enum err redis_mark(void *self, int64_t now, const struct store_mark *mark)
{
	struct redis_link *link = self;

	redis_start_script(link, SCRIPT_MARK, 1 + mark->tags->count);
	redis_key(link, 's', "sequence");
	tag_keys(link, mark->tags);
	redis_number(link, now);
	redis_number(link, mark->hold_ms);
	return redis_send_only(link);
}

/* A new epoch: what is there is believed by nobody, and its life ends. */
enum err redis_flush(void *self)
{
	struct redis_link *link = self;

	redis_start_script(link, SCRIPT_FLUSH, 2);
	redis_key(link, 's', "sequence");
	redis_key(link, 's', "epoch");
	return redis_send_only(link);
}
