/*
 * JSON to program: the top level of a definition, and the helpers of the
 * other compile_*.c. Reports every fault it can find, with its pointer. It
 * must never let through what the language does not name.
 */
#include "compile_private.h"

#include "buf.h"
#include "interval.h"
#include "text.h"

enum {
	NAME_LIMIT = 80,
	KNOWN_TEXT_LIMIT = 1000,
	SHOWN_NAME = 40
};

static const char *const member_names[] = {"version", "name", "interval",
	"params", "indicators", "entry", "exit", "stops", "sizing", "limits",
	"session", NULL};
static const char *const side_names[] = {"long", "short", NULL};

const char *compile_at(
	struct compiler *compiler, const char *pointer, const char *name)
{
	return report_pointer(compiler->arena, pointer, name);
}

int compile_index(const char *const *names, const char *name)
{
	for (int i = 0; names[i]; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

void compile_unknown(struct compiler *compiler, const char *pointer,
	const char *kind, const char *name, const char *const *names)
{
	const char *near = text_suggest(name, names);
	struct buf known;

	buf_init(&known, compiler->arena, KNOWN_TEXT_LIMIT);
	for (size_t i = 0; names[i]; i++) {
		buf_text(&known, i ? ", " : "");
		buf_text(&known, names[i]);
	}
	if (near)
		COMPILE_FAULT(compiler, pointer,
			"unknown %s \"%.*s\": did you mean \"%s\"? "
			"There are: %s",
			kind, SHOWN_NAME, name, near, known.data);
	else
		COMPILE_FAULT(compiler, pointer,
			"unknown %s \"%.*s\"; there are: %s", kind, SHOWN_NAME,
			name, known.data);
}

bool compile_members(struct compiler *compiler, const struct json *value,
	const char *pointer, const char *const *names)
{
	if (value->kind != JSON_OBJECT) {
		COMPILE_FAULT(compiler, pointer, "must be an object");
		return false;
	}
	for (const struct json *m = value->first; m; m = m->next)
		if (compile_index(names, m->name) < 0)
			compile_unknown(compiler,
				compile_at(compiler, pointer, m->name),
				"member", m->name, names);
	return true;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool compile_identifier(
	struct compiler *compiler, const char *pointer, const char *name)
{
	size_t len = strlen(name);
	bool good = len >= 1 && len <= IDENTIFIER_LIMIT && is_letter(name[0]);

	for (size_t i = 0; good && i < len; i++)
		good = is_letter(name[i]) || (name[i] >= '0' && name[i] <= '9');
	if (!good)
		COMPILE_FAULT(compiler, pointer,
			"a name is a letter or _, then letters, digits or _, "
			"at most %d",
			IDENTIFIER_LIMIT);
	return good;
}

static void compile_version(struct compiler *compiler, const struct json *value,
	const char *pointer)
{
	int64_t version;

	if (!value)
		COMPILE_FAULT(compiler, pointer, "is required");
	else if (!json_integer(value, &version) || version != 1)
		COMPILE_FAULT(compiler, pointer, "must be 1");
}

static void compile_name(struct compiler *compiler, const struct json *value,
	const char *pointer)
{
	size_t characters;

	if (!value) {
		COMPILE_FAULT(compiler, pointer, "is required");
		return;
	}
	if (value->kind != JSON_TEXT) {
		COMPILE_FAULT(compiler, pointer, "must be a text");
		return;
	}
	characters = text_characters(value->text);
	if (characters < 1 || characters > NAME_LIMIT)
		COMPILE_FAULT(compiler, pointer, "must have 1 to %d characters",
			NAME_LIMIT);
	else if (text_has_control(value->text, value->len))
		COMPILE_FAULT(compiler, pointer, "has a control character");
	compiler->program->name = arena_text(compiler->arena, value->text);
}

/* The interval to run on becomes the first lane; without one, there is
   none, and larger ones are not looked at. */
static void set_interval(struct compiler *compiler, const char *name)
{
	struct program *program = compiler->program;

	program->interval = name;
	program->lanes[LANE_BASE] = interval_ms(name);
	program->lane_count = 1;
}

static void compile_interval(struct compiler *compiler,
	const struct json *value, const char *pointer)
{
	int index;

	if (!value) {
		COMPILE_FAULT(compiler, pointer, "is required");
		return;
	}
	if (value->kind != JSON_TEXT) {
		COMPILE_FAULT(compiler, pointer, "must be a text");
		return;
	}
	index = compile_index(interval_names, value->text);
	if (index < 0)
		compile_unknown(compiler, pointer, "interval", value->text,
			interval_names);
	else
		set_interval(compiler, interval_names[index]);
}

static void override_interval(struct compiler *compiler, const char *name)
{
	int index;

	if (!name)
		return;
	index = compile_index(interval_names, name);
	if (index < 0)
		compile_unknown(compiler, "/interval", "interval", name,
			interval_names);
	else
		set_interval(compiler, interval_names[index]);
}

/* entry or exit; `signals` are the two of the program to set. */
static void compile_sides(struct compiler *compiler, const struct json *value,
	const char *pointer, int *signals)
{
	if (!value || !compile_members(compiler, value, pointer, side_names))
		return;
	for (int side = 0; side_names[side]; side++) {
		const struct json *rule = json_member(value, side_names[side]);
		const char *at =
			compile_at(compiler, pointer, side_names[side]);
		int node;

		if (!rule)
			continue;
		node = compile_expression(compiler, rule, at, 0);
		if (node == NODE_NONE)
			continue;
		if (compiler->program->nodes[node].type != VALUE_FLAG)
			COMPILE_FAULT(compiler, at,
				"must be a condition, not a number");
		signals[side] = node;
	}
}

static void compile_signals(struct compiler *compiler,
	const struct json *definition, const char *pointer)
{
	const struct json *entry = json_member(definition, "entry");
	const char *at = compile_at(compiler, pointer, "entry");
	int *signals = compiler->program->signals;

	if (!entry)
		COMPILE_FAULT(compiler, at, "is required");
	else if (entry->kind == JSON_OBJECT && !json_member(entry, "long") &&
		 !json_member(entry, "short"))
		COMPILE_FAULT(compiler, at, "needs long or short");
	compile_sides(compiler, entry, at, &signals[SIGNAL_ENTRY_LONG]);
	compile_sides(compiler, json_member(definition, "exit"),
		compile_at(compiler, pointer, "exit"),
		&signals[SIGNAL_EXIT_LONG]);
}

static void compile_definition(
	struct compiler *compiler, const struct program_source *source)
{
	const struct json *definition = source->definition;
	const char *pointer = source->pointer;

	/* In the order in which one part needs another. */
	compile_version(compiler, json_member(definition, "version"),
		compile_at(compiler, pointer, "version"));
	compile_name(compiler, json_member(definition, "name"),
		compile_at(compiler, pointer, "name"));
	compile_interval(compiler, json_member(definition, "interval"),
		compile_at(compiler, pointer, "interval"));
	override_interval(compiler, source->interval);
	compile_params(compiler, json_member(definition, "params"),
		compile_at(compiler, pointer, "params"));
	compile_overrides(compiler, source->params);
	compile_indicators(compiler, json_member(definition, "indicators"),
		compile_at(compiler, pointer, "indicators"));
	compile_signals(compiler, definition, pointer);
	compile_stops(compiler, json_member(definition, "stops"),
		compile_at(compiler, pointer, "stops"));
	compile_sizing(compiler, json_member(definition, "sizing"),
		compile_at(compiler, pointer, "sizing"));
	compile_limits(compiler, json_member(definition, "limits"),
		compile_at(compiler, pointer, "limits"));
	compile_session(compiler, json_member(definition, "session"),
		compile_at(compiler, pointer, "session"));
}

/* Decide first on the bar behind the slowest indicator's first value, and
   not before every rule has a real value. */
static size_t warmup_of(const struct program *program)
{
	size_t warmup = 0;

	for (int i = 0; i < program->node_count; i++) {
		const struct node *node = &program->nodes[i];

		if (node->used && node_starts(node) &&
			node->lane == LANE_BASE && node->ready + 1 > warmup)
			warmup = node->ready + 1;
	}
	for (int i = 0; i < SIGNAL_COUNT; i++) {
		int node = program->signals[i];

		if (node != NODE_NONE && program->nodes[node].ready > warmup)
			warmup = program->nodes[node].ready;
	}
	return warmup;
}

/* In a market without gaps: a larger candle is so many bars. */
static size_t expected_warmup(const struct program *program)
{
	size_t warmup = program->warmup;

	for (int i = 0; i < program->node_count; i++) {
		const struct node *node = &program->nodes[i];
		int64_t ratio = program->lanes[node->lane] / program->lanes[0];
		size_t bars = (node->ready + 1) * (size_t)ratio;

		if (node->used && node->lane != LANE_BASE && bars > warmup)
			warmup = bars;
	}
	return warmup;
}

static struct compiler *compiler_open(
	struct arena *arena, struct report *report)
{
	struct compiler *compiler = arena_alloc(arena, sizeof(*compiler));
	struct program *program = arena_alloc(arena, sizeof(*program));

	compiler->arena = arena;
	compiler->report = report;
	compiler->program = program;
	compiler->params = arena_array(
		arena, PROGRAM_PARAM_LIMIT, sizeof(*compiler->params));
	program->nodes = arena_array(arena, NODE_ROOM, sizeof(struct node));
	for (int i = 0; i < SIGNAL_COUNT; i++)
		program->signals[i] = NODE_NONE;
	for (int i = 0; i < LEVEL_COUNT; i++)
		program->levels[i] = NODE_NONE;
	return compiler;
}

enum err program_compile(struct arena *arena,
	const struct program_source *source, struct report *report,
	struct program **out)
{
	struct compiler *compiler = compiler_open(arena, report);
	struct program *program = compiler->program;

	if (!compile_members(compiler, source->definition, source->pointer,
		    member_names))
		return ERR_BAD_INPUT;
	compile_definition(compiler, source);
	if (compiler->failed)
		return ERR_BAD_INPUT;
	program->params = compiler->params;
	program->param_count = compiler->param_count;
	program_finish(program);
	program->warmup = warmup_of(program);
	program->expected_warmup = expected_warmup(program);
	*out = program;
	return ERR_OK;
}
