/*
 * The import itself: takes rows, checks each as a candle, spools it, and
 * keeps the report; what was spooled is stored in one transaction. Must
 * never hold the database's lock while it reads, never leave a part of a
 * file behind, and never round a price.
 */
#include "import.h"

#include "import_private.h"
#include "market.h"
#include "bars_private.h"
#include "candles.h"
#include "import_load_private.h"
#include "import_store_private.h"
#include "symbol_private.h"
#include "text.h"

enum {
	FAULTS_SHOWN = 100,
	GAPS_SHOWN = 100,
	SOURCE_LIMIT = 200,
	/* One row of at most IMPORT_ROW_BYTES, parsed. */
	ROW_ARENA_CAP = 4 * 1024 * 1024
};

/* Years 1900 to 2199: no market is older, no file is newer, and sums of
   such times cannot overflow. */
#define TIME_LEAST INT64_C(-2208988800000)
#define TIME_END INT64_C(7258118400000)

struct import {
	const struct import_options *options;
	int64_t interval_ms;
	int64_t now; /* no candle is later */
	struct import_store store;
	struct import_spool spool;
	struct import_reader reader;
	struct import_columns columns;
	enum import_unit unit;
	struct import_record *peeked; /* rows read ahead, IMPORT_PEEK */
	size_t peek_count, peek_at;
	bool ended; /* the reader must not be asked again */
	bool has_last;
	struct import_report report;
	struct import_fault *faults;
	struct import_gap *gaps;
};

static const char too_fine[] =
	"a price has more than 8 digits behind the point";

static enum err interval_check(
	struct report *report, const struct import_options *options)
{
	if (market_interval_ms(options->interval) != 0)
		return ERR_OK;
	report_fault(report, "/interval",
		"must be one of: 1m, 5m, 15m, 30m, 1h, 4h, 1d, 1w");
	return ERR_BAD_INPUT;
}

static enum err options_check(
	struct report *report, const struct import_options *options)
{
	enum err err = interval_check(report, options);
	size_t before = report->fault_count;
	size_t source = strlen(options->source);

	if (!symbol_is_valid(options->symbol))
		report_fault(report, "/symbol", "must be %s", SYMBOL_RULE);
	if (source == 0 || source > SOURCE_LIMIT ||
		!text_is_utf8(options->source, source) ||
		text_has_control(options->source, source))
		report_fault(report, "/source", "must be 1 to %d bytes of text",
			SOURCE_LIMIT);
	return report->fault_count == before ? err : ERR_BAD_INPUT;
}

static void fault_add(struct import *import, int64_t line, const char *message)
{
	struct import_report *report = &import->report;

	report->refused++;
	if (!import->options->skip_faults &&
		import->reader.report->fault_count < REPORT_FAULT_LIMIT)
		report_fault(import->reader.report,
			arena_format(import->reader.arena, "line %lld",
				(long long)line),
			"%s", message);
	if (report->fault_count >= FAULTS_SHOWN)
		return;
	import->faults[report->fault_count++] = (struct import_fault){
		.line = line,
		.message = message,
	};
}

/* Binary noise of other programs ("0.30000000000000004"): harmless in a
   volume, which is a statistic; a price is never rounded. */
static void volume_round(struct decimal *volume)
{
	struct decimal rounded;

	if (volume->scale > IMPORT_SCALE_LIMIT &&
		decimal_rescale(*volume, IMPORT_SCALE_LIMIT, &rounded) ==
			ERR_OK)
		*volume = decimal_trim(rounded);
}

/* NULL, or what is wrong with the cells. */
static const char *numbers_read(const struct import *import,
	const struct import_record *record, struct import_candle *out)
{
	const struct {
		enum import_column column;
		struct decimal *value;
		const char *message;
	} cells[] = {
		{COLUMN_OPEN, &out->open, "the open is not a number"},
		{COLUMN_HIGH, &out->high, "the high is not a number"},
		{COLUMN_LOW, &out->low, "the low is not a number"},
		{COLUMN_CLOSE, &out->close, "the close is not a number"},
		{COLUMN_VOLUME, &out->volume, "the volume is not a number"},
	};

	out->volume = (struct decimal){0};
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		if (cells[i].column == COLUMN_VOLUME &&
			import->columns.at[COLUMN_VOLUME] < 0)
			continue;
		if (!import_number(import_cell(record, &import->columns,
					   cells[i].column),
			    cells[i].value))
			return cells[i].message;
		if (cells[i].column == COLUMN_VOLUME)
			volume_round(&out->volume);
		if (cells[i].value->scale > IMPORT_SCALE_LIMIT)
			return too_fine;
	}
	return NULL;
}

