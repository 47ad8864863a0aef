/*
 * Lines for the tests of ops/, written by the real log code.
 *   lines security FILE EVENT ADDRESS USER [DETAIL]
 *   lines limit FILE ADDRESS SUBJECT
 *   lines write FILE NAME STOP    numbered lines until the file STOP is there
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "streams.h"

static int write_until(struct arena *arena, struct log *log, const char *name,
	const char *stop)
{
	long long count = 0;

	/* as a worker does: lines wait, and are written before it sleeps */
	log_buffer(arena, log);
	while (access(stop, F_OK) != 0) {
		for (int i = 0; i < 20; i++)
			log_line(log, LOG_INFO, "line",
				LOG_FIELDS(LOG_TEXT("writer", name),
					LOG_INT("number", count++)));
		log_flush(log);
		(void)poll(NULL, 0, 2);
	}
	log_line(log, LOG_INFO, "line",
		LOG_FIELDS(LOG_TEXT("writer", name), LOG_INT("number", count)));
	log_close(log);
	return printf("%s %lld\n", name, count + 1) < 0;
}

int main(int argc, char **argv)
{
	struct arena *arena = arena_open(1 << 20);
	struct streams streams = {.access = {.fd = -1}};
	struct log log;
	int status = 0;

	if (argc < 5 || log_open(arena, argv[2], LOG_INFO, &log) != ERR_OK)
		return 2;
	streams.security = log;
	streams.limits = log;
	if (strcmp(argv[1], "security") == 0 && argc > 5)
		streams_security(&streams, LOG_WARN,
			&(struct security_note){.event = argv[3],
				.address = argv[4],
				.user = argv[5],
				.request_id = "r-1",
				.detail = argc > 6 ? argv[6] : NULL});
	else if (strcmp(argv[1], "limit") == 0)
		streams_limit(&streams, &(struct limit_note){.address = argv[3],
						.rule = "login.address",
						.subject = argv[4],
						.retry_after_s = 30,
						.request_id = "r-1"});
	else if (strcmp(argv[1], "write") == 0)
		status = write_until(arena, &log, argv[3], argv[4]);
	else
		status = 2;
	log_close(&log);
	arena_close(&arena);
	return status;
}
