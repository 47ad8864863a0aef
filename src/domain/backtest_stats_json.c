/*
 * Writes the statistics of a backtest: the default ones and the long report.
 * Figures are numbers, what is undefined is null; every list has the bound
 * of its table. Must never compute: what is not in the structs is not told.
 */
#include "backtest_report.h"

#include <assert.h>

#include "backtest_json_private.h"
#include "json_write.h"

enum {
	STATS_BYTES = 8 * 1024,
	REPORT_BYTES = 256 * 1024
};

static struct raw_json raw_of(const struct buf *buf)
{
	assert(!buf->overflow);
	return (struct raw_json){buf->data, buf->len};
}

static void put_stat(struct json_writer *writer,
	const struct stats_member *stat, const struct backtest_stats *values)
{
	const void *member = (const char *)values + stat->offset;

	json_key(writer, stat->name);
	switch (stat->kind) {
	case STATS_TIME:
		json_put_time(writer, *(const int64_t *)member);
		break;
	case STATS_INT:
		json_put_int(writer, *(const int64_t *)member);
		break;
	case STATS_DOUBLE:
		json_put_double(writer, *(const double *)member);
		break;
	}
}

struct raw_json backtest_stats_json(
	struct arena *arena, const struct backtest_result *result)
{
	struct json_writer writer;
	struct buf buf;

	buf_init(&buf, arena, STATS_BYTES);
	json_write_init(&writer, &buf);
	json_object(&writer);
	for (const struct stats_member *m = stats_members; m->name; m++)
		put_stat(&writer, m, &result->stats);
	json_member_int(
		&writer, "refused_entries", (int64_t)result->refused_entries);
	json_member_int(
		&writer, "blocked_entries", (int64_t)result->blocked_entries);
	json_key(&writer, "limited");
	json_put_bool(&writer, result->limited);
	json_key(&writer, "ruined");
	json_put_bool(&writer, result->ruined);
	json_object_end(&writer);
	return raw_of(&buf);
}

/* ---- the report -------------------------------------------------------- */

static void put_number(
	struct json_writer *writer, const char *name, double value)
{
	json_key(writer, name);
	json_put_double(writer, value);
}

static void put_time(struct json_writer *writer, const char *name, int64_t ms)
{
	json_key(writer, name);
	json_put_time(writer, ms);
}

/* A struct that is all doubles, by the names of its members. */
struct number {
	const char *name;
	size_t offset;
};
#define NUMBER(type, member)                                      \
	{                                                         \
		.name = #member, .offset = offsetof(type, member) \
	}

static void put_numbers(struct json_writer *writer,
	const struct number *numbers, size_t count, const void *values)
{
	for (size_t i = 0; i < count; i++) {
		const char *at = (const char *)values + numbers[i].offset;
		double value;

		memcpy(&value, at, sizeof(value));
		put_number(writer, numbers[i].name, value);
	}
}
#define PUT_NUMBERS(writer, numbers, values) \
	put_numbers((writer), (numbers),     \
		sizeof(numbers) / sizeof((numbers)[0]), (values))

static void put_variants(
	struct json_writer *writer, const struct stats_report *report)
{
	static const struct number numbers[] = {
		NUMBER(struct stats_variant, sharpe),
		NUMBER(struct stats_variant, sortino),
		NUMBER(struct stats_variant, calmar),
		NUMBER(struct stats_variant, cagr_pct),
		NUMBER(struct stats_variant, max_drawdown_pct),
	};

	json_key(writer, "variants");
	json_object(writer);
	for (size_t i = 0; i < STATS_VARIANTS; i++) {
		json_key(writer, report->variants[i].name);
		json_object(writer);
		PUT_NUMBERS(writer, numbers, &report->variants[i]);
		json_object_end(writer);
	}
	json_object_end(writer);
}

static void put_ratios(
	struct json_writer *writer, const struct stats_ratios *ratios)
{
	static const struct number numbers[] = {
		NUMBER(struct stats_ratios, omega),
		NUMBER(struct stats_ratios, ulcer_index_pct),
		NUMBER(struct stats_ratios, cvar_5_pct),
		NUMBER(struct stats_ratios, skew),
		NUMBER(struct stats_ratios, kurtosis),
		NUMBER(struct stats_ratios, recovery_factor),
		NUMBER(struct stats_ratios, time_in_market_pct),
		NUMBER(struct stats_ratios, turnover),
		NUMBER(struct stats_ratios, turnover_ann),
	};

	json_key(writer, "ratios");
	json_object(writer);
	PUT_NUMBERS(writer, numbers, ratios);
	json_object_end(writer);
}

