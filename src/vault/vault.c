/*
 * The public half of the vault: seals, and cannot open. This is all that the
 * web program links. Must never read vault.keys or name a function that
 * opens a box.
 */
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>

#include "secret.h"
#include "vault_private.h"

enum {
	SCRATCH = 64 * 1024
};

struct vault {
	const char *path;
	bool loaded;
	struct stat seen; /* of the file that was loaded */
	unsigned char id[RING_ID_BYTES];
	unsigned char public_key[RING_KEY_BYTES];
	char id_text[VAULT_KEY_ID_ROOM];
};

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	       a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static enum err vault_load(struct vault *vault, struct arena *arena)
{
	struct ring ring;
	enum err err = ring_read_public(arena, vault->path, &ring);

	if (err != ERR_OK)
		return err;
	const struct ring_key *key = ring_active(&ring);
	if (!key)
		return ERR_UNAVAILABLE;
	memcpy(vault->id, key->id, sizeof(vault->id));
	memcpy(vault->public_key, key->bytes, sizeof(vault->public_key));
	(void)sodium_bin2hex(vault->id_text, sizeof(vault->id_text), key->id,
		sizeof(key->id));
	return ERR_OK;
}

/* Loads the file again when it changed. Fails closed: no old key is used
   while the file is missing or broken. */
static enum err vault_refresh(struct vault *vault)
{
	struct stat now;

	if (stat(vault->path, &now) != 0) {
		vault->loaded = false;
		return ERR_UNAVAILABLE;
	}
	if (vault->loaded && is_same_file(&now, &vault->seen))
		return ERR_OK;
	vault->loaded = false;
	struct arena *scratch = arena_open(SCRATCH);
	enum err err = vault_load(vault, scratch);
	arena_close(&scratch);
	if (err != ERR_OK)
		return err;
	vault->seen = now;
	vault->loaded = true;
	return ERR_OK;
}

enum err vault_open(struct arena *arena, const char *folder, struct vault **out)
{
	if (sodium_init() < 0)
		return ERR_UNAVAILABLE;
	struct vault *vault = arena_alloc(arena, sizeof(*vault));
	vault->path = ring_public_path(arena, folder);
	enum err err = vault_refresh(vault);
	if (err != ERR_OK)
		return err;
	*out = vault;
	return ERR_OK;
}

void vault_close(struct vault **vault)
{
	*vault = NULL; /* public keys only; the memory is the arena's */
}

enum err vault_seal(struct vault *vault, struct arena *arena,
	const struct vault_place *place, const char *value,
	struct bytes *record)
{
	/* one more than the limit shows that there is more */
	const size_t value_len = strnlen(value, VAULT_VALUE_LIMIT + 1);
	size_t head = 0;
	enum err err = vault_refresh(vault);

	if (err == ERR_OK)
		err = place_size(place, &head);
	if (err != ERR_OK)
		return err;
	if (value_len > VAULT_VALUE_LIMIT)
		return ERR_BAD_INPUT;
	const size_t plain_len = head + value_len;
	const size_t sealed_len =
		RECORD_HEAD + crypto_box_SEALBYTES + plain_len;
	unsigned char *plain = arena_alloc(arena, plain_len);
	unsigned char *sealed = arena_alloc(arena, sealed_len);
	place_write(place, plain);
	memcpy(plain + head, value, value_len);
	sealed[0] = RECORD_VERSION;
	memcpy(sealed + 1, vault->id, RING_ID_BYTES);
	const int code = crypto_box_seal(
		sealed + RECORD_HEAD, plain, plain_len, vault->public_key);
	secret_wipe(plain, plain_len);
	if (code != 0)
		return ERR_UNAVAILABLE; /* a public key of low order */
	*record = (struct bytes){.data = sealed, .len = sealed_len};
	return ERR_OK;
}

enum err vault_active_key(struct vault *vault, const char **out)
{
	enum err err = vault_refresh(vault);

	if (err == ERR_OK)
		*out = vault->id_text;
	return err;
}
