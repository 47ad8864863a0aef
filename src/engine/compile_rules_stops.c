/*
 * The "stops" member: where a position closes by itself. Rules that cannot
 * stand together, or that nothing would ever use, are faults.
 */
#include "compile_rules_private.h"

static const char *const stop_names[] = {"stop_loss_pct", "stop_loss_atr",
	"take_profit_pct", "take_profit_atr", "trailing_pct", "trailing_atr",
	"trailing_activation_pct", "trailing_positive_pct",
	"trailing_positive_offset_pct", "break_even", "max_bars", "roi", NULL};
static const char *const atr_names[] = {"period", "multiple", NULL};
static const char *const even_names[] = {"trigger_pct", "offset_pct", NULL};

enum {
	GAIN_LIMIT = 100000, /* percent */
	MULTIPLE_LIMIT = 1000,
	BARS_LIMIT = 1000000,
	MINUTES_LIMIT = 10 * 366 * 24 * 60
};

static const struct amount_range gain = {
	.most = (int64_t)GAIN_LIMIT * LEDGER_ONE};
static const struct amount_range gain_or_zero = {
	.most = (int64_t)GAIN_LIMIT * LEDGER_ONE, .or_zero = true};
static const struct whole_range atr_periods = {1, PROGRAM_PERIOD_LIMIT};
static const struct whole_range bar_counts = {1, BARS_LIMIT};
static const struct amount_range multiples = {
	.most = (int64_t)MULTIPLE_LIMIT * LEDGER_ONE};

/* {"period": 14, "multiple": "2"}, both needed. */
static void compile_atr_rule(struct compiler *compiler,
	const struct json *value, const char *pointer, enum level level)
{
	const struct json *period = json_member(value, "period");
	const struct json *multiple = json_member(value, "multiple");
	const char *at = compile_at(compiler, pointer, "period");
	size_t bars;

	if (!compile_members(compiler, value, pointer, atr_names))
		return;
	if (!multiple)
		COMPILE_FAULT(compiler,
			compile_at(compiler, pointer, "multiple"),
			"is required");
	else
		(void)compile_amount(compiler, multiple,
			compile_at(compiler, pointer, "multiple"), &multiples,
			&compiler->program->rules.multiple[level]);
	if (!period)
		COMPILE_FAULT(compiler, at, "is required");
	else if (compile_whole(compiler, period, at, atr_periods, &bars))
		compiler->program->levels[level] =
			compile_atr(compiler, (double)bars);
}

static const struct distance_row {
	enum level level;
	const char *pct, *atr;
} distance_rows[] = {
	{LEVEL_STOP, "stop_loss_pct", "stop_loss_atr"},
	{LEVEL_TARGET, "take_profit_pct", "take_profit_atr"},
	{LEVEL_TRAILING, "trailing_pct", "trailing_atr"},
};

static void compile_distances(struct compiler *compiler,
	const struct json *value, const char *pointer)
{
	struct rules *rules = &compiler->program->rules;
	int64_t *const pct[LEVEL_COUNT] = {&rules->stop_loss_pct,
		&rules->take_profit_pct, &rules->trailing_pct};

	for (size_t i = 0; i < LEVEL_COUNT; i++) {
		const struct distance_row *row = &distance_rows[i];
		const struct json *atr = compile_given(value, row->atr);
		const char *at = compile_at(compiler, pointer, row->atr);

		compile_optional(compiler, (struct rule_object){value, pointer},
			row->pct,
			row->level == LEVEL_TARGET ? &gain : &compile_share,
			pct[row->level]);
		if (atr && compile_given(value, row->pct))
			COMPILE_FAULT(compiler, at,
				"cannot stand together with %s", row->pct);
		else if (atr)
			compile_atr_rule(compiler, atr, at, row->level);
	}
}

/* A fault when `name` is given but not what it belongs to. */
static void compile_belongs(struct compiler *compiler, const struct json *value,
	const char *pointer, const char *name, const char *to)
{
	if (compile_given(value, name))
		COMPILE_FAULT(compiler, compile_at(compiler, pointer, name),
			"has no use without %s", to);
}

