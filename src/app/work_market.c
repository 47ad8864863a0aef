/*
 * The job that fetches market data, once for all users: quotes here, candles
 * in work_candles.c. A source that does not answer is asked more and more
 * seldom, and what it gave grows stale; nothing else minds. Must never wait for
 * a source but in a call, which is bounded, nor ask one that said "later".
 */
#include "work_market.h"

#include "binance.h"
#include "clock.h"
#include "market.h"
#include "text.h"
#include "work_net.h"

enum {
	MEMORY = 8 << 20,
	VISIT_MEMORY = 256 << 20,
	ROUND_US = 15 * 1000 * 1000, /* of a time-out of two minutes; one call
					takes ten seconds at most */
	RETRY_MS = 1000,
	RETRY_MOST_MS = 60 * 1000,
	REFUSED_MS = 10 * 60 * 1000,
	HOLD_MS = 10 * 1000,
	QUOTE_SCALE = 8,
	STALE_FETCHES = 3
};

/* ---- opening -------------------------------------------------------------------- */

static int64_t wall_clock(void *context)
{
	(void)context;
	return clock_ms();
}

static enum err exchange_open(struct work *work, struct market *market)
{
	struct work_net *net;
	struct binance_options options = {
		.base_url = work->config->binance_market_url,
		.user = "",
		.clock = {wall_clock, NULL}};
	enum err err = work_net(work, &net);

	if (err != ERR_OK)
		return err;
	options.governor = net->governor;
	options.outbound = net->outbound;
	options.metrics = work->shared->metrics;
	return binance_open(
		market->arena, &options, work->report, &market->exchange);
}

static enum err spot_source_open(struct work *work, struct market *market)
{
	struct work_net *net;
	struct spot_options options = {.base_url = work->config->coingecko_url,
		.key = work->config->coingecko_key};
	enum err err = work_net(work, &net);

	if (err != ERR_OK)
		return err;
	options.outbound = net->outbound;
	options.metrics = work->shared->metrics;
	return spot_open(market->arena, &options, work->report, &market->spot);
}

static enum err source_open(
	struct work *work, struct market *market, enum feed_source source)
{
	if (source == FEED_BINANCE)
		return market->exchange ? ERR_OK : exchange_open(work, market);
	return market->spot ? ERR_OK : spot_source_open(work, market);
}

static enum err feeds_open(
	struct work *work, struct market *market, const struct list *list)
{
	const struct feed *items = list->items;
	enum err err = ERR_OK;

	market->feeds =
		arena_array(market->arena, list->count, sizeof(*market->feeds));
	market->count = list->count;
	for (size_t i = 0; err == ERR_OK && i < list->count; i++) {
		market->feeds[i] = (struct market_feed){.feed = items[i],
			.symbol = {.symbol = items[i].symbol,
				.native = items[i].native},
			.quote_at = work->now};
		err = source_open(work, market, items[i].source);
	}
	return err;
}

enum err work_market_open(struct work *work)
{
	struct market *market;
	struct arena *arena;
	struct list list;
	enum err err;

	if (work->market)
		return ERR_OK;
	arena = arena_open(MEMORY);
	market = arena_alloc(arena, sizeof(*market));
	market->arena = arena;
	market->visit = arena_open(VISIT_MEMORY);
	work->market = market;
	err = feeds_parse(
		arena, work->config->market_symbols, work->report, &list);
	if (err == ERR_OK)
		err = feeds_open(work, market, &list);
	if (err == ERR_OK && list.count > 0 && work->config->market_rates)
		err = source_open(work, market, FEED_COINGECKO);
	if (err == ERR_OK)
		err = feeds_begin(work_operator(work), &list);
	if (err != ERR_OK)
		work_market_close(work);
	return err;
}

void work_market_close(struct work *work)
{
	struct market *market = work->market;
	struct arena *arena;

	if (!market)
		return;
	work->market = NULL;
	arena = market->arena;
	binance_close(&market->exchange);
	spot_close(&market->spot);
	arena_close(&market->visit);
	arena_close(&arena);
}

/* ---- what both parts need -------------------------------------------------------- */

struct admin_scope *market_admin(struct work *work, struct market *market)
{
	const int64_t now = clock_ms();

	if (now < 0)
		return NULL;
	return auth_operator_scope(work->shared->db, market->visit,
		report_open(market->visit), now);
}

