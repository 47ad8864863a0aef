/*
 * The store on Redis: values, cached answers and the state of it. One round
 * trip a call; redis_scripts.c holds what Redis does with it.
 */
#include "redis_private.h"

#include "number.h"

enum {
	VERSIONS_ROOM = STORE_TAGS_LIMIT * NUMBER_ROOM,
	LOOK_FIXED = 7 /* elements before the versions */
};

/* ---- values ------------------------------------------------------------------- */

/* {stored, expires, bytes} */
static enum err value_of(struct arena *arena, int64_t now,
	const redisReply *reply, struct store_value *out)
{
	struct store_value value;
	const redisReply *bytes;

	if (!redis_reply_is_list(reply, 3))
		return ERR_UNAVAILABLE;
	bytes = reply->element[2];
	if (!redis_reply_number(reply->element[0], &value.stored_ms) ||
		!redis_reply_number(reply->element[1], &value.expires_ms) ||
		!redis_reply_is_text(bytes) || value.expires_ms <= now)
		return ERR_NOT_FOUND;
	value.bytes = arena_copy(arena, bytes->str, bytes->len);
	value.len = bytes->len;
	*out = value;
	return ERR_OK;
}

static enum err redis_get(void *self, struct arena *arena, int64_t now,
	const char *key, struct store_value *out)
{
	struct redis_link *link = self;
	redisReply *reply;
	enum err err;

	redis_start_script(link, SCRIPT_GET, 2);
	redis_key(link, 'v', key);
	redis_key(link, 's', "era");
	err = redis_send(link, &reply);
	if (err)
		return err;
	err = value_of(arena, now, reply, out);
	freeReplyObject(reply);
	return err;
}

/* For requests whose answer says nothing. */
static enum err send_only(struct redis_link *link)
{
	redisReply *reply;
	enum err err = redis_send(link, &reply);

	if (!err)
		freeReplyObject(reply);
	return err;
}

static enum err redis_put(
	void *self, int64_t now, const struct store_entry *entry)
{
	struct redis_link *link = self;

	redis_start_script(link, SCRIPT_PUT, 2);
	redis_key(link, 'v', entry->key);
	redis_key(link, 's', "era");
	redis_number(link, now);
	redis_number(link, now + entry->life_ms);
	redis_number(link, entry->life_ms);
	redis_bytes(link, entry->bytes, entry->len);
	return send_only(link);
}

static enum err redis_remove(void *self, const char *key)
{
	struct redis_link *link = self;

	redis_start(link, "DEL");
	redis_key(link, 'v', key);
	return send_only(link);
}

static enum err redis_add(void *self, int64_t now,
	const struct store_entry *entry, int64_t delta, int64_t *out)
{
	struct redis_link *link = self;
	redisReply *reply;
	int64_t sum;
	bool good;
	enum err err;

	if (!number_add(0, delta, &sum))
		return ERR_BAD_INPUT;
	redis_start_script(link, SCRIPT_ADD, 2);
	redis_key(link, 'v', entry->key);
	redis_key(link, 's', "era");
	redis_number(link, now);
	redis_number(link, entry->life_ms);
	redis_number(link, delta);
	err = redis_send(link, &reply);
	if (err)
		return err;
	good = redis_reply_number(reply, &sum);
	freeReplyObject(reply);
	if (!good)
		return ERR_BAD_INPUT;
	*out = sum;
	return ERR_OK;
}

/* ---- cached answers --------------------------------------------------------------- */

static bool look_versions(const redisReply *reply,
	const struct store_question *question, struct store_look *look)
{
	for (size_t i = 0; i < question->tags.count; i++) {
		int64_t version;

		if (!redis_reply_number(
			    reply->element[LOOK_FIXED + i], &version))
			return false;
		look->versions[i] = (uint64_t)version;
	}
	return true;
}

