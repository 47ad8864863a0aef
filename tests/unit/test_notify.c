/*
 * What users are told: which events make messages, in whose transaction; the
 * queue's far end, with a clock that the tests move: turns, attempts, the
 * hour's limit, the daily summary.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "channels.h"
#include "domain_world.h"
#include "events.h"
#include "json.h"
#include "notify.h"
#include "orders.h"
#include "risk.h"
#include "user_secrets.h"
#include "vault.h"
#include "vault_keys.h"

#define ONE INT64_C(100000000)
#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)

static const struct limits rules = {
	.trade = {.start_balance = 10000 * ONE,
		.most = {.order_value = 50000 * ONE,
			.open_orders = 200,
			.orders_per_minute = 1000000,
			.positions = 100}},
	.notify = {.channels = 3, .mail = true, .webhook_hosts = ""}};
static const struct notify_rules sending = {
	.per_hour = 5, .attempts = 4, .age_ms = DAY};

static struct scope *at(struct world *w, const char *user, int64_t now)
{
	return scope_mint(w->arena, w->db, world_report(w), user, now);
}

static struct vault *open_vault(struct world *w)
{
	struct vault *vault = NULL;

	if (access(arena_format(w->arena, "%s/vault.pub", w->folder), F_OK))
		assert_int_equal(
			vault_keys_create(w->arena, w->folder), ERR_OK);
	assert_int_equal(vault_open(w->arena, w->folder, &vault), ERR_OK);
	return vault;
}

static struct channel_view make(
	struct world *w, const char *user, const struct channel_new *in)
{
	struct channel_view view;

	assert_int_equal(channel_create(at(w, user, world_now), open_vault(w),
				 &rules.notify, in, &view),
		ERR_OK);
	return view;
}

/* A channel of every event. */
static struct channel_view telegram(struct world *w, const char *user)
{
	return make(w, user,
		&(struct channel_new){.kind = "telegram", .enabled = true});
}

static int64_t messages(struct world *w, const char *where)
{
	return world_number(w,
		arena_format(w->arena,
			"SELECT COUNT(*) FROM notifications WHERE %s", where));
}

static const char *newest_text(struct world *w, const char *user)
{
	const struct page_query query = {.limit = 1};
	struct page page;

	assert_int_equal(
		notification_list(at(w, user, world_now), &query, &page),
		ERR_OK);
	assert_int_equal(page.data.count, 1);
	return ((const struct notification_view *)page.data.items)->text;
}

static void note(struct world *w, const char *user, enum event_kind kind,
	int64_t now, const char *text)
{
	assert_int_equal(
		event_note(at(w, user, now), kind, "%s", text), ERR_OK);
}

/* ---- events ------------------------------------------------------------------- */

static void a_message_for_each_channel_that_wants_it(void **state)
{
	struct world *w = *state;
	const char *fills[] = {"fill"};

	note(w, "alice", EVENT_FILL, world_now, "nobody hears this");
	assert_int_equal(messages(w, "1"), 0);
	(void)telegram(w, "alice");
	(void)make(w, "alice",
		&(struct channel_new){.kind = "email",
			.address = "a@example.org",
			.events = {fills, 1},
			.enabled = true});
	(void)make(w, "alice", &(struct channel_new){.kind = "telegram"});
	note(w, "alice", EVENT_FILL, world_now, "a fill");
	assert_int_equal(messages(w, "user_id = 'alice'"), 2);
	note(w, "alice", EVENT_DENIED, world_now, "a denial");
	assert_int_equal(messages(w, "kind = 'denied'"), 1);
	note(w, "bob", EVENT_FILL, world_now, "bob has no channel");
	assert_int_equal(messages(w, "user_id = 'bob'"), 0);
	assert_int_equal(db_run(w->db,
				 "INSERT INTO user_settings VALUES ('alice',"
				 " 'notifications', 'false', 1)",
				 NO_BINDS, NULL),
		ERR_OK);
	note(w, "alice", EVENT_FILL, world_now, "switched off");
	assert_int_equal(messages(w, "1"), 3);
}

