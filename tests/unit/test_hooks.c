/*
 * Hooks: the secret and the signature (auth), what an alert comes to within
 * the hook's bounds, and that a call which is repeated, raced or cut short
 * makes one order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sodium.h>
#include <sys/wait.h>

#include "auth_fixture.h"
#include "hook.h"
#include "hooks.h"
#include "import.h"
#include "scope_mint.h"

#define ONE INT64_C(100000000)
#define MINUTE INT64_C(60000)

static const struct limits rules = {
	.trade = {.start_balance = 10000 * ONE,
		.most = {.order_value = 50000 * ONE,
			.open_orders = 200,
			.orders_per_minute = 1000000,
			.positions = 100}},
	.notify = {.hooks = 3, .hook_calls_minute = 30}};
static const struct decimal ten = {10, 0}, one = {1, 0};

struct hooked {
	struct fixture *f;
	const char *owner;
	struct hook_secret made;
	struct hook_view hook;
	struct report *report;
};

static struct scope *scope_of(struct hooked *h)
{
	h->report = report_open(h->f->request);
	return scope_mint(
		h->f->request, h->f->db, h->report, h->owner, h->f->call.now);
}

static void put_market(struct hooked *h, const char *symbol)
{
	const struct import_options options = {
		.symbol = symbol, .interval = "1m", .source = "test"};
	struct import_report report;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_true(dprintf(fds[1],
			    "time,open,high,low,close,volume\n"
			    "%lld,100,101,99,100,5000\n",
			    (long long)(h->f->call.now - MINUTE)) > 0);
	close(fds[1]);
	assert_int_equal(
		candles_import(
			auth_operator_scope(h->f->db, h->f->request,
				report_open(h->f->request), h->f->call.now),
			fds[0], &options, &report),
		ERR_OK);
	close(fds[0]);
}

static void make(struct hooked *h, const struct hook_new *in)
{
	struct hook_keep keep;

	assert_int_equal(
		auth_hook_make(h->f->auth, fixture_call(h->f), NULL, &h->made),
		ERR_OK);
	keep = (struct hook_keep){.id = h->made.id,
		.hint = h->made.hint,
		.nonce = h->made.nonce,
		.hash = {h->made.hash, sizeof(h->made.hash)}};
	assert_int_equal(
		hook_create(scope_of(h), &rules.notify, in, &keep, &h->hook),
		ERR_OK);
}

static const struct hook_new plain = {
	.name = "alerts", .orders_per_hour = 5, .window_s = 300};

static int hooked_open(void **state)
{
	struct hooked *h = calloc(1, sizeof(*h));
	void *fixture;

	assert_non_null(h);
	assert_int_equal(fixture_open(&fixture), 0);
	h->f = fixture;
	fixture_user(h->f, "alice", AUTH_ROLE_USER);
	h->owner = fixture_who(h->f, fixture_login(h->f, "alice").access_token)
			   .user_id;
	h->owner = arena_text(h->f->arena, h->owner);
	*state = h;
	return 0;
}

static int hooked_close(void **state)
{
	struct hooked *h = *state;
	void *fixture = h->f;

	free(h);
	return fixture_close(&fixture);
}

/* ---- the secret --------------------------------------------------------------- */

static bool only_home(
	struct arena *arena, const char *networks, const char *address)
{
	(void)arena;
	return text_equal(networks, address);
}

static enum err admit(struct hooked *h, const char *secret,
	const char *signature, struct hook_grant *grant)
{
	const struct hook_attempt attempt = {.secret = secret,
		.signature = signature,
		.body = "{\"action\":\"buy\"}",
		.body_len = strlen("{\"action\":\"buy\"}"),
		.is_allowed = only_home};
	struct scope *scope = NULL;
	enum err err = auth_hook_admit(
		h->f->auth, fixture_call(h->f), &attempt, grant, &scope);

	assert_int_equal(err == ERR_OK, scope != NULL);
	if (scope)
		assert_string_equal(scope_user(scope), h->owner);
	return err;
}

