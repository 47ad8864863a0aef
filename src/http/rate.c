/*
 * The rules of the rate limits, and one question to the store a stage. Must
 * never let a request on because a window could not be counted.
 */
#include "rate.h"

#include <strings.h>

#include "number_private.h"
#include "text.h"

enum {
	STAGE_RULES = 4,
	EXEMPT_LIMIT = 1000,
	HEADER_LIMIT = 256,
	WINDOW_LIMIT_S = 7 * 86400,
	MS = 1000
};

const char *const rate_rule_names[] = {
	[RATE_RULE_BURST] = "burst",
	[RATE_RULE_ANONYMOUS] = "anonymous",
	[RATE_RULE_HOURLY] = "anonymous_hour",
	[RATE_RULE_LOGIN] = "login",
	[RATE_RULE_ACCOUNT] = "login_account",
	[RATE_RULE_REGISTER] = "register",
	[RATE_RULE_REFRESH] = "refresh",
	[RATE_RULE_GENERAL] = "general",
	[RATE_RULE_KEY] = "key",
	[RATE_RULE_PASSWORD] = "password",
	[RATE_RULE_SENSITIVE] = "sensitive",
	[RATE_RULE_TRADE] = "trade",
	[RATE_RULE_CANCEL] = "cancel",
	[RATE_RULE_CLOSE] = "close",
	[RATE_RULE_HALT] = "halt",
	[RATE_RULE_HOOK] = "hook",
	[RATE_RULE_COUNT] = NULL,
};

static const struct {
	enum rate_subject subject;
	int64_t limit, window_s;
} defaults[RATE_RULE_COUNT] = {
	[RATE_RULE_BURST] = {RATE_BY_ADDRESS, 10, 1},
	[RATE_RULE_ANONYMOUS] = {RATE_BY_ADDRESS, 60, 60},
	[RATE_RULE_HOURLY] = {RATE_BY_ADDRESS, 1000, 3600},
	[RATE_RULE_LOGIN] = {RATE_BY_ADDRESS, 5, 60},
	[RATE_RULE_ACCOUNT] = {RATE_BY_ACCOUNT, 10, 60},
	[RATE_RULE_REGISTER] = {RATE_BY_ADDRESS, 5, 3600},
	/* Of a whole office: each session has a limit of its own in auth. */
	[RATE_RULE_REFRESH] = {RATE_BY_ADDRESS, 60, 60},
	[RATE_RULE_GENERAL] = {RATE_BY_USER, 100, 60},
	[RATE_RULE_KEY] = {RATE_BY_KEY, 100, 60},
	[RATE_RULE_PASSWORD] = {RATE_BY_USER, 3, 60},
	[RATE_RULE_SENSITIVE] = {RATE_BY_USER, 10, 60},
	[RATE_RULE_TRADE] = {RATE_BY_USER, 30, 60},
	[RATE_RULE_CANCEL] = {RATE_BY_USER, 60, 60},
	[RATE_RULE_CLOSE] = {RATE_BY_USER, 60, 60},
	[RATE_RULE_HALT] = {RATE_BY_USER, 30, 60},
	[RATE_RULE_HOOK] = {RATE_BY_ADDRESS, 120, 60},
};

static const char *const subject_names[] = {
	[RATE_BY_ADDRESS] = "address",
	[RATE_BY_ACCOUNT] = "account",
	[RATE_BY_USER] = "user",
	[RATE_BY_KEY] = "key",
};

/* Which rules a class is counted in at a stage, the narrowest first. A key
   has general windows of its own; the special ones are its user's, so that
   more keys do not mean more trades. */
struct stage_rules {
	enum rate_rule at[STAGE_RULES];
	size_t count;
};
/* clang-format off */
#define RULES(...)                                                         \
	{ .at = {__VA_ARGS__},                                             \
	  .count = sizeof((enum rate_rule[]){__VA_ARGS__}) / sizeof(enum rate_rule) }
