/* The two halves of the document: openapi.c and openapi_components.c. */
#ifndef OPENAPI_PRIVATE_H
#define OPENAPI_PRIVATE_H

#include "openapi.h"

void openapi_put_pair(
	struct json_writer *writer, const char *name, const char *text);
/* {"$ref": "<place><name>"} as members of the object that is open. */
void openapi_put_reference(
	struct json_writer *writer, const char *place, const char *name);
/* "components": shapes of the table, problem, answers, credentials. */
void openapi_put_components(
	const struct route_table *table, struct json_writer *writer);

/* "x-problems": the whole table of them. */
void openapi_put_problems(struct json_writer *writer);

/* The problems that a call may answer with, in the order of statuses. */
struct openapi_problem {
	enum err err; /* stands for all errors of its status */
	bool (*applies)(const struct route *route);
};
extern const struct openapi_problem openapi_problems[];
extern const size_t openapi_problem_count;

/* The headers of good answers. */
struct openapi_header {
	const char *name, *about;
	bool (*applies)(const struct route *route);
};
extern const struct openapi_header openapi_headers[];
extern const size_t openapi_header_count;
/* Does it answer with an ETag, and 304 to who has that already? */
bool openapi_is_validated(const struct route *route);

#endif
