/*
 * Records, their order and their budgets. The order of a class is kept as
 * small records of their own, "o" class time number, whose value is the key
 * of the record that they stand for. Records from SHELF_SMALL on are ordered
 * by when they end, and their place is corrected only when they come up: so a
 * rate window is written once a request and not twice. Must never let one
 * class take another's room: what strangers can make would push out what
 * holds them back.
 */
#include "shelf.h"

enum {
	SHELF_TRIES = 4,
	SHELF_PAGE = 4096,
	SHELF_SWEEP = 2,  /* ended records that a new one clears away */
	SHELF_CHECKS = 64 /* records looked at to make room for one */
};

static const char tally_name[] = "m";

/* ---- keys ----------------------------------------------------------------- */

void shelf_key(struct shelf_key *key, enum shelf_kind kind, const char *text)
{
	key->bytes[0] = (unsigned char)kind;
	key->len = 1;
	shelf_key_more(key, text, strlen(text));
}

void shelf_key_more(struct shelf_key *key, const void *bytes, size_t len)
{
	if (len > sizeof(key->bytes) - key->len)
		len = sizeof(key->bytes) - key->len;
	memcpy(key->bytes + key->len, bytes, len);
	key->len += len;
}

struct bytes shelf_key_bytes(const struct shelf_key *key)
{
	return (struct bytes){key->bytes, key->len};
}

/* Big-endian: bytes in the order of numbers. */
static void key_number(struct shelf_key *key, uint64_t number)
{
	unsigned char bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(number >> (56 - 8 * i));
	shelf_key_more(key, bytes, sizeof(bytes));
}

static uint64_t key_number_at(struct bytes key, size_t at)
{
	uint64_t number = 0;

	for (size_t i = at; i < at + 8 && i < key.len; i++)
		number = number << 8 | key.data[i];
	return number;
}

static void order_key(struct shelf_key *key, const struct shelf_head *head)
{
	key->bytes[0] = 'o';
	key->bytes[1] = (unsigned char)('0' + head->shelf_class);
	key->len = 2;
	key_number(key, (uint64_t)head->order_ms);
	key_number(key, head->seq);
}

/* ---- transactions --------------------------------------------------------- */

static enum err once(
	struct shelf *shelf, shelf_work *work, void *context, bool write)
{
	enum err err = shelf->ops->begin(shelf, write);
	enum err ended;

	if (err)
		return err;
	err = work(shelf, context);
	ended = shelf->ops->end(shelf, write && !err);
	return err ? err : ended;
}

static enum err again(
	struct shelf *shelf, shelf_work *work, void *context, bool write)
{
	for (int i = 0; i < SHELF_TRIES; i++) {
		enum err err = once(shelf, work, context, write);

		if (err != ERR_TOO_LARGE)
			return err;
		shelf->ops->full(shelf);
	}
	return ERR_UNAVAILABLE;
}

enum err shelf_read(struct shelf *shelf, shelf_work *work, void *context)
{
	return again(shelf, work, context, false);
}

enum err shelf_write(struct shelf *shelf, shelf_work *work, void *context)
{
	return again(shelf, work, context, true);
}

/* ---- the tally -------------------------------------------------------------- */

static struct bytes tally_key(void)
{
	return (struct bytes){(const unsigned char *)tally_name, 1};
}

enum err shelf_tally(struct shelf *shelf, struct shelf_tally *out)
{
	struct bytes found;
	enum err err = shelf->ops->get(shelf, tally_key(), &found);

	if (err && err != ERR_NOT_FOUND)
		return err;
	if (err || found.len != sizeof(*out))
		memset(out, 0, sizeof(*out));
	else
		memcpy(out, found.data, sizeof(*out));
	return ERR_OK;
}

enum err shelf_tally_put(struct shelf *shelf, const struct shelf_tally *tally)
{
	unsigned char *room;
	enum err err =
		shelf->ops->put(shelf, tally_key(), sizeof(*tally), &room);

	if (!err)
		memcpy(room, tally, sizeof(*tally));
	return err;
}

