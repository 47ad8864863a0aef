/*
 * The value of one setting: checking it and storing it. Messages name the
 * setting and its rule, never the value: it might be a password in a URL.
 */
#include "conf_private.h"

#include <inttypes.h>

#include "text.h"

enum conf_kind conf_kind_of(const struct conf_row *row)
{
	return row->choices ? CONF_CHOICE : row->kind;
}

static bool parse_bool(const char *text, bool *out)
{
	static const char *const yes[] = {"true", "yes", "on", "1"};
	static const char *const no[] = {"false", "no", "off", "0"};

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		if (!text_equal(text, yes[i]) && !text_equal(text, no[i]))
			continue;
		*out = text_equal(text, yes[i]);
		return true;
	}
	return false;
}

static bool check_text(const struct conf_row *row, const char *text,
	const char *where, struct report *report)
{
	int64_t len = (int64_t)strlen(text);

	if (!text_is_utf8(text, (size_t)len) ||
		text_has_control(text, (size_t)len)) {
		report_fault(report, where,
			"%s must be UTF-8 without control characters",
			row->name);
		return false;
	}
	if (row->min == 0 && row->max == 0)
		return true;
	if (len >= row->min && len <= row->max)
		return true;
	report_fault(report, where,
		"%s must be %" PRId64 " to %" PRId64 " bytes long", row->name,
		row->min, row->max);
	return false;
}

static bool check_int(const struct conf_row *row, const char *text,
	const char *where, struct report *report)
{
	int64_t value;

	if (!text_integer(text, &value)) {
		report_fault(report, where, "%s must be a whole number%s%s",
			row->name, row->unit ? " of " : "",
			row->unit ? row->unit : "");
		return false;
	}
	if (row->min == 0 && row->max == 0)
		return true;
	if (value >= row->min && value <= row->max)
		return true;
	report_fault(report, where,
		"%s must be from %" PRId64 " to %" PRId64 "%s%s", row->name,
		row->min, row->max, row->unit ? " " : "",
		row->unit ? row->unit : "");
	return false;
}

static bool check_choice(const struct conf_row *row, const char *text,
	const char *where, struct report *report)
{
	const char *near;

	for (const char *const *choice = row->choices; *choice; choice++)
		if (text_equal(text, *choice))
			return true;
	near = text_suggest(text, row->choices);
	if (near)
		report_fault(report, where,
			"%s has no such choice; did you mean %s?", row->name,
			near);
	else
		report_fault(report, where,
			"%s has no such choice; the first one is %s", row->name,
			row->choices[0]);
	return false;
}

bool conf_check(const struct conf_row *row, const char *text, const char *where,
	struct report *report)
{
	bool truth;

	switch (conf_kind_of(row)) {
	case CONF_TEXT:
		return check_text(row, text, where, report);
	case CONF_INT:
		return check_int(row, text, where, report);
	case CONF_CHOICE:
		return check_choice(row, text, where, report);
	case CONF_BOOL:
		if (parse_bool(text, &truth))
			return true;
		report_fault(
			report, where, "%s must be true or false", row->name);
		return false;
	}
	return false;
}

void conf_store(const struct conf_row *row, const char *text, void *out)
{
	char *member = (char *)out + row->offset;
	int64_t number = 0;
	bool truth = false;

	switch (conf_kind_of(row)) {
	case CONF_TEXT:
	case CONF_CHOICE:
		memcpy(member, &text, sizeof(text));
		break;
	case CONF_INT:
		/* checked before; none given is 0 */
		if (text && !text_integer(text, &number))
			number = 0;
		memcpy(member, &number, sizeof(number));
		break;
	case CONF_BOOL:
		if (text && !parse_bool(text, &truth))
			truth = false;
		memcpy(member, &truth, sizeof(truth));
		break;
	}
}
