/*
 * What the tests of orders at an exchange stand on, behind domain_world.h: keys
 * that may trade, an account of 1000 USDT and 2 BTC, and prices.
 */
#ifndef LIVE_WORLD_H
#define LIVE_WORLD_H

#include "domain_world.h"
#include "exchange.h"
#include "feeds.h"
#include "orders.h"
#include "outbox.h"
#include "portfolio.h"

#define ONE INT64_C(100000000)
#define SECOND INT64_C(1000)
#define MINUTE INT64_C(60000)

static const struct limits rules = {
	.trade = {.fee_maker = ONE / 1000,
		.fee_taker = ONE / 1000,
		.start_balance = 10000 * ONE,
		.most = {.open_orders = 200,
			.orders_per_minute = 1000000,
			.positions = 100}},
	.live = {.enabled = true,
		.quote = "USDT",
		.send_ms = 60000,
		.poll_ms = 5000}};
static const struct order_from by_hand = {.source = ORDER_MANUAL};

/* ---- the world ---------------------------------------------------------------- */

static inline struct scope *at(struct world *w, int64_t now)
{
	return scope_mint(w->arena, w->db, world_report(w), "alice", now);
}

static inline struct admin_scope *admin_at(struct world *w, int64_t now)
{
	return admin_scope_mint(
		w->arena, w->db, world_report(w), "operator", now);
}

static inline void quote(struct world *w, int64_t at_ms, int64_t cents)
{
	const struct quote_new item = {.symbol = "BTC-USDT",
		.source = "test",
		.price = cents * (ONE / 100),
		.at = at_ms,
		.fresh_until = at_ms + MINUTE};

	assert_int_equal(quotes_put(admin_at(w, at_ms), &item, 1), ERR_OK);
}

static inline void there(
	struct world *w, int64_t now, int64_t usdt, int64_t btc)
{
	const struct exchange_balance items[] = {
		{"USDT", usdt * (ONE / 100)}, {"BTC", btc * (ONE / 100)}};
	const struct list balances = {(void *)(uintptr_t)items, 2};
	struct exchange_difference difference;
	struct exchange_mark mark;

	assert_int_equal(exchange_mark(at(w, now), &mark), ERR_OK);
	assert_int_equal(exchange_compare(at(w, now), &rules, &mark, &balances,
				 &difference),
		ERR_OK);
}

static inline void put_secret(struct world *w, const char *name, int64_t at_ms)
{
	assert_int_equal(
		db_run(w->db,
			"INSERT INTO user_secrets (user_id, name, sealed,"
			" key_id, hint, updated_at) VALUES ('alice', :name,"
			" x'00', 'k', '', :at) ON CONFLICT (user_id, name)"
			" DO UPDATE SET updated_at = excluded.updated_at",
			BINDS(bind_text(":name", name), bind_int(":at", at_ms)),
			NULL),
		ERR_OK);
}

/* A minute's candle at 100, keys, 1000 USDT and 2 BTC, a fresh quote. */
static inline int account_open(void **state)
{
	const struct import_options options = {
		.symbol = "BTC-USDT", .interval = "1m", .source = "test"};
	struct import_report report;
	struct world *w;

	assert_int_equal(world_open(state), 0);
	w = *state;
	assert_int_equal(
		world_import_file(w,
			folder_put(w->arena, w->folder, "import",
				arena_format(w->arena,
					"time,open,high,low,close,volume\n"
					"%lld,100,100,100,100.00,1\n",
					(long long)(world_now - MINUTE))),
			&options, &report),
		ERR_OK);
	for (size_t i = 0; i < 2; i++)
		put_secret(w, exchange_secrets[i], 5);
	assert_int_equal(
		exchange_keys_note(at(w, world_now),
			&(const struct exchange_verdict){.secrets_at = 5,
				.known = true,
				.can_trade = true}),
		ERR_OK);
	quote(w, world_now - SECOND, 10000);
	there(w, world_now - 1, 100000, 200);
	return 0;
}

static inline struct order_view place(
	struct world *w, const struct order_new *in)
{
	struct order_view view = {0};

	const enum err err =
		order_place(at(w, world_now), &rules, in, &by_hand, &view);

	if (err != ERR_OK)
		print_error("%s\n", w->report->detail ? w->report->detail : "");
	assert_int_equal(err, ERR_OK);
	return view;
}

static inline struct order_view again(struct world *w, const char *id)
{
	struct order_view view = {0};

	assert_int_equal(order_get(at(w, world_now), id, &view), ERR_OK);
	return view;
}

static inline void assert_amount(const struct decimal *value, const char *text)
{
	char printed[64] = {0};

	assert_non_null(value);
	(void)decimal_print(decimal_trim(*value), printed, sizeof(printed));
	assert_string_equal(printed, text);
}

static inline void assert_value(struct decimal value, const char *text)
{
	assert_amount(&value, text);
}

static inline void assert_quantity(
	struct world *w, const char *id, const char *text)
{
	const struct order_view view = again(w, id);

	assert_amount(&view.quantity, text);
}

/* reason NULL: none. */
static inline void assert_order(
	struct world *w, const char *id, const char *state, const char *reason)
{
	const struct order_view view = again(w, id);

	assert_string_equal(view.state, state);
	if (reason)
		assert_string_equal(view.reason, reason);
	else
		assert_null(view.reason);
}

/* What the outbox has to do then; its order's id, or NULL. */
static inline const char *due(
	struct world *w, int64_t now, struct outbox_item *item)
{
	const enum err err = outbox_next(at(w, now), item);

	if (err == ERR_NOT_FOUND)
		return NULL;
	assert_int_equal(err, ERR_OK);
	return item->order.order_id;
}

static inline enum err leave(
	struct world *w, int64_t now, struct outbox_item *item)
{
	const struct outbox_window window = {now, now + 500, now + 9000};

	return outbox_begin(at(w, now), &rules, item, &window);
}

static inline void assert_books_follow(struct world *w)
{
	int64_t accounts = 0;
	const enum err err = portfolio_check(world_admin(w), &accounts);

	if (err != ERR_OK)
		print_error("%s\n", w->report->detail);
	assert_int_equal(err, ERR_OK);
}

#endif
