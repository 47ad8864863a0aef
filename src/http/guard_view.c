/*
 * The guard for admins. Must never show or change anything but limits and
 * cached answers.
 */
#include "guard_view.h"

#include <math.h>

#include "cache.h"
#include "rate.h"
#include "text.h"

/* ---- limits -------------------------------------------------------------- */

static struct list rules_view(struct call *call)
{
	struct limit_rule_view *rules =
		arena_array(call->arena, RATE_RULE_COUNT, sizeof(*rules));

	if (!call->services->rates)
		return (struct list){.items = rules};
	for (size_t i = 0; i < RATE_RULE_COUNT; i++) {
		struct rate_view rule =
			rates_rule(call->services->rates, (enum rate_rule)i);

		rules[i] = (struct limit_rule_view){.name = rule.name,
			.subject = rule.subject,
			.limit = rule.limit,
			.window_s = rule.window_s};
	}
	return (struct list){.items = rules, .count = RATE_RULE_COUNT};
}

enum err guard_limits(struct call *call, struct limits_view *out)
{
	struct store_blocked_list found;
	struct limit_blocked_view *blocked;
	enum err err;

	if (!call->services->store)
		return ERR_UNAVAILABLE;
	err = store_blocked_list(call->services->store, call->arena,
		call->who_calls.now, &found);
	if (err != ERR_OK)
		return err;
	blocked = arena_array(call->arena, found.count, sizeof(*blocked));
	for (size_t i = 0; i < found.count; i++)
		blocked[i] = (struct limit_blocked_view){
			.rule = found.items[i].rule,
			.subject = found.items[i].subject,
			.until = {found.items[i].until_ms},
			.refusals = found.items[i].refusals,
		};
	*out = (struct limits_view){.rules = rules_view(call),
		.blocked = {.items = blocked, .count = found.count}};
	return ERR_OK;
}

/* "a:…" and a bare address are both the address's subject; "f:…" is what
   foreign pages sent through its browsers. */
static const char *subject_of(struct call *call, const char *text)
{
	struct address address;

	if (address_parse(text_starts(text, "a:") ? text + 2 : text, &address))
		return address_subject(call->arena, &address);
	return text[0] != '\0' && text[1] == ':' ? text : NULL;
}

enum err guard_forgive(struct call *call, const char *subject)
{
	const char *known = subject_of(call, subject);

	if (!known) {
		report_fault(call->report, "/subject",
			"is neither an address nor a subject of "
			"/admin/limits");
		return ERR_BAD_INPUT;
	}
	if (!call->services->store)
		return ERR_UNAVAILABLE;
	return store_forgive(call->services->store, NULL, known);
}

/* ---- cache --------------------------------------------------------------- */

static struct list classes_view(struct call *call)
{
	const struct cache_settings *cache = call->services->cache;
	struct cache_class_view *classes =
		arena_array(call->arena, CACHE_KEPT_COUNT, sizeof(*classes));

	for (size_t i = 0; i < CACHE_KEPT_COUNT; i++)
		classes[i] =
			(struct cache_class_view){.name = cache_class_names[i],
				.ttl_s = cache ? cache->life_ms[i] / 1000 : 0};
	return (struct list){.items = classes, .count = CACHE_KEPT_COUNT};
}

enum err guard_cache(struct call *call, struct cache_view *out)
{
	struct store_state state;
	enum err err;

	if (!call->services->store)
		return ERR_UNAVAILABLE;
	err = store_state(call->services->store, call->who_calls.now, &state);
	if (err != ERR_OK)
		return err;
	*out = (struct cache_view){
		.backend = state.backend,
		.degraded = state.degraded,
		.entries = state.entries,
		.bytes = state.bytes,
		.capacity = state.capacity,
		.evictions = state.evictions,
		.hits = state.hits,
		.misses = state.misses,
		.hit_rate = {state.hits + state.misses > 0
				     ? (double)state.hits /
					       (double)(state.hits +
							state.misses)
				     : (double)NAN},
		.classes = classes_view(call),
	};
	return ERR_OK;
}

enum err guard_cache_flush(struct call *call)
{
	if (!call->services->store)
		return ERR_UNAVAILABLE;
	return store_flush(call->services->store);
}
