/*
 * Prints the JSON Schema of a definition. What has a table is printed from
 * it; what has none (stops, sizing, limits, session) stands below as text. It
 * must never promise more than the compiler takes.
 */
#include "language.h"

#include <math.h>

#include "compile_private.h"
#include "interval.h"
#include "json_write.h"

/* ---- what has no table ------------------------------------------------------- */

#define DECIMAL "{\"$ref\":\"#/$defs/decimal\"}"
#define MAYBE "{\"anyOf\":[" DECIMAL ",{\"type\":\"null\"}]}"
#define ATR                                                                   \
	"{\"anyOf\":[{\"type\":\"object\",\"additionalProperties\":false,"    \
	"\"required\":[\"period\",\"multiple\"],\"properties\":{\"period\":{" \
	"\"$ref\":\"#/$defs/number\"},\"multiple\":" DECIMAL "}},{\"type\":"  \
	"\"null\"}]}"

static const char stops_schema[] =
	"{\"type\":\"object\",\"additionalProperties\":false,\"description\":"
	"\"percent of the entry price; ATR distances are those of the deciding "
	"bar\",\"properties\":{"
	"\"stop_loss_pct\":" MAYBE ",\"take_profit_pct\":" MAYBE
	",\"trailing_pct\":" MAYBE ",\"trailing_activation_pct\":" MAYBE
	",\"trailing_positive_pct\":" MAYBE
	",\"trailing_positive_offset_pct\":" MAYBE ",\"stop_loss_atr\":" ATR
	",\"take_profit_atr\":" ATR ",\"trailing_atr\":" ATR
	",\"break_even\":{\"anyOf\":[{\"type\":\"object\","
	"\"additionalProperties\":false,\"required\":[\"trigger_pct\"],"
	"\"properties\":{\"trigger_pct\":" DECIMAL ",\"offset_pct\":" DECIMAL
	"}},{\"type\":\"null\"}]},"
	"\"max_bars\":{\"anyOf\":[{\"type\":\"integer\",\"minimum\":1},{"
	"\"type\":"
	"\"null\"}]},"
	"\"roi\":{\"anyOf\":[{\"type\":\"array\",\"description\":\"[minutes "
	"after the entry, profit in percent that closes from then on; -1: any]"
	"\",\"items\":{\"type\":\"array\",\"prefixItems\":[{\"type\":"
	"\"integer\","
	"\"minimum\":0}," DECIMAL "],\"minItems\":2,\"maxItems\":2}},{\"type\":"
	"\"null\"}]}}}";
static const char sizing_schema[] =
	"{\"type\":\"object\",\"required\":[\"mode\"],\"additionalProperties\":"
	"false,\"properties\":{\"mode\":{\"enum\":[\"all_in\",\"fixed\","
	"\"quote\","
	"\"pct_equity\",\"risk_pct\"]},\"quantity\":" DECIMAL
	",\"amount\":" DECIMAL ",\"pct\":" DECIMAL "}}";
static const char limits_schema[] =
	"{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
	"\"max_open\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":16},"
	"\"cooldown_bars\":{\"type\":\"integer\",\"minimum\":0},"
	"\"max_trades_day\":{\"type\":\"integer\",\"minimum\":1},"
	"\"max_daily_loss_pct\":" DECIMAL ",\"max_drawdown_pct\":" DECIMAL "}}";
static const char session_schema[] =
	"{\"type\":\"object\",\"additionalProperties\":false,\"description\":"
	"\"entries only when the deciding bar closes within\",\"properties\":{"
	"\"days\":{\"type\":\"array\",\"items\":{\"enum\":[\"mon\",\"tue\","
	"\"wed\","
	"\"thu\",\"fri\",\"sat\",\"sun\"]}},\"from\":{\"type\":\"string\","
	"\"pattern\":\"^[0-2][0-9]:[0-5][0-9]$\"},\"to\":{\"type\":\"string\","
	"\"pattern\":\"^[0-2][0-9]:[0-5][0-9]$\"},\"utc_offset\":{\"type\":"
	"\"string\",\"pattern\":\"^[+-][0-1][0-9]:[0-5][0-9]$\"}}}";
