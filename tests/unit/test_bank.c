/*
 * Linked banks: so many a user, accounts replaced as a whole, a token that
 * goes with its link, and nobody else's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bank.h"
#include "domain_world.h"
#include "user_secrets.h"
#include "vault.h"

static const struct limits two = {.bank_links = 2};

static struct vault *open_vault(struct world *w)
{
	struct vault *vault = NULL;

	assert_int_equal(vault_keys_create(w->arena, w->folder), ERR_OK);
	assert_int_equal(vault_open(w->arena, w->folder, &vault), ERR_OK);
	return vault;
}

static const char *put(struct world *w, struct vault *vault, const char *item,
	const char *token, enum err expected)
{
	const struct bank_link_new link = {
		.item_id = item, .institution = "Bank", .access_token = token};
	const char *id = NULL;

	assert_int_equal(bank_link_put(world_alice(w), &two, vault, &link, &id),
		expected);
	return id;
}

static struct list accounts_of(struct scope *scope)
{
	struct list list = {0};

	assert_int_equal(bank_accounts(scope, &list), ERR_OK);
	return list;
}

static void test_an_item_is_linked_once(void **state)
{
	struct world *w = *state;
	struct vault *vault = open_vault(w);
	const char *first = put(w, vault, "item1", "token-one", ERR_OK);
	struct vault_keys *keys = NULL;
	struct vault_value value;

	put(w, vault, "item2", "token-two", ERR_OK);
	put(w, vault, "item3", "token-three", ERR_CONFLICT);
	assert_string_equal(put(w, vault, "item1", "token-new", ERR_OK), first);
	assert_int_equal(vault_keys_open(w->arena, w->folder, &keys), ERR_OK);
	assert_int_equal(
		user_secret_open(world_alice(w), keys,
			bank_secret_name(w->arena, first), &value, NULL),
		ERR_OK);
	assert_string_equal(value.text, "token-new");
	vault_keys_close(&keys);
}

static void test_accounts_are_replaced_as_a_whole(void **state)
{
	struct world *w = *state;
	const char *id = put(w, open_vault(w), "item1", "token", ERR_OK);
	const struct decimal much = {INT64_MAX, 2}, half = {5, 1};
	const struct bank_account both[] = {{.account_id = "a",
						    .name = "A",
						    .type = "depository",
						    .available = &half,
						    .current = &much},
		{.account_id = "b", .name = "B", .type = "credit"}};
	const struct bank_account_view *views;
	struct list list;

	assert_int_equal(
		bank_accounts_put(world_alice(w), id, both, 2), ERR_OK);
	list = accounts_of(world_alice(w));
	views = list.items;
	assert_int_equal(list.count, 2);
	assert_int_equal(views[0].account.available->units, 50000000);
	assert_null(views[0].account.current);
	assert_int_equal(
		bank_accounts_put(world_bob(w), id, both, 2), ERR_NOT_FOUND);
	assert_int_equal(
		bank_accounts_put(world_alice(w), id, both + 1, 1), ERR_OK);
	assert_int_equal(accounts_of(world_alice(w)).count, 1);
	assert_int_equal(accounts_of(world_bob(w)).count, 0);
}

static void test_a_failure_keeps_what_was_read(void **state)
{
	struct world *w = *state;
	const char *id = put(w, open_vault(w), "item1", "token", ERR_OK);
	const struct bank_account one = {
		.account_id = "a", .name = "A", .type = "depository"};
	struct bank_link_view link;

	assert_int_equal(
		bank_accounts_put(world_alice(w), id, &one, 1), ERR_OK);
	assert_int_equal(
		bank_link_fail(world_alice(w), id, "ITEM_LOGIN_REQUIRED"),
		ERR_OK);
	assert_int_equal(bank_link_get(world_alice(w), id, &link), ERR_OK);
	assert_string_equal(link.error, "ITEM_LOGIN_REQUIRED");
	assert_non_null(link.read_at);
	assert_int_equal(accounts_of(world_alice(w)).count, 1);
	assert_int_equal(
		bank_accounts_put(world_alice(w), id, &one, 1), ERR_OK);
	assert_int_equal(bank_link_get(world_alice(w), id, &link), ERR_OK);
	assert_null(link.error);
}

static void test_a_link_goes_with_its_token(void **state)
{
	struct world *w = *state;
	const char *id = put(w, open_vault(w), "item1", "token", ERR_OK);
	struct bank_link_view link;

	assert_int_equal(bank_link_remove(world_bob(w), id), ERR_NOT_FOUND);
	assert_int_equal(bank_link_get(world_bob(w), id, &link), ERR_NOT_FOUND);
	assert_int_equal(
		world_number(w, "SELECT count(*) FROM user_secrets"), 1);
	assert_int_equal(bank_link_remove(world_alice(w), id), ERR_OK);
	assert_int_equal(
		world_number(w, "SELECT count(*) FROM user_secrets"), 0);
	assert_int_equal(bank_link_remove(world_alice(w), id), ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_an_item_is_linked_once),
		WORLD_TEST(test_accounts_are_replaced_as_a_whole),
		WORLD_TEST(test_a_failure_keeps_what_was_read),
		WORLD_TEST(test_a_link_goes_with_its_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
