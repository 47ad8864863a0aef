/*
 * Access tokens: what we sign verifies, and nothing else does, whatever it
 * looks like. Hostile tokens are made here by hand with the right key where
 * only their form must be refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "token_fixture.h"

static void a_signed_token_gives_its_claims_back(void **state)
{
	struct fixture *f = *state;
	const char *token = sign_good(f);
	struct token_claims claims;

	assert_int_equal(
		token_verify(f->keys,
			&(const struct token_reading){.arena = f->arena,
				.policy = &policy,
				.now_ms = now_ms},
			token, strlen(token), &claims),
		ERR_OK);
	assert_string_equal(claims.user_id, SUB);
	assert_string_equal(claims.session_id, SID);
	assert_string_equal(claims.jti, JTI);
	assert_string_equal(claims.role, "admin");
	assert_string_equal(claims.scope, "market:read");
	assert_int_equal(claims.issued, 1800000000);
	assert_int_equal(claims.expires, 1800001800);
}

static void the_same_claims_give_the_same_token(void **state)
{
	assert_string_equal(sign_good(*state), sign_good(*state));
}

static void our_own_forgery_verifies(void **state)
{
	struct fixture *f = *state;

	/* or the table below would prove nothing */
	assert_int_equal(verify(f, forge(f, HEADER, "{" GOOD "}")), ERR_OK);
	assert_int_equal(
		verify(f, forge(f, "{\"kid\":\"k1\",\"alg\":\"HS256\"}",
				  "{" GOOD ",\"nbf\":1800000000}")),
		ERR_OK);
}

static void every_bit_of_a_token_counts(void **state)
{
	struct fixture *f = *state;
	const char *good = sign_good(f);
	size_t len = strlen(good);

	for (size_t i = 0; i < len; i++) {
		char *bad = arena_copy(f->arena, good, len);

		bad[i] = bad[i] == 'A' ? 'B' : 'A';
		assert_int_equal(verify(f, bad), ERR_TOKEN_INVALID);
	}
}

static void every_shorter_token_is_refused(void **state)
{
	struct fixture *f = *state;
	const char *good = sign_good(f);

	for (size_t len = 0; len < strlen(good); len++) {
		/* memory of that size: no byte behind it may be read */
		char *exact = malloc(len ? len : 1);

		assert_non_null(exact);
		memcpy(exact, good, len);
		assert_int_equal(verify_len(f, exact, len), ERR_TOKEN_INVALID);
		free(exact);
	}
}

