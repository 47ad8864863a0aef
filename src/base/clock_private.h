/*
 * For clock_real.c and clock_test.c only: the system's wall clock as it is.
 */
#ifndef BASE_CLOCK_PRIVATE_H
#define BASE_CLOCK_PRIVATE_H

#include <stdint.h>

/* Negative when it cannot be read or stands before 2020. */
int64_t clock_system_ms(void);

#endif
