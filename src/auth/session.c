/*
 * Sessions and the pairs of tokens that belong to them. Refresh tokens are
 * never written anywhere but to their owner and, sealed under a key from
 * the token before, to the session's row.
 */
#include "session_private.h"

#include <sodium/core.h>
#include <sodium/crypto_aead_xchacha20poly1305.h>
#include <sodium/crypto_generichash_blake2b.h>

#include "buf.h"
#include "secret.h"
#include "text.h"

enum {
	NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
	KEY_BYTES = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
	SEALED_BYTES = NONCE_BYTES + sizeof(struct grant) + TAG_BYTES,
};
_Static_assert(
	(int)SEALED_BYTES <= (int)SUCCESSOR_ROOM, "a successor must fit");

static const char session_insert_sql[] =
	"INSERT INTO sessions (user_id, id, refresh_hash, created_at,"
	" last_seen_at, expires_at, password_at, address, user_agent)"
	" SELECT id, :session, :hash, :now, :now, :expires, :now, :address,"
	" :agent FROM users"
	" WHERE id = :user AND disabled = 0 AND password_hash = :password";
/* Through sessions_open: dead ones, however many, are not read. What a
   thousand do not end, the next login does. */
static const char session_overflow_sql[] =
	"UPDATE sessions SET ended_at = :now, end_reason = 'overflow',"
	" successor = NULL"
	" WHERE user_id = :user AND id IN"
	" (SELECT id FROM sessions WHERE user_id = :user"
	" AND ended_at IS NULL AND expires_at > :now"
	" AND last_seen_at > :idle_since"
	" ORDER BY created_at DESC, id DESC LIMIT 1000 OFFSET :keep)";
static const char session_end_sql[] =
	"UPDATE sessions SET ended_at = :now, end_reason = :reason,"
	" successor = NULL"
	" WHERE user_id = :user AND id = :session AND ended_at IS NULL"
	" AND expires_at > :now AND last_seen_at > :idle_since";
static const char session_end_any_sql[] =
	"UPDATE sessions SET ended_at = :now, end_reason = :reason,"
	" successor = NULL"
	" WHERE user_id = :user AND id = :session AND ended_at IS NULL";
static const char sessions_end_sql[] =
	"UPDATE sessions SET ended_at = :now, end_reason = :reason,"
	" successor = NULL"
	" WHERE user_id = :user AND id <> :but AND ended_at IS NULL";
static const char token_revoke_sql[] =
	"INSERT INTO token_blacklist (jti, user_id, revoked_at, expires_at)"
	" VALUES (:jti, :user, :now, :expires) ON CONFLICT (jti) DO NOTHING";

void grant_create(struct arena *arena, int64_t now_ms, struct grant *out)
{
	*out = (struct grant){.issued = now_ms / MS};
	random_bytes(out->refresh, sizeof(out->refresh));
	memcpy(out->jti, id_new(arena, now_ms), ID_LENGTH);
}

enum err grant_hash(struct auth *auth, struct arena *arena,
	const struct grant *grant, unsigned char out[HASH_BYTES])
{
	/* of the text, as hash_all() will see it again */
	const char *text =
		text_base64url(arena, grant->refresh, sizeof(grant->refresh));

	return hash_make(&auth->hashes, HASH_REFRESH_TOKEN, text,
		REFRESH_CHARACTERS, out);
}

enum err grant_issue(struct auth *auth, const struct auth_call *call,
	const struct session_row *session, const struct grant *grant,
	struct token_pair *out)
{
	int64_t session_end_s = session->expires / MS;
	int64_t expires = grant->issued + auth->settings.access_ttl_s;
	struct token_claims claims = {
		.user_id = session->user_id,
		.session_id = session->id,
		.jti = arena_text(call->arena, grant->jti),
		.role = role_name(session->role),
		.scope = "",
		.issued = grant->issued,
		/* an access token never outlives its session */
		.expires = expires < session_end_s ? expires : session_end_s,
	};
	const char *access;
	enum err err;

	if (claims.expires <= claims.issued)
		return ERR_TOKEN_INVALID;
	err = token_sign(
		auth->tokens, call->arena, &auth->policy, &claims, &access);
	if (err != ERR_OK)
		return err;
	*out = (struct token_pair){
		.access_token = access,
		.refresh_token = text_base64url(
			call->arena, grant->refresh, sizeof(grant->refresh)),
		.token_type = "bearer",
		.expires_in = claims.expires - call->now / MS,
		.refresh_expires_in = session_end_s - call->now / MS,
	};
	return ERR_OK;
}

enum err pair_for_browser(struct auth *auth, const struct auth_call *call,
	const char *session_id, struct token_pair *pair)
{
	enum err err =
		auth_csrf_make(auth, call, session_id, &pair->csrf_token);

	if (err == ERR_OK)
		pair->token_type = "cookie";
	return err;
}

/* The old token is the key: it stands nowhere but with its owner. */
static void successor_key(const char *old, unsigned char out[KEY_BYTES])
{
	static const unsigned char salt[crypto_generichash_blake2b_SALTBYTES];
	static const unsigned char
		purpose[crypto_generichash_blake2b_PERSONALBYTES] =
			"kontor.successr";

	(void)crypto_generichash_blake2b_salt_personal(out, KEY_BYTES,
		(const unsigned char *)old, strlen(old), NULL, 0, salt,
		purpose);
}