static const char *const hostile_headers[] = {
	"{\"alg\":\"none\",\"kid\":\"k1\"}",
	"{\"alg\":\"None\",\"kid\":\"k1\"}",
	"{\"alg\":\"NONE\",\"kid\":\"k1\"}",
	"{\"alg\":\"nOnE\",\"kid\":\"k1\"}",
	"{\"alg\":\"\",\"kid\":\"k1\"}",
	"{\"alg\":null,\"kid\":\"k1\"}",
	"{\"alg\":256,\"kid\":\"k1\"}",
	"{\"alg\":true,\"kid\":\"k1\"}",
	"{\"alg\":[\"HS256\"],\"kid\":\"k1\"}",
	"{\"alg\":{\"HS256\":1},\"kid\":\"k1\"}",
	"{\"alg\":\"hs256\",\"kid\":\"k1\"}",
	"{\"alg\":\"Hs256\",\"kid\":\"k1\"}",
	"{\"alg\":\"HS256 \",\"kid\":\"k1\"}",
	"{\"alg\":\"HS256\\u0000\",\"kid\":\"k1\"}",
	"{\"alg\":\"HS384\",\"kid\":\"k1\"}",
	"{\"alg\":\"HS512\",\"kid\":\"k1\"}",
	"{\"alg\":\"RS256\",\"kid\":\"k1\"}",
	"{\"alg\":\"ES256\",\"kid\":\"k1\"}",
	"{\"Alg\":\"HS256\",\"kid\":\"k1\"}",
	"{\"kid\":\"k1\",\"typ\":\"JWT\"}",
	"{\"alg\":\"none\",\"alg\":\"HS256\",\"kid\":\"k1\"}",
	"{\"alg\":\"HS256\",\"alg\":\"none\",\"kid\":\"k1\"}",
	"{\"alg\":\"HS256\",\"alg\":\"HS256\",\"kid\":\"k1\"}",
	"{\"alg\":\"HS256\",\"kid\":\"k2\"}",
	"{\"alg\":\"HS256\",\"kid\":\"K1\"}",
	"{\"alg\":\"HS256\",\"kid\":\"\"}",
	"{\"alg\":\"HS256\",\"kid\":\"k1\\u0000\"}",
	"{\"alg\":\"HS256\",\"kid\":\"../token\"}",
	"{\"alg\":\"HS256\",\"kid\":1}",
	"{\"alg\":\"HS256\",\"kid\":null}",
	"{\"alg\":\"HS256\",\"kid\":[\"k1\"]}",
	"{\"alg\":\"HS256\",\"kid\":\"k2\",\"kid\":\"k1\"}",
	"{\"alg\":\"HS256\"}",
	"{\"alg\":\"HS256\",\"kid\":\"k1\",\"typ\":\"at+jwt\"}",
	"{\"alg\":\"HS256\",\"kid\":\"k1\",\"typ\":\"jwt\"}",
	"{\"alg\":\"HS256\",\"kid\":\"k1\",\"typ\":null}",
	"{\"alg\":\"HS256\",\"kid\":\"k1\",\"crit\":[\"exp\"]}",
	"{\"alg\":\"HS256\",\"kid\":\"k1\",\"crit\":[]}",
	"{\"alg\":\"HS256\",\"kid\":\"k1\",\"b64\":false}",
	"{\"alg\":\"HS256\",\"kid\":\"k1\",\"zip\":\"DEF\"}",
	"{\"alg\":\"HS256\",\"kid\":\"k1\",\"jku\":\"https://"
	"x.example\"}",
	"{\"alg\":\"HS256\",\"kid\":\"k1\",\"x5u\":\"https://"
	"x.example\"}",
	"{\"alg\":\"HS256\",\"kid\":\"k1\",\"x5c\":[\"AAAA\"]}",
	"{\"alg\":\"HS256\",\"kid\":\"k1\",\"jwk\":{\"kty\":\"oct\"}}",
	"{'alg':'HS256','kid':'k1'}",
	"[\"HS256\"]",
	"\"HS256\"",
	"null",
	"{}",
	"{\"alg\":\"HS256\",\"kid\":\"k1\"} ,",
	"{\"alg\":\"HS256\",\"kid\":\"k1\"}{}",
	"{\"alg\":\"HS256\",\"kid\":\"k1\"",
};

static void hostile_headers_are_refused(void **state)
{
	const char *const *rows = hostile_headers;
	const size_t count = sizeof(hostile_headers) / sizeof(*hostile_headers);
	struct fixture *f = *state;

	for (size_t i = 0; i < count; i++) {
		enum err err = verify(f, forge(f, rows[i], "{" GOOD "}"));

		if (err != ERR_TOKEN_INVALID)
			print_error("%s: %s\n", rows[i], err_slug(err));
		assert_int_equal(err, ERR_TOKEN_INVALID);
	}
}

#define REST "\"kind\":\"access\"," IDS "," WHO "," FROM

