/* A request on its way through the gate; for gate*.c. */
#ifndef GATE_PRIVATE_H
#define GATE_PRIVATE_H

#include "cache.h"
#include "gate.h"
#include "rate.h"
#include "trace.h"

struct pass {
	const struct gate *gate;
	struct call *call;
	char allow[ROUTE_METHODS_ROOM]; /* of the path, after ERR_METHOD */
	const char *subject;		/* of the client's address, in limits */
	bool foreign;			/* another site's page sent it */
	struct rate_answer rate;	/* what the headers say */
	struct cache_visit cache;
	struct trace trace;
	bool ran;      /* the handler did */
	bool repeated; /* the reply is the first call's with this key */
	void *in;      /* the route's input struct, filled by the last step */
	void *out;     /* its output struct, zeroed */
};

/* Walks the table of steps up to the first that refuses, or to an answer
   that was kept (pass->cache.hit). */
MUST_CHECK enum err gate_admit(struct pass *pass);

/* Whose address counts; also for what was refused before the first step. */
MUST_CHECK enum err gate_find_client(struct pass *pass);

/* gate_limits.c: counts the request for its address, in the windows of that
   class; for its user or key, likewise. */
MUST_CHECK enum err gate_limit_address(
	struct pass *pass, enum rate_class class);
MUST_CHECK enum err gate_limit_user(struct pass *pass, enum rate_class class);

/* A limit that auth counts has refused: noted and shown like ours. */
void gate_limited_below(struct pass *pass);

/* gate_record.c: the act in the audit, denials in the security stream. May
   refuse after the act: an admin's must be on record. */
MUST_CHECK enum err gate_record(struct pass *pass, enum err err);
/* The line in the log, the figures, the span. */
void gate_report(struct pass *pass, enum err err, int64_t started_us);

#endif
