/*
 * Who lives: a slot a process, taken and given back by one atomic step. A
 * process that was killed leaves its slot; the next one that needs it takes
 * it. Must never take a new process with an old pid for the old one.
 */
#include "metrics_private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/types.h>
#include <unistd.h>

/* who = pool + 1 (4 bits), start (38 bits, ticks since the machine's start;
   80 years), pid (22 bits, the kernel's limit). */
enum {
	PID_BITS = 22,
	START_BITS = 38,
	STAT_ROOM = 1024,
	START_FIELD = 22, /* of /proc/PID/stat, counted from 1 */
	STATE_FIELD = 3
};

static const uint64_t pid_mask = (UINT64_C(1) << PID_BITS) - 1;
static const uint64_t start_mask = (UINT64_C(1) << START_BITS) - 1;

static uint64_t who_of(enum metrics_pool pool, uint64_t start, pid_t pid)
{
	return ((uint64_t)pool + 1) << (PID_BITS + START_BITS) |
	       (start & start_mask) << PID_BITS | ((uint64_t)pid & pid_mask);
}

static pid_t pid_of(uint64_t who)
{
	return (pid_t)(who & pid_mask);
}

static uint64_t start_of(uint64_t who)
{
	return who >> PID_BITS & start_mask;
}

static bool is_in(uint64_t who, enum metrics_pool pool)
{
	return who >> (PID_BITS + START_BITS) == (uint64_t)pool + 1;
}

/* ---- /proc/PID/stat ------------------------------------------------------ */

/* The name in field 2 may hold anything, so fields are counted behind the
   last parenthesis: there stands field 3. */
static bool parse_stat(const char *text, uint64_t *start)
{
	const char *at = strrchr(text, ')');
	bool dead;

	if (!at || at[1] != ' ')
		return false;
	at += 2;
	dead = *at == 'Z' || *at == 'X';
	for (int field = STATE_FIELD; field < START_FIELD; field++) {
		at = strchr(at, ' ');
		if (!at)
			return false;
		at++;
	}
	*start = dead ? 0 : strtoull(at, NULL, 10);
	return true;
}

/* In ticks since the machine's start, 0 for one that ended and was not
   waited for. */
static bool read_start(pid_t pid, uint64_t *start)
{
	char path[32];
	char text[STAT_ROOM];
	ssize_t len;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	len = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	if (len <= 0)
		return false;
	text[len] = '\0';
	return parse_stat(text, start);
}

static bool lives(uint64_t who)
{
	uint64_t start;

	if (who == 0)
		return false;
	if (kill(pid_of(who), 0) != 0 && errno == ESRCH)
		return false;
	/* without /proc the signal's answer has to do */
	return !read_start(pid_of(who), &start) ||
	       (start & start_mask) == start_of(who);
}

/* ---- slots --------------------------------------------------------------- */

static struct metrics_slot *take(struct metrics *metrics, uint64_t who)
{
	for (size_t i = 0; i < METRICS_SLOTS; i++) {
		struct metrics_slot *slot = &metrics->slots[i];
		uint64_t old = atomic_load(&slot->who);

		if (!lives(old) &&
			atomic_compare_exchange_strong(&slot->who, &old, who))
			return slot;
	}
	return NULL;
}

/* A child of a fork has its parent's slot in mind: not its own. */
static bool is_own(const struct metrics *metrics)
{
	return metrics->own && pid_of(metrics->own_who) == getpid();
}

void metrics_leave(struct metrics *metrics)
{
	uint64_t who = metrics->own_who;

	if (is_own(metrics))
		atomic_compare_exchange_strong(&metrics->own->who, &who, 0);
	metrics->own = NULL;
}

void metrics_process(
	struct metrics *metrics, enum metrics_pool pool, int64_t now)
{
	uint64_t start = 0;

	if (!metrics)
		return;
	if (pool == METRICS_POOL_WORK)
		metrics_set(metrics, METRIC_WORK_BEAT, 0, now);
	if (!is_own(metrics)) {
		(void)read_start(getpid(), &start);
		metrics->own_who = who_of(pool, start, getpid());
		metrics->own = take(metrics, metrics->own_who);
		if (metrics->own)
			atomic_store_explicit(&metrics->own->since, now,
				memory_order_relaxed);
	}
}

int64_t metrics_processes(const struct metrics *metrics, enum metrics_pool pool)
{
	int64_t count = 0;

	for (size_t i = 0; metrics && i < METRICS_SLOTS; i++) {
		uint64_t who = atomic_load(&metrics->slots[i].who);

		if (is_in(who, pool) && lives(who))
			count++;
	}
	return count;
}

int64_t metrics_oldest(const struct metrics *metrics, enum metrics_pool pool)
{
	int64_t oldest = 0;

	for (size_t i = 0; metrics && i < METRICS_SLOTS; i++) {
		const struct metrics_slot *slot = &metrics->slots[i];
		int64_t since = atomic_load_explicit(
			&slot->since, memory_order_relaxed);
		uint64_t who = atomic_load(&slot->who);

		if (since > 0 && (oldest == 0 || since < oldest) &&
			is_in(who, pool) && lives(who))
			oldest = since;
	}
	return oldest;
}
