/*
 * How many requests who may make: a table of rules, each a window of one
 * kind of subject. The gate asks once a stage with all the windows of the
 * route's class: by address on public calls and on refused credentials, by
 * user or key on all others. (Sign-ins to one account are counted by auth,
 * which knows whose sources they come from; the rule is here to be set and
 * seen.) The counting is the store's; a store that fails refuses.
 */
#ifndef HTTP_RATE_H
#define HTTP_RATE_H

#include <stdbool.h>

#include "reply.h"
#include "route.h"
#include "store.h"

/* One row each in http/rate.c, in this order; the metrics' label too. */
enum rate_rule {
	RATE_RULE_BURST,     /* anonymous, per second */
	RATE_RULE_ANONYMOUS, /* per minute */
	RATE_RULE_HOURLY,    /* anonymous, per hour */
	RATE_RULE_LOGIN,
	RATE_RULE_ACCOUNT, /* sign-ins to one account, from strangers */
	RATE_RULE_REGISTER,
	RATE_RULE_REFRESH,
	RATE_RULE_GENERAL,
	RATE_RULE_KEY, /* general, of one API key */
	RATE_RULE_PASSWORD,
	RATE_RULE_SENSITIVE,
	RATE_RULE_TRADE,
	RATE_RULE_CANCEL, /* alone, as the next two: who has used up all */
	RATE_RULE_CLOSE,  /* others may take his orders back, get out and */
	RATE_RULE_HALT,	  /* set his limits, and stop */
	RATE_RULE_HOOK,	  /* calls of hooks: many users' alerts, one sender */
	RATE_RULE_COUNT
};
/* NULL-terminated. */
extern const char *const rate_rule_names[];

enum rate_subject {
	RATE_BY_ADDRESS,
	RATE_BY_ACCOUNT,
	RATE_BY_USER,
	RATE_BY_KEY
};

struct rate_settings {
	/* "LIMIT/SECONDS", "0" for off, NULL or "" for the rule's default */
	const char *rules[RATE_RULE_COUNT];
	const char *exempt; /* user names or ids, "A,B" */
	int64_t patience;   /* refusals in a row before a cool-down */
	int64_t cooldown_s; /* the first; doubles; 0: none */
	int64_t cooldown_cap_s;
};
/* What such a text says; both 0 for off, and for what cannot be read. */
struct rate_limit {
	int64_t limit, window_s;
};
struct rate_limit rate_limit_read(struct arena *arena, const char *text);
struct rates;
/* ERR_BAD_INPUT with a sentence for a rule that cannot be read. */
MUST_CHECK enum err rates_open(struct arena *arena,
	const struct rate_settings *settings, struct report *report,
	const struct rates **out);

/* A rule as it is in force, for the admin. */
struct rate_view {
	const char *name, *subject; /* "address" | "account" | ... */
	int64_t limit, window_s;    /* limit 0: off */
};
enum rate_subject rate_subject_of(enum rate_rule rule);
struct rate_view rates_rule(const struct rates *rates, enum rate_rule rule);
bool rates_is_exempt(
	const struct rates *rates, const char *user_id, const char *username);

enum rate_stage {
	RATE_STAGE_ADDRESS,
	RATE_STAGE_USER,
	RATE_STAGE_KEY,
	RATE_STAGE_COUNT
};
struct rate_question {
	int64_t now;
	enum rate_class class;
	enum rate_stage stage;
	const char *subjects[RATE_BY_KEY + 1]; /* "a:…", "n:…", "u:…", "k:…" */
};
struct rate_answer {
	bool counted; /* else no rule is in force here, and nothing is said */
	enum rate_rule rule; /* that the figures are of */
	int64_t limit;
	const char *policy; /* RateLimit-Policy, of all rules of the stage */
	struct store_taken taken;
};
/* A look at the cache that goes along, so that both are one round trip. */
struct rate_along {
	struct arena *arena;
	const struct store_question *question;
	bool looked; /* out: nothing refused, and look says what was found */
	struct store_look *look;
};
/*
 * ERR_RATE_LIMITED, or ERR_UNAVAILABLE when the store cannot tell. along may
 * be NULL; out is filled in any case.
 */
MUST_CHECK enum err rate_take(const struct rates *rates, struct store *store,
	const struct rate_question *question, struct rate_along *along,
	struct rate_answer *out);
/* What a rule that is counted below the gate has refused. rates may be NULL. */
struct rate_answer rate_answer_below(struct arena *arena,
	const struct rates *rates, enum rate_rule rule, int64_t retry_ms);
/* X-RateLimit-*, RateLimit and RateLimit-Policy. */
void rate_headers(const struct rate_answer *answer, struct reply *reply);

#endif