static void a_message_goes_with_its_transaction(void **state)
{
	struct world *w = *state;
	struct scope *scope = at(w, "alice", world_now);

	(void)telegram(w, "alice");
	assert_int_equal(scope_begin(scope), ERR_OK);
	assert_int_equal(event_note(scope, EVENT_FILL, "a fill"), ERR_OK);
	scope_rollback(scope);
	assert_int_equal(messages(w, "1"), 0);
}

static void texts_are_plain_and_short(void **state)
{
	struct world *w = *state;
	char *text = arena_alloc(w->arena, 3000);

	(void)telegram(w, "alice");
	note(w, "alice", EVENT_FILL, world_now, "a\r\nb\x1b[31m\tc\x7f");
	assert_string_equal(newest_text(w, "alice"), "a \nb [31m c ");
	for (size_t i = 0; i + 2 < 3000; i += 2)
		memcpy(text + i, "\xc3\xa9", 2);
	note(w, "alice", EVENT_FILL, world_now + 1, text);
	assert_int_equal(strlen(newest_text(w, "alice")), EVENT_BODY_LIMIT);
	/* cut between characters only */
	memmove(text + 1, text, 2000);
	text[0] = 'x';
	note(w, "alice", EVENT_FILL, world_now + 2, text);
	assert_int_equal(strlen(newest_text(w, "alice")), EVENT_BODY_LIMIT - 1);
}

static void put_market(struct world *w)
{
	const struct import_options options = {
		.symbol = "AAA", .interval = "1m", .source = "test"};
	struct import_report report;

	assert_int_equal(world_import(w,
				 arena_format(w->arena,
					 "time,open,high,low,close,volume\n"
					 "%lld,100,101,99,100,5000\n",
					 (long long)(world_now - MINUTE)),
				 &options, &report),
		ERR_OK);
}

static struct order_view place(struct world *w, const struct order_new *in)
{
	const struct order_from by_hand = {.source = ORDER_MANUAL};
	struct order_view view = {0};

	assert_int_equal(order_place(at(w, "alice", world_now), &rules, in,
				 &by_hand, &view),
		ERR_OK);
	return view;
}

static void orders_are_told_of(void **state)
{
	struct world *w = *state;
	const struct decimal near = {101, 0};
	struct risk_view risk;

	put_market(w);
	(void)telegram(w, "alice");
	(void)place(w, &(struct order_new){.symbol = "AAA",
			       .side = "buy",
			       .type = "market",
			       .quantity = {25, 1}});
	assert_int_equal(messages(w, "kind = 'fill'"), 1);
	assert_string_equal(newest_text(w, "alice"),
		"Bought 2.5 AAA at 100 for 250 (paper)");
	(void)place(w, &(struct order_new){.symbol = "AAA",
			       .side = "sell",
			       .type = "market",
			       .quantity = {9, 0}});
	assert_int_equal(messages(w, "kind = 'denied'"), 1);
	/* a limit that the price is at, post only */
	(void)place(w, &(struct order_new){.symbol = "AAA",
			       .side = "buy",
			       .type = "limit",
			       .price = &near,
			       .post_only = true,
			       .quantity = {1, 0}});
	assert_int_equal(messages(w, "kind = 'rejected'"), 1);
	(void)place(w, &(struct order_new){.symbol = "AAA",
			       .side = "sell",
			       .type = "stop",
			       .stop_price = &near,
			       .quantity = {1, 0}});
	assert_int_equal(messages(w, "kind = 'stop'"), 1);
	assert_int_equal(
		messages(w, "body LIKE 'Stop reached: Sold 1 AAA at %'"), 1);
	assert_int_equal(
		risk_halt(at(w, "alice", world_now), &rules,
			&(const struct risk_halting){.by = "manual"}, &risk),
		ERR_OK);
	assert_int_equal(messages(w, "kind = 'halted'"), 1);
	assert_int_equal(messages(w, "1"), 5);
}

