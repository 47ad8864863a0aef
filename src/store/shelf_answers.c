/*
 * Cached answers over a shelf. An answer is believed only under the exact
 * versions that its tags had before it was computed; versions come from one
 * sequence and never repeat, so a tag that was thrown out and made again
 * makes old answers strangers instead of true. A hit is one read transaction.
 */
#include "shelf.h"

#include "shelf_private.h"

enum {
	TAG_LIFE_MS = 24 * 3600 * 1000,
	FLUSH_STEP = 256 /* records dropped in one transaction */
};

struct answer_head {
	uint64_t epoch;
	int64_t stored_ms, fresh_until_ms;
	uint64_t count;
	uint64_t versions[STORE_TAGS_LIMIT];
};
struct tag_body {
	uint64_t version;
	int64_t held_until_ms, hold_ms, holders;
};
struct claim_body {
	int64_t until_ms, claim_ms;
	uint64_t id;
};

/* One look; `fill` is the answer that may be given to the caller. */
struct looking {
	struct arena *arena;
	int64_t now;
	const struct store_question *question;
	bool unknown; /* a tag has no version yet */
	bool claimed_by_other;
	struct store_look look;
};

/* A mark far in the future is of a clock that was set back since: void. */
static bool lasts(int64_t until, int64_t length, int64_t now)
{
	return now < until && until - now <= length;
}

/* ---- look ----------------------------------------------------------------- */

static enum err tag_read(struct shelf *shelf, const char *name,
	struct tag_body *tag, struct shelf_key *key)
{
	struct shelf_head head;
	struct bytes body;
	enum err err;

	shelf_key(key, SHELF_TAG, name);
	err = shelf_get(shelf, key, sizeof(*tag), &head, &body);
	if (!err)
		memcpy(tag, body.data, sizeof(*tag));
	return err;
}

static enum err tag_write(struct shelf *shelf, int64_t now,
	const struct shelf_key *key, const struct tag_body *tag)
{
	const struct shelf_record record = {.shelf_class = SHELF_SMALL,
		.expires_ms = now + TAG_LIFE_MS,
		.first = {(const unsigned char *)tag, sizeof(*tag)}};

	return shelf_put(shelf, now, key, &record);
}

static enum err look_tags(struct shelf *shelf, struct looking *looking)
{
	const struct store_tags *tags = &looking->question->tags;

	looking->unknown = false;
	for (size_t i = 0; i < tags->count; i++) {
		SHELF_SCRATCH struct shelf_key key;
		struct tag_body tag;
		enum err err = tag_read(shelf, tags->names[i], &tag, &key);

		if (err && err != ERR_NOT_FOUND)
			return err;
		if (err)
			looking->unknown = true;
		looking->look.versions[i] =
			err || lasts(tag.held_until_ms, tag.hold_ms,
				       looking->now)
				? 0
				: tag.version;
	}
	return ERR_OK;
}

static bool is_believed(
	const struct answer_head *answer, const struct looking *looking)
{
	if (answer->epoch != looking->look.epoch ||
		answer->count != looking->question->tags.count)
		return false;
	for (size_t i = 0; i < answer->count; i++)
		if (looking->look.versions[i] == 0 ||
			answer->versions[i] != looking->look.versions[i])
			return false;
	return true;
}

static enum err look_answer(struct shelf *shelf, struct looking *looking)
{
	struct store_look *look = &looking->look;
	struct answer_head answer;
	struct shelf_head head;
	SHELF_SCRATCH struct shelf_key key;
	struct bytes body;
	enum err err;

	shelf_key(&key, SHELF_ANSWER, looking->question->key);
	err = shelf_get(shelf, &key, sizeof(answer), &head, &body);
	if (err)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	memcpy(&answer, body.data, sizeof(answer));
	if (head.expires_ms <= looking->now || !is_believed(&answer, looking))
		return ERR_OK;
	look->found = true;
	look->fresh = answer.fresh_until_ms > looking->now;
	look->value.len = body.len - sizeof(answer);
	look->value.bytes = arena_copy(
		looking->arena, body.data + sizeof(answer), look->value.len);
	look->value.stored_ms = answer.stored_ms;
	look->value.expires_ms = answer.fresh_until_ms;
	return ERR_OK;
}

static enum err look_claim(struct shelf *shelf, struct looking *looking)
{
	struct claim_body claim;
	struct shelf_head head;
	SHELF_SCRATCH struct shelf_key key;
	struct bytes body;
	enum err err;

