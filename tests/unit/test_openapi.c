/*
 * The OpenAPI document of a small table: it is JSON, every reference leads
 * somewhere, and it says what the rows say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "openapi.h"
#include "problem.h"
#include "text.h"

struct leg {
	const char *symbol;
};
static const struct field leg_fields[] = {
	FIELD(struct leg, symbol, .required = true),
};
static const struct shape leg_shape = SHAPE("leg", struct leg, leg_fields);

struct order_new {
	const char *id;
	int64_t limit;
	struct text_list symbols;
	struct decimal quantity;
	struct list legs;
};
static const struct field order_new_fields[] = {
	FIELD(struct order_new, id, .required = true, .from = FROM_PATH),
	FIELD(struct order_new, quantity, .required = true),
	FIELD_LIST(struct order_new, legs, leg_shape, .doc = "Legs."),
};
static const struct shape order_new_shape =
	SHAPE("order_new", struct order_new, order_new_fields);
static const struct field page_fields[] = {
	FIELD(struct order_new, limit, .from = FROM_QUERY, .min = 1, .max = 500,
		.otherwise = 50, .doc = "How many."),
	FIELD(struct order_new, symbols, .from = FROM_QUERY),
};
static const struct shape page_shape =
	SHAPE("page", struct order_new, page_fields);

struct order {
	struct leg leg;
	struct order *self;
	struct list children;
};
static const struct shape order_shape;
static const struct field order_fields[] = {
	FIELD_OBJECT(struct order, leg, leg_shape, .doc = "The leg."),
	FIELD_LIST(struct order, children, order_shape, .doc = "Below it."),
};
static const struct shape order_shape =
	SHAPE("order", struct order, order_fields);

static enum err run_public(struct call *call, const void *in, void *out)
{
	(void)call;
	(void)in;
	(void)out;
	return ERR_OK;
}

static enum err run_user(
	struct call *call, struct scope *scope, const void *in, void *out)
{
	(void)scope;
	return run_public(call, in, out);
}

static const struct route rows[] = {
	ROUTE_PUBLIC(POST, "/orders/{id}", TAKES_FORM, RATE_NONE, CACHE_NEVER,
		TAG_NOTHING, run_public, IN(order_new), CREATED(order),
		"Place"),
	ROUTE_USER(GET, "/orders", "orders:read", DEMAND_NOTHING, RATE_GENERAL,
		CACHE_LISTS, TAG_NOTHING, run_user, IN(page), OUT(order),
		"List"),
	ROUTE_USER(DELETE, "/orders", "orders:write", DEMAND_SESSION, RATE_NONE,
		CACHE_NEVER, TAG_NOTHING, run_user, NO_INPUT, NO_CONTENT,
		"Cancel all"),
	ROUTE_PUBLIC(GET, "/health-check/live", DEMAND_NOTHING, RATE_NONE,
		CACHE_SHORT, TAG_NOTHING, run_public, NO_INPUT,
		RAW("text/plain"), "Alive?"),
};
static const struct route_table table = {rows, sizeof(rows) / sizeof(rows[0])};

struct document {
	struct arena *arena;
	struct buf text;
	const struct json *root;
};

static int set_up(void **state)
{
	struct document *document = test_calloc(1, sizeof(*document));

	document->arena = arena_open(16 << 20);
	buf_init(&document->text, document->arena, 1 << 20);
	openapi_write(&table, "Title", "1.2.3", &document->text);
	if (json_parse(document->arena, document->text.data, document->text.len,
		    report_open(document->arena), &document->root) != ERR_OK)
		return 1;
	*state = document;
	return 0;
}

static int tear_down(void **state)
{
	struct document *document = *state;

	arena_close(&document->arena);
	test_free(document);
	return 0;
}

/* Steps are parted by '>', since names have slashes and dots. */
static const struct json *find(
	const struct document *document, const char *steps)
{
	const struct json *at = document->root;

	while (at && *steps) {
		size_t len = strcspn(steps, ">");

		at = json_member(at, arena_copy(document->arena, steps, len));
		steps += len + (steps[len] == '>');
	}
	return at;
}

static bool has_target(const struct document *document, const char *reference)
{
	struct buf steps;

	buf_init(&steps, document->arena, 256);
	if (!text_starts(reference, "#/"))
		return false;
	for (const char *c = reference + 2; *c; c++)
		buf_char(&steps, *c == '/' ? '>' : *c);
	return find(document, steps.data) != NULL;
}

static size_t check_references(
	const struct document *document, const struct json *value)
{
	size_t count = 0;

	for (const struct json *child = value->first; child;
		child = child->next) {
		if (child->name && text_equal(child->name, "$ref")) {
			assert_true(has_target(document, child->text));
			count++;
		}
		count += check_references(document, child);
	}
	return count;
}

static void every_reference_leads_somewhere(void **state)
{
	struct document *d = *state;

	assert_false(d->text.overflow);
	assert_true(check_references(d, d->root) > 10);
}

static void same_table_same_bytes(void **state)
{
	struct document *d = *state;
	struct buf again;

	buf_init(&again, d->arena, 1 << 20);
	openapi_write(&table, "Title", "1.2.3", &again);
	assert_string_equal(again.data, d->text.data);
}

