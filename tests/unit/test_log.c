/*
 * The log: one valid JSON line an event, whatever users sent, cut but whole
 * when it is too long; and no line lost when its file is rotated away or
 * lines wait in a buffer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "clock.h"
#include "file.h"
#include "folder.h"
#include "json.h"
#include "log.h"
#include "streams.h"
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

/* ---- files ------------------------------------------------------------- */

struct place {
	struct arena *arena;
	const char *folder, *path, *old;
	struct log log;
};

static int open_place(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	p->arena = arena_open((size_t)64 << 20);
	p->folder = folder_open(p->arena);
	p->path = file_join(p->arena, p->folder, "a.log");
	p->old = file_join(p->arena, p->folder, "a.log.1");
	assert_int_equal(
		log_open(p->arena, p->path, LOG_INFO, &p->log), ERR_OK);
	*state = p;
	return 0;
}

static int close_place(void **state)
{
	struct place *p = *state;

	log_close(&p->log);
	(void)folder_walk(p->folder, 1);
	arena_close(&p->arena);
	free(p);
	return 0;
}

static const char *text_of(struct place *p, const char *path)
{
	char *text = NULL;
	size_t len = 0;

	if (file_read(p->arena, path, 1 << 24, &text, &len) != ERR_OK)
		return "";
	return text;
}

/* How many lines hold the word. */
static size_t count(const char *text, const char *word)
{
	size_t found = 0;

	for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
		found++;
	return found;
}

