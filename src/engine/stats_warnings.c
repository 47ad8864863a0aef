/*
 * What should make a reader doubt a result: a slug for programs and a
 * sentence for people. Warnings are of figures only, never of taste.
 */
#include "stats_private.h"

enum {
	FEW_TRADES = 30,
	SHORT_DAYS = 365
};

static const double significant = 0.05;

struct check {
	struct arena *arena;
	const struct stats *stats;
	struct stats_report *report;
};

static void warn(const struct check *check, const char *slug, const char *text)
{
	struct stats_report *report = check->report;

	if (report->warning_count < STATS_WARNINGS)
		report->warnings[report->warning_count++] =
			(struct stats_warning){slug, text};
}

static void check_end(const struct check *check)
{
	const struct stats_end *end = &check->stats->end;

	if (end->ruined)
		warn(check, "ruin",
			"The run lost all of its money; what comes after that "
			"is not trading.");
	if (end->limited)
		warn(check, "trade_limit",
			"The run reached the most trades that are allowed and "
			"entered no more.");
	if (end->refused_entries)
		warn(check, "refused_entries",
			arena_format(check->arena,
				"%zu entries were not made: the quantity was "
				"nothing, or the cash could not pay it.",
				end->refused_entries));
}

static void check_length(const struct check *check)
{
	double days = stats_span_days(check->stats);
	size_t trades = check->stats->end.trade_count;

	if (days < SHORT_DAYS)
		warn(check, "short_period",
			arena_format(check->arena,
				"The run covers %.0f days, less than a year: "
				"figures for a year are extrapolated.",
				floor(days)));
	if (trades == 0)
		warn(check, "no_trades", "The run has no closed trade.");
	else if (trades < FEW_TRADES)
		warn(check, "few_trades",
			arena_format(check->arena,
				"%zu closed trades are too few to tell skill "
				"from luck; %d are the least.",
				trades, FEW_TRADES));
}

/* Whether all of the profit is one group's: without it nothing remains. */
static bool one_earns_all(
	const struct stats_group *groups, size_t count, double profit)
{
	double best = 0;
	size_t traded = 0;

	for (size_t i = 0; i < count; i++) {
		best = fmax(best, groups[i].profit);
		traded += groups[i].trades > 0;
	}
	return traded > 1 && best >= profit;
}

/* Of months of one year, not of all Januaries: by the day of the exit. */
static double best_month(const struct stats *stats, size_t *traded)
{
	double best = 0, sum = 0;
	int64_t from = INT64_MIN, to = INT64_MIN;

	*traded = 0;
	for (size_t i = 0; i < stats->end.trade_count; i++) {
		const struct backtest_trade *trade = &stats->end.trades[i];

		if (trade->exit_time < from || trade->exit_time >= to) {
			stats_month_bounds(trade->exit_time, &from, &to);
			sum = 0;
			++*traded;
		}
		sum += decimal_double(trade->pnl);
		best = fmax(best, sum);
	}
	return best;
}

static void check_sources(const struct check *check)
{
	const struct stats_report *report = check->report;
	double profit = report->trades.net_profit;
	size_t months;
	double month = best_month(check->stats, &months);

	if (!(profit > 0))
		return;
	if (report->trades.best > profit / 2)
		warn(check, "one_trade",
			"One trade made more than half of the profit.");
	if (months > 1 && month >= profit)
		warn(check, "one_month",
			"One month made all of the profit: the others "
			"together made none.");
	if (one_earns_all(report->sides, STATS_SIDES, profit))
		warn(check, "one_side",
			"One side made all of the profit: the other made "
			"none.");
	if (report->trades.fees > 0 && report->trades.fees >= profit)
		warn(check, "costs",
			"At twice the fees the profit would be gone.");
}

static void check_market(const struct check *check)
{
	const struct backtest_stats *flat = &check->stats->flat;
	const struct significance_mean *mean =
		&check->report->significance.trade;

	if (flat->return_pct < flat->buy_hold_return_pct)
		warn(check, "below_market",
			"Buying and holding would have given more.");
	if (mean->p_value > significant && check->stats->end.trade_count)
		warn(check, "not_significant",
			arena_format(check->arena,
				"A mean return of nothing would give trades "
				"like these with a probability of %.2f.",
				mean->p_value));
}

void stats_warnings(struct arena *arena, const struct stats *stats,
	struct stats_report *out)
{
	const struct check check = {arena, stats, out};

	out->warning_count = 0;
	check_end(&check);
	check_length(&check);
	check_sources(&check);
	check_market(&check);
}
