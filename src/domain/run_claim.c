/*
 * Whose slice is next, and who has it. Every step is one transaction under
 * the write lock. Must never give one slice to two, never forget one, and
 * never let a user who asks for much come before one who asks for little.
 */
#include "queue_private.h"

#include "text.h"

enum {
	/* A lease that ends later than any can is of a clock that was put
	   back since. */
	CLOCK_SLACK_MS = 3600 * 1000
};

/* Of the open runs those with something to give out. A run's finish comes
   when all points are done; what a dead process had comes first. A user's
   single backtests go before his searches. */
#define CLAIMABLE                                                        \
	" r.state IN ('queued', 'running') AND (r.next_point < r.points" \
	" OR (r.next_point = r.points AND r.done_points = r.points)"     \
	" OR EXISTS (SELECT 1 FROM run_chunks c WHERE"                   \
	" c.user_id = r.user_id AND c.run_id = r.id"                     \
	" AND (c.lease_until <= :now OR c.lease_until > :far)))"
static const char any_sql[] = "SELECT 1 FROM runs r WHERE" CLAIMABLE " LIMIT 1";
static const char pick_sql[] =
	"SELECT r.user_id, r.id, r.kind, r.state, r.points, r.next_point,"
	" r.done_points, r.point_us, r.finish_us, r.spent_us FROM runs r"
	" LEFT JOIN run_service s ON s.user_id = r.user_id WHERE" CLAIMABLE
	" ORDER BY coalesce(s.service_us, 0), coalesce(s.served_at, 0),"
	" r.points > 0, r.id LIMIT 1";

/* Where users begin who had nothing to do: at the least of those who have;
   when nobody has, at the most of all, so that the past is forgotten. */
static const char newcomers_sql[] =
	"SELECT 1 FROM run_service WHERE joined = 0 LIMIT 1";
static const char floor_sql[] =
	"SELECT coalesce((SELECT min(s.service_us) FROM run_service s"
	" WHERE s.joined = 1 AND EXISTS (SELECT 1 FROM runs r"
	" WHERE r.user_id = s.user_id"
	" AND r.state IN ('queued', 'running'))),"
	" (SELECT max(service_us) FROM run_service), 0)";
static const char join_sql[] =
	"UPDATE run_service SET joined = 1,"
	" service_us = max(service_us, :floor) WHERE joined = 0";

static const char left_sql[] =
	"SELECT first_point, points, attempts, charged_us, lease_until"
	" FROM run_chunks"
	" WHERE user_id = :user AND run_id = :run"
	" AND (lease_until <= :now OR lease_until > :far)"
	" ORDER BY first_point LIMIT 1";
static const char again_sql[] =
	"UPDATE run_chunks SET lease_owner = :lease, lease_until = :until,"
	" attempts = attempts + 1 WHERE user_id = :user AND run_id = :run"
	" AND first_point = :first";
static const char new_sql[] =
	"INSERT INTO run_chunks (user_id, run_id, first_point, points,"
	" attempts, lease_owner, lease_until, charged_us)"
	" VALUES (:user, :run, :first, :points, 1, :lease, :until, :charged)";
static const char begun_sql[] =
	"UPDATE runs SET state = 'running', next_point = :next,"
	" started_at = coalesce(started_at, :now)"
	" WHERE user_id = :user AND id = :run";
static const char charge_sql[] =
	"UPDATE run_service SET service_us = service_us + :charged,"
	" served_at = (SELECT max(served_at) + 1 FROM run_service)"
	" WHERE user_id = :user";
static const char spent_sql[] =
	"UPDATE run_service SET service_us = service_us + (SELECT"
	" sum(min(max(:now + :lease_ms - c.lease_until, 0), :lease_ms)) * 1000"
	" FROM run_chunks c WHERE c.lease_owner = :lease"
	" AND c.user_id = run_service.user_id AND c.lease_until > 0)"
	" WHERE user_id IN (SELECT user_id FROM run_chunks"
	" WHERE lease_owner = :lease AND lease_until > 0)";
static const char release_sql[] =
	"UPDATE run_chunks SET lease_until = 0 WHERE lease_owner = :lease";
static const char outlook_sql[] =
	"SELECT count(*), coalesce(sum(state = 'queued'), 0),"
	" coalesce(min(CASE state WHEN 'queued' THEN created_at END), 0)"
	" FROM runs WHERE state IN ('queued', 'running')";

