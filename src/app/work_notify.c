/*
 * The jobs of messages: sends what is due, a message of each user in turn, so
 * that one user's slow receiver costs the others no more than its own
 * time-out; writes the daily summaries. Must never send what is not claimed.
 */
#include "work.h"

#include "channels.h"
#include "clock.h"
#include "id.h"
#include "json.h"
#include "notifier.h"
#include "work_errands.h"

enum {
	VISIT_MEMORY = 64 << 20,
	/* Stops are watched by the same process: it is soon free again. */
	ROUND_US = 3 * 1000 * 1000,
	DAY_MS = 24 * 60 * 60 * 1000,
	HOUR_MS = 60 * 60 * 1000
};

static struct scope *scope_of(
	struct work *work, struct arena *arena, const char *user_id)
{
	const struct auth_call call = {.arena = arena,
		.report = report_open(arena),
		.now = clock_ms(),
		.address = "operator"};
	const struct identity owner = {.user_id = user_id};

	return auth_scope(work->shared->auth, &call, &owner);
}

static struct notify_rules rules_of(const struct config *config)
{
	return (struct notify_rules){.per_hour = config->notify_per_hour,
		.attempts = config->notify_attempts,
		.age_ms = config->notify_hours * HOUR_MS};
}

static void tell(struct work *work, const struct notify_message *message,
	const struct notify_outcome *outcome)
{
	log_line(work->log, outcome->sent ? LOG_INFO : LOG_WARN,
		outcome->sent ? "notify.sent" : "notify.failed",
		LOG_FIELDS(LOG_TEXT("id", message->id),
			LOG_TEXT("kind", message->kind),
			LOG_TEXT("channel", message->channel_kind),
			LOG_INT("attempts", message->attempts),
			LOG_TEXT(
				"error", outcome->sent ? NULL : outcome->why)));
}

/* ---- sending ------------------------------------------------------------------- */

struct round {
	struct work *work;
	struct notifier notifier;
	struct arena *arena; /* of one message */
	struct notify_rules rules;
};

/* *more: this user may have another. */
static enum err send_next(struct round *round, const char *user_id, bool *more)
{
	struct notify_message message;
	struct notify_outcome outcome;
	struct scope *scope;
	enum err err;

	arena_reset(round->arena);
	if (clock_ms() < 0)
		return ERR_UNAVAILABLE;
	scope = scope_of(round->work, round->arena, user_id);
	err = notify_claim(scope, &round->rules, &message);
	*more = err == ERR_OK;
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	notifier_send(&round->notifier, scope, &message, &outcome);
	tell(round->work, &message, &outcome);
	return notify_finish(scope_of(round->work, round->arena, user_id),
		&round->rules, &message, &outcome);
}

/* One of each in turn, until nothing is left or the time is over. */
static enum err send_all(struct round *round, const struct text_list *users)
{
	const int64_t until_us = clock_monotonic_us() + ROUND_US;
	bool *over =
		arena_array(round->work->arena, users->count, sizeof(*over));
	size_t left = users->count;
	enum err err = ERR_OK;

	while (err == ERR_OK && left > 0 && clock_monotonic_us() < until_us) {
		left = 0;
		for (size_t i = 0; err == ERR_OK && i < users->count &&
				   clock_monotonic_us() < until_us;
			i++) {
			bool more = false;

			if (over[i])
				continue;
			err = send_next(round, users->items[i], &more);
			over[i] = !more;
			left += more;
		}
	}
	return err;
}

enum err work_notify(struct work *work)
{
	struct round round = {.work = work, .rules = rules_of(work->config)};
	struct text_list users = {0};
	enum err err = notify_plan(work_operator(work), &users);

	if (err != ERR_OK || users.count == 0)
		return err;
	err = notifier_open(
		work->config, work->arena, work->report, &round.notifier);
	if (err != ERR_OK)
		return err;
	round.arena = arena_open(VISIT_MEMORY);
	err = send_all(&round, &users);
	arena_close(&round.arena);
	notifier_close(&round.notifier);
	return err;
}

