/*
 * From CGI parameters to one request that means the same behind every web
 * server. Must never read PATH_INFO, SCRIPT_NAME or QUERY_STRING (each
 * server has its own idea of them), nor believe a forwarded address.
 */
#include "request.h"

#include <strings.h>

#include "cgi_private.h"
#include "clock.h"
#include "header_private.h"
#include "id.h"
#include "pairs_private.h"
#include "text.h"

enum {
	URI_LIMIT = 8192,
	HEADER_LIMIT = 8192,
	TARGET_SHOWN = 512, /* bytes of the path in the log */
	REQUEST_ID_MIN = 8,
	REQUEST_ID_MAX = 64
};

static const char *const method_names[] = {
	[HTTP_GET] = "GET",
	[HTTP_HEAD] = "HEAD",
	[HTTP_POST] = "POST",
	[HTTP_PUT] = "PUT",
	[HTTP_PATCH] = "PATCH",
	[HTTP_DELETE] = "DELETE",
	[HTTP_OPTIONS] = "OPTIONS",
	[HTTP_OTHER] = "OTHER",
};

/* Names under which people put credentials into addresses, lower case. */
static const char *const credential_names[] = {"access_token", "token",
	"api_key", "apikey", "refresh_token", "password", "x-api-key"};

const char *http_method_name(enum http_method method)
{
	return method_names[method];
}

static enum err refuse(struct report *report, const char *detail)
{
	report_detail(report, "%s", detail);
	return ERR_BAD_REQUEST;
}

static enum http_method method_parse(const char *text)
{
	for (int i = HTTP_GET; i < HTTP_OTHER; i++)
		if (text_equal(text, method_names[i]))
			return (enum http_method)i;
	return HTTP_OTHER;
}

/* ---- what the log and the client may always rely on -------------------- */

/* Bytes at the front that are shown as they are. */
static size_t plain_run(const char *uri)
{
	size_t len = 0;

	while (uri[len] > ' ' && uri[len] < 0x7f && uri[len] != '?')
		len++;
	return len;
}

static const char *target_format(struct arena *arena, const char *uri)
{
	static const char digits[] = "0123456789ABCDEF";
	struct buf shown;

	buf_init(&shown, arena, TARGET_SHOWN);
	for (; *uri && *uri != '?' && !shown.overflow; uri++) {
		unsigned char byte = (unsigned char)*uri;
		size_t plain = plain_run(uri);

		if (plain > 0) {
			buf_add(&shown, uri, plain);
			uri += plain - 1;
			continue;
		}
		buf_char(&shown, '%');
		buf_char(&shown, digits[byte >> 4]);
		buf_char(&shown, digits[byte & 15]);
	}
	return shown.data;
}

static bool is_request_id(const char *text)
{
	size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789._-");

	return text[len] == '\0' && len >= REQUEST_ID_MIN &&
	       len <= REQUEST_ID_MAX;
}

static void take_basics(const struct cgi *cgi, struct request *out)
{
	const char *method = cgi->values[CGI_METHOD];
	const char *uri = cgi->values[CGI_URI];
	const char *id = cgi->values[CGI_REQUEST_ID];

	out->method = method ? method_parse(method) : HTTP_OTHER;
	out->target = target_format(out->arena, uri ? uri : "");
	if (id && is_request_id(id))
		out->request_id = arena_text(out->arena, id);
	else
		out->request_id = id_new(out->arena, clock_ms());
}

/* ---- path and query ---------------------------------------------------- */

static bool is_clean_uri(const char *uri)
{
	for (; *uri; uri++)
		if ((unsigned char)*uri <= ' ' || (unsigned char)*uri >= 0x7f ||
			*uri == '\\' || *uri == '#')
			return false;
	return true;
}

static bool is_clean_segment(const char *segment)
{
	return segment[0] != '\0' && !text_equal(segment, ".") &&
	       !text_equal(segment, "..") && !strpbrk(segment, "/\\") &&
	       !text_has_control(segment, strlen(segment));
}

/* path begins with '/'. */
static enum err parse_path(const char *path, size_t len, struct report *report,
	struct request *out)
{
	const char *end = path + len;

	if (len == 1)
		return ERR_OK; /* the root has no segments */
	while (path < end) {
		const char *from = path + 1, *segment;
		const char *slash = memchr(from, '/', (size_t)(end - from));

		path = slash ? slash : end;
		if (out->segment_count == REQUEST_SEGMENT_LIMIT)
			return refuse(report, "The path has too many parts.");
		if (text_percent_decode(out->arena, from, (size_t)(path - from),
			    false, &segment) != ERR_OK ||
			!is_clean_segment(segment))
			return refuse(report,
				"The path is not written properly: no empty "
				"parts, dots, encoded slashes or control "
				"characters.");
		out->segments[out->segment_count++] = segment;
	}
	return ERR_OK;
}

static bool is_credential(const char *name)
{
	size_t count = sizeof(credential_names) / sizeof(credential_names[0]);

	for (size_t i = 0; i < count; i++)
		if (strcasecmp(name, credential_names[i]) == 0)
			return true;
	return false;
}

static enum err parse_query(
	const char *query, struct report *report, struct request *out)
{
	struct pairs pairs = {.arena = out->arena,
		.report = report,
		.from = FROM_QUERY,
		.params = out->query,
		.room = REQUEST_QUERY_LIMIT};
	enum err err = pairs_parse(&pairs, query, strlen(query));

	out->query_count = pairs.count;
	if (err != ERR_OK)
		return refuse(report, "The query string is malformed.");
	for (size_t i = 0; i < pairs.count; i++) {
		if (!is_credential(out->query[i].name))
			continue;
		report_event(report, "request.credentials_in_query");
		return refuse(report,
			"Credentials do not belong into the address: it is "
			"kept in histories and logs. Send them in a header or "
			"in the body, and change this one.");
	}
	return ERR_OK;
}

