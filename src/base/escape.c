/*
 * Escaping for JSON strings. Control characters, also U+007F to U+009F that
 * terminals obey, never come out raw.
 */
#include "escape_private.h"

#include "text.h"

static size_t put(char *out, const char *bytes, size_t len)
{
	memcpy(out, bytes, len);
	return len;
}

static char short_escape(unsigned char c)
{
	switch (c) {
	case '"':
	case '\\':
		return (char)c;
	case '\b':
		return 'b';
	case '\f':
		return 'f';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	default:
		return '\0';
	}
}

size_t escape_plain(const char *text, size_t len)
{
	size_t i = 0;

	while (i < len && text[i] >= ' ' && text[i] < 0x7f && text[i] != '"' &&
		text[i] != '\\')
		i++;
	return i;
}

size_t escape_step(
	const char *text, size_t len, char out[ESCAPE_ROOM], size_t *out_len)
{
	static const char hex[] = "0123456789abcdef";
	size_t step = text_utf8_step(text, len);
	unsigned char c = (unsigned char)*text;

	if (!step) {
		*out_len = put(out, "\xef\xbf\xbd", 3);
		return 1;
	}
	if (step == 1 && short_escape(c)) {
		out[0] = '\\';
		out[1] = short_escape(c);
		*out_len = 2;
		return 1;
	}
	if (step == 2 && c == 0xc2 && (unsigned char)text[1] < 0xa0)
		c = (unsigned char)text[1]; /* U+0080 to U+009F */
	else if (step > 1 || (c >= 0x20 && c != 0x7f)) {
		*out_len = put(out, text, step);
		return step;
	}
	*out_len = put(out, "\\u00", 4) + 2;
	out[4] = hex[c >> 4];
	out[5] = hex[c & 15];
	return step;
}
