/*
 * The log: one valid JSON line an event, whatever users sent, cut but whole
 * when it is too long.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <unistd.h>

#include "arena.h"
#include "clock.h"
#include "json.h"
#include "log.h"
#include "text.h"

enum {
	LINE_LIMIT = 4096
};

struct fixture {
	struct arena *arena;
	int ends[2];
	struct log log;
	char line[2 * LINE_LIMIT];
};

static int open_fixture(void **state)
{
	static struct fixture fixture;

	fixture.arena = arena_open(1024 * 1024);
	if (pipe(fixture.ends) != 0)
		return -1;
	fixture.log = (struct log){.fd = fixture.ends[1], .least = LOG_INFO};
	*state = &fixture;
	return 0;
}

static int close_fixture(void **state)
{
	struct fixture *fixture = *state;

	close(fixture->ends[0]);
	close(fixture->ends[1]);
	arena_close(&fixture->arena);
	return 0;
}

/* What one write() brought, as JSON; it is one line. */
static const struct json *read_line(struct fixture *fixture)
{
	ssize_t len = read(
		fixture->ends[0], fixture->line, sizeof(fixture->line) - 1);
	const struct json *value = NULL;

	assert_in_range(len, 2, LINE_LIMIT);
	fixture->line[len] = '\0';
	assert_ptr_equal(strchr(fixture->line, '\n'), fixture->line + len - 1);
	assert_int_equal(json_parse(fixture->arena, fixture->line, (size_t)len,
				 report_open(fixture->arena), &value),
		ERR_OK);
	return value;
}

static const char *member(const struct json *line, const char *name)
{
	const struct json *value = json_member(line, name);

	return value ? value->text : NULL;
}

static void fixed_fields_come_first(void **state)
{
	struct fixture *fixture = *state;
	const struct json *line;
	int64_t ts;

	log_line(&fixture->log, LOG_WARN, "auth.login.failed",
		LOG_FIELDS(LOG_INT("status", 401), LOG_TEXT("user", "bob"),
			LOG_TEXT("none", NULL), LOG_INT("least", INT64_MIN)));
	line = read_line(fixture);
	assert_string_equal(line->first->name, "ts");
	assert_string_equal(line->first->next->name, "level");
	assert_string_equal(line->first->next->next->name, "event");
	assert_int_equal(time_parse(member(line, "ts"), &ts), ERR_OK);
	assert_string_equal(member(line, "level"), "warn");
	assert_string_equal(member(line, "event"), "auth.login.failed");
	assert_string_equal(member(line, "status"), "401");
	assert_string_equal(member(line, "user"), "bob");
	assert_string_equal(member(line, "none"), "");
	assert_string_equal(member(line, "least"), "-9223372036854775808");
	assert_int_equal(line->count, 7);
}

static void lines_below_the_level_are_dropped(void **state)
{
	struct fixture *fixture = *state;

	log_line(&fixture->log, LOG_DEBUG, "dropped", NULL);
	log_line(&fixture->log, LOG_ERROR, "kept", NULL);
	assert_string_equal(member(read_line(fixture), "event"), "kept");
}

static void user_text_cannot_forge_a_line(void **state)
{
	static const char evil[] = "x\"}\n{\"event\":\"forged\"}\r\n\x1b[2J\x7f"
				   "\xc2\x9b\xff\\";
	struct fixture *fixture = *state;
	const struct json *line;

	log_line(&fixture->log, LOG_INFO, "e",
		LOG_FIELDS(LOG_TEXT("agent", evil)));
	line = read_line(fixture);
	assert_string_equal(member(line, "agent"),
		"x\"}\n{\"event\":\"forged\"}\r\n\x1b[2J\x7f"
		"\xc2\x9b\xef\xbf\xbd\\");
	/* raw, there is no control byte but the line's own end */
	assert_false(
		text_has_control(fixture->line, strlen(fixture->line) - 1));
}

static void a_long_value_is_cut(void **state)
{
	struct fixture *fixture = *state;
	char *long_text = arena_alloc(fixture->arena, 100001);
	const struct json *line;

	memset(long_text, '"', 100000);
	log_line(&fixture->log, LOG_INFO, "e",
		LOG_FIELDS(LOG_TEXT("a", long_text), LOG_INT("b", 1)));
	line = read_line(fixture);
	assert_in_range(strlen(member(line, "a")), 400, 1024);
	assert_string_equal(member(line, "b"), "1");
	assert_true(json_member(line, "truncated")->truth);
}

static void many_values_end_in_a_whole_line(void **state)
{
	struct fixture *fixture = *state;
	struct log_field fields[12] = {0};
	char *text = arena_alloc(fixture->arena, 2000);

	/* each length once: every way of running out of room */
	for (size_t len = 380; len < 1100; len++) {
		memset(text, len % 2 ? '\x01' : 'x', len);
		text[len] = '\0';
		for (size_t i = 0; i < 11; i++)
			fields[i] = LOG_TEXT(&"abcdefghijk"[i], text);
		log_line(&fixture->log, LOG_INFO, "e", fields);
		assert_non_null(json_member(read_line(fixture), "truncated"));
		arena_reset(fixture->arena);
		text = arena_alloc(fixture->arena, 2000);
	}
}

static void a_closed_log_is_survived(void **state)
{
	const struct log log = {.fd = -1, .least = LOG_DEBUG};

	(void)state;
	log_line(&log, LOG_ERROR, "e", NULL);
}

int main(void)
{
#define CASE(test) \
	cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)
	const struct CMUnitTest tests[] = {
		CASE(fixed_fields_come_first),
		CASE(lines_below_the_level_are_dropped),
		CASE(user_text_cannot_forge_a_line),
		CASE(a_long_value_is_cut),
		CASE(many_values_end_in_a_whole_line),
		CASE(a_closed_log_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
