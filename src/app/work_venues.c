/*
 * Each user's exchange, opened with his own keys. The keys are unsealed here,
 * in `kontor work` alone, go into guarded memory, and what they were read
 * into is overwritten. Must never log one, nor use one pair for two users.
 */
#include "work_venues.h"

#include "binance.h"
#include "clock.h"
#include "exchange.h"
#include "ledger_costs.h"
#include "secret.h"
#include "text.h"
#include "user_secrets.h"
#include "work_net.h"

enum {
	SLOT_MEMORY = 256 << 10,
	HOUR_MS = 60 * 60 * 1000,
	SYMBOLS = 256, /* whose rules are kept; the oldest go */
	WAITS = 1024,
	USER_ROOM = 64
};

struct slot {
	char user[USER_ROOM];
	int64_t secrets_at, used_at;
	struct arena *arena;
	struct venue *venue;
};
struct rules {
	struct arena *arena;
	struct venue_symbol symbol;
	int64_t read_at;
};
/* Who is not to be tried before when. */
struct wait {
	char user[USER_ROOM];
	int64_t at_ms;
};
struct venues {
	struct arena *arena;
	struct slot *slots;
	size_t room;
	struct rules *rules; /* SYMBOLS of them */
	struct wait *waits;  /* WAITS */
	int64_t not_after_ms;
};

/* ---- all of them ----------------------------------------------------------- */

static struct venues *venues_of(struct work *work)
{
	struct arena *arena;
	struct venues *venues = work->venues;

	if (venues)
		return venues;
	arena = arena_open((size_t)16 << 20);
	venues = arena_alloc(arena, sizeof(*venues));
	venues->arena = arena;
	venues->room = (size_t)work->config->live_venues;
	venues->slots =
		arena_array(arena, venues->room, sizeof(*venues->slots));
	venues->rules = arena_array(arena, SYMBOLS, sizeof(*venues->rules));
	venues->waits = arena_array(arena, WAITS, sizeof(*venues->waits));
	work->venues = venues;
	return venues;
}

static void slot_close(struct slot *slot)
{
	if (slot->venue)
		binance_close(&slot->venue);
	if (slot->arena)
		arena_close(&slot->arena);
	*slot = (struct slot){.user = ""};
}

void work_venues_close(struct work *work)
{
	struct venues *venues = work->venues;
	struct arena *arena;

	if (!venues)
		return;
	for (size_t i = 0; i < venues->room; i++)
		slot_close(&venues->slots[i]);
	for (size_t i = 0; i < SYMBOLS; i++)
		if (venues->rules[i].arena)
			arena_close(&venues->rules[i].arena);
	arena = venues->arena;
	work->venues = NULL;
	arena_close(&arena);
}

void work_venues_until(struct work *work, int64_t not_after_ms)
{
	venues_of(work)->not_after_ms = not_after_ms;
}

/* Past its end the clock cannot be read, and nothing is sent without it. */
static int64_t guarded_now(void *context)
{
	const struct venues *venues = context;
	const int64_t now = clock_ms();

	if (venues->not_after_ms && now > venues->not_after_ms)
		return -1;
	return now;
}

/* The user's, else a free one, else the one that was used longest ago. */
static struct slot *slot_of(struct venues *venues, const char *user)
{
	struct slot *best = &venues->slots[0];

	for (size_t i = 0; i < venues->room; i++)
		if (text_equal(venues->slots[i].user, user))
			return &venues->slots[i];
	for (size_t i = 0; i < venues->room; i++)
		if (venues->slots[i].used_at < best->used_at)
			best = &venues->slots[i];
	slot_close(best);
	return best;
}

static enum err status_of(
	struct work *work, const char *user, struct exchange_status *out)
{
	return exchange_status(work_operator(work), user, out);
}

void work_venues_prune(struct work *work)
{
	struct venues *venues = work->venues;
	struct exchange_status status;

	for (size_t i = 0; venues && i < venues->room; i++) {
		struct slot *slot = &venues->slots[i];

		if (slot->venue &&
			(status_of(work, slot->user, &status) != ERR_OK ||
				!status.set ||
				status.secrets_at != slot->secrets_at))
			slot_close(slot);
	}
}

