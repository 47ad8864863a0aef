/*
 * Redis with the local store behind it. While Redis is away, values and
 * windows are local at the same limits, nothing is cached, and one process of
 * the machine asks Redis again after a pause; all learn of it from the board.
 * Must never believe in Redis what was cached there before it was away: a
 * writer could not tell it.
 */
#include "board_file.h"
#include "clock.h"
#include "metrics.h"
#include "number.h"
#include "store_private.h"

enum {
	PAUSE_MOST_MS = 30 * 1000,
	NAME_ROOM = STORE_KEY_LIMIT + NUMBER_ROOM + 2
};

struct fallback {
	struct store_backend redis, local;
	int64_t pause_ms;
	int64_t now; /* the last that a caller gave */
};

static struct board *board_of(const struct fallback *fallback)
{
	return local_board(&fallback->local)->board;
}

static int64_t monotonic_ms(void)
{
	return clock_monotonic_us() / 1000;
}

/* ---- the breaker --------------------------------------------------------------- */

/* Redis failed, or was not told something: whoever asks it at this moment
   must ask again. */
static void redis_lost(const struct fallback *fallback)
{
	struct board *board = board_of(fallback);
	int64_t away = atomic_load(&board->away);

	if (away == 0) {
		/* before the others can see that it is away */
		atomic_store(&board->pause_ms, fallback->pause_ms);
		atomic_store(
			&board->again_at, monotonic_ms() + fallback->pause_ms);
		atomic_store(&board->away_since_ms, fallback->now);
	}
	while (!atomic_compare_exchange_weak(&board->away, &away, away + 1))
		;
	if (away == 0) {
		atomic_fetch_add(&board->outages, 1);
		metrics_set(
			fallback->redis.metrics, METRIC_STORE_DEGRADED, 0, 1);
	}
}

/* Is it this call that asks whether Redis is back? Only one does. */
static bool is_due(const struct fallback *fallback, struct board *board)
{
	int64_t now = monotonic_ms();
	int64_t again = atomic_load(&board->again_at);

	/* further ahead than any pause: of the time before a restart */
	if (now < again && again - now <= PAUSE_MOST_MS)
		return false;
	return atomic_compare_exchange_strong(
		&board->again_at, &again, now + fallback->pause_ms);
}

static void still_away(const struct fallback *fallback, struct board *board)
{
	int64_t pause = atomic_load(&board->pause_ms);
	int64_t none = 0;

	pause = pause < fallback->pause_ms ? fallback->pause_ms : pause * 2;
	if (pause > PAUSE_MOST_MS)
		pause = PAUSE_MOST_MS;
	atomic_store(&board->pause_ms, pause);
	atomic_store(&board->again_at, monotonic_ms() + pause);
	(void)atomic_compare_exchange_strong(
		&board->away_since_ms, &none, fallback->now);
	metrics_set(fallback->redis.metrics, METRIC_STORE_DEGRADED, 0, 1);
}

/* Asks; true when Redis is there and has forgotten what it must. */
static bool ask_again(const struct fallback *fallback, struct board *board)
{
	int64_t before = atomic_load(&board->away);

	if (redis_probe(fallback->redis.self) != ERR_OK) {
		still_away(fallback, board);
		return false;
	}
	if (!atomic_compare_exchange_strong(&board->away, &before, 0)) {
		/* something happened meanwhile that it does not know */
		atomic_store(&board->again_at, 0);
		return before == 0;
	}
	atomic_store(&board->away_since_ms, 0);
	atomic_store(&board->pause_ms, 0);
	metrics_set(fallback->redis.metrics, METRIC_STORE_DEGRADED, 0, 0);
	return true;
}

/* Does this call go to Redis? */
static bool is_there(struct fallback *fallback, int64_t now)
{
	struct board *board = board_of(fallback);

	if (now > 0)
		fallback->now = now;
	if (atomic_load(&board->away) == 0)
		return true;
	return is_due(fallback, board) && ask_again(fallback, board);
}

/* Was that Redis' answer? Counts it, and a failure opens the breaker. */
static bool answered(
	const struct fallback *fallback, enum store_op op, enum err err)
{
	(void)!store_count(&fallback->redis, op, err);
	if (err != ERR_UNAVAILABLE)
		return true;
	redis_lost(fallback);
	return false;
}

/* What a value is called in the local store: those of one outage. */
static const char *local_name(
	const struct fallback *fallback, const char *key, char name[NAME_ROOM])
{
	int64_t outages = atomic_load(&board_of(fallback)->outages);

	(void)snprintf(name, NAME_ROOM, "%lld:%s", (long long)outages, key);
	return name;
}

/* ---- values ------------------------------------------------------------------------ */