enum err shelf_next(struct shelf *shelf, uint64_t *out)
{
	struct shelf_tally tally;
	enum err err = shelf_tally(shelf, &tally);

	if (err)
		return err;
	tally.seq++;
	err = shelf_tally_put(shelf, &tally);
	if (!err)
		*out = tally.seq;
	return err;
}

/* ---- what a record costs ---------------------------------------------------- */

/* Of the file: small ones share pages that are two thirds full, large ones
   take whole pages. In steps, so that a window that grows by one entry does
   not need the tally. */
static int64_t cost_of(size_t key_len, size_t len)
{
	int64_t small = (int64_t)(2 * key_len + 96) * 3 / 2;

	if (len > 900)
		return small + (int64_t)((len + 16 + SHELF_PAGE - 1) /
					 SHELF_PAGE * SHELF_PAGE);
	return small + (int64_t)((len + 127) / 128 * 192);
}

/* Shares of the file; what is left are half-filled pages, pages of the last
   transactions, and gaps. */
static int64_t budget_of(
	const struct shelf *shelf, enum shelf_class shelf_class)
{
	static const int64_t percent[SHELF_CLASSES] = {[SHELF_ANSWERS] = 30,
		[SHELF_VALUES] = 12,
		[SHELF_SMALL] = 4,
		[SHELF_USERS] = 8,
		[SHELF_ACCOUNTS] = 3,
		[SHELF_ACCOUNTS_HALF] = 3,
		[SHELF_ADDRESSES] = 12,
		[SHELF_ADDRESSES_HALF] = 4};

	return shelf->capacity / 100 * percent[shelf_class];
}

static bool is_by_end(uint64_t shelf_class)
{
	return shelf_class >= SHELF_SMALL;
}

size_t shelf_longest(const struct shelf *shelf)
{
	int64_t most = shelf->capacity / 16;

	return most > STORE_VALUE_LIMIT ? STORE_VALUE_LIMIT : (size_t)most;
}

/* ---- records ---------------------------------------------------------------- */

enum err shelf_get(struct shelf *shelf, const struct shelf_key *key,
	size_t least, struct shelf_head *head, struct bytes *out)
{
	struct bytes found;
	enum err err = shelf->ops->get(shelf, shelf_key_bytes(key), &found);

	if (err)
		return err;
	if (found.len < sizeof(*head) + least)
		return ERR_NOT_FOUND;
	memcpy(head, found.data, sizeof(*head));
	if (head->shelf_class >= SHELF_CLASSES)
		return ERR_NOT_FOUND;
	out->data = found.data + sizeof(*head);
	out->len = found.len - sizeof(*head);
	return ERR_OK;
}

static enum err record_write(struct shelf *shelf, const struct shelf_key *key,
	const struct shelf_head *head, const struct shelf_record *record)
{
	unsigned char *room;
	enum err err = shelf->ops->put(shelf, shelf_key_bytes(key),
		sizeof(*head) + record->first.len + record->second.len, &room);

	if (err)
		return err;
	memcpy(room, head, sizeof(*head));
	room += sizeof(*head);
	if (record->first.len > 0)
		memcpy(room, record->first.data, record->first.len);
	if (record->second.len > 0)
		memcpy(room + record->first.len, record->second.data,
			record->second.len);
	return ERR_OK;
}

static enum err order_write(struct shelf *shelf, const struct shelf_head *head,
	const struct shelf_key *key)
{
	SHELF_SCRATCH struct shelf_key order;
	unsigned char *room;
	enum err err;

	order_key(&order, head);
	err = shelf->ops->put(shelf, shelf_key_bytes(&order), key->len, &room);
	if (!err)
		memcpy(room, key->bytes, key->len);
	return err;
}

static enum err order_remove(struct shelf *shelf, const struct shelf_head *head)
{
	SHELF_SCRATCH struct shelf_key order;
	enum err err;

	order_key(&order, head);
	err = shelf->ops->remove(shelf, shelf_key_bytes(&order));
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* Takes a record and its place away; the tally is the caller's. */
static enum err record_drop(struct shelf *shelf, const struct shelf_key *key,
	struct shelf_tally *tally)
{
	struct shelf_head head;
	struct bytes body;
	enum err err = shelf_get(shelf, key, 0, &head, &body);

