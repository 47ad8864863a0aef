/*
 * Candles and symbols through the store that all processes share. They are
 * everybody's, so an entry has no owner, and only an import changes them: it
 * holds MARKET_TAG. What cannot be read back is computed again: lengths and
 * scales are checked, since others may write a Redis.
 */
#include "market.h"

#include <inttypes.h>

#include "buf.h"
#include "store.h"
#include "text.h"
#include "vector_private.h"

enum {
	LIFE_MS = 10 * 60 * 1000,
	CLAIM_MS = 5000,
	ASKED_LIFE_MS = 60 * 60 * 1000, /* kept warm for so long */
	ASKED_SLOTS = 64,
	FORMAT = 1,
	CANDLE_NUMBERS = 6,
	KEY_PARTS = 5
};

static const char symbols_key[] = "mq:symbols";

/* ---- bytes ---------------------------------------------------------------- */

/* Processes of one machine, or of one kind: their own order of bytes. */
static void put_int(struct buf *out, int64_t value)
{
	buf_add(out, &value, sizeof(value));
}

static void put_text(struct buf *out, const char *text)
{
	size_t len = strnlen(text, STORE_VALUE_LIMIT);

	put_int(out, (int64_t)len);
	buf_add(out, text, len);
}

struct reading {
	struct arena *arena;
	const char *at;
	size_t left;
	bool broken;
};

static int64_t take_int(struct reading *reading)
{
	int64_t value = 0;

	if (reading->left < sizeof(value)) {
		reading->broken = true;
		return 0;
	}
	memcpy(&value, reading->at, sizeof(value));
	reading->at += sizeof(value);
	reading->left -= sizeof(value);
	return value;
}

/* A scale that a decimal may have: printing relies on it. */
static int32_t take_scale(struct reading *reading)
{
	int64_t scale = take_int(reading);

	if (scale >= 0 && scale <= DECIMAL_SCALE_LIMIT)
		return (int32_t)scale;
	reading->broken = true;
	return 0;
}

/* How many follow, each of at least `size` bytes. */
static size_t take_count(struct reading *reading, size_t size)
{
	int64_t count = take_int(reading);

	if (count < 0 || (uint64_t)count > reading->left / size) {
		reading->broken = true;
		return 0;
	}
	return (size_t)count;
}

static const char *take_text(struct reading *reading)
{
	size_t len = take_count(reading, 1);
	const char *text = arena_copy(reading->arena, reading->at, len);

	reading->at += len;
	reading->left -= len;
	return text;
}

/* ---- candles --------------------------------------------------------------- */

static void candles_write(const struct list *list, struct buf *out)
{
	const struct candle_view *views = list->items;

	put_int(out, FORMAT);
	put_int(out, list->count > 0 ? views[0].o.scale : 0);
	put_int(out, list->count > 0 ? views[0].v.scale : 0);
	put_int(out, (int64_t)list->count);
	for (size_t i = 0; i < list->count; i++) {
		const int64_t numbers[CANDLE_NUMBERS] = {views[i].t.ms,
			views[i].o.units, views[i].h.units, views[i].l.units,
			views[i].c.units, views[i].v.units};

		buf_add(out, numbers, sizeof(numbers));
	}
}

static bool candles_read(struct reading *reading, struct list *out)
{
	const bool known = take_int(reading) == FORMAT;
	const int32_t price = take_scale(reading);
	const int32_t volume = take_scale(reading);
	const size_t count =
		take_count(reading, CANDLE_NUMBERS * sizeof(int64_t));
	struct candle_view *views =
		arena_array(reading->arena, count, sizeof(*views));

	for (size_t i = 0; i < count; i++) {
		views[i].t.ms = take_int(reading);
		views[i].o = (struct decimal){take_int(reading), price};
		views[i].h = (struct decimal){take_int(reading), price};
		views[i].l = (struct decimal){take_int(reading), price};
		views[i].c = (struct decimal){take_int(reading), price};
		views[i].v = (struct decimal){take_int(reading), volume};
	}
	*out = (struct list){views, count};
	return known && !reading->broken && reading->left == 0;
}

/* ---- symbols --------------------------------------------------------------- */

static void symbols_write(const struct list *list, struct buf *out)
{
	const struct symbol_view *views = list->items;

	put_int(out, FORMAT);
	put_int(out, (int64_t)list->count);
	for (size_t i = 0; i < list->count; i++) {
		const struct symbol_series *series = views[i].series.items;

		put_text(out, views[i].symbol);
		put_text(out, views[i].source);
		put_int(out, views[i].price_scale);
		put_int(out, views[i].volume_scale);
		put_int(out, (int64_t)views[i].series.count);
		for (size_t k = 0; k < views[i].series.count; k++) {
			put_int(out, market_interval_ms(series[k].interval));
			put_int(out, series[k].candles);
			put_int(out, series[k].first.ms);
			put_int(out, series[k].last.ms);
		}
	}
}