#define ANONYMOUS RATE_RULE_BURST, RATE_RULE_ANONYMOUS, RATE_RULE_HOURLY
#define SIGNED_IN(...) {                                                   \
	[RATE_STAGE_ADDRESS] = RULES(ANONYMOUS), /* refused credentials */ \
	[RATE_STAGE_USER] = RULES(__VA_ARGS__ RATE_RULE_GENERAL),          \
	[RATE_STAGE_KEY] = RULES(__VA_ARGS__ RATE_RULE_KEY) }
#define ALONE(rule) {                                                      \
	[RATE_STAGE_ADDRESS] = RULES(ANONYMOUS),                           \
	[RATE_STAGE_USER] = RULES(rule), [RATE_STAGE_KEY] = RULES(rule) }
static const struct stage_rules
	plan[RATE_CLASS_COUNT][RATE_STAGE_COUNT] = {
	[RATE_ANONYMOUS] = {[RATE_STAGE_ADDRESS] = RULES(ANONYMOUS)},
	[RATE_LOGIN] = {
		[RATE_STAGE_ADDRESS] = RULES(RATE_RULE_LOGIN, ANONYMOUS)},
	[RATE_REGISTER] = {
		[RATE_STAGE_ADDRESS] = RULES(RATE_RULE_REGISTER, ANONYMOUS)},
	[RATE_REFRESH] = {[RATE_STAGE_ADDRESS] = RULES(RATE_RULE_REFRESH)},
	[RATE_GENERAL] = SIGNED_IN(),
	[RATE_PASSWORD] = SIGNED_IN(RATE_RULE_PASSWORD,),
	[RATE_SENSITIVE] = SIGNED_IN(RATE_RULE_SENSITIVE,),
	[RATE_SETTINGS] = SIGNED_IN(),
	[RATE_SECRET] = ALONE(RATE_RULE_SENSITIVE),
	[RATE_TRADE] = SIGNED_IN(RATE_RULE_TRADE,),
	[RATE_CANCEL] = ALONE(RATE_RULE_CANCEL),
	[RATE_CLOSE] = ALONE(RATE_RULE_CLOSE),
	[RATE_HALT] = ALONE(RATE_RULE_HALT),
	[RATE_HOOK] = {[RATE_STAGE_ADDRESS] = RULES(RATE_RULE_HOOK)},
};
/* clang-format on */

struct rates {
	int64_t limits[RATE_RULE_COUNT]; /* 0: off */
	int64_t windows_s[RATE_RULE_COUNT];
	const char *policies[RATE_CLASS_COUNT][RATE_STAGE_COUNT];
	const char **exempt;
	size_t exempt_count;
	int64_t patience, cooldown_ms, cooldown_cap_ms;
};

/* ---- settings ---------------------------------------------------------- */

static bool rule_parse(struct arena *arena, const char *text, int64_t *limit,
	int64_t *window_s)
{
	const char *slash = strchr(text, '/');

	if (text_equal(text, "0")) {
		*limit = 0;
		return true;
	}
	return slash &&
	       text_integer(arena_copy(arena, text, (size_t)(slash - text)),
		       limit) &&
	       text_integer(slash + 1, window_s) && *limit >= 1 &&
	       *window_s >= 1 && *window_s <= WINDOW_LIMIT_S;
}

struct rate_limit rate_limit_read(struct arena *arena, const char *text)
{
	struct rate_limit found = {0, 0};

	if (!rule_parse(arena, text, &found.limit, &found.window_s))
		return (struct rate_limit){0, 0};
	return found;
}

