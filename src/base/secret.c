/*
 * Key material in guarded memory. Never copies it anywhere else, never
 * prints it; compares in constant time and wipes on release.
 */
#include "secret.h"

#include <sodium.h>

/* Memory of that size; ERR_BAD_INPUT for none at all. */
static enum err guarded(size_t len, unsigned char **out)
{
	if (!len)
		return ERR_BAD_INPUT;
	if (sodium_init() < 0)
		return ERR_UNAVAILABLE;
	*out = sodium_malloc(len);
	return *out ? ERR_OK : ERR_UNAVAILABLE;
}

enum err secret_init(struct secret *secret, const void *bytes, size_t len)
{
	unsigned char *copy;
	enum err err = guarded(len, &copy);

	if (err)
		return err;
	memcpy(copy, bytes, len);
	*secret = (struct secret){.bytes = copy, .len = len};
	return ERR_OK;
}

enum err secret_random(struct secret *secret, size_t len)
{
	unsigned char *bytes;
	enum err err = guarded(len, &bytes);

	if (err)
		return err;
	randombytes_buf(bytes, len);
	*secret = (struct secret){.bytes = bytes, .len = len};
	return ERR_OK;
}

void secret_release(struct secret *secret)
{
	/* Wipes first; does nothing for NULL. */
	sodium_free(secret->bytes);
	*secret = (struct secret){0};
}

bool secret_equal(const void *a, size_t a_len, const void *b, size_t b_len)
{
	return a_len == b_len && sodium_memcmp(a, b, a_len) == 0;
}

void secret_wipe(void *bytes, size_t len)
{
	if (bytes)
		sodium_memzero(bytes, len);
}
