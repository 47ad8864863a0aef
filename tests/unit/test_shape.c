/*
 * Shapes: what is taken, what is refused and at which pointer, what is
 * written, described and found to differ.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shape.h"
#include "text.h"

struct leg {
	const char *symbol;
	int64_t count;
};
static const struct field leg_fields[] = {
	FIELD(struct leg, symbol, .required = true),
	FIELD(struct leg, count, .otherwise = 7, .min = 1, .max = 9),
};
static const struct shape leg_shape = SHAPE("leg", struct leg, leg_fields);

static const char *const sides[] = {"buy", "sell", NULL};

struct sample {
	const char *id;
	int64_t limit;
	struct text_list symbols;
	const char *side;
	const char *name;
	const char *note;
	int64_t level;
	bool on;
	struct decimal quantity;
	const struct decimal *price;
	struct timestamp at;
	const struct timestamp *until;
	struct patch_text token;
	const struct json *extra;
	struct text_list tags;
	struct leg main;
	struct list legs;
};
static const struct field sample_fields[] = {
	FIELD(struct sample, id, .required = true, .from = FROM_PATH),
	FIELD(struct sample, limit, .from = FROM_QUERY, .min = 1, .max = 500,
		.otherwise = 100),
	FIELD(struct sample, symbols, .from = FROM_QUERY, .max = 3),
	FIELD(struct sample, side, .one_of = sides),
	FIELD(struct sample, name, .required = true, .min = 3, .max = 5,
		.doc = "What people call it."),
	FIELD(struct sample, note, .nullable = true),
	FIELD(struct sample, level, .otherwise = -1),
	FIELD(struct sample, on, .otherwise = 1),
	FIELD(struct sample, quantity, .required = true, .min = 0, .max = 10),
	FIELD(struct sample, price, .doc = "Limit."),
	FIELD(struct sample, at, .required = true),
	FIELD(struct sample, until, .doc = "End."),
	FIELD(struct sample, token, .secret = true),
	FIELD(struct sample, extra, .doc = "Any."),
	FIELD(struct sample, tags, .max = 2),
	FIELD_OBJECT(struct sample, main, leg_shape, .doc = "One."),
	FIELD_LIST(struct sample, legs, leg_shape, .max = 2),
};
static const struct shape sample_shape =
	SHAPE("sample", struct sample, sample_fields);

#define MUST "\"name\":\"abc\",\"quantity\":\"1.5\",\"at\":\"2026-01-31\""

struct reading {
	struct arena *arena;
	struct report *report;
	struct sample out;
	enum err err;
};

static int set_up(void **state)
{
	struct reading *reading = test_calloc(1, sizeof(*reading));

	reading->arena = arena_open(8 << 20);
	reading->report = report_open(reading->arena);
	*state = reading;
	return 0;
}

static int tear_down(void **state)
{
	struct reading *reading = *state;

	arena_close(&reading->arena);
	test_free(reading);
	return 0;
}

static const struct json *parse(struct reading *reading, const char *text)
{
	const struct json *json = NULL;

	assert_int_equal(json_parse(reading->arena, text, strlen(text),
				 reading->report, &json),
		ERR_OK);
	return json;
}

static void read_with(
	struct reading *reading, const char *body, const struct param *more)
{
	struct param params[3] = {{"id", "s1", FROM_PATH}};
	size_t count = 1;

	if (more)
		params[count++] = *more;
	*reading->report = (struct report){.arena = reading->arena};
	reading->out = (struct sample){0};
	reading->err = shape_read(&sample_shape, reading->arena,
		&(const struct shape_input){
			.body = body ? parse(reading, body) : NULL,
			.params = params,
			.param_count = count},
		reading->report, &reading->out);
}

static void takes_all_kinds(void **state)
{
	struct reading *r = *state;
	const struct leg *legs;

	read_with(r,
		"{" MUST ",\"side\":\"sell\",\"level\":3,\"on\":false,"
		"\"price\":\"-2\",\"until\":\"2026-02-01T00:00:00Z\","
		"\"token\":\"t\",\"extra\":[1],\"tags\":[\"a\",\"b\"],"
		"\"main\":{\"symbol\":\"X\"},"
		"\"legs\":[{\"symbol\":\"A\",\"count\":2},{\"symbol\":\"B\"}]}",
		&(struct param){"symbols", "A,B", FROM_QUERY});
	assert_int_equal(r->err, ERR_OK);
	assert_string_equal(r->out.id, "s1");
	assert_int_equal(r->out.limit, 100);
	assert_int_equal(r->out.symbols.count, 2);
	assert_string_equal(r->out.symbols.items[1], "B");
	assert_string_equal(r->out.side, "sell");
	assert_int_equal(r->out.level, 3);
	assert_false(r->out.on);
	assert_int_equal(r->out.quantity.units, 15);
	assert_int_equal(r->out.price->units, -2);
	assert_int_equal(r->out.at.ms, 1769817600000);
	assert_int_equal(r->out.until->ms, 1769904000000);
	assert_int_equal(r->out.token.kind, PATCH_SET);
	assert_int_equal(r->out.extra->kind, JSON_ARRAY);
	assert_string_equal(r->out.tags.items[0], "a");
	assert_int_equal(r->out.main.count, 7);
	legs = r->out.legs.items;
	assert_int_equal(r->out.legs.count, 2);
	assert_int_equal(legs[0].count, 2);
	assert_int_equal(legs[1].count, 7);
}

static void sets_defaults_and_leaves_the_rest_empty(void **state)
{
	struct reading *r = *state;

	read_with(r, "{" MUST "}", NULL);
	assert_int_equal(r->err, ERR_OK);
	assert_int_equal(r->out.level, -1);
	assert_true(r->out.on);
	assert_null(r->out.side);
	assert_null(r->out.price);
	assert_null(r->out.until);
	assert_null(r->out.extra);
	assert_int_equal(r->out.token.kind, PATCH_KEEP);
	assert_int_equal(r->out.main.count, 7);
}

static void null_clears_a_patch_and_is_absent_where_nullable(void **state)
{
	struct reading *r = *state;

	read_with(r, "{" MUST ",\"token\":null,\"note\":null}", NULL);
	assert_int_equal(r->err, ERR_OK);
	assert_int_equal(r->out.token.kind, PATCH_CLEAR);
	assert_null(r->out.note);
}

struct change {
	int64_t level;
	bool on;
	struct text_list given;
};
static const struct field change_fields[] = {
	FIELD(struct change, level, .nullable = true, .otherwise = 3),
	FIELD(struct change, on, .otherwise = 1),
};
static const struct shape change_shape =
	SHAPE_CHANGE("change", struct change, change_fields, given);

/* What stays is told apart from what is to be its default. */
static void tells_what_a_change_names(void **state)
{
	struct reading *r = *state;
	static const char *const bodies[] = {
		"{}", "{\"level\":null}", "{\"on\":false,\"level\":4}"};
	struct buf schema;
	struct json_writer writer;

	for (size_t i = 0; i < 3; i++) {
		const struct json *body;
		struct change out = {0};

		assert_int_equal(json_parse(r->arena, bodies[i],
					 strlen(bodies[i]), r->report, &body),
			ERR_OK);
		assert_int_equal(shape_read(&change_shape, r->arena,
					 &(struct shape_input){.body = body},
					 r->report, &out),
			ERR_OK);
		assert_int_equal(out.given.count, i);
		assert_int_equal(out.level, i == 2 ? 4 : 3);
		if (i > 0)
			assert_string_equal(out.given.items[0], "level");
	}
	buf_init(&schema, r->arena, 4096);
	json_write_init(&writer, &schema);
	shape_schema(&change_shape, &writer);
	assert_null(strstr(schema.data, "default"));
	assert_non_null(strstr(schema.data, "additionalProperties"));
}

