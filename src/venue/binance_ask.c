/*
 * One request to Binance: budget, clock, signature, and what came of it.
 * Never sends anything twice, whatever came back; measures the exchange's
 * clock before it signs with it.
 */
#include "binance_private.h"

#include "binance_read.h"
#include "clock.h"
#include "text.h"
#include "venue_query.h"

enum {
	OFFSET_LIFE_MS = 15 * 60 * 1000,
	ROUND_TRIP_MAX_MS = 10000,
	FINAL_MARGIN_MS = 2000, /* from the gate to where orders are matched */
	TEN_SECONDS_MS = 10000,
	UNREACHABLE_MS = 2000,
	KEY_LIMIT = 256,
	WEIGHT_TIME = 1,
	CODE_TIMESTAMP = -1021,
	CODE_TOO_MANY_ORDERS = -1015
};

static int64_t now_of(const struct binance *binance)
{
	return binance->options.clock.now_ms(binance->options.clock.context);
}

struct binance_call binance_call_of(struct arena *arena, const char *method,
	const char *path, enum governor_class class, int64_t weight)
{
	struct binance_call call = {.method = method,
		.path = path,
		.class = class,
		.weight = weight};

	buf_init(&call.params, arena, VENUE_QUERY_LIMIT);
	return call;
}

struct binance_call binance_signed_call(struct arena *arena, const char *method,
	const char *path, enum governor_class class, int64_t weight)
{
	struct binance_call call =
		binance_call_of(arena, method, path, class, weight);

	call.is_signed = true;
	return call;
}

/* ---- the budget -------------------------------------------------------------------- */

static struct venue_outcome later(
	int64_t at_ms, const char *rule, const char *why)
{
	struct venue_outcome out = venue_outcome_of(VENUE_LATER, rule, why);

	out.retry_at_ms = at_ms;
	return out;
}

static bool may_go(const struct binance *binance,
	const struct binance_call *call, int64_t now, int64_t *at_ms)
{
	const struct governor_ask ask = {.user = binance->options.user,
		.class = call->class,
		.weight = call->weight,
		.order = call->order};

	return governor_take(binance->options.governor, now, &ask, at_ms);
}

/* Too many orders of one account are no reason to stop the others. */
static int64_t stop(const struct binance *binance,
	const struct outbound_answer *answer, int64_t code, int64_t now)
{
	struct governor *governor = binance->options.governor;
	int64_t next;

	if (code == CODE_TOO_MANY_ORDERS)
		return (now / TEN_SECONDS_MS + 1) * TEN_SECONDS_MS;
	governor_stop(
		governor, now, answer->status == 418, answer->retry_after_s);
	next = governor_next_ms(governor, now, GOVERN_ORDER);
	return next > now ? next : now + 1;
}

static void tell(const struct binance *binance, const struct binance_call *call,
	const struct outbound_answer *answer, int64_t now)
{
	struct governor *governor = binance->options.governor;

	governor_used(governor, now, answer->weight_1m);
	if (call->is_signed)
		governor_orders_used(governor, now, binance->options.user,
			answer->orders_10s, answer->orders_day);
}

/* ---- one call ------------------------------------------------------------------------ */

static void sign(const struct binance *binance, struct buf *params, int64_t now)
{
	char signature[VENUE_SIGNATURE_ROOM];

	venue_query_int(params, "recvWindow", binance->options.recv_window_ms);
	venue_query_int(params, "timestamp", now + binance->offset_ms);
	venue_sign(&binance->secret, params->data, "", signature);
	venue_query_text(params, "signature", signature);
}

static void send_call(const struct binance *binance,
	const struct binance_call *call, struct outbound_answer *answer)
{
	bool body = text_equal(call->method, "POST");
	const char *header = NULL;
	struct outbound_request request = {.base = &binance->base,
		.method = call->method,
		.path = call->path};

	if (call->is_signed)
		header = (const char *)binance->header.bytes;
	request.secret_header = header;
	if (body)
		request.body = call->params.data;
	else if (call->params.len)
		request.query = call->params.data;
	outbound_ask(binance->options.outbound, &request, answer);
}

/* What came of a request that left, or did not. */
static struct venue_outcome judge(struct binance *binance, struct arena *arena,
	const struct outbound_answer *answer, int64_t sent_ms,
	const struct json **out)
{
	struct venue_outcome outcome;
	int64_t now = now_of(binance);

	if (now < sent_ms)
		now = sent_ms;
	if (answer->sent == OUTBOUND_NOT_SENT)
		return later(now + UNREACHABLE_MS, "connection", answer->why);
	if (answer->sent == OUTBOUND_BROKEN)
		outcome = venue_outcome_of(
			VENUE_UNKNOWN, "connection", answer->why);
	else
		outcome = binance_read_answer(
			arena, answer->status, answer->body, out);
	if (outcome.result == VENUE_LATER)
		outcome.retry_at_ms = stop(binance, answer, outcome.code, now);
	if (outcome.code == CODE_TIMESTAMP)
		binance->offset_known = false;
	return outcome;
}

/* A request under way is refused by the exchange once it is older than the
   window: from then on it cannot become an order any more. */
static int64_t final_ms(const struct binance *binance, int64_t sent_ms)
{
	return sent_ms + binance->options.recv_window_ms +
	       binance->round_trip_ms + FINAL_MARGIN_MS;
}

