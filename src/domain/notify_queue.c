/*
 * Whose message is next, and what comes of it. One user's messages are
 * claimed one at a time, so that a round can go over users in turn. Must never
 * drop a message without a state that says so.
 */
#include "notify.h"

#include "channels.h"
#include "clock.h"
#include "events_private.h"
#include "text.h"
#include "vector_private.h"

enum {
	HOUR_MS = 60 * 60 * 1000,
	LEASE_MS = 2 * 60 * 1000, /* more than any sending may take */
	PAUSE_MS = 30 * 1000,
	PAUSE_CAP_MS = HOUR_MS,
	FIRST_DOUBLINGS = 12,
	CLEAN_ROWS = 5000,
	SPAN_WORDS = 400
};

static const char plan_sql[] =
	"SELECT n.user_id FROM notifications n JOIN users u"
	" ON u.id = n.user_id AND u.disabled = 0"
	" WHERE n.state = 'queued' AND n.next_at <= :now"
	" GROUP BY n.user_id ORDER BY min(n.next_at)";
static const char old_sql[] =
	"UPDATE notifications SET state = 'failed', ended_at = :now,"
	" error = coalesce(error, 'It waited too long.')"
	" WHERE user_id = :owner AND state = 'queued'"
	" AND created_at < :oldest";
static const char spent_sql[] =
	"SELECT ended_at FROM notifications WHERE user_id = :owner"
	" AND state = 'sent' AND ended_at > :since AND kind <> 'test'"
	" ORDER BY ended_at DESC LIMIT :limit";
static const char hold_sql[] =
	"UPDATE notifications SET held = 1, next_at = :free"
	" WHERE user_id = :owner AND state = 'queued' AND next_at <= :now"
	" AND kind <> 'test'";
static const char held_sql[] =
	"SELECT channel_id, kind, COUNT(*), min(created_at) FROM notifications"
	" WHERE user_id = :owner AND state = 'queued' AND held = 1"
	" GROUP BY channel_id, kind ORDER BY channel_id, kind";
static const char fold_sql[] =
	"UPDATE notifications SET state = 'summed', ended_at = :now"
	" WHERE user_id = :owner AND channel_id = :channel"
	" AND state = 'queued' AND held = 1";
#define MESSAGE_COLUMNS                                          \
	"n.id, n.channel_id, c.kind, n.kind, n.body, c.address," \
	" n.attempts, n.created_at, c.enabled"
static const char next_sql[] =
	"SELECT " MESSAGE_COLUMNS " FROM notifications n JOIN channels c"
	" ON c.user_id = n.user_id AND c.id = n.channel_id"
	" WHERE n.user_id = :owner AND n.state = 'queued'"
	" AND n.next_at <= :now ORDER BY n.kind <> 'test', n.id LIMIT 1";
static const char one_sql[] =
	"SELECT " MESSAGE_COLUMNS " FROM notifications n JOIN channels c"
	" ON c.user_id = n.user_id AND c.id = n.channel_id"
	" WHERE n.user_id = :owner AND n.id = :id AND n.state = 'queued'";
static const char claim_sql[] =
	"UPDATE notifications SET attempts = attempts + 1, next_at = :until"
	" WHERE user_id = :owner AND id = :id AND state = 'queued'";
static const char end_sql[] =
	"UPDATE notifications SET state = :state, error = :error,"
	" ended_at = :now WHERE user_id = :owner AND id = :id"
	" AND state = 'queued'";
static const char retry_sql[] =
	"UPDATE notifications SET error = :error, next_at = :next"
	" WHERE user_id = :owner AND id = :id AND state = 'queued'";
/* The others of a channel that fails wait with it. */
static const char wait_sql[] =
	"UPDATE notifications SET next_at = max(next_at, :next)"
	" WHERE user_id = :owner AND channel_id = :channel"
	" AND state = 'queued'";
static const char well_sql[] =
	"UPDATE channels SET failures = 0, last_error = NULL, sent_at = :now"
	" WHERE user_id = :owner AND id = :channel";
