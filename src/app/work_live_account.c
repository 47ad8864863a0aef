/*
 * A user's account at the exchange: may the keys be used, and does the book
 * say what is there. Must never use keys for trading that may take money out,
 * nor adjust a book while orders are on their way.
 */
#include "clock.h"
#include "exchange.h"
#include "ledger_costs.h"
#include "text.h"
#include "work_live.h"
#include "work_venues.h"

enum {
	TRY_AGAIN_MS = 5 * 1000,
	RARELY_MS = 60 * 1000
};

static int64_t retry_of(const struct venue_outcome *outcome)
{
	const int64_t now = clock_ms();

	if (outcome->result == VENUE_LATER && outcome->retry_at_ms > now)
		return outcome->retry_at_ms;
	return now +
	       (outcome->result == VENUE_REFUSED ? RARELY_MS : TRY_AGAIN_MS);
}

/* ---- the keys -------------------------------------------------------------------- */

/* True for what the exchange, or our rule about keys, decided. */
static bool verdict_of(const struct venue_outcome *outcome,
	const struct venue_rights *rights, struct exchange_verdict *verdict)
{
	verdict->known = rights->known;
	verdict->can_trade = rights->can_trade;
	verdict->bound = rights->bound_to_address;
	verdict->detail = outcome->text;
	if (outcome->result == VENUE_OK) {
		verdict->detail = NULL;
		return true;
	}
	verdict->reason =
		outcome->rule[0] != '\0' ? outcome->rule : "keys_refused";
	verdict->known = outcome->result == VENUE_DENIED;
	verdict->can_withdraw = text_equal(outcome->rule, "key_can_withdraw");
	return text_equal(outcome->rule, "key_can_withdraw") ||
	       text_equal(outcome->rule, "key_cannot_trade") ||
	       outcome->result == VENUE_REFUSED;
}

static void verdict_tell(struct live *live, const struct exchange_verdict *in)
{
	const struct audit_event event = {.at = clock_ms(),
		.event = "keys.checked",
		.result = in->reason ? AUDIT_DENIED : AUDIT_OK,
		.actor = "work",
		.object = live->user_id,
		.detail = in->reason};

	log_line(live->work->log, in->reason ? LOG_WARN : LOG_INFO, "live.keys",
		LOG_FIELDS(LOG_TEXT("user", live->user_id),
			LOG_TEXT("reason", in->reason)));
	if (audit_append(live->work->shared->audit, live->arena, &event) !=
		ERR_OK)
		log_line(live->work->log, LOG_ERROR, "live.audit",
			LOG_FIELDS(LOG_TEXT("user", live->user_id)));
}

static enum err verdict_keep(
	struct live *live, const struct exchange_verdict *in)
{
	const struct work_hold hold =
		work_hold(live->work, live->arena, TAG_SETTINGS, live->user_id);
	enum err err = exchange_keys_note(live->scope, in);

	work_release(&hold);
	if (err == ERR_OK)
		verdict_tell(live, in);
	return err;
}

/* What is stored is no pair of keys: nobody needs to be asked. */
static enum err no_keys(struct live *live, struct exchange_verdict *out)
{
	const struct work *work = live->work;
	struct exchange_verdict verdict = {.reason = "keys_unusable",
		.detail = scope_report(live->scope)->detail};
	struct exchange_status status;
	enum err err = exchange_status(
		auth_operator_scope(work->shared->db, live->arena,
			scope_report(live->scope), work->now),
		live->user_id, &status);

	if (err != ERR_OK)
		return err;
	verdict.secrets_at = status.secrets_at;
	err = verdict_keep(live, &verdict);
	if (err == ERR_OK)
		*out = verdict;
	return err;
}

enum err live_keys(
	struct live *live, struct exchange_verdict *out, int64_t *retry_at)
{
	struct work_venue open;
	struct venue_rights rights = {0};
	struct exchange_verdict verdict = {0};
	struct venue_outcome outcome;
	enum err err = work_venue(live->work, live->scope, &open);

	*retry_at = 0;
	if (err == ERR_BAD_INPUT)
		return no_keys(live, out);
	if (err != ERR_OK)
		return err;
	live->venue = open.venue;
	verdict.secrets_at = open.secrets_at;
	outcome = venue_check_key(open.venue, live->arena, &rights);
	if (!verdict_of(&outcome, &rights, &verdict)) {
		*retry_at = retry_of(&outcome);
		report_detail(scope_report(live->scope), "%s", outcome.text);
		return ERR_UNAVAILABLE;
	}
	err = verdict_keep(live, &verdict);
	if (err == ERR_OK)
		*out = verdict;
	return err;
}

/* ---- the book -------------------------------------------------------------------- */

/* Amounts that the book cannot hold are left out; so is dust of nothing. */
static struct list balances_of(
	struct arena *arena, const struct venue_balance_list *list)
{
	struct exchange_balance *items =
		arena_array(arena, list->count, sizeof(*items));
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct venue_balance *one = &list->items[i];
		struct decimal sum;
		int64_t units;

		if (decimal_add(one->free, one->locked, &sum) != ERR_OK ||
			ledger_units(sum, &units) != ERR_OK || units <= 0)
			continue;
		items[count++] = (struct exchange_balance){one->asset, units};
	}
	return (struct list){items, count};
}

/* What rests is asked about behind the balances: a fill in between shows. */
static enum err resting_ask(struct live *live)
{
	const struct outbox_item *items;
	struct list list;
	enum err err = outbox_resting(live->scope, &list);

	items = list.items;
	for (size_t i = 0; err == ERR_OK && i < list.count; i++)
		err = live_ask(live, &items[i]);
	return err;
}

static void difference_tell(
	struct live *live, const struct exchange_difference *difference)
{
	if (difference->opened || difference->count > 0)
		log_line(live->work->log, LOG_INFO,
			difference->opened ? "live.opened" : "live.adjusted",
			LOG_FIELDS(LOG_TEXT("user", live->user_id),
				LOG_INT("count", difference->count),
				LOG_INT("untracked", difference->untracked)));
}

static enum err compare(struct live *live, int64_t *retry_at)
{
	struct exchange_difference difference = {0};
	struct venue_balance_list list = {0};
	struct venue_outcome outcome;
	struct exchange_mark mark;
	struct list balances;
	enum err err = exchange_mark(live->scope, &mark);

	if (err != ERR_OK || mark.busy)
		return err == ERR_OK ? ERR_CONFLICT : err;
	outcome = venue_balances(live->venue, live->arena, &list);
	if (outcome.result != VENUE_OK) {
		*retry_at = retry_of(&outcome);
		return ERR_UNAVAILABLE;
	}
	balances = balances_of(live->arena, &list);
	err = resting_ask(live);
	if (err == ERR_OK)
		err = exchange_compare(live->scope, &live->limits, &mark,
			&balances, &difference);
	if (err == ERR_OK)
		difference_tell(live, &difference);
	return err;
}

enum err live_account(struct live *live, bool checked, int64_t *retry_at)
{
	struct exchange_verdict verdict = {0};
	struct work_venue open;
	enum err err;

	*retry_at = 0;
	if (checked) {
		err = work_venue(live->work, live->scope, &open);
		if (err == ERR_OK)
			live->venue = open.venue;
	} else {
		err = live_keys(live, &verdict, retry_at);
	}
	if (err == ERR_OK && !verdict.reason)
		err = compare(live, retry_at);
	if (err != ERR_OK && *retry_at == 0)
		*retry_at = clock_ms() + TRY_AGAIN_MS;
	return err;
}
