/*
 * CoinGecko's answers. The first byte says what became of the request, the
 * second the status, the third what Retry-After said; the rest is the body.
 * Promises: a price is one, above nothing, with a time that can be; nothing but
 * a whole object of a good answer has any; and nobody is told to wait for ever.
 */
#include "fuzz.h"

#include "spot_private.h"

static const struct spot_ask asks[] = {{"bitcoin", "usd"}, {"ethereum", "eur"},
	{"bitcoin", "last_updated_at"}, {"", ""}};

enum {
	ASKS = sizeof(asks) / sizeof(asks[0]),
	HEAD = 3
};
#define NOW INT64_C(1800000000000)

static const int statuses[] = {200, 400, 401, 403, 404, 429, 500, 503, 302};
static const int64_t waits[] = {-1, 0, 1, 60, 3600, 86400, INT64_MAX};

static void require_plain(const char *text)
{
	fuzz_require(text != NULL && strlen(text) <= 256);
	for (; *text; text++)
		fuzz_require(*text >= ' ' && *text <= '~');
}

static void require_price(const struct spot_price *price)
{
	if (!price->known)
		return;
	fuzz_require(price->price.units > 0 && price->price.scale == 8);
	fuzz_require(price->at_ms > 0 && price->at_ms <= 2051222400000);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = fuzz_arena();
	const struct spot_query query = {asks, ASKS, NOW};
	struct outbound_answer answer = {.why = ""};
	struct spot_price prices[ASKS];
	struct venue_outcome outcome;

	if (len < HEAD)
		return 0;
	answer.sent = (enum outbound_sent)(bytes[0] % 3);
	answer.status =
		statuses[bytes[1] % (sizeof(statuses) / sizeof(statuses[0]))];
	answer.retry_after_s =
		waits[bytes[2] % (sizeof(waits) / sizeof(waits[0]))];
	answer.body = (struct bytes){.data = bytes + HEAD, .len = len - HEAD};
	memset(prices, 0xff, sizeof(prices));
	outcome = spot_read(arena, &answer, &query, prices);
	require_plain(outcome.text);
	require_plain(outcome.rule);
	if (outcome.result == VENUE_LATER)
		fuzz_require(outcome.retry_at_ms > NOW &&
			     outcome.retry_at_ms <= NOW + 3600 * 1000);
	if (outcome.result != VENUE_OK)
		return 0;
	fuzz_require(answer.sent == OUTBOUND_ANSWERED && answer.status == 200);
	for (size_t i = 0; i < ASKS; i++)
		require_price(&prices[i]);
	return 0;
}
