/*
 * kontor backtest: a strategy over a file of candles, without server or
 * database. It reads files that are named and writes to standard output; it
 * must never change anything.
 */
#include "backtest_command.h"

#include <fcntl.h>
#include <math.h>
#include <unistd.h>

#include "command.h"
#include "file.h"
#include "import.h"
#include "json_write.h"
#include "progress.h"
#include "text.h"

enum {
	DEFINITION_LIMIT = 1024 * 1024,
	WORD_ROOM = 64,
	PARAMS_ROOM = 8 * 1024
};

static const char usage[] =
	"backtest FILE.json --candles FILE [NAME=VALUE ...]\n"
	"  candles   --interval I, --detail FILE --detail-interval I, "
	"--skip-faults\n"
	"  money     --cash 10000 --fee 0.001 --fee-maker F --fee-taker F "
	"--fee-fixed M\n"
	"            --spread F --slippage F --margin F\n"
	"  orders    --tick P --lot Q --min-notional M --whole-units "
	"--long-only\n"
	"            --fill-on-close --touch-fills --keep-open\n"
	"  output    --json | --csv | --recursive, --quiet, --require "
	"\"sharpe>=1\"\n"
	"  status    0 done, 2 usage, 3 the definition, 4 the candles or "
	"options,\n"
	"            5 what --require asks for does not hold";

/* ---- what it is asked for --------------------------------------------------- */

static bool money_read(struct command_context *context, const char *option,
	const char *text, struct decimal *out)
{
	if (!text)
		return true;
	if (decimal_parse(text, strlen(text), out) == ERR_OK)
		return true;
	report_fault(context->report, option,
		"must be a decimal number such as 0.001");
	return false;
}

static bool options_read(struct command_context *context,
	const struct backtest_words *words, struct backtest_options *out)
{
	const struct {
		const char *option, *text;
		struct decimal *into;
	} rows[] = {
		{"--cash", words->cash, &out->cash},
		{"--fee", words->fee, &out->commission},
		{"--fee-maker", words->fee_maker, &out->fee_maker},
		{"--fee-taker", words->fee_taker, &out->fee_taker},
		{"--fee-fixed", words->fee_fixed, &out->fee_fixed},
		{"--spread", words->spread, &out->spread},
		{"--slippage", words->slippage, &out->slippage},
		{"--tick", words->tick, &out->tick},
		{"--lot", words->lot, &out->lot},
		{"--min-notional", words->min_notional, &out->min_notional},
		{"--margin", words->margin, &out->margin},
	};
	bool good = true;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		good = money_read(context, rows[i].option, rows[i].text,
			       rows[i].into) &&
		       good;
	out->maker_and_taker = words->fee_maker || words->fee_taker;
	return good;
}

static enum err file_json(struct command_context *context, const char *path,
	const struct json **out)
{
	char *text;
	size_t len;
	enum err err =
		file_read(context->arena, path, DEFINITION_LIMIT, &text, &len);

	if (err != ERR_OK) {
		report_detail(context->report, "%s cannot be read", path);
		return err;
	}
	return json_parse(context->arena, text, len, context->report, out);
}

/* NAME=VALUE ... as the object that the compiler takes. */
static enum err params_read(struct command_context *context,
	const struct words *words, const struct json **out)
{
	struct json_writer json;
	struct buf buf;

	*out = NULL;
	if (words->count < 2)
		return ERR_OK;
	buf_init(&buf, context->arena, PARAMS_ROOM);
	json_write_init(&json, &buf);
	json_object(&json);
	for (size_t i = 1; i < words->count; i++) {
		char *name = arena_text(context->arena, words->at[i]);
		char *value = strchr(name, '=');
		char *end;
		double number;

		if (!value || value == name)
			return ERR_BAD_INPUT;
		*value++ = '\0';
		number = strtod(value, &end);
		if (end == value || *end || !isfinite(number)) {
			report_fault(context->report, words->at[i],
				"must be NAME=NUMBER");
			return ERR_BAD_INPUT;
		}
		json_key(&json, name);
		json_put_double(&json, number);
	}
	json_object_end(&json);
	return json_parse(
		context->arena, buf.data, buf.len, context->report, out);
}

static enum err program_read(struct command_context *context,
	const struct words *words, const char *interval,
	struct program **program)
{
	struct program_source source = {.pointer = "", .interval = interval};
	enum err err = file_json(context, words->at[0], &source.definition);

	if (err == ERR_OK)
		err = params_read(context, words, &source.params);
	if (err == ERR_OK)
		err = program_compile(
			context->arena, &source, context->report, program);
	return err;
}

/* ---- candles ------------------------------------------------------------------ */

static enum err candles_read(struct command_context *context,
	const struct backtest_words *words, const char *path,
	const char *interval, struct candles *out)
{
	struct import_options import = {
		.interval = interval, .skip_faults = words->skip_faults};
	struct progress progress;
	struct import_progress told;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum err err;

	if (fd < 0) {
		report_detail(context->report, "%s does not open", path);
		return ERR_NOT_FOUND;
	}
	progress_open(&progress, fd, words->quiet);
	told = (struct import_progress){progress_tell, &progress};
	import.progress = &told;
	err = candles_parse(context->arena, fd, &import, context->report, out);
	progress_close(&progress);
	(void)close(fd);
	return err == ERR_OK ? candles_check(out, context->report) : err;
}

