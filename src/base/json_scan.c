/*
 * The strict reader in front of json-c: RFC 8259 and nothing more. It must
 * refuse whatever json-c would quietly mend: single quotes, NaN, raw control
 * bytes, "\u0000", lone surrogates, clamped integers, bytes behind the end.
 * It allocates nothing and needs no NUL behind the text.
 */
#include "json_scan_private.h"

#include <errno.h>

#include "json.h"
#include "text.h"

enum {
	NUMBER_LENGTH_LIMIT = 128
};

const char json_scan_too_many[] = "too many values";

static bool scan_value(struct json_scan *scan);

static bool refuse(struct json_scan *scan, const char *fault)
{
	if (!scan->fault)
		scan->fault = fault;
	return false;
}

/* The byte looked at, -1 at the end. */
static int peek(const struct json_scan *scan)
{
	if (scan->at >= scan->len)
		return -1;
	return (unsigned char)scan->text[scan->at];
}

static void skip_space(struct json_scan *scan)
{
	for (;; scan->at++) {
		int c = peek(scan);

		if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
			return;
	}
}

static struct json_mark *mark(struct json_scan *scan)
{
	size_t index = scan->mark_count++;

	if (!scan->marks)
		return NULL;
	scan->marks[index].at = scan->at;
	return &scan->marks[index];
}

static int hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The four digits behind "\u"; leaves `at` behind them. */
static bool scan_unit(struct json_scan *scan, unsigned *unit)
{
	*unit = 0;
	for (int i = 0; i < 4; i++, scan->at++) {
		int digit = hex_digit(peek(scan));

		if (digit < 0)
			return refuse(scan, "bad \\u escape");
		*unit = *unit * 16 + (unsigned)digit;
	}
	return true;
}

static bool scan_unicode(struct json_scan *scan)
{
	unsigned unit;

	if (!scan_unit(scan, &unit))
		return false;
	if (unit == 0)
		return refuse(scan, "\\u0000 is not allowed");
	if (unit < 0xd800 || unit > 0xdfff)
		return true;
	if (unit > 0xdbff || scan->len - scan->at < 2 ||
		scan->text[scan->at] != '\\' || scan->text[scan->at + 1] != 'u')
		return refuse(scan, "lone surrogate");
	scan->at += 2;
	if (!scan_unit(scan, &unit))
		return false;
	if (unit < 0xdc00 || unit > 0xdfff)
		return refuse(scan, "lone surrogate");
	return true;
}

/* `at` is on the byte behind the backslash. */
static bool scan_escape(struct json_scan *scan)
{
	int c = peek(scan);

	if (c < 1 || !strchr("\"\\/bfnrtu", c))
		return refuse(scan, "bad escape");
	scan->at++;
	return c == 'u' ? scan_unicode(scan) : true;
}

/* `at` is on the opening quote. */
static bool scan_text(struct json_scan *scan)
{
	scan->at++;
	for (;;) {
		int c = peek(scan);
		size_t step;

		if (c < 0)
			return refuse(scan, "text without its closing quote");
		if (c < 0x20)
			return refuse(scan, "control character in a text");
		if (c == '"') {
			scan->at++;
			return true;
		}
		if (c == '\\') {
			scan->at++;
			if (!scan_escape(scan))
				return false;
			continue;
		}
		step = text_utf8_step(
			scan->text + scan->at, scan->len - scan->at);
		if (!step)
			return refuse(scan, "invalid UTF-8");
		scan->at += step;
	}
}

/* At least one digit. */
static bool scan_digits(struct json_scan *scan)
{
	size_t start = scan->at;

	while (peek(scan) >= '0' && peek(scan) <= '9')
		scan->at++;
	return scan->at > start ? true : refuse(scan, "malformed number");
}

/* json-c keeps integers in 64 bits and clamps the others. */
static bool integer_fits(const char *literal, size_t len)
{
	char text[NUMBER_LENGTH_LIMIT + 1];

	memcpy(text, literal, len);
	text[len] = '\0';
	errno = 0;
	if (text[0] == '-')
		(void)strtoll(text, NULL, 10);
	else
		(void)strtoull(text, NULL, 10);
	return errno == 0;
}

