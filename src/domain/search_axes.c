/*
 * The ranges of a search: from the request, or from the definition's own min,
 * max and step. Must never make an axis whose values the compiler would
 * refuse for their range alone.
 */
#include "search_axes_private.h"

#include <math.h>

#include "text.h"

static const char params_pointer[] = "/params";

struct making {
	struct scope *scope;
	struct report *report;
	const struct program_param *params; /* that there are */
	size_t param_count;
	struct search_axis *axes;
	size_t count;
	bool failed;
};

static void fault(struct making *making, const char *pointer, const char *text)
{
	making->failed = true;
	report_fault(making->report, pointer, "%s", text);
}

static struct search_axis *axis_add(struct making *making, const char *name)
{
	struct search_axis *axis;

	if (making->count == SEARCH_AXES_LIMIT) {
		if (!making->failed)
			report_fault(making->report, params_pointer,
				"at most %d parameters may be varied at once",
				SEARCH_AXES_LIMIT);
		making->failed = true;
		return NULL;
	}
	axis = &making->axes[making->count++];
	axis->name = name;
	return axis;
}

/* ---- one axis ------------------------------------------------------------ */

static void axis_of_range(struct making *making, struct search_axis *axis,
	const double bounds[3], const char *pointer)
{
	double *values = arena_array(scope_arena(making->scope),
		SEARCH_VALUES_LIMIT, sizeof(*values));
	size_t count = search_range(bounds, values, SEARCH_VALUES_LIMIT);

	if (count == 0) {
		fault(making, pointer, "needs from <= to and a step above 0");
		return;
	}
	if (count > SEARCH_VALUES_LIMIT) {
		making->failed = true;
		report_fault(making->report, pointer, "has more than %d values",
			SEARCH_VALUES_LIMIT);
		return;
	}
	axis->values = values;
	axis->count = count;
}

/* {"from": 5, "to": 30, "step": 5} */
static void read_range(struct making *making, struct search_axis *axis,
	const struct json *value, const char *pointer)
{
	static const char *const names[] = {"from", "to", "step"};
	double bounds[3] = {0, 0, 1};

	for (size_t i = 0; i < 3; i++) {
		const struct json *member = json_member(value, names[i]);

		if (!member && i == 2)
			continue;
		if (!member || !json_double(member, &bounds[i])) {
			fault(making,
				report_pointer(scope_arena(making->scope),
					pointer, names[i]),
				"must be a number");
			return;
		}
	}
	if (value->count != 2 + (json_member(value, "step") != NULL)) {
		fault(making, pointer, "takes from, to and step, no more");
		return;
	}
	axis_of_range(making, axis, bounds, pointer);
}

/* {"values": [5, 10, 20]} */
static void read_values(struct making *making, struct search_axis *axis,
	const struct json *list, const char *pointer)
{
	struct arena *arena = scope_arena(making->scope);
	double *values;
	size_t count = 0;

	if (list->kind != JSON_ARRAY || list->count == 0 ||
		list->count > SEARCH_VALUES_LIMIT) {
		making->failed = true;
		report_fault(making->report, pointer,
			"must be a list of 1 to %d numbers",
			SEARCH_VALUES_LIMIT);
		return;
	}
	values = arena_array(arena, list->count, sizeof(*values));
	for (const struct json *one = list->first; one; one = one->next)
		if (!json_double(one, &values[count++])) {
			fault(making,
				report_pointer_index(arena, pointer, count - 1),
				"must be a number");
			return;
		}
	axis->values = values;
	axis->count = count;
}

static void read_number(struct making *making, struct search_axis *axis,
	const struct json *value, const char *pointer)
{
	double *one = arena_alloc(scope_arena(making->scope), sizeof(*one));

	if (!json_double(value, one)) {
		fault(making, pointer,
			"must be a number, {\"from\", \"to\", \"step\"} or "
			"{\"values\"}");
		return;
	}
	axis->values = one;
	axis->count = 1;
}

static const struct program_param *param_find(
	const struct making *making, const char *name)
{
	for (size_t i = 0; i < making->param_count; i++)
		if (text_equal(making->params[i].name, name))
			return &making->params[i];
	return NULL;
}

static void check_within(struct making *making, const struct search_axis *axis,
	const char *pointer)
{
	const struct program_param *param = param_find(making, axis->name);

	if (!param) {
		fault(making, pointer,
			"the definition has no parameter of that name");
		return;
	}
	for (size_t i = 0; i < axis->count; i++)
		if (axis->values[i] < param->min ||
			axis->values[i] > param->max) {
			making->failed = true;
			report_fault(making->report, pointer,
				"must lie between %.15g and %.15g", param->min,
				param->max);
			return;
		}
}

static void read_axis(struct making *making, const struct json *value)
{
	struct arena *arena = scope_arena(making->scope);
	const char *pointer =
		report_pointer(arena, params_pointer, value->name);
	const struct json *list = json_member(value, "values");
	struct search_axis *axis = axis_add(making, value->name);

	if (!axis)
		return;
	if (list && value->count == 1)
		read_values(making, axis, list,
			report_pointer(arena, pointer, "values"));
	else if (value->kind == JSON_OBJECT)
		read_range(making, axis, value, pointer);
	else
		read_number(making, axis, value, pointer);
	check_within(making, axis, pointer);
}

/* ---- all of them --------------------------------------------------------- */

static void axes_of_request(struct making *making, const struct json *params)
{
	if (params->kind != JSON_OBJECT || params->count == 0) {
		fault(making, params_pointer,
			"must be an object of at least one parameter");
		return;
	}
	for (const struct json *one = params->first; one; one = one->next)
		read_axis(making, one);
}

/* What has a range in the definition is varied, the rest stays. */
static void axes_of_definition(struct making *making)
{
	for (size_t i = 0; i < making->param_count; i++) {
		const struct program_param *param = &making->params[i];
		const double bounds[3] = {param->min, param->max, param->step};
		struct search_axis *axis;

		if (!isfinite(param->min) || !isfinite(param->max))
			continue;
		axis = axis_add(making, param->name);
		if (axis)
			axis_of_range(making, axis, bounds, params_pointer);
	}
	if (making->count == 0 && !making->failed)
		fault(making, params_pointer,
			"is needed: no parameter of the definition has min "
			"and max");
}

enum err search_axes(struct scope *scope, const struct program *program,
	const struct json *params, struct search_space *out)
{
	struct making making = {.scope = scope, .report = scope_report(scope)};

	making.params = program_params(program, &making.param_count);
	making.axes = arena_array(
		scope_arena(scope), SEARCH_AXES_LIMIT, sizeof(*making.axes));
	if (params)
		axes_of_request(&making, params);
	else
		axes_of_definition(&making);
	if (making.failed)
		return ERR_BAD_INPUT;
	out->axes = making.axes;
	out->axis_count = making.count;
	return ERR_OK;
}
