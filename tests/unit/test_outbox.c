/*
 * Orders on their way to an exchange, without one: each step of the outbox,
 * what may race, fills with fees in any asset, and the book against the
 * balances. What is booked is made anew from the fills and compared.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/wait.h>

#include "live_world.h"
#include "paper_runner.h"
#include "risk.h"
#include "settings.h"

#define SENT (world_now + 10)
#define FINAL (world_now + 9000)

/* ---- the world ---------------------------------------------------------------- */

static struct scope *alice(struct world *w)
{
	return at(w, world_now + 100);
}

static void put_price(struct world *w, const char *symbol, const char *price)
{
	const struct import_options options = {
		.symbol = symbol, .interval = "1m", .source = "test"};
	struct import_report report;
	const char *path = folder_put(w->arena, w->folder, "import",
		arena_format(w->arena,
			"time,open,high,low,close,volume\n%lld,%s,%s,%s,%s,1\n",
			(long long)(world_now - MINUTE), price, price, price,
			price));

	assert_int_equal(world_import_file(w, path, &options, &report), ERR_OK);
}

static void put_keys(struct world *w, int64_t at_ms, const char *reason)
{
	put_secret(w, exchange_secrets[0], at_ms);
	put_secret(w, exchange_secrets[1], at_ms - 1);
	assert_int_equal(
		exchange_keys_note(alice(w),
			&(const struct exchange_verdict){.secrets_at = at_ms,
				.known = true,
				.can_trade = true,
				.reason = reason,
				.detail = reason}),
		ERR_OK);
}

static struct key_view keys_of(struct scope *scope)
{
	struct settings settings = {0};

	assert_int_equal(settings_get(scope, &settings), ERR_OK);
	return settings.exchange_keys;
}

/* What GET /settings says of them is what orders go by. */
static void test_settings_say_how_the_keys_are(void **state)
{
	struct world *w = *state;

	assert_string_equal(keys_of(alice(w)).state, "missing");
	put_secret(w, exchange_secrets[0], 70);
	assert_string_equal(keys_of(alice(w)).state, "missing");
	put_secret(w, exchange_secrets[1], 80);
	assert_string_equal(keys_of(alice(w)).state, "unchecked");
	assert_null(keys_of(alice(w)).checked_at);
	put_keys(w, 100, NULL);
	assert_string_equal(keys_of(alice(w)).state, "usable");
	assert_true(keys_of(alice(w)).rights_known);
	assert_true(keys_of(alice(w)).can_trade);
	assert_false(keys_of(alice(w)).can_withdraw);
	assert_null(keys_of(alice(w)).reason);
	assert_int_equal(keys_of(alice(w)).checked_at->ms, scope_now(alice(w)));
	put_keys(w, 100, "key_can_withdraw");
	assert_string_equal(keys_of(alice(w)).state, "refused");
	assert_string_equal(keys_of(alice(w)).reason, "key_can_withdraw");
	assert_string_equal(keys_of(alice(w)).detail, "key_can_withdraw");
	/* of other keys nothing is known, and of other users neither */
	put_secret(w, exchange_secrets[1], 200);
	assert_string_equal(keys_of(alice(w)).state, "unchecked");
	assert_false(keys_of(alice(w)).can_trade);
	assert_null(keys_of(alice(w)).reason);
	assert_string_equal(keys_of(world_bob(w)).state, "missing");
}

static enum err compare(struct world *w, const struct exchange_balance *items,
	size_t count, struct exchange_difference *out)
{
	const struct list balances = {(void *)(uintptr_t)items, count};
	struct exchange_mark mark;

	assert_int_equal(exchange_mark(alice(w), &mark), ERR_OK);
	return exchange_compare(alice(w), &rules, &mark, &balances, out);
}

/* 1000 USDT and 2 BTC at 100. */
static void put_account(struct world *w)
{
	static const struct exchange_balance there[] = {
		{"USDT", 1000 * ONE}, {"BTC", 2 * ONE}, {"ODD", 5 * ONE}};
	struct exchange_difference difference;

	put_price(w, "BTC-USDT", "100");
	put_price(w, "BNB-USDT", "10");
	put_keys(w, 5, NULL);
	assert_int_equal(compare(w, there, 3, &difference), ERR_OK);
	assert_true(difference.opened);
	assert_int_equal(difference.untracked, 1);
}