static void symbol_read(
	struct reading *reading, int64_t now, struct symbol_view *view)
{
	struct symbol_series *series;
	size_t count;

	view->symbol = take_text(reading);
	view->source = take_text(reading);
	view->price_scale = take_scale(reading);
	view->volume_scale = take_scale(reading);
	count = take_count(reading, 4 * sizeof(int64_t));
	series = arena_array(reading->arena, count, sizeof(*series));
	for (size_t k = 0; k < count; k++) {
		int64_t age;

		series[k].interval = market_interval_name(take_int(reading));
		series[k].candles = take_int(reading);
		series[k].first.ms = take_int(reading);
		series[k].last.ms = take_int(reading);
		reading->broken |= !series[k].interval;
		/* of now, not of when it was kept */
		age = (now - series[k].last.ms) / 1000;
		if (k == 0 || age < view->age_s)
			view->age_s = age;
	}
	view->series = (struct list){series, count};
}

static bool symbols_read(struct reading *reading, int64_t now, struct list *out)
{
	const bool known = take_int(reading) == FORMAT;
	const size_t count = take_count(reading, 5 * sizeof(int64_t));
	struct symbol_view *views =
		arena_array(reading->arena, count, sizeof(*views));

	for (size_t i = 0; i < count && !reading->broken; i++)
		symbol_read(reading, now, &views[i]);
	*out = (struct list){views, count};
	return known && !reading->broken && reading->left == 0;
}

/* ---- the store -------------------------------------------------------------- */

struct asking {
	struct store *store;
	struct scope *scope;
	const char *key;
	struct store_look look;
	bool looked; /* the store answered */
};

static struct asking ask(
	struct store *store, struct scope *scope, const char *key)
{
	struct asking asking = {.store = store, .scope = scope, .key = key};
	const struct store_question question = {.key = key,
		.tags = {.names = {MARKET_TAG}, .count = 1},
		.claim_ms = CLAIM_MS};

	asking.looked =
		store && store_look(store, scope_arena(scope), scope_now(scope),
				 &question, &asking.look) == ERR_OK;
	return asking;
}

/* False when there is nothing to read. */
static bool answer_of(const struct asking *asking, struct reading *out)
{
	if (!asking->looked || !asking->look.found || !asking->look.fresh)
		return false;
	*out = (struct reading){.arena = scope_arena(asking->scope),
		.at = asking->look.value.bytes,
		.left = asking->look.value.len};
	return true;
}

/* What cannot be kept is computed again next time. */
static void keep(const struct asking *asking, const struct buf *bytes)
{
	const struct store_answer answer = {
		.bytes = bytes->data, .len = bytes->len, .life_ms = LIFE_MS};
	enum err err = ERR_UNAVAILABLE;

	if (!bytes->overflow)
		err = store_keep(asking->store, scope_now(asking->scope),
			&asking->look, &answer);
	if (err != ERR_OK)
		store_unclaim(asking->store, &asking->look);
}

static bool is_claimed(const struct asking *asking)
{
	return asking->looked && asking->look.claimed;
}

enum err market_symbols_shared(
	struct store *store, struct scope *scope, struct list *out)
{
	struct asking asking = ask(store, scope, symbols_key);
	struct reading reading;
	struct list list;
	struct buf bytes;
	enum err err;

	if (answer_of(&asking, &reading) &&
		symbols_read(&reading, scope_now(scope), &list)) {
		*out = list;
		return ERR_OK;
	}
	err = market_symbols(scope, &list);
	if (is_claimed(&asking) && err == ERR_OK) {
		buf_init(&bytes, scope_arena(scope), STORE_VALUE_LIMIT);
		symbols_write(&list, &bytes);
		keep(&asking, &bytes);
	} else if (is_claimed(&asking)) {
		store_unclaim(store, &asking.look);
	}
	if (err == ERR_OK)
		*out = list;
	return err;
}

/* ---- one query --------------------------------------------------------------- */

/* "mq:1d:-:-:500:BTC-USD"; the symbol last, since it may hold anything. */
static const char *query_key(
	struct arena *arena, const struct candle_query *query)
{
	const char *from = "-";
	const char *to = "-";

