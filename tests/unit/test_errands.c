/*
 * Errands: taken once, by one, in turn; never begun again when they were cut
 * short; their secret gone with their end; and nobody else's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain_world.h"
#include "errands.h"
#include "user_secrets.h"
#include "vault.h"

static const struct limits three = {.errands_at_once = 3};
static const struct errand_new telegram = {.kind = ERRAND_TEST_TELEGRAM};

enum {
	LEASE_MS = 1000
};

static struct scope *alice_at(struct world *w, int64_t now)
{
	return scope_mint(w->arena, w->db, world_report(w), "alice", now);
}

static struct admin_scope *work_at(struct world *w, int64_t now)
{
	return admin_scope_mint(
		w->arena, w->db, world_report(w), "operator", now);
}

static const char *put(struct scope *scope)
{
	struct errand_view view;

	assert_int_equal(
		errand_put(scope, &three, NULL, &telegram, &view), ERR_OK);
	assert_string_equal(view.state, "queued");
	assert_string_equal(view.kind, "test_telegram");
	assert_null(view.result.text);
	return view.id;
}

static struct errand_claim claim(struct world *w, const char *owner)
{
	struct errand_claim out = {0};

	assert_int_equal(
		errand_claim(world_admin(w), owner, LEASE_MS, &out), ERR_OK);
	return out;
}

static enum err claim_at(struct world *w, int64_t now)
{
	struct errand_claim out;

	return errand_claim(work_at(w, now), "late", LEASE_MS, &out);
}

static struct errand_view view_at(struct world *w, const char *id, int64_t now)
{
	struct errand_view view = {0};

	assert_int_equal(errand_get(alice_at(w, now), id, &view), ERR_OK);
	return view;
}

static void test_one_is_done_once(void **state)
{
	struct world *w = *state;
	const char *id = put(world_alice(w));
	const struct errand_claim mine = claim(w, "me");
	struct errand_claim other = mine;
	struct errand_view view;

	assert_string_equal(mine.user_id, "alice");
	assert_string_equal(mine.id, id);
	assert_int_equal(mine.kind, ERRAND_TEST_TELEGRAM);
	assert_int_equal(claim_at(w, world_now), ERR_NOT_FOUND);
	assert_string_equal(view_at(w, id, world_now).state, "running");
	other.owner = "not me";
	assert_int_equal(errand_finish(world_admin(w), &other, "{}", NULL),
		ERR_CONFLICT);
	assert_int_equal(
		errand_finish(world_admin(w), &mine, "{\"ok\":true}", NULL),
		ERR_OK);
	view = view_at(w, id, world_now);
	assert_string_equal(view.state, "done");
	assert_string_equal(view.result.text, "{\"ok\":true}");
	assert_non_null(view.ended_at);
	assert_int_equal(
		errand_finish(world_admin(w), &mine, "{}", NULL), ERR_CONFLICT);
}

static void test_a_failure_says_why(void **state)
{
	struct world *w = *state;
	const char *id = put(world_alice(w));
	const struct errand_claim mine = claim(w, "me");
	struct errand_view view;

	assert_int_equal(
		errand_finish(world_admin(w), &mine, NULL, "no route"), ERR_OK);
	view = view_at(w, id, world_now);
	assert_string_equal(view.state, "failed");
	assert_string_equal(view.error, "no route");
}

static void test_users_take_turns(void **state)
{
	struct world *w = *state;
	struct errand_claim first, second;

	/* ids of one millisecond stand in no order */
	put(alice_at(w, world_now - 2));
	put(alice_at(w, world_now - 1));
	put(world_bob(w));
	first = claim(w, "me");
	second = claim(w, "me");
	assert_string_equal(first.user_id, "alice");
	assert_string_equal(second.user_id, "bob");
	/* hers comes when the first is done */
	assert_int_equal(claim_at(w, world_now), ERR_NOT_FOUND);
	assert_int_equal(
		errand_finish(world_admin(w), &first, "{}", NULL), ERR_OK);
	assert_string_equal(claim(w, "me").user_id, "alice");
}