static void put_summary(
	struct json_writer *writer, const struct stats_trade_summary *trades)
{
	static const struct number numbers[] = {
		NUMBER(struct stats_trade_summary, gross_profit),
		NUMBER(struct stats_trade_summary, gross_loss),
		NUMBER(struct stats_trade_summary, net_profit),
		NUMBER(struct stats_trade_summary, fees),
		NUMBER(struct stats_trade_summary, average_win),
		NUMBER(struct stats_trade_summary, average_loss),
		NUMBER(struct stats_trade_summary, best),
		NUMBER(struct stats_trade_summary, worst),
		NUMBER(struct stats_trade_summary, expectancy),
		NUMBER(struct stats_trade_summary, payoff),
		NUMBER(struct stats_trade_summary, expectancy_ratio),
		NUMBER(struct stats_trade_summary, profit_factor_money),
		NUMBER(struct stats_trade_summary, sqn),
		NUMBER(struct stats_trade_summary, kelly),
		NUMBER(struct stats_trade_summary, traded_value),
	};

	json_key(writer, "trades");
	json_object(writer);
	json_member_int(writer, "wins", trades->wins);
	json_member_int(writer, "losses", trades->losses);
	json_member_int(writer, "draws", trades->draws);
	json_member_int(
		writer, "longest_win_streak", trades->longest_win_streak);
	json_member_int(
		writer, "longest_loss_streak", trades->longest_loss_streak);
	PUT_NUMBERS(writer, numbers, trades);
	json_member_int(writer, "average_win_ms", trades->average_win_ms);
	json_member_int(writer, "average_loss_ms", trades->average_loss_ms);
	json_object_end(writer);
}

static void put_benchmark(
	struct json_writer *writer, const struct stats_benchmark *benchmark)
{
	static const struct number numbers[] = {
		NUMBER(struct stats_benchmark, return_pct),
		NUMBER(struct stats_benchmark, cagr_pct),
		NUMBER(struct stats_benchmark, max_drawdown_pct),
		NUMBER(struct stats_benchmark, sharpe),
		NUMBER(struct stats_benchmark, alpha_ann_pct),
		NUMBER(struct stats_benchmark, beta),
		NUMBER(struct stats_benchmark, correlation),
		NUMBER(struct stats_benchmark, tracking_error_ann_pct),
		NUMBER(struct stats_benchmark, information_ratio),
	};

	json_key(writer, "benchmark");
	json_object(writer);
	PUT_NUMBERS(writer, numbers, benchmark);
	json_object_end(writer);
}

static void put_monthly(
	struct json_writer *writer, const struct stats_report *report)
{
	json_key(writer, "monthly");
	json_array(writer);
	for (size_t i = 0; i < report->year_count; i++) {
		const struct stats_year *year = &report->years[i];

		json_object(writer);
		json_member_int(writer, "year", year->year);
		put_number(writer, "year_pct", year->year_pct);
		json_key(writer, "months_pct");
		json_array(writer);
		for (size_t k = 0; k < STATS_MONTHS; k++)
			json_put_double(writer, year->month_pct[k]);
		json_array_end(writer);
		json_object_end(writer);
	}
	json_array_end(writer);
}

static void put_drawdown(
	struct json_writer *writer, const struct stats_drawdown *drawdown)
{
	json_object(writer);
	put_number(writer, "depth_pct", -drawdown->depth_pct);
	put_time(writer, "from", drawdown->from);
	put_time(writer, "bottom", drawdown->bottom);
	json_key(writer, "to");
	if (drawdown->recovered)
		json_put_time(writer, drawdown->to);
	else
		json_put_null(writer);
	json_member_int(writer, "duration_ms", drawdown->to - drawdown->from);
	json_key(writer, "recovery_ms");
	if (drawdown->recovered)
		json_put_int(writer, drawdown->to - drawdown->bottom);
	else
		json_put_null(writer);
	json_object_end(writer);
}

static void put_drawdowns(
	struct json_writer *writer, const struct stats_report *report)
{
	json_key(writer, "drawdowns");
	json_array(writer);
	for (size_t i = 0; i < report->drawdown_count; i++)
		put_drawdown(writer, &report->drawdowns[i]);
	json_array_end(writer);
}

static void put_bins(struct json_writer *writer, const char *name,
	const struct stats_bin *bins, size_t count)
{
	json_key(writer, name);
	json_array(writer);
	for (size_t i = 0; i < count; i++) {
		json_object(writer);
		put_number(writer, "from", bins[i].from);
		put_number(writer, "to", bins[i].to);
		json_member_int(writer, "trades", bins[i].trades);
		json_object_end(writer);
	}
	json_array_end(writer);
}

static void put_distribution(
	struct json_writer *writer, const struct stats_report *report)
{
	json_key(writer, "distribution");
	json_object(writer);
	put_bins(writer, "return_pct", report->return_bins, STATS_RETURN_BINS);
	put_bins(writer, "held_ms", report->holding_bins, STATS_HOLDING_BINS);
	json_object_end(writer);
}

