/*
 * From JSON, form pairs, path and query values to a struct, by its shape.
 * Reports every fault with its pointer and goes on. Must never take a
 * member that the table does not name, and never repeat a value in a fault
 * (it may be a secret).
 */
#include "shape_private.h"

#include "clock.h"
#include "text.h"

struct reading {
	struct arena *arena;
	struct report *report;
	const struct param *params;
	size_t param_count;
	bool json; /* the body is JSON: its members are not among params */
	bool failed;
};

static void fault(
	struct reading *reading, const char *pointer, const char *message)
{
	reading->failed = true;
	report_fault(reading->report, pointer, "%s", message);
}

/* More faults than the report takes are not worth looking for. */
static bool is_full(const struct reading *reading)
{
	return reading->report->fault_count >= REPORT_FAULT_LIMIT;
}

static bool count_fits(struct reading *reading, const struct field *field,
	size_t count, const char *unit, const char *pointer)
{
	struct shape_range range = shape_range_of(field);

	if ((int64_t)count >= range.min && (int64_t)count <= range.max)
		return true;
	reading->failed = true;
	if (range.min == range.max)
		report_fault(reading->report, pointer, "must have %lld %s",
			(long long)range.min, unit);
	else
		report_fault(reading->report, pointer,
			"must have %lld to %lld %s", (long long)range.min,
			(long long)range.max, unit);
	return false;
}

static bool word_fits(struct reading *reading, const struct field *field,
	const char *text, const char *pointer)
{
	if (shape_is_member(field, text))
		return true;
	reading->failed = true;
	report_fault(reading->report, pointer, "must be one of: %s",
		shape_choices(reading->arena, field));
	return false;
}

static void range_fault(
	struct reading *reading, const struct field *field, const char *pointer)
{
	reading->failed = true;
	report_fault(reading->report, pointer, "must be from %lld to %lld",
		(long long)field->min, (long long)field->max);
}

static bool take_plain(struct reading *reading, const struct field *field,
	const char *text, const char *pointer, const char **out)
{
	if (field->one_of) {
		if (!word_fits(reading, field, text, pointer))
			return false;
	} else if (!count_fits(reading, field, text_characters(text),
			   "characters", pointer)) {
		return false;
	}
	*out = text;
	return true;
}

static bool take_int(struct reading *reading, const struct field *field,
	int64_t value, const char *pointer, int64_t *out)
{
	if (shape_has_range(field) &&
		(value < field->min || value > field->max)) {
		range_fault(reading, field, pointer);
		return false;
	}
	*out = value;
	return true;
}

static bool take_decimal(struct reading *reading, const struct field *field,
	const char *text, const char *pointer, struct decimal *out)
{
	struct decimal value, min = {field->min, 0}, max = {field->max, 0};

	if (decimal_parse(text, strlen(text), &value) != ERR_OK) {
		fault(reading, pointer, shape_kind_rule(field->kind));
		return false;
	}
	if (shape_has_range(field) &&
		(decimal_compare(value, min) < 0 ||
			decimal_compare(value, max) > 0)) {
		range_fault(reading, field, pointer);
		return false;
	}
	*out = value;
	return true;
}

static bool take_time(struct reading *reading, const struct field *field,
	const char *text, const char *pointer, struct timestamp *out)
{
	int64_t ms;

	if (time_parse(text, &ms) != ERR_OK) {
		fault(reading, pointer, shape_kind_rule(field->kind));
		return false;
	}
	out->ms = ms;
	return true;
}

static void take_decimal_maybe(struct reading *reading,
	const struct field *field, const char *text, const char *pointer,
	const struct decimal **out)
{
	struct decimal *value = arena_alloc(reading->arena, sizeof(*value));

	if (take_decimal(reading, field, text, pointer, value))
		*out = value;
}

static void take_time_maybe(struct reading *reading, const struct field *field,
	const char *text, const char *pointer, const struct timestamp **out)
{
	struct timestamp *value = arena_alloc(reading->arena, sizeof(*value));

	if (take_time(reading, field, text, pointer, value))
		*out = value;
}

static void take_patch(struct reading *reading, const struct field *field,
	const char *text, const char *pointer, struct patch_text *out)
{
	if (take_plain(reading, field, text, pointer, &out->text))
		out->kind = PATCH_SET;
}

/* The kinds that are a text in JSON, a form, the query and the path alike.
   False when the kind is not one of them. */
static bool take_text(struct reading *reading, const struct field *field,
	const char *text, const char *pointer, void *at)
{
	switch (field->kind) {
	case SHAPE_TEXT:
		take_plain(reading, field, text, pointer, at);
		return true;
	case SHAPE_PATCH:
		take_patch(reading, field, text, pointer, at);
		return true;
	case SHAPE_DECIMAL:
		take_decimal(reading, field, text, pointer, at);
		return true;
	case SHAPE_DECIMAL_MAYBE:
		take_decimal_maybe(reading, field, text, pointer, at);
		return true;
	case SHAPE_TIME:
		take_time(reading, field, text, pointer, at);
		return true;
	case SHAPE_TIME_MAYBE:
		take_time_maybe(reading, field, text, pointer, at);
		return true;
	case SHAPE_INT:
	case SHAPE_BOOL:
	case SHAPE_RATIO:
	case SHAPE_JSON:
	case SHAPE_RAW:
	case SHAPE_TEXTS:
	case SHAPE_LIST:
	case SHAPE_OBJECT:
		return false;
	}
	return false;
}

