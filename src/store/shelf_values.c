/*
 * Values with a life, and numbers, over a shelf; and the table of functions
 * that makes a shelf a store.
 */
#include "shelf.h"

#include "shelf_private.h"
#include "number.h"

/* What stands before a value's bytes. */
struct value_head {
	int64_t stored_ms;
};

struct value_get {
	struct arena *arena;
	int64_t now;
	const char *key;
	struct store_value value;
};

static enum err get_work(struct shelf *shelf, void *context)
{
	struct value_get *get = context;
	struct value_head value;
	struct shelf_head head;
	SHELF_SCRATCH struct shelf_key key;
	struct bytes body;
	enum err err;

	shelf_key(&key, SHELF_VALUE, get->key);
	err = shelf_get(shelf, &key, sizeof(value), &head, &body);
	if (err)
		return err;
	if (head.expires_ms <= get->now)
		return ERR_NOT_FOUND;
	memcpy(&value, body.data, sizeof(value));
	get->value.len = body.len - sizeof(value);
	get->value.bytes = arena_copy(
		get->arena, body.data + sizeof(value), get->value.len);
	get->value.stored_ms = value.stored_ms;
	get->value.expires_ms = head.expires_ms;
	return ERR_OK;
}

static enum err values_get(void *self, struct arena *arena, int64_t now,
	const char *key, struct store_value *out)
{
	struct value_get get = {.arena = arena, .now = now, .key = key};
	enum err err = shelf_read(self, get_work, &get);

	if (!err)
		*out = get.value;
	return err;
}

struct value_put {
	int64_t now;
	const struct store_entry *entry;
};

static enum err put_work(struct shelf *shelf, void *context)
{
	const struct value_put *put = context;
	const struct value_head value = {.stored_ms = put->now};
	const struct shelf_record record = {.shelf_class = SHELF_VALUES,
		.expires_ms = put->now + put->entry->life_ms,
		.first = {(const unsigned char *)&value, sizeof(value)},
		.second = {put->entry->bytes, put->entry->len}};
	SHELF_SCRATCH struct shelf_key key;

	shelf_key(&key, SHELF_VALUE, put->entry->key);
	return shelf_put(shelf, put->now, &key, &record);
}

static enum err values_put(
	void *self, int64_t now, const struct store_entry *entry)
{
	struct value_put put = {.now = now, .entry = entry};
	const struct shelf *shelf = self;

	if (entry->len > shelf_longest(shelf))
		return ERR_TOO_LARGE;
	return shelf_write(self, put_work, &put);
}

static enum err remove_work(struct shelf *shelf, void *context)
{
	const struct value_get *gone = context;
	SHELF_SCRATCH struct shelf_key key;

	shelf_key(&key, SHELF_VALUE, gone->key);
	return shelf_remove(shelf, &key);
}

static enum err values_remove(void *self, const char *key)
{
	struct value_get gone = {.key = key};

	return shelf_write(self, remove_work, &gone);
}

struct value_add {
	int64_t now, delta, sum;
	const struct store_entry *entry;
};

static enum err add_work(struct shelf *shelf, void *context)
{
	struct value_add *add = context;
	struct value_head value = {.stored_ms = add->now};
	struct shelf_record record = {.shelf_class = SHELF_SMALL,
		.expires_ms = add->now + add->entry->life_ms,
		.first = {(const unsigned char *)&value, sizeof(value)}};
	char text[NUMBER_ROOM];
	struct shelf_head head;
	SHELF_SCRATCH struct shelf_key key;
	struct bytes body;
	int64_t number = 0;
	enum err err;

	shelf_key(&key, SHELF_VALUE, add->entry->key);
	err = shelf_get(shelf, &key, sizeof(value), &head, &body);
	if (err && err != ERR_NOT_FOUND)
		return err;
	if (!err && head.expires_ms > add->now) {
		memcpy(&value, body.data, sizeof(value));
		if (!number_parse(body.data + sizeof(value),
			    body.len - sizeof(value), &number))
			return ERR_BAD_INPUT;
		record.expires_ms = head.expires_ms;
	}
	if (!number_add(number, add->delta, &add->sum))
		return ERR_BAD_INPUT;
	record.second.len = number_format(add->sum, text);
	record.second.data = (const unsigned char *)text;
	return shelf_put(shelf, add->now, &key, &record);
}

static enum err values_add(void *self, int64_t now,
	const struct store_entry *entry, int64_t delta, int64_t *out)
{
	struct value_add add = {.now = now, .delta = delta, .entry = entry};
	enum err err = shelf_write(self, add_work, &add);

	if (!err)
		*out = add.sum;
	return err;
}

/* ---- its state -------------------------------------------------------------- */

static enum err state_work(struct shelf *shelf, void *context)
{
	struct store_state *state = context;
	struct shelf_tally tally;
	enum err err = shelf_tally(shelf, &tally);

	if (err)
		return err;
	state->entries = state->bytes = 0;
	for (int i = 0; i < SHELF_CLASSES; i++) {
		state->entries += tally.classes[i].count;
		state->bytes += tally.classes[i].bytes;
	}
	state->evictions = tally.evictions;
	return ERR_OK;
}

static enum err shelf_state(void *self, int64_t now, struct store_state *out)
{
	struct shelf *shelf = self;
	struct store_state state = *out;
	enum err err = shelf_read(shelf, state_work, &state);

	(void)now;
	if (err)
		return err;
	state.capacity = shelf->capacity;
	state.hits = atomic_load(&shelf->board->hits);
	state.misses = atomic_load(&shelf->board->misses);
	*out = state;
	return ERR_OK;
}

const struct store_ops shelf_store_ops = {.get = values_get,
	.put = values_put,
	.remove = values_remove,
	.add = values_add,
	.look = answers_look,
	.keep = answers_keep,
	.mark = answers_mark,
	.flush = answers_flush,
	.take = windows_take,
	.blocked = windows_blocked,
	.forgive = windows_forgive,
	.state = shelf_state};
