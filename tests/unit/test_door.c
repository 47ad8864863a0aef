/*
 * The door against a real FastCGI client over a real socket: kept
 * connections pin no worker, limits hold, a stuck request ends the process,
 * a signal lets the request in flight finish.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <cmocka.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "door.h"
#include "fcgi_client.h"
#include "folder.h"
#include "text.h"

enum {
	SLOW_MS = 600, /* several take longer than the watchdog lets one */
	WORKERS = 2,
	KEPT = 32,
	FRESH = 20,
	PATIENCE_MS = 10000
};

struct fixture {
	char folder[64];
	char path[96];
	int listener;
	pid_t workers[WORKERS];
	int taken[2]; /* a worker that took /wait says so here */
	int gate[2];  /* and goes on when a byte comes here */
	bool tell;    /* a worker's own: says when it rests */
};

/* Says what it got; "/wait" waits for the test, "/spin" never ends. */
static void serve(void *context, const struct request *request,
	struct report *report, enum err early, struct reply *out)
{
	struct fixture *fixture = context;
	char byte;

	(void)report;
	reply_init(out, request->arena);
	out->status = 200;
	buf_format(&out->body, "early=%d len=%zu target=%s", (int)early,
		request->body_len, request->target);
	if (text_equal(request->target, "/wait")) {
		(void)!write(fixture->taken[1], "x", 1);
		(void)!read(fixture->gate[0], &byte, 1);
	}
	if (text_equal(request->target, "/tell"))
		fixture->tell = true;
	if (text_equal(request->target, "/slow"))
		(void)usleep(SLOW_MS * 1000);
	while (text_equal(request->target, "/spin"))
		(void)usleep(1000);
}

static void rest(void *context, int64_t idle_ms)
{
	const struct fixture *fixture = context;

	if (fixture->tell && idle_ms >= 0)
		(void)!write(fixture->taken[1], "i", 1);
}

static void run_worker(struct fixture *fixture)
{
	const struct log log = {.fd = STDERR_FILENO};
	const struct door door = {.log = &log,
		.arena_cap = 64 << 20,
		.body_limit = 100000,
		.request_ms = 1500,
		.receive_ms = 700,
		.connections = 1024,
		.serve = serve,
		.context = fixture,
		.idle = rest,
		.idle_context = fixture};

	(void)dup2(fixture->listener, 0);
	(void)close(fixture->listener);
	(void)close(fixture->gate[1]);
	_exit(door_run(&door) == ERR_OK ? 0 : 1);
}

static int start(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	sigset_t asked;

	assert_non_null(fixture);
	folder_make(fixture->folder, sizeof(fixture->folder));
	(void)snprintf(
		fixture->path, sizeof(fixture->path), "%s/s", fixture->folder);
	memcpy(address.sun_path, fixture->path, strlen(fixture->path));
	fixture->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fixture->listener, (struct sockaddr *)&address,
				 sizeof(address)),
		0);
	assert_int_equal(listen(fixture->listener, 64), 0);
	assert_int_equal(pipe(fixture->taken), 0);
	assert_int_equal(pipe(fixture->gate), 0);
	/* A signal that comes before the door blocks it would kill. */
	sigemptyset(&asked);
	sigaddset(&asked, SIGTERM);
	sigaddset(&asked, SIGUSR1);
	assert_int_equal(sigprocmask(SIG_BLOCK, &asked, NULL), 0);
	for (int i = 0; i < WORKERS; i++) {
		fixture->workers[i] = fork();
		if (fixture->workers[i] == 0)
			run_worker(fixture);
	}
	*state = fixture;
	return 0;
}

