/*
 * A user's preferences and secrets. A preference is a row of the table
 * below; a secret is sealed before it is stored and never read back: only
 * its hint is. Must never return, compare or report a secret's value.
 */
#include "settings.h"

#include "buf.h"
#include "symbol_private.h"
#include "text.h"
#include "secret_put_private.h"
#include "zone.h"

enum {
	CURRENCY_LENGTH = 3,
	SECRET_LIMIT = 512,
	NAMES_LIMIT = 256, /* bytes; all five take less */
	STORED_LIMIT = 64
};

static const char preferences_sql[] =
	"SELECT name, value FROM user_settings WHERE user_id = :owner";
static const char preference_put_sql[] =
	"INSERT INTO user_settings (user_id, name, value, updated_at)"
	" VALUES (:owner, :name, :value, :now)"
	" ON CONFLICT (user_id, name) DO UPDATE"
	" SET value = excluded.value, updated_at = excluded.updated_at";
static const char preference_drop_sql[] =
	"DELETE FROM user_settings WHERE user_id = :owner AND name = :name";
static const char currency_sql[] =
	"SELECT value FROM user_settings WHERE user_id = :owner"
	" AND name = 'currency'";
static const char secrets_sql[] =
	"SELECT name, hint, updated_at FROM user_secrets"
	" WHERE user_id = :owner";

static bool is_currency(const char *value)
{
	return strlen(value) == CURRENCY_LENGTH &&
	       strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == CURRENCY_LENGTH;
}

/* What is not there would count as UTC, and nobody would be told. */
static bool is_timezone(const char *value)
{
	return zone_is_known(ZONE_FOLDER, value);
}

static bool is_theme(const char *value)
{
	return text_equal(value, "system") || text_equal(value, "light") ||
	       text_equal(value, "dark");
}

/* "00:00" to "23:59" */
static bool is_time_of_day(const char *value)
{
	static const char digits[] = "0123456789";

	return strlen(value) == strlen("00:00") && strspn(value, digits) == 2 &&
	       value[2] == ':' && strspn(value + 3, digits) == 2 &&
	       strncmp(value, "24", 2) < 0 && value[3] < '6';
}

static bool is_truth(const char *value)
{
	return text_equal(value, "true") || text_equal(value, "false");
}

static const char usd[] = "USD";

struct preference {
	const char *name;
	const char *initial; /* NULL: none */
	size_t view;	     /* in struct settings: const char *, or bool */
	size_t patch;	     /* in struct settings_patch */
	bool (*check)(const char *value);
	const char *rule;
};

/* clang-format off */
#define PREFERENCE(member, ...)                                            \
	{ .name = #member, .view = offsetof(struct settings, member),      \
	  .patch = offsetof(struct settings_patch, member), __VA_ARGS__ }
static const struct preference preferences[] = {
	PREFERENCE(currency, .initial = usd, .check = is_currency,
		.rule = "must be an ISO 4217 code such as USD"),
	PREFERENCE(timezone, .initial = "UTC", .check = is_timezone,
		.rule = "must be a time zone name such as Europe/Berlin"),
	PREFERENCE(theme, .initial = "system", .check = is_theme,
		.rule = "must be one of: system, light, dark"),
	PREFERENCE(default_symbol, .initial = NULL,
		.check = symbol_is_valid, .rule = "must be " SYMBOL_RULE),
	PREFERENCE(summary_time, .initial = "08:00", .check = is_time_of_day,
		.rule = "must be a time of day such as 08:00"),
	PREFERENCE(notifications, .initial = "true", .check = is_truth,
		.rule = "must be true or false"),
};

struct secret_row {
	const char *name;
	size_t view;
	size_t patch;
};

#define SECRET(member)                                                     \
	{ .name = #member, .view = offsetof(struct settings, member),      \
	  .patch = offsetof(struct settings_patch, member) }
static const struct secret_row secrets[] = {
	SECRET(binance_api_key),
	SECRET(binance_secret),
	SECRET(coingecko_api_key),
	SECRET(telegram_token),
	SECRET(telegram_chat_id),
};
/* clang-format on */

enum {
	PREFERENCE_COUNT = sizeof(preferences) / sizeof(preferences[0]),
	SECRET_COUNT = sizeof(secrets) / sizeof(secrets[0])
};

static const struct patch_text *patch_at(
	const struct settings_patch *in, size_t offset)
{
	return (const void *)((const char *)in + offset);
}

