/*
 * Idempotency-Key at the gate: around the handler of a creating call whose row
 * says TAKES_KEY. What the gate cannot see (the database) stands behind this
 * table of functions; api/once.c has it.
 */
#ifndef HTTP_ONCE_H
#define HTTP_ONCE_H

#include "call.h"

struct once_keeper {
	/* Before the handler: takes the key, or fills call->reply with what was
	   answered before (*repeated). ERR_CONFLICT: its call still runs, or its
	   answer is not given twice; ERR_KEY_REUSED: of another request. */
	enum err (*begin)(
		struct call *call, struct scope *scope, bool *repeated);
	/* The reply is written; whether it may be kept is the row's to say. A
	   failure loses the answer, not what was made. */
	void (*keep)(struct call *call, struct scope *scope);
	/* The handler refused: the key may be used again. */
	void (*drop)(struct call *call, struct scope *scope);
};

#endif
