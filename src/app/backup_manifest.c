/*
 * manifest.json of a backup, written and read. It holds no key, no name and
 * no address of anybody. Reading it believes nothing that is not there.
 */
#include "backup.h"

#include "copy.h"
#include "file.h"
#include "json.h"
#include "json_write.h"
#include "text.h"

enum {
	MANIFEST_LIMIT = 256 * 1024,
	MANIFEST_VERSION = 1,
	KEY_ID_LIMIT = 64
};

static void put_lists(
	struct json_writer *json, const struct backup_manifest *manifest)
{
	const struct backup_key *keys = manifest->keys.items;
	const struct table_rows *rows = manifest->rows.items;

	json_key(json, "keys");
	json_array(json);
	for (size_t i = 0; i < manifest->keys.count; i++) {
		json_object(json);
		json_member_text(json, "purpose", keys[i].purpose);
		json_member_text(json, "id", keys[i].id);
		json_object_end(json);
	}
	json_array_end(json);
	json_key(json, "rows");
	json_object(json);
	for (size_t i = 0; i < manifest->rows.count; i++)
		json_member_int(json, rows[i].table, rows[i].rows);
	json_object_end(json);
}

const char *manifest_sealed(
	struct arena *arena, const struct backup_manifest *manifest)
{
	return arena_format(arena, "backup\n%s\n%lld\n%lld\n%lld\n",
		manifest->sha256, (long long)manifest->bytes,
		(long long)manifest->schema, (long long)manifest->created);
}

enum err manifest_write(const struct backup_place *place, const char *path,
	const struct backup_manifest *manifest)
{
	struct json_writer json;
	struct buf text;

	buf_init(&text, place->arena, MANIFEST_LIMIT);
	json_write_init(&json, &text);
	json_object(&json);
	json_member_int(&json, "version", MANIFEST_VERSION);
	json_member_text(&json, "program", manifest->program);
	json_member_int(&json, "schema", manifest->schema);
	json_key(&json, "created_at");
	json_put_time(&json, manifest->created);
	json_member_int(&json, "created_ms", manifest->created);
	json_member_text(&json, "file", "kontor.db");
	json_member_int(&json, "bytes", manifest->bytes);
	json_member_text(&json, "sha256", manifest->sha256);
	put_lists(&json, manifest);
	json_key(&json, "audit");
	json_object(&json);
	json_member_int(&json, "rows", manifest->head.rows);
	json_member_text(&json, "mac", manifest->head.mac);
	json_member_text(&json, "key_id", manifest->head.key_id);
	json_object_end(&json);
	json_key(&json, "seal");
	json_object(&json);
	json_member_text(&json, "key_id", manifest->seal.key_id);
	json_member_text(&json, "mac", manifest->seal.mac);
	json_object_end(&json);
	json_object_end(&json);
	buf_char(&text, '\n');
	if (text.overflow)
		return ERR_INTERNAL;
	return file_write(path, text.data, text.len, 0600);
}

/* ---- reading ------------------------------------------------------------- */

static bool take_text(
	const struct json *object, const char *name, const char **out)
{
	const struct json *value = json_member(object, name);

	if (!value || value->kind != JSON_TEXT)
		return false;
	*out = value->text;
	return true;
}

static bool take_int(const struct json *object, const char *name, int64_t *out)
{
	return json_integer(json_member(object, name), out) && *out >= 0;
}

/* Purposes become names of files, ids are printed. */
static bool key_is_known(const struct backup_key *key)
{
	static const char *const purposes[] = {
		"token", "hash", "audit", "vault"};
	const size_t len = strnlen(key->id, KEY_ID_LIMIT);

	for (size_t i = 0; i < sizeof(purposes) / sizeof(purposes[0]); i++)
		if (text_equal(key->purpose, purposes[i]))
			return len < KEY_ID_LIMIT &&
			       !text_has_control(key->id, len);
	return false;
}

static bool take_keys(
	struct arena *arena, const struct json *list, struct list *out)
{
	struct backup_key *keys;
	size_t count = 0;

	if (!list || list->kind != JSON_ARRAY)
		return false;
	keys = arena_array(arena, list->count, sizeof(*keys));
	for (const struct json *one = list->first; one; one = one->next) {
		if (!take_text(one, "purpose", &keys[count].purpose) ||
			!take_text(one, "id", &keys[count].id) ||
			!key_is_known(&keys[count]))
			return false;
		count++;
	}
	*out = (struct list){keys, count};
	return true;
}

static bool take_rows(
	struct arena *arena, const struct json *object, struct list *out)
{
	struct table_rows *tables;
	size_t count = 0;

	if (!object || object->kind != JSON_OBJECT)
		return false;
	tables = arena_array(arena, object->count, sizeof(*tables));
	for (const struct json *one = object->first; one; one = one->next) {
		if (!json_integer(one, &tables[count].rows))
			return false;
		tables[count++].table = one->name;
	}
	*out = (struct list){tables, count};
	return true;
}

static bool take_all(struct arena *arena, const struct json *json,
	struct backup_manifest *out)
{
	const struct json *audit = json_member(json, "audit");
	const struct json *seal = json_member(json, "seal");
	int64_t version;

	return take_int(json, "version", &version) &&
	       version == MANIFEST_VERSION &&
	       take_text(json, "program", &out->program) &&
	       !text_has_control(out->program, strlen(out->program)) &&
	       take_int(json, "schema", &out->schema) &&
	       take_int(json, "created_ms", &out->created) &&
	       take_int(json, "bytes", &out->bytes) &&
	       take_text(json, "sha256", &out->sha256) &&
	       take_keys(arena, json_member(json, "keys"), &out->keys) &&
	       take_rows(arena, json_member(json, "rows"), &out->rows) &&
	       take_int(audit, "rows", &out->head.rows) &&
	       take_text(audit, "mac", &out->head.mac) &&
	       take_text(audit, "key_id", &out->head.key_id) &&
	       take_text(seal, "key_id", &out->seal.key_id) &&
	       take_text(seal, "mac", &out->seal.mac);
}

enum err manifest_read(const struct backup_place *place, const char *path,
	struct backup_manifest *out)
{
	struct backup_manifest manifest = {.schema = 0};
	const struct json *json;
	char *text;
	size_t len;
	enum err err =
		file_read(place->arena, path, MANIFEST_LIMIT, &text, &len);

	if (err == ERR_OK)
		err = json_parse(place->arena, text, len,
			report_open(place->arena), &json);
	if (err == ERR_OK && !take_all(place->arena, json, &manifest))
		err = ERR_BAD_INPUT;
	if (err == ERR_OK)
		*out = manifest;
	else
		report_detail(place->report,
			"%s is missing, or not a manifest of this program",
			path);
	return err;
}