static enum err rules_read(struct arena *arena, struct rates *rates,
	const struct rate_settings *settings, struct report *report)
{
	for (size_t i = 0; i < RATE_RULE_COUNT; i++) {
		const char *text = settings->rules[i];

		rates->limits[i] = defaults[i].limit;
		rates->windows_s[i] = defaults[i].window_s;
		if (!text || text[0] == '\0' ||
			rule_parse(arena, text, &rates->limits[i],
				&rates->windows_s[i]))
			continue;
		report_detail(report,
			"The limit \"%s\" is \"%s\"; write it as "
			"REQUESTS/SECONDS, such as 5/60, or 0 for none",
			rate_rule_names[i], text);
		return ERR_BAD_INPUT;
	}
	return ERR_OK;
}

static void exempt_read(
	struct arena *arena, struct rates *rates, const char *list)
{
	rates->exempt = arena_array(arena, EXEMPT_LIMIT, sizeof(char *));
	while (list && *(list += strspn(list, ", ")) != '\0' &&
		rates->exempt_count < EXEMPT_LIMIT) {
		size_t len = strcspn(list, ", ");

		rates->exempt[rates->exempt_count++] =
			text_lower(arena, arena_copy(arena, list, len));
		list += len;
	}
}

/* "login";q=5;w=60, "anonymous";q=60;w=60 */
static const char *policy_write(struct arena *arena, const struct rates *rates,
	const struct stage_rules *rules)
{
	struct buf out;

	buf_init(&out, arena, HEADER_LIMIT);
	for (size_t i = 0; i < rules->count; i++) {
		enum rate_rule rule = rules->at[i];

		if (rates->limits[rule] == 0)
			continue;
		buf_format(&out, "%s\"%s\";q=%lld;w=%lld",
			out.len > 0 ? ", " : "", rate_rule_names[rule],
			(long long)rates->limits[rule],
			(long long)rates->windows_s[rule]);
	}
	return out.data;
}

enum err rates_open(struct arena *arena, const struct rate_settings *settings,
	struct report *report, const struct rates **out)
{
	struct rates *rates = arena_alloc(arena, sizeof(*rates));
	enum err err = rules_read(arena, rates, settings, report);

	if (err != ERR_OK)
		return err;
	rates->patience = settings->patience;
	rates->cooldown_ms = settings->cooldown_s * MS;
	rates->cooldown_cap_ms = settings->cooldown_cap_s * MS;
	exempt_read(arena, rates, settings->exempt);
	for (size_t i = 0; i < RATE_CLASS_COUNT; i++)
		for (size_t j = 0; j < RATE_STAGE_COUNT; j++)
			rates->policies[i][j] =
				policy_write(arena, rates, &plan[i][j]);
	*out = rates;
	return ERR_OK;
}

enum rate_subject rate_subject_of(enum rate_rule rule)
{
	return defaults[rule].subject;
}

struct rate_view rates_rule(const struct rates *rates, enum rate_rule rule)
{
	return (struct rate_view){
		.name = rate_rule_names[rule],
		.subject = subject_names[defaults[rule].subject],
		.limit = rates->limits[rule],
		.window_s = rates->windows_s[rule],
	};
}

bool rates_is_exempt(
	const struct rates *rates, const char *user_id, const char *username)
{
	for (size_t i = 0; i < rates->exempt_count; i++)
		if (text_equal(rates->exempt[i], user_id) ||
			strcasecmp(rates->exempt[i], username) == 0)
			return true;
	return false;
}

/* ---- one request ------------------------------------------------------- */

/* The windows of the stage's rules that are in force, and which they are. */
static size_t windows_make(const struct rates *rates,
	const struct rate_question *question, enum rate_rule *rules,
	struct store_window *windows)
{
	const struct stage_rules *planned =
		&plan[question->class][question->stage];
	size_t count = 0;

	for (size_t i = 0; i < planned->count; i++) {
		enum rate_rule rule = planned->at[i];

		if (rates->limits[rule] == 0)
			continue;
		rules[count] = rule;
		windows[count++] = (struct store_window){
			.rule = rate_rule_names[rule],
			.subject = question->subjects[defaults[rule].subject],
			.limit = rates->limits[rule],
			.window_ms = rates->windows_s[rule] * MS,
			.patience =
				rates->cooldown_ms > 0 ? rates->patience : 0,
			.cooldown_ms = rates->cooldown_ms,
			.cooldown_cap_ms = rates->cooldown_cap_ms,
		};
	}
	return count;
}

