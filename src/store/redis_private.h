/*
 * The functions of the Redis store, which two files share. Private to
 * src/store.
 */
#ifndef STORE_REDIS_PRIVATE_H
#define STORE_REDIS_PRIVATE_H

#include "redis_link.h"

enum err redis_take(void *self, int64_t now,
	const struct store_windows *windows, struct store_taken *out);
enum err redis_blocked(void *self, struct arena *arena, int64_t now,
	struct store_blocked_list *out);
enum err redis_forgive(void *self, const struct store_who *who);

#endif