struct patch_text *settings_patch_member(
	struct settings_patch *patch, const char *name)
{
	for (size_t i = 0; i < PREFERENCE_COUNT; i++)
		if (text_equal(preferences[i].name, name))
			return (void *)((char *)patch + preferences[i].patch);
	for (size_t i = 0; i < SECRET_COUNT; i++)
		if (text_equal(secrets[i].name, name))
			return (void *)((char *)patch + secrets[i].patch);
	return NULL;
}

static void preference_show(const struct preference *preference,
	const char *value, struct settings *out)
{
	void *member = (char *)out + preference->view;

	if (preference->check == is_truth)
		*(bool *)member = text_equal(value, "true");
	else
		*(const char **)member = value;
}

static enum err preferences_load(struct scope *scope, struct settings *out)
{
	struct rows *rows;
	bool more;
	enum err err;

	for (size_t i = 0; i < PREFERENCE_COUNT; i++)
		preference_show(&preferences[i], preferences[i].initial, out);
	err = scope_query(scope, preferences_sql, NO_BINDS, &rows);
	if (err != ERR_OK)
		return err;
	while ((err = rows_next(rows, &more)) == ERR_OK && more) {
		const char *name = rows_text(rows, 0);

		for (size_t i = 0; i < PREFERENCE_COUNT; i++)
			if (text_equal(preferences[i].name, name))
				preference_show(&preferences[i],
					rows_text(rows, 1), out);
	}
	rows_end(rows);
	return err;
}

static void secret_show(
	struct arena *arena, struct rows *rows, struct secret_view *out)
{
	struct timestamp *updated_at = arena_alloc(arena, sizeof(*updated_at));

	updated_at->ms = rows_int(rows, 2);
	*out = (struct secret_view){
		.set = true,
		.hint = rows_text(rows, 1),
		.updated_at = updated_at,
	};
}

static enum err secrets_load(struct scope *scope, struct settings *out)
{
	struct rows *rows;
	bool more;
	enum err err = scope_query(scope, secrets_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	while ((err = rows_next(rows, &more)) == ERR_OK && more) {
		const char *name = rows_text(rows, 0);

		for (size_t i = 0; i < SECRET_COUNT; i++)
			if (text_equal(secrets[i].name, name))
				secret_show(scope_arena(scope), rows,
					(void *)((char *)out +
						 secrets[i].view));
	}
	rows_end(rows);
	return err;
}

enum err settings_get(struct scope *scope, struct settings *out)
{
	struct settings found = {0};
	enum err err = preferences_load(scope, &found);

	if (err == ERR_OK)
		err = secrets_load(scope, &found);
	if (err == ERR_OK)
		err = key_state_read(scope, &found.exchange_keys);
	if (err == ERR_OK)
		*out = found;
	return err;
}

enum err settings_currency(struct scope *scope, const char **out)
{
	struct rows *rows;
	enum err err = scope_one(scope, currency_sql, NO_BINDS, &rows);

	if (err == ERR_NOT_FOUND) {
		*out = usd;
		return ERR_OK;
	}
	if (err != ERR_OK)
		return err;
	*out = rows_text(rows, 0);
	rows_end(rows);
	return ERR_OK;
}

/* Adds the names of one of the two tables; texts: with their values. */
static enum err stored_add(struct scope *scope, const char *sql,
	struct text_list *names, struct settings_patch *texts)
{
	struct rows *rows;
	bool more;
	enum err err = scope_query(scope, sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	while ((err = rows_next(rows, &more)) == ERR_OK && more) {
		const char *name = rows_text(rows, 0);
		struct patch_text *patch =
			texts ? settings_patch_member(texts, name) : NULL;

		if (names->count < STORED_LIMIT)
			names->items[names->count++] = name;
		if (patch)
			*patch = (struct patch_text){
				PATCH_SET, rows_text(rows, 1)};
	}
	rows_end(rows);
	return err;
}

enum err settings_stored(struct scope *scope, struct text_list *names,
	struct settings_patch *preferences_out)
{
	struct text_list found = {.items = arena_array(scope_arena(scope),
					  STORED_LIMIT, sizeof(char *))};
	struct settings_patch texts = {.currency = {.kind = PATCH_KEEP}};
	enum err err = stored_add(scope, preferences_sql, &found, &texts);

