/*
 * Orders at an exchange, in the background process: words between domain's
 * orders and the venue's, and what is done to one.
 */
#ifndef APP_WORK_LIVE_H
#define APP_WORK_LIVE_H

#include "outbox.h"
#include "venue.h"
#include "work.h"

/* One order or account at work; the arena is reset before each. */
struct live {
	struct work *work;
	struct arena *arena;
	const char *user_id;
	struct scope *scope;
	struct limits limits;
	struct venue *venue;
};

/* A scope of that user, now; false: the clock cannot be read. */
MUST_CHECK bool live_begin(
	struct live *live, struct work *work, const char *user_id);
/* Does what is due first; ERR_NOT_FOUND: nothing was. */
MUST_CHECK enum err live_visit(struct live *live);
/* Asks about one that may be there, and books what it says. */
MUST_CHECK enum err live_ask(struct live *live, const struct outbox_item *item);
/* The same of one that rests, together with the others of its symbol: they are
   seen in one answer (work_live_poll.c). */
MUST_CHECK enum err live_poll(
	struct live *live, const struct outbox_item *item);
/* Once over the strategies that trade there (work_live_runs.c). */
MUST_CHECK enum err live_runs_round(struct work *work, struct arena *arena);
/* The keys, and the book against the balances; slow: several requests.
   checked: the keys were. *retry_at: not before, when it did not work. */
MUST_CHECK enum err live_account(
	struct live *live, bool checked, int64_t *retry_at);

/* The first half of it: asks about the keys, and writes down what came back.
   ERR_UNAVAILABLE with words in the scope's report: try again. */
struct exchange_verdict;
MUST_CHECK enum err live_keys(
	struct live *live, struct exchange_verdict *out, int64_t *retry_at);

/* ---- words (work_live_words.c) --------------------------------------------- */

struct venue_order live_order(
	const struct outbox_order *order, const struct venue_symbol *symbol);
struct venue_oco live_oco(struct arena *arena, const struct outbox_item *item,
	const struct venue_symbol *symbol);
struct venue_known live_known(const struct outbox_item *item);
/* ERR_BAD_INPUT: numbers that the book cannot hold. */
MUST_CHECK enum err live_found(struct arena *arena,
	const struct venue_order_state *state,
	const struct venue_fill_list *fills, struct outbox_found *out);
/* Why, for the order's owner: a slug, and the exchange's sentence. */
const char *live_reason(
	struct arena *arena, const struct venue_outcome *outcome);

#endif
