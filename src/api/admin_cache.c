/* How the cache does, and emptying it. Never shows what is in it. */
#include "admin_cache.h"

static const struct field class_fields[] = {
	FIELD(struct cache_class_view, name, .doc = "the class"),
	FIELD(struct cache_class_view, ttl_s,
		.doc = "seconds an answer is kept; 0: not at all"),
};
static const struct shape class_shape =
	SHAPE("cache_class", struct cache_class_view, class_fields);

static const char *const backends[] = {
	"local", "redis", "memory", "fail", NULL};
static const struct field cache_fields[] = {
	FIELD(struct cache_view, backend, .one_of = backends,
		.doc = "where answers are kept"),
	FIELD(struct cache_view, degraded,
		.doc = "Redis is configured and does not answer"),
	FIELD(struct cache_view, entries, .doc = "in the store, of all kinds"),
	FIELD(struct cache_view, bytes, .doc = "they take"),
	FIELD(struct cache_view, capacity, .doc = "bytes"),
	FIELD(struct cache_view, evictions, .doc = "for want of room"),
	FIELD(struct cache_view, hits, .doc = "answers found"),
	FIELD(struct cache_view, misses, .doc = "answers not found"),
	FIELD(struct cache_view, hit_rate, .nullable = true,
		.doc = "0 to 1; null before the first"),
	FIELD_LIST(struct cache_view, classes, class_shape,
		.doc = "what is kept how long"),
};
const struct shape cache_view_shape =
	SHAPE("cache", struct cache_view, cache_fields);

enum err handle_admin_cache(struct call *call, struct admin_scope *admin,
	const void *input, void *out)
{
	(void)admin;
	(void)input;
	return guard_cache(call, out);
}

enum err handle_admin_cache_flush(struct call *call, struct admin_scope *admin,
	const void *input, void *out)
{
	(void)admin;
	(void)input;
	(void)out;
	return guard_cache_flush(call);
}
