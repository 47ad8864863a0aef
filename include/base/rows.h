/*
 * For the backends of db only: what stands behind struct rows. A backend
 * embeds struct rows as the first member of its own struct and points ops
 * at its table; rules use the functions of sql.h and never this header.
 */
#ifndef BASE_ROWS_H
#define BASE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "sql.h"

struct rows_ops {
	/* *more false behind the last row; after that next is not called. */
	enum err (*next)(struct rows *rows, bool *more);
	bool (*is_null)(const struct rows *rows, int column);
	/* SQL NULL reads 0. */
	int64_t (*integer)(const struct rows *rows, int column);
	/* In the arena of the query, NUL-terminated; NULL for SQL NULL. */
	const char *(*text)(const struct rows *rows, int column);
	/* In the arena of the query; NULL and *len 0 for SQL NULL. */
	const void *(*blob)(const struct rows *rows, int column, size_t *len);
	/* Frees the statement. sql.c calls it once at most. */
	void (*end)(struct rows *rows);
};

struct rows {
	const struct rows_ops *ops;
	bool ended;   /* kept by sql.c: end ran */
	bool drained; /* kept by sql.c: no row is current any more */
};

#endif