static void only_the_whole_secret_opens(void **state)
{
	struct hooked *h = *state;
	struct hook_grant grant;
	size_t len;

	make(h, &plain);
	assert_int_equal(admit(h, h->made.secret, NULL, &grant), ERR_OK);
	assert_null(grant.refused);
	assert_string_equal(grant.hook_id, h->made.id);
	len = strlen(h->made.secret);
	for (size_t i = 0; i < len; i++) {
		char *wrong = arena_copy(h->f->arena, h->made.secret, len);

		wrong[i] = wrong[i] == 'b' ? 'c' : 'b';
		assert_int_equal(admit(h, wrong, NULL, &grant), ERR_NOT_FOUND);
		wrong[i] = '\0';
		assert_int_equal(admit(h, wrong, NULL, &grant), ERR_NOT_FOUND);
	}
	assert_int_equal(
		admit(h, arena_format(h->f->arena, "%sA", h->made.secret), NULL,
			&grant),
		ERR_NOT_FOUND);
	assert_int_equal(
		fixture_number(h->f, arena_format(h->f->arena,
					     "SELECT COUNT(*) FROM hooks WHERE"
					     " instr(secret_hash, '%s') > 0",
					     h->made.hint)),
		0);
}

static void secrets_cannot_be_swapped_between_hooks(void **state)
{
	struct hooked *h = *state;
	struct hook_grant grant;
	const char *sql;

	make(h, &plain);
	sql = arena_format(h->f->arena,
		"UPDATE hooks SET secret_hash = (SELECT secret_hash FROM hooks"
		" WHERE id = '%s')",
		h->made.id);
	make(h, &plain);
	assert_int_equal(db_run(h->f->db, sql, NO_BINDS, NULL), ERR_OK);
	assert_int_equal(admit(h, h->made.secret, NULL, &grant), ERR_NOT_FOUND);
}

static void a_hook_that_is_off_is_not_there(void **state)
{
	struct hooked *h = *state;
	struct hook_grant grant;

	make(h, &plain);
	assert_int_equal(db_run(h->f->db, "UPDATE hooks SET enabled = 0",
				 NO_BINDS, NULL),
		ERR_OK);
	assert_int_equal(admit(h, h->made.secret, NULL, &grant), ERR_NOT_FOUND);
	assert_int_equal(db_run(h->f->db, "UPDATE hooks SET enabled = 1",
				 NO_BINDS, NULL),
		ERR_OK);
	assert_int_equal(db_run(h->f->db, "UPDATE users SET disabled = 1",
				 NO_BINDS, NULL),
		ERR_OK);
	assert_int_equal(admit(h, h->made.secret, NULL, &grant), ERR_NOT_FOUND);
}

static void what_ends_api_keys_switches_hooks_off(void **state)
{
	struct hooked *h = *state;

	make(h, &plain);
	assert_int_equal(
		account_revoke_keys(h->f->auth, fixture_call(h->f), "alice"),
		ERR_OK);
	assert_int_equal(fixture_number(h->f, "SELECT enabled FROM hooks"), 0);
}

static void addresses_are_asked_for(void **state)
{
	struct hooked *h = *state;
	struct hook_grant grant;
	const char *elsewhere[] = {"192.0.2.77"};
	struct hook_new in = plain;

	in.addresses = (struct text_list){elsewhere, 1};
	make(h, &in);
	assert_int_equal(admit(h, h->made.secret, NULL, &grant), ERR_OK);
	assert_string_equal(grant.refused, "address");
	h->f->call.address = elsewhere[0];
	assert_int_equal(admit(h, h->made.secret, NULL, &grant), ERR_OK);
	assert_null(grant.refused);
}

/* ---- the signature --------------------------------------------------------------- */