static enum err fallback_get(void *self, struct arena *arena, int64_t now,
	const char *key, struct store_value *out)
{
	struct fallback *fallback = self;
	const struct store_backend *to = &fallback->redis;
	char name[NAME_ROOM];

	if (is_there(fallback, now)) {
		enum err err = to->ops->get(to->self, arena, now, key, out);

		if (answered(fallback, STORE_OP_GET, err))
			return err;
	}
	to = &fallback->local;
	return store_count(to, STORE_OP_GET,
		to->ops->get(to->self, arena, now,
			local_name(fallback, key, name), out));
}

static enum err fallback_put(
	void *self, int64_t now, const struct store_entry *entry)
{
	struct fallback *fallback = self;
	const struct store_backend *to = &fallback->redis;
	struct store_entry named = *entry;
	char name[NAME_ROOM];

	if (is_there(fallback, now)) {
		enum err err = to->ops->put(to->self, now, entry);

		if (answered(fallback, STORE_OP_PUT, err))
			return err;
	}
	to = &fallback->local;
	named.key = local_name(fallback, entry->key, name);
	return store_count(
		to, STORE_OP_PUT, to->ops->put(to->self, now, &named));
}

static enum err fallback_remove(void *self, const char *key)
{
	struct fallback *fallback = self;
	const struct store_backend *to = &fallback->redis;
	char name[NAME_ROOM];

	if (is_there(fallback, 0)) {
		enum err err = to->ops->remove(to->self, key);

		if (answered(fallback, STORE_OP_REMOVE, err))
			return err;
	}
	to = &fallback->local;
	return store_count(to, STORE_OP_REMOVE,
		to->ops->remove(to->self, local_name(fallback, key, name)));
}

static enum err fallback_add(void *self, int64_t now,
	const struct store_entry *entry, int64_t delta, int64_t *out)
{
	struct fallback *fallback = self;
	const struct store_backend *to = &fallback->redis;
	struct store_entry named = *entry;
	char name[NAME_ROOM];

	if (is_there(fallback, now)) {
		enum err err = to->ops->add(to->self, now, entry, delta, out);

		if (answered(fallback, STORE_OP_ADD, err))
			return err;
	}
	to = &fallback->local;
	named.key = local_name(fallback, entry->key, name);
	return store_count(to, STORE_OP_ADD,
		to->ops->add(to->self, now, &named, delta, out));
}

/* ---- cached answers: Redis or none --------------------------------------------------- */

/* Of this machine, so that a hit changes nothing in Redis. */
static void count_look(
	const struct fallback *fallback, const struct store_look *look)
{
	struct board *board = board_of(fallback);

	if (look->found)
		atomic_fetch_add(&board->hits, 1);
	else if (look->claimed)
		atomic_fetch_add(&board->misses, 1);
}

static enum err fallback_look(void *self, struct arena *arena, int64_t now,
	const struct store_question *question, struct store_look *out)
{
	struct fallback *fallback = self;
	const struct store_backend *to = &fallback->redis;
	enum err err;

	if (!is_there(fallback, now))
		return ERR_UNAVAILABLE;
	err = to->ops->look(to->self, arena, now, question, out);
	(void)answered(fallback, STORE_OP_LOOK, err);
	if (!err)
		count_look(fallback, out);
	return err;
}

static enum err fallback_keep(void *self, int64_t now,
	const struct store_look *look, const struct store_answer *answer)
{
	struct fallback *fallback = self;
	const struct store_backend *to = &fallback->redis;
	enum err err;

	if (!is_there(fallback, now))
		return ERR_OK;
	err = to->ops->keep(to->self, now, look, answer);
	return answered(fallback, STORE_OP_KEEP, err) ? err : ERR_OK;
}

/* A writer goes on without Redis: what is cached there is not believed when
   it is back, and not before that has been made sure of. */
static enum err fallback_mark(
	void *self, int64_t now, const struct store_mark *mark)
{
	enum store_op op = mark->hold_ms > 0 ? STORE_OP_HOLD : STORE_OP_RELEASE;
	struct fallback *fallback = self;
	const struct store_backend *to = &fallback->redis;
	struct board *board = board_of(fallback);

	while (!is_there(fallback, now)) {
		int64_t away = atomic_load(&board->away);

		if (away != 0 && atomic_compare_exchange_strong(
					 &board->away, &away, away + 1))
			return ERR_OK;
	}
	(void)answered(fallback, op, to->ops->mark(to->self, now, mark));
	return ERR_OK;
}

static enum err fallback_flush(void *self)
{
	struct fallback *fallback = self;
	const struct store_backend *to = &fallback->redis;

	/* away: all of it is dropped when it is back */
	if (is_there(fallback, 0))
		(void)answered(
			fallback, STORE_OP_ADMIN, to->ops->flush(to->self));
	return ERR_OK;
}

/* ---- rate windows ------------------------------------------------------------------------ */

