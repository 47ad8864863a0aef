/* What SQL alone cannot do of the migrations. */
#ifndef APP_UPGRADE_H
#define APP_UPGRADE_H

#include "migrate.h"

/* For every struct migrate_plan of migrations_sqlite. */
extern const struct migrate_step upgrade_steps[];

#endif