static const char *signature(struct hooked *h, const char *key, int64_t seconds)
{
	const char *text = arena_format(
		h->f->arena, "%lld.{\"action\":\"buy\"}", (long long)seconds);
	unsigned char mac[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state hash;

	crypto_auth_hmacsha256_init(
		&hash, (const unsigned char *)key, strlen(key));
	crypto_auth_hmacsha256_update(
		&hash, (const unsigned char *)text, strlen(text));
	crypto_auth_hmacsha256_final(&hash, mac);
	return arena_format(h->f->arena, "t=%lld,v1=%s", (long long)seconds,
		text_hex(h->f->arena, mac, sizeof(mac)));
}

static void assert_signed(
	struct hooked *h, const char *signature_text, const char *refused)
{
	struct hook_grant grant;

	assert_int_equal(
		admit(h, h->made.secret, signature_text, &grant), ERR_OK);
	if (!refused)
		assert_null(grant.refused);
	else
		assert_string_equal(
			grant.refused ? grant.refused : "let in", refused);
}

static void signatures_are_strict(void **state)
{
	struct hooked *h = *state;
	struct hook_new in = plain;
	const int64_t now = h->f->call.now / 1000;
	const char *good, *first_key;
	char *wrong;

	in.needs_signature = true;
	make(h, &in);
	good = signature(h, h->made.key, now);
	assert_signed(h, good, NULL);
	assert_signed(h, NULL, "signature");
	for (size_t i = 0; i < strlen(good); i++) {
		wrong = arena_copy(h->f->arena, good, strlen(good));
		wrong[i] = wrong[i] == '0' ? '1' : '0';
		assert_signed(h, wrong, "signature");
		wrong[i] = '\0';
		assert_signed(h, wrong, "signature");
	}
	assert_signed(
		h, arena_format(h->f->arena, "%s,v1=", good), "signature");
	assert_signed(h, signature(h, h->made.key, now - 300), NULL);
	assert_signed(h, signature(h, h->made.key, now - 301), "time");
	assert_signed(h, signature(h, h->made.key, now + 301), "time");
	first_key = h->made.key;
	make(h, &in);
	assert_signed(h, signature(h, first_key, now), "signature");
}

/* ---- orders ------------------------------------------------------------------------ */

static enum err take_from(struct hooked *h, const struct hook_order *order,
	const char *address, const char *refused)
{
	const struct hook_call call = {.hook_id = h->made.id,
		.address = address,
		.refused = refused,
		.body_hash = "h",
		.order = order};
	struct hook_answer answer = {0};

	return hook_take(scope_of(h), &rules, &call, &answer);
}

static enum err take(struct hooked *h, const struct hook_order *order,
	const char *body, struct hook_answer *out)
{
	const struct hook_call call = {.hook_id = h->made.id,
		.address = "192.0.2.1",
		.body_hash = body,
		.order = order};

	memset(out, 0, sizeof(*out));
	return hook_take(scope_of(h), &rules, &call, out);
}

static int64_t count(struct hooked *h, const char *table)
{
	return fixture_number(h->f,
		arena_format(h->f->arena, "SELECT COUNT(*) FROM %s", table));
}

static void the_same_alert_makes_one_order(void **state)
{
	struct hooked *h = *state;
	struct timestamp time = {h->f->call.now};
	struct hook_order order = {
		.action = "buy", .symbol = "AAA", .quantity = &one, .id = "a"};
	struct hook_answer first, again;

	put_market(h, "AAA");
	make(h, &plain);
	assert_int_equal(take(h, &order, "h1", &first), ERR_OK);
	assert_string_equal(first.order_state, "filled");
	assert_false(first.repeated);
	h->f->call.now += 20 * 3600 * 1000;
	assert_int_equal(take(h, &order, "h2", &again), ERR_OK);
	assert_true(again.repeated);
	assert_string_equal(again.order_id, first.order_id);
	/* by time and body */
	time.ms = h->f->call.now;
	order.id = NULL;
	order.time = &time;
	assert_int_equal(take(h, &order, "h3", &again), ERR_OK);
	assert_false(again.repeated);
	h->f->call.now += 60 * 1000;
	assert_int_equal(take(h, &order, "h3", &again), ERR_OK);
	assert_true(again.repeated);
	/* by the body alone: within ten seconds */
	order.time = NULL;
	assert_int_equal(take(h, &order, "h4", &again), ERR_OK);
	assert_false(again.repeated);
	h->f->call.now += 9 * 1000;
	assert_int_equal(take(h, &order, "h4", &again), ERR_OK);
	assert_true(again.repeated);
	assert_int_equal(take(h, &order, "h5", &again), ERR_OK);
	assert_false(again.repeated);
	h->f->call.now += 2 * 1000;
	assert_int_equal(take(h, &order, "h4", &again), ERR_OK);
	assert_false(again.repeated);
	assert_int_equal(count(h, "orders"), 5);
	assert_int_equal(count(h, "orders WHERE source = 'hook'"), 5);
}

/* Who overheard a signed call has it for as long as its second is near. */
static void a_signed_call_is_not_replayed(void **state)
{
	struct hooked *h = *state;
	const struct hook_order order = {
		.action = "buy", .symbol = "AAA", .quantity = &one};
	struct hook_call call = {.hook_id = NULL,
		.address = "192.0.2.1",
		.body_hash = "h",
		.order = &order};
	struct hook_answer answer = {0};
	struct hook_grant grant;
	struct hook_new in = plain;

	put_market(h, "AAA");
	in.needs_signature = true;
	make(h, &in);
	call.hook_id = h->made.id;
	for (int i = 0; i < 3; i++) {
		const int64_t signed_s = h->f->call.now / 1000 - 60 * (i % 2);

		assert_int_equal(
			admit(h, h->made.secret,
				signature(h, h->made.key, signed_s), &grant),
			ERR_OK);
		assert_int_equal(grant.signed_s, signed_s);
		call.signed_s = grant.signed_s;
		assert_int_equal(
			hook_take(scope_of(h), &rules, &call, &answer), ERR_OK);
		/* the second is the first again; the third is of its own */
		assert_int_equal(answer.repeated, i == 1);
		h->f->call.now += 60 * 1000;
	}
	assert_int_equal(count(h, "orders"), 2);
}

/* A call under the id "a" that was cut short behind its first commit. */
static void put_cut(struct hooked *h, const char *action)
{
	assert_int_equal(db_run(h->f->db,
				 arena_format(h->f->arena,
					 "INSERT INTO hook_deliveries (user_id,"
					 " id, hook_id, at, address, once,"
					 " action, symbol, state) VALUES"
					 " ('%s', '01cut000000000000000000000',"
					 " '%s', %lld, 'x', 'i:a', '%s',"
					 " 'AAA', 'received')",
					 h->owner, h->made.id,
					 (long long)h->f->call.now, action),
				 NO_BINDS, NULL),
		ERR_OK);
}

/* Killed behind the first commit: the same alert goes on where it stood. */
static void a_call_that_was_cut_short_goes_on(void **state)
{
	struct hooked *h = *state;
	const struct hook_order order = {
		.action = "buy", .symbol = "AAA", .quantity = &one, .id = "a"};
	struct hook_answer answer;

	put_market(h, "AAA");
	make(h, &plain);
	put_cut(h, "buy");
	assert_int_equal(take(h, &order, "h", &answer), ERR_OK);
	assert_true(answer.repeated);
	assert_string_equal(answer.order_state, "filled");
	assert_int_equal(take(h, &order, "h", &answer), ERR_OK);
	assert_int_equal(count(h, "orders"), 1);
	assert_int_equal(count(h, "hook_deliveries WHERE state = 'placed'"), 1);
}

/* Under the id of one that is on its way something else is asked. */
static void the_id_of_another_call_lifts_no_bound(void **state)
{
	struct hooked *h = *state;
	const struct decimal most = {200, 0};
	struct hook_order order = {
		.action = "buy", .symbol = "AAA", .quantity = &ten, .id = "a"};
	struct hook_new in = plain;
	struct hook_answer answer;

	put_market(h, "AAA");
	in.max_value = &most;
	make(h, &in);
	put_cut(h, "buy");
	assert_int_equal(take(h, &order, "h", &answer), ERR_HOOK_REFUSED);
	/* of the hour's orders, a close is none */
	order.quantity = &one;
	assert_int_equal(
		db_run(h->f->db, "UPDATE hook_deliveries SET action = 'close'",
			NO_BINDS, NULL),
		ERR_OK);
	assert_int_equal(take(h, &order, "h", &answer), ERR_CONFLICT);
	assert_int_equal(count(h, "orders"), 0);
}

static void assert_refused(
	struct hooked *h, const struct hook_order *order, const char *reason)
{
	struct hook_answer answer;

	h->f->call.now += 11 * 1000;
	assert_int_equal(take(h, order, "h", &answer), ERR_HOOK_REFUSED);
	assert_int_equal(count(h, arena_format(h->f->arena,
					  "(SELECT reason FROM hook_deliveries"
					  " ORDER BY at DESC LIMIT 1) WHERE"
					  " reason = '%s'",
					  reason)),
		1);
}

static void bounds_hold(void **state)
{
	struct hooked *h = *state;
	const char *symbols[] = {"AAA"};
	struct hook_new in = plain;
	struct hook_answer answer;
	const struct decimal high = {2000, 0};
	const struct timestamp old = {h->f->call.now - 3600 * 1000};

	put_market(h, "AAA");
	put_market(h, "BBB");
	in.symbols = (struct text_list){symbols, 1};
	in.sides = "buy";
	in.max_value = &high;
	in.orders_per_hour = 2;
	make(h, &in);
	assert_refused(h,
		&(struct hook_order){
			.action = "sell", .symbol = "AAA", .quantity = &one},
		"side");
	assert_refused(h,
		&(struct hook_order){
			.action = "buy", .symbol = "BBB", .quantity = &one},
		"symbol");
	assert_refused(h,
		&(struct hook_order){
			.action = "buy", .symbol = "AAA", .quantity = &high},
		"max_value");
	assert_refused(h,
		&(struct hook_order){.action = "buy",
			.symbol = "AAA",
			.quantity = &one,
			.time = &old},
		"time");
	for (int i = 0; i < 2; i++) {
		h->f->call.now += 11 * 1000;
		assert_int_equal(take(h,
					 &(struct hook_order){.action = "buy",
						 .symbol = "AAA",
						 .quantity = &ten},
					 "ok", &answer),
			ERR_OK);
	}
	assert_refused(h,
		&(struct hook_order){
			.action = "buy", .symbol = "AAA", .quantity = &one},
		"orders_per_hour");
	assert_int_equal(take(h,
				 &(struct hook_order){
					 .action = "close", .symbol = "AAA"},
				 "close", &answer),
		ERR_OK);
	assert_string_equal(answer.state, "placed");
	assert_int_equal(count(h, "orders"), 3);
}

/* Whoever knows the address and not the key cannot keep its owner's alerts
   out, however many addresses he has. */
static void strangers_use_up_their_own_calls(void **state)
{
	struct hooked *h = *state;
	const int64_t most = rules.notify.hook_calls_minute;
	const struct timestamp old = {h->f->call.now - 3600 * 1000};
	struct hook_order order = {
		.action = "buy", .symbol = "AAA", .quantity = &one, .id = "a"};
	struct hook_order late = order;

	put_market(h, "AAA");
	make(h, &plain);
	for (int i = 0; i < most; i++)
		assert_int_equal(
			take_from(h, &order, "198.51.100.1", "signature"),
			ERR_HOOK_REFUSED);
	assert_int_equal(take_from(h, &order, "198.51.100.1", "signature"),
		ERR_RATE_LIMITED);
	assert_int_equal(count(h, "hook_deliveries"), most);
	for (int i = 0; i < 12 * most; i++) {
		const char *address = arena_format(
			h->f->request, "2001:db8::%x", (unsigned)i);

		(void)!take_from(h, &order, address, "address");
	}
	assert_int_equal(count(h, "hook_deliveries"), 10 * most);
	late.time = &old;
	assert_int_equal(
		take_from(h, &late, "192.0.2.1", NULL), ERR_RATE_LIMITED);
	assert_int_equal(take_from(h, &order, "192.0.2.1", NULL), ERR_OK);
	/* in a minute they may try again */
	h->f->call.now += MINUTE + 1;
	assert_int_equal(take_from(h, &order, "198.51.100.1", "signature"),
		ERR_HOOK_REFUSED);
}

static void a_hook_names_symbols_that_are_there(void **state)
{
	struct hooked *h = *state;
	const char *symbols[] = {"AAA", "NOPE"};
	const struct hook_keep keep = {.id = "x", .hint = "x", .nonce = "x"};
	struct hook_new in = plain;
	struct hook_change change = {.symbols = {symbols, 2}};
	struct hook_view view;

	put_market(h, "AAA");
	make(h, &plain);
	in.symbols = (struct text_list){symbols, 2};
	assert_int_equal(
		hook_create(scope_of(h), &rules.notify, &in, &keep, &view),
		ERR_BAD_INPUT);
	assert_string_equal(h->report->faults[0].pointer, "/symbols");
	assert_non_null(strstr(h->report->faults[0].message, "NOPE"));
	change.id = h->made.id;
	assert_int_equal(
		hook_update(scope_of(h), &change, &view), ERR_BAD_INPUT);
	change.symbols.count = 1;
	assert_int_equal(hook_update(scope_of(h), &change, &view), ERR_OK);
	/* a symbol that went away keeps nobody from switching it off */
	assert_int_equal(db_run(h->f->db, "UPDATE hooks SET symbols = 'GONE'",
				 NO_BINDS, NULL),
		ERR_OK);
	change = (struct hook_change){.id = h->made.id, .name = "other"};
	assert_int_equal(hook_update(scope_of(h), &change, &view), ERR_OK);
}

/* A price that the order names and the market does not must not make it look
   cheap: all of these would be met at the market, at 100. */
static void no_price_makes_an_order_look_cheap(void **state)
{
	struct hooked *h = *state;
	const struct decimal low = {1, 0}, five = {5, 0}, most = {200, 0};
	const struct hook_order cheap[] = {
		{.action = "buy", .type = "stop", .stop_price = &low},
		{.action = "sell", .type = "take_profit", .stop_price = &low},
		{.action = "sell", .type = "limit", .price = &low},
		{.action = "sell",
			.type = "take_profit",
			.price = &low,
			.stop_price = &low},
	};
	struct hook_new in = plain;
	struct hook_answer answer;
	struct hook_order order;

	put_market(h, "AAA");
	in.max_value = &most;
	make(h, &in);
	for (size_t i = 0; i < sizeof(cheap) / sizeof(*cheap); i++) {
		order = cheap[i];
		order.symbol = "AAA";
		order.quantity = &five;
		assert_refused(h, &order, "max_value");
	}
	/* for 10 of money is a tenth of one, not a thousand */
	order = cheap[0];
	order.symbol = "AAA";
	order.quote = &ten;
	assert_int_equal(take(h, &order, "sized", &answer), ERR_OK);
	assert_int_equal(
		fixture_number(h->f, "SELECT quantity FROM orders"), ONE / 10);
	/* a buyer's limit is never passed */
	order = (struct hook_order){.action = "buy",
		.symbol = "AAA",
		.type = "limit",
		.price = &ten,
		.quantity = &ten};
	assert_int_equal(take(h, &order, "bounded", &answer), ERR_OK);
}

static void symbols_are_understood_as_alerts_write_them(void **state)
{
	static const struct {
		const char *asked, *symbol;
	} names[] = {{"BTC-USD", "BTC-USD"}, {"BTCUSD", "BTC-USD"},
		{"BINANCE:BTCUSD", "BTC-USD"}, {"btc/usd", "BTC-USD"},
		{"AB-C", "AB-C"}, {"ABC", NULL}, {"A-BC", "A-BC"},
		{"ETHUSD", NULL}, {":", NULL}};
	struct hooked *h = *state;
	struct hook_answer answer;

	put_market(h, "BTC-USD");
	put_market(h, "AB-C");
	put_market(h, "A-BC");
	make(h, &(struct hook_new){
			.name = "x", .orders_per_hour = 100, .window_s = 300});
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const struct hook_order order = {.action = "buy",
			.symbol = names[i].asked,
			.quote = &ten};
		const enum err err = take(h, &order, names[i].asked, &answer);

		if (err != (names[i].symbol ? ERR_OK : ERR_BAD_INPUT))
			fail_msg("%s", names[i].asked);
		if (!names[i].symbol)
			continue;
		assert_int_equal(
			count(h, arena_format(h->f->arena,
					 "orders WHERE id = '%s' AND"
					 " symbol = '%s' AND quantity"
					 " = %lld",
					 answer.order_id, names[i].symbol,
					 (long long)ONE / 10)),
			1);
	}
}

