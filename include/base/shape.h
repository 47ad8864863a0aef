/*
 * A shape: a table of fields that parses and validates an input (unknown
 * members refused, every fault reported with its JSON pointer), fills a
 * struct, writes replies, and prints its JSON Schema. The C type of the
 * member picks the JSON type; a type without a branch below, notably
 * double, does not compile, so money can never be a float.
 */
#ifndef BASE_SHAPE_H
#define BASE_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "decimal.h"
#include "err.h"
#include "json.h"
#include "json_write.h"
#include "report.h"

struct shape;

/* Milliseconds UTC; RFC 3339 in JSON. */
struct timestamp {
	int64_t ms;
};

/* A statistic or an indicator; the only way a double gets into a reply. */
struct ratio {
	double value; /* NaN is written as null */
};

/* JSON text that we wrote before (a stored result). */
struct raw_json {
	const char *text; /* NULL is written as null */
	size_t len;
};

/* A member that may be absent (keep), null (clear) or a text (set). */
enum patch_kind {
	PATCH_KEEP,
	PATCH_CLEAR,
	PATCH_SET
};
struct patch_text {
	enum patch_kind kind;
	const char *text; /* PATCH_SET only */
};

/* Elements of a known shape, one after the other. */
struct list {
	const void *items;
	size_t count;
};
struct text_list {
	const char **items;
	size_t count;
};

enum shape_kind {
	SHAPE_TEXT,	     /* const char *; absent: NULL */
	SHAPE_INT,	     /* int64_t; absent: .otherwise */
	SHAPE_BOOL,	     /* bool; absent: .otherwise */
	SHAPE_DECIMAL,	     /* struct decimal; must be required in inputs */
	SHAPE_DECIMAL_MAYBE, /* const struct decimal *; absent: NULL */
	SHAPE_TIME,	     /* struct timestamp; must be required */
	SHAPE_TIME_MAYBE,    /* const struct timestamp *; absent: NULL */
	SHAPE_RATIO,	     /* struct ratio; replies only */
	SHAPE_PATCH,	     /* struct patch_text */
	SHAPE_JSON,	     /* const struct json *: any JSON value */
	SHAPE_RAW,	     /* struct raw_json; replies only */
	SHAPE_TEXTS,	     /* struct text_list; in a query "A,B" */
	SHAPE_LIST,	     /* struct list of .shape */
	SHAPE_OBJECT	     /* a nested struct of .shape, by value */
};

#define SHAPE_KIND(member) \
	_Generic((member), const char *: SHAPE_TEXT, int64_t: SHAPE_INT,   \
		bool: SHAPE_BOOL, struct decimal: SHAPE_DECIMAL,           \
		const struct decimal *: SHAPE_DECIMAL_MAYBE,               \
		struct timestamp: SHAPE_TIME,                              \
		const struct timestamp *: SHAPE_TIME_MAYBE,                \
		struct ratio: SHAPE_RATIO, struct patch_text: SHAPE_PATCH, \
		const struct json *: SHAPE_JSON,                           \
		struct raw_json: SHAPE_RAW, struct text_list: SHAPE_TEXTS)

enum field_source {
	FROM_BODY,
	FROM_QUERY,
	FROM_PATH
};

struct field {
	const char *name;
	enum shape_kind kind;
	size_t offset;
	bool required;
	bool nullable; /* null is possible; in inputs it reads as
				      absent */
	bool secret;   /* writeOnly: shape_write leaves it out */
	enum field_source from;
	const char *const *one_of; /* closed enum, NULL-terminated */
	int64_t min, max;	   /* number range; characters; elements.
				      both 0: a kind's own default (texts
				      1..1024, text lists 0..100, lists
				      0..1000, numbers without limit) */
	int64_t otherwise;	   /* default of SHAPE_INT and SHAPE_BOOL */
	const struct shape *shape; /* SHAPE_LIST, SHAPE_OBJECT */
	const char *doc;
};

struct shape {
	const char *name; /* unique; the name in OpenAPI's components */
	size_t size;	  /* of the struct */
	const struct field *fields;
	size_t count;
	/* of a struct text_list in it, never its first member: the names of
	   the body's members that came, null or not; 0: nobody asks */
	size_t given;
};

/* clang-format off */
#define FIELD(type, member, ...)                                           \
	{ .name = #member, .kind = SHAPE_KIND(((type *)0)->member),        \
	  .offset = offsetof(type, member), __VA_ARGS__ }
#define FIELD_LIST(type, member, item_shape, ...)                          \
	{ .name = #member, .kind = SHAPE_LIST,                             \
	  .offset = offsetof(type, member), .shape = &(item_shape), __VA_ARGS__ }
#define FIELD_OBJECT(type, member, object_shape, ...)                      \
	{ .name = #member, .kind = SHAPE_OBJECT,                           \
	  .offset = offsetof(type, member), .shape = &(object_shape), __VA_ARGS__ }
/* const struct shape order_shape = SHAPE("order", struct order, order_fields); */
#define SHAPE(shape_name, type, table)                                     \
	{ .name = (shape_name), .size = sizeof(type), .fields = (table),   \
	  .count = sizeof(table) / sizeof((table)[0]) }
/* A change: what is not in `member` stays as it is, whatever its default. */
#define SHAPE_CHANGE(shape_name, type, table, member)                      \
	{ .name = (shape_name), .size = sizeof(type), .fields = (table),   \
	  .count = sizeof(table) / sizeof((table)[0]),                     \
	  .given = offsetof(type, member) }
/* clang-format on */

/* A value from the path or the query string, decoded. */
struct param {
	const char *name;
	const char *value;
	enum field_source from;
};

/* What one reading fills a struct from. */
struct shape_input {
	const struct json *body;    /* NULL when there is none */
	const struct param *params; /* pairs of a form are FROM_BODY */
	size_t param_count;
};

/*
 * Fills `out` (zeroed, shape->size bytes). Reports all faults, then
 * ERR_BAD_INPUT. Pointers of query and path values are "/name" like members.
 */
MUST_CHECK enum err shape_read(const struct shape *shape, struct arena *arena,
	const struct shape_input *input, struct report *report, void *out);
/* Writes one object. */
void shape_write(const struct shape *shape, struct json_writer *writer,
	const void *value);
/* The JSON Schema (2020-12) of the body members, as one object. Nested
   shapes are referred to by #/components/schemas/NAME. */
void shape_schema(const struct shape *shape, struct json_writer *writer);
/* The same for replies: every member is there, secret ones never are, and
   limits of inputs say nothing. */
void shape_reply_schema(const struct shape *shape, struct json_writer *writer);
/* The schema of one field alone (for parameters). */
void shape_field_schema(const struct field *field, struct json_writer *writer);
/* True when at least one field comes from the body. */
bool shape_has_body(const struct shape *shape);
/*
 * Checks a parsed reply against its shape: the tests run with this on
 * (every member there, none more, types right). Reports each difference.
 */
MUST_CHECK enum err shape_check(const struct shape *shape, struct arena *arena,
	const struct json *reply, struct report *report);

#endif
