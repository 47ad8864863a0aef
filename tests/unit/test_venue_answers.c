/*
 * Answers as large as the connection lets through, of every shape that costs
 * more than its length, one after the other in the memory that a visit to an
 * exchange has: each is refused, none ends the process.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "binance_read.h"
#include "text.h"

enum {
	BODY = 8 << 20,	  /* outbound.c's limit */
	VISIT = 64 << 20, /* work_live_round.c's */
	LEFT = 256 << 10
};

static const struct venue_symbol btc = {.symbol = "BTC-USDT",
	.native = "BTCUSDT",
	.base = "BTC",
	.quote = "USDT"};
static const struct venue_order_state of = {
	.native = "BTCUSDT", .venue_id = "1"};

/* A body of `head`, then `item` again and again, then `tail`. */
struct shape_of_answer {
	const char *head, *item, *tail;
	size_t most; /* of items; 0: as many as there is room for */
};
static const struct shape_of_answer shapes[] = {
	{"[", "{},", "{}]", 0},
	{"[", "{},", "{}]", 49000},
	{"[", "{\"orderId\":1,\"price\":\"1\"},", "1]", 900},
	{"{\"balances\":[",
		"{\"asset\":\"A\",\"free\":\"1\",\"locked\":\"0\"},", "{}]}",
		12000},
	{"[\"", "aaaaaaaaaaaaaaaa", "\"]", 0},
	{"{\"code\":-1,\"msg\":\"", "aaaaaaaaaaaaaaaa", "\"}", 0},
	{"[", "123456789,", "1]", 0},
	{"{\"a\":[", "[[[[[]]]]],", "1]}", 0},
};

static struct bytes body_of(char *room, const struct shape_of_answer *shape)
{
	const size_t item = strlen(shape->item), tail = strlen(shape->tail);
	size_t len = strlen(shape->head), count = 0;

	memcpy(room, shape->head, len);
	while (len + item + tail <= BODY &&
		(shape->most == 0 || count < shape->most)) {
		memcpy(room + len, shape->item, item);
		len += item;
		count++;
	}
	memcpy(room + len, shape->tail, tail);
	return (struct bytes){.data = (unsigned char *)room, .len = len + tail};
}

static void read_all(struct arena *arena, const struct json *json)
{
	struct venue_order_list orders;
	struct venue_balance_list balances;
	struct venue_fill_list fills;

	(void)binance_read_orders(arena, json, &btc, &orders);
	(void)binance_read_balances(arena, json, &balances);
	(void)binance_read_fills(arena, json, &of, &fills);
}

static void a_large_answer_is_refused_and_ends_nothing(void **state)
{
	static const int statuses[] = {200, 400};
	char *room = malloc(BODY);

	(void)state;
	assert_non_null(room);
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct arena *arena = arena_open(VISIT);
		const struct bytes body = body_of(room, &shapes[i]);

		const struct json *json = NULL;

		if (binance_read_answer(arena, statuses[i % 2], body, &json)
				.result == VENUE_OK)
			read_all(arena, json);
		assert_true(arena_left(arena) > LEFT);
		arena_close(&arena);
	}
	free(room);
}

/* Each as large as is just taken. */
static void what_large_answers_leave_has_an_end(void **state)
{
	struct arena *arena = arena_open(VISIT);
	char *room = malloc(BODY);

	(void)state;
	assert_non_null(room);
	memset(room, 'a', BODY);
	room[0] = '"';
	for (size_t i = 0; i < 100; i++) {
		const size_t len = arena_left(arena) / 9;
		const struct json *json = NULL;
		struct venue_outcome outcome;

		room[len - 1] = '"';
		outcome = binance_read_answer(arena, 200,
			(struct bytes){
				.data = (unsigned char *)room, .len = len},
			&json);
		room[len - 1] = 'a';
		if (i == 0)
			assert_int_equal(outcome.result, VENUE_OK);
		if (i == 99)
			assert_int_equal(outcome.result, VENUE_UNKNOWN);
		assert_true(arena_left(arena) > LEFT);
	}
	free(room);
	arena_close(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_large_answer_is_refused_and_ends_nothing),
		cmocka_unit_test(what_large_answers_leave_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
