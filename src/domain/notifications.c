/* The messages of a user for him to read, newest first. Writes nothing. */
#include "channels.h"

#include "page_private.h"

const char *const notification_states[] = {
	"queued", "sent", "failed", "summed", NULL};

static const char list_name[] = "notifications";
static const char list_sql[] =
	"SELECT n.id, n.channel_id, c.kind, n.kind, n.body, n.state,"
	" n.attempts, n.error, n.created_at, n.next_at, n.ended_at"
	" FROM notifications n JOIN channels c ON c.user_id = n.user_id"
	" AND c.id = n.channel_id WHERE n.user_id = :owner AND n.id < :after"
	" ORDER BY n.id DESC LIMIT :limit";

/* Times come behind the row: a view points at them. */
struct item {
	struct notification_view view;
	struct timestamp next_at, ended_at;
};

static const char *item_read(const struct rows *rows, void *item, size_t *bytes)
{
	struct item *out = item;

	out->view = (struct notification_view){
		.id = rows_text(rows, 0),
		.channel_id = rows_text(rows, 1),
		.channel_kind = rows_text(rows, 2),
		.kind = rows_text(rows, 3),
		.text = rows_text(rows, 4),
		.state = rows_text(rows, 5),
		.attempts = rows_int(rows, 6),
		.error = rows_text(rows, 7),
		.created_at = {rows_int(rows, 8)},
	};
	out->next_at.ms = rows_int(rows, 9);
	out->ended_at.ms = rows_int(rows, 10);
	*bytes += sizeof(*out) + strlen(out->view.text);
	return out->view.id;
}

enum err notification_list(
	struct scope *scope, const struct page_query *query, struct page *out)
{
	static const struct page_kind kind = {.list = list_name,
		.size = sizeof(struct item),
		.read = item_read};
	struct notification_view *views;
	const struct item *items;
	struct page page;
	enum err err = page_by_id(scope, &kind, list_sql, query, &page);

	if (err != ERR_OK)
		return err;
	views = arena_array(
		scope_arena(scope), page.data.count, sizeof(*views));
	items = page.data.items;
	for (size_t i = 0; i < page.data.count; i++) {
		views[i] = items[i].view;
		if (items[i].ended_at.ms)
			views[i].ended_at = &items[i].ended_at;
		else
			views[i].next_at = &items[i].next_at;
	}
	page.data = (struct list){views, page.data.count};
	*out = page;
	return ERR_OK;
}
