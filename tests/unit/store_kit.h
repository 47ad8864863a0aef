/*
 * What the tests of the store share: a folder that goes away, a Redis of
 * their own, children that are told when to start.
 */
#ifndef STORE_KIT_H
#define STORE_KIT_H

#include <arpa/inet.h>
#include <dirent.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "folder.h"
#include "clock.h"
#include "report.h"
#include "store.h"

enum {
	KIT_MIB = 1024 * 1024,
	KIT_PATIENCE_MS = 20000
};
#define KIT_PASSWORD "seven herrings"
/* Any time will do, as long as it is the same one. */
#define KIT_NOW INT64_C(1790000000000)

struct kit {
	char folder[64];
	char path[96];	 /* of a local store */
	char socket[96]; /* of Redis */
	char url[128];	 /* the same */
	int port;
	pid_t redis;
	struct arena *arena;
};

static inline int64_t kit_ms(void)
{
	return clock_monotonic_us() / 1000;
}

static inline void kit_nap(void)
{
	(void)poll(NULL, 0, 2);
}

static inline void kit_init(struct kit *kit)
{
	memset(kit, 0, sizeof(*kit));
	folder_make(kit->folder, sizeof(kit->folder));
	(void)snprintf(kit->path, sizeof(kit->path), "%s/local", kit->folder);
	(void)snprintf(
		kit->socket, sizeof(kit->socket), "%s/redis", kit->folder);
	(void)snprintf(
		kit->url, sizeof(kit->url), "unix://%s?db=3", kit->socket);
	kit->arena = arena_open(64 * KIT_MIB);
}

static inline void kit_empty(const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			(void)unlinkat(dirfd(dir), entry->d_name, 0);
	(void)closedir(dir);
}

static inline struct store_options kit_options(const struct kit *kit)
{
	return (struct store_options){.local_path = kit->path,
		.local_bytes = 4 * KIT_MIB,
		.redis_password = KIT_PASSWORD,
		.redis_timeout_ms = 10000,
		.redis_pause_ms = 50};
}

static inline struct store *kit_open(
	struct kit *kit, const struct store_options *options)
{
	struct store *store = NULL;
	struct report *report = report_open(kit->arena);

	if (store_open(kit->arena, options, report, &store))
		fail_msg("%s", report->detail ? report->detail : "no report");
	return store;
}

/* ---- Redis ------------------------------------------------------------- */

static inline int kit_free_port(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	(void)close(fd);
	return ntohs(address.sin_port);
}

/* A connection of the test's own. NULL: not there (yet). */
static inline redisContext *kit_redis(const struct kit *kit)
{
	const struct timeval limit = {.tv_sec = 5};
	redisContext *context = redisConnectUnixWithTimeout(kit->socket, limit);
	redisReply *reply;
	bool good;

	if (!context || context->err) {
		if (context)
			redisFree(context);
		return NULL;
	}
	(void)redisSetTimeout(context, limit);
	reply = redisCommand(context, "AUTH %s", KIT_PASSWORD);
	good = reply && reply->type != REDIS_REPLY_ERROR;
	if (reply)
		freeReplyObject(reply);
	if (good)
		return context;
	redisFree(context);
	return NULL;
}

/* One command of our own; its answer is not looked at. */
static inline void kit_redis_do(const struct kit *kit, const char *command)
{
	redisContext *context = kit_redis(kit);
	redisReply *reply;

	assert_non_null(context);
	reply = redisCommand(context, command);
	assert_non_null(reply);
	assert_int_not_equal(reply->type, REDIS_REPLY_ERROR);
	freeReplyObject(reply);
	redisFree(context);
}

static inline void kit_redis_run(struct kit *kit)
{
	char port[16];

	if (!kit->port)
		kit->port = kit_free_port();
	(void)snprintf(port, sizeof(port), "%d", kit->port);
	kit->redis = fork();
	assert_true(kit->redis >= 0);
	if (kit->redis == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!freopen("/dev/null", "w", stdout))
			_exit(126);
		(void)execlp("redis-server", "redis-server", "--port", port,
			"--bind", "127.0.0.1", "--unixsocket", kit->socket,
			"--requirepass", KIT_PASSWORD, "--dir", kit->folder,
			"--save", "", "--appendonly", "no", (char *)NULL);
		_exit(127);
	}
}

static inline void kit_redis_start(struct kit *kit)
{
	int64_t end = kit_ms() + KIT_PATIENCE_MS;
	redisContext *context;

	kit_redis_run(kit);
	while (!(context = kit_redis(kit))) {
		assert_true(kit_ms() < end);
		kit_nap();
	}
	redisFree(context);
}

static inline void kit_redis_stop(struct kit *kit)
{
	int status;

	if (kit->redis <= 0)
		return;
	(void)kill(kit->redis, SIGCONT);
	(void)kill(kit->redis, SIGKILL);
	(void)waitpid(kit->redis, &status, 0);
	kit->redis = 0;
}

static inline void kit_release(struct kit *kit)
{
	kit_redis_stop(kit);
	if (kit->arena)
		arena_close(&kit->arena);
	kit_empty(kit->folder);
	(void)rmdir(kit->folder);
}

/* ---- children ----------------------------------------------------------- */

/* Runs work(context, n) in `count` processes that begin together; each hands
   back one number; returns their sum. */
static inline int64_t kit_together(
	int count, int64_t (*work)(void *context, int n), void *context)
{
	int start[2], results[2];
	int64_t sum = 0;

	assert_int_equal(pipe(start), 0);
	assert_int_equal(pipe(results), 0);
	for (int n = 0; n < count; n++) {
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0) {
			char byte;
			int64_t result;

			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
			(void)close(start[1]);
			(void)!read(start[0], &byte, 1); /* until closed */
			result = work(context, n);
			_exit(write(results[1], &result, sizeof(result)) !=
				sizeof(result));
		}
	}
	(void)close(start[0]);
	(void)close(start[1]);
	(void)close(results[1]);
	for (int n = 0; n < count; n++) {
		int64_t result;

		assert_int_equal(read(results[0], &result, sizeof(result)),
			sizeof(result));
		sum += result;
	}
	(void)close(results[0]);
	for (int n = 0; n < count; n++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	return sum;
}

#endif
