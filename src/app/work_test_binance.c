/*
 * The errand that tries the stored keys of the exchange: its clock, what the
 * keys may do, and whether the account answers. Must never show a key.
 */
#include "buf.h"
#include "clock.h"
#include "exchange.h"
#include "json_write.h"
#include "text.h"
#include "work_errands.h"
#include "work_live.h"

enum {
	RESULT_LIMIT = 16 * 1024,
	ASSETS = 50 /* shown */
};

struct trial {
	struct exchange_verdict verdict;
	int64_t offset_ms;
	struct venue_balance_list balances;
};

static enum err unavailable(
	struct live *live, const struct venue_outcome *outcome)
{
	report_detail(scope_report(live->scope), "%s", outcome->text);
	return ERR_UNAVAILABLE;
}

static enum err ask_account(struct live *live, struct trial *trial)
{
	const int64_t before = clock_ms();
	int64_t there = 0;
	struct venue_outcome outcome =
		venue_server_time(live->venue, live->arena, &there);

	if (outcome.result != VENUE_OK)
		return unavailable(live, &outcome);
	trial->offset_ms = there - (before + (clock_ms() - before) / 2);
	outcome = venue_balances(live->venue, live->arena, &trial->balances);
	return outcome.result == VENUE_OK ? ERR_OK
					  : unavailable(live, &outcome);
}

static void put_balances(
	struct json_writer *writer, const struct venue_balance_list *list)
{
	json_key(writer, "balances");
	json_array(writer);
	for (size_t i = 0; i < list->count && i < ASSETS; i++) {
		json_object(writer);
		json_member_text(writer, "asset", list->items[i].asset);
		json_key(writer, "free");
		json_put_decimal(writer, decimal_trim(list->items[i].free));
		json_key(writer, "locked");
		json_put_decimal(writer, decimal_trim(list->items[i].locked));
		json_object_end(writer);
	}
	json_array_end(writer);
}

static void put_bool(struct json_writer *writer, const char *name, bool value)
{
	json_key(writer, name);
	json_put_bool(writer, value);
}

/* Text or null. */
static void put_text(
	struct json_writer *writer, const char *name, const char *text)
{
	json_key(writer, name);
	if (text)
		json_put_text(writer, text);
	else
		json_put_null(writer);
}

static const char *print(struct arena *arena, const struct trial *trial)
{
	const struct exchange_verdict *verdict = &trial->verdict;
	struct json_writer writer;
	struct buf out;

	buf_init(&out, arena, RESULT_LIMIT);
	json_write_init(&writer, &out);
	json_object(&writer);
	put_bool(&writer, "usable", verdict->reason == NULL);
	put_text(&writer, "reason", verdict->reason);
	put_text(&writer, "detail", verdict->detail);
	put_bool(&writer, "rights_known", verdict->known);
	put_bool(&writer, "can_trade", verdict->can_trade);
	put_bool(&writer, "can_withdraw", verdict->can_withdraw);
	put_bool(&writer, "bound_to_address", verdict->bound);
	json_member_int(&writer, "clock_offset_ms", trial->offset_ms);
	put_balances(&writer, &trial->balances);
	json_object_end(&writer);
	return out.overflow ? NULL : out.data;
}

enum err work_test_binance(struct work *work, struct errand *errand)
{
	struct live live = {.work = work,
		.arena = work->arena,
		.user_id = errand->claim->user_id,
		.scope = errand->scope,
		.limits = config_limits(work->config)};
	struct trial trial = {.offset_ms = 0};
	int64_t retry_at;
	enum err err = live_keys(&live, &trial.verdict, &retry_at);

	if (err == ERR_NOT_FOUND)
		report_detail(work->report,
			"Store binance_api_key and binance_secret in the "
			"settings first.");
	if (err == ERR_OK && !trial.verdict.reason)
		err = ask_account(&live, &trial);
	if (err != ERR_OK)
		return err;
	errand->result = print(work->arena, &trial);
	return errand->result ? ERR_OK : ERR_INTERNAL;
}
