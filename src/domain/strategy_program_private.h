/* The program of a strategy's run: its version, with its parameters. */
#ifndef DOMAIN_STRATEGY_PROGRAM_PRIVATE_H
#define DOMAIN_STRATEGY_PROGRAM_PRIVATE_H

#include "program.h"
#include "scope.h"

/* All of it in that arena, which may be another than the scope's.
   ERR_NOT_FOUND: there is no such run. */
MUST_CHECK enum err strategy_program(struct scope *scope, struct arena *arena,
	const char *run_id, struct program **out);

#endif
