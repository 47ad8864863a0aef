/* What is left of removed strategies goes when no backtest needs it. */
#ifndef DOMAIN_STRATEGY_SWEEP_PRIVATE_H
#define DOMAIN_STRATEGY_SWEEP_PRIVATE_H

#include "scope.h"

/* Inside a transaction of the caller; does nothing to a strategy that is
   not removed. */
MUST_CHECK enum err strategy_sweep(struct scope *scope, const char *id);
/* Does the strategy still stand, not removed? Else ERR_NOT_FOUND. */
MUST_CHECK enum err strategy_stands(struct scope *scope, const char *id);

#endif