static int stop(void **state)
{
	struct fixture *fixture = *state;
	int status;

	for (int i = 0; i < WORKERS; i++) {
		if (fixture->workers[i] == 0)
			continue;
		(void)kill(fixture->workers[i], SIGTERM);
		assert_int_equal(waitpid(fixture->workers[i], &status, 0),
			fixture->workers[i]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	(void)close(fixture->listener);
	(void)close(fixture->taken[0]);
	(void)close(fixture->taken[1]);
	(void)close(fixture->gate[0]);
	(void)close(fixture->gate[1]);
	(void)unlink(fixture->path);
	(void)rmdir(fixture->folder);
	free(fixture);
	return 0;
}

static bool answers_in_time(int fd)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};

	return poll(&ready, 1, PATIENCE_MS) == 1;
}

static void ask(int fd, bool keep, const char *uri, const char *expected)
{
	char answer[4096];

	fcgi_send(fd, keep, uri, NULL, 0);
	assert_true(answers_in_time(fd));
	assert_true(fcgi_answer(fd, answer, sizeof(answer)));
	assert_non_null(strstr(answer, expected));
}

static void kept_connections_pin_no_worker(void **state)
{
	const struct fixture *fixture = *state;
	int kept[KEPT];

	for (int i = 0; i < KEPT; i++) {
		kept[i] = fcgi_connect(fixture->path);
		ask(kept[i], true, "/kept", "target=/kept");
	}
	for (int i = 0; i < FRESH; i++) {
		int fd = fcgi_connect(fixture->path);

		ask(fd, false, "/fresh", "target=/fresh");
		(void)close(fd);
	}
	for (int i = 0; i < KEPT; i++) {
		ask(kept[i], true, "/again", "target=/again");
		(void)close(kept[i]);
	}
}

static void a_closed_connection_is_let_go(void **state)
{
	const struct fixture *fixture = *state;
	int fd = fcgi_connect(fixture->path);
	char byte;

	ask(fd, false, "/one", "target=/one");
	assert_true(answers_in_time(fd));
	assert_int_equal(read(fd, &byte, 1), 0);
	(void)close(fd);
}

static void a_large_body_is_refused_and_read_to_its_end(void **state)
{
	const struct fixture *fixture = *state;
	int fd = fcgi_connect(fixture->path);
	char *body = calloc(1, 200000);
	char answer[4096];
	char expected[32];

	(void)snprintf(expected, sizeof(expected), "early=%d len=0",
		(int)ERR_TOO_LARGE);
	fcgi_send(fd, true, "/big", body, 200000);
	assert_true(fcgi_answer(fd, answer, sizeof(answer)));
	assert_non_null(strstr(answer, expected));
	fcgi_send(fd, true, "/fits", body, 100000);
	assert_true(fcgi_answer(fd, answer, sizeof(answer)));
	assert_non_null(strstr(answer, "early=0 len=100000"));
	free(body);
	(void)close(fd);
}

/* Announces `announced` bytes of body and sends `sent`; the end of the body
   (an empty record) only with `ended`. */
static void send_body(int fd, const char *uri, const char *announced,
	const char *sent, bool ended)
{
	fcgi_begin(fd, true);
	fcgi_param(fd, "REQUEST_METHOD", "POST");
	fcgi_param(fd, "REQUEST_URI", uri);
	fcgi_param(fd, "REMOTE_ADDR", "127.0.0.1");
	fcgi_param(fd, "CONTENT_LENGTH", announced);
	fcgi_record(fd, FCGI_PARAMS, NULL, 0);
	if (sent[0] != '\0')
		fcgi_record(fd, FCGI_STDIN, sent, strlen(sent));
	if (ended)
		fcgi_record(fd, FCGI_STDIN, NULL, 0);
}

static void a_body_of_another_length_is_refused(void **state)
{
	static const struct {
		const char *announced, *sent;
		enum err err;
		int len;
	} rows[] = {
		{"5", "12345", ERR_OK, 5},
		{"", "12345", ERR_OK, 5},
		{"", "", ERR_OK, 0},
		{"0", "", ERR_OK, 0},
		{"5", "1234", ERR_BAD_REQUEST, 0},
		{"5", "", ERR_BAD_REQUEST, 0},
		{"5", "123456", ERR_BAD_REQUEST, 0},
		{"five", "12345", ERR_BAD_REQUEST, 0},
	};
	const struct fixture *fixture = *state;
	int fd = fcgi_connect(fixture->path);
	char answer[4096];
	char expected[48];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(expected, sizeof(expected),
			"early=%d len=%d target=/post", (int)rows[i].err,
			rows[i].len);
		send_body(fd, "/post", rows[i].announced, rows[i].sent, true);
		assert_true(answers_in_time(fd));
		assert_true(fcgi_answer(fd, answer, sizeof(answer)));
		assert_non_null(strstr(answer, expected));
	}
	(void)close(fd);
}

