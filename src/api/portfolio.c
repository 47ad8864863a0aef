/* One's own accounts. Whose it is is the scope's business alone. */
#include "portfolio_api.h"

#include "order_place_private.h"
#include "orders_api.h"
#include "portfolio.h"
#include "replies_private.h"
#include "totals_private.h"

#define ACCOUNT_DOC                                                         \
	"number of one of GET /portfolio/accounts; absent: the open paper " \
	"account by hand"

static const struct field position_fields[] = {
	FIELD(struct position_view, symbol, .doc = "of what"),
	FIELD(struct position_view, side, .doc = "long or short"),
	FIELD(struct position_view, quantity, .doc = "negative: short"),
	FIELD(struct position_view, average_price,
		.doc = "of the lots that are held, first in, first out"),
	FIELD(struct position_view, cost, .doc = "of the same, without fees"),
	FIELD(struct position_view, last_price, .nullable = true,
		.doc = "close of the newest candle"),
	FIELD(struct position_view, value, .doc = "at the last price"),
	FIELD(struct position_view, unrealised, .doc = "value - cost"),
	FIELD(struct position_view, realised,
		.doc = "by what was closed, before fees"),
	FIELD(struct position_view, fees, .doc = "of all its fills"),
	FIELD(struct position_view, stale,
		.doc = "the next candle ought to have come"),
};
static const struct shape position_shape =
	SHAPE("position", struct position_view, position_fields);
static const struct field positions_fields[] = PAGE_FIELDS(position_shape);
const struct shape positions_shape =
	SHAPE("positions", struct page, positions_fields);

static const struct field portfolio_fields[] = {
	FIELD(struct portfolio_view, venue, .one_of = order_venues,
		.doc = "where"),
	FIELD(struct portfolio_view, account, .doc = "its number"),
	FIELD(struct portfolio_view, run_id, .nullable = true,
		.doc = "of the strategy that trades in it; null: by hand"),
	FIELD(struct portfolio_view, closed,
		.doc = "nothing is traded in it "
		       "any more"),
	FIELD(struct portfolio_view, opened_at, .doc = "since when"),
	FIELD(struct portfolio_view, start_balance, .doc = "money then"),
	FIELD(struct portfolio_view, cash, .doc = "money now"),
	FIELD(struct portfolio_view, exposure,
		.doc = "sizes of all positions' values"),
	FIELD(struct portfolio_view, equity, .doc = "cash and positions"),
	FIELD(struct portfolio_view, realised, .doc = "before fees"),
	FIELD(struct portfolio_view, unrealised, .doc = "of what is held"),
	FIELD(struct portfolio_view, fees, .doc = "paid"),
	FIELD(struct portfolio_view, day_change,
		.doc = "of the equity, since its first look of the day (UTC)"),
	FIELD_LIST(struct portfolio_view, positions, position_shape,
		.doc = "what is held"),
	FIELD(struct portfolio_view, asset, .nullable = true,
		.doc = "in which this account's money is; null: its symbols "
		       "are priced in several"),
	FIELD_LIST(struct portfolio_view, totals, total_shape,
		.doc = "all open accounts in my currency, a venue each"),
};
const struct shape portfolio_shape =
	SHAPE("portfolio", struct portfolio_view, portfolio_fields);

struct portfolio_query {
	int64_t account;
};
static const struct field portfolio_query_fields[] = {
	FIELD(struct portfolio_query, account, .from = FROM_QUERY, .min = 0,
		.max = INT32_MAX, .doc = ACCOUNT_DOC),
};
const struct shape portfolio_query_shape = SHAPE(
	"portfolio_query", struct portfolio_query, portfolio_query_fields);

static const struct field account_query_fields[] = {
	FIELD(struct account_query, state, .from = FROM_QUERY,
		.one_of = account_states, .doc = "absent: all"),
	FIELD(struct account_query, limit, .from = FROM_QUERY, .min = 1,
		.max = 200, .otherwise = 50, .doc = "entries in a page"),
	FIELD(struct account_query, cursor, .from = FROM_QUERY,
		.doc = "next_cursor of the page before"),
};
const struct shape account_query_shape =
	SHAPE("account_query", struct account_query, account_query_fields);

