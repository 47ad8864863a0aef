/*
 * A folder of its own for a test, gone with all its files afterwards (one
 * level). Never anything outside of it.
 */
#ifndef TEST_FOLDER_H
#define TEST_FOLDER_H

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "arena.h"
#include "file.h"

static inline void folder_make(char *path, size_t size)
{
	const char *base = getenv("TMPDIR");
	const int len = snprintf(path, size, "%s/kontor-XXXXXX",
		base && *base ? base : P_tmpdir);

	if (len < 0 || (size_t)len >= size || !mkdtemp(path))
		abort();
}

static inline const char *folder_open(struct arena *arena)
{
	char path[256];

	folder_make(path, sizeof(path));
	return arena_text(arena, path);
}

/* How many entries; with `remove` they go, and the folder with them. */
static inline size_t folder_walk(const char *path, int remove)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	size_t count = 0;

	if (!folder)
		abort();
	for (entry = readdir(folder); entry; entry = readdir(folder)) {
		if (strcmp(entry->d_name, ".") == 0 ||
			strcmp(entry->d_name, "..") == 0)
			continue;
		count++;
		if (!remove)
			continue;
		if (unlinkat(dirfd(folder), entry->d_name, 0) != 0)
			unlinkat(dirfd(folder), entry->d_name, AT_REMOVEDIR);
	}
	closedir(folder);
	if (remove)
		rmdir(path);
	return count;
}

static inline const char *folder_put(struct arena *arena, const char *folder,
	const char *name, const char *text)
{
	const char *path = file_join(arena, folder, name);

	if (file_write(path, text, strlen(text), 0600) != ERR_OK)
		abort();
	return path;
}

#endif
