/*
 * The connection. hiredis connects and parses; writing and waiting are ours,
 * because its time-outs are per read and its writes raise SIGPIPE. A question
 * is three calls of the system: is it still there, send, receive. Must never use a connection again that has failed or timed out: the next
 * thing on it would be the answer to another question.
 */
#include "redis_link.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "clock.h"
#include "number.h"
#include "text.h"

enum {
	RUN_ID_ROOM = 64,
	/* what the parser may keep of its buffer between answers */
	READER_KEEPS = 256 * 1024
};

/* ---- sending and waiting ------------------------------------------------------ */

void redis_release(void *reply)
{
	freeReplyObject(reply);
}

void redis_drop(struct redis_link *link)
{
	if (link->context)
		redisFree(link->context);
	link->context = NULL;
}

static int64_t left_ms(const struct redis_link *link)
{
	int64_t left = link->deadline_us - clock_monotonic_us();

	return left > 0 ? (left + 999) / 1000 : 0;
}

/* Waits until the socket is ready for it, or the deadline. */
static bool is_ready(struct redis_link *link, short events)
{
	struct pollfd poller = {.fd = link->context->fd, .events = events};
	int64_t left;

	link->whole = false;
	while ((left = left_ms(link)) > 0) {
		int ready = poll(&poller, 1, (int)left);

		if (ready > 0)
			return true;
		if (ready < 0 && errno != EINTR)
			return false;
	}
	return false;
}

static bool is_later(ssize_t count)
{
	return count < 0 && (errno == EAGAIN || errno == EINTR);
}

static bool send_all(struct redis_link *link, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t count = send(link->context->fd, bytes, len,
			MSG_NOSIGNAL | MSG_DONTWAIT);

		if (is_later(count)) {
			if (!is_ready(link, POLLOUT))
				return false;
			continue;
		}
		if (count < 0)
			return false;
		bytes += count;
		len -= (size_t)count;
	}
	return true;
}

/* The first wait is the socket's own, which is as long as the time-out. */
static ssize_t receive_some(struct redis_link *link)
{
	int flags = link->whole ? 0 : MSG_DONTWAIT;

	link->whole = false;
	return recv(link->context->fd, link->wire, sizeof(link->wire), flags);
}

/* One whole answer. NULL: none came in time, or nonsense. */
static redisReply *receive(struct redis_link *link)
{
	redisReader *reader = link->context->reader;
	void *reply = NULL;

	for (;;) {
		ssize_t count;

		if (redisReaderGetReply(reader, &reply) != REDIS_OK)
			return NULL;
		if (reply)
			return reply;
		count = receive_some(link);
		if (is_later(count)) {
			if (!is_ready(link, POLLIN))
				return NULL;
			continue;
		}
		if (count <= 0 || redisReaderFeed(reader, link->wire,
					  (size_t)count) != REDIS_OK)
			return NULL;
	}
}

/* What is written goes together as long as there is room. */
static bool wire_add(
	struct redis_link *link, size_t *filled, const char *bytes, size_t len)
{
	if (len > sizeof(link->wire) - *filled) {
		if (!send_all(link, link->wire, *filled))
			return false;
		*filled = 0;
		if (len > sizeof(link->wire))
			return send_all(link, bytes, len);
	}
	memcpy(link->wire + *filled, bytes, len);
	*filled += len;
	return true;
}

/* "*3\r\n" */
static bool wire_count(
	struct redis_link *link, size_t *filled, char sign, size_t count)
{
	char text[NUMBER_ROOM + 3] = {sign};
	size_t len = 1 + number_format((int64_t)count, text + 1);

	text[len++] = '\r';
	text[len++] = '\n';
	return wire_add(link, filled, text, len);
}

static bool wire_command(struct redis_link *link, size_t *filled,
	const struct redis_command *command)
{
	bool good = wire_count(link, filled, '*', command->to - command->from);

	for (size_t i = command->from; i < command->to && good; i++)
		good = wire_count(link, filled, '$', link->lens[i]) &&
		       wire_add(link, filled, link->parts[i], link->lens[i]) &&
		       wire_add(link, filled, "\r\n", 2);
	return good;
}

/* The commands that stand in the link, from one on. */
static bool send_commands(struct redis_link *link, size_t from, size_t to)
{
	size_t filled = 0;
	bool good = !link->overflow;

	for (size_t i = from; i < to && good; i++)
		good = wire_command(link, &filled, &link->commands[i]);
	return good && send_all(link, link->wire, filled);
}

