/*
 * SQLite: prepared statements and their rows. Statements are cached by the
 * address of their constant; a bounded cache that evicts what was used
 * longest ago. Must never build SQL, and never keep a bound value.
 *
 * Rows are read ahead (ROWS_AHEAD at most) so that an ordinary look-up has
 * ended when db_query returns: a statement left open would pin an old
 * snapshot, on which BEGIN IMMEDIATE fails. Statements that write run to
 * their end at once, because only then are they committed.
 */
#include <assert.h>
#include <unistd.h>

#include "rows.h"
#include "sqlite_private.h"
#include "text.h"

enum {
	PARAMETERS = 64, /* most that one statement may have */
	ROWS_FIRST = 2,	 /* room for rows at first, doubled as needed */
	ROWS_AHEAD = 64, /* rows read ahead of the reader */
};

struct cell {
	const void *bytes; /* NULL: a number, or SQL NULL */
	int64_t number;	   /* or the length of bytes */
	bool is_null;
};

struct sqlite_rows {
	struct rows base;
	struct arena *arena;
	struct sqlite *db; /* NULL once the statement has ended */
	struct slot *slot;
	struct sqlite_rows *next_open, **link; /* the list sqlite.open */
	struct cell *cells;
	size_t columns;
	size_t room, count, at; /* in rows; at is 1 + the current one */
	enum err failed;	/* what reading ahead ran into */
};

/* ---- prepared statements ---------------------------------------------- */

static bool is_blank(const char *text)
{
	return text[strspn(text, " \t\r\n;")] == '\0';
}

static void slot_clear(struct slot *slot)
{
	(void)sqlite3_finalize(slot->stmt);
	*slot = (struct slot){0};
}

/*
 * An idle instance of the statement. The text is compared too: a caller
 * that breaks the rule and passes SQL which is not constant must never get
 * another statement that stood at the same address before.
 */
static struct slot *slot_find(struct sqlite *s, const char *sql, size_t start)
{
	for (size_t i = 0; i < SQLITE_SLOTS; i++) {
		struct slot *slot = &s->slots[(start + i) % SQLITE_SLOTS];
		if (!slot->sql)
			return NULL;
		if (slot->sql != sql || slot->running)
			continue;
		if (text_equal(sqlite3_sql(slot->stmt), sql))
			return slot;
	}
	return NULL;
}

/* An empty slot, else the idle one that was used longest ago. */
static struct slot *slot_choose(struct sqlite *s, size_t start)
{
	struct slot *oldest = NULL;

	for (size_t i = 0; i < SQLITE_SLOTS; i++) {
		struct slot *slot = &s->slots[(start + i) % SQLITE_SLOTS];
		if (!slot->sql)
			return slot;
		if (slot->running)
			continue;
		if (!oldest || slot->last_use < oldest->last_use)
			oldest = slot;
	}
	return oldest;
}

/* A statement whose rows are still open gets a second instance. */
static enum err slot_get(struct sqlite *s, const char *sql, struct slot **out)
{
	const size_t start = ((uintptr_t)sql >> 3) % SQLITE_SLOTS;
	struct slot *slot = slot_find(s, sql, start);
	const char *tail = "";
	sqlite3_stmt *stmt = NULL;

	if (!slot) {
		slot = slot_choose(s, start);
		if (!slot)
			return sqlite_refuse(
				s, ERR_INTERNAL, "too many open statements");
		int code = sqlite3_prepare_v3(s->handle, sql, -1,
			SQLITE_PREPARE_PERSISTENT, &stmt, &tail);
		if (code != SQLITE_OK)
			return sqlite_fail(s, code);
		if (!stmt || !is_blank(tail)) {
			(void)sqlite3_finalize(stmt);
			return sqlite_refuse(
				s, ERR_INTERNAL, "not exactly one statement");
		}
		/* The chain of probes stays whole: a slot is refilled, never
		   emptied, while the connection lives. */
		slot_clear(slot);
		slot->sql = sql;
		slot->stmt = stmt;
	}
	slot->last_use = ++s->uses;
	*out = slot;
	return ERR_OK;
}

static int bind_value(sqlite3_stmt *stmt, int index, const struct bind *bind)
{
	switch (bind->kind) {
	case BIND_END:
	case BIND_KIND_NULL:
		return sqlite3_bind_null(stmt, index);
	case BIND_KIND_INT:
		return sqlite3_bind_int64(stmt, index, bind->number);
	case BIND_KIND_TEXT:
		if (!bind->bytes)
			return sqlite3_bind_null(stmt, index);
		return sqlite3_bind_text64(stmt, index, bind->bytes, bind->len,
			SQLITE_TRANSIENT, SQLITE_UTF8);
	case BIND_KIND_BLOB:
		if (bind->len == 0)
			return sqlite3_bind_zeroblob(stmt, index, 0);
		return sqlite3_bind_blob64(
			stmt, index, bind->bytes, bind->len, SQLITE_TRANSIENT);
	}
	return SQLITE_MISUSE;
}