static struct order_new order_of(
	const char *side, const char *type, int64_t cents)
{
	return (struct order_new){.symbol = "BTC-USDT",
		.side = side,
		.type = type,
		.venue = "binance",
		.quantity = {cents, 2}};
}

static struct outbox_item next(struct world *w, int64_t now)
{
	struct outbox_item item = {0};

	assert_int_equal(outbox_next(at(w, now), &item), ERR_OK);
	return item;
}

static enum err begin(struct world *w, struct outbox_item *item)
{
	static const struct outbox_window window = {SENT, SENT + 500, FINAL};

	return outbox_begin(alice(w), &rules, item, &window);
}

static struct outbox_item sent(struct world *w)
{
	struct outbox_item item = next(w, world_now);

	assert_int_equal(item.state, OUTBOX_QUEUED);
	assert_int_equal(begin(w, &item), ERR_OK);
	return item;
}

static int64_t found(struct world *w, const struct outbox_item *item,
	enum outbox_fate fate, const struct outbox_fill *fills, size_t count)
{
	struct outbox_found what = {.fate = fate,
		.venue_order = "1",
		.fills = {(void *)(uintptr_t)fills, count},
		.next_at = world_now + 5000};
	int64_t booked = -1;

	for (size_t i = 0; i < count; i++)
		what.filled += fills[i].quantity;
	assert_int_equal(
		outbox_found(alice(w), &rules, item, &what, &booked), ERR_OK);
	return booked;
}

static struct portfolio_view book(struct world *w)
{
	struct portfolio_view view = {0};

	assert_int_equal(portfolio_get(alice(w), &rules, 1, &view), ERR_OK);
	assert_string_equal(view.venue, "binance");
	return view;
}

static void assert_held(struct world *w, const char *cash, const char *btc)
{
	const struct portfolio_view view = book(w);
	const struct position_view *items = view.positions.items;

	assert_value(view.cash, cash);
	assert_int_equal(view.positions.count, 1);
	assert_value(items[0].quantity, btc);
}

/* ---- keys --------------------------------------------------------------------- */

static enum err try_order(struct world *w)
{
	struct order_new in = order_of("buy", "market", 100);
	struct order_view view;

	return order_place(world_alice(w), &rules, &in, &by_hand, &view);
}

static void test_no_order_without_checked_keys(void **state)
{
	struct world *w = *state;
	struct exchange_status status;
	struct limits off = rules;
	struct order_new in = order_of("buy", "market", 100);
	struct order_view view;

	put_price(w, "BTC-USDT", "100");
	assert_int_equal(try_order(w), ERR_CONFLICT);
	put_secret(w, exchange_secrets[0], 4);
	put_secret(w, exchange_secrets[1], 5);
	assert_int_equal(try_order(w), ERR_CONFLICT);
	assert_non_null(strstr(w->report->detail, "not been checked"));
	put_keys(w, 5, "key_can_withdraw");
	assert_int_equal(try_order(w), ERR_CONFLICT);
	assert_string_equal(w->report->detail, "key_can_withdraw");
	put_keys(w, 5, NULL);
	assert_int_equal(try_order(w), ERR_CONFLICT);
	assert_non_null(strstr(w->report->detail, "not been read"));
	put_account(w);
	assert_int_equal(try_order(w), ERR_OK);
	/* other keys: what was said of the old ones does not hold */
	put_secret(w, exchange_secrets[1], 7);
	assert_int_equal(try_order(w), ERR_CONFLICT);
	assert_int_equal(
		exchange_keys_note(alice(w),
			&(const struct exchange_verdict){.secrets_at = 5}),
		ERR_CONFLICT);
	assert_int_equal(
		exchange_status(world_admin(w), "alice", &status), ERR_OK);
	assert_true(status.set && !status.checked && !status.usable);
	off.live.enabled = false;
	assert_int_equal(
		order_place(world_alice(w), &off, &in, &by_hand, &view),
		ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "/venue"));
}

