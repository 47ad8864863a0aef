/*
 * The text form of expressions, from both ends: the bytes as a text, and the
 * bytes as JSON to be printed. Promises: what parses prints (if it is not too
 * long then), and parses again to the same tree; what is printed is printed
 * so again; what is refused has exactly one fault.
 */
#include "fuzz.h"

#include "expression.h"
#include "json_write.h"

enum {
	TREE_LIMIT = 16 << 20
};

static const char *written(struct arena *arena, const struct json *tree)
{
	struct json_writer writer;
	struct buf out;

	buf_init(&out, arena, TREE_LIMIT);
	json_write_init(&writer, &out);
	json_put_value(&writer, tree);
	fuzz_require(json_write_done(&writer) && !out.overflow);
	return out.data;
}

/* NULL: refused, as it may be, with one fault that says where. */
static const struct json *parsed(
	struct arena *arena, const char *text, size_t len)
{
	struct report *report = report_open(arena);
	const struct expression_source source = {text, len, "/x"};
	const struct json *tree = NULL;

	if (expression_parse(arena, &source, report, &tree) == ERR_OK) {
		fuzz_require(report->fault_count == 0 && tree != NULL);
		return tree;
	}
	fuzz_require(report->fault_count == 1 && tree == NULL);
	fuzz_require(text_equal(report->faults[0].pointer, "/x"));
	fuzz_require(text_starts(report->faults[0].message, "character ") ||
		     len > EXPRESSION_TEXT_LIMIT);
	return NULL;
}

static const char *printed(struct arena *arena, const struct json *tree)
{
	struct report *report = report_open(arena);
	const char *text = NULL;

	if (expression_print(arena, tree, report, &text) == ERR_OK)
		return text;
	fuzz_require(report->fault_count == 1 && text == NULL);
	return NULL;
}

/* What was printed is its own print. */
static void again(struct arena *arena, const char *text, const char *tree)
{
	const struct json *second = parsed(arena, text, strlen(text));
	const char *twice;

	fuzz_require(second != NULL);
	if (tree != NULL)
		fuzz_require(text_equal(written(arena, second), tree));
	twice = printed(arena, second);
	fuzz_require(twice != NULL && text_equal(twice, text));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = fuzz_arena();
	struct report *report = report_open(arena);
	const char *text = (const char *)bytes;
	const struct json *tree = parsed(arena, text, len);
	const char *print;

	if (tree != NULL) {
		print = printed(arena, tree);
		/* spaces alone may have made it too long */
		fuzz_require(print != NULL || len > EXPRESSION_TEXT_LIMIT / 2);
		if (print != NULL)
			again(arena, print, written(arena, tree));
	}
	if (json_parse(arena, text, len, report, &tree) != ERR_OK)
		return 0;
	print = printed(arena, tree);
	if (print != NULL)
		again(arena, print, NULL);
	return 0;
}
