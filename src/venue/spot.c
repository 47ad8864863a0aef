/*
 * CoinGecko's simple price. The answer names each asset and currency that it
 * knows; what it leaves out is not known, no error. Must never take a number
 * for a price that is not one.
 */
#include "spot_private.h"

#include "buf.h"
#include "clock.h"
#include "json.h"
#include "secret.h"
#include "text.h"
#include "venue_private.h"
#include "venue_query.h"

enum {
	LATER_S = 60,	     /* after a 429 that does not say when */
	LATER_MOST_S = 3600, /* a wrong word must not stop prices for good */
	UNREACHABLE_MS = 5000,
	NUMBER_ROOM = 64,
	PRICE_SCALE = 8,
	TIME_MOST_S = 4102444800 / 2 /* 2035 */
};

const char *const spot_hosts[] = {
	"api.coingecko.com", "pro-api.coingecko.com", NULL};

struct spot {
	struct spot_options options;
	struct outbound_base base;
	struct secret header; /* "x-cg-...-api-key: ...", with its NUL */
};

/* ---- opening ----------------------------------------------------------------- */

/* Visible ASCII: anything else could break out of the header. */
static bool is_key(const char *key)
{
	for (; *key != '\0'; key++)
		if (*key <= ' ' || *key > '~')
			return false;
	return true;
}

/* Paid keys have a host and a header of their own. */
static enum err take_key(struct spot *spot, struct report *report)
{
	const char *key = spot->options.key;
	const char *name = text_starts(spot->base.host, "pro-")
				   ? "x-cg-pro-api-key: "
				   : "x-cg-demo-api-key: ";
	char line[NUMBER_ROOM + 256];
	int len;
	enum err err;

	if (key[0] == '\0')
		return ERR_OK;
	len = snprintf(line, sizeof(line), "%s%s", name, key);
	if (!is_key(key) || len < 0 || (size_t)len >= sizeof(line)) {
		report_detail(report, "CoinGecko's key cannot be one.");
		return ERR_BAD_INPUT;
	}
	err = secret_init(&spot->header, line, (size_t)len + 1);
	secret_wipe(line, sizeof(line));
	return err;
}

enum err spot_open(struct arena *arena, const struct spot_options *options,
	struct report *report, struct spot **out)
{
	struct spot *spot = arena_alloc(arena, sizeof(*spot));
	enum err err;

	spot->options = *options;
	err = outbound_base_parse(arena, options->outbound, options->base_url,
		report, &spot->base);
	if (err == ERR_OK)
		err = take_key(spot, report);
	if (err == ERR_OK)
		*out = spot;
	return err;
}

void spot_close(struct spot **spot)
{
	if (!*spot)
		return;
	secret_release(&(*spot)->header);
	*spot = NULL;
}

/* ---- numbers -------------------------------------------------------------------- */

/* Digits behind the eighth are noise of doubles; a price of none is none. */
static bool price_of(struct decimal value, struct decimal *out)
{
	struct decimal rounded;

	if (decimal_rescale(value, PRICE_SCALE, &rounded) != ERR_OK ||
		rounded.units <= 0)
		return false;
	*out = rounded;
	return true;
}

/* value * 10^exponent; false: it does not fit. */
static bool shift(struct decimal *value, int64_t exponent)
{
	int64_t scale = value->scale - exponent;

	for (; scale < 0; scale++)
		if (__builtin_mul_overflow(value->units, 10, &value->units))
			return false;
	for (; scale > DECIMAL_SCALE_LIMIT; scale--)
		value->units /= 10;
	value->scale = (int32_t)scale;
	return true;
}

/* Of "1.2e-05" what stands behind the e, where zeros may lead; 0 when nothing
   does. False: out of any range. */
static bool exponent_read(const char *power, int64_t *out)
{
	const bool below = power[0] != '\0' && power[1] == '-';
	int64_t value = 0;

	if (*power == '\0') {
		*out = 0;
		return true;
	}
	power += 1 + strspn(power + 1, "+-");
	power += strspn(power, "0");
	if (*power != '\0' && !text_integer(power, &value))
		return false;
	*out = below ? -value : value;
	return value <= DECIMAL_SCALE_LIMIT;
}

/* As JSON writes numbers: "1234.5", "1.2e-05", with more digits than any
   price has. */
static bool number_read(const struct json *value, struct decimal *out)
{
	char digits[NUMBER_ROOM] = "";
	struct decimal number;
	const char *point, *power;
	int64_t exponent = 0;
	size_t len;

	if (!value || value->kind != JSON_NUMBER)
		return false;
	len = strcspn(value->text, "eE");
	power = value->text + len;
	point = memchr(value->text, '.', len);
	if (point && len > (size_t)(point - value->text) + 1 + 15)
		len = (size_t)(point - value->text) + 1 + 15;
	if (len >= sizeof(digits))
		return false;
	memcpy(digits, value->text, len);
	if (!exponent_read(power, &exponent) ||
		decimal_parse(digits, len, &number) != ERR_OK)
		return false;
	return shift(&number, exponent) && price_of(number, out);
}

