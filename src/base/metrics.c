/*
 * Adding to the figures and reading them: one relaxed atomic step each. The
 * figures are independent of one another, so no order between them is
 * promised. Must never wait, and never call the system on the way of a
 * request.
 */
#include "metrics_private.h"

#include <sys/mman.h>

#include "text.h"

/* ---- where the cells are ------------------------------------------------- */

static const char *const no_values[] = {NULL};

static size_t count_of(const char *const *values)
{
	size_t count = 0;

	while (values[count])
		count++;
	return count;
}

static const char *const *values_of(
	const struct metrics_label *label, const struct metrics_labels *labels)
{
	const char *const *values = label->fixed;

	if (label->from == METRICS_ROUTES)
		values = labels->routes;
	else if (label->from == METRICS_RULES)
		values = labels->rules;
	else if (label->from == METRICS_CLASSES)
		values = labels->cache_classes;
	else if (label->from == METRICS_JOBS)
		values = labels->jobs;
	else if (label->from == METRICS_RUN_KINDS)
		values = labels->run_kinds;
	else if (label->from == METRICS_VENUES)
		values = labels->venues;
	else if (label->from == METRICS_STATES)
		values = labels->order_states;
	else if (label->from == METRICS_REASONS)
		values = labels->risk_reasons;
	return values ? values : no_values;
}

/* FNV-1a; the NUL counts, so that "a","bc" is not "ab","c". */
static uint64_t hash_text(uint64_t hash, const char *text)
{
	size_t len = strlen(text) + 1;

	for (size_t i = 0; i < len; i++) {
		hash ^= (unsigned char)text[i];
		hash *= UINT64_C(0x100000001b3);
	}
	return hash;
}

static uint64_t hash_label(
	uint64_t hash, const char *name, const char *const *values)
{
	hash = hash_text(hash, name);
	for (size_t i = 0; values[i]; i++)
		hash = hash_text(hash, values[i]);
	return hash_text(hash, "");
}

/* Families begin on a cache line of their own. */
static size_t up_to_line(size_t cells)
{
	const size_t line = METRICS_LINE / sizeof(int64_t);

	return (cells + line - 1) / line * line;
}

static void lay_out_labels(struct metrics *metrics,
	const struct metrics_family *family,
	const struct metrics_labels *labels, struct metrics_place *place)
{
	for (size_t i = 0; i < METRICS_LABELS; i++) {
		const struct metrics_label *label = &family->labels[i];

		place->values[i] = no_values;
		place->counts[i] = 1;
		if (!label->name)
			continue;
		place->values[i] = values_of(label, labels);
		place->counts[i] = count_of(place->values[i]) +
				   (label->from == METRICS_ROUTES ? 1 : 0);
		metrics->layout = hash_label(
			metrics->layout, label->name, place->values[i]);
	}
}

/* Where all cells are: fills places, layout and size. */
static void lay_out(
	struct metrics *metrics, const struct metrics_labels *labels)
{
	static const char *const kinds[] = {/* by enum metrics_kind */
		"c", "g", "s", "u", "p", "a", "h"};
	size_t next = 0;

	metrics->layout =
		UINT64_C(0xcbf29ce484222325) + METRICS_VERSION; /* FNV's own */
	for (size_t i = 0; i < METRIC_COUNT; i++) {
		const struct metrics_family *family = &metrics_families[i];
		struct metrics_place *place = &metrics->places[i];

		metrics->layout = hash_text(metrics->layout, family->name);
		metrics->layout =
			hash_text(metrics->layout, kinds[family->kind]);
		lay_out_labels(metrics, family, labels, place);
		place->cells =
			family->kind == METRICS_TIMES ? METRICS_HISTOGRAM : 1;
		place->first = next;
		next += up_to_line(
			place->counts[0] * place->counts[1] * place->cells);
	}
	for (size_t i = 0; i < METRICS_BUCKETS; i++)
		metrics->layout =
			hash_text(metrics->layout, metrics_bound_texts[i]);
	metrics->size = sizeof(struct metrics_head) +
			METRICS_SLOTS * sizeof(struct metrics_slot) +
			next * sizeof(int64_t);
}

_Atomic int64_t *metrics_cell(
	const struct metrics *metrics, enum metric metric, size_t a, size_t b)
{
	const struct metrics_place *place;

	if (!metrics || metric >= METRIC_COUNT)
		return NULL;
	place = &metrics->places[metric];
	if (a >= place->counts[0] || b >= place->counts[1])
		return NULL;
	return metrics->cells + place->first +
	       (a * place->counts[1] + b) * place->cells;
}

/* ---- open and close ------------------------------------------------------ */

enum err metrics_open(struct arena *arena,
	const struct metrics_options *options, struct metrics **out)
{
	struct metrics *metrics = arena_alloc(arena, sizeof(*metrics));
	char *file;
	enum err err;

	if (options->path && options->path[0] == '\0')
		return ERR_BAD_INPUT;
	lay_out(metrics, &options->labels);
	err = metrics_map(metrics, options->path);
	if (err != ERR_OK)
		return err;
	file = (char *)metrics->file + sizeof(struct metrics_head);
	metrics->slots = (void *)file;
	file += METRICS_SLOTS * sizeof(struct metrics_slot);
	metrics->cells = (void *)file;
	*out = metrics;
	return ERR_OK;
}

void metrics_close(struct metrics **metrics)
{
	struct metrics *open = *metrics;

	*metrics = NULL;
	if (!open)
		return;
	metrics_leave(open);
	(void)munmap(open->file, open->size);
}