	if (err == ERR_NOT_FOUND)
		return ERR_OK;
	if (err)
		return err;
	tally->classes[head.shelf_class].count--;
	tally->classes[head.shelf_class].bytes -=
		cost_of(key->len, sizeof(head) + body.len);
	err = order_remove(shelf, &head);
	if (!err)
		err = shelf->ops->remove(shelf, shelf_key_bytes(key));
	return err;
}

enum err shelf_remove(struct shelf *shelf, const struct shelf_key *key)
{
	struct shelf_tally tally;
	struct bytes found;
	enum err err = shelf->ops->get(shelf, shelf_key_bytes(key), &found);

	if (err)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	err = shelf_tally(shelf, &tally);
	if (!err)
		err = record_drop(shelf, key, &tally);
	if (!err)
		err = shelf_tally_put(shelf, &tally);
	return err;
}

/* ---- making room -------------------------------------------------------------- */

/* The first in the order of a class: its place and its key. */
struct oldest {
	struct shelf_head place; /* order_ms, seq, shelf_class */
	struct shelf_key key;
};

static enum err oldest_find(
	struct shelf *shelf, enum shelf_class shelf_class, struct oldest *out)
{
	struct shelf_head least = {.shelf_class = shelf_class};
	SHELF_SCRATCH struct shelf_key from;
	struct bytes key, value;
	enum err err;

	order_key(&from, &least);
	err = shelf->ops->from(shelf, shelf_key_bytes(&from), &key, &value);
	if (err)
		return err;
	if (key.len != from.len || memcmp(key.data, from.bytes, 2) != 0)
		return ERR_NOT_FOUND;
	out->place.shelf_class = shelf_class;
	out->place.order_ms = (int64_t)key_number_at(key, 2);
	out->place.seq = key_number_at(key, 10);
	out->key.len = 0;
	shelf_key_more(&out->key, value.data, value.len);
	return ERR_OK;
}

/* A record that ends later than its place says moves to where it belongs. */
static enum err oldest_move(struct shelf *shelf, const struct oldest *oldest,
	const struct shelf_head *head, struct bytes body)
{
	unsigned char copy[SHELF_SMALL_LIMIT];
	struct shelf_head moved = *head;
	const struct shelf_record record = {.first = {copy, body.len}};
	enum err err;

	memcpy(copy, body.data, body.len);
	moved.order_ms = head->expires_ms;
	err = order_remove(shelf, &oldest->place);
	if (!err)
		err = record_write(shelf, &oldest->key, &moved, &record);
	if (!err)
		err = order_write(shelf, &moved, &oldest->key);
	return err;
}

/* Looks at the oldest one: drops it, or moves it when it only seems old. */
static enum err oldest_settle(struct shelf *shelf, const struct oldest *oldest,
	struct shelf_tally *tally)
{
	struct shelf_head head;
	struct bytes body;
	enum err err = shelf_get(shelf, &oldest->key, 0, &head, &body);

	if (err && err != ERR_NOT_FOUND)
		return err;
	if (err || head.seq != oldest->place.seq)
		return order_remove(shelf, &oldest->place);
	if (is_by_end(head.shelf_class) &&
		head.expires_ms > oldest->place.order_ms &&
		body.len <= SHELF_SMALL_LIMIT)
		return oldest_move(shelf, oldest, &head, body);
	tally->evictions++;
	return record_drop(shelf, &oldest->key, tally);
}

enum err shelf_evict(struct shelf *shelf, enum shelf_class shelf_class,
	size_t most, size_t *out_gone)
{
	struct shelf_tally tally;
	enum err err = shelf_tally(shelf, &tally);
	size_t gone = 0;

	while (!err && gone < most) {
		struct oldest oldest;

		err = oldest_find(shelf, shelf_class, &oldest);
		if (!err) {
			err = record_drop(shelf, &oldest.key, &tally);
			if (!err)
				err = order_remove(shelf, &oldest.place);
			gone++;
		}
	}
	if (err && err != ERR_NOT_FOUND)
		return err;
	tally.evictions += (int64_t)gone;
	err = shelf_tally_put(shelf, &tally);
	if (!err)
		*out_gone = gone;
	return err;
}

/* Clears away what has ended, and what is over the budget. */
static enum err make_room(struct shelf *shelf, int64_t now,
	enum shelf_class shelf_class, struct shelf_tally *tally)
{
	int64_t budget = budget_of(shelf, shelf_class);