/* ---- values of the path, the query and forms --------------------------- */

/* Entries are parted by commas: "BTC-USD,ETH-USD". */
static void take_split(struct reading *reading, const struct field *field,
	const char *text, const char *pointer, struct text_list *out)
{
	size_t count = 1, done = 0;
	const char *from = text;

	for (const char *c = text; *c; c++)
		count += *c == ',';
	if (!count_fits(reading, field, count, "entries", pointer))
		return;
	out->items = arena_array(reading->arena, count, sizeof(*out->items));
	while (done < count) {
		size_t len = strcspn(from, ",");
		const char *item = arena_copy(reading->arena, from, len);

		if (len == 0) {
			fault(reading, pointer, "must not have empty entries");
			return;
		}
		if (!word_fits(reading, field, item, pointer))
			return;
		out->items[done++] = item;
		from += len + 1;
	}
	out->count = count;
}

static void take_param(struct reading *reading, const struct field *field,
	const char *text, const char *pointer, void *at)
{
	int64_t number;

	if (take_text(reading, field, text, pointer, at))
		return;
	if (field->kind == SHAPE_INT && text_integer(text, &number))
		take_int(reading, field, number, pointer, at);
	else if (field->kind == SHAPE_BOOL && text_equal(text, "true"))
		*(bool *)at = true;
	else if (field->kind == SHAPE_BOOL && text_equal(text, "false"))
		*(bool *)at = false;
	else if (field->kind == SHAPE_TEXTS)
		take_split(reading, field, text, pointer, at);
	else
		fault(reading, pointer, shape_kind_rule(field->kind));
}

static const struct param *find_param(
	const struct reading *reading, const struct field *field)
{
	for (size_t i = 0; i < reading->param_count; i++)
		if (reading->params[i].from == field->from &&
			text_equal(reading->params[i].name, field->name))
			return &reading->params[i];
	return NULL;
}

/* ---- values of a JSON body --------------------------------------------- */

static void take_texts(struct reading *reading, const struct field *field,
	const struct json *value, const char *pointer, struct text_list *out)
{
	size_t done = 0;

	if (value->kind != JSON_ARRAY) {
		fault(reading, pointer, shape_kind_rule(field->kind));
		return;
	}
	if (!count_fits(reading, field, value->count, "entries", pointer))
		return;
	out->items =
		arena_array(reading->arena, value->count, sizeof(*out->items));
	for (const struct json *item = value->first; item && !is_full(reading);
		item = item->next) {
		const char *where =
			report_pointer_index(reading->arena, pointer, done);

		if (item->kind != JSON_TEXT || item->len == 0)
			fault(reading, where, "must be a text, not empty");
		else if (word_fits(reading, field, item->text, where))
			out->items[done] = item->text;
		done++;
	}
	out->count = done;
}

static void read_object(struct reading *reading, const struct shape *shape,
	const struct json *object, const char *pointer, void *out);

static void take_list(struct reading *reading, const struct field *field,
	const struct json *value, const char *pointer, struct list *out)
{
	size_t done = 0;
	char *items;

	if (value->kind != JSON_ARRAY) {
		fault(reading, pointer, shape_kind_rule(field->kind));
		return;
	}
	if (!count_fits(reading, field, value->count, "entries", pointer))
		return;
	items = arena_array(reading->arena, value->count, field->shape->size);
	for (const struct json *item = value->first; item && !is_full(reading);
		item = item->next) {
		read_object(reading, field->shape, item,
			report_pointer_index(reading->arena, pointer, done),
			items + done * field->shape->size);
		done++;
	}
	*out = (struct list){.items = items, .count = done};
}

static void take_json(struct reading *reading, const struct field *field,
	const struct json *value, const char *pointer, void *at)
{
	int64_t number;

	if (field->kind == SHAPE_JSON)
		*(const struct json **)at = value;
	else if (field->kind == SHAPE_PATCH && value->kind == JSON_NULL)
		((struct patch_text *)at)->kind = PATCH_CLEAR;
	else if (field->kind == SHAPE_INT && json_integer(value, &number))
		take_int(reading, field, number, pointer, at);
	else if (field->kind == SHAPE_BOOL && value->kind == JSON_BOOL)
		*(bool *)at = value->truth;
	else if (field->kind == SHAPE_TEXTS)
		take_texts(reading, field, value, pointer, at);
	else if (field->kind == SHAPE_LIST)
		take_list(reading, field, value, pointer, at);
	else if (field->kind == SHAPE_OBJECT)
		read_object(reading, field->shape, value, pointer, at);
	else if (value->kind != JSON_TEXT ||
		 !take_text(reading, field, value->text, pointer, at))
		fault(reading, pointer, shape_kind_rule(field->kind));
}

