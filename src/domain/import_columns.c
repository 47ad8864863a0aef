/*
 * Which cell of a row is what: by the names in the first row, or, without
 * one, by the usual orders. Must never take an order that the first rows
 * contradict (a low above the open, a high below the close) when another
 * fits.
 */
#include "import_private.h"

#include "text.h"

struct column_name {
	const char *name; /* lower case, letters and digits only */
	enum import_column column;
};

/* "time" beside "date" is the time of day: see column_take(). */
static const struct column_name column_names[] = {
	{"time", COLUMN_TIME},
	{"timestamp", COLUMN_TIME},
	{"date", COLUMN_TIME},
	{"datetime", COLUMN_TIME},
	{"opentime", COLUMN_TIME},
	{"opentimestamp", COLUMN_TIME},
	{"starttime", COLUMN_TIME},
	{"gmttime", COLUMN_TIME},
	{"utctime", COLUMN_TIME},
	{"unix", COLUMN_TIME},
	{"unixtime", COLUMN_TIME},
	{"unixtimestamp", COLUMN_TIME},
	{"ts", COLUMN_TIME},
	{"t", COLUMN_TIME},
	{"open", COLUMN_OPEN},
	{"openprice", COLUMN_OPEN},
	{"o", COLUMN_OPEN},
	{"high", COLUMN_HIGH},
	{"highprice", COLUMN_HIGH},
	{"h", COLUMN_HIGH},
	{"low", COLUMN_LOW},
	{"lowprice", COLUMN_LOW},
	{"l", COLUMN_LOW},
	{"close", COLUMN_CLOSE},
	{"closeprice", COLUMN_CLOSE},
	{"c", COLUMN_CLOSE},
	{"volume", COLUMN_VOLUME},
	{"basevolume", COLUMN_VOLUME},
	{"vol", COLUMN_VOLUME},
	{"v", COLUMN_VOLUME},
};

static const char *const column_titles[COLUMN_COUNT] = {
	[COLUMN_TIME] = "time",
	[COLUMN_CLOCK] = "time of day",
	[COLUMN_OPEN] = "open",
	[COLUMN_HIGH] = "high",
	[COLUMN_LOW] = "low",
	[COLUMN_CLOSE] = "close",
	[COLUMN_VOLUME] = "volume",
};

enum {
	NAME_ROOM = 32
};

/* Letters and digits only, in lower case; "" when it is too long. */
static void name_plain(const char *cell, char plain[NAME_ROOM])
{
	size_t len = 0;

	for (; *cell; cell++) {
		char c = *cell;

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')))
			continue;
		if (len + 1 >= NAME_ROOM) {
			len = 0;
			break;
		}
		plain[len++] = c;
	}
	plain[len] = '\0';
}

static bool is_number(const char *cell)
{
	struct decimal value;

	return import_number(cell, &value);
}

static bool is_clock(const char *cell)
{
	return strlen(cell) >= 5 && cell[2] == ':' && cell[0] >= '0' &&
	       cell[0] <= '2';
}

bool import_is_header(const struct import_record *record)
{
	if (record->count < 2)
		return false;
	return !is_number(record->cells[1]) && !is_clock(record->cells[1]);
}

static enum import_column column_of(const char *plain)
{
	static const size_t count =
		sizeof(column_names) / sizeof(column_names[0]);

	for (size_t i = 0; i < count; i++)
		if (text_equal(column_names[i].name, plain))
			return column_names[i].column;
	/* "Volume BTC" and the like: the first of them. */
	return text_starts(plain, "volume") ? COLUMN_VOLUME : COLUMN_COUNT;
}

/* The first column of a kind is taken; a date may have its time beside it. */
static void column_take(struct import_columns *columns, bool *dated,
	const char *plain, size_t index)
{
	enum import_column column = column_of(plain);

	if (index == 0 && plain[0] == '\0')
		column = COLUMN_TIME;
	if (column == COLUMN_COUNT)
		return;
	if (columns->at[column] < 0) {
		columns->at[column] = (int)index;
		if (column == COLUMN_TIME)
			*dated = text_equal(plain, "date");
	} else if (*dated && text_equal(plain, "time")) {
		columns->at[COLUMN_CLOCK] = (int)index;
	}
}

