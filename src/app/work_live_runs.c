/*
 * Strategies at an exchange, carried on: what became of their orders is
 * looked at when it was booked, and now and then. Must never let one user's
 * run that cannot be carried on keep another's waiting.
 */
#include "clock.h"
#include "live_runs.h"
#include "work_live.h"
#include "work_venues.h"

enum {
	BEAT_MS = 5 * 1000 /* what waits is looked at again */
};

/* What the exchange takes of the symbol; nothing is bought before. */
static void rules_ask(struct live *live, const char *symbol)
{
	const struct venue_symbol *rules;
	struct work_venue open;

	if (!work_venues_may(live->work, live->user_id, clock_ms()) ||
		work_venue(live->work, live->scope, &open) != ERR_OK)
		return;
	if (work_venue_symbol(
		    live->work, open.venue, live->arena, symbol, &rules)
			.result != VENUE_OK)
		log_line(live->work->log, LOG_WARN, "live.rules",
			LOG_FIELDS(LOG_TEXT("symbol", symbol)));
}

static enum err visit(struct live *live, const struct live_run_due *due)
{
	struct work_hold hold;
	bool ended = false;
	enum err err;

	if (due->needs_rules)
		rules_ask(live, due->symbol);
	hold = work_hold(live->work, live->arena, WORK_LIVE_TAGS, due->user_id);
	err = live_run_tick(live->scope, &live->limits, due->run_id, &ended);
	work_release(&hold);
	if (ended || (err != ERR_OK && err != ERR_CONFLICT))
		log_line(live->work->log, LOG_WARN, "live.run",
			LOG_FIELDS(LOG_TEXT("user", live->user_id),
				LOG_TEXT("run", due->run_id),
				LOG_TEXT("error", err_slug(err))));
	return err == ERR_UNAVAILABLE ? err : ERR_OK;
}

enum err live_runs_round(struct work *work, struct arena *arena)
{
	struct live live = {.arena = arena};
	const struct live_run_due *dues;
	struct list list;
	enum err err =
		live_runs_plan(auth_operator_scope(work->shared->db,
				       work->arena, work->report, work->now),
			work->now - BEAT_MS, &list);

	dues = list.items;
	for (size_t i = 0; err == ERR_OK && i < list.count; i++) {
		if (!live_begin(&live, work, dues[i].user_id))
			return ERR_UNAVAILABLE;
		err = visit(&live, &dues[i]);
	}
	return err;
}