static bool send_request(struct redis_link *link)
{
	return send_commands(link, 0, link->command_count);
}

static bool is_error(const redisReply *reply)
{
	return reply->type == REDIS_REPLY_ERROR;
}

/* After the last answer nothing may be left, or the next one would be read
   from it. */
static bool is_drained(const struct redis_link *link)
{
	const redisReader *reader = link->context->reader;

	return reader->pos == reader->len;
}

/* ---- connecting ----------------------------------------------------------------- */

static bool link_set(const struct redis_link *link)
{
	const struct timeval limit = {.tv_sec = link->timeout_ms / 1000,
		.tv_usec = link->timeout_ms % 1000 * 1000};

	link->context->reader->maxbuf = READER_KEEPS;
	return setsockopt(link->context->fd, SOL_SOCKET, SO_RCVTIMEO, &limit,
		       sizeof(limit)) == 0;
}

static bool link_connect(struct redis_link *link)
{
	int64_t left = left_ms(link);
	const struct timeval limit = {
		.tv_sec = left / 1000, .tv_usec = left % 1000 * 1000};
	const struct redis_place *place = &link->place;

	if (left <= 0)
		return false;
	link->whole = false;
	link->context =
		place->host ? redisConnectWithTimeout(
				      place->host, place->port, limit)
			    : redisConnectUnixWithTimeout(place->path, limit);
	if (link->context && !link->context->err && link_set(link))
		return true;
	redis_drop(link);
	return false;
}

/* One answer that is no error, whatever it says. */
static bool expect(struct redis_link *link)
{
	redisReply *reply = receive(link);
	bool good = reply && !is_error(reply);

	if (reply)
		freeReplyObject(reply);
	return good;
}

static bool expect_sha(struct redis_link *link, size_t script)
{
	redisReply *reply = receive(link);
	bool good = reply && reply->type == REDIS_REPLY_STRING &&
		    reply->len < REDIS_SHA_ROOM;

	if (good)
		memcpy(link->shas[script], reply->str, reply->len + 1);
	if (reply)
		freeReplyObject(reply);
	return good;
}

/* Who we are, which database, our scripts: all in one go. */
static bool link_greet(struct redis_link *link)
{
	const struct redis_place *place = &link->place;
	bool secret = place->password && place->password[0] != '\0';
	bool good = true;

	if (secret) {
		redis_start(link, "AUTH");
		redis_text(link, place->password);
		good = send_request(link);
	}
	redis_start(link, "SELECT");
	redis_number(link, place->database);
	good = good && send_request(link);
	for (size_t i = 0; i < SCRIPT_COUNT && good; i++) {
		redis_start(link, "SCRIPT");
		redis_text(link, "LOAD");
		redis_text(link, redis_scripts[i]);
		good = send_request(link);
	}
	good = good && (!secret || expect(link)) && expect(link);
	for (size_t i = 0; i < SCRIPT_COUNT && good; i++)
		good = expect_sha(link, i);
	return good;
}

/* Which run of Redis this is: one that started again has read an old state
   back. "" when it does not say. */
static bool link_run_id(struct redis_link *link, char run[RUN_ID_ROOM])
{
	static const char name[] = "run_id:";
	redisReply *reply;
	const char *at;

	run[0] = '\0';
	redis_start(link, "INFO");
	redis_text(link, "server");
	reply = send_request(link) ? receive(link) : NULL;
	if (!reply)
		return false;
	at = redis_reply_is_text(reply) ? strstr(reply->str, name) : NULL;
	if (at) {
		size_t len;

		at += sizeof(name) - 1;
		len = strspn(at, "0123456789abcdef");
		if (len < RUN_ID_ROOM) {
			memcpy(run, at, len);
			run[len] = '\0';
		}
	}
	freeReplyObject(reply);
	return true;
}

/* The script by its short name. */
static void put_sha(struct redis_link *link, size_t command)
{
	size_t at = link->commands[command].from + 1;

	link->parts[at] = link->shas[link->commands[command].script];
	link->lens[at] = strlen(link->parts[at]);
}

