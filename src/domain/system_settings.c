/*
 * System settings in the database. Each value is checked by the same row of
 * the table that reads the file; a value that a newer program no longer
 * allows is left out, never guessed at.
 */
#include "system_settings.h"

#include "buf.h"
#include "events.h"
#include "json_write.h"
#include "risk.h"
#include "text.h"
#include "vector_private.h"

static const char list_sql[] =
	"SELECT name, value, updated_at, updated_by FROM system_settings";
static const char put_sql[] =
	"INSERT INTO system_settings (name, value, updated_at, updated_by)"
	" VALUES (:name, :value, :now, :actor)"
	" ON CONFLICT (name) DO UPDATE SET value = excluded.value,"
	" updated_at = excluded.updated_at, updated_by = excluded.updated_by";
static const char remove_sql[] =
	"DELETE FROM system_settings WHERE name = :name";
static const char value_sql[] =
	"SELECT value FROM system_settings WHERE name = :name";

enum {
	VALUE_JSON_LIMIT = 16 * 1024
};

/* What the operator alone switches off, an admin's session must not. */
static bool row_check(const struct conf_row *row, const char *text,
	const char *where, struct report *report)
{
	int64_t number;

	if (!conf_check(row, text, where, report))
		return false;
	if (!row->stays_on || !text_integer(text, &number) || number != 0)
		return true;
	report_fault(report, where,
		"%s is switched off in the settings file only", row->name);
	return false;
}

/* What stands in the database for one row. */
struct stored {
	const char *value; /* NULL: nothing */
	const struct timestamp *updated_at;
	const char *updated_by;
};

static bool is_locked(const struct system_settings *system, size_t row)
{
	return system->origins[row].source != CONF_FROM_DEFAULT;
}

