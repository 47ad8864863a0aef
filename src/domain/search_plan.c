/*
 * From a request to a plan. Must give the same plan each time, since every
 * slice makes its own.
 */
#include "search_plan_private.h"

#include "definition_private.h"
#include "json_write.h"
#include "market.h"
#include "search_axes_private.h"
#include "text.h"

enum {
	SAMPLES_DEFAULT = 1000,
	BEST_MOST = 100,
	SPAN_MOST = 10000000,
	/* ranges are longer than values; what request_write() has room for */
	RANGES_BYTES_LIMIT = 2 * PARAMS_BYTES_LIMIT
};

/* ---- requests ------------------------------------------------------------ */

static const char *const methods[] = {"grid", "random", NULL};

static const struct field constraint_fields[] = {
	FIELD(struct search_constraints, min_trades, .min = 0,
		.max = BACKTEST_TRADES, .doc = "closed trades at least"),
	FIELD(struct search_constraints, max_drawdown_pct, .nullable = true,
		.min = 0, .max = 100, .doc = "percent, positive, at most"),
	FIELD(struct search_constraints, min_win_rate_pct, .nullable = true,
		.min = 0, .max = 100, .doc = "percent, at least"),
	FIELD(struct search_constraints, min_profit_factor, .nullable = true,
		.min = 0, .max = 1000, .doc = "at least"),
};
static const struct shape constraints_shape = SHAPE(
	"search_constraints", struct search_constraints, constraint_fields);

/* clang-format off */
#define SEARCH_FIELDS                                                      \
	RUN_FIELDS(struct search_new, run.),                               \
	RUN_FIELD(struct search_new, run., params, .nullable = true,       \
		.doc = "for each parameter a number, {\"from\", \"to\", "  \
		       "\"step\"} or {\"values\": [...]}; absent: all of " \
		       "the definition's that have min and max"),          \
	FIELD(struct search_new, method, .nullable = true,                 \
		.one_of = methods,                                         \
		.doc = "every point, or samples of them; absent: grid"),   \
	FIELD(struct search_new, samples, .min = 0, .max = 1000000,        \
		.doc = "of random, none twice; 0: 1000"),                  \
	FIELD(struct search_new, seed,                                     \
		.doc = "of random: the same gives the same points"),       \
	FIELD(struct search_new, metric, .nullable = true,                 \
		.one_of = search_metric_names,                             \
		.doc = "what is best; absent: sharpe"),                    \
	FIELD_OBJECT(struct search_new, constraints, constraints_shape,    \
		.doc = "what a point must keep to be among the best")
/* clang-format on */

static const struct field sweep_fields[] = {
	SEARCH_FIELDS,
	FIELD(struct search_new, best, .min = 1, .max = BEST_MOST,
		.otherwise = 10, .doc = "so many of the best are told"),
};
const struct shape sweep_new_shape =
	SHAPE("sweep_new", struct search_new, sweep_fields);

static const struct field walk_fields[] = {
	SEARCH_FIELDS,
	FIELD(struct search_new, in_sample, .required = true, .min = 2,
		.max = 16,
		.doc = "the window that chooses: \"365d\" (days) or \"500b\" "
		       "(bars)"),
	FIELD(struct search_new, out_of_sample, .required = true, .min = 2,
		.max = 16, .doc = "the stretch behind it, in the same unit"),
	FIELD(struct search_new, step, .nullable = true, .min = 2, .max = 16,
		.doc = "from window to window; absent: out_of_sample, and "
		       "never less"),
	FIELD(struct search_new, anchored,
		.doc = "each window begins with the first candle"),
};
const struct shape walk_forward_new_shape =
	SHAPE("walk_forward_new", struct search_new, walk_fields);

const struct shape *search_shape(enum run_kind_id kind)
{
	return kind == RUN_SWEEP ? &sweep_new_shape : &walk_forward_new_shape;
}

/* ---- spans --------------------------------------------------------------- */

