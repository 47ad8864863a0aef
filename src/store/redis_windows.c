/*
 * Rate windows on Redis: a hash a subject, a field a window, and a sorted set
 * of those in a cool-down. SCRIPT_TAKE decides; window.c says the same.
 */
#include "redis_private.h"

#include "number.h"
#include "shelf_private.h"
#include "window.h"

enum {
	FIGURES = 5, /* numbers a window in SCRIPT_TAKE's answer */
	FIELD_ROOM = STORE_KEY_LIMIT + 2 * NUMBER_ROOM,
	MEMBER_ROOM = FIELD_ROOM + STORE_KEY_LIMIT,
	BLOCKED_PARTS = 3
};

static const char windows_prefix[] = "kontor:w:";

/* The field: rule, NUL, length, kind. Returns its length. */
static size_t window_field(
	const struct store_window *window, char field[FIELD_ROOM])
{
	size_t len = strlen(window->rule) + 1;

	memcpy(field, window->rule, len);
	len += number_format(window->window_ms, field + len);
	field[len++] = window->limit <= STORE_EXACT_LIMIT ? 'x' : 'w';
	return len;
}

static void window_words(
	struct redis_link *link, const struct store_window *window)
{
	char field[FIELD_ROOM];
	char member[MEMBER_ROOM];
	size_t len = window_field(window, field);
	size_t subject = strlen(window->subject) + 1;

	memcpy(member, window->subject, subject);
	memcpy(member + subject, field, len);
	redis_joined(link, field, len, "");
	redis_number(link, window->limit);
	redis_number(link, window->window_ms);
	redis_number(link, window->patience);
	redis_number(link, window->cooldown_ms);
	redis_number(link, window->cooldown_cap_ms);
	redis_number(link, window->limit <= STORE_EXACT_LIMIT);
	redis_joined(link, member, subject + len, "");
}

/* All decided ones: each but the last was allowed. */
static bool taken_of(const struct store_windows *windows,
	const redisReply *reply, struct store_taken *out)
{
	struct window_figures figures[STORE_WINDOWS_LIMIT];
	size_t count = 0;

	if (!redis_reply_is_list(reply, FIGURES))
		return false;
	for (; count < windows->count; count++) {
		int64_t number[FIGURES];

		if (reply->elements < (count + 1) * FIGURES)
			return false;
		for (size_t i = 0; i < FIGURES; i++)
			if (!redis_reply_number(
				    reply->element[count * FIGURES + i],
				    &number[i]))
				return false;
		figures[count] = (struct window_figures){.allowed = number[0],
			.blocked = number[1],
			.remaining = number[2],
			.reset_ms = number[3],
			.retry_ms = number[4]};
		if (!figures[count].allowed)
			break;
	}
	window_sum(windows, figures, out);
	return true;
}

enum err redis_take(void *self, int64_t now,
	const struct store_windows *windows, struct store_taken *out)
{
	struct redis_link *link = self;
	redisReply *reply;
	bool good;
	enum err err;

	redis_start_script(link, SCRIPT_TAKE, (int)windows->count + 1);
	for (size_t i = 0; i < windows->count; i++)
		redis_key(link, 'w', windows->at[i].subject);
	redis_key(link, 's', "blocked");
	redis_number(link, now);
	redis_number(link, WINDOW_SKEW_MS);
	for (size_t i = 0; i < windows->count; i++)
		window_words(link, &windows->at[i]);
	err = redis_send(link, &reply);
	if (err)
		return err;
	good = taken_of(windows, reply, out);
	freeReplyObject(reply);
	return good ? ERR_OK : ERR_UNAVAILABLE;
}

/* ---- for the admin ---------------------------------------------------------------- */

/* until, refusals, member: subject, NUL, rule, NUL, the rest */
static bool blocked_of(struct arena *arena, redisReply *const *parts,
	struct store_blocked *out)
{
	const redisReply *member = parts[2];
	const char *end;

	if (!redis_reply_number(parts[0], &out->until_ms) ||
		!redis_reply_number(parts[1], &out->refusals) ||
		!redis_reply_is_text(member))
		return false;
	end = memchr(member->str, '\0', member->len);
	if (!end)
		return false;
	out->subject = arena_text(arena, member->str);
	out->rule = arena_text(arena, end + 1);
	return true;
}

enum err redis_blocked(void *self, struct arena *arena, int64_t now,
	struct store_blocked_list *out)
{
	struct redis_link *link = self;
	struct store_blocked *items = arena_array(
		arena, STORE_BLOCKED_LIMIT, sizeof(struct store_blocked));
	size_t count = 0;
	redisReply *reply;
	enum err err;

	redis_start_script(link, SCRIPT_BLOCKED, 1);
	redis_key(link, 's', "blocked");
	redis_number(link, now);
	redis_number(link, STORE_BLOCKED_LIMIT);
	redis_text(link, windows_prefix);
	err = redis_send(link, &reply);
	if (err)
		return err;
	for (size_t i = 0; redis_reply_is_list(reply, i + BLOCKED_PARTS) &&
			   count < STORE_BLOCKED_LIMIT;
		i += BLOCKED_PARTS)
		if (blocked_of(arena, reply->element + i, &items[count]))
			count++;
	freeReplyObject(reply);
	blocked_sort(items, count);
	out->items = items;
	out->count = count;
	return ERR_OK;
}

enum err redis_forgive(void *self, const struct store_who *who)
{
	struct redis_link *link = self;
	redisReply *reply;
	enum err err;

	redis_start_script(link, SCRIPT_FORGIVE, 2);
	redis_key(link, 'w', who->subject);
	redis_key(link, 's', "blocked");
	redis_text(link, who->subject);
	if (who->rule)
		redis_bytes(link, who->rule, strlen(who->rule) + 1);
	else
		redis_text(link, "");
	err = redis_send(link, &reply);
	if (!err)
		freeReplyObject(reply);
	return err;
}
