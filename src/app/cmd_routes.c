/*
 * kontor routes: the table of routes for people, and as JSON for tests,
 * which call every row as the wrong user.
 */
#include "buf.h"
#include "command.h"
#include "json_write.h"
#include "routes.h"
#include "text.h"

enum {
	TEXT_LIMIT = 4 << 20
};

static const char *const who_names[] = {[ROUTE_IS_PUBLIC] = "public",
	[ROUTE_IS_USER] = "user",
	[ROUTE_IS_ADMIN] = "admin"};

static void put_fields(struct json_writer *json, const struct shape *shape,
	enum field_source from)
{
	json_object(json);
	for (size_t i = 0; shape != NULL && i < shape->count; i++) {
		const struct field *field = &shape->fields[i];

		if (field->from != from)
			continue;
		json_key(json, field->name);
		shape_field_schema(field, json);
	}
	json_object_end(json);
}

static void put_demands(struct json_writer *json, unsigned demands)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = {{DEMAND_SESSION, "session"}, {DEMAND_FRESH, "fresh"},
		{TAKES_FORM, "form"}, {TAKES_VERSION, "version"},
		{TAKES_KEY, "key"}, {KEEPS_KEY, "keeps"},
		{HIDES_ANSWER, "hides"}};

	json_array(json);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if ((demands & names[i].bit) != 0)
			json_put_text(json, names[i].name);
	}
	json_array_end(json);
}

static void put_route(struct json_writer *json, const struct route *route)
{
	json_object(json);
	json_key(json, "method");
	json_put_text(json, http_method_name(route->method));
	json_key(json, "path");
	json_put_text(json, route->path);
	json_key(json, "who");
	json_put_text(json, who_names[route->who]);
	json_key(json, "permission");
	json_put_text(json, route->permission);
	json_key(json, "demands");
	put_demands(json, route->demands);
	json_key(json, "status");
	json_put_int(json, route->status);
	json_key(json, "path_params");
	put_fields(json, route->in, FROM_PATH);
	json_key(json, "query");
	put_fields(json, route->in, FROM_QUERY);
	json_key(json, "body");
	put_fields(json, route->in, FROM_BODY);
	json_object_end(json);
}

int cmd_routes(struct command_context *context, int argc, char **argv)
{
	struct buf text;
	struct json_writer json;

	if (argc == 2 && text_equal(argv[1], "--json")) {
		buf_init(&text, context->arena, TEXT_LIMIT);
		json_write_init(&json, &text);
		json_array(&json);
		for (size_t i = 0; i < routes.count; i++)
			put_route(&json, &routes.rows[i]);
		json_array_end(&json);
		(void)fwrite(text.data, 1, text.len, stdout);
		return putchar('\n') == EOF;
	}
	if (argc != 1)
		return command_usage("routes [--json]");
	for (size_t i = 0; i < routes.count; i++) {
		const struct route *route = &routes.rows[i];

		printf("%-6s %-30s %-6s %-18s %s\n",
			http_method_name(route->method), route->path,
			who_names[route->who],
			route->permission != NULL ? route->permission : "",
			route->summary);
	}
	return 0;
}