	if (err == ERR_OK)
		err = stored_add(scope, secrets_sql, &found, NULL);
	if (err != ERR_OK)
		return err;
	*names = found;
	*preferences_out = texts;
	return ERR_OK;
}

static void secret_check(
	struct report *report, const char *name, const struct patch_text *patch)
{
	const char *pointer = report_pointer(report->arena, "", name);
	size_t len;

	if (patch->kind != PATCH_SET)
		return;
	len = strlen(patch->text);
	if (len == 0 || !text_is_utf8(patch->text, len) ||
		text_characters(patch->text) > SECRET_LIMIT)
		report_fault(report, pointer, "must be 1 to %d characters",
			SECRET_LIMIT);
	else if (text_has_control(patch->text, len))
		report_fault(
			report, pointer, "must not contain control characters");
}

enum err settings_patch_check(
	struct report *report, const struct settings_patch *in)
{
	size_t before = report->fault_count;

	for (size_t i = 0; i < PREFERENCE_COUNT; i++) {
		const struct preference *row = &preferences[i];
		const struct patch_text *patch = patch_at(in, row->patch);

		if (patch->kind == PATCH_SET && !row->check(patch->text))
			report_fault(report,
				report_pointer(report->arena, "", row->name),
				"%s", row->rule);
	}
	for (size_t i = 0; i < SECRET_COUNT; i++)
		secret_check(report, secrets[i].name,
			patch_at(in, secrets[i].patch));
	return report->fault_count == before ? ERR_OK : ERR_BAD_INPUT;
}

static enum err preference_write(struct scope *scope,
	const struct preference *row, const struct patch_text *patch)
{
	if (patch->kind == PATCH_KEEP)
		return ERR_OK;
	if (patch->kind == PATCH_CLEAR)
		return scope_run(scope, preference_drop_sql,
			BINDS(bind_text(":name", row->name)), NULL);
	return scope_run(scope, preference_put_sql,
		BINDS(bind_text(":name", row->name),
			bind_text(":value", patch->text),
			bind_int(":now", scope_now(scope))),
		NULL);
}

static enum err secret_write(struct scope *scope, struct vault *vault,
	const struct secret_row *row, const struct patch_text *patch)
{
	if (patch->kind == PATCH_KEEP)
		return ERR_OK;
	if (patch->kind == PATCH_CLEAR)
		return user_secret_drop(scope, row->name);
	return user_secret_put(scope, vault, row->name, patch->text);
}

enum err settings_write(struct scope *scope, struct vault *vault,
	const struct settings_patch *in)
{
	enum err err = settings_patch_check(scope_report(scope), in);

	for (size_t i = 0; i < PREFERENCE_COUNT && err == ERR_OK; i++)
		err = preference_write(scope, &preferences[i],
			patch_at(in, preferences[i].patch));
	for (size_t i = 0; i < SECRET_COUNT && err == ERR_OK; i++)
		err = secret_write(scope, vault, &secrets[i],
			patch_at(in, secrets[i].patch));
	return err;
}

enum err settings_update(struct scope *scope, struct vault *vault,
	const struct settings_patch *in, struct settings *out)
{
	struct settings after;
	enum err err = settings_patch_check(scope_report(scope), in);

	if (err == ERR_OK)
		err = scope_begin(scope);
	if (err != ERR_OK)
		return err;
	err = settings_write(scope, vault, in);
	if (err == ERR_OK)
		err = settings_get(scope, &after);
	err = scope_end(scope, err);
	if (err != ERR_OK)
		return err;
	*out = after;
	return ERR_OK;
}

bool settings_patch_is_sensitive(const struct settings_patch *in)
{
	for (size_t i = 0; i < SECRET_COUNT; i++)
		if (patch_at(in, secrets[i].patch)->kind != PATCH_KEEP)
			return true;
	return false;
}

const char *settings_patch_secrets(
	struct arena *arena, const struct settings_patch *in)
{
	struct buf names;

	buf_init(&names, arena, NAMES_LIMIT);
	for (size_t i = 0; i < SECRET_COUNT; i++) {
		enum patch_kind kind = patch_at(in, secrets[i].patch)->kind;

		if (kind == PATCH_KEEP)
			continue;
		buf_text(&names, names.len > 0 ? " " : "");
		buf_text(&names, secrets[i].name);
		buf_text(&names, kind == PATCH_CLEAR ? " removed" : "");
	}
	return names.data;
}
