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

/* What the exchange takes of the symbol; nothing is decided before. */
static enum err rules_ask(struct live *live, const struct live_run_due *due)
{
	const struct venue_symbol *rules;
	struct venue_outcome outcome;
	struct work_venue open;

	if (!work_venues_may(live->work, live->user_id, clock_ms()) ||
		work_venue(live->work, live->scope, &open) != ERR_OK)
		return ERR_OK;
	outcome = work_venue_symbol(
		live->work, open.venue, live->arena, due->symbol, &rules);
	if (outcome.result == VENUE_OK)
		return ERR_OK;
	log_line(live->work->log, LOG_WARN, "live.rules",
		LOG_FIELDS(LOG_TEXT("symbol", due->symbol),
			LOG_TEXT("result", venue_result_slug(outcome.result)),
			LOG_TEXT("text", outcome.text)));
	if (outcome.result != VENUE_REFUSED)
		return ERR_OK;
	return live_run_refused(live->scope, due->run_id,
		arena_format(live->arena, "binance does not trade %s: %s",
			due->symbol, outcome.text));
}

static enum err visit(struct live *live, const struct live_run_due *due)
{
	struct work_hold hold;
	bool ended = false;
	enum err err;

	hold = work_hold(live->work, live->arena, WORK_LIVE_TAGS, due->user_id);
	err = due->needs_rules ? rules_ask(live, due) : ERR_OK;
	if (err == ERR_OK)
		err = live_run_tick(
			live->scope, &live->limits, due->run_id, &ended);
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
