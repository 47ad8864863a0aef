/*
 * Runs a fuzz target over files: the corpus as a regression test, built by
 * the project's own compiler with its own sanitizers. A folder stands for
 * the files in it. Prints "ok" a folder; a promise that is broken ends it.
 */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>

#include "file.h"

enum {
	FILE_LIMIT = 1 << 20,
	ARENA_BYTES = 8 << 20
};

static void replay_file(const char *path)
{
	struct arena *arena = arena_open(ARENA_BYTES);
	uint8_t *exact;
	char *bytes;
	size_t len;

	if (file_read(arena, path, FILE_LIMIT, &bytes, &len) != ERR_OK) {
		fprintf(stderr, "replay: cannot read %s\n", path);
		exit(2);
	}
	/* a block of just that size: reading beyond it is seen */
	exact = malloc(len == 0 ? 1 : len);
	if (exact == NULL)
		exit(2);
	memcpy(exact, bytes, len);
	fprintf(stderr, "replay: %s\n", path);
	(void)LLVMFuzzerTestOneInput(exact, len);
	free(exact);
	arena_close(&arena);
}

static int replay_folder(const char *path)
{
	struct arena *arena = arena_open(ARENA_BYTES);
	DIR *folder = opendir(path);
	int count = 0;

	if (folder == NULL) {
		fprintf(stderr, "replay: no folder %s\n", path);
		exit(2);
	}
	for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
		if (entry->d_name[0] == '.')
			continue;
		replay_file(file_join(arena, path, entry->d_name));
		count++;
	}
	(void)closedir(folder);
	arena_close(&arena);
	return count;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		int count = replay_folder(argv[i]);

		/* an empty corpus would prove nothing */
		printf("%s %s: %d inputs\n", count > 0 ? "ok" : "not ok",
			argv[i], count);
		if (count == 0)
			return 1;
	}
	return 0;
}