size_t grant_seal(const struct grant *grant, const char *session_id,
	const char *old, unsigned char out[SUCCESSOR_ROOM])
{
	unsigned char key[KEY_BYTES];

	successor_key(old, key);
	random_bytes(out, NONCE_BYTES);
	/* this cannot fail: lengths are constants */
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(out + NONCE_BYTES,
		NULL, (const unsigned char *)grant, sizeof(*grant),
		(const unsigned char *)session_id, strlen(session_id), NULL,
		out, key);
	secret_wipe(key, sizeof(key));
	return SEALED_BYTES;
}

bool grant_open(const void *sealed, size_t len, const char *session_id,
	const char *old, struct grant *out)
{
	const unsigned char *bytes = sealed;
	unsigned char key[KEY_BYTES];
	struct grant grant;
	bool opened;

	if (!sealed || len != SEALED_BYTES)
		return false;
	successor_key(old, key);
	opened = crypto_aead_xchacha20poly1305_ietf_decrypt(
			 (unsigned char *)&grant, NULL, NULL,
			 bytes + NONCE_BYTES, len - NONCE_BYTES,
			 (const unsigned char *)session_id, strlen(session_id),
			 bytes, key) == 0;
	secret_wipe(key, sizeof(key));
	if (opened)
		*out = grant;
	secret_wipe(&grant, sizeof(grant));
	return opened;
}

static int64_t idle_since(const struct auth *auth, int64_t now_ms)
{
	return now_ms - auth->settings.session_idle_s * MS;
}

/* At most USER_AGENT_LIMIT characters, never half of one. */
static const char *agent_cut(struct arena *arena, const char *agent)
{
	size_t characters = 0, len = 0;

	if (!agent || !text_is_utf8(agent, strlen(agent)))
		return NULL;
	for (; agent[len]; len++) {
		if (((unsigned char)agent[len] & 0xc0) == 0x80)
			continue;
		if (characters++ == USER_AGENT_LIMIT)
			break;
	}
	return arena_copy(arena, agent, len);
}

static enum err overflow_end(
	struct auth *auth, int64_t now_ms, const char *user_id)
{
	return db_run(auth->db, session_overflow_sql,
		BINDS(bind_int(":now", now_ms), bind_text(":user", user_id),
			bind_int(":idle_since", idle_since(auth, now_ms)),
			bind_int(
				":keep", auth->settings.sessions_per_user - 1)),
		NULL);
}

enum err session_create(struct auth *auth, const struct auth_call *call,
	const struct user_row *user, const struct grant *grant,
	struct session_row *out)
{
	struct session_row session = {
		.user_id = user->id,
		.role = user->role,
		.id = id_new(call->arena, call->now),
		.expires = call->now + auth->settings.refresh_ttl_s * MS,
		.last_seen = call->now,
	};
	unsigned char hash[HASH_BYTES];
	int64_t changed;
	enum err err = grant_hash(auth, call->arena, grant, hash);

	if (err == ERR_OK)
		err = overflow_end(auth, call->now, user->id);
	if (err != ERR_OK)
		return err;
	err = db_run(auth->db, session_insert_sql,
		BINDS(bind_text(":session", session.id),
			bind_blob(":hash", hash, sizeof(hash)),
			bind_int(":now", call->now),
			bind_int(":expires", session.expires),
			bind_text(
				":address", call->address ? call->address : ""),
			bind_text(":agent",
				agent_cut(call->arena, call->user_agent)),
			bind_text(":user", user->id),
			bind_text(":password", user->password_hash)),
		&changed);
	if (err != ERR_OK)
		return err;
	if (changed != 1)
		return ERR_CONFLICT;
	*out = session;
	return ERR_OK;
}

bool session_is_live(const struct auth *auth, const struct session_row *session,
	int64_t now_ms)
{
	return !session->ended && session->expires > now_ms &&
	       session->last_seen > idle_since(auth, now_ms);
}

enum err session_end(struct auth *auth, int64_t now_ms, const char *user_id,
	const char *session_id, const char *reason)
{
	int64_t changed;
	enum err err = db_run(auth->db, session_end_sql,
		BINDS(bind_int(":now", now_ms), bind_text(":reason", reason),
			bind_text(":user", user_id),
			bind_text(":session", session_id),
			bind_int(":idle_since", idle_since(auth, now_ms))),
		&changed);

	if (err != ERR_OK)
		return err;
	return changed == 1 ? ERR_OK : ERR_NOT_FOUND;
}

enum err session_end_any(struct auth *auth, int64_t now_ms,
	const struct session_row *session, const char *reason)
{
	return db_run(auth->db, session_end_any_sql,
		BINDS(bind_int(":now", now_ms), bind_text(":reason", reason),
			bind_text(":user", session->user_id),
			bind_text(":session", session->id)),
		NULL);
}

enum err sessions_end(struct auth *auth, int64_t now_ms, const char *user_id,
	const char *but, const char *reason)
{
	return db_run(auth->db, sessions_end_sql,
		BINDS(bind_int(":now", now_ms), bind_text(":reason", reason),
			bind_text(":user", user_id),
			bind_text(":but", but ? but : "")),
		NULL);
}

enum err token_revoke(
	struct auth *auth, int64_t now_ms, const struct identity *who)
{
	return db_run(auth->db, token_revoke_sql,
		BINDS(bind_text(":jti", who->jti),
			bind_text(":user", who->user_id),
			bind_int(":now", now_ms),
			bind_int(":expires", who->token_expires)),
		NULL);
}
