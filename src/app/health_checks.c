/*
 * The parts behind /health: database, migrations, store, the background
 * process. Each answers in a moment or fails; none may wait for a writer, and
 * none may say a path or the words of a library.
 */
#include "health_checks.h"

#include "metrics.h"
#include "migrate.h"

enum {
	MS = 1000,	   /* in a second */
	BEATS_MISSED = 3,  /* before work counts as late */
	BEAT_GRACE_S = 30, /* for a long round */
};

static const struct shared *shared_of(const void *thing)
{
	return ((const struct health_parts *)thing)->shared;
}

static enum health_state ask_database(
	const void *thing, struct arena *arena, int64_t now, const char **note)
{
	(void)arena;
	(void)now;
	if (db_ping(shared_of(thing)->db) == ERR_OK)
		return HEALTH_OK;
	*note = "the database does not answer, or its file was moved";
	return HEALTH_FAILED;
}

static enum health_state ask_migrations(
	const void *thing, struct arena *arena, int64_t now, const char **note)
{
	struct migrate_status status;
	enum err err = migrate_status(shared_of(thing)->db, arena,
		migrations_sqlite, report_open(arena), &status);

	(void)now;
	if (err == ERR_OK && status.pending == 0)
		return HEALTH_OK;
	*note = err == ERR_OK ? "migrations are pending"
			      : "the schema is not this program's";
	return HEALTH_FAILED;
}

/* Without a store there are no limits and no cache: that is a fault. */
static enum health_state ask_store(
	const void *thing, struct arena *arena, int64_t now, const char **note)
{
	struct store *store = shared_of(thing)->store;
	struct store_state state;

	(void)arena;
	if (!store)
		return HEALTH_DEGRADED;
	if (store_state(store, now, &state) != ERR_OK) {
		*note = "the store does not answer";
		return HEALTH_FAILED;
	}
	*note = state.backend;
	if (!state.degraded)
		return HEALTH_OK;
	*note = "Redis is lost; the local store answers";
	return HEALTH_DEGRADED;
}

static enum health_state ask_work(
	const void *thing, struct arena *arena, int64_t now, const char **note)
{
	const struct health_parts *parts = thing;
	const struct metrics *metrics = parts->shared->metrics;
	int64_t beat = metrics_get(metrics, METRIC_WORK_BEAT, 0, 0);

	if (beat == 0) {
		*note = "not seen since the machine started";
		return HEALTH_DEGRADED;
	}
	*note = arena_format(arena, "last seen %lld s ago",
		(long long)(now > beat ? now - beat : 0) / MS);
	return now - beat > parts->work_late_ms ? HEALTH_DEGRADED : HEALTH_OK;
}

static const struct health_check checks[] = {
	{"database", HEALTH_READY | HEALTH_STARTUP, false, ask_database},
	{"migrations", HEALTH_STARTUP, false, ask_migrations},
	{"store", HEALTH_READY, false, ask_store},
	{"work", HEALTH_READY, true, ask_work},
};

/* The store knows its size only when it is asked. */
static void refresh(const void *thing, struct arena *arena, int64_t now)
{
	const struct shared *shared = shared_of(thing);
	struct store_state state;

	(void)arena;
	if (!shared->store || store_state(shared->store, now, &state) != ERR_OK)
		return;
	metrics_set(shared->metrics, METRIC_CACHE_BYTES, 0, state.bytes);
	metrics_set(shared->metrics, METRIC_CACHE_ENTRIES, 0, state.entries);
	metrics_set(shared->metrics, METRIC_STORE_DEGRADED, 0, state.degraded);
}

void health_parts_init(struct health_parts *parts, const struct config *config,
	const struct shared *shared)
{
	*parts = (struct health_parts){
		.shared = shared,
		.work_late_ms = (config->work_interval_s * BEATS_MISSED +
					BEAT_GRACE_S) *
				MS,
		.checks = {.at = checks,
			.count = sizeof(checks) / sizeof(checks[0]),
			.thing = parts,
			.refresh = refresh},
	};
}
