/*
 * The column symbols.series: JSON, a list of [interval_ms, candles, first,
 * last]. Must never hold an interval twice.
 */
#include "series_private.h"

#include "json.h"
#include "json_write.h"
#include "text.h"

enum {
	TEXT_MOST = 4096
};

static bool entry_read(const struct json *entry, struct series *out)
{
	const struct json *value = entry->first;
	int64_t *const parts[] = {
		&out->interval_ms, &out->candles, &out->first, &out->last};

	if (entry->kind != JSON_ARRAY || entry->count != 4)
		return false;
	for (size_t i = 0; i < 4; i++, value = value->next)
		if (!json_integer(value, parts[i]))
			return false;
	return true;
}

enum err series_read(struct arena *arena, const char *text, struct vector *out)
{
	const struct json *list;
	struct report *report = report_open(arena);

	vector_init(out, arena, sizeof(struct series));
	if (json_parse(arena, text, strlen(text), report, &list) != ERR_OK ||
		list->kind != JSON_ARRAY)
		return ERR_INTERNAL;
	for (const struct json *at = list->first; at; at = at->next)
		if (!entry_read(at, vector_add(out)))
			return ERR_INTERNAL;
	return ERR_OK;
}

static void entry_write(struct json_writer *writer, const struct series *series)
{
	json_array(writer);
	json_put_int(writer, series->interval_ms);
	json_put_int(writer, series->candles);
	json_put_int(writer, series->first);
	json_put_int(writer, series->last);
	json_array_end(writer);
}

static struct series joined(const struct series *a, const struct series *b)
{
	return (struct series){
		.interval_ms = a->interval_ms,
		.candles = a->candles + b->candles,
		.first = a->first < b->first ? a->first : b->first,
		.last = a->last > b->last ? a->last : b->last,
	};
}

enum err series_merge(struct arena *arena, const char *text,
	const struct series *added, const char **out)
{
	struct series rest = *added;
	struct json_writer writer;
	struct vector list;
	struct buf buf;
	bool written = false;
	enum err err = series_read(arena, text, &list);

	if (err != ERR_OK)
		return err;
	buf_init(&buf, arena, TEXT_MOST);
	json_write_init(&writer, &buf);
	json_array(&writer);
	for (size_t i = 0; i < list.count; i++) {
		const struct series *old = (struct series *)list.items + i;
		bool same = old->interval_ms == rest.interval_ms;

		if (same)
			rest = joined(old, &rest);
		if (!written && old->interval_ms >= rest.interval_ms) {
			entry_write(&writer, &rest);
			written = true;
		}
		if (!same)
			entry_write(&writer, old);
	}
	if (!written)
		entry_write(&writer, &rest);
	json_array_end(&writer);
	*out = buf.data;
	return ERR_OK;
}