/* ---- asking ---------------------------------------------------------------------- */

static bool has_word(
	const struct spot_ask *asks, size_t before, const char *word, bool id)
{
	for (size_t i = 0; i < before; i++)
		if (text_equal(id ? asks[i].id : asks[i].currency, word))
			return true;
	return false;
}

/* "a,b", each once. */
static void add_words(struct arena *arena, struct buf *params,
	const struct spot_query *query, bool id)
{
	struct buf words;

	buf_init(&words, arena, VENUE_QUERY_LIMIT);
	for (size_t i = 0; i < query->count; i++) {
		const char *word =
			id ? query->asks[i].id : query->asks[i].currency;

		if (has_word(query->asks, i, word, id))
			continue;
		if (words.len)
			buf_char(&words, ',');
		buf_text(&words, word);
	}
	params->overflow |= words.overflow;
	venue_query_text(params, id ? "ids" : "vs_currencies", words.data);
}

static void price_read(const struct json *json, const struct spot_ask *ask,
	struct spot_price *out)
{
	const struct json *asset = json_member(json, ask->id);
	int64_t at_s = 0;

	*out = (struct spot_price){.known = false};
	if (!json_integer(json_member(asset, "last_updated_at"), &at_s) ||
		at_s <= 0 || at_s > TIME_MOST_S)
		return;
	out->at_ms = at_s * 1000;
	out->known =
		number_read(json_member(asset, ask->currency), &out->price);
}

static struct venue_outcome later(
	int64_t at_ms, const char *rule, const char *why)
{
	struct venue_outcome out = venue_outcome_of(VENUE_LATER, rule, why);

	out.retry_at_ms = at_ms;
	return out;
}

static int64_t later_s(int64_t said_s)
{
	if (said_s <= 0)
		return LATER_S;
	return said_s < LATER_MOST_S ? said_s : LATER_MOST_S;
}

static struct venue_outcome judge(
	const struct outbound_answer *answer, int64_t now_ms)
{
	if (answer->sent == OUTBOUND_NOT_SENT)
		return later(
			now_ms + UNREACHABLE_MS, "connection", answer->why);
	if (answer->sent == OUTBOUND_BROKEN)
		return venue_outcome_of(
			VENUE_UNKNOWN, "connection", answer->why);
	if (answer->status == 200)
		return venue_outcome_ok();
	if (answer->status == 429)
		return later(now_ms + 1000 * later_s(answer->retry_after_s),
			"limit", "The source's limit is used up.");
	if (answer->status == 401 || answer->status == 403)
		return venue_outcome_of(VENUE_REFUSED, "key",
			"The source does not accept the key.");
	return venue_outcome_of(
		answer->status >= 500 ? VENUE_UNKNOWN : VENUE_REFUSED, "status",
		"The source did not answer well.");
}

struct venue_outcome spot_read(struct arena *arena,
	const struct outbound_answer *answer, const struct spot_query *query,
	struct spot_price *out)
{
	const struct venue_outcome outcome = judge(answer, query->now_ms);
	const struct json *json = NULL;

	if (outcome.result != VENUE_OK)
		return outcome;
	if (json_parse(arena, (const char *)answer->body.data, answer->body.len,
		    report_open(arena), &json) != ERR_OK ||
		json->kind != JSON_OBJECT)
		return venue_outcome_of(VENUE_UNKNOWN, "answer",
			"The source's answer was not understood.");
	for (size_t i = 0; i < query->count; i++)
		price_read(json, &query->asks[i], &out[i]);
	return venue_outcome_ok();
}

struct venue_outcome spot_prices(struct spot *spot, struct arena *arena,
	const struct spot_query *query, struct spot_price *out)
{
	struct outbound_request request = {.base = &spot->base,
		.method = "GET",
		.path = "/api/v3/simple/price"};
	struct outbound_answer answer;
	struct venue_outcome outcome;
	int64_t began_us, took_us;
	struct buf params;

	buf_init(&params, arena, VENUE_QUERY_LIMIT);
	add_words(arena, &params, query, true);
	add_words(arena, &params, query, false);
	venue_query_text(&params, "include_last_updated_at", "true");
	venue_query_text(&params, "precision", "full");
	if (query->count < 1 || query->count > SPOT_LIMIT || params.overflow)
		return venue_outcome_of(VENUE_DENIED, "length",
			"So many cannot be asked for in one call.");
	request.query = params.data;
	if (spot->header.bytes)
		request.secret_header = (const char *)spot->header.bytes;
	began_us = clock_monotonic_us();
	outbound_ask(spot->options.outbound, &request, &answer);
	took_us = clock_monotonic_us() - began_us;
	outcome = spot_read(arena, &answer, query, out);
	venue_note(spot->options.metrics,
		&(const struct venue_note){METRICS_COINGECKO,
			METRICS_VENUE_MARKET, &answer, &outcome, took_us});
	return outcome;
}
