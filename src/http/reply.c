/*
 * The way back: status line, the closed set of headers, problem documents.
 * Must never let a value with control bytes become a header, nor repeat
 * what a lower layer said about a fault of ours.
 */
#include "reply.h"

#include "json_write.h"
#include "number_private.h"
#include "problem.h"
#include "text.h"

static const char *const header_names[REPLY_HEADER_COUNT] = {
	[REPLY_ALLOW] = "Allow",
	[REPLY_WWW_AUTHENTICATE] = "WWW-Authenticate",
	[REPLY_RETRY_AFTER] = "Retry-After",
	[REPLY_LOCATION] = "Location",
	[REPLY_CACHE_CONTROL] = "Cache-Control",
	[REPLY_CONTENT_TYPE] = "Content-Type",
	[REPLY_ETAG] = "ETag",
	[REPLY_VARY] = "Vary",
	[REPLY_X_CACHE] = "X-Cache",
	[REPLY_NEXT_CURSOR] = "X-Next-Cursor",
	[REPLY_RATE_LIMIT] = "X-RateLimit-Limit",
	[REPLY_RATE_REMAINING] = "X-RateLimit-Remaining",
	[REPLY_RATE_RESET] = "X-RateLimit-Reset",
	[REPLY_RATELIMIT] = "RateLimit",
	[REPLY_RATELIMIT_POLICY] = "RateLimit-Policy",
	[REPLY_ALLOW_ORIGIN] = "Access-Control-Allow-Origin",
	[REPLY_ALLOW_METHODS] = "Access-Control-Allow-Methods",
	[REPLY_ALLOW_HEADERS] = "Access-Control-Allow-Headers",
	[REPLY_EXPOSE_HEADERS] = "Access-Control-Expose-Headers",
	[REPLY_CORS_MAX_AGE] = "Access-Control-Max-Age",
};

static const struct {
	int status;
	const char *phrase;
} phrases[] = {
	{200, "OK"},
	{201, "Created"},
	{202, "Accepted"},
	{204, "No Content"},
	{304, "Not Modified"},
	{400, "Bad Request"},
	{401, "Unauthorized"},
	{403, "Forbidden"},
	{404, "Not Found"},
	{405, "Method Not Allowed"},
	{409, "Conflict"},
	{412, "Precondition Failed"},
	{413, "Content Too Large"},
	{415, "Unsupported Media Type"},
	{429, "Too Many Requests"},
	{500, "Internal Server Error"},
	{503, "Service Unavailable"},
};

/* When the one who refused did not say how long, in seconds. */
enum {
	RETRY_LIMITED_S = 60,
	RETRY_UNAVAILABLE_S = 5,
	RETRY_NOT_CONFIGURED_S = 3600
};

void reply_init(struct reply *reply, struct arena *arena)
{
	*reply = (struct reply){.arena = arena};
	buf_init(&reply->body, arena, REPLY_BODY_LIMIT);
}

void reply_borrow(struct reply *reply, const char *bytes, size_t len)
{
	/* A struct buf may be written to; full, this one never is. */
	reply->body = (struct buf){.arena = reply->arena,
		.data = (char *)(uintptr_t)bytes,
		.len = len,
		.room = len,
		.max = len};
}

static const char *challenge_of(enum err err)
{
	switch (err) {
	case ERR_NO_CREDENTIALS:
	case ERR_BAD_CREDENTIALS:
		return "Bearer";
	case ERR_TOKEN_INVALID:
	case ERR_TOKEN_REVOKED:
		return "Bearer error=\"invalid_token\"";
	case ERR_INSUFFICIENT_SCOPE:
		return "Bearer error=\"insufficient_scope\"";
	case ERR_OK:
	case ERR_BAD_INPUT:
	case ERR_BAD_REQUEST:
	case ERR_REAUTH_REQUIRED:
	case ERR_HOOK_REFUSED:
	case ERR_NOT_FOUND:
	case ERR_CSRF:
	case ERR_METHOD:
	case ERR_CONFLICT:
	case ERR_PRECONDITION:
	case ERR_KEY_REUSED:
	case ERR_TOO_LARGE:
	case ERR_UNSUPPORTED_TYPE:
	case ERR_RATE_LIMITED:
	case ERR_PLAIN_HTTP:
	case ERR_NOT_CONFIGURED:
	case ERR_UNAVAILABLE:
	case ERR_INTERNAL:
	case ERR_COUNT:
		return NULL;
	}
	return NULL;
}

static const char *retry_after(
	struct arena *arena, enum err err, const struct report *report)
{
	int64_t seconds = report->retry_after_s;

