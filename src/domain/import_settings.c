/*
 * Which member of an older settings file is which setting. Names are compared
 * without regard to case, "_" and "-", so that binanceApiKey,
 * binance_api_key and {"binance": {"apiKey": ...}} are one. Must never put a
 * value of the file into words.
 */
#include "import_settings.h"

#include <ctype.h>

#include "buf.h"
#include "settings.h"
#include "text.h"
#include "vector_private.h"

enum {
	NAME_LIMIT = 128, /* longer ones are nobody's */
	MEMBERS_LIMIT = 500
};

/* ---- values ------------------------------------------------------------------ */

/* NULL: not of a kind that this setting has. */
typedef const char *old_value(struct arena *arena, const struct json *value);

static const char *as_text(struct arena *arena, const struct json *value)
{
	(void)arena;
	return value->kind == JSON_TEXT ? value->text : NULL;
}

/* Telegram's chat ids are numbers, and were written as such. */
static const char *as_id(struct arena *arena, const struct json *value)
{
	int64_t number;

	if (value->kind == JSON_NUMBER && json_integer(value, &number))
		return value->text;
	return as_text(arena, value);
}

static const char *as_truth(struct arena *arena, const struct json *value)
{
	if (value->kind == JSON_BOOL)
		return value->truth ? "true" : "false";
	return as_text(arena, value);
}

/* "usd"; also of symbols, which were "btc/usd". */
static const char *as_upper(struct arena *arena, const struct json *value)
{
	char *text;

	if (value->kind != JSON_TEXT)
		return NULL;
	text = arena_text(arena, value->text);
	for (char *at = text; *at; at++)
		*at = *at == '/' ? '-' : (char)toupper((unsigned char)*at);
	return text;
}

static const char *as_theme(struct arena *arena, const struct json *value)
{
	const char *text;

	if (value->kind != JSON_TEXT)
		return NULL;
	text = text_lower(arena, value->text);
	return text_equal(text, "auto") ? "system" : text;
}

static const char *as_dark(struct arena *arena, const struct json *value)
{
	(void)arena;
	if (value->kind != JSON_BOOL)
		return NULL;
	return value->truth ? "dark" : "light";
}

/* ---- names ------------------------------------------------------------------- */

struct old_name {
	const char *name;    /* folded: lower case, without _ and - */
	const char *setting; /* ours; NULL: never taken, and why */
	old_value *value;
	const char *why;
};

#define OURS(old, setting, value)          \
	{                                  \
		old, #setting, value, NULL \
	}
#define NEVER(old, why)                \
	{                              \
		old, NULL, NULL, (why) \
	}
#define KEYS "keys are made by kontor init"
#define SERVER "a setting of the server: see docs/config.md"
#define ACCOUNT "accounts are made by kontor user add"
#define LIVE "whether orders are live is never taken from a file"

static const struct old_name old_names[] = {
	OURS("binanceapikey", binance_api_key, as_text),
	OURS("binancekey", binance_api_key, as_text),
	OURS("binancesecret", binance_secret, as_text),
	OURS("binanceapisecret", binance_secret, as_text),
	OURS("binancesecretkey", binance_secret, as_text),
	OURS("coingeckoapikey", coingecko_api_key, as_text),
	OURS("coingeckokey", coingecko_api_key, as_text),
	OURS("telegramtoken", telegram_token, as_text),
	OURS("telegrambottoken", telegram_token, as_text),
	OURS("telegramchatid", telegram_chat_id, as_id),
	OURS("telegramchat", telegram_chat_id, as_id),
	OURS("currency", currency, as_upper),
	OURS("basecurrency", currency, as_upper),
	OURS("displaycurrency", currency, as_upper),
	OURS("timezone", timezone, as_text),
	OURS("tz", timezone, as_text),
	OURS("theme", theme, as_theme),
	OURS("darkmode", theme, as_dark),
	OURS("defaultsymbol", default_symbol, as_upper),
	OURS("symbol", default_symbol, as_upper),
	OURS("notifications", notifications, as_truth),
	OURS("notificationsenabled", notifications, as_truth),
	OURS("enablenotifications", notifications, as_truth),
	NEVER("secretkey", KEYS),
	NEVER("jwtsecret", KEYS),
	NEVER("jwtsecretkey", KEYS),
	NEVER("encryptionkey", KEYS),
	NEVER("databaseurl", SERVER),
	NEVER("redisurl", SERVER),
	NEVER("host", SERVER),
	NEVER("port", SERVER),
	NEVER("debug", SERVER),
	NEVER("username", ACCOUNT),
	NEVER("password", ACCOUNT),
	NEVER("adminpassword", ACCOUNT),
	NEVER("livetrading", LIVE),
	NEVER("papertrading", LIVE),
	NEVER("tradingenabled", LIVE),
	NEVER("tradingmode", LIVE),
	NEVER("dryrun", LIVE),
	NEVER("testnet", LIVE),
};

/* "" when it cannot be one of them. */
static const char *folded(struct arena *arena, const char *name)
{
	char *out = arena_alloc(arena, NAME_LIMIT + 1);
	size_t len = 0;

	for (; *name && len < NAME_LIMIT; name++)
		if (!strchr("_-.", *name))
			out[len++] = (char)tolower((unsigned char)*name);
	out[*name ? 0 : len] = '\0';
	return out;
}

static const struct old_name *name_find(struct arena *arena, const char *name)
{
	const char *key = folded(arena, name);

	for (size_t i = 0; i < sizeof(old_names) / sizeof(old_names[0]); i++)
		if (text_equal(old_names[i].name, key))
			return &old_names[i];
	return NULL;
}

/* ---- a member ---------------------------------------------------------------- */