static void test_who_is_to_be_asked(void **state)
{
	struct world *w = *state;
	struct list list;

	assert_int_equal(exchange_plan(world_admin(w), 0, 0, &list), ERR_OK);
	assert_int_equal(list.count, 0);
	put_secret(w, exchange_secrets[0], 5);
	assert_int_equal(exchange_plan(world_admin(w), 0, 0, &list), ERR_OK);
	assert_int_equal(list.count, 0);
	put_secret(w, exchange_secrets[1], 5);
	assert_int_equal(exchange_plan(world_admin(w), 0, 0, &list), ERR_OK);
	assert_int_equal(list.count, 1);
	assert_false(((const struct exchange_due *)list.items)->checked);
	put_account(w);
	assert_int_equal(exchange_plan(world_admin(w), 0, 0, &list), ERR_OK);
	assert_int_equal(list.count, 0);
	assert_int_equal(
		exchange_plan(world_admin(w), 0, world_now + 100, &list),
		ERR_OK);
	assert_int_equal(list.count, 1);
	assert_true(((const struct exchange_due *)list.items)->checked);
	put_keys(w, 5, "keys_refused");
	assert_int_equal(
		exchange_plan(world_admin(w), 0, world_now + 100, &list),
		ERR_OK);
	assert_int_equal(list.count, 0);
	assert_int_equal(
		db_run(w->db, "UPDATE users SET disabled = 1", NO_BINDS, NULL),
		ERR_OK);
	put_secret(w, exchange_secrets[1], 9);
	assert_int_equal(exchange_plan(world_admin(w), 0, 0, &list), ERR_OK);
	assert_int_equal(list.count, 0);
}

/* ---- sending ------------------------------------------------------------------ */

static void test_taken_and_filled(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("buy", "market", 100);
	const struct outbox_fill fills[] = {
		{"7", ONE / 4, 100 * ONE, ONE / 4000, "BTC", false},
		{"8", ONE / 4, 101 * ONE, ONE / 100, "BNB", false},
		{"9", ONE / 2, 102 * ONE, 0, "USDT", true}};
	struct outbox_item item;
	struct order_view view;

	put_account(w);
	assert_held(w, "1000", "2");
	assert_value(book(w).equity, "1200");
	view = place(w, &in);
	assert_string_equal(view.state, "new");
	item = sent(w);
	assert_string_equal(item.order.order_id, view.id);
	assert_int_equal(item.last_price, 100 * ONE);
	/* twice the same, and the rest later */
	assert_int_equal(found(w, &item, FATE_OPEN, fills, 1), 1);
	assert_order(w, view.id, "partially_filled", NULL);
	assert_held(w, "975", "2.24975");
	item = next(w, world_now + 5000);
	assert_int_equal(item.state, OUTBOX_RESTING);
	assert_int_equal(found(w, &item, FATE_OPEN, fills, 1), 0);
	item = next(w, world_now + 5000);
	assert_int_equal(found(w, &item, FATE_FILLED, fills, 3), 2);
	assert_order(w, view.id, "filled", NULL);
	/* 25 and 25.25 and 51; what BNB was worth is shown, not paid */
	assert_held(w, "898.75", "2.99975");
	assert_value(again(w, view.id).fees, "0.125");
	assert_value(book(w).fees, "0.125");
	assert_books_follow(w);
	assert_int_equal(
		outbox_next(at(w, INT64_MAX / 2), &item), ERR_NOT_FOUND);
}

static void test_sold_with_a_fee_in_money(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("sell", "market", 50);
	const struct outbox_fill fill = {
		"7", ONE / 2, 110 * ONE, ONE / 10, "USDT", false};
	struct outbox_item item;

	put_account(w);
	(void)place(w, &in);
	item = sent(w);
	assert_int_equal(found(w, &item, FATE_FILLED, &fill, 1), 1);
	assert_held(w, "1054.9", "1.5");
	assert_value(book(w).realised, "5");
	assert_books_follow(w);
	in.quantity = (struct decimal){160, 2};
	assert_string_equal(place(w, &in).reason, "short_not_allowed");
}

