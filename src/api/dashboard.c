/* The dashboard's pages, one call each. Whose they are is the scope's. */
#include "dashboard.h"

#include "desk.h"
#include "desk_api.h"
#include "overview.h"

struct overview_user {
	const char *id, *username;
};
static const struct field user_fields[] = {
	FIELD(struct overview_user, id, .doc = "the user's id"),
	FIELD(struct overview_user, username, .doc = "who is signed in"),
};
static const struct shape user_shape =
	SHAPE("overview_user", struct overview_user, user_fields);

static const struct field backtest_fields[] = {
	FIELD(struct overview_backtest, id, .doc = "the backtest's id"),
	FIELD(struct overview_backtest, strategy_id, .nullable = true,
		.doc = "null when the definition was sent along"),
	FIELD(struct overview_backtest, strategy_name, .nullable = true,
		.doc = "of that strategy"),
	FIELD(struct overview_backtest, symbol, .doc = "what was traded"),
	FIELD(struct overview_backtest, interval, .doc = "of the candles"),
	FIELD(struct overview_backtest, status, .doc = "how far it is"),
	FIELD(struct overview_backtest, created_at, .doc = "when it ran"),
	FIELD(struct overview_backtest, return_pct, .nullable = true,
		.doc = "percent; null where undefined, like all figures"),
	FIELD(struct overview_backtest, buy_hold_return_pct, .nullable = true,
		.doc = "of holding the symbol instead"),
	FIELD(struct overview_backtest, max_drawdown_pct, .nullable = true,
		.doc = "percent, negative"),
	FIELD(struct overview_backtest, sharpe, .nullable = true,
		.doc = "the Sharpe ratio"),
	FIELD(struct overview_backtest, win_rate_pct, .nullable = true,
		.doc = "percent of the trades"),
	FIELD(struct overview_backtest, trades, .nullable = true,
		.doc = "closed ones"),
};
static const struct shape backtest_shape =
	SHAPE("overview_backtest", struct overview_backtest, backtest_fields);

static const struct field symbol_fields[] = {
	FIELD(struct overview_symbol, symbol, .doc = "such as BTC-USD"),
	FIELD(struct overview_symbol, last, .nullable = true,
		.doc = "open of the last candle; null without candles"),
	FIELD(struct overview_symbol, age_s,
		.doc = "seconds since then, when this was computed"),
};
static const struct shape symbol_shape =
	SHAPE("overview_symbol", struct overview_symbol, symbol_fields);

struct dashboard_overview {
	struct overview_user user;
	struct overview overview;
	struct desk_overview desk;
};
/* clang-format off */
#define OVERVIEW_AT(member) offsetof(struct dashboard_overview, overview.member)
/* clang-format on */
static const struct field overview_fields[] = {
	FIELD_OBJECT(struct dashboard_overview, user, user_shape,
		.doc = "whose overview it is"),
	{.name = "strategies",
		.kind = SHAPE_INT,
		.offset = OVERVIEW_AT(strategies),
		.doc = "how many"},
	{.name = "backtests",
		.kind = SHAPE_INT,
		.offset = OVERVIEW_AT(backtests),
		.doc = "how many"},
	{.name = "newest_backtests",
		.kind = SHAPE_LIST,
		.offset = OVERVIEW_AT(newest),
		.shape = &backtest_shape,
		.doc = "at most five"},
	{.name = "symbols",
		.kind = SHAPE_LIST,
		.offset = OVERVIEW_AT(symbols),
		.shape = &symbol_shape,
		.doc = "by name, at most 50"},
	FIELD_OBJECT(struct dashboard_overview, desk, desk_overview_shape,
		.doc = "accounts, and what was traded last"),
};
const struct shape dashboard_overview_shape =
	SHAPE("dashboard_overview", struct dashboard_overview, overview_fields);

enum err handle_dashboard_overview(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	struct dashboard_overview *page = out;
	enum err err = overview_get(scope, &page->overview);

	(void)input;
	page->user = (struct overview_user){
		.id = call->identity.user_id,
		.username = call->identity.username,
	};
	if (err == ERR_OK)
		err = desk_overview_get(
			scope, call->services->limits, &page->desk);
	return err;
}
