/*
 * Splits and decodes name=value pairs. Must never repair: what is not
 * written properly is refused, and a name that comes twice too.
 */
#include "pairs_private.h"

#include "text.h"

static enum err refuse(
	struct pairs *pairs, const char *pointer, const char *message)
{
	report_fault(pairs->report, pointer, "%s", message);
	return ERR_BAD_REQUEST;
}

static bool is_taken(const struct pairs *pairs, const char *name)
{
	for (size_t i = 0; i < pairs->count; i++)
		if (text_equal(pairs->params[i].name, name))
			return true;
	return false;
}

static bool decode(
	struct pairs *pairs, const char *text, size_t len, const char **out)
{
	return text_percent_decode(pairs->arena, text, len, true, out) ==
		       ERR_OK &&
	       !text_has_control(*out, strlen(*out));
}

static enum err add_pair(struct pairs *pairs, const char *text, size_t len)
{
	const char *equals = memchr(text, '=', len);
	size_t name_len = equals ? (size_t)(equals - text) : len;
	const char *name, *value = "", *pointer;

	if (!decode(pairs, text, name_len, &name) || name[0] == '\0')
		return refuse(pairs, "", "has a malformed parameter name");
	pointer = report_pointer(pairs->arena, "", name);
	if (equals && !decode(pairs, equals + 1, len - name_len - 1, &value))
		return refuse(pairs, pointer,
			"is not properly encoded, or has control characters");
	if (is_taken(pairs, name))
		return refuse(pairs, pointer, "is given twice");
	if (pairs->count == pairs->room)
		return refuse(pairs, "", "has too many parameters");
	pairs->params[pairs->count++] = (struct param){
		.name = name, .value = value, .from = pairs->from};
	return ERR_OK;
}

enum err pairs_parse(struct pairs *pairs, const char *text, size_t len)
{
	const char *end = text + len;

	if (len == 0)
		return ERR_OK;
	for (;;) {
		const char *and = memchr(text, '&', (size_t)(end - text));
		const char *stop = and? and : end;
		enum err err = add_pair(pairs, text, (size_t)(stop - text));

		if (err != ERR_OK || !and)
			return err;
		text = and+1;
	}
}
