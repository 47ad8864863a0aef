/*
 * What running strategies said, for their owner to read. Never evaluates
 * anything: what is not stored was not said.
 */
#include "signals.h"

#include "decisions.h"
#include "market.h"
#include "owned_private.h"
#include "page_private.h"
#include "text.h"
#include "vector_private.h"

const char *const signal_names[] = {
	[SIGNAL_ENTRY_LONG] = "entry_long",
	[SIGNAL_ENTRY_SHORT] = "entry_short",
	[SIGNAL_EXIT_LONG] = "exit_long",
	[SIGNAL_EXIT_SHORT] = "exit_short",
	[SIGNAL_COUNT] = "none",
	NULL,
};

static const char signals_name[] = "signals";

#define SIGNAL_COLUMNS                                                     \
	" g.id, g.run_id, g.strategy_id, s.name, r.strategy_version,"      \
	" g.symbol, r.interval_ms, g.candle_time, g.price, g.price_scale," \
	" g.kind, g.decisions, g.held, g.conditions, g.reason, g.created_at"

/* One evaluation stands at each run's last candle. */
static const char latest_sql[] =
	"SELECT" SIGNAL_COLUMNS " FROM strategy_runs r"
	" JOIN signals g ON g.user_id = r.user_id AND g.run_id = r.id"
	" AND g.candle_time = r.last_candle"
	" JOIN strategies s ON s.user_id = r.user_id AND s.id = r.strategy_id"
	" WHERE r.user_id = :owner AND r.state = 'running'"
	" ORDER BY r.symbol, s.name, r.id";
#define HISTORY_FROM                                                           \
	" FROM signals g"                                                      \
	" JOIN strategy_runs r ON r.user_id = g.user_id AND r.id = g.run_id"   \
	" JOIN strategies s ON s.user_id = g.user_id AND s.id = g.strategy_id" \
	" WHERE g.user_id = :owner AND g.id < :after AND g.kind <> 'none'"
static const char history_sql[] =
	"SELECT" SIGNAL_COLUMNS HISTORY_FROM " ORDER BY g.id DESC LIMIT :limit";
static const char of_strategy_sql[] =
	"SELECT" SIGNAL_COLUMNS HISTORY_FROM
	" AND g.strategy_id = :strategy ORDER BY g.id DESC LIMIT :limit";

/* The texts of the list are filled in behind: bits have no arena. */
struct signal_item {
	struct signal_view view;
	int64_t decisions, interval_ms;
};

static const char *item_read(const struct rows *rows, void *item, size_t *bytes)
{
	struct signal_item *signal = item;
	const int64_t held = rows_int(rows, 12);
	const int64_t conditions = rows_int(rows, 13);

	signal->decisions = rows_int(rows, 11);
	signal->interval_ms = rows_int(rows, 6);
	signal->view = (struct signal_view){
		.id = rows_text(rows, 0),
		.run_id = rows_text(rows, 1),
		.strategy_id = rows_text(rows, 2),
		.strategy_name = rows_text(rows, 3),
		.strategy_version = rows_int(rows, 4),
		.symbol = rows_text(rows, 5),
		.interval = market_interval_name(signal->interval_ms),
		.candle_time = {rows_int(rows, 7)},
		.price = {rows_int(rows, 8), (int32_t)rows_int(rows, 9)},
		.kind = rows_text(rows, 10),
		.strength = {conditions > 0 ? (double)held / (double)conditions
					    : 0},
		.reason = owned_json(rows, 14),
		.evaluated_at = {rows_int(rows, 15)},
	};
	*bytes += signal->view.reason.len;
	return signal->view.id;
}

static struct text_list fired_of(struct arena *arena, int64_t decisions)
{
	struct text_list list = {
		.items = arena_array(arena, SIGNAL_COUNT, sizeof(char *))};

	for (int i = 0; i < SIGNAL_COUNT; i++)
		if (decisions & (1 << i))
			list.items[list.count++] = signal_names[i];
	return list;
}

static struct signal_view view_of(
	struct scope *scope, const struct signal_item *item)
{
	const int64_t age = scope_now(scope) - item->view.candle_time.ms;
	struct signal_view view = item->view;

	view.fired = fired_of(scope_arena(scope), item->decisions);
	view.age_s = (age - item->interval_ms) / 1000;
	view.stale = age > 2 * item->interval_ms + SIGNAL_GRACE_MS;
	return view;
}

static bool is_wanted(const struct text_list *symbols, const char *symbol)
{
	for (size_t i = 0; i < symbols->count; i++)
		if (text_equal(symbols->items[i], symbol))
			return true;
	return symbols->count == 0;
}

/* ---- the last of each run ---------------------------------------------- */

enum err signals_latest(
	struct scope *scope, const struct text_list *symbols, struct list *out)
{
	struct vector views;
	struct rows *rows;
	bool more;
	enum err err = scope_query(scope, latest_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	vector_init(&views, scope_arena(scope), sizeof(struct signal_view));
	while ((err = rows_next(rows, &more)) == ERR_OK && more) {
		struct signal_item item;
		struct signal_view *view;
		size_t bytes = 0;

		(void)item_read(rows, &item, &bytes);
		if (!is_wanted(symbols, item.view.symbol))
			continue;
		view = vector_add(&views);
		*view = view_of(scope, &item);
	}
	rows_end(rows);
	if (err == ERR_OK)
		*out = (struct list){views.items, views.count};
	return err;
}

/* ---- those that fired -------------------------------------------------- */

static enum err history_query(struct scope *scope,
	const struct signal_history_query *in, const char *after,
	struct rows **out)
{
	if (in->strategy_id)
		return scope_query(scope, of_strategy_sql,
			BINDS(bind_text(":after", after),
				bind_text(":strategy", in->strategy_id),
				bind_int(":limit", in->limit + 1)),
			out);
	return scope_query(scope, history_sql,
		BINDS(bind_text(":after", after),
			bind_int(":limit", in->limit + 1)),
		out);
}

enum err signals_history(struct scope *scope,
	const struct signal_history_query *in, struct page *out)
{
	static const struct page_kind kind = {.list = signals_name,
		.size = sizeof(struct signal_item),
		.read = item_read};
	const struct signal_item *items;
	struct signal_view *views;
	const char *after = NULL;
	struct page page;
	struct rows *rows;
	enum err err = page_after_id(
		scope_report(scope), signals_name, in->cursor, &after);

	if (err == ERR_OK)
		err = history_query(scope, in, after, &rows);
	if (err == ERR_OK)
		err = page_read(
			scope_arena(scope), &kind, rows, in->limit, &page);
	if (err != ERR_OK)
		return err;
	items = page.data.items;
	views = arena_array(
		scope_arena(scope), page.data.count, sizeof(*views));
	for (size_t i = 0; i < page.data.count; i++)
		views[i] = view_of(scope, &items[i]);
	page.data = (struct list){views, page.data.count};
	*out = page;
	return ERR_OK;
}