/* A buy and a sale of one's own that meet are one trade there. */
static void test_one_trade_of_two_orders(void **state)
{
	struct world *w = *state;
	struct order_new buy = order_of("buy", "market", 100);
	struct order_new sell = order_of("sell", "market", 100);
	const struct outbox_fill fill = {"7", ONE, 100 * ONE, 0, "USDT", false};
	struct outbox_item item;

	put_account(w);
	(void)place(w, &buy);
	item = sent(w);
	assert_int_equal(found(w, &item, FATE_FILLED, &fill, 1), 1);
	(void)place(w, &sell);
	item = sent(w);
	assert_int_equal(found(w, &item, FATE_FILLED, &fill, 1), 1);
	assert_held(w, "1000", "2");
	assert_books_follow(w);
}

/* Its end waits for its fills. */
static void test_ended_before_its_fills_are_told(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("buy", "limit", 100);
	const struct decimal price = {95, 0};
	const struct outbox_fill fill = {
		"7", ONE / 2, 95 * ONE, 0, "USDT", true};
	struct outbox_found what = {.fate = FATE_CANCELLED,
		.filled = ONE / 2,
		.next_at = world_now + 1000};
	struct outbox_item item;
	struct order_view view;
	int64_t booked;

	put_account(w);
	in.price = &price;
	view = place(w, &in);
	item = sent(w);
	assert_int_equal(
		outbox_found(alice(w), &rules, &item, &what, &booked), ERR_OK);
	assert_order(w, view.id, "accepted", NULL);
	item = next(w, world_now + 1000);
	assert_int_equal(found(w, &item, FATE_CANCELLED, &fill, 1), 1);
	assert_order(w, view.id, "cancelled", NULL);
	assert_value(again(w, view.id).filled, "0.5");
	assert_books_follow(w);
}

static void test_waits_and_gives_up(void **state)
{
	static const struct outbox_note note = {-1003, "too much"};
	struct world *w = *state;
	struct order_new in = order_of("buy", "market", 100);
	struct outbox_item item;
	struct order_view view;

	put_account(w);
	view = place(w, &in);
	item = sent(w);
	assert_int_equal(
		outbox_wait(alice(w), &item, world_now + 3000, &note), ERR_OK);
	assert_int_equal(
		outbox_next(at(w, world_now + 2999), &item), ERR_NOT_FOUND);
	item = next(w, world_now + 3000);
	assert_int_equal(item.state, OUTBOX_QUEUED);
	assert_int_equal(item.attempts, 1);
	/* somebody else's answer comes too late */
	item.attempts = 0;
	assert_int_equal(begin(w, &item), ERR_CONFLICT);
	item.attempts = 1;
	assert_int_equal(outbox_wait(at(w, world_now + 60000), &item,
				 world_now + 60001, &note),
		ERR_OK);
	assert_order(w, view.id, "rejected", "not_sent");
	assert_int_equal(world_number(w, "SELECT code FROM outbox"), -1003);
}

static void test_unknown_until_it_is_certain(void **state)
{
	static const struct outbox_note note = {0, "no answer"};
	struct world *w = *state;
	struct order_new in = order_of("buy", "market", 100);
	const struct outbox_fill fill = {"7", ONE, 100 * ONE, 0, "USDT", false};
	struct outbox_item item;
	struct order_view lost = {0}, kept = {0};

	put_account(w);
	lost = place(w, &in);
	item = sent(w);
	assert_int_equal(outbox_lost(alice(w), &item, FINAL, &note), ERR_OK);
	assert_order(w, lost.id, "unknown", NULL);
	/* its own answer after all: not taken twice */
	assert_int_equal(
		outbox_refused(alice(w), &item, "x", &note), ERR_CONFLICT);
	item = next(w, world_now + 100);
	assert_int_equal(item.state, OUTBOX_UNKNOWN);
	assert_int_equal(outbox_missing(alice(w), &item, FINAL - 1), ERR_OK);
	assert_order(w, lost.id, "unknown", NULL);
	item = next(w, FINAL + 2000);
	assert_int_equal(outbox_missing(alice(w), &item, FINAL), ERR_OK);
	assert_order(w, lost.id, "rejected", "not_sent");
	kept = place(w, &in);
	item = sent(w);
	/* cut short: whoever comes next may ask only once the lease is over */
	assert_int_equal(outbox_next(at(w, SENT + 499), &item), ERR_NOT_FOUND);
	item = next(w, SENT + 500);
	assert_int_equal(item.state, OUTBOX_SENDING);
	assert_int_equal(outbox_lost(alice(w), &item, 0, &note), ERR_OK);
	item = next(w, world_now + 100);
	assert_int_equal(item.final_at, FINAL);
	assert_int_equal(found(w, &item, FATE_FILLED, &fill, 1), 1);
	assert_order(w, kept.id, "filled", NULL);
	assert_books_follow(w);
}