struct scope *market_reader(struct work *work, struct market *market)
{
	const struct auth_call call = {.arena = market->visit,
		.report = report_open(market->visit),
		.now = clock_ms(),
		.address = "operator"};
	const struct identity nobody = {.user_id = "work"};

	if (call.now < 0)
		return NULL;
	return auth_scope(work->shared->auth, &call, &nobody);
}

bool market_may_ask(const struct market *market, const struct market_feed *feed,
	int64_t now)
{
	return market->sources[feed->feed.source].retry_at <= now &&
	       feed->refused_until <= now;
}

/* What is kept of symbols says how their feeds go. */
static void cache_forget(struct work *work)
{
	const struct store_tags tags = {.names = {MARKET_TAG}, .count = 1};
	struct store *store = work->shared->store;

	if (store && store_hold(store, clock_ms(), &tags, HOLD_MS) == ERR_OK)
		(void)!store_release(store, clock_ms(), &tags);
}

static int64_t wait_of(int64_t failures)
{
	int64_t wait = RETRY_MS;

	for (int64_t i = 1; i < failures && wait < RETRY_MOST_MS; i++)
		wait *= 2;
	return wait < RETRY_MOST_MS ? wait : RETRY_MOST_MS;
}

static bool is_budget(const struct venue_outcome *outcome)
{
	return outcome->result == VENUE_LATER &&
	       text_equal(outcome->rule, "budget");
}

static void source_tell(struct market_source *source,
	const struct venue_outcome *outcome, int64_t now)
{
	source->retry_at = 0;
	if (is_budget(outcome)) {
		source->retry_at = outcome->retry_at_ms;
		return;
	}
	if (outcome->result != VENUE_LATER &&
		outcome->result != VENUE_UNKNOWN) {
		source->failures = 0;
		return;
	}
	source->retry_at = now + wait_of(++source->failures);
	if (outcome->retry_at_ms > source->retry_at)
		source->retry_at = outcome->retry_at_ms;
}

static void turned_tell(const struct work *work, const struct market_feed *feed,
	const char *error)
{
	log_line(work->log, error ? LOG_WARN : LOG_INFO,
		error ? "market.failed" : "market.fetched",
		LOG_FIELDS(LOG_TEXT("symbol", feed->feed.symbol),
			LOG_TEXT("source", feed_sources[feed->feed.source]),
			LOG_TEXT("error", error)));
}

/* Writes it down; true when one of them turned. */
static enum err note(struct work *work, struct admin_scope *admin,
	const struct market_calls *calls, const char *error, bool *any)
{
	struct arena *arena = admin_arena(admin);
	struct text_list symbols = {
		arena_array(arena, calls->count, sizeof(const char *)),
		calls->count};
	bool *turned = arena_array(arena, calls->count, sizeof(*turned));
	enum err err;

	for (size_t i = 0; i < calls->count; i++)
		symbols.items[i] = calls->feeds[i]->feed.symbol;
	err = feeds_note(admin, &symbols, error, turned);
	for (size_t i = 0; err == ERR_OK && i < calls->count; i++) {
		if (turned[i])
			turned_tell(work, calls->feeds[i], error);
		*any |= turned[i];
	}
	return err;
}

void market_source_tell(struct work *work, struct market *market,
	enum feed_source source, const struct venue_outcome *outcome)
{
	const bool well = outcome->result == VENUE_OK;
	const int64_t now = clock_ms();

	source_tell(&market->sources[source], outcome, now);
	if (is_budget(outcome))
		return;
	metrics_add(work->shared->metrics, METRIC_MARKET_CALLS, source,
		well ? METRICS_OK : METRICS_FAILED, 1);
	if (well)
		metrics_set(
			work->shared->metrics, METRIC_MARKET_FETCHED, 0, now);
}

enum err market_tell(struct work *work, struct market *market,
	const struct market_calls *calls, const struct venue_outcome *outcome)
{
	const char *error = outcome->result == VENUE_OK ? NULL : outcome->text;
	struct admin_scope *admin = market_admin(work, market);
	bool any = false;
	enum err err;

	if (!admin)
		return ERR_UNAVAILABLE;
	if (calls->count == 0)
		return ERR_OK;
	market_source_tell(work, market, calls->feeds[0]->feed.source, outcome);
	if (is_budget(outcome))
		return ERR_OK;
	for (size_t i = 0; i < calls->count; i++)
		if (outcome->result == VENUE_REFUSED ||
			outcome->result == VENUE_DENIED)
			calls->feeds[i]->refused_until =
				admin_now(admin) + REFUSED_MS;
	err = note(work, admin, calls, error, &any);
	if (any)
		cache_forget(work);
	return err;
}

