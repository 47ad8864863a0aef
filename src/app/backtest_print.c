/*
 * What `kontor backtest` prints, and the requirement on it. Reads a finished
 * result; it must never compute a figure of its own.
 */
#include "backtest_command.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "backtest_report.h"
#include "clock.h"
#include "json_write.h"
#include "stats_report.h"
#include "text.h"

enum {
	DAY_MS = 86400000,
	JSON_ROOM = 512 * 1024 /* for all but the trades */
};

/* ---- for people ---------------------------------------------------------------- */

static void print_time(const char *name, int64_t ms)
{
	char text[TIME_TEXT_ROOM];

	time_format(ms, text);
	printf("%-26s %s\n", name, text);
}

static void print_number(const char *name, double value)
{
	if (isfinite(value))
		printf("%-26s %.4f\n", name, value);
	else
		printf("%-26s -\n", name);
}

/* Durations end in _ms. */
static void print_integer(const char *name, int64_t value)
{
	size_t len = strlen(name);

	if (len > 3 && text_equal(name + len - 3, "_ms"))
		printf("%-*.*s   %.2f days\n", 24, (int)(len - 3), name,
			(double)value / DAY_MS);
	else
		printf("%-26s %lld\n", name, (long long)value);
}

static void print_member(
	const struct stats_member *member, const struct backtest_stats *stats)
{
	const void *at = (const char *)stats + member->offset;

	switch (member->kind) {
	case STATS_TIME:
		print_time(member->name, *(const int64_t *)at);
		return;
	case STATS_INT:
		print_integer(member->name, *(const int64_t *)at);
		return;
	case STATS_DOUBLE:
		print_number(member->name, *(const double *)at);
		return;
	}
}

static void print_reasons(const struct stats_report *report)
{
	printf("\n%-16s %8s %8s %14s %10s\n", "exit", "trades", "wins",
		"profit", "mean %");
	for (size_t i = 0; i < report->reason_count; i++) {
		const struct stats_group *group = &report->reasons[i];

		if (group->trades > 0)
			printf("%-16s %8lld %8lld %14.2f %10.3f\n",
				group->label, (long long)group->trades,
				(long long)group->wins, group->profit,
				100 * group->returns / (double)group->trades);
	}
}

void backtest_print_table(const struct program *program,
	const struct backtest_result *result, const struct stats_report *report)
{
	printf("%s, %s\n\n", program_name(program), program_interval(program));
	for (const struct stats_member *m = stats_members; m->name; m++)
		print_member(m, &result->stats);
	if (result->refused_entries > 0)
		print_integer(
			"refused_entries", (int64_t)result->refused_entries);
	if (result->ruined)
		printf("%-26s yes: the equity fell to 0\n", "ruined");
	if (result->trade_count > 0)
		print_reasons(report);
	if (report->warning_count > 0)
		printf("\n");
	for (size_t i = 0; i < report->warning_count; i++)
		printf("warning: %s\n", report->warnings[i].text);
	printf("\nfingerprint %s\n", report->fingerprint);
}

void backtest_print_recursive(const struct recursive_report *report)
{
	printf("%-34s %14s", "last value", "all candles");
	for (size_t i = 0; i < RECURSIVE_STARTS; i++)
		if (report->bars[i] > 0)
			printf(" %8zu bars", report->bars[i]);
	printf("\n");
	for (size_t row = 0; row < report->count; row++) {
		const struct recursive_row *r = &report->rows[row];

		printf("%-34s %14.6f", r->text, r->value);
		for (size_t i = 0; i < RECURSIVE_STARTS; i++)
			if (report->bars[i] > 0)
				printf(" %11.4f %%", r->moved_pct[i]);
		printf("\n");
	}
}

/* ---- for programs ---------------------------------------------------------------- */

static void put_part(
	struct json_writer *json, const char *name, struct raw_json part)
{
	json_key(json, name);
	json_put_raw(json, part.text, part.len);
}

void backtest_print_json(struct arena *arena, const struct candles *candles,
	const struct backtest_result *result, const struct stats_report *report)
{
	struct raw_json trades = backtest_trades_json(
		arena, result->trades, result->trade_count);
	struct json_writer json;
	struct buf buf;

	buf_init(&buf, arena, trades.len + JSON_ROOM);
	json_write_init(&json, &buf);
	json_object(&json);
	put_part(&json, "stats", backtest_stats_json(arena, result));
	put_part(&json, "report", backtest_report_json(arena, report));
	put_part(&json, "equity",
		backtest_equity_json(arena, candles, result->equity));
	put_part(&json, "trades", trades);
	json_object_end(&json);
	(void)fwrite(buf.data, 1, buf.len, stdout);
	(void)putchar('\n');
}

static void csv_row(struct arena *arena, const struct backtest_trade *trade)
{
	char entry[TIME_TEXT_ROOM], left[TIME_TEXT_ROOM];

	time_format(trade->entry_time, entry);
	time_format(trade->exit_time, left);
	printf("%s,%s,%s,%s,%s,%s,%s,%.8f,%s\n",
		decimal_format(arena, decimal_trim(trade->size)), entry, left,
		decimal_format(arena, decimal_trim(trade->entry_price)),
		decimal_format(arena, decimal_trim(trade->exit_price)),
		decimal_format(arena, decimal_trim(trade->commission)),
		decimal_format(arena, decimal_trim(trade->pnl)),
		trade->return_pct, trade->exit_reason);
}

void backtest_print_csv(
	struct arena *arena, const struct backtest_result *result)
{
	printf("size,entry_time,exit_time,entry_price,exit_price,commission,"
	       "pnl,return_pct,exit_reason\n");
	for (size_t i = 0; i < result->trade_count; i++)
		csv_row(arena, &result->trades[i]);
}

/* ---- the requirement --------------------------------------------------------------- */

static const struct stats_member *member_find(const char *name, size_t len)
{
	for (const struct stats_member *m = stats_members; m->name; m++)
		if (strlen(m->name) == len && memcmp(m->name, name, len) == 0)
			return m;
	return NULL;
}

bool backtest_requirement_parse(
	const char *text, struct backtest_requirement *out)
{
	size_t name;
	char *end;

	*out = (struct backtest_requirement){.member = NULL};
	if (!text)
		return true;
	name = strcspn(text, "<>");
	out->member = member_find(text, name);
	if (!out->member || text[name] == '\0')
		return false;
	out->above = text[name] == '>';
	text += name + 1;
	out->or_equal = *text == '=';
	text += out->or_equal;
	out->bound = strtod(text, &end);
	return end != text && *end == '\0';
}

static double value_of(
	const struct stats_member *member, const struct backtest_stats *stats)
{
	const void *at = (const char *)stats + member->offset;

	if (member->kind == STATS_DOUBLE)
		return *(const double *)at;
	return (double)*(const int64_t *)at;
}

bool backtest_requirement_holds(const struct backtest_requirement *requirement,
	const struct backtest_stats *stats)
{
	double value;

	if (!requirement->member)
		return true;
	value = value_of(requirement->member, stats);
	if (requirement->or_equal && value == requirement->bound)
		return true;
	return requirement->above ? value > requirement->bound
				  : value < requirement->bound;
}
