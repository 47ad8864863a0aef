/*
 * kontor import: candles from a file, with a report of gaps and faults. What
 * it shows while it reads goes to a terminal only.
 */
#include "command.h"
#include "import.h"

#include <fcntl.h>
#include <unistd.h>

#include "clock.h"
#include "market.h"
#include "open.h"
#include "progress.h"
#include "text.h"

enum {
	GAPS_PRINTED = 20,
	HOLD_MS = 10 * 60 * 1000 /* longest import */
};

static const char usage[] = "import FILE --symbol S --interval I "
			    "[--source TEXT] [--skip-faults] [--quiet]";

static void print_times(const char *what, int64_t from, int64_t to)
{
	char first[TIME_TEXT_ROOM];
	char last[TIME_TEXT_ROOM];

	time_format(from, first);
	time_format(to, last);
	printf("%s %s .. %s", what, first, last);
}

/* A stock has one every weekend: the first few say enough. */
static void print_gaps(const struct import_report *report)
{
	size_t shown = report->gaps_shown < GAPS_PRINTED ? report->gaps_shown
							 : GAPS_PRINTED;

	for (size_t i = 0; i < shown; i++) {
		print_times("gap", report->gaps[i].from, report->gaps[i].to);
		printf(": %lld missing\n", (long long)report->gaps[i].missing);
	}
	if (report->gap_count > (int64_t)shown)
		printf("and %lld more\n",
			(long long)(report->gap_count - (int64_t)shown));
}

static void print_report(const struct import_report *report)
{
	printf("%lld rows: %lld added, %lld replaced, %lld unchanged, "
	       "%lld refused\n",
		(long long)report->rows, (long long)report->added,
		(long long)report->replaced, (long long)report->unchanged,
		(long long)report->refused);
	if (report->rows > report->refused) {
		print_times("from", report->first, report->last);
		printf("\n");
	}
	for (size_t i = 0; i < report->fault_count; i++)
		printf("left out: line %lld: %s\n",
			(long long)report->faults[i].line,
			report->faults[i].message);
	printf("%lld gaps, %lld candles missing\n",
		(long long)report->gap_count, (long long)report->missing_count);
	print_gaps(report);
}

/* Nobody keeps an answer that was computed before and is found after it. */
static enum err import_held(struct command_context *context,
	const struct shared *shared, int fd,
	const struct import_options *import, struct import_report *report)
{
	const struct store_tags tags = {.names = {MARKET_TAG}, .count = 1};
	enum err held = ERR_OK;
	enum err err;

	if (shared->store)
		held = store_hold(shared->store, context->now, &tags, HOLD_MS);
	err = candles_import(auth_operator_scope(shared->db, context->arena,
				     context->report, context->now),
		fd, import, report);
	if (shared->store && held == ERR_OK)
		held = store_release(shared->store, clock_ms(), &tags);
	if (held != ERR_OK)
		fprintf(stderr, "kontor: the cache could not be told: old "
				"candles may be shown for some minutes\n");
	return err;
}

static enum err import_shown(struct command_context *context, int fd,
	struct import_options *import, bool quiet, struct import_report *report)
{
	struct progress bar;
	const struct import_progress progress = {progress_tell, &bar};
	struct shared shared = {.db = NULL};
	enum err err = shared_join(
		context->config, context->arena, context->report, &shared);

	progress_open(&bar, fd, quiet);
	import->progress = &progress;
	if (err == ERR_OK)
		err = import_held(context, &shared, fd, import, report);
	progress_close(&bar);
	import->progress = NULL;
	shared_close(&shared);
	return err;
}

int cmd_import(struct command_context *context, int argc, char **argv)
{
	struct import_options import = {.source = "operator"};
	bool quiet = false;
	const struct option_spec options[] = {
		{"--symbol", &import.symbol, NULL},
		{"--interval", &import.interval, NULL},
		{"--source", &import.source, NULL},
		{"--skip-faults", NULL, &import.skip_faults},
		{"--quiet", NULL, &quiet},
		{.name = NULL},
	};
	struct import_report report = {0};
	const char *path = NULL;
	struct words words = {.at = &path, .room = 1};
	int fd = STDIN_FILENO;
	enum err err;

	if (!command_parse(argc, argv, options, &words) || words.count != 1 ||
		import.symbol == NULL || import.interval == NULL)
		return command_usage(usage);
	if (!text_equal(path, "-"))
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		report_detail(context->report, "%s does not open", path);
		return command_fail(context, "import", ERR_NOT_FOUND);
	}
	err = import_shown(context, fd, &import, quiet, &report);
	if (err == ERR_OK)
		print_report(&report);
	(void)close(fd);
	return err == ERR_OK ? 0 : command_fail(context, "import", err);
}
