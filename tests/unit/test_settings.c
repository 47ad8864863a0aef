/* Preferences and sealed secrets, of one user and never of another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain_world.h"
#include "reseal.h"
#include "settings.h"
#include "vault.h"
#include "vault_keys.h"

static struct vault *open_vault(struct world *w)
{
	struct vault *vault = NULL;

	assert_int_equal(vault_keys_create(w->arena, w->folder), ERR_OK);
	assert_int_equal(vault_open(w->arena, w->folder, &vault), ERR_OK);
	return vault;
}

static struct settings settings_of(struct scope *scope)
{
	struct settings settings = {0};

	assert_int_equal(settings_get(scope, &settings), ERR_OK);
	return settings;
}

static struct patch_text put(const char *text)
{
	return (struct patch_text){.kind = PATCH_SET, .text = text};
}

static void test_defaults(void **state)
{
	struct world *w = *state;
	struct settings settings = settings_of(world_alice(w));

	assert_string_equal(settings.currency, "USD");
	assert_string_equal(settings.timezone, "UTC");
	assert_string_equal(settings.theme, "system");
	assert_null(settings.default_symbol);
	assert_true(settings.notifications);
	assert_false(settings.binance_secret.set);
	assert_null(settings.binance_secret.hint);
	assert_null(settings.binance_secret.updated_at);
}

static void test_set_keep_and_clear(void **state)
{
	const struct settings_patch set = {.currency = put("EUR"),
		.timezone = put("Europe/Berlin"),
		.theme = put("dark"),
		.default_symbol = put("ETH-USD"),
		.notifications = put("false")};
	const struct settings_patch clear = {.currency = {.kind = PATCH_CLEAR}};
	struct world *w = *state;
	struct vault *vault = open_vault(w);
	struct settings settings;

	assert_int_equal(
		settings_update(world_alice(w), vault, &set, &settings),
		ERR_OK);
	assert_string_equal(settings.currency, "EUR");
	assert_string_equal(settings.timezone, "Europe/Berlin");
	assert_string_equal(settings.theme, "dark");
	assert_string_equal(settings.default_symbol, "ETH-USD");
	assert_false(settings.notifications);
	assert_int_equal(
		settings_update(world_alice(w), vault, &clear, &settings),
		ERR_OK);
	assert_string_equal(settings.currency, "USD");
	assert_string_equal(settings.theme, "dark");
	vault_close(&vault);
}

static void test_users_are_apart(void **state)
{
	const struct settings_patch set = {.currency = put("EUR"),
		.binance_secret = put("alice-secret-0001")};
	struct world *w = *state;
	struct vault *vault = open_vault(w);
	struct settings settings;

	assert_int_equal(
		settings_update(world_alice(w), vault, &set, &settings),
		ERR_OK);
	settings = settings_of(world_bob(w));
	assert_string_equal(settings.currency, "USD");
	assert_false(settings.binance_secret.set);
	vault_close(&vault);
}

struct bad_value {
	const char *pointer;
	struct settings_patch patch;
};

static void test_bad_values_change_nothing(void **state)
{
	static const char set_too[] = "light";
	const char *long_text = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				"aaaaaaaaaaaaaaaaaaa";
	const struct bad_value rows[] = {
		{"/currency", {.currency = put("usd")}},
		{"/currency", {.currency = put("USDT")}},
		{"/currency", {.currency = put("")}},
		{"/timezone", {.timezone = put("Europe Berlin")}},
		{"/timezone", {.timezone = put("Mars/Olympus")}},
		{"/timezone", {.timezone = put("Europe")}},
		{"/timezone", {.timezone = put("")}},
		{"/timezone", {.timezone = put(long_text)}},
		{"/theme", {.currency = put("EUR"), .theme = put("pink")}},
		{"/default_symbol", {.default_symbol = put("btc")}},
		{"/notifications", {.notifications = put("yes")}},
		{"/binance_secret", {.binance_secret = put("")}},
		{"/binance_secret", {.binance_secret = put("a\nb")}},
		{"/telegram_token", {.telegram_token = put("a\x7f")}},
	};
	struct world *w = *state;
	struct vault *vault = open_vault(w);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct settings_patch patch = rows[i].patch;
		struct settings settings;

		if (patch.theme.kind == PATCH_KEEP)
			patch.theme = put(set_too);
		assert_int_equal(settings_update(world_alice(w), vault, &patch,
					 &settings),
			ERR_BAD_INPUT);
		assert_true(world_fault_at(w, rows[i].pointer));
		assert_string_equal(
			settings_of(world_alice(w)).theme, "system");
	}
	vault_close(&vault);
}

static void test_hints_show_little(void **state)
{
	static const struct {
		const char *secret, *hint;
	} rows[] = {
		{"a", "\u2026"},
		{"abcdefghijk", "\u2026"},
		{"abcdefghijkl", "\u2026ijkl"},
		{"abcdefgh\u00fc\u00fc\u20ac\u00df",
			"\u2026\u00fc\u00fc\u20ac\u00df"},
	};
	struct world *w = *state;
	struct vault *vault = open_vault(w);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct settings_patch patch = {
			.binance_api_key = put(rows[i].secret)};
		struct settings settings;

		assert_int_equal(settings_update(world_alice(w), vault, &patch,
					 &settings),
			ERR_OK);
		assert_true(settings.binance_api_key.set);
		assert_string_equal(
			settings.binance_api_key.hint, rows[i].hint);
		assert_int_equal(
			settings.binance_api_key.updated_at->ms, world_now);
	}
	vault_close(&vault);
}

static void test_removed_secret_is_gone(void **state)
{
	const struct settings_patch set = {
		.telegram_token = put("123456:abcdefgh")};
	const struct settings_patch clear = {
		.telegram_token = {.kind = PATCH_CLEAR}};
	struct world *w = *state;
	struct vault *vault = open_vault(w);
	struct settings settings;

	assert_int_equal(
		settings_update(world_alice(w), vault, &set, &settings),
		ERR_OK);
	assert_int_equal(
		settings_update(world_alice(w), vault, &clear, &settings),
		ERR_OK);
	assert_false(settings.telegram_token.set);
	assert_int_equal(
		world_number(w, "SELECT COUNT(*) FROM user_secrets"), 0);
	vault_close(&vault);
}

/* The value of alice's binance_secret, as `kontor work` would read it;
   NULL when it does not open for that place. */
