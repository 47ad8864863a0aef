/*
 * The plan of the background jobs: who may begin one, and when it is due
 * again. Every step is one transaction under the write lock. Must never give
 * one job to two, and never forget a due time that nobody finished.
 */
#include "jobs.h"

#include "id.h"
#include "jobs_private.h"
#include "text.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)

/* clang-format off */
const struct job_kind job_kinds[JOB_COUNT] = {
	[JOB_CLEAN] = { "clean",
		"removes expired tokens, sessions and links",
		MINUTE, 5 * SECOND, 2 * MINUTE, 5 * SECOND, 10 * MINUTE },
	[JOB_CHECKPOINT] = { "checkpoint",
		"folds the write-ahead log into the database",
		MINUTE, 5 * SECOND, 2 * MINUTE, 5 * SECOND, MINUTE },
	[JOB_AUDIT_HEAD] = { "audit-head",
		"writes the audit chain's head down and verifies the chain",
		10 * MINUTE, 30 * SECOND, 10 * MINUTE, 30 * SECOND, HOUR },
	[JOB_CACHE_WARM] = { "cache-warm",
		"computes the market queries that were asked lately",
		30 * SECOND, 5 * SECOND, MINUTE, 5 * SECOND, 10 * MINUTE },
	[JOB_BACKUP] = { "backup",
		"copies the database, removes the oldest copies",
		24 * HOUR, 5 * MINUTE, 30 * MINUTE, MINUTE, HOUR },
	[JOB_CERTIFICATE] = { "certificate",
		"looks up when the TLS certificate ends",
		HOUR, MINUTE, 30 * SECOND, MINUTE, HOUR },
	[JOB_SIGNALS] = { "signals",
		"evaluates running strategies on newly closed candles",
		5 * SECOND, 0, 2 * MINUTE, 5 * SECOND, MINUTE },
	[JOB_ORDERS] = { "orders",
		"fills resting paper orders from newly closed candles",
		5 * SECOND, 0, 2 * MINUTE, 5 * SECOND, MINUTE, LANE_DESK },
	[JOB_PORTFOLIO_CHECK] = { "portfolio-check",
		"makes positions and cash anew from the fills and compares",
		HOUR, MINUTE, 10 * MINUTE, MINUTE, HOUR },
	[JOB_MARKET] = { "market",
		"fetches quotes and candles, repairs gaps",
		2 * SECOND, 0, 2 * MINUTE, 5 * SECOND, MINUTE, LANE_MARKET },
	[JOB_WATCH] = { "watch",
		"fills resting paper orders that a new quote reaches",
		30 * SECOND, 0, MINUTE, SECOND, 30 * SECOND, LANE_DESK },
	[JOB_NOTIFY] = { "notify",
		"sends messages to users' channels",
		2 * SECOND, 0, 2 * MINUTE, 5 * SECOND, MINUTE,
		LANE_ERRANDS },
	[JOB_SUMMARY] = { "summary",
		"writes the daily summaries whose time has come",
		MINUTE, 0, 2 * MINUTE, 5 * SECOND, 10 * MINUTE },
};
/* clang-format on */

const char *const lane_names[LANE_COUNT] = {[LANE_HOUSE] = "house",
	[LANE_DESK] = "desk",
	[LANE_ERRANDS] = "errands",
	[LANE_MARKET] = "market",
	[LANE_LIVE] = "live"};

const char *const job_names[JOB_COUNT + 1] = {
	[JOB_CLEAN] = "clean",
	[JOB_CHECKPOINT] = "checkpoint",
	[JOB_AUDIT_HEAD] = "audit-head",
	[JOB_CACHE_WARM] = "cache-warm",
	[JOB_BACKUP] = "backup",
	[JOB_CERTIFICATE] = "certificate",
	[JOB_SIGNALS] = "signals",
	[JOB_ORDERS] = "orders",
	[JOB_PORTFOLIO_CHECK] = "portfolio-check",
	[JOB_MARKET] = "market",
	[JOB_WATCH] = "watch",
	[JOB_NOTIFY] = "notify",
	[JOB_SUMMARY] = "summary",
};

static const char plan_sql[] =
	"INSERT INTO jobs (name, interval_ms, next_at)"
	" VALUES (:name, :interval, :now)"
	" ON CONFLICT (name) DO UPDATE SET interval_ms = excluded.interval_ms,"
	" next_at = min(jobs.next_at, :now + excluded.interval_ms)"
	" WHERE jobs.interval_ms <> excluded.interval_ms";
/* A lease that has ended is a run that nobody finished: due whatever else.
   So is what a clock that was put back would keep waiting (:far_...). */
static const char claim_sql[] =
	"UPDATE jobs SET lease_owner = :owner, lease_until = :until,"
	" started_at = :now, run_now = 0,"
	" failures = failures + (lease_until IS NOT NULL),"
	" last_result = CASE WHEN lease_until IS NULL THEN last_result"
	" ELSE 'lost' END"
	" WHERE name = :name AND paused = 0"
	" AND (lease_until IS NULL OR lease_until <= :now"
	" OR lease_until > :far_lease)"
	" AND (lease_until IS NOT NULL OR run_now = 1 OR :early = 1"
	" OR (interval_ms > 0 AND (next_at <= :now"
	" OR next_at > :far_next + 2 * interval_ms)))";
static const char claimed_sql[] =
	"SELECT next_at, interval_ms, failures,"
	" coalesce(last_result, '') = 'lost'"
	" FROM jobs WHERE name = :name AND lease_owner = :owner";
