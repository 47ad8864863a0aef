/*
 * One backtest that was too long for a request: run by a runner, kept where
 * those of requests are. Must never overwrite one that was removed.
 */
#include "run_private.h"

#include "backtest_order_private.h"

static const char done_sql[] =
	"UPDATE backtests SET status = :status, stats = :stats,"
	" equity = :equity, trades = :trades, trades_rest = :rest,"
	" report = :report,"
	" fingerprint = :fingerprint"
	" WHERE user_id = :owner AND id = :id";
static const char progress_sql[] =
	"UPDATE runs SET bars_done = :bars"
	" WHERE user_id = :owner AND id = :id AND state = 'running'";
static const char failed_sql[] =
	"UPDATE backtests SET status = :status, error = :error"
	" WHERE user_id = :owner AND id = :id";
static const char gone_sql[] =
	"DELETE FROM runs WHERE user_id = :owner AND id = :id";

enum err run_backtest_finish(const struct run_slice *slice,
	const struct run_row *run, struct run_output *out)
{
	struct scope *scope = slice->scope;
	struct backtest_new in = {.symbol = NULL};
	struct backtest_outcome outcome;
	struct backtest_series series;
	struct backtest_order order;
	enum err err =
		request_read(scope, &backtest_new_shape, run->request, &in);

	if (err == ERR_OK)
		err = backtest_order_again(scope, &in, &order);
	if (err == ERR_OK)
		err = run_candles(slice, &order.in, 0, &series);
	if (err != ERR_OK)
		return err;
	/* nobody waits */
	order.in.report = true;
	order.tell = slice->tell;
	order.thing = slice->context;
	err = backtest_outcome(scope, &order, &series, &outcome);
	if (err != ERR_OK)
		return err;
	out->stats = outcome.stats.text;
	out->equity = outcome.equity.text;
	out->trades = outcome.trades.text;
	out->trades_rest = outcome.trades_rest.text;
	out->report = outcome.report.text;
	out->fingerprint = outcome.fingerprint;
	return ERR_OK;
}

enum err run_progress(
	struct scope *scope, const struct run_claim *claim, int64_t bars)
{
	int64_t changed = 0;
	enum err err = scope_run(scope, progress_sql,
		BINDS(bind_text(":id", claim->run_id), bind_int(":bars", bars)),
		&changed);

	if (err != ERR_OK)
		return err;
	return changed == 1 ? ERR_OK : ERR_CONFLICT;
}

enum err run_backtest_ended(struct scope *scope, const char *id,
	const struct queue_end *end, const struct run_output *output)
{
	enum err err;

	if (output)
		err = scope_run(scope, done_sql,
			BINDS(bind_text(":id", id),
				bind_text(":status", end->state),
				bind_text(":stats", output->stats),
				bind_text(":equity", output->equity),
				bind_text(":trades", output->trades),
				bind_text(":rest", output->trades_rest),
				bind_text(":report", output->report),
				bind_text(":fingerprint", output->fingerprint)),
			NULL);
	else
		err = scope_run(scope, failed_sql,
			BINDS(bind_text(":id", id),
				bind_text(":status", end->state),
				bind_text(":error", end->error)),
			NULL);
	return err == ERR_OK ? scope_run(scope, gone_sql,
				       BINDS(bind_text(":id", id)), NULL)
			     : err;
}
