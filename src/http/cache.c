/*
 * The route cache. The key is made in one function, which takes the
 * identity: there is no other way to one. Must never keep anything but a
 * 200 of a GET, nor believe that the store is there.
 */
#include "cache.h"

#include <stdint.h>
#include <time.h>

#include "clock.h"
#include "guard_view.h"
#include "metrics.h"
#include "text.h"

enum {
	CLAIM_MS = 5000, /* a worker that died computing */
	WAIT_STEP_MS = 2,
	KEPT_VERSION = 1,
	MS_NS = 1000000
};

const char *const cache_class_names[] = {
	[0] = "overview",
	[CACHE_TRADING - CACHE_OVERVIEW] = "trading",
	[CACHE_RISK - CACHE_OVERVIEW] = "risk",
	[CACHE_SIGNALS - CACHE_OVERVIEW] = "signals",
	[CACHE_MARKET - CACHE_OVERVIEW] = "market",
	[CACHE_LISTS - CACHE_OVERVIEW] = "lists",
	[CACHE_KEPT_COUNT] = NULL,
};

/* In the order of the bits of enum cache_tag. */
static const struct {
	unsigned bit;
	bool shared; /* everybody's */
	const char *name;
} tag_names[] = {
	{TAG_STRATEGIES, false, "strategies"},
	{TAG_BACKTESTS, false, "backtests"},
	{TAG_SETTINGS, false, "settings"},
	{TAG_ORDERS, false, "orders"},
	{TAG_PORTFOLIO, false, "portfolio"},
	{TAG_RISK, false, "risk"},
	{TAG_SIGNALS, false, "signals"},
	{TAG_MARKET, true, "market"},
};
enum {
	TAG_COUNT = sizeof(tag_names) / sizeof(tag_names[0])
};
_Static_assert((int)TAG_COUNT <= (int)STORE_TAGS_LIMIT, "all tags fit");

/* ---- names ------------------------------------------------------------- */

struct store_tags cache_tags(
	struct arena *arena, unsigned tags, const char *user_id)
{
	struct store_tags out = {.count = 0};

	for (size_t i = 0; i < TAG_COUNT; i++) {
		struct buf name;

		if (!(tags & tag_names[i].bit))
			continue;
		if (tag_names[i].shared) {
			out.names[out.count++] = tag_names[i].name;
			continue;
		}
		buf_init(&name, arena, 96);
		buf_add(&name, "u:", 2);
		buf_text(&name, user_id);
		buf_char(&name, ':');
		buf_text(&name, tag_names[i].name);
		out.names[out.count++] = name.data;
	}
	return out;
}

static void sort_by_name(const struct param **params, size_t count)
{
	for (size_t i = 1; i < count; i++)
		for (size_t j = i; j > 0 && strcmp(params[j]->name,
						    params[j - 1]->name) < 0;
			j--) {
			const struct param *moved = params[j];

			params[j] = params[j - 1];
			params[j - 1] = moved;
		}
}

/* A new line ends each name and value: none of them can hold one
   (request.c), and so no two keys read the same. */
static void add_part(struct buf *key, const char *name, const char *value)
{
	buf_text(key, name);
	buf_char(key, '\n');
	buf_text(key, value);
	buf_char(key, '\n');
}

/*
 * Build, user, route, values of the path, query by name. NULL when it is
 * longer than the store takes. Without a user there is no key.
 */
static const char *key_of(const struct call *call, const char *user_id)
{
	const struct param *sorted[REQUEST_SEGMENT_LIMIT + REQUEST_QUERY_LIMIT];
	struct buf key;

	for (size_t i = 0; i < call->param_count; i++)
		sorted[i] = &call->params[i];
	sort_by_name(sorted, call->param_count);
	buf_init(&key, call->arena, STORE_KEY_LIMIT);
	add_part(&key, "cache", call->services->cache->build);
	add_part(&key, "user", user_id);
	add_part(&key, "route", call->route->path);
	for (size_t i = 0; i < call->param_count; i++) {
		buf_char(&key, sorted[i]->from == FROM_PATH ? '/' : '?');
		add_part(&key, sorted[i]->name, sorted[i]->value);
	}
	return key.overflow ? NULL : key.data;
}

/* ---- what is stored ---------------------------------------------------- */

/* Before the texts (each with its NUL) and the body. */
struct kept_head {
	uint32_t version;
	uint32_t type_len, etag_len; /* without the NUL */
};

static bool unpack(const struct store_value *value, struct reply *reply)
{
	struct kept_head head;
	const char *type, *etag, *body;
	size_t texts;

	if (value->len < sizeof(head))
		return false;
	memcpy(&head, value->bytes, sizeof(head));
	texts = sizeof(head) + (size_t)head.type_len + head.etag_len + 2;
	if (head.version != KEPT_VERSION || texts > value->len)
		return false;
	type = value->bytes + sizeof(head);
	etag = type + head.type_len + 1;
	body = etag + head.etag_len + 1;
	if (type[head.type_len] != '\0' || etag[head.etag_len] != '\0')
		return false;
	reply->status = 200;
	reply->headers[REPLY_CONTENT_TYPE] = type;
	if (head.etag_len > 0)
		reply->headers[REPLY_ETAG] = etag;
	reply_borrow(reply, body, value->len - texts);
	return true;
}

