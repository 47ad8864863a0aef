/*
 * What the tests of the indicators share: series of bars, and a driver that
 * runs a kernel in blocks of any size. It hands over exactly the bars that
 * the contract allows (a byte more is found by ASan and valgrind), moves the
 * state between blocks, and looks at each value once. For tests only.
 */
#ifndef TEST_INDICATOR_HELP_H
#define TEST_INDICATOR_HELP_H

#include "engine_help.h"

#include "indicator.h"

enum {
	HELP_INPUTS = INPUT_TIME + 1
};

struct bars {
	double *col[HELP_INPUTS]; /* INPUT_SOURCE is the close */
	size_t count;
};

static inline struct bars bars_new(struct help *help, size_t count)
{
	struct bars bars = {.count = count};

	for (size_t k = 0; k < HELP_INPUTS; k++)
		bars.col[k] = arena_array(help->arena, count, sizeof(double));
	bars.col[INPUT_SOURCE] = bars.col[INPUT_CLOSE];
	for (size_t i = 0; i < count; i++)
		bars.col[INPUT_TIME][i] = (double)i * 900000.0;
	return bars;
}

/* The first `count` of them. */
static inline struct bars bars_head(struct bars bars, size_t count)
{
	bars.count = count < bars.count ? count : bars.count;
	return bars;
}

/* A shipped file: the date, or date and time, then five numbers. */
static inline struct bars bars_file(struct help *help, const char *path)
{
	static const enum indicator_input order[] = {
		INPUT_OPEN, INPUT_HIGH, INPUT_LOW, INPUT_CLOSE, INPUT_VOLUME};
	struct bars bars;
	char *text, *line;
	size_t len, lines = 0;

	assert_int_equal(
		file_read(help->arena, path, HELP_FILE, &text, &len), ERR_OK);
	for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
		lines++;
	bars = bars_new(help, lines - 1);
	line = strchr(text, '\n') + 1;
	for (size_t i = 0; i < bars.count; i++) {
		char *at = strchr(line, ',');
		int64_t time;

		*at++ = '\0';
		assert_int_equal(time_parse(line, &time), ERR_OK);
		bars.col[INPUT_TIME][i] = (double)time;
		for (size_t k = 0; k < 5; k++, at++)
			bars.col[order[k]][i] = strtod(at, &at);
		line = at;
	}
	return bars;
}

static inline double help_number(const struct json *value)
{
	double out = NAN;

	assert_true(json_double(value, &out));
	return out;
}

/* The 252 bars of TA-Lib's regression tests. */
static inline struct bars bars_published(
	const struct json *file, struct help *h)
{
	static const struct {
		const char *name;
		enum indicator_input input;
	} columns[] = {{"open", INPUT_OPEN}, {"high", INPUT_HIGH},
		{"low", INPUT_LOW}, {"close", INPUT_CLOSE},
		{"volume", INPUT_VOLUME}};
	struct bars bars = bars_new(h, json_member(file, "close")->count);

	for (size_t k = 0; k < 5; k++) {
		const struct json *list = json_member(file, columns[k].name);
		size_t i = 0;

		assert_int_equal(list->count, bars.count);
		for (const struct json *c = list->first; c; c = c->next)
			bars.col[columns[k].input][i++] = help_number(c);
	}
	return bars;
}

static inline double help_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (double)(*seed >> 40) / 0x1p24;
}

/* A walk in cents with stretches that stand, bars without a range, bars
   without a volume, and a jump now and then. */
static inline struct bars bars_walk(struct help *help, size_t count)
{
	struct bars bars = bars_new(help, count);
	double price = 46000;
	uint64_t seed = 1;

	for (size_t i = 0; i < count; i++) {
		double open = price, range = help_random(&seed) * 40;
		bool stands = i % 500 >= 460;

		if (!stands)
			price *= 1 + (help_random(&seed) - 0.5) * 0.004;
		if (i % 1777 == 1000)
			price *= help_random(&seed) > 0.5 ? 1.5 : 0.6;
		price = round(price * 100) / 100;
		if (stands || i % 13 == 0)
			range = 0;
		bars.col[INPUT_OPEN][i] = open;
		bars.col[INPUT_CLOSE][i] = price;
		bars.col[INPUT_HIGH][i] =
			round(fmax(open, price) * 100 + range * 60) / 100;
		bars.col[INPUT_LOW][i] =
			round(fmin(open, price) * 100 - range * 60) / 100;
		bars.col[INPUT_VOLUME][i] =
			i % 300 < 30 ? 0
				     : round(help_random(&seed) * 1e6) / 1e3;
	}
	return bars;
}

static inline struct bars bars_standing(
	struct help *help, size_t count, double price, double volume)
{
	struct bars bars = bars_new(help, count);

	for (size_t i = 0; i < count; i++) {
		for (size_t k = INPUT_OPEN; k <= INPUT_CLOSE; k++)
			bars.col[k][i] = price;
		bars.col[INPUT_VOLUME][i] = volume;
	}
	return bars;
}

