/*
 * A user's strategies and their versions. Must never store a definition
 * that does not compile, nor tell another user's strategy from a missing
 * one.
 */
#include "strategies.h"

#include "book_private.h"
#include "definition_private.h"
#include "id.h"
#include "owned_private.h"
#include "page_private.h"
#include "program.h"
#include "strategy_sweep_private.h"
#include "text.h"

enum {
	VERSIONS_LIMIT = 1000 /* of one strategy */
};

static const char versions_name[] = "versions";

static const char count_sql[] =
	"SELECT COUNT(*) FROM strategies"
	" WHERE user_id = :owner AND removed_at IS NULL";
static const char create_sql[] =
	"INSERT INTO strategies"
	" (user_id, id, name, version, created_at, updated_at)"
	" VALUES (:owner, :id, :name, 1, :now, :now)";
static const char version_create_sql[] =
	"INSERT INTO strategy_versions"
	" (user_id, strategy_id, version, definition, created_at)"
	" VALUES (:owner, :id, :version, :definition, :now)";
static const char get_sql[] =
	"SELECT s.id, s.name, s.version, v.definition, s.created_at,"
	" s.updated_at FROM strategies s JOIN strategy_versions v"
	" ON v.user_id = s.user_id AND v.strategy_id = s.id"
	" AND v.version = s.version"
	" WHERE s.user_id = :owner AND s.id = :id AND s.removed_at IS NULL";
static const char list_sql[] =
	"SELECT s.id, s.name, s.version, v.definition, s.created_at,"
	" s.updated_at FROM strategies s JOIN strategy_versions v"
	" ON v.user_id = s.user_id AND v.strategy_id = s.id"
	" AND v.version = s.version"
	" WHERE s.user_id = :owner AND s.id < :after"
	" AND s.removed_at IS NULL ORDER BY s.id DESC LIMIT :limit";
static const char version_sql[] =
	"SELECT version FROM strategies"
	" WHERE user_id = :owner AND id = :id AND removed_at IS NULL";
static const char update_sql[] =
	"UPDATE strategies SET name = :name, version = version + 1,"
	" updated_at = :now WHERE user_id = :owner AND id = :id"
	" AND removed_at IS NULL RETURNING version, created_at";
static const char remove_sql[] =
	"UPDATE strategies SET removed_at = :now"
	" WHERE user_id = :owner AND id = :id AND removed_at IS NULL";
static const char stop_sql[] =
	"UPDATE strategy_runs SET state = 'stopped', stopped_at = :now"
	" WHERE user_id = :owner AND strategy_id = :id AND state = 'running'";
static const char versions_sql[] =
	"SELECT version, definition, created_at FROM strategy_versions"
	" WHERE user_id = :owner AND strategy_id = :id AND version < :after"
	" ORDER BY version DESC LIMIT :limit";

static struct strategy_view view_read(const struct rows *rows)
{
	return (struct strategy_view){
		.id = rows_text(rows, 0),
		.name = rows_text(rows, 1),
		.version = rows_int(rows, 2),
		.definition = owned_json(rows, 3),
		.created_at = {rows_int(rows, 4)},
		.updated_at = {rows_int(rows, 5)},
	};
}

static enum err version_create(
	struct scope *scope, const struct strategy_view *view)
{
	return scope_run(scope, version_create_sql,
		BINDS(bind_text(":id", view->id),
			bind_int(":version", view->version),
			bind_text(":definition", view->definition.text),
			bind_int(":now", scope_now(scope))),
		NULL);
}

static enum err create_write(struct scope *scope, const struct limits *limits,
	const struct strategy_view *view)
{
	enum err err = owned_quota_check(
		scope, count_sql, limits->strategies_per_user, "strategies");

	if (err == ERR_OK)
		err = scope_run(scope, create_sql,
			BINDS(bind_text(":id", view->id),
				bind_text(":name", view->name),
				bind_int(":now", scope_now(scope))),
			NULL);
	if (err == ERR_OK)
		err = version_create(scope, view);
	return err;
}

enum err strategy_create(struct scope *scope, const struct limits *limits,
	const struct strategy_new *in, struct strategy_view *out)
{
	struct definition definition;
	struct strategy_view view;
	enum err err =
		definition_check(scope, in->definition, in->name, &definition);

	if (err == ERR_OK)
		err = scope_begin(scope);
	if (err != ERR_OK)
		return err;
	view = (struct strategy_view){
		.id = id_new(scope_arena(scope), scope_now(scope)),
		.name = definition.name,
		.version = 1,
		.definition = {definition.text, definition.len},
		.created_at = {scope_now(scope)},
		.updated_at = {scope_now(scope)},
	};
	err = create_write(scope, limits, &view);
	err = scope_end(scope, err);
	if (err != ERR_OK)
		return err;
	*out = view;
	return ERR_OK;
}

enum err strategy_get(
	struct scope *scope, const char *id, struct strategy_view *out)
{
	struct rows *rows;
	enum err err;

	if (!id_is_valid(id))
		return ERR_NOT_FOUND;
	err = scope_one(scope, get_sql, BINDS(bind_text(":id", id)), &rows);
	if (err != ERR_OK)
		return err;
	*out = view_read(rows);
	rows_end(rows);
	return ERR_OK;
}

static const char *item_read(const struct rows *rows, void *item, size_t *bytes)
{
	struct strategy_view *view = item;

	*view = view_read(rows);
	*bytes += view->definition.len;
	return view->id;
}