static void pack(const struct reply *reply, struct buf *out)
{
	const char *type = reply->headers[REPLY_CONTENT_TYPE];
	const char *etag = reply->headers[REPLY_ETAG];
	const struct kept_head head = {.version = KEPT_VERSION,
		.type_len = type ? (uint32_t)strlen(type) : 0,
		.etag_len = etag ? (uint32_t)strlen(etag) : 0};

	buf_add(out, &head, sizeof(head));
	buf_add(out, type ? type : "", (size_t)head.type_len + 1);
	buf_add(out, etag ? etag : "", (size_t)head.etag_len + 1);
	buf_add(out, reply->body.data, reply->body.len);
}

/* ---- reading ----------------------------------------------------------- */

static void count(const struct call *call, enum metric metric)
{
	metrics_add(call->services->metrics, metric,
		(size_t)(call->route->cache - CACHE_OVERVIEW), 0, 1);
}

static int64_t life_of(const struct call *call)
{
	const struct services *services = call->services;
	const struct route *row = call->route;

	if (!services->store || !services->cache || !call->signed_in ||
		row->method != HTTP_GET || row->cache < CACHE_OVERVIEW)
		return 0;
	return services->cache->life_ms[row->cache - CACHE_OVERVIEW];
}

static void pause_ms(int64_t ms)
{
	const struct timespec time = {.tv_nsec = (long)(ms * MS_NS)};

	(void)nanosleep(&time, NULL);
}

/* Asks again while another computes; false when the store failed. */
static bool look_patiently(struct call *call, struct cache_visit *visit)
{
	const struct store_look *look = &visit->look;
	int64_t left = call->services->cache->wait_ms;
	int64_t now = call->who_calls.now;

	for (;;) {
		if (!visit->told &&
			store_look(call->services->store, call->arena, now,
				&visit->question, &visit->look) != ERR_OK)
			return false;
		visit->told = false;
		if (look->found || look->claimed || left <= 0)
			return true;
		pause_ms(WAIT_STEP_MS);
		left -= WAIT_STEP_MS;
		now = clock_ms();
	}
}

void cache_ask(struct call *call, struct cache_visit *visit)
{
	const char *user_id = call->identity.user_id;
	struct store_question *question = &visit->question;

	if (life_of(call) <= 0)
		return;
	question->key = key_of(call, user_id);
	if (!question->key)
		return;
	question->tags = cache_tags(call->arena, call->route->tags, user_id);
	question->claim_ms = CLAIM_MS;
	visit->asks = true;
}

void cache_look(struct call *call, struct cache_visit *visit)
{
	if (!visit->asks || !look_patiently(call, visit))
		return;
	visit->looked = true;
	visit->claimed = visit->look.claimed;
	/* The one that claimed makes a new answer, whatever old one there is. */
	visit->hit = visit->look.found && !visit->claimed &&
		     unpack(&visit->look.value, &call->reply);
	count(call, !visit->hit		? METRIC_CACHE_MISSES
		    : visit->look.fresh ? METRIC_CACHE_HITS
					: METRIC_CACHE_STALE);
}

void cache_keep(struct call *call, struct cache_visit *visit, bool good)
{
	struct store *store = call->services->store;
	const struct reply *reply = &call->reply;
	struct store_answer answer = {.life_ms = life_of(call),
		.stale_ms =
			visit->claimed ? call->services->cache->stale_ms : 0};
	struct buf packed;

	if (!visit->claimed)
		return;
	visit->claimed = false;
	if (!good || reply->status != 200 || reply->cookie_count > 0) {
		store_unclaim(store, &visit->look);
		return;
	}
	buf_init(&packed, call->arena, STORE_VALUE_LIMIT);
	pack(reply, &packed);
	answer.bytes = packed.data;
	answer.len = packed.len;
	if (packed.overflow || store_keep(store, call->who_calls.now,
				       &visit->look, &answer) != ERR_OK)
		store_unclaim(store, &visit->look);
}

/* ---- writing ----------------------------------------------------------- */

/* A store that cannot hold is not read either, and counts its errors: the
   write goes on. */
void cache_hold(struct call *call, struct cache_visit *visit)
{
	const struct services *services = call->services;
	const struct route *row = call->route;

	if (!services->store || !services->cache || row->method == HTTP_GET ||
		row->tags == TAG_NOTHING || !call->signed_in)
		return;
	visit->tags =
		cache_tags(call->arena, row->tags, call->identity.user_id);
	visit->held = store_hold(services->store, call->who_calls.now,
			      &visit->tags, services->cache->hold_ms) == ERR_OK;
}

void cache_release(struct call *call, struct cache_visit *visit)
{
	if (!visit->held)
		return;
	visit->held = false;
	/* When it fails the hold ends by itself; until then nothing is found. */
	(void)!store_release(call->services->store, clock_ms(), &visit->tags);
}

enum {
	DROP_HOLD_MS = 1000 /* when who drops dies in the middle */
};

void cache_drop(const struct cache_drop *drop)
{
	struct store_tags tags =
		cache_tags(drop->arena, drop->tags, drop->user_id);

	if (!drop->store)
		return;
	if (store_hold(drop->store, drop->now, &tags, DROP_HOLD_MS) == ERR_OK)
		(void)!store_release(drop->store, drop->now, &tags);
}

void cache_drop_user(const struct call *call, const char *user_id)
{
	const struct services *services = call->services;

	if (services->cache)
		cache_drop(&(const struct cache_drop){.store = services->store,
			.arena = call->arena,
			.now = call->who_calls.now,
			.user_id = user_id,
			.tags = ~(unsigned)TAG_MARKET});
}
