/* Idempotency-Key for handlers of creating calls. */
#ifndef API_ONCE_PRIVATE_H
#define API_ONCE_PRIVATE_H

#include "call.h"
#include "idempotency.h"

/* NULL when the call has no key. print: its answer, as it is sent. */
struct idempotency *once_of(struct call *call,
	const char *(*print)(struct arena *arena, const void *view));
/* Answers what was answered before, where there is such; true then. */
bool once_answered(struct call *call, const struct idempotency *once);

#endif
