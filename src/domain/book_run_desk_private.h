/* What the simulator of a run does, as orders and fills of the run's book. */
#ifndef DOMAIN_BOOK_RUN_DESK_PRIVATE_H
#define DOMAIN_BOOK_RUN_DESK_PRIVATE_H

#include "risk_private.h"
#include "book_run_private.h"
#include "trader.h"

struct run_desk {
	struct scope *scope;
	const struct run_ref *run;
	struct book book;
	struct risk_settings settings;
	size_t fills;
};

/* Opens the book, and reads what risk goes by. */
MUST_CHECK enum err book_run_desk_open(struct scope *scope,
	const struct limits *limits, const struct run_ref *run, int64_t account,
	struct run_desk *out);
/* Of a trader; the desk stays as long. */
struct trader_listener run_desk_listener(struct run_desk *desk);

/* What it holds, as JSON to be kept. */
const char *run_held_write(
	struct arena *arena, const struct trader_state *state);

#endif
