/*
 * Cookie (RFC 6265) and traceparent (W3C Trace Context), strictly. Must
 * never repair a cookie of ours: a browser does not send a broken one.
 */
#include "header_private.h"

#include "text.h"

enum {
	COOKIE_VALUE_LIMIT = 4096
};

/* ---- cookies ----------------------------------------------------------- */

static enum err refuse_cookie(struct report *report)
{
	report_detail(report, "A cookie of this site is malformed, or comes "
			      "twice.");
	return ERR_BAD_REQUEST;
}

/* cookie-octet: printable ASCII but blank, quote, comma, semicolon,
   backslash. */
static bool is_octet(char c)
{
	return c > ' ' && c < 0x7f && c != '"' && c != ',' && c != ';' &&
	       c != '\\';
}

/* Where this cookie's value goes; NULL for one that is not ours. */
static const char **place_of(
	struct request *request, const char *pair, size_t len)
{
	const struct {
		const char *name;
		const char **place;
	} ours[] = {
		{REQUEST_COOKIE_ACCESS, &request->cookie_access},
		{REQUEST_COOKIE_REFRESH, &request->cookie_refresh},
	};

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strlen(ours[i].name) == len &&
			memcmp(ours[i].name, pair, len) == 0)
			return ours[i].place;
	return NULL;
}

static enum err take_cookie(const char *pair, size_t len, struct report *report,
	struct request *out)
{
	const char *equals = memchr(pair, '=', len);
	size_t name_len = equals ? (size_t)(equals - pair) : len;
	size_t value_len = equals ? len - name_len - 1 : 0;
	const char **place = place_of(out, pair, name_len);

	if (!place)
		return ERR_OK;
	if (*place || value_len == 0 || value_len > COOKIE_VALUE_LIMIT)
		return refuse_cookie(report);
	for (size_t i = 0; i < value_len; i++)
		if (!is_octet(equals[1 + i]))
			return refuse_cookie(report);
	*place = arena_copy(out->arena, equals + 1, value_len);
	return ERR_OK;
}

enum err header_cookies(
	const char *cookies, struct report *report, struct request *out)
{
	while (*cookies != '\0') {
		size_t len = strcspn(cookies, ";");
		enum err err = take_cookie(cookies, len, report, out);

		if (err != ERR_OK)
			return err;
		cookies += len;
		cookies += strspn(cookies, "; ");
	}
	return ERR_OK;
}

/* ---- traceparent ------------------------------------------------------- */

/* Lower-case hex digits, not all of them zero. */
static bool is_id(const char *text, size_t len)
{
	return strspn(text, "0123456789abcdef") >= len &&
	       strspn(text, "0") < len;
}

static bool is_byte(const char *text)
{
	return strspn(text, "0123456789abcdef") >= 2;
}

bool header_is_traceparent(const char *text)
{
	size_t len = strlen(text);

	if (len < REQUEST_TRACEPARENT_LENGTH || !is_byte(text) ||
		text_starts(text, "ff"))
		return false;
	if (len > REQUEST_TRACEPARENT_LENGTH &&
		(text_starts(text, "00") ||
			text[REQUEST_TRACEPARENT_LENGTH] != '-'))
		return false;
	return text[2] == '-' && is_id(text + 3, 32) && text[35] == '-' &&
	       is_id(text + 36, 16) && text[52] == '-' && is_byte(text + 53);
}
