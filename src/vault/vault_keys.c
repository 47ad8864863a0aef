/*
 * The private half of the vault: makes keys, opens records. Linked into the
 * operator's program alone. Private keys live in guarded memory and are
 * wiped everywhere else; must never write one anywhere but vault.keys.
 *
 * vault.keys is written before vault.pub when a key is added, and after it
 * when one is removed: at no moment can anything be sealed that cannot be
 * opened. A crash between the two is repaired by the next command.
 */
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "file.h"
#include "secret.h"
#include "text.h"
#include "vault_keys.h"
#include "vault_private.h"

struct vault_keys {
	struct secret memory; /* one struct ring */
};

static const char *keys_path(struct arena *arena, const char *folder)
{
	return file_join(arena, folder, "vault.keys");
}

/* One command at a time; the lock goes with the returned descriptor. */
static int folder_lock(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && flock(fd, LOCK_EX) != 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static bool key_is_sound(const struct ring_key *key)
{
	unsigned char public_key[RING_KEY_BYTES];
	unsigned char id[RING_ID_BYTES];

	if (crypto_scalarmult_base(public_key, key->bytes) != 0)
		return false;
	ring_id(public_key, id);
	return memcmp(id, key->id, sizeof(id)) == 0;
}

/* ERR_NOT_FOUND: no file. ERR_UNAVAILABLE: broken, or others may read it. */
static enum err ring_read(
	struct arena *arena, const char *folder, struct ring *out)
{
	char *text = NULL;
	size_t len = 0;
	enum err err = file_read_private(
		arena, keys_path(arena, folder), RING_TEXT_ROOM, &text, &len);

	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? err : ERR_UNAVAILABLE;
	err = ring_parse(text, len, out);
	secret_wipe(text, len);
	for (size_t i = 0; err == ERR_OK && i < out->count; i++)
		if (!key_is_sound(&out->keys[i]))
			err = ERR_UNAVAILABLE;
	return err;
}

static enum err ring_write_keys(
	struct arena *arena, const char *folder, const struct ring *ring)
{
	char text[RING_TEXT_ROOM];
	const size_t len = ring_format(ring, text);
	enum err err = file_write(keys_path(arena, folder), text, len, 0600);

	secret_wipe(text, sizeof(text));
	return err;
}

static enum err ring_write_public(
	struct arena *arena, const char *folder, const struct ring *ring)
{
	struct ring public = {.count = ring->count};
	char text[RING_TEXT_ROOM];

	for (size_t i = 0; i < ring->count; i++) {
		public.keys[i] =
			(struct ring_key){.active = ring->keys[i].active};
		memcpy(public.keys[i].id, ring->keys[i].id, RING_ID_BYTES);
		if (crypto_scalarmult_base(
			    public.keys[i].bytes, ring->keys[i].bytes) != 0)
			return ERR_UNAVAILABLE;
	}
	return file_write(ring_public_path(arena, folder), text,
		ring_format(&public, text), 0644);
}

/* A new pair at the front, active; the others retire. */
static enum err ring_add(struct ring *ring)
{
	unsigned char public_key[RING_KEY_BYTES];

	if (ring->count == RING_LIMIT)
		return ERR_CONFLICT;
	for (size_t i = ring->count; i > 0; i--) {
		ring->keys[i] = ring->keys[i - 1];
		ring->keys[i].active = false;
	}
	ring->count++;
	ring->keys[0].active = true;
	if (crypto_box_keypair(public_key, ring->keys[0].bytes) != 0)
		return ERR_UNAVAILABLE;
	ring_id(public_key, ring->keys[0].id);
	return ERR_OK;
}

static enum err ring_drop(struct ring *ring, const unsigned char *id)
{
	size_t at = 0;

	while (at < ring->count &&
		memcmp(ring->keys[at].id, id, RING_ID_BYTES) != 0)
		at++;
	if (at == ring->count)
		return ERR_NOT_FOUND;
	if (ring->keys[at].active)
		return ERR_CONFLICT;
	ring->count--;
	for (; at < ring->count; at++)
		ring->keys[at] = ring->keys[at + 1];
	return ERR_OK;
}

/* ---- commands ---------------------------------------------------------- */

static enum err create_locked(
	struct arena *arena, const char *folder, struct ring *ring)
{
	const char *public_path = ring_public_path(arena, folder);
	enum err err = ring_read(arena, folder, ring);

	/* written anew: a crash may have left an old one, or none */
	if (err == ERR_OK)
		return ring_write_public(arena, folder, ring);
	if (err != ERR_NOT_FOUND)
		return err;
	/* a public half alone: the keys of stored secrets are elsewhere */
	if (access(public_path, F_OK) == 0)
		return ERR_CONFLICT;
	ring->count = 0;
	err = ring_add(ring);
	if (err == ERR_OK)
		err = ring_write_keys(arena, folder, ring);
	if (err == ERR_OK)
		err = ring_write_public(arena, folder, ring);
	return err;
}

enum err vault_keys_create(struct arena *arena, const char *folder)
{
	struct ring ring;

	if (sodium_init() < 0)
		return ERR_UNAVAILABLE;
	const int lock = folder_lock(folder);
	if (lock < 0)
		return ERR_UNAVAILABLE;
	enum err err = create_locked(arena, folder, &ring);
	secret_wipe(&ring, sizeof(ring));
	(void)close(lock);
	return err;
}

static enum err rotate_locked(
	struct arena *arena, const char *folder, struct ring *ring)
{
	enum err err = ring_read(arena, folder, ring);

	if (err == ERR_NOT_FOUND)
		return ERR_UNAVAILABLE;
	if (err == ERR_OK)
		err = ring_add(ring);
	if (err == ERR_OK)
		err = ring_write_keys(arena, folder, ring);
	if (err == ERR_OK)
		err = ring_write_public(arena, folder, ring);
	return err;
}

enum err vault_keys_rotate(struct arena *arena, const char *folder)
{
	struct ring ring;

	if (sodium_init() < 0)
		return ERR_UNAVAILABLE;
	const int lock = folder_lock(folder);
	if (lock < 0)
		return ERR_UNAVAILABLE;
	enum err err = rotate_locked(arena, folder, &ring);
	secret_wipe(&ring, sizeof(ring));
	(void)close(lock);
	return err;
}

static enum err remove_locked(struct arena *arena, const char *folder,
	const unsigned char *id, struct ring *ring)
{
	enum err err = ring_read(arena, folder, ring);

	if (err == ERR_NOT_FOUND)
		return ERR_UNAVAILABLE;
	if (err == ERR_OK)
		err = ring_drop(ring, id);
	if (err == ERR_OK)
		err = ring_write_public(arena, folder, ring);
	if (err == ERR_OK)
		err = ring_write_keys(arena, folder, ring);
	return err;
}

enum err vault_keys_remove(
	struct arena *arena, const char *folder, const char *id)
{
	unsigned char bytes[RING_ID_BYTES];
	struct ring ring;

	if (strlen(id) != 2 * sizeof(bytes) ||
		text_hex_decode(id, bytes, sizeof(bytes)) != ERR_OK)
		return ERR_NOT_FOUND;
	if (sodium_init() < 0)
		return ERR_UNAVAILABLE;
	const int lock = folder_lock(folder);
	if (lock < 0)
		return ERR_UNAVAILABLE;
	enum err err = remove_locked(arena, folder, bytes, &ring);
	secret_wipe(&ring, sizeof(ring));
	(void)close(lock);
	return err;
}

enum err vault_keys_list(struct arena *arena, const char *folder,
	struct vault_key_info **out, size_t *count)
{
	struct ring ring;
	enum err err =
		ring_read_public(arena, ring_public_path(arena, folder), &ring);

	if (err != ERR_OK)
		return err;
	struct vault_key_info *list =
		arena_array(arena, ring.count, sizeof(*list));
	for (size_t i = 0; i < ring.count; i++) {
		list[i].id = text_hex(arena, ring.keys[i].id, RING_ID_BYTES);
		list[i].state = ring.keys[i].active ? "active" : "retired";
	}
	*out = list;
	*count = ring.count;
	return ERR_OK;
}

/* ---- opening records --------------------------------------------------- */

enum err vault_keys_open(
	struct arena *arena, const char *folder, struct vault_keys **out)
{
	struct ring ring;

	if (sodium_init() < 0)
		return ERR_UNAVAILABLE;
	struct vault_keys *keys = arena_alloc(arena, sizeof(*keys));
	enum err err = ring_read(arena, folder, &ring);
	if (err == ERR_NOT_FOUND)
		err = ERR_UNAVAILABLE;
	if (err == ERR_OK)
		err = secret_init(&keys->memory, &ring, sizeof(ring));
	secret_wipe(&ring, sizeof(ring));
	if (err == ERR_OK)
		*out = keys;
	return err;
}

void vault_keys_close(struct vault_keys **keys)
{
	if (*keys)
		secret_release(&(*keys)->memory);
	*keys = NULL;
}

static const struct ring_key *key_find(
	const struct vault_keys *keys, const unsigned char *id)
{
	const struct ring *ring = (const void *)keys->memory.bytes;

	for (size_t i = 0; i < ring->count; i++)
		if (memcmp(ring->keys[i].id, id, RING_ID_BYTES) == 0)
			return &ring->keys[i];
	return NULL;
}

/* plain has room for the place and the value. */
static enum err record_open(
	const struct ring_key *key, struct bytes record, unsigned char *plain)
{
	unsigned char public_key[RING_KEY_BYTES];

	if (crypto_scalarmult_base(public_key, key->bytes) != 0 ||
		crypto_box_seal_open(plain, record.data + RECORD_HEAD,
			record.len - RECORD_HEAD, public_key, key->bytes) != 0)
		return ERR_BAD_INPUT;
	return ERR_OK;
}

enum err vault_unseal(const struct vault_keys *keys, struct arena *arena,
	const struct vault_place *place, struct bytes record,
	struct vault_value *out)
{
	size_t head = 0;
	enum err err = place_size(place, &head);

	if (err != ERR_OK)
		return err;
	if (record.len < RECORD_HEAD + crypto_box_SEALBYTES + head ||
		record.len > RECORD_HEAD + crypto_box_SEALBYTES + head +
				     VAULT_VALUE_LIMIT ||
		record.data[0] != RECORD_VERSION)
		return ERR_BAD_INPUT;
	const struct ring_key *key = key_find(keys, record.data + 1);
	if (!key)
		return ERR_BAD_INPUT;
	const size_t plain_len =
		record.len - RECORD_HEAD - crypto_box_SEALBYTES;
	unsigned char *expected = arena_alloc(arena, head);
	unsigned char *plain = arena_alloc(arena, plain_len + 1);
	err = record_open(key, record, plain);
	place_write(place, expected);
	if (err == ERR_OK && memcmp(plain, expected, head) != 0)
		err = ERR_BAD_INPUT;
	if (err != ERR_OK) {
		secret_wipe(plain, plain_len);
		return err;
	}
	*out = (struct vault_value){
		.text = (char *)plain + head, .len = plain_len - head};
	return ERR_OK;
}

enum err vault_record_key(struct bytes record, char id[VAULT_KEY_ID_ROOM])
{
	if (record.len < RECORD_HEAD + crypto_box_SEALBYTES ||
		record.data[0] != RECORD_VERSION)
		return ERR_BAD_INPUT;
	(void)sodium_bin2hex(
		id, VAULT_KEY_ID_ROOM, record.data + 1, RING_ID_BYTES);
	return ERR_OK;
}