struct span {
	int64_t count;
	bool days;
};

static enum err span_read(struct report *report, const char *text,
	const char *pointer, struct span *out)
{
	const size_t len = strlen(text);
	const char unit = text[len - 1];
	int64_t count;

	if ((unit == 'd' || unit == 'b') &&
		text_integer(
			arena_copy(report->arena, text, len - 1), &count) &&
		count >= 1 && count <= SPAN_MOST) {
		*out = (struct span){count, unit == 'd'};
		return ERR_OK;
	}
	report_fault(report, pointer,
		"must be days or bars, such as \"365d\" or \"500b\"");
	return ERR_BAD_INPUT;
}

static enum err walk_read(struct report *report, const struct search_new *in,
	struct walk_plan *out)
{
	struct span in_sample, out_of_sample, step;
	enum err err =
		span_read(report, in->in_sample, "/in_sample", &in_sample);

	if (err == ERR_OK)
		err = span_read(report, in->out_of_sample, "/out_of_sample",
			&out_of_sample);
	if (err == ERR_OK)
		err = span_read(report, in->step ? in->step : in->out_of_sample,
			"/step", &step);
	if (err != ERR_OK)
		return err;
	if (in_sample.days != out_of_sample.days ||
		in_sample.days != step.days) {
		report_fault(report, "/out_of_sample",
			"all three are in days, or all in bars");
		return ERR_BAD_INPUT;
	}
	if (step.count < out_of_sample.count) {
		report_fault(report, "/step",
			"must not be less than out_of_sample: no bar is tried "
			"twice");
		return ERR_BAD_INPUT;
	}
	*out = (struct walk_plan){
		.in_sample = in_sample.count,
		.out_of_sample = out_of_sample.count,
		.step = step.count,
		.days = in_sample.days,
		.anchored = in->anchored,
	};
	return ERR_OK;
}

/* ---- the plan ------------------------------------------------------------ */

static double decimal_or_0(const struct decimal *value)
{
	return value ? decimal_double(*value) : 0;
}

static void points_count(struct search_plan *plan)
{
	const struct search_new *in = &plan->in;
	const int64_t all = (int64_t)search_combinations(&plan->space);
	const int64_t samples = in->samples > 0 ? in->samples : SAMPLES_DEFAULT;

	plan->points = all;
	plan->space.random =
		text_equal(in->method, methods[1]) && samples < all;
	plan->space.seed = (uint64_t)in->seed;
	if (plan->space.random)
		plan->points = samples;
}

/* All but the order. */
static enum err plan_fill(struct scope *scope, enum run_kind_id kind,
	const struct search_new *in, struct search_plan *plan)
{
	enum err err = ERR_OK;

	plan->in = *in;
	plan->metric = search_metric_find(
		in->metric ? in->metric : search_metric_names[0]);
	plan->floor = (struct search_floor){
		.min_trades = (double)in->constraints.min_trades,
		.max_drawdown_pct =
			decimal_or_0(in->constraints.max_drawdown_pct),
		.min_win_rate_pct =
			decimal_or_0(in->constraints.min_win_rate_pct),
		.min_profit_factor =
			decimal_or_0(in->constraints.min_profit_factor),
	};
	plan->window_count = 1;
	err = search_axes(
		scope, plan->order.program, in->run.params, &plan->space);
	if (err == ERR_OK && kind == RUN_WALK_FORWARD)
		err = walk_read(scope_report(scope), in, &plan->walk);
	if (err == ERR_OK)
		points_count(plan);
	return err;
}

static enum err points_check(struct scope *scope, const struct limits *limits,
	const struct search_plan *plan)
{
	if (plan->points <= limits->search_points)
		return ERR_OK;
	report_fault(scope_report(scope), "/params",
		"%lld points are more than one search may have (%lld): take "
		"larger steps, or method \"random\" with samples",
		(long long)plan->points, (long long)limits->search_points);
	return ERR_BAD_INPUT;
}