struct picked {
	const char *user_id, *run_id;
	size_t kind;
	bool queued;
	int64_t points, next, done;
	int64_t point_us, finish_us; /* what they take, as far as is known */
};

static int64_t far_of(const struct run_pace *pace, int64_t now)
{
	return now + pace->lease_ms + CLOCK_SLACK_MS;
}

/* ERR_NOT_FOUND without one. */
static enum err has_row(
	struct admin_scope *admin, const char *sql, const struct bind *binds)
{
	struct rows *rows;
	enum err err = admin_one(admin, sql, binds, &rows);

	if (err == ERR_OK)
		rows_end(rows);
	return err;
}

/* ---- whose turn it is ---------------------------------------------------- */

static enum err newcomers_join(struct admin_scope *admin)
{
	struct rows *rows;
	int64_t floor_us;
	enum err err = has_row(admin, newcomers_sql, NO_BINDS);

	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	err = admin_one(admin, floor_sql, NO_BINDS, &rows);
	if (err != ERR_OK)
		return err;
	floor_us = rows_int(rows, 0);
	rows_end(rows);
	return admin_run(
		admin, join_sql, BINDS(bind_int(":floor", floor_us)), NULL);
}

static size_t kind_find(const char *name)
{
	size_t i = 0;

	while (i < RUN_KIND_COUNT && !text_equal(run_kind_names[i], name))
		i++;
	return i;
}

static enum err pick(struct admin_scope *admin, const struct run_pace *pace,
	struct picked *out)
{
	const int64_t now = admin_now(admin);
	struct rows *rows;
	enum err err = admin_one(admin, pick_sql,
		BINDS(bind_int(":now", now),
			bind_int(":far", far_of(pace, now))),
		&rows);

	if (err != ERR_OK)
		return err;
	*out = (struct picked){
		.user_id = rows_text(rows, 0),
		.run_id = rows_text(rows, 1),
		.kind = kind_find(rows_text(rows, 2)),
		.queued = text_equal(rows_text(rows, 3), "queued"),
		.points = rows_int(rows, 4),
		.next = rows_int(rows, 5),
		.done = rows_int(rows, 6),
		.point_us = rows_int(rows, 7),
		.finish_us = rows_int(rows, 8),
	};
	/* measured, once there is something to measure */
	if (out->done > 0)
		out->point_us = rows_int(rows, 9) / out->done;
	rows_end(rows);
	return out->kind < RUN_KIND_COUNT ? ERR_OK : ERR_INTERNAL;
}

/* ---- its next slice ------------------------------------------------------ */

/* About slice_us of work, but no more than leaves the other runners their
   share, so that all end at about the same time. */
static int64_t slice_points(
	const struct picked *run, const struct run_pace *pace)
{
	const int64_t point_us = run->point_us > 0 ? run->point_us : 1;
	const int64_t left = run->points - run->next;
	int64_t share = left / (2 * pace->runners) + 1;
	int64_t points = pace->slice_us / point_us;

	if (share < pace->least_us / point_us)
		share = pace->least_us / point_us;
	if (points > share)
		points = share;
	if (points < 1)
		points = 1;
	return points < left ? points : left;
}

static enum err charge(
	struct admin_scope *admin, const struct picked *run, int64_t us)
{
	return admin_run(admin, charge_sql,
		BINDS(bind_text(":user", run->user_id),
			bind_int(":charged", us)),
		NULL);
}

static enum err lease_again(struct admin_scope *admin, const struct picked *run,
	int64_t until, struct run_claim *claim)
{
	return admin_run(admin, again_sql,
		BINDS(bind_text(":user", run->user_id),
			bind_text(":run", run->run_id),
			bind_int(":first", claim->first),
			bind_text(":lease", claim->owner),
			bind_int(":until", until)),
		NULL);
}

/* What somebody had and did not give back. A lease that ran out is charged
   whole: else who ends every runner would always be served first. */
static enum err slice_left(struct admin_scope *admin,
	const struct run_pace *pace, const struct picked *run,
	struct run_claim *claim)
{
	const int64_t now = admin_now(admin);
	struct rows *rows;
	bool expired;
	enum err err = admin_one(admin, left_sql,
		BINDS(bind_text(":user", run->user_id),
			bind_text(":run", run->run_id), bind_int(":now", now),
			bind_int(":far", far_of(pace, now))),
		&rows);

