/*
 * Making and rotating key files. Whoever writes does so one at a time, under
 * a lock on the folder. Never shows a key.
 */
#include "key_ring.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "file.h"
#include "id.h"
#include "text.h"

enum {
	NEW_KEY_BYTES = 32,
	NEW_ID_BYTES = 8
};

/* The lock goes with the descriptor; ERR_UNAVAILABLE: no such folder. */
static enum err folder_lock(const char *folder, int *out)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return ERR_UNAVAILABLE;
	if (flock(fd, LOCK_EX) != 0) {
		(void)close(fd);
		return ERR_UNAVAILABLE;
	}
	*out = fd;
	return ERR_OK;
}

static enum err key_create(
	struct arena *arena, int64_t now_ms, struct ring_key *out)
{
	unsigned char id[NEW_ID_BYTES];
	struct ring_key key = {
		.active = true,
		.created = now_ms,
		.retires = INT64_MAX,
	};

	if (secret_random(&key.secret, NEW_KEY_BYTES) != ERR_OK)
		return ERR_UNAVAILABLE;
	random_bytes(id, sizeof(id));
	memcpy(key.id, text_hex(arena, id, sizeof(id)), 2 * sizeof(id) + 1);
	*out = key;
	return ERR_OK;
}

static enum err create_locked(
	struct arena *arena, const char *path, int64_t now_ms)
{
	struct key_set set = {.count = 1};
	struct stat there;
	enum err err;

	if (lstat(path, &there) == 0)
		return ERR_OK;
	err = key_create(arena, now_ms, &set.keys[0]);
	if (err == ERR_OK)
		err = key_file_write(path, &set);
	key_set_release(&set);
	return err;
}

enum err key_file_create(struct arena *arena, const char *folder,
	const char *name, int64_t now_ms)
{
	int lock = -1;
	enum err err = file_folder(folder, 0700);

	if (err == ERR_OK && now_ms < 0)
		err = ERR_UNAVAILABLE;
	if (err == ERR_OK)
		err = folder_lock(folder, &lock);
	if (err != ERR_OK)
		return err;
	err = create_locked(arena, file_join(arena, folder, name), now_ms);
	(void)close(lock);
	return err;
}

/* Retires the active key and drops those whose time is over. */
static void set_retire(struct key_set *set, int64_t now_ms, int64_t until_ms)
{
	size_t kept = 0;

	for (size_t i = 0; i < set->count; i++) {
		struct ring_key *key = &set->keys[i];

		if (key->active) {
			key->active = false;
			key->retires = until_ms;
		}
		if (key->retires <= now_ms) {
			secret_release(&key->secret);
			continue;
		}
		set->keys[kept++] = *key;
	}
	for (size_t i = kept; i < set->count; i++)
		set->keys[i] = (struct ring_key){0};
	set->count = kept;
}

static enum err rotate_locked(
	struct arena *arena, const char *path, int64_t now_ms, int64_t until_ms)
{
	struct key_set set = {0};
	enum err err = key_file_read(path, &set, NULL);

	if (err != ERR_OK)
		return err;
	set_retire(&set, now_ms, until_ms);
	if (set.count == KEY_RING_LIMIT)
		err = ERR_CONFLICT;
	else
		err = key_create(arena, now_ms, &set.keys[set.count]);
	if (err == ERR_OK) {
		set.count++;
		err = key_file_write(path, &set);
	}
	key_set_release(&set);
	return err;
}

enum err key_file_rotate(struct arena *arena, const char *folder,
	const char *name, int64_t now_ms, int64_t until_ms)
{
	int lock = -1;
	enum err err;

	if (now_ms < 0 || until_ms < 0)
		return ERR_UNAVAILABLE;
	err = folder_lock(folder, &lock);
	if (err != ERR_OK)
		return err;
	err = rotate_locked(
		arena, file_join(arena, folder, name), now_ms, until_ms);
	(void)close(lock);
	return err;
}