struct values {
	double *out[INDICATOR_OUTPUT_LIMIT];
};

static inline size_t outputs_of(const struct indicator *row)
{
	size_t count = 0;

	while (row->outputs[count])
		count++;
	return count;
}

static inline void defaults_of(const struct indicator *row, double *args)
{
	for (size_t k = 0; k < row->param_count; k++)
		args[k] = row->params[k].otherwise;
}

/* One run of a kernel; its memory is the heap's, so that what reads or
   writes beyond it is found. */
struct drive {
	const struct bars *bars;
	const struct indicator *row;
	const double *args;
	size_t block, history, state_size;
	double *in[INDICATOR_INPUT_LIMIT], *out[INDICATOR_OUTPUT_LIMIT];
	void *state, *other_state;
};

static inline void *drive_memory(size_t size)
{
	void *out = calloc(1, size + (size == 0));

	assert_non_null(out);
	return out;
}

static inline struct drive drive_open(const struct bars *bars,
	const struct indicator *row, const double *args, size_t block)
{
	struct drive drive = {
		.bars = bars, .row = row, .args = args, .block = block};

	drive.history = row->history ? row->history(args) : 0;
	drive.state_size = row->state ? row->state(args) : 0;
	drive.state = drive_memory(drive.state_size);
	drive.other_state = drive_memory(drive.state_size);
	for (size_t k = 0; k < row->input_count; k++)
		drive.in[k] =
			drive_memory((drive.history + block) * sizeof(double));
	for (size_t k = 0; k < outputs_of(row); k++)
		drive.out[k] = drive_memory(block * sizeof(double));
	return drive;
}

static inline void drive_close(struct drive *drive)
{
	free(drive->state);
	free(drive->other_state);
	for (size_t k = 0; k < INDICATOR_INPUT_LIMIT; k++)
		free(drive->in[k]);
	for (size_t k = 0; k < INDICATOR_OUTPUT_LIMIT; k++)
		free(drive->out[k]);
}

static inline void drive_block(
	struct drive *drive, size_t first, size_t count, struct values *values)
{
	const double *in[INDICATOR_INPUT_LIMIT];
	double *out[INDICATOR_OUTPUT_LIMIT];
	size_t spare = drive->block - count, outputs = outputs_of(drive->row);
	void *state = drive->other_state;

	for (size_t k = 0; k < drive->row->input_count; k++) {
		const double *col = drive->bars->col[drive->row->inputs[k]];
		double *to = drive->in[k] + spare;

		for (size_t i = 0; i < drive->history; i++)
			to[i] = first + i < drive->history
					? (double)NAN
					: col[first + i - drive->history];
		memcpy(to + drive->history, col + first,
			count * sizeof(double));
		in[k] = to + drive->history;
	}
	for (size_t k = 0; k < outputs; k++) {
		out[k] = drive->out[k] + spare;
		for (size_t i = 0; i < count; i++)
			out[k][i] = 4711;
	}
	memcpy(state, drive->state, drive->state_size);
	memset(drive->state, 0xa5, drive->state_size);
	drive->other_state = drive->state;
	drive->state = state;
	drive->row->run(&(const struct indicator_call){.in = in,
		.out = out,
		.args = drive->args,
		.state = state,
		.first = first,
		.count = count});
	for (size_t k = 0; k < outputs; k++)
		memcpy(values->out[k] + first, out[k], count * sizeof(double));
}

/* NaN before ready, finite from there, everything written. */
static inline void drive_check(
	const struct drive *drive, const struct values *values)
{
	for (size_t k = 0; k < outputs_of(drive->row); k++) {
		size_t ready = drive->row->ready(drive->args, k);

		for (size_t i = 0; i < drive->bars->count; i++) {
			double value = values->out[k][i];

			if (i < ready ? !isnan(value)
				      : !isfinite(value) || value == 4711)
				fail_msg("%s.%s, bar %zu (ready %zu): %g",
					drive->row->name,
					drive->row->outputs[k], i, ready,
					value);
		}
	}
}

static inline struct values compute(struct help *help, const struct bars *bars,
	const struct indicator *row, const double *args, size_t block)
{
	struct drive drive;
	struct values values = {0};

	assert_non_null(row);
	drive = drive_open(bars, row, args, block);
	for (size_t k = 0; k < outputs_of(row); k++)
		values.out[k] =
			arena_array(help->arena, bars->count, sizeof(double));
	for (size_t first = 0; first < bars->count; first += block) {
		size_t left = bars->count - first;

		drive_block(
			&drive, first, left < block ? left : block, &values);
	}
	drive_check(&drive, &values);
	drive_close(&drive);
	return values;
}

/* By name, with parameters, in one block; the bare id's output. */
static inline const double *compute_first(struct help *help,
	const struct bars *bars, const char *name, const double *args)
{
	return compute(help, bars, indicator_find(name), args, bars->count)
		.out[0];
}

#endif