static const char *prices_check(const struct import_candle *candle)
{
	if (candle->low.units <= 0)
		return "the low is not above zero";
	if (decimal_compare(candle->low, candle->open) > 0 ||
		decimal_compare(candle->low, candle->close) > 0)
		return "the low is above the open or the close";
	if (decimal_compare(candle->high, candle->open) < 0 ||
		decimal_compare(candle->high, candle->close) < 0)
		return "the high is below the open or the close";
	if (candle->volume.units < 0)
		return "the volume is below zero";
	return NULL;
}

static const char *time_check(const struct import *import, int64_t time)
{
	if (time < TIME_LEAST || time >= TIME_END)
		return "the time is not between the years 1900 and 2199";
	if (bars_open_of(time, import->interval_ms) != time)
		return "the time is not on the interval's grid";
	if (time > import->now)
		return "the time lies in the future";
	if (import->has_last && time == import->report.last)
		return "the time is given twice";
	if (import->has_last && time < import->report.last)
		return "the time is before the row above";
	return NULL;
}

static const char *candle_read(struct import *import,
	const struct import_record *record, struct import_candle *out)
{
	const struct import_columns *columns = &import->columns;
	const char *fault;

	if (!import_time(import_cell(record, columns, COLUMN_TIME),
		    import_cell(record, columns, COLUMN_CLOCK), &import->unit,
		    &out->time))
		return "the time is not understood";
	fault = numbers_read(import, record, out);
	if (!fault)
		fault = prices_check(out);
	if (!fault)
		fault = time_check(import, out->time);
	return fault;
}

static void gap_note(struct import *import, int64_t time)
{
	struct import_report *report = &import->report;
	int64_t missing = (time - report->last) / import->interval_ms - 1;

	if (!import->has_last || missing <= 0)
		return;
	report->gap_count++;
	report->missing_count += missing;
	if (report->gaps_shown < GAPS_SHOWN)
		import->gaps[report->gaps_shown++] = (struct import_gap){
			.from = report->last,
			.to = time,
			.missing = missing,
		};
}

static enum err spool_fail(struct report *report)
{
	report_detail(report, "There is no room for a temporary file.");
	return ERR_UNAVAILABLE;
}

static enum err candle_spool(
	struct import *import, int64_t line, const struct import_candle *candle)
{
	struct import_report *report = &import->report;
	struct import_row row;
	const char *fault = NULL;
	enum err err = import_store_fit(&import->store, candle, &row, &fault);

	if (err != ERR_OK)
		return err;
	if (fault) {
		fault_add(import, line, fault);
		return ERR_OK;
	}
	if (import_spool_put(&import->spool, &row) != ERR_OK)
		return spool_fail(import->reader.report);
	gap_note(import, candle->time);
	if (!import->has_last)
		report->first = candle->time;
	report->last = candle->time;
	import->has_last = true;
	return ERR_OK;
}

static enum err row_take(
	struct import *import, const struct import_record *record)
{
	struct import_candle candle;
	const char *fault;

	import->report.rows++;
	fault = candle_read(import, record, &candle);
	if (fault) {
		fault_add(import, record->line, fault);
		return ERR_OK;
	}
	/* After the first fault nothing will be kept: only go on checking. */
	if (import->report.refused > 0 && !import->options->skip_faults) {
		import->report.last = candle.time;
		import->has_last = true;
		return ERR_OK;
	}
	return candle_spool(import, record->line, &candle);
}

static void record_copy(struct arena *arena, const struct import_record *from,
	struct import_record *to)
{
	*to = *from;
	for (size_t i = 0; i < from->count; i++)
		to->cells[i] = arena_text(arena, from->cells[i]);
}

