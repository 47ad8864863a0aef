/*
 * Small readers over the tree of an answer. Never repairs: a number where a
 * text is documented is as wrong as nothing at all.
 */
#include "binance_json.h"

#include "text.h"

enum {
	TEXT_LIMIT = 64
};

bool binance_decimal(const struct json *value, struct decimal *out)
{
	return value && value->kind == JSON_TEXT &&
	       decimal_parse(value->text, value->len, out) == ERR_OK;
}

bool binance_amount(
	const struct json *object, const char *name, struct decimal *out)
{
	struct decimal value;

	if (!binance_decimal(json_member(object, name), &value) ||
		value.units < 0)
		return false;
	*out = value;
	return true;
}

bool binance_int(const struct json *object, const char *name, int64_t *out)
{
	const struct json *value = json_member(object, name);
	int64_t number;

	if (!value || value->kind != JSON_NUMBER ||
		!json_integer(value, &number))
		return false;
	*out = number;
	return true;
}

bool binance_bool(const struct json *object, const char *name, bool *out)
{
	const struct json *value = json_member(object, name);

	if (!value || value->kind != JSON_BOOL)
		return false;
	*out = value->truth;
	return true;
}

static bool is_printable(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return true;
}

bool binance_text(const struct json *object, const char *name, const char **out)
{
	const struct json *value = json_member(object, name);

	if (!value || value->kind != JSON_TEXT || value->len < 1 ||
		value->len > TEXT_LIMIT ||
		!is_printable(value->text, value->len))
		return false;
	*out = value->text;
	return true;
}

bool binance_is(const struct json *object, const char *name, const char *text)
{
	return json_is_text(json_member(object, name), text);
}

bool binance_id(const struct json *object, const char *name, const char **out)
{
	int64_t number;

	if (!binance_int(object, name, &number) || number < 0)
		return false;
	*out = json_member(object, name)->text;
	return true;
}

bool binance_word(const struct json *object, const char *name,
	const char *const *words, int count, int *out)
{
	for (int i = 0; i < count; i++)
		if (words[i] && binance_is(object, name, words[i])) {
			*out = i;
			return true;
		}
	return false;
}

void *binance_room(
	struct arena *arena, const struct json *array, size_t most, size_t size)
{
	if (!array || array->kind != JSON_ARRAY || array->count > most ||
		array->count * size > arena_left(arena) / 2)
		return NULL;
	return arena_array(arena, array->count, size);
}