static const struct {
	const char *members; /* behind those that must be there */
	const char *pointer, *message;
} faults[] = {
	{",\"nme\":1", "/nme", "is not known here; did you mean \"name\"?"},
	{",\"a/b~\":1", "/a~1b~0", "is not known here"},
	{",\"limit\":5", "/limit", "is not known here"},
	{",\"side\":\"BUY\"", "/side", "must be one of: buy, sell"},
	{",\"side\":null", "/side", "must be a text"},
	{",\"note\":\"\"", "/note", "must have 1 to 1024 characters"},
	{",\"level\":1.5", "/level", "must be a whole number"},
	{",\"level\":\"1\"", "/level", "must be a whole number"},
	{",\"on\":1", "/on", "must be true or false"},
	{",\"on\":\"true\"", "/on", "must be true or false"},
	{",\"price\":1.5", "/price",
		"must be a decimal number written as a text, such as "
		"\"12.50\""},
	{",\"price\":\"1e5\"", "/price",
		"must be a decimal number written as a text, such as "
		"\"12.50\""},
	{",\"until\":\"soon\"", "/until",
		"must be a time such as \"2026-01-31T12:00:00Z\""},
	{",\"token\":5", "/token", "must be a text or null"},
	{",\"tags\":\"a\"", "/tags", "must be a list of texts"},
	{",\"tags\":[\"a\",1]", "/tags/1", "must be a text, not empty"},
	{",\"tags\":[\"a\",\"b\",\"c\"]", "/tags", "must have 0 to 2 entries"},
	{",\"main\":[]", "/main", "must be an object"},
	{",\"main\":{}", "/main/symbol", "is required"},
	{",\"legs\":{}", "/legs", "must be a list"},
	{",\"legs\":[1]", "/legs/0", "must be an object"},
	{",\"legs\":[{\"symbol\":\"A\",\"count\":0}]", "/legs/0/count",
		"must be from 1 to 9"},
};