struct reading {
	struct scope *scope;
	const struct settings_import *in;
	struct text_list stored;   /* names of what the user has */
	struct settings_patch now; /* his preferences as such */
	struct settings_patch patch;
	struct vector members; /* struct settings_member */
};

static const char *pointer_of(struct arena *arena, const char *name)
{
	return report_pointer(arena, "", name);
}

static bool is_stored(const struct reading *reading, const char *setting)
{
	for (size_t i = 0; i < reading->stored.count; i++)
		if (text_equal(reading->stored.items[i], setting))
			return true;
	return false;
}

static bool is_empty(const struct json *value)
{
	return value->kind == JSON_NULL || json_is_text(value, "");
}

/* Of a secret nothing is known to compare with. */
static enum settings_fate fate_of(
	struct reading *reading, const char *setting, const char *text)
{
	const struct patch_text *now =
		settings_patch_member(&reading->now, setting);

	if (now->kind == PATCH_SET && text_equal(now->text, text))
		return SETTINGS_SAME;
	if (is_stored(reading, setting) && !reading->in->replace)
		return SETTINGS_KEPT;
	return SETTINGS_TAKEN;
}

static void value_take(struct reading *reading, const struct old_name *row,
	const struct json *value, struct settings_member *member)
{
	struct report *report = scope_report(reading->scope);
	struct arena *arena = scope_arena(reading->scope);
	struct patch_text *patch =
		settings_patch_member(&reading->patch, row->setting);
	const char *text = row->value(arena, value);

	if (!text) {
		report_fault(report, pointer_of(arena, member->name),
			"is not of a kind that %s can be", row->setting);
		return;
	}
	if (patch->kind != PATCH_KEEP) {
		report_fault(report, pointer_of(arena, member->name),
			"%s is in the file twice", row->setting);
		return;
	}
	*patch = (struct patch_text){PATCH_SET, text};
	member->fate = fate_of(reading, row->setting, text);
}

static void member_add(struct reading *reading, const char *name,
	const struct old_name *row, const struct json *value)
{
	struct settings_member *member = vector_add(&reading->members);

	*member = (struct settings_member){
		.name = name, .fate = SETTINGS_UNKNOWN};
	if (!row)
		return;
	member->setting = row->setting;
	member->why = row->why;
	member->fate = SETTINGS_REFUSED;
	if (is_empty(value))
		member->fate = SETTINGS_EMPTY;
	else if (row->setting)
		value_take(reading, row, value, member);
}

/* A part that is no setting itself, such as "binance", may hold some. */
static void part_read(struct reading *reading, const struct json *part)
{
	struct arena *arena = scope_arena(reading->scope);

	for (const struct json *at = part->first; at; at = at->next) {
		const char *name =
			arena_format(arena, "%s.%s", part->name, at->name);

		member_add(reading, name, name_find(arena, name), at);
	}
}

static void file_read_members(struct reading *reading)
{
	struct arena *arena = scope_arena(reading->scope);

	for (const struct json *at = reading->in->file->first; at;
		at = at->next) {
		const struct old_name *row = name_find(arena, at->name);

		if (!row && at->kind == JSON_OBJECT && at->count > 0)
			part_read(reading, at);
		else
			member_add(reading, at->name, row, at);
	}
}

/* ---- all of it --------------------------------------------------------------- */

static enum err file_check(struct scope *scope, const struct json *file)
{
	if (file->kind == JSON_OBJECT && file->count <= MEMBERS_LIMIT)
		return ERR_OK;
	report_fault(scope_report(scope), "",
		"must be an object of at most %d members", MEMBERS_LIMIT);
	return ERR_BAD_INPUT;
}

/* A key is of no use with another's secret: both, or neither. */
static void pair_keep(struct reading *reading)
{
	struct settings_member *items = reading->members.items;
	struct settings_member *pair[2] = {NULL, NULL};

	for (size_t i = 0; i < reading->members.count; i++) {
		const bool key =
			text_equal(items[i].setting, "binance_api_key");

		if (!items[i].setting || items[i].fate == SETTINGS_EMPTY)
			continue;
		if (key || text_equal(items[i].setting, "binance_secret"))
			pair[key] = &items[i];
	}
	for (size_t i = 0; i < 2; i++) {
		const char *other = i ? "binance_secret" : "binance_api_key";

		if (pair[i] && !reading->in->replace &&
			is_stored(reading, other))
			pair[i]->fate = SETTINGS_KEPT;
	}
}

/* What is kept or the same already is checked, and not written. */
static void patch_thin(struct reading *reading)
{
	const struct settings_member *items = reading->members.items;

	for (size_t i = 0; i < reading->members.count; i++)
		if (items[i].fate == SETTINGS_KEPT ||
			items[i].fate == SETTINGS_SAME)
			settings_patch_member(&reading->patch, items[i].setting)
				->kind = PATCH_KEEP;
}

enum err settings_import(struct scope *scope, struct vault *vault,
	const struct settings_import *in, struct list *out)
{
	struct reading reading = {.scope = scope, .in = in};
	struct report *report = scope_report(scope);
	const size_t before = report->fault_count;
	enum err err = file_check(scope, in->file);

	if (err == ERR_OK)
		err = settings_stored(scope, &reading.stored, &reading.now);
	if (err != ERR_OK)
		return err;
	vector_init(&reading.members, scope_arena(scope),
		sizeof(struct settings_member));
	file_read_members(&reading);
	err = settings_patch_check(report, &reading.patch);
	if (report->fault_count > before)
		return ERR_BAD_INPUT;
	pair_keep(&reading);
	patch_thin(&reading);
	if (err == ERR_OK)
		err = settings_write(scope, vault, &reading.patch);
	if (err == ERR_OK)
		*out = (struct list){
			reading.members.items, reading.members.count};
	return err;
}