/* Every parameter exactly once, by name, and nothing else. */
static enum err bind_all(
	struct sqlite *s, sqlite3_stmt *stmt, const struct bind *binds)
{
	const int wanted = sqlite3_bind_parameter_count(stmt);
	uint64_t bound = 0;
	int count = 0;

	if (wanted > PARAMETERS)
		return sqlite_refuse(s, ERR_INTERNAL, "too many parameters");
	for (const struct bind *b = binds; b->kind != BIND_END; b++) {
		int index = sqlite3_bind_parameter_index(stmt, b->name);
		uint64_t bit = index > 0 ? UINT64_C(1) << (index - 1) : 0;
		if (bit == 0 || (bound & bit) != 0)
			return sqlite_refuse(s, ERR_INTERNAL,
				"a value for an unknown or bound parameter");
		int code = bind_value(stmt, index, b);
		if (code != SQLITE_OK)
			return sqlite_fail(s, code);
		bound |= bit;
		count++;
	}
	if (count != wanted)
		return sqlite_refuse(s, ERR_INTERNAL, "a parameter is unbound");
	return ERR_OK;
}

static void slot_stop(struct slot *slot)
{
	(void)sqlite3_reset(slot->stmt);
	/* values may be secrets, and are not needed any more */
	(void)sqlite3_clear_bindings(slot->stmt);
	slot->running = false;
}

/* ---- rows -------------------------------------------------------------- */

static void rows_finish(struct sqlite_rows *r)
{
	if (!r->db)
		return;
	slot_stop(r->slot);
	if (r->link) {
		*r->link = r->next_open;
		if (r->next_open)
			r->next_open->link = r->link;
		r->link = NULL;
	}
	r->db = NULL;
}

static void rows_release(void *thing)
{
	rows_finish(thing);
}

static void rows_grow(struct sqlite_rows *r)
{
	const size_t room = r->room ? r->room * 2 : ROWS_FIRST;
	struct cell *cells =
		arena_array(r->arena, room * r->columns, sizeof(*cells));

	if (r->count)
		memcpy(cells, r->cells, r->count * r->columns * sizeof(*cells));
	r->cells = cells;
	r->room = room;
}

static enum err cell_read(struct sqlite_rows *r, sqlite3_stmt *stmt, int column)
{
	struct cell *cell = &r->cells[r->count * r->columns + (size_t)column];
	const void *bytes = NULL;

	*cell = (struct cell){0};
	switch (sqlite3_column_type(stmt, column)) {
	case SQLITE_INTEGER:
		cell->number = sqlite3_column_int64(stmt, column);
		return ERR_OK;
	case SQLITE_NULL:
		cell->is_null = true;
		return ERR_OK;
	case SQLITE_TEXT:
		bytes = sqlite3_column_text(stmt, column);
		break;
	case SQLITE_BLOB:
		bytes = sqlite3_column_blob(stmt, column);
		break;
	default: /* money must never be a floating-point number */
		return sqlite_refuse(r->db, ERR_INTERNAL,
			"a column is a floating-point number");
	}
	const int len = sqlite3_column_bytes(stmt, column);
	if (!bytes && len > 0)
		return sqlite_fail(r->db, SQLITE_NOMEM);
	cell->bytes = arena_copy(r->arena, bytes ? bytes : "", (size_t)len);
	cell->number = len;
	return ERR_OK;
}

/* Reads on until `limit` rows stand in memory, or the statement ended. */
static enum err rows_fill(struct sqlite_rows *r, size_t limit)
{
	while (r->db && r->count < limit) {
		sqlite3_stmt *stmt = r->slot->stmt;
		enum err err = ERR_OK;
		int code = sqlite3_step(stmt);
		if (code == SQLITE_DONE) {
			rows_finish(r);
			break;
		}
		if (code != SQLITE_ROW)
			err = sqlite_fail(r->db, code);
		else if (r->count == r->room)
			rows_grow(r);
		for (int c = 0; err == ERR_OK && c < (int)r->columns; c++)
			err = cell_read(r, stmt, c);
		if (err != ERR_OK) {
			rows_finish(r);
			return err;
		}
		r->count++;
	}
	return ERR_OK;
}

static enum err sqlite_rows_next(struct rows *rows, bool *more)
{
	struct sqlite_rows *r = (struct sqlite_rows *)(void *)rows;

	if (r->at == r->count && r->db) {
		r->count = 0;
		r->at = 0;
		r->failed = rows_fill(r, ROWS_AHEAD);
	}
	if (r->at == r->count && r->failed != ERR_OK)
		return r->failed;
	*more = r->at < r->count;
	if (*more)
		r->at++;
	return ERR_OK;
}

static const struct cell *cell_at(const struct rows *rows, int column)
{
	static const struct cell nothing = {.is_null = true};
	const struct sqlite_rows *r =
		(const struct sqlite_rows *)(const void *)rows;

	if (r->at == 0 || column < 0 || (size_t)column >= r->columns)
		return &nothing;
	return &r->cells[(r->at - 1) * r->columns + (size_t)column];
}

