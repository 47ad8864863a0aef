/*
 * The dashboard's pages of the desk, one call each. Whose they are is the
 * scope's.
 */
#include "desk_api.h"

#include "desk.h"
#include "orders_api.h"
#include "portfolio_api.h"
#include "totals_private.h"

/* ---- money ---------------------------------------------------------------------- */

/* The sums stand beside the names, not inside an object. */
/* clang-format off */
#define SUM(type, member, ...)                                             \
	{ .name = #member,                                                 \
	  .kind = SHAPE_KIND(((struct desk_sums *)0)->member),             \
	  .offset = offsetof(struct type, sums.member), __VA_ARGS__ }
#define SUMS(type)                                                         \
	SUM(type, start_balance, .doc = "money in the beginning"),         \
	SUM(type, cash, .doc = "money now"),                               \
	SUM(type, exposure, .doc = "sizes of all positions' values"),      \
	SUM(type, equity, .doc = "cash and positions"),                    \
	SUM(type, realised, .doc = "before fees"),                         \
	SUM(type, unrealised, .doc = "of what is held"),                   \
	SUM(type, fees, .doc = "paid"),                                    \
	SUM(type, day_change,                                              \
		.doc = "of the equity, since its first look of the day "   \
		       "(UTC)"),                                           \
	SUM(type, positions, .doc = "that are held"),                      \
	SUM(type, open_orders, .doc = "that can still fill")
/* clang-format on */

static const struct field venue_fields[] = {
	FIELD(struct desk_venue, venue, .one_of = order_venues, .doc = "where"),
	FIELD(struct desk_venue, books, .doc = "accounts that are open there"),
	SUMS(desk_venue),
};
static const struct shape venue_shape =
	SHAPE("desk_venue", struct desk_venue, venue_fields);

static const struct field book_fields[] = {
	FIELD(struct desk_book, account,
		.doc = "its number; 0: it begins with the first order"),
	FIELD(struct desk_book, venue, .one_of = order_venues, .doc = "where"),
	FIELD(struct desk_book, run_id, .nullable = true,
		.doc = "of the strategy that trades in it; null: by hand, as "
		       "the next three"),
	FIELD(struct desk_book, strategy_id, .nullable = true,
		.doc = "its strategy"),
	FIELD(struct desk_book, strategy_name, .nullable = true,
		.doc = "the name of it"),
	FIELD(struct desk_book, symbol, .nullable = true, .doc = "on what"),
	FIELD(struct desk_book, opened_at, .doc = "since when"),
	SUMS(desk_book),
	FIELD(struct desk_book, drawdown_pct, .doc = "from its highest equity"),
};
static const struct shape book_shape =
	SHAPE("desk_book", struct desk_book, book_fields);

static const struct field overview_fields[] = {
	FIELD_LIST(struct desk_overview, venues, venue_shape,
		.doc = "sums of each; paper and real money are never added"),
	FIELD_LIST(struct desk_overview, books, book_shape,
		.doc = "every open account"),
	FIELD_LIST(struct desk_overview, totals, total_shape,
		.doc = "all of them in my currency, a venue each"),
	FIELD(struct desk_overview, running_strategies, .doc = "how many"),
	FIELD_LIST(struct desk_overview, trades, trade_shape,
		.doc = "the last five fills"),
};
const struct shape desk_overview_shape =
	SHAPE("desk_overview", struct desk_overview, overview_fields);

/* ---- trading -------------------------------------------------------------------- */

/* clang-format off */
#define HELD(member, ...)                                                  \
	{ .name = #member,                                                 \
	  .kind = SHAPE_KIND(((struct position_view *)0)->member),         \
	  .offset = offsetof(struct desk_position, view.member), __VA_ARGS__ }
/* clang-format on */
static const struct field position_fields[] = {
	FIELD(struct desk_position, account, .doc = "in which account"),
	FIELD(struct desk_position, venue, .one_of = order_venues,
		.doc = "where"),
	FIELD(struct desk_position, strategy_name, .nullable = true,
		.doc = "whose account it is; null: by hand"),
	HELD(symbol, .doc = "of what"),
	HELD(side, .doc = "long or short"),
	HELD(quantity, .doc = "negative: short"),
	HELD(average_price, .doc = "of the lots that are held"),
	HELD(cost, .doc = "of the same, without fees"),
	HELD(last_price, .nullable = true, .doc = "what it costs now"),
	HELD(value, .doc = "at the last price"),
	HELD(unrealised, .doc = "value - cost"),
	HELD(realised, .doc = "by what was closed, before fees"),
	HELD(fees, .doc = "of all its fills"),
	HELD(stale, .doc = "the price is older than it ought to be"),
};
static const struct shape position_shape =
	SHAPE("desk_position", struct desk_position, position_fields);

static const struct field period_fields[] = {
	FIELD(struct desk_period, venue, .one_of = order_venues,
		.doc = "where"),
	FIELD(struct desk_period, period, .one_of = desk_periods,
		.doc = "of the calendar (UTC); a week begins on Monday"),
	FIELD(struct desk_period, since, .doc = "when it began"),
	FIELD(struct desk_period, fills, .doc = "how many"),
	FIELD(struct desk_period, wins,
		.doc = "fills that closed something with a gain, before fees"),
	FIELD(struct desk_period, losses, .doc = "with a loss"),
	FIELD(struct desk_period, win_rate_pct, .nullable = true,
		.doc = "wins of both; null: there are none"),
	FIELD(struct desk_period, average_win, .nullable = true,
		.doc = "money"),
	FIELD(struct desk_period, average_loss, .nullable = true,
		.doc = "money, negative"),
	FIELD(struct desk_period, realised, .doc = "before fees"),
	FIELD(struct desk_period, fees, .doc = "paid"),
	FIELD(struct desk_period, net, .doc = "realised - fees"),
	FIELD(struct desk_period, volume, .doc = "values of all fills"),
};
static const struct shape period_shape =
	SHAPE("desk_period", struct desk_period, period_fields);