/* The user's, else the one that is over first. */
static struct wait *wait_of(struct venues *venues, const char *user)
{
	struct wait *best = &venues->waits[0];

	for (size_t i = 0; i < WAITS; i++) {
		struct wait *wait = &venues->waits[i];

		if (text_equal(wait->user, user))
			return wait;
		if (wait->at_ms < best->at_ms)
			best = wait;
	}
	return best;
}

void work_venues_later(struct work *work, const char *user_id, int64_t at_ms)
{
	struct wait *wait = wait_of(venues_of(work), user_id);

	(void)snprintf(wait->user, sizeof(wait->user), "%s", user_id);
	wait->at_ms = at_ms;
}

bool work_venues_may(struct work *work, const char *user_id, int64_t now_ms)
{
	const struct wait *wait = wait_of(venues_of(work), user_id);

	return !text_equal(wait->user, user_id) || wait->at_ms <= now_ms;
}

/* ---- one user's -------------------------------------------------------------- */

struct pair {
	struct secret key, secret;
	int64_t secrets_at;
};

static enum err secret_read(struct scope *scope, const struct vault_keys *keys,
	const char *name, struct secret *out, int64_t *latest)
{
	struct vault_value value;
	int64_t at = 0;
	enum err err = user_secret_open(scope, keys, name, &value, &at);

	if (err != ERR_OK)
		return err;
	err = secret_init(out, value.text, value.len);
	secret_wipe(value.text, value.len);
	if (err == ERR_OK && at > *latest)
		*latest = at;
	return err;
}

static void pair_release(struct pair *pair)
{
	secret_release(&pair->key);
	secret_release(&pair->secret);
}

static enum err pair_read(
	struct work *work, struct scope *scope, struct pair *out)
{
	struct arena *arena = scope_arena(scope);
	struct vault_keys *keys = NULL;
	struct pair pair = {.secrets_at = 0};
	enum err err = vault_keys_open(
		arena, config_key_folder(work->config, arena), &keys);

	if (err == ERR_OK)
		err = secret_read(scope, keys, exchange_secrets[0], &pair.key,
			&pair.secrets_at);
	if (err == ERR_OK)
		err = secret_read(scope, keys, exchange_secrets[1],
			&pair.secret, &pair.secrets_at);
	vault_keys_close(&keys);
	if (err == ERR_BAD_INPUT)
		report_detail(scope_report(scope),
			"The stored keys do not open: store them again.");
	if (err != ERR_OK) {
		pair_release(&pair);
		return err;
	}
	*out = pair;
	return ERR_OK;
}

static enum err slot_open(struct work *work, struct scope *scope,
	const struct pair *pair, struct slot *slot)
{
	struct binance_options options = {.base_url = work->config->binance_url,
		.api_key = &pair->key,
		.api_secret = &pair->secret,
		.user = slot->user,
		.clock = {guarded_now, work->venues},
		.recv_window_ms = work->config->binance_window_ms,
		.asks_rights = work->config->binance_rights};
	struct outbound_base base;
	struct work_net *net;
	enum err err = work_net(work, &net);

	if (err != ERR_OK)
		return err;
	options.governor = net->governor;
	options.outbound = net->outbound;
	options.metrics = work->shared->metrics;
	slot->arena = arena_open(SLOT_MEMORY);
	/* the operator's fault is not the keys' */
	if (outbound_base_parse(slot->arena, net->outbound, options.base_url,
		    scope_report(scope), &base) != ERR_OK)
		return ERR_UNAVAILABLE;
	return binance_open(
		slot->arena, &options, scope_report(scope), &slot->venue);
}

static enum err slot_fill(
	struct work *work, struct scope *scope, struct slot *slot)
{
	struct pair pair;
	enum err err = pair_read(work, scope, &pair);

	if (err != ERR_OK)
		return err;
	(void)snprintf(slot->user, sizeof(slot->user), "%s", scope_user(scope));
	slot->secrets_at = pair.secrets_at;
	err = slot_open(work, scope, &pair, slot);
	pair_release(&pair);
	if (err != ERR_OK)
		slot_close(slot);
	return err;
}

