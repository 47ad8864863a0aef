/*
 * The wall clock of the programs. Never linked together with clock_test.c.
 */
#include "clock.h"
#include "clock_private.h"

int64_t clock_ms(void)
{
	return clock_system_ms();
}
