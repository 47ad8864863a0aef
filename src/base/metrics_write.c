/*
 * The figures as text (Prometheus 0.0.4): HELP and TYPE once a family, then
 * its values. Reads each cell once, so that a histogram's buckets and its
 * count agree while others add.
 */
#include "metrics_private.h"

#include <inttypes.h>

enum {
	MS = 1000, /* in a second */
	US = 1000 * 1000
};

struct line {
	const struct metrics_family *family;
	const struct metrics_place *place;
	size_t a, b;
	struct buf *out;
};

static const char *type_of(enum metrics_kind kind)
{
	if (kind == METRICS_COUNTER || kind == METRICS_ANSWERS)
		return "counter";
	return kind == METRICS_TIMES ? "histogram" : "gauge";
}

/* Backslash, quote and line feed; HELP has no quotes to end. */
static void write_escaped(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n') {
			buf_text(out, "\\n");
			continue;
		}
		if (*text == '\\' || *text == '"')
			buf_char(out, '\\');
		buf_char(out, *text);
	}
}

static const char *value_name(const struct line *line, size_t label)
{
	const size_t i = label == 0 ? line->a : line->b;
	const char *const *values = line->place->values[label];
	bool last = i + 1 == line->place->counts[label];

	/* the one value that is not in the list: see count_of
	   in metrics.c */
	if (line->family->labels[label].from == METRICS_ROUTES && last)
		return "none";
	return values[i];
}

/* name+suffix{labels,le="bound"}; bound may be NULL. */
static void write_start(
	const struct line *line, const char *suffix, const char *bound)
{
	char before = '{';

	buf_text(line->out, line->family->name);
	buf_text(line->out, suffix);
	for (size_t i = 0; i < METRICS_LABELS; i++) {
		if (!line->family->labels[i].name)
			continue;
		buf_char(line->out, before);
		buf_text(line->out, line->family->labels[i].name);
		buf_text(line->out, "=\"");
		write_escaped(line->out, value_name(line, i));
		buf_char(line->out, '"');
		before = ',';
	}
	if (bound) {
		buf_char(line->out, before);
		buf_text(line->out, "le=\"");
		buf_text(line->out, bound);
		buf_char(line->out, '"');
		before = ',';
	}
	buf_text(line->out, before == ',' ? "} " : " ");
}

static void write_count(struct buf *out, int64_t value)
{
	buf_format(out, "%" PRId64 "\n", value);
}

/* value / unit with all its places, without a double's rounding */
static void write_seconds(struct buf *out, int64_t value, int64_t unit)
{
	const char *sign = value < 0 ? "-" : "";
	int64_t size = value < 0 ? -value : value;

	if (unit == US)
		buf_format(out, "%s%" PRId64 ".%06" PRId64 "\n", sign,
			size / unit, size % unit);
	else
		buf_format(out, "%s%" PRId64 ".%03" PRId64 "\n", sign,
			size / unit, size % unit);
}

static void write_times(const struct line *line, const _Atomic int64_t *cell)
{
	int64_t buckets[METRICS_BUCKETS];
	int64_t count = 0;

	for (size_t i = 0; i < METRICS_BUCKETS; i++) {
		count += atomic_load_explicit(cell + i, memory_order_relaxed);
		buckets[i] = count;
	}
	if (count == 0 && line->family->sparse)
		return;
	for (size_t i = 0; i < METRICS_BUCKETS; i++) {
		write_start(line, "_bucket", metrics_bound_texts[i]);
		write_count(line->out, buckets[i]);
	}
	write_start(line, "_sum", NULL);
	write_seconds(line->out,
		atomic_load_explicit(
			cell + METRICS_BUCKETS, memory_order_relaxed),
		US);
	write_start(line, "_count", NULL);
	write_count(line->out, count);
}

/* A point in time as seconds from now or until now. */
static void write_point(const struct line *line, int64_t at, int64_t now)
{
	bool until = line->family->kind == METRICS_UNTIL;

	if (at == 0 && until)
		return;
	write_start(line, "", NULL);
	if (at == 0)
		write_count(line->out, line->family->never);
	else if (until)
		write_seconds(line->out, at - now, MS);
	else /* a clock that was put back makes nothing younger than new */
		write_seconds(line->out, now > at ? now - at : 0, MS);
}

static void write_value(
	const struct line *line, const _Atomic int64_t *cell, int64_t now)
{
	int64_t value = atomic_load_explicit(cell, memory_order_relaxed);

	if (line->family->kind == METRICS_SINCE ||
		line->family->kind == METRICS_UNTIL) {
		write_point(line, value, now);
		return;
	}
	if (value == 0 && line->family->sparse)
		return;
	write_start(line, "", NULL);
	write_count(line->out, value);
}

static void write_head(const struct metrics_family *family, struct buf *out)
{
	buf_text(out, "# HELP ");
	buf_text(out, family->name);
	buf_char(out, ' ');
	buf_text(out, family->help);
	buf_text(out, "\n# TYPE ");
	buf_text(out, family->name);
	buf_char(out, ' ');
	buf_text(out, type_of(family->kind));
	buf_char(out, '\n');
}

/* "2xx" is the first */
static void write_answers(
	const struct metrics *metrics, const struct line *line)
{
	int least = 200 + (int)line->a * 100;

	write_start(line, "", NULL);
	write_count(line->out, metrics_requests(metrics, least, least + 99));
}

static void write_line(const struct metrics *metrics, enum metric metric,
	const struct line *line, int64_t now)
{
	const _Atomic int64_t *cell =
		metrics_cell(metrics, metric, line->a, line->b);

	switch (line->family->kind) {
	case METRICS_TIMES:
		write_times(line, cell);
		return;
	case METRICS_PROCESSES:
		write_start(line, "", NULL);
		write_count(line->out,
			metrics_processes(metrics, (enum metrics_pool)line->a));
		return;
	case METRICS_ANSWERS:
		write_answers(metrics, line);
		return;
	case METRICS_COUNTER:
	case METRICS_GAUGE:
	case METRICS_SINCE:
	case METRICS_UNTIL:
		write_value(line, cell, now);
		return;
	}
}

void metrics_write(const struct metrics *metrics, int64_t now, struct buf *out)
{
	for (size_t i = 0; metrics && i < METRIC_COUNT; i++) {
		struct line line = {.family = &metrics_families[i],
			.place = &metrics->places[i],
			.out = out};
		const size_t lines =
			line.place->counts[0] * line.place->counts[1];

		write_head(line.family, out);
		for (size_t n = 0; n < lines; n++) {
			line.a = n / line.place->counts[1];
			line.b = n % line.place->counts[1];
			write_line(metrics, (enum metric)i, &line, now);
		}
	}
}
