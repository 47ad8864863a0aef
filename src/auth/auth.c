/*
 * Opening the layer: settings are checked, keys loaded; whatever is missing
 * or weak stops the program here, with words for the operator. And the only
 * place that makes scopes out of identities.
 */
#include "auth_private.h"

#include <sodium/core.h>
#include <sodium/utils.h>

#include "buf.h"
#include "file.h"
#include "hash_area.h"
#include "id.h"
#include "scope_mint.h"
#include "token_keys_private.h"

enum {
	SALT_BYTES = 16,
	DIGEST_BYTES = 32,
	ENCODED_ROOM = 64,
	IDLE_MIN_S = 120, /* activity is noted once a minute */
	HASH_AREA_KEPT_US = 5 * 1000 * 1000,
};

struct setting_rule {
	const char *name;
	int64_t value, min, max;
};

static bool settings_fine(const struct auth_settings *s, struct report *report)
{
	const int64_t day = 86400, year = 366 * day;
	const struct setting_rule rules[] = {
		{"access_ttl_s", s->access_ttl_s, 1, day},
		{"refresh_ttl_s", s->refresh_ttl_s, 1, year},
		{"session_idle_s", s->session_idle_s, IDLE_MIN_S, year},
		{"refresh_grace_s", s->refresh_grace_s, 0, 60},
		{"reauth_window_s", s->reauth_window_s, 0, day},
		{"setup_ttl_s", s->setup_ttl_s, 1, day},
		{"login_free_failures", s->login_free_failures, 1, 1000},
		{"login_delay_cap_s", s->login_delay_cap_s, 1, day},
		{"argon2_ops", s->argon2_ops, 2, 64},
		{"argon2_kib", s->argon2_kib, 19456, 4194304},
		{"sessions_per_user", s->sessions_per_user, 1, 10000},
		{"api_keys_per_user", s->api_keys_per_user, 0, 10000},
		{"account_limit", s->account_limit, 0, 1000000},
		{"account_window_s", s->account_window_s, s->account_limit > 0,
			day},
		{"hashes_at_once", s->hashes_at_once, 0, 1024},
	};
	bool fine = true;

	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		if (rules[i].value >= rules[i].min &&
			rules[i].value <= rules[i].max)
			continue;
		report_fault(report, "", "auth setting %s is out of range",
			rules[i].name);
		fine = false;
	}
	if (!s->key_folder || !s->issuer || !*s->issuer || !s->audience ||
		!*s->audience) {
		report_fault(report, "",
			"key folder, issuer and audience must be set");
		fine = false;
	}
	return fine;
}

static void dummy_make(
	struct arena *arena, const struct auth_settings *settings, char *out)
{
	unsigned char salt[SALT_BYTES], digest[DIGEST_BYTES];
	char salt_text[ENCODED_ROOM], digest_text[ENCODED_ROOM];
	struct buf text;