/* ---- counting ------------------------------------------------------------ */

static void add(_Atomic int64_t *cell, int64_t delta)
{
	atomic_fetch_add_explicit(cell, delta, memory_order_relaxed);
}

static int64_t get(const _Atomic int64_t *cell)
{
	return atomic_load_explicit(cell, memory_order_relaxed);
}

static bool is_times(enum metric metric)
{
	return metrics_families[metric].kind == METRICS_TIMES;
}

void metrics_add(struct metrics *metrics, enum metric metric, size_t a,
	size_t b, int64_t delta)
{
	_Atomic int64_t *cell = metrics_cell(metrics, metric, a, b);

	if (cell && !is_times(metric))
		add(cell, delta);
}

void metrics_set(
	struct metrics *metrics, enum metric metric, size_t a, int64_t value)
{
	_Atomic int64_t *cell = metrics_cell(metrics, metric, a, 0);

	if (cell && !is_times(metric))
		atomic_store_explicit(cell, value, memory_order_relaxed);
}

void metrics_observe(
	struct metrics *metrics, enum metric metric, size_t a, int64_t us)
{
	metrics_observe_at(metrics, metric, a, 0, us);
}

void metrics_observe_at(struct metrics *metrics, enum metric metric, size_t a,
	size_t b, int64_t us)
{
	_Atomic int64_t *cell = metrics_cell(metrics, metric, a, b);
	size_t bucket = 0;

	if (!cell || !is_times(metric))
		return;
	if (us < 0)
		us = 0;
	while (bucket < METRICS_BUCKETS - 1 && us > metrics_bounds[bucket])
		bucket++;
	add(cell + bucket, 1);
	add(cell + METRICS_BUCKETS, us);
}

/* Of "404"; "other" gives no status that there is. */
static int status_of(const char *text)
{
	return ((text[0] - '0') * 10 + text[1] - '0') * 10 + text[2] - '0';
}

/* The last one when it is not in the list. */
static size_t status_index(int status)
{
	size_t i = 0;

	while (metrics_statuses[i + 1] &&
		status_of(metrics_statuses[i]) != status)
		i++;
	return i;
}

void metrics_request(
	struct metrics *metrics, size_t route, int status, int64_t us)
{
	size_t none;

	if (!metrics)
		return;
	none = metrics->places[METRIC_REQUESTS].counts[0] - 1;
	if (route > none)
		route = none;
	metrics_add(metrics, METRIC_REQUESTS, route, status_index(status), 1);
	metrics_observe(metrics, METRIC_REQUEST_SECONDS, route, us);
}

/* ---- reading ------------------------------------------------------------- */

int64_t metrics_get(
	const struct metrics *metrics, enum metric metric, size_t a, size_t b)
{
	const _Atomic int64_t *cell = metrics_cell(metrics, metric, a, b);
	int64_t sum = 0;

	if (!cell)
		return 0;
	if (!is_times(metric))
		return get(cell);
	for (size_t i = 0; i < METRICS_BUCKETS; i++)
		sum += get(cell + i);
	return sum;
}

int64_t metrics_requests(const struct metrics *metrics, int least, int most)
{
	int64_t sum = 0;

	if (!metrics)
		return 0;
	for (size_t b = 0; metrics_statuses[b]; b++) {
		int status = status_of(metrics_statuses[b]);

		if (status < least || status > most)
			continue;
		for (size_t a = 0;
			a < metrics->places[METRIC_REQUESTS].counts[0]; a++)
			sum += metrics_get(metrics, METRIC_REQUESTS, a, b);
	}
	return sum;
}

/* Adds up the buckets of all labels; returns the number of observations. */
static int64_t sum_buckets(const struct metrics *metrics, enum metric metric,
	int64_t buckets[METRICS_BUCKETS])
{
	const size_t labels = metrics->places[metric].counts[0];
	int64_t total = 0;

	memset(buckets, 0, METRICS_BUCKETS * sizeof(buckets[0]));
	for (size_t a = 0; a < labels; a++) {
		const _Atomic int64_t *cell =
			metrics_cell(metrics, metric, a, 0);

		for (size_t i = 0; i < METRICS_BUCKETS; i++)
			buckets[i] += get(cell + i);
	}
	for (size_t i = 0; i < METRICS_BUCKETS; i++)
		total += buckets[i];
	return total;
}

/* rank of all, as a share of the bucket's width. */
static int64_t within(size_t bucket, int64_t rank, int64_t all)
{
	int64_t from = bucket == 0 ? 0 : metrics_bounds[bucket - 1];
	int64_t width = metrics_bounds[bucket] - from;

	/* a double: width * rank may be too large for an integer */
	return all == 0 ? from
			: from + (int64_t)((double)width * (double)rank /
					   (double)all);
}

int64_t metrics_quantile(
	const struct metrics *metrics, enum metric metric, int percent)
{
	int64_t buckets[METRICS_BUCKETS];
	int64_t total;
	int64_t rank;
	size_t i = 0;

	if (!metrics || metric >= METRIC_COUNT || !is_times(metric))
		return -1;
	total = sum_buckets(metrics, metric, buckets);
	if (total == 0)
		return -1;
	/* in hundredths of an observation, to stay with whole numbers */
	rank = total * percent;
	while (i < METRICS_BUCKETS - 1 && rank > buckets[i] * 100) {
		rank -= buckets[i] * 100;
		i++;
	}
	if (i == METRICS_BUCKETS - 1)
		return metrics_bounds[METRICS_BUCKETS - 2];
	return within(i, rank, buckets[i] * 100);
}
