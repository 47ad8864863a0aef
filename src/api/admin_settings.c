/*
 * System settings, for admins: what may be changed at run time, what it is
 * now and where that came from. Secrets are never among them.
 */
#include "admin_settings.h"

#include "replies_private.h"
#include "system_settings.h"

enum {
	AUDIT_NAMES_LIMIT = 512 /* bytes; more is cut */
};

static const char *const kinds[] = {"text", "integer", "boolean", NULL};
static const char *const sources[] = {"default", "database", "file",
	"environment", "secret file", "credential", NULL};
static const struct field setting_fields[] = {
	FIELD(struct system_setting, name, .doc = "the setting's name"),
	FIELD(struct system_setting, help, .doc = "what it does"),
	FIELD(struct system_setting, kind, .one_of = kinds,
		.doc = "of its value"),
	FIELD(struct system_setting, unit, .nullable = true,
		.doc = "such as s or bytes"),
	FIELD(struct system_setting, value, .doc = "in force"),
	{.name = "default",
		.kind = SHAPE_RAW,
		.offset = offsetof(struct system_setting, initial),
		.doc = "without anybody's choice"},
	FIELD(struct system_setting, min, .nullable = true,
		.doc = "least number, or length of a text"),
	FIELD(struct system_setting, max, .nullable = true,
		.doc = "largest number, or length of a text"),
	FIELD(struct system_setting, source, .one_of = sources,
		.doc = "where the value came from"),
	FIELD(struct system_setting, locked,
		.doc = "fixed by the operator's file or environment"),
	FIELD(struct system_setting, updated_at, .nullable = true,
		.doc = "when an admin last changed it"),
	FIELD(struct system_setting, updated_by, .nullable = true,
		.doc = "that admin's user id"),
};
static const struct shape setting_shape =
	SHAPE("system_setting", struct system_setting, setting_fields);
static const struct field settings_fields[] = PAGE_FIELDS(setting_shape);
const struct shape system_settings_shape =
	SHAPE("system_settings", struct page, settings_fields);

static const struct field input_fields[] = {
	FIELD(struct system_settings_input, values, .required = true,
		.doc = "an object of names and values; null: back to the "
		       "default; what is not named stays"),
};
const struct shape system_settings_input_shape = SHAPE(
	"system_settings_change", struct system_settings_input, input_fields);

enum err handle_system_settings(struct call *call, struct admin_scope *admin,
	const void *input, void *out)
{
	const struct system_settings *system = call->services->system;
	struct page *page = out;

	(void)input;
	if (!system)
		return ERR_UNAVAILABLE;
	return system_settings_list(admin, system, &page->data);
}

/* Names, never values. Only those of the table get as far as the audit. */
static const char *names_of(struct arena *arena, const struct json *values)
{
	const struct json *value = values->first;
	struct buf names;

	buf_init(&names, arena, AUDIT_NAMES_LIMIT);
	for (; value && values->kind == JSON_OBJECT; value = value->next) {
		buf_text(&names, names.len > 0 ? " " : "");
		buf_text(&names, value->name);
	}
	return names.data;
}

enum err handle_system_settings_put(struct call *call,
	struct admin_scope *admin, const void *input, void *out)
{
	const struct system_settings *system = call->services->system;
	const struct system_settings_input *in = input;
	struct page *page = out;
	enum err err;

	if (!system)
		return ERR_UNAVAILABLE;
	err = system_settings_change(admin, system, in->values);
	if (err != ERR_OK)
		return err;
	call->audit_detail = names_of(call->arena, in->values);
	return system_settings_list(admin, system, &page->data);
}