static const char ill_sql[] =
	"UPDATE channels SET failures = failures + 1, last_error = :error"
	" WHERE user_id = :owner AND id = :channel";
static const char clean_sql[] =
	"DELETE FROM notifications WHERE (user_id, id) IN (SELECT user_id, id"
	" FROM notifications WHERE created_at < :before LIMIT :most)";
static const char clean_hooks_sql[] =
	"DELETE FROM hook_deliveries WHERE (user_id, id) IN (SELECT user_id,"
	" id FROM hook_deliveries WHERE at < :before LIMIT :most)";

enum err notify_plan(struct admin_scope *admin, struct text_list *users)
{
	struct vector found;
	struct rows *rows;
	bool more;
	enum err err = admin_query(admin, plan_sql,
		BINDS(bind_int(":now", admin_now(admin))), &rows);

	if (err != ERR_OK)
		return err;
	vector_init(&found, admin_arena(admin), sizeof(const char *));
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		*(const char **)vector_add(&found) = rows_text(rows, 0);
	rows_end(rows);
	if (err == ERR_OK)
		*users = (struct text_list){found.items, found.count};
	return err;
}

/* ---- the hour's limit ------------------------------------------------------ */

/* When the next may go out: 0: now. The oldest of the last `per_hour`. */
static enum err free_at(
	struct scope *scope, const struct notify_rules *rules, int64_t *out)
{
	int64_t count = 0, oldest = 0;
	struct rows *rows;
	bool more;
	enum err err = scope_query(scope, spent_sql,
		BINDS(bind_int(":since", scope_now(scope) - HOUR_MS),
			bind_int(":limit", rules->per_hour)),
		&rows);

	if (err != ERR_OK)
		return err;
	while ((err = rows_next(rows, &more)) == ERR_OK && more) {
		oldest = rows_int(rows, 0);
		count++;
	}
	rows_end(rows);
	*out = count < rules->per_hour ? 0 : oldest + HOUR_MS;
	return err;
}

/* What was held back for one channel. */
struct digest {
	const char *channel_id;
	int64_t count, since;
	const char *words; /* "3 fill, 1 denied" */
};

static void digest_add(
	struct arena *arena, struct digest *digest, const struct rows *rows)
{
	const int64_t count = rows_int(rows, 2), since = rows_int(rows, 3);

	if (digest->count == 0 || since < digest->since)
		digest->since = since;
	if (strlen(digest->words) < SPAN_WORDS)
		digest->words = arena_format(arena, "%s%s%lld %s",
			digest->words, digest->count > 0 ? ", " : "",
			(long long)count, rows_text(rows, 1));
	digest->count += count;
}

static enum err digests_read(struct scope *scope, struct vector *out)
{
	struct digest *last = NULL;
	struct rows *rows;
	bool more;
	enum err err = scope_query(scope, held_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	vector_init(out, scope_arena(scope), sizeof(struct digest));
	while ((err = rows_next(rows, &more)) == ERR_OK && more) {
		if (!last ||
			!text_equal(last->channel_id, rows_text(rows, 0))) {
			last = vector_add(out);
			last->channel_id = rows_text(rows, 0);
			last->words = "";
		}
		digest_add(scope_arena(scope), last, rows);
	}
	rows_end(rows);
	return err;
}

static enum err fold(struct scope *scope, const struct digest *digest)
{
	char since[TIME_TEXT_ROOM];
	const char *id;
	enum err err;

	if (digest->count < 2)
		return ERR_OK;
	err = scope_run(scope, fold_sql,
		BINDS(bind_int(":now", scope_now(scope)),
			bind_text(":channel", digest->channel_id)),
		NULL);
	if (err != ERR_OK)
		return err;
	time_format(digest->since, since);
	return event_queue(scope, digest->channel_id, EVENT_DIGEST,
		arena_format(scope_arena(scope),
			"%lld messages since %s were more than this hour's "
			"limit: %s. Each is in your list of messages.",
			(long long)digest->count, since, digest->words),
		&id);
}

static enum err limit_apply(
	struct scope *scope, const struct notify_rules *rules)
{
	int64_t free = 0;
	struct vector digests;
	enum err err = free_at(scope, rules, &free);