static void test_refused(void **state)
{
	static const struct outbox_note note = {-2010, "no"};
	struct world *w = *state;
	struct order_new in = order_of("buy", "market", 100);
	struct outbox_item item;
	struct order_view view;

	put_account(w);
	view = place(w, &in);
	item = sent(w);
	assert_int_equal(
		outbox_refused(alice(w), &item, "LOT_SIZE: no", &note), ERR_OK);
	assert_order(w, view.id, "rejected", "LOT_SIZE: no");
	view = place(w, &in);
	item = next(w, world_now);
	assert_int_equal(risk_halt(alice(w), &rules,
				 &(const struct risk_halting){.by = "manual"},
				 &(struct risk_view){0}),
		ERR_OK);
	assert_order(w, view.id, "cancelled", "halted");
	assert_int_equal(begin(w, &item), ERR_CONFLICT);
}

/* A halt that came by another way is seen when it is about to leave. */
static void test_halted_while_it_waits(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("buy", "market", 100);
	struct outbox_item item;
	struct order_view view;

	put_account(w);
	view = place(w, &in);
	item = next(w, world_now);
	assert_int_equal(
		db_run(w->db,
			"INSERT INTO system_settings (name, value, updated_at,"
			" updated_by) VALUES ('TRADING_HALTED', 'true', 1,"
			" 'x')",
			NO_BINDS, NULL),
		ERR_OK);
	assert_int_equal(begin(w, &item), ERR_CONFLICT);
	assert_order(w, view.id, "cancelled", "trading_halted");
}

/* What only protects leaves, although it is halted since; a plain sale does
   not. */
static void test_protection_leaves_while_halted(void **state)
{
	static const struct risk_halting by_default = {.by = "manual"};
	struct world *w = *state;
	struct order_new in = order_of("sell", "stop", 10);
	struct decimal level = {90, 0};
	struct order_view stop, sale;
	struct outbox_item item;

	put_account(w);
	in.stop_price = &level;
	stop = place(w, &in);
	in = order_of("sell", "market", 10);
	sale = place(w, &in);
	assert_int_equal(risk_halt(alice(w), &rules, &by_default,
				 &(struct risk_view){0}),
		ERR_OK);
	assert_order(w, sale.id, "cancelled", "halted");
	item = sent(w);
	assert_string_equal(item.order.order_id, stop.id);
	assert_int_equal(found(w, &item, FATE_OPEN, NULL, 0), 0);
	assert_order(w, stop.id, "accepted", NULL);
	assert_int_equal(risk_halt(alice(w), &rules,
				 &(const struct risk_halting){
					 .by = "manual", .cancel = "all"},
				 &(struct risk_view){0}),
		ERR_OK);
	assert_order(w, stop.id, "accepted", "cancelling");
}

/* Reducing since it was given: what opens stays here, what shrinks leaves. */
static void test_reducing_while_it_waits(void **state)
{
	static const struct risk_change reducing = {
		.state = "reducing", .by = "manual"};
	struct world *w = *state;
	struct order_new in = order_of("buy", "market", 100);
	struct outbox_item item;
	struct order_view view;

	put_account(w);
	view = place(w, &in);
	item = next(w, world_now);
	assert_int_equal(
		risk_put(alice(w), &rules, &reducing, &(struct risk_view){0}),
		ERR_OK);
	assert_int_equal(begin(w, &item), ERR_CONFLICT);
	assert_order(w, view.id, "cancelled", "reducing_only");
	in = order_of("sell", "market", 10);
	(void)place(w, &in);
	item = next(w, world_now);
	assert_int_equal(begin(w, &item), ERR_OK);
}

