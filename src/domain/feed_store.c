/*
 * What was fetched, written down: quotes, and how each feed goes. Must never
 * put an older price in the place of a newer one, nor let `seq` stand still
 * when a price is new to who watches.
 */
#include "feeds.h"

#include "series_private.h"
#include "text.h"

static const char symbol_sql[] =
	"INSERT INTO symbols (symbol, source, price_scale, volume_scale,"
	" series, created_at) VALUES (:symbol, :source, :scale, 0, '[]', :now)"
	" ON CONFLICT (symbol) DO NOTHING";
static const char feed_sql[] =
	"INSERT INTO feeds (symbol, source) VALUES (:symbol, :source)"
	" ON CONFLICT (symbol) DO UPDATE SET source = excluded.source,"
	" ok_at = NULL, error = NULL, error_at = NULL, failures = 0"
	" WHERE feeds.source <> excluded.source";
static const char old_sql[] = "SELECT symbol FROM feeds";
static const char drop_sql[] = "DELETE FROM feeds WHERE symbol = :symbol";
/*
 * The last price of the day before is that day's close. A price that was stale
 * is new to who watches even when it is the same as before. One of a time that
 * a wrong clock gave (:ahead) does not stand in the way.
 */
static const char quote_sql[] =
	"INSERT INTO quotes (symbol, source, price, at, received_at,"
	" fresh_until, day, previous, seq) VALUES (:symbol, :source, :price,"
	" :at, :now, :fresh, :day, NULL,"
	" (SELECT coalesce(max(seq), 0) + 1 FROM quotes))"
	" ON CONFLICT (symbol) DO UPDATE SET source = excluded.source,"
	" price = excluded.price, at = excluded.at,"
	" received_at = excluded.received_at,"
	" fresh_until = excluded.fresh_until, day = excluded.day,"
	" previous = CASE WHEN quotes.day = excluded.day THEN quotes.previous"
	" WHEN quotes.day = excluded.day - :length THEN quotes.price END,"
	" seq = CASE WHEN quotes.price <> excluded.price"
	" OR quotes.fresh_until < :now THEN excluded.seq ELSE quotes.seq END"
	" WHERE excluded.at >= quotes.at OR quotes.at > :ahead";
static const char well_sql[] =
	"UPDATE feeds SET ok_at = :now, error = NULL, error_at = NULL,"
	" failures = 0 WHERE symbol = :symbol";
static const char badly_sql[] =
	"UPDATE feeds SET error = :error, failures = failures + 1,"
	" error_at = coalesce(error_at, :now) WHERE symbol = :symbol";
static const char state_sql[] =
	"SELECT error IS NOT NULL, ok_at IS NULL FROM feeds"
	" WHERE symbol = :symbol";
static const char series_sql[] =
	"SELECT series FROM symbols WHERE symbol = :symbol";

enum {
	QUOTE_SCALE = 8,
	DAY_MS = 24 * 60 * 60 * 1000,
	AHEAD_MS = 60 * 1000
};

/* ---- which there are -------------------------------------------------------- */

static bool is_among(const struct list *feeds, const char *symbol)
{
	const struct feed *items = feeds->items;

	for (size_t i = 0; i < feeds->count; i++)
		if (text_equal(items[i].symbol, symbol))
			return true;
	return false;
}

static enum err old_drop(struct admin_scope *admin, const struct list *feeds)
{
	struct vector old;
	struct rows *rows;
	bool more;
	enum err err = admin_query(admin, old_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	vector_init(&old, admin_arena(admin), sizeof(const char *));
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		if (!is_among(feeds, rows_text(rows, 0)))
			*(const char **)vector_add(&old) = rows_text(rows, 0);
	rows_end(rows);
	for (size_t i = 0; err == ERR_OK && i < old.count; i++)
		err = admin_run(admin, drop_sql,
			BINDS(bind_text(
				":symbol", ((const char **)old.items)[i])),
			NULL);
	return err;
}

/* One with candles comes with its candles, and has their digits. */
static enum err feed_begin(struct admin_scope *admin, const struct feed *feed)
{
	const char *source = feed_sources[feed->source];
	enum err err = ERR_OK;