static enum err fallback_take(void *self, int64_t now,
	const struct store_windows *windows, struct store_taken *out)
{
	struct fallback *fallback = self;
	const struct store_backend *to = &fallback->redis;

	if (is_there(fallback, now)) {
		enum err err = to->ops->take(to->self, now, windows, out);

		if (answered(fallback, STORE_OP_TAKE, err))
			return err;
	}
	to = &fallback->local;
	return store_count(
		to, STORE_OP_TAKE, to->ops->take(to->self, now, windows, out));
}

/* Redis took; whether it looked as well. */
static void note_told(
	const struct fallback *fallback, const struct store_told *told)
{
	if (!told->taken.allowed)
		return;
	if (answered(fallback, STORE_OP_LOOK,
		    told->looked ? ERR_OK : ERR_UNAVAILABLE))
		count_look(fallback, &told->look);
}

static enum err fallback_take_look(void *self, struct arena *arena, int64_t now,
	const struct store_ask *ask, struct store_told *out)
{
	struct fallback *fallback = self;
	const struct store_backend *to = &fallback->redis;

	if (is_there(fallback, now)) {
		enum err err =
			to->ops->take_look(to->self, arena, now, ask, out);

		if (answered(fallback, STORE_OP_TAKE, err)) {
			if (!err)
				note_told(fallback, out);
			return err;
		}
	}
	to = &fallback->local;
	out->looked = false;
	return store_count(to, STORE_OP_TAKE,
		to->ops->take(to->self, now, ask->windows, &out->taken));
}

static enum err fallback_blocked(void *self, struct arena *arena, int64_t now,
	struct store_blocked_list *out)
{
	struct fallback *fallback = self;
	const struct store_backend *to = &fallback->redis;

	if (is_there(fallback, now)) {
		enum err err = to->ops->blocked(to->self, arena, now, out);

		if (answered(fallback, STORE_OP_ADMIN, err))
			return err;
	}
	to = &fallback->local;
	return store_count(to, STORE_OP_ADMIN,
		to->ops->blocked(to->self, arena, now, out));
}

/* In both: whoever is forgiven is not to be found blocked at the next loss. */
static enum err fallback_forgive(void *self, const struct store_who *who)
{
	struct fallback *fallback = self;
	const struct store_backend *to = &fallback->redis;
	enum err err;

	if (is_there(fallback, 0))
		(void)answered(fallback, STORE_OP_ADMIN,
			to->ops->forgive(to->self, who));
	to = &fallback->local;
	err = to->ops->forgive(to->self, who);
	return store_count(to, STORE_OP_ADMIN, err);
}

/* ---- its state ---------------------------------------------------------------------------- */

static enum err fallback_state(void *self, int64_t now, struct store_state *out)
{
	struct fallback *fallback = self;
	const struct store_backend *to = &fallback->redis;
	struct store_state state = *out;
	enum err err;

	if (is_there(fallback, now)) {
		err = to->ops->state(to->self, now, &state);
		state.hits = atomic_load(&board_of(fallback)->hits);
		state.misses = atomic_load(&board_of(fallback)->misses);
		if (answered(fallback, STORE_OP_ADMIN, err)) {
			*out = state;
			return err;
		}
	}
	to = &fallback->local;
	state = *out;
	state.backend = to->ops->name;
	err = store_count(
		to, STORE_OP_ADMIN, to->ops->state(to->self, now, &state));
	if (err)
		return err;
	state.degraded = true;
	state.degraded_since = atomic_load(&board_of(fallback)->away_since_ms);
	*out = state;
	return ERR_OK;
}

/* ---- opening ------------------------------------------------------------------------------- */

static void fallback_close(void *self)
{
	struct fallback *fallback = self;

	fallback->redis.ops->close(fallback->redis.self);
	fallback->local.ops->close(fallback->local.self);
}

static const struct store_ops fallback_ops = {.name = "redis",
	.get = fallback_get,
	.put = fallback_put,
	.remove = fallback_remove,
	.add = fallback_add,
	.look = fallback_look,
	.keep = fallback_keep,
	.mark = fallback_mark,
	.flush = fallback_flush,
	.take = fallback_take,
	.take_look = fallback_take_look,
	.blocked = fallback_blocked,
	.forgive = fallback_forgive,
	.state = fallback_state,
	.close = fallback_close};

void fallback_open(struct arena *arena, const struct store_options *options,
	const struct store_backend pair[2], struct store_backend *out)
{
	struct fallback *fallback = arena_alloc(arena, sizeof(*fallback));
	struct board_file *file;

	fallback->redis = pair[0];
	fallback->local = pair[1];
	fallback->pause_ms = options->redis_pause_ms;
	fallback->now = clock_ms();
	/* One asks while the others wait: they all begin with the same. */
	file = local_board(&fallback->local);
	board_lock(file);
	(void)is_there(fallback, 0);
	board_unlock(file);
	*out = (struct store_backend){.ops = &fallback_ops,
		.self = fallback,
		.label = STORE_LABEL_OTHER};
}
