/*
 * What compile_rules*.c share: amounts as decimal strings into the ledger's
 * scale, whole numbers, and members that may be left out.
 */
#ifndef ENGINE_COMPILE_RULES_PRIVATE_H
#define ENGINE_COMPILE_RULES_PRIVATE_H

#include "compile_private.h"
#include "ledger_private.h"

/* Scaled. */
struct amount_range {
	int64_t most;
	bool or_zero; /* else above 0 */
	bool below;   /* `most` itself is too much */
};

extern const struct amount_range compile_share; /* percent, below 100 */

/* False with a fault; never rounds what the user wrote. */
bool compile_amount(struct compiler *compiler, const struct json *value,
	const char *pointer, const struct amount_range *range, int64_t *out);
/* A JSON object and where it stands. */
struct rule_object {
	const struct json *value;
	const char *pointer;
};
/* The member of that name; nothing when it is null or not there. */
void compile_optional(struct compiler *compiler, struct rule_object object,
	const char *name, const struct amount_range *range, int64_t *out);
struct whole_range {
	size_t least, most;
};
/* A whole number, or a parameter with such a value; false with a fault. */
bool compile_whole(struct compiler *compiler, const struct json *value,
	const char *pointer, struct whole_range range, size_t *out);
/* The member, or NULL when it is null or not there. */
const struct json *compile_given(const struct json *object, const char *name);

#endif
