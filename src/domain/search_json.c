/*
 * What searches found, as the JSON that is kept. Columns stand in one table
 * here; what is undefined is null.
 */
#include "run_search_private.h"

#include <string.h>

#include "json_write.h"

enum {
	NUMBER_BYTES = 26 /* the longest double, and what stands around it */
};

struct column {
	const char *name;
	size_t offset; /* of a double */
};

#define COLUMN(member)                                           \
	{                                                        \
		.name = #member,                                 \
		.offset = offsetof(struct search_score, member), \
	}
static const struct column columns[] = {
	COLUMN(metric),
	COLUMN(return_pct),
	COLUMN(sharpe),
	COLUMN(max_drawdown_pct),
	COLUMN(trades),
	COLUMN(win_rate_pct),
	COLUMN(profit_factor),
};

enum {
	COLUMN_COUNT = sizeof(columns) / sizeof(columns[0])
};

static double value_of(
	const struct search_score *score, const struct column *column)
{
	double value;

	memcpy(&value, (const char *)score + column->offset, sizeof(value));
	return value;
}

void search_put_params(struct json_writer *writer,
	const struct search_plan *plan, int64_t point)
{
	double values[SEARCH_AXES_LIMIT];

	search_point(&plan->space, (uint64_t)point, values);
	json_object(writer);
	for (size_t i = 0; i < plan->space.axis_count; i++) {
		json_key(writer, plan->space.axes[i].name);
		json_put_double(writer, values[i]);
	}
	json_object_end(writer);
}

void search_put_score(
	struct json_writer *writer, const struct search_score *score)
{
	for (size_t i = 0; i < COLUMN_COUNT; i++) {
		json_key(writer, columns[i].name);
		json_put_double(writer, value_of(score, &columns[i]));
	}
}

static void put_row(struct json_writer *writer, const struct search_plan *plan,
	int64_t point, const struct search_score *score)
{
	double values[SEARCH_AXES_LIMIT];

	search_point(&plan->space, (uint64_t)point, values);
	json_array(writer);
	for (size_t i = 0; i < plan->space.axis_count; i++)
		json_put_double(writer, values[i]);
	for (size_t i = 0; i < COLUMN_COUNT; i++)
		json_put_double(writer, value_of(score, &columns[i]));
	json_array_end(writer);
}

void search_put_table(struct json_writer *writer,
	const struct search_plan *plan, const struct search_score *scores)
{
	json_object(writer);
	json_key(writer, "columns");
	json_array(writer);
	for (size_t i = 0; i < plan->space.axis_count; i++)
		json_put_text(writer, plan->space.axes[i].name);
	for (size_t i = 0; i < COLUMN_COUNT; i++)
		json_put_text(writer, columns[i].name);
	json_array_end(writer);
	json_key(writer, "rows");
	json_array(writer);
	for (int64_t i = 0; i < plan->points; i++)
		put_row(writer, plan, i, &scores[i]);
	json_array_end(writer);
	json_object_end(writer);
}

/* What stands around a name, a number and an object: quotes, brackets,
   commas, "params". */
enum {
	NAME_REST = 4,
	OBJECT_REST = 32
};

size_t search_best_bytes(const struct search_plan *plan)
{
	size_t bytes = OBJECT_REST;

	for (size_t i = 0; i < plan->space.axis_count; i++)
		bytes += strlen(plan->space.axes[i].name) + NAME_REST +
			 NUMBER_BYTES;
	for (size_t i = 0; i < COLUMN_COUNT; i++)
		bytes += strlen(columns[i].name) + NAME_REST + NUMBER_BYTES;
	return (size_t)plan->in.best * bytes;
}

size_t search_table_bytes(const struct search_plan *plan)
{
	return ((size_t)plan->points + 4) *
	       (plan->space.axis_count + COLUMN_COUNT + 1) * NUMBER_BYTES;
}
