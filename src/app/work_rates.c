/*
 * Rates between currencies, for totals: one call of CoinGecko for all users,
 * about what they need. Kept as quotes without a symbol: nobody trades at
 * them. Must never ask while the source said later, nor hold up quotes.
 */
#include "work_market.h"

#include "clock.h"
#include "text.h"

enum {
	EARLY_MS = 250
};

/* What is fetched anyway is not asked for twice. */
static bool is_fetched(const struct market *market, const struct feed *rate)
{
	for (size_t i = 0; i < market->count; i++)
		if (text_equal(market->feeds[i].feed.symbol, rate->symbol))
			return true;
	return false;
}

static struct market_feed *rates_of(struct market *market,
	const struct list *list, struct market_calls *calls)
{
	const struct feed *items = list->items;
	struct market_feed *rates =
		arena_array(market->visit, list->count, sizeof(*rates));

	for (size_t i = 0; i < list->count && calls->count < FEEDS_LIMIT; i++) {
		rates[i].feed = items[i];
		if (!is_fetched(market, &items[i]))
			calls->feeds[calls->count++] = &rates[i];
	}
	return rates;
}

static void turned_tell(
	struct work *work, struct market *market, const char *error)
{
	if (market->rates_failed != (error != NULL))
		log_line(work->log, error ? LOG_WARN : LOG_INFO,
			error ? "market.rates_failed" : "market.rates_fetched",
			LOG_FIELDS(LOG_TEXT("error", error)));
	market->rates_failed = error != NULL;
}

static enum err rates_ask(
	struct work *work, struct market *market, const struct list *list)
{
	struct market_calls calls = {.count = 0};
	struct quote_new *quotes;
	struct venue_outcome outcome;
	size_t count = 0;

	(void)rates_of(market, list, &calls);
	if (calls.count == 0)
		return ERR_OK;
	quotes = arena_array(market->visit, calls.count, sizeof(*quotes));
	outcome = market_spot_ask(work, market, &calls, quotes);
	market_source_tell(work, market, FEED_COINGECKO, &outcome);
	turned_tell(
		work, market, outcome.result == VENUE_OK ? NULL : outcome.text);
	for (size_t i = 0; i < calls.count; i++)
		if (quotes[i].price > 0)
			quotes[count++] = quotes[i];
	return market_quotes_keep(work, market, quotes, count);
}

enum err market_rates_fetch(struct work *work, struct market *market)
{
	const int64_t now = clock_ms();
	const struct limits limits = config_limits(work->config);
	struct admin_scope *admin;
	struct list list;
	enum err err;

	if (!work->config->market_rates || now < 0 ||
		market->rates_at > now + EARLY_MS ||
		market->sources[FEED_COINGECKO].retry_at > now)
		return ERR_OK;
	market->rates_at = now + 1000 * work->config->market_spot_s;
	arena_reset(market->visit);
	admin = market_admin(work, market);
	if (!admin)
		return ERR_UNAVAILABLE;
	err = feed_rates(admin, &limits, &list);
	return err == ERR_OK ? rates_ask(work, market, &list) : err;
}
