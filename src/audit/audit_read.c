/*
 * Rows as they stand, a batch at a time: for checking them and for handing
 * them on. Reads from whatever somebody may have made of the file, and must
 * take nothing in it for granted.
 */
#include "audit_private.h"

#include "text.h"

enum {
	BATCH_ROWS = 500
};

static const char read_sql[] =
	"SELECT seq, at, event, result, actor, object, address, request_id,"
	" detail, key_id, mac FROM audit_log WHERE seq > :after"
	" ORDER BY seq LIMIT :limit";

enum {
	COLUMN_SEQ,
	COLUMN_AT,
	COLUMN_TEXTS,
	COLUMN_MAC = COLUMN_TEXTS + AUDIT_TEXT_COUNT
};

const char *audit_text_name(enum audit_text which)
{
	static const char *const names[AUDIT_TEXT_COUNT] = {"event", "result",
		"actor", "object", "address", "request_id", "detail", "key_id"};

	return names[which];
}

/* A NUL inside would hide what stands behind it. */
static const char *text_read(const struct rows *rows, int column, bool *odd)
{
	size_t len;
	const char *text = rows_blob(rows, column, &len);

	if (rows_is_null(rows, column))
		return NULL;
	if (!text || strlen(text) != len)
		*odd = true;
	return text ? text : "";
}

static struct audit_row row_read(struct arena *arena, const struct rows *rows)
{
	struct audit_row row = {
		.seq = rows_int(rows, COLUMN_SEQ),
		.at = rows_int(rows, COLUMN_AT),
	};
	size_t len;
	const void *mac = rows_blob(rows, COLUMN_MAC, &len);

	for (int i = 0; i < AUDIT_TEXT_COUNT; i++)
		row.texts[i] = text_read(rows, COLUMN_TEXTS + i, &row.odd);
	row.odd = row.odd || len != AUDIT_MAC_BYTES || !row.texts[AUDIT_KEY_ID];
	row.mac = mac ? text_hex(arena, mac, len) : "";
	return row;
}

enum err audit_read(struct audit *audit, struct arena *arena, int64_t after,
	struct audit_rows *out)
{
	struct audit_rows found = {
		.items = arena_array(arena, BATCH_ROWS, sizeof(*found.items))};
	struct rows *rows;
	bool more;
	enum err err = db_query(audit->db, arena, read_sql,
		BINDS(bind_int(":after", after),
			bind_int(":limit", BATCH_ROWS)),
		&rows);

	if (err != ERR_OK)
		return err;
	while ((err = rows_next(rows, &more)) == ERR_OK && more &&
		found.count < BATCH_ROWS)
		found.items[found.count++] = row_read(arena, rows);
	rows_end(rows);
	if (err == ERR_OK)
		*out = found;
	return err;
}