/* Not served: serve() would say so on the pipe before it answers. */
static void a_request_that_does_not_arrive_whole_is_not_served(void **state)
{
	const struct fixture *fixture = *state;
	struct pollfd taken = {.fd = fixture->taken[0], .events = POLLIN};
	char byte;

	for (int stalls = 0; stalls < 2; stalls++) {
		int fd = fcgi_connect(fixture->path);

		/* announced is what came: the length alone would not do */
		send_body(fd, "/wait", "4", "1234", false);
		if (!stalls)
			(void)shutdown(fd, SHUT_WR);
		assert_true(answers_in_time(fd));
		assert_int_equal(read(fd, &byte, 1), 0);
		assert_int_equal(poll(&taken, 1, 0), 0);
		(void)close(fd);
	}
	for (int i = 0; i < WORKERS * 2; i++) {
		int fd = fcgi_connect(fixture->path);

		ask(fd, false, "/after", "target=/after");
		(void)close(fd);
	}
}

static void junk_on_the_socket_harms_nobody(void **state)
{
	const struct fixture *fixture = *state;

	for (int i = 0; i < WORKERS * 2; i++) {
		int fd = fcgi_connect(fixture->path);

		(void)!write(fd, "GET / HTTP/1.1\r\n\r\n0000000000", 28);
		(void)shutdown(fd, SHUT_WR);
		(void)close(fd);
	}
	for (int i = 0; i < WORKERS * 2; i++) {
		int fd = fcgi_connect(fixture->path);

		ask(fd, false, "/after", "target=/after");
		(void)close(fd);
	}
}

/* The worker that took the stuck request ends with 75; the other serves. */
static void the_watchdog_ends_a_stuck_worker(void **state)
{
	struct fixture *fixture = *state;
	int fd = fcgi_connect(fixture->path);
	int status = 0;
	pid_t gone;

	fcgi_send(fd, true, "/spin", NULL, 0);
	gone = waitpid(-1, &status, 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 75);
	for (int i = 0; i < WORKERS; i++) {
		if (fixture->workers[i] == gone)
			fixture->workers[i] = 0;
	}
	(void)close(fd);
	fd = fcgi_connect(fixture->path);
	ask(fd, false, "/other", "target=/other");
	(void)close(fd);
}

/* Before it waits for the next request, and while it does. */
static void a_worker_that_rests_is_told(void **state)
{
	const struct fixture *fixture = *state;
	int fd = fcgi_connect(fixture->path);
	char byte;

	ask(fd, true, "/tell", "target=/tell");
	for (int i = 0; i < 3; i++) {
		assert_true(answers_in_time(fixture->taken[0]));
		assert_int_equal(read(fixture->taken[0], &byte, 1), 1);
		assert_int_equal(byte, 'i');
	}
	(void)close(fd);
}

/* The watchdog's time is one request's, however many come at once. */
static void many_slow_requests_are_none_that_is_stuck(void **state)
{
	const struct fixture *fixture = *state;
	int fds[4 * WORKERS];
	char answer[4096];

	for (int i = 0; i < 4 * WORKERS; i++) {
		fds[i] = fcgi_connect(fixture->path);
		fcgi_send(fds[i], false, "/slow", NULL, 0);
	}
	for (int i = 0; i < 4 * WORKERS; i++) {
		assert_true(fcgi_answer(fds[i], answer, sizeof(answer)));
		assert_non_null(strstr(answer, "target=/slow"));
		(void)close(fds[i]);
	}
}