static void columns_none(struct import_columns *columns)
{
	for (size_t i = 0; i < COLUMN_COUNT; i++)
		columns->at[i] = -1;
}

enum err import_columns_named(const struct import_record *header,
	struct report *report, struct import_columns *out)
{
	struct import_columns columns;
	bool dated = false;
	bool complete = true;

	columns_none(&columns);
	for (size_t i = 0; i < header->count; i++) {
		char plain[NAME_ROOM];

		name_plain(header->cells[i], plain);
		column_take(&columns, &dated, plain, i);
	}
	for (size_t i = 0; i < COLUMN_COUNT; i++) {
		if (columns.at[i] >= 0 || i == COLUMN_CLOCK ||
			i == COLUMN_VOLUME)
			continue;
		report_fault(report, "line 1", "has no column named %s",
			column_titles[i]);
		complete = false;
	}
	if (!complete)
		return ERR_BAD_INPUT;
	*out = columns;
	return ERR_OK;
}

/* Behind the time: which of open, high, low, close stands where. */
static const enum import_column orders[][4] = {
	{COLUMN_OPEN, COLUMN_HIGH, COLUMN_LOW, COLUMN_CLOSE},
	{COLUMN_OPEN, COLUMN_CLOSE, COLUMN_HIGH, COLUMN_LOW},
	{COLUMN_LOW, COLUMN_HIGH, COLUMN_OPEN, COLUMN_CLOSE},
};

enum {
	ORDER_COUNT = sizeof(orders) / sizeof(orders[0])
};

static void columns_ordered(const struct import_record *row, size_t order,
	struct import_columns *out)
{
	int index = 0;

	columns_none(out);
	out->at[COLUMN_TIME] = index++;
	if (row->count > 1 && is_clock(row->cells[1]))
		out->at[COLUMN_CLOCK] = index++;
	for (size_t i = 0; i < 4; i++)
		out->at[orders[order][i]] = index++;
	if ((size_t)index < row->count)
		out->at[COLUMN_VOLUME] = index;
}

/* Rows that are no numbers prove nothing. */
static bool row_fits(
	const struct import_record *row, const struct import_columns *columns)
{
	struct decimal open;
	struct decimal high;
	struct decimal low;
	struct decimal close;

	if (!import_number(import_cell(row, columns, COLUMN_OPEN), &open) ||
		!import_number(import_cell(row, columns, COLUMN_HIGH), &high) ||
		!import_number(import_cell(row, columns, COLUMN_LOW), &low) ||
		!import_number(import_cell(row, columns, COLUMN_CLOSE), &close))
		return true;
	return decimal_compare(low, open) <= 0 &&
	       decimal_compare(low, close) <= 0 &&
	       decimal_compare(high, open) >= 0 &&
	       decimal_compare(high, close) >= 0;
}

static bool rows_fit(const struct import_record *rows, size_t count,
	const struct import_columns *columns)
{
	for (size_t i = 0; i < count; i++)
		if (!row_fits(&rows[i], columns))
			return false;
	return true;
}

enum err import_columns_guess(const struct import_record *rows, size_t count,
	struct report *report, struct import_columns *out)
{
	struct import_columns columns;

	if (rows[0].count < 5) {
		report_detail(report,
			"Line %lld has %zu columns; at least a time and four "
			"prices are needed.",
			(long long)rows[0].line, rows[0].count);
		return ERR_BAD_INPUT;
	}
	for (size_t order = 0; order < ORDER_COUNT; order++) {
		columns_ordered(&rows[0], order, &columns);
		if (rows_fit(rows, count, &columns)) {
			*out = columns;
			return ERR_OK;
		}
	}
	columns_ordered(&rows[0], 0, out);
	return ERR_OK;
}

const char *import_cell(const struct import_record *record,
	const struct import_columns *columns, enum import_column column)
{
	int index = columns->at[column];

	if (index < 0 || (size_t)index >= record->count)
		return "";
	return record->cells[index];
}
