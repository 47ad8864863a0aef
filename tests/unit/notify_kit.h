/*
 * The stand-in for what messages go to (tests/notify/stand_in.mjs), started
 * once a program; it ends when its input does.
 */
#ifndef NOTIFY_KIT_H
#define NOTIFY_KIT_H

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "json.h"
#include "text.h"

enum {
	RECEIVER_LINE = 1 << 16
};

struct receiver {
	pid_t pid;
	int to, from;
	int64_t port, smtp;
	char line[RECEIVER_LINE];
};

static inline const struct json *receiver_read(
	struct receiver *receiver, struct arena *arena)
{
	const struct json *json = NULL;
	size_t len = 0;

	do {
		const ssize_t count = read(receiver->from, receiver->line + len,
			sizeof(receiver->line) - 1 - len);

		assert_true(count > 0);
		len += (size_t)count;
	} while (receiver->line[len - 1] != '\n');
	receiver->line[len] = '\0';
	assert_int_equal(json_parse(arena, receiver->line, len,
				 report_open(arena), &json),
		ERR_OK);
	return json;
}

/* One command; the answer's tree. */
static inline const struct json *receiver_do(
	struct receiver *receiver, struct arena *arena, const char *command)
{
	const char *line = arena_format(arena, "%s\n", command);
	const struct json *json;

	assert_int_equal(
		write(receiver->to, line, strlen(line)), (ssize_t)strlen(line));
	json = receiver_read(receiver, arena);
	if (!json_member(json, "ok")->truth)
		fail_msg("%s: %s", command, receiver->line);
	return json;
}

static inline void receiver_run(int in, int out)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		_exit(126);
	for (int fd = 3; fd < 64; fd++)
		(void)close(fd);
	(void)execlp("node", "node", "tests/notify/stand_in.mjs", (char *)NULL);
	_exit(127);
}

static inline int receiver_start(void **state)
{
	struct receiver *receiver = calloc(1, sizeof(*receiver));
	struct arena *arena = arena_open(4 << 20);
	const struct json *ports;
	int in[2], out[2];

	assert_non_null(receiver);
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	receiver->pid = fork();
	assert_true(receiver->pid >= 0);
	if (receiver->pid == 0)
		receiver_run(in[0], out[1]);
	(void)close(in[0]);
	(void)close(out[1]);
	receiver->to = in[1];
	receiver->from = out[0];
	ports = receiver_read(receiver, arena);
	assert_true(json_integer(json_member(ports, "port"), &receiver->port));
	assert_true(json_integer(json_member(ports, "smtp"), &receiver->smtp));
	arena_close(&arena);
	*state = receiver;
	return 0;
}

static inline int receiver_stop(void **state)
{
	struct receiver *receiver = *state;

	(void)close(receiver->to);
	(void)close(receiver->from);
	(void)waitpid(receiver->pid, NULL, 0);
	free(receiver);
	return 0;
}

#endif
