/* Writes down what an evaluator decided, with the candle it decided on. */
#ifndef DOMAIN_SIGNAL_STORE_PRIVATE_H
#define DOMAIN_SIGNAL_STORE_PRIVATE_H

#include "evaluate.h"
#include "book_run_private.h"
#include "signal_runner.h"

struct signal_made {
	int64_t candle_time;
	struct decimal price;
	size_t kind; /* by signal_names */
	int64_t decisions, held, conditions;
	struct raw_json reason;
};
/* What the evaluator's last bar means: decisions, its byte. */
void signal_explain(const struct evaluator *evaluator, struct arena *arena,
	uint8_t decisions, struct signal_made *out);
/* The kind of a byte of decisions. */
size_t signal_kind_of(uint8_t decisions);

struct signal_batch {
	const struct signal_made *items;
	size_t count;
	int64_t last; /* open of the last candle evaluated */
	/* of a run that trades; NULL: it does not */
	const struct program *program;
	const struct limits *limits;
	bool live; /* at an exchange */
	struct run_bars bars;
};
/*
 * One transaction, with what a run that trades does on these candles.
 * ERR_CONFLICT, and nothing is written, unless the run still runs, stands at
 * the due's last candle, and the symbol's candles are of the due's revision;
 * or when trading is stopped for everybody, which ends the run.
 */
MUST_CHECK enum err signal_store(struct scope *scope,
	const struct signal_due *due, const struct signal_batch *batch);
/* The run ends here; error: in words, for its owner. */
MUST_CHECK enum err signal_store_failure(
	struct scope *scope, const struct signal_due *due, const char *error);

#endif
