/*
 * The log: opening it, adding a row, telling its head. A row is never
 * written without a hash over itself and the row before, both read and
 * written under one write lock. Never changes or removes a row.
 */
#include "audit_private.h"

#include <sodium/core.h>

#include "file.h"
#include "metrics.h"
#include "text.h"

static const char last_sql[] = "SELECT seq, mac, key_id FROM audit_log"
			       " ORDER BY seq DESC LIMIT 1";
static const char append_sql[] =
	"INSERT INTO audit_log (seq, at, event, result, actor, object, address,"
	" request_id, detail, key_id, mac) VALUES (:seq, :at, :event, :result,"
	" :actor, :object, :address, :request_id, :detail, :key_id, :mac)";

const char audit_file_name[] = "audit.keys";

enum err audit_open(struct arena *arena, const struct audit_options *options,
	struct report *report, struct audit **out)
{
	struct audit *audit = arena_alloc(arena, sizeof(*audit));
	const char *fault = "libsodium does not start";
	enum err err = sodium_init() < 0 ? ERR_UNAVAILABLE : ERR_OK;

	audit->db = options->db;
	audit->metrics = options->metrics;
	if (err == ERR_OK)
		err = key_ring_open(&audit->ring,
			file_join(arena, options->key_folder, audit_file_name),
			&fault);
	if (err != ERR_OK) {
		report_detail(report, "keys/%s: %s (kontor init makes it)",
			audit_file_name, fault);
		return ERR_UNAVAILABLE;
	}
	*out = audit;
	return ERR_OK;
}

void audit_close(struct audit **audit)
{
	if (!*audit)
		return;
	key_ring_release(&(*audit)->ring);
	*audit = NULL;
}

/* ---- the end of the log ------------------------------------------------ */

struct last {
	int64_t seq; /* 0: no row */
	unsigned char mac[AUDIT_MAC_BYTES];
	const char *key_id;
};

static enum err last_read(struct db *db, struct arena *arena, struct last *out)
{
	struct last last = {.key_id = ""};
	struct rows *rows;
	const void *mac;
	size_t len;
	bool more;
	enum err err = db_query(db, arena, last_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	err = rows_next(rows, &more);
	if (err == ERR_OK && more) {
		last.seq = rows_int(rows, 0);
		mac = rows_blob(rows, 1, &len);
		last.key_id = rows_text(rows, 2);
		/* nothing is chained to a row that we did not write */
		if (len == sizeof(last.mac) && last.key_id && last.seq > 0 &&
			last.seq < INT64_MAX)
			memcpy(last.mac, mac, len);
		else
			err = ERR_UNAVAILABLE;
	}
	rows_end(rows);
	if (err == ERR_OK)
		*out = last;
	return err;
}

enum err audit_head(
	struct audit *audit, struct arena *arena, struct audit_head *out)
{
	struct last last;
	enum err err = last_read(audit->db, arena, &last);

	if (err != ERR_OK)
		return err;
	*out = (struct audit_head){
		.rows = last.seq,
		.mac = text_hex(arena, last.mac, sizeof(last.mac)),
		.key_id = last.key_id,
	};
	return ERR_OK;
}

/* ---- adding a row ------------------------------------------------------ */

static const char *result_text(enum audit_result result)
{
	switch (result) {
	case AUDIT_OK:
		return "ok";
	case AUDIT_DENIED:
		return "denied";
	case AUDIT_FAILED:
		return "failed";
	}
	return "failed";
}

/* At most AUDIT_TEXT_BYTES, whole characters. */
static const char *clip(struct arena *arena, const char *text)
{
	size_t len = text ? strlen(text) : 0;
	size_t kept = AUDIT_TEXT_BYTES;

	if (len <= AUDIT_TEXT_BYTES)
		return text;
	while (kept > 0 && ((unsigned char)text[kept] & 0xc0) == 0x80)
		kept--;
	return arena_copy(arena, text, kept);
}

static enum err row_write(struct db *db, const struct audit_row *row,
	const unsigned char mac[AUDIT_MAC_BYTES])
{
	const char *const *texts = row->texts;

	return db_run(db, append_sql,
		BINDS(bind_int(":seq", row->seq), bind_int(":at", row->at),
			bind_text(":event", texts[AUDIT_EVENT]),
			bind_text(":result", texts[AUDIT_RESULT]),
			bind_text(":actor", texts[AUDIT_ACTOR]),
			bind_text(":object", texts[AUDIT_OBJECT]),
			bind_text(":address", texts[AUDIT_ADDRESS]),
			bind_text(":request_id", texts[AUDIT_REQUEST_ID]),
			bind_text(":detail", texts[AUDIT_DETAIL]),
			bind_text(":key_id", texts[AUDIT_KEY_ID]),
			bind_blob(":mac", mac, AUDIT_MAC_BYTES)),
		NULL);
}

/* Under the write lock. The key file is looked at behind it, each time: a row
   with the old key behind one with the new key would be a finding. */
static enum err append_locked(struct audit *audit, struct arena *arena,
	const struct audit_event *event)
{
	unsigned char mac[AUDIT_MAC_BYTES];
	struct audit_row row;
	struct last last;
	enum err err = key_ring_look(&audit->ring);

	if (err == ERR_OK)
		err = last_read(audit->db, arena, &last);
	if (err != ERR_OK)
		return err;
	row = (struct audit_row){
		.seq = last.seq + 1,
		.at = event->at,
		.texts =
			{
				[AUDIT_EVENT] = event->event,
				[AUDIT_RESULT] = result_text(event->result),
				[AUDIT_ACTOR] = clip(arena, event->actor),
				[AUDIT_OBJECT] = clip(arena, event->object),
				[AUDIT_ADDRESS] = clip(arena, event->address),
				[AUDIT_REQUEST_ID] =
					clip(arena, event->request_id),
				[AUDIT_DETAIL] = clip(arena, event->detail),
				[AUDIT_KEY_ID] = audit->ring.active->id,
			},
	};
	audit_mac(audit->ring.active, &row, last.mac, mac);
	return row_write(audit->db, &row, mac);
}

enum err audit_append(struct audit *audit, struct arena *arena,
	const struct audit_event *event)
{
	bool own = !db_in_transaction(audit->db);
	enum err err = event->at < 0 ? ERR_UNAVAILABLE : ERR_OK;

	if (err == ERR_OK && own)
		err = db_begin(audit->db);
	if (err != ERR_OK)
		return err;
	err = append_locked(audit, arena, event);
	if (err == ERR_OK && own)
		err = db_commit(audit->db);
	if (err != ERR_OK && own)
		db_rollback(audit->db);
	if (err == ERR_OK)
		metrics_add(audit->metrics, METRIC_AUDIT_ROWS, 0, 0, 1);
	return err;
}
