/*
 * The settings in force, read again when an admin changed some. Two arenas
 * take turns: what a request still holds of the old settings stays readable.
 */
#include "live.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth.h"
#include "guard.h"
#include "open.h"

enum {
	LIVE_MEMORY = 8 << 20,
	LOOK_EVERY_MS = 5000,
	FILE_BYTES = 4096
};

struct live {
	struct live_options options;
	struct system_settings system;
	struct arena *arenas[2]; /* [in_use] is of the settings in force */
	size_t in_use;
	void *map;		   /* of the shared file, or NULL */
	_Atomic uint64_t *version; /* in it */
	uint64_t seen;
	int64_t looked_at;
};

/* NULL when the file cannot be had: then the clock alone decides. */
static void *file_map(const char *path)
{
	struct stat info;
	void *bytes = MAP_FAILED;
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return NULL;
	/* allocated, so that no later write can find the disk full */
	if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) &&
		info.st_uid == geteuid() &&
		(info.st_mode & (S_IRWXG | S_IRWXO)) == 0 &&
		posix_fallocate(fd, 0, FILE_BYTES) == 0)
		bytes = mmap(NULL, FILE_BYTES, PROT_READ | PROT_WRITE,
			MAP_SHARED, fd, 0);
	(void)close(fd);
	return bytes == MAP_FAILED ? NULL : bytes;
}

static uint64_t version_now(const struct live *live)
{
	return live->version ? atomic_load_explicit(
				       live->version, memory_order_acquire)
			     : 0;
}

static void version_up(void *context)
{
	struct live *live = context;

	if (live->version)
		(void)atomic_fetch_add_explicit(
			live->version, 1, memory_order_release);
	/* without the file this process at least follows at once */
	live->looked_at = 0;
}

/* A value that its row no longer allows is left out and said, no more. */
static enum err settings_apply(
	struct live *live, int64_t now, struct report *report)
{
	const size_t next = 1 - live->in_use;
	struct arena *arena = live->arenas[next];
	struct config config;
	struct admin_scope *admin;
	enum err err;

	admin = auth_operator_scope(live->options.db, arena, report, now);
	err = system_settings_load(admin, &live->system, &config, NULL);
	if (err == ERR_OK)
		err = live->options.apply(
			live->options.context, &config, arena, report);
	if (err == ERR_OK)
		live->in_use = next;
	return err;
}

static enum err check(
	const void *values, struct arena *arena, struct report *report)
{
	const struct config *config = values;
	struct guard guard;
	enum err err = config_check(config, arena, report);

	return err == ERR_OK ? guard_again(config, arena, report, NULL, &guard)
			     : err;
}

enum err live_open(struct arena *arena, const struct live_options *options,
	struct report *report, struct live **out)
{
	struct live *live = arena_alloc(arena, sizeof(*live));
	enum err err;

	live->options = *options;
	live->system = (struct system_settings){
		.table = &config_table,
		.size = sizeof(struct config),
		.fixed = options->config,
		.origins = options->config->origins,
		.check = check,
		.changed = version_up,
		.context = live,
	};
	live->arenas[0] = arena_open(LIVE_MEMORY);
	live->arenas[1] = arena_open(LIVE_MEMORY);
	live->map = file_map(shared_live_path(options->config, arena));
	live->version = live->map;
	live->seen = version_now(live);
	err = settings_apply(live, 0, report);
	if (err != ERR_OK) {
		live_close(&live);
		return err;
	}
	*out = live;
	return ERR_OK;
}

void live_close(struct live **live)
{
	if (!*live)
		return;
	arena_close(&(*live)->arenas[0]);
	arena_close(&(*live)->arenas[1]);
	if ((*live)->map)
		(void)munmap((*live)->map, FILE_BYTES);
	*live = NULL;
}

enum err live_refresh(struct live *live, int64_t now, bool *changed)
{
	uint64_t version = version_now(live);
	int64_t age = now - live->looked_at;
	bool told = version != live->seen;
	struct report *report;
	enum err err;

	*changed = false;
	if (!told && age >= 0 && age < LOOK_EVERY_MS)
		return ERR_OK;
	arena_reset(live->arenas[1 - live->in_use]);
	report = report_open(live->arenas[1 - live->in_use]);
	err = settings_apply(live, now, report);
	live->looked_at = now;
	if (err != ERR_OK)
		return err;
	/* noted before the reading began: a change since then is seen next */
	live->seen = version;
	*changed = told;
	return ERR_OK;
}

const struct system_settings *live_system(const struct live *live)
{
	return &live->system;
}
