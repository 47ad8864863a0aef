/*
 * Reproducible random numbers for resampling and random searches (random.c
 * says which). Never for anything that must not be guessed.
 */
#ifndef ENGINE_RANDOM_H
#define ENGINE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

__extension__ typedef unsigned __int128 random_wide;

struct random {
	uint64_t state[4];
};

struct random random_of(uint64_t seed);
/* SplitMix64: the next of a plain sequence of seeds. */
uint64_t random_seed_next(uint64_t *seed);

static inline uint64_t random_turn(uint64_t x, int by)
{
	return (x << by) | (x >> (64 - by));
}

static inline uint64_t random_next(struct random *random)
{
	uint64_t *s = random->state;
	uint64_t out = random_turn(s[1] * 5, 7) * 9;
	uint64_t shifted = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= shifted;
	s[3] = random_turn(s[3], 45);
	return out;
}

/*
 * 0..below-1, each as likely (Lemire: Fast Random Integer Generation in an
 * Interval, ACM TOMACS 29, 2019): the high half of a product, drawn again
 * where the low half shows that it would favour some.
 */
static inline uint64_t random_below(struct random *random, uint64_t below)
{
	random_wide product = (random_wide)random_next(random) * below;

	if ((uint64_t)product < below) {
		uint64_t least = -below % below;

		while ((uint64_t)product < least)
			product = (random_wide)random_next(random) * below;
	}
	return (uint64_t)(product >> 64);
}

#endif
