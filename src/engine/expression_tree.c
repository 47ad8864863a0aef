/*
 * A tree as a client wrote it to the tree that the reader of the text form
 * would have made: every member known and in order, strings that are text
 * parsed. What leaves here can be printed; everything else has a fault.
 */
#include "expression_private.h"

#include "interval.h"
#include "text.h"

/* Where in the client's tree; the pointer is spelled when there is a fault. */
struct place {
	const struct place *up;
	const char *name; /* NULL: the index counts */
	size_t index;
	int depth; /* levels of expressions, the root is 1 */
};

struct walk {
	struct arena *arena;
	struct report *report;
	size_t expressions;
};

static struct json *normal_value(
	struct walk *walk, const struct json *value, const struct place *place);

static const char *pointer_to(
	const struct walk *walk, const struct place *place)
{
	if (!place->up)
		return "";
	if (!place->name)
		return report_pointer_index(
			walk->arena, pointer_to(walk, place->up), place->index);
	return report_pointer(
		walk->arena, pointer_to(walk, place->up), place->name);
}

/* Returns NULL, for the caller to return. */
static struct json *refuse(
	struct walk *walk, const struct place *place, const char *message)
{
	report_fault(walk->report, pointer_to(walk, place), "%s", message);
	return NULL;
}

/* An operand: a level deeper than `up`. */
static struct place member_of(const struct place *up, const char *name)
{
	return (struct place){.up = up, .name = name, .depth = up->depth + 1};
}

static struct json *object_of(
	struct walk *walk, const char *name, struct json *value)
{
	struct json_list members = {0};

	json_list_add(&members, name, value);
	return json_new_object(walk->arena, &members);
}

/* ---- operators and functions --------------------------------------------- */

static bool good_count(const struct json *args, size_t arity)
{
	if (args->kind != JSON_ARRAY)
		return false;
	return arity == 0 ? args->count > 0 : args->count == arity;
}

/* arity 0: one or more; bars: the last is a number of bars. */
static struct json *normal_list(struct walk *walk, const struct json *args,
	const struct place *place, const struct function_row *row)
{
	struct json_list items = {0};

	if (!good_count(args, row->arity))
		return refuse(walk, place,
			arena_format(walk->arena, "must be a list, as of %s",
				row->usage));
	for (const struct json *arg = args->first; arg; arg = arg->next) {
		const struct place at = {.up = place,
			.index = items.count,
			.depth = place->depth};
		struct json *item = normal_value(walk, arg, &at);

		if (!item)
			return NULL;
		if (row->bars && !arg->next && !expression_is_bars(item))
			return refuse(walk, &at, expression_bars_wanted);
		json_list_add(&items, NULL, item);
	}
	return json_new_array(walk->arena, &items);
}

static struct json *normal_param(
	struct walk *walk, const struct json *name, const struct place *place)
{
	bool word = name->kind == JSON_TEXT && name->len > 0 &&
		    expression_is_letter(name->text[0]);

	for (size_t i = 0; word && i < name->len; i++)
		word = expression_is_wordly(name->text[i]);
	if (!word)
		return refuse(walk, place, "must be the name of a parameter");
	return json_new_text(walk->arena, name->text, name->len);
}

/* The rule for {"name": ...}; NULL when there is no such operator. */
static const struct function_row *rule_for(
	const char *name, struct function_row *room)
{
	const struct function_row *row = expression_function(name);
	const struct binary_row *binary = expression_binary(name);

	if (row || (!binary && strcmp(name, "not") != 0))
		return row;
	*room = (struct function_row){.name = binary ? binary->name : "not",
		.usage = "a pair",
		.arity = binary ? 2 : 1};
	return room;
}

static struct json *unknown(
	struct walk *walk, const struct place *place, const char *name)
{
	enum {
		BINARIES = 16
	};
	const char *names[EXPRESSION_FUNCTION_LIMIT + BINARIES + 3];
	size_t count = 0;
	const char *near;

