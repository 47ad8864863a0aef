/*
 * What a bar's decisions mean, and why: kind, strength, the conditions. Only
 * reads what the evaluator has computed.
 */
#include "signal_store_private.h"

#include "json_write.h"
#include "signals.h"

enum {
	/* Conditions that do not fit are left out of the reason, never of the
	   strength. */
	REASON_BYTES = 8 * 1024,
	ESCAPED = 6,	 /* bytes that one byte of text may become */
	REST_BYTES = 256 /* of a condition, without its text */
};

/* An entry that its opposite, or the exit of its own side, contradicts is
   none (docs/engine.md); an exit counts all the same. */
size_t signal_kind_of(uint8_t decisions)
{
	const unsigned against_long = DECIDE_ENTRY_SHORT | DECIDE_EXIT_LONG;
	const unsigned against_short = DECIDE_ENTRY_LONG | DECIDE_EXIT_SHORT;

	if ((decisions & DECIDE_ENTRY_LONG) && !(decisions & against_long))
		return SIGNAL_ENTRY_LONG;
	if ((decisions & DECIDE_ENTRY_SHORT) && !(decisions & against_short))
		return SIGNAL_ENTRY_SHORT;
	if (decisions & DECIDE_EXIT_LONG)
		return SIGNAL_EXIT_LONG;
	return decisions & DECIDE_EXIT_SHORT ? SIGNAL_EXIT_SHORT : SIGNAL_COUNT;
}

/* ---- the rule that is told --------------------------------------------- */

/* held / count of a is more than that of b; no conditions: it has no rule */
static bool is_nearer(const struct explanation *a, const struct explanation *b)
{
	if (a->count == 0 || b->count == 0)
		return a->count > 0;
	return a->held * b->count > b->held * a->count;
}

/* Which rule, and its conditions: that of the kind, or the nearer entry. */
static enum signal_kind rule_find(const struct evaluator *evaluator,
	struct arena *arena, size_t kind, struct explanation *out)
{
	struct explanation other;

	if (kind != SIGNAL_COUNT) {
		evaluator_explain(
			evaluator, arena, (enum signal_kind)kind, out);
		return (enum signal_kind)kind;
	}
	evaluator_explain(evaluator, arena, SIGNAL_ENTRY_LONG, out);
	evaluator_explain(evaluator, arena, SIGNAL_ENTRY_SHORT, &other);
	if (!is_nearer(&other, out))
		return SIGNAL_ENTRY_LONG;
	*out = other;
	return SIGNAL_ENTRY_SHORT;
}

static void condition_write(
	struct json_writer *writer, const struct condition *condition)
{
	json_object(writer);
	json_member_text(writer, "text", condition->text);
	json_key(writer, "held");
	json_put_bool(writer, condition->held);
	json_key(writer, "left");
	json_put_double(writer, condition->left);
	json_key(writer, "right");
	json_put_double(writer, condition->right);
	json_object_end(writer);
}

static struct raw_json reason_json(struct arena *arena, enum signal_kind rule,
	const struct explanation *why)
{
	struct json_writer writer;
	struct buf buf;

	buf_init(&buf, arena, REASON_BYTES);
	json_write_init(&writer, &buf);
	json_object(&writer);
	json_member_text(&writer, "rule", signal_names[rule]);
	json_key(&writer, "conditions");
	json_array(&writer);
	for (size_t i = 0; i < why->count; i++) {
		const struct condition *condition = &why->conditions[i];

		if (buf.len + ESCAPED * strlen(condition->text) + REST_BYTES >
			REASON_BYTES)
			break;
		condition_write(&writer, condition);
	}
	json_array_end(&writer);
	json_object_end(&writer);
	return (struct raw_json){buf.data, buf.len};
}

void signal_explain(const struct evaluator *evaluator, struct arena *arena,
	uint8_t decisions, struct signal_made *out)
{
	struct explanation why;
	enum signal_kind rule;

	out->kind = signal_kind_of(decisions);
	out->decisions = decisions;
	rule = rule_find(evaluator, arena, out->kind, &why);
	out->held = (int64_t)why.held;
	out->conditions = (int64_t)why.count;
	/* a rule without conditions of its own is always or never so */
	if (why.count == 0) {
		out->held = out->kind != SIGNAL_COUNT;
		out->conditions = 1;
	}
	out->reason = reason_json(arena, rule, &why);
}