/* ---- cancelling ----------------------------------------------------------------- */

/* A pair that has not left is taken back in one go, by hand and by a halt. */
static void test_pairs_are_cancelled_with_all_others(void **state)
{
	static const struct risk_halting all = {
		.by = "manual", .cancel = "all"};
	struct world *w = *state;
	struct decimal low = {90, 0}, high = {110, 0};

	put_account(w);
	for (int i = 0; i < 4; i++) {
		struct order_new in =
			order_of("sell", i % 2 ? "limit" : "stop", 10);
		int64_t count = 0;

		in.oco = i < 2 ? "one" : "two";
		*(i % 2 ? &in.price : &in.stop_price) = i % 2 ? &high : &low;
		(void)place(w, &in);
		if (i == 1)
			assert_int_equal(
				order_cancel_all(alice(w), NULL, &count),
				ERR_OK);
	}
	assert_int_equal(
		risk_halt(alice(w), &rules, &all, &(struct risk_view){0}),
		ERR_OK);
	/* whichever has the lower number takes the other along */
	assert_int_equal(world_number(w, "SELECT count(DISTINCT reason)"
					 " FROM orders WHERE oco = 'two'"
					 " AND reason IN ('halted', 'oco')"),
		2);
	assert_int_equal(
		world_number(w, "SELECT count(*) FROM orders WHERE state"
				" = 'cancelled'"),
		4);
}

static void test_cancelled_before_it_left(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("buy", "market", 100);
	struct outbox_item item;
	struct order_view view;

	put_account(w);
	view = place(w, &in);
	item = next(w, world_now);
	assert_int_equal(order_cancel(alice(w), view.id, &view), ERR_OK);
	assert_string_equal(view.state, "cancelled");
	assert_int_equal(begin(w, &item), ERR_CONFLICT);
	assert_int_equal(
		outbox_next(at(w, INT64_MAX / 2), &item), ERR_NOT_FOUND);
}

static void test_cancelled_there(void **state)
{
	static const struct outbox_note note = {0, ""};
	struct world *w = *state;
	struct order_new in = order_of("buy", "limit", 100);
	const struct decimal price = {95, 0};
	struct outbox_item item, cancels;
	struct order_view view;

	put_account(w);
	in.price = &price;
	view = place(w, &in);
	item = sent(w);
	assert_int_equal(order_cancel(alice(w), view.id, &view), ERR_OK);
	assert_string_equal(view.state, "new");
	cancels = next(w, world_now + 100);
	assert_true(cancels.cancels);
	assert_int_equal(cancels.placed, OUTBOX_SENDING);
	assert_int_equal(found(w, &item, FATE_OPEN, NULL, 0), 0);
	assert_int_equal(order_cancel(alice(w), view.id, &view), ERR_OK);
	assert_string_equal(view.reason, "cancelling");
	assert_int_equal(order_cancel(alice(w), view.id, &view), ERR_OK);
	assert_int_equal(world_number(w, "SELECT COUNT(*) FROM outbox"), 2);
	assert_int_equal(
		outbox_cancelled(alice(w), &cancels, world_now + 7000, &note),
		ERR_OK);
	item = next(w, world_now + 100);
	assert_false(item.cancels);
	assert_int_equal(found(w, &item, FATE_CANCELLED, NULL, 0), 0);
	assert_order(w, view.id, "cancelled", NULL);
	assert_int_equal(order_cancel(alice(w), view.id, &view), ERR_CONFLICT);
	assert_int_equal(
		outbox_next(at(w, INT64_MAX / 2), &item), ERR_NOT_FOUND);
	assert_int_equal(order_amend(alice(w), &rules,
				 &(const struct order_change){
					 .id = view.id, .price = &price},
				 0, &view),
		ERR_CONFLICT);
}

