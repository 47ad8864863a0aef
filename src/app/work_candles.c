/*
 * Candles from the exchange: what is new, further back what history wants, and
 * what is missing in between. A chunk is one call and one transaction of the
 * import, so that whatever ends the process leaves whole chunks; where to go on
 * follows from what is stored. Must never store a candle that has not closed.
 */
#include "work_market.h"

#include "clock.h"
#include "import.h"
#include "market.h"

enum {
	/* the newest stored ones are read again: the source may have corrected
	   them */
	AGAIN = 2,
	SETTLE_MS = 1500, /* behind the close: the source makes it whole */
	RETRY_MS = 5000,  /* a closed one that is not there yet */
	HOLD_MS = 60 * 1000,
	DAY_MS = 24 * 60 * 60 * 1000,
	MINUTE_MS = 60 * 1000
};

/* What one call wants, and what it brought. */
struct chunk {
	struct work *work;
	struct market *market;
	struct market_feed *feed;
	int64_t from, to; /* to 0: whatever there is */
	struct venue_candle_list got;
	size_t closed; /* of those, the first so many */
	int64_t added; /* that were not stored before */
};

static int64_t history_from(const struct work *work, int64_t interval)
{
	const int64_t from =
		clock_ms() - work->config->market_history_days * DAY_MS;

	return from > 0 ? from / interval * interval : 0;
}

/* ---- one call ---------------------------------------------------------------------- */

/* Closed is what a later candle follows, or is long over: our clock may be
   ahead of the exchange's. */
static size_t closed_of(const struct chunk *chunk, int64_t now)
{
	const struct venue_candle_list *got = &chunk->got;
	const int64_t interval = chunk->feed->feed.interval_ms;

	if (got->count == 0 || chunk->to != 0 ||
		now >= got->items[got->count - 1].open_ms + 2 * interval)
		return got->count;
	return got->count - 1;
}

static enum err ask(struct chunk *chunk, bool *went)
{
	const struct venue_candles_query query = {
		.symbol = &chunk->feed->symbol,
		.interval_ms = chunk->feed->feed.interval_ms,
		.from_ms = chunk->from,
		.until_ms = chunk->to,
		.limit = VENUE_CANDLES_LIMIT};
	const struct venue_outcome outcome =
		venue_candles(chunk->market->exchange, chunk->market->visit,
			&query, &chunk->got);

	*went = outcome.result == VENUE_OK;
	if (*went)
		chunk->closed = closed_of(chunk, clock_ms());
	return market_tell(chunk->work, chunk->market,
		&(const struct market_calls){{chunk->feed}, 1}, &outcome);
}

static void faults_tell(
	const struct chunk *chunk, const struct import_report *report)
{
	if (report->refused == 0)
		return;
	log_line(chunk->work->log, LOG_WARN, "market.candles_refused",
		LOG_FIELDS(LOG_TEXT("symbol", chunk->feed->feed.symbol),
			LOG_INT("count", report->refused),
			LOG_TEXT("first", report->faults[0].message)));
}

static enum err put(struct chunk *chunk, struct import_report *report)
{
	struct arena *arena = chunk->market->visit;
	const struct import_options options = {
		.symbol = chunk->feed->feed.symbol,
		.interval = market_interval_name(chunk->feed->feed.interval_ms),
		.source = feed_sources[chunk->feed->feed.source]};
	struct import_candle *items =
		arena_array(arena, chunk->closed, sizeof(*items));
	struct admin_scope *admin = market_admin(chunk->work, chunk->market);

	if (!admin)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < chunk->closed; i++) {
		const struct venue_candle *from = &chunk->got.items[i];

		items[i] = (struct import_candle){.time = from->open_ms,
			.open = from->open,
			.high = from->high,
			.low = from->low,
			.close = from->close,
			.volume = from->volume};
	}
	return candles_put(admin, items, chunk->closed, &options, report);
}

/* Around it what is kept of the market is held, as an import does. */
static enum err store_chunk(struct chunk *chunk)
{
	const struct store_tags tags = {.names = {MARKET_TAG}, .count = 1};
	struct store *store = chunk->work->shared->store;
	struct import_report report = {0};
	bool held;
	enum err err;

	if (chunk->closed == 0)
		return ERR_OK;
	held = store && store_hold(store, clock_ms(), &tags, HOLD_MS) == ERR_OK;
	err = put(chunk, &report);
	if (held)
		(void)!store_release(store, clock_ms(), &tags);
	if (err == ERR_OK)
		faults_tell(chunk, &report);
	chunk->added = report.added;
	/* an import of the operator came between: the next call sees */
	return err == ERR_CONFLICT ? ERR_OK : err;
}