enum err work_venue(
	struct work *work, struct scope *scope, struct work_venue *out)
{
	struct venues *venues = venues_of(work);
	struct exchange_status status;
	struct slot *slot;
	enum err err = status_of(work, scope_user(scope), &status);

	if (err == ERR_OK && !status.set)
		err = ERR_NOT_FOUND;
	if (err != ERR_OK)
		return err;
	slot = slot_of(venues, scope_user(scope));
	if (slot->venue && slot->secrets_at != status.secrets_at)
		slot_close(slot);
	if (!slot->venue)
		err = slot_fill(work, scope, slot);
	if (err != ERR_OK)
		return err;
	slot->used_at = clock_ms();
	*out = (struct work_venue){
		slot->venue, slot->secrets_at, status.checked, status.usable};
	return ERR_OK;
}

/* ---- rules -------------------------------------------------------------------- */

static struct rules *rules_of(struct venues *venues, const char *symbol)
{
	struct rules *best = &venues->rules[0];

	for (size_t i = 0; i < SYMBOLS; i++) {
		struct rules *rules = &venues->rules[i];

		if (rules->arena && text_equal(rules->symbol.symbol, symbol))
			return rules;
		if (rules->read_at < best->read_at)
			best = rules;
	}
	return best;
}

static void rules_keep(
	struct rules *rules, const struct venue_symbol *symbol, int64_t now)
{
	if (rules->arena)
		arena_close(&rules->arena);
	rules->arena = arena_open(64 << 10);
	rules->symbol = *symbol;
	rules->symbol.symbol = arena_text(rules->arena, symbol->symbol);
	rules->symbol.native = arena_text(rules->arena, symbol->native);
	rules->symbol.base = arena_text(rules->arena, symbol->base);
	rules->symbol.quote = arena_text(rules->arena, symbol->quote);
	rules->read_at = now;
}

/* What does not fit is no limit to us: the exchange's own check stands. */
static int64_t units_of(struct decimal value)
{
	int64_t units = 0;

	return ledger_units(value, &units) == ERR_OK ? units : 0;
}

/* For the API, which checks orders before they are taken. */
static void rules_tell(struct work *work, const struct venue_symbol *symbol)
{
	const struct exchange_rules rules = {.symbol = symbol->symbol,
		.trading = symbol->trading,
		.tick = units_of(symbol->price.step),
		.price_min = units_of(symbol->price.min),
		.price_max = units_of(symbol->price.max),
		.step = units_of(symbol->lot.step),
		.lot_min = units_of(symbol->lot.min),
		.lot_max = units_of(symbol->lot.max),
		.value_min = units_of(symbol->notional_min)};

	if (exchange_rules_put(auth_operator_scope(work->shared->db,
				       work->arena, work->report, clock_ms()),
		    &rules) != ERR_OK)
		log_line(work->log, LOG_WARN, "live.rules",
			LOG_FIELDS(LOG_TEXT("symbol", symbol->symbol)));
}

struct venue_outcome work_venue_symbol(struct work *work, struct venue *venue,
	struct arena *arena, const char *symbol,
	const struct venue_symbol **out)
{
	const char *const names[] = {symbol, NULL};
	struct rules *rules = rules_of(venues_of(work), symbol);
	const int64_t now = clock_ms();
	struct venue_symbol_list list = {0};
	struct venue_outcome outcome = {
		.result = VENUE_OK, .text = "", .rule = ""};

	if (rules->arena && text_equal(rules->symbol.symbol, symbol) &&
		now - rules->read_at < HOUR_MS && now >= rules->read_at) {
		*out = &rules->symbol;
		return outcome;
	}
	outcome = venue_symbols(venue, arena, names, &list);
	if (outcome.result != VENUE_OK)
		return outcome;
	rules_keep(rules, &list.items[0], now);
	rules_tell(work, &list.items[0]);
	*out = &rules->symbol;
	return outcome;
}