/* ---- all of it ------------------------------------------------------------------ */

static int fail(const struct command_context *context, const char *what,
	enum err err, int status)
{
	(void)command_fail(context, what, err);
	return status;
}

static int usage_fail(void)
{
	(void)command_usage(usage);
	return BACKTEST_EXIT_USAGE;
}

/* Instead of a run. */
static int tell_recursive(struct command_context *context,
	const struct program *program, const struct candles *candles)
{
	struct recursive_report report;
	enum err err = recursive_report(
		context->arena, program, candles, context->report, &report);

	if (err != ERR_OK)
		return fail(context, "backtest", err, BACKTEST_EXIT_CANDLES);
	backtest_print_recursive(&report);
	return BACKTEST_EXIT_DONE;
}

static int run(struct command_context *context,
	const struct backtest_words *words, const struct program *program,
	const struct backtest_input *given)
{
	const struct stats_order order = {.rounds = SIGNIFICANCE_ROUNDS};
	struct backtest_input input = *given;
	struct backtest_result result;
	struct stats_report report;
	struct backtest_requirement requirement;
	enum err err;

	if (!backtest_requirement_parse(words->require, &requirement))
		return usage_fail();
	input.program = program;
	err = backtest_run(context->arena, &input, context->report, &result);
	if (err != ERR_OK)
		return fail(context, "backtest", err, BACKTEST_EXIT_CANDLES);
	stats_report(context->arena, result.series, &order, &report);
	if (words->json)
		backtest_print_json(
			context->arena, input.candles, &result, &report);
	else if (words->csv)
		backtest_print_csv(context->arena, &result);
	else
		backtest_print_table(program, &result, &report);
	if (backtest_requirement_holds(&requirement, &result.stats))
		return BACKTEST_EXIT_DONE;
	fprintf(stderr, "kontor: %s does not hold\n", words->require);
	return BACKTEST_EXIT_REQUIREMENT;
}

static int read_and_run(struct command_context *context,
	const struct backtest_words *words, const struct words *files)
{
	struct backtest_options options = {.cash = {10000, 0},
		.whole_units = words->whole_units,
		.fill_on_close = words->fill_on_close,
		.touch_fills = words->touch_fills,
		.long_only = words->long_only,
		.finalize = !words->keep_open};
	struct candles candles, detail;
	struct backtest_input input = {
		.candles = &candles, .options = &options};
	struct program *program;
	enum err err = program_read(context, files, words->interval, &program);

	if (err != ERR_OK)
		return fail(
			context, files->at[0], err, BACKTEST_EXIT_DEFINITION);
	if (!options_read(context, words, &options))
		return fail(context, "options", ERR_BAD_INPUT,
			BACKTEST_EXIT_CANDLES);
	err = candles_read(context, words, words->candles,
		program_interval(program), &candles);
	if (err == ERR_OK && words->detail) {
		input.detail = &detail;
		err = candles_read(context, words, words->detail,
			words->detail_interval, &detail);
	}
	if (err != ERR_OK)
		return fail(context, "candles", err, BACKTEST_EXIT_CANDLES);
	if (words->recursive)
		return tell_recursive(context, program, &candles);
	return run(context, words, program, &input);
}

int cmd_backtest(struct command_context *context, int argc, char **argv)
{
	struct backtest_words w = {.candles = NULL};
	const struct option_spec options[] = {
		{"--candles", &w.candles, NULL},
		{"--interval", &w.interval, NULL},
		{"--detail", &w.detail, NULL},
		{"--detail-interval", &w.detail_interval, NULL},
		{"--cash", &w.cash, NULL},
		{"--fee", &w.fee, NULL},
		{"--fee-maker", &w.fee_maker, NULL},
		{"--fee-taker", &w.fee_taker, NULL},
		{"--fee-fixed", &w.fee_fixed, NULL},
		{"--spread", &w.spread, NULL},
		{"--slippage", &w.slippage, NULL},
		{"--tick", &w.tick, NULL},
		{"--lot", &w.lot, NULL},
		{"--min-notional", &w.min_notional, NULL},
		{"--margin", &w.margin, NULL},
		{"--require", &w.require, NULL},
		{"--skip-faults", NULL, &w.skip_faults},
		{"--whole-units", NULL, &w.whole_units},
		{"--long-only", NULL, &w.long_only},
		{"--fill-on-close", NULL, &w.fill_on_close},
		{"--touch-fills", NULL, &w.touch_fills},
		{"--keep-open", NULL, &w.keep_open},
		{"--json", NULL, &w.json},
		{"--csv", NULL, &w.csv},
		{"--recursive", NULL, &w.recursive},
		{"--quiet", NULL, &w.quiet},
		{.name = NULL},
	};
	const char *at[WORD_ROOM] = {NULL};
	struct words files = {.at = at, .room = WORD_ROOM};

	if (!command_parse(argc, argv, options, &files) || files.count < 1 ||
		!w.candles || w.json + w.csv + w.recursive > 1 ||
		!w.detail != !w.detail_interval)
		return usage_fail();
	return read_and_run(context, &w, &files);
}