static void an_admins_halt_is_told_to_all_who_want_it(void **state)
{
	struct world *w = *state;

	(void)telegram(w, "alice");
	(void)telegram(w, "bob");
	(void)make(w, "bob", &(struct channel_new){.kind = "telegram"});
	assert_int_equal(
		event_note_all(world_admin(w), EVENT_HALTED, "all stop"),
		ERR_OK);
	assert_int_equal(messages(w, "user_id = 'alice'"), 1);
	assert_int_equal(messages(w, "user_id = 'bob'"), 1);
}

/* ---- channels -------------------------------------------------------------------- */

static void addresses_are_checked(void **state)
{
	static const char *const bad_mail[] = {"", "a", "@example.org", "a@",
		"a@b", "a b@example.org", "a@example.org\r\nX: y",
		"<a@example.org>", "a@example.org>", "a@-example.org",
		"a@example.org.", ".a@example.org", "a@exa mple.org",
		"\"a\"@example.org", "a@@example.org"};
	static const char *const bad_url[] = {"", "example.org",
		"http://example.org", "https://", "https:///x",
		"https://EXAMPLE.org", "https://user:x@example.org",
		"https://example.org:x/", "https://example.org:70000/",
		"https://example.org/a b", "https://example.org/\r\nHost: x",
		"https://example.org/#x", "https://[::1]/",
		"https://example.org:8443/", "https://127.0.0.1/",
		"ftp://example.org/"};
	struct world *w = *state;
	struct channel_view view;
	struct channel_new in = {.kind = "email", .enabled = true};

	for (size_t i = 0; i < sizeof(bad_mail) / sizeof(*bad_mail); i++) {
		in.address = bad_mail[i];
		if (channel_create(at(w, "alice", world_now), open_vault(w),
			    &rules.notify, &in, &view) != ERR_BAD_INPUT)
			fail_msg("%s", bad_mail[i]);
	}
	in = (struct channel_new){.kind = "webhook", .enabled = true};
	for (size_t i = 0; i < sizeof(bad_url) / sizeof(*bad_url); i++) {
		in.url = bad_url[i];
		if (channel_create(at(w, "alice", world_now), open_vault(w),
			    &rules.notify, &in, &view) != ERR_BAD_INPUT)
			fail_msg("%s", bad_url[i]);
	}
	assert_int_equal(world_number(w, "SELECT COUNT(*) FROM channels"), 0);
}

static void hosts_are_the_operators(void **state)
{
	struct world *w = *state;
	struct channel_url url;

	assert_int_equal(channel_url_split(w->arena,
				 "https://a.example.org:8443/x?y=1", &url),
		ERR_OK);
	assert_string_equal(url.base, "https://a.example.org:8443");
	assert_string_equal(url.path, "/x?y=1");
	assert_false(channel_host_is_allowed("", &url));
	assert_false(channel_host_is_allowed(NULL, &url));
	assert_false(channel_host_is_allowed("none", &url));
	assert_false(channel_host_is_allowed("example.org", &url));
	assert_false(channel_host_is_allowed("ba.example.org,a.example", &url));
	assert_true(channel_host_is_allowed("b.org, a.example.org", &url));
	assert_int_equal(
		channel_url_split(w->arena, "https://a.example.org", &url),
		ERR_OK);
	assert_string_equal(url.path, "/");
	assert_true(channel_host_is_allowed("", &url));
	assert_false(channel_host_is_allowed("none", &url));
	assert_int_equal(
		channel_url_split(w->arena, "http://127.0.0.1:80/x", &url),
		ERR_OK);
	assert_false(channel_host_is_allowed("", &url));
	assert_true(channel_host_is_allowed("127.0.0.1", &url));
}

