/*
 * Errands of users, one after the other: what one does is a row of the table
 * at the end. Must never let an opened secret into a result or an error, and
 * never keep the other jobs waiting for long.
 */
#include "work.h"

#include "clock.h"
#include "errands.h"
#include "text.h"
#include "work_errands.h"

enum {
	/* One ends in time by the time-outs of the network; else the process
	   does. */
	ERRAND_TIMEOUT_MS = 60 * 1000,
	ERRAND_LEASE_MS = ERRAND_TIMEOUT_MS + 5000,
	ROUND_US = 5 * 1000 * 1000
};

static errand_act *const acts[ERRAND_KIND_COUNT] = {
	[ERRAND_TEST_BINANCE] = work_test_binance,
	[ERRAND_TEST_TELEGRAM] = work_test_telegram,
	[ERRAND_TEST_CHANNEL] = work_test_channel,
	[ERRAND_BANK_LINK_TOKEN] = work_bank_link_token,
	[ERRAND_BANK_EXCHANGE] = work_bank_exchange,
	[ERRAND_BANK_REFRESH] = work_bank_refresh,
	[ERRAND_BANK_UNLINK] = work_bank_unlink,
};

/* The owner's scope: what it does is done as him. */
static struct scope *scope_of(struct work *work, const char *user_id)
{
	const struct auth_call call = {.arena = work->arena,
		.report = work->report,
		.now = work->now,
		.address = "operator"};
	const struct identity owner = {.user_id = user_id};

	return auth_scope(work->shared->auth, &call, &owner);
}

static const char *words_of(const struct report *report, enum err err)
{
	return report->detail ? report->detail : err_slug(err);
}

static enum err carry_out(struct work *work, const struct errand_claim *claim)
{
	struct errand errand = {.claim = claim};
	const char *error = NULL;
	enum err err;

	errand.scope = scope_of(work, claim->user_id);
	err = acts[claim->kind](work, &errand);
	if (err != ERR_OK || !errand.result)
		error = words_of(work->report, err);
	log_line(work->log, LOG_INFO, "errand.done",
		LOG_FIELDS(LOG_TEXT("kind", errand_kinds[claim->kind]),
			LOG_TEXT("user", claim->user_id),
			LOG_TEXT("id", claim->id),
			LOG_TEXT("error",
				err == ERR_OK ? NULL : err_slug(err))));
	work->now = clock_ms();
	return errand_finish(work_operator(work), claim,
		error ? NULL : errand.result, error);
}

static enum err one(struct work *work)
{
	struct errand_claim claim;
	enum err err;

	arena_reset(work->arena);
	work->report = report_open(work->arena);
	work->now = clock_ms();
	if (work->now < 0)
		return ERR_UNAVAILABLE;
	err = errand_claim(
		work_operator(work), work->owner, ERRAND_LEASE_MS, &claim);
	if (err != ERR_OK)
		return err;
	work_watchdog(ERRAND_TIMEOUT_MS);
	err = carry_out(work, &claim);
	work_watchdog(0);
	return err;
}

void work_errands(struct work *work)
{
	const int64_t until_us = clock_monotonic_us() + ROUND_US;
	enum err err = ERR_OK;

	if (!work_has(work, LANE_ERRANDS))
		return;
	while (err == ERR_OK && clock_monotonic_us() < until_us)
		err = one(work);
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		log_line(work->log, LOG_ERROR, "errand.failed",
			LOG_FIELDS(LOG_TEXT("error", err_slug(err))));
}

enum err work_errands_clean(struct work *work)
{
	int64_t removed = 0;

	return errands_clean(work_operator(work), &removed);
}
