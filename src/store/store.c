/*
 * The store's front: checks every argument once, hands the call to the
 * backend that was opened, counts it. Must never let a backend see a name
 * that is too long, a life without end, or a window that cannot be counted.
 */
#include "store.h"

#include "metrics.h"
#include "store_private.h"

struct store {
	struct store_backend backend;
};

enum {
	WINDOW_LIMIT = 1000 * 1000 * 1000
};
/* limit times window_ms: Lua's numbers are doubles */
#define WINDOW_PRODUCT ((int64_t)1 << 50)

enum err store_count(
	const struct store_backend *backend, enum store_op op, enum err err)
{
	if (backend->label == STORE_LABEL_OTHER)
		return err;
	metrics_add(backend->metrics, METRIC_STORE_OPS, backend->label, op, 1);
	if (err == ERR_UNAVAILABLE || err == ERR_INTERNAL)
		metrics_add(backend->metrics, METRIC_STORE_ERRORS,
			backend->label, 0, 1);
	return err;
}

/* ---- what may be asked ------------------------------------------------------ */

static bool is_name(const char *name)
{
	return name && name[0] != '\0' &&
	       strnlen(name, STORE_KEY_LIMIT + 1) <= STORE_KEY_LIMIT;
}

static bool is_life(int64_t now, int64_t life_ms)
{
	return now >= 0 && now <= INT64_MAX / 4 && life_ms > 0 &&
	       life_ms <= STORE_LIFE_LIMIT_MS;
}

static bool are_tags(const struct store_tags *tags)
{
	if (tags->count > STORE_TAGS_LIMIT)
		return false;
	for (size_t i = 0; i < tags->count; i++)
		if (!is_name(tags->names[i]))
			return false;
	return true;
}

static bool is_window(int64_t now, const struct store_window *window)
{
	if (!is_name(window->rule) || !is_name(window->subject) ||
		strlen(window->rule) + strlen(window->subject) >
			STORE_KEY_LIMIT)
		return false;
	if (!is_life(now, window->window_ms) || window->limit < 1 ||
		window->limit > WINDOW_LIMIT ||
		window->limit > WINDOW_PRODUCT / window->window_ms)
		return false;
	return window->patience <= 0 ||
	       (is_life(now, window->cooldown_ms) &&
		       window->cooldown_cap_ms <= STORE_LIFE_LIMIT_MS);
}

/* ---- opening ---------------------------------------------------------------- */

static struct store *store_of(
	struct arena *arena, const struct store_backend *backend)
{
	struct store *store = arena_alloc(arena, sizeof(*store));

	store->backend = *backend;
	return store;
}

enum err store_open(struct arena *arena, const struct store_options *options,
	struct report *report, struct store **out)
{
	struct store_backend pair[2]; /* Redis, local */
	struct store_backend both;
	bool remote = options->redis_url && options->redis_url[0] != '\0';
	enum err err = ERR_OK;

	if (remote)
		err = redis_open(arena, options, report, &pair[0]);
	if (!err)
		err = local_open(arena, options, report, &pair[1]);
	if (err)
		return err;
	if (!remote) {
		*out = store_of(arena, &pair[1]);
		return ERR_OK;
	}
	fallback_open(arena, options, pair, &both);
	*out = store_of(arena, &both);
	return ERR_OK;
}

struct store *store_open_memory(struct arena *arena)
{
	struct store_backend backend;

	memory_open(arena, &backend);
	return store_of(arena, &backend);
}

struct store *store_open_fail(struct arena *arena)
{
	struct store_backend backend;

	fail_open(&backend);
	return store_of(arena, &backend);
}

void store_close(struct store **store)
{
	if (!*store)
		return;
	(*store)->backend.ops->close((*store)->backend.self);
	*store = NULL;
}

/* ---- values ------------------------------------------------------------------- */

enum err store_get(struct store *store, struct arena *arena, int64_t now,
	const char *key, struct store_value *out)
{
	const struct store_backend *backend = &store->backend;

	if (!is_name(key))
		return ERR_BAD_INPUT;
	return store_count(backend, STORE_OP_GET,
		backend->ops->get(backend->self, arena, now, key, out));
}

enum err store_put(
	struct store *store, int64_t now, const struct store_entry *entry)
{
	const struct store_backend *backend = &store->backend;

	if (!is_name(entry->key) || !is_life(now, entry->life_ms))
		return ERR_BAD_INPUT;
	if (entry->len > STORE_VALUE_LIMIT)
		return ERR_TOO_LARGE;
	return store_count(backend, STORE_OP_PUT,
		backend->ops->put(backend->self, now, entry));
}

enum err store_remove(struct store *store, const char *key)
{
	const struct store_backend *backend = &store->backend;

	if (!is_name(key))
		return ERR_BAD_INPUT;
	return store_count(backend, STORE_OP_REMOVE,
		backend->ops->remove(backend->self, key));
}

enum err store_add(struct store *store, int64_t now,
	const struct store_entry *entry, int64_t delta, int64_t *out)
{
	const struct store_backend *backend = &store->backend;

	if (!is_name(entry->key) || !is_life(now, entry->life_ms))
		return ERR_BAD_INPUT;
	return store_count(backend, STORE_OP_ADD,
		backend->ops->add(backend->self, now, entry, delta, out));
}

/* ---- cached answers ------------------------------------------------------------ */

static bool is_question(int64_t now, const struct store_question *question)
{
	return is_name(question->key) && are_tags(&question->tags) &&
	       is_life(now, question->claim_ms);
}