static enum err parse_uri(
	const char *uri, struct report *report, struct request *out)
{
	size_t path_len = uri ? strcspn(uri, "?") : 0;
	enum err err;

	if (!uri || uri[0] != '/' || strlen(uri) > URI_LIMIT ||
		!is_clean_uri(uri))
		return refuse(report, "The address is malformed or too long.");
	err = parse_path(uri, path_len, report, out);
	if (err == ERR_OK && uri[path_len] == '?')
		err = parse_query(uri + path_len + 1, report, out);
	return err;
}

/* ---- headers and the peer ---------------------------------------------- */

static enum err take_header(
	const char *value, struct report *report, const char **out)
{
	if (!value)
		return ERR_OK;
	if (strlen(value) > HEADER_LIMIT ||
		text_has_control(value, strlen(value)))
		return refuse(report, "A header is malformed or too long.");
	*out = value;
	return ERR_OK;
}

static enum err take_headers(
	const struct cgi *cgi, struct report *report, struct request *out)
{
	const char *agent = cgi->values[CGI_USER_AGENT];
	const char *moved = cgi->values[CGI_AUTHORIZATION_MOVED];
	const char *trace = cgi->values[CGI_TRACEPARENT];
	const char *cookies = NULL;
	const char *sent = cgi->values[CGI_AUTHORIZATION];
	const struct {
		const char *value;
		const char **out;
	} headers[] = {
		{cgi->values[CGI_TYPE], &out->content_type},
		{sent ? sent : moved, &out->authorization},
		{cgi->values[CGI_API_KEY], &out->api_key},
		{cgi->values[CGI_ORIGIN], &out->origin},
		{cgi->values[CGI_ACCEPT], &out->accept},
		{cgi->values[CGI_CSRF], &out->csrf},
		{cgi->values[CGI_FETCH_SITE], &out->fetch_site},
		{cgi->values[CGI_IF_MATCH], &out->if_match},
		{cgi->values[CGI_IDEMPOTENCY_KEY], &out->idempotency_key},
		{cgi->values[CGI_IF_NONE_MATCH], &out->if_none_match},
		{cgi->values[CGI_FORWARDED], &out->forwarded},
		{cgi->values[CGI_PREFLIGHT_METHOD], &out->preflight_method},
		{cgi->values[CGI_SIGNATURE], &out->signature},
		{cgi->values[CGI_COOKIE], &cookies},
	};

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		enum err err =
			take_header(headers[i].value, report, headers[i].out);

		if (err != ERR_OK)
			return err;
	}
	/* Only shown to people: one that cannot be shown is not taken. */
	if (agent && text_is_utf8(agent, strlen(agent)) &&
		!text_has_control(agent, strlen(agent)))
		out->user_agent = agent;
	/* The same: W3C wants a bad one ignored. */
	if (trace && header_is_traceparent(trace))
		out->traceparent = trace;
	return cookies ? header_cookies(cookies, report, out) : ERR_OK;
}

static enum err take_length(
	const char *text, struct report *report, struct request *out)
{
	int64_t length;

	if (!text)
		return ERR_OK;
	if (!text_integer(text, &length) || length < 0)
		return refuse(report, "Content-Length is not a number.");
	out->content_length = length;
	return ERR_OK;
}

/* One spelling an address, so that limits and bans cannot be slipped. */
static enum err take_address(
	const char *text, struct report *report, struct request *out)
{
	if (!text || !address_parse(text, &out->remote))
		return refuse(report, "The client's address is not known.");
	/* IPv4 has but one spelling. */
	out->address = strchr(text, ':')
			       ? address_text(out->arena, &out->remote)
			       : text;
	return ERR_OK;
}

enum err request_parse(struct arena *arena, const char *const *params,
	struct report *report, struct request *out)
{
	struct cgi cgi = {0};
	const char *https;
	enum err err;

	*out = (struct request){.arena = arena, .content_length = -1};
	err = cgi_collect(params, report, &cgi);
	take_basics(&cgi, out);
	https = cgi.values[CGI_HTTPS];
	out->https = https && strcasecmp(https, "on") == 0;
	if (err == ERR_OK)
		err = take_address(cgi.values[CGI_ADDRESS], report, out);
	if (err == ERR_OK)
		err = take_headers(&cgi, report, out);
	if (err == ERR_OK)
		err = take_length(cgi.values[CGI_LENGTH], report, out);
	if (err == ERR_OK)
		err = parse_uri(cgi.values[CGI_URI], report, out);
	return err;
}

/* ---- the body ---------------------------------------------------------- */

bool request_type_is(const struct request *request, const char *type)
{
	const char *sent = request->content_type;
	size_t len = strlen(type);

	if (!sent || strncasecmp(sent, type, len) != 0)
		return false;
	sent += len + strspn(sent + len, " ");
	return *sent == '\0' || *sent == ';';
}

enum err request_form(const struct request *request, struct report *report,
	struct param *params, size_t room, size_t *count)
{
	struct pairs pairs = {.arena = request->arena,
		.report = report,
		.from = FROM_BODY,
		.params = params,
		.room = room};
	enum err err = pairs_parse(&pairs, request->body, request->body_len);

	if (err != ERR_OK)
		return refuse(report, "The form is malformed.");
	*count = pairs.count;
	return ERR_OK;
}