/* found fresh claim epoch stored fresh_until bytes version... */
static bool look_of(struct arena *arena, const redisReply *reply,
	const struct store_question *question, struct store_look *out)
{
	struct store_look look = {.asked = *question};
	int64_t number[LOOK_FIXED - 1];
	const redisReply *bytes;

	if (!redis_reply_is_list(reply, LOOK_FIXED + question->tags.count) ||
		!look_versions(reply, question, &look))
		return false;
	for (size_t i = 0; i < LOOK_FIXED - 1; i++)
		if (!redis_reply_number(reply->element[i], &number[i]))
			return false;
	bytes = reply->element[LOOK_FIXED - 1];
	look.found = number[0] == 1;
	look.fresh = number[1] == 1;
	look.claim = (uint64_t)number[2];
	look.claimed = look.claim != 0;
	look.epoch = (uint64_t)number[3];
	if (look.found) {
		if (!redis_reply_is_text(bytes))
			return false;
		look.value.bytes = arena_copy(arena, bytes->str, bytes->len);
		look.value.len = bytes->len;
		look.value.stored_ms = number[4];
		look.value.expires_ms = number[5];
	}
	*out = look;
	return true;
}

static void tag_keys(struct redis_link *link, const struct store_tags *tags)
{
	for (size_t i = 0; i < tags->count; i++)
		redis_key(link, 't', tags->names[i]);
}

static enum err redis_look(void *self, struct arena *arena, int64_t now,
	const struct store_question *question, struct store_look *out)
{
	struct redis_link *link = self;
	redisReply *reply;
	bool good;
	enum err err;

	redis_start_script(link, SCRIPT_LOOK, 6 + (int)question->tags.count);
	redis_key(link, 's', "sequence");
	redis_key(link, 's', "epoch");
	redis_key(link, 's', "hits");
	redis_key(link, 's', "misses");
	redis_key(link, 'a', question->key);
	redis_key(link, 'c', question->key);
	tag_keys(link, &question->tags);
	redis_number(link, now);
	redis_number(link, question->claim_ms);
	err = redis_send(link, &reply);
	if (err)
		return err;
	good = look_of(arena, reply, question, out);
	freeReplyObject(reply);
	return good ? ERR_OK : ERR_UNAVAILABLE;
}

/* "12,13"; false when an answer under these can never be found. */
static bool versions_text(
	const struct store_look *look, char text[VERSIONS_ROOM])
{
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < look->asked.tags.count; i++) {
		if (look->versions[i] == 0)
			return false;
		if (i > 0)
			text[len++] = ',';
		len += number_format((int64_t)look->versions[i], text + len);
	}
	return true;
}

static enum err redis_keep(void *self, int64_t now,
	const struct store_look *look, const struct store_answer *answer)
{
	static const struct store_answer nothing = {.bytes = ""};
	struct redis_link *link = self;
	char versions[VERSIONS_ROOM];
	bool wanted = versions_text(look, versions) && answer;
	const struct store_answer *kept = wanted ? answer : &nothing;

	if (!wanted && look->claim == 0)
		return ERR_OK;
	redis_start_script(link, SCRIPT_KEEP, 3 + (int)look->asked.tags.count);
	redis_key(link, 's', "epoch");
	redis_key(link, 'a', look->asked.key);
	redis_key(link, 'c', look->asked.key);
	tag_keys(link, &look->asked.tags);
	redis_number(link, now);
	redis_number(link, (int64_t)look->claim);
	redis_number(link, wanted);
	redis_text(link, versions);
	redis_number(link, (int64_t)look->epoch);
	redis_number(link, now + kept->life_ms);
	redis_number(link, now + kept->life_ms + kept->stale_ms);
	redis_number(link, kept->life_ms + kept->stale_ms);
	redis_bytes(link, kept->bytes, kept->len);
	return send_only(link);
}

static enum err redis_mark(
	void *self, int64_t now, const struct store_mark *mark)
{
	struct redis_link *link = self;

	redis_start_script(link, SCRIPT_MARK, 1 + (int)mark->tags->count);
	redis_key(link, 's', "sequence");
	tag_keys(link, mark->tags);
	redis_number(link, now);
	redis_number(link, mark->hold_ms);
	return send_only(link);
}

