/*
 * The steps of migrations, for the operator's program. A step must never
 * commit: it is a part of its migration's transaction.
 */
#include "upgrade.h"

#include "auth.h"
#include "clock.h"
#include "import.h"

static enum err pack_candles(
	struct db *db, struct arena *arena, struct report *report)
{
	return candles_pack(auth_operator_scope(db, arena, report, clock_ms()));
}

const struct migrate_step upgrade_steps[] = {
	{8, pack_candles},
	{.version = 0},
};