static const struct field point_fields[] = {
	FIELD(struct desk_point, at, .doc = "when"),
	FIELD(struct desk_point, equity, .doc = "of all accounts open now"),
};
static const struct shape point_shape =
	SHAPE("desk_point", struct desk_point, point_fields);
static const struct field curve_fields[] = {
	FIELD(struct desk_curve, venue, .one_of = order_venues, .doc = "where"),
	FIELD_LIST(struct desk_curve, points, point_shape,
		.doc = "at most 120, oldest first, evenly spaced; the last is "
		       "now"),
};
static const struct shape curve_shape =
	SHAPE("desk_curve", struct desk_curve, curve_fields);

static const struct field trading_fields[] = {
	FIELD_LIST(struct desk_trading, venues, venue_shape,
		.doc = "sums of each; paper and real money are never added"),
	FIELD_LIST(struct desk_trading, books, book_shape,
		.doc = "every open account"),
	FIELD_LIST(struct desk_trading, positions, position_shape,
		.doc = "what is held, of all accounts"),
	FIELD_LIST(struct desk_trading, orders, order_view_shape,
		.doc = "open ones, newest first, at most 50"),
	FIELD_LIST(struct desk_trading, trades, trade_shape,
		.doc = "the last 20 fills"),
	FIELD_LIST(struct desk_trading, periods, period_shape,
		.doc = "what was traded; ended strategies too"),
	FIELD_LIST(struct desk_trading, curves, curve_shape,
		.doc = "the equity over time"),
};
const struct shape dashboard_trading_shape =
	SHAPE("dashboard_trading", struct desk_trading, trading_fields);

/* ---- risk ----------------------------------------------------------------------- */

static const struct field limit_fields[] = {
	FIELD(struct desk_limit, venue, .one_of = order_venues, .doc = "where"),
	FIELD(struct desk_limit, name, .one_of = desk_limits,
		.doc = "as in GET /risk"),
	FIELD(struct desk_limit, limit, .nullable = true,
		.doc = "null: there is none"),
	FIELD(struct desk_limit, used,
		.doc = "with what open orders may add; of orders the largest, "
		       "of symbols and drawdowns the worst"),
	FIELD(struct desk_limit, used_pct, .nullable = true,
		.doc = "percent of the limit"),
};
static const struct shape limit_shape =
	SHAPE("desk_limit", struct desk_limit, limit_fields);

static const struct field exposure_fields[] = {
	FIELD(struct desk_exposure, venue, .one_of = order_venues,
		.doc = "where"),
	FIELD(struct desk_exposure, symbol, .doc = "of what"),
	FIELD(struct desk_exposure, value, .doc = "negative: short"),
	FIELD(struct desk_exposure, size,
		.doc = "of all accounts, longs and shorts alike"),
	FIELD(struct desk_exposure, equity_pct,
		.doc = "size in percent of the venue's equity"),
	FIELD(struct desk_exposure, books, .doc = "accounts that hold it"),
};
static const struct shape exposure_shape =
	SHAPE("desk_exposure", struct desk_exposure, exposure_fields);

static const struct field denial_fields[] = {
	FIELD(struct desk_denial, reason, .one_of = risk_reasons, .doc = "why"),
	FIELD(struct desk_denial, count, .doc = "how many"),
};
static const struct shape denial_shape =
	SHAPE("desk_denial", struct desk_denial, denial_fields);

static const struct field risk_fields[] = {
	FIELD(struct desk_risk, state, .one_of = risk_states,
		.doc = "reducing: orders only shrink positions; halted: none"),
	FIELD(struct desk_risk, state_by, .nullable = true,
		.one_of = order_sources,
		.doc = "who set it: by hand, an API key, a strategy, the "
		       "system; null: nobody did"),
	FIELD(struct desk_risk, state_at, .nullable = true, .doc = "and when"),
	FIELD(struct desk_risk, trading_halted,
		.doc = "an admin stopped everybody"),
	FIELD_LIST(struct desk_risk, limits, limit_shape,
		.doc = "each, and how much of it is used"),
	FIELD_LIST(struct desk_risk, venues, venue_shape, .doc = "sums"),
	FIELD_LIST(struct desk_risk, books, book_shape,
		.doc = "every open account"),
	FIELD_LIST(struct desk_risk, exposure, exposure_shape,
		.doc = "by symbol, largest first"),
	FIELD(struct desk_risk, orders_today, .doc = "denied ones too (UTC)"),
	FIELD(struct desk_risk, denied_today, .doc = "of them"),
	FIELD_LIST(struct desk_risk, denials, denial_shape,
		.doc = "of today by reason, most first"),
};
const struct shape dashboard_risk_shape =
	SHAPE("dashboard_risk", struct desk_risk, risk_fields);

/* ---- handlers ------------------------------------------------------------------- */

enum err handle_dashboard_trading(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	(void)input;
	return desk_trading_get(scope, call->services->limits, out);
}

enum err handle_dashboard_risk(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	(void)input;
	return desk_risk_get(scope, call->services->limits, out);
}
