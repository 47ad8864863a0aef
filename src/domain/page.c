/*
 * Cursors: base64url of "list:key:check". The check only tells mistakes and
 * mixed-up lists early; it is no protection and needs none, since every list
 * is bound to its owner by the statement itself.
 */
#include "page_private.h"

#include "id.h"
#include "text.h"
#include "vector_private.h"

/* Behind every id in each collation: where a list's first page begins. */
#define PAGE_FIRST_ID "zzzzzzzzzzzzzzzzzzzzzzzzzz"

enum {
	CURSOR_LIMIT = 256,
	CHECK_DIGITS = 8,
	PAGE_BYTES = 1024 * 1024 /* of what is long in the items, about */
};

/* FNV-1a. */
static uint32_t check_of(const char *text, size_t len)
{
	uint32_t sum = 2166136261U;

	for (size_t i = 0; i < len; i++)
		sum = (sum ^ (unsigned char)text[i]) * 16777619U;
	return sum;
}

static const char *page_cursor(
	struct arena *arena, const char *list, const char *last)
{
	const char *key = arena_format(arena, "%s:%s:", list, last);
	const char *text =
		arena_format(arena, "%s%08x", key, check_of(key, strlen(key)));

	return text_base64url(arena, (const unsigned char *)text, strlen(text));
}

/* The key inside a decoded cursor, or NULL. */
static const char *key_inside(
	struct arena *arena, const char *list, const char *text, size_t len)
{
	size_t start = strlen(list) + 1;
	size_t body;

	if (len < start + 1 + CHECK_DIGITS || strlen(text) != len)
		return NULL;
	body = len - CHECK_DIGITS;
	if (!text_starts(text, list) || text[start - 1] != ':' ||
		text[body - 1] != ':')
		return NULL;
	if (!text_equal(text + body,
		    arena_format(arena, "%08x", check_of(text, body))))
		return NULL;
	return arena_copy(arena, text + start, body - 1 - start);
}

static enum err refused(struct report *report)
{
	report_fault(report, "/cursor", "is not a next_cursor of this list");
	return ERR_BAD_INPUT;
}

/* list: the list's name, so that a cursor of another one is refused.
   ERR_BAD_INPUT with a fault at /cursor unless page_cursor() made it. */
static enum err page_after(struct report *report, const char *list,
	const char *cursor, const char **last)
{
	unsigned char *bytes;
	const char *key = NULL;
	size_t len;

	if (strlen(cursor) <= CURSOR_LIMIT &&
		text_base64url_decode(report->arena, cursor, strlen(cursor),
			&bytes, &len) == ERR_OK)
		key = key_inside(report->arena, list,
			arena_copy(report->arena, bytes, len), len);
	if (!key)
		return refused(report);
	*last = key;
	return ERR_OK;
}

enum err page_after_id(struct report *report, const char *list,
	const char *cursor, const char **last)
{
	const char *key;
	enum err err;

	if (!cursor) {
		*last = PAGE_FIRST_ID;
		return ERR_OK;
	}
	err = page_after(report, list, cursor, &key);
	if (err != ERR_OK)
		return err;
	if (!id_is_valid(key))
		return refused(report);
	*last = key;
	return ERR_OK;
}

enum err page_after_number(struct report *report, const char *list,
	const char *cursor, int64_t *last)
{
	const char *key;
	enum err err;

	if (!cursor) {
		*last = INT64_MAX;
		return ERR_OK;
	}
	err = page_after(report, list, cursor, &key);
	if (err != ERR_OK)
		return err;
	return text_integer(key, last) ? ERR_OK : refused(report);
}

enum err page_read(struct arena *arena, const struct page_kind *kind,
	struct rows *rows, int64_t limit, struct page *out)
{
	struct page page = {.next_cursor = NULL};
	struct vector items;
	const char *last = NULL;
	size_t bytes = 0;
	bool more;
	enum err err;

	vector_init(&items, arena, kind->size);
	while ((err = rows_next(rows, &more)) == ERR_OK && more) {
		if ((int64_t)items.count == limit ||
			(items.count > 0 && bytes >= PAGE_BYTES)) {
			page.next_cursor = page_cursor(arena, kind->list, last);
			break;
		}
		last = kind->read(rows, vector_add(&items), &bytes);
	}
	rows_end(rows);
	if (err != ERR_OK)
		return err;
	page.data = (struct list){items.items, items.count};
	*out = page;
	return ERR_OK;
}

enum err page_by_id(struct scope *scope, const struct page_kind *kind,
	const char *sql, const struct page_query *query, struct page *out)
{
	struct rows *rows;
	const char *after;
	enum err err = page_after_id(
		scope_report(scope), kind->list, query->cursor, &after);

	if (err == ERR_OK)
		err = scope_query(scope, sql,
			BINDS(bind_text(":after", after),
				bind_int(":limit", query->limit + 1)),
			&rows);
	if (err != ERR_OK)
		return err;
	return page_read(scope_arena(scope), kind, rows, query->limit, out);
}
