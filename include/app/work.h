/*
 * The background process from the inside: what its jobs stand on, and one
 * round of those that are due. cmd_work.c is the loop around it.
 */
#ifndef APP_WORK_H
#define APP_WORK_H

#include "cache.h"
#include "config.h"
#include "jobs.h"
#include "log.h"
#include "open.h"

struct signal_runner; /* signal_runner.h */
struct work_net;
struct venues;

struct work {
	const struct config *config;
	const struct log *log;
	struct shared *shared;
	const char *owner;     /* of leases: host, process, random */
	struct arena *arena;   /* of one run; reset behind it */
	struct report *report; /* of one run */
	int64_t now;	       /* when the run began */
	int alive_fd;	       /* work_alive.c; 0: none */
	/* Of all rounds: evaluators of running strategies, and an arena of one
	   visit. NULL: opened with the first round. */
	struct signal_runner *signals;
	struct arena *signal_arena, *visit_arena;
	/* Of all rounds, too; NULL until they are needed. */
	struct work_net *net;  /* work_net.h */
	struct market *market; /* work_market.h */
	unsigned lanes;	       /* whose jobs it runs: bits 1 << enum job_lane;
				   0: all */
	int64_t watch_seq;     /* quotes that the watch has looked at */
	int64_t watch_all_us;  /* when it looks at all orders again */
	struct venues *venues; /* work_venues.h */
	struct arena *live_arena; /* of one visit */
	int64_t live_looked_us;	  /* when accounts there were due last */
};

/* The operator's, at the time at which the run began, in its arena. */
struct admin_scope *work_operator(struct work *work);
/* Those whose jobs it runs. */
unsigned work_lanes(const struct work *work);
bool work_has(const struct work *work, enum job_lane lane);
/* "host.example/4711/0011223344556677" */
const char *work_owner(struct arena *arena);
/* Writes down how often each job runs, and what the figures start from. */
MUST_CHECK enum err work_plan(struct work *work);
/* Says that the background process lives, if this is the one to say it. */
void work_beat(struct work *work);
/* Runs every job of its lanes that is due and that nobody else has. False when one of
   them failed. */
bool work_round(struct work *work);
/* How long nothing of its lanes is due, ms; at most 1000, so that what an
   admin asks for begins soon, and WATCH_INTERVAL_MS where it watches. ERR_UNAVAILABLE: the database does not answer. */
MUST_CHECK enum err work_wait(struct work *work, int64_t *out);

/* work_alive.c: says to all processes of this data folder that this one lives,
   until it ends. ERR_UNAVAILABLE: DATA_FOLDER/run cannot be written. */
MUST_CHECK enum err work_alive_hold(struct work *work);
void work_alive_end(struct work *work);
/* The jobs of those that are dead may be taken at once. */
MUST_CHECK enum err work_alive_take_over(struct work *work);

/* Ends the process in so many ms, saying so on stderr; 0: no more. */
void work_watchdog(int64_t ms);

/* Around what a job does to a user's things: nothing that was kept of them
   (tags: enum cache_tag) is found meanwhile. arena: lives until released. */
struct work_hold {
	struct store *store; /* NULL: nothing is held */
	struct store_tags tags;
};
enum {
	WORK_DESK_TAGS = TAG_ORDERS | TAG_PORTFOLIO | TAG_RISK,
	WORK_LIVE_TAGS = WORK_DESK_TAGS | TAG_SIGNALS /* runs have books */
};
struct work_hold work_hold(const struct work *work, struct arena *arena,
	unsigned tags, const char *user_id);
void work_release(const struct work_hold *hold);

/* What stays from round to round. */
void work_close(struct work *work);

/* What a job does, by enum job; each can be repeated and cut short. */
enum err work_run(struct work *work, enum job job);
/* Running strategies on newly closed candles, within a budget of time. */
enum err work_signals(struct work *work);
/* work_paper.c; a scope of the owner that stands in a row, as of work->now */
struct scope *work_scope_of(
	struct work *work, struct arena *arena, const char *user_id);
/* What must not stop the others is logged, and passes. */
enum err work_passed(struct work *work, enum err err, const char *user_id);
MUST_CHECK enum err work_orders(struct work *work);
MUST_CHECK enum err work_orders_clean(struct work *work);
MUST_CHECK enum err work_portfolio_check(struct work *work);
/* work_errands.c: does what waits, each by its own lease and not as a job:
   looking costs one read. What fails is told to its user. */
void work_errands(struct work *work);
MUST_CHECK enum err work_errands_clean(struct work *work);
/* work_market.c: fetches what is due. Opening tells what cannot be, before the
   first round; closing is work_close's. */
MUST_CHECK enum err work_market(struct work *work);
MUST_CHECK enum err work_market_open(struct work *work);
void work_market_close(struct work *work);
/* work_watch.c: resting paper orders that a quote reaches. */
MUST_CHECK enum err work_watch(struct work *work);
/* There are quotes that the watch has not looked at, and nobody is at it or
   forbade it. */
bool work_watch_wanted(struct work *work);
/* Between the steps of a long job of its lane: so that no price waits for it. */
MUST_CHECK enum err work_watch_between(struct work *work);
/* work_notify.c */
MUST_CHECK enum err work_notify(struct work *work);
MUST_CHECK enum err work_summary(struct work *work);
MUST_CHECK enum err work_notify_clean(struct work *work);
/* work_live_round.c: orders at the exchange, and what opens for it. Not a
   job, whose lease would keep everybody waiting after a crash: each order has
   one of its own. */
void work_live(struct work *work);
void work_live_close(struct work *work);
/* Signals past their time go; counts the runs. */
enum err work_signals_clean(struct work *work);
/* The audit chain: is it whole, and its head as one more line of
   DATA_FOLDER/audit/head.log. */
enum err work_audit_head(struct work *work);
/* After a restore the chain is shorter than what that file says: it is put
   aside and begun anew with the head that holds now. */
MUST_CHECK enum err work_audit_anew(const struct config *config,
	struct audit *audit, struct arena *arena, int64_t now);

#endif
