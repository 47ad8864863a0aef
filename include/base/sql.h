/*
 * The vocabulary in which rules talk to a database without knowing which
 * one: values to bind, rows to read. Who may run what is scope's business,
 * how it runs is db's.
 */
#ifndef BASE_SQL_H
#define BASE_SQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "err.h"

enum bind_kind {
	BIND_END,
	BIND_KIND_NULL,
	BIND_KIND_INT,
	BIND_KIND_TEXT,
	BIND_KIND_BLOB
};

struct bind {
	const char *name; /* with its colon: ":id" */
	enum bind_kind kind;
	int64_t number;
	const void *bytes;
	size_t len;
};

struct bind bind_int(const char *name, int64_t value);
/* NULL binds SQL NULL. */
struct bind bind_text(const char *name, const char *value);
struct bind bind_blob(const char *name, const void *bytes, size_t len);
struct bind bind_null(const char *name);

#define BINDS(...) ((const struct bind[]){__VA_ARGS__, {.kind = BIND_END}})
#define NO_BINDS ((const struct bind[]){{.kind = BIND_END}})

/*
 * The rows of one running statement. Columns count from 0. Texts and blobs
 * are copied into the arena of the query. A statement left early is ended
 * by its arena.
 */
struct rows;

/* *more is false behind the last row. */
MUST_CHECK enum err rows_next(struct rows *rows, bool *more);
bool rows_is_null(const struct rows *rows, int column);
int64_t rows_int(const struct rows *rows, int column); /* NULL reads 0 */
/* NULL for SQL NULL. */
const char *rows_text(const struct rows *rows, int column);
const void *rows_blob(const struct rows *rows, int column, size_t *len);
/* Milliseconds as a point in time; NULL for SQL NULL. */
struct timestamp;
const struct timestamp *rows_time(
	struct arena *arena, const struct rows *rows, int column);
void rows_end(struct rows *rows);

#endif
