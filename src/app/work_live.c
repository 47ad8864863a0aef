/*
 * What is done to one order at an exchange: sent once, asked about, cancelled.
 * That it is sent stands in the database before a byte leaves. Must never send
 * an order that may have been sent, and never take "no answer" for "no".
 */
#include "work_live.h"

#include "clock.h"
#include "text.h"
#include "work_venues.h"

enum {
	SEND_MS = 15 * 1000, /* from writing it down to leaving, at most */
	FINAL_MS =
		10 * 1000, /* more than a request is under way, and margins */
	SOON_MS = 1000,
	LATER_MS = 5 * 1000,
	RARELY_MS = 60 * 1000,
	CODE_TIMESTAMP = -1021 /* the clocks differ: nothing was done */
};

static struct outbox_note note_of(const struct venue_outcome *outcome)
{
	return (struct outbox_note){outcome->code, outcome->text};
}

bool live_begin(struct live *live, struct work *work, const char *user_id)
{
	const struct identity owner = {.user_id = user_id};
	struct auth_call call = {
		.arena = live->arena, .now = clock_ms(), .address = "operator"};

	arena_reset(live->arena);
	call.report = report_open(live->arena);
	live->work = work;
	live->user_id = user_id;
	live->scope = auth_scope(work->shared->auth, &call, &owner);
	live->limits = config_limits(work->config);
	return call.now >= 0;
}

/* ---- asking ---------------------------------------------------------------------- */

static enum err ask_later(struct live *live, const struct outbox_item *item,
	const struct venue_outcome *outcome)
{
	const struct outbox_note note = note_of(outcome);
	const int64_t now = clock_ms();
	int64_t at = now + LATER_MS;

	if (outcome->result == VENUE_LATER && outcome->retry_at_ms > now)
		at = outcome->retry_at_ms;
	if (outcome->result == VENUE_REFUSED || outcome->result == VENUE_DENIED)
		at = now + RARELY_MS;
	return outbox_wait(live->scope, item, at, &note);
}

/* The state is known; the fills are fetched when there are new ones. */
static enum err settle(struct live *live, const struct outbox_item *item,
	const struct venue_order_state *state)
{
	struct venue_fill_list fills = {0};
	struct venue_outcome outcome;
	struct outbox_found found;
	int64_t filled = 0, booked = 0;
	bool told = true;
	enum err err = ledger_units(state->filled, &filled);

	if (err == ERR_OK && filled > item->order.filled) {
		outcome = venue_fills(live->venue, live->arena, state, &fills);
		told = outcome.result == VENUE_OK;
	}
	if (err == ERR_OK)
		err = live_found(live->arena, state, &fills, &found);
	if (err != ERR_OK)
		return err;
	found.next_at = clock_ms() +
			(told ? live->limits.live.poll_ms : (int64_t)SOON_MS);
	err = outbox_found(live->scope, &live->limits, item, &found, &booked);
	if (booked > 0)
		log_line(live->work->log, LOG_INFO, "live.filled",
			LOG_FIELDS(LOG_TEXT("user", live->user_id),
				LOG_TEXT("order", item->order.order_id),
				LOG_INT("fills", booked)));
	return err;
}

static struct venue_outcome rules_read(struct live *live,
	const struct outbox_item *item, const struct venue_symbol **out)
{
	return work_venue_symbol(
		live->work, live->venue, live->arena, item->order.symbol, out);
}

enum err live_ask(struct live *live, const struct outbox_item *item)
{
	const int64_t asked_at = clock_ms();
	const struct venue_symbol *symbol;
	struct venue_order_state state;
	struct venue_order order;
	struct venue_outcome outcome = rules_read(live, item, &symbol);

	if (outcome.result != VENUE_OK)
		return ask_later(live, item, &outcome);
	order = live_order(&item->order, symbol);
	outcome = venue_query(live->venue, live->arena, &order, &state);
	if (outcome.result == VENUE_OK)
		return settle(live, item, &state);
	if (outcome.result == VENUE_NOT_FOUND)
		return outbox_missing(live->scope, item, asked_at);
	return ask_later(live, item, &outcome);
}

/* ---- sending ---------------------------------------------------------------------- */

