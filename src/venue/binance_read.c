/*
 * Answers about the market and the account, and what a failure means. The
 * codes are those of the exchange's error list. When in doubt whether a
 * request was carried out, the outcome is VENUE_UNKNOWN, never "refused".
 */
#include "binance_read.h"

#include "binance_json.h"
#include "text.h"

enum {
	VISIT_ROOM = 1 << 20, /* left for what is done with an answer */
	WORDS_LIMIT = 200,    /* of the exchange's own, shown to people */
	CODE_UNKNOWN = -1000,
	CODE_DISCONNECTED = -1001,
	CODE_UNEXPECTED = -1006,
	CODE_TIMEOUT = -1007,
	CODE_FILTER = -1013,
	CODE_NEW_REJECTED = -2010,
	CODE_CANCEL_REJECTED = -2011,
	CODE_NO_ORDER = -2013
};

/* ---- failures ------------------------------------------------------------------ */

/* What the exchange said, with everything but plain characters taken out. */
static const char *clean(struct arena *arena, const struct json *value)
{
	size_t len;
	char *text;

	if (!value || value->kind != JSON_TEXT || value->len == 0)
		return "The exchange gave no reason.";
	len = value->len < WORDS_LIMIT ? value->len : WORDS_LIMIT;
	text = arena_copy(arena, value->text, len);
	for (size_t i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~')
			text[i] = '?';
	return text;
}

/* "Filter failure: LOT_SIZE" */
static const char *filter_of(struct arena *arena, const char *words)
{
	static const char before[] = "Filter failure: ";
	size_t len;

	if (!text_starts(words, before))
		return "";
	words += sizeof(before) - 1;
	len = strspn(words, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
	return len > 0 && len <= 40 ? arena_copy(arena, words, len) : "";
}

static bool may_be_done(int64_t code)
{
	return code == CODE_UNKNOWN || code == CODE_DISCONNECTED ||
	       code == CODE_UNEXPECTED || code == CODE_TIMEOUT;
}

static bool is_absent(int64_t code, const char *words)
{
	return code == CODE_NO_ORDER ||
	       (code == CODE_CANCEL_REJECTED &&
		       text_equal(words, "Unknown order sent."));
}

static struct venue_outcome failure_of(
	struct arena *arena, int64_t code, const char *words)
{
	struct venue_outcome out = venue_outcome_of(VENUE_REFUSED, "", words);

	out.code = code;
	if (may_be_done(code) || code >= 0)
		out.result = VENUE_UNKNOWN;
	else if (is_absent(code, words))
		out.result = VENUE_NOT_FOUND;
	else if (code == CODE_FILTER)
		out.rule = filter_of(arena, words);
	else if (code == CODE_NEW_REJECTED &&
		 text_equal(words, "Duplicate order sent."))
		out.rule = "DUPLICATE";
	return out;
}

/* An answer may take half of what is left, a list of it half of the rest: large
   ones, again and again, must leave something for what the visit does with
   them. */
static const struct json *document(struct arena *arena, struct bytes body)
{
	const struct json *json = NULL;

	if (arena_left(arena) < VISIT_ROOM)
		return NULL;
	if (json_parse(arena, (const char *)body.data, body.len,
		    report_open(arena), &json) != ERR_OK)
		return NULL;
	return json;
}

/* 429, 418: the budget; 403: the exchange's fire wall. None was carried out. */
static bool is_later(int status)
{
	return status == 429 || status == 418 || status == 403;
}

struct venue_outcome binance_read_answer(struct arena *arena, int status,
	struct bytes body, const struct json **out)
{
	const struct json *json = document(arena, body);
	struct venue_outcome outcome;
	int64_t code = 0;

	if (status == 200) {
		if (!json)
			return binance_not_understood();
		*out = json;
		return venue_outcome_ok();
	}
	(void)binance_int(json, "code", &code);
	if (is_later(status)) {
		outcome = venue_outcome_of(VENUE_LATER, "rate",
			"The exchange takes no requests for a while.");
		outcome.code = code;
		return outcome;
	}
	if (status < 400 || status >= 500 || !json) {
		outcome = venue_outcome_of(VENUE_UNKNOWN, "status",
			"The exchange did not say what became of it.");
		outcome.code = code;
		return outcome;
	}
	return failure_of(arena, code, clean(arena, json_member(json, "msg")));
}

/* ---- the market --------------------------------------------------------------------- */

struct venue_outcome binance_read_time(const struct json *json, int64_t *out)
{
	int64_t time;

	if (!binance_int(json, "serverTime", &time) || time <= 0 ||
		time > (int64_t)1 << 50)
		return binance_not_understood();
	*out = time;
	return venue_outcome_ok();
}

static bool read_cells(const struct json *row, struct venue_candle *out)
{
	const struct json *cell = row->first;
	struct decimal *const into[] = {
		&out->open, &out->high, &out->low, &out->close, &out->volume};

	if (row->kind != JSON_ARRAY || row->count < 6 ||
		cell->kind != JSON_NUMBER || !json_integer(cell, &out->open_ms))
		return false;
	for (size_t i = 0; i < sizeof(into) / sizeof(into[0]); i++) {
		cell = cell->next;
		if (!binance_decimal(cell, into[i]))
			return false;
	}
	return true;
}

static bool is_sound(const struct venue_candle *candle)
{
	return candle->low.units > 0 && candle->volume.units >= 0 &&
	       decimal_compare(candle->low, candle->open) <= 0 &&
	       decimal_compare(candle->low, candle->close) <= 0 &&
	       decimal_compare(candle->high, candle->open) >= 0 &&
	       decimal_compare(candle->high, candle->close) >= 0;
}

struct venue_outcome binance_read_candles(struct arena *arena,
	const struct json *json, const struct venue_candles_query *query,
	struct venue_candle_list *out)
{
	struct venue_candle *items =
		binance_room(arena, json, query->limit, sizeof(*items));
	int64_t least = query->from_ms;
	size_t count = 0;

	if (!items)
		return binance_not_understood();
	for (const struct json *row = json->first; row; row = row->next) {
		struct venue_candle *candle = &items[count++];

		if (!read_cells(row, candle) || !is_sound(candle) ||
			candle->open_ms < least ||
			(query->until_ms && candle->open_ms >= query->until_ms))
			return binance_not_understood();
		least = candle->open_ms + 1;
	}
	*out = (struct venue_candle_list){.items = items, .count = count};
	return venue_outcome_ok();
}

/* One symbol's row in the answer about a set. */
static const struct json *row_of(
	const struct json *json, const struct venue_symbol *symbol)
{
	const struct json *row = json->kind == JSON_ARRAY ? json->first : NULL;

	while (row && !binance_is(row, "symbol", symbol->native))
		row = row->next;
	return row;
}

static bool read_quote(const struct json *row, struct venue_quote *out)
{
	return binance_amount(row, "bidPrice", &out->bid) &&
	       binance_amount(row, "bidQty", &out->bid_quantity) &&
	       binance_amount(row, "askPrice", &out->ask) &&
	       binance_amount(row, "askQty", &out->ask_quantity);
}

struct venue_outcome binance_read_quotes(struct arena *arena,
	const struct json *json, const struct venue_symbol_set *set,
	struct venue_quote_list *out)
{
	struct venue_quote *items =
		binance_room(arena, json, VENUE_SYMBOLS_LIMIT, sizeof(*items));

	if (!items || json->count != set->count)
		return binance_not_understood();
	for (size_t i = 0; i < set->count; i++)
		if (!read_quote(row_of(json, set->items[i]), &items[i]))
			return binance_not_understood();
	*out = (struct venue_quote_list){.items = items, .count = set->count};
	return venue_outcome_ok();
}

struct venue_outcome binance_read_prices(struct arena *arena,
	const struct json *json, const struct venue_symbol_set *set,
	struct venue_price_list *out)
{
	struct decimal *items =
		binance_room(arena, json, VENUE_SYMBOLS_LIMIT, sizeof(*items));

	if (!items || json->count != set->count)
		return binance_not_understood();
	for (size_t i = 0; i < set->count; i++)
		if (!binance_amount(
			    row_of(json, set->items[i]), "price", &items[i]) ||
			items[i].units == 0)
			return binance_not_understood();
	*out = (struct venue_price_list){.items = items, .count = set->count};
	return venue_outcome_ok();
}

/* ---- the account ----------------------------------------------------------------------- */

struct venue_outcome binance_read_balances(struct arena *arena,
	const struct json *json, struct venue_balance_list *out)
{
	const struct json *rows = json_member(json, "balances");
	struct venue_balance *items =
		binance_room(arena, rows, VENUE_BALANCES_LIMIT, sizeof(*items));
	size_t count = 0;

	if (!items)
		return binance_not_understood();
	for (const struct json *row = rows->first; row; row = row->next) {
		struct venue_balance *item = &items[count];

		if (!binance_text(row, "asset", &item->asset) ||
			!binance_amount(row, "free", &item->free) ||
			!binance_amount(row, "locked", &item->locked))
			return binance_not_understood();
		count += item->free.units != 0 || item->locked.units != 0;
	}
	*out = (struct venue_balance_list){.items = items, .count = count};
	return venue_outcome_ok();
}

/* What moves money out of the account counts as a withdrawal. */
struct venue_outcome binance_read_restrictions(
	const struct json *json, struct venue_rights *out)
{
	struct venue_rights rights = {.known = true};
	bool withdraws;
	bool transfers;
	bool moves = false; /* between wallets; not said by all */

	if (!binance_bool(json, "enableWithdrawals", &withdraws) ||
		!binance_bool(json, "enableInternalTransfer", &transfers) ||
		!binance_bool(json, "ipRestrict", &rights.bound_to_address) ||
		!binance_bool(
			json, "enableSpotAndMarginTrading", &rights.can_trade))
		return binance_not_understood();
	(void)binance_bool(json, "permitsUniversalTransfer", &moves);
	rights.can_withdraw = withdraws || transfers || moves;
	*out = rights;
	return venue_outcome_ok();
}

/* Where the key itself cannot be asked about: whether the account may trade. */
struct venue_outcome binance_read_account_rights(
	const struct json *json, struct venue_rights *out)
{
	struct venue_rights rights = {0};

	if (!binance_bool(json, "canTrade", &rights.can_trade))
		return binance_not_understood();
	*out = rights;
	return venue_outcome_ok();
}

struct venue_outcome binance_read_fills(struct arena *arena,
	const struct json *json, const struct venue_order_state *order,
	struct venue_fill_list *out)
{
	struct venue_fill *items =
		binance_room(arena, json, VENUE_FILLS_LIMIT, sizeof(*items));
	size_t count = 0;

	if (!items)
		return binance_not_understood();
	for (const struct json *row = json->first; row; row = row->next) {
		struct venue_fill *fill = &items[count++];

		if (!binance_is(row, "symbol", order->native) ||
			!binance_id(row, "id", &fill->venue_id) ||
			!binance_id(row, "orderId", &fill->order_id) ||
			!text_equal(fill->order_id, order->venue_id) ||
			!binance_amount(row, "price", &fill->price) ||
			!binance_amount(row, "qty", &fill->quantity) ||
			!binance_decimal(
				json_member(row, "commission"), &fill->fee) ||
			!binance_text(
				row, "commissionAsset", &fill->fee_asset) ||
			!binance_bool(row, "isBuyer", &fill->buy) ||
			!binance_bool(row, "isMaker", &fill->maker) ||
			!binance_int(row, "time", &fill->time_ms))
			return binance_not_understood();
	}
	*out = (struct venue_fill_list){.items = items, .count = count};
	return venue_outcome_ok();
}
