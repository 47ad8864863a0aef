/*
 * Rates between assets. Must never take two assets for the same money unless
 * the operator's setting says so, nor hide how old a price is.
 */
#include "rate_private.h"

#include "ledger_costs.h"
#include "quote_private.h"
#include "text.h"

__extension__ typedef unsigned __int128 wide;

static const char sources_sql[] =
	"SELECT s.source, (SELECT q.source FROM quotes q"
	" WHERE q.symbol = s.symbol) FROM symbols s WHERE s.symbol = :symbol";
/* A rate that is fetched has no symbol: nobody trades at it. */
static const char alone_sql[] =
	"SELECT source, price, at, fresh_until FROM quotes"
	" WHERE symbol = :symbol";

/* By way of these, in this order. */
static const char *const hops[] = {"USDT", "USD", "USDC", "EUR", "BTC", NULL};

enum {
	AHEAD_MS = 60 * 1000, /* more is of a clock that was put back */
	LEGS = 2
};

struct path {
	struct rate_leg legs[LEGS];
	size_t count;
	bool stale;
};

const char *rate_asset(const char *symbol)
{
	const char *dash = symbol ? strrchr(symbol, '-') : NULL;

	return dash && dash[1] != '\0' ? dash + 1 : NULL;
}

/* ---- the same money ----------------------------------------------------------- */

static bool is_listed(const char *list, const char *asset)
{
	static const char between[] = " ,\t";
	const size_t len = strlen(asset);

	for (list += strspn(list, between); *list != '\0';
		list += strspn(list, between)) {
		const size_t word = strcspn(list, between);

		if (word == len && strncmp(list, asset, len) == 0)
			return true;
		list += word;
	}
	return false;
}

bool rate_same(const char *equal, const char *a, const char *b)
{
	return text_equal(a, b) ||
	       (equal && is_listed(equal, a) && is_listed(equal, b));
}

/* ---- one price ------------------------------------------------------------------ */

static void leg_put(struct arena *arena, const struct quote *quote,
	const char *source, struct rate_leg *leg)
{
	struct timestamp *at = arena_alloc(arena, sizeof(*at));

	at->ms = quote->time;
	if (quote->interval_ms && quote->time == quote->candle_time)
		at->ms += quote->interval_ms;
	leg->source = source;
	leg->price = decimal_trim(ledger_decimal(quote->price));
	leg->at = at;
	leg->stale = quote->stale;
}

static enum err alone_read(struct scope *scope, struct rate_leg *leg)
{
	struct quote quote = {.known = true};
	struct rows *rows;
	enum err err = scope_one(scope, alone_sql,
		BINDS(bind_text(":symbol", leg->symbol)), &rows);

	if (err != ERR_OK)
		return err;
	quote.price = rows_int(rows, 1);
	quote.time = rows_int(rows, 2);
	quote.stale = scope_now(scope) > rows_int(rows, 3) ||
		      quote.time > scope_now(scope) + AHEAD_MS;
	leg_put(scope_arena(scope), &quote, rows_text(rows, 0), leg);
	rows_end(rows);
	return ERR_OK;
}

static enum err traded_read(
	struct scope *scope, const struct quote *quote, struct rate_leg *leg)
{
	const bool candle =
		quote->interval_ms != 0 && quote->time == quote->candle_time;
	struct rows *rows;
	enum err err;

	if (!quote->known || quote->price <= 0)
		return ERR_NOT_FOUND;
	err = scope_one(scope, sources_sql,
		BINDS(bind_text(":symbol", leg->symbol)), &rows);
	if (err != ERR_OK)
		return err;
	leg_put(scope_arena(scope), quote, rows_text(rows, candle ? 0 : 1),
		leg);
	rows_end(rows);
	return ERR_OK;
}

/* ERR_NOT_FOUND: nothing is stored of that pair. */
static enum err price_read(struct scope *scope, const char *base,
	const char *quoted, struct rate_leg *out)
{
	struct rate_leg leg = {.symbol = arena_format(scope_arena(scope),
				       "%s-%s", base, quoted)};
	struct quote quote;
	enum err err = quote_read(scope, leg.symbol, &quote);

	if (err == ERR_OK)
		err = traded_read(scope, &quote, &leg);
	else if (err == ERR_NOT_FOUND)
		err = alone_read(scope, &leg);
	if (err == ERR_OK)
		*out = leg;
	return err;
}

/* By the setting, then of both ways round the fresh one. */
static enum err leg_find(
	struct scope *scope, const struct rate_pair *pair, struct rate_leg *out)
{
	struct rate_leg leg = {.stale = false};
	enum err err;

