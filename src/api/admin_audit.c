/* The audit log as admins read it. Nothing here writes to it. */
#include "admin_audit.h"

#include "audit_list.h"
#include "replies_private.h"

static const struct field audit_query_fields[] = {
	FIELD(struct audit_query, event, .from = FROM_QUERY, .min = 1,
		.max = 64,
		.doc = "such as auth.login; with a dot at the end all that "
		       "begin so"),
	FIELD(struct audit_query, actor, .from = FROM_QUERY, .min = 1,
		.max = 256, .doc = "who did it: a user's id, or operator"),
	FIELD(struct audit_query, object, .from = FROM_QUERY, .min = 1,
		.max = 256, .doc = "the id of what it was done to"),
	FIELD(struct audit_query, result, .from = FROM_QUERY,
		.one_of = audit_results, .doc = "how it ended"),
	FIELD(struct audit_query, from, .from = FROM_QUERY,
		.doc = "not before"),
	FIELD(struct audit_query, to, .from = FROM_QUERY, .doc = "before"),
	FIELD(struct audit_query, limit, .from = FROM_QUERY, .min = 1,
		.max = 500, .otherwise = 50, .doc = "entries in a page"),
	FIELD(struct audit_query, cursor, .from = FROM_QUERY,
		.doc = "next_cursor of the page before"),
};
const struct shape audit_query_shape =
	SHAPE("audit_query", struct audit_query, audit_query_fields);

static const struct field entry_fields[] = {
	FIELD(struct audit_entry, seq, .doc = "its number; 1 is the oldest"),
	FIELD(struct audit_entry, at, .doc = "when"),
	FIELD(struct audit_entry, event, .doc = "what happened"),
	FIELD(struct audit_entry, result, .one_of = audit_results,
		.doc = "how it ended"),
	FIELD(struct audit_entry, actor, .nullable = true,
		.doc = "who: a user's id, operator, or null for nobody yet"),
	FIELD(struct audit_entry, object, .nullable = true,
		.doc = "the id of what it was done to"),
	FIELD(struct audit_entry, address, .nullable = true,
		.doc = "of the client"),
	FIELD(struct audit_entry, request_id, .nullable = true,
		.doc = "of the request"),
	FIELD(struct audit_entry, detail, .nullable = true,
		.doc = "in a few words"),
};
static const struct shape entry_shape =
	SHAPE("audit_entry", struct audit_entry, entry_fields);
static const struct field audit_entries_fields[] = PAGE_FIELDS(entry_shape);
const struct shape audit_entries_shape =
	SHAPE("audit_entries", struct page, audit_entries_fields);

enum err handle_admin_audit(struct call *call, struct admin_scope *admin,
	const void *input, void *out)
{
	const struct audit_query *in = input;

	(void)call;
	return audit_list(admin, in, out);
}