static void a_file_is_made_and_added_to(void **state)
{
	struct place *p = *state;
	struct stat info;
	mode_t mask = umask(0077);
	struct log second;
	const char *other = file_join(p->arena, p->folder, "b.log");

	log_line(&p->log, LOG_INFO, "one", NULL);
	assert_int_equal(
		log_open(p->arena, p->path, LOG_INFO, &second), ERR_OK);
	log_line(&second, LOG_INFO, "two", NULL);
	log_line(&p->log, LOG_INFO, "three", NULL);
	assert_int_equal(count(text_of(p, p->path), "\n"), 3);
	log_close(&second);
	assert_int_equal(log_open(p->arena, other, LOG_INFO, &second), ERR_OK);
	(void)umask(mask);
	assert_int_equal(stat(other, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0640);
	log_close(&second);
	/* closed twice, written to afterwards: nothing */
	log_close(&second);
	log_line(&second, LOG_ERROR, "four", NULL);
	assert_int_equal(
		log_open(p->arena, file_join(p->arena, p->folder, "no/c.log"),
			LOG_INFO, &second),
		ERR_UNAVAILABLE);
}

static void a_rotated_file_is_followed(void **state)
{
	struct place *p = *state;
	size_t written = 0;
	int64_t deadline = clock_monotonic_us() + 5000000;

	log_line(&p->log, LOG_INFO, "line", NULL);
	written++;
	assert_int_equal(rename(p->path, p->old), 0);
	/* it looks once a second at most: until then the old file grows */
	log_line(&p->log, LOG_INFO, "line", NULL);
	written++;
	assert_int_equal(count(text_of(p, p->old), "line") +
				 count(text_of(p, p->path), "line"),
		written);
	while (access(p->path, F_OK) != 0) {
		assert_true(clock_monotonic_us() < deadline);
		(void)poll(NULL, 0, 20);
		log_line(&p->log, LOG_INFO, "line", NULL);
		written++;
	}
	assert_int_equal(count(text_of(p, p->old), "line") +
				 count(text_of(p, p->path), "line"),
		written);
	assert_int_equal(count(text_of(p, p->path), "line"), 1);
}

/* Whether it is away, or another stands in its place. */
static void a_replaced_file_is_followed(void **state)
{
	struct place *p = *state;
	int64_t deadline = clock_monotonic_us() + 5000000;

	log_line(&p->log, LOG_INFO, "line", NULL);
	assert_int_equal(rename(p->path, p->old), 0);
	assert_int_equal(file_write(p->path, "", 0, 0640), ERR_OK);
	do {
		assert_true(clock_monotonic_us() < deadline);
		(void)poll(NULL, 0, 20);
		log_line(&p->log, LOG_INFO, "line", NULL);
	} while (count(text_of(p, p->path), "line") == 0);
}

/* A folder that is gone for a while: what can be written, is. */
static void a_lost_folder_is_survived(void **state)
{
	struct place *p = *state;
	struct log log;
	const char *folder = file_join(p->arena, p->folder, "sub");
	const char *path = file_join(p->arena, folder, "b.log");
	int64_t deadline = clock_monotonic_us() + 5000000;

	assert_int_equal(file_folder(folder, 0750), ERR_OK);
	assert_int_equal(log_open(p->arena, path, LOG_INFO, &log), ERR_OK);
	(void)folder_walk(folder, 1);
	while (clock_monotonic_us() < deadline - 3800000) {
		log_line(&log, LOG_INFO, "line", NULL);
		(void)poll(NULL, 0, 20);
	}
	assert_int_equal(file_folder(folder, 0750), ERR_OK);
	while (access(path, F_OK) != 0) {
		assert_true(clock_monotonic_us() < deadline);
		log_line(&log, LOG_INFO, "line", NULL);
		(void)poll(NULL, 0, 20);
	}
	log_close(&log);
	(void)folder_walk(folder, 1);
}

static void write_many(const struct log *log, int writer, int lines)
{
	for (int i = 0; i < lines; i++)
		log_line(log, LOG_INFO, "line",
			LOG_FIELDS(LOG_INT("writer", writer), LOG_INT("i", i)));
}

/* Writers that share a file while it is rotated under them: no line is lost,
   none is torn, with and without buffers. */
static void rotation_under_writers_loses_no_line(void **state)
{
	enum {
		WRITERS = 4,
		LINES = 3000
	};
	struct place *p = *state;
	pid_t children[WRITERS];
	size_t found = 0;
	int alive = WRITERS;
	int round = 0;

	for (int w = 0; w < WRITERS; w++) {
		children[w] = fork();
		assert_true(children[w] >= 0);
		if (children[w] > 0)
			continue;
		struct log log;
		if (log_open(p->arena, p->path, LOG_INFO, &log) != ERR_OK)
			_exit(1);
		if (w % 2)
			log_buffer(p->arena, &log);
		write_many(&log, w, LINES);
		log_close(&log);
		_exit(0);
	}
	while (alive > 0) {
		int status = 0;
		pid_t ended = waitpid(-1, &status, WNOHANG);

		if (ended > 0) {
			assert_int_equal(status, 0);
			alive--;
			continue;
		}
		if (round < 20 && access(p->path, F_OK) == 0)
			(void)rename(p->path, arena_format(p->arena, "%s.%d",
						      p->path, round++));
		(void)poll(NULL, 0, 5);
	}
	for (int i = -1; i < round; i++) {
		const char *text = text_of(
			p, i < 0 ? p->path
				 : arena_format(p->arena, "%s.%d", p->path, i));

		found += count(text, "{\"ts\":\"");
		/* each begins a line, and each line ends */
		assert_int_equal(count(text, "\n"), count(text, "{\"ts\":\""));
		assert_int_equal(count(text, "}\n"), count(text, "\n"));
	}
	assert_true(round > 0);
	assert_int_equal(found, WRITERS * LINES);
}

/* ---- buffers ----------------------------------------------------------- */

static void lines_wait_until_they_are_asked_for(void **state)
{
	struct place *p = *state;

	log_buffer(p->arena, &p->log);
	log_line(&p->log, LOG_INFO, "one", NULL);
	log_line(&p->log, LOG_INFO, "two", NULL);
	assert_string_equal(text_of(p, p->path), "");
	log_flush(&p->log);
	assert_int_equal(count(text_of(p, p->path), "\n"), 2);
	log_flush(&p->log);
	assert_int_equal(count(text_of(p, p->path), "\n"), 2);
}

static void grave_lines_never_wait(void **state)
{
	struct place *p = *state;
	const char *text;

	log_buffer(p->arena, &p->log);
	log_line(&p->log, LOG_INFO, "one", NULL);
	log_line(&p->log, LOG_WARN, "two", NULL);
	text = text_of(p, p->path);
	assert_int_equal(count(text, "\n"), 2);
	/* in their order */
	assert_true(strstr(text, "one") < strstr(text, "two"));
	log_line(&p->log, LOG_ERROR, "three", NULL);
	assert_int_equal(count(text_of(p, p->path), "\n"), 3);
}

static void a_full_buffer_is_written(void **state)
{
	struct place *p = *state;
	size_t found;

	log_buffer(p->arena, &p->log);
	write_many(&p->log, 1, 2000);
	found = count(text_of(p, p->path), "\n");
	assert_in_range(found, 1000, 1999);
	log_close(&p->log);
	assert_int_equal(count(text_of(p, p->path), "\n"), 2000);
}

/* A pipe takes 4096 bytes in one piece: more would mix with others' lines. */
static void a_pipe_gets_whole_lines_in_pieces(void **state)
{
	struct fixture *fixture = *state;
	char *piece = arena_alloc(fixture->arena, 65536);
	size_t lines = 0;
	ssize_t len;

	log_buffer(fixture->arena, &fixture->log);
	write_many(&fixture->log, 1, 200);
	log_flush(&fixture->log);
	while (lines < 200) {
		len = read(fixture->ends[0], piece, LINE_LIMIT);
		assert_in_range(len, 1, LINE_LIMIT);
		piece[len] = '\0';
		lines += count(piece, "\n");
	}
	assert_int_equal(lines, 200);
}

/* A worker that is killed loses lines that wait, and no others. */
static void a_kill_loses_no_grave_line(void **state)
{
	struct place *p = *state;
	const char *text;
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		log_buffer(p->arena, &p->log);
		log_line(&p->log, LOG_WARN, "grave", NULL);
		log_line(&p->log, LOG_INFO, "waiting", NULL);
		(void)raise(SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	text = text_of(p, p->path);
	assert_int_equal(count(text, "grave"), 1);
	assert_int_equal(count(text, "waiting"), 0);
}

/* ---- streams ----------------------------------------------------------- */

/* Up to the first text that a user may have chosen: ops/fail2ban knows it. */
static void security_lines_have_their_order(void **state)
{
	static const char *const names[] = {"ts", "level", "event", "address",
		"user", "request_id", "detail", NULL};
	struct fixture *fixture = *state;
	const struct streams streams = {.security = fixture->log};
	const struct json *line;
	size_t i = 0;

	streams_security(&streams, LOG_WARN,
		&(struct security_note){.event = "auth.login.failed",
			.address = "192.0.2.7",
			.user = "\",\"address\":\"1.2.3.4"});
	line = read_line(fixture);
	for (const struct json *at = line->first; at; at = at->next)
		assert_string_equal(at->name, names[i++]);
	assert_null(names[i]);
	assert_string_equal(member(line, "address"), "192.0.2.7");
	assert_string_equal(member(line, "user"), "\",\"address\":\"1.2.3.4");
	assert_string_equal(member(line, "detail"), "");
	streams_security(NULL, LOG_WARN, &(struct security_note){.event = "e"});
}

static void limit_lines_have_their_order(void **state)
{
	static const char *const names[] = {"ts", "level", "event", "address",
		"rule", "subject", "retry_after_s", "request_id", NULL};
	struct fixture *fixture = *state;
	const struct streams streams = {.limits = fixture->log};
	const struct json *line;
	size_t i = 0;

	streams_limit(&streams, &(struct limit_note){.address = "2001:db8::1",
					.rule = "login.address",
					.subject = "2001:db8::/64",
					.retry_after_s = 30,
					.request_id = "r"});
	line = read_line(fixture);
	for (const struct json *at = line->first; at; at = at->next)
		assert_string_equal(at->name, names[i++]);
	assert_null(names[i]);
	assert_string_equal(member(line, "event"), "rate.refused");
	assert_string_equal(member(line, "level"), "warn");
	assert_string_equal(member(line, "retry_after_s"), "30");
	streams_limit(NULL, &(struct limit_note){.address = "x"});
}

static void streams_flush_and_close_all(void **state)
{
	struct place *p = *state;
	struct streams streams = {
		.access = p->log, .security = p->log, .limits = p->log};

	log_buffer(p->arena, &streams.access);
	log_buffer(p->arena, &streams.limits);
	log_line(&streams.access, LOG_INFO, "one", NULL);
	log_line(&streams.limits, LOG_INFO, "two", NULL);
	log_line(&streams.security, LOG_INFO, "three", NULL);
	assert_int_equal(count(text_of(p, p->path), "\n"), 1);
	streams_flush(&streams);
	streams_flush(NULL);
	assert_int_equal(count(text_of(p, p->path), "\n"), 3);
	log_line(&streams.access, LOG_INFO, "four", NULL);
	streams_close(&streams);
	assert_int_equal(count(text_of(p, p->path), "\n"), 4);
}

static void test_levels_have_names(void **state)
{
	(void)state;
	assert_int_equal(log_level_named("debug"), LOG_DEBUG);
	assert_int_equal(log_level_named("info"), LOG_INFO);
	assert_int_equal(log_level_named("warn"), LOG_WARN);
	assert_int_equal(log_level_named("error"), LOG_ERROR);
	assert_int_equal(log_level_named("loud"), LOG_ERROR);
}

int main(void)
{
#define CASE(test) \
	cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)
#define PLACE(test) \
	cmocka_unit_test_setup_teardown(test, open_place, close_place)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_levels_have_names),
		CASE(fixed_fields_come_first),
		CASE(lines_below_the_level_are_dropped),
		CASE(user_text_cannot_forge_a_line),
		CASE(a_long_value_is_cut),
		CASE(many_values_end_in_a_whole_line),
		CASE(a_closed_log_is_survived),
		CASE(a_pipe_gets_whole_lines_in_pieces),
		CASE(security_lines_have_their_order),
		CASE(limit_lines_have_their_order),
		PLACE(a_file_is_made_and_added_to),
		PLACE(a_rotated_file_is_followed),
		PLACE(a_replaced_file_is_followed),
		PLACE(a_lost_folder_is_survived),
		PLACE(rotation_under_writers_loses_no_line),
		PLACE(lines_wait_until_they_are_asked_for),
		PLACE(grave_lines_never_wait),
		PLACE(a_full_buffer_is_written),
		PLACE(a_kill_loses_no_grave_line),
		PLACE(streams_flush_and_close_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