	for (size_t i = 0; expression_functions[i].name; i++)
		names[count++] = expression_functions[i].name;
	for (size_t i = 0; expression_binaries[i].name; i++)
		names[count++] = expression_binaries[i].name;
	names[count++] = "not";
	names[count++] = "param";
	names[count] = NULL;
	near = text_suggest(name, names);
	return refuse(walk, place,
		near ? arena_format(walk->arena,
			       "unknown operator: did you mean \"%s\"?", near)
		     : "unknown operator");
}

static struct json *normal_operator(
	struct walk *walk, const struct json *object, const struct place *place)
{
	const struct json *member = object->first;
	const struct place at = member_of(place, member->name);
	struct function_row room;
	const struct function_row *row = rule_for(member->name, &room);
	struct json *value;

	if (strcmp(member->name, "param") == 0) {
		value = normal_param(walk, member, &at);
		return value ? object_of(walk, "param", value) : NULL;
	}
	if (!row)
		return unknown(walk, &at, member->name);
	value = row->arity == 1 ? normal_value(walk, member, &at)
				: normal_list(walk, member, &at, row);
	return value ? object_of(walk, row->name, value) : NULL;
}

/* ---- indicators ---------------------------------------------------------- */

static bool member_known(const struct indicator *indicator, const char *name)
{
	static const char *const always[] = {"fn", "interval", "output", NULL};

	for (size_t i = 0; always[i]; i++)
		if (strcmp(always[i], name) == 0)
			return true;
	for (size_t i = 0; i < indicator->param_count; i++)
		if (strcmp(indicator->params[i].name, name) == 0)
			return true;
	if (strcmp(name, "source") == 0)
		return expression_reads(indicator, true);
	return strcmp(name, "candles") == 0 &&
	       expression_reads(indicator, false);
}

/* What stands in double quotes. */
static bool is_quotable(const struct json *value)
{
	if (value->kind != JSON_TEXT || value->len == 0)
		return false;
	for (size_t i = 0; i < value->len; i++)
		if (!expression_is_wordly(value->text[i]))
			return false;
	return true;
}

static bool has_output(
	const struct indicator *indicator, const struct json *value)
{
	for (size_t i = 0; indicator->outputs[i]; i++)
		if (json_is_text(value, indicator->outputs[i]))
			return true;
	return false;
}

/* The member of that name, normal; NULL with a fault. */
static struct json *normal_argument(struct walk *walk, const struct json *value,
	const struct place *place, const struct indicator_param *param)
{
	struct json *normal = normal_value(walk, value, place);

	if (!normal || !param)
		return normal;
	if (!expression_is_plain(normal))
		return refuse(
			walk, place, "must be a number or {\"param\": name}");
	if (!expression_in_range(param, normal))
		return refuse(walk, place,
			arena_format(walk->arena,
				"must be a %snumber from %.15g to %.15g",
				param->whole ? "whole " : "", param->min,
				param->max));
	return normal;
}

/* interval, candles, output: texts that are no expressions */
static struct json *normal_word(struct walk *walk, const struct json *value,
	const struct place *place, const struct indicator *indicator)
{
	bool output = strcmp(value->name, "output") == 0;
	bool interval = strcmp(value->name, "interval") == 0;

	if (output && !has_output(indicator, value))
		return refuse(walk, place, "is no output of this indicator");
	if (!output && !is_quotable(value))
		return refuse(walk, place, "must be a word");
	if (interval && interval_ms(value->text) == 0)
		return refuse(walk, place, "is no interval");
	return json_new_text(walk->arena, value->text, value->len);
}

/* Adds the member when it is there; false with a fault. */
static bool add_member(struct walk *walk, struct json_list *members,
	const struct json *value, const struct place *place,
	const struct indicator_param *param)
{
	struct place at;
	struct json *normal;

	if (!value)
		return true;
	at = member_of(place, value->name);
	normal = normal_argument(walk, value, &at, param);
	if (normal)
		json_list_add(members, value->name, normal);
	return normal != NULL;
}