static enum err rows_peek(struct import *import)
{
	struct import_reader *reader = &import->reader;
	struct import_record record;
	bool more = true;

	while (import->peek_count < IMPORT_PEEK) {
		enum err err = reader->next(reader, &record, &more);

		if (err != ERR_OK)
			return err;
		if (!more) {
			import->ended = true;
			break;
		}
		record_copy(reader->arena, &record,
			&import->peeked[import->peek_count++]);
	}
	return ERR_OK;
}

static enum err columns_find(struct import *import)
{
	struct report *report = import->reader.report;
	enum err err = rows_peek(import);

	if (err != ERR_OK)
		return err;
	if (import->peek_count == 0) {
		report_detail(report, "The file has no rows.");
		return ERR_BAD_INPUT;
	}
	if (!import_is_header(&import->peeked[0]))
		return import_columns_guess(import->peeked, import->peek_count,
			report, &import->columns);
	import->peek_at = 1;
	return import_columns_named(
		&import->peeked[0], report, &import->columns);
}

static enum err rows_import(struct import *import)
{
	struct import_reader *reader = &import->reader;
	struct import_record record;
	bool more = true;
	enum err err = columns_find(import);

	while (err == ERR_OK && import->peek_at < import->peek_count)
		err = row_take(import, &import->peeked[import->peek_at++]);
	while (err == ERR_OK && !import->ended) {
		err = reader->next(reader, &record, &more);
		if (err != ERR_OK || !more)
			break;
		err = row_take(import, &record);
	}
	return err;
}

/* Nothing half-imported: any fault refuses the file, unless skipped. */
static enum err outcome(struct import *import)
{
	struct import_report *report = &import->report;

	if (report->rows == 0) {
		report_detail(import->reader.report, "The file has no rows.");
		return ERR_BAD_INPUT;
	}
	if (report->refused == 0 ||
		(import->options->skip_faults && import->has_last))
		return ERR_OK;
	report_detail(import->reader.report,
		"%lld of %lld rows are faulty; nothing was imported.",
		(long long)report->refused, (long long)report->rows);
	return ERR_BAD_INPUT;
}

/* By the first byte that is not a blank: a list is JSON, all else CSV. */
static enum err format_find(struct import *import)
{
	struct import_reader *reader = &import->reader;
	int byte = import_peek(reader->input);

	while (byte == ' ' || byte == '\r' || byte == '\n') {
		(void)import_byte(reader->input);
		byte = import_peek(reader->input);
	}
	if (byte == '{') {
		report_detail(reader->report,
			"A JSON file must be a list of candles.");
		return ERR_BAD_INPUT;
	}
	reader->next = byte == '[' ? import_json_next : import_csv_next;
	return ERR_OK;
}

static enum err file_read_rows(struct import *import, int fd)
{
	struct import_input input;
	enum err err = import_input_open(&input, import->reader.arena, fd);
	enum err closed;

	if (err != ERR_OK)
		return err;
	input.progress = import->options->progress;
	import->reader.input = &input;
	err = format_find(import);
	if (err == ERR_OK)
		err = rows_import(import);
	closed = import_input_close(&input);
	if (closed != ERR_OK && (err == ERR_OK || err == ERR_BAD_INPUT)) {
		report_detail(import->reader.report,
			"The file is damaged or cut off.");
		return closed;
	}
	return err == ERR_OK ? outcome(import) : err;
}

/* All that may wait for the file: its rows, checked, into the spool, which
   stands at its beginning then. */
static enum err file_spool(struct import *import, int fd)
{
	struct arena *row_arena = arena_open(ROW_ARENA_CAP);
	enum err err;

	import->reader.row_arena = row_arena;
	err = file_read_rows(import, fd);
	arena_close(&row_arena);
	if (err == ERR_OK && import_spool_turn(&import->spool) != ERR_OK)
		err = spool_fail(import->reader.report);
	return err;
}