static const char *const hostile_claims[] = {
	/* kind, issuer, audience */
	"{" FROM ",\"kind\":\"refresh\"," IDS "," WHO "," TIMES "}",
	"{" FROM ",\"kind\":\"Access\"," IDS "," WHO "," TIMES "}",
	"{" FROM ",\"kind\":[\"access\"]," IDS "," WHO "," TIMES "}",
	"{" FROM "," IDS "," WHO "," TIMES "}",
	"{\"aud\":\"kontor\",\"kind\":\"access\"," IDS "," WHO "," TIMES "}",
	"{\"iss\":\"there\",\"aud\":\"kontor\",\"kind\":\"access\"," IDS "," WHO
	"," TIMES "}",
	"{\"iss\":\"here\",\"aud\":\"other\",\"kind\":\"access\"," IDS "," WHO
	"," TIMES "}",
	"{\"iss\":\"here\",\"aud\":[\"kontor\"],\"kind\":"
	"\"access\"," IDS "," WHO "," TIMES "}",
	"{\"iss\":\"here\",\"kind\":\"access\"," IDS "," WHO "," TIMES "}",
	/* times */
	"{" REST ",\"iat\":1799999990,\"exp\":1799999999}",
	"{" REST ",\"iat\":1799999990,\"exp\":1800000000}",
	"{" REST ",\"iat\":1799999990}",
	"{" REST ",\"exp\":1800000600}",
	"{" REST ",\"iat\":1799999990,\"exp\":1800000600.0}",
	"{" REST ",\"iat\":1799999990,\"exp\":1800000600.5}",
	"{" REST ",\"iat\":1799999990,\"exp\":1.8000006e9}",
	"{" REST ",\"iat\":1799999990,\"exp\":\"1800000600\"}",
	"{" REST ",\"iat\":1799999990,\"exp\":null}",
	"{" REST ",\"iat\":1799999990,\"exp\":true}",
	"{" REST ",\"iat\":1799999990,\"exp\":-1}",
	"{" REST ",\"iat\":1799999990,\"exp\":-1800000600}",
	"{" REST ",\"iat\":1799999990,\"exp\":99999999999}",
	"{" REST ",\"iat\":1799999990,\"exp\":9223372036854775807}",
	"{" REST ",\"iat\":1799999990,\"exp\":92233720368547758070}",
	"{" REST ",\"iat\":1799999990,\"exp\":01800000600}",
	"{" REST ",\"iat\":1799999990,\"exp\":[1800000600]}",
	"{" REST ",\"iat\":1799990000,\"exp\":1800000600}",
	"{" REST ",\"iat\":1800000031,\"exp\":1800000600}",
	"{" REST ",\"iat\":1799999990.0,\"exp\":1800000600}",
	"{" REST ",\"iat\":-5,\"exp\":1800000600}",
	"{" GOOD ",\"nbf\":1800000031}",
	"{" GOOD ",\"nbf\":99999999999999}",
	"{" GOOD ",\"nbf\":1799999990.5}",
	"{" GOOD ",\"nbf\":\"1799999990\"}",
	"{" GOOD ",\"nbf\":null}",
	/* ids, role */
	"{" FROM ",\"kind\":\"access\"," WHO "," TIMES "}",
	"{" FROM ",\"kind\":\"access\",\"sub\":\"" SUB "\",\"sid\":\"" SID
	"\",\"jti\":\"x\"," WHO "," TIMES "}",
	"{" FROM ",\"kind\":\"access\",\"sub\":\"" SUB
	"\\u0000\",\"sid\":\"" SID "\",\"jti\":\"" JTI "\"," WHO "," TIMES "}",
	"{" FROM ",\"kind\":\"access\",\"sub\":7,\"sid\":\"" SID
	"\",\"jti\":\"" JTI "\"," WHO "," TIMES "}",
	"{" FROM ",\"kind\":\"access\",\"sub\":\"' OR 1=1 --          "
	"     \",\"sid\":\"" SID "\",\"jti\":\"" JTI "\"," WHO "," TIMES "}",
	"{" FROM ",\"kind\":\"access\"," IDS
	",\"role\":\"root\",\"scope\":\"\"," TIMES "}",
	"{" FROM ",\"kind\":\"access\"," IDS ",\"role\":\"user\"," TIMES "}",
	"{" FROM ",\"kind\":\"access\"," IDS
	",\"role\":\"user\",\"scope\":[]," TIMES "}",
	/* documents */
	"{" GOOD ",\"exp\":1800000601}",
	"{" GOOD ",\"sub\":\"" JTI "\"}",
	"[{" GOOD "}]",
	"[]",
	"\"access\"",
	"1",
	"{}",
	"{" GOOD "}x",
	"{" GOOD "}{}",
	"{" GOOD ",}",
	"{" GOOD ",\"x\":NaN}",
	"{" GOOD ",\"x\":'y'}",
	"{" GOOD ",\"x\":\"\x01\"}",
	"{" GOOD ",\"x\":\"\xc0\xaf\"}",
	"\xef\xbb\xbf{" GOOD "}",
};

