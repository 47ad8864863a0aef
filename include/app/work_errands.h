/*
 * What one errand gets and gives (work_errands.c). An act is a function of a
 * file of its own, and a row of the table there.
 */
#ifndef APP_WORK_ERRANDS_H
#define APP_WORK_ERRANDS_H

#include "errands.h"
#include "work.h"

struct errand {
	const struct errand_claim *claim;
	struct scope *scope; /* of its owner */
	const char *result;  /* out: JSON text; without it, it has failed */
};

/* An error's words are those of work->report: for the user, no secrets. */
typedef enum err errand_act(struct work *work, struct errand *errand);

/* work_notify.c */
errand_act work_test_telegram, work_test_channel;
/* work_test_binance.c */
errand_act work_test_binance;
/* work_bank.c */
errand_act work_bank_link_token, work_bank_exchange, work_bank_refresh,
	work_bank_unlink;

#endif
