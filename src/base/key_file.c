/*
 * Reading and writing key files (key_ring.h says the format). Text
 * of keys is wiped from every buffer it passed through. Never makes a fault
 * text that shows a key or the file's folder.
 */
#include "key_ring.h"

#include "file.h"
#include "text.h"

enum {
	FILE_LIMIT = 8192, /* bytes; 16 lines need about 3,500 */
	LINE_LIMIT = 300,  /* bytes */
	FIELD_LIMIT = 5,
	READ_ARENA = 1 << 20, /* bytes */
};

static bool id_is_fine(const char *id)
{
	size_t len = strlen(id);

	return len > 0 && len < KEY_ID_ROOM &&
	       strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-_") == len;
}

/* Cuts a line at its blanks, in place; more fields than room: room + 1. */
static size_t split(char *line, char *fields[FIELD_LIMIT])
{
	size_t count = 0;

	while (*line) {
		size_t len = strcspn(line, " \t");

		if (len > 0) {
			if (count == FIELD_LIMIT)
				return FIELD_LIMIT + 1;
			fields[count++] = line;
		}
		line += len;
		if (*line)
			*line++ = '\0';
	}
	return count;
}

static const char *parse_secret(const char *hex, struct ring_key *out)
{
	unsigned char bytes[KEY_BYTES_LIMIT];
	size_t len = strlen(hex);
	const char *fault = NULL;

	if (len % 2 != 0 || len / 2 > KEY_BYTES_LIMIT)
		return "a key is not 32 to 64 bytes of hex";
	len /= 2;
	if (len < KEY_BYTES_MIN)
		return "a key is shorter than 32 bytes";
	if (text_hex_decode(hex, bytes, len) != ERR_OK)
		fault = "a key is not 32 to 64 bytes of hex";
	else if (key_is_weak(bytes, len))
		fault = "a key is weak: make a random one";
	else if (secret_init(&out->secret, bytes, len) != ERR_OK)
		fault = "there is no memory for keys";
	secret_wipe(bytes, sizeof(bytes));
	return fault;
}

/* NULL, or what is wrong; on success the key owns a secret. */
static const char *parse_line(char *line, struct ring_key *out)
{
	char *fields[FIELD_LIMIT];
	size_t count = split(line, fields);
	struct ring_key key = {.retires = INT64_MAX};
	const char *fault;

	if (count < 4 || count > FIELD_LIMIT || !id_is_fine(fields[0]))
		return "a line is not ID HEX STATE CREATED_MS [RETIRES_MS]";
	memcpy(key.id, fields[0], strlen(fields[0]) + 1);
	key.active = text_equal(fields[2], "ACTIVE");
	if (!key.active && !text_equal(fields[2], "RETIRED"))
		return "a key's state is neither ACTIVE nor RETIRED";
	if (!text_integer(fields[3], &key.created) || key.created < 0)
		return "a key's creation time is not a number";
	/* a retired key without an end would verify for ever */
	if (key.active != (count == 4))
		return "RETIRED keys, and only they, need RETIRES_MS";
	if (count == 5 && !text_integer(fields[4], &key.retires))
		return "a key's RETIRES_MS is not a number";
	fault = parse_secret(fields[1], &key);
	if (!fault)
		*out = key;
	return fault;
}

static const char *add_line(struct key_set *set, char *line)
{
	struct ring_key key = {0};
	const char *fault;

	if (set->count == KEY_RING_LIMIT)
		return "there are more than 16 keys";
	fault = parse_line(line, &key);
	if (fault)
		return fault;
	/* first into the set, so that it is released whatever comes */
	set->keys[set->count++] = key;
	for (size_t i = 0; i + 1 < set->count; i++) {
		if (text_equal(set->keys[i].id, key.id))
			return "two keys have one id";
		if (set->keys[i].active && key.active)
			return "more than one key is ACTIVE";
	}
	return NULL;
}

static const char *parse_text(char *text, size_t len, struct key_set *set)
{
	const char *fault = NULL;
	bool active = false;

	if (memchr(text, '\0', len))
		return "it holds a NUL byte";
	while (*text && !fault) {
		size_t line = strcspn(text, "\n");
		bool more = text[line] == '\n';

		text[line] = '\0';
		if (line > LINE_LIMIT)
			return "a line is too long";
		if (line > 0 && text[0] != '#')
			fault = add_line(set, text);
		text += line + (more ? 1 : 0);
	}
	for (size_t i = 0; i < set->count; i++)
		active = active || set->keys[i].active;
	if (!fault && !active)
		return "no key is ACTIVE";
	return fault;
}

static const char *read_fault(enum err err)
{
	if (err == ERR_NOT_FOUND)
		return "it is not there";
	if (err == ERR_BAD_INPUT)
		return "others than its owner may read it (chmod 600)";
	if (err == ERR_TOO_LARGE)
		return "it is too large";
	return "it cannot be read";
}

enum err key_file_read(
	const char *path, struct key_set *out, const char **fault)
{
	struct arena *arena = arena_open(READ_ARENA);
	struct key_set set = {0};
	const char *wrong;
	char *text = NULL;
	size_t len = 0;
	enum err err = file_read_private(arena, path, FILE_LIMIT, &text, &len);

	wrong = err == ERR_OK ? parse_text(text, len, &set) : read_fault(err);
	if (text)
		secret_wipe(text, len);
	arena_close(&arena);
	if (wrong) {
		key_set_release(&set);
		if (fault)
			*fault = wrong;
		return ERR_UNAVAILABLE;
	}
	*out = set;
	return ERR_OK;
}

void key_set_release(struct key_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		secret_release(&set->keys[i].secret);
	*set = (struct key_set){0};
}

/* Lines are short and counted: the room is known to be enough. */
static void add_text(char *text, size_t *len, const char *more)
{
	size_t more_len = strlen(more);

	if (*len + more_len < FILE_LIMIT) {
		memcpy(text + *len, more, more_len + 1);
		*len += more_len;
	}
}

static void add_number(
	struct arena *arena, char *text, size_t *len, int64_t number)
{
	add_text(text, len, arena_format(arena, " %lld", (long long)number));
}

static void add_hex(char *text, size_t *len, const struct secret *secret)
{
	static const char digits[] = "0123456789abcdef";
	char hex[2 * KEY_BYTES_LIMIT + 1] = {0};

	for (size_t i = 0; i < secret->len && i < KEY_BYTES_LIMIT; i++) {
		hex[2 * i] = digits[secret->bytes[i] >> 4];
		hex[2 * i + 1] = digits[secret->bytes[i] & 15];
	}
	add_text(text, len, hex);
	secret_wipe(hex, sizeof(hex));
}

enum err key_file_write(const char *path, const struct key_set *set)
{
	struct arena *arena = arena_open(READ_ARENA);
	char text[FILE_LIMIT] = {0};
	size_t len = 0;
	enum err err;

	for (size_t i = 0; i < set->count; i++) {
		const struct ring_key *key = &set->keys[i];

		add_text(text, &len, key->id);
		add_text(text, &len, " ");
		add_hex(text, &len, &key->secret);
		add_text(text, &len, key->active ? " ACTIVE" : " RETIRED");
		add_number(arena, text, &len, key->created);
		if (!key->active)
			add_number(arena, text, &len, key->retires);
		add_text(text, &len, "\n");
	}
	err = file_write(path, text, len, 0600);
	secret_wipe(text, sizeof(text));
	arena_close(&arena);
	return err;
}
