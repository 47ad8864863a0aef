/*
 * The indicator table: the rows stand beside their kernels in ind_*.c, their
 * order in ind_private.h. Nothing is computed here.
 */
#include "ind_private.h"

#define ROW(name) &ind_##name,
#define NAME(name) #name,

static const struct indicator *const table[] = {IND_LIST(ROW)};

/* For suggestions; a test holds it against the rows. */
static const char *const names[] = {IND_LIST(NAME) NULL};

enum {
	INDICATOR_COUNT = sizeof(table) / sizeof(table[0])
};

const struct indicator *indicator_at(size_t index)
{
	return index < INDICATOR_COUNT ? table[index] : NULL;
}

const struct indicator *indicator_find(const char *name)
{
	for (size_t i = 0; i < INDICATOR_COUNT; i++)
		if (strcmp(table[i]->name, name) == 0)
			return table[i];
	return NULL;
}

const char *const *indicator_names(void)
{
	return names;
}

size_t ind_ready_window(const double *args, size_t output)
{
	(void)output;
	return ind_bars(args, 0) - 1;
}

size_t ind_ready_changes(const double *args, size_t output)
{
	(void)output;
	return ind_bars(args, 0);
}

size_t ind_ready_at_once(const double *args, size_t output)
{
	(void)args;
	(void)output;
	return 0;
}

size_t ind_history_one(const double *args)
{
	(void)args;
	return 1;
}

size_t ind_history_period(const double *args)
{
	return ind_bars(args, 0);
}
