/*
 * The candles that a runner keeps in memory between slices: those of the last
 * few series, checked once. Must never give a run other candles in one slice
 * than in another.
 */
#include "run_private.h"

#include <string.h>

#include "market.h"
#include "text.h"

enum {
	SERIES_ROOM = 8,
	ARENA_SLACK = 64 * 1024
};

struct entry {
	struct arena *arena; /* NULL: free */
	const char *symbol, *interval, *version;
	int64_t from, to; /* INT64_MIN, INT64_MAX: not given */
	struct candles candles;
	int64_t used_at; /* a count of uses */
};

struct series_cache {
	struct entry entries[SERIES_ROOM];
	int64_t bytes, limit, uses;
};

static const char version_sql[] =
	"SELECT series FROM symbols WHERE symbol = :symbol";

struct series_cache *series_cache_open(struct arena *arena, int64_t bytes)
{
	struct series_cache *cache = arena_alloc(arena, sizeof(*cache));

	cache->limit = bytes;
	return cache;
}

static void entry_drop(struct series_cache *cache, struct entry *entry)
{
	if (!entry->arena)
		return;
	cache->bytes -= (int64_t)entry->candles.count * CANDLE_BYTES;
	arena_close(&entry->arena);
	*entry = (struct entry){.arena = NULL};
}

void series_cache_close(struct series_cache **cache)
{
	if (!*cache)
		return;
	for (size_t i = 0; i < SERIES_ROOM; i++)
		entry_drop(*cache, &(*cache)->entries[i]);
	*cache = NULL;
}

/* ---- finding one --------------------------------------------------------- */

/* What changes when an import changes the symbol. */
static enum err version_read(
	struct scope *scope, const char *symbol, const char **out)
{
	struct rows *rows;
	enum err err = scope_one(
		scope, version_sql, BINDS(bind_text(":symbol", symbol)), &rows);

	if (err != ERR_OK)
		return err;
	*out = rows_text(rows, 0);
	rows_end(rows);
	return ERR_OK;
}

static int64_t time_or(const struct timestamp *time, int64_t otherwise)
{
	return time ? time->ms : otherwise;
}

static struct entry wanted(const struct backtest_new *in, const char *version)
{
	return (struct entry){.symbol = in->symbol,
		.interval = in->interval,
		.version = version,
		.from = time_or(in->from, INT64_MIN),
		.to = time_or(in->to, INT64_MAX)};
}

static bool is_same(const struct entry *a, const struct entry *b)
{
	return a->from == b->from && a->to == b->to &&
	       text_equal(a->symbol, b->symbol) &&
	       text_equal(a->interval, b->interval) &&
	       text_equal(a->version, b->version);
}

static struct entry *entry_find(
	struct series_cache *cache, const struct entry *key)
{
	for (size_t i = 0; i < SERIES_ROOM; i++)
		if (cache->entries[i].arena && is_same(&cache->entries[i], key))
			return &cache->entries[i];
	return NULL;
}

/* ---- keeping one --------------------------------------------------------- */

/* A free place; drops the longest unused until there is one, and room. `stays`
   is in use, and never dropped. */
static struct entry *place_make(
	struct series_cache *cache, int64_t bytes, const struct entry *stays)
{
	for (;;) {
		struct entry *oldest = NULL, *empty = NULL;

		for (size_t i = 0; i < SERIES_ROOM; i++) {
			struct entry *entry = &cache->entries[i];

			if (!entry->arena)
				empty = entry;
			else if (entry != stays &&
				 (!oldest || entry->used_at < oldest->used_at))
				oldest = entry;
		}
		if (!oldest || (empty && cache->bytes + bytes <= cache->limit))
			return empty;
		entry_drop(cache, oldest);
	}
}

static void *column_copy(struct arena *arena, const void *from, size_t count)
{
	void *to = arena_array(arena, count, sizeof(double));

	_Static_assert(sizeof(double) == sizeof(int64_t), "of one size");
	return memcpy(to, from, count * sizeof(double));
}

static struct entry *entry_keep(struct series_cache *cache,
	const struct entry *key, const struct candles *candles,
	const struct entry *stays)
{
	const size_t n = candles->count;
	struct entry *entry =
		place_make(cache, (int64_t)n * CANDLE_BYTES, stays);
	struct arena *arena = arena_open(n * CANDLE_BYTES + ARENA_SLACK);

	*entry = *key;
	entry->arena = arena;
	entry->symbol = arena_text(arena, key->symbol);
	entry->interval = arena_text(arena, key->interval);
	entry->version = arena_text(arena, key->version);
	entry->candles = (struct candles){
		.time = column_copy(arena, candles->time, n),
		.open = column_copy(arena, candles->open, n),
		.high = column_copy(arena, candles->high, n),
		.low = column_copy(arena, candles->low, n),
		.close = column_copy(arena, candles->close, n),
		.volume = column_copy(arena, candles->volume, n),
		.count = n,
	};
	cache->bytes += (int64_t)n * CANDLE_BYTES;
	return entry;
}

/* What was allowed when it was asked for is allowed still. bars: whose detail
   it is; NULL: they themselves are wanted. */
static enum err entry_get(const struct run_slice *slice,
	const struct backtest_new *in, const struct entry *key,
	const struct entry *bars, struct entry **out)
{
	static const struct limits none = {
		.backtest_bars = INT64_MAX,
		.backtest_candle_bytes = INT64_MAX,
	};
	struct series_cache *cache = slice->series;
	struct entry *found = entry_find(cache, key);
	struct candles candles;
	enum err err = ERR_OK;

	if (!found) {
		err = bars ? backtest_detail(slice->scope, &none, in,
				     &bars->candles, &candles)
			   : backtest_bars(slice->scope, &none, in, &candles);
		if (err != ERR_OK)
			return err;
		found = entry_keep(cache, key, &candles, bars);
	}
	found->used_at = ++cache->uses;
	*out = found;
	return ERR_OK;
}

static struct entry wanted_detail(
	const struct backtest_new *in, const struct entry *bars)
{
	const struct backtest_span span =
		backtest_detail_span(in, &bars->candles);

	return (struct entry){.symbol = in->symbol,
		.interval = in->detail_interval,
		.version = bars->version,
		.from = span.from,
		.to = span.to};
}

static enum err series_get(const struct run_slice *slice,
	const struct backtest_new *in, const char *version,
	struct backtest_series *out)
{
	struct entry *bars, *detail, key = wanted(in, version);
	enum err err = entry_get(slice, in, &key, NULL, &bars);

	if (err != ERR_OK)
		return err;
	*out = (struct backtest_series){.bars = bars->candles};
	if (!in->detail_interval)
		return ERR_OK;
	key = wanted_detail(in, bars);
	err = entry_get(slice, in, &key, bars, &detail);
	if (err == ERR_OK)
		out->detail = detail->candles;
	return err;
}

enum err run_candles(const struct run_slice *slice,
	const struct backtest_new *in, int64_t bars,
	struct backtest_series *out)
{
	const char *version = NULL;
	struct backtest_series series;
	enum err err = version_read(slice->scope, in->symbol, &version);

	if (err == ERR_NOT_FOUND) {
		report_detail(scope_report(slice->scope),
			"The symbol is not there any more.");
		return ERR_BAD_INPUT;
	}
	if (err == ERR_OK)
		err = series_get(slice, in, version, &series);
	if (err != ERR_OK)
		return err;
	if (bars > 0 && backtest_series_count(&series) != bars) {
		report_detail(scope_report(slice->scope),
			"The candles changed while this ran; ask again.");
		return ERR_BAD_INPUT;
	}
	*out = series;
	return ERR_OK;
}