/* ---- what is new --------------------------------------------------------------------- */

static void due_next(struct chunk *chunk, bool found)
{
	const int64_t interval = chunk->feed->feed.interval_ms;
	const int64_t now = clock_ms();
	int64_t at = now + RETRY_MS;

	if (chunk->added > 0 && chunk->got.count == VENUE_CANDLES_LIMIT)
		at = 0;
	else if (found && chunk->closed > 0)
		at = chunk->got.items[chunk->closed - 1].open_ms +
		     2 * interval + SETTLE_MS;
	chunk->feed->candles_at = at > now || at == 0 ? at : now + RETRY_MS;
}

static enum err newest_fetch(struct chunk *chunk)
{
	const struct feed *feed = &chunk->feed->feed;
	const int64_t oldest = history_from(chunk->work, feed->interval_ms);
	struct scope *scope = market_reader(chunk->work, chunk->market);
	struct feed_span span;
	bool went = false;
	enum err err;

	if (!scope)
		return ERR_UNAVAILABLE;
	err = feed_stored(scope, feed->symbol, feed->interval_ms, &span);
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return err;
	chunk->from = oldest;
	if (err == ERR_OK && span.last - AGAIN * feed->interval_ms > oldest)
		chunk->from = span.last - (AGAIN - 1) * feed->interval_ms;
	err = ask(chunk, &went);
	if (err == ERR_OK && went)
		err = store_chunk(chunk);
	if (err == ERR_OK)
		due_next(chunk, went);
	return err;
}

/* ---- what is missing ------------------------------------------------------------------- */

/* A gap is asked for once a search: what is not there stays away. The answer
   begins with the first candle that there is, however far into the gap, so
   years before a listing cost one call. */
static enum err gap_fetch(struct chunk *chunk, const struct feed_window *gap)
{
	bool went = false;
	enum err err;

	chunk->from = gap->from;
	chunk->to = gap->to;
	err = ask(chunk, &went);
	if (err == ERR_OK && went)
		err = store_chunk(chunk);
	if (err != ERR_OK || !went)
		return err;
	chunk->feed->cursor = gap->to;
	if (chunk->got.count == VENUE_CANDLES_LIMIT)
		chunk->feed->cursor =
			chunk->got.items[chunk->got.count - 1].open_ms +
			gap->interval_ms;
	return ERR_OK;
}

static enum err repair(struct chunk *chunk)
{
	struct market_feed *feed = chunk->feed;
	struct feed_window window = {.symbol = feed->feed.symbol,
		.interval_ms = feed->feed.interval_ms,
		.from = history_from(chunk->work, feed->feed.interval_ms)};
	struct scope *scope = market_reader(chunk->work, chunk->market);
	struct feed_window gap;
	struct feed_span span = {0};
	enum err err = scope ? feed_stored(scope, feed->feed.symbol,
				       window.interval_ms, &span)
			     : ERR_UNAVAILABLE;

	if (feed->cursor > window.from)
		window.from = feed->cursor;
	window.to = span.last;
	if (err == ERR_OK)
		err = feed_gap(scope, &window, &gap);
	if (err == ERR_OK)
		return gap_fetch(chunk, &gap);
	if (err != ERR_NOT_FOUND)
		return err;
	feed->cursor = 0;
	feed->repair_at =
		clock_ms() +
		chunk->work->config->market_repair_minutes * MINUTE_MS;
	return ERR_OK;
}

/* ---- the round ---------------------------------------------------------------------------- */

/* *did: one chunk, or one look for gaps. */
static enum err visit(struct work *work, struct market *market,
	struct market_feed *feed, bool *did)
{
	struct chunk chunk = {.work = work, .market = market, .feed = feed};
	const int64_t now = clock_ms();

	*did = false;
	if (feed->feed.interval_ms == 0 || now < 0 ||
		!market_may_ask(market, feed, now))
		return ERR_OK;
	arena_reset(market->visit);
	*did = feed->candles_at <= now || feed->repair_at <= now;
	if (feed->candles_at <= now)
		return newest_fetch(&chunk);
	return feed->repair_at <= now ? repair(&chunk) : ERR_OK;
}

enum err market_candles_fetch(
	struct work *work, struct market *market, int64_t until_us)
{
	bool any = true;
	enum err err = ERR_OK;

	while (err == ERR_OK && any && clock_monotonic_us() < until_us) {
		any = false;
		for (size_t i = 0; err == ERR_OK && i < market->count &&
				   clock_monotonic_us() < until_us;
			i++) {
			bool did;

			err = visit(work, market, &market->feeds[i], &did);
			any |= did;
		}
	}
	return err;
}
