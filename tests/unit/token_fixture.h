/*
 * A folder with a known key file, and tokens made by hand with its keys.
 * Included by one test program at a time.
 */
#ifndef TOKEN_FIXTURE_H
#define TOKEN_FIXTURE_H

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "arena.h"
#include "auth.h"
#include "file.h"
#include "folder.h"
#include "id.h"
#include "text.h"
#include "token.h"

enum {
	MIB = 1024 * 1024
};

static const int64_t now_ms = 1800000000000;
static const char key_hex[] =
	"d1a0c94b7e2f8350617c9ab4e3f25d886f017bca39e54d2091b8c6f7a3d40e5c";
static const char old_hex[] =
	"5ce0d43a7f6c8b91d0254ee9ca3b7f0188d52f3e4ba99c7c6150832f7e4bc9a0";

#define SUB "01kxw00000000000000000000a"
#define SID "01kxw00000000000000000000b"
#define JTI "01kxw00000000000000000000c"
#define IDS "\"sub\":\"" SUB "\",\"sid\":\"" SID "\",\"jti\":\"" JTI "\""
#define FROM "\"iss\":\"here\",\"aud\":\"kontor\""
#define WHO "\"role\":\"user\",\"scope\":\"\""
#define TIMES "\"iat\":1799999990,\"exp\":1800000600"
#define GOOD FROM ",\"kind\":\"access\"," IDS "," WHO "," TIMES
#define HEADER "{\"alg\":\"HS256\",\"kid\":\"k1\",\"typ\":\"JWT\"}"

static const struct token_policy policy = {
	.issuer = "here", .audience = "kontor", .ttl_s = 1800};

struct fixture {
	char folder[64];
	const char *path;
	struct arena *arena;
	struct token_keys *keys;
};

static inline void write_keys(struct fixture *f, const char *text)
{
	assert_int_equal(file_write(f->path, text, strlen(text), 0600), ERR_OK);
}

static inline const char *key_lines(struct fixture *f)
{
	return arena_format(f->arena,
		"k1 %s ACTIVE 1000\nk0 %s RETIRED 500 %lld\n", key_hex, old_hex,
		(long long)now_ms + 1);
}

static inline int open_fixture(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	folder_make(f->folder, sizeof(f->folder));
	f->arena = arena_open(64 * MIB);
	f->path = file_join(f->arena, f->folder, "token.keys");
	write_keys(f, key_lines(f));
	assert_int_equal(token_keys_open(f->arena, f->path, &f->keys), ERR_OK);
	*state = f;
	return 0;
}

static inline int remove_one(
	const char *path, const struct stat *s, int type, struct FTW *walk)
{
	(void)s;
	(void)type;
	(void)walk;
	return remove(path);
}

static inline int close_fixture(void **state)
{
	struct fixture *f = *state;

	token_keys_close(&f->keys);
	arena_close(&f->arena);
	nftw(f->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(f);
	return 0;
}

static inline const char *encode(
	struct fixture *f, const void *bytes, size_t len)
{
	return text_base64url(f->arena, bytes, len);
}

static inline const char *sign_with(
	struct fixture *f, const char *signing_input, const char *hex)
{
	unsigned char key[32], mac[32];

	assert_int_equal(text_hex_decode(hex, key, sizeof(key)), ERR_OK);
	crypto_auth_hmacsha256(mac, (const unsigned char *)signing_input,
		strlen(signing_input), key);
	return arena_format(
		f->arena, "%s.%s", signing_input, encode(f, mac, sizeof(mac)));
}

/* Signed with the active key, whatever header and payload say. */
static inline const char *forge(
	struct fixture *f, const char *header, const char *payload)
{
	return sign_with(f,
		arena_format(f->arena, "%s.%s",
			encode(f, header, strlen(header)),
			encode(f, payload, strlen(payload))),
		key_hex);
}

static inline enum err verify_len(
	struct fixture *f, const char *token, size_t len)
{
	struct token_claims claims = {.user_id = "untouched"};
	enum err err = token_verify(f->keys,
		&(const struct token_reading){
			.arena = f->arena, .policy = &policy, .now_ms = now_ms},
		token, len, &claims);

	if (err != ERR_OK)
		assert_string_equal(claims.user_id, "untouched");
	return err;
}

static inline enum err verify(struct fixture *f, const char *token)
{
	return verify_len(f, token, strlen(token));
}

static const struct token_claims good_claims = {
	.user_id = SUB,
	.session_id = SID,
	.jti = JTI,
	.role = "admin",
	.scope = "market:read",
	.issued = 1800000000,
	.expires = 1800001800,
};

static inline const char *sign_good(struct fixture *f)
{
	const char *token = NULL;

	assert_int_equal(
		token_sign(f->keys, f->arena, &policy, &good_claims, &token),
		ERR_OK);
	return token;
}

static inline enum err verify_at(
	struct fixture *f, const char *token, int64_t at_ms)
{
	struct token_claims claims;

	return token_verify(f->keys,
		&(const struct token_reading){
			.arena = f->arena, .policy = &policy, .now_ms = at_ms},
		token, strlen(token), &claims);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)

#endif
