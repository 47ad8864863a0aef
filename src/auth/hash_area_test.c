/*
 * No kept area: sanitizers want to see each mapping. Must never be linked
 * into a program that people run.
 */
#include "hash_area.h"

void hash_area_begin(void)
{
}

void hash_area_end(void)
{
}

void hash_area_idle(int64_t unused_us)
{
	(void)unused_us;
}

size_t hash_area_bytes(void)
{
	return 0;
}

uint64_t hash_area_uses(void)
{
	return 0;
}