enum err work_notify_clean(struct work *work)
{
	const struct config *config = work->config;
	int64_t removed = 0;

	return notify_clean(work_operator(work),
		work->now - config->notify_keep_days * DAY_MS,
		work->now - config->hook_keep_days * DAY_MS, &removed);
}

/* ---- the daily summary ---------------------------------------------------------- */

/* One that cannot be reckoned must not stop the others. */
static enum err summary(
	struct work *work, struct arena *arena, const struct summary_due *due)
{
	const struct limits limits = config_limits(work->config);
	enum err err;

	arena_reset(arena);
	err = notify_summary(scope_of(work, arena, due->user_id), &limits, due);
	if (err == ERR_OK || err == ERR_UNAVAILABLE || err == ERR_CONFLICT)
		return err == ERR_CONFLICT ? ERR_OK : err;
	log_line(work->log, LOG_ERROR, "summary.failed",
		LOG_FIELDS(LOG_TEXT("user", due->user_id),
			LOG_TEXT("error", err_slug(err))));
	return ERR_OK;
}

enum err work_summary(struct work *work)
{
	struct arena *arena;
	struct list dues = {0};
	enum err err = notify_summaries_plan(work_operator(work), &dues);

	if (err != ERR_OK || dues.count == 0)
		return err;
	arena = arena_open(VISIT_MEMORY);
	for (size_t i = 0; err == ERR_OK && i < dues.count; i++)
		err = summary(work, arena,
			(const struct summary_due *)dues.items + i);
	arena_close(&arena);
	return err;
}

/* ---- tests that users ask for ------------------------------------------------------ */

static enum err answer(struct work *work, struct errand *errand,
	const struct notify_message *message,
	const struct notify_outcome *outcome)
{
	tell(work, message, outcome);
	if (!outcome->sent) {
		report_detail(work->report, "%s", outcome->why);
		return ERR_UNAVAILABLE;
	}
	errand->result = "{\"sent\":true}";
	return ERR_OK;
}

/* The stored token and chat, whether a channel uses them or not. */
enum err work_test_telegram(struct work *work, struct errand *errand)
{
	const struct notify_message message = {.id = errand->claim->id,
		.kind = "test",
		.channel_kind = "telegram",
		.body = "This is a test. It works.",
		.attempts = 1};
	struct notify_outcome outcome;
	struct notifier notifier;
	enum err err = notifier_open(
		work->config, work->arena, work->report, &notifier);

	if (err != ERR_OK)
		return err;
	notifier_send(&notifier, errand->scope, &message, &outcome);
	notifier_close(&notifier);
	return answer(work, errand, &message, &outcome);
}

static enum err test_send(struct work *work, struct errand *errand,
	const struct notify_message *message, struct notify_outcome *outcome)
{
	const struct notify_rules rules = rules_of(work->config);
	struct notifier notifier;
	enum err err = notifier_open(
		work->config, work->arena, work->report, &notifier);

	if (err != ERR_OK)
		return err;
	notifier_send(&notifier, errand->scope, message, outcome);
	notifier_close(&notifier);
	return notify_finish(
		scope_of(work, work->arena, errand->claim->user_id), &rules,
		message, outcome);
}

enum err work_test_channel(struct work *work, struct errand *errand)
{
	struct notify_message message;
	struct notify_outcome outcome = {.why = ""};
	const struct json *id = NULL;
	const char *input = errand->claim->input ? errand->claim->input : "";
	enum err err = json_parse(work->arena, input, strlen(input),
		report_open(work->arena), &id);

	if (err == ERR_OK && id->kind == JSON_TEXT && id_is_valid(id->text))
		err = notify_test(errand->scope, id->text, &message);
	else
		err = ERR_NOT_FOUND;

	if (err == ERR_NOT_FOUND)
		report_detail(work->report, "the channel was removed");
	if (err == ERR_OK)
		err = test_send(work, errand, &message, &outcome);
	if (err != ERR_OK)
		return err;
	return answer(work, errand, &message, &outcome);
}
