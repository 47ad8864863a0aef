/* One's own strategies. Whose they are is the scope's business alone. */
#include "strategies_api.h"

#include "etag.h"
#include "replies_private.h"
#include "strategies.h"

static const struct field strategy_new_fields[] = {
	FIELD(struct strategy_new, name, .nullable = true, .min = 1, .max = 100,
		.doc = "absent: the definition's"),
	FIELD(struct strategy_new, definition, .required = true,
		.doc = "the rules, in the strategy language"),
};
const struct shape strategy_new_shape =
	SHAPE("strategy_new", struct strategy_new, strategy_new_fields);

static const struct field strategy_change_fields[] = {
	FIELD(struct strategy_change, id, .required = true, .from = FROM_PATH,
		.doc = "the strategy's id"),
	FIELD(struct strategy_change, name, .nullable = true, .min = 1,
		.max = 100, .doc = "absent: the definition's"),
	FIELD(struct strategy_change, definition, .required = true,
		.doc = "the rules, in the strategy language"),
};
const struct shape strategy_change_shape = SHAPE(
	"strategy_change", struct strategy_change, strategy_change_fields);

static const struct field strategy_view_fields[] = {
	FIELD(struct strategy_view, id, .doc = "the strategy's id"),
	FIELD(struct strategy_view, name, .doc = "its name"),
	FIELD(struct strategy_view, version, .doc = "counts its saves"),
	FIELD(struct strategy_view, definition, .doc = "the rules"),
	FIELD(struct strategy_view, created_at, .doc = "first saved"),
	FIELD(struct strategy_view, updated_at, .doc = "last saved"),
};
const struct shape strategy_view_shape =
	SHAPE("strategy", struct strategy_view, strategy_view_fields);
static const struct field strategies_fields[] =
	PAGE_FIELDS(strategy_view_shape);
const struct shape strategies_shape =
	SHAPE("strategies", struct page, strategies_fields);

static const struct field versions_query_fields[] = {
	FIELD(struct versions_query, id, .required = true, .from = FROM_PATH,
		.doc = "the strategy's id"),
	FIELD(struct versions_query, limit, .from = FROM_QUERY, .min = 1,
		.max = 500, .otherwise = 50, .doc = "entries in a page"),
	FIELD(struct versions_query, cursor, .from = FROM_QUERY,
		.doc = "next_cursor of the page before"),
};
const struct shape versions_query_shape =
	SHAPE("versions_query", struct versions_query, versions_query_fields);

static const struct field version_fields[] = {
	FIELD(struct strategy_version_view, version, .doc = "its number"),
	FIELD(struct strategy_version_view, definition, .doc = "the rules"),
	FIELD(struct strategy_version_view, created_at, .doc = "when saved"),
};
static const struct shape version_shape =
	SHAPE("strategy_version", struct strategy_version_view, version_fields);
static const struct field strategy_versions_fields[] =
	PAGE_FIELDS(version_shape);
const struct shape strategy_versions_shape =
	SHAPE("strategy_versions", struct page, strategy_versions_fields);

static const struct field definition_input_fields[] = {
	FIELD(struct definition_input, definition, .required = true,
		.doc = "the rules to check"),
};
const struct shape definition_input_shape = SHAPE(
	"definition_input", struct definition_input, definition_input_fields);

static const struct field strategy_check_fields[] = {
	FIELD(struct strategy_check, valid,
		.doc = "true; faults come as a problem"),
	FIELD(struct strategy_check, name, .nullable = true,
		.doc = "the definition's name"),
	FIELD(struct strategy_check, interval, .nullable = true,
		.doc = "the definition's interval"),
	FIELD(struct strategy_check, warmup,
		.doc = "candles before the first decision"),
};
const struct shape strategy_check_shape =
	SHAPE("strategy_check", struct strategy_check, strategy_check_fields);

static const struct field template_fields[] = {
	FIELD(struct strategy_template, slug, .doc = "a short name"),
	FIELD(struct strategy_template, name, .doc = "its name"),
	FIELD(struct strategy_template, description, .doc = "what it does"),
	FIELD(struct strategy_template, definition, .doc = "the rules"),
};
static const struct shape template_shape =
	SHAPE("strategy_template", struct strategy_template, template_fields);
static const struct field strategy_templates_fields[] =
	PAGE_FIELDS(template_shape);
const struct shape strategy_templates_shape =
	SHAPE("strategy_templates", struct page, strategy_templates_fields);

/* Its version is what a change may be made dependent on (If-Match). */
static enum err say_version(
	struct call *call, enum err err, const struct strategy_view *view)
{
	if (err == ERR_OK)
		call->reply.headers[REPLY_ETAG] =
			etag_version(call->arena, view->version);
	return err;
}

enum err handle_strategies(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct page_query *in = input;

	(void)call;
	return strategy_list(scope, in, out);
}

enum err handle_strategy_create(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct strategy_new *in = input;
	struct strategy_view *view = out;
	enum err err = strategy_create(scope, call->services->limits, in, view);

	if (err == ERR_OK)
		reply_created(call, "/strategies", view->id);
	return say_version(call, err, view);
}

enum err handle_strategy(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct by_id *in = input;

	return say_version(call, strategy_get(scope, in->id, out), out);
}

enum err handle_strategy_update(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	struct strategy_change in = *(const struct strategy_change *)input;

	in.if_version = call->if_version;
	return say_version(call, strategy_update(scope, &in, out), out);
}

enum err handle_strategy_remove(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct by_id *in = input;

	(void)out;
	return strategy_remove(scope, in->id, call->if_version);
}

enum err handle_strategy_versions(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct versions_query *in = input;
	const struct page_query page = {
		.limit = in->limit,
		.cursor = in->cursor,
	};

	(void)call;
	return strategy_versions(scope, in->id, &page, out);
}

enum err handle_strategy_validate(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct definition_input *in = input;

	(void)call;
	return strategy_validate(scope, in->definition, out);
}

enum err handle_strategy_templates(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	struct page *page = out;

	(void)call;
	(void)input;
	return strategy_templates(scope, &page->data);
}