/* ---- one object -------------------------------------------------------- */

static void set_defaults(const struct shape *shape, void *out)
{
	for (size_t i = 0; i < shape->count; i++) {
		const struct field *field = &shape->fields[i];
		char *at = (char *)out + field->offset;

		if (field->kind == SHAPE_INT)
			*(int64_t *)(void *)at = field->otherwise;
		else if (field->kind == SHAPE_BOOL)
			*(bool *)at = field->otherwise != 0;
		else if (field->kind == SHAPE_OBJECT)
			set_defaults(field->shape, at);
	}
}

static void unknown_fault(struct reading *reading, const struct shape *shape,
	const char *name, enum field_source from, const char *pointer)
{
	const char **names =
		arena_array(reading->arena, shape->count + 1, sizeof(*names));
	const char *nearest;
	size_t count = 0;

	for (size_t i = 0; i < shape->count; i++)
		if (shape->fields[i].from == from)
			names[count++] = shape->fields[i].name;
	nearest = text_suggest(name, names);
	reading->failed = true;
	if (nearest)
		report_fault(reading->report, pointer,
			"is not known here; did you mean \"%s\"?", nearest);
	else
		report_fault(reading->report, pointer, "is not known here");
}

static bool is_known(
	const struct shape *shape, const char *name, enum field_source from)
{
	for (size_t i = 0; i < shape->count; i++)
		if (shape->fields[i].from == from &&
			text_equal(shape->fields[i].name, name))
			return true;
	return false;
}

static void refuse_unknown_members(struct reading *reading,
	const struct shape *shape, const struct json *object,
	const char *pointer)
{
	for (const struct json *member = object->first;
		member && !is_full(reading); member = member->next)
		if (!is_known(shape, member->name, FROM_BODY))
			unknown_fault(reading, shape, member->name, FROM_BODY,
				report_pointer(
					reading->arena, pointer, member->name));
}

/* Null stands for "not given" only where the table says so. */
static bool is_absent(const struct field *field, const struct json *value)
{
	return !value || (value->kind == JSON_NULL && field->nullable &&
				 field->kind != SHAPE_PATCH);
}

static void read_member(struct reading *reading, const struct field *field,
	const struct json *object, const char *pointer, void *out)
{
	const struct json *value = json_member(object, field->name);
	const char *where =
		report_pointer(reading->arena, pointer, field->name);

	if (!is_absent(field, value))
		take_json(reading, field, value, where,
			(char *)out + field->offset);
	else if (field->required)
		fault(reading, where, "is required");
}

/* Of the outermost object. */
static void note_given(struct reading *reading, const struct shape *shape,
	const struct json *object, void *out)
{
	struct text_list given = {
		.items = arena_array(reading->arena, shape->count + 1,
			sizeof(*given.items))};

	for (size_t i = 0; i < shape->count; i++)
		if (json_member(object, shape->fields[i].name))
			given.items[given.count++] = shape->fields[i].name;
	memcpy((char *)out + shape->given, &given, sizeof(given));
}

/* `out` holds the defaults already when it is the outermost object. */
static void read_object(struct reading *reading, const struct shape *shape,
	const struct json *object, const char *pointer, void *out)
{
	if (object->kind != JSON_OBJECT) {
		fault(reading, pointer, "must be an object");
		return;
	}
	set_defaults(shape, out);
	for (size_t i = 0; i < shape->count; i++)
		if (shape->fields[i].from == FROM_BODY)
			read_member(reading, &shape->fields[i], object, pointer,
				out);
	refuse_unknown_members(reading, shape, object, pointer);
}

static void read_params(
	struct reading *reading, const struct shape *shape, void *out)
{
	for (size_t i = 0; i < shape->count; i++) {
		const struct field *field = &shape->fields[i];
		const struct param *param = find_param(reading, field);
		const char *pointer;

		if (field->from == FROM_BODY && reading->json)
			continue;
		pointer = report_pointer(reading->arena, "", field->name);
		if (param)
			take_param(reading, field, param->value, pointer,
				(char *)out + field->offset);
		else if (field->required)
			fault(reading, pointer, "is required");
	}
}

static void refuse_unknown_params(
	struct reading *reading, const struct shape *shape)
{
	for (size_t i = 0; i < reading->param_count && !is_full(reading); i++) {
		const struct param *param = &reading->params[i];

		if (!is_known(shape, param->name, param->from))
			unknown_fault(reading, shape, param->name, param->from,
				report_pointer(
					reading->arena, "", param->name));
	}
}

enum err shape_read(const struct shape *shape, struct arena *arena,
	const struct shape_input *input, struct report *report, void *out)
{
	struct reading reading = {.arena = arena,
		.report = report,
		.params = input->params,
		.param_count = input->param_count,
		.json = input->body != NULL};

	set_defaults(shape, out);
	if (input->body)
		read_object(&reading, shape, input->body, "", out);
	if (shape->given && input->body)
		note_given(&reading, shape, input->body, out);
	read_params(&reading, shape, out);
	refuse_unknown_params(&reading, shape);
	return reading.failed ? ERR_BAD_INPUT : ERR_OK;
}