/* One process sends what another withdraws: one of them, never both. */
static void test_cancel_against_sending(void **state)
{
	enum {
		ORDERS = 25
	};
	struct world *w = *state;
	struct order_new in = order_of("buy", "limit", 1);
	const struct decimal price = {95, 0};
	const struct db_options options = {.busy_ms = 5000,
		.url = arena_format(w->arena, "sqlite:%s/world.db", w->folder)};
	const char *ids[ORDERS];
	int status = 0;
	pid_t pid;

	put_account(w);
	in.price = &price;
	for (int i = 0; i < ORDERS; i++)
		ids[i] = place(w, &in).id;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct world own = {.arena = w->arena};
		struct outbox_item item;

		if (db_open(own.arena, &options, &own.db) != ERR_OK)
			_exit(2);
		while (outbox_next(at(&own, world_now), &item) == ERR_OK) {
			enum err err = begin(&own, &item);

			if (err != ERR_OK && err != ERR_CONFLICT)
				_exit(3);
		}
		_exit(0);
	}
	for (int i = ORDERS - 1; i >= 0; i--) {
		struct order_view view;

		assert_int_equal(
			order_cancel(world_alice(w), ids[i], &view), ERR_OK);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(
		world_number(w, "SELECT COUNT(*) FROM outbox b JOIN orders o"
				" ON o.id = b.order_id WHERE b.kind = 'place'"
				" AND (o.state = 'cancelled')"
				" = (b.sent_at IS NULL)"),
		ORDERS);
}

/* ---- pairs ------------------------------------------------------------------------ */

static void test_pair(void **state)
{
	struct world *w = *state;
	struct order_new take = order_of("sell", "limit", 100);
	struct order_new stop = order_of("sell", "stop", 100);
	const struct decimal high = {105, 0}, low = {95, 0};
	struct order_view first, second;
	struct outbox_item item, other;

	put_account(w);
	take.price = &high;
	take.oco = stop.oco = "pair";
	stop.stop_price = &low;
	first = place(w, &take);
	assert_int_equal(
		outbox_next(at(w, world_now + 59999), &item), ERR_NOT_FOUND);
	stop.quantity.units = 90;
	assert_int_equal(
		order_place(world_alice(w), &rules, &stop, &by_hand, &second),
		ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "/oco"));
	stop.quantity.units = 100;
	second = place(w, &stop);
	item = next(w, world_now);
	assert_non_null(item.other);
	assert_int_equal(begin(w, &item), ERR_OK);
	assert_int_equal(world_number(w, "SELECT COUNT(*) FROM outbox"
					 " WHERE state = 'sending'"),
		2);
	other = item;
	other.order = *item.other;
	assert_int_equal(found(w, &item, FATE_OPEN, NULL, 0), 0);
	assert_int_equal(found(w, &other, FATE_EXPIRED, NULL, 0), 0);
	assert_order(w, item.order.order_id, "accepted", NULL);
	assert_order(w, other.order.order_id, "expired", "oco");
	(void)first;
	(void)second;
	/* alone, and withdrawn together */
	take.oco = stop.oco = "other";
	take.quantity.units = stop.quantity.units = 10;
	first = place(w, &take);
	item = next(w, world_now + 60000);
	while (item.state != OUTBOX_HELD)
		item = next(w, world_now + 60000);
	second = place(w, &stop);
	assert_int_equal(order_cancel(alice(w), second.id, &second), ERR_OK);
	assert_order(w, first.id, "cancelled", "oco");
}

/* ---- balances ----------------------------------------------------------------------- */

static void test_differences_are_told(void **state)
{
	static const struct exchange_balance more[] = {
		{"USDT", 1500 * ONE}, {"BTC", ONE}, {"BNB", 3 * ONE}};
	static const struct exchange_balance less[] = {{"USDT", 1500 * ONE}};
	struct world *w = *state;
	struct exchange_difference difference;
	struct page page;

	put_account(w);
	assert_int_equal(compare(w, more, 3, &difference), ERR_OK);
	assert_false(difference.opened);
	assert_int_equal(difference.count, 3);
	assert_value(book(w).cash, "1500");
	assert_value(book(w).equity, "1630");
	assert_value(book(w).day_change, "0");
	assert_int_equal(compare(w, more, 3, &difference), ERR_OK);
	assert_int_equal(difference.count, 0);
	assert_int_equal(compare(w, less, 1, &difference), ERR_OK);
	assert_int_equal(difference.count, 2);
	assert_int_equal(book(w).positions.count, 0);
	assert_value(book(w).equity, "1500");
	assert_value(book(w).day_change, "0");
	assert_books_follow(w);
	assert_int_equal(
		order_list(alice(w), &(const struct order_query){.limit = 50},
			&page),
		ERR_OK);
	assert_int_equal(page.data.count, 5);
	for (size_t i = 0; i < page.data.count; i++)
		assert_string_equal(
			((const struct order_view *)page.data.items)[i].source,
			"system");
	assert_int_equal(
		world_number(w, "SELECT COUNT(*) FROM order_log WHERE reason IN"
				" ('opening_balance', 'came_from_elsewhere',"
				" 'went_elsewhere')"),
		10);
}