/* ---- quotes ------------------------------------------------------------------------ */

/* Those of a source that may be asked now. */
static struct market_calls feeds_of(
	struct market *market, enum feed_source source, int64_t now)
{
	struct market_calls calls = {.count = 0};

	for (size_t i = 0; i < market->count; i++)
		if (market->feeds[i].feed.source == source &&
			market_may_ask(market, &market->feeds[i], now))
			calls.feeds[calls.count++] = &market->feeds[i];
	return calls;
}

static int64_t interval_of(const struct config *config, enum feed_source source)
{
	return 1000 * (source == FEED_BINANCE ? config->market_quote_s
					      : config->market_spot_s);
}

static int64_t fresh_of(const struct config *config, enum feed_source source)
{
	const int64_t three = STALE_FETCHES * interval_of(config, source);
	const int64_t stale = 1000 * config->market_stale_s;

	return three > stale ? three : stale;
}

/* A price that has no room is none. */
static void quote_of(const struct work *work, const struct market_feed *feed,
	struct decimal price, int64_t at, struct quote_new *out)
{
	struct decimal scaled;

	if (decimal_rescale(price, QUOTE_SCALE, &scaled) != ERR_OK ||
		scaled.units <= 0)
		return;
	*out = (struct quote_new){.symbol = feed->feed.symbol,
		.source = feed_sources[feed->feed.source],
		.price = scaled.units,
		.at = at,
		.fresh_until = at + fresh_of(work->config, feed->feed.source)};
}

enum err market_quotes_keep(struct work *work, struct market *market,
	const struct quote_new *quotes, size_t count)
{
	struct admin_scope *admin = market_admin(work, market);

	if (!admin)
		return ERR_UNAVAILABLE;
	return count > 0 ? quotes_put(admin, quotes, count) : ERR_OK;
}

/* Asked at `at`: the prices are of that moment or of a later one. */
static struct venue_outcome exchange_ask(struct work *work,
	struct market *market, const struct market_calls *calls,
	struct quote_new *quotes)
{
	const struct venue_symbol *symbols[FEEDS_LIMIT] = {NULL};
	const struct venue_symbol_set set = {symbols, calls->count};
	const int64_t at = clock_ms();
	struct venue_price_list prices = {0};
	struct venue_outcome outcome;

	for (size_t i = 0; i < calls->count; i++)
		symbols[i] = &calls->feeds[i]->symbol;
	outcome = venue_prices(market->exchange, market->visit, &set, &prices);
	for (size_t i = 0; outcome.result == VENUE_OK && i < calls->count; i++)
		quote_of(
			work, calls->feeds[i], prices.items[i], at, &quotes[i]);
	return outcome;
}

struct venue_outcome market_spot_ask(struct work *work, struct market *market,
	const struct market_calls *calls, struct quote_new *quotes)
{
	struct spot_ask *asks =
		arena_array(market->visit, calls->count, sizeof(*asks));
	struct spot_price *prices =
		arena_array(market->visit, calls->count, sizeof(*prices));
	struct venue_outcome outcome;

	for (size_t i = 0; i < calls->count; i++)
		asks[i] = (struct spot_ask){calls->feeds[i]->feed.native,
			calls->feeds[i]->feed.currency};
	outcome = spot_prices(market->spot, market->visit,
		&(const struct spot_query){asks, calls->count, clock_ms()},
		prices);
	for (size_t i = 0; outcome.result == VENUE_OK && i < calls->count; i++)
		if (prices[i].known)
			quote_of(work, calls->feeds[i], prices[i].price,
				prices[i].at_ms, &quotes[i]);
	return outcome;
}