static void test_there_are_only_so_many(void **state)
{
	struct world *w = *state;
	struct errand_view view;

	for (int i = 0; i < 3; i++)
		put(world_alice(w));
	assert_int_equal(
		errand_put(world_alice(w), &three, NULL, &telegram, &view),
		ERR_CONFLICT);
	assert_non_null(strstr(w->report->detail, "3"));
	put(world_bob(w));
	/* what nobody took counts no more */
	put(alice_at(w, world_now + ERRAND_WAIT_MS));
}

static void test_what_was_cut_short_is_not_done_again(void **state)
{
	struct world *w = *state;
	const int64_t later = world_now + LEASE_MS;
	const char *id = put(world_alice(w));
	int64_t removed = 0;

	(void)claim(w, "me");
	assert_int_equal(errands_clean(work_at(w, later), &removed), ERR_OK);
	assert_string_equal(view_at(w, id, later).state, "failed");
	assert_non_null(strstr(view_at(w, id, later).error, "not known"));
	assert_int_equal(claim_at(w, later), ERR_NOT_FOUND);
	assert_int_equal(removed, 0);
	assert_int_equal(
		errands_clean(work_at(w, later + ERRAND_KEEP_MS + 1), &removed),
		ERR_OK);
	assert_int_equal(removed, 1);
}

static void test_what_nobody_takes_has_failed(void **state)
{
	struct world *w = *state;
	const int64_t later = world_now + ERRAND_WAIT_MS;
	const char *id = put(world_alice(w));
	int64_t removed = 0;

	assert_string_equal(view_at(w, id, later - 1).state, "queued");
	assert_string_equal(view_at(w, id, later).state, "failed");
	assert_non_null(view_at(w, id, later).error);
	assert_int_equal(claim_at(w, later), ERR_NOT_FOUND);
	assert_int_equal(errands_clean(work_at(w, later), &removed), ERR_OK);
	assert_non_null(view_at(w, id, later).ended_at);
}

static void test_a_secret_is_sealed_and_goes(void **state)
{
	static const char gone_sql[] =
		"SELECT count(*) FROM errands WHERE sealed IS NULL";
	struct world *w = *state;
	const struct errand_new in = {.kind = ERRAND_TEST_BINANCE,
		.input = "{}",
		.secret = "open sesame"};
	struct vault_place place = {"alice", "errands", "sealed", NULL};
	struct vault_keys *keys = NULL;
	struct vault *vault = NULL;
	struct errand_claim mine;
	struct vault_value value;
	struct errand_view view;

	assert_int_equal(vault_keys_create(w->arena, w->folder), ERR_OK);
	assert_int_equal(vault_open(w->arena, w->folder, &vault), ERR_OK);
	assert_int_equal(vault_keys_open(w->arena, w->folder, &keys), ERR_OK);
	assert_int_equal(
		errand_put(world_alice(w), &three, vault, &in, &view), ERR_OK);
	mine = claim(w, "me");
	assert_string_equal(mine.input, "{}");
	place.row_id = mine.id;
	assert_int_equal(
		vault_unseal(keys, w->arena, &place, mine.sealed, &value),
		ERR_OK);
	assert_string_equal(value.text, "open sesame");
	place.user_id = "bob";
	assert_int_equal(
		vault_unseal(keys, w->arena, &place, mine.sealed, &value),
		ERR_BAD_INPUT);
	assert_int_equal(world_number(w, gone_sql), 0);
	assert_int_equal(
		errand_finish(world_admin(w), &mine, "{}", NULL), ERR_OK);
	assert_int_equal(world_number(w, gone_sql), 1);
	vault_keys_close(&keys);
	vault_close(&vault);
}

static void test_nobody_sees_anothers(void **state)
{
	struct world *w = *state;
	const char *id = put(world_alice(w));
	struct errand_view view;

	assert_int_equal(errand_get(world_bob(w), id, &view), ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_one_is_done_once),
		WORLD_TEST(test_a_failure_says_why),
		WORLD_TEST(test_users_take_turns),
		WORLD_TEST(test_there_are_only_so_many),
		WORLD_TEST(test_what_was_cut_short_is_not_done_again),
		WORLD_TEST(test_what_nobody_takes_has_failed),
		WORLD_TEST(test_a_secret_is_sealed_and_goes),
		WORLD_TEST(test_nobody_sees_anothers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
