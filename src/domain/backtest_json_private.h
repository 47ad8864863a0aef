/* A run's result as the JSON that is kept. */
#ifndef DOMAIN_BACKTEST_JSON_PRIVATE_H
#define DOMAIN_BACKTEST_JSON_PRIVATE_H

#include "backtest.h"
#include "backtest_report.h"

enum {
	TRADE_BYTES = 512 /* most that one trade takes */
};

#endif
