/*
 * Settings that admins change at run time: what may be changed, what the
 * operator fixed, what stands in the database, and that all of a change or
 * none of it happens.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain_world.h"
#include "system_settings.h"

struct values {
	int64_t quota, cap;
	bool open;
	const char *rule, *name;
};

/* clang-format off */
static const struct conf_row rows[] = {
	CONF_ROW(struct values, quota, "QUOTA", .initial = "10", .min = 1,
		.max = 100, .live = true, .unit = "s", .help = "Quota."),
	CONF_ROW(struct values, cap, "CAP", .initial = "50", .min = 1,
		.max = 100, .live = true, .help = "Cap."),
	CONF_ROW(struct values, open, "OPEN", .initial = "true",
		.live = true, .help = "Open?"),
	CONF_ROW(struct values, rule, "RULE", .initial = "5/60", .max = 8,
		.live = true, .stays_on = true, .help = "Rule."),
	CONF_ROW(struct values, name, "NAME", .initial = "kontor",
		.help = "Name."),
};
/* clang-format on */
enum {
	QUOTA,
	CAP,
	OPEN,
	RULE,
	NAME,
	COUNT
};

static const struct conf_table table = {rows, COUNT, NULL};
static const struct values fixed = {10, 50, true, "5/60", "kontor"};

static enum err check(
	const void *candidate, struct arena *arena, struct report *report)
{
	const struct values *values = candidate;

	(void)arena;
	if (values->quota <= values->cap)
		return ERR_OK;
	report_fault(report, "QUOTA", "must not be over CAP");
	return ERR_BAD_INPUT;
}

static void count_change(void *context)
{
	++*(int *)context;
}

struct house {
	struct world *w;
	struct conf_origin origins[COUNT];
	struct system_settings system;
	int changes;
};

static int house_open(void **state)
{
	struct house *h = calloc(1, sizeof(*h));
	void *world;

	assert_non_null(h);
	assert_int_equal(world_open(&world), 0);
	h->w = world;
	h->system = (struct system_settings){
		.table = &table,
		.size = sizeof(struct values),
		.fixed = &fixed,
		.origins = h->origins,
		.check = check,
		.changed = count_change,
		.context = &h->changes,
	};
	*state = h;
	return 0;
}

static int house_close(void **state)
{
	struct house *h = *state;
	void *world = h->w;

	world_close(&world);
	free(h);
	return 0;
}

static enum err change(struct house *h, const char *text)
{
	const struct json *values;

	assert_int_equal(json_parse(h->w->arena, text, strlen(text),
				 world_report(h->w), &values),
		ERR_OK);
	return system_settings_change(world_admin(h->w), &h->system, values);
}

static struct values load(struct house *h, struct conf_origin *origins)
{
	struct values values;

	assert_int_equal(system_settings_load(world_admin(h->w), &h->system,
				 &values, origins),
		ERR_OK);
	return values;
}

static void assert_refused(
	struct house *h, const char *text, const char *pointer)
{
	assert_int_equal(change(h, text), ERR_BAD_INPUT);
	assert_int_equal(h->w->report->fault_count, 1);
	assert_string_equal(h->w->report->faults[0].pointer, pointer);
	assert_int_equal(h->changes, 0);
	assert_int_equal(load(h, NULL).quota, 10);
}

/* Nor does it count when it stands in the database from before. */
static void a_protection_is_not_switched_off(void **state)
{
	struct house *h = *state;

	assert_refused(h, "{\"RULE\":\"0\"}", "/values/RULE");
	assert_int_equal(db_run(h->w->db,
				 "INSERT INTO system_settings"
				 " (name, value, updated_at, updated_by)"
				 " VALUES ('RULE', '0', 1, 'me')",
				 NO_BINDS, NULL),
		ERR_OK);
	assert_string_equal(load(h, NULL).rule, "5/60");
	/* the operator's own word stands */
	h->origins[RULE].source = CONF_FROM_FILE;
	const struct values off = {10, 50, true, "0", "kontor"};
	h->system.fixed = &off;
	assert_string_equal(load(h, NULL).rule, "0");
}

static void a_change_counts_at_once_and_is_told(void **state)
{
	struct house *h = *state;
	struct conf_origin origins[COUNT];
	struct values values;

	assert_int_equal(
		change(h, "{\"QUOTA\":20,\"OPEN\":false,\"RULE\":\"4/60\"}"),
		ERR_OK);
	assert_int_equal(h->changes, 1);
	values = load(h, origins);
	assert_int_equal(values.quota, 20);
	assert_int_equal(values.cap, 50);
	assert_false(values.open);
	assert_string_equal(values.rule, "4/60");
	assert_int_equal(origins[QUOTA].source, CONF_FROM_DATABASE);
	assert_int_equal(origins[CAP].source, CONF_FROM_DEFAULT);
	/* what is not named stays; null is the default again */
	assert_int_equal(change(h, "{\"QUOTA\":null}"), ERR_OK);
	values = load(h, origins);
	assert_int_equal(values.quota, 10);
	assert_false(values.open);
	assert_int_equal(origins[QUOTA].source, CONF_FROM_DEFAULT);
	assert_int_equal(h->changes, 2);
}