static const struct field account_fields[] = {
	FIELD(struct account_view, account, .doc = "its number"),
	FIELD(struct account_view, venue, .one_of = order_venues,
		.doc = "where"),
	FIELD(struct account_view, run_id, .nullable = true,
		.doc = "of the strategy that trades in it; null: by hand, as "
		       "are the next three"),
	FIELD(struct account_view, strategy_id, .nullable = true,
		.doc = "whose run that is"),
	FIELD(struct account_view, strategy_name, .nullable = true,
		.doc = "its name now"),
	FIELD(struct account_view, symbol, .nullable = true,
		.doc = "on which it runs"),
	FIELD(struct account_view, state, .one_of = account_states,
		.doc = "closed: nothing is traded in it any more"),
	FIELD(struct account_view, opened_at, .doc = "since when"),
	FIELD(struct account_view, closed_at, .nullable = true,
		.doc = "until when"),
	FIELD(struct account_view, start_balance, .doc = "money at first"),
	FIELD(struct account_view, cash, .doc = "money now"),
	FIELD(struct account_view, exposure,
		.doc = "sizes of all positions' values"),
	FIELD(struct account_view, equity, .doc = "cash and positions"),
	FIELD(struct account_view, realised, .doc = "before fees"),
	FIELD(struct account_view, unrealised, .doc = "of what is held"),
	FIELD(struct account_view, fees, .doc = "paid"),
	FIELD(struct account_view, positions, .doc = "that are open"),
};
static const struct shape account_shape =
	SHAPE("account", struct account_view, account_fields);
static const struct field accounts_fields[] = PAGE_FIELDS(account_shape);
const struct shape accounts_shape =
	SHAPE("accounts", struct page, accounts_fields);

static const struct field equity_query_fields[] = {
	FIELD(struct history_query, from, .from = FROM_QUERY,
		.doc = "from this time on"),
	FIELD(struct history_query, to, .from = FROM_QUERY,
		.doc = "before this time"),
	FIELD(struct history_query, limit, .from = FROM_QUERY, .min = 1,
		.max = 5000, .otherwise = 500, .doc = "the newest so many"),
	FIELD(struct history_query, account, .from = FROM_QUERY, .min = 0,
		.max = INT32_MAX, .doc = ACCOUNT_DOC),
};
const struct shape equity_query_shape =
	SHAPE("equity_query", struct history_query, equity_query_fields);

static const struct field equity_fields[] = {
	FIELD(struct equity_view, at, .doc = "when"),
	FIELD(struct equity_view, cash, .doc = "money"),
	FIELD(struct equity_view, exposure, .doc = "sizes of the positions"),
	FIELD(struct equity_view, equity, .doc = "all of it"),
};
static const struct shape equity_shape =
	SHAPE("equity_point", struct equity_view, equity_fields);
static const struct field equity_points_fields[] = PAGE_FIELDS(equity_shape);
const struct shape equity_points_shape =
	SHAPE("equity_points", struct page, equity_points_fields);

struct portfolio_reset {
	const struct decimal *balance;
};
static const struct field portfolio_reset_fields[] = {
	FIELD(struct portfolio_reset, balance, .nullable = true,
		.doc = "to begin with; absent: PAPER_BALANCE"),
};
const struct shape portfolio_reset_shape = SHAPE(
	"portfolio_reset", struct portfolio_reset, portfolio_reset_fields);

static const struct field position_name_fields[] = {
	FIELD(struct position_name, symbol, .required = true, .from = FROM_PATH,
		.doc = "such as BTC-USD"),
	FIELD(struct position_name, account, .from = FROM_QUERY, .min = 0,
		.max = INT32_MAX, .doc = ACCOUNT_DOC),
};
const struct shape position_name_shape =
	SHAPE("position_name", struct position_name, position_name_fields);

enum err handle_portfolio(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct portfolio_query *in = input;

	return portfolio_get(scope, call->services->limits, in->account, out);
}

enum err handle_accounts(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	return portfolio_accounts(scope, call->services->limits, input, out);
}

enum err handle_positions(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct portfolio_query *in = input;
	struct portfolio_view view;
	struct page *page = out;
	enum err err = portfolio_get(
		scope, call->services->limits, in->account, &view);

	if (err == ERR_OK)
		page->data = view.positions;
	return err;
}

enum err handle_portfolio_history(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	struct page *page = out;

	(void)call;
	return portfolio_history(scope, input, &page->data);
}

enum err handle_portfolio_reset(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct portfolio_reset *in = input;

	return portfolio_reset(scope, call->services->limits, in->balance, out);
}

enum err handle_position_close(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct order_from from = order_from_call(call);

	return order_reply(call,
		position_close(
			scope, call->services->limits, input, &from, out),
		&from, out);
}
