/*
 * How many passwords are hashed at once, over all processes of the machine:
 * each hash holds one byte of a file locked. The kernel lets go of it when
 * its holder dies, however it dies. Never waits: who finds no byte free is
 * told so at once.
 */
#include "hash_slots_private.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "file.h"

static const char file_name[] = "hash.slots";

static int64_t cores(void)
{
	long count = sysconf(_SC_NPROCESSORS_ONLN);

	return count > 0 ? count : 1;
}

enum err hash_slots_open(struct arena *arena, const char *folder, int64_t count,
	struct hash_slots *out)
{
	int fd = -1;

	if (folder) {
		if (file_folder(folder, 0700) != ERR_OK)
			return ERR_UNAVAILABLE;
		fd = open(file_join(arena, folder, file_name),
			O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd < 0)
			return ERR_UNAVAILABLE;
	}
	*out = (struct hash_slots){
		.fd = fd, .count = count > 0 ? count : cores()};
	return ERR_OK;
}

void hash_slots_close(struct hash_slots *slots)
{
	if (slots->fd >= 0)
		(void)close(slots->fd);
	slots->fd = -1;
}

static bool lock(const struct hash_slots *slots, short type, int64_t slot)
{
	struct flock byte = {.l_type = type,
		.l_whence = SEEK_SET,
		.l_start = (off_t)slot,
		.l_len = 1};

	return fcntl(slots->fd, F_OFD_SETLK, &byte) == 0;
}

enum err hash_slot_take(const struct hash_slots *slots, int64_t *slot)
{
	if (slots->fd < 0) {
		*slot = 0;
		return ERR_OK;
	}
	for (int64_t i = 0; i < slots->count; i++) {
		if (lock(slots, F_WRLCK, i)) {
			*slot = i;
			return ERR_OK;
		}
		if (errno != EAGAIN && errno != EACCES)
			break;
	}
	return ERR_UNAVAILABLE;
}

void hash_slot_give(const struct hash_slots *slots, int64_t slot)
{
	/* cannot fail for a byte that we hold; closing would free it too */
	if (slots->fd >= 0)
		(void)lock(slots, F_UNLCK, slot);
}