	shelf_key(&key, SHELF_CLAIM, looking->question->key);
	err = shelf_get(shelf, &key, sizeof(claim), &head, &body);
	if (err)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	memcpy(&claim, body.data, sizeof(claim));
	looking->claimed_by_other =
		lasts(claim.until_ms, claim.claim_ms, looking->now);
	return ERR_OK;
}

/* All that one transaction sees. */
static enum err look_work(struct shelf *shelf, void *context)
{
	struct looking *looking = context;
	struct shelf_tally tally;
	enum err err = shelf_tally(shelf, &tally);

	memset(&looking->look, 0, sizeof(looking->look));
	looking->claimed_by_other = false;
	looking->look.asked = *looking->question;
	looking->look.epoch = err ? 0 : tally.epoch;
	if (!err)
		err = look_tags(shelf, looking);
	if (!err)
		err = look_answer(shelf, looking);
	if (!err && !looking->look.fresh)
		err = look_claim(shelf, looking);
	return err;
}

/* Tags that nobody knows get a version, so that an answer can be kept. */
static enum err tags_make(struct shelf *shelf, struct looking *looking)
{
	const struct store_tags *tags = &looking->question->tags;

	for (size_t i = 0; i < tags->count; i++) {
		struct tag_body tag = {.version = 0};
		SHELF_SCRATCH struct shelf_key key;
		enum err err = tag_read(shelf, tags->names[i], &tag, &key);

		if (err != ERR_NOT_FOUND) {
			if (err)
				return err;
			continue;
		}
		err = shelf_next(shelf, &tag.version);
		if (!err)
			err = tag_write(shelf, looking->now, &key, &tag);
		if (err)
			return err;
	}
	return look_tags(shelf, looking);
}

static enum err claim_work(struct shelf *shelf, void *context)
{
	struct looking *looking = context;
	const struct store_question *question = looking->question;
	struct claim_body claim = {
		.until_ms = looking->now + question->claim_ms,
		.claim_ms = question->claim_ms};
	const struct shelf_record record = {.shelf_class = SHELF_SMALL,
		.expires_ms = claim.until_ms,
		.first = {(const unsigned char *)&claim, sizeof(claim)}};
	SHELF_SCRATCH struct shelf_key key;
	enum err err = look_work(shelf, looking);

	if (err || looking->look.fresh || looking->claimed_by_other)
		return err;
	if (looking->unknown)
		err = tags_make(shelf, looking);
	if (!err)
		err = shelf_next(shelf, &claim.id);
	if (err)
		return err;
	shelf_key(&key, SHELF_CLAIM, question->key);
	err = shelf_put(shelf, looking->now, &key, &record);
	if (!err) {
		looking->look.claimed = true;
		looking->look.claim = claim.id;
	}
	return err;
}

enum err answers_look(void *self, struct arena *arena, int64_t now,
	const struct store_question *question, struct store_look *out)
{
	struct looking looking = {
		.arena = arena, .now = now, .question = question};
	struct shelf *shelf = self;
	enum err err = shelf_read(shelf, look_work, &looking);

	if (!err && !looking.look.fresh && !looking.claimed_by_other)
		err = shelf_write(shelf, claim_work, &looking);
	if (err)
		return err;
	if (looking.look.found)
		atomic_fetch_add(&shelf->board->hits, 1);
	else if (looking.look.claimed)
		atomic_fetch_add(&shelf->board->misses, 1);
	*out = looking.look;
	return ERR_OK;
}

/* ---- keep ------------------------------------------------------------------ */

struct keeping {
	int64_t now;
	const struct store_look *look;
	const struct store_answer *answer; /* NULL: the claim ends, no more */
};

static enum err claim_end(struct shelf *shelf, const struct store_look *look)
{
	struct claim_body claim;
	struct shelf_head head;
	SHELF_SCRATCH struct shelf_key key;
	struct bytes body;
	enum err err;

	if (look->claim == 0)
		return ERR_OK;
	shelf_key(&key, SHELF_CLAIM, look->asked.key);
	err = shelf_get(shelf, &key, sizeof(claim), &head, &body);
	if (err)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	memcpy(&claim, body.data, sizeof(claim));
	return claim.id == look->claim ? shelf_remove(shelf, &key) : ERR_OK;
}

/* Could the answer ever be found? */
static enum err is_current(
	struct shelf *shelf, const struct keeping *keeping, bool *out)
{
	struct looking looking = {
		.now = keeping->now, .question = &keeping->look->asked};
	const size_t count = keeping->look->asked.tags.count;
	struct shelf_tally tally;
	enum err err = shelf_tally(shelf, &tally);

	if (!err)
		err = look_tags(shelf, &looking);
	if (err)
		return err;
	*out = tally.epoch == keeping->look->epoch;
	for (size_t i = 0; i < count; i++)
		if (looking.look.versions[i] == 0 ||
			looking.look.versions[i] != keeping->look->versions[i])
			*out = false;
	return ERR_OK;
}