static void has_a_frame(void **state)
{
	struct document *d = *state;

	assert_true(json_is_text(find(d, "openapi"), "3.1.0"));
	assert_true(json_is_text(find(d, "info>title"), "Title"));
	assert_true(json_is_text(find(d, "info>version"), "1.2.3"));
	assert_non_null(find(d, "info>license>identifier"));
	assert_true(json_is_text(
		json_member(find(d, "servers")->first, "url"), "/api/v1"));
	assert_int_equal(find(d, "tags")->count, 2);
	assert_int_equal(find(d, "paths")->count, 3);
}

static void groups_methods_of_a_path(void **state)
{
	struct document *d = *state;

	assert_true(json_is_text(
		find(d, "paths>/orders>get>operationId"), "get_orders"));
	assert_true(json_is_text(find(d, "paths>/orders/{id}>post>operationId"),
		"post_orders_id"));
	assert_true(json_is_text(
		find(d, "paths>/health-check/live>get>operationId"),
		"get_health_check_live"));
	assert_non_null(find(d, "paths>/orders>delete>responses>204"));
	assert_non_null(find(d, "paths>/orders>get>responses>200"));
	assert_non_null(find(d, "paths>/orders/{id}>post>responses>201"));
}

static void says_how_to_sign_in(void **state)
{
	struct document *d = *state;

	assert_int_equal(find(d, "paths>/orders/{id}>post>security")->count, 0);
	assert_int_equal(find(d, "paths>/orders>get>security")->count, 3);
	assert_int_equal(find(d, "paths>/orders>delete>security")->count, 2);
	assert_non_null(strstr(
		find(d, "paths>/orders>get>description")->text, "orders:read"));
	assert_non_null(find(d, "paths>/orders>get>responses>403"));
	assert_null(find(d, "paths>/health-check/live>get>responses>401"));
}

static void describes_parameters(void **state)
{
	struct document *d = *state;
	const struct json *get = find(d, "paths>/orders>get>parameters");
	const struct json *post = find(d, "paths>/orders/{id}>post>parameters");

	assert_int_equal(get->count, 3);
	assert_true(json_is_text(json_member(get->first, "in"), "query"));
	assert_true(json_is_text(
		json_member(get->first, "description"), "How many."));
	assert_false(json_member(get->first->next, "explode")->truth);
	assert_int_equal(post->count, 1);
	assert_true(json_is_text(json_member(post->first, "in"), "path"));
	assert_true(json_member(post->first, "required")->truth);
}

static void describes_limits_and_validators(void **state)
{
	struct document *d = *state;
	const struct json *get =
		find(d, "paths>/orders>get>responses>200>headers");

	assert_non_null(json_member(get, "RateLimit"));
	assert_non_null(json_member(get, "RateLimit-Policy"));
	assert_non_null(json_member(get, "X-RateLimit-Remaining"));
	assert_non_null(json_member(get, "ETag"));
	assert_non_null(json_member(get, "X-Cache"));
	assert_non_null(find(d, "paths>/orders>get>responses>304"));
	assert_non_null(find(d, "paths>/orders>get>responses>429"));
	assert_non_null(find(d, "components>headers>RateLimit"));
	/* what is not counted and changes something has none */
	assert_null(find(d, "paths>/orders>delete>responses>204>headers"));
	assert_null(find(d, "paths>/orders>delete>responses>304"));
	assert_null(find(d, "paths>/orders>delete>responses>429"));
	assert_true(json_is_text(
		find(d, "components>securitySchemes>cookie>in"), "cookie"));
}

static void describes_bodies(void **state)
{
	struct document *d = *state;

	assert_int_equal(
		find(d, "paths>/orders/{id}>post>requestBody>content")->count,
		2);
	assert_true(
		find(d, "paths>/orders/{id}>post>requestBody>required")->truth);
	assert_null(find(d, "paths>/orders>get>requestBody"));
	assert_non_null(
		find(d, "paths>/health-check/live>get>responses>200>content>"
			"text/plain"));
}

static void collects_shapes_through_all_levels_once(void **state)
{
	struct document *d = *state;

	/* order_new, leg, order, problem, problem_fault; not page */
	assert_int_equal(find(d, "components>schemas")->count, 5);
	assert_non_null(find(d, "components>schemas>leg"));
	assert_null(find(d, "components>schemas>page"));
	/* used both ways: described as an input */
	assert_false(
		find(d, "components>schemas>leg>additionalProperties")->truth);
	assert_null(find(d, "components>schemas>order>additionalProperties"));
}

/* Each answer's "type" leads to a page that is made of this. */
static void tells_of_every_problem(void **state)
{
	struct document *d = *state;
	const struct json *one = find(d, "x-problems")->first;

	for (enum err err = ERR_OK + 1; err < ERR_COUNT; err++) {
		assert_non_null(one);
		assert_true(
			json_is_text(json_member(one, "code"), err_slug(err)));
		assert_string_equal(json_member(one, "status")->text,
			arena_format(d->arena, "%d", problem_of(err)->status));
		assert_true(strlen(json_member(one, "title")->text) > 3);
		assert_true(strlen(json_member(one, "detail")->text) > 10);
		assert_true(strlen(json_member(one, "remedy")->text) > 10);
		one = one->next;
	}
	assert_null(one);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_reference_leads_somewhere),
		TEST(same_table_same_bytes),
		TEST(has_a_frame),
		TEST(groups_methods_of_a_path),
		TEST(says_how_to_sign_in),
		TEST(describes_parameters),
		TEST(describes_limits_and_validators),
		TEST(describes_bodies),
		TEST(collects_shapes_through_all_levels_once),
		TEST(tells_of_every_problem),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