static const char finish_sql[] =
	"UPDATE jobs SET lease_owner = NULL, lease_until = NULL,"
	" finished_at = :now, duration_ms = max(:now - started_at, 0),"
	" last_result = :result, last_error = :error, failures = :failures,"
	" runs = runs + 1, next_at = :next"
	" WHERE name = :name AND lease_owner = :owner";

/* As if its lease had ended: the next to come takes it over. */
static const char release_sql[] =
	"UPDATE jobs SET lease_until = min(lease_until, :now)"
	" WHERE lease_owner = :owner";

enum err jobs_plan(
	struct admin_scope *admin, const int64_t intervals_ms[JOB_COUNT])
{
	enum err err = admin_begin(admin);

	for (size_t i = 0; err == ERR_OK && i < JOB_COUNT; i++)
		err = admin_run(admin, plan_sql,
			BINDS(bind_text(":name", job_names[i]),
				bind_int(":interval", intervals_ms[i]),
				bind_int(":now", admin_now(admin))),
			NULL);
	return admin_end(admin, err);
}

/* ---- taking one ---------------------------------------------------------- */

static enum err claim_read(
	struct admin_scope *admin, const char *owner, struct job_claim *claim)
{
	struct rows *rows;
	enum err err = admin_one(admin, claimed_sql,
		BINDS(bind_text(":name", job_names[claim->job]),
			bind_text(":owner", owner)),
		&rows);

	if (err != ERR_OK)
		return err;
	claim->due_at = rows_int(rows, 0);
	claim->interval_ms = rows_int(rows, 1);
	claim->failures = rows_int(rows, 2);
	if (claim->due_at > next_far(&job_kinds[claim->job], claim->interval_ms,
				    claim->started_at))
		claim->due_at = claim->started_at;
	claim->taken_over = rows_int(rows, 3) != 0;
	rows_end(rows);
	return ERR_OK;
}

static enum err claim_locked(struct admin_scope *admin, const char *owner,
	bool early, struct job_claim *claim)
{
	const struct job_kind *kind = &job_kinds[claim->job];
	const int64_t now = admin_now(admin);
	int64_t changed = 0;
	enum err err = admin_run(admin, claim_sql,
		BINDS(bind_text(":name", kind->name),
			bind_text(":owner", owner), bind_int(":now", now),
			bind_int(":far_lease", lease_far(kind, now)),
			bind_int(":far_next", next_far(kind, 0, now)),
			bind_int(":early", early),
			bind_int(":until",
				now + kind->timeout_ms + JOB_LEASE_MARGIN_MS)),
		&changed);

	if (err != ERR_OK)
		return err;
	return changed == 1 ? claim_read(admin, owner, claim) : ERR_NOT_FOUND;
}

static enum err claim(struct admin_scope *admin, enum job job,
	const char *owner, bool early, struct job_claim *out)
{
	struct job_claim mine = {.job = job,
		.owner = arena_text(admin_arena(admin), owner),
		.started_at = admin_now(admin)};
	enum err err = admin_begin(admin);

	if (err != ERR_OK)
		return err;
	err = admin_end(admin, claim_locked(admin, owner, early, &mine));
	if (err == ERR_OK)
		*out = mine;
	return err;
}

enum err jobs_claim(struct admin_scope *admin, enum job job, const char *owner,
	struct job_claim *out)
{
	return claim(admin, job, owner, false, out);
}

enum err jobs_claim_early(struct admin_scope *admin, enum job job,
	const char *owner, struct job_claim *out)
{
	return claim(admin, job, owner, true, out);
}

enum err jobs_release(struct admin_scope *admin, const char *owner)
{
	return admin_run(admin, release_sql,
		BINDS(bind_text(":owner", owner),
			bind_int(":now", admin_now(admin))),
		NULL);
}

/* ---- giving it back ------------------------------------------------------ */

/* 0 to most, so that many installations do not act in step. */
static int64_t jitter(int64_t most)
{
	uint32_t random;

	random_bytes(&random, sizeof(random));
	return most > 0 ? (int64_t)random % (most + 1) : 0;
}

static int64_t retry_wait(const struct job_kind *kind, int64_t failures)
{
	int64_t wait = kind->retry_ms;

	for (int64_t i = 1; i < failures && wait < kind->retry_cap_ms; i++)
		wait *= 2;
	if (wait > kind->retry_cap_ms)
		wait = kind->retry_cap_ms;
	return wait + jitter(wait / 4);
}

/* A run that was asked for before its time leaves that time alone. */
static int64_t next_after(
	const struct job_claim *claim, int64_t now, bool failed)
{
	const struct job_kind *kind = &job_kinds[claim->job];
	const bool early = claim->due_at > claim->started_at;
	int64_t next = claim->started_at + claim->interval_ms;

	if (failed) {
		next = now + retry_wait(kind, claim->failures + 1);
		return early && claim->due_at < next ? claim->due_at : next;
	}
	if (early)
		return claim->due_at;
	return (next > now ? next : now) +
	       jitter(least_of(kind->jitter_ms, claim->interval_ms / 4));
}

enum err jobs_finish(struct admin_scope *admin, const struct job_claim *claim,
	const char *error)
{
	const int64_t now = admin_now(admin);
	int64_t changed = 0;
	enum err err = admin_begin(admin);

	if (err != ERR_OK)
		return err;
	err = admin_run(admin, finish_sql,
		BINDS(bind_text(":name", job_names[claim->job]),
			bind_text(":owner", claim->owner),
			bind_int(":now", now),
			bind_text(":result", error ? "failed" : "ok"),
			bind_text(":error", error),
			bind_int(":failures", error ? claim->failures + 1 : 0),
			bind_int(":next", next_after(claim, now, error))),
		&changed);
	if (err == ERR_OK && changed != 1)
		err = ERR_CONFLICT;
	return admin_end(admin, err);
}
