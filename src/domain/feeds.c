/*
 * The setting that says what is fetched, read strictly: what is not understood
 * is named, with the entry it stands in. No database, no network.
 */
#include "feeds.h"

#include "market.h"
#include "symbol_private.h"
#include "text.h"
#include "vector_private.h"

static const char setting[] = "MARKET_SYMBOLS";
static const char between[] = " ,\t";
static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
static const char lower[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";

const char *const feed_sources[] = {
	[FEED_BINANCE] = "binance", [FEED_COINGECKO] = "coingecko", NULL};

enum {
	NATIVE_LIMIT = 64,
	CURRENCY_LIMIT = 10
};

static bool is_of(const char *text, const char *allowed)
{
	const size_t len = strlen(text);

	return len > 0 && len <= NATIVE_LIMIT && strspn(text, allowed) == len;
}

/* What stands behind the first such character, which is cut off; or NULL. */
static char *split(char *text, char at)
{
	char *found = strchr(text, at);

	if (!found)
		return NULL;
	*found = '\0';
	return found + 1;
}

/* All three: NULL, or what is wrong. */
static const char *binance_read(char *text, struct feed *out)
{
	const char *interval = split(text, ':');

	out->native = text;
	if (!is_of(text, upper))
		return "the exchange's name must be letters and digits, such "
		       "as BTCUSDT";
	out->interval_ms = interval ? market_interval_ms(interval) : 0;
	if (interval && out->interval_ms == 0)
		return "the interval must be one of: 1m, 5m, 15m, 30m, 1h, "
		       "4h, 1d, 1w";
	return NULL;
}

static const char *coingecko_read(
	struct arena *arena, char *text, struct feed *out)
{
	const char *currency = strrchr(out->symbol, '-');

	out->native = text;
	if (!is_of(text, lower))
		return "the id must be one of CoinGecko's, such as ethereum; "
		       "there are no candles";
	if (!currency || strlen(currency + 1) < 2 ||
		strlen(currency + 1) > CURRENCY_LIMIT ||
		!is_of(currency + 1, upper))
		return "the symbol must end in its currency, such as ETH-USD";
	out->currency = text_lower(arena, currency + 1);
	return NULL;
}

static const char *entry_read(
	struct arena *arena, char *entry, struct feed *out)
{
	char *source = split(entry, '=');
	char *rest = source ? split(source, ':') : NULL;

	out->symbol = entry;
	if (!rest)
		return "must be SYMBOL=binance:NAME:INTERVAL or "
		       "SYMBOL=coingecko:ID";
	if (!symbol_is_valid(entry))
		return "the symbol must be " SYMBOL_RULE;
	for (int i = 0; i < FEED_SOURCE_COUNT; i++)
		if (text_equal(source, feed_sources[i])) {
			out->source = (enum feed_source)i;
			return i == FEED_BINANCE
				       ? binance_read(rest, out)
				       : coingecko_read(arena, rest, out);
		}
	return "the source must be binance or coingecko";
}

/* Neither ours nor an exchange's name twice: it is asked about each once. */
static bool is_there(const struct vector *feeds, const struct feed *feed)
{
	const struct feed *items = feeds->items;

	for (size_t i = 0; i < feeds->count; i++)
		if (text_equal(items[i].symbol, feed->symbol) ||
			(feed->source == FEED_BINANCE &&
				items[i].source == FEED_BINANCE &&
				text_equal(items[i].native, feed->native)))
			return true;
	return false;
}

static void entry_add(
	struct vector *feeds, const char *entry, struct report *report)
{
	struct feed feed = {0};
	const char *fault = entry_read(
		feeds->arena, arena_text(feeds->arena, entry), &feed);

	if (!fault && is_there(feeds, &feed))
		fault = "it is there already";
	if (!fault && feeds->count == FEEDS_LIMIT)
		fault = "there are more than 200";
	if (fault)
		report_fault(report, setting, "%.80s: %s", entry, fault);
	else
		*(struct feed *)vector_add(feeds) = feed;
}

enum err feeds_parse(struct arena *arena, const char *text,
	struct report *report, struct list *out)
{
	const size_t before = report->fault_count;
	struct vector feeds;

	vector_init(&feeds, arena, sizeof(struct feed));
	for (text += strspn(text, between); *text != '\0';
		text += strspn(text, between)) {
		const size_t len = strcspn(text, between);

		entry_add(&feeds, arena_copy(arena, text, len), report);
		text += len;
	}
	if (report->fault_count != before)
		return ERR_BAD_INPUT;
	*out = (struct list){feeds.items, feeds.count};
	return ERR_OK;
}