static void points_at_each_fault(void **state)
{
	struct reading *r = *state;

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct buf body;

		buf_init(&body, r->arena, 4096);
		buf_text(&body, "{" MUST);
		buf_text(&body, faults[i].members);
		buf_text(&body, "}");
		read_with(r, body.data, NULL);
		assert_int_equal(r->err, ERR_BAD_INPUT);
		assert_int_equal(r->report->fault_count, 1);
		assert_string_equal(
			r->report->faults[0].pointer, faults[i].pointer);
		assert_string_equal(
			r->report->faults[0].message, faults[i].message);
	}
}

static const struct {
	struct param param;
	const char *message; /* NULL: taken */
} queries[] = {
	{{"limit", "500", FROM_QUERY}, NULL},
	{{"limit", "501", FROM_QUERY}, "must be from 1 to 500"},
	{{"limit", "5x", FROM_QUERY}, "must be a whole number"},
	{{"limit", "", FROM_QUERY}, "must be a whole number"},
	{{"limits", "5", FROM_QUERY},
		"is not known here; did you mean \"limit\"?"},
	{{"side", "buy", FROM_QUERY}, "is not known here"},
	{{"symbols", "A,,B", FROM_QUERY}, "must not have empty entries"},
	{{"symbols", "A,B,C,D", FROM_QUERY}, "must have 0 to 3 entries"},
};

static void checks_query_values(void **state)
{
	struct reading *r = *state;

	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		read_with(r, "{" MUST "}", &queries[i].param);
		assert_int_equal(
			r->err, queries[i].message ? ERR_BAD_INPUT : ERR_OK);
		if (queries[i].message)
			assert_string_equal(r->report->faults[0].message,
				queries[i].message);
	}
}

static void reports_all_faults_at_once(void **state)
{
	struct reading *r = *state;

	read_with(r, "{\"name\":\"ab\",\"quantity\":\"11\"}", NULL);
	assert_int_equal(r->err, ERR_BAD_INPUT);
	assert_int_equal(r->report->fault_count, 3);
	assert_string_equal(
		r->report->faults[0].message, "must have 3 to 5 characters");
	assert_string_equal(
		r->report->faults[1].message, "must be from 0 to 10");
	assert_string_equal(r->report->faults[2].pointer, "/at");
}