static void secrets_are_sealed_and_go_with_the_channel(void **state)
{
	struct world *w = *state;
	struct vault_keys *keys = NULL;
	struct vault_value value = {0};
	const struct channel_view made = make(w, "alice",
		&(struct channel_new){.kind = "webhook",
			.url = "https://example.org/token",
			.enabled = true});
	const char *name = channel_url_name(w->arena, made.id);

	assert_string_equal(made.address, "https://example.org");
	assert_int_equal(vault_keys_open(w->arena, w->folder, &keys), ERR_OK);
	assert_int_equal(user_secret_open(at(w, "alice", world_now), keys, name,
				 &value, NULL),
		ERR_OK);
	assert_string_equal(value.text, "https://example.org/token");
	assert_int_equal(user_secret_open(at(w, "bob", world_now), keys, name,
				 &value, NULL),
		ERR_NOT_FOUND);
	assert_int_equal(channel_remove(at(w, "bob", world_now), made.id),
		ERR_NOT_FOUND);
	note(w, "alice", EVENT_FILL, world_now, "a fill");
	assert_int_equal(
		channel_remove(at(w, "alice", world_now), made.id), ERR_OK);
	assert_int_equal(messages(w, "1"), 0);
	assert_int_equal(
		world_number(w, "SELECT COUNT(*) FROM user_secrets"), 0);
	vault_keys_close(&keys);
}

static void channels_are_limited(void **state)
{
	struct world *w = *state;
	const struct channel_new in = {.kind = "telegram", .enabled = true};
	struct channel_view view;

	for (int i = 0; i < 3; i++)
		(void)telegram(w, "alice");
	assert_int_equal(channel_create(at(w, "alice", world_now),
				 open_vault(w), &rules.notify, &in, &view),
		ERR_CONFLICT);
	(void)telegram(w, "bob");
}

/* ---- the queue ---------------------------------------------------------------------- */

static const struct notify_outcome well = {.sent = true, .why = ""};
static const struct notify_outcome badly = {.why = "No answer."};

static enum err claim(struct world *w, const char *user, int64_t now,
	struct notify_message *out)
{
	return notify_claim(at(w, user, now), &sending, out);
}

static void finish(struct world *w, const char *user, int64_t now,
	const struct notify_message *message,
	const struct notify_outcome *outcome)
{
	assert_int_equal(
		notify_finish(at(w, user, now), &sending, message, outcome),
		ERR_OK);
}

static struct text_list plan(struct world *w, int64_t now)
{
	struct text_list users;

	assert_int_equal(notify_plan(admin_scope_mint(w->arena, w->db,
					     world_report(w), "operator", now),
				 &users),
		ERR_OK);
	return users;
}

static void what_is_sent_is_sent_once(void **state)
{
	struct world *w = *state;
	struct notify_message message;

	(void)telegram(w, "alice");
	note(w, "alice", EVENT_FILL, world_now, "one");
	note(w, "alice", EVENT_FILL, world_now + 1, "two");
	assert_int_equal(claim(w, "bob", world_now, &message), ERR_NOT_FOUND);
	assert_int_equal(claim(w, "alice", world_now + 1, &message), ERR_OK);
	assert_string_equal(message.body, "one");
	assert_int_equal(message.attempts, 1);
	finish(w, "alice", world_now + 2, &message, &well);
	assert_int_equal(claim(w, "alice", world_now + 2, &message), ERR_OK);
	assert_string_equal(message.body, "two");
	finish(w, "alice", world_now + 3, &message, &well);
	assert_int_equal(
		claim(w, "alice", world_now + HOUR, &message), ERR_NOT_FOUND);
	assert_int_equal(messages(w, "state = 'sent'"), 2);
	assert_int_equal(
		world_number(w, "SELECT sent_at FROM channels"), world_now + 3);
}

/* Who claims and dies: the message is out again after its lease, not before. */
static void a_claim_that_is_lost_comes_again(void **state)
{
	struct world *w = *state;
	struct notify_message first, second;

	(void)telegram(w, "alice");
	note(w, "alice", EVENT_FILL, world_now, "one");
	assert_int_equal(claim(w, "alice", world_now, &first), ERR_OK);
	assert_int_equal(
		claim(w, "alice", world_now + MINUTE, &second), ERR_NOT_FOUND);
	assert_int_equal(plan(w, world_now + MINUTE).count, 0);
	assert_int_equal(plan(w, world_now + 3 * MINUTE).count, 1);
	assert_int_equal(
		claim(w, "alice", world_now + 3 * MINUTE, &second), ERR_OK);
	assert_string_equal(second.id, first.id);
	assert_int_equal(second.attempts, 2);
	/* the first was not dead after all: it ends once */
	finish(w, "alice", world_now + 3 * MINUTE, &first, &well);
	finish(w, "alice", world_now + 3 * MINUTE, &second, &badly);
	assert_int_equal(messages(w, "state = 'sent'"), 1);
}

