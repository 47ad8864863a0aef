/*
 * From a hook's secret to its owner's scope. Must never tell a wrong secret
 * from an unknown one, and never let a call on whose signature, where one is
 * demanded, was not checked.
 */
#include "hook.h"

#include <sodium.h>

#include "auth_private.h"
#include "scope_mint.h"
#include "secret.h"
#include "text.h"

enum {
	SECRET_BYTES = 32,
	SECRET_CHARACTERS = 43,
	NONCE_BYTES = 16,
	HINT_CHARACTERS = 4,
	WHOLE = ID_LENGTH + 1 + SECRET_CHARACTERS,
	TIME_DIGITS = 12,
	MAC_HEX = 2 * crypto_auth_hmacsha256_BYTES
};

_Static_assert(
	(int)HOOK_HASH_BYTES == (int)HASH_BYTES, "the hash must fit the row");

static const char find_sql[] =
	"SELECT h.user_id, h.secret_hash, h.signed, h.nonce, h.addresses,"
	" h.window_s, h.enabled, u.disabled FROM hooks h"
	" JOIN users u ON u.id = h.user_id WHERE h.id = :id";

/* ---- made -------------------------------------------------------------------- */

static const char *random_text(struct arena *arena, size_t len)
{
	unsigned char bytes[SECRET_BYTES];
	const char *text;

	random_bytes(bytes, len);
	text = text_base64url(arena, bytes, len);
	secret_wipe(bytes, sizeof(bytes));
	return text;
}

/* The nonce changes with the secret: an old key signs nothing any more. */
static const char *key_input(
	struct arena *arena, const char *id, const char *nonce)
{
	return arena_format(arena, "%s.%s", id, nonce);
}

enum err auth_hook_make(struct auth *auth, const struct auth_call *call,
	const char *id, struct hook_secret *out)
{
	struct arena *arena = call->arena;
	struct hook_secret made = {.id = id ? id : id_new(arena, call->now)};
	const char *random = random_text(arena, SECRET_BYTES);
	unsigned char key[HASH_BYTES];
	const char *input;
	enum err err;

	made.secret = arena_format(arena, "%s.%s", made.id, random);
	made.hint = random + SECRET_CHARACTERS - HINT_CHARACTERS;
	made.nonce = random_text(arena, NONCE_BYTES);
	input = key_input(arena, made.id, made.nonce);
	err = hash_make(&auth->hashes, HASH_HOOK, made.secret,
		strlen(made.secret), made.hash);
	if (err == ERR_OK)
		err = hash_make(&auth->hashes, HASH_HOOK_KEY, input,
			strlen(input), key);
	if (err != ERR_OK)
		return err;
	made.key = text_base64url(arena, key, sizeof(key));
	secret_wipe(key, sizeof(key));
	*out = made;
	return ERR_OK;
}

/* ---- shown -------------------------------------------------------------------- */

struct hook_row {
	const char *user_id, *nonce, *addresses;
	const unsigned char *hash;
	size_t hash_len;
	int64_t window_s;
	bool needs_signature, enabled;
};

static bool parse(struct arena *arena, const char *secret, const char **id)
{
	if (strnlen(secret, WHOLE + 1) != WHOLE || secret[ID_LENGTH] != '.')
		return false;
	*id = arena_copy(arena, secret, ID_LENGTH);
	return id_is_valid(*id);
}

static enum err find(struct auth *auth, const struct auth_call *call,
	const char *id, struct hook_row *out)
{
	struct rows *rows;
	enum err err = db_first(auth->db, call->arena, find_sql,
		BINDS(bind_text(":id", id)), &rows);

	if (err != ERR_OK)
		return ERR_UNAVAILABLE;
	if (!rows)
		return ERR_NOT_FOUND;
	*out = (struct hook_row){
		.user_id = rows_text(rows, 0),
		.needs_signature = rows_int(rows, 2) != 0,
		.nonce = rows_text(rows, 3),
		.addresses = rows_text(rows, 4),
		.window_s = rows_int(rows, 5),
		.enabled = rows_int(rows, 6) != 0 && rows_int(rows, 7) == 0,
	};
	out->hash = rows_blob(rows, 1, &out->hash_len);
	rows_end(rows);
	return ERR_OK;
}

static bool hash_matches(
	const struct hash_set *given, const struct hook_row *row)
{
	bool same = false;

	for (size_t i = 0; i < given->count; i++)
		same |= secret_equal(
			given->hash[i], HASH_BYTES, row->hash, row->hash_len);
	return same;
}