/* For want of a clock that agrees nothing was done: it may be sent again. */
static bool is_clock(const struct venue_outcome *outcome)
{
	return (outcome->result == VENUE_DENIED &&
		       text_equal(outcome->rule, "clock")) ||
	       (outcome->result == VENUE_REFUSED &&
		       outcome->code == CODE_TIMESTAMP);
}

static enum err sent(struct live *live, const struct outbox_item *item,
	const struct venue_outcome *outcome)
{
	const struct outbox_note note = note_of(outcome);
	/* of that name there is one already: ours */
	const bool twice = text_equal(outcome->rule, "DUPLICATE");

	log_line(live->work->log,
		outcome->result == VENUE_UNKNOWN ? LOG_WARN : LOG_INFO,
		"live.sent",
		LOG_FIELDS(LOG_TEXT("user", live->user_id),
			LOG_TEXT("order", item->order.order_id),
			LOG_TEXT("result", venue_result_slug(outcome->result)),
			LOG_INT("code", outcome->code),
			LOG_TEXT("text", outcome->text)));
	if (outcome->result == VENUE_LATER || is_clock(outcome))
		return outbox_wait(live->scope, item,
			outcome->retry_at_ms ? outcome->retry_at_ms
					     : clock_ms() + SOON_MS,
			&note);
	if ((outcome->result == VENUE_REFUSED ||
		    outcome->result == VENUE_DENIED) &&
		!twice)
		return outbox_refused(live->scope, item,
			live_reason(live->arena, outcome), &note);
	return outbox_lost(live->scope, item, outcome->final_at_ms, &note);
}

static enum err send_one(struct live *live, struct outbox_item *item,
	const struct venue_symbol *symbol)
{
	const struct venue_order order = live_order(&item->order, symbol);
	const struct venue_known known = live_known(item);
	struct venue_order_state state;
	const struct venue_outcome outcome =
		venue_place(live->venue, live->arena, &order, &known, &state);

	if (outcome.result != VENUE_OK)
		return sent(live, item, &outcome);
	return settle(live, item, &state);
}

static enum err send_pair(struct live *live, struct outbox_item *item,
	const struct venue_symbol *symbol)
{
	const struct venue_oco oco = live_oco(live->arena, item, symbol);
	const struct venue_known known = live_known(item);
	const bool takes = item->order.type == MATCH_LIMIT;
	struct venue_order_list list = {0};
	struct outbox_item other = *item;
	const struct venue_outcome outcome =
		venue_place_oco(live->venue, live->arena, &oco, &known, &list);
	enum err err;

	if (outcome.result != VENUE_OK)
		return sent(live, item, &outcome);
	other.order = *item->other;
	err = settle(live, item, &list.items[takes ? 0 : 1]);
	return err ? err : settle(live, &other, &list.items[takes ? 1 : 0]);
}

static enum err send_order(struct live *live, struct outbox_item *item)
{
	const struct venue_symbol *symbol;
	struct venue_outcome outcome = rules_read(live, item, &symbol);
	const struct config *config = live->work->config;
	const int64_t send_ms = SEND_MS + config->outbound_ms;
	struct outbox_window window;
	int64_t now;
	enum err err;

	if (outcome.result == VENUE_REFUSED || outcome.result == VENUE_DENIED) {
		const struct outbox_note note = note_of(&outcome);

		return outbox_refused(live->scope, item,
			live_reason(live->arena, &outcome), &note);
	}
	if (outcome.result != VENUE_OK)
		return ask_later(live, item, &outcome);
	now = clock_ms();
	window = (struct outbox_window){.sent_at = now,
		.lease_at = now + send_ms + config->outbound_ms,
		.final_at =
			now + send_ms + config->binance_window_ms + FINAL_MS};
	err = outbox_begin(live->scope, &live->limits, item, &window);
	if (err != ERR_OK)
		return err;
	work_venues_until(live->work, now + send_ms);
	err = item->other ? send_pair(live, item, symbol)
			  : send_one(live, item, symbol);
	work_venues_until(live->work, 0);
	return err;
}

/* ---- what is watched here -------------------------------------------------------------- */

/* Would it be taken? Asked once, so that it is not found out when the level is
   reached. */
