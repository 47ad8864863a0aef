/*
 * kontor config: the settings in force, and the documentation of them all
 * (docs/config.md is made from it).
 */
#include "buf.h"
#include "command.h"
#include "text.h"

enum {
	TEXT_LIMIT = 1 << 20
};

static void dump(const struct config *config)
{
	const char *base = (const char *)config;

	for (size_t i = 0; i < config_table.count; i++) {
		const struct conf_row *row = &config_table.rows[i];
		const void *member = base + row->offset;

		printf("%s=", row->name);
		switch (row->kind) {
		case CONF_INT:
			printf("%lld\n", (long long)*(const int64_t *)member);
			break;
		case CONF_BOOL:
			printf("%s\n",
				*(const bool *)member ? "true" : "false");
			break;
		case CONF_TEXT:
		case CONF_CHOICE:
			printf("%s\n", *(const char *const *)member);
			break;
		}
	}
}

int cmd_config(struct command_context *context, int argc, char **argv)
{
	struct buf text;

	if (argc == 2 && text_equal(argv[1], "dump")) {
		dump(context->config);
		return 0;
	}
	if (argc != 2 || !text_equal(argv[1], "describe"))
		return command_usage("config dump | describe");
	buf_init(&text, context->arena, TEXT_LIMIT);
	conf_describe(&config_table, &text);
	(void)fwrite(text.data, 1, text.len, stdout);
	return 0;
}
