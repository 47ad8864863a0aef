/*
 * The account's windows behind login_window_private.h, in the store that all
 * workers share. Holds names only as keyed hashes.
 */
#include "login_window_private.h"

#include "store.h"
#include "text.h"

enum {
	SOURCES_READ = 200 /* addresses of one account, newest first */
};

static const char rule[] = "login_account";

static const char addresses_sql[] =
	"SELECT address FROM sessions WHERE user_id = :user"
	" ORDER BY created_at DESC LIMIT :limit";

/* Did this account sign in from there, as far as its sessions tell? */
static enum err source_is_known(struct auth *auth, const struct auth_call *call,
	const char *user_id, const char *source, bool *known)
{
	struct rows *rows;
	bool more, found = false;
	enum err err = db_query(auth->db, call->arena, addresses_sql,
		BINDS(bind_text(":user", user_id),
			bind_int(":limit", SOURCES_READ)),
		&rows);

	if (err != ERR_OK)
		return err;
	while ((err = rows_next(rows, &more)) == ERR_OK && more && !found)
		found = text_equal(
			login_source(call->arena, rows_text(rows, 0)), source);
	rows_end(rows);
	if (err == ERR_OK)
		*known = found;
	return err;
}

static enum err limited(const struct auth_call *call, int64_t retry_ms)
{
	call->report->retry_after_s = (retry_ms + MS - 1) / MS;
	report_detail(call->report, "%s", login_limited_detail);
	report_event(call->report, login_limited_event);
	return ERR_RATE_LIMITED;
}

enum err login_window_take(struct auth *auth, const struct auth_call *call,
	const struct user_row *user, const struct login_attempt *attempt)
{
	const struct auth_settings *s = &auth->settings;
	const char *name = text_hex(call->arena, attempt->account, HASH_BYTES);
	struct store_window window = {
		.rule = rule,
		.limit = s->account_limit,
		.window_ms = s->account_window_s * MS,
	};
	struct store_taken taken;
	bool known = false;
	enum err err;

	if (!s->store || s->account_limit == 0)
		return ERR_OK;
	/* nobody's rows are looked for too: the same work for every name */
	err = source_is_known(
		auth, call, user ? user->id : "", attempt->source, &known);
	if (err != ERR_OK)
		return err;
	window.subject = known ? arena_format(call->arena, "n:%s:%s", name,
					 attempt->source)
			       : arena_format(call->arena, "n:%s", name);
	err = store_take(s->store, call->now,
		&(const struct store_windows){.at = &window, .count = 1},
		&taken);
	if (err != ERR_OK || taken.allowed)
		return err;
	return limited(call, taken.retry_ms);
}