	if (err == ERR_OK && free > 0)
		return scope_run(scope, hold_sql,
			BINDS(bind_int(":free", free),
				bind_int(":now", scope_now(scope))),
			NULL);
	if (err == ERR_OK)
		err = digests_read(scope, &digests);
	for (size_t i = 0; err == ERR_OK && i < digests.count; i++)
		err = fold(scope, (struct digest *)digests.items + i);
	return err;
}

/* ---- the next one ------------------------------------------------------------ */

static void message_read(
	const struct rows *rows, struct notify_message *out, bool *enabled)
{
	*out = (struct notify_message){
		.id = rows_text(rows, 0),
		.channel_id = rows_text(rows, 1),
		.channel_kind = rows_text(rows, 2),
		.kind = rows_text(rows, 3),
		.body = rows_text(rows, 4),
		.address = rows_text(rows, 5),
		.attempts = rows_int(rows, 6) + 1,
		.created_at = rows_int(rows, 7),
	};
	*enabled = rows_int(rows, 8) != 0;
}

static enum err end(struct scope *scope, const char *id, const char *state,
	const char *error)
{
	return scope_run(scope, end_sql,
		BINDS(bind_text(":state", state), bind_text(":error", error),
			bind_int(":now", scope_now(scope)),
			bind_text(":id", id)),
		NULL);
}

static enum err claim(struct scope *scope, const struct notify_message *message)
{
	int64_t changed = 0;
	enum err err = scope_run(scope, claim_sql,
		BINDS(bind_int(":until", scope_now(scope) + LEASE_MS),
			bind_text(":id", message->id)),
		&changed);

	return err == ERR_OK && changed != 1 ? ERR_CONFLICT : err;
}

static enum err next_read(
	struct scope *scope, struct notify_message *out, bool *enabled)
{
	struct rows *rows;
	enum err err = scope_one(scope, next_sql,
		BINDS(bind_int(":now", scope_now(scope))), &rows);

	if (err != ERR_OK)
		return err;
	message_read(rows, out, enabled);
	rows_end(rows);
	return ERR_OK;
}

/* Over what may not be sent any more: it ends, and the one behind it is next.
   A test goes out on a channel that is off, too. */
static enum err next_claim(struct scope *scope,
	const struct notify_rules *rules, struct notify_message *out)
{
	bool enabled = false;
	const char *why;
	enum err err;

	for (;;) {
		err = next_read(scope, out, &enabled);
		if (err != ERR_OK)
			return err;
		if (out->attempts > rules->attempts)
			why = "It was tried often enough.";
		else if (!enabled && !text_equal(out->kind, "test"))
			why = "The channel is switched off.";
		else
			return claim(scope, out);
		err = end(scope, out->id, "failed", why);
		if (err != ERR_OK)
			return err;
	}
}

static enum err claim_in(struct scope *scope, const struct notify_rules *rules,
	struct notify_message *out, bool *found)
{
	enum err err = scope_run(scope, old_sql,
		BINDS(bind_int(":now", scope_now(scope)),
			bind_int(":oldest", scope_now(scope) - rules->age_ms)),
		NULL);

	if (err == ERR_OK)
		err = limit_apply(scope, rules);
	if (err == ERR_OK)
		err = next_claim(scope, rules, out);
	*found = err == ERR_OK;
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err notify_claim(struct scope *scope, const struct notify_rules *rules,
	struct notify_message *out)
{
	struct notify_message message = {0};
	bool found = false;
	enum err err = scope_begin(scope);

	if (err == ERR_OK)
		err = scope_end(
			scope, claim_in(scope, rules, &message, &found));
	if (err != ERR_OK)
		return err;
	if (!found)
		return ERR_NOT_FOUND;
	*out = message;
	return ERR_OK;
}

/* Queued and in hand at once: no other process sees it in between. */
static enum err test_claim(
	struct scope *scope, const char *channel_id, struct notify_message *out)
{
	struct rows *rows;
	const char *id;
	bool enabled;
	enum err err = event_queue(scope, channel_id, EVENT_TEST,
		"This is a test. It works.", &id);