static bool sqlite_rows_is_null(const struct rows *rows, int column)
{
	return cell_at(rows, column)->is_null;
}

static int64_t sqlite_rows_integer(const struct rows *rows, int column)
{
	const struct cell *cell = cell_at(rows, column);

	return cell->bytes ? 0 : cell->number;
}

static const char *sqlite_rows_text(const struct rows *rows, int column)
{
	const struct cell *cell = cell_at(rows, column);
	const struct sqlite_rows *r =
		(const struct sqlite_rows *)(const void *)rows;

	if (cell->is_null)
		return NULL;
	if (cell->bytes)
		return cell->bytes;
	return arena_format(r->arena, "%lld", (long long)cell->number);
}

static const void *sqlite_rows_blob(
	const struct rows *rows, int column, size_t *len)
{
	const struct cell *cell = cell_at(rows, column);

	*len = cell->bytes ? (size_t)cell->number : 0;
	return cell->bytes;
}

static void sqlite_rows_end(struct rows *rows)
{
	rows_finish((struct sqlite_rows *)(void *)rows);
}

static const struct rows_ops sqlite_rows_ops = {
	.next = sqlite_rows_next,
	.is_null = sqlite_rows_is_null,
	.integer = sqlite_rows_integer,
	.text = sqlite_rows_text,
	.blob = sqlite_rows_blob,
	.end = sqlite_rows_end,
};

/* ---- running ----------------------------------------------------------- */

void sqlite_drain(struct sqlite *s)
{
	while (s->open) {
		struct sqlite_rows *r = s->open;
		enum err err = rows_fill(r, SIZE_MAX);
		if (err != ERR_OK)
			r->failed = err;
	}
}

void sqlite_abandon(struct sqlite *s)
{
	while (s->open) {
		s->open->failed = ERR_UNAVAILABLE;
		rows_finish(s->open);
	}
}

/* The statement bound and ready for its first step. */
static enum err statement_start(struct sqlite *s, const char *sql,
	const struct bind *binds, struct slot **out)
{
	struct slot *slot = NULL;
	enum err err = sqlite_check_reading(s);

	if (err == ERR_OK)
		err = slot_get(s, sql, &slot);
	if (err != ERR_OK)
		return err;
	assert(slot);
	if (!sqlite3_stmt_readonly(slot->stmt)) {
		err = sqlite_check(s);
		if (err != ERR_OK)
			return err;
		if (s->reading)
			return sqlite_refuse(s, ERR_INTERNAL,
				"a write in a reading transaction");
		if (!s->in_transaction)
			sqlite_drain(s);
	}
	err = bind_all(s, slot->stmt, binds);
	if (err != ERR_OK) {
		slot_stop(slot);
		return err;
	}
	slot->running = true;
	*out = slot;
	return ERR_OK;
}

enum err sqlite_query(struct db *db, struct arena *arena, const char *sql,
	const struct bind *binds, struct rows **out)
{
	struct sqlite *s = sqlite_of(db);
	struct slot *slot = NULL;
	enum err err = statement_start(s, sql, binds, &slot);

	if (err != ERR_OK)
		return err;
	assert(slot);
	struct sqlite_rows *r = arena_alloc(arena, sizeof(*r));
	r->base.ops = &sqlite_rows_ops;
	r->arena = arena;
	r->db = s;
	r->slot = slot;
	r->columns = (size_t)sqlite3_column_count(slot->stmt);
	err = rows_fill(
		r, sqlite3_stmt_readonly(slot->stmt) ? ROWS_AHEAD : SIZE_MAX);
	if (err != ERR_OK)
		return err;
	if (r->db) {
		r->next_open = s->open;
		r->link = &s->open;
		if (s->open)
			s->open->link = &r->next_open;
		s->open = r;
		arena_defer(arena, rows_release, r);
	}
	*out = &r->base;
	return ERR_OK;
}

enum err sqlite_run(struct db *db, const char *sql, const struct bind *binds,
	int64_t *changed)
{
	struct sqlite *s = sqlite_of(db);
	struct slot *slot = NULL;
	enum err err = statement_start(s, sql, binds, &slot);
	int code = SQLITE_ROW;

	if (err != ERR_OK)
		return err;
	assert(slot);
	while (code == SQLITE_ROW)
		code = sqlite3_step(slot->stmt);
	if (code != SQLITE_DONE)
		err = sqlite_fail(s, code);
	else if (changed)
		*changed = sqlite3_stmt_readonly(slot->stmt)
				   ? 0
				   : sqlite3_changes64(s->handle);
	slot_stop(slot);
	return err;
}

void sqlite_forget(struct sqlite *s)
{
	sqlite_abandon(s);
	for (size_t i = 0; i < SQLITE_SLOTS; i++)
		slot_clear(&s->slots[i]);
}
