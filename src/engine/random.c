/*
 * Numbers that look random and are the same for the same seed: xoshiro256**
 * 1.0 (Blackman, Vigna: Scrambled Linear Pseudorandom Number Generators, ACM
 * TOMS 47, 2021), its state filled by SplitMix64 (Steele, Lea, Flood: Fast
 * Splittable Pseudorandom Number Generators, OOPSLA 2014), as its authors
 * advise.
 */
#include "random.h"

uint64_t random_seed_next(uint64_t *seed)
{
	uint64_t mixed = *seed += UINT64_C(0x9e3779b97f4a7c15);

	mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
	return mixed ^ (mixed >> 31);
}

struct random random_of(uint64_t seed)
{
	struct random out;

	for (size_t i = 0; i < 4; i++)
		out.state[i] = random_seed_next(&seed);
	return out;
}
