/*
 * Rate windows on Redis: a hash a subject, a field a window, and a sorted set
 * of those in a cool-down. SCRIPT_TAKE decides; window.c says the same.
 */
#include "redis_private.h"

#include "number.h"
#include "shelf_private.h"
#include "window.h"

enum {
	FIGURES = 5, /* words a window in SCRIPT_TAKE's answer */
	FIELD_ROOM = STORE_KEY_LIMIT + 2 * NUMBER_ROOM,
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
	struct redis_link *link, int64_t now, const struct store_window *window)
{
	char field[FIELD_ROOM];
	const int64_t words[] = {now, WINDOW_SKEW_MS, window->limit,
		window->window_ms, window->patience, window->cooldown_ms,
		window->cooldown_cap_ms, window->limit <= STORE_EXACT_LIMIT};

	redis_joined(link, field, window_field(window, field), "");
	redis_words(link, words, sizeof(words) / sizeof(words[0]));
}

static void take_words(struct redis_link *link, int64_t now,
	const struct store_windows *windows)
{
	redis_start_script(link, SCRIPT_TAKE, windows->count + 1);
	for (size_t i = 0; i < windows->count; i++)
		redis_key(link, 'w', windows->at[i].subject);
	redis_key(link, 's', "blocked");
	for (size_t i = 0; i < windows->count; i++)
		window_words(link, now, &windows->at[i]);
}

/* All decided ones: each but the last was allowed. */
static bool taken_of(const struct store_windows *windows,
	const redisReply *reply, struct store_taken *out)
{
	const size_t size = (size_t)FIGURES * NUMBER_WORD;
	struct window_figures figures[STORE_WINDOWS_LIMIT];

	if (!redis_reply_is_text(reply))
		return false;
	for (size_t i = 0; i < windows->count; i++) {
		int64_t words[FIGURES];

		if (reply->len < (i + 1) * size)
			return false;
		number_unpack(reply->str + i * size, FIGURES, words);
		figures[i] = (struct window_figures){.allowed = words[0] != 0,
			.blocked = words[1] != 0,
			.remaining = words[2],
			.reset_ms = words[3],
			.retry_ms = words[4]};
		if (!figures[i].allowed)
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

	take_words(link, now, windows);
	err = redis_send(link, &reply);
	if (err)
		return err;
	good = taken_of(windows, reply, out);
	redis_release(reply);
	return good ? ERR_OK : ERR_UNAVAILABLE;
}

/* Both in one go. Looking changes nothing, so it does no harm that a refused
   request has looked; only an allowed one goes on to claim. */
enum err redis_take_look(void *self, struct arena *arena, int64_t now,
	const struct store_ask *ask, struct store_told *out)
{
	struct store_told told = {.look = {.asked = *ask->question}};
	struct redis_link *link = self;
	redisReply *replies[REDIS_COMMANDS];
	bool good;
	enum err err;

	take_words(link, now, ask->windows);
	redis_next(link, "MGET");
	redis_look_words(link, ask->question);
	err = redis_send_all(link, replies);
	if (err)
		return err;
	good = taken_of(ask->windows, replies[0], &told.taken);
	redis_release(replies[0]);
	if (!good || !told.taken.allowed)
		redis_release(replies[1]);
	else
		told.looked = redis_look_finish(link, arena, now, replies[1],
				      &told.look) == ERR_OK;
	if (!good)
		return ERR_UNAVAILABLE;
	*out = told;
	return ERR_OK;
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
	redis_release(reply);
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
		redis_release(reply);
	return err;
}
