/*
 * The table in docs/indicators.md is that of the program. When it is not, the
 * page as it should be is left in build/indicators.md.
 */
#include "engine_help.h"

#include "indicator.h"

static const char page[] = "docs/indicators.md";
static const char heading[] = "## The table\n";

static const char *const input_names[] = {
	"source", "open", "high", "low", "close", "volume", "time"};

static void write_params(struct buf *out, const struct indicator *row)
{
	for (size_t k = 0; k < row->param_count; k++)
		buf_format(out, "%s`%s` %g", k ? ", " : "", row->params[k].name,
			row->params[k].otherwise);
	for (size_t k = 0; k < row->param_count; k++)
		if (row->params[k].min > 1 || !row->params[k].whole)
			buf_format(out, "; `%s` from %g%s", row->params[k].name,
				row->params[k].min,
				row->params[k].max == 1	    ? " to 1"
				: row->params[k].max == 100 ? " to 100"
							    : "");
}

static void write_row(struct buf *out, const struct indicator *row)
{
	double args[INDICATOR_PARAM_LIMIT] = {0};

	for (size_t k = 0; k < row->param_count; k++)
		args[k] = row->params[k].otherwise;
	buf_format(out, "| `%s` | ", row->name);
	write_params(out, row);
	buf_text(out, " | ");
	for (size_t k = 0; row->outputs[k]; k++)
		buf_format(out, "%s%s", k ? ", " : "", row->outputs[k]);
	buf_text(out, " | ");
	for (size_t k = 0; k < row->input_count; k++)
		buf_format(out, "%s%s", k ? ", " : "",
			input_names[row->inputs[k]]);
	buf_format(out, " | %zu | %s |\n", row->ready(args, 0), row->summary);
}

static void test_page_is_fresh(void **state)
{
	struct help help = help_open();
	struct buf out;
	char *text, *table;
	size_t len;

	(void)state;
	assert_int_equal(
		file_read(help.arena, page, HELP_FILE, &text, &len), ERR_OK);
	table = strstr(text, heading);
	assert_non_null(table);
	table += sizeof(heading) - 1;
	buf_init(&out, help.arena, HELP_FILE);
	buf_add(&out, text, (size_t)(table - text));
	buf_text(&out, "\n| name | parameters | outputs | reads | first | what "
		       "it is |\n|---|---|---|---|---|---|\n");
	for (size_t i = 0; indicator_at(i); i++)
		write_row(&out, indicator_at(i));
	assert_false(out.overflow);
	if (strcmp(out.data, text) != 0) {
		assert_int_equal(file_write("build/indicators.md", out.data,
					 out.len, 0644),
			ERR_OK);
		fail_msg("stale: cp build/indicators.md %s", page);
	}
	arena_close(&help.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_page_is_fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
