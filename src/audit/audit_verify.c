/*
 * Checking the whole log: each number follows the one before, each hash is
 * that of its row and the row before, no key stands behind a newer one, and
 * the log is a continuation of the head that was kept elsewhere. Trusts
 * nothing but the keys.
 */
#include "audit_private.h"

#include "metrics.h"
#include "text.h"

enum {
	BATCH_MEMORY = 64 << 20 /* bytes; rows may have grown in the file */
};

struct walk {
	struct audit *audit;
	int64_t seq; /* of the last good row */
	size_t key;  /* its place in the ring: later rows are not before it */
	unsigned char mac[AUDIT_MAC_BYTES];
	const char *fault; /* of row seq + 1, or NULL */
};

/* Its place in the file, in which each key stands behind older ones; the
   count when it is not there. */
static size_t key_place(const struct key_set *set, const char *id)
{
	size_t i = 0;

	while (i < set->count && !text_equal(set->keys[i].id, id))
		i++;
	return i;
}

/* Looks at the file again when the key is new since we began. */
static size_t key_find(struct key_ring *ring, const char *id)
{
	size_t place = key_place(&ring->set, id);

	if (place == ring->set.count && key_ring_look(ring) == ERR_OK)
		place = key_place(&ring->set, id);
	return place;
}

/* NULL: the row follows the last one, and is now the last. */
static const char *row_fault(struct walk *walk, const struct audit_row *row)
{
	const struct key_set *set = &walk->audit->ring.set;
	unsigned char mac[AUDIT_MAC_BYTES];
	unsigned char stored[AUDIT_MAC_BYTES];
	size_t key;

	if (row->seq < walk->seq + 1)
		return "the row was added in front";
	if (row->seq > walk->seq + 1)
		return "the row is missing";
	if (row->odd ||
		text_hex_decode(row->mac, stored, sizeof(stored)) != ERR_OK)
		return "the row is not one that Kontor wrote";
	key = key_find(&walk->audit->ring, row->texts[AUDIT_KEY_ID]);
	if (key == set->count)
		return "the row names a key that is not in the key file";
	if (key < walk->key)
		return "the row names a key that had been replaced";
	audit_mac(&set->keys[key], row, walk->mac, mac);
	if (!secret_equal(mac, sizeof(mac), stored, sizeof(stored)))
		return "the row, or its place, is not as it was written";
	walk->seq = row->seq;
	walk->key = key;
	memcpy(walk->mac, mac, sizeof(mac));
	return NULL;
}

static enum err batch_check(
	struct walk *walk, struct arena *arena, int64_t after, bool *more)
{
	struct audit_rows rows;
	enum err err = audit_read(walk->audit, arena, after, &rows);

	if (err != ERR_OK)
		return err;
	for (size_t i = 0; i < rows.count && !walk->fault; i++)
		walk->fault = row_fault(walk, &rows.items[i]);
	*more = rows.count > 0 && !walk->fault;
	return ERR_OK;
}

static enum err chain_check(struct walk *walk)
{
	struct arena *arena = arena_open(BATCH_MEMORY);
	/* below every number, so that no row can hide in front */
	int64_t after = INT64_MIN;
	bool more = true;
	enum err err = ERR_OK;

	while (err == ERR_OK && more) {
		err = batch_check(walk, arena, after, &more);
		after = walk->seq;
		arena_reset(arena);
	}
	arena_close(&arena);
	return err;
}

enum err audit_anchor_check(struct audit *audit, struct arena *arena,
	const struct audit_head *anchor, struct audit_finding *out)
{
	struct audit_rows rows = {0};
	struct audit_head head;
	enum err err = audit_head(audit, arena, &head);

	if (err == ERR_OK && anchor->rows > 0)
		err = audit_read(audit, arena, anchor->rows - 1, &rows);
	if (err != ERR_OK)
		return err;
	*out = (struct audit_finding){.rows = head.rows, .sound = true};
	if (anchor->rows <= 0)
		return ERR_OK;
	if (rows.count > 0 && rows.items[0].seq == anchor->rows &&
		text_equal(rows.items[0].mac, anchor->mac))
		return ERR_OK;
	out->sound = false;
	if (anchor->rows > head.rows) {
		out->broken_at = head.rows + 1;
		out->what = "the log was cut: it had more rows when the head "
			    "was kept";
	} else {
		out->broken_at = anchor->rows;
		out->what = "the row is not the one whose head was kept";
	}
	return ERR_OK;
}

enum err audit_verify(struct audit *audit, struct arena *arena,
	const struct audit_head *anchor, struct audit_finding *out)
{
	struct walk walk = {.audit = audit};
	struct audit_finding finding;
	enum err err = key_ring_look(&audit->ring);

	if (err == ERR_OK)
		err = chain_check(&walk);
	if (err != ERR_OK)
		return err;
	finding = (struct audit_finding){
		.sound = !walk.fault,
		.rows = walk.seq,
		.broken_at = walk.fault ? walk.seq + 1 : 0,
		.what = walk.fault,
	};
	if (finding.sound && anchor)
		err = audit_anchor_check(audit, arena, anchor, &finding);
	if (err != ERR_OK)
		return err;
	metrics_set(audit->metrics, METRIC_AUDIT_BROKEN, 0, !finding.sound);
	*out = finding;
	return ERR_OK;
}