static const char sides_schema[] =
	"{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
	"\"long\":{\"$ref\":\"#/$defs/expression\"},\"short\":{\"$ref\":"
	"\"#/$defs/expression\"}}}";
static const char number_schema[] =
	"{\"anyOf\":[{\"type\":\"number\"},{\"$ref\":\"#/$defs/param\"}]}";
static const char param_schema[] =
	"{\"type\":\"object\",\"required\":[\"param\"],"
	"\"additionalProperties\":"
	"false,\"properties\":{\"param\":{\"type\":\"string\"}}}";
static const char decimal_schema[] =
	"{\"type\":\"string\",\"pattern\":\"^-?[0-9]+(\\\\.[0-9]{1,8})?$\"}";
static const char params_schema[] =
	"{\"type\":\"object\",\"additionalProperties\":{\"type\":\"object\","
	"\"required\":[\"default\"],\"additionalProperties\":false,"
	"\"properties\":{\"default\":{\"type\":\"number\"},\"min\":{\"type\":"
	"\"number\"},\"max\":{\"type\":\"number\"},\"step\":{\"type\":"
	"\"number\","
	"\"exclusiveMinimum\":0}}}}";
static const char indicators_schema[] =
	"{\"type\":\"object\",\"additionalProperties\":{\"$ref\":"
	"\"#/$defs/indicator\"}}";
static const char list_schema[] =
	"{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/expression\"},"
	"\"minItems\":1}";
static const char name_schema[] =
	"{\"type\":\"string\",\"minLength\":1,\"maxLength\":80}";
static const char text_schema[] =
	"{\"type\":\"string\",\"description\":\"a price, an indicator's id or "
	"id.output, or an expression as text\"}";

static void put_part(
	struct json_writer *json, const char *name, const char *text)
{
	json_key(json, name);
	json_put_raw(json, text, strlen(text));
}

static void put_reference(
	struct json_writer *json, const char *name, const char *to)
{
	json_key(json, name);
	json_object(json);
	json_member_text(json, "$ref", to);
	json_object_end(json);
}

static void put_names(
	struct json_writer *json, const char *member, const char *const *names)
{
	json_key(json, member);
	json_array(json);
	for (size_t i = 0; names[i]; i++)
		json_put_text(json, names[i]);
	json_array_end(json);
}

static void put_choice(
	struct json_writer *json, const char *name, const char *const *names)
{
	json_key(json, name);
	json_object(json);
	put_names(json, "enum", names);
	json_object_end(json);
}

/* ---- indicators ----------------------------------------------------------------- */

static void put_arg(
	struct json_writer *json, const struct indicator_param *param)
{
	json_key(json, param->name);
	json_object(json);
	json_key(json, "anyOf");
	json_array(json);
	json_object(json);
	json_member_text(json, "type", param->whole ? "integer" : "number");
	json_key(json, "minimum");
	json_put_double(json, param->min);
	json_key(json, "maximum");
	json_put_double(json, param->max);
	json_object_end(json);
	json_object(json);
	json_member_text(json, "$ref", "#/$defs/param");
	json_object_end(json);
	json_array_end(json);
	if (param->optional) {
		json_key(json, "default");
		json_put_double(json, param->otherwise);
	}
	json_object_end(json);
}

static void put_members(
	struct json_writer *json, const struct indicator *indicator)
{
	static const char *const kinds[] = {"regular", "heikin_ashi", NULL};
	bool source = false, candles = false;

	for (size_t i = 0; i < indicator->input_count; i++)
		if (indicator->inputs[i] == INPUT_SOURCE)
			source = true;
		else
			candles = true;
	json_key(json, "properties");
	json_object(json);
	json_key(json, "fn");
	json_object(json);
	json_member_text(json, "const", indicator->name);
	json_object_end(json);
	for (size_t i = 0; i < indicator->param_count; i++)
		put_arg(json, &indicator->params[i]);
	put_choice(json, "interval", interval_names);
	put_choice(json, "output", indicator->outputs);
	if (source)
		put_reference(json, "source", "#/$defs/expression");
	if (candles)
		put_choice(json, "candles", kinds);
	json_object_end(json);
}