/* One entry a row of the table; names that are no rows are passed over. */
static enum err stored_read(struct admin_scope *admin,
	const struct system_settings *system, struct stored **out)
{
	struct arena *arena = admin_arena(admin);
	struct stored *stored =
		arena_array(arena, system->table->count, sizeof(*stored));
	struct rows *rows;
	bool more;
	enum err err = admin_query(admin, list_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	while ((err = rows_next(rows, &more)) == ERR_OK && more) {
		const struct conf_row *row =
			conf_find(system->table, rows_text(rows, 0));
		struct timestamp *at;

		if (!row || !row->live)
			continue;
		at = arena_alloc(arena, sizeof(*at));
		at->ms = rows_int(rows, 2);
		stored[row - system->table->rows] = (struct stored){
			rows_text(rows, 1), at, rows_text(rows, 3)};
	}
	rows_end(rows);
	if (err == ERR_OK)
		*out = stored;
	return err;
}

static void stored_apply(struct admin_scope *admin,
	const struct system_settings *system, const struct stored *stored,
	void *values, struct conf_origin *origins)
{
	for (size_t i = 0; i < system->table->count; i++) {
		const struct conf_row *row = &system->table->rows[i];

		if (origins)
			origins[i] = system->origins[i];
		if (!stored[i].value || is_locked(system, i) ||
			!row_check(row, stored[i].value, row->name,
				admin_report(admin)))
			continue;
		conf_store(row, stored[i].value, values);
		if (origins)
			origins[i] = (struct conf_origin){
				.source = CONF_FROM_DATABASE};
	}
}

enum err system_settings_load(struct admin_scope *admin,
	const struct system_settings *system, void *values,
	struct conf_origin *origins)
{
	struct stored *stored;
	enum err err = stored_read(admin, system, &stored);

	if (err != ERR_OK)
		return err;
	memcpy(values, system->fixed, system->size);
	stored_apply(admin, system, stored, values, origins);
	return ERR_OK;
}

/* ---- shown ------------------------------------------------------------------ */

static struct raw_json json_of(
	const struct conf_row *row, struct arena *arena, const char *text)
{
	struct json_writer writer;
	struct buf out;
	int64_t number;

	buf_init(&out, arena, VALUE_JSON_LIMIT);
	json_write_init(&writer, &out);
	if (conf_kind_of(row) == CONF_BOOL)
		json_put_bool(&writer, text_equal(text, "true"));
	else if (conf_kind_of(row) == CONF_INT && text_integer(text, &number))
		json_put_int(&writer, number);
	else
		json_put_text(&writer, text);
	return (struct raw_json){out.data, out.len};
}

static struct raw_json bound(
	const struct conf_row *row, struct arena *arena, int64_t value)
{
	const char *text;

	if (conf_kind_of(row) == CONF_BOOL || (row->min == 0 && row->max == 0))
		return (struct raw_json){.text = NULL};
	text = arena_format(arena, "%lld", (long long)value);
	return (struct raw_json){text, strlen(text)};
}

static const char *kind_name(const struct conf_row *row)
{
	switch (conf_kind_of(row)) {
	case CONF_INT:
		return "integer";
	case CONF_BOOL:
		return "boolean";
	case CONF_TEXT:
	case CONF_CHOICE:
		break;
	}
	return "text";
}

static struct system_setting view_of(const struct conf_row *row,
	struct arena *arena, const void *values, enum conf_source source)
{
	return (struct system_setting){
		.name = row->name,
		.help = row->help,
		.kind = kind_name(row),
		.unit = row->unit,
		.value = json_of(row, arena, conf_show(row, arena, values)),
		.initial =
			json_of(row, arena, row->initial ? row->initial : ""),
		.min = bound(row, arena, row->min),
		.max = bound(row, arena, row->max),
		.source = conf_source_name(source),
		.locked = source != CONF_FROM_DEFAULT &&
			  source != CONF_FROM_DATABASE,
	};
}

enum err system_settings_list(struct admin_scope *admin,
	const struct system_settings *system, struct list *out)
{
	struct arena *arena = admin_arena(admin);
	void *values = arena_alloc(arena, system->size);
	struct conf_origin *origins =
		arena_array(arena, system->table->count, sizeof(*origins));
	struct stored *stored;
	struct vector views;
	enum err err = stored_read(admin, system, &stored);

	if (err != ERR_OK)
		return err;
	memcpy(values, system->fixed, system->size);
	stored_apply(admin, system, stored, values, origins);
	vector_init(&views, arena, sizeof(struct system_setting));
	for (size_t i = 0; i < system->table->count; i++) {
		const struct conf_row *row = &system->table->rows[i];
		struct system_setting *view;

		if (!row->live)
			continue;
		view = vector_add(&views);
		*view = view_of(row, arena, values, origins[i].source);
		view->updated_at = stored[i].updated_at;
		view->updated_by = stored[i].updated_by;
	}
	*out = (struct list){views.items, views.count};
	return ERR_OK;
}

/* ---- changed ---------------------------------------------------------------- */

/* As it would stand in the file, or NULL with a fault. */
static const char *text_of(const struct conf_row *row, const struct json *value,
	const char *where, struct report *report)
{
	enum json_kind wanted = JSON_TEXT;
	const char *text;

	if (conf_kind_of(row) == CONF_INT)
		wanted = JSON_NUMBER;
	else if (conf_kind_of(row) == CONF_BOOL)
		wanted = JSON_BOOL;
	if (value->kind != wanted) {
		report_fault(report, where, "%s must be %s", row->name,
			wanted == JSON_NUMBER ? "a whole number"
			: wanted == JSON_BOOL ? "true or false"
					      : "a text");
		return NULL;
	}
	text = value->text;
	if (wanted == JSON_BOOL)
		text = value->truth ? "true" : "false";
	return row_check(row, text, where, report) ? text : NULL;
}

/* The row that may be changed, or NULL with a fault. */
static const struct conf_row *row_find(const struct system_settings *system,
	const char *name, const char *where, struct report *report)
{
	const struct conf_row *row = conf_find(system->table, name);

	if (!row || !row->live) {
		report_fault(report, where,
			row ? "is not changed at run time: it stands in the "
			      "settings file"
			    : "there is no such setting");
		return NULL;
	}
	if (!is_locked(system, (size_t)(row - system->table->rows)))
		return row;
	report_fault(report, where, "is fixed by the operator (%s)",
		conf_source_name(
			system->origins[row - system->table->rows].source));
	return NULL;
}

static enum err change_one(struct admin_scope *admin,
	const struct system_settings *system, const struct json *value)
{
	struct report *report = admin_report(admin);
	const char *where =
		report_pointer(admin_arena(admin), "/values", value->name);
	const struct conf_row *row =
		row_find(system, value->name, where, report);
	const char *text;

	if (!row)
		return ERR_BAD_INPUT;
	if (value->kind == JSON_NULL)
		return admin_run(admin, remove_sql,
			BINDS(bind_text(":name", row->name)), NULL);
	text = text_of(row, value, where, report);
	if (!text)
		return ERR_BAD_INPUT;
	return admin_run(admin, put_sql,
		BINDS(bind_text(":name", row->name), bind_text(":value", text),
			bind_int(":now", admin_now(admin)),
			bind_text(":actor", admin_actor(admin))),
		NULL);
}

/* All of them, so that every fault is told at once. */
static enum err change_all(struct admin_scope *admin,
	const struct system_settings *system, const struct json *values)
{
	enum err result = ERR_OK;

	for (const struct json *at = values->first; at; at = at->next) {
		enum err err = change_one(admin, system, at);

		if (err != ERR_OK && result != ERR_UNAVAILABLE)
			result = err;
	}
	return result;
}

/* Each value is fine by itself; are they together? */
static enum err whole_check(
	struct admin_scope *admin, const struct system_settings *system)
{
	struct arena *arena = admin_arena(admin);
	struct report *report = admin_report(admin);
	struct report *found = report_open(arena);
	void *values = arena_alloc(arena, system->size);
	enum err err = system_settings_load(admin, system, values, NULL);

	if (err == ERR_OK)
		err = system->check(values, arena, found);
	for (size_t i = 0; i < found->fault_count; i++)
		report_fault(report,
			report_pointer(
				arena, "/values", found->faults[i].pointer),
			"%s", found->faults[i].message);
	if (err != ERR_OK && found->detail)
		report_detail(report, "%s", found->detail);
	return err;
}

/* Everybody who wants to know is told when the kill switch goes on. */
static enum err halt_tell(
	struct admin_scope *admin, const struct json *values, bool was_halted)
{
	const struct json *halt = json_member(values, RISK_HALT_SETTING);

	if (was_halted || !halt || halt->kind != JSON_BOOL || !halt->truth)
		return ERR_OK;
	return event_note_all(admin, EVENT_HALTED,
		"Trading is halted for everybody by an admin: no order is "
		"taken until it resumes");
}

static enum err halt_read(struct admin_scope *admin, bool *out)
{
	struct rows *rows;
	enum err err = admin_one(admin, value_sql,
		BINDS(bind_text(":name", RISK_HALT_SETTING)), &rows);

	*out = false;
	if (err == ERR_NOT_FOUND)
		return ERR_OK;
	if (err != ERR_OK)
		return err;
	*out = text_equal(rows_text(rows, 0), "true");
	rows_end(rows);
	return ERR_OK;
}

enum err system_settings_change(struct admin_scope *admin,
	const struct system_settings *system, const struct json *values)
{
	bool was_halted = false;
	enum err err;

	if (values->kind != JSON_OBJECT) {
		report_fault(admin_report(admin), "/values",
			"must be an object of names and values");
		return ERR_BAD_INPUT;
	}
	err = admin_begin(admin);
	if (err != ERR_OK)
		return err;
	err = halt_read(admin, &was_halted);
	if (err == ERR_OK)
		err = change_all(admin, system, values);
	if (err == ERR_OK)
		err = whole_check(admin, system);
	if (err == ERR_OK)
		err = halt_tell(admin, values, was_halted);
	err = admin_end(admin, err);
	if (err != ERR_OK)
		return err;
	if (system->changed)
		system->changed(system->context);
	return ERR_OK;
}
