/*
 * Times whole processes, from start to exit: spawn RUNS -- COMMAND... [--
 * COMMAND...], each in turn, their output thrown away. Prints one line of
 * JSON: microseconds of each run, a list a command. Node's own way to start
 * a process takes longer than some of what is timed here.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

enum {
	RUNS_MOST = 99,
	COMMANDS_MOST = 8
};

static double now_us(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static double run(char **command)
{
	posix_spawn_file_actions_t actions;
	double start = now_us();
	int status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&pid, command[0], &actions, NULL, command, environ) ||
		waitpid(pid, &status, 0) != pid || status != 0) {
		fprintf(stderr, "spawn: %s failed\n", command[0]);
		exit(1);
	}
	posix_spawn_file_actions_destroy(&actions);
	return now_us() - start;
}

static void print(double times[][COMMANDS_MOST], int runs, int commands)
{
	for (int k = 0; k < commands; k++) {
		printf("%s[", k ? "," : "[");
		for (int i = 0; i < runs; i++)
			printf("%s%.1f", i ? "," : "", times[i][k]);
		putchar(']');
	}
	puts("]");
}

int main(int argc, char **argv)
{
	static double times[RUNS_MOST][COMMANDS_MOST];
	char **commands[COMMANDS_MOST];
	int runs = argc > 1 ? atoi(argv[1]) : 0, count = 0;

	for (int i = 2; i < argc; i++) {
		if (strcmp(argv[i], "--") != 0)
			continue;
		argv[i] = NULL;
		if (count < COMMANDS_MOST && argv[i + 1])
			commands[count++] = argv + i + 1;
	}
	if (runs < 1 || runs > RUNS_MOST || count == 0)
		return 2;
	for (int i = 0; i < runs; i++)
		for (int k = 0; k < count; k++)
			times[i][k] = run(commands[k]);
	print(times, runs, count);
	return 0;
}