/* They are kept as they were written. */
static enum err ranges_fit(struct scope *scope, const struct search_new *in)
{
	return in->run.params ? definition_fits(scope, in->run.params,
					"/params", RANGES_BYTES_LIMIT)
			      : ERR_OK;
}

/* The parameters of the order are the defaults: ranges are not for it. */
static struct backtest_new without_params(const struct backtest_new *in)
{
	struct backtest_new run = *in;

	run.params = NULL;
	return run;
}

enum err search_plan_make(struct scope *scope, enum run_kind_id kind,
	const struct limits *limits, const struct search_new *in,
	struct search_plan *out)
{
	const struct backtest_new run = without_params(&in->run);
	struct search_plan plan = {.points = 0};
	enum err err = ranges_fit(scope, in);

	if (err == ERR_OK)
		err = backtest_order_prepare(scope, &run, &plan.order);
	if (err == ERR_OK)
		err = plan_fill(scope, kind, in, &plan);
	if (err == ERR_OK)
		err = points_check(scope, limits, &plan);
	if (err == ERR_OK)
		*out = plan;
	return err;
}

enum err search_plan_again(struct scope *scope, enum run_kind_id kind,
	const char *request, struct search_plan *out)
{
	struct search_plan plan = {.points = 0};
	struct search_new in = {.method = NULL};
	struct backtest_new run;
	enum err err = request_read(scope, search_shape(kind), request, &in);

	if (err != ERR_OK)
		return err;
	run = without_params(&in.run);
	err = backtest_order_again(scope, &run, &plan.order);
	if (err == ERR_OK)
		err = plan_fill(scope, kind, &in, &plan);
	if (err == ERR_OK)
		*out = plan;
	return err;
}

enum err search_plan_windows(struct scope *scope, const struct candles *candles,
	struct search_plan *plan)
{
	struct walk_window *windows = arena_array(
		scope_arena(scope), WALK_WINDOWS_LIMIT, sizeof(*windows));
	size_t count =
		walk_windows(candles, &plan->walk, windows, WALK_WINDOWS_LIMIT);

	if (count == 0 || count > WALK_WINDOWS_LIMIT) {
		report_fault(scope_report(scope), "/in_sample",
			count == 0 ? "the range holds no window and no "
				     "stretch behind it"
				   : "there would be more than 500 windows; "
				     "take a larger step");
		return ERR_BAD_INPUT;
	}
	plan->windows = windows;
	plan->window_count = count;
	return ERR_OK;
}

/* ---- one point ----------------------------------------------------------- */

/* {"fast": 5, "slow": 30}, as program_compile takes it. */
static const struct json *point_params(
	const struct search_plan *plan, int64_t point, struct arena *arena)
{
	const size_t count = plan->space.axis_count;
	double values[SEARCH_AXES_LIMIT];
	struct json *all = arena_array(arena, count + 1, sizeof(*all));

	search_point(&plan->space, (uint64_t)point, values);
	all[0] = (struct json){
		.kind = JSON_OBJECT, .count = count, .first = all + 1};
	for (size_t i = 0; i < count; i++) {
		struct json_writer writer;
		struct buf text;

		buf_init(&text, arena, 64);
		json_write_init(&writer, &text);
		json_put_double(&writer, values[i]);
		all[i + 1] = (struct json){.kind = JSON_NUMBER,
			.name = plan->space.axes[i].name,
			.text = text.data,
			.len = text.len,
			.next = i + 1 < count ? all + i + 2 : NULL};
	}
	return all;
}

enum err search_compile(const struct search_plan *plan, int64_t point,
	struct arena *arena, struct report *report, struct program **out)
{
	const struct program_source source = {
		.definition = plan->order.in.definition,
		.pointer = "/definition",
		.params = point_params(plan, point, arena),
		.interval = plan->order.in.interval,
	};

	return program_compile(arena, &source, report, out);
}
