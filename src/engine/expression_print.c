/*
 * Tree to text. Parentheses stand only where the reader would otherwise make
 * another tree: around what binds more loosely than its place asks. Prints
 * normal trees (expression_tree.c) and can fail in nothing but length.
 */
#include "expression_private.h"

#include "buf.h"

static void print_value(
	struct buf *out, const struct json *value, enum binding least);

/* {"sub": [0, x]}, which is -x; but 0 - 5, because -5 is the number. */
static bool is_minus(const struct json *member)
{
	const struct json *left = member->first;

	if (strcmp(member->name, "sub") != 0)
		return false;
	return left->kind == JSON_NUMBER && strcmp(left->text, "0") == 0 &&
	       left->next->kind != JSON_NUMBER;
}

static enum binding binding_of(const struct json *value)
{
	const struct json *member = value->first;
	const struct binary_row *row;

	if (value->kind == JSON_NUMBER)
		return value->text[0] == '-' ? BIND_MINUS : BIND_PRIMARY;
	if (value->kind != JSON_OBJECT)
		return BIND_PRIMARY;
	if (strcmp(member->name, "not") == 0)
		return BIND_NOT;
	row = expression_binary(member->name);
	if (!row || member->count < 2)
		return BIND_PRIMARY;
	return is_minus(member) ? BIND_MINUS : row->binding;
}

static void print_list(struct buf *out, const struct json *first)
{
	for (const struct json *item = first; item; item = item->next) {
		if (item != first)
			buf_text(out, ", ");
		print_value(out, item, BIND_OR);
	}
}

/* Only sums and products may have an equal on their left. */
static void print_operands(struct buf *out, const struct binary_row *row,
	const struct json *operands)
{
	enum binding first =
		row->binding >= BIND_SUM ? row->binding : row->binding + 1;

	print_value(out, operands, first);
	for (const struct json *operand = operands->next; operand;
		operand = operand->next) {
		buf_format(out, " %s ", row->symbol);
		print_value(out, operand, row->binding + 1);
	}
}

static void print_operator(struct buf *out, const struct json *member)
{
	const struct binary_row *row = expression_binary(member->name);

	if (strcmp(member->name, "param") == 0) {
		buf_format(out, "$%s", member->text);
	} else if (strcmp(member->name, "not") == 0) {
		buf_text(out, "not ");
		print_value(out, member, BIND_NOT);
	} else if (strcmp(member->name, "shift") == 0) {
		print_value(out, member->first, BIND_PRIMARY);
		buf_char(out, '[');
		print_value(out, member->first->next, BIND_SUM);
		buf_char(out, ']');
	} else if (row && is_minus(member)) {
		buf_char(out, '-');
		print_value(out, member->first->next, BIND_MINUS);
	} else if (row && member->count > 1) {
		print_operands(out, row, member->first);
	} else {
		buf_format(out, "%s(", member->name);
		if (strcmp(member->name, "abs") == 0)
			print_value(out, member, BIND_OR);
		else
			print_list(out, member->first);
		buf_char(out, ')');
	}
}

/* ---- indicators ---------------------------------------------------------- */

/* What stands in front of an argument; *named: the others must be too. */
static void print_name(
	struct buf *out, const char *name, bool named, bool *begun)
{
	if (*begun)
		buf_text(out, ", ");
	*begun = true;
	if (named)
		buf_format(out, "%s=", name);
}

static void print_arguments(struct buf *out, const struct json *object,
	const struct indicator *indicator)
{
	const struct json *source = json_member(object, "source");
	/* a plain first argument would be read as the first parameter */
	bool late = source && expression_is_plain(source);
	bool named = false;
	bool begun = false;

	if (source && !late) {
		print_name(out, "source", false, &begun);
		print_value(out, source, BIND_OR);
	}
	for (size_t i = 0; i < indicator->param_count; i++) {
		const char *name = indicator->params[i].name;
		const struct json *value = json_member(object, name);

		if (!value) {
			named = true;
			continue;
		}
		print_name(out, name, named, &begun);
		print_value(out, value, BIND_OR);
	}
	if (late) {
		print_name(out, "source", true, &begun);
		print_value(out, source, BIND_OR);
	}
	for (const struct json *m = object->first; m; m = m->next) {
		if (strcmp(m->name, "interval") != 0 &&
			strcmp(m->name, "candles") != 0)
			continue;
		print_name(out, m->name, true, &begun);
		buf_format(out, "\"%s\"", m->text);
	}
}

static void print_indicator(struct buf *out, const struct json *object)
{
	const struct json *output = json_member(object, "output");
	const char *name = object->first->text;

	buf_format(out, "%s(", name);
	print_arguments(out, object, indicator_find(name));
	buf_char(out, ')');
	if (output)
		buf_format(out, ".%s", output->text);
}

/* ---- any value ----------------------------------------------------------- */

static void print_value(
	struct buf *out, const struct json *value, enum binding least)
{
	bool wrap = binding_of(value) < least;

	if (wrap)
		buf_char(out, '(');
	if (value->kind != JSON_OBJECT)
		buf_text(out, value->text);
	else if (strcmp(value->first->name, "fn") == 0)
		print_indicator(out, value);
	else
		print_operator(out, value->first);
	if (wrap)
		buf_char(out, ')');
}

enum err expression_print(struct arena *arena, const struct json *tree,
	struct report *report, const char **out)
{
	const struct json *normal;
	struct buf text;
	enum err err = expression_normal(arena, tree, report, &normal);

	if (err)
		return err;
	buf_init(&text, arena, EXPRESSION_TEXT_LIMIT);
	print_value(&text, normal, BIND_OR);
	if (text.overflow) {
		report_fault(report, "", "is longer than %d bytes as text",
			EXPRESSION_TEXT_LIMIT);
		return ERR_BAD_INPUT;
	}
	*out = text.data;
	return ERR_OK;
}