static void counts_characters_not_bytes(void **state)
{
	struct reading *r = *state;

	read_with(r,
		"{\"name\":\"\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xe2\x82\xac\","
		"\"quantity\":\"0\",\"at\":\"2026-01-31\"}",
		NULL);
	assert_int_equal(r->err, ERR_OK);
}

static void asks_for_members_of_a_missing_body(void **state)
{
	struct reading *r = *state;

	read_with(r, NULL, NULL);
	assert_int_equal(r->err, ERR_BAD_INPUT);
	assert_int_equal(r->report->fault_count, 3);
	read_with(r, "[]", NULL);
	assert_int_equal(r->err, ERR_BAD_INPUT);
	assert_string_equal(r->report->faults[0].pointer, "");
}

static void takes_form_pairs(void **state)
{
	static const struct param pairs[] = {
		{"symbol", "A", FROM_BODY}, {"count", "3", FROM_BODY}};
	struct reading *r = *state;
	struct leg leg = {0};

	assert_int_equal(shape_read(&leg_shape, r->arena,
				 &(const struct shape_input){
					 .params = pairs, .param_count = 2},
				 r->report, &leg),
		ERR_OK);
	assert_string_equal(leg.symbol, "A");
	assert_int_equal(leg.count, 3);
}

static void stops_looking_when_the_report_is_full(void **state)
{
	struct reading *r = *state;
	struct buf body;

	buf_init(&body, r->arena, 1 << 20);
	buf_text(&body, "{" MUST);
	for (int i = 0; i < 5000; i++)
		buf_format(&body, ",\"x%d\":1", i);
	buf_text(&body, "}");
	read_with(r, body.data, NULL);
	assert_int_equal(r->err, ERR_BAD_INPUT);
	assert_int_equal(r->report->fault_count, REPORT_FAULT_LIMIT);
}

/* ---- out ---------------------------------------------------------------- */

struct answer {
	const char *id;
	struct ratio sharpe;
	struct raw_json result;
	const struct decimal *price;
	struct text_list tags;
	struct list legs;
	struct patch_text secret;
	const char *ignored;
};
static const struct field answer_fields[] = {
	FIELD(struct answer, id, .nullable = true),
	FIELD(struct answer, sharpe, .doc = "per year"),
	FIELD(struct answer, result, .doc = "Stored."),
	FIELD(struct answer, price, .nullable = true),
	FIELD(struct answer, tags, .doc = "Words."),
	FIELD_LIST(struct answer, legs, leg_shape, .doc = "All."),
	FIELD(struct answer, secret, .secret = true),
	FIELD(struct answer, ignored, .from = FROM_QUERY),
};
static const struct shape answer_shape =
	SHAPE("answer", struct answer, answer_fields);

static const char *print(struct reading *r, const struct shape *shape,
	void (*put)(const struct shape *, struct json_writer *))
{
	struct buf *out = arena_alloc(r->arena, sizeof(*out));
	struct json_writer writer;

	buf_init(out, r->arena, 1 << 16);
	json_write_init(&writer, out);
	put(shape, &writer);
	return out->data;
}

static void writes_body_members_without_secrets(void **state)
{
	static const char *tags[] = {"x"};
	static const struct leg legs[] = {{"A", 1}, {"B", 2}};
	const struct answer answer = {.id = "a\"1",
		.sharpe = {0.5},
		.result = {"{\"k\":1}", 7},
		.tags = {tags, 1},
		.legs = {legs, 2},
		.secret = {PATCH_SET, "hush"},
		.ignored = "q"};
	struct reading *r = *state;
	struct json_writer writer;
	struct buf out;

	buf_init(&out, r->arena, 4096);
	json_write_init(&writer, &out);
	shape_write(&answer_shape, &writer, &answer);
	assert_string_equal(out.data,
		"{\"id\":\"a\\\"1\",\"sharpe\":0.5,\"result\":{\"k\":1},"
		"\"price\":null,\"tags\":[\"x\"],\"legs\":[{\"symbol\":\"A\","
		"\"count\":1},{\"symbol\":\"B\",\"count\":2}]}");
}

