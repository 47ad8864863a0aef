/*
 * Finds the row of a request. A row that spells a segment out beats one
 * that has a value there, whatever their order in the table. Must never
 * look at anything but method and path.
 */
#include "route.h"

#include "text.h"

/* One walk along the segments of a row's path. */
struct step {
	const char *from; /* behind the slash */
	size_t len;
	bool is_value; /* {name} */
};

static bool step_next(struct step *step)
{
	step->from += step->len;
	if (*step->from != '/')
		return false;
	step->from++;
	step->len = strcspn(step->from, "/");
	step->is_value = step->len > 0 && step->from[0] == '{';
	return true;
}

static bool is_spelled(const struct step *step, const char *segment)
{
	return strlen(segment) == step->len &&
	       memcmp(segment, step->from, step->len) == 0;
}

/*
 * 0: no match. Otherwise a number that is larger the earlier and the more
 * often the row spells a segment out; equal for rows of equal patterns.
 */
static unsigned match_rank(
	const struct route *row, const char *const *segments, size_t count)
{
	struct step step = {.from = row->path};
	unsigned rank = 1;
	size_t i = 0;

	while (step_next(&step)) {
		if (i == count)
			return 0;
		if (!step.is_value && !is_spelled(&step, segments[i]))
			return 0;
		rank = rank << 1 | !step.is_value;
		i++;
	}
	return i == count ? rank : 0;
}

static void take_values(
	const struct route *row, struct call *call, const char *const *segments)
{
	struct step step = {.from = row->path};

	for (size_t i = 0; step_next(&step); i++) {
		if (!step.is_value)
			continue;
		call->params[call->param_count++] =
			(struct param){.name = arena_copy(call->arena,
					       step.from + 1, step.len - 2),
				.value = segments[i],
				.from = FROM_PATH};
	}
}

static bool has_segment(
	const struct request *request, size_t index, const char *word)
{
	return index < request->segment_count &&
	       text_equal(request->segments[index], word);
}

/*
 * How many segments come before the part that rows name: "api", "v1", or
 * "api" alone. None before "health" and "metrics", which monitors ask for by these
 * paths (not every web server can rewrite REQUEST_URI). False: no row can match.
 */
static bool prefix_len(const struct request *request, size_t *len)
{
	if (has_segment(request, 0, "api"))
		*len = has_segment(request, 1, "v1") ? 2 : 1;
	else if (has_segment(request, 0, "health") ||
		 has_segment(request, 0, "metrics"))
		*len = 0;
	else
		return false;
	return true;
}

/* Most rows fail by their first letter. */
static bool may_match(const struct route *row, const char *const *segments)
{
	return row->path[1] == segments[0][0] || row->path[1] == '{';
}

static void allow_add(char allow[ROUTE_METHODS_ROOM], const char *name)
{
	size_t len = strlen(allow);
	size_t more = strlen(name);

	if (len + more + 3 > ROUTE_METHODS_ROOM)
		return;
	if (len > 0) {
		memcpy(allow + len, ", ", 3);
		len += 2;
	}
	memcpy(allow + len, name, more + 1);
}

/* In the order of the enum, each once. */
static void allow_write(unsigned methods, char allow[ROUTE_METHODS_ROOM])
{
	if (methods & 1U << HTTP_GET)
		methods |= 1U << HTTP_HEAD;
	methods |= 1U << HTTP_OPTIONS;
	allow[0] = '\0';
	for (int m = HTTP_GET; m < HTTP_OTHER; m++)
		if (methods & 1U << m)
			allow_add(allow, http_method_name(m));
}

const char *const *route_labels(
	struct arena *arena, const struct route_table *table)
{
	const char **labels =
		arena_array(arena, table->count + 1, sizeof(*labels));

	for (size_t i = 0; i < table->count; i++) {
		struct buf label;

		buf_init(&label, arena, 256);
		buf_text(&label, http_method_name(table->rows[i].method));
		buf_char(&label, ' ');
		buf_text(&label, table->rows[i].path);
		labels[i] = label.data;
	}
	return labels;
}

enum err route_match(const struct route_table *table, struct call *call,
	char allow[ROUTE_METHODS_ROOM])
{
	const struct request *request = call->request;
	size_t skip = 0;
	bool ours = prefix_len(request, &skip);
	const char *const *segments = request->segments + skip;
	size_t count = request->segment_count - skip;
	enum http_method wanted =
		request->method == HTTP_HEAD ? HTTP_GET : request->method;
	const struct route *found = NULL;
	unsigned best = 0, methods = 0;

	for (size_t i = 0; ours && count > 0 && i < table->count; i++) {
		const struct route *row = &table->rows[i];
		unsigned rank = may_match(row, segments)
					? match_rank(row, segments, count)
					: 0;

		if (rank == 0 || rank < best)
			continue;
		if (rank > best) {
			best = rank;
			methods = 0;
			found = NULL;
		}
		methods |= 1U << row->method;
		if (row->method == wanted)
			found = row;
	}
	if (best == 0)
		return ERR_NOT_FOUND;
	if (!found) {
		allow_write(methods, allow);
		return ERR_METHOD;
	}
	take_values(found, call, segments);
	call->route = found;
	return ERR_OK;
}