	if (err == ERR_OK)
		err = scope_one(
			scope, one_sql, BINDS(bind_text(":id", id)), &rows);
	if (err != ERR_OK)
		return err;
	message_read(rows, out, &enabled);
	rows_end(rows);
	return claim(scope, out);
}

enum err notify_test(
	struct scope *scope, const char *channel_id, struct notify_message *out)
{
	struct notify_message message = {0};
	struct channel_view channel;
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	err = channel_get(scope, channel_id, &channel);
	if (err == ERR_OK)
		err = test_claim(scope, channel_id, &message);
	err = scope_end(scope, err);
	if (err == ERR_OK)
		*out = message;
	return err;
}

/* ---- how it went --------------------------------------------------------------- */

int64_t notify_pause_ms(int64_t attempts)
{
	int64_t pause = PAUSE_MS;

	if (attempts > FIRST_DOUBLINGS)
		return PAUSE_CAP_MS;
	for (int64_t i = 1; i < attempts && pause < PAUSE_CAP_MS; i++)
		pause *= 2;
	return pause < PAUSE_CAP_MS ? pause : PAUSE_CAP_MS;
}

static enum err went_well(
	struct scope *scope, const struct notify_message *message)
{
	enum err err = end(scope, message->id, "sent", NULL);

	if (err != ERR_OK)
		return err;
	return scope_run(scope, well_sql,
		BINDS(bind_int(":now", scope_now(scope)),
			bind_text(":channel", message->channel_id)),
		NULL);
}

static enum err try_again(struct scope *scope,
	const struct notify_message *message,
	const struct notify_outcome *outcome)
{
	int64_t pause = notify_pause_ms(message->attempts);
	enum err err;

	if (outcome->retry_after_ms > pause)
		pause = outcome->retry_after_ms;
	err = scope_run(scope, retry_sql,
		BINDS(bind_text(":error", outcome->why),
			bind_int(":next", scope_now(scope) + pause),
			bind_text(":id", message->id)),
		NULL);
	if (err != ERR_OK)
		return err;
	return scope_run(scope, wait_sql,
		BINDS(bind_int(":next", scope_now(scope) + pause),
			bind_text(":channel", message->channel_id)),
		NULL);
}

static enum err went_badly(struct scope *scope,
	const struct notify_rules *rules, const struct notify_message *message,
	const struct notify_outcome *outcome)
{
	/* a test is for somebody who waits */
	const bool over = outcome->final ||
			  message->attempts >= rules->attempts ||
			  text_equal(message->kind, "test");
	enum err err = over ? end(scope, message->id, "failed", outcome->why)
			    : try_again(scope, message, outcome);

	if (err != ERR_OK)
		return err;
	return scope_run(scope, ill_sql,
		BINDS(bind_text(":error", outcome->why),
			bind_text(":channel", message->channel_id)),
		NULL);
}

enum err notify_finish(struct scope *scope, const struct notify_rules *rules,
	const struct notify_message *message,
	const struct notify_outcome *outcome)
{
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	return scope_end(scope,
		outcome->sent ? went_well(scope, message)
			      : went_badly(scope, rules, message, outcome));
}

enum err notify_clean(struct admin_scope *admin, int64_t before,
	int64_t hooks_before, int64_t *removed)
{
	int64_t messages = 0, deliveries = 0;
	enum err err = admin_run(admin, clean_sql,
		BINDS(bind_int(":before", before),
			bind_int(":most", CLEAN_ROWS)),
		&messages);

	if (err == ERR_OK)
		err = admin_run(admin, clean_hooks_sql,
			BINDS(bind_int(":before", hooks_before),
				bind_int(":most", CLEAN_ROWS)),
			&deliveries);
	if (err == ERR_OK)
		*removed = messages + deliveries;
	return err;
}