static void attempts_grow_apart_and_end(void **state)
{
	struct world *w = *state;
	struct notify_message message;
	int64_t now = world_now;

	assert_int_equal(notify_pause_ms(1), 30 * 1000);
	assert_int_equal(notify_pause_ms(2), MINUTE);
	assert_int_equal(notify_pause_ms(8), HOUR);
	assert_int_equal(notify_pause_ms(INT64_MAX), HOUR);
	(void)telegram(w, "alice");
	note(w, "alice", EVENT_FILL, now, "one");
	for (int64_t i = 1; i <= 4; i++) {
		assert_int_equal(claim(w, "alice", now, &message), ERR_OK);
		assert_int_equal(message.attempts, i);
		finish(w, "alice", now, &message, &badly);
		if (i == 4)
			break;
		assert_int_equal(claim(w, "alice", now + notify_pause_ms(i) - 1,
					 &message),
			ERR_NOT_FOUND);
		now += notify_pause_ms(i);
	}
	assert_int_equal(
		messages(w, "state = 'failed' AND error = 'No answer.'"), 1);
	assert_int_equal(world_number(w, "SELECT failures FROM channels"), 4);
	note(w, "alice", EVENT_FILL, now, "two");
	assert_int_equal(claim(w, "alice", now, &message), ERR_OK);
	finish(w, "alice", now, &message,
		&(struct notify_outcome){.final = true, .why = "Gone."});
	assert_int_equal(messages(w, "error = 'Gone.' AND attempts = 1"), 1);
}

static void a_wait_that_is_asked_for_is_kept(void **state)
{
	struct world *w = *state;
	struct notify_message message;

	(void)telegram(w, "alice");
	note(w, "alice", EVENT_FILL, world_now, "one");
	note(w, "alice", EVENT_FILL, world_now, "two");
	assert_int_equal(claim(w, "alice", world_now, &message), ERR_OK);
	finish(w, "alice", world_now, &message,
		&(struct notify_outcome){
			.why = "Later.", .retry_after_ms = 10 * MINUTE});
	/* and the channel's other one waits with it */
	assert_int_equal(plan(w, world_now + 9 * MINUTE).count, 0);
	assert_int_equal(
		claim(w, "alice", world_now + 10 * MINUTE, &message), ERR_OK);
}

static void what_is_too_old_is_given_up(void **state)
{
	struct world *w = *state;
	struct notify_message message;

	(void)telegram(w, "alice");
	note(w, "alice", EVENT_FILL, world_now, "one");
	assert_int_equal(claim(w, "alice", world_now + DAY + 1, &message),
		ERR_NOT_FOUND);
	assert_int_equal(messages(w, "state = 'failed'"
				     " AND error = 'It waited too long.'"),
		1);
}

static void a_channel_that_is_off_says_so(void **state)
{
	struct world *w = *state;
	const struct channel_view made = telegram(w, "alice");
	const struct json off = {.kind = JSON_BOOL};
	struct channel_view view;
	struct notify_message message;

	note(w, "alice", EVENT_FILL, world_now, "one");
	assert_int_equal(channel_update(at(w, "alice", world_now),
				 &(struct channel_change){
					 .id = made.id, .enabled = &off},
				 &view),
		ERR_OK);
	assert_int_equal(claim(w, "alice", world_now, &message), ERR_NOT_FOUND);
	assert_int_equal(messages(w, "state = 'failed'"
				     " AND error = 'The channel is switched"
				     " off.'"),
		1);
	/* a test is asked for by somebody who looks */
	assert_int_equal(
		notify_test(at(w, "alice", world_now), made.id, &message),
		ERR_OK);
	assert_int_equal(
		notify_test(at(w, "bob", world_now), made.id, &message),
		ERR_NOT_FOUND);
}

