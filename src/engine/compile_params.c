/*
 * Parameters of a definition: declared with default and range, overridden by
 * a request, used as {"param": name}. Never guesses a value: what does not
 * fit its range is a fault.
 */
#include <math.h>

#include "compile_private.h"

static const char *const member_names[] = {
	"default", "min", "max", "step", NULL};
static const char *const reference_names[] = {"param", NULL};
static const char overrides_pointer[] = "/params";

static struct program_param *find(struct compiler *compiler, const char *name)
{
	for (size_t i = 0; i < compiler->param_count; i++)
		if (strcmp(compiler->params[i].name, name) == 0)
			return &compiler->params[i];
	return NULL;
}

/* False, with a fault, when it is there but not a number. */
static bool read_number(struct compiler *compiler, const struct json *object,
	const char *pointer, const char *name, double *out)
{
	const struct json *value = json_member(object, name);

	if (!value || json_double(value, out))
		return true;
	COMPILE_FAULT(compiler, compile_at(compiler, pointer, name),
		"must be a number");
	return false;
}

static void check_ranges(struct compiler *compiler,
	const struct program_param *param, const char *pointer)
{
	if (param->min > param->max)
		COMPILE_FAULT(compiler, compile_at(compiler, pointer, "min"),
			"must not be above max");
	else if (param->value < param->min || param->value > param->max)
		COMPILE_FAULT(compiler,
			compile_at(compiler, pointer, "default"),
			"must lie between min and max");
	if (!(param->step > 0))
		COMPILE_FAULT(compiler, compile_at(compiler, pointer, "step"),
			"must be above 0");
}

/* A parameter with a fault stays known, so that its uses add no more. */
static void compile_param(struct compiler *compiler, const struct json *value,
	const char *pointer)
{
	struct program_param *param = &compiler->params[compiler->param_count];

	if (!compile_identifier(compiler, pointer, value->name))
		return;
	*param = (struct program_param){.name = value->name,
		.min = -INFINITY,
		.max = INFINITY,
		.step = 1};
	compiler->param_count++;
	if (!compile_members(compiler, value, pointer, member_names))
		return;
	if (!json_member(value, "default")) {
		COMPILE_FAULT(compiler,
			compile_at(compiler, pointer, "default"),
			"is required");
		return;
	}
	if (read_number(compiler, value, pointer, "default", &param->value) &&
		read_number(compiler, value, pointer, "min", &param->min) &&
		read_number(compiler, value, pointer, "max", &param->max) &&
		read_number(compiler, value, pointer, "step", &param->step))
		check_ranges(compiler, param, pointer);
}

void compile_params(struct compiler *compiler, const struct json *value,
	const char *pointer)
{
	if (!value)
		return;
	if (value->kind != JSON_OBJECT) {
		COMPILE_FAULT(compiler, pointer, "must be an object");
		return;
	}
	for (const struct json *m = value->first; m; m = m->next) {
		if (compiler->param_count == PROGRAM_PARAM_LIMIT) {
			COMPILE_FAULT(compiler, pointer,
				"has more than %d parameters",
				PROGRAM_PARAM_LIMIT);
			return;
		}
		compile_param(
			compiler, m, compile_at(compiler, pointer, m->name));
	}
}

static void unknown_param(
	struct compiler *compiler, const char *pointer, const char *name)
{
	const char **names = arena_array(
		compiler->arena, compiler->param_count + 1, sizeof(*names));

	if (compiler->param_count == 0) {
		COMPILE_FAULT(compiler, pointer,
			"the definition declares no parameters");
		return;
	}
	for (size_t i = 0; i < compiler->param_count; i++)
		names[i] = compiler->params[i].name;
	compile_unknown(compiler, pointer, "parameter", name, names);
}

void compile_overrides(struct compiler *compiler, const struct json *value)
{
	if (!value)
		return;
	if (value->kind != JSON_OBJECT) {
		COMPILE_FAULT(compiler, overrides_pointer, "must be an object");
		return;
	}
	for (const struct json *m = value->first; m; m = m->next) {
		const char *at =
			compile_at(compiler, overrides_pointer, m->name);
		struct program_param *param = find(compiler, m->name);
		double number;

		if (!param) {
			unknown_param(compiler, at, m->name);
			continue;
		}
		if (!json_double(m, &number))
			COMPILE_FAULT(compiler, at, "must be a number");
		else if (number < param->min || number > param->max)
			COMPILE_FAULT(compiler, at,
				"must lie between %.15g and %.15g", param->min,
				param->max);
		else
			param->value = number;
	}
}

bool compile_param_value(struct compiler *compiler, const struct json *value,
	const char *pointer, double *out)
{
	const struct json *name = json_member(value, "param");
	const char *at = compile_at(compiler, pointer, "param");
	const struct program_param *param;

	if (!compile_members(compiler, value, pointer, reference_names))
		return false;
	if (!name || value->count != 1)
		return false; /* reported as an unknown member */
	if (name->kind != JSON_TEXT) {
		COMPILE_FAULT(compiler, at, "must be a parameter's name");
		return false;
	}
	param = find(compiler, name->text);
	if (!param) {
		unknown_param(compiler, at, name->text);
		return false;
	}
	*out = param->value;
	return true;
}

bool compile_number(struct compiler *compiler, const struct json *value,
	const char *pointer, double *out)
{
	if (json_member(value, "param"))
		return compile_param_value(compiler, value, pointer, out);
	if (json_double(value, out))
		return true;
	COMPILE_FAULT(
		compiler, pointer, "must be a number or {\"param\": name}");
	return false;
}
