/*
 * The gate's two questions to the rate limits. Strangers are counted by
 * address, those who are signed in by user or key alone: nobody is slowed by
 * his neighbours. Must never let on what could not be counted.
 */
#include "gate_private.h"

#include "buf.h"
#include "metrics.h"
#include "streams.h"

enum {
	SUBJECT_LIMIT = 80,
	MS = 1000
};

static const char *subject_of(
	struct arena *arena, const char *prefix, const char *id)
{
	struct buf text;

	buf_init(&text, arena, SUBJECT_LIMIT);
	buf_text(&text, prefix);
	buf_text(&text, id);
	return text.data;
}

static enum err refuse(struct pass *pass, const char *subject)
{
	struct call *call = pass->call;
	const struct rate_answer *rate = &pass->rate;
	int64_t seconds = (rate->taken.retry_ms + MS - 1) / MS;

	call->report->retry_after_s = seconds > 0 ? seconds : 1;
	report_detail(call->report,
		rate->taken.blocked
			? "Too many requests, again and again; come back "
			  "later."
			: "Too many requests; come back later.");
	metrics_add(call->services->metrics, METRIC_RATE_VIOLATIONS,
		(size_t)rate->rule, 0, 1);
	streams_limit(call->services->streams,
		&(struct limit_note){
			.address = call->who_calls.address,
			.rule = rate_rule_names[rate->rule],
			.subject = subject,
			.retry_after_s = call->report->retry_after_s,
			.request_id = call->request->request_id,
		});
	return ERR_RATE_LIMITED;
}

static enum err take(struct pass *pass, const struct rate_question *question)
{
	const struct services *services = pass->call->services;
	struct rate_answer answer;
	enum err err =
		rate_take(services->rates, services->store, question, &answer);

	if (answer.counted)
		pass->rate = answer;
	if (err == ERR_RATE_LIMITED)
		return refuse(
			pass, question->subjects[rate_subject_of(answer.rule)]);
	return err;
}

enum err gate_limit_address(struct pass *pass, enum rate_class class)
{
	const struct call *call = pass->call;
	const struct rate_question question = {
		.now = call->who_calls.now,
		.class = class,
		.stage = RATE_STAGE_ADDRESS,
		.subjects = {[RATE_BY_ADDRESS] = pass->subject},
	};

	if (!call->services->rates || class == RATE_NONE)
		return ERR_OK;
	return take(pass, &question);
}

enum err gate_limit_user(struct pass *pass)
{
	const struct call *call = pass->call;
	const struct identity *who = &call->identity;
	const struct rates *rates = call->services->rates;
	struct rate_question question = {
		.now = call->who_calls.now,
		.class = call->route->rate,
		.stage = who->api_key_id ? RATE_STAGE_KEY : RATE_STAGE_USER,
	};

	if (!rates || question.class == RATE_NONE ||
		rates_is_exempt(rates, who->user_id, who->username))
		return ERR_OK;
	question.subjects[RATE_BY_USER] =
		subject_of(call->arena, "u:", who->user_id);
	if (who->api_key_id)
		question.subjects[RATE_BY_KEY] =
			subject_of(call->arena, "k:", who->api_key_id);
	return take(pass, &question);
}
