/*
 * Values to bind, and rows through whichever backend made them. Knows no
 * database; keeps each backend from being asked behind its end.
 */
#include "sql.h"

#include "rows.h"
#include "shape.h"

struct bind bind_int(const char *name, int64_t value)
{
	return (struct bind){
		.name = name, .kind = BIND_KIND_INT, .number = value};
}

struct bind bind_null(const char *name)
{
	return (struct bind){.name = name, .kind = BIND_KIND_NULL};
}

struct bind bind_text(const char *name, const char *value)
{
	if (!value)
		return bind_null(name);
	return (struct bind){
		.name = name,
		.kind = BIND_KIND_TEXT,
		.bytes = value,
		.len = strlen(value),
	};
}

struct bind bind_blob(const char *name, const void *bytes, size_t len)
{
	if (!bytes)
		return bind_null(name);
	return (struct bind){
		.name = name,
		.kind = BIND_KIND_BLOB,
		.bytes = bytes,
		.len = len,
	};
}

enum err rows_next(struct rows *rows, bool *more)
{
	bool found = false;
	enum err err;

	if (rows->ended || rows->drained) {
		*more = false;
		return ERR_OK;
	}
	err = rows->ops->next(rows, &found);
	rows->drained = err || !found;
	if (err)
		return err;
	*more = found;
	return ERR_OK;
}

/* A row is there to be read. */
static bool has_row(const struct rows *rows)
{
	return !rows->ended && !rows->drained;
}

bool rows_is_null(const struct rows *rows, int column)
{
	return !has_row(rows) || rows->ops->is_null(rows, column);
}

int64_t rows_int(const struct rows *rows, int column)
{
	return has_row(rows) ? rows->ops->integer(rows, column) : 0;
}

const char *rows_text(const struct rows *rows, int column)
{
	return has_row(rows) ? rows->ops->text(rows, column) : NULL;
}

const void *rows_blob(const struct rows *rows, int column, size_t *len)
{
	*len = 0;
	return has_row(rows) ? rows->ops->blob(rows, column, len) : NULL;
}

const struct timestamp *rows_time(
	struct arena *arena, const struct rows *rows, int column)
{
	struct timestamp *time;

	if (rows_is_null(rows, column))
		return NULL;
	time = arena_alloc(arena, sizeof(*time));
	time->ms = rows_int(rows, column);
	return time;
}

void rows_end(struct rows *rows)
{
	if (!rows || rows->ended)
		return;
	rows->ended = true;
	rows->ops->end(rows);
}
