/*
 * The ring: the keys of one file, read again when the file changes. A stat()
 * before each use costs a microsecond and makes a removed key stop working
 * in every worker at once. Never goes on with keys whose file is bad.
 */
#include "key_ring_private.h"

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

void key_ring_release(struct key_ring *ring)
{
	forget(ring);
}

enum err key_ring_refresh(struct key_ring *ring)
{
	struct stat now;

	if (ring->usable && stat(ring->path, &now) == 0 &&
		same_file(&now, &ring->seen))
		return ERR_OK;
	return load(ring, NULL);
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