static bool add_params(struct walk *walk, struct json_list *members,
	const struct json *object, const struct place *place,
	const struct indicator *indicator)
{
	for (size_t i = 0; i < indicator->param_count; i++) {
		const struct indicator_param *param = &indicator->params[i];
		const struct json *value = json_member(object, param->name);

		if (!value && !param->optional) {
			const struct place at = member_of(place, param->name);

			(void)refuse(walk, &at, "is required");
			return false;
		}
		if (!add_member(walk, members, value, place, param))
			return false;
	}
	return true;
}

static bool add_words(struct walk *walk, struct json_list *members,
	const struct json *object, const struct place *place,
	const struct indicator *indicator)
{
	static const char *const names[] = {"interval", "candles", "output"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct json *value = json_member(object, names[i]);
		const struct place at = member_of(place, names[i]);
		struct json *normal;

		if (!value)
			continue;
		normal = normal_word(walk, value, &at, indicator);
		if (!normal)
			return false;
		json_list_add(members, names[i], normal);
	}
	return true;
}

static struct json *normal_indicator(
	struct walk *walk, const struct json *object, const struct place *place)
{
	const struct json *fn = json_member(object, "fn");
	const struct indicator *indicator =
		fn->kind == JSON_TEXT ? indicator_find(fn->text) : NULL;
	struct json_list members = {0};

	if (!indicator) {
		const struct place at = member_of(place, "fn");

		return refuse(walk, &at, "must be the name of an indicator");
	}
	for (const struct json *m = object->first; m; m = m->next) {
		const struct place at = member_of(place, m->name);

		if (!member_known(indicator, m->name))
			return refuse(walk, &at, "unknown member");
	}
	json_list_add(
		&members, "fn", json_new_text(walk->arena, fn->text, fn->len));
	if (!add_member(walk, &members, json_member(object, "source"), place,
		    NULL) ||
		!add_params(walk, &members, object, place, indicator) ||
		!add_words(walk, &members, object, place, indicator))
		return NULL;
	return json_new_object(walk->arena, &members);
}

/* ---- any value ----------------------------------------------------------- */

/* Text within a tree: its parse holds words only, so this ends. */
static struct json *normal_text(
	struct walk *walk, const struct json *value, const struct place *place)
{
	const struct expression_source source = {.text = value->text,
		.len = value->len,
		.pointer = pointer_to(walk, place)};
	const struct json *tree;

	if (expression_is_word(value->text, value->len))
		return json_new_text(walk->arena, value->text, value->len);
	if (expression_parse(walk->arena, &source, walk->report, &tree))
		return NULL;
	walk->expressions--; /* the text itself is no expression */
	return normal_value(walk, tree, place);
}

static struct json *normal_value(
	struct walk *walk, const struct json *value, const struct place *place)
{
	double number;

	if (place->depth > EXPRESSION_DEPTH_LIMIT)
		return refuse(walk, place, "is nested too deeply");
	if (++walk->expressions > EXPRESSION_LIMIT)
		return refuse(walk, place,
			arena_format(walk->arena,
				"there are more than %d operands and operators",
				EXPRESSION_LIMIT));
	if (value->kind == JSON_NUMBER && json_double(value, &number))
		return json_new_number(walk->arena, value->text, value->len);
	if (value->kind == JSON_TEXT)
		return normal_text(walk, value, place);
	if (value->kind == JSON_OBJECT && json_member(value, "fn"))
		return normal_indicator(walk, value, place);
	if (value->kind == JSON_OBJECT && value->count == 1)
		return normal_operator(walk, value, place);
	return refuse(walk, place,
		"must be a finite number, a text or an object with an "
		"operator");
}

enum err expression_normal(struct arena *arena, const struct json *tree,
	struct report *report, const struct json **out)
{
	struct walk walk = {.arena = arena, .report = report};
	const struct place root = {.depth = 1};
	const struct json *normal = normal_value(&walk, tree, &root);

	if (!normal)
		return ERR_BAD_INPUT;
	*out = normal;
	return ERR_OK;
}
