/*
 * Argon2id by libsodium: hash, verify, and the question whether a stored
 * hash is cheaper than today's settings. A shortage of memory is told apart
 * from a wrong password, and a password over the limit is never hashed.
 */
#include "password.h"

#include <errno.h>

#include <sodium/core.h>
#include <sodium/crypto_pwhash.h>
#include <sodium/utils.h>

#include "hash_area.h"

_Static_assert(PASSWORD_HASH_ROOM >= crypto_pwhash_argon2id_STRBYTES,
	"a hash must fit");

enum err password_hash(const char *password, int64_t ops, int64_t kib,
	char out[PASSWORD_HASH_ROOM])
{
	char text[PASSWORD_HASH_ROOM] = {0};
	size_t len = strnlen(password, PASSWORD_BYTES_LIMIT + 1);
	int failed;

	if (len > PASSWORD_BYTES_LIMIT)
		return ERR_BAD_INPUT;
	if (ops < 1 || kib < 8 || kib > INT64_MAX / 1024 || sodium_init() < 0)
		return ERR_UNAVAILABLE;
	hash_area_begin();
	failed = crypto_pwhash_argon2id_str(text, password, len,
		(unsigned long long)ops, (size_t)kib * 1024);
	hash_area_end();
	if (failed)
		return ERR_UNAVAILABLE;
	memcpy(out, text, sizeof(text));
	sodium_memzero(text, sizeof(text));
	return ERR_OK;
}

enum err password_verify(const char *password, const char *hash, bool *match)
{
	size_t len = strnlen(password, PASSWORD_BYTES_LIMIT + 1);
	int failed, why;

	if (sodium_init() < 0)
		return ERR_UNAVAILABLE;
	if (len > PASSWORD_BYTES_LIMIT) {
		*match = false;
		return ERR_OK;
	}
	hash_area_begin();
	errno = 0;
	failed = crypto_pwhash_argon2id_str_verify(hash, password, len);
	why = errno;
	hash_area_end();
	/* EINVAL is libsodium's word for a mismatch; anything else means that
	   no comparison took place */
	if (failed && why != EINVAL)
		return ERR_UNAVAILABLE;
	*match = !failed;
	return ERR_OK;
}

/* The number behind a mark such as "m="; -1 when there is none. */
static int64_t parameter(const char *hash, const char *mark)
{
	const char *at = strstr(hash, mark);
	int64_t value = 0;

	if (!at)
		return -1;
	at += strlen(mark);
	if (*at < '0' || *at > '9')
		return -1;
	for (; *at >= '0' && *at <= '9' && value < INT32_MAX; at++)
		value = value * 10 + (*at - '0');
	return value;
}

bool password_needs_rehash(const char *hash, int64_t ops, int64_t kib)
{
	static const char algorithm[] = "$argon2id$v=19$";

	if (strncmp(hash, algorithm, sizeof(algorithm) - 1) != 0)
		return true;
	/* only ever upwards */
	return parameter(hash, "$m=") < kib || parameter(hash, ",t=") < ops;
}
