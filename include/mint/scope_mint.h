/*
 * Making scopes. This header is on the include path of scope (which
 * implements it) and auth (which decides who gets one), of nobody else.
 */
#ifndef MINT_SCOPE_MINT_H
#define MINT_SCOPE_MINT_H

#include <stdint.h>

#include "arena.h"
#include "db.h"
#include "metrics.h"
#include "report.h"
#include "scope.h"

struct scope *scope_mint(struct arena *arena, struct db *db,
	struct report *report, const char *user_id, int64_t now_ms);
/* Where scope_count() counts; NULL: nowhere. */
void scope_mint_metrics(struct scope *scope, struct metrics *metrics);
struct admin_scope *admin_scope_mint(struct arena *arena, struct db *db,
	struct report *report, const char *actor, int64_t now_ms);

#endif
