/*
 * What time has made worthless goes: expired tokens, sessions, links and
 * failures. Must never take a row that could still refuse somebody.
 */
#include "session_private.h"

#include "login_delay_private.h"

enum {
	ENDED_KEPT_MS = 24 * 60 * MINUTE_MS /* for the operator to look at */
};

static const char tokens_clean_sql[] =
	"DELETE FROM token_blacklist WHERE expires_at <= :before";
static const char used_clean_sql[] =
	"DELETE FROM refresh_tokens_used WHERE expires_at <= :before";
static const char sessions_clean_sql[] =
	"DELETE FROM sessions WHERE expires_at <= :before";
/* Sessions that somebody ended: their tokens are refused without a row too */
static const char ended_used_clean_sql[] =
	"DELETE FROM refresh_tokens_used WHERE session_id IN"
	" (SELECT id FROM sessions WHERE ended_at <= :before)";
static const char ended_clean_sql[] =
	"DELETE FROM sessions WHERE ended_at <= :before";
static const char setup_clean_sql[] =
	"DELETE FROM setup_tokens WHERE expires_at <= :before";
static const char failures_clean_sql[] =
	"DELETE FROM login_failures WHERE last_at <= :before";

enum err account_clean(
	struct auth *auth, const struct auth_call *call, int64_t *removed)
{
	const struct {
		const char *sql;
		int64_t before;
	} steps[] = {
		{tokens_clean_sql, call->now},
		{used_clean_sql, call->now},
		{sessions_clean_sql, call->now},
		{ended_used_clean_sql, call->now - ENDED_KEPT_MS},
		{ended_clean_sql, call->now - ENDED_KEPT_MS},
		{setup_clean_sql, call->now},
		{failures_clean_sql,
			call->now - login_forget_ms(&auth->settings)},
	};
	int64_t total = 0;
	enum err err = call_check(call);

	/* each on its own: nobody waits long for the write lock */
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		int64_t changed = 0;

		if (err == ERR_OK)
			err = db_run(auth->db, steps[i].sql,
				BINDS(bind_int(":before", steps[i].before)),
				&changed);
		total += changed;
	}
	if (err == ERR_OK)
		*removed = total;
	return err;
}
