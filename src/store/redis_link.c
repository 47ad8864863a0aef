/*
 * The connection. hiredis formats, parses and connects; sending and waiting
 * are ours, because its time-outs are per read and its writes raise SIGPIPE.
 * Must never use a connection again that has failed or timed out: the next
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
	READ_ROOM = 16 * 1024,
	RUN_ID_ROOM = 64
};

/* ---- a request ------------------------------------------------------------- */

void redis_bytes(struct redis_link *link, const void *bytes, size_t len)
{
	if (link->count == REDIS_PARTS) {
		link->overflow = true;
		return;
	}
	link->parts[link->count] = len > 0 ? bytes : "";
	link->lens[link->count++] = len;
}

void redis_text(struct redis_link *link, const char *text)
{
	redis_bytes(link, text, strlen(text));
}

/* Room for len bytes of a part that is made here. */
static char *scratch(struct redis_link *link, size_t len)
{
	char *room = link->scratch + link->used;

	if (len > sizeof(link->scratch) - link->used) {
		link->overflow = true;
		return NULL;
	}
	link->used += len;
	return room;
}

void redis_joined(
	struct redis_link *link, const void *a, size_t a_len, const char *b)
{
	size_t b_len = strnlen(b, REDIS_SCRATCH);
	char *room = scratch(link, a_len + b_len);

	if (!room)
		return;
	memcpy(room, a, a_len);
	memcpy(room + a_len, b, b_len);
	redis_bytes(link, room, a_len + b_len);
}

void redis_key(struct redis_link *link, char kind, const char *name)
{
	char prefix[] = "kontor:x:";

	prefix[7] = kind;
	redis_joined(link, prefix, sizeof(prefix) - 1, name);
}

void redis_number(struct redis_link *link, int64_t number)
{
	char text[NUMBER_ROOM];
	size_t len = number_format(number, text);

	redis_joined(link, text, len, "");
}

void redis_start(struct redis_link *link, const char *command)
{
	link->count = 0;
	link->used = 0;
	link->overflow = false;
	redis_text(link, command);
}

void redis_start_script(
	struct redis_link *link, enum redis_script script, int keys)
{
	redis_start(link, "EVALSHA");
	/* Which script it is: the word is put in once it is known. */
	redis_bytes(link, redis_scripts[script], 0);
	link->parts[1] = redis_scripts[script];
	redis_number(link, keys);
}

/* ---- sending and waiting ------------------------------------------------------ */

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
static bool is_ready(const struct redis_link *link, short events)
{
	struct pollfd poller = {.fd = link->context->fd, .events = events};
	int64_t left;

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

/* One whole answer. NULL: none came in time, or nonsense. */
static redisReply *receive(struct redis_link *link)
{
	char bytes[READ_ROOM];
	void *reply = NULL;

	for (;;) {
		ssize_t count;

		if (redisReaderGetReply(link->context->reader, &reply) !=
			REDIS_OK)
			return NULL;
		if (reply)
			return reply;
		count = recv(
			link->context->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (is_later(count)) {
			if (!is_ready(link, POLLIN))
				return NULL;
			continue;
		}
		if (count <= 0 || redisReaderFeed(link->context->reader, bytes,
					  (size_t)count) != REDIS_OK)
			return NULL;
	}
}

/* The words that stand in the link. */
static bool send_request(struct redis_link *link)
{
	char *command = NULL;
	int len;
	bool sent;

	if (link->overflow)
		return false;
	len = redisFormatCommandArgv(
		&command, link->count, link->parts, link->lens);
	if (len < 0)
		return false;
	sent = send_all(link, command, (size_t)len);
	redisFreeCommand(command);
	return sent;
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

static bool link_connect(struct redis_link *link)
{
	int64_t left = left_ms(link);
	const struct timeval limit = {
		.tv_sec = left / 1000, .tv_usec = left % 1000 * 1000};
	const struct redis_place *place = &link->place;

	if (left <= 0)
		return false;
	link->context =
		place->host ? redisConnectWithTimeout(
				      place->host, place->port, limit)
			    : redisConnectUnixWithTimeout(place->path, limit);
	if (link->context && !link->context->err)
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

static bool link_introduce(struct redis_link *link, bool force)
{
	char run[RUN_ID_ROOM];
	redisReply *reply;
	bool good;

	if (!link_run_id(link, run))
		return false;
	redis_start_script(link, SCRIPT_MEET, 4);
	link->parts[1] = link->shas[SCRIPT_MEET];
	link->lens[1] = strlen(link->shas[SCRIPT_MEET]);
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

static bool is_script(const struct redis_link *link, size_t *out)
{
	for (size_t i = 0; i < SCRIPT_COUNT; i++)
		if (link->count > 1 && link->parts[1] == redis_scripts[i]) {
			*out = i;
			return true;
		}
	return false;
}

/* Sends what stands in the link; a script by its name first, and whole when
   Redis has forgotten it. */
static redisReply *ask(struct redis_link *link)
{
	redisReply *reply;
	size_t script = 0;
	bool scripted = is_script(link, &script);

	if (scripted) {
		link->parts[1] = link->shas[script];
		link->lens[1] = strlen(link->shas[script]);
	}
	reply = send_request(link) ? receive(link) : NULL;
	if (!reply || !scripted || !is_noscript(reply))
		return reply;
	freeReplyObject(reply);
	link->parts[0] = "EVAL";
	link->lens[0] = strlen("EVAL");
	link->parts[1] = redis_scripts[script];
	link->lens[1] = strlen(redis_scripts[script]);
	return send_request(link) ? receive(link) : NULL;
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
	fresh->deadline_us = link->deadline_us;
	good = link_open(fresh, false);
	if (good) {
		link->context = fresh->context;
		memcpy(link->shas, fresh->shas, sizeof(link->shas));
	}
	free(fresh);
	return good;
}

enum err redis_send(struct redis_link *link, redisReply **out)
{
	redisReply *reply;

	start_clock(link);
	if ((!link->context || !is_fresh(link)) && !reopen(link))
		return ERR_UNAVAILABLE;
	reply = ask(link);
	if (reply && !is_error(reply) && is_drained(link)) {
		*out = reply;
		return ERR_OK;
	}
	if (reply)
		freeReplyObject(reply);
	redis_drop(link);
	return ERR_UNAVAILABLE;
}

/* ---- reading an answer --------------------------------------------------------------- */

bool redis_reply_is_text(const redisReply *reply)
{
	return reply && (reply->type == REDIS_REPLY_STRING ||
				reply->type == REDIS_REPLY_STATUS);
}

bool redis_reply_number(const redisReply *reply, int64_t *out)
{
	if (!reply)
		return false;
	if (reply->type == REDIS_REPLY_INTEGER) {
		*out = reply->integer;
		return true;
	}
	return redis_reply_is_text(reply) &&
	       number_parse(reply->str, reply->len, out);
}

bool redis_reply_is_list(const redisReply *reply, size_t least)
{
	return reply && reply->type == REDIS_REPLY_ARRAY &&
	       reply->elements >= least;
}
