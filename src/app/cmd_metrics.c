/*
 * kontor metrics: the figures of this installation, for the operator and for
 * a textfile collector, without a web server between. --empty prints the
 * families alone and touches no file.
 */
#include "clock.h"
#include "command.h"
#include "metrics.h"
#include "open.h"

enum {
	TEXT_LIMIT = 32 << 20
};

int cmd_metrics(struct command_context *context, int argc, char **argv)
{
	bool empty = false;
	const struct option_spec options[] = {
		{"--empty", NULL, &empty}, {.name = NULL}};
	struct metrics_options place = {
		.labels = shared_labels(context->arena)};
	struct metrics *metrics = NULL;
	struct buf text;
	enum err err;

	if (!command_parse(argc, argv, options, NULL))
		return command_usage("metrics [--empty]");
	if (!empty)
		place.path =
			shared_metrics_path(context->config, context->arena);
	err = metrics_open(context->arena, &place, &metrics);
	if (err != ERR_OK)
		return command_fail(context, "metrics", err);
	buf_init(&text, context->arena, TEXT_LIMIT);
	metrics_write(metrics, clock_ms(), &text);
	metrics_close(&metrics);
	(void)fwrite(text.data, 1, text.len, stdout);
	return fflush(stdout) == 0 ? 0 : 1;
}
