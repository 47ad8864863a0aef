/*
 * One page of the audit log. The narrowest filter picks the statement, so
 * that an index leads to the rows; the others are tested on the way. Every
 * statement takes the same values. Never writes.
 */
#include "audit_list.h"

#include "page_private.h"
#include "text.h"

static const char list_name[] = "audit";
const char *const audit_results[] = {"ok", "denied", "failed", NULL};

#define COLUMNS                                                      \
	"SELECT seq, at, event, result, actor, object, address,"     \
	" request_id, detail FROM audit_log WHERE seq < :after AND " \
	"at >= :from AND at < :to"                                   \
	" AND (:result IS NULL OR result = :result)"                 \
	" AND (:low IS NULL OR event BETWEEN :low AND :high)"
#define ANY_EVENT " AND (:event IS NULL OR event = :event)"
#define ANY_ACTOR " AND (:actor IS NULL OR actor = :actor)"
#define ANY_OBJECT " AND (:object IS NULL OR object = :object)"
#define NEWEST " ORDER BY seq DESC LIMIT :limit"

static const char by_object_sql[] =
	COLUMNS ANY_EVENT ANY_ACTOR " AND object = :object" NEWEST;
static const char by_actor_sql[] =
	COLUMNS ANY_EVENT ANY_OBJECT " AND actor = :actor" NEWEST;
static const char by_event_sql[] =
	COLUMNS ANY_ACTOR ANY_OBJECT " AND event = :event" NEWEST;
static const char all_sql[] = COLUMNS ANY_EVENT ANY_ACTOR ANY_OBJECT NEWEST;

static const char *entry_read(
	const struct rows *rows, void *item, size_t *bytes)
{
	struct audit_entry *entry = item;

	*entry = (struct audit_entry){
		.seq = rows_int(rows, 0),
		.at = {rows_int(rows, 1)},
		.event = rows_text(rows, 2),
		.result = rows_text(rows, 3),
		.actor = rows_text(rows, 4),
		.object = rows_text(rows, 5),
		.address = rows_text(rows, 6),
		.request_id = rows_text(rows, 7),
		.detail = rows_text(rows, 8),
	};
	for (int column = 4; column <= 8; column++)
		if (!rows_is_null(rows, column))
			*bytes += strlen(rows_text(rows, column));
	return rows_text(rows, 0);
}

struct event_filter {
	const char *exact, *low, *high; /* NULL: not asked for */
};

/* "auth." is all that begins so. */
static struct event_filter event_filter(struct arena *arena, const char *event)
{
	size_t len = event ? strlen(event) : 0;

	if (len == 0 || event[len - 1] != '.')
		return (struct event_filter){.exact = event};
	/* behind every name: they are made of letters, dots and '_' */
	return (struct event_filter){
		.low = event, .high = arena_format(arena, "%s~", event)};
}

static const char *statement_for(
	const struct audit_query *in, const struct event_filter *event)
{
	if (in->object)
		return by_object_sql;
	if (in->actor)
		return by_actor_sql;
	return event->exact ? by_event_sql : all_sql;
}

enum err audit_list(struct admin_scope *admin, const struct audit_query *in,
	struct page *out)
{
	static const struct page_kind kind = {.list = list_name,
		.size = sizeof(struct audit_entry),
		.read = entry_read};
	const struct event_filter event =
		event_filter(admin_arena(admin), in->event);
	struct rows *rows;
	int64_t after = 0;
	enum err err = page_after_number(
		admin_report(admin), list_name, in->cursor, &after);

	if (err == ERR_OK)
		err = admin_query(admin, statement_for(in, &event),
			BINDS(bind_int(":after", after),
				bind_int(":from",
					in->from ? in->from->ms : INT64_MIN),
				bind_int(
					":to", in->to ? in->to->ms : INT64_MAX),
				bind_text(":result", in->result),
				bind_text(":low", event.low),
				bind_text(":high", event.high),
				bind_text(":event", event.exact),
				bind_text(":actor", in->actor),
				bind_text(":object", in->object),
				bind_int(":limit", in->limit + 1)),
			&rows);
	if (err != ERR_OK)
		return err;
	return page_read(admin_arena(admin), &kind, rows, in->limit, out);
}
