/*
 * From a thing that happened to messages in the queue, one a channel that
 * wants it. Must never begin or end a transaction: it stands in the caller's.
 */
#include "events_private.h"

#include <stdarg.h>

#include "id.h"
#include "text.h"
#include "vector_private.h"

const char *const event_kinds[] = {
	[EVENT_FILL] = "fill",
	[EVENT_STOP] = "stop",
	[EVENT_DENIED] = "denied",
	[EVENT_REJECTED] = "rejected",
	[EVENT_RUN_FAILED] = "run_failed",
	[EVENT_HALTED] = "halted",
	[EVENT_SUMMARY] = "summary",
	[EVENT_TEST] = "test",
	[EVENT_DIGEST] = "digest",
	[EVENT_KIND_COUNT] = NULL,
};
const char *const event_choices[] = {
	[EVENT_FILL] = "fill",
	[EVENT_STOP] = "stop",
	[EVENT_DENIED] = "denied",
	[EVENT_REJECTED] = "rejected",
	[EVENT_RUN_FAILED] = "run_failed",
	[EVENT_HALTED] = "halted",
	[EVENT_SUMMARY] = "summary",
	[EVENT_CHOICES] = NULL,
};

enum {
	PRINT_FACTOR = 4 /* bytes of a character, at most */
};

static const char channels_sql[] =
	"SELECT id, events FROM channels WHERE user_id = :owner"
	" AND enabled = 1 AND NOT EXISTS (SELECT 1 FROM user_settings"
	" WHERE user_id = :owner AND name = 'notifications'"
	" AND value = 'false')";
static const char queue_sql[] =
	"INSERT INTO notifications (user_id, id, channel_id, kind, body,"
	" state, next_at, created_at) VALUES (:owner, :id, :channel, :kind,"
	" :body, 'queued', :now, :now)";
static const char everybody_sql[] =
	"SELECT c.user_id, c.id, c.events FROM channels c"
	" JOIN users u ON u.id = c.user_id AND u.disabled = 0"
	" WHERE c.enabled = 1 AND NOT EXISTS (SELECT 1 FROM user_settings s"
	" WHERE s.user_id = c.user_id AND s.name = 'notifications'"
	" AND s.value = 'false')";
static const char queue_one_sql[] =
	"INSERT INTO notifications (user_id, id, channel_id, kind, body,"
	" state, next_at, created_at) VALUES (:user, :id, :channel, :kind,"
	" :body, 'queued', :now, :now)";

static bool is_wanted(int64_t events, enum event_kind kind)
{
	return ((uint64_t)events >> kind) & 1U;
}

/* ---- the text ------------------------------------------------------------ */

/* Whole characters, at most EVENT_BODY_LIMIT bytes of them, no controls. */
static const char *cleaned(struct arena *arena, const char *text)
{
	size_t left = strlen(text), len = 0, step;
	char *out = arena_alloc(arena, EVENT_BODY_LIMIT + 1);

	while (left > 0 && (step = text_utf8_step(text, left)) > 0 &&
		len + step <= EVENT_BODY_LIMIT) {
		if (step == 1 && *text != '\n' && text_has_control(text, 1))
			out[len] = ' ';
		else
			memcpy(out + len, text, step);
		text += step;
		left -= step;
		len += step;
	}
	out[len] = '\0';
	return out;
}

/* ---- one user ------------------------------------------------------------ */

/* The ids of his channels that want this. */
static enum err channels_read(
	struct scope *scope, enum event_kind kind, struct vector *out)
{
	struct rows *rows;
	bool more;
	enum err err = scope_query(scope, channels_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	vector_init(out, scope_arena(scope), sizeof(const char *));
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		if (is_wanted(rows_int(rows, 1), kind))
			*(const char **)vector_add(out) = rows_text(rows, 0);
	rows_end(rows);
	return err;
}

enum err event_queue(struct scope *scope, const char *channel_id,
	enum event_kind kind, const char *body, const char **id)
{
	struct arena *arena = scope_arena(scope);
	const int64_t now = scope_now(scope);

	*id = id_new(arena, now);
	return scope_run(scope, queue_sql,
		BINDS(bind_text(":id", *id), bind_text(":channel", channel_id),
			bind_text(":kind", event_kinds[kind]),
			bind_text(":body", cleaned(arena, body)),
			bind_int(":now", now)),
		NULL);
}

static const char *printed(
	struct arena *arena, const char *format, va_list values)
{
	const size_t room = (size_t)PRINT_FACTOR * EVENT_BODY_LIMIT;
	char *text = arena_alloc(arena, room);

	(void)vsnprintf(text, room, format, values);
	return text;
}

enum err event_note(
	struct scope *scope, enum event_kind kind, const char *format, ...)
{
	struct vector channels;
	const char *body, *id;
	va_list values;
	enum err err = channels_read(scope, kind, &channels);

	if (err != ERR_OK || channels.count == 0)
		return err;
	va_start(values, format);
	body = printed(scope_arena(scope), format, values);
	va_end(values);
	for (size_t i = 0; err == ERR_OK && i < channels.count; i++)
		err = event_queue(scope, ((const char **)channels.items)[i],
			kind, body, &id);
	return err;
}

/* ---- everybody ------------------------------------------------------------- */

struct wanted {
	const char *user_id, *channel_id;
};

static enum err wanted_read(
	struct admin_scope *admin, enum event_kind kind, struct vector *out)
{
	struct rows *rows;
	bool more;
	enum err err = admin_query(admin, everybody_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	vector_init(out, admin_arena(admin), sizeof(struct wanted));
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		if (is_wanted(rows_int(rows, 2), kind))
			*(struct wanted *)vector_add(out) = (struct wanted){
				rows_text(rows, 0), rows_text(rows, 1)};
	rows_end(rows);
	return err;
}

enum err event_note_all(
	struct admin_scope *admin, enum event_kind kind, const char *body)
{
	struct arena *arena = admin_arena(admin);
	const int64_t now = admin_now(admin);
	const struct wanted *items;
	struct vector wanted;
	enum err err = wanted_read(admin, kind, &wanted);

	if (err != ERR_OK)
		return err;
	items = wanted.items;
	for (size_t i = 0; err == ERR_OK && i < wanted.count; i++)
		err = admin_run(admin, queue_one_sql,
			BINDS(bind_text(":user", items[i].user_id),
				bind_text(":id", id_new(arena, now)),
				bind_text(":channel", items[i].channel_id),
				bind_text(":kind", event_kinds[kind]),
				bind_text(":body", cleaned(arena, body)),
				bind_int(":now", now)),
			NULL);
	return err;
}