static bool link_introduce(struct redis_link *link, bool force)
{
	char run[RUN_ID_ROOM];
	redisReply *reply;
	bool good;

	if (!link_run_id(link, run))
		return false;
	redis_start_script(link, SCRIPT_MEET, 4);
	put_sha(link, 0);
	redis_key(link, 's', "sequence");
	redis_key(link, 's', "epoch");
	redis_key(link, 's', "run");
	redis_key(link, 's', "era");
	redis_text(link, run);
	redis_number(link, force);
	reply = send_request(link) ? receive(link) : NULL;
	good = reply && !is_error(reply);
	if (reply)
		freeReplyObject(reply);
	return good;
}

static bool link_open(struct redis_link *link, bool force)
{
	if (!link_connect(link))
		return false;
	if (link_greet(link) && link_introduce(link, force) && is_drained(link))
		return true;
	redis_drop(link);
	return false;
}

/* A connection that was closed meanwhile, or on which something came that
   nobody asked for, is not used. */
static bool is_fresh(const struct redis_link *link)
{
	char byte;
	ssize_t count = recv(link->context->fd, &byte, sizeof(byte),
		MSG_PEEK | MSG_DONTWAIT);

	return is_later(count) && is_drained(link);
}

static void start_clock(struct redis_link *link)
{
	link->deadline_us = clock_monotonic_us() + link->timeout_ms * 1000;
	link->whole = true;
}

enum err redis_meet(struct redis_link *link, bool force)
{
	redis_drop(link);
	start_clock(link);
	return link_open(link, force) ? ERR_OK : ERR_UNAVAILABLE;
}

/* ---- one question, one answer ------------------------------------------------------ */

static bool is_noscript(const redisReply *reply)
{
	return is_error(reply) && text_starts(reply->str, "NOSCRIPT");
}

/* A script that Redis has forgotten is sent whole. */
static redisReply *ask_whole(struct redis_link *link, size_t command)
{
	const struct redis_command *asked = &link->commands[command];
	const char *script = redis_scripts[asked->script];

	link->parts[asked->from] = "EVAL";
	link->lens[asked->from] = strlen("EVAL");
	link->parts[asked->from + 1] = script;
	link->lens[asked->from + 1] = strlen(script);
	return send_commands(link, command, command + 1) ? receive(link) : NULL;
}

static void free_replies(redisReply *replies[REDIS_COMMANDS], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (replies[i])
			freeReplyObject(replies[i]);
		replies[i] = NULL;
	}
}

/* Sends what stands in the link, and has an answer to each or none. */
static bool ask(struct redis_link *link, redisReply *replies[REDIS_COMMANDS])
{
	const size_t count = link->command_count;
	bool good;

	for (size_t i = 0; i < count; i++)
		if (link->commands[i].script >= 0)
			put_sha(link, i);
	good = send_request(link);
	for (size_t i = 0; i < count && good; i++)
		good = (replies[i] = receive(link)) != NULL;
	for (size_t i = 0; i < count && good; i++) {
		if (link->commands[i].script >= 0 && is_noscript(replies[i])) {
			freeReplyObject(replies[i]);
			replies[i] = ask_whole(link, i);
		}
		good = replies[i] && !is_error(replies[i]);
	}
	return good && is_drained(link);
}

/* The words of the request stay where they are while another is made. */
static bool reopen(struct redis_link *link)
{
	struct redis_link *fresh = malloc(sizeof(*fresh));
	bool good = false;

	redis_drop(link);
	if (!fresh)
		return false;
	fresh->place = link->place;
	fresh->context = NULL;
	fresh->timeout_ms = link->timeout_ms;
	fresh->deadline_us = link->deadline_us;
	link->whole = false;
	good = link_open(fresh, false);
	if (good) {
		link->context = fresh->context;
		memcpy(link->shas, fresh->shas, sizeof(link->shas));
	}
	free(fresh);
	return good;
}

enum err redis_send_all(
	struct redis_link *link, redisReply *out[REDIS_COMMANDS])
{
	redisReply *replies[REDIS_COMMANDS] = {NULL};

	if (!link->follows)
		start_clock(link);
	if ((!link->context || !is_fresh(link)) && !reopen(link))
		return ERR_UNAVAILABLE;
	if (!ask(link, replies)) {
		free_replies(replies, REDIS_COMMANDS);
		redis_drop(link);
		return ERR_UNAVAILABLE;
	}
	for (size_t i = 0; i < REDIS_COMMANDS; i++)
		out[i] = replies[i];
	return ERR_OK;
}

enum err redis_send(struct redis_link *link, redisReply **out)
{
	redisReply *replies[REDIS_COMMANDS];
	enum err err = redis_send_all(link, replies);

	if (!err)
		*out = replies[0];
	return err;
}
