/*
 * The "limits" and "session" members: when an entry is not taken. A limit
 * that is null or not there does not limit.
 */
#include "compile_rules_private.h"

static const char *const limit_names[] = {"max_open", "cooldown_bars",
	"max_trades_day", "max_daily_loss_pct", "max_drawdown_pct", NULL};
static const char *const session_names[] = {
	"days", "from", "to", "utc_offset", NULL};
static const char *const day_names[] = {
	"mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL};

enum {
	COUNT_LIMIT = 1000000,
	TEN = 10,
	HOUR = 60,
	DAY = 24 * HOUR,
	WEST_LIMIT = 12 * HOUR, /* the offsets that are in use */
	EAST_LIMIT = 14 * HOUR,
	CLOCK_CHARACTERS = 5, /* 09:30 */
	ALL_DAYS = 0x7f
};

static void compile_count(struct compiler *compiler, const struct json *value,
	const char *pointer, struct whole_range range, size_t *out)
{
	if (value)
		(void)compile_whole(compiler, value, pointer, range, out);
}

void compile_limits(struct compiler *compiler, const struct json *value,
	const char *pointer)
{
	struct rules *rules = &compiler->program->rules;

	if (!value || !compile_members(compiler, value, pointer, limit_names))
		return;
	compile_count(compiler, compile_given(value, "max_open"),
		compile_at(compiler, pointer, "max_open"),
		(struct whole_range){1, OPEN_LIMIT}, &rules->max_open);
	compile_count(compiler, compile_given(value, "cooldown_bars"),
		compile_at(compiler, pointer, "cooldown_bars"),
		(struct whole_range){0, COUNT_LIMIT}, &rules->cooldown_bars);
	compile_count(compiler, compile_given(value, "max_trades_day"),
		compile_at(compiler, pointer, "max_trades_day"),
		(struct whole_range){1, COUNT_LIMIT}, &rules->max_trades_day);
	compile_optional(compiler, (struct rule_object){value, pointer},
		"max_daily_loss_pct", &compile_share,
		&rules->max_daily_loss_pct);
	compile_optional(compiler, (struct rule_object){value, pointer},
		"max_drawdown_pct", &compile_share, &rules->max_drawdown_pct);
}

static bool two_digits(const char *text, int32_t *out)
{
	if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
		return false;
	*out = (text[0] - '0') * TEN + (text[1] - '0');
	return true;
}

/* "09:30" in minutes. */
static bool clock_read(const char *text, size_t len, int32_t *out)
{
	int32_t hours, minutes;

	if (len != CLOCK_CHARACTERS || text[2] != ':' ||
		!two_digits(text, &hours) || !two_digits(text + 3, &minutes) ||
		minutes >= HOUR || hours * HOUR + minutes > DAY)
		return false;
	*out = hours * HOUR + minutes;
	return true;
}

/* False with a fault. */
static bool compile_clock(struct compiler *compiler, const struct json *object,
	const char *pointer, const char *name, int32_t *out)
{
	const struct json *value = compile_given(object, name);
	int32_t most =
		out == &compiler->program->rules.session.to ? DAY : DAY - 1;
	int32_t minutes;

	if (value && value->kind == JSON_TEXT &&
		clock_read(value->text, value->len, &minutes) &&
		minutes <= most) {
		*out = minutes;
		return true;
	}
	if (value)
		COMPILE_FAULT(compiler, compile_at(compiler, pointer, name),
			"must be a time of day such as \"09:30\"");
	else
		COMPILE_FAULT(compiler, compile_at(compiler, pointer, name),
			"is required: from and to go together");
	return false;
}

static void compile_hours(struct compiler *compiler, const struct json *value,
	const char *pointer)
{
	struct session_rule *session = &compiler->program->rules.session;
	bool from, to;

	session->from = 0;
	session->to = DAY;
	if (!compile_given(value, "from") && !compile_given(value, "to"))
		return;
	from = compile_clock(compiler, value, pointer, "from", &session->from);
	to = compile_clock(compiler, value, pointer, "to", &session->to);
	if (from && to && session->from == session->to)
		COMPILE_FAULT(compiler, compile_at(compiler, pointer, "to"),
			"must differ from from");
}

static void compile_days(struct compiler *compiler, const struct json *value,
	const char *pointer)
{
	uint8_t *days = &compiler->program->rules.session.days;
	size_t index = 0;

	*days = value ? 0 : ALL_DAYS;
	if (!value)
		return;
	if (value->kind != JSON_ARRAY || value->count == 0) {
		COMPILE_FAULT(compiler, pointer,
			"must be a list of days such as [\"mon\", \"tue\"]");
		return;
	}
	for (const struct json *v = value->first; v; v = v->next, index++) {
		const char *at =
			report_pointer_index(compiler->arena, pointer, index);
		int day = v->kind == JSON_TEXT
				  ? compile_index(day_names, v->text)
				  : -1;

		if (v->kind != JSON_TEXT)
			COMPILE_FAULT(compiler, at, "must be a text");
		else if (day < 0)
			compile_unknown(
				compiler, at, "day", v->text, day_names);
		else if (*days & 1u << day)
			COMPILE_FAULT(compiler, at, "is there twice");
		else
			*days = (uint8_t)(*days | 1u << day);
	}
}

static void compile_offset(struct compiler *compiler, const struct json *value,
	const char *pointer)
{
	int32_t minutes;
	bool west;

	if (!value)
		return;
	west = value->kind == JSON_TEXT && value->text[0] == '-';
	if (value->kind != JSON_TEXT || (!west && value->text[0] != '+') ||
		!clock_read(value->text + 1, value->len - 1, &minutes) ||
		minutes > (west ? WEST_LIMIT : EAST_LIMIT)) {
		COMPILE_FAULT(compiler, pointer,
			"must be an offset from UTC such as \"+01:00\", from "
			"-12:00 to +14:00");
		return;
	}
	compiler->program->rules.session.offset = west ? -minutes : minutes;
}

void compile_session(struct compiler *compiler, const struct json *value,
	const char *pointer)
{
	if (!value || value->kind == JSON_NULL ||
		!compile_members(compiler, value, pointer, session_names))
		return;
	compile_days(compiler, compile_given(value, "days"),
		compile_at(compiler, pointer, "days"));
	compile_hours(compiler, value, pointer);
	compile_offset(compiler, compile_given(value, "utc_offset"),
		compile_at(compiler, pointer, "utc_offset"));
}