static void put_group(
	struct json_writer *writer, const struct stats_group *group)
{
	double n = (double)group->trades;

	json_object(writer);
	json_key(writer, "key");
	if (group->label)
		json_put_text(writer, group->label);
	else
		json_put_int(writer, group->key);
	json_member_int(writer, "trades", group->trades);
	put_number(writer, "win_rate_pct", 100 * (double)group->wins / n);
	put_number(writer, "profit", group->profit);
	put_number(writer, "avg_return_pct", 100 * group->returns / n);
	json_object_end(writer);
}

/* Only those with trades. */
static void put_groups(struct json_writer *writer, const char *name,
	const struct stats_group *groups, size_t count)
{
	json_key(writer, name);
	json_array(writer);
	for (size_t i = 0; i < count; i++)
		if (groups[i].trades)
			put_group(writer, &groups[i]);
	json_array_end(writer);
}

static void put_breakdowns(
	struct json_writer *writer, const struct stats_report *report)
{
	json_key(writer, "breakdowns");
	json_object(writer);
	put_groups(writer, "symbol", &report->symbol,
		report->symbol.label ? 1 : 0);
	put_groups(writer, "side", report->sides, STATS_SIDES);
	put_groups(
		writer, "exit_reason", report->reasons, report->reason_count);
	put_groups(writer, "weekday", report->weekdays, STATS_WEEKDAYS);
	put_groups(writer, "hour", report->hours, STATS_HOURS);
	put_groups(writer, "month", report->months, STATS_MONTHS);
	json_object_end(writer);
}

static void put_spread(struct json_writer *writer, const char *name,
	const struct significance_spread *spread)
{
	json_key(writer, name);
	json_object(writer);
	put_number(writer, "p5", spread->p5);
	put_number(writer, "p50", spread->p50);
	put_number(writer, "p95", spread->p95);
	json_object_end(writer);
}

static void put_mean(struct json_writer *writer, const char *name,
	const struct significance_mean *mean)
{
	json_key(writer, name);
	json_object(writer);
	put_number(writer, "mean_pct", mean->mean_pct);
	put_number(writer, "low_pct", mean->low_pct);
	put_number(writer, "high_pct", mean->high_pct);
	put_number(writer, "p_value", mean->p_value);
	json_object_end(writer);
}

static void put_significance(
	struct json_writer *writer, const struct significance *values)
{
	json_key(writer, "significance");
	json_object(writer);
	json_member_int(writer, "seed", values->seed);
	json_member_int(writer, "rounds", values->rounds);
	put_spread(writer, "order_drawdown_pct", &values->order_drawdown_pct);
	put_spread(writer, "drawn_drawdown_pct", &values->drawn_drawdown_pct);
	put_spread(writer, "drawn_equity", &values->drawn_equity);
	put_number(writer, "drawn_loss_share", values->drawn_loss_share);
	put_number(writer, "drawn_ruin_share", values->drawn_ruin_share);
	put_mean(writer, "trade", &values->trade);
	json_member_int(writer, "daily_rounds", values->daily_rounds);
	put_number(writer, "daily_stretch", values->daily_stretch);
	put_mean(writer, "daily", &values->daily);
	put_number(writer, "daily_sharpe_low", values->daily_sharpe_low);
	put_number(writer, "daily_sharpe_high", values->daily_sharpe_high);
	json_object_end(writer);
}

static void put_warnings(
	struct json_writer *writer, const struct stats_report *report)
{
	json_key(writer, "warnings");
	json_array(writer);
	for (size_t i = 0; i < report->warning_count; i++) {
		json_object(writer);
		json_member_text(writer, "slug", report->warnings[i].slug);
		json_member_text(writer, "text", report->warnings[i].text);
		json_object_end(writer);
	}
	json_array_end(writer);
}

struct raw_json backtest_report_json(
	struct arena *arena, const struct stats_report *report)
{
	struct json_writer writer;
	struct buf buf;

	buf_init(&buf, arena, REPORT_BYTES);
	json_write_init(&writer, &buf);
	json_object(&writer);
	json_member_text(&writer, "fingerprint", report->fingerprint);
	put_warnings(&writer, report);
	put_variants(&writer, report);
	put_ratios(&writer, &report->ratios);
	put_summary(&writer, &report->trades);
	put_benchmark(&writer, &report->benchmark);
	put_monthly(&writer, report);
	put_drawdowns(&writer, report);
	put_distribution(&writer, report);
	put_breakdowns(&writer, report);
	put_significance(&writer, &report->significance);
	json_object_end(&writer);
	return raw_of(&buf);
}