	for (int i = 0; i < SHELF_CHECKS; i++) {
		bool over = tally->classes[shelf_class].bytes > budget;
		struct oldest oldest;
		enum err err;

		if (!over && i >= SHELF_SWEEP)
			break;
		err = oldest_find(shelf, shelf_class, &oldest);
		if (err)
			return err == ERR_NOT_FOUND ? ERR_OK : err;
		if (!over && (!is_by_end(shelf_class) ||
				     oldest.place.order_ms > now))
			break;
		err = oldest_settle(shelf, &oldest, tally);
		if (err)
			return err;
	}
	return ERR_OK;
}

/* A record that was there, as it is before the new one. */
struct former {
	bool there;
	struct shelf_head head;
	int64_t cost;
};

/* New, or of a class whose order is that of its writing: to the end. */
static enum err put_placed(struct shelf *shelf, int64_t now,
	const struct shelf_key *key, const struct shelf_record *record,
	const struct former *former)
{
	struct shelf_head head = {.expires_ms = record->expires_ms,
		.shelf_class = record->shelf_class,
		.order_ms = is_by_end(record->shelf_class) ? record->expires_ms
							   : now};
	struct shelf_tally tally;
	enum err err = shelf_tally(shelf, &tally);

	if (!err && former->there)
		err = record_drop(shelf, key, &tally);
	if (err)
		return err;
	head.seq = ++tally.seq;
	tally.classes[head.shelf_class].count++;
	tally.classes[head.shelf_class].bytes += cost_of(key->len,
		sizeof(head) + record->first.len + record->second.len);
	err = make_room(shelf, now, record->shelf_class, &tally);
	if (!err)
		err = record_write(shelf, key, &head, record);
	if (!err)
		err = order_write(shelf, &head, key);
	if (!err)
		err = shelf_tally_put(shelf, &tally);
	return err;
}

/* In its place: one write, and the tally only when the size changes. */
static enum err put_again(struct shelf *shelf, const struct shelf_key *key,
	const struct shelf_record *record, const struct former *former,
	bool *out_done)
{
	struct shelf_head head = former->head;
	int64_t more = cost_of(key->len, sizeof(head) + record->first.len +
						 record->second.len) -
		       former->cost;
	struct shelf_tally tally;
	enum err err = ERR_OK;

	head.expires_ms = record->expires_ms;
	if (more != 0) {
		err = shelf_tally(shelf, &tally);
		if (err)
			return err;
		tally.classes[head.shelf_class].bytes += more;
		if (more > 0 && tally.classes[head.shelf_class].bytes >
					budget_of(shelf, record->shelf_class))
			return ERR_OK; /* not done: needs room */
		err = shelf_tally_put(shelf, &tally);
	}
	if (!err)
		err = record_write(shelf, key, &head, record);
	if (!err)
		*out_done = true;
	return err;
}

enum err shelf_put(struct shelf *shelf, int64_t now,
	const struct shelf_key *key, const struct shelf_record *record)
{
	struct former former = {.there = false};
	bool done = false;
	struct bytes body;
	enum err err = shelf_get(shelf, key, 0, &former.head, &body);

	if (err && err != ERR_NOT_FOUND)
		return err;
	former.there = !err;
	if (former.there)
		former.cost = cost_of(key->len, sizeof(former.head) + body.len);
	if (former.there && is_by_end(record->shelf_class) &&
		former.head.shelf_class == record->shelf_class) {
		err = put_again(shelf, key, record, &former, &done);
		if (err || done)
			return err;
	}
	return put_placed(shelf, now, key, record, &former);
}
