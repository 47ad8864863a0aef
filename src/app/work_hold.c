/*
 * What a job changes of a user's things is not found in the cache meanwhile,
 * nor what was computed before, as a route's write does it. A store that is
 * lost is not read from either. Must never stay held when the job dies: a hold
 * ends by itself.
 */
#include "work.h"

#include "clock.h"

enum {
	HOLD_MS = 30 * 1000 /* longest visit: a slice, and a wait for the
				write lock */
};

struct work_hold work_hold(const struct work *work, struct arena *arena,
	unsigned tags, const char *user_id)
{
	struct work_hold hold = {.store = work->shared->store};

	if (!hold.store)
		return hold;
	hold.tags = cache_tags(arena, tags, user_id);
	if (store_hold(hold.store, clock_ms(), &hold.tags, HOLD_MS) != ERR_OK)
		hold.store = NULL;
	return hold;
}

void work_release(const struct work_hold *hold)
{
	if (hold->store)
		(void)!store_release(hold->store, clock_ms(), &hold->tags);
}