	if (err == ERR_NOT_CONFIGURED)
		seconds = RETRY_NOT_CONFIGURED_S;
	else if (err != ERR_RATE_LIMITED && err != ERR_UNAVAILABLE)
		return NULL;
	if (seconds <= 0 && err == ERR_RATE_LIMITED)
		seconds = RETRY_LIMITED_S;
	if (seconds <= 0)
		seconds = RETRY_UNAVAILABLE_S;
	return arena_format(arena, "%lld", (long long)seconds);
}

/* Faults of ours keep their reasons to themselves. */
static bool is_ours(enum err err)
{
	return err == ERR_INTERNAL || err == ERR_UNAVAILABLE;
}

static void put_faults(struct json_writer *writer, const struct report *report)
{
	json_key(writer, "errors");
	json_array(writer);
	for (size_t i = 0; i < report->fault_count; i++) {
		json_object(writer);
		json_member_text(writer, "pointer", report->faults[i].pointer);
		json_member_text(writer, "message", report->faults[i].message);
		json_object_end(writer);
	}
	json_array_end(writer);
}

static void put_problem(struct reply *reply, enum err err,
	const struct report *report, const char *request_id)
{
	const struct problem *problem = problem_of(err);
	const char *detail = is_ours(err) ? NULL : report->detail;
	struct json_writer writer;
	struct buf type;

	buf_init(&type, reply->arena, 128);
	buf_text(&type, "/api/docs/problems/");
	buf_text(&type, err_slug(err));
	json_write_init(&writer, &reply->body);
	json_object(&writer);
	json_member_text(&writer, "type", type.data);
	json_member_text(&writer, "title", problem->title);
	json_key(&writer, "status");
	json_put_int(&writer, problem->status);
	json_member_text(&writer, "detail", detail ? detail : problem->detail);
	json_member_text(&writer, "code", err_slug(err));
	json_member_text(&writer, "request_id", request_id);
	if (report->fault_count > 0 && !is_ours(err))
		put_faults(&writer, report);
	json_object_end(&writer);
}

void reply_problem(struct reply *reply, enum err err,
	const struct report *report, const char *request_id)
{
	reply_init(reply, reply->arena);
	reply->status = problem_of(err)->status;
	reply->headers[REPLY_CONTENT_TYPE] = "application/problem+json";
	reply->headers[REPLY_CACHE_CONTROL] = "no-store";
	reply->headers[REPLY_WWW_AUTHENTICATE] = challenge_of(err);
	reply->headers[REPLY_RETRY_AFTER] =
		retry_after(reply->arena, err, report);
	put_problem(reply, err, report, request_id);
}

static const char *phrase_of(int status)
{
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "Other";
}

static void put_text(struct buf *out, const char *text)
{
	buf_add(out, text, strlen(text));
}

static void put_header(struct buf *out, const char *name, const char *value)
{
	size_t len;

	if (!value)
		return;
	len = strlen(value);
	if (text_has_control(value, len))
		return;
	put_text(out, name);
	buf_add(out, ": ", 2);
	buf_add(out, value, len);
	buf_add(out, "\r\n", 2);
}

static bool is_cookie_value(const char *value)
{
	for (; *value; value++)
		if (*value <= ' ' || *value >= 0x7f || strchr("\",;\\", *value))
			return false;
	return true;
}

/* __Host-: this host alone, the whole of it, over TLS. */
static void put_cookie(struct buf *out, const struct reply_cookie *cookie)
{
	char room[NUMBER_ROOM];
	bool cleared = cookie->value[0] == '\0';

	if (!is_cookie_value(cookie->value))
		return;
	put_text(out, "Set-Cookie: ");
	put_text(out, cookie->name);
	put_text(out, "=");
	put_text(out, cookie->value);
	put_text(out, "; Path=/; Secure; SameSite=Strict; Max-Age=");
	put_text(out, number_write(cleared ? 0 : cookie->max_age_s, room));
	if (!cookie->readable)
		put_text(out, "; HttpOnly");
	put_text(out, "\r\n");
}

static void put_status(struct buf *out, int status)
{
	char room[NUMBER_ROOM];

	put_text(out, "Status: ");
	put_text(out, number_write(status, room));
	put_text(out, " ");
	put_text(out, phrase_of(status));
	put_text(out, "\r\n");
}

void reply_head(
	const struct reply *reply, const char *request_id, struct buf *out)
{
	char room[NUMBER_ROOM];

	put_status(out, reply->status);
	for (size_t i = 0; i < REPLY_HEADER_COUNT; i++)
		put_header(out, header_names[i], reply->headers[i]);
	for (size_t i = 0; i < reply->cookie_count; i++)
		put_cookie(out, &reply->cookies[i]);
	put_header(out, "X-Request-Id", request_id);
	/* Not of an empty body: the answer to HEAD would lie. */
	if (reply->body.len > 0)
		put_header(out, "Content-Length",
			number_write((int64_t)reply->body.len, room));
	buf_add(out, "\r\n", 2);
}
