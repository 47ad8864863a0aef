/*
 * The stop of a strategy at an exchange, watched here as well: there it may be
 * gone (the other one of its pair filled in part), not have arrived, or not
 * have done what it is for. Must never sell by a price that is old, or of
 * before it was bought.
 */
#include "live_run_private.h"

enum {
	MARGIN = 500 /* a 500th of the level: 0.2 % */
};

static bool stop_is_given(const struct live_run *run)
{
	const struct order *open = run->open.items;
	bool given = false;

	for (size_t i = 0; i < run->open.count; i++)
		given |= !open[i].buys && open[i].type == MATCH_STOP;
	return given;
}

/* A quote that came since it was bought. */
static bool is_news(const struct live_run *run)
{
	const struct quote *quote = &run->quote;
	const int64_t since = run->memory.filled_at;

	return quote->live && quote->time > since && quote->received > since;
}

bool live_run_stop_missed(struct live_run *run)
{
	struct live_memory *memory = &run->memory;
	const int64_t price = run->quote.price;
	const int64_t now = scope_now(run->scope);

	/* no price: what was seen before is neither more nor less true */
	if (!memory->stop || !is_news(run))
		return false;
	if (price <= memory->stop && !stop_is_given(run))
		return true;
	/* the exchange's last price may be another than ours, for a moment */
	if (price >= memory->stop - memory->stop / MARGIN)
		memory->through_at = 0;
	else if (!memory->through_at)
		memory->through_at = now;
	return memory->through_at &&
	       now - memory->through_at > run->limits->live.poll_ms;
}
