/* How far a strategy's indicators depend on where the candles begin. */
#include "strategy_recursive.h"

#include "strategies_api.h"

static const struct field row_fields[] = {
	FIELD(struct recursive_row_view, indicator,
		.doc = "as the text form has it"),
	FIELD(struct recursive_row_view, value, .nullable = true,
		.doc = "on the last candle, with all of them"),
	FIELD(struct recursive_row_view, moved_pct,
		.doc = "for each of bars: how far the value is off, in "
		       "percent; null where there is none"),
};
static const struct shape row_shape =
	SHAPE("recursive_row", struct recursive_row_view, row_fields);

static const struct field view_fields[] = {
	FIELD(struct recursive_view, bars,
		.doc = "so many candles before the last one: the warm-up and "
		       "2, 4, 8, 16 times that, as far as there are any"),
	FIELD_LIST(struct recursive_view, rows, row_shape,
		.doc = "every indicator that the rules use"),
};
const struct shape recursive_view_shape =
	SHAPE("recursive_report", struct recursive_view, view_fields);

enum err handle_strategy_recursive(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct recursive_input *in = input;

	return strategy_recursive(scope, call->services->limits, in, out);
}