static void hostile_claims_are_refused(void **state)
{
	const char *const *rows = hostile_claims;
	const size_t count = sizeof(hostile_claims) / sizeof(*hostile_claims);
	struct fixture *f = *state;

	for (size_t i = 0; i < count; i++) {
		enum err err = verify(f, forge(f, HEADER, rows[i]));

		if (err != ERR_TOKEN_INVALID)
			print_error("%s: %s\n", rows[i], err_slug(err));
		assert_int_equal(err, ERR_TOKEN_INVALID);
	}
}

static void a_payload_too_deep_is_refused(void **state)
{
	struct fixture *f = *state;
	char open[65] = {0}, shut[65] = {0};

	memset(open, '[', 64);
	memset(shut, ']', 64);
	assert_int_equal(verify(f, forge(f, HEADER,
					   arena_format(f->arena,
						   "{" GOOD ",\"x\":%s%s}",
						   open, shut))),
		ERR_TOKEN_INVALID);
}

static void a_nul_in_the_json_is_refused(void **state)
{
	static const char payload[] = "{" GOOD "}\0{\"more\":1}";
	struct fixture *f = *state;
	const char *input = arena_format(f->arena, "%s.%s",
		encode(f, HEADER, sizeof(HEADER) - 1),
		encode(f, payload, sizeof(payload) - 1));

	assert_int_equal(
		verify(f, sign_with(f, input, key_hex)), ERR_TOKEN_INVALID);
}

static void other_forms_of_a_good_token_are_refused(void **state)
{
	static const char *const formats[] = {
		" %s",
		"%s ",
		"%s\n",
		"\t%s",
		"%s=",
		"%s==",
		"%s.",
		".%s",
		"%s.x",
		"%s\x01",
		"%s\xff",
		"%s#",
		"Bearer %s",
		"\"%s\"",
		"%s%%3d",
		"%s,%%s",
	};
	struct fixture *f = *state;
	const char *good = sign_good(f);

	assert_int_equal(verify(f, good), ERR_OK);
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		const char *mark = strstr(formats[i], "%s");
		char *text = arena_alloc(f->arena, strlen(good) + 16);
		size_t head = (size_t)(mark - formats[i]);

		memcpy(text, formats[i], head);
		memcpy(text + head, good, strlen(good));
		memcpy(text + head + strlen(good), mark + 2,
			strlen(mark + 2) + 1);
		assert_int_equal(verify(f, text), ERR_TOKEN_INVALID);
	}
	/* a NUL and more behind a good one */
	assert_int_equal(
		verify_len(f, good, strlen(good) + 1), ERR_TOKEN_INVALID);
}

static void junk_in_a_part_is_refused(void **state)
{
	struct fixture *f = *state;
	const char *header = encode(f, HEADER, sizeof(HEADER) - 1);
	const char *payload = encode(f, "{" GOOD "}", sizeof("{" GOOD "}") - 1);
	const struct {
		const char *header, *payload;
	} rows[] = {
		{arena_format(f->arena, "%s=", header), payload},
		{arena_format(f->arena, "%s==", header), payload},
		{arena_format(f->arena, "%sA", header), payload},
		{arena_format(f->arena, " %s", header), payload},
		{header, arena_format(f->arena, "%s=", payload)},
		{header, arena_format(f->arena, "%s \n", payload)},
		{header, arena_format(f->arena, "%s+/", payload)},
		{"", payload},
		{header, ""},
		{"", ""},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(
			verify(f, sign_with(f,
					  arena_format(f->arena, "%s.%s",
						  rows[i].header,
						  rows[i].payload),
					  key_hex)),
			ERR_TOKEN_INVALID);
}

static void base64_with_loose_bits_is_refused(void **state)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789-_";
	struct fixture *f = *state;
	const char *good = sign_good(f);
	size_t len = strlen(good);
	const char *last = strchr(alphabet, good[len - 1]);
	char *loose = arena_copy(f->arena, good, len);

	/* 43 characters carry 2 bits too many: the same 32 bytes */
	assert_non_null(last);
	loose[len - 1] = last[1];
	assert_int_equal(verify(f, loose), ERR_TOKEN_INVALID);
}

