/*
 * The stop-loss watch: which orders that wait here, on paper or for an exchange
 * (live_watch.c), a quote may do something to. Asked
 * on every new price, so it is one statement over open orders and takes no
 * lock; what it names too many of, paper_advance leaves alone. Must never
 * leave one out that the price reaches.
 */
#include "paper_runner.h"

#include "jobs.h"
#include "live_private.h"
#include "vector_private.h"

/*
 * By type, as engine/match.c has it: a market order waits for any price, a
 * level is reached from its side, a trailing level follows or is reached, and
 * what is triggered is a limit order from then on, or, without a limit, a
 * market order.
 */
static const char plan_sql[] =
	"SELECT o.user_id, o.symbol, min(o.seen_until), o.account,"
	" min(o.venue) FROM quotes q JOIN orders o ON o.symbol = q.symbol"
	" JOIN users u ON u.id = o.user_id AND u.disabled = 0"
	" WHERE q.seq > :since AND q.fresh_until >= :now"
	" AND q.at > o.seen_until + 1 AND o.state IN"
	" ('new', 'accepted', 'partially_filled', 'unknown')"
	" AND (o.venue = 'paper' OR (o.type = 'trailing_stop'"
	" AND o.triggered = 0))"
	" AND CASE"
	" WHEN o.type = 'market' OR (o.triggered AND o.price IS NULL) THEN 1"
	" WHEN o.type = 'limit' OR o.triggered THEN CASE o.side"
	" WHEN 'buy' THEN q.price <= o.price ELSE q.price >= o.price END"
	" WHEN o.type = 'take_profit' THEN CASE o.side"
	" WHEN 'buy' THEN q.price <= o.stop_price"
	" ELSE q.price >= o.stop_price END"
	" WHEN o.type = 'trailing_stop' THEN o.mark = 0 OR CASE o.side"
	" WHEN 'buy' THEN q.price < o.mark OR q.price >= o.mark + o.trail"
	" ELSE q.price > o.mark OR q.price <= o.mark - o.trail END"
	" ELSE CASE o.side WHEN 'buy' THEN q.price >= o.stop_price"
	" ELSE q.price <= o.stop_price END END"
	" GROUP BY o.user_id, o.account, o.symbol ORDER BY min(o.seen_until)";
static const char look_sql[] =
	"SELECT coalesce((SELECT max(seq) FROM quotes), 0),"
	" EXISTS (SELECT 1 FROM jobs WHERE name = :watch AND paused = 0"
	" AND (lease_until IS NULL OR lease_until <= :now))";

enum err paper_watch_plan(
	struct admin_scope *admin, int64_t since, struct list *out)
{
	struct vector dues;
	struct rows *rows;
	bool more;
	enum err err = admin_query(admin, plan_sql,
		BINDS(bind_int(":since", since),
			bind_int(":now", admin_now(admin))),
		&rows);

	if (err != ERR_OK)
		return err;
	vector_init(&dues, admin_arena(admin), sizeof(struct paper_due));
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		*(struct paper_due *)vector_add(&dues) =
			(struct paper_due){.user_id = rows_text(rows, 0),
				.symbol = rows_text(rows, 1),
				.account = rows_int(rows, 3),
				.live = live_is(rows_text(rows, 4)),
				.seen_until = rows_int(rows, 2)};
	rows_end(rows);
	if (err == ERR_OK)
		*out = (struct list){dues.items, dues.count};
	return err;
}

enum err paper_watch_look(struct admin_scope *admin, int64_t *seq, bool *wanted)
{
	struct rows *rows;
	enum err err = admin_one(admin, look_sql,
		BINDS(bind_text(":watch", job_names[JOB_WATCH]),
			bind_int(":now", admin_now(admin))),
		&rows);

	if (err != ERR_OK)
		return err;
	*seq = rows_int(rows, 0);
	*wanted = rows_int(rows, 1) != 0;
	rows_end(rows);
	return ERR_OK;
}
