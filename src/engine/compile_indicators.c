/*
 * The "indicators" member: ids with a function of the table, its arguments
 * and the price column it reads. Declares only; a column is computed when an
 * expression names the id.
 */
#include <math.h>

#include "compile_private.h"

const char *const compile_price_names[] = {
	[PRICE_OPEN] = "open",
	[PRICE_HIGH] = "high",
	[PRICE_LOW] = "low",
	[PRICE_CLOSE] = "close",
	[PRICE_VOLUME] = "volume",
	NULL,
};

enum {
	FIXED_MEMBERS = 2 /* fn, source */
};

static bool compile_arg(struct compiler *compiler, const struct json *object,
	const char *pointer, const struct indicator_param *param, double *out)
{
	const struct json *value = json_member(object, param->name);
	const char *at = compile_at(compiler, pointer, param->name);
	double number;

	if (!value) {
		COMPILE_FAULT(compiler, at, "is required");
		return false;
	}
	if (!compile_number(compiler, value, at, &number))
		return false;
	if (number < param->min || number > param->max ||
		(param->whole && number != floor(number))) {
		COMPILE_FAULT(compiler, at,
			"must be a %snumber from %.15g to %.15g",
			param->whole ? "whole " : "", param->min, param->max);
		return false;
	}
	*out = number;
	return true;
}

static bool compile_source(struct compiler *compiler, const struct json *object,
	const char *pointer, enum price_column *source)
{
	const struct json *value = json_member(object, "source");
	const char *at = compile_at(compiler, pointer, "source");
	int index;

	if (!value)
		return true;
	if (value->kind != JSON_TEXT) {
		COMPILE_FAULT(compiler, at, "must be a text");
		return false;
	}
	index = compile_index(compile_price_names, value->text);
	if (index < 0) {
		compile_unknown(compiler, at, "source", value->text,
			compile_price_names);
		return false;
	}
	*source = (enum price_column)index;
	return true;
}

static const struct indicator *compile_fn(struct compiler *compiler,
	const struct json *object, const char *pointer)
{
	const struct json *fn = json_member(object, "fn");
	const char *at = compile_at(compiler, pointer, "fn");
	const struct indicator *indicator;

	if (!fn) {
		COMPILE_FAULT(compiler, at, "is required");
		return NULL;
	}
	if (fn->kind != JSON_TEXT) {
		COMPILE_FAULT(compiler, at, "must be a text");
		return NULL;
	}
	indicator = indicator_find(fn->text);
	if (!indicator)
		compile_unknown(
			compiler, at, "indicator", fn->text, indicator_names());
	return indicator;
}

static void compile_indicator(struct compiler *compiler,
	const struct json *value, const char *pointer,
	struct named_indicator *named)
{
	const char *names[FIXED_MEMBERS + INDICATOR_PARAM_LIMIT + 1] = {
		"fn", "source"};
	const struct indicator *indicator;
	bool good = true;

	if (value->kind != JSON_OBJECT) {
		COMPILE_FAULT(compiler, pointer, "must be an object");
		return;
	}
	indicator = compile_fn(compiler, value, pointer);
	if (!indicator)
		return;
	for (size_t i = 0; i < indicator->param_count; i++) {
		names[FIXED_MEMBERS + i] = indicator->params[i].name;
		if (!compile_arg(compiler, value, pointer,
			    &indicator->params[i], &named->args[i]))
			good = false;
	}
	compile_members(compiler, value, pointer, names);
	if (compile_source(compiler, value, pointer, &named->source) && good)
		named->indicator = indicator;
}

static bool id_is_free(
	struct compiler *compiler, const char *pointer, const char *id)
{
	if (!compile_identifier(compiler, pointer, id))
		return false;
	if (compile_index(compile_price_names, id) < 0)
		return true;
	COMPILE_FAULT(
		compiler, pointer, "\"%s\" is the name of a price column", id);
	return false;
}

/* One with a fault stays known, so that its uses add no more. */
void compile_indicators(struct compiler *compiler, const struct json *value,
	const char *pointer)
{
	if (!value)
		return;
	if (value->kind != JSON_OBJECT) {
		COMPILE_FAULT(compiler, pointer, "must be an object");
		return;
	}
	if (value->count > PROGRAM_INDICATOR_LIMIT) {
		COMPILE_FAULT(compiler, pointer, "has more than %d indicators",
			PROGRAM_INDICATOR_LIMIT);
		return;
	}
	for (const struct json *m = value->first; m; m = m->next) {
		const char *at = compile_at(compiler, pointer, m->name);
		struct named_indicator *named =
			&compiler->indicators[compiler->indicator_count];

		if (!id_is_free(compiler, at, m->name))
			continue;
		named->id = m->name;
		named->source = PRICE_CLOSE;
		compiler->indicator_count++;
		compile_indicator(compiler, m, at, named);
	}
}
