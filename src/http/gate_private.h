/* A request on its way through the gate; for gate.c and gate_steps.c. */
#ifndef GATE_PRIVATE_H
#define GATE_PRIVATE_H

#include "gate.h"

struct pass {
	const struct gate *gate;
	struct call *call;
	char allow[ROUTE_METHODS_ROOM]; /* of the path, after ERR_METHOD */
	void *in;  /* the route's input struct, filled by the last step */
	void *out; /* its output struct, zeroed */
};

/* Walks the table of steps up to the first that refuses. */
MUST_CHECK enum err gate_admit(struct pass *pass);

#endif