enum err strategy_list(
	struct scope *scope, const struct page_query *in, struct page *out)
{
	static const struct page_kind kind = {.list = "strategies",
		.size = sizeof(struct strategy_view),
		.read = item_read};

	return page_by_id(scope, &kind, list_sql, in, out);
}

/* Inside the transaction that changes it: nobody can come between. */
static enum err version_check(
	struct scope *scope, const char *id, int64_t if_version)
{
	struct rows *rows;
	int64_t version;
	enum err err;

	if (if_version == 0)
		return ERR_OK;
	err = scope_one(scope, version_sql, BINDS(bind_text(":id", id)), &rows);
	if (err != ERR_OK)
		return err;
	version = rows_int(rows, 0);
	rows_end(rows);
	return version == if_version ? ERR_OK : ERR_PRECONDITION;
}

/* Raises the version; ERR_NOT_FOUND when it is not this user's. */
static enum err version_raise(struct scope *scope, struct strategy_view *view)
{
	struct rows *rows;
	enum err err = scope_one(scope, update_sql,
		BINDS(bind_text(":name", view->name),
			bind_int(":now", scope_now(scope)),
			bind_text(":id", view->id)),
		&rows);

	if (err != ERR_OK)
		return err;
	view->version = rows_int(rows, 0);
	view->created_at.ms = rows_int(rows, 1);
	rows_end(rows);
	if (view->version <= VERSIONS_LIMIT)
		return ERR_OK;
	report_detail(scope_report(scope),
		"The limit of %d versions is reached; save it as a new "
		"strategy.",
		VERSIONS_LIMIT);
	return ERR_CONFLICT;
}

enum err strategy_update(struct scope *scope, const struct strategy_change *in,
	struct strategy_view *out)
{
	struct definition definition;
	struct strategy_view view;
	enum err err;

	if (!id_is_valid(in->id))
		return ERR_NOT_FOUND;
	err = definition_check(scope, in->definition, in->name, &definition);
	if (err == ERR_OK)
		err = scope_begin(scope);
	if (err != ERR_OK)
		return err;
	view = (struct strategy_view){
		.id = in->id,
		.name = definition.name,
		.definition = {definition.text, definition.len},
		.updated_at = {scope_now(scope)},
	};
	err = version_check(scope, in->id, in->if_version);
	if (err == ERR_OK)
		err = version_raise(scope, &view);
	if (err == ERR_OK)
		err = version_create(scope, &view);
	err = scope_end(scope, err);
	if (err != ERR_OK)
		return err;
	*out = view;
	return ERR_OK;
}

static enum err remove_write(struct scope *scope, const char *id)
{
	int64_t changed = 0;
	enum err err = scope_run(scope, remove_sql,
		BINDS(bind_int(":now", scope_now(scope)), bind_text(":id", id)),
		&changed);

	if (err == ERR_OK && changed == 0)
		err = ERR_NOT_FOUND;
	if (err == ERR_OK)
		err = scope_run(scope, stop_sql,
			BINDS(bind_int(":now", scope_now(scope)),
				bind_text(":id", id)),
			NULL);
	if (err == ERR_OK)
		err = book_settle(scope);
	return err == ERR_OK ? strategy_sweep(scope, id) : err;
}

enum err strategy_remove(
	struct scope *scope, const char *id, int64_t if_version)
{
	enum err err;

	if (!id_is_valid(id))
		return ERR_NOT_FOUND;
	err = scope_begin(scope);
	if (err != ERR_OK)
		return err;
	err = version_check(scope, id, if_version);
	if (err == ERR_OK)
		err = remove_write(scope, id);
	return scope_end(scope, err);
}

static enum err exists_check(struct scope *scope, const char *id)
{
	return id_is_valid(id) ? strategy_stands(scope, id) : ERR_NOT_FOUND;
}

/* The number as text, for the cursor, comes from the statement itself. */
static const char *version_read(
	const struct rows *rows, void *item, size_t *bytes)
{
	struct strategy_version_view *view = item;

	view->version = rows_int(rows, 0);
	view->definition = owned_json(rows, 1);
	view->created_at.ms = rows_int(rows, 2);
	*bytes += view->definition.len;
	return rows_text(rows, 0);
}

enum err strategy_versions(struct scope *scope, const char *id,
	const struct page_query *in, struct page *out)
{
	static const struct page_kind kind = {.list = versions_name,
		.size = sizeof(struct strategy_version_view),
		.read = version_read};
	struct rows *rows;
	int64_t after = 0;
	enum err err = exists_check(scope, id);

	if (err == ERR_OK)
		err = page_after_number(
			scope_report(scope), versions_name, in->cursor, &after);
	if (err == ERR_OK)
		err = scope_query(scope, versions_sql,
			BINDS(bind_text(":id", id), bind_int(":after", after),
				bind_int(":limit", in->limit + 1)),
			&rows);
	if (err != ERR_OK)
		return err;
	return page_read(scope_arena(scope), &kind, rows, in->limit, out);
}

enum err strategy_validate(struct scope *scope, const struct json *definition,
	struct strategy_check *out)
{
	struct definition checked;
	enum err err = definition_check(scope, definition, NULL, &checked);

	if (err != ERR_OK)
		return err;
	*out = (struct strategy_check){
		.valid = true,
		.name = checked.name,
		.interval = program_interval(checked.program),
		.warmup = (int64_t)program_warmup(checked.program),
	};
	return ERR_OK;
}