static struct venue_outcome ask_once(struct binance *binance,
	struct arena *arena, struct binance_call *call, const struct json **out)
{
	static const enum metrics_venue_kind kinds[GOVERN_CLASSES] = {
		[GOVERN_ORDER] = METRICS_VENUE_ORDER,
		[GOVERN_ACCOUNT] = METRICS_VENUE_ACCOUNT,
		[GOVERN_MARKET] = METRICS_VENUE_MARKET};
	struct outbound_answer answer;
	struct venue_outcome outcome;
	int64_t now = now_of(binance);
	int64_t at_ms = 0, began_us, took_us;

	if (now < 0)
		return venue_outcome_of(
			VENUE_DENIED, "clock", "The clock cannot be read.");
	if (!may_go(binance, call, now, &at_ms))
		return later(at_ms, "budget",
			"The exchange's limit for this address is used up.");
	if (call->is_signed)
		sign(binance, &call->params, now);
	if (call->params.overflow)
		return venue_outcome_of(VENUE_DENIED, "length",
			"The request would be too long.");
	began_us = clock_monotonic_us();
	send_call(binance, call, &answer);
	took_us = clock_monotonic_us() - began_us;
	outcome = judge(binance, arena, &answer, now, out);
	venue_note(binance->options.metrics,
		&(const struct venue_note){METRICS_BINANCE, kinds[call->class],
			&answer, &outcome, took_us});
	if (answer.sent == OUTBOUND_ANSWERED)
		tell(binance, call, &answer, now);
	if (outcome.result == VENUE_UNKNOWN)
		outcome.final_at_ms = final_ms(binance, now);
	return outcome;
}

struct venue_outcome binance_measure(
	struct binance *binance, struct arena *arena, int64_t *out)
{
	struct binance_call call = binance_call_of(
		arena, "GET", "/api/v3/time", GOVERN_ORDER, WEIGHT_TIME);
	const struct json *json = NULL;
	int64_t before = now_of(binance);
	struct venue_outcome outcome = ask_once(binance, arena, &call, &json);
	int64_t after = now_of(binance);
	int64_t time = 0;

	if (outcome.result == VENUE_OK)
		outcome = binance_read_time(json, &time);
	if (outcome.result != VENUE_OK)
		return outcome;
	if (after < before || after - before > ROUND_TRIP_MAX_MS)
		return later(after + UNREACHABLE_MS, "clock",
			"The exchange's clock could not be measured.");
	binance->round_trip_ms = after - before;
	binance->offset_ms = time - (before + binance->round_trip_ms / 2);
	binance->measured_ms = after;
	binance->offset_known = true;
	*out = time;
	return outcome;
}

/* Nothing of the caller's was sent yet, so "unknown" would say too much. */
static struct venue_outcome be_ready(
	struct binance *binance, struct arena *arena)
{
	struct venue_outcome outcome;
	int64_t now = now_of(binance);
	int64_t time;

	if (!binance->secret.bytes)
		return venue_outcome_of(VENUE_DENIED, "keys",
			"There are no keys for the exchange.");
	if (binance->offset_known && now >= binance->measured_ms &&
		now - binance->measured_ms < OFFSET_LIFE_MS)
		return venue_outcome_ok();
	outcome = binance_measure(binance, arena, &time);
	if (outcome.result == VENUE_UNKNOWN)
		return later(now + UNREACHABLE_MS, "clock", outcome.text);
	return outcome;
}

struct venue_outcome binance_ask(struct binance *binance, struct arena *arena,
	struct binance_call *call, const struct json **out)
{
	struct venue_outcome outcome;

	if (call->is_signed) {
		outcome = be_ready(binance, arena);
		if (outcome.result != VENUE_OK)
			return outcome;
	}
	return ask_once(binance, arena, call, out);
}

struct venue_outcome binance_settle(
	const struct binance *binance, struct venue_outcome outcome)
{
	if (outcome.result == VENUE_UNKNOWN && outcome.final_at_ms == 0)
		outcome.final_at_ms = final_ms(binance, now_of(binance));
	return outcome;
}

/* ---- keys ------------------------------------------------------------------ */

/* Keys are letters and digits: anything else could break out of a header. */
static bool is_key(const struct secret *key)
{
	if (!key->bytes || key->len < 1 || key->len > KEY_LIMIT)
		return false;
	for (size_t i = 0; i < key->len; i++) {
		unsigned char c = key->bytes[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			    (c >= '0' && c <= '9')))
			return false;
	}
	return true;
}

static enum err make_header(const struct secret *key, struct secret *out)
{
	static const char name[] = "X-MBX-APIKEY: ";
	char line[sizeof(name) + KEY_LIMIT];
	enum err err;

	memcpy(line, name, sizeof(name) - 1);
	memcpy(line + sizeof(name) - 1, key->bytes, key->len);
	line[sizeof(name) - 1 + key->len] = '\0';
	err = secret_init(out, line, sizeof(name) + key->len);
	secret_wipe(line, sizeof(line));
	return err;
}

enum err binance_take_keys(struct binance *binance, struct report *report)
{
	const struct secret *key = binance->options.api_key;
	const struct secret *secret = binance->options.api_secret;
	enum err err;

	binance->options.api_key = NULL;
	binance->options.api_secret = NULL;
	if (!key && !secret)
		return ERR_OK;
	if (!key || !secret || !is_key(key) || !is_key(secret)) {
		report_detail(report, "The exchange's key and secret must be "
				      "letters and digits, both of them.");
		return ERR_BAD_INPUT;
	}
	err = make_header(key, &binance->header);
	if (err == ERR_OK)
		err = secret_init(&binance->secret, secret->bytes, secret->len);
	if (err != ERR_OK)
		secret_release(&binance->header);
	return err;
}