static enum err identify(struct auth *auth, const struct auth_call *call,
	const char *secret, const char **id, struct hook_row *out)
{
	struct hash_set given;
	enum err err = parse(call->arena, secret, id) ? ERR_OK : ERR_NOT_FOUND;

	if (err == ERR_OK)
		err = hash_all(
			&auth->hashes, call->now, HASH_HOOK, secret, &given);
	if (err == ERR_OK)
		err = find(auth, call, *id, out);
	if (err == ERR_OK && (!hash_matches(&given, out) || !out->enabled))
		err = ERR_NOT_FOUND;
	if (err == ERR_NOT_FOUND)
		report_event(call->report, "hook.unknown");
	return err;
}

/* ---- signed ------------------------------------------------------------------- */

/* "t=SECONDS,v1=HEX", nothing else. */
static bool signature_parse(struct arena *arena, const char *text,
	const char **time, const char **mac)
{
	const char *comma = strchr(text, ',');
	const size_t len = comma ? (size_t)(comma - text) : 0;

	if (len < 3 || len > 2 + TIME_DIGITS || !text_starts(text, "t=") ||
		!text_starts(comma, ",v1=") ||
		strlen(comma + 4) != (size_t)MAC_HEX)
		return false;
	*time = arena_copy(arena, text + 2, len - 2);
	*mac = comma + 4;
	return true;
}

/* key: the text that its owner was shown. */
static bool mac_matches(struct arena *arena, const unsigned char *key,
	const char *time, const struct hook_attempt *attempt, const char *mac)
{
	const char *text = text_base64url(arena, key, HASH_BYTES);
	unsigned char made[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state state;
	char hex[MAC_HEX + 1];

	(void)crypto_auth_hmacsha256_init(
		&state, (const unsigned char *)text, strlen(text));
	(void)crypto_auth_hmacsha256_update(
		&state, (const unsigned char *)time, strlen(time));
	(void)crypto_auth_hmacsha256_update(
		&state, (const unsigned char *)".", 1);
	(void)crypto_auth_hmacsha256_update(&state,
		(const unsigned char *)attempt->body, attempt->body_len);
	(void)crypto_auth_hmacsha256_final(&state, made);
	secret_wipe(&state, sizeof(state));
	(void)sodium_bin2hex(hex, sizeof(hex), made, sizeof(made));
	return secret_equal(hex, MAC_HEX, mac, MAC_HEX);
}

/* NULL in *refused: it is signed, of now. */
static enum err signature_check(struct auth *auth, const struct auth_call *call,
	const struct hook_attempt *attempt, const struct hook_row *row,
	struct hook_grant *grant)
{
	const char *time, *mac;
	struct hash_set keys;
	int64_t seconds;
	bool matches = false;
	enum err err = hash_all(&auth->hashes, call->now, HASH_HOOK_KEY,
		key_input(call->arena, grant->hook_id, row->nonce), &keys);

	if (err != ERR_OK)
		return err;
	grant->refused = "signature";
	if (!attempt->signature ||
		!signature_parse(
			call->arena, attempt->signature, &time, &mac) ||
		!text_integer(time, &seconds))
		return ERR_OK;
	for (size_t i = 0; i < keys.count; i++)
		matches |= mac_matches(
			call->arena, keys.hash[i], time, attempt, mac);
	secret_wipe(&keys, sizeof(keys));
	if (!matches)
		return ERR_OK;
	grant->refused = NULL;
	grant->signed_s = seconds;
	if (seconds < call->now / MS - row->window_s ||
		seconds > call->now / MS + row->window_s)
		grant->refused = "time";
	return ERR_OK;
}

enum err auth_hook_admit(struct auth *auth, const struct auth_call *call,
	const struct hook_attempt *attempt, struct hook_grant *grant,
	struct scope **scope)
{
	struct hook_grant found = {0};
	struct hook_row row;
	enum err err = call_check(call);

	if (err == ERR_OK)
		err = identify(
			auth, call, attempt->secret, &found.hook_id, &row);
	if (err != ERR_OK)
		return err;
	if (row.addresses &&
		!attempt->is_allowed(call->arena, row.addresses, call->address))
		found.refused = "address";
	else if (row.needs_signature)
		err = signature_check(auth, call, attempt, &row, &found);
	if (err != ERR_OK)
		return err;
	if (found.refused)
		report_event(call->report, "hook.refused");
	*grant = found;
	*scope = scope_mint(
		call->arena, auth->db, call->report, row.user_id, call->now);
	return ERR_OK;
}
