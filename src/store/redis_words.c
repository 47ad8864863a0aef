/*
 * The words of a request to Redis, and reading those of an answer. No I/O:
 * redis_link.c sends and receives. A request that does not fit is marked, and
 * never sent.
 */
#include "redis_link.h"

#include "number.h"

/* ---- a request ------------------------------------------------------------- */

void redis_bytes(struct redis_link *link, const void *bytes, size_t len)
{
	struct redis_command *command =
		&link->commands[link->command_count - 1];

	if (command->to == REDIS_PARTS) {
		link->overflow = true;
		return;
	}
	link->parts[command->to] = len > 0 ? bytes : "";
	link->lens[command->to++] = len;
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

void redis_words(struct redis_link *link, const int64_t *words, size_t count)
{
	char *room = scratch(link, count * NUMBER_WORD);

	if (!room)
		return;
	number_pack(words, count, room);
	redis_bytes(link, room, count * NUMBER_WORD);
}

void redis_next(struct redis_link *link, const char *command)
{
	size_t count = link->command_count;
	size_t from = count > 0 ? link->commands[count - 1].to : 0;

	if (count == REDIS_COMMANDS) {
		link->overflow = true;
		return;
	}
	link->commands[link->command_count++] =
		(struct redis_command){.script = -1, .from = from, .to = from};
	redis_text(link, command);
}

void redis_start(struct redis_link *link, const char *command)
{
	link->command_count = 0;
	link->used = 0;
	link->overflow = false;
	link->follows = false;
	redis_next(link, command);
}

void redis_start_script(
	struct redis_link *link, enum redis_script script, size_t keys)
{
	redis_start(link, "EVALSHA");
	link->commands[0].script = (int)script;
	/* Its name is put in when it is sent: it is learnt by connecting. */
	redis_bytes(link, "", 0);
	redis_number(link, (int64_t)keys);
}

void redis_follow(struct redis_link *link)
{
	link->follows = true;
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

bool redis_reply_words(const redisReply *reply, size_t count, int64_t *out)
{
	if (!redis_reply_is_text(reply) || reply->len != count * NUMBER_WORD)
		return false;
	number_unpack(reply->str, count, out);
	return true;
}
