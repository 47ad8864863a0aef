/*
 * The rate limits in force and who waits because of them. Forgiving a
 * subject gives it fresh windows; it changes no rule.
 */
#include "admin_limits.h"

static const char *const subjects[] = {
	"address", "account", "user", "key", NULL};
static const struct field rule_fields[] = {
	FIELD(struct limit_rule_view, name, .doc = "the rule"),
	FIELD(struct limit_rule_view, subject, .one_of = subjects,
		.doc = "what it counts"),
	FIELD(struct limit_rule_view, limit,
		.doc = "requests in a window; 0: off"),
	FIELD(struct limit_rule_view, window_s, .doc = "seconds; it slides"),
};
static const struct shape rule_shape =
	SHAPE("limit_rule", struct limit_rule_view, rule_fields);

static const struct field blocked_fields[] = {
	FIELD(struct limit_blocked_view, rule, .doc = "that was violated"),
	FIELD(struct limit_blocked_view, subject,
		.doc = "a:ADDRESS (of IPv6 a network of 64 bits), f:ADDRESS "
		       "(what foreign pages sent from there), u:USER, k:KEY, "
		       "or a hash of a name"),
	FIELD(struct limit_blocked_view, until, .doc = "end of the cool-down"),
	FIELD(struct limit_blocked_view, refusals, .doc = "in a row"),
};
static const struct shape blocked_shape =
	SHAPE("limit_blocked", struct limit_blocked_view, blocked_fields);

static const struct field limits_fields[] = {
	FIELD_LIST(struct limits_view, rules, rule_shape, .doc = "all rules"),
	FIELD_LIST(struct limits_view, blocked, blocked_shape,
		.doc = "those in a cool-down, 500 at most"),
};
const struct shape limits_view_shape =
	SHAPE("limits", struct limits_view, limits_fields);

static const struct field subject_fields[] = {
	FIELD(struct limit_subject, subject, .required = true,
		.from = FROM_PATH, .min = 1, .max = 200,
		.doc = "as in the list, or an address"),
};
const struct shape limit_subject_shape =
	SHAPE("limit_subject", struct limit_subject, subject_fields);

enum err handle_admin_limits(struct call *call, struct admin_scope *admin,
	const void *input, void *out)
{
	(void)admin;
	(void)input;
	return guard_limits(call, out);
}

enum err handle_admin_limit_forgive(struct call *call,
	struct admin_scope *admin, const void *input, void *out)
{
	const struct limit_subject *in = input;

	(void)admin;
	(void)out;
	return guard_forgive(call, in->subject);
}