static void describes_inputs(void **state)
{
	struct reading *r = *state;
	const char *text = print(r, &sample_shape, shape_schema);
	const struct json *schema = parse(r, text);
	const struct json *properties = json_member(schema, "properties");
	const struct json *name = json_member(properties, "name");
	const struct json *token = json_member(properties, "token");
	int64_t longest = 0;

	assert_non_null(
		strstr(text, "\"required\":[\"name\",\"quantity\",\"at\"]"));
	assert_non_null(strstr(text, "\"enum\":[\"buy\",\"sell\"]"));
	assert_non_null(
		strstr(text, "{\"$ref\":\"#/components/schemas/leg\"}"));
	assert_null(json_member(properties, "limit"));
	assert_true(json_is_text(
		json_member(name, "description"), "What people call it."));
	assert_true(json_integer(json_member(name, "maxLength"), &longest));
	assert_int_equal(longest, 5);
	assert_true(json_member(token, "writeOnly")->truth);
	assert_false(json_member(schema, "additionalProperties")->truth);
}

static void describes_replies(void **state)
{
	struct reading *r = *state;
	const char *text = print(r, &answer_shape, shape_reply_schema);

	assert_non_null(
		strstr(text, "\"required\":[\"id\",\"sharpe\",\"result\","
			     "\"price\",\"tags\",\"legs\"]"));
	assert_null(strstr(text, "secret"));
	assert_null(strstr(text, "additionalProperties"));
	assert_non_null(strstr(text, "\"type\":[\"number\",\"null\"]"));
}

static const struct {
	const char *reply, *pointer; /* NULL: fits */
} replies[] = {
	{"{\"id\":null,\"sharpe\":null,\"result\":1,\"price\":\"1\","
	 "\"tags\":[],\"legs\":[{\"symbol\":\"A\",\"count\":1}]}",
		NULL},
	{"{\"id\":\"a\",\"sharpe\":1,\"result\":1,\"price\":null,"
	 "\"tags\":[]}",
		"/legs"},
	{"{\"id\":\"a\",\"sharpe\":1,\"result\":1,\"price\":null,"
	 "\"tags\":[],\"legs\":[],\"more\":1}",
		"/more"},
	{"{\"id\":\"a\",\"sharpe\":1,\"result\":1,\"price\":null,"
	 "\"tags\":[],\"legs\":[],\"secret\":\"x\"}",
		"/secret"},
	{"{\"id\":\"a\",\"sharpe\":1,\"result\":1,\"price\":1.5,"
	 "\"tags\":[],\"legs\":[]}",
		"/price"},
	{"{\"id\":\"a\",\"sharpe\":1,\"result\":1,\"price\":null,"
	 "\"tags\":[],\"legs\":[{\"symbol\":null,\"count\":1}]}",
		"/legs/0/symbol"},
	{"{\"id\":\"a\",\"sharpe\":\"1\",\"result\":1,\"price\":null,"
	 "\"tags\":[],\"legs\":[]}",
		"/sharpe"},
	{"[]", ""},
};

static void finds_replies_that_differ(void **state)
{
	struct reading *r = *state;

	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		struct report *report = report_open(r->arena);
		enum err err = shape_check(&answer_shape, r->arena,
			parse(r, replies[i].reply), report);

		if (!replies[i].pointer) {
			assert_int_equal(err, ERR_OK);
			continue;
		}
		assert_int_equal(err, ERR_INTERNAL);
		assert_int_equal(report->fault_count, 1);
		assert_string_equal(
			report->faults[0].pointer, replies[i].pointer);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(takes_all_kinds),
		TEST(sets_defaults_and_leaves_the_rest_empty),
		TEST(null_clears_a_patch_and_is_absent_where_nullable),
		TEST(tells_what_a_change_names),
		TEST(points_at_each_fault),
		TEST(checks_query_values),
		TEST(reports_all_faults_at_once),
		TEST(counts_characters_not_bytes),
		TEST(asks_for_members_of_a_missing_body),
		TEST(takes_form_pairs),
		TEST(stops_looking_when_the_report_is_full),
		TEST(writes_body_members_without_secrets),
		TEST(describes_inputs),
		TEST(describes_replies),
		TEST(finds_replies_that_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
