/*
 * Key files ("ID HEX ACTIVE|RETIRED", newest first) and places, as bytes.
 * Strict in reading: a file that is not exactly what this writes is broken.
 * Must never handle a private key other than as the bytes of a line.
 */
#include <sodium.h>
#include <string.h>

#include "file.h"
#include "text.h"
#include "vault_private.h"

static const char active_word[] = "ACTIVE";
static const char retired_word[] = "RETIRED";

/* Exactly len bytes from lower-case hex digits. */
static bool hex_read(const char *text, unsigned char *out, size_t len)
{
	size_t found = 0;

	for (size_t i = 0; i < 2 * len; i++)
		if (text[i] >= 'A' && text[i] <= 'F')
			return false;
	return sodium_hex2bin(out, len, text, 2 * len, NULL, &found, NULL) ==
		       0 &&
	       found == len;
}

static bool line_parse(const char *line, size_t len, struct ring_key *out)
{
	enum {
		ID = 2 * RING_ID_BYTES,
		KEY = 2 * RING_KEY_BYTES
	};
	const size_t state_at = ID + 1 + KEY + 1;

	if (len <= state_at || line[ID] != ' ' || line[ID + 1 + KEY] != ' ')
		return false;
	const char *state = line + state_at;
	const size_t state_len = len - state_at;
	const bool active = state_len == strlen(active_word) &&
			    memcmp(state, active_word, state_len) == 0;
	const bool retired = state_len == strlen(retired_word) &&
			     memcmp(state, retired_word, state_len) == 0;
	out->active = active;
	return (active || retired) && hex_read(line, out->id, RING_ID_BYTES) &&
	       hex_read(line + ID + 1, out->bytes, RING_KEY_BYTES);
}

/* One active key, and no id twice. */
static bool ring_is_sound(const struct ring *ring)
{
	size_t active = 0;

	for (size_t i = 0; i < ring->count; i++) {
		active += ring->keys[i].active ? 1 : 0;
		for (size_t k = 0; k < i; k++)
			if (memcmp(ring->keys[i].id, ring->keys[k].id,
				    RING_ID_BYTES) == 0)
				return false;
	}
	return active == 1;
}

enum err ring_parse(const char *text, size_t len, struct ring *out)
{
	const char *end = text + len;

	out->count = 0;
	while (text < end) {
		const char *line_end = memchr(text, '\n', (size_t)(end - text));
		if (!line_end || out->count == RING_LIMIT)
			return ERR_UNAVAILABLE;
		if (!line_parse(text, (size_t)(line_end - text),
			    &out->keys[out->count]))
			return ERR_UNAVAILABLE;
		out->count++;
		text = line_end + 1;
	}
	return ring_is_sound(out) ? ERR_OK : ERR_UNAVAILABLE;
}

/* Returns the end of what it wrote. */
static char *hex_write(char *p, const unsigned char *bytes, size_t len)
{
	(void)sodium_bin2hex(p, 2 * len + 1, bytes, len);
	return p + 2 * len;
}

size_t ring_format(const struct ring *ring, char text[RING_TEXT_ROOM])
{
	char *p = text;

	for (size_t i = 0; i < ring->count; i++) {
		const struct ring_key *key = &ring->keys[i];
		const char *state = key->active ? active_word : retired_word;
		p = hex_write(p, key->id, RING_ID_BYTES);
		*p++ = ' ';
		p = hex_write(p, key->bytes, RING_KEY_BYTES);
		*p++ = ' ';
		memcpy(p, state, strlen(state));
		p += strlen(state);
		*p++ = '\n';
	}
	*p = '\0';
	return (size_t)(p - text);
}

void ring_id(const unsigned char public_key[RING_KEY_BYTES],
	unsigned char id[RING_ID_BYTES])
{
	unsigned char hash[crypto_generichash_BYTES_MIN];

	(void)crypto_generichash(
		hash, sizeof(hash), public_key, RING_KEY_BYTES, NULL, 0);
	memcpy(id, hash, RING_ID_BYTES);
}

const struct ring_key *ring_active(const struct ring *ring)
{
	for (size_t i = 0; i < ring->count; i++)
		if (ring->keys[i].active)
			return &ring->keys[i];
	return NULL;
}

const char *ring_public_path(struct arena *arena, const char *folder)
{
	return file_join(arena, folder, "vault.pub");
}

enum err ring_read_public(
	struct arena *arena, const char *path, struct ring *out)
{
	unsigned char id[RING_ID_BYTES];
	char *text = NULL;
	size_t len = 0;

	/* whoever writes it reads what is sealed from then on */
	if (file_read_trusted(arena, path, RING_TEXT_ROOM, &text, &len) !=
		ERR_OK)
		return ERR_UNAVAILABLE;
	enum err err = ring_parse(text, len, out);
	for (size_t i = 0; err == ERR_OK && i < out->count; i++) {
		ring_id(out->keys[i].bytes, id);
		if (memcmp(id, out->keys[i].id, sizeof(id)) != 0)
			err = ERR_UNAVAILABLE;
	}
	return err;
}

/* ---- places ------------------------------------------------------------ */

enum err place_size(const struct vault_place *place, size_t *out)
{
	const char *const words[] = {
		place->user_id, place->table, place->column, place->row_id};
	size_t size = 0;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!words[i] || strlen(words[i]) > PLACE_WORD_LIMIT)
			return ERR_BAD_INPUT;
		size += 1 + strlen(words[i]);
	}
	*out = size;
	return ERR_OK;
}

/* Each word behind its length, so that no two places look alike. */
void place_write(const struct vault_place *place, unsigned char *out)
{
	const char *const words[] = {
		place->user_id, place->table, place->column, place->row_id};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const size_t len = strlen(words[i]);
		*out++ = (unsigned char)len;
		memcpy(out, words[i], len);
		out += len;
	}
}