	if (err != ERR_OK)
		return err;
	claim->first = rows_int(rows, 0);
	claim->points = rows_int(rows, 1);
	claim->attempt = rows_int(rows, 2) + 1;
	claim->charged_us = rows_int(rows, 3);
	expired = rows_int(rows, 4) > 0;
	rows_end(rows);
	if (expired)
		err = charge(admin, run, pace->lease_ms * 1000);
	if (err != ERR_OK)
		return err;
	return lease_again(admin, run, now + pace->lease_ms, claim);
}

static enum err slice_new(struct admin_scope *admin,
	const struct run_pace *pace, const struct picked *run,
	struct run_claim *claim)
{
	const int64_t now = admin_now(admin);
	const bool finish = run->next >= run->points;
	enum err err;

	claim->first = run->next;
	claim->points = finish ? 0 : slice_points(run, pace);
	claim->attempt = 1;
	claim->charged_us =
		finish ? run->finish_us : claim->points * run->point_us;
	err = admin_run(admin, new_sql,
		BINDS(bind_text(":user", run->user_id),
			bind_text(":run", run->run_id),
			bind_int(":first", claim->first),
			bind_int(":points", claim->points),
			bind_text(":lease", claim->owner),
			bind_int(":until", now + pace->lease_ms),
			bind_int(":charged", claim->charged_us)),
		NULL);
	if (err == ERR_OK)
		err = admin_run(admin, begun_sql,
			BINDS(bind_text(":user", run->user_id),
				bind_text(":run", run->run_id),
				bind_int(":next",
					claim->first +
						(finish ? 1 : claim->points)),
				bind_int(":now", now)),
			NULL);
	return err == ERR_OK ? charge(admin, run, claim->charged_us) : err;
}

static enum err claim_locked(struct admin_scope *admin,
	const struct run_pace *pace, struct run_claim *claim)
{
	struct picked run;
	enum err err = newcomers_join(admin);

	if (err == ERR_OK)
		err = pick(admin, pace, &run);
	if (err != ERR_OK)
		return err;
	claim->user_id = run.user_id;
	claim->run_id = run.run_id;
	claim->kind = (enum run_kind_id)run.kind;
	claim->began = run.queued;
	err = slice_left(admin, pace, &run, claim);
	if (err == ERR_NOT_FOUND)
		err = slice_new(admin, pace, &run, claim);
	return err;
}

enum err runs_claim(struct admin_scope *admin, const struct run_pace *pace,
	const char *owner, struct run_claim *out)
{
	const int64_t now = admin_now(admin);
	struct run_claim claim = {
		.owner = arena_text(admin_arena(admin), owner)};
	/* without the write lock: most of the time there is nothing */
	enum err err = has_row(admin, any_sql,
		BINDS(bind_int(":now", now),
			bind_int(":far", far_of(pace, now))));

	if (err == ERR_OK)
		err = admin_begin(admin);
	if (err != ERR_OK)
		return err;
	err = admin_end(admin, claim_locked(admin, pace, &claim));
	if (err == ERR_OK)
		*out = claim;
	return err;
}

/* ---- for the process above ----------------------------------------------- */

enum err runs_release(
	struct admin_scope *admin, const char *owner, int64_t lease_ms)
{
	enum err err = admin_begin(admin);

	if (err != ERR_OK)
		return err;
	err = admin_run(admin, spent_sql,
		BINDS(bind_text(":lease", owner),
			bind_int(":now", admin_now(admin)),
			bind_int(":lease_ms", lease_ms)),
		NULL);
	if (err == ERR_OK)
		err = admin_run(admin, release_sql,
			BINDS(bind_text(":lease", owner)), NULL);
	return admin_end(admin, err);
}

enum err runs_outlook(struct admin_scope *admin, struct runs_outlook *out)
{
	struct rows *rows;
	enum err err = admin_one(admin, outlook_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	*out = (struct runs_outlook){
		.open = rows_int(rows, 0),
		.waiting = rows_int(rows, 1),
		.oldest = rows_int(rows, 2),
	};
	rows_end(rows);
	return ERR_OK;
}
