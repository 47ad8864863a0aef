/*
 * Rate windows over a shelf: all windows of a request are decided on copies,
 * then written, in one transaction. Must write nothing of a request that was
 * refused but the refusal.
 */
#include "shelf.h"

#include "shelf_private.h"
#include "window.h"

/* The key: subject, NUL, rule, NUL, then what makes it another window when a
   setting changes: its length and its kind. */
static void window_key(struct shelf_key *key, const struct store_window *window)
{
	unsigned char length[9];
	uint64_t ms = (uint64_t)window->window_ms;

	for (int i = 0; i < 8; i++)
		length[i] = (unsigned char)(ms >> (56 - 8 * i));
	length[8] = window->limit <= STORE_EXACT_LIMIT ? 'x' : 'w';
	shelf_key(key, SHELF_WINDOW, window->subject);
	shelf_key_more(key, "", 1);
	shelf_key_more(key, window->rule, strlen(window->rule) + 1);
	shelf_key_more(key, length, sizeof(length));
}

/* Whose room it takes. "a:" and "f:" are addresses, "n:" a name that may be
   nobody's; all others are known to the application. */
static enum shelf_class window_class(
	const struct store_window *window, const struct window_figures *figures)
{
	const char *subject = window->subject;
	bool half = figures->remaining <= window->limit / 2;

	if (subject[0] == '\0' || subject[1] != ':')
		return SHELF_USERS;
	switch (subject[0]) {
	case 'a':
	case 'f':
		return half ? SHELF_ADDRESSES_HALF : SHELF_ADDRESSES;
	case 'n':
		return half ? SHELF_ACCOUNTS_HALF : SHELF_ACCOUNTS;
	default:
		return SHELF_USERS;
	}
}

/* ---- take ----------------------------------------------------------------- */

struct taking {
	int64_t now;
	const struct store_windows *windows;
	struct store_taken taken;
	struct window_figures figures[STORE_WINDOWS_LIMIT];
	struct window_state states[STORE_WINDOWS_LIMIT];
};

static enum err window_load(
	struct shelf *shelf, struct taking *taking, size_t i)
{
	struct shelf_head head;
	SHELF_SCRATCH struct shelf_key key;
	struct bytes body = {NULL, 0};
	enum err err;

	window_key(&key, &taking->windows->at[i]);
	err = shelf_get(shelf, &key, 0, &head, &body);
	if (err && err != ERR_NOT_FOUND)
		return err;
	window_read(&taking->states[i], body.data, err ? 0 : body.len);
	return ERR_OK;
}

static enum err window_save(
	struct shelf *shelf, struct taking *taking, size_t i)
{
	const struct store_window *window = &taking->windows->at[i];
	const struct window_state *state = &taking->states[i];
	SHELF_SCRATCH unsigned char bytes[WINDOW_ROOM];
	const struct shelf_record record = {
		.shelf_class = window_class(window, &taking->figures[i]),
		.expires_ms = window_expiry(state, window, taking->now),
		.first = {bytes, window_write(state, bytes)}};
	SHELF_SCRATCH struct shelf_key key;

	window_key(&key, window);
	return shelf_put(shelf, taking->now, &key, &record);
}

static enum err take_work(struct shelf *shelf, void *context)
{
	struct taking *taking = context;
	size_t count = taking->windows->count;
	size_t first = 0;
	enum err err = ERR_OK;

	for (size_t i = 0; i < count; i++) {
		err = window_load(shelf, taking, i);
		if (err)
			return err;
		taking->figures[i] = window_decide(&taking->states[i],
			&taking->windows->at[i], taking->now);
		if (!taking->figures[i].allowed) {
			/* the refusal alone is written */
			first = i;
			count = i + 1;
		}
	}
	for (size_t i = first; i < count && !err; i++)
		err = window_save(shelf, taking, i);
	if (!err)
		window_sum(taking->windows, taking->figures, &taking->taken);
	return err;
}