/* The last call that the hour allows is one call's, whoever is faster. */
static void racing_calls_share_one_bound(void **state)
{
	struct hooked *h = *state;
	int placed = 0;

	put_market(h, "AAA");
	make(h, &plain);
	for (int i = 0; i < 4; i++) {
		const pid_t pid = fork();

		if (pid == 0) {
			struct hook_answer answer;
			int done = 0;

			fixture_db_open(h->f, false);
			for (int n = 0; n < 3; n++) {
				const char *id = arena_format(
					h->f->arena, "%d-%d", i, n);
				const struct hook_order order = {
					.action = "buy",
					.symbol = "AAA",
					.quantity = &one,
					.id = id};

				done += take(h, &order, id, &answer) == ERR_OK;
			}
			_exit(done);
		}
		assert_true(pid > 0);
	}
	for (int i = 0; i < 4; i++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_true(WIFEXITED(status));
		placed += WEXITSTATUS(status);
	}
	assert_int_equal(placed, 5);
	assert_int_equal(count(h, "orders"), 5);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, hooked_open, hooked_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_the_whole_secret_opens),
		TEST(secrets_cannot_be_swapped_between_hooks),
		TEST(a_hook_that_is_off_is_not_there),
		TEST(what_ends_api_keys_switches_hooks_off),
		TEST(addresses_are_asked_for),
		TEST(signatures_are_strict),
		TEST(the_same_alert_makes_one_order),
		TEST(a_signed_call_is_not_replayed),
		TEST(a_call_that_was_cut_short_goes_on),
		TEST(the_id_of_another_call_lifts_no_bound),
		TEST(bounds_hold),
		TEST(strangers_use_up_their_own_calls),
		TEST(a_hook_names_symbols_that_are_there),
		TEST(no_price_makes_an_order_look_cheap),
		TEST(symbols_are_understood_as_alerts_write_them),
		TEST(racing_calls_share_one_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
