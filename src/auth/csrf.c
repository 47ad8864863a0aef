/*
 * CSRF tokens of browser sessions: 18 random bytes and a keyed hash over
 * them and the session's id, both in base64url. Nothing is stored. Never
 * takes a token of another session, nor an encoding that we do not write.
 */
#include "auth_private.h"

#include <sodium/utils.h>

#include "buf.h"
#include "id.h"
#include "secret.h"
#include "text.h"

enum {
	RANDOM_BYTES = 18,
	RANDOM_CHARACTERS = 24,
	MAC_CHARACTERS = 43,
	TOKEN_CHARACTERS = RANDOM_CHARACTERS + MAC_CHARACTERS,
	MESSAGE_ROOM = ID_LENGTH + 1 + RANDOM_CHARACTERS + 1,
};

/* What is hashed: the session's id, a dot, the random part as it is sent. */
static void message_make(const char *session_id,
	const char random[RANDOM_CHARACTERS], char out[MESSAGE_ROOM])
{
	memcpy(out, session_id, ID_LENGTH);
	out[ID_LENGTH] = '.';
	memcpy(out + ID_LENGTH + 1, random, RANDOM_CHARACTERS);
	out[MESSAGE_ROOM - 1] = '\0';
}

static bool is_session(const char *session_id)
{
	return session_id && id_is_valid(session_id);
}

enum err auth_csrf_make(struct auth *auth, const struct auth_call *call,
	const char *session_id, const char **out)
{
	unsigned char random[RANDOM_BYTES], mac[HASH_BYTES];
	char message[MESSAGE_ROOM];
	const char *text;
	enum err err;

	if (!is_session(session_id))
		return ERR_INTERNAL;
	random_bytes(random, sizeof(random));
	text = text_base64url(call->arena, random, sizeof(random));
	message_make(session_id, text, message);
	err = hash_make(
		&auth->hashes, HASH_CSRF, message, sizeof(message) - 1, mac);
	if (err == ERR_OK)
		*out = arena_format(call->arena, "%s%s", text,
			text_base64url(call->arena, mac, sizeof(mac)));
	return err;
}

enum err auth_csrf_check(struct auth *auth, int64_t now_ms,
	const char *session_id, const char *token)
{
	char message[MESSAGE_ROOM], mac[MAC_CHARACTERS + 1];
	struct hash_set hashes;
	enum err err;

	if (!is_session(session_id) || !token ||
		strnlen(token, TOKEN_CHARACTERS + 1) != TOKEN_CHARACTERS)
		return ERR_CSRF;
	message_make(session_id, token, message);
	err = hash_all(&auth->hashes, now_ms, HASH_CSRF, message, &hashes);
	if (err != ERR_OK)
		return err;
	/* written out and compared as text: one spelling only is taken */
	for (size_t i = 0; i < hashes.count; i++) {
		sodium_bin2base64(mac, sizeof(mac), hashes.hash[i], HASH_BYTES,
			sodium_base64_VARIANT_URLSAFE_NO_PADDING);
		if (secret_equal(mac, MAC_CHARACTERS, token + RANDOM_CHARACTERS,
			    MAC_CHARACTERS))
			return ERR_OK;
	}
	return ERR_CSRF;
}
