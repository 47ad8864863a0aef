/* The strategy language: its schema, and expressions in both forms. */
#include "strategy_language.h"

#include "strategies_api.h"

static const struct field expression_input_fields[] = {
	FIELD(struct expression_input, expression, .required = true,
		.doc = "as text or as a tree"),
};
const struct shape expression_input_shape = SHAPE(
	"expression_input", struct expression_input, expression_input_fields);

static const struct field expression_view_fields[] = {
	FIELD(struct expression_view, text,
		.doc = "with the fewest parentheses"),
	FIELD(struct expression_view, tree, .doc = "what the compiler reads"),
};
const struct shape expression_view_shape =
	SHAPE("expression", struct expression_view, expression_view_fields);

enum err handle_expression(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct expression_input *in = input;

	(void)call;
	return expression_convert(scope, in->expression, out);
}

enum err handle_strategy_schema(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	struct raw_json schema;

	(void)scope;
	(void)input;
	(void)out;
	strategy_schema(call->arena, &schema);
	buf_add(&call->reply.body, schema.text, schema.len);
	return ERR_OK;
}