static const char *unsealed(struct world *w, const char *user)
{
	static const char sql[] =
		"SELECT sealed FROM user_secrets WHERE user_id = 'alice'";
	const struct vault_place place = {.user_id = user,
		.table = "user_secrets",
		.column = "sealed",
		.row_id = "binance_secret"};
	struct vault_keys *keys = NULL;
	struct rows *rows;
	struct vault_value value;
	struct bytes record;
	bool more;
	enum err err;

	assert_int_equal(vault_keys_open(w->arena, w->folder, &keys), ERR_OK);
	assert_int_equal(
		db_query(w->db, w->arena, sql, NO_BINDS, &rows), ERR_OK);
	assert_int_equal(rows_next(rows, &more), ERR_OK);
	assert_true(more);
	record.data = rows_blob(rows, 0, &record.len);
	err = vault_unseal(keys, w->arena, &place, record, &value);
	rows_end(rows);
	vault_keys_close(&keys);
	return err == ERR_OK ? value.text : NULL;
}

static void seal_one(struct world *w, struct vault *vault)
{
	const struct settings_patch set = {
		.binance_secret = put("alice-secret-0001")};
	struct settings settings;

	assert_int_equal(
		settings_update(world_alice(w), vault, &set, &settings),
		ERR_OK);
}

static void test_sealed_for_one_place_only(void **state)
{
	struct world *w = *state;
	struct vault *vault = open_vault(w);

	seal_one(w, vault);
	assert_string_equal(unsealed(w, "alice"), "alice-secret-0001");
	assert_null(unsealed(w, "bob"));
	vault_close(&vault);
}

static void test_reseal_moves_to_the_active_key(void **state)
{
	static const char stale_sql[] =
		"SELECT COUNT(*) FROM user_secrets WHERE key_id = "
		"(SELECT value FROM user_settings WHERE name = 'key')";
	struct world *w = *state;
	struct vault *vault = open_vault(w);
	struct vault_keys *keys = NULL;
	int64_t moved = -1;
	int64_t left = -1;

	seal_one(w, vault);
	assert_int_equal(db_script(w->db, "INSERT INTO user_settings SELECT "
					  "user_id, 'key', key_id, 1 "
					  "FROM user_secrets"),
		ERR_OK);
	assert_int_equal(world_number(w, stale_sql), 1);
	assert_int_equal(vault_keys_rotate(w->arena, w->folder), ERR_OK);
	assert_int_equal(vault_keys_open(w->arena, w->folder, &keys), ERR_OK);
	assert_int_equal(
		secrets_reseal(world_admin(w), keys, vault, &moved, &left),
		ERR_OK);
	assert_int_equal(moved, 1);
	assert_int_equal(left, 0);
	assert_int_equal(world_number(w, stale_sql), 0);
	assert_string_equal(unsealed(w, "alice"), "alice-secret-0001");
	assert_int_equal(
		secrets_reseal(world_admin(w), keys, vault, &moved, &left),
		ERR_OK);
	assert_int_equal(moved, 0);
	vault_keys_close(&keys);
	vault_close(&vault);
}

static void test_reseal_leaves_what_does_not_open(void **state)
{
	struct world *w = *state;
	struct vault *vault = open_vault(w);
	struct vault_keys *keys = NULL;
	int64_t moved = -1;
	int64_t left = -1;

	seal_one(w, vault);
	assert_int_equal(db_script(w->db, "UPDATE user_secrets SET key_id = "
					  "'0', name = 'binance_api_key'"),
		ERR_OK);
	assert_int_equal(vault_keys_open(w->arena, w->folder, &keys), ERR_OK);
	assert_int_equal(
		secrets_reseal(world_admin(w), keys, vault, &moved, &left),
		ERR_OK);
	assert_int_equal(moved, 0);
	assert_int_equal(left, 1);
	vault_keys_close(&keys);
	vault_close(&vault);
}

static void test_sensitive_patches(void **state)
{
	const struct settings_patch calm = {.theme = put("dark")};
	const struct settings_patch set = {.telegram_chat_id = put("1")};
	const struct settings_patch clear = {
		.binance_api_key = {.kind = PATCH_CLEAR}};

	(void)state;
	assert_false(settings_patch_is_sensitive(&calm));
	assert_true(settings_patch_is_sensitive(&set));
	assert_true(settings_patch_is_sensitive(&clear));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_defaults),
		WORLD_TEST(test_set_keep_and_clear),
		WORLD_TEST(test_users_are_apart),
		WORLD_TEST(test_bad_values_change_nothing),
		WORLD_TEST(test_hints_show_little),
		WORLD_TEST(test_removed_secret_is_gone),
		WORLD_TEST(test_sealed_for_one_place_only),
		WORLD_TEST(test_reseal_moves_to_the_active_key),
		WORLD_TEST(test_reseal_leaves_what_does_not_open),
		cmocka_unit_test(test_sensitive_patches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