static enum err try_held(struct live *live, const struct outbox_item *item)
{
	const struct venue_known known = live_known(item);
	const struct venue_symbol *symbol;
	struct venue_outcome outcome = rules_read(live, item, &symbol);
	struct outbox_note note;

	if (outcome.result == VENUE_OK) {
		const struct venue_order order =
			live_order(&item->order, symbol);

		outcome = venue_test(live->venue, live->arena, &order, &known);
	}
	note = note_of(&outcome);
	if (outcome.result == VENUE_OK)
		return outbox_hold(live->scope, item);
	if ((outcome.result == VENUE_REFUSED ||
		    outcome.result == VENUE_DENIED) &&
		!is_clock(&outcome))
		return outbox_refused(live->scope, item,
			live_reason(live->arena, &outcome), &note);
	return ask_later(live, item, &outcome);
}

/* ---- cancelling ---------------------------------------------------------------------- */

/* Asked for as often as it takes: a second time does no harm. */
static enum err cancel(struct live *live, const struct outbox_item *item)
{
	const struct venue_symbol *symbol;
	struct venue_outcome outcome = rules_read(live, item, &symbol);
	struct outbox_note note;
	int64_t wait = (item->attempts + 1) * LATER_MS;

	if (outcome.result == VENUE_OK)
		outcome = venue_cancel(live->venue, live->arena, symbol,
			item->order.client_id);
	note = note_of(&outcome);
	if (outcome.result == VENUE_LATER)
		return outbox_wait(
			live->scope, item, outcome.retry_at_ms, &note);
	return outbox_cancelled(live->scope, item,
		clock_ms() + (wait < RARELY_MS ? wait : RARELY_MS), &note);
}

/* ---- one of them ---------------------------------------------------------------------- */

static enum err without_keys(
	struct live *live, const struct outbox_item *item, const char *why)
{
	const struct outbox_note note = {0, why};

	if (item->state == OUTBOX_QUEUED && !item->cancels)
		return outbox_refused(live->scope, item, "keys", &note);
	return outbox_wait(live->scope, item, clock_ms() + RARELY_MS, &note);
}

static enum err with_venue(struct live *live, struct outbox_item *item)
{
	struct work_venue open;
	enum err err = work_venue(live->work, live->scope, &open);

	if (err == ERR_NOT_FOUND)
		return without_keys(live, item, "there are no keys");
	if (err == ERR_BAD_INPUT)
		return without_keys(live, item, "the keys do not open");
	if (err != ERR_OK)
		return err;
	live->venue = open.venue;
	if (item->cancels)
		return cancel(live, item);
	if (item->state == OUTBOX_RESTING)
		return live_poll(live, item);
	if (item->state == OUTBOX_HELD)
		return try_held(live, item);
	if (item->state != OUTBOX_QUEUED)
		return live_ask(live, item);
	if (open.checked && !open.usable)
		return without_keys(live, item, "the keys may not be used");
	if (!open.checked)
		return outbox_wait(
			live->scope, item, clock_ms() + SOON_MS, NULL);
	return send_order(live, item);
}

static enum err visit(struct live *live, struct outbox_item *item)
{
	const struct outbox_note cut = {0, "cut short while it was sent"};
	const struct outbox_note alone = {0, "its pair did not come"};

	/* too late, whatever it waited for */
	if (item->state == OUTBOX_QUEUED && !item->cancels &&
		clock_ms() >= item->until_at)
		return outbox_wait(live->scope, item, item->until_at, NULL);
	if (item->state == OUTBOX_HELD && item->order.oco)
		return outbox_refused(live->scope, item, "oco_alone", &alone);
	if (item->state == OUTBOX_SENDING)
		return outbox_lost(live->scope, item, item->final_at, &cut);
	if (item->cancels && item->placed != OUTBOX_RESTING)
		return outbox_wait(
			live->scope, item, clock_ms() + SOON_MS, NULL);
	return with_venue(live, item);
}

enum err live_visit(struct live *live)
{
	struct outbox_item item;
	enum err err = outbox_next(live->scope, &item);

	if (err == ERR_OK)
		err = visit(live, &item);
	/* somebody else's step came first: what is so now is read again */
	return err == ERR_CONFLICT ? ERR_OK : err;
}