/* The caller closes the spool. */
static enum err import_open(struct arena *arena, struct report *report,
	const struct import_options *options, struct import **out)
{
	struct import *import = arena_alloc(arena, sizeof(*import));

	import->options = options;
	import->interval_ms = market_interval_ms(options->interval);
	import->reader.report = report;
	import->reader.arena = arena;
	import->peeked =
		arena_array(arena, IMPORT_PEEK, sizeof(*import->peeked));
	import->faults =
		arena_array(arena, FAULTS_SHOWN, sizeof(*import->faults));
	import->gaps = arena_array(arena, GAPS_SHOWN, sizeof(*import->gaps));
	import->report.faults = import->faults;
	import->report.gaps = import->gaps;
	if (import_spool_open(&import->spool) != ERR_OK)
		return spool_fail(report);
	*out = import;
	return ERR_OK;
}

/* First everything that may wait for the file, then what locks. */
enum err candles_import(struct admin_scope *admin, int fd,
	const struct import_options *options, struct import_report *out)
{
	struct report *report = admin_report(admin);
	struct import *import;
	enum err err = options_check(report, options);

	if (err == ERR_OK)
		err = import_open(admin_arena(admin), report, options, &import);
	if (err != ERR_OK)
		return err;
	import->now = admin_now(admin);
	err = import_store_open(
		&import->store, admin, options, import->interval_ms);
	if (err == ERR_OK)
		err = file_spool(import, fd);
	if (err == ERR_OK)
		err = import_store_all(
			&import->store, &import->spool, &import->report);
	import_spool_close(&import->spool);
	if (err == ERR_OK)
		*out = import->report;
	return err;
}

static const char *candle_check(
	const struct import *import, struct import_candle *candle)
{
	struct decimal *values[] = {&candle->open, &candle->high, &candle->low,
		&candle->close, &candle->volume};
	const char *fault;

	volume_round(&candle->volume);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		*values[i] = decimal_trim(*values[i]);
	if (candle->open.scale > IMPORT_SCALE_LIMIT ||
		candle->high.scale > IMPORT_SCALE_LIMIT ||
		candle->low.scale > IMPORT_SCALE_LIMIT ||
		candle->close.scale > IMPORT_SCALE_LIMIT)
		return too_fine;
	fault = prices_check(candle);
	return fault ? fault : time_check(import, candle->time);
}

static enum err candles_spool(
	struct import *import, const struct import_candle *items, size_t count)
{
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < count; i++) {
		struct import_candle candle = items[i];
		const char *fault = candle_check(import, &candle);

		import->report.rows++;
		if (fault)
			fault_add(import, (int64_t)i + 1, fault);
		else
			err = candle_spool(import, (int64_t)i + 1, &candle);
	}
	if (err == ERR_OK && import_spool_turn(&import->spool) != ERR_OK)
		err = spool_fail(import->reader.report);
	return err;
}

enum err candles_put(struct admin_scope *admin,
	const struct import_candle *items, size_t count,
	const struct import_options *options, struct import_report *out)
{
	struct import_options skipping = *options;
	struct import *import;
	enum err err;

	skipping.skip_faults = true;
	err = options_check(admin_report(admin), &skipping);
	if (err == ERR_OK)
		err = import_open(admin_arena(admin), admin_report(admin),
			&skipping, &import);
	if (err != ERR_OK)
		return err;
	import->now = admin_now(admin);
	err = import_store_open(
		&import->store, admin, &skipping, import->interval_ms);
	if (err == ERR_OK)
		err = candles_spool(import, items, count);
	if (err == ERR_OK && import->has_last)
		err = import_store_all(
			&import->store, &import->spool, &import->report);
	import_spool_close(&import->spool);
	if (err == ERR_OK)
		*out = import->report;
	return err;
}

enum err candles_parse(struct arena *arena, int fd,
	const struct import_options *options, struct report *report,
	struct candles *out)
{
	struct candles candles;
	struct import *import;
	enum err err = interval_check(report, options);

	if (err == ERR_OK)
		err = import_open(arena, report, options, &import);
	if (err != ERR_OK)
		return err;
	import->now = INT64_MAX;
	import->store.most_known = true; /* there is nothing but the file */
	err = file_spool(import, fd);
	if (err == ERR_OK)
		err = import_columns_load(
			&import->spool, &import->store, arena, &candles);
	import_spool_close(&import->spool);
	if (err == ERR_OK)
		err = candles_check(&candles, report);
	if (err == ERR_OK)
		*out = candles;
	return err;
}