	if (query->from)
		from = arena_format(arena, "%" PRId64, query->from->ms);
	if (query->to)
		to = arena_format(arena, "%" PRId64, query->to->ms);
	return arena_format(arena, "mq:%s:%s:%s:%" PRId64 ":%s",
		query->interval, from, to, query->limit, query->symbol);
}

static bool take_time(
	struct arena *arena, const char *text, const struct timestamp **out)
{
	struct timestamp *time = arena_alloc(arena, sizeof(*time));

	*out = text_equal(text, "-") ? NULL : time;
	return !*out || text_integer(text, &time->ms);
}

/* Back from the key; false for what is not one. */
static bool query_of(
	struct arena *arena, const char *key, struct candle_query *out)
{
	char *at = arena_text(arena, key);
	const char *parts[KEY_PARTS + 1] = {at};

	for (size_t i = 1; i <= KEY_PARTS; i++) {
		at = strchr(at, ':');
		if (!at)
			return false;
		*at++ = '\0';
		parts[i] = at;
	}
	out->interval = parts[1];
	out->symbol = parts[5];
	return text_equal(parts[0], "mq") &&
	       take_time(arena, parts[2], &out->from) &&
	       take_time(arena, parts[3], &out->to) &&
	       text_integer(parts[4], &out->limit);
}

/* FNV-1a; two queries of one slot only take turns in being kept warm. */
static const char *asked_slot(struct arena *arena, const char *key)
{
	uint32_t sum = UINT32_C(2166136261);

	for (; *key != '\0'; key++)
		sum = (sum ^ (unsigned char)*key) * UINT32_C(16777619);
	return arena_format(arena, "mq-asked:%" PRIu32, sum % ASKED_SLOTS);
}

static void asked_note(const struct asking *asking)
{
	const struct store_entry entry = {
		.key = asked_slot(scope_arena(asking->scope), asking->key),
		.bytes = asking->key,
		.len = strnlen(asking->key, STORE_KEY_LIMIT),
		.life_ms = ASKED_LIFE_MS,
	};

	/* lost: it is not kept warm */
	if (store_put(asking->store, scope_now(asking->scope), &entry) !=
		ERR_OK)
		return;
}

static enum err candles_of(struct asking *asking,
	const struct candle_query *query, struct list *out)
{
	struct reading reading;
	struct list list;
	struct buf bytes;
	enum err err;

	if (answer_of(asking, &reading) && candles_read(&reading, &list)) {
		*out = list;
		return ERR_OK;
	}
	err = market_candles(asking->scope, query, &list);
	if (is_claimed(asking) && err == ERR_OK) {
		buf_init(&bytes, scope_arena(asking->scope), STORE_VALUE_LIMIT);
		candles_write(&list, &bytes);
		keep(asking, &bytes);
	} else if (is_claimed(asking)) {
		store_unclaim(asking->store, &asking->look);
	}
	if (err == ERR_OK)
		*out = list;
	return err;
}

enum err market_candles_shared(struct store *store, struct scope *scope,
	const struct candle_query *query, struct list *out)
{
	const char *key = query_key(scope_arena(scope), query);
	struct asking asking = ask(store, scope, key);
	enum err err = candles_of(&asking, query, out);

	if (is_claimed(&asking) && err == ERR_OK)
		asked_note(&asking);
	return err;
}

/* ---- ahead of time ------------------------------------------------------------ */

static enum err warm_slot(struct store *store, struct scope *scope, int slot)
{
	struct arena *arena = scope_arena(scope);
	const char *name = arena_format(arena, "mq-asked:%d", slot);
	struct candle_query query;
	struct store_value value;
	struct asking asking;
	struct list list;
	enum err err = store_get(store, arena, scope_now(scope), name, &value);

	if (err == ERR_NOT_FOUND)
		return ERR_OK;
	if (err != ERR_OK)
		return err;
	if (!query_of(arena, value.bytes, &query))
		return ERR_OK;
	asking = ask(store, scope, value.bytes);
	if (!is_claimed(&asking))
		return ERR_OK; /* fresh, or somebody is at it */
	err = candles_of(&asking, &query, &list);
	/* what was asked and is not there any more (a symbol) goes by itself */
	return err == ERR_NOT_FOUND || err == ERR_BAD_INPUT ? ERR_OK : err;
}

enum err market_warm(struct store *store, struct scope *scope)
{
	struct list list;
	enum err err = market_symbols_shared(store, scope, &list);

	for (int slot = 0; err == ERR_OK && slot < ASKED_SLOTS; slot++)
		err = warm_slot(store, scope, slot);
	return err;
}