static void what_must_not_be_changed_is_refused(void **state)
{
	struct house *h = *state;

	assert_refused(h, "{\"NAME\":\"x\"}", "/values/NAME");
	assert_refused(h, "{\"NONE\":1}", "/values/NONE");
	assert_refused(h, "{\"a/b\":1}", "/values/a~1b");
	assert_refused(h, "[1]", "/values");
	assert_refused(h, "{\"QUOTA\":101}", "/values/QUOTA");
	assert_refused(h, "{\"QUOTA\":1.5}", "/values/QUOTA");
	assert_refused(h, "{\"QUOTA\":\"20\"}", "/values/QUOTA");
	assert_refused(h, "{\"QUOTA\":true}", "/values/QUOTA");
	assert_refused(h, "{\"OPEN\":1}", "/values/OPEN");
	assert_refused(h, "{\"RULE\":5}", "/values/RULE");
	assert_refused(h, "{\"RULE\":\"too long a rule\"}", "/values/RULE");
	/* each is fine alone: together they are not */
	assert_refused(h, "{\"QUOTA\":60}", "/values/QUOTA");
	assert_int_equal(change(h, "{\"QUOTA\":60,\"CAP\":70}"), ERR_OK);
}

static void all_of_a_change_or_none(void **state)
{
	struct house *h = *state;

	assert_int_equal(change(h, "{\"QUOTA\":20,\"NONE\":1,\"CAP\":0}"),
		ERR_BAD_INPUT);
	assert_int_equal(h->w->report->fault_count, 2);
	assert_int_equal(load(h, NULL).quota, 10);
	assert_int_equal(h->changes, 0);
}

static void what_the_operator_fixed_is_locked(void **state)
{
	struct house *h = *state;
	struct conf_origin origins[COUNT];

	assert_int_equal(change(h, "{\"QUOTA\":20}"), ERR_OK);
	h->changes = 0;
	h->origins[QUOTA] = (struct conf_origin){CONF_FROM_FILE, "k.conf:1"};
	assert_int_equal(load(h, origins).quota, 10);
	assert_int_equal(origins[QUOTA].source, CONF_FROM_FILE);
	assert_refused(h, "{\"QUOTA\":30}", "/values/QUOTA");
	assert_refused(h, "{\"QUOTA\":null}", "/values/QUOTA");
	assert_int_equal(change(h, "{\"QUOTA\":30}"), ERR_BAD_INPUT);
	assert_non_null(strstr(h->w->report->faults[0].message, "(file)"));
}

/* The range of a setting may become narrower with a newer program. */
static void a_stored_value_out_of_range_is_left_out(void **state)
{
	struct house *h = *state;

	assert_int_equal(
		db_script(h->w->db,
			"INSERT INTO system_settings VALUES"
			" ('QUOTA', '1000', 1, 'a'), ('CAP', '60', 1, 'a'),"
			" ('GONE', '1', 1, 'a'), ('NAME', 'x', 1, 'a')"),
		ERR_OK);
	assert_int_equal(load(h, NULL).quota, 10);
	assert_int_equal(load(h, NULL).cap, 60);
	assert_string_equal(load(h, NULL).name, "kontor");
	assert_int_equal(h->w->report->fault_count, 1);
	assert_string_equal(h->w->report->faults[0].pointer, "QUOTA");
}

static void the_list_shows_what_may_be_changed(void **state)
{
	struct house *h = *state;
	const struct system_setting *items;
	struct list list;

	h->origins[CAP] = (struct conf_origin){CONF_FROM_ENVIRONMENT, "CAP"};
	assert_int_equal(
		change(h, "{\"OPEN\":false,\"RULE\":\"\\u00fc\"}"), ERR_OK);
	assert_int_equal(
		system_settings_list(world_admin(h->w), &h->system, &list),
		ERR_OK);
	assert_int_equal(list.count, 4);
	items = list.items;
	assert_string_equal(items[0].name, "QUOTA");
	assert_string_equal(items[0].kind, "integer");
	assert_string_equal(items[0].unit, "s");
	assert_string_equal(items[0].value.text, "10");
	assert_string_equal(items[0].max.text, "100");
	assert_string_equal(items[0].source, "default");
	assert_null(items[0].updated_at);
	assert_true(items[1].locked);
	assert_string_equal(items[1].source, "environment");
	assert_string_equal(items[2].kind, "boolean");
	assert_string_equal(items[2].value.text, "false");
	assert_string_equal(items[2].initial.text, "true");
	assert_null(items[2].min.text);
	assert_false(items[2].locked);
	assert_string_equal(items[2].updated_by, "operator");
	assert_true(items[2].updated_at->ms == world_now);
	assert_string_equal(items[3].value.text, "\"\xc3\xbc\"");
}

int main(void)
{
#define CASE(test) \
	cmocka_unit_test_setup_teardown(test, house_open, house_close)
	const struct CMUnitTest tests[] = {
		CASE(a_protection_is_not_switched_off),
		CASE(a_change_counts_at_once_and_is_told),
		CASE(what_must_not_be_changed_is_refused),
		CASE(all_of_a_change_or_none),
		CASE(what_the_operator_fixed_is_locked),
		CASE(a_stored_value_out_of_range_is_left_out),
		CASE(the_list_shows_what_may_be_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