/* A new epoch: what is there is believed by nobody, and its life ends. */
static enum err redis_flush(void *self)
{
	struct redis_link *link = self;

	redis_start_script(link, SCRIPT_FLUSH, 2);
	redis_key(link, 's', "sequence");
	redis_key(link, 's', "epoch");
	return send_only(link);
}

/* ---- its state -------------------------------------------------------------------- */

/* "name:123" in the text of INFO; 0 when it is not there. */
static int64_t info_number(const char *info, const char *name)
{
	const char *at = strstr(info, name);
	int64_t number = 0;

	if (!at)
		return 0;
	at += strlen(name);
	if (!number_parse(at, strspn(at, "0123456789"), &number))
		return 0;
	return number;
}

static enum err state_info(struct redis_link *link, struct store_state *state)
{
	redisReply *reply;
	enum err err;

	redis_start(link, "INFO");
	err = redis_send(link, &reply);
	if (err)
		return err;
	if (redis_reply_is_text(reply)) {
		state->bytes = info_number(reply->str, "\nused_memory:");
		state->capacity = info_number(reply->str, "\nmaxmemory:");
		state->evictions = info_number(reply->str, "\nevicted_keys:");
	}
	freeReplyObject(reply);
	return ERR_OK;
}

static enum err state_counts(struct redis_link *link, struct store_state *state)
{
	redisReply *reply;
	enum err err;

	redis_start(link, "MGET");
	redis_key(link, 's', "hits");
	redis_key(link, 's', "misses");
	err = redis_send(link, &reply);
	if (err)
		return err;
	/* never counted yet: no number, and it stays 0 */
	if (redis_reply_is_list(reply, 2)) {
		(void)redis_reply_number(reply->element[0], &state->hits);
		(void)redis_reply_number(reply->element[1], &state->misses);
	}
	freeReplyObject(reply);
	return ERR_OK;
}

static enum err redis_state(void *self, int64_t now, struct store_state *out)
{
	struct redis_link *link = self;
	struct store_state state = *out;
	redisReply *reply;
	enum err err = state_info(link, &state);

	(void)now;
	if (!err)
		err = state_counts(link, &state);
	if (err)
		return err;
	redis_start(link, "DBSIZE");
	err = redis_send(link, &reply);
	if (err)
		return err;
	(void)redis_reply_number(reply, &state.entries);
	freeReplyObject(reply);
	*out = state;
	return ERR_OK;
}

/* ---- opening ---------------------------------------------------------------------- */

static void redis_close(void *self)
{
	redis_drop(self);
}

enum err redis_probe(void *self)
{
	return redis_meet(self, true);
}

static const struct store_ops redis_ops = {.name = "redis",
	.get = redis_get,
	.put = redis_put,
	.remove = redis_remove,
	.add = redis_add,
	.look = redis_look,
	.keep = redis_keep,
	.mark = redis_mark,
	.flush = redis_flush,
	.take = redis_take,
	.blocked = redis_blocked,
	.forgive = redis_forgive,
	.state = redis_state,
	.close = redis_close};

enum err redis_open(struct arena *arena, const struct store_options *options,
	struct report *report, struct store_backend *out)
{
	struct redis_link *link = arena_alloc(arena, sizeof(*link));
	enum err err = redis_place_parse(
		arena, options->redis_url, report, &link->place);

	if (err)
		return err;
	if (options->redis_timeout_ms <= 0 || options->redis_pause_ms <= 0) {
		report_detail(
			report, "The times of Redis must be more than zero.");
		return ERR_BAD_INPUT;
	}
	if (options->redis_password)
		link->place.password =
			arena_text(arena, options->redis_password);
	link->timeout_ms = options->redis_timeout_ms;
	arena_defer(arena, redis_close, link);
	*out = (struct store_backend){.ops = &redis_ops,
		.self = link,
		.label = STORE_LABEL_REDIS,
		.metrics = options->metrics};
	return ERR_OK;
}
