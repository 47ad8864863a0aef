/*
 * What keeps entries away: hours, days, cool-downs, losses. Exits are never
 * its business.
 */
#include "simulate_state_private.h"

#include <math.h>

static const int64_t minute_ms = INT64_C(60) * 1000;
static const int64_t day_ms = INT64_C(24) * 60 * 60 * 1000;

enum {
	WEEK_DAYS = 7,
	EPOCH_WEEKDAY = 3, /* 1970-01-01 was a Thursday; Monday is 0 */
	HUNDRED = 100
};

static int64_t floor_div(int64_t value, int64_t by)
{
	return value / by - (value % by < 0);
}

static bool is_in_session(const struct session_rule *session, int64_t time)
{
	int64_t local = time + session->offset * minute_ms;
	int64_t day = floor_div(local, day_ms);
	int64_t minute = (local - day * day_ms) / minute_ms;
	int64_t weekday = (day + EPOCH_WEEKDAY) % WEEK_DAYS;

	if (weekday < 0)
		weekday += WEEK_DAYS;
	if (!(session->days & 1u << weekday))
		return false;
	if (session->from < session->to)
		return minute >= session->from && minute < session->to;
	return minute >= session->from || minute < session->to;
}

bool sim_may_enter(const struct sim *sim, const struct moment *moment,
	const struct order *order)
{
	const struct rules *rules = sim->rules;

	if (sim->is_halted || sim->day_is_lost)
		return false;
	if (sim->long_only && order->action == ACTION_GO_SHORT)
		return false;
	/* An exit at the very fill counts too: its bar is the later one. */
	if (sim->has_exit && rules->cooldown_bars &&
		order->bar < sim->exit_bar + rules->cooldown_bars)
		return false;
	if (rules->max_trades_day &&
		sim->trade_day == floor_div(moment->time, day_ms) &&
		sim->day_trades >= (int64_t)rules->max_trades_day)
		return false;
	return !rules->session.days ||
	       is_in_session(&rules->session, order->time);
}

void sim_entered(struct sim *sim, int64_t time)
{
	int64_t day = floor_div(time, day_ms);

	if (day != sim->trade_day)
		sim->day_trades = 0;
	sim->trade_day = day;
	sim->day_trades++;
}

static double less(double equity, int64_t percent)
{
	return equity * (1 - ledger_double(percent) / HUNDRED);
}

void sim_watch(struct sim *sim, int64_t time, double equity)
{
	const struct rules *rules = sim->rules;
	int64_t day = floor_div(time, day_ms);

	if (day != sim->equity_day) {
		sim->equity_day = day;
		sim->day_equity = sim->last_equity;
		sim->day_is_lost = false;
	}
	sim->last_equity = equity;
	if (rules->max_daily_loss_pct &&
		equity <= less(sim->day_equity, rules->max_daily_loss_pct))
		sim->day_is_lost = true;
	if (equity > sim->peak_equity)
		sim->peak_equity = equity;
	if (rules->max_drawdown_pct &&
		equity <= less(sim->peak_equity, rules->max_drawdown_pct))
		sim->is_halted = true;
}

bool sim_is_under_margin(const struct sim *sim, double close, double equity)
{
	int64_t margin = sim->ledger.costs.margin;

	return margin < LEDGER_ONE &&
	       equity < fabs(sim->size) * close * ledger_double(margin) / 2;
}