static void turns_are_fair(void **state)
{
	struct world *w = *state;
	struct text_list users;

	(void)telegram(w, "alice");
	(void)telegram(w, "bob");
	for (int i = 0; i < 10; i++)
		note(w, "alice", EVENT_FILL, world_now + i, "many");
	note(w, "bob", EVENT_FILL, world_now + 5, "one");
	users = plan(w, world_now + 10);
	assert_int_equal(users.count, 2);
	assert_string_equal(users.items[0], "alice");
	assert_int_equal(
		db_run(w->db, "UPDATE users SET disabled = 1 WHERE id = 'bob'",
			NO_BINDS, NULL),
		ERR_OK);
	assert_int_equal(plan(w, world_now + 10).count, 1);
}

static void send_all(struct world *w, int64_t now, int *sent)
{
	struct notify_message message;

	*sent = 0;
	while (claim(w, "alice", now, &message) == ERR_OK) {
		finish(w, "alice", now, &message, &well);
		(*sent)++;
	}
}

static void beyond_the_hour_they_are_summed_up(void **state)
{
	struct world *w = *state;
	const struct channel_view made = telegram(w, "alice");
	struct notify_message message;
	int sent;

	for (int i = 0; i < 9; i++)
		note(w, "alice", i < 7 ? EVENT_FILL : EVENT_DENIED,
			world_now + i, "x");
	send_all(w, world_now + MINUTE, &sent);
	assert_int_equal(sent, 5);
	assert_int_equal(messages(w, "state = 'queued' AND held = 1"), 4);
	/* nothing more within the hour, but a test */
	send_all(w, world_now + HOUR, &sent);
	assert_int_equal(sent, 0);
	assert_int_equal(notify_test(at(w, "alice", world_now + HOUR), made.id,
				 &message),
		ERR_OK);
	finish(w, "alice", world_now + HOUR, &message, &well);
	assert_int_equal(
		claim(w, "alice", world_now + HOUR + MINUTE, &message), ERR_OK);
	assert_string_equal(message.kind, "digest");
	assert_non_null(strstr(message.body, "4 messages since "));
	assert_non_null(strstr(message.body, "2 denied, 2 fill"));
	assert_int_equal(messages(w, "state = 'summed'"), 4);
	finish(w, "alice", world_now + HOUR + MINUTE, &message, &well);
	assert_int_equal(claim(w, "alice", world_now + HOUR + MINUTE, &message),
		ERR_NOT_FOUND);
}

static void one_that_was_held_alone_is_sent_as_it_is(void **state)
{
	struct world *w = *state;
	struct notify_message message;
	int sent;

	(void)telegram(w, "alice");
	for (int i = 0; i < 6; i++)
		note(w, "alice", EVENT_FILL, world_now + i, "x");
	send_all(w, world_now + MINUTE, &sent);
	assert_int_equal(sent, 5);
	assert_int_equal(
		claim(w, "alice", world_now + HOUR + MINUTE, &message), ERR_OK);
	assert_string_equal(message.kind, "fill");
}

static void old_messages_go(void **state)
{
	struct world *w = *state;
	int64_t removed = 0;

	(void)telegram(w, "alice");
	note(w, "alice", EVENT_FILL, world_now - 2 * DAY, "old");
	note(w, "alice", EVENT_FILL, world_now, "new");
	assert_int_equal(notify_clean(world_admin(w), world_now - DAY,
				 world_now - DAY, &removed),
		ERR_OK);
	assert_int_equal(removed, 1);
	assert_int_equal(messages(w, "body = 'new'"), 1);
}

/* ---- the daily summary ----------------------------------------------------------- */

static size_t summaries(struct world *w, int64_t now)
{
	struct list dues = {0};

	assert_int_equal(
		notify_summaries_plan(admin_scope_mint(w->arena, w->db,
					      world_report(w), "operator", now),
			&dues),
		ERR_OK);
	for (size_t i = 0; i < dues.count; i++) {
		const struct summary_due *due =
			(const struct summary_due *)dues.items + i;

		assert_int_equal(
			notify_summary(at(w, due->user_id, now), &rules, due),
			ERR_OK);
		/* somebody else had the same plan */
		assert_int_equal(
			notify_summary(at(w, due->user_id, now), &rules, due),
			ERR_CONFLICT);
	}
	return dues.count;
}