static enum err look(const struct store_backend *backend, struct arena *arena,
	int64_t now, const struct store_question *question,
	struct store_look *out)
{
	return store_count(backend, STORE_OP_LOOK,
		backend->ops->look(backend->self, arena, now, question, out));
}

enum err store_look(struct store *store, struct arena *arena, int64_t now,
	const struct store_question *question, struct store_look *out)
{
	if (!is_question(now, question))
		return ERR_BAD_INPUT;
	return look(&store->backend, arena, now, question, out);
}

enum err store_keep(struct store *store, int64_t now,
	const struct store_look *look, const struct store_answer *answer)
{
	const struct store_backend *backend = &store->backend;
	bool fits = answer->len <= STORE_VALUE_LIMIT;

	if (!is_name(look->asked.key) || !are_tags(&look->asked.tags) ||
		!is_life(now, answer->life_ms) || answer->stale_ms < 0 ||
		answer->stale_ms > STORE_LIFE_LIMIT_MS)
		return ERR_BAD_INPUT;
	return store_count(backend, STORE_OP_KEEP,
		backend->ops->keep(
			backend->self, now, look, fits ? answer : NULL));
}

void store_unclaim(struct store *store, const struct store_look *look)
{
	const struct store_backend *backend = &store->backend;

	/* A claim that cannot be given back ends by itself. */
	if (look->claim != 0 && is_name(look->asked.key))
		(void)!store_count(backend, STORE_OP_KEEP,
			backend->ops->keep(backend->self, 0, look, NULL));
}

static enum err mark(struct store *store, int64_t now,
	const struct store_mark *mark, enum store_op op)
{
	const struct store_backend *backend = &store->backend;

	if (!are_tags(mark->tags) || now < 0)
		return ERR_BAD_INPUT;
	if (mark->tags->count == 0)
		return ERR_OK;
	return store_count(
		backend, op, backend->ops->mark(backend->self, now, mark));
}

enum err store_hold(struct store *store, int64_t now,
	const struct store_tags *tags, int64_t hold_ms)
{
	const struct store_mark hold = {.tags = tags, .hold_ms = hold_ms};

	if (!is_life(now, hold_ms))
		return ERR_BAD_INPUT;
	return mark(store, now, &hold, STORE_OP_HOLD);
}

enum err store_release(
	struct store *store, int64_t now, const struct store_tags *tags)
{
	const struct store_mark release = {.tags = tags};

	return mark(store, now, &release, STORE_OP_RELEASE);
}

enum err store_flush(struct store *store)
{
	const struct store_backend *backend = &store->backend;

	return store_count(
		backend, STORE_OP_ADMIN, backend->ops->flush(backend->self));
}

/* ---- rate windows --------------------------------------------------------------- */

static bool are_windows(int64_t now, const struct store_windows *windows)
{
	if (windows->count == 0 || windows->count > STORE_WINDOWS_LIMIT)
		return false;
	for (size_t i = 0; i < windows->count; i++)
		if (!is_window(now, &windows->at[i]))
			return false;
	return true;
}

static enum err take(const struct store_backend *backend, int64_t now,
	const struct store_windows *windows, struct store_taken *out)
{
	return store_count(backend, STORE_OP_TAKE,
		backend->ops->take(backend->self, now, windows, out));
}

enum err store_take(struct store *store, int64_t now,
	const struct store_windows *windows, struct store_taken *out)
{
	if (!are_windows(now, windows))
		return ERR_BAD_INPUT;
	return take(&store->backend, now, windows, out);
}

enum err store_take_look(struct store *store, struct arena *arena, int64_t now,
	const struct store_ask *ask, struct store_told *out)
{
	const struct store_backend *backend = &store->backend;
	enum err err;

	if (!are_windows(now, ask->windows) || !is_question(now, ask->question))
		return ERR_BAD_INPUT;
	if (backend->ops->take_look) /* counts by itself */
		return backend->ops->take_look(
			backend->self, arena, now, ask, out);
	err = take(backend, now, ask->windows, &out->taken);
	if (!err)
		out->looked = out->taken.allowed &&
			      look(backend, arena, now, ask->question,
				      &out->look) == ERR_OK;
	return err;
}

enum err store_blocked_list(struct store *store, struct arena *arena,
	int64_t now, struct store_blocked_list *out)
{
	const struct store_backend *backend = &store->backend;

	return store_count(backend, STORE_OP_ADMIN,
		backend->ops->blocked(backend->self, arena, now, out));
}

enum err store_forgive(
	struct store *store, const char *rule, const char *subject)
{
	const struct store_backend *backend = &store->backend;
	const struct store_who who = {.rule = rule, .subject = subject};

	if (!is_name(subject) || (rule && !is_name(rule)) ||
		strlen(subject) + (rule ? strlen(rule) : 0) > STORE_KEY_LIMIT)
		return ERR_BAD_INPUT;
	return store_count(backend, STORE_OP_ADMIN,
		backend->ops->forgive(backend->self, &who));
}

/* ---- its state ------------------------------------------------------------------- */

enum err store_state(struct store *store, int64_t now, struct store_state *out)
{
	const struct store_backend *backend = &store->backend;
	struct store_state state = {.degraded = false};
	enum err err;

	state.backend = backend->ops->name;
	err = store_count(backend, STORE_OP_ADMIN,
		backend->ops->state(backend->self, now, &state));
	if (err)
		return err;
	*out = state;
	return ERR_OK;
}
