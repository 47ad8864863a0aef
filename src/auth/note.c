/*
 * What auth tells the audit and the metrics. A row is written in the same
 * transaction as its act, so that both stand or fall together. Never holds
 * a password, a token, or a name that somebody typed: that may be one.
 */
#include "auth_private.h"

#include "audit.h"

enum {
	USES_NOTED_MS = MINUTE_MS
};

enum err note_write(struct auth *auth, const struct auth_call *call,
	const struct note *note)
{
	static const enum audit_result results[] = {
		[NOTE_OK] = AUDIT_OK, [NOTE_DENIED] = AUDIT_DENIED};

	if (!auth->settings.audit)
		return ERR_OK;
	return audit_append(auth->settings.audit, call->arena,
		&(const struct audit_event){
			.at = call->now,
			.event = note->event,
			.result = results[note->result],
			.actor = note->actor,
			.object = note->object,
			.address = call->address,
			.request_id = call->request_id,
			.detail = note->detail,
		});
}

/* The place of a session that was noted lately, else of the oldest note. */
static struct revoked_use *use_place(struct auth *auth, const char *session_id)
{
	struct revoked_use *oldest = &auth->revoked_uses[0];

	for (size_t i = 0; i < REVOKED_USES; i++) {
		struct revoked_use *use = &auth->revoked_uses[i];

		if (strcmp(use->session_id, session_id) == 0)
			return use;
		if (use->at < oldest->at)
			oldest = use;
	}
	return oldest;
}

void note_revoked_use(struct auth *auth, const struct auth_call *call,
	const char *user_id, const char *session_id)
{
	struct revoked_use *use = use_place(auth, session_id);
	enum err err;

	/* a clock set back must not silence it for long */
	if (use->at > call->now)
		use->at = 0;
	if (!auth->settings.audit || call->now - use->at < USES_NOTED_MS ||
		strlen(session_id) != ID_LENGTH)
		return;
	use->at = call->now;
	memcpy(use->session_id, session_id, ID_LENGTH + 1);
	err = note_write(auth, call,
		&(const struct note){.event = "auth.token.revoked",
			.result = NOTE_DENIED,
			.actor = user_id,
			.object = session_id});
	/* the answer is a refusal whether it was noted or not */
	(void)err;
}

void count_attempt(struct auth *auth, enum attempt_result result)
{
	metrics_add(auth->settings.metrics, METRIC_AUTH_ATTEMPTS,
		(size_t)result, 0, 1);
}

void count_check(struct auth *auth, enum check_result result)
{
	metrics_add(auth->settings.metrics, METRIC_TOKEN_CHECKS, (size_t)result,
		0, 1);
}
