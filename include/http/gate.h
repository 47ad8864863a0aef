/*
 * The gate: a table of steps, each reading only the route's row: match, TLS,
 * size and type, authenticate, permission, freshness, decode. Then the
 * handler, then the reply. Whatever fails becomes a problem document. Only
 * the gate logs: one structured line a request.
 */
#ifndef HTTP_GATE_H
#define HTTP_GATE_H

#include "call.h"
#include "log.h"
#include "route.h"

struct gate {
	const struct route_table *routes;
	const struct services *services;
	const struct log *log;
};

/* early: what parsing the request ended with (ERR_OK to go on). */
void gate_serve(const struct gate *gate, const struct request *request,
	struct report *report, enum err early, struct reply *out);

#endif
