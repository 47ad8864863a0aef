/*
 * The audit chain's head, line by line in a file of its own: what a cut tail
 * is found by. The lines are those of `kontor audit head` with two members
 * more, so `kontor audit verify --anchor` reads the file. Must never write a
 * head down behind a chain that is broken.
 */
#include "work.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "clock.h"
#include "file.h"
#include "json.h"
#include "json_write.h"
#include "text.h"

#define VERIFY_EVERY_MS (INT64_C(24) * 3600 * 1000)

enum {
	LINE_ROOM = 1024,
	SCRATCH_LIMIT = 4096
};

/* The last line of the file. */
struct anchor {
	struct audit_head head;
	int64_t verified_at; /* ms: when the whole chain was last read; 0 */
};

static const char *log_path(const struct config *config, struct arena *arena)
{
	return file_join(arena, config->data_folder, "audit/head.log");
}

/* ERR_NOT_FOUND when there is no whole line. */
static enum err last_line(
	struct arena *arena, const char *path, const char **out, size_t *len)
{
	char *tail = arena_alloc(arena, SCRATCH_LIMIT + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;
	off_t size;

	if (fd < 0)
		return ERR_NOT_FOUND;
	size = lseek(fd, 0, SEEK_END);
	got = pread(fd, tail, SCRATCH_LIMIT,
		size > SCRATCH_LIMIT ? size - SCRATCH_LIMIT : 0);
	(void)close(fd);
	if (got < 0 || size < 0)
		return ERR_UNAVAILABLE;
	/* a line that was cut short has no end: it is not believed */
	while (got > 0 && tail[got - 1] != '\n')
		got--;
	if (got == 0)
		return ERR_NOT_FOUND;
	tail[--got] = '\0';
	*out = strrchr(tail, '\n') ? strrchr(tail, '\n') + 1 : tail;
	*len = strlen(*out);
	return ERR_OK;
}

static enum err anchor_read(
	struct work *work, const char *path, struct anchor *out)
{
	struct arena *arena = work->arena;
	const struct json *json;
	const struct json *mac;
	const char *line;
	size_t len;
	enum err err = last_line(arena, path, &line, &len);

	if (err != ERR_OK)
		return err;
	err = json_parse(arena, line, len, report_open(arena), &json);
	if (err != ERR_OK)
		return err;
	mac = json_member(json, "mac");
	if (!mac || mac->kind != JSON_TEXT ||
		!json_integer(json_member(json, "rows"), &out->head.rows) ||
		!json_integer(json_member(json, "verified"), &out->verified_at))
		return ERR_BAD_INPUT;
	out->head.mac = mac->text;
	return ERR_OK;
}

/* Takes off the line that a power cut may have left without its end. */
static bool mend(int fd)
{
	char tail[LINE_ROOM];
	off_t size = lseek(fd, 0, SEEK_END);
	off_t from = size > LINE_ROOM ? size - LINE_ROOM : 0;
	ssize_t got = pread(fd, tail, sizeof(tail), from);
	ssize_t whole = got;

	if (size < 0 || got < 0)
		return false;
	while (whole > 0 && tail[whole - 1] != '\n')
		whole--;
	return whole == got || ftruncate(fd, from + whole) == 0;
}

/* The lease lets one process do it at a time, by the clock; the lock holds
   when that jumps. */
static bool append(const char *path, const char *bytes, size_t len)
{
	int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	bool good;

	if (fd < 0)
		return false;
	good = flock(fd, LOCK_EX) == 0 && mend(fd) &&
	       write(fd, bytes, len) == (ssize_t)len && fsync(fd) == 0;
	return close(fd) == 0 && good;
}

static enum err anchor_write(struct arena *arena, const char *path,
	const struct anchor *anchor, int64_t now)
{
	struct json_writer json;
	struct buf line;

	buf_init(&line, arena, LINE_ROOM);
	json_write_init(&json, &line);
	json_object(&json);
	json_key(&json, "rows");
	json_put_int(&json, anchor->head.rows);
	json_key(&json, "mac");
	json_put_text(&json, anchor->head.mac);
	json_key(&json, "key_id");
	json_put_text(&json, anchor->head.key_id);
	json_key(&json, "at");
	json_put_time(&json, now);
	json_key(&json, "verified");
	json_put_int(&json, anchor->verified_at);
	json_object_end(&json);
	buf_char(&line, '\n');
	if (line.overflow || !append(path, line.data, line.len))
		return ERR_UNAVAILABLE;
	return ERR_OK;
}

/* All rows once a day, else that the last head is still in the chain. */
static enum err chain_check(
	struct work *work, struct anchor *anchor, bool known, bool *sound)
{
	struct audit *audit = work->shared->audit;
	const struct audit_head *head = known ? &anchor->head : NULL;
	struct audit_finding finding = {.sound = true};
	enum err err;

	if (known && work->now - anchor->verified_at < VERIFY_EVERY_MS &&
		work->now >= anchor->verified_at) {
		err = audit_anchor_check(audit, work->arena, head, &finding);
	} else {
		err = audit_verify(audit, work->arena, head, &finding);
		anchor->verified_at = work->now;
	}
	if (err != ERR_OK)
		return err;
	metrics_set(work->shared->metrics, METRIC_AUDIT_BROKEN, 0,
		finding.sound ? 0 : 1);
	*sound = finding.sound;
	if (!finding.sound)
		report_detail(work->report,
			"the audit chain is broken at row %lld: %s",
			(long long)finding.broken_at, finding.what);
	return ERR_OK;
}

enum err work_audit_head(struct work *work)
{
	const char *path = log_path(work->config, work->arena);
	struct anchor anchor = {.verified_at = 0};
	struct anchor before;
	bool sound = false;
	enum err err;

	if (!work->shared->audit)
		return ERR_OK;
	err = file_folder(
		file_join(work->arena, work->config->data_folder, "audit"),
		0700);
	if (err != ERR_OK)
		return err;
	err = anchor_read(work, path, &anchor);
	if (err != ERR_OK && err != ERR_NOT_FOUND) {
		report_detail(work->report,
			"the last line of audit/head.log is not one of ours");
		return err;
	}
	before = anchor;
	err = chain_check(work, &anchor, err == ERR_OK, &sound);
	if (err == ERR_OK && !sound)
		err = ERR_CONFLICT;
	if (err == ERR_OK)
		err = audit_head(
			work->shared->audit, work->arena, &anchor.head);
	if (err != ERR_OK || (anchor.head.rows == before.head.rows &&
				     anchor.verified_at == before.verified_at))
		return err;
	return anchor_write(work->arena, path, &anchor, work->now);
}

enum err work_audit_anew(const struct config *config, struct audit *audit,
	struct arena *arena, int64_t now)
{
	const char *path = log_path(config, arena);
	struct anchor anchor = {.verified_at = 0};
	char when[TIME_TEXT_ROOM];
	enum err err = file_folder(
		file_join(arena, config->data_folder, "audit"), 0700);

	time_format(now, when);
	if (err == ERR_OK && access(path, F_OK) == 0 &&
		rename(path, arena_format(arena, "%s.%s", path, when)) != 0)
		err = ERR_UNAVAILABLE;
	if (err == ERR_OK)
		err = audit_head(audit, arena, &anchor.head);
	return err == ERR_OK ? anchor_write(arena, path, &anchor, now) : err;
}