static void put_indicator(
	struct json_writer *json, const struct indicator *indicator)
{
	json_object(json);
	json_member_text(json, "title", indicator->name);
	json_member_text(json, "description", indicator->summary);
	json_member_text(json, "type", "object");
	json_key(json, "additionalProperties");
	json_put_bool(json, false);
	json_key(json, "required");
	json_array(json);
	json_put_text(json, "fn");
	for (size_t i = 0; i < indicator->param_count; i++)
		if (!indicator->params[i].optional)
			json_put_text(json, indicator->params[i].name);
	json_array_end(json);
	put_members(json, indicator);
	json_object_end(json);
}

static void put_indicators(struct json_writer *json)
{
	const struct indicator *indicator;

	json_key(json, "indicator");
	json_object(json);
	json_key(json, "oneOf");
	json_array(json);
	for (size_t i = 0; (indicator = indicator_at(i)) != NULL; i++)
		put_indicator(json, indicator);
	json_array_end(json);
	json_object_end(json);
}

/* ---- expressions ------------------------------------------------------------------ */

static void put_operators(struct json_writer *json)
{
	const char *name;

	json_object(json);
	json_member_text(json, "type", "object");
	json_key(json, "minProperties");
	json_put_int(json, 1);
	json_key(json, "maxProperties");
	json_put_int(json, 1);
	json_key(json, "additionalProperties");
	json_put_bool(json, false);
	json_key(json, "properties");
	json_object(json);
	for (size_t i = 0; (name = compile_operator_name(i)) != NULL; i++)
		if (compile_operator_takes_one(i))
			put_reference(json, name, "#/$defs/expression");
		else
			put_part(json, name, list_schema);
	put_part(json, "shift", list_schema);
	json_object_end(json);
	json_object_end(json);
}

static void put_expression(struct json_writer *json)
{
	json_key(json, "expression");
	json_object(json);
	json_key(json, "anyOf");
	json_array(json);
	json_object(json);
	json_member_text(json, "$ref", "#/$defs/number");
	json_object_end(json);
	json_put_raw(json, text_schema, sizeof(text_schema) - 1);
	json_object(json);
	json_member_text(json, "$ref", "#/$defs/indicator");
	json_object_end(json);
	put_operators(json);
	json_array_end(json);
	json_object_end(json);
}

/* ---- the whole ---------------------------------------------------------------------- */

static void put_top(struct json_writer *json)
{
	static const char *const required[] = {
		"version", "name", "interval", "entry", NULL};

	put_names(json, "required", required);
	json_key(json, "properties");
	json_object(json);
	put_part(json, "version", "{\"const\":1}");
	put_part(json, "name", name_schema);
	put_choice(json, "interval", interval_names);
	put_part(json, "params", params_schema);
	put_part(json, "indicators", indicators_schema);
	put_part(json, "entry", sides_schema);
	put_part(json, "exit", sides_schema);
	put_part(json, "stops", stops_schema);
	put_part(json, "sizing", sizing_schema);
	put_part(json, "limits", limits_schema);
	put_part(json, "session", session_schema);
	json_object_end(json);
}

void language_schema(struct buf *out)
{
	struct json_writer json;

	json_write_init(&json, out);
	json_object(&json);
	json_member_text(&json, "$schema",
		"https://json-schema.org/draft/2020-12/schema");
	json_member_text(&json, "title", "Kontor strategy definition");
	json_member_text(&json, "type", "object");
	json_key(&json, "additionalProperties");
	json_put_bool(&json, false);
	put_top(&json);
	json_key(&json, "$defs");
	json_object(&json);
	put_part(&json, "decimal", decimal_schema);
	put_part(&json, "param", param_schema);
	put_part(&json, "number", number_schema);
	put_expression(&json);
	put_indicators(&json);
	json_object_end(&json);
	json_object_end(&json);
}