/* Both workers are told to end while one is in the middle of a request. */
static void a_signal_lets_the_request_in_flight_finish(void **state)
{
	struct fixture *fixture = *state;
	int fd = fcgi_connect(fixture->path);
	char answer[4096];
	char byte;
	int status;

	fcgi_send(fd, true, "/wait", NULL, 0);
	assert_int_equal(read(fixture->taken[0], &byte, 1), 1);
	for (int i = 0; i < WORKERS; i++)
		(void)kill(fixture->workers[i], i == 0 ? SIGTERM : SIGUSR1);
	(void)!write(fixture->gate[1], "x", 1);
	assert_true(fcgi_answer(fd, answer, sizeof(answer)));
	assert_non_null(strstr(answer, "target=/wait"));
	for (int i = 0; i < WORKERS; i++) {
		assert_int_equal(waitpid(fixture->workers[i], &status, 0),
			fixture->workers[i]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
		fixture->workers[i] = 0;
	}
	(void)close(fd);
}

/* How many descriptors of all workers lead to something of that name. */
static int descriptors(const struct fixture *fixture, const char *name)
{
	char path[64], target[64];
	int count = 0;

	for (int i = 0; i < WORKERS; i++)
		for (int fd = 0; fd < 64; fd++) {
			ssize_t len;

			(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d",
				(int)fixture->workers[i], fd);
			len = readlink(path, target, sizeof(target) - 1);
			target[len > 0 ? len : 0] = '\0';
			count += strstr(target, name) != NULL;
		}
	return count;
}

static void wait_for_descriptors(
	const struct fixture *fixture, const char *name, int count)
{
	for (int i = 0; descriptors(fixture, name) < count; i++) {
		assert_true(i < PATIENCE_MS);
		(void)usleep(1000);
	}
}

/* A worker took the connection up and is told to end before the request. */
static void a_signal_waits_for_a_request_under_way(void **state)
{
	struct fixture *fixture = *state;
	char answer[4096];
	int before, fd, status;

	wait_for_descriptors(fixture, "signalfd", WORKERS);
	before = descriptors(fixture, "socket:");
	fd = fcgi_connect(fixture->path);
	wait_for_descriptors(fixture, "socket:", before + 1);
	for (int i = 0; i < WORKERS; i++)
		(void)kill(fixture->workers[i], SIGTERM);
	fcgi_send(fd, true, "/two", NULL, 0);
	assert_true(fcgi_answer(fd, answer, sizeof(answer)));
	assert_non_null(strstr(answer, "target=/two"));
	for (int i = 0; i < WORKERS; i++) {
		assert_int_equal(waitpid(fixture->workers[i], &status, 0),
			fixture->workers[i]);
		fixture->workers[i] = 0;
	}
	(void)close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_signal_waits_for_a_request_under_way, start, stop),
		cmocka_unit_test_setup_teardown(
			kept_connections_pin_no_worker, start, stop),
		cmocka_unit_test_setup_teardown(
			a_closed_connection_is_let_go, start, stop),
		cmocka_unit_test_setup_teardown(
			a_large_body_is_refused_and_read_to_its_end, start,
			stop),
		cmocka_unit_test_setup_teardown(
			a_body_of_another_length_is_refused, start, stop),
		cmocka_unit_test_setup_teardown(
			a_request_that_does_not_arrive_whole_is_not_served,
			start, stop),
		cmocka_unit_test_setup_teardown(
			junk_on_the_socket_harms_nobody, start, stop),
		cmocka_unit_test_setup_teardown(
			the_watchdog_ends_a_stuck_worker, start, stop),
		cmocka_unit_test_setup_teardown(
			a_worker_that_rests_is_told, start, stop),
		cmocka_unit_test_setup_teardown(
			many_slow_requests_are_none_that_is_stuck, start, stop),
		cmocka_unit_test_setup_teardown(
			a_signal_lets_the_request_in_flight_finish, start,
			stop),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