	random_bytes(salt, sizeof(salt));
	random_bytes(digest, sizeof(digest));
	sodium_bin2base64(salt_text, sizeof(salt_text), salt, sizeof(salt),
		sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
	sodium_bin2base64(digest_text, sizeof(digest_text), digest,
		sizeof(digest), sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
	buf_init(&text, arena, PASSWORD_HASH_ROOM - 1);
	buf_format(&text, "$argon2id$v=19$m=%lld,t=%lld,p=1$%s$%s",
		(long long)settings->argon2_kib,
		(long long)settings->argon2_ops, salt_text, digest_text);
	memcpy(out, text.data, text.len + 1);
}

static enum err tokens_open(
	struct auth *auth, struct arena *arena, struct report *report)
{
	const char *secret = auth->settings.jwt_secret;
	const char *name = secret ? "JWT_SECRET_KEY" : "token.keys";
	const char *fault = "unknown";
	enum err err;

	if (secret)
		err = token_keys_of_secret(
			arena, secret, &fault, &auth->tokens);
	else
		err = token_keys_open_why(arena,
			file_join(arena, auth->settings.key_folder, name),
			&fault, &auth->tokens);
	/* the caller wipes his own copy */
	auth->settings.jwt_secret = NULL;
	if (err != ERR_OK)
		report_detail(report, "%s cannot be used: %s.", name, fault);
	return err;
}

static enum err keys_open(
	struct auth *auth, struct arena *arena, struct report *report)
{
	const char *folder = auth->settings.key_folder;
	const char *fault = NULL;
	enum err err = tokens_open(auth, arena, report);

	if (err != ERR_OK)
		return err;
	err = key_ring_open(
		&auth->hashes, file_join(arena, folder, "hash.keys"), &fault);
	if (err != ERR_OK) {
		report_detail(report, "hash.keys cannot be used: %s.", fault);
		token_keys_close(&auth->tokens);
	}
	return err;
}

enum err auth_open(struct arena *arena, struct db *db,
	const struct auth_settings *settings, struct report *report,
	struct auth **out)
{
	struct auth *auth;
	enum err err;

	if (sodium_init() < 0)
		return ERR_UNAVAILABLE;
	if (!settings_fine(settings, report))
		return ERR_BAD_INPUT;
	auth = arena_alloc(arena, sizeof(*auth));
	auth->db = db;
	auth->settings = *settings;
	auth->settings.key_folder = arena_text(arena, settings->key_folder);
	auth->settings.issuer = arena_text(arena, settings->issuer);
	auth->settings.audience = arena_text(arena, settings->audience);
	auth->policy = (struct token_policy){
		.issuer = auth->settings.issuer,
		.audience = auth->settings.audience,
		.ttl_s = settings->access_ttl_s,
	};
	dummy_make(arena, settings, auth->dummy_hash);
	err = keys_open(auth, arena, report);
	if (err != ERR_OK)
		return err;
	err = hash_slots_open(arena, settings->run_folder,
		settings->hashes_at_once, &auth->slots);
	if (err != ERR_OK) {
		report_detail(
			report, "hash.slots cannot be made in the run folder.");
		auth_close(&auth);
		return err;
	}
	*out = auth;
	return ERR_OK;
}

void auth_close(struct auth **auth)
{
	if (!*auth)
		return;
	token_keys_close(&(*auth)->tokens);
	key_ring_release(&(*auth)->hashes);
	hash_slots_close(&(*auth)->slots);
	*auth = NULL;
}

void auth_change(struct auth *auth, const struct auth_settings *settings)
{
	auth->settings.registration_open = settings->registration_open;
	auth->settings.sessions_per_user = settings->sessions_per_user;
	auth->settings.api_keys_per_user = settings->api_keys_per_user;
	auth->settings.account_limit = settings->account_limit;
	auth->settings.account_window_s = settings->account_window_s;
}

enum err auth_ready(struct auth *auth, int64_t now_ms)
{
	if (now_ms < 0 || key_ring_look(&auth->tokens->ring) != ERR_OK ||
		key_ring_look(&auth->hashes) != ERR_OK)
		return ERR_UNAVAILABLE;
	return db_ping(auth->db);
}

void auth_idle(struct auth *auth)
{
	(void)auth;
	hash_area_idle(HASH_AREA_KEPT_US);
}

bool auth_is_fresh(const struct auth *auth, const struct identity *identity,
	int64_t now_ms)
{
	int64_t age = now_ms - identity->password_at;

	if (!identity->session_id || identity->api_key_id || now_ms < 0)
		return false;
	/* given later than now: the clock was set back, nothing is known */
	return age >= -CLOCK_SLACK_MS &&
	       age <= auth->settings.reauth_window_s * MS;
}

struct scope *auth_scope(struct auth *auth, const struct auth_call *call,
	const struct identity *identity)
{
	struct scope *scope = scope_mint(call->arena, auth->db, call->report,
		identity->user_id, call->now);

	scope_mint_metrics(scope, auth->settings.metrics);
	return scope;
}

struct admin_scope *auth_admin_scope(struct auth *auth,
	const struct auth_call *call, const struct identity *identity)
{
	if (identity->role != AUTH_ROLE_ADMIN)
		return NULL;
	return admin_scope_mint(call->arena, auth->db, call->report,
		identity->user_id, call->now);
}

enum err auth_lease_scope(
	struct db *db, const struct auth_lease *lease, struct scope **out)
{
	static const char sql[] =
		"SELECT user_id FROM run_chunks WHERE lease_owner = :lease"
		" AND run_id = :run";
	struct rows *rows;
	enum err err = db_first(db, lease->arena, sql,
		BINDS(bind_text(":lease", lease->lease),
			bind_text(":run", lease->run_id)),
		&rows);

	if (err != ERR_OK)
		return err;
	if (!rows)
		return ERR_CONFLICT;
	*out = scope_mint(lease->arena, db, lease->report, rows_text(rows, 0),
		lease->now);
	rows_end(rows);
	return ERR_OK;
}

struct admin_scope *auth_operator_scope(struct db *db, struct arena *arena,
	struct report *report, int64_t now_ms)
{
	return admin_scope_mint(arena, db, report, "operator", now_ms);
}