static enum err keep_work(struct shelf *shelf, void *context)
{
	const struct keeping *keeping = context;
	const struct store_look *look = keeping->look;
	const struct store_answer *answer = keeping->answer;
	struct answer_head head = {.epoch = look->epoch,
		.stored_ms = keeping->now,
		.count = look->asked.tags.count};
	struct shelf_record record = {.shelf_class = SHELF_ANSWERS};
	SHELF_SCRATCH struct shelf_key key;
	bool current = false;
	enum err err = claim_end(shelf, look);

	if (!err && answer)
		err = is_current(shelf, keeping, &current);
	if (err || !current)
		return err;
	memcpy(head.versions, look->versions, sizeof(head.versions));
	head.fresh_until_ms = keeping->now + answer->life_ms;
	record.expires_ms = head.fresh_until_ms + answer->stale_ms;
	record.first =
		(struct bytes){(const unsigned char *)&head, sizeof(head)};
	record.second = (struct bytes){answer->bytes, answer->len};
	shelf_key(&key, SHELF_ANSWER, look->asked.key);
	return shelf_put(shelf, keeping->now, &key, &record);
}

enum err answers_keep(void *self, int64_t now, const struct store_look *look,
	const struct store_answer *answer)
{
	const struct shelf *shelf = self;
	struct keeping keeping = {.now = now, .look = look, .answer = answer};

	if (answer && answer->len > shelf_longest(shelf))
		keeping.answer = NULL;
	if (keeping.answer) {
		enum err err = shelf_write(self, keep_work, &keeping);

		if (!err)
			return ERR_OK;
		/* no room: then it is not kept */
		keeping.answer = NULL;
	}
	if (look->claim == 0)
		return ERR_OK;
	return shelf_write(self, keep_work, &keeping);
}

/* ---- hold and release -------------------------------------------------------- */

struct marking {
	int64_t now;
	const struct store_mark *mark;
};

static void tag_hold(struct tag_body *tag, int64_t now, int64_t hold_ms)
{
	int64_t until = now + hold_ms;

	if (!lasts(tag->held_until_ms, tag->hold_ms, now)) {
		tag->holders = 0;
		tag->held_until_ms = 0;
		tag->hold_ms = 0;
	}
	tag->holders++;
	if (tag->held_until_ms < until)
		tag->held_until_ms = until;
	if (tag->hold_ms < hold_ms)
		tag->hold_ms = hold_ms;
}

static void tag_release(struct tag_body *tag)
{
	if (tag->holders > 0)
		tag->holders--;
	if (tag->holders == 0)
		tag->held_until_ms = 0;
}

static enum err mark_work(struct shelf *shelf, void *context)
{
	const struct marking *marking = context;
	const struct store_tags *tags = marking->mark->tags;

	for (size_t i = 0; i < tags->count; i++) {
		struct tag_body tag = {.version = 0};
		SHELF_SCRATCH struct shelf_key key;
		enum err err = tag_read(shelf, tags->names[i], &tag, &key);

		if (err && err != ERR_NOT_FOUND)
			return err;
		if (marking->mark->hold_ms > 0)
			tag_hold(&tag, marking->now, marking->mark->hold_ms);
		else
			tag_release(&tag);
		err = shelf_next(shelf, &tag.version);
		if (!err)
			err = tag_write(shelf, marking->now, &key, &tag);
		if (err)
			return err;
	}
	return ERR_OK;
}

enum err answers_mark(void *self, int64_t now, const struct store_mark *mark)
{
	struct marking marking = {.now = now, .mark = mark};

	return shelf_write(self, mark_work, &marking);
}

/* ---- flush ---------------------------------------------------------------- */

static enum err epoch_work(struct shelf *shelf, void *context)
{
	struct shelf_tally tally;
	enum err err = shelf_tally(shelf, &tally);

	(void)context;
	if (err)
		return err;
	tally.epoch = ++tally.seq;
	return shelf_tally_put(shelf, &tally);
}

static enum err flush_work(struct shelf *shelf, void *context)
{
	return shelf_evict(shelf, SHELF_ANSWERS, FLUSH_STEP, context);
}

/* From the first transaction on nothing old is believed; then the room is
   given back, in steps that let others in between. */
enum err answers_flush(void *self)
{
	enum err err = shelf_write(self, epoch_work, NULL);
	size_t gone = FLUSH_STEP;

	while (!err && gone == FLUSH_STEP)
		err = shelf_write(self, flush_work, &gone);
	return err;
}
