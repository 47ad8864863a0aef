/*
 * The store of one process alone, for tests: a sorted array under a shelf.
 * Never in a program: it shares nothing, and a transaction that fails is not
 * undone.
 */
#include "shelf.h"

struct memory_record {
	unsigned char *key, *value;
	size_t key_len, len;
};
struct memory {
	struct shelf shelf; /* first: a shelf is its memory */
	struct board board;
	struct memory_record *records; /* by key */
	size_t count, room;
};

enum {
	MEMORY_CAPACITY = 64 * 1024 * 1024
};

static struct memory *memory_of(struct shelf *shelf)
{
	return (struct memory *)(void *)shelf;
}

static int key_compare(const struct memory_record *record, struct bytes key)
{
	size_t len = record->key_len < key.len ? record->key_len : key.len;
	int order = memcmp(record->key, key.data, len);

	if (order != 0 || record->key_len == key.len)
		return order;
	return record->key_len < key.len ? -1 : 1;
}

/* Where the key is, or would be. */
static size_t place_of(const struct memory *memory, struct bytes key)
{
	size_t low = 0, high = memory->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (key_compare(&memory->records[middle], key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_at(const struct memory *memory, size_t place, struct bytes key)
{
	return place < memory->count &&
	       key_compare(&memory->records[place], key) == 0;
}

static void *copy_of(struct bytes bytes)
{
	unsigned char *copy = malloc(bytes.len + 1);

	if (!copy)
		abort();
	memcpy(copy, bytes.data, bytes.len);
	return copy;
}

static enum err memory_begin(struct shelf *shelf, bool write)
{
	(void)shelf;
	(void)write;
	return ERR_OK;
}

static enum err memory_get(
	struct shelf *shelf, struct bytes key, struct bytes *out)
{
	const struct memory *memory = memory_of(shelf);
	size_t place = place_of(memory, key);

	if (!is_at(memory, place, key))
		return ERR_NOT_FOUND;
	out->data = memory->records[place].value;
	out->len = memory->records[place].len;
	return ERR_OK;
}

static void memory_insert(struct memory *memory, size_t place, struct bytes key)
{
	struct memory_record *records = memory->records;

	if (memory->count == memory->room) {
		memory->room = memory->room * 2 + 64;
		records = realloc(records, memory->room * sizeof(*records));
		if (!records)
			abort();
		memory->records = records;
	}
	memmove(records + place + 1, records + place,
		(memory->count - place) * sizeof(*records));
	records[place] =
		(struct memory_record){.key = copy_of(key), .key_len = key.len};
	memory->count++;
}

static enum err memory_put(
	struct shelf *shelf, struct bytes key, size_t len, unsigned char **room)
{
	struct memory *memory = memory_of(shelf);
	size_t place = place_of(memory, key);
	unsigned char *value = malloc(len + 1);

	if (!value)
		return ERR_UNAVAILABLE;
	if (!is_at(memory, place, key))
		memory_insert(memory, place, key);
	free(memory->records[place].value);
	memory->records[place].value = value;
	memory->records[place].len = len;
	*room = value;
	return ERR_OK;
}

static enum err memory_remove(struct shelf *shelf, struct bytes key)
{
	struct memory *memory = memory_of(shelf);
	size_t place = place_of(memory, key);
	struct memory_record *record;

	if (!is_at(memory, place, key))
		return ERR_NOT_FOUND;
	record = &memory->records[place];
	free(record->key);
	free(record->value);
	memory->count--;
	memmove(record, record + 1, (memory->count - place) * sizeof(*record));
	return ERR_OK;
}

static enum err memory_from(struct shelf *shelf, struct bytes key,
	struct bytes *out_key, struct bytes *out)
{
	const struct memory *memory = memory_of(shelf);
	size_t place = place_of(memory, key);

	if (place == memory->count)
		return ERR_NOT_FOUND;
	out_key->data = memory->records[place].key;
	out_key->len = memory->records[place].key_len;
	out->data = memory->records[place].value;
	out->len = memory->records[place].len;
	return ERR_OK;
}

static void memory_full(struct shelf *shelf)
{
	(void)shelf;
}

static void memory_release(void *thing)
{
	struct memory *memory = thing;

	for (size_t i = 0; i < memory->count; i++) {
		free(memory->records[i].key);
		free(memory->records[i].value);
	}
	free(memory->records);
	memory->records = NULL;
	memory->count = memory->room = 0;
}

static const struct shelf_ops memory_ops = {.begin = memory_begin,
	.end = memory_begin,
	.get = memory_get,
	.put = memory_put,
	.remove = memory_remove,
	.from = memory_from,
	.full = memory_full};

void memory_open(struct arena *arena, struct store_backend *out)
{
	struct memory *memory = arena_alloc(arena, sizeof(*memory));
	struct store_ops *ops = arena_alloc(arena, sizeof(*ops));

	memory->shelf.ops = &memory_ops;
	memory->shelf.capacity = MEMORY_CAPACITY;
	memory->shelf.board = &memory->board;
	arena_defer(arena, memory_release, memory);
	*ops = shelf_store_ops;
	ops->name = "memory";
	ops->close = memory_release;
	*out = (struct store_backend){
		.ops = ops, .self = memory, .label = STORE_LABEL_OTHER};
}