static void test_not_while_something_moves(void **state)
{
	static const struct exchange_balance there[] = {{"USDT", ONE}};
	struct world *w = *state;
	const struct list balances = {(void *)(uintptr_t)there, 1};
	struct order_new in = order_of("buy", "market", 100);
	const struct outbox_fill fill = {"7", ONE, 100 * ONE, 0, "USDT", false};
	struct exchange_difference difference;
	struct exchange_mark mark;
	struct outbox_item item;

	put_account(w);
	assert_int_equal(exchange_mark(alice(w), &mark), ERR_OK);
	assert_false(mark.busy);
	(void)place(w, &in);
	assert_int_equal(exchange_compare(alice(w), &rules, &mark, &balances,
				 &difference),
		ERR_CONFLICT);
	assert_int_equal(exchange_mark(alice(w), &mark), ERR_OK);
	assert_true(mark.busy);
	item = sent(w);
	assert_int_equal(found(w, &item, FATE_OPEN, NULL, 0), 0);
	assert_int_equal(exchange_mark(alice(w), &mark), ERR_OK);
	item = next(w, world_now + 5000);
	assert_int_equal(found(w, &item, FATE_FILLED, &fill, 1), 1);
	assert_int_equal(exchange_compare(alice(w), &rules, &mark, &balances,
				 &difference),
		ERR_CONFLICT);
	assert_held(w, "900", "3");
}

/* The paper venue's round leaves them alone, and paper goes on. */
static void test_beside_paper(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("buy", "limit", 100);
	const struct decimal price = {95, 0};
	struct order_view view;
	struct list list;

	put_account(w);
	in.price = &price;
	view = place(w, &in);
	assert_int_equal(paper_plan(world_admin(w), &list), ERR_OK);
	assert_int_equal(list.count, 0);
	in.venue = NULL;
	assert_string_equal(place(w, &in).venue, "paper");
	assert_order(w, view.id, "new", NULL);
	assert_int_equal(portfolio_reset(alice(w), &rules, NULL,
				 &(struct portfolio_view){0}),
		ERR_OK);
	assert_order(w, view.id, "new", NULL);
	assert_held(w, "1000", "2");
}

#define WORLD_TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_open, world_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_no_order_without_checked_keys),
		WORLD_TEST(test_settings_say_how_the_keys_are),
		WORLD_TEST(test_who_is_to_be_asked),
		WORLD_TEST(test_taken_and_filled),
		WORLD_TEST(test_sold_with_a_fee_in_money),
		WORLD_TEST(test_one_trade_of_two_orders),
		WORLD_TEST(test_ended_before_its_fills_are_told),
		WORLD_TEST(test_waits_and_gives_up),
		WORLD_TEST(test_unknown_until_it_is_certain),
		WORLD_TEST(test_refused),
		WORLD_TEST(test_halted_while_it_waits),
		WORLD_TEST(test_protection_leaves_while_halted),
		WORLD_TEST(test_reducing_while_it_waits),
		WORLD_TEST(test_pairs_are_cancelled_with_all_others),
		WORLD_TEST(test_cancelled_before_it_left),
		WORLD_TEST(test_cancelled_there),
		WORLD_TEST(test_cancel_against_sending),
		WORLD_TEST(test_pair),
		WORLD_TEST(test_differences_are_told),
		WORLD_TEST(test_not_while_something_moves),
		WORLD_TEST(test_beside_paper),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
