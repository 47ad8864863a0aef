/*
 * For what is noticed within a bound, not at once: asks again and again
 * until it holds, two seconds at most. Never a sleep for luck.
 */
#ifndef TEST_SOON_H
#define TEST_SOON_H

#include <time.h>

#include "clock.h"

enum {
	SOON_US = 2000000,
	SOON_PAUSE_NS = 2000000
};

static inline int soon_over(int64_t started_us)
{
	const struct timespec pause = {.tv_nsec = SOON_PAUSE_NS};

	(void)nanosleep(&pause, NULL);
	return clock_monotonic_us() - started_us > SOON_US;
}

/* Evaluates `call` until it gives `wanted`. */
#define assert_soon(call, wanted)                                         \
	do {                                                              \
		const int64_t soon_from_ = clock_monotonic_us();          \
		while ((call) != (wanted))                                \
			if (soon_over(soon_from_))                        \
				fail_msg("%s: never %s", #call, #wanted); \
	} while (0)

#endif
