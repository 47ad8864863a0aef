/*
 * Validators and conditions. Must never take a weak ETag for an update
 * (RFC 9110, section 13.1.1), but for the mark that a web server adds when it
 * compresses: the version is the same.
 */
#include "etag.h"

#include <sodium.h>

#include "buf.h"
#include "number_private.h"
#include "text.h"

enum {
	HASH_BYTES = 16
};

static const char *quote(struct arena *arena, const char *text)
{
	struct buf out;

	buf_init(&out, arena, 64);
	buf_char(&out, '"');
	buf_text(&out, text);
	buf_char(&out, '"');
	return out.data;
}

const char *etag_of(struct arena *arena, const char *bytes, size_t len)
{
	unsigned char hash[HASH_BYTES];

	(void)crypto_generichash(
		hash, sizeof(hash), (const unsigned char *)bytes, len, NULL, 0);
	return quote(arena, text_hex(arena, hash, sizeof(hash)));
}

const char *etag_version(struct arena *arena, int64_t version)
{
	char room[NUMBER_ROOM];
	struct buf text;

	buf_init(&text, arena, 64);
	buf_char(&text, 'v');
	buf_text(&text, number_write(version, room));
	return quote(arena, text.data);
}

bool etag_matches(const char *list, const char *etag)
{
	size_t wanted = etag ? strlen(etag) : 0;

	if (!list || !etag)
		return false;
	list += strspn(list, " \t");
	if (list[0] == '*' && list[1 + strspn(list + 1, " \t")] == '\0')
		return true;
	while (*list) {
		size_t len;

		list += strspn(list, ", \t");
		if (text_starts(list, "W/"))
			list += 2;
		if (*list != '"')
			return false;
		len = 1 + strcspn(list + 1, "\"");
		if (list[len] != '"')
			return false;
		len++;
		if (len == wanted && memcmp(list, etag, len) == 0)
			return true;
		list += len;
	}
	return false;
}

enum err etag_expected(
	const char *if_match, struct report *report, int64_t *out)
{
	const char *tag = if_match;
	size_t len, mark;
	int64_t version;

	if (!tag || text_equal(tag, "*")) {
		*out = 0;
		return ERR_OK;
	}
	/* nginx marks what it compressed by W/, lighttpd by -gzip */
	if (text_starts(tag, "W/"))
		tag += 2;
	len = strlen(tag);
	if (len < 2 || tag[0] != '"' || strchr(tag + 1, '"') != tag + len - 1) {
		report_detail(report, "If-Match takes one ETag, or *.");
		return ERR_BAD_REQUEST;
	}
	mark = len > 8 && memcmp(tag + len - 6, "-gzip", 5) == 0 ? 5 : 0;
	if (tag[1] != 'v' ||
		!text_integer(
			arena_copy(report->arena, tag + 2, len - 3 - mark),
			&version) ||
		version < 1)
		return ERR_PRECONDITION;
	*out = version;
	return ERR_OK;
}
