/*
 * Statistics of the closed trades: the default ones and the longer summary.
 * Money is a double here, for figures only. Trades stand in the order of
 * their exits; several may be open at once.
 */
#include "stats_private.h"

/* A product of growths leaves this range only after a logarithm was taken
   of it: one for some hundred trades instead of one for each. */
static const double growth_low = 1e-100, growth_high = 1e100;

struct sums {
	double logs, growth; /* the mean growth: logs + log(growth) */
	double returns, gains, losses, best, worst; /* fractions */
	double won, lost, profit, fees;		    /* money */
	double m2; /* squared distances of profits from their mean */
	double best_profit, worst_profit, traded;
	int64_t winners, losers, duration, longest;
	int64_t winners_held, losers_held;
	bool wiped_out; /* a return of -100 % or worse */
};

static void add_growth(struct sums *sums, double change)
{
	if (change <= -1) {
		sums->wiped_out = true;
		return;
	}
	sums->growth *= 1 + change;
	if (sums->growth > growth_low && sums->growth < growth_high)
		return;
	sums->logs += log(sums->growth);
	sums->growth = 1;
}

static void add_profit(struct sums *sums, double profit, int64_t held)
{
	sums->profit += profit;
	sums->best_profit = fmax(sums->best_profit, profit);
	sums->worst_profit = fmin(sums->worst_profit, profit);
	if (profit > 0) {
		sums->won += profit;
		sums->winners++;
		sums->winners_held += held;
	} else if (profit < 0) {
		sums->lost -= profit;
		sums->losers++;
		sums->losers_held += held;
	}
	sums->duration += held;
	sums->longest = held > sums->longest ? held : sums->longest;
}

static void add_trade(struct sums *sums, const struct backtest_trade *trade)
{
	double change = trade->return_pct / 100;

	add_growth(sums, change);
	sums->returns += change;
	*(change > 0 ? &sums->gains : &sums->losses) += change;
	sums->best = fmax(sums->best, change);
	sums->worst = fmin(sums->worst, change);
	sums->fees += decimal_double(trade->commission);
	add_profit(sums, decimal_double(trade->pnl),
		trade->exit_time - trade->entry_time);
}

static struct sums sums_of(const struct stats *stats)
{
	const struct backtest_trade *trades = stats->end.trades;
	size_t n = stats->end.trade_count;
	const double infinite = (double)INFINITY;
	struct sums sums = {.growth = 1,
		.best = -infinite,
		.worst = infinite,
		.best_profit = -infinite,
		.worst_profit = infinite};
	double mean;

	for (size_t i = 0; i < n; i++)
		add_trade(&sums, &trades[i]);
	mean = sums.profit / (double)n;
	for (size_t i = 0; i < n; i++) {
		double off = decimal_double(trades[i].pnl) - mean;

		sums.m2 += off * off;
	}
	return sums;
}

static double sqn_of(const struct sums *sums, double n)
{
	return stats_ratio(
		sqrt(n) * (sums->profit / n), sqrt(sums->m2 / (n - 1)));
}

/* Average win by average loss, in money. */
static double payoff_of(const struct sums *sums)
{
	return stats_ratio(sums->won / (double)sums->winners,
		sums->lost / (double)sums->losers);
}

static double kelly_of(const struct sums *sums, double n)
{
	double wins = (double)sums->winners / n;

	return stats_defined(wins - (1 - wins) / payoff_of(sums));
}

/*
 * Bars (first to last, both counted) in which a closed trade was open. From
 * the last exit backwards: what has begun no later than `low` is counted.
 */
static size_t bars_covered(const struct stats *stats)
{
	const struct backtest_trade *trades = stats->end.trades;
	size_t covered = 0, low = SIZE_MAX;

	for (size_t i = stats->end.trade_count; i-- > 0;) {
		size_t entry = trades[i].entry_bar, exit = trades[i].exit_bar;

		if (entry >= low)
			continue;
		covered += (exit < low ? exit + 1 : low) - entry;
		low = entry;
	}
	return covered;
}

void stats_trades(const struct stats *stats, struct backtest_stats *out)
{
	int64_t count = (int64_t)stats->end.trade_count;
	int64_t resolution = stats_resolution(stats->period);
	struct sums sums = sums_of(stats);
	double n = (double)count;

	out->trades = count;
	out->commissions = sums.fees;
	out->exposure_pct =
		100.0 * (double)bars_covered(stats) / (double)stats->count;
	if (count == 0)
		return;
	out->win_rate_pct = (double)sums.winners / n * 100;
	out->best_trade_pct = sums.best * 100;
	out->worst_trade_pct = sums.worst * 100;
	out->avg_trade_pct =
		sums.wiped_out
			? -100
			: (exp((sums.logs + log(sums.growth)) / n) - 1) * 100;
	out->max_trade_duration_ms =
		stats_round_up(sums.longest, 1, resolution);
	out->avg_trade_duration_ms =
		stats_round_up(sums.duration, count, resolution);
	out->profit_factor = stats_ratio(sums.gains, -sums.losses);
	out->expectancy_pct = sums.returns / n * 100;
	out->sqn = sqn_of(&sums, n);
	out->kelly = kelly_of(&sums, n);
}

/* ---- the summary ------------------------------------------------------- */

static void set_streaks(
	const struct stats *stats, struct stats_trade_summary *out)
{
	int64_t wins = 0, losses = 0;

	for (size_t i = 0; i < stats->end.trade_count; i++) {
		int64_t units = stats->end.trades[i].pnl.units;

		wins = units > 0 ? wins + 1 : 0;
		losses = units < 0 ? losses + 1 : 0;
		if (wins > out->longest_win_streak)
			out->longest_win_streak = wins;
		if (losses > out->longest_loss_streak)
			out->longest_loss_streak = losses;
	}
}

static double traded_value(const struct stats *stats)
{
	double total = 0;

	for (size_t i = 0; i < stats->end.trade_count; i++) {
		const struct backtest_trade *trade = &stats->end.trades[i];

		total += fabs(decimal_double(trade->size)) *
			 (decimal_double(trade->entry_price) +
				 decimal_double(trade->exit_price));
	}
	return total;
}

static double or_nan(bool known, double value)
{
	return known ? value : (double)NAN;
}

void stats_trade_summary(
	const struct stats *stats, struct stats_trade_summary *out)
{
	int64_t count = (int64_t)stats->end.trade_count;
	struct sums sums = sums_of(stats);
	double n = (double)count, wins = (double)sums.winners / n;

	*out = (struct stats_trade_summary){
		.wins = sums.winners,
		.losses = sums.losers,
		.draws = count - sums.winners - sums.losers,
		.gross_profit = sums.won,
		.gross_loss = sums.lost,
		.net_profit = sums.profit,
		.fees = sums.fees,
		.average_win = stats_ratio(sums.won, (double)sums.winners),
		.average_loss = stats_ratio(sums.lost, (double)sums.losers),
		.best = or_nan(count > 0, sums.best_profit),
		.worst = or_nan(count > 0, sums.worst_profit),
		.expectancy = stats_ratio(sums.profit, n),
		.payoff = payoff_of(&sums),
		.profit_factor_money = stats_ratio(sums.won, sums.lost),
		.sqn = sqn_of(&sums, n),
		.kelly = kelly_of(&sums, n),
		.traded_value = traded_value(stats),
	};
	out->expectancy_ratio = (1 + out->payoff) * wins - 1;
	if (sums.winners)
		out->average_win_ms = sums.winners_held / sums.winners;
	if (sums.losers)
		out->average_loss_ms = sums.losers_held / sums.losers;
	set_streaks(stats, out);
}