enum err windows_take(void *self, int64_t now,
	const struct store_windows *windows, struct store_taken *out)
{
	SHELF_SCRATCH struct taking taking;
	enum err err;

	taking.now = now;
	taking.windows = windows;
	err = shelf_write(self, take_work, &taking);
	if (!err)
		*out = taking.taken;
	return err;
}

/* ---- for the admin ---------------------------------------------------------- */

struct blocking {
	struct arena *arena;
	int64_t now;
	struct store_blocked *items;
	size_t count;
};

static void blocked_add(
	struct blocking *blocking, struct bytes key, struct bytes record)
{
	const char *subject = (const char *)key.data + 1;
	const char *end = memchr(subject, '\0', key.len - 1);
	struct window_state state;
	struct store_blocked *item;

	if (!end || record.len < sizeof(struct shelf_head))
		return;
	window_read(&state, record.data + sizeof(struct shelf_head),
		record.len - sizeof(struct shelf_head));
	if (state.until <= blocking->now)
		return;
	item = &blocking->items[blocking->count++];
	item->subject = arena_text(blocking->arena, subject);
	item->rule = arena_text(blocking->arena, end + 1);
	item->until_ms = state.until;
	item->refusals = state.total;
}

static enum err blocked_work(struct shelf *shelf, void *context)
{
	struct blocking *blocking = context;
	SHELF_SCRATCH struct shelf_key at;

	shelf_key(&at, SHELF_WINDOW, "");
	while (blocking->count < STORE_BLOCKED_LIMIT) {
		struct bytes key, record;
		enum err err = shelf->ops->from(
			shelf, shelf_key_bytes(&at), &key, &record);

		if (err)
			return err == ERR_NOT_FOUND ? ERR_OK : err;
		if (key.len < 1 || key.data[0] != SHELF_WINDOW)
			return ERR_OK;
		blocked_add(blocking, key, record);
		/* the next key is this one and a NUL, or behind it */
		at.len = 0;
		shelf_key_more(&at, key.data, key.len);
		shelf_key_more(&at, "", 1);
	}
	return ERR_OK;
}

static int blocked_compare(const void *a, const void *b)
{
	const struct store_blocked *x = a, *y = b;
	int order;

	if (x->until_ms != y->until_ms)
		return x->until_ms < y->until_ms ? 1 : -1;
	order = strcmp(x->subject, y->subject);
	return order != 0 ? order : strcmp(x->rule, y->rule);
}

void blocked_sort(struct store_blocked *items, size_t count)
{
	if (count > 1)
		qsort(items, count, sizeof(*items), blocked_compare);
}

enum err windows_blocked(void *self, struct arena *arena, int64_t now,
	struct store_blocked_list *out)
{
	struct blocking blocking = {.arena = arena,
		.now = now,
		.items = arena_array(arena, STORE_BLOCKED_LIMIT,
			sizeof(struct store_blocked))};
	enum err err = shelf_read(self, blocked_work, &blocking);

	if (err)
		return err;
	blocked_sort(blocking.items, blocking.count);
	out->items = blocking.items;
	out->count = blocking.count;
	return ERR_OK;
}

static enum err forgive_work(struct shelf *shelf, void *context)
{
	const struct store_who *who = context;
	SHELF_SCRATCH struct shelf_key prefix;

	shelf_key(&prefix, SHELF_WINDOW, who->subject);
	shelf_key_more(&prefix, "", 1);
	if (who->rule)
		shelf_key_more(&prefix, who->rule, strlen(who->rule) + 1);
	for (;;) {
		struct bytes key, record;
		struct shelf_key gone = {.len = 0};
		enum err err = shelf->ops->from(
			shelf, shelf_key_bytes(&prefix), &key, &record);

		if (err)
			return err == ERR_NOT_FOUND ? ERR_OK : err;
		if (key.len < prefix.len ||
			memcmp(key.data, prefix.bytes, prefix.len) != 0)
			return ERR_OK;
		shelf_key_more(&gone, key.data, key.len);
		err = shelf_remove(shelf, &gone);
		if (err)
			return err;
	}
}

enum err windows_forgive(void *self, const struct store_who *who)
{
	struct store_who copy = *who;

	return shelf_write(self, forgive_work, &copy);
}
