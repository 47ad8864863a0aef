/*
 * The kill switch: state halted, runs that trade stopped, and orders cancelled,
 * in one transaction. Must never take away what only protects a position,
 * unless that is asked for.
 */
#include "risk_private.h"

#include "events.h"
#include "live_private.h"
#include "text.h"

const char *const risk_cancels[] = {"opening", "all", NULL};
const char risk_halted_text[] =
	"Trading is halted by you: no order is taken until you resume";

static const char state_sql[] =
	"INSERT INTO risk_settings (user_id, state, state_by, state_at,"
	" updated_at) VALUES (:owner, :state, :by, :now, :now)"
	" ON CONFLICT (user_id) DO UPDATE SET state = excluded.state,"
	" state_by = excluded.state_by, state_at = excluded.state_at,"
	" updated_at = excluded.updated_at";
static const char stop_sql[] =
	"UPDATE strategy_runs SET state = 'stopped', stopped_at = :now,"
	" error = 'its owner stopped all trading (POST /risk/halt)'"
	" WHERE user_id = :owner AND state = 'running' AND mode <> 'signal'";
static const char position_sql[] =
	"SELECT quantity FROM positions WHERE user_id = :owner"
	" AND account = :account AND symbol = :symbol";

bool risk_protects(const struct order *order, int64_t position)
{
	const bool meant = order->reduce_only || order->oco ||
			   order->type == MATCH_STOP ||
			   order->type == MATCH_STOP_LIMIT ||
			   order->type == MATCH_TAKE_PROFIT ||
			   order->type == MATCH_TRAILING;

	return meant && (order->buys ? position < 0 : position > 0);
}

static enum err position_read(
	struct scope *scope, const struct order *order, int64_t *out)
{
	struct rows *rows;
	enum err err = scope_one(scope, position_sql,
		BINDS(bind_int(":account", order->account),
			bind_text(":symbol", order->symbol)),
		&rows);

	*out = 0;
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	*out = rows_int(rows, 0);
	rows_end(rows);
	return ERR_OK;
}

static enum err order_halt(
	struct scope *scope, const struct order *open, bool all)
{
	struct order order;
	int64_t position = 0;
	/* with the first of a pair the other may have ended */
	enum err err = order_find(scope, open->id, &order);

	if (err == ERR_OK && !all)
		err = position_read(scope, &order, &position);
	if (err != ERR_OK || order_is_over(order.state) ||
		(!all && risk_protects(&order, position)))
		return err;
	return order_stop(scope, &order, CAUSE_RISK, risk_states[RISK_HALTED]);
}

static enum err orders_halt(struct scope *scope, bool all)
{
	struct list open = {0};
	const struct order *orders;
	enum err err = orders_open(scope, 0, NULL, &open);

	orders = open.items;
	for (size_t i = 0; err == ERR_OK && i < open.count; i++)
		err = order_halt(scope, &orders[i], all);
	return err;
}

static enum err halt(struct scope *scope, const struct limits *limits,
	const struct risk_halting *in, struct risk_view *out)
{
	static const struct book_name by_hand = {0};
	const bool all = in->cancel && text_equal(in->cancel, risk_cancels[1]);
	struct book book;
	enum err err = book_open(scope, limits, &by_hand, &book);

	if (err == ERR_OK)
		err = scope_run(scope, state_sql,
			BINDS(bind_text(":state", risk_states[RISK_HALTED]),
				bind_text(":by", in->by),
				bind_int(":now", scope_now(scope))),
			NULL);
	if (err == ERR_OK)
		err = scope_run(scope, stop_sql,
			BINDS(bind_int(":now", scope_now(scope))), NULL);
	if (err == ERR_OK)
		err = event_note(scope, EVENT_HALTED, "%s", risk_halted_text);
	if (err == ERR_OK)
		err = orders_halt(scope, all);
	if (err == ERR_OK)
		err = book_settle(scope);
	return err == ERR_OK ? risk_get(scope, limits, out) : err;
}

enum err risk_halt(struct scope *scope, const struct limits *limits,
	const struct risk_halting *in, struct risk_view *out)
{
	struct risk_view view;
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	err = scope_end(scope, halt(scope, limits, in, &view));
	if (err == ERR_OK)
		*out = view;
	return err;
}
