/*
 * What a call of the store costs: get, take, look, in microseconds, of one
 * process. Usage: store FILE [REDIS-URL]. Figures are of this machine now;
 * compare rows, not runs.
 */
#include <unistd.h>

#include "arena.h"
#include "clock.h"
#include "report.h"
#include "store.h"

enum {
	MIB = 1024 * 1024
};
#define NOW INT64_C(1790000000000)

struct bench {
	struct store *store;
	struct arena *arena;
	int64_t now;
};

static void must(enum err err)
{
	if (err) {
		(void)fprintf(stderr, "store: %s\n", err_slug(err));
		exit(1);
	}
}

static void bench_get(struct bench *bench)
{
	struct store_value value;

	must(store_get(bench->store, bench->arena, NOW, "bench value", &value));
}

static void take(struct bench *bench, int64_t limit)
{
	const struct store_window window = {.rule = "bench",
		.subject = "u:01890b6e-4b1e-7000-8000-000000000001",
		.limit = limit,
		.window_ms = 60000,
		.patience = 20,
		.cooldown_ms = 1000,
		.cooldown_cap_ms = 60000};
	const struct store_windows windows = {.at = &window, .count = 1};
	struct store_taken taken;

	must(store_take(bench->store, bench->now++, &windows, &taken));
}

static void bench_take_exact(struct bench *bench)
{
	take(bench, 100);
	bench->now += 600;
}

static void bench_take_weighted(struct bench *bench)
{
	take(bench, 100000000);
}

static void bench_look(struct bench *bench)
{
	const struct store_question question = {.key = "GET /bench",
		.tags = {.names = {"u:1:bench", "market"}, .count = 2},
		.claim_ms = 1000};
	static const char bytes[600];
	const struct store_answer answer = {
		.bytes = bytes, .len = sizeof(bytes), .life_ms = 1000000};
	struct store_look look;

	must(store_look(bench->store, bench->arena, NOW, &question, &look));
	if (!look.found)
		must(store_keep(bench->store, NOW, &look, &answer));
}

static void bench_take_look(struct bench *bench)
{
	const struct store_window window = {.rule = "bench both",
		.subject = "u:01890b6e-4b1e-7000-8000-000000000001",
		.limit = 100000000,
		.window_ms = 60000,
		.patience = 20,
		.cooldown_ms = 1000,
		.cooldown_cap_ms = 60000};
	const struct store_windows windows = {.at = &window, .count = 1};
	const struct store_question question = {.key = "GET /bench",
		.tags = {.names = {"u:1:bench", "market"}, .count = 2},
		.claim_ms = 1000};
	const struct store_ask ask = {
		.windows = &windows, .question = &question};
	struct store_told told;

	must(store_take_look(bench->store, bench->arena, NOW, &ask, &told));
}

static void measure(struct bench *bench, const char *name, int count,
	void (*call)(struct bench *bench))
{
	int64_t start;
	double us;

	for (int i = 0; i < count / 10; i++) {
		call(bench);
		arena_reset(bench->arena);
	}
	start = clock_monotonic_us();
	for (int i = 0; i < count; i++) {
		call(bench);
		if (i % 64 == 0)
			arena_reset(bench->arena);
	}
	us = (double)(clock_monotonic_us() - start);
	printf("%-22s %8.3f us\n", name, us / count);
}

int main(int argc, char **argv)
{
	static const char bytes[600];
	const struct store_entry value = {.key = "bench value",
		.bytes = bytes,
		.len = sizeof(bytes),
		.life_ms = 1000000};
	struct arena *arena = arena_open(MIB);
	struct bench bench = {.arena = arena_open(4 * MIB), .now = NOW};
	struct report *report = report_open(arena);
	const struct store_options options = {
		.local_path = argc > 1 ? argv[1] : "/dev/shm/kontor-bench",
		.local_bytes = 16 * MIB,
		.redis_url = argc > 2 ? argv[2] : NULL,
		.redis_timeout_ms = 50,
		.redis_pause_ms = 1000};
	int count = argc > 2 ? 20000 : 1000000;

	if (store_open(arena, &options, report, &bench.store)) {
		(void)fprintf(stderr, "store: %s\n", report->detail);
		return 1;
	}
	must(store_put(bench.store, NOW, &value));
	measure(&bench, "get, 600 bytes", count, bench_get);
	measure(&bench, "look, a hit, 600 bytes", count, bench_look);
	measure(&bench, "take, exact, 100", count, bench_take_exact);
	measure(&bench, "take, two counters", count, bench_take_weighted);
	measure(&bench, "take and look, a hit", count, bench_take_look);
	store_close(&bench.store);
	arena_close(&bench.arena);
	arena_close(&arena);
	return 0;
}