	if (rate_same(pair->equal, pair->from, pair->to)) {
		*out = (struct rate_leg){
			.symbol = arena_format(scope_arena(scope), "%s-%s",
				pair->from, pair->to),
			.source = "setting",
			.price = {1, 0}};
		return ERR_OK;
	}
	err = price_read(scope, pair->from, pair->to, out);
	if ((err != ERR_OK || !out->stale) && err != ERR_NOT_FOUND)
		return err;
	if (price_read(scope, pair->to, pair->from, &leg) != ERR_OK ||
		(err == ERR_OK && leg.stale))
		return err;
	leg.inverse = true;
	*out = leg;
	return ERR_OK;
}

/* ---- a way ------------------------------------------------------------------------ */

static enum err hop_find(struct scope *scope, const struct rate_pair *pair,
	const char *hop, struct path *out)
{
	const struct rate_pair there = {pair->from, hop, pair->equal};
	const struct rate_pair on = {hop, pair->to, pair->equal};
	struct path path = {.count = LEGS};
	enum err err;

	if (text_equal(hop, pair->from) || text_equal(hop, pair->to))
		return ERR_NOT_FOUND;
	err = leg_find(scope, &there, &path.legs[0]);
	if (err == ERR_OK)
		err = leg_find(scope, &on, &path.legs[1]);
	if (err != ERR_OK)
		return err;
	path.stale = path.legs[0].stale || path.legs[1].stale;
	*out = path;
	return ERR_OK;
}

static enum err path_find(
	struct scope *scope, const struct rate_pair *pair, struct path *out)
{
	struct path best = {.count = 1};
	enum err found = leg_find(scope, pair, &best.legs[0]);

	best.stale = found == ERR_OK && best.legs[0].stale;
	for (size_t i = 0; hops[i] && (found == ERR_NOT_FOUND || best.stale);
		i++) {
		struct path path;
		const enum err err = hop_find(scope, pair, hops[i], &path);

		if (err != ERR_OK && err != ERR_NOT_FOUND)
			return err;
		if (err == ERR_OK && (found == ERR_NOT_FOUND || !path.stale)) {
			best = path;
			found = ERR_OK;
		}
	}
	if (found == ERR_OK)
		*out = best;
	return found;
}

/* ---- its number ------------------------------------------------------------------- */

/* Long division, digit by digit: exact until it is rounded. False: no room, or
   nothing is left of it. */
static bool quotient(wide above, wide below, struct decimal *out)
{
	const wide most = UINT64_C(1000000000000000); /* 16 digits */
	wide units, rest;
	int32_t scale = 0;

	if (below == 0 || below > ~(wide)0 / 10)
		return false;
	units = above / below;
	rest = above % below;
	if (units >= most * 10)
		return false;
	for (; rest > 0 && units < most && scale < DECIMAL_SCALE_LIMIT;
		scale++) {
		units = units * 10 + rest * 10 / below;
		rest = rest * 10 % below;
	}
	if (rest * 2 > below || (rest * 2 == below && units % 2 == 1))
		units++;
	*out = decimal_trim((struct decimal){(int64_t)units, scale});
	return units > 0;
}

static enum err path_value(const struct path *path, struct rate *rate)
{
	wide above = 1, below = 1;

	for (size_t i = 0; i < path->count; i++) {
		const struct rate_leg *leg = &path->legs[i];
		int64_t price;

		if (ledger_units(leg->price, &price) != ERR_OK)
			return ERR_BAD_INPUT;
		above *= (uint64_t)(leg->inverse ? LEDGER_ONE : price);
		below *= (uint64_t)(leg->inverse ? price : LEDGER_ONE);
		if (leg->at && (!rate->at || leg->at->ms < rate->at->ms))
			rate->at = leg->at;
	}
	return quotient(above, below, &rate->value) ? ERR_OK : ERR_BAD_INPUT;
}

enum err rate_find(
	struct scope *scope, const struct rate_pair *pair, struct rate *out)
{
	struct rate rate = {.value = {1, 0}};
	struct rate_leg *legs;
	struct path path;
	enum err err;

	if (text_equal(pair->from, pair->to)) {
		*out = rate;
		return ERR_OK;
	}
	err = path_find(scope, pair, &path);
	if (err == ERR_OK)
		err = path_value(&path, &rate);
	if (err != ERR_OK)
		return err;
	legs = arena_array(scope_arena(scope), LEGS, sizeof(*legs));
	memcpy(legs, path.legs, sizeof(path.legs));
	rate.stale = path.stale;
	rate.legs = (struct list){legs, path.count};
	*out = rate;
	return ERR_OK;
}
