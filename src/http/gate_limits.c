/*
 * The gate's two questions to the rate limits. Strangers are counted by
 * address, those who are signed in by user or key alone: nobody is slowed by
 * his neighbours. Must never let on what could not be counted.
 */
#include "gate_private.h"

#include "buf.h"
#include "metrics.h"
#include "streams.h"
#include "text.h"

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

static void note_refusal(const struct pass *pass, const char *subject)
{
	const struct call *call = pass->call;
	const enum rate_rule rule = pass->rate.rule;

	metrics_add(call->services->metrics, METRIC_RATE_VIOLATIONS,
		(size_t)rule, 0, 1);
	streams_limit(call->services->streams,
		&(struct limit_note){
			.address = call->who_calls.address,
			.rule = rate_rule_names[rule],
			.subject = subject,
			.retry_after_s = call->report->retry_after_s,
			.request_id = call->request->request_id,
		});
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
	note_refusal(pass, subject);
	return ERR_RATE_LIMITED;
}

/* The rule behind what auth says. */
static bool rule_below(const char *event, enum rate_rule *out)
{
	static const struct {
		const char *event;
		enum rate_rule rule;
	} known[] = {
		{"auth.login.limited", RATE_RULE_ACCOUNT},
		{"auth.refresh.limited", RATE_RULE_REFRESH},
	};

	for (size_t i = 0; event && i < sizeof(known) / sizeof(known[0]); i++)
		if (text_equal(known[i].event, event)) {
			*out = known[i].rule;
			return true;
		}
	return false;
}

/* Whose account it was only auth knows: the line names the address. */
void gate_limited_below(struct pass *pass)
{
	struct call *call = pass->call;
	const struct report *report = call->report;
	enum rate_rule rule;

	if (!pass->ran || !rule_below(report->event, &rule))
		return;
	pass->rate = rate_answer_below(call->arena, call->services->rates, rule,
		report->retry_after_s * MS);
	note_refusal(pass, pass->subject);
}

static enum err take(struct pass *pass, const struct rate_question *question)
{
	const struct services *services = pass->call->services;
	struct cache_visit *visit = &pass->cache;
	struct rate_along along = {.arena = pass->call->arena,
		.question = &visit->question,
		.look = &visit->look};
	struct rate_answer answer;
	enum err err = rate_take(services->rates, services->store, question,
		visit->asks ? &along : NULL, &answer);

	visit->told = along.looked;
	visit->claimed = along.looked && visit->look.claimed;
	if (answer.counted)
		pass->rate = answer;
	if (err == ERR_RATE_LIMITED)
		return refuse(
			pass, question->subjects[rate_subject_of(answer.rule)]);
	return err;
}

/* What a foreign page makes a visitor's browser send has windows of its own:
   it must not use up the visitor's. */
static const char *address_of(const struct pass *pass)
{
	return pass->foreign ? subject_of(pass->call->arena,
				       "f:", pass->subject + sizeof("a:") - 1)
			     : pass->subject;
}

enum err gate_limit_address(struct pass *pass, enum rate_class class)
{
	const struct call *call = pass->call;
	const struct rate_question question = {
		.now = call->who_calls.now,
		.class = class,
		.stage = RATE_STAGE_ADDRESS,
		.subjects = {[RATE_BY_ADDRESS] = address_of(pass)},
	};

	if (!call->services->rates || class == RATE_NONE)
		return ERR_OK;
	return take(pass, &question);
}

enum err gate_limit_user(struct pass *pass, enum rate_class class)
{
	const struct call *call = pass->call;
	const struct identity *who = &call->identity;
	const struct rates *rates = call->services->rates;
	struct rate_question question = {
		.now = call->who_calls.now,
		.class = class,
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