static void compile_trailing(struct compiler *compiler,
	const struct json *value, const char *pointer)
{
	struct rules *rules = &compiler->program->rules;

	compile_optional(compiler, (struct rule_object){value, pointer},
		"trailing_activation_pct", &gain_or_zero,
		&rules->trailing_activation_pct);
	compile_optional(compiler, (struct rule_object){value, pointer},
		"trailing_positive_pct", &compile_share,
		&rules->trailing_positive_pct);
	compile_optional(compiler, (struct rule_object){value, pointer},
		"trailing_positive_offset_pct", &gain_or_zero,
		&rules->trailing_positive_offset_pct);
	if (!compile_given(value, "trailing_positive_pct"))
		compile_belongs(compiler, value, pointer,
			"trailing_positive_offset_pct",
			"trailing_positive_pct");
	if (compile_given(value, "trailing_pct") ||
		compile_given(value, "trailing_atr"))
		return;
	compile_belongs(compiler, value, pointer, "trailing_activation_pct",
		"trailing_pct or trailing_atr");
	compile_belongs(compiler, value, pointer, "trailing_positive_pct",
		"trailing_pct or trailing_atr");
}

static void compile_even(struct compiler *compiler, const struct json *value,
	const char *pointer)
{
	struct rules *rules = &compiler->program->rules;

	if (!compile_members(compiler, value, pointer, even_names))
		return;
	if (!compile_given(value, "trigger_pct"))
		COMPILE_FAULT(compiler,
			compile_at(compiler, pointer, "trigger_pct"),
			"is required");
	compile_optional(compiler, (struct rule_object){value, pointer},
		"trigger_pct", &gain, &rules->even_trigger_pct);
	compile_optional(compiler, (struct rule_object){value, pointer},
		"offset_pct", &gain_or_zero, &rules->even_offset_pct);
	if (rules->even_trigger_pct &&
		rules->even_offset_pct >= rules->even_trigger_pct)
		COMPILE_FAULT(compiler,
			compile_at(compiler, pointer, "offset_pct"),
			"must be below trigger_pct");
}

/* False with a fault. */
static bool compile_roi_step(struct compiler *compiler,
	const struct json *value, const char *pointer, struct roi_step *out)
{
	const struct json *pct = value->first ? value->first->next : NULL;
	const char *at = report_pointer_index(compiler->arena, pointer, 1);
	int64_t minutes;

	if (value->kind != JSON_ARRAY || value->count != 2) {
		COMPILE_FAULT(
			compiler, pointer, "must be [minutes, \"percent\"]");
		return false;
	}
	if (!json_integer(value->first, &minutes) || minutes < 0 ||
		minutes > MINUTES_LIMIT) {
		COMPILE_FAULT(compiler,
			report_pointer_index(compiler->arena, pointer, 0),
			"must be whole minutes from 0 to %d", MINUTES_LIMIT);
		return false;
	}
	out->minutes = minutes;
	out->any = json_is_text(pct, "-1");
	return out->any ||
	       compile_amount(compiler, pct, at, &gain_or_zero, &out->pct);
}

static void compile_roi(struct compiler *compiler, const struct json *value,
	const char *pointer)
{
	struct rules *rules = &compiler->program->rules;
	size_t index = 0;

	if (value->kind != JSON_ARRAY || value->count < 1 ||
		value->count > ROI_STEP_LIMIT) {
		COMPILE_FAULT(compiler, pointer,
			"must be a list of 1 to %d steps [minutes, "
			"\"percent\"]",
			ROI_STEP_LIMIT);
		return;
	}
	for (const struct json *v = value->first; v; v = v->next, index++) {
		const char *at =
			report_pointer_index(compiler->arena, pointer, index);
		struct roi_step *step = &rules->roi[rules->roi_count];

		if (!compile_roi_step(compiler, v, at, step))
			continue;
		if (rules->roi_count && step->minutes <= step[-1].minutes)
			COMPILE_FAULT(compiler, at,
				"must begin later than the step before");
		rules->roi_count++;
	}
}

void compile_stops(struct compiler *compiler, const struct json *value,
	const char *pointer)
{
	struct rules *rules = &compiler->program->rules;
	const struct json *even, *bars, *roi;

	if (!value || !compile_members(compiler, value, pointer, stop_names))
		return;
	compile_distances(compiler, value, pointer);
	compile_trailing(compiler, value, pointer);
	even = compile_given(value, "break_even");
	bars = compile_given(value, "max_bars");
	roi = compile_given(value, "roi");
	if (even)
		compile_even(compiler, even,
			compile_at(compiler, pointer, "break_even"));
	if (bars)
		(void)compile_whole(compiler, bars,
			compile_at(compiler, pointer, "max_bars"), bar_counts,
			&rules->max_bars);
	if (roi)
		compile_roi(
			compiler, roi, compile_at(compiler, pointer, "roi"));
}
