/*
 * The ring: the keys of one file, read again when the file changes. A stat()
 * every KEY_RING_LOOK_MS makes a removed key stop working in every worker
 * within that time. Never goes on with keys whose file was seen to be bad.
 */
#include "key_ring.h"

#include "clock.h"
#include "text.h"

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_size == b->st_size && a->st_mode == b->st_mode &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	       a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static void forget(struct key_ring *ring)
{
	key_set_release(&ring->set);
	ring->active = NULL;
	ring->usable = false;
}

static enum err load(struct key_ring *ring, const char **fault)
{
	struct stat now = {0};
	struct key_set set = {0};

	ring->version++;
	ring->looked_us = clock_monotonic_us();
	/* looked at before it is read: a change in between shows next time */
	(void)!stat(ring->path, &now);
	forget(ring);
	if (key_file_read(ring->path, &set, fault) != ERR_OK)
		return ERR_UNAVAILABLE;
	ring->set = set;
	ring->seen = now;
	ring->usable = true;
	for (size_t i = 0; i < ring->set.count; i++)
		if (ring->set.keys[i].active)
			ring->active = &ring->set.keys[i];
	return ERR_OK;
}

enum err key_ring_open(
	struct key_ring *ring, const char *path, const char **fault)
{
	*ring = (struct key_ring){.path = path};
	return load(ring, fault);
}

enum err key_ring_of(
	struct key_ring *ring, const char *id, const void *bytes, size_t len)
{
	struct ring_key *key = &ring->set.keys[0];
	size_t id_len = strnlen(id, KEY_ID_ROOM);

	*ring = (struct key_ring){.usable = true, .active = key};
	if (id_len == KEY_ID_ROOM)
		return ERR_INTERNAL;
	memcpy(key->id, id, id_len + 1);
	key->active = true;
	key->retires = INT64_MAX;
	ring->set.count = 1;
	return secret_init(&key->secret, bytes, len);
}

void key_ring_release(struct key_ring *ring)
{
	forget(ring);
}

enum err key_ring_look(struct key_ring *ring)
{
	struct stat now;

	if (!ring->path)
		return ring->usable ? ERR_OK : ERR_UNAVAILABLE;
	if (!ring->usable || stat(ring->path, &now) != 0 ||
		!same_file(&now, &ring->seen))
		return load(ring, NULL);
	ring->looked_us = clock_monotonic_us();
	return ERR_OK;
}

enum err key_ring_refresh(struct key_ring *ring)
{
	int64_t age_us = clock_monotonic_us() - ring->looked_us;

	if (ring->usable && age_us < INT64_C(1000) * KEY_RING_LOOK_MS)
		return ERR_OK;
	return key_ring_look(ring);
}

const struct ring_key *key_ring_find(
	const struct key_ring *ring, const char *id, int64_t now_ms)
{
	for (size_t i = 0; i < ring->set.count; i++) {
		const struct ring_key *key = &ring->set.keys[i];

		if (text_equal(key->id, id))
			return now_ms < key->retires ? key : NULL;
	}
	return NULL;
}