	if (feed->interval_ms == 0)
		err = admin_run(admin, symbol_sql,
			BINDS(bind_text(":symbol", feed->symbol),
				bind_text(":source", source),
				bind_int(":scale", QUOTE_SCALE),
				bind_int(":now", admin_now(admin))),
			NULL);
	if (err != ERR_OK)
		return err;
	return admin_run(admin, feed_sql,
		BINDS(bind_text(":symbol", feed->symbol),
			bind_text(":source", source)),
		NULL);
}

enum err feeds_begin(struct admin_scope *admin, const struct list *feeds)
{
	const struct feed *items = feeds->items;
	enum err err = admin_begin(admin);

	if (err != ERR_OK)
		return err;
	err = old_drop(admin, feeds);
	for (size_t i = 0; err == ERR_OK && i < feeds->count; i++)
		err = feed_begin(admin, &items[i]);
	return admin_end(admin, err);
}

/* ---- quotes ------------------------------------------------------------------- */

static enum err quote_write(
	struct admin_scope *admin, const struct quote_new *quote)
{
	const int64_t now = admin_now(admin);

	return admin_run(admin, quote_sql,
		BINDS(bind_text(":symbol", quote->symbol),
			bind_text(":source", quote->source),
			bind_int(":price", quote->price),
			bind_int(":at", quote->at), bind_int(":now", now),
			bind_int(":fresh", quote->fresh_until),
			bind_int(":day", quote->at / DAY_MS * DAY_MS),
			bind_int(":length", DAY_MS),
			bind_int(":ahead", now + AHEAD_MS)),
		NULL);
}

enum err quotes_put(
	struct admin_scope *admin, const struct quote_new *items, size_t count)
{
	enum err err = admin_begin(admin);

	if (err != ERR_OK)
		return err;
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		err = quote_write(admin, &items[i]);
	return admin_end(admin, err);
}

/* ---- how it goes ---------------------------------------------------------------- */

static enum err note_write(
	struct admin_scope *admin, const char *symbol, const char *error)
{
	if (!error)
		return admin_run(admin, well_sql,
			BINDS(bind_text(":symbol", symbol),
				bind_int(":now", admin_now(admin))),
			NULL);
	return admin_run(admin, badly_sql,
		BINDS(bind_text(":symbol", symbol), bind_text(":error", error),
			bind_int(":now", admin_now(admin))),
		NULL);
}

static enum err note(struct admin_scope *admin, const char *symbol,
	const char *error, bool *turned)
{
	struct rows *rows;
	bool failed, first;
	enum err err = admin_one(
		admin, state_sql, BINDS(bind_text(":symbol", symbol)), &rows);

	if (err != ERR_OK)
		return err;
	failed = rows_int(rows, 0) != 0;
	first = rows_int(rows, 1) != 0;
	rows_end(rows);
	err = note_write(admin, symbol, error);
	if (err == ERR_OK)
		*turned = failed != (error != NULL) || first;
	return err;
}

enum err feeds_note(struct admin_scope *admin, const struct text_list *symbols,
	const char *error, bool *turned)
{
	enum err err = admin_begin(admin);

	if (err != ERR_OK)
		return err;
	for (size_t i = 0; err == ERR_OK && i < symbols->count; i++)
		err = note(admin, symbols->items[i], error, &turned[i]);
	return admin_end(admin, err);
}

/* ---- what is missing -------------------------------------------------------------- */

enum err feed_stored(struct scope *scope, const char *symbol,
	int64_t interval_ms, struct feed_span *out)
{
	const struct series *items;
	struct vector list;
	struct rows *rows;
	enum err err = scope_one(
		scope, series_sql, BINDS(bind_text(":symbol", symbol)), &rows);

	if (err != ERR_OK)
		return err;
	err = series_read(scope_arena(scope), rows_text(rows, 0), &list);
	rows_end(rows);
	if (err != ERR_OK)
		return err;
	items = list.items;
	for (size_t i = 0; i < list.count; i++)
		if (items[i].interval_ms == interval_ms) {
			*out = (struct feed_span){
				items[i].first, items[i].last};
			return ERR_OK;
		}
	return ERR_NOT_FOUND;
}
