/* What the parts of the importer share. */
#ifndef DOMAIN_IMPORT_PRIVATE_H
#define DOMAIN_IMPORT_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zlib.h>

#include "arena.h"
#include "decimal.h"
#include "err.h"
#include "import.h"
#include "report.h"

enum {
	IMPORT_CELL_LIMIT = 32,	 /* columns of a row; further ones drop */
	IMPORT_ROW_BYTES = 4096, /* a longer row is refused */
	IMPORT_BUFFER = 64 * 1024,
	IMPORT_SCALE_LIMIT = 8, /* digits behind the point */
	IMPORT_PEEK = 32	/* rows read ahead to guess the columns */
};

/* One row, as text. Cells live until the next row is read. */
struct import_record {
	int64_t line; /* in the file; in JSON the element's number */
	size_t count;
	const char *cells[IMPORT_CELL_LIMIT]; /* never NULL */
};

/* The bytes of the file, unpacked when they are gzip. */
struct import_input {
	gzFile file;
	unsigned char *buffer;
	size_t at, len;
	bool failed; /* damaged or unreadable; looks like the end */
	const struct import_progress *progress; /* or NULL */
};

enum {
	IMPORT_END = -1
};

MUST_CHECK enum err import_input_open(
	struct import_input *input, struct arena *arena, int fd);
/* ERR_BAD_INPUT when the file was damaged or cut short. */
MUST_CHECK enum err import_input_close(struct import_input *input);
/* The next byte, or IMPORT_END; peek leaves it there. */
int import_byte(struct import_input *input);
int import_peek(struct import_input *input);
/* The rest of the line at hand, when all of it is in the buffer: its length
   without the line break, NULL otherwise. Takes nothing. */
const char *import_line(const struct import_input *input, size_t *len);

/*
 * A reader of rows: CSV or JSON. ERR_BAD_INPUT with the report's detail set
 * when the file cannot be read on. JSON objects come as lists of cells in
 * the order of the first object, and its names as a row before it.
 */
struct import_reader {
	struct import_input *input;
	struct report *report;
	struct arena *arena;	 /* of the whole import */
	struct arena *row_arena; /* reset for each row */
	int64_t line;
	char row[IMPORT_ROW_BYTES];
	size_t row_len;
	/* CSV */
	char separator; /* 0: not known yet */
	/* JSON */
	bool started;
	const char *names[IMPORT_CELL_LIMIT]; /* of objects */
	size_t name_count;
	bool names_told;
	bool has_kept; /* row still holds the first object */
	enum err (*next)(struct import_reader *reader,
		struct import_record *out, bool *more);
};
MUST_CHECK enum err import_csv_next(
	struct import_reader *reader, struct import_record *out, bool *more);
MUST_CHECK enum err import_json_next(
	struct import_reader *reader, struct import_record *out, bool *more);

enum import_column {
	COLUMN_TIME,
	COLUMN_CLOCK, /* time of day beside a date; -1: none */
	COLUMN_OPEN,
	COLUMN_HIGH,
	COLUMN_LOW,
	COLUMN_CLOSE,
	COLUMN_VOLUME, /* -1: none */
	COLUMN_COUNT
};
struct import_columns {
	int at[COLUMN_COUNT]; /* the cell's index */
};
/* Is this row the names of the columns? */
bool import_is_header(const struct import_record *record);
/* Faults in the report for columns that are missing. */
MUST_CHECK enum err import_columns_named(const struct import_record *header,
	struct report *report, struct import_columns *out);
/* From the first rows: the usual order that their prices do not contradict. */
MUST_CHECK enum err import_columns_guess(const struct import_record *rows,
	size_t count, struct report *report, struct import_columns *out);
/* The cell, "" when the row is too short or there is no such column. */
const char *import_cell(const struct import_record *record,
	const struct import_columns *columns, enum import_column column);

/* Epoch units, by size: decided by the first row, kept for the file. */
enum import_unit {
	UNIT_UNKNOWN,
	UNIT_SECONDS,
	UNIT_MILLISECONDS,
	UNIT_MICROSECONDS
};
/* Date, date and time, or epoch. clock: time of day, or "". */
MUST_CHECK bool import_time(const char *text, const char *clock,
	enum import_unit *unit, int64_t *out);
/* Plain or scientific notation; zeros at the end are dropped. */
MUST_CHECK bool import_number(const char *text, struct decimal *out);

#endif