static void empty_parts_are_refused(void **state)
{
	static const char *const rows[] = {"", ".", "..", "...", "a", "a.b",
		"a..b", ".a.b", "a.b.", "a.b.c.d", "a.b.c.d.e", "....",
		"e30.e30.", "e30..e30", "eyJhbGciOiJub25lIn0.e30."};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(verify(f, rows[i]), ERR_TOKEN_INVALID);
}

static void an_unsigned_or_cut_signature_is_refused(void **state)
{
	struct fixture *f = *state;
	const char *input = arena_format(f->arena, "%s.%s",
		encode(f, HEADER, sizeof(HEADER) - 1),
		encode(f, "{" GOOD "}", sizeof("{" GOOD "}") - 1));
	unsigned char long_mac[64] = {1};

	assert_int_equal(verify(f, input), ERR_TOKEN_INVALID);
	assert_int_equal(verify(f, arena_format(f->arena, "%s.", input)),
		ERR_TOKEN_INVALID);
	for (size_t len = 1; len <= sizeof(long_mac); len++)
		assert_int_equal(
			verify(f, arena_format(f->arena, "%s.%s", input,
					  encode(f, long_mac, len))),
			ERR_TOKEN_INVALID);
	/* another key under this id */
	assert_int_equal(
		verify(f, sign_with(f, input, old_hex)), ERR_TOKEN_INVALID);
}

static void a_huge_token_is_refused_unread(void **state)
{
	enum {
		HUGE_BYTES = 9 * MIB
	};
	struct fixture *f = *state;
	char *huge = malloc(HUGE_BYTES);
	size_t used = arena_used(f->arena);

	assert_non_null(huge);
	memset(huge, 'A', HUGE_BYTES);
	huge[100] = huge[200] = '.';
	assert_int_equal(verify_len(f, huge, HUGE_BYTES), ERR_TOKEN_INVALID);
	assert_int_equal(
		verify_len(f, huge, TOKEN_LENGTH_LIMIT + 1), ERR_TOKEN_INVALID);
	assert_int_equal(arena_used(f->arena), used);
	assert_int_equal(
		verify_len(f, huge, TOKEN_LENGTH_LIMIT), ERR_TOKEN_INVALID);
	free(huge);
}

static void a_token_ends_to_the_millisecond(void **state)
{
	struct fixture *f = *state;
	const char *token = sign_good(f);

	assert_int_equal(verify_at(f, token, 1800001799999), ERR_OK);
	assert_int_equal(verify_at(f, token, 1800001800000), ERR_TOKEN_INVALID);
}

static void without_a_clock_nothing_verifies(void **state)
{
	assert_int_equal(
		verify_at(*state, sign_good(*state), -1), ERR_UNAVAILABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_signed_token_gives_its_claims_back),
		TEST(the_same_claims_give_the_same_token),
		TEST(our_own_forgery_verifies),
		TEST(every_bit_of_a_token_counts),
		TEST(every_shorter_token_is_refused),
		TEST(hostile_headers_are_refused),
		TEST(hostile_claims_are_refused),
		TEST(a_payload_too_deep_is_refused),
		TEST(a_nul_in_the_json_is_refused),
		TEST(other_forms_of_a_good_token_are_refused),
		TEST(junk_in_a_part_is_refused),
		TEST(base64_with_loose_bits_is_refused),
		TEST(empty_parts_are_refused),
		TEST(an_unsigned_or_cut_signature_is_refused),
		TEST(a_huge_token_is_refused_unread),
		TEST(a_token_ends_to_the_millisecond),
		TEST(without_a_clock_nothing_verifies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