static void a_summary_comes_once_a_day(void **state)
{
	struct world *w = *state;
	const int64_t midnight = world_now - world_now % DAY;

	put_market(w);
	(void)telegram(w, "alice");
	(void)telegram(w, "bob");
	assert_int_equal(db_run(w->db,
				 "INSERT INTO user_settings VALUES ('alice',"
				 " 'summary_time', '18:30', 1)",
				 NO_BINDS, NULL),
		ERR_OK);
	/* the first look, at 08:00: bob's hour has come, alice's not */
	assert_int_equal(summaries(w, midnight + 8 * HOUR), 0);
	assert_int_equal(summaries(w, midnight + 18 * HOUR), 0);
	assert_int_equal(summaries(w, midnight + 18 * HOUR + 30 * MINUTE), 1);
	assert_int_equal(messages(w, "user_id = 'alice'"), 1);
	assert_int_equal(summaries(w, midnight + 23 * HOUR), 0);
	assert_int_equal(summaries(w, midnight + DAY), 0);
	assert_int_equal(summaries(w, midnight + DAY + 8 * HOUR), 1);
	assert_int_equal(messages(w, "user_id = 'bob'"), 1);
	/* down for days: one, not one a day */
	assert_int_equal(summaries(w, midnight + 5 * DAY + 20 * HOUR), 2);
	assert_int_equal(messages(w, "kind = 'summary'"), 4);
	assert_int_equal(summaries(w, midnight + 5 * DAY + 21 * HOUR), 0);
}

static void a_summary_says_how_it_stands(void **state)
{
	struct world *w = *state;
	const int64_t day = world_now / DAY;
	const struct summary_due due = {"alice", day + 1};

	put_market(w);
	(void)telegram(w, "alice");
	assert_int_equal(summaries(w, world_now), 0);
	(void)place(w, &(struct order_new){.symbol = "AAA",
			       .side = "buy",
			       .type = "market",
			       .quantity = {25, 1}});
	assert_int_equal(
		notify_summary(at(w, "alice", world_now), &rules, &due),
		ERR_OK);
	assert_int_equal(messages(w, "kind = 'summary' AND body ="
				     " 'Daily summary (paper)' || char(10) ||"
				     " 'Equity: 10000.00' || char(10) ||"
				     " 'Last 24 hours: 0.00' || char(10) ||"
				     " 'Trades in 24 hours: 1 for 250.00, fees"
				     " 0.00' || char(10) ||"
				     " 'Open positions: 2.5 AAA (0.00)'"),
		1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(a_message_for_each_channel_that_wants_it),
		WORLD_TEST(a_message_goes_with_its_transaction),
		WORLD_TEST(texts_are_plain_and_short),
		WORLD_TEST(orders_are_told_of),
		WORLD_TEST(an_admins_halt_is_told_to_all_who_want_it),
		WORLD_TEST(addresses_are_checked),
		WORLD_TEST(hosts_are_the_operators),
		WORLD_TEST(secrets_are_sealed_and_go_with_the_channel),
		WORLD_TEST(channels_are_limited),
		WORLD_TEST(what_is_sent_is_sent_once),
		WORLD_TEST(a_claim_that_is_lost_comes_again),
		WORLD_TEST(attempts_grow_apart_and_end),
		WORLD_TEST(a_wait_that_is_asked_for_is_kept),
		WORLD_TEST(what_is_too_old_is_given_up),
		WORLD_TEST(a_channel_that_is_off_says_so),
		WORLD_TEST(turns_are_fair),
		WORLD_TEST(beyond_the_hour_they_are_summed_up),
		WORLD_TEST(one_that_was_held_alone_is_sent_as_it_is),
		WORLD_TEST(old_messages_go),
		WORLD_TEST(a_summary_comes_once_a_day),
		WORLD_TEST(a_summary_says_how_it_stands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
