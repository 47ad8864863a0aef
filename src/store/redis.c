/*
 * The store on Redis: values and the state of it. One round trip a call;
 * redis_scripts.c holds what Redis does with it.
 */
#include "redis_private.h"

#include "number.h"

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
	redis_release(reply);
	return err;
}

enum err redis_send_only(struct redis_link *link)
{
	redisReply *reply;
	enum err err = redis_send(link, &reply);

	if (!err)
		redis_release(reply);
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
	return redis_send_only(link);
}

static enum err redis_remove(void *self, const char *key)
{
	struct redis_link *link = self;

	redis_start(link, "DEL");
	redis_key(link, 'v', key);
	return redis_send_only(link);
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
	redis_release(reply);
	if (!good)
		return ERR_BAD_INPUT;
	*out = sum;
	return ERR_OK;
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
	redis_release(reply);
	return ERR_OK;
}

static enum err redis_state(void *self, int64_t now, struct store_state *out)
{
	struct redis_link *link = self;
	struct store_state state = *out;
	redisReply *reply;
	enum err err = state_info(link, &state);

	(void)now;
	if (err)
		return err;
	redis_start(link, "DBSIZE");
	err = redis_send(link, &reply);
	if (err)
		return err;
	(void)redis_reply_number(reply, &state.entries);
	redis_release(reply);
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
	.take_look = redis_take_look,
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
