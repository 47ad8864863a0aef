/*
 * kontor config: the settings in force and where each came from, the places
 * that follow from them, and the documentation of all (docs/config.md is
 * made from it). Never prints a secret.
 */
#include "buf.h"
#include "command.h"
#include "json_write.h"
#include "system_settings.h"
#include "text.h"

enum {
	TEXT_LIMIT = 1 << 20
};

struct dump {
	struct config config;
	struct conf_origin *origins;
};

static enum err no_check(
	const void *values, struct arena *arena, struct report *report)
{
	(void)values;
	(void)arena;
	(void)report;
	return ERR_OK;
}

/* What admins changed counts too; without a database there is nothing. */
static void database_read(struct command_context *context, struct dump *out)
{
	const struct system_settings system = {.table = &config_table,
		.size = sizeof(struct config),
		.fixed = context->config,
		.origins = context->config->origins,
		.check = no_check};
	struct db *db = NULL;
	enum err err = command_database(context, &db);

	if (err == ERR_OK)
		err = system_settings_load(
			auth_operator_scope(db, context->arena, context->report,
				context->now),
			&system, &out->config, out->origins);
	if (err != ERR_OK)
		fprintf(stderr,
			"kontor: without what admins changed, since the "
			"database cannot be read (%s)\n",
			context->report->detail != NULL
				? context->report->detail
				: err_slug(err));
	db_close(&db);
}

static struct dump dump_make(struct command_context *context)
{
	struct dump dump = {.config = *context->config,
		.origins = arena_array(context->arena, config_table.count,
			sizeof(*dump.origins))};

	memcpy(dump.origins, context->config->origins,
		config_table.count * sizeof(*dump.origins));
	database_read(context, &dump);
	return dump;
}

static void dump_text(struct command_context *context, const struct dump *dump)
{
	for (size_t i = 0; i < config_table.count; i++) {
		const struct conf_row *row = &config_table.rows[i];
		const struct conf_origin *origin = &dump->origins[i];

		printf("%s=%s\t# %s%s%s\n", row->name,
			conf_show(row, context->arena, &dump->config),
			conf_source_name(origin->source),
			origin->where != NULL ? " " : "",
			origin->where != NULL ? origin->where : "");
	}
}

static void put_value(struct json_writer *writer, const struct conf_row *row,
	const char *text)
{
	int64_t number;

	json_key(writer, "value");
	if (conf_kind_of(row) == CONF_BOOL)
		json_put_bool(writer, text_equal(text, "true"));
	else if (conf_kind_of(row) == CONF_INT && text_integer(text, &number))
		json_put_int(writer, number);
	else
		json_put_text(writer, text);
}

static void dump_json(struct command_context *context, const struct dump *dump)
{
	struct json_writer writer;
	struct buf out;

	buf_init(&out, context->arena, TEXT_LIMIT);
	json_write_init(&writer, &out);
	json_array(&writer);
	for (size_t i = 0; i < config_table.count; i++) {
		const struct conf_row *row = &config_table.rows[i];
		const struct conf_origin *origin = &dump->origins[i];

		json_object(&writer);
		json_key(&writer, "name");
		json_put_text(&writer, row->name);
		put_value(&writer, row,
			conf_show(row, context->arena, &dump->config));
		json_key(&writer, "secret");
		json_put_bool(&writer, row->secret);
		json_key(&writer, "source");
		json_put_text(&writer, conf_source_name(origin->source));
		json_key(&writer, "where");
		json_put_text(&writer, origin->where);
		json_object_end(&writer);
	}
	json_array_end(&writer);
	(void)fwrite(out.data, 1, out.len, stdout);
	printf("\n");
}

/* For scripts; the names are as stable as those of settings. */
static void paths(struct command_context *context)
{
	const struct config *config = context->config;
	struct arena *arena = context->arena;

	printf("data=%s\nkeys=%s\ndatabase=%s\nstore=%s\nmetrics=%s\nlive=%s\n",
		config->data_folder, config_key_folder(config, arena),
		config_database_url(config, arena),
		shared_store_path(config, arena),
		shared_metrics_path(config, arena),
		shared_live_path(config, arena));
}

static void describe(struct command_context *context)
{
	struct buf text;

	buf_init(&text, context->arena, TEXT_LIMIT);
	conf_describe(&config_table, &text);
	(void)fwrite(text.data, 1, text.len, stdout);
}

int cmd_config(struct command_context *context, int argc, char **argv)
{
	static const char usage[] = "config dump [--json] | paths | describe";
	bool json = false;
	const struct option_spec options[] = {
		{"--json", NULL, &json}, {.name = NULL}};
	const char *word = NULL;
	struct words words = {.at = &word, .room = 1};
	struct dump dump;

	if (!command_parse(argc, argv, options, &words) || words.count != 1 ||
		(json && !text_equal(word, "dump")))
		return command_usage(usage);
	if (text_equal(word, "describe")) {
		describe(context);
		return 0;
	}
	if (text_equal(word, "paths")) {
		paths(context);
		return 0;
	}
	if (!text_equal(word, "dump"))
		return command_usage(usage);
	dump = dump_make(context);
	if (json)
		dump_json(context, &dump);
	else
		dump_text(context, &dump);
	return 0;
}
