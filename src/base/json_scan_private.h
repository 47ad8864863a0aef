/*
 * What the strict scan knows of a document that json-c forgets: how numbers
 * were written and how many members each object was given. Marks stand in
 * the order of the document, an object before what is in it.
 */
#ifndef BASE_JSON_SCAN_PRIVATE_H
#define BASE_JSON_SCAN_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

struct json_mark {
	size_t at;   /* byte of the document */
	size_t size; /* a number: its length; an object: its members */
};

struct json_scan {
	const char *text;
	size_t len;
	size_t at;		 /* the byte looked at; the fault's byte */
	const char *fault;	 /* constant words, NULL while all is well */
	struct json_mark *marks; /* NULL: only count */
	size_t mark_count;
	size_t value_limit;  /* refused at the first one beyond it */
	size_t value_count;  /* of all kinds, containers too */
	size_t object_count; /* of these, objects */
	size_t array_count;  /* and arrays */
	size_t member_count; /* of all objects */
	int depth;
};

/* The fault of a document over value_limit. */
extern const char json_scan_too_many[];

/* True when the whole text is one strict document. Counts, and fills
   marks (which must have the room an earlier scan counted). */
bool json_scan(struct json_scan *scan);

#endif
