/*
 * How often a test does one thing again: `many` times, or `few` where each
 * is slow (TEST_SHORT, which tests/run sets under valgrind).
 */
#ifndef TEST_ROUNDS_H
#define TEST_ROUNDS_H

#include <stdlib.h>

static inline int rounds(int many, int few)
{
	return getenv("TEST_SHORT") ? few : many;
}

#endif