/* What the source has no price of is told for itself. */
static enum err answer_keep(struct work *work, struct market *market,
	const struct market_calls *calls, struct quote_new *quotes)
{
	static const struct venue_outcome well = {
		.result = VENUE_OK, .rule = "", .text = ""};
	static const struct venue_outcome none = {.result = VENUE_REFUSED,
		.rule = "price",
		.text = "The source has no price of it."};
	struct market_calls good = {.count = 0};
	struct market_calls bad = {.count = 0};
	enum err err;

	for (size_t i = 0; i < calls->count; i++) {
		if (quotes[i].price == 0) {
			bad.feeds[bad.count++] = calls->feeds[i];
			continue;
		}
		calls->feeds[i]->quote_at = quotes[i].at;
		quotes[good.count] = quotes[i];
		good.feeds[good.count++] = calls->feeds[i];
	}
	err = market_quotes_keep(work, market, quotes, good.count);
	if (err == ERR_OK)
		err = market_tell(work, market, &bad, &none);
	if (err == ERR_OK)
		err = market_tell(work, market, &good, &well);
	return err;
}

/* One call. *refused: the exchange does not know one of several. */
static enum err quotes_ask(struct work *work, struct market *market,
	const struct market_calls *calls, bool *refused)
{
	const bool exchange = calls->feeds[0]->feed.source == FEED_BINANCE;
	struct quote_new *quotes =
		arena_array(market->visit, calls->count, sizeof(*quotes));
	const struct venue_outcome outcome =
		exchange ? exchange_ask(work, market, calls, quotes)
			 : market_spot_ask(work, market, calls, quotes);

	*refused =
		exchange && outcome.result == VENUE_REFUSED && calls->count > 1;
	if (*refused)
		return ERR_OK;
	if (outcome.result != VENUE_OK)
		return market_tell(work, market, calls, &outcome);
	return answer_keep(work, market, calls, quotes);
}

/* All in one call; when one of them is not known there, each for itself, so
   that a wrong name costs the others nothing. */
static enum err quotes_fetch(
	struct work *work, struct market *market, enum feed_source source)
{
	struct market_calls calls;
	bool refused = false;
	enum err err = ERR_OK;

	arena_reset(market->visit);
	calls = feeds_of(market, source, clock_ms());
	if (calls.count > 0)
		err = quotes_ask(work, market, &calls, &refused);
	for (size_t i = 0; err == ERR_OK && refused && i < calls.count; i++) {
		const struct market_calls one = {{calls.feeds[i]}, 1};
		bool again;

		if (market_may_ask(market, calls.feeds[i], clock_ms()))
			err = quotes_ask(work, market, &one, &again);
	}
	return err;
}

static enum err quotes_round(struct work *work, struct market *market)
{
	enum err err = ERR_OK;

	for (int i = 0; err == ERR_OK && i < FEED_SOURCE_COUNT; i++) {
		struct market_source *source = &market->sources[i];
		const int64_t now = clock_ms();

		/* a little early rather than a whole round late */
		if (now < 0 || source->quotes_at > now + RETRY_MS / 4)
			continue;
		source->quotes_at =
			now + interval_of(work->config, (enum feed_source)i);
		err = quotes_fetch(work, market, (enum feed_source)i);
	}
	return err;
}

/* ---- the job ------------------------------------------------------------------------- */

/* The oldest one's age: a figure a symbol would have a label of the operator's
   words. */
static void figures_tell(const struct work *work, const struct market *market)
{
	int64_t oldest = INT64_MAX;

	for (size_t i = 0; i < market->count; i++)
		if (market->feeds[i].quote_at < oldest)
			oldest = market->feeds[i].quote_at;
	if (market->count > 0)
		metrics_set(
			work->shared->metrics, METRIC_MARKET_AGE, 0, oldest);
}

enum err work_market(struct work *work)
{
	int64_t until_us = clock_monotonic_us();
	enum err err = work_market_open(work);

	if (err != ERR_OK)
		return err;
	err = quotes_round(work, work->market);
	if (err == ERR_OK && work->market->count > 0)
		err = market_rates_fetch(work, work->market);
	/* the next quotes are not to wait for candles, which may be many */
	until_us += work->config->market_quote_s * 1000 * 1000;
	if (until_us > clock_monotonic_us() + ROUND_US)
		until_us = clock_monotonic_us() + ROUND_US;
	if (err == ERR_OK)
		err = market_candles_fetch(work, work->market, until_us);
	figures_tell(work, work->market);
	return err;
}
