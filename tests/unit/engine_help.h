/*
 * What the tests of the engine share: compiling a definition from JSON,
 * candles from a list of closes or a shipped file, running, comparing.
 * Paths are from the repository's root. For tests only.
 */
#ifndef TEST_ENGINE_HELP_H
#define TEST_ENGINE_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "backtest.h"
#include "buf.h"
#include "clock.h"
#include "file.h"
#include "json.h"
#include "program.h"
#include "report.h"

enum {
	HELP_ARENA = 512 * 1024 * 1024,
	HELP_FILE = 4 * 1024 * 1024
};
static const int64_t help_day = 86400000;

struct help {
	struct arena *arena;
	struct report *report;
};

static inline struct help help_open(void)
{
	struct arena *arena = arena_open(HELP_ARENA);

	return (struct help){arena, report_open(arena)};
}

static inline const struct json *help_json(struct help *help, const char *text)
{
	const struct json *out = NULL;

	if (json_parse(help->arena, text, strlen(text), help->report, &out) !=
		ERR_OK)
		fail_msg("not JSON: %s", text);
	return out;
}

static inline const struct json *help_json_file(
	struct help *help, const char *path)
{
	char *text;
	size_t len;

	assert_int_equal(
		file_read(help->arena, path, HELP_FILE, &text, &len), ERR_OK);
	return help_json(help, text);
}

/* The definition must be good. */
static inline struct program *help_program(struct help *help, const char *text)
{
	struct program *program = NULL;
	const struct program_source source = {
		.definition = help_json(help, text), .pointer = "/definition"};
	enum err err =
		program_compile(help->arena, &source, help->report, &program);

	if (err)
		fail_msg("%s: %s", help->report->faults[0].pointer,
			help->report->faults[0].message);
	return program;
}

/* A definition around the given members ("entry" and so on). */
static inline struct program *help_rules(struct help *help, const char *members)
{
	return help_program(help,
		arena_format(help->arena,
			"{\"version\":1,\"name\":\"t\",\"interval\":\"1d\",%s}",
			members));
}

struct help_columns {
	int64_t *time;
	double *open, *high, *low, *close, *volume;
};

static inline struct help_columns help_columns(struct help *help, size_t count)
{
	struct help_columns c = {
		.time = arena_array(help->arena, count, sizeof(int64_t)),
		.open = arena_array(help->arena, count, sizeof(double)),
		.high = arena_array(help->arena, count, sizeof(double)),
		.low = arena_array(help->arena, count, sizeof(double)),
		.close = arena_array(help->arena, count, sizeof(double)),
		.volume = arena_array(help->arena, count, sizeof(double)),
	};

	for (size_t i = 0; i < count; i++)
		c.time[i] = (int64_t)i * help_day;
	return c;
}

static inline struct candles help_view(const struct help_columns *c, size_t n)
{
	return (struct candles){.time = c->time,
		.open = c->open,
		.high = c->high,
		.low = c->low,
		.close = c->close,
		.volume = c->volume,
		.count = n};
}

/* Daily candles whose four prices are all the close. */
static inline struct candles help_closes(
	struct help *help, const double *closes, size_t count)
{
	struct help_columns c = help_columns(help, count);

	for (size_t i = 0; i < count; i++)
		c.open[i] = c.high[i] = c.low[i] = c.close[i] = closes[i];
	return help_view(&c, count);
}

/* Daily candles from rows of open, high, low, close. */
static inline struct candles help_bars(
	struct help *help, const double (*bars)[4], size_t count)
{
	struct help_columns c = help_columns(help, count);

	for (size_t i = 0; i < count; i++) {
		c.open[i] = bars[i][0];
		c.high[i] = bars[i][1];
		c.low[i] = bars[i][2];
		c.close[i] = bars[i][3];
	}
	return help_view(&c, count);
}

/* data/GOOG-1d.csv */
static inline struct candles help_goog(struct help *help)
{
	char *text, *line;
	size_t len, count = 0;
	struct help_columns c = help_columns(help, 3000);

	assert_int_equal(file_read(help->arena, "data/GOOG-1d.csv", HELP_FILE,
				 &text, &len),
		ERR_OK);
	for (line = strchr(text, '\n') + 1; *line; count++) {
		double *columns[] = {c.open, c.high, c.low, c.close, c.volume};
		char *at = line + 10;

		*at = '\0';
		assert_int_equal(time_parse(line, &c.time[count]), ERR_OK);
		for (size_t k = 0; k < 5; k++)
			columns[k][count] = strtod(at + 1, &at);
		line = at + 1;
	}
	return help_view(&c, count);
}

static inline struct decimal help_decimal(const char *text)
{
	struct decimal out = {0};

	assert_int_equal(decimal_parse(text, strlen(text), &out), ERR_OK);
	return out;
}

static inline struct backtest_options help_options(const char *cash)
{
	return (struct backtest_options){
		.cash = help_decimal(cash), .finalize = true};
}

static inline struct backtest_result help_run(struct help *help,
	const struct program *program, struct candles candles,
	struct backtest_options options)
{
	struct backtest_result out = {0};
	const struct backtest_input input = {
		.program = program, .candles = &candles, .options = &options};
	enum err err = candles_check(&candles, help->report);

	if (!err)
		err = backtest_run(help->arena, &input, help->report, &out);
	if (err)
		fail_msg("%s: %s", help->report->faults[0].pointer,
			help->report->faults[0].message);
	return out;
}

static inline void help_near(const char *what, double is, double should)
{
	if (!(fabs(is - should) <= 1e-8 * fmax(fabs(should), 1e-300)))
		fail_msg("%s is %.17g, should be %.17g", what, is, should);
}

static inline const char *help_text(struct help *help, struct decimal value)
{
	return decimal_format(help->arena, decimal_trim(value));
}

#endif
