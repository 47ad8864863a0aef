/* Integers to doubles; must never multiply by a tenth, which is no double. */
#include "units_private.h"

int64_t units_ten_to(int32_t scale)
{
	static const int64_t powers[] = {
		INT64_C(1),
		INT64_C(10),
		INT64_C(100),
		INT64_C(1000),
		INT64_C(10000),
		INT64_C(100000),
		INT64_C(1000000),
		INT64_C(10000000),
		INT64_C(100000000),
	};

	return powers[scale];
}

double units_one(int32_t scale)
{
	return (double)units_ten_to(scale);
}

void units_double(const int64_t *units, size_t count, double one, double *out)
{
	for (size_t i = 0; i < count; i++)
		out[i] = (double)units[i] / one;
}
