/*
 * How the trades are spread: by their return, by how long they were held,
 * and what they gave by symbol, day, hour, month, side and exit. Bins are
 * fixed, so that two runs can be laid over each other.
 */
#include "stats_private.h"

#include "clock.h"

/* A trade of x falls between the edges that x is at or above, and below. */
static const double return_edges[STATS_RETURN_BINS - 1] = {
	-50, -20, -10, -5, -2, -1, -0.5, 0, 0.5, 1, 2, 5, 10, 20, 50};
#define MINUTES(n) ((double)(n)*60 * 1000)
static const double holding_edges[STATS_HOLDING_BINS - 1] = {MINUTES(1),
	MINUTES(5), MINUTES(15), MINUTES(60), MINUTES(4 * 60), MINUTES(24 * 60),
	MINUTES(3 * 24 * 60), MINUTES(7 * 24 * 60), MINUTES(30 * 24 * 60),
	MINUTES(90 * 24 * 60), MINUTES(365 * 24 * 60)};

static const char *const weekdays[STATS_WEEKDAYS] = {
	"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
static const char *const sides[STATS_SIDES] = {"long", "short"};
static const char other_reasons[] = "other";

static void bins_begin(
	struct stats_bin *bins, const double *edges, size_t edge_count)
{
	for (size_t i = 0; i <= edge_count; i++)
		bins[i] = (struct stats_bin){
			.from = i ? edges[i - 1] : -(double)INFINITY,
			.to = i < edge_count ? edges[i] : (double)INFINITY,
		};
}

static void bins_add(struct stats_bin *bins, double value)
{
	while (!(value < bins->to) && bins->to < (double)INFINITY)
		bins++;
	bins->trades++;
}

void stats_distribution(const struct stats *stats, struct stats_report *out)
{
	bins_begin(out->return_bins, return_edges, STATS_RETURN_BINS - 1);
	bins_begin(out->holding_bins, holding_edges, STATS_HOLDING_BINS - 1);
	for (size_t i = 0; i < stats->end.trade_count; i++) {
		const struct backtest_trade *trade = &stats->end.trades[i];

		bins_add(out->return_bins, trade->return_pct);
		bins_add(out->holding_bins,
			(double)(trade->exit_time - trade->entry_time));
	}
}

static void group_add(
	struct stats_group *group, const struct backtest_trade *trade)
{
	double profit = decimal_double(trade->pnl);

	group->trades++;
	group->wins += profit > 0;
	group->profit += profit;
	group->returns += trade->return_pct / 100;
}

/* In the order in which they first come; the last one takes the rest. */
static struct stats_group *reason_of(
	struct stats_report *out, const char *reason)
{
	struct stats_group *group = out->reasons;
	size_t i = 0;

	while (i < out->reason_count && !text_equal(group[i].label, reason))
		i++;
	if (i < out->reason_count)
		return &group[i];
	if (i == STATS_REASONS)
		return &group[i - 1];
	group[i].label = i + 1 == STATS_REASONS ? other_reasons : reason;
	out->reason_count++;
	return &group[i];
}

static void trade_add(
	struct stats_report *out, const struct backtest_trade *trade)
{
	int64_t day = stats_day_of(trade->entry_time);
	int64_t hour = (trade->entry_time - day * stats_day_ms) / stats_hour_ms;
	int month = time_date(day).month;

	group_add(&out->weekdays[stats_weekday(day)], trade);
	group_add(&out->hours[hour], trade);
	group_add(&out->months[month - 1], trade);
	group_add(&out->sides[trade->size.units < 0], trade);
	group_add(reason_of(out, trade->exit_reason), trade);
	group_add(&out->symbol, trade);
}

static void groups_begin(struct stats_group *groups, size_t count,
	const char *const *labels, int64_t first)
{
	for (size_t i = 0; i < count; i++)
		groups[i] = (struct stats_group){
			.label = labels ? labels[i] : NULL,
			.key = first + (int64_t)i,
		};
}

/* Days, hours and months are those of the entry, UTC. */
void stats_breakdowns(
	const struct stats *stats, const char *symbol, struct stats_report *out)
{
	groups_begin(out->weekdays, STATS_WEEKDAYS, weekdays, 0);
	groups_begin(out->hours, STATS_HOURS, NULL, 0);
	groups_begin(out->months, STATS_MONTHS, NULL, 1);
	groups_begin(out->sides, STATS_SIDES, sides, 0);
	out->symbol = (struct stats_group){.label = symbol};
	out->reason_count = 0;
	memset(out->reasons, 0, sizeof(out->reasons));
	for (size_t i = 0; i < stats->end.trade_count; i++)
		trade_add(out, &stats->end.trades[i]);
}