static enum err ask(struct store *store, int64_t now,
	const struct store_windows *windows, struct rate_along *along,
	struct store_taken *out)
{
	const struct store_ask both = {
		.windows = windows, .question = along ? along->question : NULL};
	struct store_told told;
	enum err err;

	if (!store)
		return ERR_UNAVAILABLE;
	if (!along)
		return store_take(store, now, windows, out);
	err = store_take_look(store, along->arena, now, &both, &told);
	if (err != ERR_OK)
		return err;
	*out = told.taken;
	along->looked = told.looked;
	if (told.looked)
		*along->look = told.look;
	return ERR_OK;
}

enum err rate_take(const struct rates *rates, struct store *store,
	const struct rate_question *question, struct rate_along *along,
	struct rate_answer *out)
{
	enum rate_rule rules[STAGE_RULES];
	struct store_window windows[STAGE_RULES];
	const struct store_windows asked = {.at = windows,
		.count = windows_make(rates, question, rules, windows)};
	struct store_taken taken = {0};
	size_t shown;

	*out = (struct rate_answer){0};
	if (asked.count == 0)
		return ERR_OK;
	if (ask(store, question->now, &asked, along, &taken) != ERR_OK)
		return ERR_UNAVAILABLE;
	shown = taken.allowed ? taken.tightest : taken.refused;
	if (shown >= asked.count)
		return ERR_UNAVAILABLE;
	*out = (struct rate_answer){.counted = true,
		.rule = rules[shown],
		.limit = windows[shown].limit,
		.policy = rates->policies[question->class][question->stage],
		.taken = taken};
	return taken.allowed ? ERR_OK : ERR_RATE_LIMITED;
}

struct rate_answer rate_answer_below(struct arena *arena,
	const struct rates *rates, enum rate_rule rule, int64_t retry_ms)
{
	const struct stage_rules rules = {.at = {rule}, .count = 1};

	if (!rates || rates->limits[rule] == 0)
		return (struct rate_answer){.rule = rule};
	return (struct rate_answer){.counted = true,
		.rule = rule,
		.limit = rates->limits[rule],
		.policy = policy_write(arena, rates, &rules),
		.taken = {.retry_ms = retry_ms}};
}

/* ---- what is said of it ------------------------------------------------ */

static const char *number_text(struct arena *arena, int64_t number)
{
	return number_write(number, arena_alloc(arena, NUMBER_ROOM));
}

static int64_t seconds_up(int64_t ms)
{
	return (ms + MS - 1) / MS;
}

void rate_headers(const struct rate_answer *answer, struct reply *reply)
{
	const struct store_taken *taken = &answer->taken;
	const char **headers = reply->headers;
	int64_t until = taken->allowed ? taken->reset_ms : taken->retry_ms;
	struct buf state;

	if (!answer->counted)
		return;
	headers[REPLY_RATE_LIMIT] = number_text(reply->arena, answer->limit);
	headers[REPLY_RATE_REMAINING] =
		number_text(reply->arena, taken->remaining);
	headers[REPLY_RATE_RESET] =
		number_text(reply->arena, seconds_up(until));
	headers[REPLY_RATELIMIT_POLICY] = answer->policy;
	buf_init(&state, reply->arena, HEADER_LIMIT);
	buf_char(&state, '"');
	buf_text(&state, rate_rule_names[answer->rule]);
	buf_text(&state, "\";r=");
	buf_text(&state, headers[REPLY_RATE_REMAINING]);
	buf_text(&state, ";t=");
	buf_text(&state, headers[REPLY_RATE_RESET]);
	headers[REPLY_RATELIMIT] = state.data;
}