static bool scan_number(struct json_scan *scan)
{
	struct json_mark *number = mark(scan);
	size_t start = scan->at;
	bool integer = true;

	if (peek(scan) == '-')
		scan->at++;
	if (peek(scan) == '0')
		scan->at++; /* a digit behind it is refused by the caller */
	else if (!scan_digits(scan))
		return false;
	if (peek(scan) == '.') {
		integer = false;
		scan->at++;
		if (!scan_digits(scan))
			return false;
	}
	if (peek(scan) == 'e' || peek(scan) == 'E') {
		integer = false;
		scan->at++;
		if (peek(scan) == '+' || peek(scan) == '-')
			scan->at++;
		if (!scan_digits(scan))
			return false;
	}
	if (scan->at - start > NUMBER_LENGTH_LIMIT)
		return refuse(scan, "number too long");
	if (integer && !integer_fits(scan->text + start, scan->at - start))
		return refuse(scan, "integer beyond 64 bits");
	if (number)
		number->size = scan->at - start;
	return true;
}

static bool scan_word(struct json_scan *scan, const char *word)
{
	size_t len = strlen(word);

	if (scan->len - scan->at < len ||
		memcmp(scan->text + scan->at, word, len) != 0)
		return refuse(scan, "not a JSON value");
	scan->at += len;
	return true;
}

/* Steps over a comma (*more) or the closing bracket. */
static bool scan_comma(struct json_scan *scan, char closing, bool *more)
{
	skip_space(scan);
	*more = peek(scan) == ',';
	if (!*more && peek(scan) != closing)
		return refuse(scan, closing == '}' ? "expected a comma or }"
						   : "expected a comma or ]");
	scan->at++;
	skip_space(scan);
	return true;
}

static bool scan_member(struct json_scan *scan)
{
	if (peek(scan) != '"')
		return refuse(scan, "expected a member name in double quotes");
	scan->member_count++;
	if (!scan_text(scan))
		return false;
	skip_space(scan);
	if (peek(scan) != ':')
		return refuse(scan, "expected a colon");
	scan->at++;
	return scan_value(scan);
}

static bool scan_object(struct json_scan *scan)
{
	struct json_mark *object = mark(scan);
	size_t members = 0;
	bool more = true;

	scan->object_count++;
	scan->at++;
	skip_space(scan);
	if (peek(scan) == '}') {
		scan->at++;
		more = false;
	}
	while (more) {
		if (!scan_member(scan) || !scan_comma(scan, '}', &more))
			return false;
		members++;
	}
	if (object)
		object->size = members;
	return true;
}

static bool scan_array(struct json_scan *scan)
{
	bool more = true;

	scan->array_count++;
	scan->at++;
	skip_space(scan);
	if (peek(scan) == ']') {
		scan->at++;
		more = false;
	}
	while (more)
		if (!scan_value(scan) || !scan_comma(scan, ']', &more))
			return false;
	return true;
}

static bool scan_nested(struct json_scan *scan, bool object)
{
	bool good;

	if (scan->depth >= JSON_DEPTH_LIMIT)
		return refuse(scan, "nested too deep");
	scan->depth++;
	good = object ? scan_object(scan) : scan_array(scan);
	scan->depth--;
	return good;
}

static bool scan_value(struct json_scan *scan)
{
	int c;

	skip_space(scan);
	c = peek(scan);
	if (scan->value_count >= scan->value_limit)
		return refuse(scan, json_scan_too_many);
	scan->value_count++;
	if (c == '{' || c == '[')
		return scan_nested(scan, c == '{');
	if (c == '"')
		return scan_text(scan);
	if (c == '-' || (c >= '0' && c <= '9'))
		return scan_number(scan);
	if (c == 't')
		return scan_word(scan, "true");
	if (c == 'f')
		return scan_word(scan, "false");
	if (c == 'n')
		return scan_word(scan, "null");
	return refuse(scan, c < 0 ? "ends too early" : "not a JSON value");
}

bool json_scan(struct json_scan *scan)
{
	scan->at = 0;
	scan->mark_count = 0;
	scan->value_count = 0;
	scan->object_count = 0;
	scan->array_count = 0;
	scan->member_count = 0;
	scan->depth = 0;
	if (!scan_value(scan))
		return false;
	skip_space(scan);
	if (scan->at < scan->len)
		return refuse(scan, "bytes behind the end");
	return true;
}
