/*
 * The "stops" and "sizing" members: amounts as decimal strings, into the
 * ledger's scale. Never rounds what the user wrote.
 */
#include "compile_private.h"

#include "ledger_private.h"

static const char *const stop_names[] = {
	"stop_loss_pct", "take_profit_pct", "trailing_pct", NULL};
static const char *const mode_names[] = {
	[SIZING_ALL_IN] = "all_in",
	[SIZING_FIXED] = "fixed",
	[SIZING_PCT_EQUITY] = "pct_equity",
	NULL,
};
static const char *const all_in_members[] = {"mode", NULL};
static const char *const fixed_members[] = {"mode", "quantity", NULL};
static const char *const pct_members[] = {"mode", "pct", NULL};

enum {
	HUNDRED = 100,
	TAKE_PROFIT_LIMIT = 100000 /* percent */
};

/* Above 0 and up to `most` (scaled); anything else is a fault. */
static bool compile_amount(struct compiler *compiler, const struct json *value,
	const char *pointer, int64_t most, int64_t *out)
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
	if (units <= 0) {
		COMPILE_FAULT(compiler, pointer, "must be above 0");
		return false;
	}
	if (units > most) {
		COMPILE_FAULT(compiler, pointer, "must be at most %.15g",
			(double)most / LEDGER_ONE);
		return false;
	}
	*out = units;
	return true;
}

static void compile_stop(struct compiler *compiler, const struct json *value,
	const char *pointer, int64_t most, int64_t *out)
{
	if (value && value->kind != JSON_NULL)
		(void)compile_amount(compiler, value, pointer, most, out);
}

void compile_stops(struct compiler *compiler, const struct json *value,
	const char *pointer)
{
	struct rules *rules = &compiler->program->rules;
	const char *loss = compile_at(compiler, pointer, "stop_loss_pct");
	const struct json *trailing;

	if (!value || !compile_members(compiler, value, pointer, stop_names))
		return;
	compile_stop(compiler, json_member(value, "stop_loss_pct"), loss,
		(int64_t)HUNDRED * LEDGER_ONE, &rules->stop_loss_pct);
	if (rules->stop_loss_pct == (int64_t)HUNDRED * LEDGER_ONE)
		COMPILE_FAULT(compiler, loss, "must be below 100");
	compile_stop(compiler, json_member(value, "take_profit_pct"),
		compile_at(compiler, pointer, "take_profit_pct"),
		(int64_t)TAKE_PROFIT_LIMIT * LEDGER_ONE,
		&rules->take_profit_pct);
	trailing = json_member(value, "trailing_pct");
	if (trailing && trailing->kind != JSON_NULL)
		COMPILE_FAULT(compiler,
			compile_at(compiler, pointer, "trailing_pct"),
			"trailing stops are not supported yet: "
			"leave it out or null");
}

static void compile_required(struct compiler *compiler,
	const struct json *object, const char *pointer, const char *name,
	int64_t most)
{
	const struct json *value = json_member(object, name);
	const char *at = compile_at(compiler, pointer, name);

	if (!value)
		COMPILE_FAULT(compiler, at, "is required");
	else
		(void)compile_amount(compiler, value, at, most,
			&compiler->program->rules.amount);
}

static void compile_mode(struct compiler *compiler, const struct json *value,
	const char *pointer, enum sizing_mode mode)
{
	compiler->program->rules.sizing = mode;
	switch (mode) {
	case SIZING_ALL_IN:
		compile_members(compiler, value, pointer, all_in_members);
		return;
	case SIZING_FIXED:
		compile_members(compiler, value, pointer, fixed_members);
		compile_required(
			compiler, value, pointer, "quantity", INT64_MAX);
		return;
	case SIZING_PCT_EQUITY:
		compile_members(compiler, value, pointer, pct_members);
		compile_required(compiler, value, pointer, "pct",
			(int64_t)HUNDRED * LEDGER_ONE);
		return;
	}
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
