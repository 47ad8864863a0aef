/*
 * The "sizing" member, and what all rules beside the conditions are read
 * with. Never rounds what the user wrote.
 */
#include "compile_rules_private.h"

#include <math.h>

static const char *const mode_names[] = {
	[SIZING_ALL_IN] = "all_in",
	[SIZING_FIXED] = "fixed",
	[SIZING_PCT_EQUITY] = "pct_equity",
	[SIZING_QUOTE] = "quote",
	[SIZING_RISK_PCT] = "risk_pct",
	NULL,
};

enum {
	HUNDRED = 100
};

static const struct amount_range anything = {.most = INT64_MAX};
static const struct amount_range whole_share = {
	.most = (int64_t)HUNDRED * LEDGER_ONE};
const struct amount_range compile_share = {
	.most = (int64_t)HUNDRED * LEDGER_ONE, .below = true};

/* A mode's members, and its amount: NULL where it has none. */
struct mode_row {
	const char *members[3];
	const struct amount_range *range;
};

static const struct mode_row modes[] = {
	[SIZING_ALL_IN] = {{"mode", NULL}, NULL},
	[SIZING_FIXED] = {{"mode", "quantity", NULL}, &anything},
	[SIZING_PCT_EQUITY] = {{"mode", "pct", NULL}, &whole_share},
	[SIZING_QUOTE] = {{"mode", "amount", NULL}, &anything},
	[SIZING_RISK_PCT] = {{"mode", "pct", NULL}, &compile_share},
};

/* False with a fault when the amount lies outside the range. */
static bool amount_fits(struct compiler *compiler, int64_t units,
	const char *pointer, const struct amount_range *range)
{
	if (units < 0 && range->or_zero)
		COMPILE_FAULT(compiler, pointer, "must be 0 or more");
	else if (units <= 0 && !range->or_zero)
		COMPILE_FAULT(compiler, pointer, "must be above 0");
	else if (units > range->most)
		COMPILE_FAULT(compiler, pointer, "must be at most %.15g",
			(double)range->most / LEDGER_ONE);
	else if (units == range->most && range->below)
		COMPILE_FAULT(compiler, pointer, "must be below %.15g",
			(double)range->most / LEDGER_ONE);
	else
		return true;
	return false;
}

bool compile_amount(struct compiler *compiler, const struct json *value,
	const char *pointer, const struct amount_range *range, int64_t *out)
{
	struct decimal amount;
	int64_t units;

	if (value->kind != JSON_TEXT ||
		decimal_parse(value->text, value->len, &amount) != ERR_OK) {
		COMPILE_FAULT(compiler, pointer,
			"must be a decimal in a string, such as \"2.5\"");
		return false;
	}
	if (ledger_units(amount, &units) != ERR_OK) {
		COMPILE_FAULT(compiler, pointer,
			"must have at most 8 digits behind the point "
			"and be below 92 billion");
		return false;
	}
	if (!amount_fits(compiler, units, pointer, range))
		return false;
	*out = units;
	return true;
}

const struct json *compile_given(const struct json *object, const char *name)
{
	const struct json *value = json_member(object, name);

	return value && value->kind != JSON_NULL ? value : NULL;
}

void compile_optional(struct compiler *compiler, struct rule_object object,
	const char *name, const struct amount_range *range, int64_t *out)
{
	const struct json *value = compile_given(object.value, name);

	if (value)
		(void)compile_amount(compiler, value,
			compile_at(compiler, object.pointer, name), range, out);
}

bool compile_whole(struct compiler *compiler, const struct json *value,
	const char *pointer, struct whole_range range, size_t *out)
{
	double number;

	if (!compile_number(compiler, value, pointer, &number))
		return false;
	if (!(number >= (double)range.least) || number > (double)range.most ||
		number != floor(number)) {
		COMPILE_FAULT(compiler, pointer,
			"must be a whole number from %zu to %zu", range.least,
			range.most);
		return false;
	}
	*out = (size_t)number;
	return true;
}

static void compile_mode(struct compiler *compiler, const struct json *value,
	const char *pointer, enum sizing_mode mode)
{
	struct rules *rules = &compiler->program->rules;
	const struct mode_row *row = &modes[mode];
	const struct json *amount;
	const char *at;

	rules->sizing = mode;
	compile_members(compiler, value, pointer, row->members);
	if (!row->range)
		return;
	amount = json_member(value, row->members[1]);
	at = compile_at(compiler, pointer, row->members[1]);
	if (!amount)
		COMPILE_FAULT(compiler, at, "is required");
	else
		(void)compile_amount(
			compiler, amount, at, row->range, &rules->amount);
	if (mode == SIZING_RISK_PCT && !compiler->failed &&
		!rules->stop_loss_pct && !rules->multiple[LEVEL_STOP])
		COMPILE_FAULT(compiler, compile_at(compiler, pointer, "mode"),
			"risk_pct needs stop_loss_pct or stop_loss_atr "
			"in stops");
}

/* Without the member: all_in, the program's zero. */
void compile_sizing(struct compiler *compiler, const struct json *value,
	const char *pointer)
{
	const struct json *mode;
	const char *at;
	int index;

	if (!value)
		return;
	if (value->kind != JSON_OBJECT) {
		COMPILE_FAULT(compiler, pointer, "must be an object");
		return;
	}
	mode = json_member(value, "mode");
	at = compile_at(compiler, pointer, "mode");
	if (!mode || mode->kind != JSON_TEXT) {
		COMPILE_FAULT(
			compiler, at, mode ? "must be a text" : "is required");
		return;
	}
	index = compile_index(mode_names, mode->text);
	if (index < 0)
		compile_unknown(
			compiler, at, "sizing mode", mode->text, mode_names);
	else
		compile_mode(compiler, value, pointer, (enum sizing_mode)index);
}
