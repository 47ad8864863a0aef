/* How other resources ask for an errand. */
#ifndef API_ERRANDS_PRIVATE_H
#define API_ERRANDS_PRIVATE_H

#include "call.h"
#include "errands_api.h"

/* 202: puts it, and says where to look. out: struct errand_view. */
MUST_CHECK enum err errand_ask(struct call *call, struct scope *scope,
	const struct errand_new *errand, void *out);

#endif
